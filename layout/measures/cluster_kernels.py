"""Clusters of a sector's places on the neighbourhoods of all, compiled."""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def relative_core(start, other, around, k, share, least, quotient, trim):  # type: ignore[no-untyped-def]
    """Cluster of every core place, -1 elsewhere; numbered from 0 by their first place.

    A place with firms of the sector is core if at least ``least`` of them are within reach and
    their share there is at least ``quotient`` times ``share``. Core places within reach are of one
    group; of each group only places stay whose excess over ``share`` is at least ``trim`` of the
    largest in the group, and what is then not within reach any more is another cluster.
    """
    n = k.size
    near = np.zeros(n, dtype=np.int64)
    excess = np.zeros(n)
    group = np.full(n, -1, dtype=np.int64)
    for i in range(n):
        if k[i] == 0:
            continue
        for at in range(start[i], start[i + 1]):
            near[i] += k[other[at]]
        if near[i] >= least and near[i] >= quotient * share * around[i]:
            group[i] = i
            excess[i] = near[i] - share * around[i]
    _join(start, other, group)
    largest = np.zeros(n)
    for i in range(n):
        if group[i] >= 0:
            root = _root(group, i)
            largest[root] = max(largest[root], excess[i])
    kept = np.full(n, -1, dtype=np.int64)
    for i in range(n):
        if group[i] >= 0 and excess[i] >= trim * largest[_root(group, i)]:
            kept[i] = i
    _join(start, other, kept)
    labels = np.full(n, -1, dtype=np.int64)
    number = np.full(n, -1, dtype=np.int64)
    count = 0
    for i in range(n):
        if kept[i] >= 0:
            root = _root(kept, i)
            if number[root] < 0:
                number[root] = count
                count += 1
            labels[i] = number[root]
    return labels


@numba.njit(cache=True, nogil=True)
def _root(parent, i):  # type: ignore[no-untyped-def]
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@numba.njit(cache=True, nogil=True)
def _join(start, other, parent):  # type: ignore[no-untyped-def]
    """Join all places within reach; those with the parent -1 take no part."""
    for i in range(parent.size):
        if parent[i] < 0:
            continue
        for at in range(start[i], start[i + 1]):
            j = other[at]
            if j > i and parent[j] >= 0:
                a, b = _root(parent, i), _root(parent, j)
                if a != b:
                    parent[max(a, b)] = min(a, b)


@numba.njit(cache=True, nogil=True)
def ground(start, other, x, y, labels, margin):  # type: ignore[no-untyped-def]
    """Cluster on whose ground every place lies: that of the nearest member within ``margin``.

    ``labels`` are the clusters of members, -1 elsewhere; of members equally near the first counts.
    """
    n = labels.size
    found = np.full(n, -1, dtype=np.int64)
    nearest = np.full(n, margin * margin)
    for i in range(n):
        if labels[i] < 0:
            continue
        for at in range(start[i], start[i + 1]):
            j = other[at]
            dx, dy = x[j] - x[i], y[j] - y[i]
            d2 = dx * dx + dy * dy
            if d2 < nearest[j] or (d2 == nearest[j] and found[j] < 0):
                found[j], nearest[j] = labels[i], d2
    return found


@numba.njit(cache=True, nogil=True)
def totals(labels, values, count):  # type: ignore[no-untyped-def]
    """Sum of values by label; -1 is left out."""
    sums = np.zeros(count, dtype=np.int64)
    for i in range(labels.size):
        if labels[i] >= 0:
            sums[labels[i]] += values[i]
    return sums


@numba.njit(cache=True, nogil=True)
def drop_small(labels, on, k, least, count):  # type: ignore[no-untyped-def]
    """Take away clusters with fewer than ``least`` firms of the sector on their ground."""
    firms = totals(on, k, count)
    number = np.full(count, -1, dtype=np.int64)
    kept = 0
    for c in range(count):
        if firms[c] >= least:
            number[c] = kept
            kept += 1
    for i in range(labels.size):
        labels[i] = number[labels[i]] if labels[i] >= 0 else -1
        on[i] = number[on[i]] if on[i] >= 0 else -1
