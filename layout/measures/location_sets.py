"""Set covering and the p-centre, which asks for the least radius that p sites can cover."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from layout.measures.location_cover import Bools, least_cover, lists_of
from layout.measures.location_input import (
    NOBODY,
    Demand,
    Location,
    allocate,
    as_demand,
    as_radius,
    rows_of_sites,
    uncovered,
)
from layout.measures.location_kernels import FREE, OPEN, Floats, Ints

_TIE: Final = 1e-4
_METHOD: Final = "dominance, greedy cover, row-weighting search, Lagrangian bound, HiGHS"


def set_covering(
    cost: Any,
    radius: Any,
    *,
    weights: Any = None,
    times: Any = 1,
    fixed: Sequence[int] = (),
    forbidden: Sequence[int] = (),
    preferred: Mapping[int, float] | Sequence[int] = (),
    time_limit_s: float = 60,
) -> Location:
    r"""The fewest sites that cover all demand within the radius.

    .. math:: \min |S| - \sum_{j \in S} b_j \quad\text{with}\quad
        |\{j \in S : c_{ij} \le r_i\}| \ge t_i \text{ for every demand } i

    Parameters
    ----------
    cost
        Demand × candidates.
    radius
        Reach in the unit of the cost: one, or one a demand (its own service level).
    weights
        Demand of weight zero need not be covered; weights are else for the table alone.
    times
        How many sites must cover a demand (2: each has a second one in reserve): one, or one a
        demand.
    fixed, forbidden
        Candidates that must, and must not, be chosen; fixed ones count.
    preferred
        Candidates with what choosing each is worth, less than one site; a plain list decides
        between sets of the same size.
    time_limit_s
        Wall seconds after which the best set so far is given, with its gap.

    Returns
    -------
    Location
        ``objective`` is the number of sites less the bonuses.

    Raises
    ------
    MeasureError
        Some demand cannot be covered (often enough): it is listed.

    References
    ----------
    Toregas, C., Swain, R., ReVelle, C., & Bergman, L. (1971). The location of emergency service
    facilities. *Operations Research* 19(6), 1363–1373.
    """
    deadline = time.perf_counter() + time_limit_s
    demand = as_demand(cost, weights=weights, fixed=fixed, forbidden=forbidden, preferred=preferred)
    reach = as_radius(radius, len(demand.cost), "set covering")
    often = np.broadcast_to(np.asarray(times, dtype="float64"), len(demand.cost))
    price = _prices(demand, preferred)
    mask = (demand.cost <= reach[:, None]) & demand.allowed
    left = _still_needed(demand, mask, often)
    chosen, bound = cover(mask, price, demand, left, deadline)
    sites = np.flatnonzero(chosen)
    taken = float(sites.size - demand.bonus[sites].sum())
    whole = not demand.bonus.any()
    lower = float(np.ceil(bound - 1e-6 - (1 if len(preferred) else 0) * _TIE)) if whole else bound
    return _located("set_covering", demand, sites, reach, taken, min(lower, taken))


def p_center(
    cost: Any,
    p: int,
    *,
    weights: Any = None,
    fixed: Sequence[int] = (),
    forbidden: Sequence[int] = (),
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

    Returns
    -------
    Location
        ``objective`` is the greatest weighted cost.

    References
    ----------
    Minieka, E. (1970). The m-center problem. *SIAM Review* 12(1), 138–139.
    """
    deadline = time.perf_counter() + time_limit_s
    demand = as_demand(cost, weights=weights, fixed=fixed, forbidden=forbidden, places=p)
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


def _prices(demand: Demand, preferred: Any) -> Floats:
    price = 1.0 - demand.bonus
    if len(preferred) and not isinstance(preferred, Mapping):
        price[list(preferred)] -= _TIE / demand.state.size
    return np.maximum(price, 1e-6)


def _still_needed(demand: Demand, mask: Bools, often: Floats) -> Floats:
    """How many free sites each demand still needs beside the fixed ones."""
    wanted = np.where(demand.weights > 0, often, 0.0)
    short = np.flatnonzero(mask.sum(axis=1) < wanted)
    if short.size:
        raise uncovered(short)
    needed: Floats = np.maximum(wanted - mask[:, demand.fixed].sum(axis=1), 0.0)
    return needed


def cover(
    mask: Bools, price: Floats, demand: Demand, needed: Floats, deadline: float
) -> tuple[Bools, float]:
    """Sites of least price, fixed ones included, that cover what is needed; and a lower bound."""
    chosen = demand.state == OPEN
    spent = float(price[chosen].sum())
    rows = needed > 0
    if not rows.any():
        return chosen, spent
    free = np.flatnonzero(demand.state == FREE)
    lists = lists_of(mask[np.ix_(rows, free)])
    once = bool((needed[rows] == 1).all())
    found = least_cover(lists, price[free], deadline=deadline, times=None if once else needed[rows])
    start = found.chosen
    if start is None:  # HiGHS had no time to find one: all that may be chosen do cover
        start = np.ones(free.size, dtype=np.bool_)
    chosen[free[start]] = True
    return chosen, min(spent + max(found.bound, 0.0), float(price[chosen].sum()))


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


def _located(
    model: str, demand: Demand, sites: Ints, reach: Floats, objective: float, lower: float
) -> Location:
    """The result of a cover; dropping and replacing are told in weight no longer covered."""
    allocation = allocate(demand.cost, sites, reach)
    within = demand.cost <= reach[:, None]
    depth = within[:, sites].sum(axis=1)
    others = np.setdiff1d(np.flatnonzero(demand.state == FREE), sites)
    drop, replace = np.zeros(sites.size), np.full(sites.size, np.nan)
    by = np.full(sites.size, NOBODY, dtype=np.int64)
    for r, site in enumerate(sites):
        alone = within[:, site] & (depth == 1)
        drop[r] = demand.weights[alone].sum()
        if others.size:
            saved = demand.weights[alone] @ within[np.ix_(alone, others)]
            by[r], replace[r] = others[saved.argmax()], drop[r] - saved.max()
    table = rows_of_sites(demand, sites, allocation, drop, by, replace)
    return Location(
        model, tuple(sites.tolist()), objective, lower, objective, allocation, table, _METHOD
    )
