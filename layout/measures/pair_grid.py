"""Histogram of distances between very many points, by cells.

A million points make 5e11 pairs. Their numbers in square cells make an image, and the image's
autocorrelation says how many pairs lie so many cells apart; that is exact but for where in its
cell a point lies. Cells at most two apart are counted pair by pair.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from layout.measures.sites import sites_of

Floats = npt.NDArray[np.float64]

NEAR: Final = 2
"""Cells so far apart, in either direction, are counted pair by pair."""
MOST_CELLS: Final = 40_000_000
"""Largest image that is transformed: 320 MB and as much again for its transform."""


class GridHistogram(NamedTuple):
    """Sums of products of weights by bin of distance.

    Attributes
    ----------
    near
        From pairs in near cells, at their distance.
    far
        From others, at the mean distance of points of two such cells.
    width
        Of the cells, in metres.
    """

    near: Floats
    far: Floats
    width: float


def grid_histogram(
    xy: Floats, weights: Floats, cutoff: float, width: float, bins: int
) -> GridHistogram:
    """Distances between all pairs up to ``cutoff``, in ``bins`` equal bins.

    Parameters
    ----------
    xy, weights
        Points and their weights.
    cutoff
        Metres.
    width
        Wanted width of cells in metres; larger where the image would be too large.
    """
    sites = sites_of(xy)
    places = np.column_stack([sites.x, sites.y])
    total: Floats = np.bincount(sites.of, weights, minlength=len(places)).astype("float64")
    squares = np.bincount(sites.of, weights**2, minlength=len(places))
    corner, span = places.min(axis=0), np.ptp(places, axis=0)
    width = _possible(span, cutoff, width)
    cells = ((places - corner) / width).astype(np.int64)
    shape = np.asarray(cells.max(axis=0) + 1, dtype=np.int64)
    far = _far_histogram(cells, shape, total, cutoff, width, bins)
    near = np.zeros(bins + 1)
    near[0] = float(((total**2 - squares) / 2).sum())  # pairs at one place
    flat = cells[:, 1] * shape[0] + cells[:, 0]
    order = np.argsort(flat, kind="stable")
    _near_histogram(
        np.ascontiguousarray(places[order, 0]),
        np.ascontiguousarray(places[order, 1]),
        total[order],
        flat[order],
        shape[0],
        cutoff,
        near,
    )
    return GridHistogram(near[:-1], far, width)


def _possible(span: Floats, cutoff: float, width: float) -> float:
    """The wanted width, or the smallest that keeps the image within bounds."""
    padded = span + min(cutoff, float(span.max()) + 1.0)
    least = float(np.sqrt(np.prod(np.maximum(padded, 1.0)) / MOST_CELLS))
    return max(width if np.isfinite(width) else 0.0, least, 1e-6)


def _far_histogram(
    cells: npt.NDArray[np.int64],
    shape: npt.NDArray[np.int64],
    total: Floats,
    cutoff: float,
    width: float,
    bins: int,
) -> Floats:
    from scipy import fft

    reach = int(min(np.ceil(cutoff / width) + 1, shape.max()))
    nx, ny = (fft.next_fast_len(int(n) + min(reach, int(n)), real=True) for n in shape)
    image = np.zeros((ny, nx))
    np.add.at(image, (cells[:, 1], cells[:, 0]), total)
    spectrum = fft.rfft2(image, overwrite_x=True)
    spectrum *= spectrum.conj()
    pairs = fft.irfft2(spectrum, s=(ny, nx), overwrite_x=True)
    del spectrum
    result = np.zeros(bins + 1)
    across = np.arange(-min(reach, int(shape[0]) - 1), min(reach, int(shape[0]) - 1) + 1)
    for down in range(min(reach, int(shape[1]) - 1) + 1):
        # each pair of cells once: all cells below, and to the right in the same row
        right = across if down else across[across > 0]
        right = right[(np.abs(right) > NEAR) | (down > NEAR)]
        between = np.hypot(right, down) * width
        between += width**2 / (12 * np.maximum(between, width))  # mean distance, not that of means
        place = np.minimum(between * (bins / cutoff), bins).astype(np.int64)
        result += np.bincount(place, np.maximum(pairs[down, right], 0.0), minlength=bins + 1)
    return result[:-1]


@numba.njit(cache=True, nogil=True)
def _near_histogram(x, y, weights, cell, columns, cutoff, sums):  # type: ignore[no-untyped-def]
    """Add pairs of places in cells at most NEAR apart; places sorted by cell."""
    bins = sums.size - 1
    inverse, n = bins / cutoff, x.size
    ahead = np.zeros(NEAR + 1, dtype=np.int64)  # first place that the rows below may reach
    for i in range(n):
        column = cell[i] % columns
        left, right = max(column - NEAR, 0), min(column + NEAR, columns - 1)
        base = cell[i] - column
        for down in range(NEAR + 1):
            first = base + down * columns + left if down else cell[i]
            final = base + down * columns + right
            start = i + 1 if down == 0 else ahead[down]
            while start < n and cell[start] < first:
                start += 1
            if down:
                ahead[down] = start
            for j in range(start, n):
                if cell[j] > final:
                    break
                dx, dy = x[j] - x[i], y[j] - y[i]
                place = min(np.sqrt(dx * dx + dy * dy) * inverse, float(bins))
                sums[np.int64(place)] += weights[i] * weights[j]
