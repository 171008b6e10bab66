"""Units of money in Chinese tables, as whole yuan."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from layout.core.errors import ParameterError

UNITS: Final = MappingProxyType(
    {
        "元": 1,
        "人民币": 1,
        "人民币元": 1,
        "cny": 1,
        "rmb": 1,
        "yuan": 1,
        "千元": 1_000,
        "万": 10_000,
        "万元": 10_000,
        "万元人民币": 10_000,
        "人民币万元": 10_000,
        "百万元": 1_000_000,
        "千万元": 10_000_000,
        "亿": 100_000_000,
        "亿元": 100_000_000,
        "亿元人民币": 100_000_000,
    }
)
"""Yuan in one of each."""

SAID_UNITS: Final = ("元", "千元", "万元", "百万元", "亿元")
"""Those a user may name in a setting."""


def unit_of(text: str) -> int:
    """Yuan in a unit that a user names.

    Raises
    ------
    ParameterError
        It is no unit of money.
    """
    plain = text.strip().lower()
    if plain not in UNITS:
        raise ParameterError("error.no_such_unit", found=text, known=", ".join(SAID_UNITS))
    return UNITS[plain]
