"""The zones that are shipped with a city, and what is only a sketch of them.

Districts have generalised outlines and their official land area. Overlays (前海) are never added
to totals. Parks have no public outlines: each is a regular shape of its stated area about its
stated point, clipped to its district. Subdistricts have no public outlines either: each district is
divided among the points of its subdistricts, every place going to the nearest point; these are
labelled synthetic.

Order, and with it precedence on shared borders: districts, subdistricts and overlays by id, parks
by stated area, the smallest first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import shape

from layout.core import zone_columns as z
from layout.core.crs import STORED_CRS
from layout.core.errors import InputFileError
from layout.core.facts import city_settings, city_table
from layout.core.resources import city_file
from layout.core.study import ZoneLayer
from layout.geometry.partition import divide, nearest_point_cells, regular_shape
from layout.prepare.zone_frames import empty_zones, in_order, zone_frame

ROUGH_M: Final = 300
"""Outlines known less exactly than this are marked approximate."""


def shipped_zones(city: str) -> dict[str, ZoneLayer]:
    """The zone layers of a city by kind: ``district``, ``subdistrict``, ``park``, ``overlay``.

    Returns
    -------
    dict
        Frames in EPSG:4326, ready to be changed. Parks have ``site`` or ``area`` as their kind and
        the further columns ``park_type`` and ``lead_sectors`` (ids joined by ``;``); overlays have
        ``extent_version`` and ``area_km2_other_extent``: their dated extents.
    """
    layers = _shipped(city)
    return {
        kind: ZoneLayer(kind, layer.frame.copy(), layer.notes) for kind, layer in layers.items()
    }


def district_ids(city: str) -> tuple[str, ...]:
    """Ids of the units that make up the city, in the order of ``districts.csv``; no overlays."""
    overlays = set(city_settings(city)["overlay_districts"])
    return tuple(i for i in city_table(city, "districts")[z.ID] if i not in overlays)


def sea_areas(city: str) -> gpd.GeoDataFrame:
    """Rough sea areas about a city, EPSG:4326, columns ``id``, names and ``geometry``.

    They say only that a point lies in the sea; they are no shoreline. Empty where there is none.
    """
    try:
        features = _features(city, "sea_sketch.geojson")
    except InputFileError:
        features = []
    names = (z.ID, z.NAME_ZH, z.NAME_EN)
    made = {name: [str(f["properties"].get(name, "")) for f in features] for name in names}
    shapes = [shape(f["geometry"]) for f in features]
    return gpd.GeoDataFrame(made, geometry=shapes, crs=STORED_CRS)


@lru_cache(maxsize=4)
def _shipped(city: str) -> dict[str, ZoneLayer]:
    units = _units(city)
    overlay = units[z.ID].isin(city_settings(city)["overlay_districts"])
    districts = in_order(
        units[~overlay].drop(columns=[z.EXTENT_VERSION, z.OTHER_EXTENT]), "district"
    )
    districts[z.KIND] = "district"
    overlays = in_order(units[overlay], "overlay")
    overlays[z.KIND] = "overlay"
    outlines = dict(zip(districts[z.ID], districts.geometry, strict=True))
    frames = {
        "district": districts,
        "subdistrict": _subdistricts(city, outlines),
        "park": _parks(city, outlines),
        "overlay": overlays,
    }
    return {kind: ZoneLayer(kind, frame) for kind, frame in frames.items()}


def _units(city: str) -> gpd.GeoDataFrame:
    """Districts and overlays that have an outline, with what is known of them."""
    outlines = {f["properties"][z.ID]: f for f in _features(city, "district_outlines.geojson")}
    table = city_table(city, "districts")
    table = table[table[z.ID].isin(outlines)].reset_index(drop=True)
    accuracy = [float(outlines[i]["properties"][z.ACCURACY_M]) for i in table[z.ID]]
    return zone_frame(
        [shape(outlines[i]["geometry"]) for i in table[z.ID]],
        {
            z.ID: table[z.ID],
            z.NAME_ZH: table[z.NAME_ZH],
            z.NAME_EN: table[z.NAME_EN],
            z.AREA_KM2: _numbers(table[z.AREA_KM2]),
            z.AREA_SOURCE: z.OFFICIAL,
            z.ACCURACY_M: accuracy,
            z.APPROXIMATE: [metres > ROUGH_M for metres in accuracy],
            z.SOURCE: "district-outlines",
            z.EXTENT_VERSION: table[z.EXTENT_VERSION],
            z.OTHER_EXTENT: table[z.OTHER_EXTENT],
        },
    )


def _subdistricts(city: str, outlines: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Every district divided among the points of its subdistricts."""
    table = city_table(city, "subdistricts")
    table = table[table["district_id"].isin(outlines)].reset_index(drop=True)
    metric = city_settings(city)["metric_crs"]
    lon_lat = np.column_stack([_numbers(table["lon"]), _numbers(table["lat"])])
    projected = gpd.GeoSeries.from_xy(*lon_lat.T, crs=STORED_CRS).to_crs(metric)
    shapes = np.empty(len(table), object)
    for district, rows in table.groupby("district_id").groups.items():
        whole = outlines[str(district)]
        extent = gpd.GeoSeries([whole], crs=STORED_CRS).to_crs(metric).iloc[0]
        cells = nearest_point_cells(projected[rows].get_coordinates().to_numpy(), extent)
        # The corners of the cells are projected back and the outline cuts them in degrees, so that
        # the outer border stays the district's own.
        degrees = gpd.GeoSeries(cells, crs=metric).to_crs(STORED_CRS)
        shapes[rows] = divide(whole, degrees.to_numpy(), lon_lat[rows])
    made = zone_frame(
        shapes,
        {
            z.ID: table["code"],
            z.NAME_ZH: table[z.NAME_ZH],
            z.NAME_EN: table[z.NAME_EN],
            z.KIND: "subdistrict",
            z.PARENT_ID: table["district_id"],
            z.AREA_KM2: gpd.GeoSeries(shapes, crs=STORED_CRS).to_crs(metric).area / 1e6,
            z.AREA_SOURCE: z.OUTLINE,
            z.ACCURACY_M: _numbers(table["position_uncertainty_m"]),
            z.APPROXIMATE: True,
            z.SYNTHETIC: True,
            z.SOURCE: "subdistricts",
        },
    )
    return in_order(made, "subdistrict")


