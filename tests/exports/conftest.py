"""A small study on disk, made by hand: seven firms in the shipped zones of Shenzhen."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from layout.core import columns as c
from layout.core.result import Bilingual, Provenance
from layout.core.study import SCHEMA_VERSION, Manifest, Study, ZoneLayer
from layout.exports.study import (
    study_folder,
    write_cubes,
    write_layer,
    write_manifest,
    write_quality,
    write_zones,
)
from layout.prepare.cube import Cube, ZoneCodes
from layout.prepare.zones import shipped_zones
from layout.readers.study import read_study

YEARS = (2022, 2023)
NASTY = '=HYPERLINK("http://x","点我")'
FIRMS = {
    c.CODE: [f"91440300MA000000{n}X" for n in range(7)],
    c.NAME: ["深圳市甲云计算有限公司", NASTY, "<script>alert(1)</script>", "丁", "戊", "己", "庚"],
    c.INDUSTRY_CODE: ["6311", "6513", "5292", "6431", "7519", None, "9999"],
    c.STATUS: ["active", "active", "cancelled", "active", "active", "revoked", None],
    c.ESTABLISHED: [dt.date(2015, 3, 1), None, *[dt.date(2020, 1, 31)] * 5],
    c.HIGH_TECH: [True, False, None, None, True, False, False],
    c.LON: [113.9485, 114.0459, 114.1188, 113.87, np.nan, 113.5, 113.93],
    c.LAT: [22.5318, 22.5438, 22.558, 22.58, np.nan, 22.3, 22.527],
    c.BATCH: ["甲批"] * 7,
    c.NATURE: ["合成"] * 7,
    c.FLAGS: ["", "bad_check_character;district_mismatch", "", "", "missing_coordinates", "", ""],
    c.SECTOR_1: ["S05", None, "S11", "S07", "S01", None, "S05"],
    c.SECTOR_2: ["S04", None, None, "S11", None, None, None],
    c.SECTOR_3: [None] * 7,
    c.SHARE_1: [600, None, 1000, 700, 1000, None, 1000],
    c.SHARE_2: [400, None, None, 300, None, None, None],
    c.SHARE_3: [None] * 7,
    c.SCOPE: ["core", "core", "fusion", "core", "fusion", "outside", "fusion"],
    c.DISTRICT: ["NS", "FT", "LH", "BA", None, None, "NS"],
    c.LOCATION: ["inside"] * 4 + ["no_coordinates", "outside", "inside"],
    c.SUBDISTRICT: ["440305007", None, None, None, None, None, None],
    c.PARK: ["P001", None, None, None, None, None, None],
    c.PARKS: ["P001;P002", None, None, None, None, None, None],
    c.OVERLAYS: [None, None, None, "QH", None, None, None],
    c.REVENUE.of(2022): [6_000_000_000, 10, None, 1_100_000_000, 5, None, 7],
    c.REVENUE.of(2023): [6_100_000_000, None, None, 1_200_000_000, 6, None, 8],
    c.EMPLOYEES.of(2022): [100, 5, None, 40, 1, None, 2],
    c.EMPLOYEES.of(2023): [120, 6, None, 50, 1, None, 3],
}
"""Known answers below rest on these rows."""


def firm_table() -> pa.Table:
    arrays = {}
    for name, values in FIRMS.items():
        kind = c.COLUMNS[name].type if name in c.COLUMNS else pa.int64()
        plain = kind.value_type if pa.types.is_dictionary(kind) else kind
        array = pa.array(values, plain, from_pandas=True)
        arrays[name] = array.dictionary_encode() if pa.types.is_dictionary(kind) else array
    arrays["经营类别"] = pa.array(["自有列"] * 7)
    lon, lat = np.array(FIRMS[c.LON]), np.array(FIRMS[c.LAT])
    known = np.isfinite(lon)
    shapes = np.full(7, None, dtype=object)
    shapes[known] = shapely.to_wkb(shapely.points(lon[known], lat[known]))
    arrays[c.GEOMETRY] = pa.array(shapes, pa.binary())
    return pa.table(arrays)


def cubes_of(firms: pa.Table, zones: dict[str, ZoneLayer]) -> dict[str, object]:
    (batch,) = firms.combine_chunks().to_batches()
    columns = {
        "district": c.DISTRICT,
        "subdistrict": c.SUBDISTRICT,
        "park": c.PARK,
        "overlay": c.OVERLAYS,
    }
    cubes = {}
    for kind, column in columns.items():
        codes = ZoneCodes(tuple(zones[kind].frame["id"]))
        cube = Cube(codes, YEARS)
        cube.add(batch, codes.encode(batch[column], batch[c.LOCATION]))
        cubes[kind] = cube.frame()
    return cubes


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    root = tmp_path_factory.mktemp("study") / "s"
    zones = shipped_zones("shenzhen")
    firms = firm_table()
    with study_folder(root) as folder:
        pq.write_table(firms, folder / "firms.parquet")
        (folder / "rejects.csv").write_text("line\n", "utf-8")
        write_zones(folder, zones)
        landmarks = gpd.GeoDataFrame(
            {"id": ["F001"], "name_zh": ["腾讯"], "revenue_yi_cny": [None]},
            geometry=[shapely.Point(113.93, 22.523)],
            crs=4326,
        )
        write_layer(folder, "landmarks", landmarks)
        write_cubes(folder, cubes_of(firms, zones))
        write_quality(folder, {})
        write_manifest(
            folder,
            Manifest(
                schema_version=SCHEMA_VERSION,
                version="0.1.0",
                created="2026-11-23T00:00:00+00:00",
                city="shenzhen",
                synthetic=True,
                years=YEARS,
                inputs=({"role": "firms", "file": "企业.csv", "sha256": "ab" * 32, "rows": 9},),
                parameters={"seed": 7, "policy": {"duplicate_code": "reject"}},
                counts={"read": 9, "accepted": 7, "rejected": 2},
                files={},
            ),
        )
    return read_study(root)


@pytest.fixture
def provenance() -> Provenance:
    return Provenance(
        inputs=({"role": "firms", "file": "企业.csv", "sha256": "ab" * 32, "rows": 9},),
        parameters={"year": 2023, "tiers": ["leading", "key"]},
        seed=7,
        version="0.1.0",
        created="2026-11-23T00:00:00+00:00",
        synthetic=True,
        method=Bilingual("按坐标归区后汇总。", "Placed by coordinates and summed."),
    )
