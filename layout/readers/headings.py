"""Names for the columns of a file whose header repeats or leaves out some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType


def distinct_headers(headers: Sequence[str]) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """Every header once.

    A header that stands again gets ``_2``, ``_3``…; one without a letter is named after its place,
    ``column_5``.

    Returns
    -------
    tuple
        The names, and the header in the file for each name that was made for a repeated one.
    """
    names: list[str] = []
    repeated: dict[str, str] = {}
    taken = set(headers)
    seen: set[str] = set()
    for place, header in enumerate(headers, start=1):
        name = header if header.strip() else f"column_{place}"
        if name in seen:
            number = 2
            while f"{name}_{number}" in taken:
                number += 1
            repeated[f"{name}_{number}"] = name
            name = f"{name}_{number}"
            taken.add(name)
        seen.add(name)
        names.append(name)
    return tuple(names), MappingProxyType(repeated)
