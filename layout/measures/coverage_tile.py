"""One tile of cells: what it has so far, and how a station is added to one of its blocks, compiled.

``x`` and ``y`` are metres from the station to the tile's first cell centre.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from layout.measures.coverage_blocks import (
    add,
    any_hidden,
    count_within,
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
from layout.measures.coverage_compile import INNER

Array = npt.NDArray[Any]
NOTHING: Final = 0
SIGNAL: Final = 1
OVERLAP: Final = 2
"""What a station can change in a block: nothing, any signal, or the overlap alone."""
SLACK_DB: Final = np.float32(0.02)
"""How far a signal may be from the table: what is nearer to a bound than this is computed."""


class Tile(NamedTuple):
    """What a tile has so far.

    ``floors`` are the least second (or, of basic products, best) level, the least indoor and the
    least open level of each block, right where ``fresh``; ``everywhere`` counts stations that
    suffice in the whole of a block, beyond ``overlap``; ``rows`` and ``cols`` are the edges of the
    blocks. Levels and servers are ``(blocks down, blocks across, cells of a square)``; ``side`` is
    its width.
    """

    best: Array
    server: Array
    overlap: Array
    everywhere: Array
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
    """One station: power, radius, number, loss into buildings, sectors, and its tables.

    ``dip`` is the gain where the antenna is weakest, dB.
    """

    power: float
    radius: float
    number: int
    less: float
    sectors: bool
    azimuths: Array
    dip: float
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
        np.zeros(blocks, dtype=np.int32),
        np.full(more, low, dtype=np.float32),
        np.full(more, -1, dtype=np.int32),
        np.full(more, low, dtype=np.float32),
        np.full(more, low, dtype=np.float32),
        np.full((*blocks, 3), low, dtype=np.float32),
        np.zeros(blocks, dtype=np.bool_),
        rows,
        cols,
        side,
    )


@numba.njit(**INNER)
def judge_blocks(x, y, cell, beam, land, tile, threshold, full, from2, to2, wanted):  # type: ignore[no-untyped-def]
    """Say what a station can change in each block of a tile; how many blocks that is.

    ``from2`` and ``to2`` are squared distances: blocks whose nearest cell is not between them are
    left to another pass. ``wanted`` gets ``NOTHING``, ``SIGNAL``, or ``OVERLAP`` where every signal
    meets the threshold and none can be one that is kept, unless terrain stands in the way.
    """
    rows, cols, row = tile.rows, tile.cols, 2 if land.built else 0
    found, within2 = 0, beam.radius * beam.radius
    for i in range(wanted.shape[0]):
        high = rows[i + 1] - rows[i]
        for j in range(wanted.shape[1]):
            wanted[i, j], wide = NOTHING, cols[j + 1] - cols[j]
            near, far = reach(x + cols[j] * cell, y - rows[i] * cell, cell, high, wide)
            if near > within2 or near < from2 or near >= to2:
                continue
            opened = beam.power - loss_at(beam.base, beam.slope, -beam.first, near) + SLACK_DB
            top, shift = opened, row * beam.steps - beam.first
            if land.built:
                top = max(top, beam.power - loss_at(beam.base, beam.slope, shift, near) + SLACK_DB)
            wanted[i, j] = SIGNAL
            least = beam.power - loss_at(beam.base, beam.slope, shift, min(far, within2))
            enough = least + beam.dip - SLACK_DB >= threshold
            if (top < threshold or enough) and _beaten(
                tile, i, j, top, opened, beam.less, full, land.built
            ):
                wanted[i, j] = OVERLAP if enough else NOTHING
            found += wanted[i, j] != NOTHING
    return found


@numba.njit(**INNER)
def _beaten(tile, i, j, top, opened, less, full, built):  # type: ignore[no-untyped-def]
    """Whether signals up to ``top`` can be none of those a block keeps."""
    floors = tile.floors[i, j]
    if not tile.fresh[i, j]:
        high, wide = tile.rows[i + 1] - tile.rows[i], tile.cols[j + 1] - tile.cols[j]
        square = (tile.side, tile.side)
        lowest = tile.second if full else tile.best
        floors[0] = least(high, wide, lowest[i, j].reshape(square))
        if full:
            floors[1] = least(high, wide, tile.indoor[i, j].reshape(square))
            if built:
                floors[2] = least(high, wide, tile.opened[i, j].reshape(square))
        tile.fresh[i, j] = True
    beaten = top <= floors[0]
    if full:
        # over bare earth the best open signal is no less than the second best
        beaten &= top - less <= floors[1] and (not built or opened <= floors[2])
    return beaten


@numba.njit(**INNER)
def count_block(x, y, cell, beam, tile, i, j):  # type: ignore[no-untyped-def]
    """Add a station that suffices everywhere within its radius to the overlap of a block."""
    r0, c0, side = tile.rows[i], tile.cols[j], tile.side
    high, wide = tile.rows[i + 1] - r0, tile.cols[j + 1] - c0
    x, y = x + c0 * cell, y - r0 * cell
    _, far = reach(x, y, cell, high, wide)
    if far <= beam.radius * beam.radius:
        tile.everywhere[i, j] += 1
    else:
        count_within(high, wide, x, y, cell, beam.radius, tile.overlap[i, j].reshape((side, side)))


@numba.njit(**INNER)
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
