"""How the inner parts of the coverage kernel are compiled."""

from __future__ import annotations

from typing import Any, Final

INNER: Final[dict[str, Any]] = {
    "cache": True,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}
"""Options of a function that only compiled code calls: no code is made that unpacks Python objects
for it, which for the many arrays of a station takes longer than the function itself."""
