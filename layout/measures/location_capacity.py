"""The capacitated p-median: a good assignment and a bound first, then HiGHS until time is up."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from layout.core.errors import MeasureError
from layout.measures.location_capacity_search import (
    Assigned,
    best_of,
    lagrangian,
    median_sites,
    promising,
    ready,
    served_by,
)
from layout.measures.location_highs import Program, Solved, rows_of, solve
from layout.measures.location_input import (
    NOBODY,
    Demand,
    Location,
    as_demand,
    rows_of_sites,
)
from layout.measures.location_kernels import FREE, OPEN, SHUT, Floats, Ints, States

_METHOD: Final = "interchange, Lagrangian bound, assignment programme (HiGHS)"
_RELATIVE: Final = 1e-9
_PROVEN: Final = 1e-7
_LEAST_S: Final = 0.2
"""Seconds below which a programme is not begun."""
_LIKELY: Final = 16
"""Other sites that are tried in the place of one."""
_MOST_PAIRS: Final = 1_500_000
"""Pairs of demand and candidate beyond which the programme would not fit a time limit."""
_SEARCH: Final = 0.25
_BOUND: Final = 0.35
_CHOICE: Final = 0.8
"""Share of the time until which is searched, bounded, and the set settled; the rest is for what
dropping and replacing cost."""


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
    cost, p, fixed, forbidden, preferred
        As :func:`layout.measures.location.p_median`.
    capacity
        Weight of demand that each candidate can serve: one, or one a candidate.
    weights
        One a demand, in the unit of the capacity; None: all 1.
    time_limit_s
        Wall seconds after which the best assignment so far is given, with its gap. A first
        assignment and a bound are made whatever the limit.

    Returns
    -------
    Location
        In ``alternatives`` the costs of dropping and replacing are with all demand served anew
        (by search where the time is up, so that they may be too high); NaN where the capacities
        of the other sites do not allow it.

    Raises
    ------
    MeasureError
        The p largest capacities are too small, no assignment exists, or none was found in time:
        how much the best attempt leaves unserved is told.

    References
    ----------
    Mulvey, J. M., & Beck, M. P. (1984). Solving capacitated clustering problems. *European
    Journal of Operational Research* 18(3), 339–348. Ceselli, A., & Righini, G. (2005). A
    branch-and-price algorithm for the capacitated p-median problem. *Networks* 45(3), 125–142.
    """
    ready()
    began = time.perf_counter()
    demand = as_demand(
        cost, weights=weights, fixed=fixed, forbidden=forbidden, preferred=preferred, places=p
    )
    room = _capacity(capacity, demand, p)
    plain, lower = median_sites(demand, p, began + 0.1 * time_limit_s)
    best = best_of(demand, room, p, plain, began + _SEARCH * time_limit_s)
    lower = max(lower, lagrangian(demand, room, p, best, began + _BOUND * time_limit_s))
    best, lower = _settled(demand, room, p, best, lower, began + _CHOICE * time_limit_s)
    drop, replace, by = _alternatives(demand, room, best, began + time_limit_s)
    objective = _objective(demand, best)
    table = rows_of_sites(demand, best.sites, best.allocation, drop, by, replace)
    return Location(
        "capacitated_p_median", tuple(best.sites.tolist()), objective, min(lower, objective),
        objective, best.allocation, table, _METHOD,
    )  # fmt: skip


def _settled(
    demand: Demand, room: Floats, p: int, best: Assigned, lower: float, deadline: float
) -> tuple[Assigned, float]:
    """What HiGHS makes of the best assignment and the bound in the time that is left."""
    known = best.unserved == 0
    if known and best.objective - lower <= _PROVEN * abs(best.objective):
        return best, lower
    late = time.perf_counter() > deadline
    if demand.cost.size > _MOST_PAIRS or (known and late):
        if not known:
            raise _not_found(p, best)
        return best, lower
    start = _columns(demand, best) if known else None
    solved = solve(_assignment(demand, room, demand.state, p), deadline=deadline, start=start)
    if solved.values is not None:
        found = _read(demand, solved)
        if not known or found.objective < best.objective:
            best = found
    elif solved.infeasible and not known:
        raise MeasureError("error.location_capacity", p=p)
    elif not known:
        raise _not_found(p, best)
    return best, max(lower, solved.bound if np.isfinite(solved.bound) else lower)


