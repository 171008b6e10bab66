"""What is done with one block of cells and one station, compiled.

``x`` and ``y`` are metres from the station to the block's first cell centre, ``high`` and ``wide``
the rows and columns of the block; arrays of blocks may be larger. Row by row only the columns from
``lo`` to ``hi`` lie within the radius of the station.
"""

from __future__ import annotations

import numba
import numpy as np

from layout.measures.coverage_polynomial import far_values, fit
from layout.measures.coverage_tables import SHIFT


@numba.njit(cache=True, nogil=True)
def reach(x, y, cell, high, wide):  # type: ignore[no-untyped-def]
    """Squared distance of a station from the nearest and the farthest cell centre of a block.

    ``x`` and ``y`` are the first cell centre of the block, seen from the station.
    """
    right, bottom = x + (wide - 1) * cell, y - (high - 1) * cell
    dx, dy = max(x, -right, 0.0), max(bottom, -y, 0.0)
    far_x, far_y = max(abs(x), abs(right)), max(abs(y), abs(bottom))
    return dx * dx + dy * dy, far_x * far_x + far_y * far_y


@numba.njit(cache=True, nogil=True)
def loss_at(base, slope, shift, squared):  # type: ignore[no-untyped-def]
    """Loss at a squared distance; ``shift`` is the offset of the row less the first step."""
    value = np.float32(max(squared, 100.0))
    at = (value.view(np.int32) >> SHIFT) + shift
    return base[at] + slope[at] * value


@numba.njit(cache=True, nogil=True)
def spans(high, wide, x, y, cell, radius, inside, lo, hi):  # type: ignore[no-untyped-def]
    """Fill ``lo`` and ``hi``; how many cells are within the radius. ``inside``: all are."""
    total = 0
    for r in range(high):
        lo[r], hi[r] = 0, wide
        if not inside:
            dy = y - r * cell
            half = radius * radius - dy * dy
            if half < 0:
                hi[r] = 0
            else:
                half = np.sqrt(half)
                lo[r] = min(max(0, int(np.ceil((-half - x) / cell))), wide)
                hi[r] = max(lo[r], min(wide, int(np.floor((half - x) / cell)) + 1))
        total += hi[r] - lo[r]
    return total


@numba.njit(cache=True, nogil=True)
def _near_values(r0, r1, c0, c1, lo, hi, x, y, cell, power, base, slope, shift, value):  # type: ignore[no-untyped-def]
    """Signal in cells of a block, from the table; ``x`` and ``y`` are of the cell (0, 0)."""
    near = np.float32(100.0)
    for r in range(r0, r1):
        dy = y - np.float32(r) * cell
        y2 = dy * dy
        for c in range(max(c0, lo[r]), min(c1, hi[r])):
            dx = x + np.float32(c) * cell
            squared = max(dx * dx + y2, near)
            at = (np.float32(squared).view(np.int32) >> SHIFT) + shift
            value[r, c] = power - (base[at] + slope[at] * squared)


@numba.njit(cache=True, nogil=True)
def values(high, wide, lo, hi, x, y, cell, power, base, slope, shift, smooth, fitted, value):  # type: ignore[no-untyped-def]
    """Signal of a station in a block by one row of its table, whichever way is right for it."""
    near, _ = reach(x, y, cell, high, wide)
    if near >= smooth[0] * smooth[0]:
        fit(0, high, 0, wide, x, y, cell, base, slope, shift, power, fitted)
        far_values(0, high, 0, wide, lo, hi, fitted, value)
        return
    a, b = (high + 1) // 2, (wide + 1) // 2
    single = np.float32(cell)
    for i in range(2):
        for j in range(2):
            r0, r1 = (0, a) if i == 0 else (a, high)
            c0, c1 = (0, b) if j == 0 else (b, wide)
            near, _ = reach(x + c0 * cell, y - r0 * cell, cell, r1 - r0, c1 - c0)
            if near >= smooth[1] * smooth[1] and r1 - r0 > 5 and c1 - c0 > 5:
                fit(r0, r1, c0, c1, x, y, cell, base, slope, shift, power, fitted)
                far_values(r0, r1, c0, c1, lo, hi, fitted, value)
            else:
                u, v = np.float32(x), np.float32(y)
                _near_values(r0, r1, c0, c1, lo, hi, u, v, single, power, base, slope, shift, value)


