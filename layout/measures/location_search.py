"""The best set of a given number of sites: interchange, Lagrangian bound, fixing, branching.

The relaxation drops 'every demand is served once' at a price (multiplier) a demand; its value is a
lower bound, and as high as that of linear programming. Sites whose choice (or refusal) would lift
the bound over the best known set are fixed, which leaves few; the rest is settled by best-first
branching with the same bound.
"""

from __future__ import annotations

import heapq
import itertools
import time
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from layout.measures.location_kernels import (
    FREE,
    OPEN,
    SHUT,
    Floats,
    Ints,
    Near,
    States,
    Walk,
    ascend,
    begin,
    gains,
    greedy,
    head,
    interchange,
    serve,
    shorten,
)

Bools = npt.NDArray[np.bool_]

EXACT: Final = 1e-7
"""Relative difference of bound and best set below which the set is called proven."""

_CHUNK: Final = 15
_CHUNKS: Final = 60
_NODE_ROUNDS: Final = 60
_SWAPS: Final = 10_000
_REACH: Final = 1.5
_KICKED: Final = 8
"""One in so many sites is swapped by chance to leave a local optimum."""
_SEED: Final = 1
_FIRST_STEP: Final = 1.5
_NODE_STEP: Final = 0.5
_LEAST_STEP: Final = 2e-4


@dataclass(frozen=True)
class Task:
    """A choice of sites.

    Attributes
    ----------
    near
        Lists of every demand.
    charge
        Cost of opening each site (negative: a bonus).
    state
        FREE, OPEN or SHUT of each site.
    places
        Sites to be open, OPEN ones included.
    whole
        All costs are whole numbers, so that a better set is better by one at least.
    tolerance
        Relative difference of bound and best set at which the search ends.
    """

    near: Near
    charge: Floats
    state: States
    places: int
    whole: bool = False
    tolerance: float = EXACT


@dataclass
class Search:
    """The best set so far and the bound.

    Attributes
    ----------
    is_open
        The best set.
    upper
        Its cost.
    lower
        No set costs less.
    nodes
        Branches looked at.
    """

    is_open: Bools
    upper: float
    lower: float = -np.inf
    nodes: int = 0


@dataclass(order=True)
class _Node:
    bound: float
    number: int
    state: States = field(compare=False)
    lam: Floats = field(compare=False)


def search(task: Task, *, deadline: float) -> Search:
    """The best set, with its bound, when proven or at ``deadline`` (of ``time.perf_counter``)."""
    is_open = greedy(task.near, task.charge, task.state, task.places)
    interchange(task.near, task.charge, task.state, is_open, _SWAPS)
    found = Search(is_open, _cost(task, is_open))
    near, state, walk = _root(task, found, deadline)
    if found.lower < _goal(task, found.upper):
        root = _Node(found.lower, 0, state, walk.best)
        _branch(task, found, root, near, walk.tried, deadline)
    if task.whole and np.isfinite(found.lower):
        found.lower = float(np.ceil(found.lower - 1e-6))
    found.lower = min(found.lower, found.upper)
    return found


def rough_cost(task: Task) -> float:
    """The cost of a greedy choice, which tells how large costs are."""
    return abs(_cost(task, greedy(task.near, task.charge, task.state, task.places)))


def _goal(task: Task, upper: float) -> float:
    """A bound from which on nothing better can exist."""
    return upper - max(task.tolerance * abs(upper), (1 - 1e-6) if task.whole else 0.0)


def _cost(task: Task, is_open: Bools) -> float:
    n = task.near.none.size
    first, second, by = np.empty(n), np.empty(n), np.empty(n, dtype=np.int64)
    return float(serve(task.near, is_open, first, second, by) + task.charge[is_open].sum())


def _root(task: Task, found: Search, deadline: float) -> tuple[Near, States, Walk]:
    """Raise the bound, try the relaxed sets, and fix sites, until nothing moves."""
    near, state = task.near, task.state.copy()
    n = near.none.size
    first, second, by = np.empty(n), np.empty(n), np.empty(n, dtype=np.int64)
    serve(near, found.is_open, first, second, by)
    walk = begin((first + second) / 2, found.is_open.astype(np.float64), _FIRST_STEP)
    short = _short(near, second)
    rng = np.random.default_rng(_SEED)
    for _ in range(_CHUNKS):
        goal = _goal(task, found.upper)
        bound, rho, chosen = ascend(
            short, task.charge, state, task.places, found.upper, walk, goal, _CHUNK, _LEAST_STEP
        )
        _try(task, found, short, chosen)
        _try(task, found, short, _kicked(state, found.is_open, rng))
        found.lower = max(found.lower, bound)
        goal = _goal(task, found.upper)
        if _fix(state, rho, bound, goal, task.places):
            near = Near(*shorten(near, state))
            np.minimum(walk.now, near.none, out=walk.now)
            np.minimum(walk.best, near.none, out=walk.best)
        short = _short(near, np.maximum(walk.now, walk.best))
        done = found.lower >= goal or walk.memo[0] < _LEAST_STEP or _settled(state, task.places)
        if done or time.perf_counter() > deadline:
            break
    return near, state, walk


def _short(near: Near, limit: Floats) -> Near:
    """Lists that reach well beyond ``limit``: all that a walk near it looks at."""
    return Near(*head(near, _REACH * limit))


