"""Local search for the fewest columns that serve every row, by row weights.

A column is taken out; while rows are unserved, the column that costs least is taken out and one
that serves an unserved row is put in; rows that stay unserved grow heavier, which leads the search
out of local optima.

References
----------
Gao, C., Yao, X., Weise, T., & Li, J. (2015). An efficient local search heuristic with row
weighting for the unicost set covering problem. *European Journal of Operational Research* 246(3),
750–761.
"""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def fewest(rows, columns, chosen, rounds, seed):  # type: ignore[no-untyped-def]
    """The smallest cover found in so many rounds, from one that is given.

    Parameters
    ----------
    rows, columns
        Columns of every row and rows of every column.
    chosen
        A cover.
    rounds, seed
        Exchanges, and the seed of the choice of the row to serve.
    """
    np.random.seed(seed)
    n, m = rows.start.size - 1, columns.start.size - 1
    now, best = chosen.copy(), chosen.copy()
    depth, weight = np.zeros(n, dtype=np.int64), np.ones(n, dtype=np.int64)
    for j in np.flatnonzero(now):
        depth[columns.item[columns.start[j] : columns.start[j + 1]]] += 1
    score, stamp = np.zeros(m, dtype=np.int64), np.zeros(m, dtype=np.int64)
    fresh = np.ones(m, dtype=np.bool_)
    for i in range(n):
        for k in range(rows.start[i], rows.start[i + 1]):
            if now[rows.item[k]] and depth[i] == 1:
                score[rows.item[k]] -= 1
    missing, where = np.empty(n, dtype=np.int64), np.full(n, -1, dtype=np.int64)
    left, last = 0, -1
    for turn in range(rounds):
        while left == 0:
            best[:] = now
            left = _take(rows, columns, now, depth, weight, score, fresh, missing, where, left,
                         _lightest(now, score, stamp, -1))  # fmt: skip
        out = _lightest(now, score, stamp, last)
        if out < 0:
            break
        left = _take(rows, columns, now, depth, weight, score, fresh, missing, where, left, out)
        stamp[out] = turn
        row = missing[np.random.randint(left)]
        into = -1
        for k in range(rows.start[row], rows.start[row + 1]):
            j = rows.item[k]
            if fresh[j] and (into < 0 or score[j] > score[into]
                             or (score[j] == score[into] and stamp[j] < stamp[into])):  # fmt: skip
                into = j
        if into < 0:
            into = rows.item[rows.start[row]]
        left = _put(rows, columns, now, depth, weight, score, fresh, missing, where, left, into)
        stamp[into], last = turn, into
        for q in range(left):
            i = missing[q]
            weight[i] += 1
            for k in range(rows.start[i], rows.start[i + 1]):
                score[rows.item[k]] += 1
    return best


@numba.njit(cache=True, nogil=True)
def _lightest(now, score, stamp, last):  # type: ignore[no-untyped-def]
    """The chosen column whose loss is least, the one longest unmoved first; not the last one."""
    found = -1
    for j in range(now.size):
        if (
            now[j]
            and j != last
            and (
                found < 0
                or score[j] > score[found]
                or (score[j] == score[found] and stamp[j] < stamp[found])
            )
        ):
            found = j
    return found


@numba.njit(cache=True, nogil=True)
def _take(rows, columns, now, depth, weight, score, fresh, missing, where, left, j):  # type: ignore[no-untyped-def]
    """Take a column out; the number of unserved rows."""
    now[j], fresh[j], score[j] = False, False, -score[j]
    for k in range(columns.start[j], columns.start[j + 1]):
        i = columns.item[k]
        depth[i] -= 1
        if depth[i] > 1:
            continue
        for q in range(rows.start[i], rows.start[i + 1]):
            other = rows.item[q]
            if depth[i] == 1:
                if now[other]:
                    score[other] -= weight[i]
            elif other != j:
                score[other] += weight[i]
                fresh[other] = True
        if depth[i] == 0:
            missing[left], where[i] = i, left
            left += 1
    return left


@numba.njit(cache=True, nogil=True)
def _put(rows, columns, now, depth, weight, score, fresh, missing, where, left, j):  # type: ignore[no-untyped-def]
    """Put a column in; the number of unserved rows."""
    now[j], score[j] = True, -score[j]
    for k in range(columns.start[j], columns.start[j + 1]):
        i = columns.item[k]
        depth[i] += 1
        if depth[i] > 2:
            continue
        for q in range(rows.start[i], rows.start[i + 1]):
            other = rows.item[q]
            if other == j:
                continue
            if depth[i] == 1:
                score[other] -= weight[i]
                fresh[other] = True
            elif now[other]:
                score[other] += weight[i]
        if depth[i] == 1:
            left -= 1
            moved = missing[left]
            missing[where[i]], where[moved] = moved, where[i]
    return left
