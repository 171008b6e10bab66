"""Building ground on a grid: contiguous regions, their shape, and pieces of a wanted size.

Regions are labelled on the whole grid at once; cut at the edges of windows a region would fall
apart into pieces that are each too small.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numba
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import ndimage

from layout.core.errors import MeasureError

Contiguity = Literal["rook", "queen"]

_STRUCTURE: Final = {
    "rook": np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]]),
    "queen": np.ones((3, 3), dtype=int),
}


@dataclass(frozen=True)
class Regions:
    """Contiguous regions.

    Attributes
    ----------
    labels
        Rows × columns, int32; 0 outside, then 1, 2, … in the order of ``table``.
    table
        By label: ``area_ha``, ``perimeter_m`` (along cell edges), ``compactness``
        (16 × area / perimeter², 1 for a square), ``rectangle_ha`` (largest upright rectangle
        inside) with ``row0``, ``row1``, ``col0``, ``col1`` (ends excluded).
    dropped
        Regions left out: by area, by compactness.
    """

    labels: npt.NDArray[np.int32]
    table: pd.DataFrame
    dropped: dict[str, int]


def contiguous_regions(
    allowed: npt.NDArray[np.bool_],
    cell_m: float,
    *,
    min_area_ha: float = 0.0,
    min_compactness: float = 0.0,
    contiguity: Contiguity = "rook",
) -> Regions:
    """Regions of allowed cells that are large and compact enough, largest first.

    Parameters
    ----------
    allowed
        Rows × columns.
    cell_m
        Cell width, metres.
    min_area_ha
        Least area, hectares.
    min_compactness
        Least 16 × area / perimeter²: 1 for a square, towards 0 for threads.
    contiguity
        ``rook``: cells meet at edges; ``queen``: at corners too.

    Raises
    ------
    MeasureError
        The contiguity is unknown.
    """
    if contiguity not in _STRUCTURE:
        raise MeasureError("error.contiguity", found=contiguity)
    labels, count = ndimage.label(allowed, structure=_STRUCTURE[contiguity], output=np.int32)
    cells = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    cell_ha = cell_m**2 / 1e4
    large = np.flatnonzero(cells * cell_ha >= min_area_ha - 1e-9) + 1
    edges = _edges(labels, count)
    perimeter = edges[large] * cell_m
    area = cells[large - 1] * cell_ha
    compact = 16 * area * 1e4 / np.maximum(perimeter, 1e-9) ** 2
    kept = compact >= min_compactness - 1e-9
    order = np.lexsort((large[kept], -area[kept]))
    chosen = large[kept][order]
    renumber = np.zeros(count + 1, np.int32)
    renumber[chosen] = np.arange(1, chosen.size + 1)
    labels = renumber[labels]
    table = pd.DataFrame(
        {
            "area_ha": area[kept][order],
            "perimeter_m": perimeter[kept][order],
            "compactness": compact[kept][order],
        },
        index=pd.RangeIndex(1, chosen.size + 1, name="region"),
    )
    _add_rectangles(labels, table, cell_ha)
    dropped = {"area": int(count - large.size), "compactness": int((~kept).sum())}
    return Regions(labels, table, dropped)


def _add_rectangles(labels: npt.NDArray[np.int32], table: pd.DataFrame, cell_ha: float) -> None:
    boxes = np.zeros((len(table), 4), np.int64)
    for number, window in enumerate(ndimage.find_objects(labels, max_label=len(table)), start=1):
        if window is None:
            continue
        inside = np.ascontiguousarray(labels[window] == number)
        row0, row1, col0, col1 = largest_rectangle(inside)
        top, left = window[0].start, window[1].start
        boxes[number - 1] = row0 + top, row1 + top, col0 + left, col1 + left
    for at, name in enumerate(("row0", "row1", "col0", "col1")):
        table[name] = boxes[:, at]
    sides = (boxes[:, 1] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 2])
    table.insert(3, "rectangle_ha", sides * cell_ha)


@numba.njit(cache=True, nogil=True)
def _edges(labels, count):  # type: ignore[no-untyped-def]
    """Cell edges between each label and what is not of it; index 0 is the outside."""
    height, width = labels.shape
    edges = np.zeros(count + 1, np.int64)
    for r in range(height):
        for c in range(width):
            own = labels[r, c]
            if own == 0:
                continue
            edges[own] += r == 0 or labels[r - 1, c] != own
            edges[own] += r == height - 1 or labels[r + 1, c] != own
            edges[own] += c == 0 or labels[r, c - 1] != own
            edges[own] += c == width - 1 or labels[r, c + 1] != own
    return edges


@numba.njit(cache=True, nogil=True)
def largest_rectangle(inside):  # type: ignore[no-untyped-def]
    """Largest upright rectangle of true cells: first row, row after the last, columns likewise.

    Among equal ones the first found from the top; zeros where no cell is true.
    """
    height, width = inside.shape
    tall = np.zeros(width + 1, np.int64)
    stack = np.empty(width + 1, np.int64)
    best = 0
    box = (0, 0, 0, 0)
    for r in range(height):
        for c in range(width):
            tall[c] = tall[c] + 1 if inside[r, c] else 0
        depth = 0
        for c in range(width + 1):
            while depth > 0 and tall[stack[depth - 1]] > tall[c]:
                depth -= 1
                high = tall[stack[depth]]
                left = stack[depth - 1] + 1 if depth > 0 else 0
                if high * (c - left) > best:
                    best = high * (c - left)
                    box = (r + 1 - high, r + 1, left, c)
            stack[depth] = c
            depth += 1
    return box


def place_squares(
    suitability: npt.NDArray[np.float32],
    allowed: npt.NDArray[np.bool_],
    side: int,
    *,
    spacing: float,
    most: int,
) -> pd.DataFrame:
    """The best squares of wholly allowed cells, best first, no two nearer than ``spacing``.

    Parameters
    ----------
    suitability
        Rows × columns; what is not allowed may be NaN.
    allowed
        Cells that may be built on.
    side
        Cells a side.
    spacing
        Least distance between centres, cells.
    most
        How many at most.

    Returns
    -------
    DataFrame
        ``row``, ``col`` (upper left cell), ``side`` and ``mean`` (mean suitability).
    """
    return spaced_best(free_squares(suitability, allowed, side), spacing=spacing, most=most)


def free_squares(
    suitability: npt.NDArray[np.float32], allowed: npt.NDArray[np.bool_], side: int
) -> pd.DataFrame:
    """Every square of wholly allowed cells: ``row``, ``col``, ``side`` and ``mean``."""
    if side < 1 or min(allowed.shape) < side:
        return pd.DataFrame({"row": [], "col": [], "side": [], "mean": []}).astype(
            {"row": "int64", "col": "int64", "side": "int64", "mean": "float64"}
        )
    free = _box_sums(allowed.astype(np.float64), side) > side * side - 0.5
    rows, cols = np.nonzero(free)
    sums = _box_sums(np.where(allowed, suitability, 0.0).astype(np.float64), side)
    mean = sums[rows, cols] / (side * side)
    return pd.DataFrame({"row": rows, "col": cols, "side": side, "mean": mean})


def spaced_best(squares: pd.DataFrame, *, spacing: float, most: int) -> pd.DataFrame:
    """Squares taken greedily: the best, then the best that keeps its distance, and so on.

    Squares never overlap. Equal ones are taken from the north-west.
    """
    if squares.empty:
        return squares
    rows, cols = squares["row"].to_numpy(np.int64), squares["col"].to_numpy(np.int64)
    order = np.lexsort((cols, rows, -np.round(squares["mean"].to_numpy(), 9)))
    side = float(squares["side"].iloc[0])
    # squares do not overlap when their corners are a diagonal apart
    gap = max(spacing, side * np.sqrt(2.0))
    chosen = _spaced(rows[order], cols[order], float(gap), most)
    best: pd.DataFrame = squares.iloc[order[chosen]].reset_index(drop=True)
    return best


def _box_sums(values: npt.NDArray[np.float64], side: int) -> npt.NDArray[np.float64]:
    """Sum over each square of ``side`` cells, by its upper left cell."""
    table = np.zeros((values.shape[0] + 1, values.shape[1] + 1))
    np.cumsum(values, axis=0, out=table[1:, 1:])
    np.cumsum(table[1:, 1:], axis=1, out=table[1:, 1:])
    sums: npt.NDArray[np.float64] = (
        table[side:, side:] - table[:-side, side:] - table[side:, :-side] + table[:-side, :-side]
    )
    return sums


@numba.njit(cache=True, nogil=True)
def _spaced(rows, cols, spacing, most):  # type: ignore[no-untyped-def]
    """Places of the first points of the list that keep the distance from all taken before."""
    taken = np.empty(most, np.int64)
    n = 0
    for i in range(rows.size):
        if n == most:
            break
        near = False
        for j in range(n):
            dr, dc = rows[i] - rows[taken[j]], cols[i] - cols[taken[j]]
            if dr * dr + dc * dc < spacing * spacing:
                near = True
                break
        if not near:
            taken[n] = i
            n += 1
    return taken[:n]
