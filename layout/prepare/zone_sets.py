"""What a set of zones that cover a point means for the point: one row a set, not a point.

Points are many, the sets of zones they lie in are few thousand. So everything that follows from the
zones of a point is worked out once a set and looked up by the set's number.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from layout.core import zone_columns as z
from layout.core.study import ZoneLayer

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

ORDER: Final = ("district", "subdistrict", "park", "overlay")
"""Layers in the order in which their polygons stand in the common index.

Behind them stand the surroundings of all districts (one shape) and the sea areas.
"""


class SetTable(NamedTuple):
    """For each set of zones, int32: positions in their layers and codes of joined ids, -1 none.

    ``near`` and ``sea`` are positive where the place is near a district, or in the sea.
    """

    district: Int32
    subdistrict: Int32
    park: Int32
    parks: Int32
    overlays: Int32
    near: Int32
    sea: Int32

    def followed_by(self, more: SetTable) -> SetTable:
        """The table with the rows of ``more`` behind its own."""
        return SetTable(*(np.append(a, b) for a, b in zip(self, more, strict=True)))


class Words:
    """Texts by number; new ones are added at the end, so that a number keeps its meaning."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {"": 0}
        self._lock = threading.Lock()

    def number(self, word: str) -> int:
        """The number of a text; 0 is the empty one."""
        with self._lock:
            return self._numbers.setdefault(word, len(self._numbers))

    def dictionary(self) -> pa.Array:
        """All texts so far, in the order of their numbers."""
        with self._lock:
            return pa.array(list(self._numbers), pa.string())

    def __getstate__(self) -> dict[str, Any]:
        return {"_numbers": dict(self._numbers)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._lock = threading.Lock()


class ZoneSets:
    """Reads sets of polygons of the common index as zones.

    Parameters
    ----------
    layers
        Zone layers by kind; kinds that are missing have no zones.
    sea
        Number of sea areas, which stand last in the index.
    """

    def __init__(self, layers: Mapping[str, ZoneLayer], sea: int) -> None:
        frames = {kind: layers[kind].frame for kind in ORDER if kind in layers}
        sizes = [len(frames[kind]) if kind in frames else 0 for kind in ORDER]
        self._bounds = np.cumsum([0, *sizes, 1, sea]).tolist()
        self._ids = {kind: frame[z.ID].astype(str).tolist() for kind, frame in frames.items()}
        self._sites = _sites(frames.get("park"))
        self.subdistrict_home = _homes(frames.get("subdistrict"), self._ids.get("district", []))
        self.parks, self.overlays = Words(), Words()

    def table(self, start: Int64, members: Int32) -> SetTable:
        """The meaning of each set; ``start`` says where it begins in ``members``."""
        rows = [self._row(members[begin:end].tolist()) for begin, end in pairwise(start)]
        columns = np.array(rows, np.int32).reshape(-1, len(SetTable._fields)).T
        return SetTable(*(np.ascontiguousarray(column) for column in columns))

    def _row(self, members: Sequence[int]) -> tuple[int, ...]:
        parts = [
            [m - low for m in members if low <= m < high] for low, high in pairwise(self._bounds)
        ]
        districts, subdistricts, parks, overlays, near, sea = parts
        district = districts[0] if districts else -1
        at_home = [s for s in subdistricts if self.subdistrict_home[s] in (district, -1)]
        sites = [p for p in parks if self._sites[p]]
        return (
            district,
            (at_home or subdistricts or [-1])[0],
            sites[0] if sites else -1,
            self.parks.number(";".join(self._ids["park"][p] for p in parks)),
            self.overlays.number(";".join(self._ids["overlay"][o] for o in overlays)),
            1 if near else -1,
            1 if sea else -1,
        )


def _sites(parks: Any) -> list[bool]:
    """Whether each park can be a firm's primary one."""
    return [] if parks is None else (parks[z.KIND] != z.AREA).tolist()


def _homes(subdistricts: Any, districts: Sequence[str]) -> Int32:
    """Position of each subdistrict's district, -1 where it names none of these."""
    if subdistricts is None:
        return np.empty(0, np.int32)
    position = {name: i for i, name in enumerate(districts)}
    return np.array([position.get(p, -1) for p in subdistricts[z.PARENT_ID]], np.int32)
