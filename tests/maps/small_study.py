"""A small study on the shipped districts: firms that a map must survive, built in code."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from shapely.geometry import box

from layout.core import columns as c
from layout.core import facts
from layout.core.resources import city_file
from layout.core.study import SCHEMA_VERSION, ZONE_COLUMNS, Manifest, Study
from layout.prepare.cube import Cube, ZoneCodes

YEARS = (2022, 2023)
YI = 100_000_000

HOSTILE = (
    "<script>alert(1)</script>",
    "</script><script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1>",
    "{{ 7*7 }}{% raw %}{# x #}",
    '"\'><b onmouseover="window.hacked=1">&amp;${window.hacked=1}`',
    "深圳\u2028市<!--</style>\\u003cscript\\u003e",
)
"""Names that would run or break a page that trusts them."""


def districts() -> gpd.GeoDataFrame:
    outlines = gpd.read_file(city_file("shenzhen", "district_outlines.geojson"))
    table = facts.city_table("shenzhen", "districts").set_index("id")
    outlines = outlines[~outlines["overlay"]].sort_values("id", ignore_index=True)
    frame = outlines[["id", "accuracy_m", "geometry"]].copy()
    frame["name_zh"] = table.loc[frame["id"], "name_zh"].to_numpy()
    frame["name_en"] = table.loc[frame["id"], "name_en"].to_numpy()
    frame["approximate"] = frame["accuracy_m"] > 1000
    return _zones(frame, "district", "公开界线概化")


def parks() -> gpd.GeoDataFrame:
    places = [("P1", "甲<i>园</i>区", 113.95, 22.53), ("P2", "乙园区", 114.06, 22.72)]
    frame = gpd.GeoDataFrame(
        {"id": [p[0] for p in places], "name_zh": [p[1] for p in places]},
        geometry=[box(x, y, x + 0.02, y + 0.02) for _, _, x, y in places],
        crs="EPSG:4326",
    )
    frame["approximate"] = True
    return _zones(frame, "park", "示意")


def _zones(frame: gpd.GeoDataFrame, kind: str, source: str) -> gpd.GeoDataFrame:
    given = {
        "name_en": None, "kind": kind, "parent_id": None, "area_km2": np.nan,
        "area_source": "computed", "accuracy_m": np.nan, "approximate": False,
        "synthetic": False, "source": source,
    }  # fmt: skip
    for name, value in given.items():
        if name not in frame:
            frame[name] = value
    return frame[list(ZONE_COLUMNS)]


def firm_table(zones: gpd.GeoDataFrame, *, number: int = 60) -> pa.Table:
    """``number`` firms in the first districts; the last district (by id) has none."""
    rng = np.random.default_rng(7)
    points = [shape.representative_point() for shape in zones.geometry[:-1]]
    rows = []
    for i in range(number):
        home = points[i % len(points)]
        name = HOSTILE[i] if i < len(HOSTILE) else f"深圳第{i}号磡科技有限公司"
        tagged = i % 6 != 5
        located = i % 20 != 19
        rows.append(
            {
                c.CODE: f"91440300X{i:09d}",
                c.NAME: name,
                c.OPERATING_ADDRESS: f"{name[:4]}路{i}号",
                c.INDUSTRY_CODE: "6513" if i % 2 else "9999",
                c.BUSINESS_SCOPE: "人工智能应用软件开发；大数据服务",
                c.STATUS: "active",
                c.ESTABLISHED: dt.date(2010 + i % 14, 5, 1),
                c.LON: home.x + rng.normal(0, 0.004) if located else None,
                c.LAT: home.y + rng.normal(0, 0.004) if located else None,
                c.FLAGS: "bad_check_character;negative_revenue" if i % 7 == 0 else "",
                c.SECTOR_1: f"S{i % 12 + 1:02d}" if tagged else None,
                c.SECTOR_2: "S02" if tagged and i % 12 != 1 else None,
                c.SECTOR_3: None,
                c.SHARE_1: (600 if i % 12 != 1 else 1000) if tagged else None,
                c.SHARE_2: 400 if tagged and i % 12 != 1 else None,
                c.SHARE_3: None,
                c.SCOPE: ("core", "fusion", "outside")[i % 3],
                c.SUB_FIELDS: "S02-1;S02-2" if tagged else "",
                c.XINCHUANG: i % 9 == 0,
                c.PLATFORM: False,
                c.DISTRICT: zones["id"].iloc[i % len(points)] if located else None,
                c.LOCATION: "inside" if located else "no_coordinates",
                c.SUBDISTRICT: None,
                c.PARK: "P1" if i % 8 == 0 else None,
                c.PARKS: "P1" if i % 8 == 0 else "",
                c.OVERLAYS: "",
                c.REVENUE.of(2022): None if i % 11 == 0 else (i + 1) * YI // 4,
                c.REVENUE.of(2023): None if i % len(points) == 1 else (i + 1) ** 2 * YI // 90,
                c.EMPLOYEES.of(2023): None if i % 5 == 0 else 10 * i,
            }
        )
    return pa.Table.from_pandas(pd.DataFrame(rows), schema=_schema(), preserve_index=False)


def _schema() -> pa.Schema:
    fields = [
        (c.CODE, c.NAME, c.OPERATING_ADDRESS, c.INDUSTRY_CODE, c.BUSINESS_SCOPE, c.STATUS),
        (c.ESTABLISHED, c.LON, c.LAT, c.FLAGS, *c.SECTORS, *c.SHARES, c.SCOPE, c.SUB_FIELDS),
        (c.XINCHUANG, c.PLATFORM, c.DISTRICT, c.LOCATION, c.SUBDISTRICT, c.PARK, c.PARKS),
        (c.OVERLAYS,),
    ]
    plain = [(name, c.COLUMNS[name].type) for group in fields for name in group]
    years = [(name, pa.int64()) for name in (*map(c.REVENUE.of, YEARS), c.EMPLOYEES.of(2023))]
    return pa.schema([*plain, *years])


def build_study(root: Path, *, number: int = 60) -> Study:
    """The study, its firm table written below ``root``."""
    zones = {"district": districts(), "park": parks()}
    zones["subdistrict"] = _zones(
        zones["district"][["id", "name_zh", "geometry"]], "subdistrict", ""
    )
    zones["subdistrict"]["synthetic"] = True
    zones["overlay"] = zones["park"].iloc[:0]
    table = firm_table(zones["district"], number=number)
    pq.write_table(table, root / "firms.parquet")
    cubes = {}
    for kind, column in (("district", c.DISTRICT), ("park", c.PARK), ("subdistrict", c.DISTRICT)):
        codes = ZoneCodes(tuple(zones[kind]["id"]))
        cube = Cube(codes, YEARS)
        for batch in table.to_batches():
            cube.add(batch, codes.encode(batch[column], batch[c.LOCATION]))
        cubes[kind] = cube.frame()
    cubes["overlay"] = cubes["park"].iloc[:0]
    manifest = Manifest(
        schema_version=SCHEMA_VERSION, version="0", created="2026-11-23T06:00:00+00:00",
        city="shenzhen", synthetic=True, years=YEARS,
        inputs=({"role": "firms", "file": "企业<b>.csv", "sha256": "0", "rows": number},),
        parameters={}, counts={"read": number + 3, "accepted": number, "rejected": 3}, files={},
    )  # fmt: skip
    return Study(root, manifest, zones, cubes, json.loads("{}"))
