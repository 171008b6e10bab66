"""Synthetic layers of the demonstration city, in the formats in which a planner has such layers.

A maker takes the plan of the city and a seed and gives the features (EPSG:4326) or the raster (the
city's metric CRS) of one layer type. Nothing here stands for a real thing but the facts it says it
starts from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import geopandas as gpd
import pandas as pd
import rasterio

from layout.core.layer_types import COMMON, LAYER_TYPES
from layout.core.raster import Raster
from layout.demo import layers_places, layers_siting
from layout.demo.layers_network import make_stations
from layout.demo.layers_terrain import make_terrain
from layout.demo.plan import CityPlan
from layout.demo.zones import zone_text

Made: TypeAlias = "gpd.GeoDataFrame | Raster"
Maker = Callable[[CityPlan, int], Made]

MAKERS: Final[Mapping[str, Maker]] = MappingProxyType(
    {
        "substations": layers_siting.make_substations,
        "exchange_points": layers_siting.make_exchange_points,
        "roads": layers_siting.make_roads,
        "railways": layers_siting.make_railways,
        "metro_lines": layers_siting.make_metro_lines,
        "airports": layers_siting.make_airports,
        "water": layers_siting.make_water,
        "ecological_line": layers_siting.make_ecological_line,
        "flood_zones": layers_siting.make_flood_zones,
        "hazard_zones": layers_siting.make_hazard_zones,
        "housing": layers_siting.make_housing,
        "hazardous_sites": layers_siting.make_hazardous_sites,
        "parcels": layers_siting.make_parcels,
        "ai_scenes": layers_places.make_ai_scenes,
        "cross_border_parks": layers_places.make_cross_border_parks,
        "creative_venues": layers_places.make_creative_venues,
        "stations": make_stations,
        "terrain": make_terrain,
    }
)
"""What makes each layer, by the name of its type."""


TABLES: Final = frozenset({"stations"})
"""Points that planners have as tables: CSV with Chinese headers, longitude and latitude."""


def demo_layers(plan: CityPlan, seed: int) -> dict[str, Made]:
    """All synthetic layers of a city by name; the same for the same seed."""
    return {name: make(plan, seed) for name, make in MAKERS.items()}


def layer_file(name: str) -> str:
    """Where a layer stands in the folder of the demonstration city."""
    ending = "tif" if LAYER_TYPES[name].shape == "raster" else "geojson"
    ending = "csv" if name in TABLES else ending
    return f"layers/{name}.{ending}"


def write_demo_layer(path: Path, name: str, layer: Made) -> None:
    """A layer as GeoJSON or CSV, or as GeoTIFF with the note that it is synthetic."""
    if not isinstance(layer, Raster) and name in TABLES:
        _write_table(path, name, layer)
        return
    if not isinstance(layer, Raster):
        path.write_text(zone_text(name, layer), encoding="utf-8")
        return
    options: dict[str, Any] = {
        "driver": "GTiff",
        "dtype": layer.values.dtype.name,
        "count": 1,
        "height": layer.grid.rows,
        "width": layer.grid.cols,
        "crs": layer.grid.crs,
        "transform": rasterio.Affine(*layer.grid.transform),
        "nodata": layer.nodata,
        "compress": "DEFLATE",
        "tiled": True,
    }
    with rasterio.open(path, "w", **options) as out:
        out.write(layer.values, 1)
        out.set_band_unit(1, layer.unit)
        out.update_tags(nature="synthetic 合成数据")


def _write_table(path: Path, name: str, layer: gpd.GeoDataFrame) -> None:
    """Points as a CSV that starts with a byte-order mark, as spreadsheets write it."""
    words = {column.name: column.zh for column in (*COMMON, *LAYER_TYPES[name].columns)}
    table = pd.DataFrame(layer.drop(columns=layer.geometry.name)).rename(columns=words)
    table["经度"], table["纬度"] = layer.geometry.x, layer.geometry.y
    table.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
