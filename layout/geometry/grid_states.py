"""Which sets of polygons there are in a cell that borders pass: its states, found by probing.

A state that no probe shows is no error: a point with it is left to exact predicates.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from layout.geometry.grid_query import Cells, Frame, cell_state
from layout.geometry.polygon_edges import Edges
from layout.geometry.set_table import intern_set, toggle

MOST_BITS: Final = 64
"""Polygons with borders in one cell; where there are more, exact predicates decide."""
MOST_PROBED: Final = 64
"""Edges of one cell beside which probes are made."""


class Work(NamedTuple):
    """What the sweep through the rows carries from cell to cell."""

    edges: Edges
    frame: Frame
    cells: Cells
    first: npt.NDArray[np.int64]  # where the edges of each border cell begin in ``members``
    members: npt.NDArray[np.int32]
    used: npt.NDArray[np.int64]  # edges and states written so far
    local: npt.NDArray[np.int32]  # polygons with a border in the cell, by their bit
    scratch: npt.NDArray[np.int32]
    probes: npt.NDArray[np.float64]


@numba.njit(cache=True, nogil=True)
def choose_probes(work, k, row, column):  # type: ignore[no-untyped-def]
    """Choose points that show the states of a border cell; returns how many.

    They lie at both sides of its edges, half a margin away: outside the cell by less than a margin
    they are answered by its list all the same. Where only the margin of the cell has edges, its
    middle shows its one state.
    """
    frame, ends, probes = work.frame, work.edges.ends, work.probes
    x_low, y_low = frame.x0 + column * frame.size, frame.y0 + row * frame.size
    begin, end = work.first[k], work.first[k + 1]
    n = 0
    for m in range(begin, end, 1 + (end - begin - 1) // MOST_PROBED):
        e = work.members[m]
        dx, dy = ends[e, 2] - ends[e, 0], ends[e, 3] - ends[e, 1]
        start, stop = _part_within(ends[e, 0] - x_low, dx, frame.size, 0.0, 1.0)
        start, stop = _part_within(ends[e, 1] - y_low, dy, frame.size, start, stop)
        if start <= stop:
            x = ends[e, 0] + 0.5 * (start + stop) * dx
            y = ends[e, 1] + 0.5 * (start + stop) * dy
            aside = 0.5 * frame.margin
            steep = abs(dx) < abs(dy)
            for side in (-aside, aside):
                probes[n, 0], probes[n, 1] = x + side * steep, y + side * (not steep)
                n += 1
    if n == 0:
        probes[0, 0], probes[0, 1] = x_low + 0.5 * frame.size, y_low + 0.5 * frame.size
        n = 1
    return n


@numba.njit(cache=True, nogil=True)
def _part_within(offset, run, size, start, stop):  # type: ignore[no-untyped-def]
    """The part of ``[start, stop]`` in which ``offset + t * run`` lies in ``[0, size]``.

    Liang and Barsky (1984); an empty part has its start behind its stop.
    """
    if run == 0.0:
        return (start, stop) if 0.0 <= offset <= size else (1.0, 0.0)
    one, other = -offset / run, (size - offset) / run
    return max(start, min(one, other)), min(stop, max(one, other))


@numba.njit(cache=True, nogil=True)
def learn_states(work, k, n_probes, cover, table):  # type: ignore[no-untyped-def]
    """Note each state that the probes show, with its set of polygons."""
    cells, used, probes = work.cells, work.used, work.probes
    edges, bits, states = cells.edges, cells.bits, cells.states
    first_edge, first_state = cells.head[k, 0], cells.head[k, 1]
    last_edge, last_state = used[0], used[1]
    for i in range(n_probes):
        state, known = cell_state(
            probes[i, 0], probes[i, 1], first_edge, last_edge, work.frame.tolerance, edges, bits
        )
        for s in range(first_state, last_state):
            known |= states[s] == state
        if not known:
            n = _toggled(cover, state, work.local, work.scratch)
            table, cells.sets[last_state] = intern_set(table, work.scratch, n)
            states[last_state] = state
            last_state += 1
    used[1] = last_state
    return table


@numba.njit(cache=True, nogil=True)
def _toggled(cover, state, local, scratch):  # type: ignore[no-untyped-def]
    """Write ``cover``, changed by the polygons whose bits are set, into ``scratch``; its length."""
    n, bit = cover.shape[0], 0
    scratch[:n] = cover
    while state != 0:
        if state & np.uint64(1):
            n = toggle(scratch, n, local[bit])
        state >>= np.uint64(1)
        bit += 1
    return n
