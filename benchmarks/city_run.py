"""A city from a CSV file to tagged, joined GeoParquet, and the floor: only reading the file.

The route with pandas and geopandas does the core of the same: it reads the file, makes points,
joins them to districts, subdistricts and parks, looks for each sector's words, and writes
GeoParquet with boxes. It checks nothing, weighs nothing, knows no datum and keeps no order.
Compared are the zones of all firms that lie inside a district by both.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from benchmarks.case import Case
from benchmarks.keywords import SCOPE_HEADER, words
from benchmarks.sizes import city, firms
from layout.core.columns import CODE, DISTRICT, LOCATION, SUBDISTRICT
from layout.pipeline.inputs import read_inputs
from layout.pipeline.run import run
from layout.prepare.joining import INSIDE

CODE_HEADER, LON_HEADER, LAT_HEADER = "统一社会信用代码", "经度", "纬度"
LAYERS = ("districts", "subdistricts", "parks")


def given() -> Path:
    return city(firms())


def ours(folder: Path) -> dict[str, Any]:
    """What a run says, and the zones by code; without the optional layers, which no peer reads."""
    inputs = read_inputs(folder).model_copy(update={"layers": {}})
    with tempfile.TemporaryDirectory(prefix="layout-bench-") as scratch:
        summary = run(inputs, Path(scratch) / "study")
        table = pq.read_table(
            Path(scratch) / "study" / "firms.parquet",
            columns=[CODE, LOCATION, DISTRICT, SUBDISTRICT],
        )
    return {"read": summary.manifest.counts["read"], "zones": table}


def polars_read(folder: Path) -> int:
    import polars

    frame = polars.read_csv(folder / "firms.csv", encoding="utf8-lossy", infer_schema_length=0)
    return len(frame)


def geopandas_route(folder: Path) -> pd.DataFrame:
    table = pd.read_csv(
        folder / "firms.csv", dtype=str, encoding_errors="replace", on_bad_lines="skip"
    )
    lon, lat = (pd.to_numeric(table[name], errors="coerce") for name in (LON_HEADER, LAT_HEADER))
    # Points that are not finite in its tree make sjoin(within) lose matches of others.
    known = np.isfinite(lon) & np.isfinite(lat)
    table, lon, lat = table[known], lon[known], lat[known]
    points = gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326")
    for layer in LAYERS:
        zones = gpd.read_file(folder / f"{layer}.geojson")[["id", "geometry"]]
        found = gpd.sjoin(points[["geometry"]], zones, predicate="within")["id"]
        points[layer] = found[~found.index.duplicated()]
    scope = table[SCOPE_HEADER].fillna("")
    for sector, some in words().items():
        points[sector] = scope.str.contains("|".join(map(re.escape, some)))
    with tempfile.TemporaryDirectory(prefix="layout-bench-") as scratch:
        target = Path(scratch) / "firms.parquet"
        points.to_parquet(target, compression="zstd", write_covering_bbox=True)
    return pd.DataFrame(points[[CODE_HEADER, *LAYERS[:2]]])


def as_many(done: dict[str, Any], rows: int) -> bool:
    return bool(done["read"] == rows)


def same_zones(done: dict[str, Any], theirs: pd.DataFrame) -> bool:
    """Firms by code; codes that stand more than once are left out."""
    mine = done["zones"].to_pandas()
    mine = mine[(mine[LOCATION] == INSIDE) & mine[CODE].notna()]
    theirs = theirs[~theirs[CODE_HEADER].duplicated(keep=False)]
    both = mine.merge(theirs, left_on=CODE, right_on=CODE_HEADER)
    same = (both[DISTRICT].astype(str) == both["districts"].astype(str)) & (
        both[SUBDISTRICT].astype(str) == both["subdistricts"].astype(str)
    )
    return len(both) > 0.9 * len(mine) and bool(same.all())


WHAT = f"{firms():,} firms, CSV to a study: checked, tagged, joined, counted, in Hilbert order"
CASES = (
    Case(WHAT, given, ours, polars_read, "polars.read_csv of the same file (floor)", as_many,
         at_most_times=5, at_most_mb=1_500),
    Case(WHAT, given, ours, geopandas_route, "pandas and geopandas", same_zones, at_least_ratio=3),
)  # fmt: skip
