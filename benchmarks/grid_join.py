"""Points to districts, subdistricts and parks: how many in each zone of each layer.

Peers start from the same arrays of coordinates; what they need to build (points, indexes) counts.
All of them are asked which points are *within* a zone. None of the points lies on a border.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from benchmarks.case import Case
from layout.geometry.grid_join import GridIndex
from layout.prepare.zones import shipped_zones

SEED = 20260102
CITY = "shenzhen"
KINDS = ("district", "subdistrict", "park")
BOX = (113.7, 22.4, 114.7, 22.9)
Floats = npt.NDArray[np.float64]
Counts = dict[str, npt.NDArray[np.int64]]


@dataclass(frozen=True)
class Given:
    """Points (WGS 84, degrees) and the zones of each kind."""

    lon: Floats
    lat: Floats
    zones: dict[str, gpd.GeoDataFrame]


def points(number: int) -> Callable[[], Given]:
    """Half of the points anywhere in the box, half in 400 blocks of a few hundred metres."""

    def prepare() -> Given:
        rng = np.random.default_rng(SEED)
        west, south, east, north = BOX
        lon, lat = rng.uniform(west, east, number), rng.uniform(south, north, number)
        block = rng.integers(400, size=number // 2)
        centres = rng.uniform((west, south), (east, north), (400, 2))[block]
        near = centres + rng.normal(0, 0.003, centres.shape)
        lon[: len(near)], lat[: len(near)] = near.T
        layers = shipped_zones(CITY)
        return Given(lon, lat, {kind: layers[kind].frame for kind in KINDS})

    return prepare


def ours(given: Given) -> Counts:
    counts = {}
    for kind, zones in given.zones.items():
        index = GridIndex.build(zones.geometry)
        counts[kind] = index.match(given.lon, given.lat).counts(len(zones))
    return counts


def geopandas_sjoin(given: Given) -> Counts:
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(given.lon, given.lat), crs="EPSG:4326")
    counts = {}
    for kind, zones in given.zones.items():
        shapes = zones[["geometry"]].reset_index(drop=True)
        found = gpd.sjoin(frame, shapes, predicate="within")["index_right"]
        counts[kind] = np.bincount(found, minlength=len(zones))
    return counts


def shapely_contains(given: Given) -> Counts:
    """The plain loop over zones, with prepared shapes and a box around each."""
    counts = {}
    for kind, zones in given.zones.items():
        shapes = zones.geometry.to_numpy().copy()
        shapely.prepare(shapes)
        inside = np.zeros(len(shapes), np.int64)
        for i, shape in enumerate(shapes):
            west, south, east, north = shape.bounds
            near = (given.lon >= west) & (given.lon <= east)
            near &= (given.lat >= south) & (given.lat <= north)
            inside[i] = shapely.contains_xy(shape, given.lon[near], given.lat[near]).sum()
        counts[kind] = inside
    return counts


def sedona(given: Given) -> Counts:
    import sedonadb

    database = sedonadb.connect()
    frame = pd.DataFrame({"lon": given.lon, "lat": given.lat})
    database.create_data_frame(frame).to_view("points")
    counts = {}
    for kind, zones in given.zones.items():
        shapes = gpd.GeoDataFrame({"row": range(len(zones))}, geometry=zones.geometry.to_numpy())
        database.create_data_frame(shapes).to_view("zones", overwrite=True)
        found = database.sql(
            "SELECT z.row AS row, count(*) AS n FROM zones z JOIN points p "
            "ON ST_Within(ST_Point(p.lon, p.lat), z.geometry) GROUP BY z.row"
        ).to_pandas()
        inside = np.zeros(len(zones), np.int64)
        inside[found["row"].to_numpy()] = found["n"].to_numpy()
        counts[kind] = inside
    return counts


def equal(one: Counts, other: Counts) -> bool:
    return all(np.array_equal(one[kind], other[kind]) for kind in KINDS) and any(one["park"])


def case(number: int, peer: Callable[[Given], Counts], name: str) -> Case:
    what = f"{number:,} points in three layers of zones: index and counts"
    return Case(what, points(number), ours, peer, name, equal)


CASES = (
    case(1_000_000, geopandas_sjoin, "geopandas.sjoin, within"),
    case(1_000_000, shapely_contains, "shapely.contains_xy, prepared"),
    case(1_000_000, sedona, "SedonaDB, ST_Within"),
)
