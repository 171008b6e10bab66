"""Sites for new platforms: parks and the hearts of subdistricts, chosen by a location model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.measures.location import Location, distances, maximal_covering, p_center, p_median

if TYPE_CHECKING:
    from layout.analyses.platforms import PlatformParams
    from layout.core.study import Study

Floats = npt.NDArray[np.float64]

_CONTEXT: Final = "area"
"""Corridors and science cities are context, not places to build in."""


def candidates(study: Study, crs: str) -> gpd.GeoDataFrame:
    """Where a platform can be put: parks, and subdistricts that hold none of them."""
    found = []
    for kind in ("park", "subdistrict"):
        frame = study.zones.get(kind)
        if frame is None or frame.empty:
            continue
        if kind == "park":
            frame = frame[frame["kind"] != _CONTEXT]
        points = frame.geometry.to_crs(crs).representative_point()
        found.append(
            gpd.GeoDataFrame(
                {
                    "candidate_id": frame["id"].to_numpy(),
                    "name_zh": frame["name_zh"].to_numpy(),
                    "name_en": frame["name_en"].fillna(frame["name_zh"]).to_numpy(),
                    "site_kind": kind,
                },
                geometry=points.to_numpy(),
                crs=crs,
            )
        )
    return gpd.GeoDataFrame(pd.concat(found, ignore_index=True), crs=crs)


def new_sites(
    study: Study, params: PlatformParams, xy: Floats, demand: Floats, there: Floats, crs: str
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """The best sites beside the platforms there are, and what is known of the choice."""
    places = candidates(study, crs)
    points = np.column_stack([places.geometry.x, places.geometry.y])
    cost = distances(xy, np.concatenate([there, points])) / 1000
    fixed = range(len(there))
    count = min(params.new_sites, len(places))
    p = len(there) + count
    limit = float(params.time_limit_s)
    if params.model == "median":
        found = p_median(cost, p, weights=demand, fixed=fixed, time_limit_s=limit)
    elif params.model == "center":
        found = _centre(cost, p, demand, fixed, limit)
    else:
        found = maximal_covering(
            cost, params.reach_km / 3, p, weights=demand, fixed=fixed, time_limit_s=limit
        )
    return _described(found, places, len(there)), _choice(found, cost, demand, len(there), params)


def _centre(cost: Floats, p: int, demand: Floats, fixed: range, limit: float) -> Location:
    """The p-centre: places without a firm ask for nothing, those with one count alike."""
    asks = demand > 0
    found = p_center(cost[asks], p, fixed=fixed, time_limit_s=limit)
    firms = np.bincount(found.allocation, demand[asks], minlength=cost.shape[1])
    table = found.alternatives
    return replace(found, alternatives=table.assign(demand=firms[table["site"]]))


def _described(found: Location, places: gpd.GeoDataFrame, there: int) -> gpd.GeoDataFrame:
    rows = found.alternatives[~found.alternatives["fixed"]]
    numbers = rows["site"].to_numpy() - there
    sites = places.iloc[numbers].reset_index(drop=True)
    by = rows["replace_by"].to_numpy() - there
    names = {lang: places[f"name_{lang}"].to_numpy() for lang in ("zh", "en")}
    sites["firms_served"] = rows["demand"].round().astype("int64").to_numpy()
    sites["drop_cost"] = rows["drop_cost"].to_numpy()
    sites["replace_zh"] = [names["zh"][j] if j >= 0 else "" for j in by]
    sites["replace_en"] = [names["en"][j] if j >= 0 else "" for j in by]
    sites["replace_cost"] = rows["replace_cost"].to_numpy()
    order = np.argsort(-sites["drop_cost"].fillna(np.inf).to_numpy(), kind="stable")
    sites = sites.iloc[order].reset_index(drop=True)
    sites.insert(0, "rank", np.arange(1, len(sites) + 1))
    return gpd.GeoDataFrame(sites, geometry="geometry", crs=places.crs).to_crs("EPSG:4326")


def _choice(
    found: Location, cost: Floats, demand: Floats, there: int, params: PlatformParams
) -> pd.DataFrame:
    """Mean distance and covered share before and after, and the certificate."""
    before = cost[:, :there].min(axis=1, initial=np.inf)
    after = cost[:, list(found.sites)].min(axis=1)
    total = demand.sum()

    def mean(near: Floats) -> float:
        return float((near * demand).sum() / total) if np.isfinite(near).all() else float("nan")

    close = params.reach_km / 3
    return pd.DataFrame(
        {
            "mean_km_before": [mean(before)],
            "mean_km_after": [mean(after)],
            "near_before": [float(demand[before <= close].sum() / total)],
            "near_after": [float(demand[after <= close].sum() / total)],
            "objective": [found.objective],
            "lower_bound": [found.lower_bound],
            "upper_bound": [found.upper_bound],
            "gap": [found.gap],
            "proven": [found.proven],
        }
    )
