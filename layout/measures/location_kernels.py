"""Kernels of the exact location models: Lagrangian bound, interchange, greedy start.

All work on near lists (:class:`Near`): for every demand the sites that may serve it, nearest
first, and what it costs if none of them is open. The p-median has full lists; maximal covering has
the sites within reach at cost 0 and the demand's weight as the cost of none.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
States = npt.NDArray[np.int8]

FREE: Final = 0
OPEN: Final = 1
SHUT: Final = -1

_MOMENTUM: Final = 0.7
_STALLS: Final = 20
_MEMORY: Final = 0.9


class Near(NamedTuple):
    """Sites of every demand, nearest first.

    Attributes
    ----------
    start
        Where each demand begins, one more than demands.
    site
        Sites of all demands, one list.
    cost
        Weighted cost of each, ascending within a demand.
    none
        Cost of every demand if none of its sites is open; at least the last cost of its list.
    """

    start: Ints
    site: npt.NDArray[np.int32]
    cost: Floats
    none: Floats


class Walk(NamedTuple):
    """A walk through the multipliers, changed as it goes.

    Attributes
    ----------
    now, best
        Multipliers of every demand: where it stands, and where the bound was highest.
    direction
        Of the last step.
    tried
        How often a site was among the chosen of late, 0 to 1.
    memo
        Relative length of the next step, rounds without progress, highest bound.
    """

    now: Floats
    best: Floats
    direction: Floats
    tried: Floats
    memo: Floats


def begin(lam: Floats, tried: Floats, step: float) -> Walk:
    """A walk from ``lam``."""
    memo = np.array([step, 0.0, -np.inf])
    return Walk(lam.copy(), lam.copy(), np.zeros_like(lam), tried.copy(), memo)


@numba.njit(cache=True, nogil=True)
def ascend(near, charge, state, places, upper, walk, goal, rounds, least):  # type: ignore[no-untyped-def]
    """Raise the Lagrangian bound by a deflected subgradient, from where the walk stands.

    Parameters
    ----------
    near, charge, state
        The problem: lists, cost of opening a site, FREE, OPEN or SHUT of every site.
    places
        Sites that are to be open.
    upper
        Cost of the best set so far, which scales the step.
    walk
        Where the walk stands; its arrays are changed.
    goal
        Bound at which to stop.
    rounds, least
        Rounds, and the smallest step.

    Returns
    -------
    tuple
        The bound, the reduced cost of every site at it, and the chosen sites of the last round.
    """
    m = charge.size
    lam, direction = walk.now, walk.direction
    rho, chosen = np.empty(m), np.zeros(m, dtype=np.bool_)
    best, best_rho = -np.inf, np.empty(m)
    before = walk.memo[2]
    for _ in range(rounds):
        _reduced(near, charge, lam, rho)
        bound = _choose(rho, state, places, chosen) + lam.sum()
        for j in range(m):
            walk.tried[j] = _MEMORY * walk.tried[j] + ((1 - _MEMORY) if chosen[j] else 0.0)
        walk.memo[1] += 1
        if bound > best:
            best, best_rho[:] = bound, rho
        if bound > before:
            if bound > before + 1e-6 * abs(before):
                walk.memo[1] = 0
            before, walk.best[:] = bound, lam
        if best >= goal or walk.memo[0] < least:
            break
        if walk.memo[1] >= _STALLS:
            walk.memo[0], walk.memo[1] = walk.memo[0] / 2, 0
            lam[:] = walk.best
            direction[:] = 0.0
            continue
        if not _move(near, chosen, upper - bound, walk.memo[0], lam, direction):
            break
    walk.memo[2] = before
    return best, best_rho, chosen


@numba.njit(cache=True, nogil=True)
def _reduced(near, charge, lam, rho):  # type: ignore[no-untyped-def]
    """Cost of opening each site when every demand pays its multiplier to be served."""
    rho[:] = charge
    for i in range(lam.size):
        pays = lam[i]
        for k in range(near.start[i], near.start[i + 1]):
            if near.cost[k] >= pays:
                break
            rho[near.site[k]] += near.cost[k] - pays


@numba.njit(cache=True, nogil=True)
def _choose(rho, state, places, chosen):  # type: ignore[no-untyped-def]
    """Choose the sites of least reduced cost (below zero if ``places`` is); the sum of costs."""
    total, left = 0.0, places
    for j in range(rho.size):
        chosen[j] = state[j] == 1
        if chosen[j]:
            total += rho[j]
            left -= 1
    if left <= 0 and places >= 0:
        return total
    free = np.flatnonzero((state == 0) & ((places >= 0) | (rho < 0)))
    if places >= 0 and left < free.size:
        free = free[np.argsort(rho[free])[:left]]
    chosen[free] = True
    return total + rho[free].sum()


@numba.njit(cache=True, nogil=True)
def _move(near, chosen, distance, step, lam, direction):  # type: ignore[no-untyped-def]
    """One deflected step; False where the relaxed set serves every demand exactly once."""
    size = 0.0
    plain = 0.0
    for i in range(lam.size):
        served = 0
        for k in range(near.start[i], near.start[i + 1]):
            if near.cost[k] >= lam[i]:
                break
            if chosen[near.site[k]]:
                served += 1
        gradient = 1.0 - served
        if gradient > 0 and lam[i] >= near.none[i]:
            gradient = 0.0
        plain += gradient * gradient
        direction[i] = gradient + _MOMENTUM * direction[i]
        size += direction[i] * direction[i]
    if plain == 0.0 or size == 0.0:
        return False
    length = step * max(distance, 1e-9 * abs(distance) + 1e-12) / size
    for i in range(lam.size):
        lam[i] = min(max(lam[i] + length * direction[i], 0.0), near.none[i])
    return True


@numba.njit(cache=True, nogil=True)
def serve(near, is_open, first, second, by):  # type: ignore[no-untyped-def]
    """Cost of the nearest and of the second nearest open site of every demand, and the nearest.

    Where there is none the cost is that of none, and ``by`` is -1. Returns the sum of the first.
    """
    total = 0.0
    for i in range(near.none.size):
        first[i], second[i], by[i] = near.none[i], near.none[i], -1
        for k in range(near.start[i], near.start[i + 1]):
            if is_open[near.site[k]]:
                if by[i] < 0:
                    by[i], first[i] = near.site[k], near.cost[k]
                else:
                    second[i] = near.cost[k]
                    break
        total += first[i]
    return total


@numba.njit(cache=True, nogil=True)
def gains(near, is_open, place, gain, extra, loss):  # type: ignore[no-untyped-def]
    """What opening a site saves, what closing one costs, and what both together save beyond that.

    ``place`` numbers the open sites; ``extra[j, r]`` is for opening j and closing number r
    (Resende and Werneck).
    """
    gain[:], extra[:], loss[:] = 0.0, 0.0, 0.0
    for i in range(near.none.size):
        _gain_of(near, is_open, place, i, 1.0, gain, extra, loss)


@numba.njit(cache=True, nogil=True)
def _gain_of(near, is_open, place, i, sign, gain, extra, loss):  # type: ignore[no-untyped-def]
    """Add (or take off) what one demand gives to the gains."""
    begin, end = near.start[i], near.start[i + 1]
    at = begin
    while at < end and not is_open[near.site[at]]:
        at += 1
    if at == end:
        for k in range(begin, end):
            gain[near.site[k]] += sign * (near.none[i] - near.cost[k])
        return
    r, first = place[near.site[at]], near.cost[at]
    stop = at + 1
    while stop < end and not is_open[near.site[stop]]:
        stop += 1
    second = near.cost[stop] if stop < end else near.none[i]
    loss[r] += sign * (second - first)
    for k in range(begin, at):
        gain[near.site[k]] += sign * (first - near.cost[k])
        extra[near.site[k], r] += sign * (second - first)
    for k in range(at + 1, stop):
        extra[near.site[k], r] += sign * (second - near.cost[k])


@numba.njit(cache=True, nogil=True)
def _rows_of_sites(near, m):  # type: ignore[no-untyped-def]
    """The demand that has each site in its list."""
    start = np.zeros(m + 1, dtype=np.int64)
    for j in near.site:
        start[j + 1] += 1
    for j in range(m):
        start[j + 1] += start[j]
    at, row = start[:-1].copy(), np.empty(near.site.size, dtype=np.int32)
    for i in range(near.none.size):
        for k in range(near.start[i], near.start[i + 1]):
            row[at[near.site[k]]] = i
            at[near.site[k]] += 1
    return start, row


@numba.njit(cache=True, nogil=True)
def _best_swap(charge, state, is_open, opened, gain, extra, loss):  # type: ignore[no-untyped-def]
    """The swap that saves most: change of cost, site in, number of the site out."""
    best, into, out = 0.0, -1, -1
    for j in range(charge.size):
        if is_open[j] or state[j] != 0:
            continue
        for r in range(opened.size):
            if state[opened[r]] == 1:
                continue
            change = loss[r] - gain[j] - extra[j, r] + charge[j] - charge[opened[r]]
            if change < best:
                best, into, out = change, j, r
    return best, into, out


@numba.njit(cache=True, nogil=True)
def interchange(near, charge, state, is_open, swaps):  # type: ignore[no-untyped-def]
    """Swap an open site for a closed one, best swap first, until none helps; the number of swaps.

    ``is_open`` is changed; OPEN sites stay and SHUT ones are not opened. Only demand that has one
    of the two sites in its list changes its gains.
    """
    m = charge.size
    opened = np.flatnonzero(is_open)
    place = np.full(m, -1, dtype=np.int64)
    place[opened] = np.arange(opened.size)
    gain, loss = np.empty(m), np.empty(opened.size)
    extra = np.empty((m, opened.size))
    start, row = _rows_of_sites(near, m)
    mark = np.full(near.none.size, -1, dtype=np.int64)
    gains(near, is_open, place, gain, extra, loss)
    exact, done = True, 0
    while done < swaps:
        best, into, out = _best_swap(charge, state, is_open, opened, gain, extra, loss)
        if into < 0 or best > -1e-10 * (np.abs(loss).sum() + 1e-300):
            if exact:
                break
            gains(near, is_open, place, gain, extra, loss)  # sums without rounding
            exact = True
            continue
        left = opened[out]
        for pair in range(2):
            j = left if pair == 0 else into
            for k in range(start[j], start[j + 1]):
                if mark[row[k]] != done:
                    mark[row[k]] = done
                    _gain_of(near, is_open, place, row[k], -1.0, gain, extra, loss)
        is_open[left], is_open[into] = False, True
        place[left], place[into], opened[out] = -1, out, into
        for pair in range(2):
            j = left if pair == 0 else into
            for k in range(start[j], start[j + 1]):
                if mark[row[k]] == done:
                    mark[row[k]] = -1
                    _gain_of(near, is_open, place, row[k], 1.0, gain, extra, loss)
        exact = False
        done += 1
    return done


@numba.njit(cache=True, nogil=True)
def greedy(near, charge, state, places):  # type: ignore[no-untyped-def]
    """Open one site after another, each the one that saves most; OPEN ones first."""
    m, n = charge.size, near.none.size
    is_open = state == 1
    now = np.empty(n)
    for i in range(n):
        now[i] = near.none[i]
        for k in range(near.start[i], near.start[i + 1]):
            if is_open[near.site[k]]:
                now[i] = near.cost[k]
                break
    gain = np.empty(m)
    for _ in range(places - is_open.sum()):
        gain[:] = -charge
        for i in range(n):
            for k in range(near.start[i], near.start[i + 1]):
                if near.cost[k] >= now[i]:
                    break
                gain[near.site[k]] += now[i] - near.cost[k]
        best = -1
        for j in range(m):
            if not is_open[j] and state[j] == 0 and (best < 0 or gain[j] > gain[best]):
                best = j
        is_open[best] = True
        for i in range(n):
            for k in range(near.start[i], near.start[i + 1]):
                if near.cost[k] >= now[i]:
                    break
                if near.site[k] == best:
                    now[i] = near.cost[k]
                    break
    return is_open


@numba.njit(cache=True, nogil=True)
def shorten(near, state):  # type: ignore[no-untyped-def]
    """The lists without SHUT sites and without what lies beyond an OPEN one."""
    n = near.none.size
    start, none = np.zeros(n + 1, dtype=np.int64), near.none.copy()
    site, cost = np.empty_like(near.site), np.empty_like(near.cost)
    at = 0
    for i in range(n):
        for k in range(near.start[i], near.start[i + 1]):
            j = near.site[k]
            if state[j] == -1:
                continue
            site[at], cost[at] = j, near.cost[k]
            at += 1
            if state[j] == 1:
                none[i] = near.cost[k]
                break
        start[i + 1] = at
    return start, site[:at].copy(), cost[:at].copy(), none


@numba.njit(cache=True, nogil=True)
def head(near, limit):  # type: ignore[no-untyped-def]
    """The lists up to a cost each; what is cut off counts as none, at the first cost cut off.

    A relaxation: no set costs more than by the full lists.
    """
    n = near.none.size
    start, none = np.zeros(n + 1, dtype=np.int64), near.none.copy()
    for i in range(n):
        k, end = near.start[i], near.start[i + 1]
        while k < end and near.cost[k] <= limit[i]:
            k += 1
        start[i + 1] = start[i] + k - near.start[i]
        if k < end:
            none[i] = near.cost[k]
    site = np.empty(start[n], dtype=near.site.dtype)
    cost = np.empty(start[n])
    for i in range(n):
        size, begin = start[i + 1] - start[i], near.start[i]
        site[start[i] : start[i + 1]] = near.site[begin : begin + size]
        cost[start[i] : start[i + 1]] = near.cost[begin : begin + size]
    return start, site, cost, none
