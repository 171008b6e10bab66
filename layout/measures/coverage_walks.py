"""The highest edge of terrain towards every terrain cell of a tile, compiled.

By the definition of :mod:`layout.measures.coverage_terrain`, path by path. Stretches of four steps
are left out where even the highest ground about them stays below the path.
"""

from __future__ import annotations

from typing import Final

import numba
import numpy as np

from layout.measures.coverage_compile import INNER
from layout.measures.coverage_fans import ABOUT, FAN, WIDE, clear_share, extent

UNKNOWN_M: Final = np.float32(1e15)
"""Stands for an unknown height inside the kernel."""
STRETCH: Final = 4
_CONCEALED: Final = np.float32(1e-6)
"""Hidden by a building, without an edge of bare earth."""


@numba.njit(**INNER, fastmath={"nnan", "nsz", "contract", "arcp", "reassoc"})
def worst_edge(z, top, width, r0, c0, down, across, eye, target, bulge, weight, clear):  # type: ignore[no-untyped-def]
    """Largest of (height above the path) / √(k(n-k)) over the samples of a profile, or 0.

    Parameters
    ----------
    z, top
        Heights row by row, and the highest about each.
    width
        Columns of both.
    bulge
        Of the earth, a step's, metres.
    weight
        ``1 / √k`` by k.
    clear
        Share of the way that is known to be without an edge.

    Notes
    -----
    ``k`` counts the n steps along the longer axis; where the path crosses a line of the shorter
    axis, it is no whole number.
    """
    n = max(abs(down), abs(across))
    worst = np.float32(0.0)
    if n < 2:
        return worst
    fall = np.float32((target - eye) / n)
    base = np.float32(eye + 1e-3)
    if abs(across) >= abs(down):
        crossed, over = abs(down), (width if down > 0 else -width)
        q = np.float32(down / n)
        major, minor = (1 if across > 0 else -1), width
    else:
        crossed, over = abs(across), (1 if across > 0 else -1)
        q = np.float32(across / n)
        major, minor = (width if down > 0 else -width), 1
    # on a diagonal both kinds of samples are the same
    crossed = 0 if crossed == n else crossed
    slope = abs(q)
    apart = np.float32(n / crossed) if crossed > 0 else np.float32(0.0)
    start = r0 * width + c0
    most = bulge * np.float32(n * n) * np.float32(0.25)
    for first in range(max(1, int(clear * n)), n, STRETCH):
        last = min(first + STRETCH, n)
        middle = first + STRETCH // 2 if first + STRETCH // 2 < n else n - 1
        lowest = base + min(fall * np.float32(first), fall * np.float32(last))
        side = int(np.floor(q * np.float32(middle)))
        if top[start + middle * major + side * minor] + most <= lowest:
            continue
        for k in range(first, last):
            at = q * np.float32(k)
            low = np.floor(at)
            part = at - low
            here = start + k * major + int(low) * minor
            a = z[here]
            b = z[here + minor]
            height = a + (b - a) * part - base - fall * np.float32(k)
            height += bulge * np.float32(k * (n - k))
            height *= weight[k] * weight[n - k]
            worst = height if height > worst else worst
        begin = int(np.ceil(slope * np.float32(first)))
        end = min(int(np.ceil(slope * np.float32(last))), crossed)
        for j in range(max(begin, 1), end):
            at = apart * np.float32(j)
            low = np.floor(at)
            part = at - low
            here = start + int(low) * major + j * over
            a = z[here]
            b = z[here + major]
            both = at * (np.float32(n) - at)
            height = a + (b - a) * part - base - fall * at + bulge * both
            height /= np.sqrt(both)
            worst = height if height > worst else worst
    return worst


@numba.njit(**INNER)
def _clear(tops, width, row, col, fan, eye, target, most, share):  # type: ignore[no-untyped-def]
    """Share of the way to the cells of a fan that is clear, by the wide squares, then the small."""
    wide = clear_share(tops[1], WIDE, width, row, col, fan, eye, target, most, share)
    return clear_share(tops[0], ABOUT, width, row, col, fan, eye, target, most, wide)


