"""Edge correction of distance functions in any polygon."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MOST: Final = 100.0
"""No pair weighs more than a hundred, as in spatstat: it would be a few points' noise."""
_STEPS: Final = 32
"""Set covariances are computed at this many offsets to each side, and interpolated between."""


class Border(NamedTuple):
    """Directed edges of a study area: outer rings counter-clockwise, holes clockwise.

    Attributes
    ----------
    x0, y0, x1, y1
        Ends of the edges.
    """

    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats


def border_of(window: BaseGeometry) -> Border:
    """The directed edges of a polygon or multipolygon."""
    import shapely
    from shapely.geometry.polygon import orient

    rings = []
    for part in shapely.get_parts(window):
        turned = orient(part)
        rings += [turned.exterior, *turned.interiors]
    chains = [shapely.get_coordinates(ring) for ring in rings]
    starts, ends = np.vstack([c[:-1] for c in chains]), np.vstack([c[1:] for c in chains])
    columns = (np.ascontiguousarray(v) for v in (*starts.T, *ends.T))
    return Border(*columns)


def border_distance(xy: Floats, window: BaseGeometry) -> Floats:
    """Distance of points to the border of the study area, in metres."""
    import shapely

    border = window.boundary
    shapely.prepare(border)
    return np.asarray(shapely.distance(shapely.points(xy), border), dtype="float64")


def set_covariance(window: BaseGeometry, reach: float) -> Floats:
    """Area that the study area shares with itself shifted by offsets up to ``reach``, in m².

    Returns
    -------
    numpy.ndarray
        ``(2 steps + 1, steps + 1)``: shifts in x from -reach to reach, in y from 0 to reach (the
        other half is symmetric). Bilinear between: exact for a rectangle.
    """
    import shapely

    return _set_covariance(shapely.to_wkb(window), reach)


@lru_cache(maxsize=4)
def _set_covariance(wkb: bytes, reach: float) -> Floats:
    """Kept for the last areas: every simulation of an envelope asks for the same one."""
    import shapely
    from shapely.affinity import translate

    window = shapely.from_wkb(wkb)
    shifts = np.linspace(-reach, reach, 2 * _STEPS + 1)
    ups = np.linspace(0, reach, _STEPS + 1)
    table = np.empty((shifts.size, ups.size))
    for i, dx in enumerate(shifts):
        moved = np.array([translate(window, dx, dy) for dy in ups])
        table[i] = shapely.area(shapely.intersection(window, moved))
    table.flags.writeable = False
    return table


@numba.njit(cache=True, nogil=True)
def shared_area(table, reach, dx, dy):  # type: ignore[no-untyped-def]
    """Interpolated set covariance at one offset."""
    if dy < 0:
        dx, dy = -dx, -dy
    steps = table.shape[1] - 1
    u, v = (dx / reach + 1.0) * steps, dy / reach * steps
    i = min(max(np.int64(u), 0), 2 * steps - 1)
    j = min(max(np.int64(v), 0), steps - 1)
    a, b = u - i, v - j
    low = table[i, j] * (1 - b) + table[i, j + 1] * b
    high = table[i + 1, j] * (1 - b) + table[i + 1, j + 1] * b
    return low * (1 - a) + high * a


@numba.njit(cache=True, nogil=True)
def near_edges(border, x, y, reach, found):  # type: ignore[no-untyped-def]
    """Write the numbers of the edges within ``reach`` of a place; returns how many."""
    n = 0
    for e in range(border.x0.size):
        if _segment_distance(border, e, x, y) < reach:
            found[n] = e
            n += 1
    return n


@numba.njit(cache=True, nogil=True)
def _segment_distance(border, e, x, y):  # type: ignore[no-untyped-def]
    ax, ay = border.x0[e] - x, border.y0[e] - y
    dx, dy = border.x1[e] - border.x0[e], border.y1[e] - border.y0[e]
    length = dx * dx + dy * dy
    t = 0.0 if length == 0 else min(1.0, max(0.0, -(ax * dx + ay * dy) / length))
    return np.sqrt((ax + t * dx) ** 2 + (ay + t * dy) ** 2)


@numba.njit(cache=True, nogil=True)
def share_inside(border, edges, count, x, y, radius):  # type: ignore[no-untyped-def]
    """Share of the circle about a place inside the study area that lies in the study area.

    A direction is inside at the radius where the border crosses it outwards once more beyond the
    radius than inwards; so the share is one less the signed angle of what of the border lies
    within the circle. Sums over the edges near the place suffice, for any polygon with holes.
    """
    angle = 0.0
    for k in range(count):
        e = edges[k]
        ax, ay = border.x0[e] - x, border.y0[e] - y
        dx, dy = border.x1[e] - border.x0[e], border.y1[e] - border.y0[e]
        a, b, c = dx * dx + dy * dy, ax * dx + ay * dy, ax * ax + ay * ay - radius * radius
        within = b * b - a * c
        if a == 0.0 or within <= 0.0:
            continue
        root = np.sqrt(within)
        begin, end = max((-b - root) / a, 0.0), min((-b + root) / a, 1.0)
        if begin >= end:
            continue
        px, py, qx, qy = ax + begin * dx, ay + begin * dy, ax + end * dx, ay + end * dy
        # adding 0.0 turns -0.0, seen from a place on the edge, into a half turn to the left
        angle += np.arctan2(px * qy - py * qx + 0.0, px * qx + py * qy)
    share = 1.0 - angle / (2.0 * np.pi)
    return share - 1.0 if share > 1.0 + 1e-9 else share  # rounding put the place just outside
