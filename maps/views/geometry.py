"""Which zones a map fills, which it outlines, and where their names stand."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import maximum_inscribed_circle

from layout.core.crs import require_metric
from layout.core.result import LayerSpec
from layout.core.texts import Lang

AREA: Final = "area"
"""Kind of a park that is a corridor or a science city."""

_UNIT_WORDS: Final = re.compile(r" (New )?District$| Subdistrict$| Special Cooperation Zone$")
_TOLERANCE_M: Final = 50.0


def counted_zones(spec: LayerSpec) -> LayerSpec:
    """The layer without parks of kind ``area``: context, never a firm's park, so no zero either."""
    frame = spec.frame
    return replace(spec, frame=frame[frame["kind"] != AREA]) if "kind" in frame else spec


def outlined_parks(parks: gpd.GeoDataFrame, zones: str) -> gpd.GeoDataFrame:
    """The parks that a map of ``zones`` outlines: all, or only the areas where parks are filled."""
    return parks[parks["kind"] == AREA] if zones == "park" else parks


def names(frame: gpd.GeoDataFrame, lang: Lang) -> list[str]:
    """Name of each row in the language, the Chinese one where there is no other."""
    zh = frame["name_zh"].fillna("") if "name_zh" in frame else pd.Series("", index=frame.index)
    if lang == "zh" or "name_en" not in frame:
        return [str(name) for name in zh]
    return [str(en or z) for en, z in zip(frame["name_en"].fillna(""), zh, strict=True)]


def short_names(frame: gpd.GeoDataFrame, lang: Lang) -> list[str]:
    """Names for labels: English ones without the word for the kind of unit."""
    return [_UNIT_WORDS.sub("", name) if lang == "en" else name for name in names(frame, lang)]


def label_points(frame: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Easting and northing of a point well inside the largest part of each zone, metres.

    The centre of the largest circle that fits into it, so that a name stays clear of the borders.

    Raises
    ------
    CrsError
        The frame is not in a metric CRS.
    """
    require_metric(frame)
    largest = [max(getattr(g, "geoms", [g]), key=lambda part: part.area) for g in frame.geometry]
    centres = [maximum_inscribed_circle(part, tolerance=_TOLERANCE_M).coords[0] for part in largest]
    x, y = np.array(centres, dtype="float64").reshape(-1, 2).T
    return x, y
