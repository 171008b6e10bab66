"""Dividing a polygon among points, and regular shapes of a given area."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

Float64 = npt.NDArray[np.float64]
Shapes = npt.NDArray[Any]


def nearest_point_cells(points: Float64, extent: Any) -> Shapes:
    """Voronoi cells: for each point the part of the plane that is nearer to it than to the others.

    Parameters
    ----------
    points
        float64 ``(n, 2)``, all different, in a projected CRS.
    extent
        A shape whose bounding box, and some more, the cells cover together.

    Returns
    -------
    ndarray of Polygon
        Cells in the order of the points; neighbours share their corners exactly.
    """
    x_min, y_min, x_max, y_max = shapely.bounds(extent)
    around = shapely.box(x_min, y_min, x_max, y_max).buffer(max(x_max - x_min, y_max - y_min))
    if len(points) == 1:
        return np.array([around], dtype=object)
    made = shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=around, ordered=True)
    return np.asarray(shapely.get_parts(made), dtype=object)


def divide(whole: Any, cells: Sequence[Any] | Shapes, points: Float64) -> Shapes:
    """``whole`` divided along the borders of ``cells``.

    All borders are cut at one another first, so that neighbours share every corner and nothing is
    lost or doubled. A piece of a cell that is cut off from the cell's point goes to the neighbour
    with the longest border, as a unit is one connected area wherever it can be.

    Parameters
    ----------
    whole
        Polygon or MultiPolygon.
    cells
        Polygons that cover ``whole`` and do not overlap.
    points
        float64 ``(n, 2)``: a point of each cell, inside ``whole``.

    Returns
    -------
    ndarray of Polygon or MultiPolygon
        One part a cell.
    """
    cells = np.asarray(cells, dtype=object)
    borders = [shapely.boundary(whole), *shapely.boundary(cells)]
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(borders))))
    inner = shapely.point_on_surface(faces)
    faces, inner = faces[shapely.covers(whole, inner)], inner[shapely.covers(whole, inner)]
    owner = np.argmax([shapely.covers(cell, inner) for cell in cells], axis=0)
    held = shapely.covers(faces, shapely.points(points)[owner])
    owner = _attached(faces, owner, held)
    return np.array([shapely.union_all(faces[owner == i]) for i in range(len(cells))], dtype=object)


def regular_shape(x: float, y: float, area: float, *, corners: int = 64) -> Any:
    """A regular polygon of exactly ``area`` about a point, in the units of a projected CRS."""
    radius = math.sqrt(2.0 * area / (corners * math.sin(2.0 * math.pi / corners)))
    angle = np.arange(corners) * (2.0 * math.pi / corners)
    return shapely.Polygon(
        np.column_stack([x + radius * np.cos(angle), y + radius * np.sin(angle)])
    )


def _attached(faces: Shapes, owner: npt.NDArray[np.intp], held: npt.NDArray[np.bool_]) -> Any:
    """The owner of each face once loose faces have gone to a neighbour; each goes at most once."""
    owner, held = owner.copy(), held.copy()
    while not held.all():
        best = (0.0, -1, -1)
        for loose in np.flatnonzero(~held):
            shared = shapely.length(shapely.intersection(faces[loose], faces[held]))
            at = int(np.argmax(shared))
            best = max(best, (float(shared[at]), int(loose), int(owner[held][at])))
        if best[0] == 0.0:
            break  # an island without a neighbour stays with the nearest point
        owner[best[1]], held[best[1]] = best[2], True
    return owner
