"""Candidate sites: squares on good contiguous ground, candidate parcels, places in parks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy import ndimage

from layout.analyses.siting.exclusion import Exclusion
from layout.analyses.siting.ground import Ground, Values, zone_of_cells
from layout.analyses.siting.params import SitingParams
from layout.analyses.siting.rules import Rule
from layout.analyses.siting.verify import broken_hard_rules
from layout.core import facts
from layout.core.errors import ParameterError
from layout.core.study import Study
from layout.measures.site_regions import Regions, contiguous_regions, free_squares, spaced_best

POOL: Final = 3
"""Candidates looked at for each place on the shortlist."""

MOST_REGIONS: Final = 4_000


@dataclass(frozen=True)
class Places:
    """Candidates.

    Attributes
    ----------
    frame
        GeoDataFrame in metres: ``id``, ``kind`` (``ground``, ``parcel``, ``building``, ``park``),
        ``name_zh``, ``name_en``, ``area_ha``, ``floor_m2``, ``region`` (label, 0 for none),
        ``geometry``.
    regions
        Contiguous good ground.
    threshold
        Suitability from which ground was taken.
    refused
        Parcels and parks that were left out: ``id``, ``name_zh``, ``name_en``, ``why``, ``rules``.
    """

    frame: gpd.GeoDataFrame
    regions: Regions
    threshold: float
    refused: pd.DataFrame


def find_places(
    ground: Ground,
    exclusion: Exclusion,
    suitability: Values,
    rules: tuple[Rule, ...],
    params: SitingParams,
) -> Places:
    """Candidates of the kind that is asked for, each on ground that breaks no hard rule."""
    known = exclusion.allowed & ~np.isnan(suitability)
    kept_share = params.kept_share if params.asked("candidates") == "ground" else 1.0
    threshold = float(np.quantile(suitability[known], 1 - kept_share)) if known.any() else 1.0
    good = known & (suitability >= threshold)
    regions = contiguous_regions(
        np.asarray(ground.full(good, False)),
        ground.grid.cell_m,
        min_area_ha=float(str(params.asked("min_area_ha"))),
        min_compactness=params.min_compactness,
    )
    source = params.asked("candidates")
    parts, refused = [], []
    if source == "ground":
        parts.append(_on_ground(ground, regions, suitability, params))
    if source == "parks":
        frame, left = _in_parks(ground, regions, suitability, params)
        parts.append(frame)
        refused += left
    if source in ("ground", "parcels"):
        frame, left = _parcels(ground, rules, params)
        parts.append(frame)
        refused += left
    columns = ["id", "name_zh", "name_en", "why", "rules"]
    frame = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=ground.grid.crs)
    return Places(frame, regions, threshold, pd.DataFrame(refused, columns=columns))


def _side(ground: Ground, params: SitingParams) -> int:
    return max(1, round(math.sqrt(float(str(params.asked("site_ha"))) * 1e4) / ground.grid.cell_m))


def _on_ground(
    ground: Ground, regions: Regions, suitability: Values, params: SitingParams
) -> gpd.GeoDataFrame:
    """The best squares of the wanted size within regions, spaced."""
    side = _side(ground, params)
    full = np.asarray(ground.full(suitability, np.nan))
    windows = ndimage.find_objects(regions.labels, max_label=min(len(regions.table), MOST_REGIONS))
    found = []
    for label, window in enumerate(windows, start=1):
        squares = free_squares(full[window], regions.labels[window] == label, side)
        squares["row"] += window[0].start
        squares["col"] += window[1].start
        found.append(squares)
    every = pd.concat(found, ignore_index=True) if found else free_squares(
        np.empty((0, 0), np.float32), np.empty((0, 0), dtype=bool), 1
    )  # fmt: skip
    chosen = spaced_best(
        every, spacing=params.spacing_m / ground.grid.cell_m, most=POOL * params.shortlist
    )
    names = [f"G{number + 1:03d}" for number in range(len(chosen))]
    return _squares(ground, chosen, regions, names, "ground")


def _in_parks(
    ground: Ground, regions: Regions, suitability: Values, params: SitingParams
) -> tuple[gpd.GeoDataFrame, list[dict[str, str]]]:
    """The best square of each park."""
    parks = ground.study.zones["park"].reset_index(drop=True)
    side = _side(ground, params)
    full = np.asarray(ground.full(suitability, np.nan))
    held = zone_of_cells(ground, parks)
    labels = np.asarray(ground.full((held + 1).astype(np.int32), 0))
    windows = ndimage.find_objects(labels, max_label=len(parks))
    rows, names, refused = [], [], []
    types = park_types(ground.study)
    for number, window in enumerate(windows):
        park = parks.iloc[number]
        if window is None or (params.park_type and types.get(park["id"]) != params.park_type):
            continue
        inside = (labels[window] == number + 1) & (regions.labels[window] > 0)
        best = spaced_best(free_squares(full[window], inside, side), spacing=0, most=1)
        if best.empty:
            refused.append({"id": park["id"], "name_zh": park["name_zh"],
                            "name_en": park["name_en"], "why": "no_room", "rules": ""})  # fmt: skip
            continue
        best["row"] += window[0].start
        best["col"] += window[1].start
        rows.append(best)
        names.append(park)
    chosen = pd.concat(rows, ignore_index=True) if rows else free_squares(
        np.empty((0, 0), np.float32), np.empty((0, 0), dtype=bool), 1
    )  # fmt: skip
    frame = _squares(ground, chosen, regions, [park["id"] for park in names], "park")
    frame["name_zh"] = [park["name_zh"] for park in names]
    frame["name_en"] = [park["name_en"] for park in names]
    return frame, refused


def park_types(study: Study) -> dict[str, str]:
    """Type of each shipped park by id; a planner's own parks have none."""
    table = facts.city_table(study.manifest.city, "parks")
    known = dict(zip(table["id"], table["park_type"], strict=True))
    return {name: known[name] for name in study.zones["park"]["id"] if name in known}


