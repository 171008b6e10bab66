"""Conditional permutation tests of local statistics, for all units at once.

A local statistic of unit i is the weighted sum of its neighbours' values. Under the null the unit
keeps its value and its neighbours get those of others, drawn without replacement from all but i.

One draw serves all units: kmax + 1 different units, in order. A unit with k neighbours takes the
first k; where it is itself among the first kmax, the last drawn stands in. Given i this is a
uniform ordered draw from the others, so each unit's null is exact (nulls of different units share
their draws, as in esda). The sums of a unit over many draws are then sums of contiguous rows,
and the few replaced draws a correction to single ones: far less work than drawing for every unit,
so that 100,000 permutations, which false discovery rates need, are cheap.
"""

from __future__ import annotations

from typing import Final

import numba
import numpy as np
import numpy.typing as npt

from layout.measures.significance import needs_refinement, two_sided_p
from layout.measures.units import Ints, Units

Floats = npt.NDArray[np.float64]

_CACHED: Final = 32_768  # drawn values of a block: 256 kB, which the second-level cache holds
_TIE: Final = 1e-10  # sums closer than this share of their scale are ties


def permutation_p(
    units: Units,
    values: Floats,
    *,
    permutations: int,
    refine_to: int,
    seed: int,
) -> Floats:
    """Two-sided p-values of the weighted sums of neighbours' values.

    Parameters
    ----------
    units
        Who is whose neighbour; own weights play no part.
    values
        What the neighbours have, one a known unit.
    permutations
        R of the first round.
    refine_to
        Where p < 5/(R+1), p is replaced by that of ten times as many fresh permutations, and so
        on up to this many; see :func:`layout.measures.significance.needs_refinement`.
    seed
        Equal seeds give equal p-values.

    Returns
    -------
    numpy.ndarray
        One a known unit; NaN for units without neighbours.
    """
    p = np.full(units.n, np.nan)
    todo = np.flatnonzero(units.cardinality() > 0)
    replicates, level = permutations, 0
    while todo.size and replicates > 0:
        below, above = tail_counts(units, values, todo, replicates, [seed, level])
        p[todo] = two_sided_p(below, above, replicates)
        if replicates >= refine_to:
            break
        todo = todo[needs_refinement(p[todo], replicates)]
        replicates, level = min(10 * replicates + 9, refine_to), level + 1
    return p


def tail_counts(
    units: Units, values: Floats, which: Ints, replicates: int, seed: list[int]
) -> tuple[Ints, Ints]:
    """How many of the permuted sums are at most, and at least, the observed ones.

    Parameters
    ----------
    which
        Positions of the units that are tested.
    seed
        Of the draws.
    """
    counts = units.cardinality()
    start = np.concatenate([[0], np.cumsum(counts)])
    wide = int(counts[which].max())
    observed = units.lag(values)[which]
    tie = _TIE * np.abs(values).max(initial=0.0) * units.row_sums()[which]
    row_of = np.full(units.n, -1)
    row_of[which] = np.arange(which.size)
    below, above = np.zeros(which.size, dtype=np.int64), np.zeros(which.size, dtype=np.int64)
    rng = np.random.default_rng(seed)
    block = int(np.clip(_CACHED // wide, 64, 4096))
    pool = np.arange(units.n)
    for begin in range(0, replicates, block):
        draws = np.empty((min(block, replicates - begin), wide + 1), dtype=np.int64)
        _draw(pool, rng.random(draws.shape), draws)
        drawn = np.ascontiguousarray(values[draws].T)
        replaced = _replaced(draws, drawn, row_of, which.size)
        bounds = observed - tie, observed + tie
        _count(start, units.weights, which, drawn, *replaced, *bounds, below, above)
    return below, above


def _replaced(
    draws: Ints, drawn: Floats, row_of: Ints, rows: int
) -> tuple[Ints, Ints, Ints, Floats]:
    """Where a tested unit was drawn itself: first such draw of each unit, draw, place, change."""
    replicate, place = np.nonzero(row_of[draws[:, :-1]] >= 0)
    row = row_of[draws[replicate, place]]
    order = np.argsort(row, kind="stable")
    row, replicate, place = row[order], replicate[order], place[order]
    first = np.searchsorted(row, np.arange(rows + 1))
    return first, replicate, place, drawn[-1, replicate] - drawn[place, replicate]


@numba.njit(cache=True, nogil=True)
def _count(  # type: ignore[no-untyped-def]
    start, weights, which, drawn, first, replicate, place, change, low, high, below, above
):
    """Compare the sums of each unit over all draws with its observed one."""
    sums = np.empty(drawn.shape[1])
    for row in range(which.size):
        begin, end = start[which[row]], start[which[row] + 1]
        sums[:] = 0.0
        for link in range(begin, end):
            weight, others = weights[link], drawn[link - begin]
            for r in range(sums.size):
                sums[r] += weight * others[r]
        for c in range(first[row], first[row + 1]):
            if place[c] < end - begin:
                sums[replicate[c]] += weights[begin + place[c]] * change[c]
        less, more = 0, 0
        for r in range(sums.size):
            less += sums[r] <= high[row]
            more += sums[r] >= low[row]
        below[row] += less
        above[row] += more


@numba.njit(cache=True, nogil=True)
def _draw(pool, chances, draws):  # type: ignore[no-untyped-def]
    """Different units in each row, by the first steps of a Fisher–Yates shuffle of ``pool``."""
    n = pool.size
    taken = np.empty(draws.shape[1], dtype=np.int64)
    for row in range(draws.shape[0]):
        for k in range(draws.shape[1]):
            other = k + np.int64(chances[row, k] * (n - k))
            pool[k], pool[other] = pool[other], pool[k]
            draws[row, k] = pool[k]
            taken[k] = other
        for k in range(draws.shape[1] - 1, -1, -1):  # put the pool back in order
            pool[k], pool[taken[k]] = pool[taken[k]], pool[k]
