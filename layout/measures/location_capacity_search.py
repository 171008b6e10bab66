"""Search and bound of the capacitated p-median: interchange with assignments within capacities."""

from __future__ import annotations

import functools
import time
from dataclasses import dataclass
from typing import Final

import numpy as np

from layout.measures.location_assign import assign, knapsacks, polish, step_prices
from layout.measures.location_input import Demand, as_demand
from layout.measures.location_kernels import FREE, SHUT, Floats, Ints
from layout.measures.location_median import full_lists
from layout.measures.location_search import Task, search

_ROUNDS: Final = 400
_STALLS: Final = 12
_LEAST_STEP: Final = 1e-3
_NEAR: Final = 1.03
"""Assignments within so much of the best are polished."""
_PASSES: Final = 30
_FEW: Final = 4_000
"""Demand up to which pairs are swapped."""


@dataclass(frozen=True)
class Assigned:
    """Sites and who serves whom.

    Attributes
    ----------
    sites
        Columns, ascending.
    allocation
        Site of every demand, -1 where none has room.
    objective
        Weighted cost of what is served, less the bonuses.
    unserved
        Weight of demand that no site has room for.
    """

    sites: Ints
    allocation: Ints
    objective: float
    unserved: float

    def beats(self, other: Assigned) -> bool:
        """Serves more, or as much for less."""
        return (self.unserved, self.objective) < (other.unserved, other.objective)


@functools.cache
def ready() -> None:
    """Compile the kernels, so that a time limit counts work alone."""
    demand = as_demand([[0.0, 1.0], [1.0, 0.0]], places=1)
    sites, _ = median_sites(demand, 1, 0.0)
    lagrangian(demand, np.full(2, 2.0), 1, served_by(demand, np.full(2, 2.0), sites), 0.0)


def median_sites(demand: Demand, p: int, deadline: float) -> tuple[Ints, float]:
    """Sites of the p-median without capacities, and its bound, which holds with them too."""
    found = search(Task(full_lists(demand), -demand.bonus, demand.state, p), deadline=deadline)
    return np.flatnonzero(found.is_open), found.lower


def served_by(demand: Demand, room: Floats, sites: Ints, limit: float = np.inf) -> Assigned:
    """Demand given to a set of sites within capacities.

    Where the cheapest assignment costs more than ``limit`` by 3 % it is not improved.
    """
    weights = demand.weights
    cost = np.ascontiguousarray(demand.cost[:, sites] * weights[:, None])
    space = room[sites]
    best: Assigned | None = None
    for order in _orders(cost, weights):
        taken, left = assign(cost, weights, space, order)
        out = float(weights[taken < 0].sum())
        value = _value(demand, cost, taken, sites)
        if out == 0 and value <= limit * _NEAR and weights.size <= _FEW:
            polish(cost, weights, space, taken, left, _PASSES)
            value = _value(demand, cost, taken, sites)
        found = Assigned(sites, np.where(taken < 0, -1, sites[taken]), value, out)
        best = found if best is None or found.beats(best) else best
        if best.unserved == 0:
            break
    assert best is not None
    return best


def _orders(cost: Floats, weights: Floats) -> list[Ints]:
    """Who chooses first: those who lose most by their second choice; or the largest."""
    if cost.shape[1] > 1:
        two = np.partition(cost, 1, axis=1)[:, :2]
        regret = np.argsort(two[:, 0] - two[:, 1], kind="stable")
    else:
        regret = np.arange(len(cost))
    return [regret, np.argsort(-weights, kind="stable")]


def _value(demand: Demand, cost: Floats, taken: Ints, sites: Ints) -> float:
    rows = np.flatnonzero(taken >= 0)
    return float(cost[rows, taken[rows]].sum() - demand.bonus[sites].sum())


