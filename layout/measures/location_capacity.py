"""The capacitated p-median and p-dispersion, as integer programmes (HiGHS)."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from layout.core.errors import MeasureError
from layout.measures.location_highs import Program, Solved, rows_of, solve
from layout.measures.location_input import (
    NOBODY,
    Demand,
    Location,
    as_demand,
    rows_of_sites,
)
from layout.measures.location_kernels import FREE, OPEN, SHUT, Floats, Ints

_RELATIVE: Final = 1e-9


def capacitated_p_median(
    cost: Any,
    p: int,
    *,
    capacity: Any,
    weights: Any = None,
    fixed: Sequence[int] = (),
    forbidden: Sequence[int] = (),
    preferred: Mapping[int, float] | Sequence[int] = (),
    time_limit_s: float = 60,
) -> Location:
    r"""The p sites that serve all demand at least weighted cost within their capacities.

    .. math:: \min \sum_{ij} w_i c_{ij} x_{ij} - \sum_j b_j y_j \quad\text{with}\quad
        \sum_j x_{ij} = 1,\; \sum_i w_i x_{ij} \le Q_j y_j,\; x_{ij} \le y_j,\; \sum_j y_j = p

    Each demand is served by one site.

    Parameters
    ----------
    cost, p, fixed, forbidden, preferred, time_limit_s
        As :func:`layout.measures.location.p_median`.
    capacity
        Weight of demand that each candidate can serve: one, or one a candidate.
    weights
        One a demand, in the unit of the capacity; None: all 1.

    Returns
    -------
    Location
        In ``alternatives`` the costs of dropping and replacing are with all demand served anew;
        NaN where the capacities of the other sites do not allow it.

    Raises
    ------
    MeasureError
        The p largest capacities are too small, or no assignment exists (or was found in time).

    References
    ----------
    Mulvey, J. M., & Beck, M. P. (1984). Solving capacitated clustering problems. *European
    Journal of Operational Research* 18(3), 339–348.
    """
    deadline = time.perf_counter() + time_limit_s
    demand = as_demand(
        cost, weights=weights, fixed=fixed, forbidden=forbidden, preferred=preferred, places=p
    )
    room = _capacity(capacity, demand, p)
    solved = solve(_assignment(demand, room, demand.state, p), deadline=deadline)
    if solved.values is None:
        key = "error.location_capacity" if solved.infeasible else "error.location_time"
        raise MeasureError(key, p=p)
    sites, allocation, objective = _read(demand, solved)
    drop, replace, by = _alternatives(demand, room, sites, objective, deadline)
    table = rows_of_sites(demand, sites, allocation, drop, by, replace)
    return Location(
        "capacitated_p_median", tuple(sites.tolist()), objective, min(solved.bound, objective),
        objective, allocation, table, "assignment programme (HiGHS)",
    )  # fmt: skip


def _capacity(capacity: Any, demand: Demand, p: int) -> Floats:
    room = np.asarray(capacity, dtype="float64")
    m = demand.state.size
    if room.ndim and room.shape != (m,):
        raise MeasureError("error.measure_lengths", what="capacity", found=room.size, expected=m)
    if not (np.isfinite(room) & (room >= 0)).all():
        raise MeasureError("error.location_room")
    room = np.broadcast_to(room, m).astype(np.float64)
    free = np.sort(room[demand.state == FREE])[::-1]
    most = room[demand.fixed].sum() + free[: p - demand.fixed.size].sum()
    total = float(demand.weights.sum())
    if total > most * (1 + _RELATIVE):
        raise MeasureError("error.location_small", p=p, demand=total, capacity=float(most))
    return room


def _assignment(demand: Demand, room: Floats, state: Any, p: int) -> Program:
    """Columns: x of demand × candidates row by row, then y."""
    n, m = demand.cost.shape
    x = np.arange(n * m)
    column = n * m + np.arange(m)
    once = (np.arange(n + 1) * m, x, np.ones(n * m))
    load_index = np.concatenate(
        [x.reshape(n, m).T, column[:, None]], axis=1
    ).ravel()  # a row a candidate: its demand, then its y
    load = np.concatenate([np.tile(demand.weights, (m, 1)), -room[:, None]], axis=1).ravel()
    full = (np.arange(m + 1) * (n + 1), load_index, load)
    pairs = np.stack([x, np.tile(column, n)], axis=1).ravel()
    tight = (np.arange(n * m + 1) * 2, pairs, np.tile([1.0, -1.0], n * m))
    places = (np.array([0, m]), column, np.ones(m))
    start, index, value = rows_of(once, full, tight, places)
    many = np.full(m + n * m, -np.inf)
    return Program(
        cost=np.concatenate([(demand.cost * demand.weights[:, None]).ravel(), -demand.bonus]),
        low=np.concatenate([np.zeros(n * m), (state == OPEN).astype(np.float64)]),
        high=np.concatenate([np.ones(n * m), (state != SHUT).astype(np.float64)]),
        integer=np.ones(n * m + m, dtype=np.bool_),
        row_low=np.concatenate([np.ones(n), many, [float(p)]]),
        row_high=np.concatenate([np.ones(n), np.zeros(m + n * m), [float(p)]]),
        start=start,
        index=index,
        value=value,
    )


def _read(demand: Demand, solved: Solved) -> tuple[Ints, Ints, float]:
    n, m = demand.cost.shape
    assert solved.values is not None
    allocation = solved.values[: n * m].reshape(n, m).argmax(axis=1)
    sites = np.flatnonzero(solved.values[n * m :] > 0.5)
    served = demand.cost[np.arange(n), allocation]
    return sites, allocation, float((demand.weights * served).sum() - demand.bonus[sites].sum())


def _alternatives(
    demand: Demand, room: Floats, sites: Ints, objective: float, deadline: float
) -> tuple[Floats, Floats, Ints]:
    drop, replace = np.full(sites.size, np.nan), np.full(sites.size, np.nan)
    by = np.full(sites.size, NOBODY, dtype=np.int64)
    for r, site in enumerate(sites):
        state = np.where(np.isin(np.arange(room.size), sites), OPEN, SHUT)
        state[site] = SHUT
        if sites.size > 1:
            without = solve(_assignment(demand, room, state, sites.size - 1), deadline=deadline)
            if without.values is not None:
                drop[r] = _read(demand, without)[2] - objective
        state[(state == SHUT) & (demand.state != SHUT)] = FREE
        state[site] = SHUT
        if (state != SHUT).sum() < sites.size:
            continue
        other = solve(_assignment(demand, room, state, sites.size), deadline=deadline)
        if other.values is not None:
            chosen, _, value = _read(demand, other)
            by[r], replace[r] = np.setdiff1d(chosen, sites)[0], value - objective
    return drop, replace, by


def p_dispersion(
    distance: Any,
    p: int,
    *,
    fixed: Sequence[int] = (),
    forbidden: Sequence[int] = (),
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
    given = as_demand(distance, fixed=fixed, forbidden=forbidden, places=p)
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


def _packing(given: Demand, near: Any, p: int) -> Program:
    """Choose p candidates, no two of them near each other."""
    m = given.state.size
    one, two = np.nonzero(np.triu(near, 1))
    pairs = (np.arange(one.size + 1) * 2, np.stack([one, two], axis=1).ravel(),
             np.ones(2 * one.size))  # fmt: skip
    start, index, value = rows_of(pairs, (np.array([0, m]), np.arange(m), np.ones(m)))
    return Program(
        cost=np.zeros(m),
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
