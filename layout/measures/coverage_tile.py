"""One tile of cells: what it has so far, and how a station is added to one of its blocks, compiled.

``x`` and ``y`` are metres from the station to the tile's first cell centre.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from layout.measures.coverage_blocks import (
    add,
    any_hidden,
    cut,
    hide,
    least,
    loss_at,
    most,
    pattern,
    reach,
    take_basic,
    take_second,
    values,
)

Array = npt.NDArray[Any]


class Tile(NamedTuple):
    """What a tile has so far.

    ``floors`` are the least second (or, of basic products, best) level and the least indoor level
    of each block, right where ``fresh``; ``rows`` and ``cols`` are the edges of the blocks. Levels
    and servers are ``(blocks across, blocks down, cells of a square)``; ``side`` is its width.
    """

    best: Array
    server: Array
    overlap: Array
    second: Array
    second_server: Array
    opened: Array
    indoor: Array
    floors: Array
    fresh: Array
    rows: Array
    cols: Array
    side: int


class Beam(NamedTuple):
    """One station: power, radius, number, loss into buildings, sectors, and its tables."""

    power: float
    radius: float
    number: int
    less: float
    sectors: bool
    azimuths: Array
    base: Array
    slope: Array
    first: int
    steps: int
    smooth: Array


class Land(NamedTuple):
    """Terrain cells of a tile, and the loss by the edge towards each."""

    on: bool
    built: bool
    row_of: Array
    col_of: Array
    extra: Array


class Scratch(NamedTuple):
    """Room for one block."""

    value: Array
    hidden: Array
    gain: Array
    line: Array
    fitted: Array


def empty_tile(row_edges: Array, col_edges: Array, *, full: bool) -> Tile:
    """A tile without any station."""
    rows, cols = row_edges - row_edges[0], col_edges - col_edges[0]
    side = int(max(np.diff(rows).max(), np.diff(cols).max()))
    blocks = (len(rows) - 1, len(cols) - 1)
    shape = (*blocks, side * side)
    more = shape if full else (1, 1, 1)
    low = np.float32(-np.inf)
    return Tile(
        np.full(shape, low, dtype=np.float32),
        np.full(shape, -1, dtype=np.int32),
        np.zeros(shape, dtype=np.int32),
        np.full(more, low, dtype=np.float32),
        np.full(more, -1, dtype=np.int32),
        np.full(more, low, dtype=np.float32),
        np.full(more, low, dtype=np.float32),
        np.full((*blocks, 2), low, dtype=np.float32),
        np.zeros(blocks, dtype=np.bool_),
        rows,
        cols,
        side,
    )


@numba.njit(cache=True, nogil=True)
def wanted_blocks(x, y, cell, beam, land, tile, threshold, full, wanted):  # type: ignore[no-untyped-def]
    """Mark the blocks of a tile a station can matter in; the number of them."""
    rows, cols, floors = tile.rows, tile.cols, tile.floors
    found = 0
    for i in range(wanted.shape[0]):
        high = rows[i + 1] - rows[i]
        for j in range(wanted.shape[1]):
            wide = cols[j + 1] - cols[j]
            near, _ = reach(x + cols[j] * cell, y - rows[i] * cell, cell, high, wide)
            wanted[i, j] = near <= beam.radius * beam.radius
            if not wanted[i, j]:
                continue
            top = beam.power - loss_at(beam.base, beam.slope, -beam.first, near)
            if land.built:
                seen = 2 * beam.steps - beam.first
                top = max(top, beam.power - loss_at(beam.base, beam.slope, seen, near))
            top += np.float32(0.02)
            if top < threshold:
                if not tile.fresh[i, j]:
                    lowest = tile.second if full else tile.best
                    square = (tile.side, tile.side)
                    floors[i, j, 0] = least(high, wide, lowest[i, j].reshape(square))
                    if full:
                        floors[i, j, 1] = least(high, wide, tile.indoor[i, j].reshape(square))
                    tile.fresh[i, j] = True
                beaten = top <= floors[i, j, 0]
                if full:
                    beaten &= top - beam.less <= floors[i, j, 1]
                wanted[i, j] = not beaten
            found += wanted[i, j]
    return found


@numba.njit(cache=True, nogil=True)
def add_block(x, y, cell, beam, land, tile, i, j, threshold, full, scratch):  # type: ignore[no-untyped-def]
    """Add the signal of a station to a block of a tile; how many cells that was."""
    r0, c0 = tile.rows[i], tile.cols[j]
    high, wide = tile.rows[i + 1] - r0, tile.cols[j + 1] - c0
    value, hidden, gain = scratch.value, scratch.hidden, scratch.gain
    row_of, col_of, n = land.row_of, land.col_of, high * tile.side
    line = value.reshape(tile.side * tile.side)
    x, y = x + c0 * cell, y - r0 * cell
    _, far = reach(x, y, cell, high, wide)
    beyond, within = far > beam.radius * beam.radius, high * wide
    if beam.sectors:
        single = np.float32(cell)
        pattern(high, wide, np.float32(x), np.float32(y), single, beam.azimuths, gain)
    for row in (0, 2, 1):
        # over open terrain, in line of sight, hidden: the rows of the table
        asked = (full or not land.built) if row == 0 else land.built
        if row == 1:
            asked = land.on and any_hidden(row_of, col_of, r0, r0 + high, c0, c0 + wide, land.extra)
        if not asked:
            continue
        target = hidden if row == 1 else value
        shift = row * beam.steps - beam.first
        values(
            high,
            wide,
            x,
            y,
            cell,
            beam.power,
            beam.base,
            beam.slope,
            shift,
            beam.smooth,
            scratch.fitted,
            target,
        )
        if beam.sectors:
            add(high, wide, gain, target)
        if row == 0 and full and land.on:
            if beyond:
                cut(high, wide, x, y, cell, beam.radius, value)
            most(n, line, np.float32(0.0), tile.opened[i, j])
        if row == 1:
            hide(high, wide, row_of, col_of, r0, c0, land.extra, scratch.line, hidden, value)
    if beyond:
        within = cut(high, wide, x, y, cell, beam.radius, value)
    best, server = tile.best[i, j], tile.server[i, j]
    if full:
        take_second(n, line, beam.number, best, server, tile.second[i, j], tile.second_server[i, j])
        most(n, line, beam.less, tile.indoor[i, j])
    take_basic(n, line, beam.number, threshold, best, server, tile.overlap[i, j])
    tile.fresh[i, j] = False
    return within
