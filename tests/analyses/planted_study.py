"""The demonstration city as a study in memory, straight from what was planted: no reading, no tags.

Much quicker than the whole way, and for any number of firms and any seed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from layout.core import columns as c
from layout.core import facts
from layout.core.study import Manifest, Study
from layout.demo.city import build_city
from layout.demo.figures import draw_figures
from layout.demo.firms import DEGREE, City, draw_firms
from layout.demo.words import profiles
from layout.demo.zones import read_city_zones
from layout.prepare.cube import Cube, ZoneCodes

YEARS = c.YEARS
_STATUSES = np.array(["active", "active", "active", "moved", "cancelled", "revoked"])


def planted_study(
    root: Path,
    *,
    firms: int = 4_000,
    seed: int = 1,
    change: Callable[[pa.Table], pa.Table] = lambda table: table,
) -> Study:
    """The study; its firm table is written below ``root`` after ``change`` was made to it."""
    city = build_city("shenzhen", firms=firms, seed=seed)
    table = change(pa.concat_tables([_block(city, block) for block in range(city.blocks)]))
    firms = len(table)
    pq.write_table(table, root / "firms.parquet")
    zones = _zones()
    where = {"district": c.DISTRICT, "subdistrict": c.SUBDISTRICT, "park": c.PARK}
    cubes = {}
    for kind in ("district", "subdistrict", "park", "overlay"):
        codes = ZoneCodes(tuple(zones[kind]["id"]))
        cube = Cube(codes, YEARS)
        for batch in table.to_batches():
            zone = batch[where[kind]] if kind in where else pa.nulls(len(batch), pa.string())
            place = batch[c.LOCATION].dictionary_encode()
            cube.add(batch, codes.encode(zone.dictionary_encode(), place))
        cubes[kind] = cube.frame()
    manifest = Manifest(
        schema_version=1, version="0", created="2026-11-23T06:00:00+00:00", city="shenzhen",
        synthetic=True, years=YEARS, inputs=({"role": "firms", "file": "planted", "rows": firms},),
        parameters={}, counts={"read": firms, "accepted": firms, "rejected": 0}, files={},
    )  # fmt: skip
    return Study(root, manifest, zones, cubes, {}, layers={"carriers": carriers()})


def carriers() -> gpd.GeoDataFrame:
    table = facts.city_table("shenzhen", "carriers")
    lon, lat = (pd.to_numeric(table[name]) for name in ("lon", "lat"))
    points = gpd.points_from_xy(lon, lat)
    frame = gpd.GeoDataFrame(table, geometry=points, crs="EPSG:4326")
    frame.loc[lon.isna(), "geometry"] = None
    return frame


def _zones() -> dict[str, gpd.GeoDataFrame]:
    made = read_city_zones("shenzhen")
    return {
        "district": made.districts,
        "subdistrict": made.subdistricts,
        "park": made.parks,
        "overlay": made.overlays,
    }


def _block(city: City, block: int) -> pa.Table:
    firms = draw_firms(city, block)
    figures = draw_figures(city, firms, block)
    plan, cells = city.plan, city.cells
    park = cells.park[firms.cell]
    sectors = firms.sectors
    subdistricts = facts.city_table("shenzhen", "subdistricts")["code"].to_numpy(dtype=object)
    shares = _shares(sectors)
    ids = np.array([*facts.sector_ids(), None], dtype=object)
    codes = np.array(profiles().codes, dtype=object)[firms.code]
    last = np.datetime64(f"{YEARS[-1]}-12-31")
    data: dict[str, object] = {
        c.CODE: np.array([f"F{n}" for n in firms.row]),
        c.NAME: np.array([f"企业{n}" for n in firms.row]),
        c.INDUSTRY_CODE: codes,
        c.ESTABLISHED: last - figures.age_days.astype("timedelta64[D]"),
        c.STATUS: _STATUSES[figures.status],
        c.LON: firms.east / DEGREE,
        c.LAT: firms.north / DEGREE,
        c.DISTRICT: np.array(plan.districts.ids, dtype=object)[cells.district[firms.cell]],
        c.SUBDISTRICT: subdistricts[cells.subdistrict[firms.cell]],
        c.PARK: np.where(park >= 0, np.array([*plan.parks.ids, None], dtype=object)[park], None),
        c.LOCATION: np.full(len(firms), "inside"),
        c.SCOPE: np.where(sectors[:, 0] >= 0, "core", "outside"),
        c.PLATFORM: np.char.startswith(codes.astype(str), "643"),
    }
    for place, (name, share) in enumerate(zip(c.SECTORS, c.SHARES, strict=True)):
        data[name] = ids[sectors[:, place]]
        data[share] = shares[:, place]
    frame = pd.DataFrame(data)
    for place, year in enumerate(YEARS):
        revenue = pd.array(figures.revenue[:, place] * 100, dtype="Int64")
        staff = pd.array(figures.employees[:, place], dtype="Int64")
        frame[c.REVENUE.of(year)] = revenue
        frame[c.EMPLOYEES.of(year)] = staff
        frame.loc[figures.revenue[:, place] < 0, c.REVENUE.of(year)] = pd.NA
        frame.loc[figures.employees[:, place] < 0, c.EMPLOYEES.of(year)] = pd.NA
    frame[c.ESTABLISHED] = frame[c.ESTABLISHED].dt.date
    return pa.Table.from_pandas(frame, preserve_index=False)


def _shares(sectors: np.ndarray) -> np.ndarray:
    """Whole thousandths: 600 and 400, or 500, 300 and 200."""
    number = (sectors >= 0).sum(axis=1)
    table = np.array([[0, 0, 0], [1000, 0, 0], [600, 400, 0], [500, 300, 200]])
    return table[number]
