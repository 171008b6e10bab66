"""What is done with one block of cells and one station, compiled.

``x`` and ``y`` are metres from the station to the block's first cell centre, ``high`` and ``wide``
the rows and columns of the block. Blocks are stored in squares that may be larger; what is done
cell by cell is done on whole rows of the square as one line, which is what vectorises, and the
cells beyond the block are never looked at.
"""

from __future__ import annotations

import numba
import numpy as np

from layout.measures.coverage_compile import INNER
from layout.measures.coverage_polynomial import far_values, fit
from layout.measures.coverage_tables import SHIFT


@numba.njit(**INNER)
def reach(x, y, cell, high, wide):  # type: ignore[no-untyped-def]
    """Squared distance of a station from the nearest and the farthest cell centre of a block.

    ``x`` and ``y`` are the first cell centre of the block, seen from the station.
    """
    right, bottom = x + (wide - 1) * cell, y - (high - 1) * cell
    dx, dy = max(x, -right, 0.0), max(bottom, -y, 0.0)
    far_x, far_y = max(abs(x), abs(right)), max(abs(y), abs(bottom))
    return dx * dx + dy * dy, far_x * far_x + far_y * far_y


@numba.njit(**INNER)
def loss_at(base, slope, shift, squared):  # type: ignore[no-untyped-def]
    """Loss at a squared distance; ``shift`` is the offset of the row less the first step."""
    value = np.float32(max(squared, 100.0))
    at = (value.view(np.int32) >> SHIFT) + shift
    return base[at] + slope[at] * value


@numba.njit(**INNER)
def _near_values(r0, r1, c0, c1, x, y, cell, power, base, slope, shift, value):  # type: ignore[no-untyped-def]
    """Signal in cells of a block, from the table; ``x`` and ``y`` are of the cell (0, 0)."""
    near = np.float32(100.0)
    for r in range(r0, r1):
        dy = y - np.float32(r) * cell
        y2 = dy * dy
        start, line = x + np.float32(c0) * cell, value[r, c0:c1]
        for c in range(len(line)):
            dx = start + np.float32(c) * cell
            squared = dx * dx + y2
            squared = squared if squared > near else near
            at = (np.float32(squared).view(np.int32) >> SHIFT) + shift
            line[c] = power - (base[at] + slope[at] * squared)


@numba.njit(**INNER)
def values(high, wide, x, y, cell, power, base, slope, shift, smooth, fitted, value):  # type: ignore[no-untyped-def]
    """Signal of a station in a block by one row of its table, whichever way is right for it."""
    near, _ = reach(x, y, cell, high, wide)
    if near >= smooth[0] * smooth[0] and high > 5 and wide > 5:
        # zeros of one type with the numbers below, so that each is compiled once
        a, b = high - high, wide - wide
        fit(a, high, b, wide, x, y, cell, base, slope, shift, power, fitted)
        far_values(a, high, b, wide, fitted, value)
        return
    a, b = (high + 1) // 2, (wide + 1) // 2
    u, v, single = np.float32(x), np.float32(y), np.float32(cell)
    for i in range(2):
        for j in range(2):
            r0, r1 = (0, a) if i == 0 else (a, high)
            c0, c1 = (0, b) if j == 0 else (b, wide)
            near, _ = reach(x + c0 * cell, y - r0 * cell, cell, r1 - r0, c1 - c0)
            if near >= smooth[1] * smooth[1] and r1 - r0 > 5 and c1 - c0 > 5:
                fit(r0, r1, c0, c1, x, y, cell, base, slope, shift, power, fitted)
                far_values(r0, r1, c0, c1, fitted, value)
            else:
                _near_values(r0, r1, c0, c1, u, v, single, power, base, slope, shift, value)


@numba.njit(**INNER)
def _span(wide, x, dy, cell, radius):  # type: ignore[no-untyped-def]
    """First and last column (excluded) of a row of a block within the radius."""
    half = radius * radius - dy * dy
    if half < 0:
        return wide, wide
    half = np.sqrt(half)
    lo = min(max(0, int(np.ceil((-half - x) / cell))), wide)
    return lo, max(lo, min(wide, int(np.floor((half - x) / cell)) + 1))


@numba.njit(**INNER)
def cut(high, wide, x, y, cell, radius, value):  # type: ignore[no-untyped-def]
    """Take the cells beyond the radius out of a block; how many are within."""
    none, within = np.float32(-np.inf), 0
    for r in range(high):
        lo, hi = _span(wide, x, y - r * cell, cell, radius)
        for c in range(lo):
            value[r, c] = none
        for c in range(hi, wide):
            value[r, c] = none
        within += hi - lo
    return within


