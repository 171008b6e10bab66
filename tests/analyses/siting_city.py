"""A city of 6 km by 6 km in code, whose distances are known by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from layout.core import columns as c
from layout.core.raster import Grid, Raster
from layout.core.study import Manifest, Study

CRS = "EPSG:4547"
WEST, SOUTH, SIDE = 500_000.0, 2_500_000.0, 6_000.0


def square(x: float, y: float, wide: float, high: float | None = None) -> shapely.Polygon:
    """A box by its lower left corner, metres from the corner of the city."""
    return shapely.box(WEST + x, SOUTH + y, WEST + x + wide, SOUTH + y + (high or wide))


def layer(shapes: list[shapely.Geometry], **columns: Any) -> gpd.GeoDataFrame:
    ids = [f"f{k}" for k in range(len(shapes))]
    given = {"id": ids, "name_zh": ids, "name_en": ids, "synthetic": True, "source": "t.csv 2026"}
    frame = gpd.GeoDataFrame({**given, **columns}, geometry=shapes, crs=CRS)
    return frame.to_crs("EPSG:4326")


def point(x: float, y: float) -> shapely.Point:
    return shapely.Point(WEST + x, SOUTH + y)


class InMemory:
    """A raster source."""

    def __init__(self, raster: Raster) -> None:
        self.raster, self.grid, self.nodata, self.unit = raster, raster.grid, raster.nodata, "m"

    def read(self, window: tuple[int, int, int, int] | None = None) -> Raster:
        if window is None:
            return self.raster
        r0, r1, c0, c1 = window
        return Raster(self.raster.values[r0:r1, c0:c1], self.grid.window(*window), self.nodata, "m")


def hill() -> InMemory:
    """Flat ground that rises by 30 % in the last kilometre of the east."""
    grid = Grid(CRS, WEST - 3_000, SOUTH + 9_000, 30.0, 400, 400)
    x, _ = grid.centres()
    height = np.maximum(x - (WEST + 5_000), 0) * 0.30
    return InMemory(Raster(np.tile(height, (400, 1)).astype(np.float32), grid))


def build_city(root: Path) -> Study:
    """A square of 6 km: parks, power, an exchange, a hill in the east; firms below ``root``."""
    rng = np.random.default_rng(3)
    spots = gpd.GeoSeries.from_xy(WEST + 6_000 * rng.random(300), SOUTH + 6_000 * rng.random(300),
                                  crs=CRS).to_crs("EPSG:4326")  # fmt: skip
    table = {
        c.LON: spots.x.to_numpy(), c.LAT: spots.y.to_numpy(), c.DISTRICT: ["A"] * 300,
        c.LOCATION: ["inside"] * 300, c.SECTOR_1: ["S05"] * 200 + ["S01"] * 100,
        "sector_2": pa.nulls(300, pa.string()), "sector_3": pa.nulls(300, pa.string()),
    }  # fmt: skip
    pq.write_table(pa.table(table), root / "firms.parquet")
    manifest = Manifest(
        schema_version=1, version="t", created="2026-01-01T00:00:00", city="shenzhen",
        synthetic=True, years=(2023,), inputs=(), parameters={}, counts={}, files={},
    )  # fmt: skip
    zone = {"kind": "district", "approximate": False}
    district = layer([square(0, 0, SIDE)], **zone).assign(id=["A"], name_zh=["甲区"])
    park = layer([square(1_000, 1_000, 1_500), square(3_200, 3_200, 900)]).assign(id=["P1", "P2"])
    layers = {
        "substations": layer(
            [point(1_500, 3_000), point(4_000, 4_000), point(3_000, 500)],
            voltage_kv=[110.0, 220.0, 110.0], spare_mva=[60.0, 40.0, np.nan],
        ),
        "exchange_points": layer([point(3_000, 3_000)], kind=["anchor"]),
        "roads": layer([shapely.LineString([(WEST, SOUTH + 3_000), (WEST + SIDE, SOUTH + 3_000)])],
                       **{"class": ["primary"]}),
        "housing": layer([square(2_500, 200, 600)]),
        "ecological_line": layer([square(0, 0, SIDE, 1_500)]),  # the southern quarter
        "hazardous_sites": layer([point(200, 5_800), point(9_000, 9_000)],
                                 kind=["plant", "nuclear"]),
        "flood_zones": layer([square(4_500, 1_500, 400), square(3_500, 1_500, 400)],
                             return_period_years=[20.0, 500.0]),
        "parcels": layer(
            [square(2_000, 3_500, 260), square(100, 5_500, 260), square(2_600, 4_000, 60)],
            kind=["parcel", "parcel", "parcel"],
        ),
    }  # fmt: skip
    return Study(root, manifest, {"district": district, "park": park}, {}, {}, layers,
                 {"terrain": hill()})  # fmt: skip
