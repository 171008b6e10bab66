"""Set covering: the fewest sites that reach all demand."""

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
