"""What a park has: firms, size tiers, revenue, facilities in and near it, 5G, nearest carrier."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layout.analyses.differentiation.settings import DifferentiationParams
from layout.analyses.platforms import platforms_of
from layout.analyses.profile.loaded import STATIONS, stations_on_air
from layout.core import facts
from layout.core.study import Study
from layout.prepare.dimensions import tiers

_YI: Final = 1e8
FACILITIES: Final = ("carriers", "platforms", "data_centres")
"""Kinds of facility whose number near a park and nearest distance are told."""


def scorecard(study: Study, parks: pd.DataFrame, params: DifferentiationParams) -> pd.DataFrame:
    """One row a site park of :func:`park_table`.

    Returns
    -------
    DataFrame
        ``firms``, ``tagged``, ``tagged_per_ha``, ``revenue_yi`` (tagged firms, 亿元), ``tier_…``
        (tagged firms by size). For each kind of facility whose layer is loaded ``…_near`` (number
        within ``reach_km`` of the park's edge) and ``…_km`` (to the nearest, 0 inside). With a
        layer of base stations ``stations_5g`` (on air inside the park) and ``stations_per_km2``.
        What is not loaded has no column; facilities without a known place are not counted.
    """
    frame = parks[["name_zh", "name_en", "district_id", "area_ha", "firms", "tagged"]].copy()
    area = frame["area_ha"].where(frame["area_ha"] > 0)
    frame["tagged_per_ha"] = frame["tagged"] / area
    cube = study.cubes["park"]
    cube = cube[(cube["year"] == params.year) & cube["sector"].isin(facts.sector_ids())]
    revenue = cube.groupby("zone_id", observed=True)["revenue_cny"].sum()
    frame["revenue_yi"] = revenue.reindex(frame.index, fill_value=0) / _YI
    sizes = cube.groupby(["zone_id", "tier"], observed=True)["firms"].sum().unstack(fill_value=0)
    for tier in tiers()["id"]:
        own = sizes[tier] if tier in sizes else pd.Series(0, index=frame.index)
        frame[f"tier_{tier}"] = own.reindex(frame.index, fill_value=0).astype("int64")
    crs = facts.city_settings(study.manifest.city)["metric_crs"]
    shapes = study.zones["park"].set_index("id").loc[list(frame.index)].to_crs(crs).geometry
    for kind in FACILITIES:
        points = _points(study, kind)
        if points is not None:
            near, distance = _reach(shapes, points.to_crs(crs), params.reach_km * 1000)
            frame[f"{kind}_near"], frame[f"{kind}_km"] = near, distance / 1000
    if STATIONS in study.layers and len(study.layers[STATIONS]):
        on_air = study.layers[STATIONS].geometry[stations_on_air(study)]
        held, _ = _reach(shapes, on_air.to_crs(crs), 0.0)
        frame["stations_5g"] = held
        frame["stations_per_km2"] = held * 100 / area
    return frame


def _points(study: Study, kind: str) -> gpd.GeoSeries | None:
    """Facilities of a kind with a known place; None where the layer is not loaded."""
    layer = "carriers" if kind == "platforms" else kind
    if layer not in study.layers:
        return None
    frame = platforms_of(study, "wider") if kind == "platforms" else study.layers[layer]
    shapes = frame.geometry
    known: gpd.GeoSeries = shapes[shapes.notna() & ~shapes.is_empty]
    return known


def _reach(
    shapes: gpd.GeoSeries, points: gpd.GeoSeries, metres: float
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """By shape: points within so many metres of it, and metres to the nearest (NaN: none)."""
    number = len(shapes)
    if not len(points):
        return np.zeros(number, dtype="int64"), np.full(number, np.nan)
    tree = shapely.STRtree(points.to_numpy())
    held, _ = tree.query(shapes.to_numpy(), predicate="dwithin", distance=metres)
    near = np.bincount(held, minlength=number).astype("int64")
    place, distance = tree.query_nearest(shapes.to_numpy(), return_distance=True, all_matches=False)
    found = np.full(number, np.nan)
    found[place[0]] = distance
    return near, found