@numba.njit(cache=True, nogil=True)
def edges_towards(  # type: ignore[no-untyped-def]
    ground,
    ground_tops,
    surface,
    surface_tops,
    built,
    width,
    weight,
    cell,
    bulge,
    cap,
    row,
    col,
    eye,
    h_ut,
    edge_scale,
    far,
    r0,
    r1,
    c0,
    c1,
    top,
    left,
    extra,
):
    """Loss by the edge towards the terrain cells of a window, dB.

    ``extra`` gets 0 where the path is clear or the cell beyond ``far`` (squared, in cells), and
    infinity where a height is unknown.
    """
    most = np.float32(bulge * cell * cell * min(far, 1e12) * 0.25)
    lowest, highest = extent(ground, width, r0, r1, c0, c1)
    # where a height is unknown each path is looked at alone, from its beginning
    known = highest < UNKNOWN_M and eye < UNKNOWN_M
    all_clear, all_seen, never = np.float32(0.0), np.float32(0.0), np.float32(1.0)
    if known:
        fan = r0 - row, r1 - 1 - row, c0 - col, c1 - 1 - col
        low = lowest + h_ut
        all_clear = _clear(ground_tops, width, row, col, fan, eye, low, most, all_clear)
        all_seen = never
        if built:
            all_seen = np.float32(0.0)
            all_seen = _clear(surface_tops, width, row, col, fan, eye, low, most, all_seen)
        if all_clear >= never and all_seen >= never:
            extra[r0 - top : r1 - top, c0 - left : c1 - left] = 0.0
            return
    for a in range(r0, r1, FAN):
        for b in range(c0, c1, FAN):
            d, e = min(a + FAN, r1), min(b + FAN, c1)
            clear, seen = all_clear, all_seen
            if known:
                fan = a - row, d - 1 - row, b - col, e - 1 - col
                low = extent(ground, width, a, d, b, e)[0] + h_ut
                clear = _clear(ground_tops, width, row, col, fan, eye, low, most, clear)
                if built:
                    seen = _clear(surface_tops, width, row, col, fan, eye, low, most, seen)
            done = clear >= never and seen >= never
            for r in range(a, d):
                for c in range(b, e):
                    found = np.float32(0.0)
                    down, across = r - row, c - col
                    squared = down * down + across * across
                    if squared <= far and not done:
                        here = ground[r * width + c]
                        if here >= UNKNOWN_M or eye >= UNKNOWN_M:
                            found = np.float32(np.inf)
                        else:
                            n = max(abs(down), abs(across), 1)
                            step2 = cell * cell * squared / (n * n)
                            curve, target = np.float32(bulge * step2), here + h_ut
                            worst = worst_edge(
                                ground,
                                ground_tops[0],
                                width,
                                row,
                                col,
                                down,
                                across,
                                eye,
                                target,
                                curve,
                                weight,
                                clear,
                            )
                            if worst > 0:
                                found = _loss(worst, edge_scale * n, step2, cap)
                            elif built:
                                worst = worst_edge(
                                    surface,
                                    surface_tops[0],
                                    width,
                                    row,
                                    col,
                                    down,
                                    across,
                                    eye,
                                    target,
                                    curve,
                                    weight,
                                    seen,
                                )
                                if worst > 0:
                                    found = _loss(worst, 0.0, step2, cap)
                    extra[r - top, c - left] = found


@numba.njit(**INNER)
def _loss(worst, scale, step2, cap):  # type: ignore[no-untyped-def]
    """Loss by an edge, dB; infinite where it is unknown, next to nothing for a building."""
    if worst > 1e6:
        return np.float32(np.inf)
    if scale == 0.0 or cap <= 0.0:
        return _CONCEALED
    w = worst * np.sqrt(scale / np.sqrt(step2)) - 0.1
    if w > 50.0:
        return np.float32(cap)
    return np.float32(min(6.9 + 20 * np.log10(np.sqrt(w * w + 1) + w), cap))
