"""Cover sets: which sites reach each demand, made smaller without losing the optimum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from layout.measures.location_highs import Program, rows_of, solve
from layout.measures.location_kernels import Floats, Ints, Near, ascend, begin
from layout.measures.location_weighting import fewest

Bools = npt.NDArray[np.bool_]

_ROUNDS: Final = 2500
_EXCHANGES: Final = 100_000
_SEED: Final = 1


class Lists(NamedTuple):
    """Ascending numbers in compressed rows."""

    start: Ints
    item: Ints


def lists_of(mask: Bools) -> Lists:
    """The true columns of every row."""
    row, column = np.nonzero(mask)
    counts = np.bincount(row, minlength=len(mask))
    return Lists(np.append(0, np.cumsum(counts)), column)


def turned(lists: Lists, size: int) -> Lists:
    """The rows of every column."""
    rows = np.repeat(np.arange(lists.start.size - 1), np.diff(lists.start))
    order = np.argsort(lists.item, kind="stable")
    counts = np.bincount(lists.item, minlength=size)
    return Lists(np.append(0, np.cumsum(counts)), rows[order])


def kept(lists: Lists, rows: Bools, columns: Bools) -> Lists:
    """The lists with only some rows (renumbered) and some columns (not renumbered)."""
    owner = np.repeat(np.arange(rows.size), np.diff(lists.start))
    keep = rows[owner] & columns[lists.item]
    counts = np.bincount(owner[keep], minlength=rows.size)[rows]
    return Lists(np.append(0, np.cumsum(counts)), lists.item[keep])


@numba.njit(cache=True, nogil=True)
def _within(a, b):  # type: ignore[no-untyped-def]
    """Whether ascending ``a`` is part of ascending ``b``."""
    k = 0
    for value in a:
        while k < b.size and b[k] < value:
            k += 1
        if k == b.size or b[k] != value:
            return False
        k += 1
    return True


@numba.njit(cache=True, nogil=True)
def implied(lists, order, size):  # type: ignore[no-untyped-def]
    """Which rows hold all of an earlier row (in ``order``, shortest first): they add nothing."""
    rows = order.size
    out = np.zeros(rows, dtype=np.bool_)
    first = np.full(size, -1, dtype=np.int64)
    following = np.full(rows, -1, dtype=np.int64)
    load = np.zeros(size, dtype=np.int64)
    for i in order:
        mine = lists.item[lists.start[i] : lists.start[i + 1]]
        for j in mine:
            k = first[j]
            while k >= 0 and not out[i]:
                if _within(lists.item[lists.start[k] : lists.start[k + 1]], mine):
                    out[i] = True
                k = following[k]
            if out[i]:
                break
        if out[i] or mine.size == 0:
            continue
        anchor = mine[0]
        for j in mine:
            if load[j] < load[anchor]:
                anchor = j
        following[i], first[anchor] = first[anchor], i
        load[anchor] += 1
    return out


@numba.njit(cache=True, nogil=True)
def outdone(rows, columns, free):  # type: ignore[no-untyped-def]
    """Which free columns serve no row that some other free column of theirs does not serve."""
    m = columns.start.size - 1
    out = np.zeros(m, dtype=np.bool_)
    for j in range(m):
        begin, end = columns.start[j], columns.start[j + 1]
        if not free[j]:
            continue
        if begin == end:
            out[j] = True
            continue
        rarest = columns.item[begin]
        for k in range(begin, end):
            i = columns.item[k]
            if rows.start[i + 1] - rows.start[i] < rows.start[rarest + 1] - rows.start[rarest]:
                rarest = i
        mine = columns.item[begin:end]
        for k in range(rows.start[rarest], rows.start[rarest + 1]):
            other = rows.item[k]
            if other == j or out[other]:
                continue
            theirs = columns.item[columns.start[other] : columns.start[other + 1]]
            if _within(mine, theirs):
                out[j] = True
                break
    return out


def reduced(lists: Lists, size: int, free: Bools) -> tuple[Lists, Bools]:
    """Rows that imply the rest, and the columns that are worth choosing.

    Parameters
    ----------
    lists
        Columns that serve each row.
    size
        Number of columns.
    free
        Columns that may be struck out because another one does as well.
    """
    columns = np.ones(size, dtype=np.bool_)
    while True:
        order = np.argsort(np.diff(lists.start), kind="stable")
        out = implied(lists, order, size)
        lists = kept(lists, ~out, columns)
        idle = outdone(lists, turned(lists, size), free & columns)
        idle &= columns
        if not idle.any():
            return lists, columns
        columns &= ~idle
        lists = kept(lists, np.ones(lists.start.size - 1, dtype=np.bool_), columns)


@numba.njit(cache=True, nogil=True)
def greedy_cover(rows, columns, price):  # type: ignore[no-untyped-def]
    """Choose the column that serves most unserved rows for its price, until all are served."""
    n, m = rows.start.size - 1, columns.start.size - 1
    served = np.zeros(n, dtype=np.int64)
    fresh = np.diff(columns.start).astype(np.int64)
    chosen = np.zeros(m, dtype=np.bool_)
    left = n
    while left > 0:
        best, score = -1, 0.0
        for j in range(m):
            if not chosen[j] and fresh[j] > 0 and fresh[j] / price[j] > score:
                best, score = j, fresh[j] / price[j]
        chosen[best] = True
        for k in range(columns.start[best], columns.start[best + 1]):
            i = columns.item[k]
            served[i] += 1
            if served[i] == 1:
                left -= 1
                for q in range(rows.start[i], rows.start[i + 1]):
                    fresh[rows.item[q]] -= 1
    for j in np.flatnonzero(chosen)[np.argsort(-price[chosen])]:
        spare = True
        for k in range(columns.start[j], columns.start[j + 1]):
            spare = spare and served[columns.item[k]] > 1
        if spare:
            chosen[j] = False
            served[columns.item[columns.start[j] : columns.start[j + 1]]] -= 1
    return chosen


def cover_program(lists: Lists, price: Floats, times: Floats, places: int | None) -> Program:
    """Choose columns of least price that serve every row so many times, with ``places`` at most."""
    m = price.size
    rows = (lists.start, lists.item, np.ones(lists.item.size))
    low, high = times, np.full(times.size, np.inf)
    if places is not None:
        rows = rows_of(rows, (np.array([0, m]), np.arange(m), np.ones(m)))
        low, high = np.append(low, 0.0), np.append(high, float(places))
    return Program(
        cost=price,
        low=np.zeros(m),
        high=np.ones(m),
        integer=np.ones(m, dtype=np.bool_),
        row_low=low,
        row_high=high,
        start=rows[0],
        index=rows[1],
        value=rows[2],
    )


@dataclass(frozen=True)
class Cover:
    """A choice of columns that serves all rows.

    Attributes
    ----------
    chosen
        The columns, None where none were found.
    bound
        No cover costs less; infinite where there is none (of so few columns).
    """

    chosen: Bools | None
    bound: float


def least_cover(
    lists: Lists,
    price: Floats,
    *,
    deadline: float,
    times: Floats | None = None,
    places: int | None = None,
) -> Cover:
    """The cheapest columns that serve every row: search and bound first, then HiGHS.

    Parameters
    ----------
    lists
        Columns that serve each row; none may be empty.
    price
        Price of each column, above zero.
    deadline
        When to stop with the best so far.
    times
        How often each row must be served; None: once.
    places
        The most columns there may be; None: any number. Any cover of so few will do.
    """
    m = price.size
    columns = np.ones(m, dtype=np.bool_)
    start, bound = None, 0.0
    if times is None:
        lists, columns = reduced(lists, m, np.full(m, bool((price == price[0]).all())))
    numbers = np.flatnonzero(columns)
    small = Lists(lists.start, (np.cumsum(columns) - 1)[lists.item])
    cost = price[numbers]
    if times is None:
        start, bound = quick_cover(small, cost)
    if start is not None and _settled(start, cost, bound, places):
        enough = places is None or start.sum() <= places
        return Cover(_spread(start, numbers, m) if enough else None, bound)
    often = np.ones(small.start.size - 1) if times is None else times
    program = cover_program(small, cost, often, places)
    known = start if start is None or places is None else None
    solved = solve(
        program, deadline=deadline, start=None if known is None else known.astype(np.float64)
    )
    bound = max(bound, solved.bound)
    if solved.values is not None:
        found = solved.values > 0.5
        if start is None or places is not None or cost[found].sum() < cost[start].sum():
            start = found
    elif places is not None:
        start = None
    return Cover(None if start is None else _spread(start, numbers, m), bound)


def _settled(start: Bools, price: Floats, bound: float, places: int | None) -> bool:
    """Nothing cheaper can exist; or, with so many places, whether there is one is known."""
    if places is not None:
        return bool(start.sum() <= places) or bound > places + 1e-6
    least = 1 - 1e-6 if bool((price == 1).all()) else 1e-9
    return bool(price[start].sum() - bound < least)


def _spread(start: Bools, numbers: Ints, size: int) -> Bools:
    chosen = np.zeros(size, dtype=np.bool_)
    chosen[numbers[start]] = True
    return chosen


def quick_cover(lists: Lists, price: Floats) -> tuple[Bools, float]:
    """A good cover and a lower bound: greedy, row-weighting search, Lagrangian bound."""
    m, n = price.size, lists.start.size - 1
    columns = turned(lists, m)
    chosen: Bools = greedy_cover(lists, columns, price)
    if bool((price == price[0]).all()) and n > 1:
        chosen = fewest(lists, columns, chosen, min(_EXCHANGES, 200 * m), _SEED)
    item = lists.item.astype(np.int32)
    near = Near(lists.start, item, np.zeros(item.size), np.full(n, price.max()))
    count = np.diff(lists.start).astype(np.float64)
    upper = float(price[chosen].sum())
    walk = begin(price.max() / count, chosen.astype(np.float64), 1.0)
    free = np.zeros(m, dtype=np.int8)
    goal = upper - (1 - 2e-6 if bool((price == 1).all()) else 1e-9)
    ascend(near, price, free, -1, upper, walk, goal, _ROUNDS, 1e-4)
    return chosen, float(walk.memo[2])
