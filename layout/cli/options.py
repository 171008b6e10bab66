"""Readings of options that several commands share."""

from __future__ import annotations

from collections.abc import Iterable

from layout.core.errors import LayoutError, ParameterError, raise_all


def pairs_of(option: str, given: Iterable[str]) -> dict[str, str]:
    """``("lon=经度", …)`` as a mapping.

    Raises
    ------
    ParameterError
        A text has no ``=``, or a name stands twice.
    """
    pairs: dict[str, str] = {}
    faults: list[LayoutError] = []
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            faults.append(ParameterError("error.no_pair", option=option, found=text))
        elif name.strip() in pairs:
            faults.append(ParameterError("error.pair_twice", option=option, name=name.strip()))
        else:
            pairs[name.strip()] = value.strip()
    raise_all(faults)
    return pairs
