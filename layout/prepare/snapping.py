"""The nearest zone of points that lie just outside of all zones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from layout.core.crs import STORED_CRS, Datum, from_wgs84, parse_datum

Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Shapes = npt.NDArray[Any]

_PIECE: Final = 16  # edges of a border kept together; few enough that boxes around them are tight
_EQUAL_M: Final = 1e-6
"""Distances that differ by less are one: two zones share the border, and the first gets it."""


class NearestZone:
    """Finds the zone whose border is nearest, within a tolerance, in the metric CRS.

    Parameters
    ----------
    zones
        Polygons in EPSG:4326; of zones equally near the first is taken.
    metric_crs
        Projected CRS in metres.
    tolerance_m
        Farther than this there is no nearest zone.
    """

    def __init__(self, zones: Sequence[Any] | gpd.GeoSeries, metric_crs: str, tolerance_m: float):
        self._datum: Datum = parse_datum(metric_crs)
        self._tolerance = tolerance_m
        projected = gpd.GeoSeries(np.asarray(zones, object), crs=STORED_CRS).to_crs(metric_crs)
        self._pieces, self._owner = _pieces(projected.to_numpy())
        self._tree = shapely.STRtree(self._pieces)

    def find(
        self, lon: Float64, lat: Float64, *, group: Int32 | None = None, within: Int32 | None = None
    ) -> Int32:
        """Position of the nearest zone of each point, -1 where none is near enough.

        Parameters
        ----------
        lon, lat
            WGS 84 degrees of points outside of the zones.
        group, within
            Where given: the group each zone belongs to (-1: to any), and the group in which each
            point's zone is to be.
        """
        points = shapely.points(*from_wgs84(lon, lat, self._datum))
        point, piece = self._tree.query(points, predicate="dwithin", distance=self._tolerance)
        owner = self._owner[piece]
        if group is not None and within is not None:
            fits = (group[owner] == within[point]) | (group[owner] < 0)
            point, piece, owner = point[fits], piece[fits], owner[fits]
        distance = shapely.distance(points[point], self._pieces[piece])
        least = np.full(len(points), np.inf)
        np.minimum.at(least, point, distance)
        near = distance <= least[point] + _EQUAL_M
        none = np.iinfo(np.int32).max
        best = np.full(len(points), none, np.int32)
        np.minimum.at(best, point[near], owner[near])
        return np.where(best == none, np.int32(-1), best)


def surroundings(zones: gpd.GeoSeries, metric_crs: str, tolerance_m: float) -> Shapes:
    """One shape in EPSG:4326 that covers every point within the tolerance of a zone, and some more.

    A point outside of it need not be measured.
    """
    whole = shapely.union_all(zones.to_crs(metric_crs).to_numpy())
    # A rounded corner of few edges lies up to 8 % too far in.
    around = shapely.buffer(whole, 1.2 * tolerance_m + 1.0, quad_segs=2)
    made = gpd.GeoSeries([around], crs=metric_crs).to_crs(STORED_CRS).to_numpy()
    valid: Shapes = shapely.buffer(made, 0)  # the projection may have crossed edges that touched
    return valid


def _pieces(polygons: npt.NDArray[np.object_]) -> tuple[npt.NDArray[np.object_], Int32]:
    """Borders cut into short lines, and the polygon each is of."""
    parts, polygon_of = shapely.get_parts(polygons, return_index=True)
    rings, part_of = shapely.get_rings(parts, return_index=True)
    lines: list[Any] = []
    owners: list[int] = []
    for ring, polygon in zip(rings, polygon_of[part_of], strict=True):
        corners = shapely.get_coordinates(ring)
        for start in range(0, len(corners) - 1, _PIECE):
            lines.append(shapely.LineString(corners[start : start + _PIECE + 1]))
            owners.append(int(polygon))
    return np.array(lines, dtype=object), np.array(owners, dtype=np.int32)