def require_park_type(study: Study, params: SitingParams) -> None:
    """Refuse a type that no park of the study has, or one where candidates are not parks.

    Raises
    ------
    ParameterError
        The known types are named.
    """
    if not params.park_type:
        return
    known = sorted(set(park_types(study).values()))
    if params.park_type not in known:
        raise ParameterError("error.unknown_ids", what="park types", found=params.park_type,
                             known=", ".join(known) or "–")  # fmt: skip
    if params.asked("candidates") != "parks":
        raise ParameterError("error.siting_park_type", found=params.park_type,
                             candidates=params.asked("candidates"))  # fmt: skip


def _squares(
    ground: Ground, chosen: pd.DataFrame, regions: Regions, ids: list[str], kind: str
) -> gpd.GeoDataFrame:
    grid, cell = ground.grid, ground.grid.cell_m
    row, col = chosen["row"].to_numpy(np.int64), chosen["col"].to_numpy(np.int64)
    side = chosen["side"].to_numpy(np.int64)
    west, north = grid.west + col * cell, grid.north - row * cell
    shapes = shapely.box(west, north - side * cell, west + side * cell, north)
    return gpd.GeoDataFrame(
        {
            "id": ids,
            "kind": kind,
            "name_zh": "",
            "name_en": "",
            "area_ha": (side * cell) ** 2 / 1e4,
            "floor_m2": np.nan,
            "region": regions.labels[row, col] if len(chosen) else np.empty(0, np.int32),
        },
        geometry=list(shapes),
        crs=grid.crs,
    )


def _parcels(
    ground: Ground, rules: tuple[Rule, ...], params: SitingParams
) -> tuple[gpd.GeoDataFrame, list[dict[str, str]]]:
    """Candidate parcels and buildings that are large and strong enough and break no hard rule."""
    empty = gpd.GeoDataFrame(
        {
            name: []
            for name in ("id", "kind", "name_zh", "name_en", "area_ha", "floor_m2", "region")
        },
        geometry=[],
        crs=ground.grid.crs,
    )
    parcels = ground.frame("parcels")
    if parcels is None or parcels.empty:
        return empty, []
    frame = _parcel_frame(parcels)
    broken = broken_hard_rules(ground, rules, frame.geometry)
    need = float(str(params.asked("site_ha")))
    refused, keep = [], np.ones(len(frame), dtype=bool)
    for at, row in enumerate(frame.itertuples()):
        why = _why_not(row, need, bool(broken[at]), params)
        if why:
            keep[at] = False
            refused.append({"id": row.id, "name_zh": row.name_zh, "name_en": row.name_en,
                            "why": why, "rules": ";".join(broken[at])})  # fmt: skip
    return frame[keep].drop(columns=["load_kpa"]), refused


def _why_not(row: object, need: float, broken: bool, params: SitingParams) -> str:
    if broken:
        return "rule"
    if row.kind == "building":  # type: ignore[attr-defined]
        if params.use.powered and row.load_kpa < FLOOR_LOAD_KPA:  # type: ignore[attr-defined]
            return "load"
        return "small" if row.floor_m2 < need * 1e4 * 0.25 else ""  # type: ignore[attr-defined]
    return "small" if row.area_ha < need - 1e-9 else ""  # type: ignore[attr-defined]


FLOOR_LOAD_KPA: Final = 8.0
"""Live load a hall needs, kN/m² (GB 50174-2017 gives 8 to 12; from memory, not checked)."""


def _parcel_frame(parcels: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    def number(name: str) -> npt.NDArray[np.float64]:
        if name not in parcels.columns:
            return np.full(len(parcels), np.nan)
        found: npt.NDArray[np.float64] = pd.to_numeric(parcels[name], errors="coerce").to_numpy(
            np.float64
        )
        return found

    kind = parcels.get("kind", pd.Series("parcel", index=parcels.index))
    return gpd.GeoDataFrame(
        {
            "id": parcels["id"].astype(str),
            "kind": np.where(kind == "building", "building", "parcel"),
            "name_zh": parcels["name_zh"].fillna(""),
            "name_en": parcels["name_en"].fillna(""),
            "area_ha": parcels.geometry.area / 1e4,
            "floor_m2": number("floor_m2"),
            "load_kpa": number("floor_load_kpa"),
            "region": 0,
        },
        geometry=parcels.geometry,
        crs=parcels.crs,
    )
