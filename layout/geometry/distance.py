"""Exact Euclidean distances on a grid: how far each cell is from the nearest marked one.

Distances are from centre to centre. They come from whole numbers of cells squared, so that they are
exact to the last bit of the root; line sweeps and repeated dilation are not (they give diamonds and
detours).
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from layout.core.errors import MeasureError

Distances = npt.NDArray[np.float32]


def distance_transform(marked: npt.NDArray[np.bool_], cell_m: float) -> Distances:
    """Distance of every cell to the nearest marked cell.

    Parameters
    ----------
    marked
        Rows × columns.
    cell_m
        Width of a cell, metres.

    Returns
    -------
    ndarray
        Metres, float32; 0 in marked cells, infinite everywhere where nothing is marked.

    Raises
    ------
    MeasureError
        The array is not of two dimensions or a side is longer than 30,000 cells.

    References
    ----------
    Meijster, A., Roerdink, J., & Hesselink, W. (2000). A general algorithm for computing distance
    transforms in linear time. In: Mathematical Morphology and its Applications to Image and Signal
    Processing, 331–340.
    """
    if marked.ndim != 2 or max(marked.shape) > 30_000:
        raise MeasureError("error.distance_shape", found=marked.shape)
    result = np.empty(marked.shape, np.float32)
    if not marked.any():
        result.fill(np.inf)
        return result
    rows = _along_columns(np.ascontiguousarray(marked))
    _along_rows(rows, np.float64(cell_m), result)
    return result


@numba.njit(cache=True, nogil=True)
def _along_columns(marked):  # type: ignore[no-untyped-def]
    """Rows to the nearest marked cell of the same column; more than the height where none is."""
    height, width = marked.shape
    far = np.int32(height + width + 1)
    steps = np.empty((height, width), np.int32)
    for c in range(width):
        steps[0, c] = np.int32(0) if marked[0, c] else far
    for r in range(1, height):
        for c in range(width):
            steps[r, c] = np.int32(0) if marked[r, c] else steps[r - 1, c] + np.int32(1)
    for r in range(height - 2, -1, -1):
        for c in range(width):
            steps[r, c] = min(steps[r, c], steps[r + 1, c] + np.int32(1))
    for r in range(height):
        for c in range(width):
            steps[r, c] = min(steps[r, c], far)
    return steps


@numba.njit(cache=True, nogil=True)
def _along_rows(steps, cell_m, result):  # type: ignore[no-untyped-def]
    """Lower envelope of the parabolas of each row, in whole numbers."""
    height, width = steps.shape
    site = np.empty(width, np.int64)
    start = np.empty(width, np.int64)
    level = np.empty(width, np.int64)
    for r in range(height):
        for c in range(width):
            level[c] = np.int64(steps[r, c]) * np.int64(steps[r, c])
        last = 0
        site[0] = start[0] = 0
        for u in range(1, width):
            while last >= 0:
                at, s = start[last], site[last]
                if (at - s) * (at - s) + level[s] <= (at - u) * (at - u) + level[u]:
                    break
                last -= 1
            if last < 0:
                last = 0
                site[0], start[0] = u, 0
                continue
            s = site[last]
            begin = (u * u - s * s + level[u] - level[s]) // (2 * (u - s)) + 1
            if begin < width:
                last += 1
                site[last], start[last] = u, begin
        for u in range(width - 1, -1, -1):
            s = site[last]
            result[r, u] = cell_m * np.sqrt(np.float64((u - s) * (u - s) + level[s]))
            if u == start[last]:
                last -= 1
