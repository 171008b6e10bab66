"""Where a firm of the demonstration city may stand: small squares that lie safely in a district.

A cell is a square of which every point is in one district, more than 60 m from its outline, in no
sea, and either wholly in or wholly outside every park of kind ``site``. A firm that is put anywhere
in a cell is therefore where its truth says. Lengths use a local scale (metres a degree at the
city's mean latitude, good to 0.4 % over the city).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from layout.demo.chances import Floats, Ints
from layout.demo.plan import CityPlan

MARGIN_M: Final = 60.0
"""Least distance of a cell from the outline of its district."""

BACKGROUND_M: Final = 200.0
PARK_CELLS_ACROSS: Final = 12
PARK_CELL_M: Final = (15.0, 120.0)
CLUSTER_CELLS_ACROSS: Final = 14


@dataclass(frozen=True)
class Scale:
    """Metres a degree of longitude and latitude near one latitude.

    References
    ----------
    Series for the WGS 84 ellipsoid, e.g. Snyder (1987), Map Projections, p. 24–25.
    """

    east_m: float
    north_m: float

    @classmethod
    def at(cls, lat: float) -> Scale:
        """The scale at a latitude in degrees, rounded to the metre."""
        phi = np.radians(lat)
        north = 111_132.92 - 559.82 * np.cos(2 * phi) + 1.175 * np.cos(4 * phi)
        east = 111_412.84 * np.cos(phi) - 93.5 * np.cos(3 * phi) + 0.118 * np.cos(5 * phi)
        return cls(float(round(east)), float(round(north)))


@dataclass(frozen=True)
class Cells:
    """Squares with what is known of each; arrays of one length.

    Attributes
    ----------
    west, south, width, height
        Degrees, WGS 84.
    district, subdistrict
        Positions in the plan.
    park, cluster
        Positions in the plan, -1 for none.
    unit
        The area a cell is drawn in: a cluster, a park or (the background) a subdistrict, numbered
        through.
    """

    west: Floats
    south: Floats
    width: Floats
    height: Floats
    district: Ints
    subdistrict: Ints
    park: Ints
    cluster: Ints
    unit: Ints

    def __len__(self) -> int:
        return len(self.west)

    @property
    def lon(self) -> Floats:
        """Longitude of the centres."""
        return self.west + self.width / 2

    @property
    def lat(self) -> Floats:
        """Latitude of the centres."""
        return self.south + self.height / 2


def build_cells(plan: CityPlan) -> Cells:
    """All cells of a city: background, then parks, then clusters."""
    scale = Scale.at(plan.latitude)
    sites = _Sites(plan)
    limits = shapely.STRtree(plan.subdistricts.polygons)
    parts = [
        *(_background(plan, sites, scale, place) for place in range(len(plan.districts.ids))),
        *(_park(plan, sites, scale, place) for place in np.flatnonzero(plan.parks.site).tolist()),
        *(_cluster(plan, sites, scale, place) for place in range(len(plan.clusters.ids))),
    ]
    joined = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(Cells)
    }
    return _numbered(plan, Cells(**joined), limits)


def _numbered(plan: CityPlan, cells: Cells, limits: shapely.STRtree) -> Cells:
    """The cells that one subdistrict holds whole, with the unit each is drawn in."""
    east, north = cells.west + cells.width, cells.south + cells.height
    squares = shapely.box(cells.west, cells.south, east, north)
    cell, subdistrict = limits.query(squares, predicate="covered_by")
    own = plan.subdistricts.district[subdistrict] == cells.district[cell]
    cell, subdistrict = cell[own], subdistrict[own]
    kept = Cells(**{field.name: getattr(cells, field.name)[cell] for field in fields(Cells)})
    parks = len(plan.subdistricts.names)
    clusters = parks + len(plan.parks.ids)
    unit = np.where(kept.park >= 0, parks + kept.park, subdistrict)
    unit = np.where(kept.cluster >= 0, clusters + kept.cluster, unit)
    return replace(kept, subdistrict=subdistrict, unit=unit)


class _Sites:
    """The parks of kind ``site``, to look up the smallest one a square lies in."""

    def __init__(self, plan: CityPlan) -> None:
        self._places = np.flatnonzero(plan.parks.site)
        self._polygons = plan.parks.polygons[self._places]
        self._areas = plan.parks.area_ha[self._places]
        self._tree = shapely.STRtree(self._polygons)

    def park_of(self, squares: npt.NDArray[Any]) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """Smallest park of each square (-1 none), and whether an outline of a park cuts it."""
        touched = self._pairs(squares, "intersects")
        held = self._pairs(squares, "covered_by")
        cut = np.bincount(touched[0], minlength=len(squares)) > np.bincount(
            held[0], minlength=len(squares)
        )
        park = np.full(len(squares), -1, dtype=np.int64)
        smallest_last = np.lexsort((-held[1], -self._areas[held[1]]))
        park[held[0][smallest_last]] = self._places[held[1][smallest_last]]
        return park, cut

    def _pairs(self, squares: npt.NDArray[Any], predicate: str) -> npt.NDArray[np.int64]:
        pairs: npt.NDArray[np.int64] = self._tree.query(squares, predicate=predicate)
        return pairs


def _background(plan: CityPlan, sites: _Sites, scale: Scale, district: int) -> Cells:
    polygon = plan.districts.polygons[district]
    corners = _grid(polygon.bounds, scale, BACKGROUND_M)
    kept = _inside(corners, polygon, scale)
    squares = shapely.box(*kept)
    park, cut = sites.park_of(squares)
    free = ~cut & (park < 0)
    return _cells(plan, kept[:, free], park=park[free], district=district)


def _park(plan: CityPlan, sites: _Sites, scale: Scale, place: int) -> Cells:
    polygon = plan.parks.polygons[place]
    district = int(plan.parks.district[place])
    size = float(
        np.clip(np.sqrt(plan.parks.area_ha[place]) * 100 / PARK_CELLS_ACROSS, *PARK_CELL_M)
    )
    kept = _inside(_grid(polygon.bounds, scale, size), plan.districts.polygons[district], scale)
    squares = shapely.box(*kept)
    shapely.prepare(polygon)
    park, cut = sites.park_of(squares)
    own = ~cut & (park == place)
    return _cells(plan, kept[:, own], park=park[own], district=district)


def _cluster(plan: CityPlan, sites: _Sites, scale: Scale, place: int) -> Cells:
    clusters = plan.clusters
    lon, lat = clusters.lon[place], clusters.lat[place]
    radius = clusters.radius_m[place]
    east, north = radius / scale.east_m, radius / scale.north_m
    district = int(clusters.district[place])
    corners = _grid(
        (lon - east, lat - north, lon + east, lat + north), scale, 2 * radius / CLUSTER_CELLS_ACROSS
    )
    far_east = np.maximum(np.abs(corners[0] - lon), np.abs(corners[2] - lon)) * scale.east_m
    far_north = np.maximum(np.abs(corners[1] - lat), np.abs(corners[3] - lat)) * scale.north_m
    round_ = corners[:, far_east**2 + far_north**2 <= radius**2]
    kept = _inside(round_, plan.districts.polygons[district], scale)
    park, cut = sites.park_of(shapely.box(*kept))
    return _cells(plan, kept[:, ~cut], park=park[~cut], district=district, cluster=place)


def _grid(bounds: tuple[float, float, float, float], scale: Scale, size_m: float) -> Floats:
    """Squares over ``bounds``: west, south, east, north; shape (4, n)."""
    west, south, east, north = bounds
    wide, high = size_m / scale.east_m, size_m / scale.north_m
    columns = np.arange(int(np.ceil((east - west) / wide)))
    rows = np.arange(int(np.ceil((north - south) / high)))
    column, row = (part.ravel() for part in np.meshgrid(columns, rows))
    return np.stack(
        [
            west + column * wide,
            south + row * high,
            west + (column + 1) * wide,
            south + (row + 1) * high,
        ]
    )


def _inside(corners: Floats, polygon: Any, scale: Scale) -> Floats:
    """The squares that a polygon holds with the margin all round."""
    wide, high = MARGIN_M / scale.east_m, MARGIN_M / scale.north_m
    shapely.prepare(polygon)
    grown = shapely.box(corners[0] - wide, corners[1] - high, corners[2] + wide, corners[3] + high)
    kept: Floats = corners[:, shapely.covers(polygon, grown)]
    return kept


def _cells(
    plan: CityPlan, corners: Floats, *, park: Ints, district: int, cluster: int = -1
) -> Cells:
    dry = ~_wet(plan, corners)
    corners, park = corners[:, dry], park[dry]
    west, south, east, north = corners
    unknown = np.full(len(west), -1, dtype=np.int64)
    return Cells(
        west=west,
        south=south,
        width=east - west,
        height=north - south,
        district=np.full(len(west), district, dtype=np.int64),
        subdistrict=unknown,
        park=park,
        cluster=np.full(len(west), cluster, dtype=np.int64),
        unit=unknown,
    )


def _wet(plan: CityPlan, corners: Floats) -> npt.NDArray[np.bool_]:
    wet = np.zeros(corners.shape[1], dtype=bool)
    for polygon in plan.sea:
        wet |= shapely.intersects(polygon, shapely.box(*corners))
    return wet
