"""Distances between points, compiled: histograms of all pairs, kernel sums, neighbours by ring.

Coordinates are float64 metres. Nothing here checks its input.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_BLOCK: Final = 256  # distances computed before they are sorted into bins
REACH: Final = 2
"""Cells on either side that hold all points within the largest radius."""


@numba.njit(cache=True, nogil=True)
def pair_distances(x, y):  # type: ignore[no-untyped-def]
    """All n(n-1)/2 distances, pairs in lexicographic order."""
    n = x.size
    distances = np.empty(n * (n - 1) // 2)
    at = 0
    for i in range(n):
        for j in range(i + 1, n):
            distances[at] = np.sqrt((x[j] - x[i]) ** 2 + (y[j] - y[i]) ** 2)
            at += 1
    return distances


@numba.njit(cache=True, nogil=True)
def pair_histogram(x, y, cutoff, counts):  # type: ignore[no-untyped-def]
    """Add every pair to the bin of its distance; points in ascending order of ``x``.

    Parameters
    ----------
    cutoff
        Upper end of the bins.
    counts
        int64 or float64 ``(bins + 1,)``, added to; the last takes what is farther, though not all
        of it is counted.
    """
    bins = counts.size - 1
    inverse, buffer = bins / cutoff, np.empty(_BLOCK)
    for i in range(x.size):
        begin = i + 1
        while begin < x.size:
            end = min(begin + _BLOCK, x.size)
            _bin_distances(x[i], y[i], x[begin:end], y[begin:end], inverse, bins, buffer)
            for k in range(end - begin):
                counts[np.int64(buffer[k])] += 1
            if x[end - 1] - x[i] > cutoff:
                break
            begin = end


@numba.njit(cache=True, nogil=True)
def weighted_pair_histogram(x, y, weights, cutoff, counts):  # type: ignore[no-untyped-def]
    """As :func:`pair_histogram`, every pair with the product of its weights."""
    bins = counts.size - 1
    inverse, buffer = bins / cutoff, np.empty(_BLOCK)
    for i in range(x.size):
        begin = i + 1
        while begin < x.size:
            end = min(begin + _BLOCK, x.size)
            _bin_distances(x[i], y[i], x[begin:end], y[begin:end], inverse, bins, buffer)
            for k in range(end - begin):
                counts[np.int64(buffer[k])] += weights[i] * weights[begin + k]
            if x[end - 1] - x[i] > cutoff:
                break
            begin = end


@numba.njit(cache=True, nogil=True)
def cross_histogram(x, y, weights, to_x, to_y, to_weights, cutoff, counts):  # type: ignore[no-untyped-def]
    """Add every pair of a point of the first and one of the second set (that by ascending x)."""
    bins = counts.size - 1
    inverse, buffer = bins / cutoff, np.empty(_BLOCK)
    for i in range(x.size):
        begin = np.searchsorted(to_x, x[i] - cutoff)
        while begin < to_x.size:
            end = min(begin + _BLOCK, to_x.size)
            _bin_distances(x[i], y[i], to_x[begin:end], to_y[begin:end], inverse, bins, buffer)
            for k in range(end - begin):
                counts[np.int64(buffer[k])] += weights[i] * to_weights[begin + k]
            if to_x[end - 1] - x[i] > cutoff:
                break
            begin = end


@numba.njit(cache=True, nogil=True)
def _bin_distances(x0, y0, x, y, inverse, bins, buffer):  # type: ignore[no-untyped-def]
    for k in range(x.size):
        dx, dy = x[k] - x0, y[k] - y0
        buffer[k] = min(np.sqrt(dx * dx + dy * dy) * inverse, bins)


@numba.njit(cache=True, nogil=True)
def kernel_sums(distances, weights, radii, bandwidth):  # type: ignore[no-untyped-def]
    """Gaussian kernel density of weighted distances at the radii, reflected at 0; not divided."""
    sums = np.zeros(radii.size)
    scale = 1.0 / (bandwidth * np.sqrt(2.0 * np.pi))
    for d in range(distances.size):
        if weights[d] == 0.0:
            continue
        for r in range(radii.size):
            near = (radii[r] - distances[d]) / bandwidth
            if -8.5 < near < 8.5:  # beyond, a normal density is below 1e-16 of its peak
                sums[r] += weights[d] * scale * np.exp(-0.5 * near * near)
            far = (radii[r] + distances[d]) / bandwidth
            if far < 8.5:
                sums[r] += weights[d] * scale * np.exp(-0.5 * far * far)
    return sums


class CellIndex(NamedTuple):
    """Points in order of square cells, so that neighbours lie in a few contiguous stretches.

    Attributes
    ----------
    x, y
        Sorted by cell.
    order
        Original position of each sorted point.
    start
        First point of every cell, and the number of points.
    x0, y0, inverse, nx, ny
        Corner, inverse width and numbers of cells.
    """

    x: Floats
    y: Floats
    order: Ints
    start: Ints
    x0: float
    y0: float
    inverse: float
    nx: int
    ny: int


def cell_index(x: Floats, y: Floats, reach: float) -> CellIndex:
    """Index for neighbours up to ``reach`` metres away."""
    span = max(float(np.ptp(x)), float(np.ptp(y)), 1.0)
    # never many more cells than points; wider cells only cost time
    width = max(reach / REACH, span / max(1.0, np.sqrt(4.0 * x.size)), span * 1e-6)
    width *= 1 + 1e-9
    x0, y0 = float(x.min()), float(y.min())
    column, row = ((x - x0) / width).astype(np.int64), ((y - y0) / width).astype(np.int64)
    nx, ny = int(column.max()) + 1, int(row.max()) + 1
    cell = row * nx + column
    order = np.argsort(cell, kind="stable")
    start = np.searchsorted(cell[order], np.arange(nx * ny + 1))
    return CellIndex(x[order], y[order], order, start, x0, y0, 1.0 / width, nx, ny)


@numba.njit(cache=True, nogil=True)
def cell_range(index, x0, y0, row):  # type: ignore[no-untyped-def]
    """First and last (exclusive) sorted point of the cells in ``row`` near a place."""
    at = np.int64(np.floor((x0 - index.x0) * index.inverse))
    left, right = max(at - REACH, 0), min(at + REACH, index.nx - 1)
    if row < 0 or row >= index.ny or left > right:
        return 0, 0
    return index.start[row * index.nx + left], index.start[row * index.nx + right + 1]


@numba.njit(cache=True, nogil=True)
def ring_sums(index, weights, codes, x, y, itself, squared, sums):  # type: ignore[no-untyped-def]
    """Add up the weights of neighbours of places, by radius and kind.

    Parameters
    ----------
    index, weights, codes
        The neighbours; weights and codes (kind, from 0) in the index's order.
    x, y, itself
        The places; ``itself`` is the index's position of the point that is the place, which is not
        its own neighbour, or -1.
    squared
        Squared radii, ascending.
    sums
        float64 ``(places, radii, kinds)``, written: sums of weights within each radius.
    """
    last = squared.size - 1
    for i in range(x.size):
        middle = np.int64(np.floor((y[i] - index.y0) * index.inverse))
        for row in range(middle - REACH, middle + REACH + 1):
            begin, end = cell_range(index, x[i], y[i], row)
            for k in range(begin, end):
                dx, dy = index.x[k] - x[i], index.y[k] - y[i]
                d2 = dx * dx + dy * dy
                if d2 <= squared[last] and k != itself[i]:
                    ring = last
                    while ring > 0 and d2 <= squared[ring - 1]:
                        ring -= 1
                    sums[i, ring, codes[k]] += weights[k]
        for ring in range(1, last + 1):
            for kind in range(sums.shape[2]):
                sums[i, ring, kind] += sums[i, ring - 1, kind]