def _not_found(p: int, best: Assigned) -> MeasureError:
    return MeasureError("error.location_time", p=p, left=best.unserved)


def _objective(demand: Demand, best: Assigned) -> float:
    served = demand.cost[np.arange(len(demand.cost)), best.allocation]
    return float((demand.weights * served).sum() - demand.bonus[best.sites].sum())


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


def _assignment(demand: Demand, room: Floats, state: States, p: int) -> Program:
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


def _columns(demand: Demand, known: Assigned) -> Floats:
    """An assignment as columns of the programme."""
    n, m = demand.cost.shape
    columns = np.zeros(n * m + m)
    columns[np.arange(n) * m + known.allocation] = 1.0
    columns[n * m + known.sites] = 1.0
    return columns


def _read(demand: Demand, solved: Solved) -> Assigned:
    n, m = demand.cost.shape
    assert solved.values is not None
    allocation = solved.values[: n * m].reshape(n, m).argmax(axis=1)
    sites = np.flatnonzero(solved.values[n * m :] > 0.5)
    served = demand.cost[np.arange(n), allocation]
    cost = float((demand.weights * served).sum() - demand.bonus[sites].sum())
    return Assigned(sites, allocation, cost, 0.0)


def _alternatives(
    demand: Demand, room: Floats, best: Assigned, deadline: float
) -> tuple[Floats, Floats, Ints]:
    sites = best.sites
    drop, replace = np.full(sites.size, np.nan), np.full(sites.size, np.nan)
    by = np.full(sites.size, NOBODY, dtype=np.int64)
    others = np.setdiff1d(np.flatnonzero(demand.state == FREE), sites)
    for r in range(sites.size):
        rest = np.delete(sites, r)
        share = (deadline - time.perf_counter()) / (2 * (sites.size - r))
        if rest.size:
            without = _with_only(demand, room, rest, None, share)
            drop[r] = np.nan if without is None else without.objective - best.objective
        if others.size:
            likely = promising(demand, best, others, np.flatnonzero(best.allocation == sites[r]))
            other = _with_only(demand, room, rest, likely, share)
            if other is not None:
                by[r] = np.setdiff1d(other.sites, sites)[0]
                replace[r] = other.objective - best.objective
    return drop, replace, by


def _with_only(
    demand: Demand, room: Floats, rest: Ints, others: Ints | None, share_s: float
) -> Assigned | None:
    """The best assignment to some sites and, if there are others (most likely first), one more."""
    sets = [rest]
    if others is not None:
        sets = [np.sort(np.append(rest, j)) for j in others[:_LIKELY]]
    total = demand.weights.sum()
    fit = [chosen for chosen in sets if room[chosen].sum() >= total * (1 - _RELATIVE)]
    tried = [served_by(demand, room, chosen) for chosen in fit]
    best = min(tried, key=lambda one: (one.unserved, one.objective), default=None)
    if best is None:
        return None
    known = best.unserved == 0
    if demand.cost.size > _MOST_PAIRS or share_s < _LEAST_S:
        return best if known else None
    open_to = rest if others is None else np.union1d(rest, others)
    part = Demand(
        demand.cost[:, open_to], demand.weights,
        np.where(np.isin(open_to, rest), OPEN, FREE).astype(np.int8), demand.bonus[open_to],
    )  # fmt: skip
    places = rest.size + (others is not None)
    program = _assignment(part, room[open_to], part.state, places)
    solved = solve(program, deadline=time.perf_counter() + share_s)
    if solved.values is None:
        return best if known else None
    found = _read(part, solved)
    if known and best.objective <= found.objective:
        return best
    return Assigned(open_to[found.sites], open_to[found.allocation], found.objective, 0.0)
