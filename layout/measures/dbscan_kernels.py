"""DBSCAN on sites by square cells of width eps/√2, exact.

Two sites of one cell are always within eps. So a cell with enough firms is core throughout, its
core sites are one cluster without looking at pairs, and cells are joined as soon as one pair of
core sites within eps is found. Only cells up to two apart can be within eps.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from layout.measures.sites import Sites

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_REACH: Final = 2


class _Cells(NamedTuple):
    """Sites in order of cells, and where each cell begins.

    ``key`` is ``row * columns + column`` of every cell, ascending, with two empty columns between
    rows, so that neighbours to left and right are not those of another row.
    """

    x: Floats
    y: Floats
    size: Ints
    start: Ints
    key: Ints
    columns: int


def dbscan_sites(sites: Sites, eps: float, min_firms: int) -> tuple[Ints, Bools]:
    """Cluster of every site (-1: noise; numbered in no particular order), and which are core.

    Parameters
    ----------
    sites
        Distinct places, ordered by x, then y.
    eps
        Reach in metres.
    min_firms
        Firms within reach, the site's own included, that make it core.
    """
    width = eps / np.sqrt(2.0) * (1 - 1e-12)
    column = np.floor((sites.x - sites.x.min()) / width).astype(np.int64)
    row = np.floor((sites.y - sites.y.min()) / width).astype(np.int64)
    columns = int(column.max()) + 1 + _REACH
    key = row * columns + column
    order = np.argsort(key, kind="stable")
    keys, start = np.unique(key[order], return_index=True)
    cells = _Cells(
        sites.x[order],
        sites.y[order],
        sites.size[order],
        np.append(start, order.size).astype(np.int64),
        keys,
        columns,
    )
    squared = eps * eps
    core = np.zeros(order.size, dtype=np.bool_)
    _find_core(cells, squared, min_firms, core)
    parent = np.arange(keys.size)
    _join_cells(cells, squared, core, parent)
    found = np.empty(order.size, dtype=np.int64)
    _label(cells, squared, core, parent, order, found)
    labels, is_core = np.empty_like(found), np.empty_like(core)
    _, compact = np.unique(found, return_inverse=True)
    compact = compact.ravel() - int((found < 0).any())
    labels[order], is_core[order] = compact, core
    return labels, is_core


@numba.njit(cache=True, nogil=True)
def _row_of_cells(cells, c, down):  # type: ignore[no-untyped-def]
    """First and last (exclusive) cell up to two columns away, ``down`` rows above or below."""
    middle = cells.key[c] + down * cells.columns
    first = np.searchsorted(cells.key, middle - _REACH)
    return first, np.searchsorted(cells.key, middle + _REACH, side="right")


@numba.njit(cache=True, nogil=True)
def _find_core(cells, squared, min_firms, core):  # type: ignore[no-untyped-def]
    """Mark the sites with enough firms within reach."""
    rows = 2 * _REACH + 1
    first, last = np.empty(rows, dtype=np.int64), np.empty(rows, dtype=np.int64)
    for c in range(cells.key.size):
        begin, end = cells.start[c], cells.start[c + 1]
        own = 0
        for i in range(begin, end):
            own += cells.size[i]
        if own >= min_firms:
            core[begin:end] = True
            continue
        for k in range(rows):
            a, b = _row_of_cells(cells, c, k - _REACH)
            first[k], last[k] = cells.start[a], cells.start[b]
        for i in range(begin, end):
            firms = 0
            for k in range(rows):
                for j in range(first[k], last[k]):
                    dx, dy = cells.x[j] - cells.x[i], cells.y[j] - cells.y[i]
                    if dx * dx + dy * dy <= squared:
                        firms += cells.size[j]
                if firms >= min_firms:
                    break
            core[i] = firms >= min_firms


@numba.njit(cache=True, nogil=True)
def _root(parent, c):  # type: ignore[no-untyped-def]
    while parent[c] != c:
        parent[c] = parent[parent[c]]
        c = parent[c]
    return c


@numba.njit(cache=True, nogil=True)
def _join_cells(cells, squared, core, parent):  # type: ignore[no-untyped-def]
    """Join cells that have core sites within reach of each other; nearest cells first."""
    number = cells.key.size
    boxes = np.empty((number, 4))
    for c in range(number):
        _core_box(cells, core, c, boxes[c])
    for ring in range(1, _REACH + 1):
        for c in range(number):
            if boxes[c, 0] > boxes[c, 1]:
                continue
            for down in range(ring + 1):
                a, b = _row_of_cells(cells, c, down)
                for d in range(max(a, c + 1), b):
                    across = cells.key[d] - cells.key[c] - down * cells.columns
                    if max(abs(across), down) != ring or boxes[d, 0] > boxes[d, 1]:
                        continue
                    one, other = _root(parent, c), _root(parent, d)
                    if one != other and _touch(cells, core, boxes, c, d, squared):
                        parent[max(one, other)] = min(one, other)


@numba.njit(cache=True, nogil=True)
def _core_box(cells, core, c, box):  # type: ignore[no-untyped-def]
    """Bounds of the core sites of a cell; empty bounds where there are none."""
    box[0], box[1], box[2], box[3] = np.inf, -np.inf, np.inf, -np.inf
    for i in range(cells.start[c], cells.start[c + 1]):
        if core[i]:
            box[0], box[1] = min(box[0], cells.x[i]), max(box[1], cells.x[i])
            box[2], box[3] = min(box[2], cells.y[i]), max(box[3], cells.y[i])


@numba.njit(cache=True, nogil=True)
def _gap(box, x, y):  # type: ignore[no-untyped-def]
    """Squared distance of a place from a box."""
    dx = max(box[0] - x, 0.0, x - box[1])
    dy = max(box[2] - y, 0.0, y - box[3])
    return dx * dx + dy * dy


@numba.njit(cache=True, nogil=True)
def _touch(cells, core, boxes, c, d, squared):  # type: ignore[no-untyped-def]
    """Whether two cells have core sites within reach of each other."""
    for i in range(cells.start[c], cells.start[c + 1]):
        if not core[i] or _gap(boxes[d], cells.x[i], cells.y[i]) > squared:
            continue
        for j in range(cells.start[d], cells.start[d + 1]):
            dx, dy = cells.x[j] - cells.x[i], cells.y[j] - cells.y[i]
            if core[j] and dx * dx + dy * dy <= squared:
                return True
    return False


@numba.njit(cache=True, nogil=True)
def _label(cells, squared, core, parent, order, labels):  # type: ignore[no-untyped-def]
    """Cluster (number of a cell) of core sites, of those near one, and -1 for noise."""
    for c in range(cells.key.size):
        for i in range(cells.start[c], cells.start[c + 1]):
            if core[i]:
                labels[i] = _root(parent, c)
                continue
            labels[i], nearest, site = -1, squared, order.size
            for down in range(-_REACH, _REACH + 1):
                a, b = _row_of_cells(cells, c, down)
                for d in range(a, b):
                    for j in range(cells.start[d], cells.start[d + 1]):
                        if not core[j]:
                            continue
                        dx, dy = cells.x[j] - cells.x[i], cells.y[j] - cells.y[i]
                        d2 = dx * dx + dy * dy
                        if d2 < nearest or (d2 == nearest and order[j] < site):
                            labels[i], nearest, site = _root(parent, d), d2, order[j]
