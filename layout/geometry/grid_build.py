"""Making the grid of :mod:`layout.geometry.grid_query` from the edges of a polygon layer.

Each edge is laid into rows of cells. In a row it takes the columns that its part within the row
(a margin added on all sides) touches: in these cells it stands in the list. For all cells to the
right of them it is an edge "farther left". Counting those along a row, at the row's lower end,
gives the polygons that cover a cell there; where the farther part of a border ends within the row's
height, the list of the cell gets a mark that begins at that height. A mark is made by every listed
edge for each of its ends left of the cell; where two listed edges meet there, their marks cancel.

All choices are comparisons of the same stored numbers, so that each edge is counted exactly once.
"""

from __future__ import annotations

import math
from typing import Final

import numba
import numpy as np
import numpy.typing as npt

from layout.geometry.grid_query import Cells, Frame
from layout.geometry.grid_states import (
    MOST_BITS,
    MOST_PROBED,
    Work,
    choose_probes,
    learn_states,
)
from layout.geometry.polygon_edges import Edges
from layout.geometry.set_table import intern_set, new_table, sets_of, toggle

_CELLS_PER_EDGE: Final = 24
_FEWEST_CELLS: Final = 1 << 18
_MOST_CELLS: Final = 1 << 24
_MARGIN: Final = 1e-6  # of a cell: far above rounding, far below what would list needless edges
_FAR_LEFT: Final = -1e300


def choose_cell(edges: Edges) -> float:
    """Width of a cell, in the units of the layer.

    Smaller cells make queries faster, as fewer points lie in cells with borders, and the grid
    larger: 24 cells an edge, at least 0.26 and at most 17 million. For the 110,000 edges of a
    city's detailed districts, subdistricts and parks this is 0.0004 to 0.0007 degree, where joining
    was fastest in trials; for a coarse layer 0.002 to 0.004 degree.
    """
    if len(edges.ends) == 0:
        return 1.0
    width, height = np.ptp(edges.ends.reshape(-1, 2), axis=0)
    cells = min(max(_CELLS_PER_EDGE * len(edges.ends), _FEWEST_CELLS), _MOST_CELLS)
    return float(max(math.sqrt(width * height / cells), max(width, height) / 2**15))


def make_frame(edges: Edges, size: float) -> Frame:
    """The frame of cells of width ``size`` around all edges, with a ring of empty cells."""
    corners = edges.ends.reshape(-1, 2) if len(edges.ends) else np.zeros((1, 2))
    (x_min, y_min), (x_max, y_max) = corners.min(axis=0), corners.max(axis=0)
    # Odd fractions of a cell keep round coordinates off the lines between cells.
    x0, y0 = x_min - 1.5707 * size, y_min - 1.6180 * size
    largest = float(np.abs(corners).max()) + 3 * size
    return Frame(
        float(x0),
        float(y0),
        float(size),
        1.0 / float(size),
        int((x_max - x0) / size) + 3,
        int((y_max - y0) / size) + 3,
        _MARGIN * float(size) + 64 * np.finfo(float).eps * largest,
        16 * np.finfo(float).eps * largest,  # eps is 2u: see the bound in grid_query
    )


