"""Kernels of the capacitated p-median: assignment within capacities, and a Lagrangian bound."""

from __future__ import annotations

from typing import Final

import numba
import numpy as np

_SLACK: Final = 1e-9
_MOMENTUM: Final = 0.7


@numba.njit(cache=True, nogil=True)
def assign(cost, weights, room, order):  # type: ignore[no-untyped-def]
    """Give each demand, in ``order``, the cheapest site that has room; move one where none has.

    Parameters
    ----------
    cost
        Weighted cost, demand × sites.
    weights, room
        Weight of each demand, capacity of each site.

    Returns
    -------
    tuple
        Column of every demand (-1 where none has room) and what is left of each capacity.
    """
    n, k = cost.shape
    taken, left = np.full(n, -1, dtype=np.int64), room.copy()
    for i in order:
        best = -1
        for r in range(k):
            fits = left[r] >= weights[i] - _SLACK * room[r]
            if fits and (best < 0 or cost[i, r] < cost[i, best]):
                best = r
        if best < 0:
            best = _make_room(cost, weights, room, taken, left, i)
        if best >= 0:
            taken[i] = best
            left[best] -= weights[i]
    return taken, left


@numba.njit(cache=True, nogil=True)
def _make_room(cost, weights, room, taken, left, i):  # type: ignore[no-untyped-def]
    """Move the demand that lets ``i`` in at least cost; the site that then has room, or -1."""
    n, k = cost.shape
    least, who, into = np.inf, -1, -1
    for other in range(n):
        r = taken[other]
        if r < 0 or left[r] + weights[other] < weights[i] - _SLACK * room[r]:
            continue
        for s in range(k):
            if s != r and left[s] >= weights[other] - _SLACK * room[s]:
                change = cost[other, s] - cost[other, r] + cost[i, r]
                if change < least:
                    least, who, into = change, other, s
    if who < 0:
        return -1
    r = taken[who]
    taken[who] = into
    left[r] += weights[who]
    left[into] -= weights[who]
    return r


@numba.njit(cache=True, nogil=True)
def polish(cost, weights, room, taken, left, rounds):  # type: ignore[no-untyped-def]
    """Move single demand, and swap pairs, while that saves; ``taken`` and ``left`` are changed."""
    n, k = cost.shape
    for _ in range(rounds):
        moved = False
        for i in range(n):
            r = taken[i]
            for s in range(k):
                fits = left[s] >= weights[i] - _SLACK * room[s]
                if s != r and fits and cost[i, s] < cost[i, r] - 1e-12:
                    left[r] += weights[i]
                    left[s] -= weights[i]
                    taken[i], r, moved = s, s, True
        for i in range(n):
            for other in range(i):
                r, s = taken[i], taken[other]
                if r == s:
                    continue
                saved = cost[i, r] + cost[other, s] - cost[i, s] - cost[other, r]
                more = weights[i] - weights[other]
                if (
                    saved > 1e-12 * (cost[i, r] + cost[other, s])
                    and left[s] >= more - _SLACK * room[s]
                    and left[r] >= -more - _SLACK * room[r]
                ):
                    left[s] -= more
                    left[r] += more
                    taken[i], taken[other], moved = s, r, True
        if not moved:
            return


@numba.njit(cache=True, nogil=True)
def knapsacks(cost, weights, room, price, state, places, bonus, served):  # type: ignore[no-untyped-def]
    """The bound when every demand pays ``price`` (a unit of weight) to be served.

    Each site fills its capacity with what pays more than it costs (the last in part); the sites
    that gain most are open. ``served`` is set to how much of each demand they serve.
    """
    n, m = cost.shape
    gain, chosen = -bonus, np.zeros(m, dtype=np.bool_)
    for j in range(m):
        if state[j] >= 0:
            gain[j] += _fill(cost[:, j], weights, room[j], price, served, False)
    total, left = 0.0, places
    for j in range(m):
        if state[j] == 1:
            chosen[j], left = True, left - 1
    free = np.flatnonzero(state == 0)
    chosen[free[np.argsort(gain[free])[:left]]] = True
    served[:] = 0.0
    for j in range(m):
        if not chosen[j]:
            continue
        total += gain[j]
        _fill(cost[:, j], weights, room[j], price, served, True)
    for i in range(n):
        total += weights[i] * price[i]
    return total


@numba.njit(cache=True, nogil=True)
def _fill(cost, weights, room, price, served, keep):  # type: ignore[no-untyped-def]
    """What a site gains (below zero) with its capacity, filled with what pays best."""
    pays = np.flatnonzero((cost < price) & (weights > 0) & (weights <= room * (1 + _SLACK)))
    total, left = 0.0, room
    for i in pays[np.argsort(cost[pays] - price[pays])]:
        part = min(1.0, left / weights[i])
        total += part * weights[i] * (cost[i] - price[i])
        if keep:
            served[i] += part
        left -= part * weights[i]
        if left <= 0:
            break
    return total


@numba.njit(cache=True, nogil=True)
def step_prices(price, weights, served, direction, distance, most):  # type: ignore[no-untyped-def]
    """One deflected subgradient step of the prices; False where each demand is served once."""
    size = plain = 0.0
    for i in range(price.size):
        short = 1.0 - served[i]
        plain += weights[i] * short * short
        direction[i] = short + _MOMENTUM * direction[i]
        size += weights[i] * direction[i] * direction[i]
    if plain <= 1e-18 or size == 0.0:
        return False
    for i in range(price.size):
        price[i] = min(max(price[i] + distance * direction[i] / size, 0.0), most)
    return True
