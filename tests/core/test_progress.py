"""Work tells how far it is to whoever listens, and stops where the listener says so."""

from __future__ import annotations

import pytest

from layout.core.progress import CancelledError, listening, tell


def test_nobody_needs_to_listen() -> None:
    tell("anything", 0.5)


def test_the_listener_is_told_inside_the_block_only() -> None:
    told: list[tuple[str, float | None]] = []
    with listening(lambda stage, share: told.append((stage, share))):
        tell("first", 0.25)
        tell("second")
    tell("third", 1.0)
    assert told == [("first", 0.25), ("second", None)]


def test_a_listener_stops_the_work() -> None:
    def stop(stage: str, share: float | None) -> None:
        raise CancelledError

    with listening(stop), pytest.raises(CancelledError, match="nothing was written"):
        tell("first", 0.1)
