"""Facilities that serve already: data centres, exchange points, platforms, research carriers."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from layout.analyses.platforms import platforms_of, serving
from layout.analyses.siting.ground import Ground
from layout.analyses.siting.params import SitingParams

PLATFORMS = "carriers"
"""Layer whose rows are platforms by type, for the use that places platforms."""


def existing_of(ground: Ground, params: SitingParams) -> gpd.GeoDataFrame:
    """Facilities of the kind that serve already, within the districts that are judged.

    For platforms: those of the wanted type that serve the wanted sectors; one that names no sector
    serves all.

    Returns
    -------
    GeoDataFrame
        Points in the city's metric CRS with ``id``; empty where there is no such layer.
    """
    empty = gpd.GeoDataFrame({"id": []}, geometry=[], crs=ground.grid.crs)
    layer = params.use.existing
    frame = ground.frame(layer) if layer else None
    if frame is None:
        return empty
    if params.use.platform:
        frame = frame[frame["id"].isin(_platforms(ground, params))]
    if "district_id" in frame.columns:
        frame = frame[frame["district_id"].isin(ground.districts)]
    if "countable" in frame.columns:
        frame = frame[pd.to_numeric(frame["countable"], errors="coerce").fillna(0) > 0]
    return frame.reset_index(drop=True)


def _platforms(ground: Ground, params: SitingParams) -> set[str]:
    """Ids of the platforms of a type that serve any of the sectors."""
    every = platforms_of(ground.study)
    sectors = params.asked("sectors")
    assert isinstance(sectors, tuple)
    found: set[str] = set()
    for sector in sectors or ("",):
        found |= set(serving(every, params.platform_type, sector)["id"])
    return found
