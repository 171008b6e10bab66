"""Least-cost ways over a grid: what a cable costs from each cell to the nearest source.

A step between two cells costs the mean of their costs a metre times its length (1 or √2 cells,
eight directions). Sources with limited capacity are given out once, in the order of the sites.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core.errors import MeasureError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class CostField:
    """Least cost to reach each cell.

    Attributes
    ----------
    cost
        Rows × columns; infinite where no way leads.
    source
        Which source it is reached from (its number in the list), -1 where none.
    back
        Direction of the step back towards the source (0–7), -1 at sources and where no way leads.
    """

    cost: Floats
    source: npt.NDArray[np.int32]
    back: npt.NDArray[np.int8]

    def way(self, row: int, col: int) -> npt.NDArray[np.int64]:
        """Cells (row, column) from a source to the given cell, both included; empty where none."""
        cells = [(row, col)]
        if self.source[row, col] < 0:
            return np.empty((0, 2), np.int64)
        while (step := int(self.back[row, col])) >= 0:
            row, col = row + int(_DR[step]), col + int(_DC[step])
            cells.append((row, col))
        return np.array(cells[::-1], np.int64)


def least_cost(
    surface: npt.NDArray[np.floating],
    rows: npt.ArrayLike,
    cols: npt.ArrayLike,
    cell_m: float = 1.0,
    *,
    goals: npt.NDArray[np.bool_] | None = None,
    enough: int = 1,
) -> CostField:
    """Least cost from the sources to every cell (Dijkstra, eight neighbours).

    Parameters
    ----------
    surface
        Cost a metre, positive; NaN or infinite: no way through.
    rows, cols
        Cells of the sources.
    cell_m
        Cell width, metres.
    goals
        Cells that are looked for; the search ends when the cheapest ``enough`` of them are
        reached, and costs of cells that are not settled by then are infinite.
    enough
        How many goals.

    Raises
    ------
    MeasureError
        A cost is negative or zero, or a source lies off the grid.

    References
    ----------
    Dijkstra, E. W. (1959). A note on two problems in connexion with graphs. *Numerische
    Mathematik* 1, 269–271.
    """
    cost = np.ascontiguousarray(surface, np.float64)
    r, c = np.atleast_1d(np.asarray(rows, np.int64)), np.atleast_1d(np.asarray(cols, np.int64))
    with np.errstate(invalid="ignore"):
        if (cost <= 0).any():
            raise MeasureError("error.cost_surface", found=float(np.nanmin(cost)))
    inside = (r >= 0) & (c >= 0) & (r < cost.shape[0]) & (c < cost.shape[1])
    if not inside.all():
        raise MeasureError("error.cost_sources", count=int((~inside).sum()))
    wanted = np.zeros((0, 0), dtype=bool) if goals is None else np.ascontiguousarray(goals)
    return CostField(*_spread(cost, r, c, float(cell_m), wanted, enough))


_DR = np.array([-1, -1, -1, 0, 0, 1, 1, 1], np.int64)
_DC = np.array([-1, 0, 1, -1, 1, -1, 0, 1], np.int64)
_LENGTH = np.hypot(_DR, _DC)


@numba.njit(cache=True, nogil=True)
def _spread(surface, rows, cols, cell_m, goals, enough):  # type: ignore[no-untyped-def]
    height, width = surface.shape
    cost = np.full((height, width), np.inf)
    source = np.full((height, width), -1, np.int32)
    back = np.full((height, width), -1, np.int8)
    keys = np.empty(1024)
    cells = np.empty(1024, np.int64)
    n = 0
    for s in range(rows.size):
        at = surface[rows[s], cols[s]]
        if np.isfinite(at) and cost[rows[s], cols[s]] > 0:
            cost[rows[s], cols[s]] = 0.0
            source[rows[s], cols[s]] = s
            keys, cells, n = _push(keys, cells, n, 0.0, rows[s] * width + cols[s])
    while n > 0:
        key, cell = keys[0], cells[0]
        n = _pop(keys, cells, n)
        r, c = cell // width, cell % width
        if key > cost[r, c]:
            continue
        if goals.size > 0 and goals[r, c]:
            enough -= 1
            if enough == 0:
                _unsettle(cost, source, key)
                break
        for d in range(8):
            nr, nc = r + _DR[d], c + _DC[d]
            if nr < 0 or nc < 0 or nr >= height or nc >= width:
                continue
            to = surface[nr, nc]
            if not np.isfinite(to):
                continue
            total = key + (surface[r, c] + to) * 0.5 * _LENGTH[d] * cell_m
            if total < cost[nr, nc]:
                cost[nr, nc] = total
                source[nr, nc] = source[r, c]
                back[nr, nc] = 7 - d
                keys, cells, n = _push(keys, cells, n, total, nr * width + nc)
    return cost, source, back


@numba.njit(cache=True, nogil=True)
def _unsettle(cost, source, key):  # type: ignore[no-untyped-def]
    """Costs above the last settled one are bounds, not answers: they are taken back."""
    for r in range(cost.shape[0]):
        for c in range(cost.shape[1]):
            if cost[r, c] > key:
                cost[r, c] = np.inf
                source[r, c] = -1


@numba.njit(cache=True, nogil=True)
def _push(keys, cells, n, key, cell):  # type: ignore[no-untyped-def]
    if n == keys.size:
        more, cells_more = np.empty(2 * n), np.empty(2 * n, np.int64)
        more[:n], cells_more[:n] = keys, cells
        keys, cells = more, cells_more
    at = n
    while at > 0:
        up = (at - 1) >> 1
        if keys[up] <= key:
            break
        keys[at], cells[at] = keys[up], cells[up]
        at = up
    keys[at], cells[at] = key, cell
    return keys, cells, n + 1


@numba.njit(cache=True, nogil=True)
def _pop(keys, cells, n):  # type: ignore[no-untyped-def]
    """Remove the least; returns what is left."""
    n -= 1
    key, cell = keys[n], cells[n]
    at = 0
    while True:
        down = 2 * at + 1
        if down >= n:
            break
        if down + 1 < n and keys[down + 1] < keys[down]:
            down += 1
        if keys[down] >= key:
            break
        keys[at], cells[at] = keys[down], cells[down]
        at = down
    keys[at], cells[at] = key, cell
    return n


def share_out(cost: npt.ArrayLike, need: npt.ArrayLike, spare: npt.ArrayLike) -> pd.DataFrame:
    """Give each site, in its order, the cheapest source that still has enough to spare.

    Capacity is counted once: what a site takes is gone for the sites after it. A site is fed from
    one source.

    Parameters
    ----------
    cost
        Sites × sources; infinite where no way leads.
    need
        Of each site, in the unit of ``spare``.
    spare
        Of each source; NaN is unknown and feeds nobody.

    Returns
    -------
    DataFrame
        One row a site: ``source`` (number, -1 where none can), ``cost`` (NaN where none), ``left``
        (what the source has left afterwards).
    """
    table = np.asarray(cost, np.float64)
    wanted = np.asarray(need, np.float64)
    left = np.array(spare, np.float64, copy=True)
    if table.shape != (wanted.size, left.size):
        raise MeasureError(
            "error.share_shapes", found=table.shape, expected=(wanted.size, left.size)
        )
    chosen = np.full(wanted.size, -1)
    paid, rest = np.full(wanted.size, np.nan), np.full(wanted.size, np.nan)
    for site in range(wanted.size):
        # An unknown spare capacity is never 'enough': comparisons with NaN are false.
        open_to = np.flatnonzero((left >= wanted[site] - 1e-9) & np.isfinite(table[site]))
        if open_to.size:
            best = int(open_to[np.argmin(table[site, open_to])])
            left[best] -= wanted[site]
            chosen[site], paid[site], rest[site] = best, table[site, best], left[best]
    return pd.DataFrame({"source": chosen, "cost": paid, "left": rest})
