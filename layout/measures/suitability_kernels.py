"""Kernels of :mod:`layout.measures.suitability`: one criterion into a block, ordering of a block.

Comparisons with NaN are false, so that NaN passes through every clip. No fast-math: it may assume
that there is no NaN.
"""

from __future__ import annotations

import math

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def add_scores(block, values, weight, code, first, second, edges, scores):  # type: ignore[no-untyped-def]
    """Add ``weight`` times the scores of ``values`` to ``block``."""
    w, a, b = np.float32(weight), np.float32(first), np.float32(second)
    zero, one = np.float32(0), np.float32(1)
    if code == 0:
        for i in range(block.size):
            block[i] += w * values[i]
    elif code == 1:
        for i in range(block.size):
            v = (values[i] - a) * b
            v = zero if v < zero else v
            v = one if v > one else v
            block[i] += w * v
    else:
        for i in range(block.size):
            block[i] += w * _one(values[i], code, a, b, edges, scores)


@numba.njit(cache=True, nogil=True)
def fill_scores(block, values, code, first, second, edges, scores):  # type: ignore[no-untyped-def]
    """Write the scores of ``values`` into ``block``."""
    a, b = np.float32(first), np.float32(second)
    zero, one = np.float32(0), np.float32(1)
    if code == 0:
        for i in range(block.size):
            block[i] = values[i]
    elif code == 1:
        for i in range(block.size):
            v = (values[i] - a) * b
            v = zero if v < zero else v
            block[i] = one if v > one else v
    else:
        for i in range(block.size):
            block[i] = _one(values[i], code, a, b, edges, scores)


@numba.njit(cache=True, nogil=True)
def _one(value, code, a, b, edges, scores):  # type: ignore[no-untyped-def]
    if code == 2:
        return np.float32(1.0 / (1.0 + math.exp(-(value - a) * b)))
    if code == 3:
        return np.float32(math.exp(-b * (value - a) * (value - a)))
    if value != value:
        return value
    at = 0
    while at < edges.size and value >= edges[at]:
        at += 1
    return scores[at]


@numba.njit(cache=True, nogil=True)
def order_block(block, scores, weights, order):  # type: ignore[no-untyped-def]
    """Ordered weighted average of each column of ``scores`` into ``block``."""
    count = scores.shape[0]
    value = np.empty(count, np.float64)
    share = np.empty(count, np.float64)
    for i in range(block.size):
        missing = False
        for k in range(count):
            v, w = np.float64(scores[k, i]), weights[k]
            missing |= v != v
            at = k
            while at > 0 and value[at - 1] < v:
                value[at], share[at] = value[at - 1], share[at - 1]
                at -= 1
            value[at], share[at] = v, w
        top = bottom = 0.0
        for k in range(count):
            top += order[k] * share[k] * value[k]
            bottom += order[k] * share[k]
        block[i] = np.nan if missing or bottom <= 0 else top / bottom


@numba.njit(cache=True, nogil=True)
def histogram(scores, bins, counts):  # type: ignore[no-untyped-def]
    """Count scores (0 to 1) in even bins; NaN is in none."""
    scale = np.float32(bins)
    top = bins - 1
    for i in range(scores.size):
        v = scores[i] * scale
        if v == v:
            counts[min(max(np.int64(v), 0), top)] += 1


@numba.njit(cache=True, nogil=True)
def gather_bin(scores, bins, wanted, found):  # type: ignore[no-untyped-def]
    """Scores that lie in bin ``wanted``; returns how many."""
    scale = np.float32(bins)
    top = bins - 1
    n = 0
    for i in range(scores.size):
        v = scores[i] * scale
        if v == v and min(max(np.int64(v), 0), top) == wanted:
            found[n] = scores[i]
            n += 1
    return n


@numba.njit(cache=True, nogil=True)
def count_at_least(scores, threshold, counts):  # type: ignore[no-untyped-def]
    """Add one wherever a score reaches the threshold."""
    for i in range(scores.size):
        counts[i] += np.uint16(scores[i] >= threshold)
