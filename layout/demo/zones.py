"""The zones of the demonstration city: read once, written beside the firms as GeoJSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layout.prepare.zones import sea_areas, shipped_zones

DECIMALS: Final = 6
"""Of coordinates in files: a tenth of a metre."""


@dataclass(frozen=True)
class CityZones:
    """Zones of a city in EPSG:4326; each frame has the columns of a zone layer.

    Attributes
    ----------
    districts, subdistricts, parks, overlays
        As shipped: outlines generalised, subdistricts synthetic, parks approximate.
    sea
        Sketch of the sea.
    """

    districts: gpd.GeoDataFrame
    subdistricts: gpd.GeoDataFrame
    parks: gpd.GeoDataFrame
    overlays: gpd.GeoDataFrame
    sea: gpd.GeoDataFrame

    def layers(self) -> dict[str, gpd.GeoDataFrame]:
        """What is written, by the name of its file."""
        return {
            "districts": self.districts,
            "subdistricts": self.subdistricts,
            "parks": self.parks,
            "overlays": self.overlays,
        }


def read_city_zones(city: str) -> CityZones:
    """The shipped zones of a city."""
    zones = shipped_zones(city)
    return CityZones(
        districts=zones["district"].frame,
        subdistricts=zones["subdistrict"].frame,
        parks=zones["park"].frame,
        overlays=zones["overlay"].frame,
        sea=sea_areas(city),
    )


def zone_text(name: str, frame: gpd.GeoDataFrame) -> str:
    """A layer as GeoJSON (RFC 7946, WGS 84), a feature a line."""
    columns = [column for column in frame.columns if column != frame.geometry.name]
    geometry = shapely.transform(frame.geometry.to_numpy(), lambda at: np.round(at, DECIMALS))
    records = frame[columns].to_dict("records")
    features = [
        json.dumps(
            {
                "type": "Feature",
                "properties": {key: _plain(value) for key, value in record.items()},
                "geometry": shapely.geometry.mapping(shape),
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for record, shape in zip(records, geometry, strict=True)
    ]
    head = json.dumps({"type": "FeatureCollection", "name": name}, ensure_ascii=False)[:-1]
    return f'{head}, "features": [\n' + ",\n".join(features) + "\n]}\n"


def _plain(value: Any) -> Any:
    """A value that JSON knows; unknown becomes null."""
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value
