"""One figure of a trial."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """What was measured, what came out, what was promised and whether that is kept."""

    what: str
    value: str
    promise: str
    kept: bool
