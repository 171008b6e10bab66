"""Points to units, cells and parks of a made-up city: how many in each zone of each layer.

Peers start from the same arrays of coordinates; what they need to build (points, indexes) counts.
All of them are asked which points are *within* a zone. None of the points lies on a border. Ours
asks one grid for the three layers at once and returns every match.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from benchmarks.case import Case
from benchmarks.places import Given, points
from layout.geometry.grid_join import GridIndex
from layout.geometry.grid_query import look_up

FIRMS = 4_000_000
KINDS = ("district", "subdistrict", "park")
Counts = dict[str, npt.NDArray[np.int64]]


def given() -> Given:
    return points(FIRMS)


def shapes(given: Given) -> npt.NDArray[np.object_]:
    return np.concatenate([given.zones[kind].geometry.to_numpy() for kind in KINDS])


def counted(index: GridIndex, given: Given, threads: int = 1) -> Counts:
    matches = index.match(given.lon, given.lat, threads=threads)
    sizes = [len(given.zones[kind]) for kind in KINDS]
    every = matches.counts(sum(sizes))
    return dict(zip(KINDS, np.split(every, np.cumsum(sizes)[:-1]), strict=True))


def ours(given: Given) -> Counts:
    return counted(GridIndex.build(shapes(given)), given)


@lru_cache(maxsize=1)
def _cache() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="layout-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def ours_cached(given: Given) -> Counts:
    """The grid comes from the disk, where the call before left it."""
    return counted(GridIndex.build(shapes(given), cache=_cache()), given)


def built() -> tuple[Given, GridIndex]:
    made = given()
    return made, GridIndex.build(shapes(made))


def ready(made: tuple[Given, GridIndex]) -> Any:
    """The numbers of the sets of all points: every match, from a grid in memory."""
    return made[1].match(made[0].lon, made[0].lat).codes


def two_threads(made: tuple[Given, GridIndex]) -> Any:
    """The same by two threads."""
    return made[1].match(made[0].lon, made[0].lat, threads=2).codes


def gather(made: tuple[Given, GridIndex]) -> Any:
    """Only what the grid says of each point's cell, without any exact test."""
    places, index = made
    frame, cells, *_ = index._grid
    codes = np.empty(len(places.lon), np.int32)
    look_up(places.lon, places.lat, frame, cells.grid, codes)
    return codes


def stream(made: tuple[Given, GridIndex]) -> Any:
    """Only reading both coordinates and writing a number."""
    return (made[0].lon + made[0].lat).astype(np.int32)


def geopandas_sjoin(given: Given) -> Counts:
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(given.lon, given.lat), crs="EPSG:4326")
    counts = {}
    for kind, zones in given.zones.items():
        found = gpd.sjoin(frame, zones[["geometry"]], predicate="within")["index_right"]
        counts[kind] = np.bincount(found, minlength=len(zones))
    return counts


def shapely_contains(given: Given) -> Counts:
    """The plain loop over zones, with prepared shapes and a box around each."""
    counts = {}
    for kind, zones in given.zones.items():
        some = zones.geometry.to_numpy().copy()
        shapely.prepare(some)
        inside = np.zeros(len(some), np.int64)
        for i, shape in enumerate(some):
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
        some = gpd.GeoDataFrame({"row": range(len(zones))}, geometry=zones.geometry.to_numpy())
        database.create_data_frame(some).to_view("zones", overwrite=True)
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


def cells_alone(codes: Any, gathered: Any) -> bool:
    """Both say the same of the points whose cell says all."""
    sure = gathered >= 0
    return bool(sure.any() and np.array_equal(codes[sure], gathered[sure]))


def case(mine: Callable[[Given], Counts], peer: Any, name: str, times: float, what: str) -> Case:
    title = f"{FIRMS:,} points in three layers of zones, {what}"
    return Case(title, given, mine, peer, name, equal, at_least_ratio=times)


BUILT, CACHED = "grid built and counts", "cached grid and counts"
CASES = (
    case(ours, geopandas_sjoin, "geopandas.sjoin, within", 12, BUILT),
    case(ours_cached, geopandas_sjoin, "geopandas.sjoin, within", 60, CACHED),
    case(ours, shapely_contains, "shapely.contains_xy, prepared", 4, BUILT),
    case(ours, sedona, "SedonaDB, ST_Within", 4, BUILT),
    Case(f"{FIRMS:,} points, all matches, grid in memory", built, ready, gather,
         "gather of cells alone (floor)", cells_alone, at_most_times=4),
    Case(f"{FIRMS:,} points, all matches, grid in memory ", built, ready, stream,
         "streaming over the arrays (floor)", lambda one, other: len(one) == len(other)),
    Case(f"{FIRMS:,} points, all matches, two threads, seconds on the clock", built, two_threads,
         ready, "one thread, on the clock", np.array_equal, at_least_ratio=1.6, repeats=5,
         wall=True),
)  # fmt: skip
