"""Counts of firms by combination of zones of all kinds, from which cubes of each kind are made.

A city has few combinations of district, subdistrict, park and overlay beside its zones, so a firm
that is counted under its combination is counted once, not once a kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from layout.prepare import cube_kernels as kernel
from layout.prepare.dimensions import tiers
from layout.prepare.encoded_firms import NO_DAY, EncodedFirms

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
_Whole = TypeVar("_Whole", np.int32, np.int64)

_MOST_CELLS: Final = 1 << 20
"""Cells, of 56 bytes, beyond which counts should be moved on."""
_EVER: Final = 1 << 40
"""A number of days beyond all dates."""


@dataclass(frozen=True)
class JointCells:
    """The cells in use of joint counts, one an entry, as :mod:`layout.prepare.cube_kernels` says.

    Attributes
    ----------
    zones
        Zone codes, ``(kinds, n)``.
    parts, tiers, slots
        Part, tier, and year slot: a slot a year and one for the firms founded after the last year.
    counts
        ``(n, counts)``.
    """

    zones: Int32
    parts: Int32
    tiers: Int32
    slots: Int32
    counts: Int64


class JointCounts:
    """Counts being filled.

    Parameters
    ----------
    kinds
        Number of kinds of zones.
    years
        Years of the panel, ascending.
    """

    def __init__(self, kinds: int, years: Sequence[int]) -> None:
        self._ends = [_last_day(year) for year in years]
        self._above = tiers()["above_cny"].to_numpy()[:-2].copy()
        self._places: Int32 = np.zeros((64, kinds), np.int32)
        self._slots: Int32 = np.full(256, -1, np.int32)
        self._used_places = self._used_rows = 0
        # Row of the cells by place and part, -1 for none; cells by year slot, row and tier.
        self._rows: Int32 = np.full((64, kernel.N_PARTS), -1, np.int32)
        n_tiers = len(self._above) + 2
        self._cells: Int64 = np.zeros((len(years) + 1, 64, n_tiers, kernel.N_COUNTS), np.int64)

    @property
    def is_full(self) -> bool:
        """Whether the counts have grown so large that they should be moved on."""
        slots, _, n_tiers, _ = self._cells.shape
        return bool(slots * self._used_rows * n_tiers > _MOST_CELLS)

    def add(self, firms: EncodedFirms, zones: Int32) -> None:
        """Count encoded firms under their zone codes, ``(kinds, n)``."""
        places = np.empty(zones.shape[1], np.int32)
        self._places, self._slots, self._used_places = kernel.number_places(
            self._places, self._slots, self._used_places, zones, places
        )
        self._rows = _with_room(self._rows, self._used_places, axis=0, fill=-1)
        tags = np.empty((3 * len(places), 3), np.int32)
        count, self._used_rows = kernel.list_tags(
            places, firms.sectors, firms.shares, firms.scope, firms.status,
            self._rows, self._used_rows, tags,
        )  # fmt: skip
        self._cells = _with_room(self._cells, self._used_rows, axis=1, fill=0)
        latest = len(self._ends) - 1
        spans = [(NO_DAY - 1, end) for end in self._ends] + [(self._ends[-1], _EVER)]
        for slot, (after, until) in enumerate(spans):
            year = min(slot, latest)
            kernel.count_year(
                self._cells[slot], tags[:count], firms.days, after, until,
                firms.revenue[year], firms.employees[year], self._above,
            )  # fmt: skip

    def in_use(self) -> JointCells:
        """The cells that count firms."""
        places, parts = np.empty((2, self._used_rows), np.int32)
        kernel.list_rows(self._rows[: self._used_places], places, parts)
        tags = self._cells[:, : self._used_rows, :, 0]
        rows, tier, slots = np.nonzero(tags.transpose(1, 2, 0))
        return JointCells(
            zones=np.ascontiguousarray(self._places[places[rows]].T),
            parts=parts[rows],
            tiers=tier.astype(np.int32),
            slots=slots.astype(np.int32),
            counts=self._cells[slots, rows, tier],
        )

    def clear(self) -> None:
        """Forget what was counted; the memory is kept for what comes."""
        self._slots.fill(-1)
        self._rows[: self._used_places] = -1
        self._cells[:, : self._used_rows] = 0
        self._used_places = self._used_rows = 0


def _last_day(year: int) -> int:
    return int(np.datetime64(f"{year + 1:04d}-01-01", "D").astype(np.int64)) - 1


def _with_room(
    array: npt.NDArray[_Whole], needed: int, *, axis: int, fill: int
) -> npt.NDArray[_Whole]:
    """The array, at least doubled along an axis where it is shorter than needed."""
    have = array.shape[axis]
    if needed <= have:
        return array
    shape = list(array.shape)
    shape[axis] = max(needed, 2 * have) - have
    return np.concatenate([array, np.full(shape, fill, array.dtype)], axis=axis)
