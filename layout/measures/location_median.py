"""The p-median and maximal covering: one search on near lists (see ``location_search``)."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from layout.core.errors import MeasureError, raise_all
from layout.measures.location_input import (
    Demand,
    Location,
    allocate,
    as_demand,
    as_radius,
    rows_of_sites,
)
from layout.measures.location_kernels import Floats, Ints, Near
from layout.measures.location_search import Search, Task, alternatives, rough_cost, search

_METHOD: Final = "greedy, interchange, Lagrangian bound, reduced-cost fixing, branch and bound"
_TIE: Final = 1e-9
"""What choosing a merely preferred candidate is worth, relative to the whole: it decides ties."""


def p_median(
    cost: Any,
    p: int,
    *,
    weights: Any = None,
    fixed: Sequence[int] = (),
    forbidden: Sequence[int] = (),
    preferred: Mapping[int, float] | Sequence[int] = (),
    time_limit_s: float = 60,
) -> Location:
    r"""The p sites from which all demand is served at least weighted cost.

    .. math:: \min_{S,\,|S| = p} \; \sum_i w_i \min_{j \in S} c_{ij} - \sum_{j \in S} b_j

    Parameters
    ----------
    cost
        Demand × candidates, in any unit of distance, time or money.
    p
        Sites to be chosen, fixed ones included.
    weights
        One a demand; None: all 1.
    fixed, forbidden
        Candidates (columns) that must, and must not, be chosen.
    preferred
        Candidates with what choosing each is worth, in units of the objective; a plain list
        decides between sets that cost the same.
    time_limit_s
        Wall seconds after which the best set so far is given, with its gap.

    Returns
    -------
    Location
        ``objective`` is the weighted cost less the bonuses.

    Raises
    ------
    MeasureError
        See :func:`layout.measures.location_input.as_demand`.

    References
    ----------
    Hakimi, S. L. (1964). *Operations Research* 12(3), 450–459. Cornuéjols, G., Fisher, M. L., &
    Nemhauser, G. L. (1977). Location of bank accounts to optimize float. *Management Science*
    23(8), 789–810. Resende, M. G. C., & Werneck, R. F. (2007). A fast swap-based local search
    procedure for location problems. *Annals of Operations Research* 150, 205–230.
    """
    deadline = time.perf_counter() + time_limit_s
    demand = as_demand(
        cost, weights=weights, fixed=fixed, forbidden=forbidden, preferred=preferred, places=p
    )
    task = _task(demand, full_lists(demand), p, preferred)
    found = search(task, deadline=deadline)
    sites = np.flatnonzero(found.is_open)
    allocation = allocate(demand.cost, sites)
    objective = _weighted(demand, allocation) - float(demand.bonus[sites].sum())
    other = alternatives(task, found.is_open)
    drop = np.full(p, np.nan) if p == 1 else other.drop
    return Location(
        model="p_median",
        sites=tuple(sites.tolist()),
        objective=objective,
        lower_bound=min(found.lower, objective),
        upper_bound=objective,
        allocation=allocation,
        alternatives=rows_of_sites(demand, sites, allocation, drop, other.by, other.replace),
        method=_METHOD,
    )


def maximal_covering(
    cost: Any,
    radius: float | Sequence[float],
    p: int,
    *,
    weights: Any = None,
    levels: Sequence[float] = (),
    fixed: Sequence[int] = (),
    forbidden: Sequence[int] = (),
    preferred: Mapping[int, float] | Sequence[int] = (),
    time_limit_s: float = 60,
) -> Location:
    r"""The p sites that cover the greatest weight of demand within the radius.

    .. math:: \max_{S,\,|S| = p} \; \sum_i w_i \max_{j \in S} v(c_{ij}) + \sum_{j \in S} b_j

    with v = 1 up to the radius, or the level of each of several radii.

    Parameters
    ----------
    cost
        Demand × candidates.
    radius
        Reach, in the unit of the cost: one number, or with ``levels`` several, ascending.
    p
        Sites to be chosen, fixed ones included.
    weights
        One a demand; None: all 1.
    levels
        What being within each radius is worth, 1 at most, descending: (1, 0.5) for full service
        within the first and half within the second.
    fixed, forbidden, preferred, time_limit_s
        As :func:`p_median`.

    Returns
    -------
    Location
        ``objective`` is the covered weight (with bonuses); demand beyond the (last) radius has
        the site -1.

    References
    ----------
    Church, R., & ReVelle, C. (1974). The maximal covering location problem. *Papers of the
    Regional Science Association* 32, 101–118. Berman, O., & Krass, D. (2002). The generalized
    maximal covering location problem. *Computers & Operations Research* 29(6), 563–581.
    """
    deadline = time.perf_counter() + time_limit_s
    radii, worth = _levels(radius, levels)
    demand = as_demand(
        cost, weights=weights, fixed=fixed, forbidden=forbidden, preferred=preferred, places=p
    )
    task = _task(demand, cover_lists(demand, radii, worth), p, preferred)
    found = search(task, deadline=deadline)
    return _covered(demand, radii, task, found)


def _covered(demand: Demand, radii: Floats, task: Task, found: Search) -> Location:
    sites = np.flatnonzero(found.is_open)
    reach = np.full(len(demand.cost), radii[-1])
    allocation = allocate(demand.cost, sites, reach)
    total = float(task.near.none.sum())
    covered = total - found.upper
    other = alternatives(task, found.is_open)
    return Location(
        model="maximal_covering",
        sites=tuple(sites.tolist()),
        objective=covered,
        lower_bound=covered,
        upper_bound=max(total - found.lower, covered),
        allocation=allocation,
        alternatives=rows_of_sites(demand, sites, allocation, other.drop, other.by, other.replace),
        method=_METHOD,
    )


def _levels(radius: Any, levels: Sequence[float]) -> tuple[Floats, Floats]:
    radii = np.atleast_1d(np.asarray(radius, dtype="float64"))
    worth = np.asarray(levels if len(levels) else [1.0], dtype="float64")
    faults = []
    if radii.ndim != 1 or radii.shape != worth.shape:
        faults.append(
            MeasureError(
                "error.measure_lengths", what="levels", found=worth.size, expected=radii.size
            )
        )
    elif not _descend(radii, worth):
        faults.append(MeasureError("error.location_levels"))
    raise_all(faults)
    as_radius(radii, radii.size, "maximal covering")
    return radii, worth


def _descend(radii: Floats, worth: Floats) -> bool:
    """Radii ascend, and what they are worth falls from 1 at most towards 0."""
    steps = bool((np.diff(radii) > 0).all() and (np.diff(worth) < 0).all())
    return steps and bool(((worth > 0) & (worth <= 1)).all())


def full_lists(demand: Demand) -> Near:
    """All candidates of every demand with a weight, nearest first."""
    served = np.flatnonzero(demand.weights > 0)
    cost = demand.cost if served.size == len(demand.cost) else demand.cost[served]
    allowed = np.flatnonzero(demand.allowed)
    if allowed.size < demand.state.size:
        cost = cost[:, allowed]
    order = np.argsort(cost, axis=1, kind="stable")
    ranked = np.take_along_axis(cost, order, axis=1) * demand.weights[served, None]
    n, m = ranked.shape
    start = np.arange(n + 1, dtype=np.int64) * m
    site = allowed.astype(np.int32)[order.ravel()]
    return Near(start, site, ranked.ravel(), ranked[:, -1].copy())


def cover_lists(demand: Demand, radii: Floats, worth: Floats) -> Near:
    """The candidates within reach of every demand, at the weight they leave uncovered."""
    cost, weights = demand.cost, demand.weights
    row, column = np.nonzero((cost <= radii[-1]) & demand.allowed[None, :])
    keep = weights[row] > 0
    row, column = row[keep], column[keep]
    level = np.searchsorted(radii, cost[row, column], side="left")
    order = np.lexsort((column, level, row))
    row, column, level = row[order], column[order], level[order]
    reached, at = np.unique(row, return_index=True)
    start = np.append(at, row.size).astype(np.int64)
    left = weights[row] * (1.0 - worth[level])
    unreached = np.setdiff1d(np.flatnonzero(weights > 0), reached)
    # what nobody can reach is uncovered whatever is chosen: one row without sites
    lost = weights[unreached].sum()
    start = np.append(start, start[-1])
    none = np.append(weights[reached], lost)
    return Near(start, column.astype(np.int32), left, none)


def _task(demand: Demand, near: Near, p: int, preferred: Any) -> Task:
    numbers = (near.cost, near.none, demand.bonus)
    whole = all(bool((part == np.rint(part)).all()) for part in numbers)
    task = Task(near, -demand.bonus, demand.state, int(p), whole)
    if isinstance(preferred, Mapping) or not len(preferred):
        return task
    charge = np.zeros_like(demand.bonus)
    charge[list(preferred)] = -_TIE * rough_cost(task)
    return Task(near, charge, demand.state, int(p), tolerance=_TIE / 100)


def _weighted(demand: Demand, allocation: Ints) -> float:
    rows = np.arange(len(demand.cost))
    return float((demand.weights * demand.cost[rows, allocation]).sum())
