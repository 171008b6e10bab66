"""Where firms are: rows of a pool, so that a firm that moves takes the place of another row."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import shapely
from shapely.geometry import Point

from layout.core import columns as col
from layout.core import facts
from layout.core.study import Study
from layout.core.zone_columns import LEAD_SECTORS, PARK_TYPE, SITE
from layout.scenarios.model import OpenPark

PLACE_COLUMNS: Final = (
    col.LON, col.LAT, col.DISTRICT, col.LOCATION, col.SUBDISTRICT, col.OVERLAYS, col.GEOMETRY,
    col.BBOX,
)  # fmt: skip
"""Columns that go with a place; parks are kept apart, as a new one takes in firms that stay."""

Ints = npt.NDArray[np.int64]
Objects = npt.NDArray[np.object_]


def place_row(study: Study, point: Point, district: str, schema: pa.Schema) -> pa.Table:
    """One row at a point, all that is no place unknown."""
    values: dict[str, object] = {
        col.LON: point.x, col.LAT: point.y, col.DISTRICT: district, col.LOCATION: "inside",
        col.SUBDISTRICT: _covering(study.zones["subdistrict"], point),
        col.OVERLAYS: _covering(study.zones["overlay"], point) or "",
        col.GEOMETRY: shapely.to_wkb(point),
        col.BBOX: {"xmin": point.x, "ymin": point.y, "xmax": point.x, "ymax": point.y},
    }  # fmt: skip
    arrays = []
    for one in schema:
        plain = one.type.value_type if pa.types.is_dictionary(one.type) else one.type
        array = pa.array([values.get(one.name)], plain)
        arrays.append(array.cast(one.type) if plain != one.type else array)
    return pa.Table.from_arrays(arrays, schema=schema.remove_metadata())


def _covering(zones: gpd.GeoDataFrame, point: Point) -> str | None:
    found = zones.loc[zones.geometry.covers(point), "id"]
    return str(found.iloc[0]) if len(found) else None


def zone_point(study: Study, zone: str) -> tuple[Point, str]:
    """A point inside a district or park that has no firm yet, and its district."""
    for kind in ("district", "park"):
        frame = study.zones[kind]
        own = frame[frame["id"] == zone]
        if len(own):
            parent = zone if kind == "district" else str(own["parent_id"].iloc[0])
            return own.geometry.iloc[0].representative_point(), parent
    raise KeyError(zone)  # names were checked before


def new_park(study: Study, park: OpenPark) -> gpd.GeoDataFrame:
    """The zones of kind park with one more: a disc, before all others (smallest first)."""
    frame = study.zones["park"]
    crs = facts.city_settings(study.manifest.city)["metric_crs"]
    point = gpd.GeoSeries([Point(park.lon, park.lat)], crs="EPSG:4326").to_crs(crs)
    disc = point.buffer(park.radius_m)
    row = {
        "id": park.id, "name_zh": park.name_zh, "name_en": park.name_en or park.name_zh,
        "kind": SITE, "parent_id": park.district, "area_km2": float(disc.area.iloc[0]) / 1e6,
        "area_source": "outline", "accuracy_m": 0.0, "approximate": True, "synthetic": True,
        "source": "scenario", PARK_TYPE: park.park_type, LEAD_SECTORS: ";".join(park.lead_sectors),
    }  # fmt: skip
    own = gpd.GeoDataFrame(
        [{k: v for k, v in row.items() if k in frame.columns}], geometry=disc.values, crs=crs
    ).to_crs(frame.crs)
    joined = pd.concat([own.astype(frame.dtypes.to_dict(), errors="ignore"), frame])
    return gpd.GeoDataFrame(joined, crs=frame.crs).reset_index(drop=True)


def text_column(table: pa.Table, name: str) -> Objects:
    """A column as Python texts, None for null; all None where the table lacks it."""
    if name not in table.schema.names:
        return np.full(table.num_rows, None, dtype=object)
    values: Objects = np.array(table.column(name).cast(pa.string()).to_pylist(), dtype=object)
    return values