@numba.njit(cache=True, nogil=True)
def hide(high, wide, lo, hi, row_of, col_of, r0, c0, extra, line, hidden, value):  # type: ignore[no-untyped-def]
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
            for c in range(lo[r], hi[r]):
                e = line[c]
                value[r, c] = hidden[r, c] - e if e > 0 else value[r, c]


@numba.njit(cache=True, nogil=True)
def any_hidden(row_of, col_of, r0, r1, c0, c1, extra):  # type: ignore[no-untyped-def]
    """Whether an edge is in the way to any terrain cell of a block."""
    for row in range(row_of[r0], row_of[r1 - 1] + 1):
        for col in range(col_of[c0], col_of[c1 - 1] + 1):
            if extra[row, col] > 0:
                return True
    return False


@numba.njit(cache=True, nogil=True)
def pattern(high, lo, hi, x, y, cell, azimuths, gain):  # type: ignore[no-untyped-def]
    """Gain of the best sector in every cell of a block, dB."""
    first, second, third = azimuths[0], azimuths[1], azimuths[2]
    turn, steep = np.float32(360.0), np.float32(12.0 / 4225.0)
    for r in range(high):
        dy = y - np.float32(r) * cell
        for c in range(lo[r], hi[r]):
            bearing = _bearing(x + np.float32(c) * cell, dy)
            a, b, d = abs(bearing - first), abs(bearing - second), abs(bearing - third)
            a = min(min(a, turn - a), min(min(b, turn - b), min(d, turn - d)))
            gain[r, c] = -min(np.float32(30.0), steep * a * a)


@numba.njit(cache=True, nogil=True)
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


@numba.njit(cache=True, nogil=True)
def add(high, lo, hi, gain, value):  # type: ignore[no-untyped-def]
    """Add the gain of the antenna."""
    for r in range(high):
        for c in range(lo[r], hi[r]):
            value[r, c] += gain[r, c]


@numba.njit(cache=True, nogil=True)
def take_basic(high, lo, hi, value, number, threshold, r0, c0, best, server, overlap):  # type: ignore[no-untyped-def]
    """Keep the better signal of every cell, whose it is, and count those that suffice."""
    for r in range(high):
        for c in range(lo[r], hi[r]):
            v, b = value[r, c], best[r0 + r, c0 + c]
            better = v > b
            best[r0 + r, c0 + c] = v if better else b
            server[r0 + r, c0 + c] = number if better else server[r0 + r, c0 + c]
            overlap[r0 + r, c0 + c] += np.int32(1) if v >= threshold else np.int32(0)


@numba.njit(cache=True, nogil=True)
def take_full(high, lo, hi, value, number, threshold, less, r0, c0, tile):  # type: ignore[no-untyped-def]
    """As :func:`take_basic`, with the second best signal and the best inside buildings."""
    best, server, overlap = tile.best, tile.server, tile.overlap
    second, after, indoor = tile.second, tile.second_server, tile.indoor
    for r in range(high):
        at = r0 + r
        for c in range(lo[r], hi[r]):
            v, b, n = value[r, c], best[at, c0 + c], second[at, c0 + c]
            first, later = server[at, c0 + c], after[at, c0 + c]
            better, next_better = v > b, v > n
            low = number if next_better else later
            after[at, c0 + c] = first if better else low
            low_value = v if next_better else n
            second[at, c0 + c] = b if better else low_value
            best[at, c0 + c] = v if better else b
            server[at, c0 + c] = number if better else first
            overlap[at, c0 + c] += np.int32(1) if v >= threshold else np.int32(0)
            inside, old = v - less, indoor[at, c0 + c]
            indoor[at, c0 + c] = inside if inside > old else old


@numba.njit(cache=True, nogil=True)
def most(high, lo, hi, value, r0, c0, best):  # type: ignore[no-untyped-def]
    """Keep the higher value of every cell."""
    for r in range(high):
        for c in range(lo[r], hi[r]):
            v, b = value[r, c], best[r0 + r, c0 + c]
            best[r0 + r, c0 + c] = v if v > b else b


@numba.njit(cache=True, nogil=True, fastmath={"nnan", "nsz"})
def least(high, wide, r0, c0, best):  # type: ignore[no-untyped-def]
    """Smallest value of a block."""
    least = np.float32(np.inf)
    for r in range(r0, r0 + high):
        for c in range(c0, c0 + wide):
            b = best[r, c]
            least = b if b < least else least
    return least