def best_of(demand: Demand, room: Floats, p: int, plain: Ints, deadline: float) -> Assigned:
    """The best assignment found by swapping sites, from the plain median and the roomiest sites."""
    best = served_by(demand, room, plain)
    for sites in _roomier(demand, room, p, plain):
        if best.unserved == 0:
            break
        found = served_by(demand, room, sites)
        best = found if found.beats(best) else best
    others = np.setdiff1d(np.flatnonzero(demand.state != SHUT), best.sites)
    moved = True
    while moved and others.size and time.perf_counter() < deadline:
        moved = False
        for into in promising(demand, best, others):
            swapped = _best_swap(demand, room, best, int(into))
            if swapped is not None and swapped.beats(best):
                best, moved = swapped, True
                others = np.setdiff1d(np.flatnonzero(demand.state != SHUT), best.sites)
            if time.perf_counter() > deadline:
                break
    return best


def promising(demand: Demand, best: Assigned, others: Ints, lost: Ints | None = None) -> Ints:
    """Sites that are not chosen, those that would save most on what is served now first.

    ``lost`` is demand whose site goes: those nearest to it are the first.
    """
    if lost is not None:
        far = demand.weights[lost] @ demand.cost[np.ix_(lost, others)]
        return others[np.argsort(far, kind="stable")]
    served = best.allocation >= 0
    now = demand.cost[served, best.allocation[served]]
    saved = np.maximum(now[:, None] - demand.cost[np.ix_(served, others)], 0.0)
    return others[np.argsort(-(demand.weights[served] @ saved), kind="stable")]


def _best_swap(demand: Demand, room: Floats, best: Assigned, into: int) -> Assigned | None:
    """The best assignment with a site put in for one of the free ones."""
    if into in best.sites:
        return None
    found: Assigned | None = None
    total = demand.weights.sum() * (1 - 1e-9)
    for out in best.sites[demand.state[best.sites] == FREE]:
        sites = np.sort(np.append(best.sites[best.sites != out], into))
        if room[sites].sum() < total:
            continue
        tried = served_by(demand, room, sites, best.objective if best.unserved == 0 else np.inf)
        if found is None or tried.beats(found):
            found = tried
    return found


def _roomier(demand: Demand, room: Floats, p: int, plain: Ints) -> list[Ints]:
    """The plain sites with more and more of the small ones swapped for the roomiest others."""
    free = np.flatnonzero(demand.state == FREE)
    rest = np.setdiff1d(free, plain)
    rest = rest[np.argsort(-room[rest], kind="stable")]
    small = plain[demand.state[plain] == FREE]
    small = small[np.argsort(room[small], kind="stable")]
    sets = []
    for count in range(1, min(rest.size, small.size) + 1):
        kept = np.setdiff1d(plain, small[:count])
        sets.append(np.sort(np.append(kept, rest[:count])))
    largest = free[np.argsort(-room[free], kind="stable")][: p - demand.fixed.size]
    return [*sets, np.sort(np.append(demand.fixed, largest))]


def lagrangian(demand: Demand, room: Floats, p: int, best: Assigned, deadline: float) -> float:
    """A bound: each demand pays to be served, each site fills its capacity with what pays best."""
    cost, weights = demand.cost, demand.weights
    served = np.zeros(weights.size)
    rows = np.arange(weights.size)
    known = np.where(best.allocation >= 0, cost[rows, np.maximum(best.allocation, 0)], cost.max())
    price, direction = known.astype(np.float64), np.zeros(weights.size)
    upper = best.objective if best.unserved == 0 else float((weights * known).sum())
    top, most, step, stalls = -np.inf, 2 * float(cost.max()) + 1e-9, 1.0, 0
    kept = price.copy()
    by_site = np.asfortranarray(cost)
    for _ in range(_ROUNDS):
        value = knapsacks(by_site, weights, room, price, demand.state, p, demand.bonus, served)
        stalls += 1
        if value > top:
            stalls = 0 if value > top + 1e-5 * abs(top) else stalls
            top, kept = value, price.copy()
        if time.perf_counter() > deadline or step < _LEAST_STEP or upper - top <= 0:
            break
        if stalls > _STALLS:
            step, stalls, price = step / 2, 0, kept.copy()
            direction[:] = 0.0
            continue
        distance = step * max(upper - value, 1e-9)
        if not step_prices(price, weights, served, direction, distance, most):
            break
    return float(top)