def _try(task: Task, found: Search, short: Near, chosen: Bools) -> None:
    """Improve a relaxed set by interchange on short lists, and keep it if it is the best."""
    is_open = chosen.copy()
    interchange(short, task.charge, task.state, is_open, _SWAPS)
    cost = _cost(task, is_open)
    if cost < found.upper:
        interchange(task.near, task.charge, task.state, is_open, _SWAPS)
        found.is_open, found.upper = is_open, _cost(task, is_open)


def _kicked(state: States, is_open: Bools, rng: np.random.Generator) -> Bools:
    """The set with a few of its free sites swapped for others by chance."""
    ours, others = (
        np.flatnonzero(is_open & (state == FREE)),
        np.flatnonzero(~is_open & (state == FREE)),
    )
    count = min(max(2, ours.size // _KICKED), ours.size, others.size)
    kicked = is_open.copy()
    kicked[rng.choice(ours, count, replace=False)] = False
    kicked[rng.choice(others, count, replace=False)] = True
    return kicked


def _fix(state: States, rho: Floats, bound: float, goal: float, places: int) -> bool:
    """Open or shut the free sites that every better set has or has not; whether any was."""
    free = np.flatnonzero(state == FREE)
    left = places - int((state == OPEN).sum())
    if left <= 0 or left >= free.size:
        return False
    order = free[np.argsort(rho[free], kind="stable")]
    taken, rest = order[:left], order[left:]
    must = taken[bound + rho[rest[0]] - rho[taken] >= goal]
    never = rest[bound + rho[rest] - rho[taken[-1]] >= goal]
    state[must], state[never] = OPEN, SHUT
    return bool(must.size or never.size)


def _settled(state: States, places: int) -> bool:
    """Only one set is left."""
    left = places - int((state == OPEN).sum())
    return left <= 0 or left >= int((state == FREE).sum())


def _branch(
    task: Task, found: Search, root: _Node, near: Near, tried: Floats, deadline: float
) -> None:
    """Open or shut one site at a time, most promising branch first."""
    heap, numbers = [root], itertools.count(1)
    while heap:
        if heap[0].bound >= _goal(task, found.upper):
            found.lower = found.upper
            return
        if time.perf_counter() > deadline:
            found.lower = max(found.lower, heap[0].bound)
            return
        node = heapq.heappop(heap)
        found.nodes += 1
        for child in _children(task, found, node, near, tried):
            child.number = next(numbers)
            heapq.heappush(heap, child)
    found.lower = found.upper


def _children(task: Task, found: Search, node: _Node, near: Near, tried: Floats) -> list[_Node]:
    """Bound a node; nothing if it is settled or cannot hold a better set, else its two halves."""
    state, lam = node.state, node.lam.copy()
    if _settled(state, task.places):
        _leaf(task, found, state)
        return []
    near = Near(*shorten(near, state))
    lam = np.minimum(lam, near.none)
    goal = _goal(task, found.upper)
    short = _short(near, lam)
    walk = begin(lam, tried, _NODE_STEP)
    bound, rho, chosen = ascend(
        short, task.charge, state, task.places, found.upper, walk, goal, _NODE_ROUNDS, _LEAST_STEP
    )
    bound = max(bound, node.bound)
    _try(task, found, short, chosen)
    goal = _goal(task, found.upper)
    if bound >= goal:
        return []
    state = state.copy()
    _fix(state, rho, bound, goal, task.places)
    if _settled(state, task.places):
        _leaf(task, found, state)
        return []
    free = np.flatnonzero(state == FREE)
    site = free[np.argmin(np.abs(walk.tried[free] - 0.5))]
    halves = []
    for way in (OPEN, SHUT):
        half = state.copy()
        half[site] = way
        halves.append(_Node(bound, 0, half, walk.best))
    return halves


def _leaf(task: Task, found: Search, state: States) -> None:
    """The only set that is left: its OPEN sites, and all free ones if places are left."""
    is_open = state == OPEN
    left = task.places - int(is_open.sum())
    if left < 0 or left > int((state == FREE).sum()):
        return
    if left:
        is_open = is_open | (state == FREE)
    cost = _cost(task, is_open)
    if cost < found.upper:
        found.is_open, found.upper = is_open, cost


@dataclass(frozen=True)
class Alternatives:
    """What each open site is worth.

    Attributes
    ----------
    sites
        The open sites, ascending.
    drop
        How much more it would cost without the site.
    replace
        How much more it would cost with the best other site in its place; NaN if there is none.
    by
        That other site, -1 if there is none.
    """

    sites: Ints
    drop: Floats
    replace: Floats
    by: Ints


def alternatives(task: Task, is_open: Bools) -> Alternatives:
    """What it would cost to drop or replace each site of a set."""
    sites = np.flatnonzero(is_open)
    m = task.charge.size
    place = np.full(m, -1, dtype=np.int64)
    place[sites] = np.arange(sites.size)
    gain, extra, loss = np.empty(m), np.empty((m, sites.size)), np.empty(sites.size)
    gains(task.near, is_open, place, gain, extra, loss)
    drop = loss - task.charge[sites]
    others = np.flatnonzero(~is_open & (task.state == FREE))
    if not others.size:
        nobody = np.full(sites.size, -1, dtype=np.int64)
        return Alternatives(sites, drop, np.full(sites.size, np.nan), nobody)
    change = drop[None, :] + (task.charge - gain)[others, None] - extra[others]
    best = change.argmin(axis=0)
    return Alternatives(sites, drop, change[best, np.arange(sites.size)], others[best])
