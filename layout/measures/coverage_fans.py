"""Whole fans of profiles judged at once: up to where no terrain can reach into any, compiled.

The paths from a station to the terrain cells of a small square share nearly the same ground. Where
the highest of it stays below the lowest of the paths, none of them needs to be walked. The answer
is on the safe side: it changes how many profiles are walked, never what they give.
"""

from __future__ import annotations

from typing import Final

import numba
import numpy as np

from layout.measures.coverage_compile import INNER

FAN: Final = 4
"""Terrain cells on a side of the square whose paths are judged as one."""
ABOUT: Final = 7
WIDE: Final = 19
"""Cells on a side of the squares whose highest ground is known about each cell: the small one for
fans, the wide one for the paths to a whole block."""


@numba.njit(**INNER)
def extent(z, width, r0, r1, c0, c1):  # type: ignore[no-untyped-def]
    """Lowest and highest ground of a square of cells, metres."""
    low, high = np.float32(np.inf), np.float32(-np.inf)
    for r in range(r0, r1):
        line = z[r * width + c0 : r * width + c1]
        for c in range(len(line)):
            low = line[c] if line[c] < low else low
            high = line[c] if line[c] > high else high
    return low, high


@numba.njit(**INNER)
def clear_share(top, about, width, row, col, fan, eye, target, most, share):  # type: ignore[no-untyped-def]
    """Share of the way from a station up to which no path of a fan meets an edge, 0 to 1.

    Parameters
    ----------
    top
        Highest ground in the square of ``about`` cells around each cell, row by row.
    width
        Columns of ``top``.
    row, col
        Cell of the station.
    fan
        First and last row, first and last column of its cells, less those of the station.
    eye, target
        Height of the antenna and of the lowest terminal above sea level, metres.
    most
        Highest that the bent earth stands above a chord of this length, metres.
    share
        Share that is known to be clear.

    Notes
    -----
    At a share t a path is at (t · down, t · across), and its profile reads the cells on both sides.
    All cells that a fan reads between two shares must lie within one square of ``about``.
    """
    d0, d1, a0, a1 = fan
    n = max(max(abs(d0), abs(d1)), max(abs(a0), abs(a1)))
    if n < 2 or share >= 1.0:
        return 1.0
    step = np.float32(1.0) / np.float32(n)
    spread, room = np.float32(max(d1 - d0, a1 - a0)), np.float32(about) - np.float32(2.001)
    # the last share the longest path reads; those of fewer steps end before it
    end, t = np.float32(1.000001) - step, np.float32(share)
    fall = target - eye
    while t < end:
        u = t + (room - t * spread) * step
        u = u if u < end else end
        r0, c0 = int(np.floor((t if d0 > 0 else u) * d0)), int(np.floor((t if a0 > 0 else u) * a0))
        r1 = int(np.floor((u if d1 > 0 else t) * d1)) + 1
        c1 = int(np.floor((u if a1 > 0 else t) * a1)) + 1
        if u <= t or r1 - r0 >= about or c1 - c0 >= about:
            return t
        middle = (row + ((r0 + r1) >> 1)) * width + col + ((c0 + c1) >> 1)
        if top[middle] + most > eye + fall * (u if fall < 0 else t):
            return t
        t = u
    return np.float32(1.0)
