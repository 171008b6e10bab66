"""Regular cells over a plane: hexagons that show where points are dense.

Hexagons stand on a corner. A cell is named by its axial coordinates (column ``q``, row ``r``); the
cell (0, 0) is centred on the origin of the plane, so cells do not depend on the points.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]


def hexagon_cells(x: Float64, y: Float64, *, width_m: float) -> tuple[Int64, Int64]:
    """The hexagon that holds each point.

    Parameters
    ----------
    x, y
        Finite coordinates in a projected CRS, metres.
    width_m
        Distance between opposite sides, metres.

    Returns
    -------
    tuple of ndarray
        Axial coordinates ``q`` and ``r``, one of each a point.

    Notes
    -----
    The three cube coordinates are rounded and the one that was moved most is set from the others,
    as they must sum to zero.
    """
    side = width_m / math.sqrt(3.0)
    q = (x / math.sqrt(3.0) - y / 3.0) / side
    r = (2.0 / 3.0 * y) / side
    s = -q - r
    rounded = [np.rint(part) for part in (q, r, s)]
    moved = [np.abs(a - b) for a, b in zip(rounded, (q, r, s), strict=True)]
    q_off = (moved[0] > moved[1]) & (moved[0] > moved[2])
    r_off = ~q_off & (moved[1] > moved[2])
    cell_q = np.where(q_off, -rounded[1] - rounded[2], rounded[0])
    cell_r = np.where(r_off, -rounded[0] - rounded[2], rounded[1])
    return cell_q.astype("int64"), cell_r.astype("int64")


def hexagon_centres(q: Int64, r: Int64, *, width_m: float) -> tuple[Float64, Float64]:
    """Centre of each hexagon, metres in the CRS of its points."""
    side = width_m / math.sqrt(3.0)
    return width_m * (q + r / 2.0), 1.5 * side * r.astype("float64")


def hexagons(q: Int64, r: Int64, *, width_m: float) -> npt.NDArray[Any]:
    """The hexagons as polygons, metres in the CRS of their points; neighbours share their sides."""
    x, y = hexagon_centres(q, r, width_m=width_m)
    radius = width_m / math.sqrt(3.0)
    angles = np.radians(np.arange(6) * 60.0 + 30.0)
    corners = np.stack(
        [x[:, None] + radius * np.cos(angles), y[:, None] + radius * np.sin(angles)], axis=-1
    )
    polygons: npt.NDArray[Any] = shapely.polygons(corners)
    return polygons


def hexagon_area_km2(width_m: float) -> float:
    """Area of one hexagon, square kilometres."""
    return math.sqrt(3.0) / 2.0 * (width_m / 1000.0) ** 2