@numba.njit(**INNER)
def count_within(high, wide, x, y, cell, radius, overlap):  # type: ignore[no-untyped-def]
    """Add one to the cells of a block within the radius."""
    for r in range(high):
        lo, hi = _span(wide, x, y - r * cell, cell, radius)
        line = overlap[r, lo:hi]
        for c in range(len(line)):
            line[c] += 1


@numba.njit(**INNER)
def hide(high, wide, row_of, col_of, r0, c0, extra, line, hidden, value):  # type: ignore[no-untyped-def]
    """Put the hidden signal less the edge where an edge is in the way."""
    last, some = -1, False
    for r in range(high):
        row = row_of[r0 + r]
        if row != last:
            last, some = row, False
            for c in range(wide):
                line[c] = extra[row, col_of[c0 + c]]
                some |= line[c] > 0
        if some:
            for c in range(wide):
                e = line[c]
                value[r, c] = hidden[r, c] - e if e > 0 else value[r, c]


@numba.njit(**INNER)
def any_hidden(row_of, col_of, r0, r1, c0, c1, extra):  # type: ignore[no-untyped-def]
    """Whether an edge is in the way to any terrain cell of a block."""
    for row in range(row_of[r0], row_of[r1 - 1] + 1):
        for col in range(col_of[c0], col_of[c1 - 1] + 1):
            if extra[row, col] > 0:
                return True
    return False


@numba.njit(**INNER)
def pattern(high, wide, x, y, cell, azimuths, gain):  # type: ignore[no-untyped-def]
    """Gain of the best sector in every cell of a block, dB."""
    first, second, third = azimuths[0], azimuths[1], azimuths[2]
    turn, steep, bottom = np.float32(360.0), np.float32(12.0 / 4225.0), np.float32(30.0)
    for r in range(high):
        dy = y - np.float32(r) * cell
        for c in range(wide):
            bearing = _bearing(x + np.float32(c) * cell, dy)
            a, b, d = abs(bearing - first), abs(bearing - second), abs(bearing - third)
            a = min(min(a, turn - a), min(min(b, turn - b), min(d, turn - d)))
            gain[r, c] = -min(bottom, steep * a * a)


@numba.njit(**INNER)
def _bearing(dx, dy):  # type: ignore[no-untyped-def]
    """Degrees clockwise from north, 0 to 360, within 0.001; a polynomial that vectorises."""
    across, along = abs(dx), abs(dy)
    large = max(max(across, along), np.float32(1e-6))
    t = min(across, along) / large
    t2 = t * t
    a = np.float32(-0.01172120) * t2 + np.float32(0.05265332)
    a = a * t2 - np.float32(0.11643287)
    a = a * t2 + np.float32(0.19354346)
    a = a * t2 - np.float32(0.33262347)
    a = (a * t2 + np.float32(0.99997726)) * t * np.float32(57.29577951)
    a = np.float32(90.0) - a if across > along else a
    a = np.float32(180.0) - a if dy < 0 else a
    return np.float32(360.0) - a if dx < 0 else a


@numba.njit(**INNER)
def add(high, wide, gain, value):  # type: ignore[no-untyped-def]
    """Add the gain of the antenna."""
    for r in range(high):
        for c in range(wide):
            value[r, c] += gain[r, c]


@numba.njit(**INNER)
def take_basic(n, value, number, threshold, best, server, overlap):  # type: ignore[no-untyped-def]
    """Keep the better signal of every cell, whose it is, and count those that suffice."""
    for c in range(n):
        v, old = value[c], best[c]
        better = v > old
        best[c] = v if better else old
        server[c] = number if better else server[c]
        overlap[c] += np.int32(1) if v >= threshold else np.int32(0)


@numba.njit(**INNER)
def take_second(n, value, number, best, server, second, after):  # type: ignore[no-untyped-def]
    """Keep the second best signal of every cell and whose it is; before the best is changed."""
    for c in range(n):
        v, old, low = value[c], best[c], second[c]
        better, next_better = v > old, v > low
        later = number if next_better else after[c]
        lower = v if next_better else low
        after[c] = server[c] if better else later
        second[c] = old if better else lower


@numba.njit(**INNER)
def most(n, value, less, best):  # type: ignore[no-untyped-def]
    """Keep the higher of the best and the value less some dB, in every cell."""
    for c in range(n):
        v, old = value[c] - less, best[c]
        best[c] = v if v > old else old


@numba.njit(**INNER)
def least(high, wide, best):  # type: ignore[no-untyped-def]
    """Smallest value of a block."""
    lowest = np.float32(np.inf)
    for r in range(high):
        for c in range(wide):
            b = best[r, c]
            lowest = b if b < lowest else lowest
    return lowest
