"""Zones and points of a made-up city, with as many vertices as real boundaries have.

A coverage of 74 cells with wrinkled borders that neighbours share (about 900 vertices a cell), the
11 units that they make up, and 600 small parks of 30 vertices that overlap a little.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

SEED = 20260102
BOX = (113.75, 22.45, 114.62, 22.86)
UNITS, CELLS, PARKS, PARK_VERTICES = 11, 74, 600, 30
HALVINGS, ROUGHNESS = 8, 0.12
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Given:
    """Points (WGS 84, degrees) and the zones of each kind."""

    lon: Floats
    lat: Floats
    zones: dict[str, gpd.GeoDataFrame]


@lru_cache(maxsize=1)
def zones() -> dict[str, gpd.GeoDataFrame]:
    """The three layers, EPSG:4326."""
    rng = np.random.default_rng(SEED)
    west, south, east, north = BOX
    seeds = rng.uniform((west, south), (east, north), (CELLS, 2))
    rough = shapely.voronoi_polygons(shapely.MultiPoint(seeds), extend_to=shapely.box(*BOX))
    cut = shapely.intersection(shapely.get_parts(rough), shapely.box(*BOX))
    lines = shapely.get_parts(shapely.line_merge(shapely.union_all(shapely.boundary(cut))))
    wrinkled = [shapely.linestrings(_wrinkled(shapely.get_coordinates(one), rng)) for one in lines]
    cells = shapely.get_parts(shapely.polygonize([shapely.union_all(wrinkled)]))
    cells = cells[np.argsort(-shapely.area(cells))][:CELLS]
    homes = rng.uniform((west, south), (east, north), (UNITS, 2))
    centres = shapely.get_coordinates(shapely.centroid(cells))
    unit = np.argmin(((centres[:, None] - homes) ** 2).sum(axis=2), axis=1)
    units = [shapely.coverage_union_all(cells[unit == number]) for number in np.unique(unit)]
    made = {"district": units, "subdistrict": cells, "park": _parks(rng)}
    return {kind: gpd.GeoDataFrame(geometry=list(some), crs="EPSG:4326")
            for kind, some in made.items()}  # fmt: skip


def points(number: int) -> Given:
    """Half of the points anywhere, half in 400 blocks; a third on addresses that come again."""
    rng = np.random.default_rng(SEED + 1)
    west, south, east, north = BOX
    lon, lat = rng.uniform(west - 0.02, east + 0.02, number), rng.uniform(south, north, number)
    block = rng.integers(400, size=number // 2)
    centres = rng.uniform((west, south), (east, north), (400, 2))[block]
    near = centres + rng.normal(0, 0.003, centres.shape)
    lon[: len(near)], lat[: len(near)] = near.T
    shared = rng.integers(number, size=number // 3)
    again = rng.integers(number, size=number // 3)
    lon[again], lat[again] = lon[shared], lat[shared]
    order = rng.permutation(number)
    return Given(np.round(lon[order], 7), np.round(lat[order], 7), zones())


def _wrinkled(line: Floats, rng: np.random.Generator) -> Floats:
    """A line whose middles are moved aside, again and again; its ends stay."""
    for halving in range(HALVINGS):
        if len(line) > 120 and halving > 2:
            break
        middle = (line[1:] + line[:-1]) / 2
        along = line[1:] - line[:-1]
        aside = np.column_stack([-along[:, 1], along[:, 0]])
        middle += aside * rng.uniform(-ROUGHNESS, ROUGHNESS, (len(middle), 1))
        joined = np.empty((len(line) + len(middle), 2))
        joined[::2], joined[1::2] = line, middle
        line = joined
    return line


def _parks(rng: np.random.Generator) -> list[shapely.Polygon]:
    west, south, east, north = BOX
    turn = np.linspace(0, 2 * np.pi, PARK_VERTICES, endpoint=False)
    made = []
    for x, y in rng.uniform((west, south), (east, north), (PARKS, 2)):
        away = rng.uniform(0.002, 0.006) * rng.uniform(0.7, 1.0, PARK_VERTICES)
        made.append(
            shapely.Polygon(np.column_stack([x + away * np.cos(turn), y + away * np.sin(turn)]))
        )
    return made
