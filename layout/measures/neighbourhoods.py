"""Places and which of them lie within a reach of each other: the ground of labelling tests.

Random labelling leaves firms where they are, so their neighbourhoods are found once and used by
every simulation. Firms at one address are one place. Where firms are so many that the pairs of
places would not fit in memory, firms are taken to the centre of square cells of a sixth of the
reach: a place then stands for a cell, and ``cell_m`` says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numba
import numpy as np
import numpy.typing as npt

from layout.measures.points import as_points
from layout.measures.sites import sites_of
from layout.measures.tables import option

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MOST_PAIRS: Final = 20_000_000
"""Pairs of places that are kept (80 MB); above, firms are taken to cells."""

CELLS_PER_REACH: Final = 6


@dataclass(frozen=True)
class Neighbourhoods:
    """Places of a city's firms and their neighbours.

    Attributes
    ----------
    x, y
        Of every place, metres; ordered by x, then y.
    size
        Firms at every place.
    of
        Place of every firm.
    start, other
        The places within reach of place i, itself included, are
        ``other[start[i]:start[i + 1]]``.
    around
        Firms within reach of every place, its own included.
    reach_m
        The reach; a place at exactly this distance counts.
    cell_m
        Width of the cells firms were taken to; 0 where places are exact.
    """

    x: Floats
    y: Floats
    size: Ints
    of: Ints
    start: Ints
    other: npt.NDArray[np.int32]
    around: Ints
    reach_m: float
    cell_m: float

    @property
    def firms(self) -> int:
        """Number of firms."""
        return int(self.of.size)

    def counts(self, firms: Ints) -> Ints:
        """How many of some firms (positions) are at every place."""
        return np.bincount(self.of[firms], minlength=self.size.size)


def neighbourhoods(points: Any, reach_m: float, *, most_pairs: int = MOST_PAIRS) -> Neighbourhoods:
    """The neighbourhoods of all firms of a city.

    Parameters
    ----------
    points
        All firms, metres, as :func:`layout.measures.points.as_points`.
    reach_m
        Metres within which places are neighbours.
    most_pairs
        Expected number of pairs of places above which firms are taken to cells.

    Returns
    -------
    Neighbourhoods

    Raises
    ------
    MeasureError
        Points in degrees or not finite, or a reach that is not positive.
    """
    if not (np.isfinite(reach_m) and reach_m > 0):
        option("reach_m", reach_m, ("> 0",))
    xy = as_points(points)
    sites, cell = sites_of(xy), 0.0
    if _expected_pairs(sites.x, sites.y, reach_m) > most_pairs:
        cell = reach_m / CELLS_PER_REACH
        sites = sites_of((np.floor(xy / cell) + 0.5) * cell)
    start, other = _pairs(sites.x, sites.y, float(reach_m))
    around = _sums(start, other, sites.size)
    return Neighbourhoods(
        sites.x, sites.y, sites.size, sites.of, start, other, around, float(reach_m), cell
    )


def _expected_pairs(x: Floats, y: Floats, reach: float) -> float:
    """Pairs within reach, if places were even in blocks of three by three cells of its width."""
    if not x.size:
        return 0.0
    column = np.floor((x - x.min()) / reach).astype(np.int64) + 1
    row = np.floor((y - y.min()) / reach).astype(np.int64) + 1
    columns = int(column.max()) + 2
    keys, number = np.unique(row * columns + column, return_counts=True)
    total = 0.0
    for step in (-columns - 1, -columns, -columns + 1, -1, 0, 1, columns - 1, columns, columns + 1):
        place = np.minimum(np.searchsorted(keys, keys + step), keys.size - 1)
        there = keys[place] == keys + step
        total += float((number * number[place])[there].sum())
    return total * np.pi / 9


def _pairs(x: Floats, y: Floats, reach: float) -> tuple[Ints, npt.NDArray[np.int32]]:
    start = np.zeros(x.size + 1, dtype=np.int64)
    if not x.size:
        return start, np.empty(0, dtype=np.int32)
    _count(x, y, reach, start)
    np.cumsum(start, out=start)
    other = np.empty(int(start[-1]), dtype=np.int32)
    _fill(x, y, reach, start, other)
    return start, other


@numba.njit(cache=True, nogil=True)
def _count(x, y, reach, start):  # type: ignore[no-untyped-def]
    """Number of neighbours of place i in ``start[i + 1]``; places ordered by x."""
    squared = reach * reach
    for i in range(x.size):
        start[i + 1] += 1
        for j in range(i + 1, x.size):
            dx = x[j] - x[i]
            if dx > reach:
                break
            dy = y[j] - y[i]
            if dx * dx + dy * dy <= squared:
                start[i + 1] += 1
                start[j + 1] += 1


@numba.njit(cache=True, nogil=True)
def _fill(x, y, reach, start, other):  # type: ignore[no-untyped-def]
    squared, at = reach * reach, start[:-1].copy()
    for i in range(x.size):
        other[at[i]] = i
        at[i] += 1
        for j in range(i + 1, x.size):
            dx = x[j] - x[i]
            if dx > reach:
                break
            dy = y[j] - y[i]
            if dx * dx + dy * dy <= squared:
                other[at[i]] = j
                at[i] += 1
                other[at[j]] = i
                at[j] += 1


@numba.njit(cache=True, nogil=True)
def _sums(start, other, values):  # type: ignore[no-untyped-def]
    """Sum of the values of every place's neighbours, its own included."""
    sums = np.zeros(start.size - 1, dtype=values.dtype)
    for i in range(sums.size):
        for at in range(start[i], start[i + 1]):
            sums[i] += values[other[at]]
    return sums
