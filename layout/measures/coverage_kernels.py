"""Signals of all stations over a tile of cells, compiled.

A tile is a few blocks of cells on a side and stays in the cache. Stations come nearest first, those
close to a block before the others. Each block of a station is judged first. Where the best its
signal could be, without any terrain, is below all that the block keeps, the station is left out if
that best is below the threshold too; if even its weakest signal meets the threshold and no terrain
stands in the way, it is counted and no signal computed. Neither changes a result.
Nearby blocks read the loss from tables cell by cell. In far ones the loss is smooth, and a
polynomial through 5 × 5 of its values gives it within 0.01 dB.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from layout.measures.coverage_blocks import any_hidden, reach
from layout.measures.coverage_compile import INNER
from layout.measures.coverage_tile import (
    NOTHING,
    OVERLAP,
    SIGNAL,
    Beam,
    Land,
    Scratch,
    add_block,
    count_block,
    judge_blocks,
)
from layout.measures.coverage_walks import edges_towards

Array = npt.NDArray[Any]
CLOSE_M: Final = 120.0
"""Stations nearer to a block than this are added to it first."""


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
    dip: Array
    indoor_loss: Array
    sigma: Array


class Loss(NamedTuple):
    """Tables of loss, the first of their steps, and from where each is smooth, metres."""

    base: Array
    slope: Array
    first: int
    steps: int
    smooth: Array


class Heights(NamedTuple):
    """Terrain for the kernel; ``on`` and ``built`` say whether there is any, and any buildings."""

    ground: Array
    surface: Array
    ground_tops: Array
    surface_tops: Array
    width: int
    cell: float
    bulge: float
    cap: float
    row_of: Array
    col_of: Array
    on: bool
    built: bool
    weight: Array


class Frame(NamedTuple):
    """The grid: centre of the first cell, width of cells (metres), and edges of its blocks."""

    x0: float
    y0: float
    cell: float
    row_edges: Array
    col_edges: Array


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


@numba.njit(cache=True, nogil=True)
def fill_tile(masts, loss, heights, frame, sites, tile, i0, i1, j0, j1, threshold, out):  # type: ignore[no-untyped-def]
    """Fill the cells of block rows ``i0`` to ``i1`` and columns ``j0`` to ``j1``, ends excluded.

    Returns how many signals in cells were evaluated.
    """
    r0, c0, cell = frame.row_edges[i0], frame.col_edges[j0], frame.cell
    rows, cols = frame.row_edges[i1] - r0, frame.col_edges[j1] - c0
    top, left = heights.row_of[r0], heights.col_of[c0]
    down, right = heights.row_of[r0 + rows - 1], heights.col_of[c0 + cols - 1]
    extra = np.zeros((down - top + 1, right - left + 1), np.float32)
    row_of, col_of = heights.row_of[r0 : r0 + rows] - top, heights.col_of[c0 : c0 + cols] - left
    land = Land(heights.on, heights.built, row_of, col_of, extra)
    side = tile.side
    empty = np.full((3, side, side), -np.inf, np.float32)
    line, fitted = np.empty(side, np.float32), np.empty((3, 5, 5), np.float32)
    scratch = Scratch(empty[0], empty[1], empty[2], line, fitted)
    wanted = np.zeros((i1 - i0, j1 - j0), np.int8)
    x0, y0 = frame.x0 + c0 * cell, frame.y0 - r0 * cell
    evaluated, close = 0, CLOSE_M * CLOSE_M
    # what is close to a block first: most of what is farther then cannot matter
    for from2, to2 in ((0.0, close), (close, np.inf)):
        for s in sites:
            x, y = x0 - masts.x[s], y0 - masts.y[s]
            if reach(x, y, cell, rows, cols)[0] >= to2:
                continue
            beam = _beam(masts, loss, s)
            if not judge_blocks(
                x, y, cell, beam, land, tile, threshold, out.full, from2, to2, wanted
            ):
                continue
            if heights.on:
                _edges_of(masts, s, heights, tile, wanted, land, top, left)
            evaluated += _add(x, y, cell, beam, land, tile, threshold, out.full, scratch, wanted)
    _write(out, r0, c0, tile, heights.on)
    return evaluated


@numba.njit(**INNER)
def _beam(masts, loss, s):  # type: ignore[no-untyped-def]
    """One station with its tables."""
    t = masts.table[s]
    return Beam(
        masts.eirp[s],
        masts.radius[s],
        masts.number[s],
        masts.indoor_loss[s],
        masts.sectors[s],
        masts.azimuths[s],
        masts.dip[s],
        loss.base[t],
        loss.slope[t],
        loss.first,
        loss.steps,
        loss.smooth[t],
    )


@numba.njit(**INNER)
def _add(x, y, cell, beam, land, tile, threshold, full, scratch, wanted):  # type: ignore[no-untyped-def]
    """Add a station to the blocks it can change; how many signals were evaluated."""
    evaluated = 0
    for i in range(wanted.shape[0]):
        for j in range(wanted.shape[1]):
            todo = wanted[i, j]
            if todo == OVERLAP and land.on:
                a, b, c, d = tile.rows[i], tile.rows[i + 1], tile.cols[j], tile.cols[j + 1]
                if any_hidden(land.row_of, land.col_of, a, b, c, d, land.extra):
                    todo = SIGNAL
            if todo == OVERLAP:
                count_block(x, y, cell, beam, tile, i, j)
            elif todo == SIGNAL:
                evaluated += add_block(x, y, cell, beam, land, tile, i, j, threshold, full, scratch)
    return evaluated


@numba.njit(**INNER)
def _edges_of(masts, s, heights, tile, wanted, land, top, left):  # type: ignore[no-untyped-def]
    """Fill ``land.extra`` towards the terrain cells of the wanted blocks."""
    far = (masts.radius[s] / heights.cell + 1.5) ** 2
    for i in range(wanted.shape[0]):
        a, b = land.row_of[tile.rows[i]], land.row_of[tile.rows[i + 1] - 1] + 1
        for j in range(wanted.shape[1]):
            if wanted[i, j] != NOTHING:
                c, d = land.col_of[tile.cols[j]], land.col_of[tile.cols[j + 1] - 1] + 1
                edges_towards(
                    heights.ground,
                    heights.ground_tops,
                    heights.surface,
                    heights.surface_tops,
                    heights.built,
                    heights.width,
                    heights.weight,
                    heights.cell,
                    heights.bulge,
                    heights.cap,
                    masts.row[s],
                    masts.col[s],
                    masts.eye[s],
                    np.float32(masts.h_ut),
                    masts.edge_scale[s],
                    far,
                    top + a,
                    top + b,
                    left + c,
                    left + d,
                    top,
                    left,
                    land.extra,
                )


@numba.njit(**INNER)
def _write(out, r0, c0, tile, hidden):  # type: ignore[no-untyped-def]
    """Copy a finished tile into the rasters; NaN where nothing reaches."""
    side = tile.side
    for i in range(len(tile.rows) - 1):
        for j in range(len(tile.cols) - 1):
            high, wide = tile.rows[i + 1] - tile.rows[i], tile.cols[j + 1] - tile.cols[j]
            a, b = r0 + tile.rows[i], c0 + tile.cols[j]
            server = tile.server[i, j]
            _copy(high, wide, side, server, out.server[a : a + high, b : b + wide])
            overlap, everywhere = tile.overlap[i, j], tile.everywhere[i, j]
            for k in range(len(overlap)):
                overlap[k] += everywhere
            _copy(high, wide, side, overlap, out.overlap[a : a + high, b : b + wide])
            _known(high, wide, side, tile.best[i, j], out.rsrp[a : a + high, b : b + wide])
            if out.full:
                after = tile.second_server[i, j]
                opened = tile.opened[i, j] if hidden else tile.best[i, j]
                _copy(high, wide, side, after, out.second_server[a : a + high, b : b + wide])
                _known(high, wide, side, tile.second[i, j], out.second[a : a + high, b : b + wide])
                _known(high, wide, side, opened, out.open_rsrp[a : a + high, b : b + wide])
                _known(high, wide, side, tile.indoor[i, j], out.indoor[a : a + high, b : b + wide])


@numba.njit(**INNER)
def _copy(high, wide, side, values, target):  # type: ignore[no-untyped-def]
    for r in range(high):
        line, own = target[r], values[r * side : r * side + wide]
        for c in range(len(own)):
            line[c] = own[c]


@numba.njit(**INNER)
def _known(high, wide, side, values, target):  # type: ignore[no-untyped-def]
    missing = np.float32(np.nan)
    for r in range(high):
        line, own = target[r], values[r * side : r * side + wide]
        for c in range(len(own)):
            line[c] = own[c] if own[c] > np.float32(-1e9) else missing
