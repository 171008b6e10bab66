"""p-dispersion: candidates that are far from each other, by binary search (HiGHS)."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from layout.core.errors import MeasureError
from layout.measures.location_highs import Program, rows_of, solve
from layout.measures.location_input import NOBODY, Demand, Location, as_demand, rows_of_sites
from layout.measures.location_kernels import FREE, OPEN, Floats, Ints
from layout.measures.location_preference import at_best, worth


def p_dispersion(
    distance: Any,
    p: int,
    *,
    fixed: Sequence[int] = (),
    forbidden: Sequence[int] = (),
    preferred: Mapping[int, float] | Sequence[int] = (),
    time_limit_s: float = 60,
) -> Location:
    r"""The p candidates that are farthest from each other.

    .. math:: \max_{S,\,|S| = p} \; \min_{j, k \in S,\, j \neq k} d_{jk}

    Parameters
    ----------
    distance
        Candidates × candidates, symmetric.
    p
        Candidates to be chosen, two at least, fixed ones included.
    fixed, forbidden, time_limit_s
        As :func:`layout.measures.location.p_median`.
    preferred
        Candidates that decide between sets that are equally far apart: most of them (or most of
        what each is said to be worth).

    Returns
    -------
    Location
        ``objective`` is the smallest distance between two chosen candidates; ``drop_cost`` is
        negative where the rest lies farther apart.

    References
    ----------
    Kuby, M. J. (1987). Programming models for facility dispersion. *Geographical Analysis* 19(4),
    315–329.
    """
    deadline = time.perf_counter() + time_limit_s
    given = as_demand(distance, fixed=fixed, forbidden=forbidden, preferred=preferred, places=p)
    d = given.cost
    if d.shape[0] != d.shape[1] or not np.allclose(d, d.T):
        raise MeasureError("error.measure_symmetric", measure="p-dispersion")
    if p < 2:
        raise MeasureError("error.location_two", p=p)
    allowed = np.flatnonzero(given.allowed)
    pairs = d[np.ix_(allowed, allowed)][np.triu_indices(allowed.size, 1)]
    apart = np.unique(pairs)
    best = np.sort(np.concatenate([given.fixed, np.setdiff1d(allowed, given.fixed)])[:p])
    low, high = int(np.searchsorted(apart, _least(d, best))), apart.size - 1
    while low < high:
        middle = (low + high + 1) // 2
        solved = solve(_packing(given, d < apart[middle], p), deadline=deadline)
        if solved.values is not None:
            best = np.flatnonzero(solved.values > 0.5)
            low = int(np.searchsorted(apart, _least(d, best)))
        elif solved.infeasible:
            high = middle - 1
        else:
            break
    least = _least(d, best)
    if len(preferred):
        program = _packing(given, d < least, p, -worth(given, preferred))
        best = at_best(program, best, deadline)
    return Location(
        "p_dispersion", tuple(best.tolist()), least, least, float(max(apart[high], least)),
        _nearest(d, best), _spread_table(given, d, best, least), "binary search (HiGHS)",
    )  # fmt: skip


def _least(d: Floats, sites: Ints) -> float:
    if sites.size < 2:
        return float("nan")
    return float(d[np.ix_(sites, sites)][np.triu_indices(sites.size, 1)].min())


def _nearest(d: Floats, sites: Ints) -> Ints:
    among = d[np.ix_(sites, sites)].copy()
    np.fill_diagonal(among, np.inf)
    nearest: Ints = sites[among.argmin(axis=1)]
    return nearest


def _packing(given: Demand, near: Any, p: int, cost: Floats | None = None) -> Program:
    """Choose p candidates, no two of them near each other."""
    m = given.state.size
    one, two = np.nonzero(np.triu(near, 1))
    pairs = (np.arange(one.size + 1) * 2, np.stack([one, two], axis=1).ravel(),
             np.ones(2 * one.size))  # fmt: skip
    start, index, value = rows_of(pairs, (np.array([0, m]), np.arange(m), np.ones(m)))
    return Program(
        cost=np.zeros(m) if cost is None else cost,
        low=(given.state == OPEN).astype(np.float64),
        high=given.allowed.astype(np.float64),
        integer=np.ones(m, dtype=np.bool_),
        row_low=np.append(np.full(one.size, -np.inf), float(p)),
        row_high=np.append(np.ones(one.size), float(p)),
        start=start,
        index=index,
        value=value,
    )


def _spread_table(given: Demand, d: Floats, sites: Ints, least: float) -> pd.DataFrame:
    others = np.setdiff1d(np.flatnonzero(given.state == FREE), sites)
    drop, replace = np.full(sites.size, np.nan), np.full(sites.size, np.nan)
    by = np.full(sites.size, NOBODY, dtype=np.int64)
    for r in range(sites.size):
        rest = np.delete(sites, r)
        drop[r] = least - _least(d, rest)
        if others.size:
            own = _least(d, rest) if rest.size > 1 else np.inf
            reach = np.minimum(d[np.ix_(others, rest)].min(axis=1), own)
            by[r], replace[r] = others[reach.argmax()], least - reach.max()
    nobody = np.full(len(d), NOBODY, dtype=np.int64)
    return rows_of_sites(given, sites, nobody, drop, by, replace)
