"""The p-centre, which asks for the least radius that p sites can cover."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from layout.measures.location_cover import Bools, least_cover, lists_of
from layout.measures.location_highs import Program, rows_of
from layout.measures.location_input import (
    NOBODY,
    Demand,
    Location,
    allocate,
    as_demand,
    rows_of_sites,
)
from layout.measures.location_kernels import FREE, OPEN, Floats, Ints
from layout.measures.location_preference import at_best, worth


def p_center(
    cost: Any,
    p: int,
    *,
    weights: Any = None,
    fixed: Sequence[int] = (),
    forbidden: Sequence[int] = (),
    preferred: Mapping[int, float] | Sequence[int] = (),
    time_limit_s: float = 60,
) -> Location:
    r"""The p sites whose farthest demand is nearest.

    .. math:: \min_{S,\,|S| = p} \; \max_i \; w_i \min_{j \in S} c_{ij}

    Parameters
    ----------
    cost, p, fixed, forbidden, time_limit_s
        As :func:`layout.measures.location.p_median`.
    weights
        Factor of each demand's cost; None: all 1; demand of weight zero does not count.
    preferred
        Candidates that decide between sets whose farthest demand is equally near: most of them (or
        most of what each is said to be worth).

    Returns
    -------
    Location
        ``objective`` is the greatest weighted cost.

    References
    ----------
    Minieka, E. (1970). The m-center problem. *SIAM Review* 12(1), 138–139.
    """
    deadline = time.perf_counter() + time_limit_s
    demand = as_demand(
        cost, weights=weights, fixed=fixed, forbidden=forbidden, preferred=preferred, places=p
    )
    weighted = (demand.cost * demand.weights[:, None])[demand.weights > 0]
    best, radii = _farthest_first(weighted, demand, p)
    high = int(np.searchsorted(radii, weighted[:, best].min(axis=1).max()))
    least = weighted[:, demand.allowed].min(axis=1).max()
    low = int(np.searchsorted(radii, least))
    sure = True
    while low < high:
        middle = (low + high) // 2
        found, known = _within(weighted <= radii[middle], demand, p, deadline)
        if found is not None:
            best = found
            high = int(np.searchsorted(radii, weighted[:, best].min(axis=1).max()))
        elif known:
            low = middle + 1
        else:
            sure = False
            break
    top = float(weighted[:, best].min(axis=1).max())
    if len(preferred):
        best = at_best(_reaching(weighted <= top, demand, p, preferred), best, deadline)
    return _centred(demand, best, top, top if sure else float(radii[low]))


def _centred(demand: Demand, best: Ints, top: float, lower: float) -> Location:
    def worst(sites: Ints) -> float:
        return float((demand.cost[:, sites].min(axis=1) * demand.weights).max())

    allocation = allocate(demand.cost, best)
    drop, replace = np.full(best.size, np.nan), np.full(best.size, np.nan)
    by = np.full(best.size, NOBODY, dtype=np.int64)
    others = np.setdiff1d(np.flatnonzero(demand.state == FREE), best)
    for r in range(best.size):
        rest = np.delete(best, r)
        if rest.size:
            drop[r] = worst(rest) - top
        if others.size:
            near = demand.cost[:, rest].min(axis=1, initial=np.inf)
            costs = np.minimum(near[:, None], demand.cost[:, others]) * demand.weights[:, None]
            longest = costs.max(axis=0)
            by[r], replace[r] = others[longest.argmin()], longest.min() - top
    table = rows_of_sites(demand, best, allocation, drop, by, replace)
    return Location(
        "p_center", tuple(best.tolist()), top, min(lower, top), top, allocation, table,
        "binary search over set covering (HiGHS)",
    )  # fmt: skip


def _farthest_first(weighted: Floats, demand: Demand, p: int) -> tuple[Ints, Floats]:
    """A first set: always the site nearest to the demand that fares worst; and all radii."""
    sites = demand.fixed.tolist()
    allowed = np.flatnonzero(demand.allowed)
    near = weighted[:, sites].min(axis=1, initial=np.inf)
    while len(sites) < p:
        rest = np.setdiff1d(allowed, sites)
        worst = int(near.argmax()) if sites else int(weighted[:, rest].min(axis=1).argmax())
        sites.append(int(rest[weighted[worst, rest].argmin()]))
        near = np.minimum(near, weighted[:, sites[-1]])
    return np.sort(np.array(sites, dtype=np.int64)), np.unique(weighted[:, allowed])


def _within(mask: Bools, demand: Demand, p: int, deadline: float) -> tuple[Ints | None, bool]:
    """As many sites as asked that cover all rows, or None; and whether that is certain."""
    mask = mask & demand.allowed
    if not mask.any(axis=1).all():
        return None, True
    free = np.flatnonzero(demand.state == FREE)
    places = p - demand.fixed.size
    rows = ~mask[:, demand.fixed].any(axis=1)
    chosen = np.zeros(free.size, dtype=np.bool_)
    if rows.any():
        if places == 0:
            return None, True
        lists = lists_of(mask[np.ix_(rows, free)])
        if np.diff(lists.start).min(initial=1) == 0:
            return None, True
        found = least_cover(lists, np.ones(free.size), deadline=deadline, places=places)
        if found.chosen is None:
            return None, found.bound > places + 1e-6
        chosen = found.chosen
    spare = np.flatnonzero(~chosen)[: places - int(chosen.sum())]
    chosen[spare] = True
    return np.sort(np.concatenate([demand.fixed, free[chosen]])), True


def _reaching(mask: Bools, demand: Demand, p: int, preferred: Any) -> Program:
    """Choose p sites that reach every row, those that are worth most."""
    m = demand.state.size
    lists = lists_of(mask)
    covered = (lists.start, lists.item, np.ones(lists.item.size))
    start, index, value = rows_of(covered, (np.array([0, m]), np.arange(m), np.ones(m)))
    return Program(
        cost=-worth(demand, preferred),
        low=(demand.state == OPEN).astype(np.float64),
        high=demand.allowed.astype(np.float64),
        integer=np.ones(m, dtype=np.bool_),
        row_low=np.append(np.ones(len(mask)), float(p)),
        row_high=np.append(np.full(len(mask), np.inf), float(p)),
        start=start,
        index=index,
        value=value,
    )
