"""Which polygons cover a point: a look-up in inner cells, crossings of a few edges in others.

The plane is cut into square cells. A cell that no border passes has one answer for all its points.
In a cell with borders, a ray is sent from the point to the left and the crossed edges are gathered
as a bit pattern, one bit a polygon that has a border there ("state"); the cell knows which set of
polygons belongs to each state. Only edges near the cell are asked: what the ray meets farther left
is the same for all points of the cell at one height, and stands in the list as edges that begin at
some height and lie infinitely far to the left (see :mod:`layout.geometry.grid_build`).

Certainty: the ray's crossing with an edge is computed as ``x_low + (y - y_low) * slope``. With unit
roundoff ``u`` the product is off by at most ``6u`` of the edge's width and the sum by ``u`` of its
value, together less than ``13u`` of the largest coordinate. Points nearer to an edge than ``32u``
of the largest coordinate (4e-13 degree) are left to exact predicates; every other answer is
certain. Heights are only compared, never computed, so that vertices and level edges need no special
care.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

UNRESOLVED: Final = np.int32(-1)
"""Code of a point that exact predicates must decide."""

_CHUNK: Final = 4096  # points looked up before their edges are tested; fits the first-level cache


class Frame(NamedTuple):
    """Where the cells lie. The outermost ring of cells is empty.

    Attributes
    ----------
    x0, y0
        Lower left corner, in the units of the layer.
    size, inverse
        Width of a cell and its inverse.
    nx, ny
        Cells in a row, rows.
    margin
        A cell knows the edges up to this far outside of it.
    tolerance
        Nearer to an edge than this, floating point cannot decide.
    """

    x0: float
    y0: float
    size: float
    inverse: float
    nx: int
    ny: int
    margin: float
    tolerance: float


class Cells(NamedTuple):
    """The answers of all cells.

    Attributes
    ----------
    grid
        int32 ``(ny * nx,)``: number of the set of polygons that covers the cell, or ``-1 - k``
        where ``k`` is the place of a border cell in ``head``.
    head
        int32 ``(border cells + 1, 2)``: where its edges and its states begin.
    edges
        float64 ``(e, 4)``: ``y_low, y_high, x_low, slope``; a level edge is ``y, y, x_low,
        x_high``.
    bits
        uint64 ``(e,)``: the polygons (by their bit in this cell) that have the edge.
    states, sets
        uint64 and int32: crossed bits, and the number of the set they stand for.
    """

    grid: npt.NDArray[np.int32]
    head: npt.NDArray[np.int32]
    edges: npt.NDArray[np.float64]
    bits: npt.NDArray[np.uint64]
    states: npt.NDArray[np.uint64]
    sets: npt.NDArray[np.int32]


@numba.njit(cache=True, nogil=True)
def locate(x, y, frame, cells, codes):  # type: ignore[no-untyped-def]
    """Write the number of the set that covers each point into ``codes``.

    Parameters
    ----------
    x, y
        float64 ``(n,)``; points that are not finite lie in no polygon.
    frame, cells
        The grid.
    codes
        int32 ``(n,)``, written.

    Returns
    -------
    int
        How many points are ``UNRESOLVED``.
    """
    border = np.empty(_CHUNK, np.int64)
    spans = np.empty((_CHUNK, 4), np.int32)
    warm = np.empty(_CHUNK, np.uint64)
    unresolved = 0
    for begin in range(0, x.shape[0], _CHUNK):
        end = min(begin + _CHUNK, x.shape[0])
        look_up(x[begin:end], y[begin:end], frame, cells.grid, codes[begin:end])
        n = 0
        for i in range(begin, end):
            border[n] = i
            n += codes[i] < 0
        _fetch(codes, border[:n], cells, spans, warm)
        unresolved += _decide(x, y, border[:n], spans, frame.tolerance, cells, codes)
    return unresolved


@numba.njit(cache=True, nogil=True)
def look_up(x, y, frame, grid, codes):  # type: ignore[no-untyped-def]
    """Write what the grid says of each point's cell; points off the grid go to the empty ring."""
    last_x, last_y = np.float64(frame.nx - 1), np.float64(frame.ny - 1)
    for i in range(x.shape[0]):
        column = (x[i] - frame.x0) * frame.inverse
        row = (y[i] - frame.y0) * frame.inverse
        column = column if column > 0.0 else 0.0  # also where it is not a number
        row = row if row > 0.0 else 0.0
        column = column if column < last_x else last_x
        row = row if row < last_y else last_y
        codes[i] = grid[np.int64(row) * frame.nx + np.int64(column)]


@numba.njit(cache=True, nogil=True)
def _fetch(codes, border, cells, spans, warm):  # type: ignore[no-untyped-def]
    """Write where the edges and states of each point's cell lie.

    Then touch the first of them, so that the waits for memory overlap (a fifth faster). What is
    written to ``warm`` has no use but to keep the compiler from leaving the loads out.
    """
    head, edges, bits, states, sets = cells.head, cells.edges, cells.bits, cells.states, cells.sets
    for j in range(border.shape[0]):
        k = -1 - np.int64(codes[border[j]])
        spans[j, 0], spans[j, 1] = head[k, 0], head[k + 1, 0]
        spans[j, 2], spans[j, 3] = head[k, 1], head[k + 1, 1]
    for j in range(border.shape[0]):
        if spans[j, 0] < spans[j, 1] and spans[j, 2] < spans[j, 3]:
            e, s = spans[j, 0], spans[j, 2]
            some = np.uint64(edges[e, 0] > 0.0) ^ np.uint64(sets[s])
            warm[j] = bits[e] ^ states[s] ^ some


@numba.njit(cache=True, nogil=True)
def _decide(x, y, border, spans, tolerance, cells, codes):  # type: ignore[no-untyped-def]
    """Write the sets of the points ``border``; returns how many stay unresolved."""
    edges, bits, states, sets = cells.edges, cells.bits, cells.states, cells.sets
    unresolved = 0
    for j in range(border.shape[0]):
        i = border[j]
        state, near = cell_state(x[i], y[i], spans[j, 0], spans[j, 1], tolerance, edges, bits)
        codes[i] = UNRESOLVED
        if not near:
            for s in range(spans[j, 2], spans[j, 3]):
                if states[s] == state:
                    codes[i] = sets[s]
                    break
        unresolved += codes[i] < 0
    return unresolved


@numba.njit(cache=True, nogil=True)
def expand(codes, start, members, point, polygon):  # type: ignore[no-untyped-def]
    """Write every match of every point, one after the other."""
    n = 0
    for i in range(codes.shape[0]):
        for m in range(start[codes[i]], start[codes[i] + 1]):
            point[n] = i
            polygon[n] = members[m]
            n += 1


@numba.njit(inline="always")
def cell_state(x, y, begin, end, tolerance, edges, bits):  # type: ignore[no-untyped-def]
    """Bits of the polygons whose borders a ray to the left crosses an odd number of times.

    Returns
    -------
    tuple of uint64 and bool
        The bits, and whether the point is too near to an edge for them to be certain.
    """
    state = np.uint64(0)
    near = False
    for e in range(begin, end):
        low, high, left = edges[e, 0], edges[e, 1], edges[e, 2]
        if low <= y <= high:
            if low == high:
                near |= left - tolerance <= x <= edges[e, 3] + tolerance
            else:
                beyond = x - (left + (y - low) * edges[e, 3])
                near |= abs(beyond) <= tolerance
                if beyond > 0.0 and y < high:
                    state ^= bits[e]
    return state, near