def _parks(city: str, outlines: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Regular shapes of the stated area about the stated point, clipped to the district."""
    table = city_table(city, "parks")
    table = table[table["district_id"].isin(outlines)].reset_index(drop=True)
    if table.empty:
        return empty_zones((z.PARK_TYPE, z.LEAD_SECTORS))
    metric = city_settings(city)["metric_crs"]
    points = gpd.GeoSeries.from_xy(
        _numbers(table["lon_wgs84"]), _numbers(table["lat_wgs84"]), crs=STORED_CRS
    ).to_crs(metric)
    hectares = _numbers(table["area_ha"])
    drawn = [
        regular_shape(point.x, point.y, area * 1e4)
        for point, area in zip(points, hectares, strict=True)
    ]
    degrees = gpd.GeoSeries(drawn, crs=metric).to_crs(STORED_CRS)
    homes = [outlines[i] for i in table["district_id"]]
    made = zone_frame(
        [_polygonal(a.intersection(b)) for a, b in zip(degrees, homes, strict=True)],
        {
            z.ID: table[z.ID],
            z.NAME_ZH: table[z.NAME_ZH],
            z.NAME_EN: table[z.NAME_EN],
            z.KIND: table[z.KIND],
            z.PARENT_ID: table["district_id"],
            z.AREA_KM2: hectares / 100,
            z.AREA_SOURCE: z.STATED,
            z.ACCURACY_M: _numbers(table["position_uncertainty_m"]),
            z.APPROXIMATE: True,
            z.SOURCE: "parks",
            z.PARK_TYPE: table[z.PARK_TYPE],
            z.LEAD_SECTORS: table[z.LEAD_SECTORS],
        },
    )
    return in_order(made[~made.geometry.is_empty], "park")


def _polygonal(made: Any) -> Any:
    """The polygons of an intersection, without the points and lines where borders only touch."""
    parts = [part for part in shapely.get_parts(made) if part.geom_type == "Polygon"]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _features(city: str, name: str) -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = json.loads(city_file(city, name).read_text("utf-8"))[
        "features"
    ]
    return features


def _numbers(column: pd.Series) -> Any:
    return pd.to_numeric(column.replace("", None)).to_numpy(np.float64)