def build_cells(
    edges: Edges, frame: Frame
) -> tuple[Cells, npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """The cells, and the sets of polygons they speak of: where each begins, and the members."""
    rows = frame.y0 + np.arange(frame.ny + 1) * frame.size
    bounds = np.stack([rows[:-1] - frame.margin, rows[1:] + frame.margin], axis=1)
    listed = np.zeros(frame.nx * frame.ny, np.int32)
    marked = np.zeros(frame.nx * frame.ny, np.int32)
    n_turns = _count(edges.ends, frame, bounds, listed, marked)
    border = np.flatnonzero(listed)
    first = np.append(0, np.cumsum(listed[border], dtype=np.int64))
    room = int(first[-1] + marked[border].sum(dtype=np.int64))
    grid = np.zeros(frame.nx * frame.ny, np.int32)
    grid[border] = -1 - np.arange(len(border), dtype=np.int32)
    members = np.empty(int(first[-1]), np.int32)
    turns = np.empty((n_turns, 2), np.int64)
    _fill(edges.ends, frame, bounds, grid, first[:-1].copy(), members, turns)
    turns = turns[np.argsort(turns[:, 0], kind="stable")]
    cells = _empty_cells(grid, len(border), room)
    used = np.zeros(2, np.int64)
    most = int(edges.owners.max(initial=0)) + 1 + MOST_BITS
    probes = np.empty((2 * MOST_PROBED + 1, 2))
    local, scratch, cover = (np.empty(most, np.int32) for _ in range(3))
    work = Work(edges, frame, cells, first, members, used, local, scratch, probes)
    table = _sweep(work, bounds, border, turns, cover, new_table())
    return _trimmed(cells, used), *sets_of(table)


def _empty_cells(grid: npt.NDArray[np.int32], borders: int, room: int) -> Cells:
    probes = 2 * room + borders
    return Cells(
        grid,
        np.zeros((borders + 1, 2), np.int32),
        np.empty((room, 4)),
        np.empty(room, np.uint64),
        np.empty(probes, np.uint64),
        np.empty(probes, np.int32),
    )


def _trimmed(cells: Cells, used: npt.NDArray[np.int64]) -> Cells:
    n_edges, n_states = used
    return Cells(
        cells.grid,
        cells.head,
        cells.edges[:n_edges].copy(),
        cells.bits[:n_edges].copy(),
        cells.states[:n_states].copy(),
        cells.sets[:n_states].copy(),
    )


@numba.njit(cache=True, nogil=True)
def _rows_of(low, high, frame, bounds):  # type: ignore[no-untyped-def]
    """First and last row whose bounds the height range meets."""
    first = np.int64((low - frame.y0) * frame.inverse) - 2
    first = max(np.int64(0), first)
    while bounds[first, 1] < low:
        first += 1
    last = np.int64((high - frame.y0) * frame.inverse) + 2
    last = min(np.int64(frame.ny - 1), last)
    while bounds[last, 0] > high:
        last -= 1
    return first, last


@numba.njit(cache=True, nogil=True)
def _column(x, frame):  # type: ignore[no-untyped-def]
    return np.int64((x - frame.x0) * frame.inverse)


@numba.njit(cache=True, nogil=True)
def _columns_of(end, bottom, top, frame):  # type: ignore[no-untyped-def]
    """First and last column that the edge touches between two heights."""
    x1, y1, x2, y2 = end[0], end[1], end[2], end[3]
    left, right = x1, x2
    if y2 > y1:
        slope = (x2 - x1) / (y2 - y1)
        if y1 < bottom:
            left = x1 + (bottom - y1) * slope
        if y2 > top:
            right = x1 + (top - y1) * slope
    if right < left:
        left, right = right, left
    return _column(left - frame.margin, frame), _column(right + frame.margin, frame)


@numba.njit(cache=True, nogil=True)
def _marks(end, row_bounds, column, frame):  # type: ignore[no-untyped-def]
    """Whether the lower and the upper end lie in the row, left of the column."""
    bottom, top = row_bounds[0], row_bounds[1]
    lower = bottom < end[1] <= top and _column(end[0] + frame.margin, frame) < column
    upper = bottom < end[3] <= top and _column(end[2] + frame.margin, frame) < column
    return lower, upper


@numba.njit(cache=True, nogil=True)
def _count(ends, frame, bounds, listed, marked):  # type: ignore[no-untyped-def]
    """Count edges and marks of each cell; returns how many edges cross a row's lower end."""
    turns = 0
    for e in range(ends.shape[0]):
        end = ends[e]
        first, last = _rows_of(end[1], end[3], frame, bounds)
        for row in range(first, last + 1):
            bottom, top = bounds[row, 0], bounds[row, 1]
            turns += end[1] <= bottom < end[3]
            left, right = _columns_of(end, bottom, top, frame)
            for column in range(left, right + 1):
                lower, upper = _marks(end, bounds[row], column, frame)
                listed[row * frame.nx + column] += 1
                marked[row * frame.nx + column] += np.int32(lower) + np.int32(upper)
    return turns


@numba.njit(cache=True, nogil=True)
def _fill(ends, frame, bounds, grid, place, members, turns):  # type: ignore[no-untyped-def]
    """List the edges of each border cell, and the cells at which edges come to lie farther left."""
    n = 0
    for e in range(ends.shape[0]):
        end = ends[e]
        first, last = _rows_of(end[1], end[3], frame, bounds)
        for row in range(first, last + 1):
            bottom = bounds[row, 0]
            left, right = _columns_of(end, bottom, bounds[row, 1], frame)
            if end[1] <= bottom < end[3]:
                turns[n, 0] = row * frame.nx + right + 1
                turns[n, 1] = e
                n += 1
            for column in range(left, right + 1):
                k = -1 - grid[row * frame.nx + column]
                members[place[k]] = e
                place[k] += 1


@numba.njit(cache=True, nogil=True)
def _sweep(work, bounds, border, turns, cover, table):  # type: ignore[no-untyped-def]
    """Go along the rows, keep the set of covering polygons, write the answer of each cell.

    Rows end outside of all polygons, so that they are gone along as one line.
    """
    grid, head, nx = work.cells.grid, work.cells.head, work.frame.nx
    cell = turn = n = 0
    for k in range(border.shape[0] + 1):
        stop = border[k] if k < border.shape[0] else grid.shape[0]
        while cell < stop:
            turn, n = _turn(turns, turn, cell, work.edges, cover, n)
            until = min(stop, turns[turn, 0]) if turn < turns.shape[0] else stop
            table, number = intern_set(table, cover, n)
            grid[cell:until] = number
            cell = until
        if k < border.shape[0]:
            turn, n = _turn(turns, turn, cell, work.edges, cover, n)
            row, column = cell // nx, cell % nx
            if _list_edges(work, k, bounds[row], column):
                n_probes = choose_probes(work, k, row, column)
                table = learn_states(work, k, n_probes, cover[:n], table)
            head[k + 1, 0], head[k + 1, 1] = work.used[0], work.used[1]
            cell += 1
    return table


@numba.njit(cache=True, nogil=True)
def _turn(turns, turn, cell, edges, cover, n):  # type: ignore[no-untyped-def]
    """Apply the edges that come to lie farther left at ``cell``; the next turn, the new length."""
    while turn < turns.shape[0] and turns[turn, 0] == cell:
        edge = turns[turn, 1]
        for o in range(edges.start[edge], edges.start[edge + 1]):
            n = toggle(cover, n, edges.owners[o])
        turn += 1
    return turn, n


@numba.njit(cache=True, nogil=True)
def _list_edges(work, k, row_bounds, column):  # type: ignore[no-untyped-def]
    """Write the edges and marks of a border cell.

    False, and nothing written, where more than 64 polygons have borders in it: all its points are
    then left to exact predicates.
    """
    cells, n_local = work.cells, 0
    begin = at = work.used[0]
    for m in range(work.first[k], work.first[k + 1]):
        bits, n_local = _bits_of(work.edges, work.members[m], work.local, n_local)
        if n_local > MOST_BITS:
            return False
        _write_edge(work.edges.ends[work.members[m]], cells.edges[at])
        cells.bits[at] = bits
        at += 1
    n_edges = marks_begin = at
    for m in range(work.first[k], work.first[k + 1]):
        end = work.edges.ends[work.members[m]]
        bits = cells.bits[begin + m - work.first[k]]
        lower, upper = _marks(end, row_bounds, column, work.frame)
        if lower:
            at = _add_mark(cells, marks_begin, at, end[1], bits)
        if upper:
            at = _add_mark(cells, marks_begin, at, end[3], bits)
    for m in range(marks_begin, at):
        if cells.bits[m] != 0:
            cells.edges[n_edges], cells.bits[n_edges] = cells.edges[m], cells.bits[m]
            n_edges += 1
    work.used[0] = n_edges
    return True


@numba.njit(cache=True, nogil=True)
def _bits_of(edges, edge, local, n_local):  # type: ignore[no-untyped-def]
    """Bits of an edge's polygons in a cell, and how many polygons the cell knows by now."""
    bits = np.uint64(0)
    for o in range(edges.start[edge], edges.start[edge + 1]):
        at = 0
        while at < n_local and local[at] != edges.owners[o]:
            at += 1
        if at == MOST_BITS:
            return bits, MOST_BITS + 1
        if at == n_local:
            local[at] = edges.owners[o]
            n_local += 1
        bits ^= np.uint64(1) << np.uint64(at)
    return bits, n_local


@numba.njit(cache=True, nogil=True)
def _write_edge(end, record):  # type: ignore[no-untyped-def]
    level = end[1] == end[3]
    record[0], record[1], record[2] = end[1], end[3], end[0]
    record[3] = np.inf if level else (end[2] - end[0]) / (end[3] - end[1])


@numba.njit(cache=True, nogil=True)
def _add_mark(cells, begin, at, height, bits):  # type: ignore[no-untyped-def]
    """Add an edge far to the left that begins at ``height``; returns where the list ends."""
    for m in range(begin, at):
        if cells.edges[m, 0] == height:
            cells.bits[m] ^= bits
            return at
    record = cells.edges[at]
    record[0], record[1], record[2], record[3] = height, np.inf, _FAR_LEFT, 0.0
    cells.bits[at] = bits
    return at + 1
