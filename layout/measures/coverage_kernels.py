"""Signals of all stations over a block of cells, in one compiled pass a tile.

A tile is small enough for the cache. Its stations come nearest first, so that of stations that
share a mast and give the same signal the first in the table serves. Loss is read from tables by
distance; the state of terrain (clear, or hidden by an edge of so many dB) is one for all cells
whose centre lies in one terrain cell.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from layout.measures.coverage_tables import SHIFT

Array = npt.NDArray[Any]
UNKNOWN_M = np.float32(1e9)
"""Stands for an unknown height inside the kernel."""


class Masts(NamedTuple):
    """Stations on the air: metres, dBm, and rows of the tables."""

    x: Array
    y: Array
    number: Array
    radius: Array
    eirp: Array
    table: Array
    eye: Array
    h_ut: float
    edge_scale: Array
    row: Array
    col: Array
    sectors: Array
    azimuths: Array
    indoor_loss: Array
    sigma: Array


class Loss(NamedTuple):
    """Tables of loss, and the first of their steps."""

    base: Array
    slope: Array
    first: int
    steps: int


class Heights(NamedTuple):
    """Terrain for the kernel; ``on`` and ``built`` say whether there is any, and any buildings."""

    ground: Array
    surface: Array
    cell: float
    bulge: float
    cap: float
    row_of: Array
    col_of: Array
    on: bool
    built: bool
    inverse_root: Array


class Frame(NamedTuple):
    """The grid: centre of the first cell, and width of cells, metres."""

    x0: float
    y0: float
    cell: float
    rows: int
    cols: int
    tile: int


class Out(NamedTuple):
    """Rasters to fill. ``full``: second server and signal over open terrain too."""

    rsrp: Array
    server: Array
    overlap: Array
    second: Array
    second_server: Array
    open_rsrp: Array
    indoor: Array
    full: bool


@numba.njit(cache=True, nogil=True, fastmath={"nnan", "nsz", "contract", "arcp", "reassoc"})
def worst_edge(z, r0, c0, down, across, eye, target, bulge, inverse_root):  # type: ignore[no-untyped-def]
    """Largest of (height above the path) / √(k(n-k)) over the steps k of a profile.

    ``z`` holds metres above sea level, ``bulge`` is a step's, metres. Below zero the path is clear.
    """
    n = max(abs(down), abs(across))
    worst = np.float32(-1e30)
    if n < 2:
        return worst
    fall = np.float32((target - eye) / n)
    base = np.float32(eye + 1e-3)
    if abs(across) >= abs(down):
        step, slope = (1 if across > 0 else -1), np.float32(down / n)
        for k in range(1, n):
            at = slope * np.float32(k)
            low = int(np.floor(at))
            part = at - np.float32(low)
            first = z[r0 + low, c0 + k * step]
            second = z[min(r0 + low + 1, z.shape[0] - 1), c0 + k * step]
            height = first + (second - first) * part - base - fall * np.float32(k)
            height += bulge * np.float32(k * (n - k))
            worst = max(worst, height * (inverse_root[k] * inverse_root[n - k]))
    else:
        step, slope = (1 if down > 0 else -1), np.float32(across / n)
        for k in range(1, n):
            at = slope * np.float32(k)
            low = int(np.floor(at))
            part = at - np.float32(low)
            first = z[r0 + k * step, c0 + low]
            second = z[r0 + k * step, min(c0 + low + 1, z.shape[1] - 1)]
            height = first + (second - first) * part - base - fall * np.float32(k)
            height += bulge * np.float32(k * (n - k))
            worst = max(worst, height * (inverse_root[k] * inverse_root[n - k]))
    return worst


@numba.njit(cache=True, nogil=True)
def _terrain_row(masts, s, heights, row, first, last, loss, state, extra):  # type: ignore[no-untyped-def]
    """State of terrain towards the cells ``first`` to ``last`` of a terrain row.

    ``state`` gets 0 or the offset of the table without line of sight, ``extra`` dB of the edge;
    an unknown height makes it infinite.
    """
    r0, c0 = masts.row[s], masts.col[s]
    down = row - r0
    clear = 2 * loss.steps if heights.built else 0
    for column in range(first, last + 1):
        across = column - c0
        n = max(abs(down), abs(across))
        ground = heights.ground[row, column]
        if ground >= UNKNOWN_M or masts.eye[s] >= UNKNOWN_M:
            state[column], extra[column] = clear, np.float32(np.inf)
            continue
        target = ground + np.float32(masts.h_ut)
        step = heights.cell * np.sqrt(float(down * down + across * across)) / max(n, 1)
        bulge = np.float32(heights.bulge * step * step)
        worst = worst_edge(
            heights.ground, r0, c0, down, across, masts.eye[s], target, bulge, heights.inverse_root
        )
        state[column], extra[column] = clear, np.float32(0.0)
        if worst > 0:
            nu = worst * np.sqrt(masts.edge_scale[s] * n / step)
            if worst > 1e6:
                extra[column] = np.float32(np.inf)
                continue
            w = nu - 0.1
            edge = 6.9 + 20 * np.log10(np.sqrt(w * w + 1) + w)
            state[column], extra[column] = loss.steps, np.float32(min(edge, heights.cap))
        elif heights.built:
            worst = worst_edge(
                heights.surface,
                r0,
                c0,
                down,
                across,
                masts.eye[s],
                target,
                bulge,
                heights.inverse_root,
            )
            if worst > 0:
                state[column] = loss.steps
                if worst > 1e6:
                    extra[column] = np.float32(np.inf)


@numba.njit(cache=True, nogil=True)
def _signals(n, x, cell, y2, eirp, base, slope, first, value):  # type: ignore[no-untyped-def]
    """Signal of a station in ``n`` cells of a row by distance alone, dBm."""
    near = np.float32(100.0)
    for c in range(n):
        dx = x + np.float32(c) * cell
        squared = max(dx * dx + y2, near)
        at = (np.float32(squared).view(np.int32) >> SHIFT) - first
        value[c] = eirp - (base[at] + slope[at] * squared)


@numba.njit(cache=True, nogil=True)
def _signals_terrain(n, x, cell, y2, eirp, base, slope, first, state, extra, value):  # type: ignore[no-untyped-def]
    """As :func:`_signals`, behind terrain; ``base`` and ``slope`` hold all states in turn."""
    near = np.float32(100.0)
    for c in range(n):
        dx = x + np.float32(c) * cell
        squared = max(dx * dx + y2, near)
        at = (np.float32(squared).view(np.int32) >> SHIFT) - first + state[c]
        value[c] = eirp - (base[at] + slope[at] * squared) - extra[c]


@numba.njit(cache=True, nogil=True)
def _pattern(n, x, cell, y, azimuths, gain):  # type: ignore[no-untyped-def]
    """Gain of the best sector in ``n`` cells of a row, dB."""
    for c in range(n):
        bearing = np.float32(57.29577951) * np.arctan2(x + np.float32(c) * cell, y)
        best = np.float32(30.0)
        for k in range(3):
            off = bearing - azimuths[k]
            off -= np.float32(360.0) * np.round(off / np.float32(360.0))
            best = min(best, np.float32(12.0 / 4225.0) * off * off)
        gain[c] = -best


@numba.njit(cache=True, nogil=True)
def _take_basic(n, value, number, threshold, best, server, count):  # type: ignore[no-untyped-def]
    for c in range(n):
        v = value[c]
        better = v > best[c]
        best[c] = v if better else best[c]
        server[c] = number if better else server[c]
        count[c] += np.int32(1) if v >= threshold else np.int32(0)


@numba.njit(cache=True, nogil=True)
def _take_full(n, value, number, threshold, best, server, count, second, next_server):  # type: ignore[no-untyped-def]
    for c in range(n):
        v, b = value[c], best[c]
        better, next_better = v > b, v > second[c]
        second[c] = b if better else (v if next_better else second[c])
        next_server[c] = server[c] if better else (number if next_better else next_server[c])
        best[c] = v if better else b
        server[c] = number if better else server[c]
        count[c] += np.int32(1) if v >= threshold else np.int32(0)


@numba.njit(cache=True, nogil=True)
def _most(n, value, less, best):  # type: ignore[no-untyped-def]
    for c in range(n):
        best[c] = max(best[c], value[c] - less)


@numba.njit(cache=True, nogil=True)
def _chord(masts, s, frame, y, c0, c1):  # type: ignore[no-untyped-def]
    """First and last (exclusive) column of a row at ``y`` metres that a station reaches."""
    half = masts.radius[s] * masts.radius[s] - y * y
    if half < 0:
        return 0, 0
    half = np.sqrt(half)
    left = (masts.x[s] - half - frame.x0) / frame.cell
    right = (masts.x[s] + half - frame.x0) / frame.cell
    return max(c0, int(np.ceil(left))), min(c1, int(np.floor(right)) + 1)


@numba.njit(cache=True, nogil=True)
def fill_window(masts, loss, heights, frame, sites, r0, r1, c0, c1, threshold, out):  # type: ignore[no-untyped-def]
    """Fill the cells of rows ``r0`` to ``r1`` and columns ``c0`` to ``c1``, ends excluded."""
    high, wide = r1 - r0, c1 - c0
    low = np.float32(-np.inf)
    best = np.full((high, wide), low, np.float32)
    server = np.full((high, wide), -1, np.int32)
    count = np.zeros((high, wide), np.int32)
    more = (high, wide) if out.full else (1, 1)
    second = np.full(more, low, np.float32)
    next_server = np.full(more, -1, np.int32)
    opened = np.full(more, low, np.float32)
    indoor = np.full(more, low, np.float32)
    value, gain = np.empty(wide, np.float32), np.empty(wide, np.float32)
    state, extra = np.zeros(wide, np.int32), np.zeros(wide, np.float32)
    cells = heights.ground.shape[1]
    cell_state, cell_extra = np.zeros(cells, np.int32), np.zeros(cells, np.float32)
    for s in sites:
        base = loss.base[masts.table[s]]
        slope = loss.slope[masts.table[s]]
        number, eirp = masts.number[s], masts.eirp[s]
        row = r0
        while row < r1:
            after = r1
            if heights.on:
                after = row + 1
                while after < r1 and heights.row_of[after] == heights.row_of[row]:
                    after += 1
            ready = False
            for r in range(row, after):
                y = frame.y0 - r * frame.cell - masts.y[s]
                a, b = _chord(masts, s, frame, y, c0, c1)
                if a >= b:
                    continue
                n, at = b - a, r - r0
                x = np.float32(frame.x0 + a * frame.cell - masts.x[s])
                y2, cell = np.float32(y * y), np.float32(frame.cell)
                if masts.sectors[s]:
                    _pattern(n, x, cell, np.float32(y), masts.azimuths[s], gain)
                if heights.on:
                    if not ready:
                        nearest = 0.0
                        top = frame.y0 - row * frame.cell - masts.y[s]
                        end = frame.y0 - (after - 1) * frame.cell - masts.y[s]
                        if top * end > 0:
                            nearest = min(abs(top), abs(end))
                        wa, wb = _chord(masts, s, frame, nearest, c0, c1)
                        _terrain_row(
                            masts,
                            s,
                            heights,
                            heights.row_of[row],
                            heights.col_of[wa],
                            heights.col_of[wb - 1],
                            loss,
                            cell_state,
                            cell_extra,
                        )
                        for c in range(wa, wb):
                            state[c - c0] = cell_state[heights.col_of[c]]
                            extra[c - c0] = cell_extra[heights.col_of[c]]
                        ready = True
                    if out.full:
                        _signals(n, x, cell, y2, eirp, base, slope, loss.first, value)
                        if masts.sectors[s]:
                            value[:n] += gain[:n]
                        _most(n, value, np.float32(0.0), opened[at, a - c0 :])
                    _signals_terrain(
                        n,
                        x,
                        cell,
                        y2,
                        eirp,
                        base,
                        slope,
                        loss.first,
                        state[a - c0 :],
                        extra[a - c0 :],
                        value,
                    )
                else:
                    _signals(n, x, cell, y2, eirp, base, slope, loss.first, value)
                if masts.sectors[s]:
                    value[:n] += gain[:n]
                k = a - c0
                if out.full:
                    _most(n, value, masts.indoor_loss[s], indoor[at, k:])
                    _take_full(
                        n,
                        value,
                        number,
                        threshold,
                        best[at, k:],
                        server[at, k:],
                        count[at, k:],
                        second[at, k:],
                        next_server[at, k:],
                    )
                else:
                    _take_basic(
                        n, value, number, threshold, best[at, k:], server[at, k:], count[at, k:]
                    )
            row = after
    _write(out, r0, c0, best, server, count, second, next_server, opened, indoor, heights.on)


@numba.njit(cache=True, nogil=True)
def _write(out, r0, c0, best, server, count, second, next_server, opened, indoor, hidden):  # type: ignore[no-untyped-def]
    """Copy a finished window into the rasters; NaN where nothing reaches."""
    missing = np.float32(np.nan)
    high, wide = best.shape
    for r in range(high):
        for c in range(wide):
            b = best[r, c]
            out.rsrp[r0 + r, c0 + c] = b if server[r, c] >= 0 else missing
            out.server[r0 + r, c0 + c] = server[r, c]
            out.overlap[r0 + r, c0 + c] = min(count[r, c], 65535)
    if out.full:
        for r in range(high):
            for c in range(wide):
                known = next_server[r, c] >= 0
                out.second[r0 + r, c0 + c] = second[r, c] if known else missing
                out.second_server[r0 + r, c0 + c] = next_server[r, c]
                out.indoor[r0 + r, c0 + c] = indoor[r, c] if server[r, c] >= 0 else missing
                o = opened[r, c] if hidden else best[r, c]
                out.open_rsrp[r0 + r, c0 + c] = o if o > np.float32(-1e9) else missing
