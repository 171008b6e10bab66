"""What is told of each candidate: scores by criterion and group, connection, power, gates."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.analyses.siting.connect import POWER_FACTOR, Ways, cost_surface, powered_from, ways
from layout.analyses.siting.criteria import (
    ANCHOR,
    FIBRE_US_PER_KM,
    GROUPS,
    LAPSE_PER_M,
    MEAN_CELSIUS,
    Judged,
)
from layout.analyses.siting.exclusion import Exclusion
from layout.analyses.siting.ground import Ground
from layout.analyses.siting.params import SitingParams
from layout.analyses.siting.places import Places
from layout.analyses.siting.verify import nearest
from layout.core.raster import Raster
from layout.core.texts import LANGS, text
from layout.geometry.zonal import zonal_figures
from layout.measures.data_centre import (
    OPEN_GATES,
    energy_gwh,
    pue_estimate,
    pue_gate,
    rack_class,
    standard_racks,
)

Floats = npt.NDArray[np.float64]


def criterion_scores(ground: Ground, judged: Judged, shapes: gpd.GeoSeries) -> pd.DataFrame:
    """Mean score of each criterion at each site, by the exact part of each cell."""
    found = {}
    for criterion, scores in zip(judged.criteria, judged.scores, strict=True):
        raster = Raster(np.asarray(ground.full(scores, np.nan)), ground.grid)
        found[criterion.column] = zonal_figures(shapes, raster, ["mean"])["mean"].to_numpy()
    return pd.DataFrame(found, index=shapes.index, dtype=np.float64)


def mean_penalties(ground: Ground, exclusion: Exclusion, shapes: gpd.GeoSeries) -> Floats:
    """Mean number of recommendations that are not met."""
    counts = exclusion.penalties.astype(np.float32)
    raster = Raster(np.asarray(ground.full(counts, np.nan)), ground.grid)
    result: Floats = zonal_figures(shapes, raster, ["mean"])["mean"].to_numpy(np.float64)
    return result


def site_table(
    ground: Ground,
    exclusion: Exclusion,
    judged: Judged,
    weights: Floats,
    places: Places,
    params: SitingParams,
) -> tuple[pd.DataFrame, dict[str, Ways]]:
    """All candidates, best first.

    Returns
    -------
    DataFrame
        By ``site``; columns worded by ``column.<name>`` of the catalogue. Unknown is NaN.
    dict
        Ways to substations (``grid``) and exchange points (``fibre``), rows in the order of
        ``places.frame``.
    """
    frame = places.frame
    scores = criterion_scores(ground, judged, frame.geometry)
    table = pd.DataFrame(index=pd.Index(frame["id"], name="site"))
    for name in ("kind", "name_zh", "name_en", "area_ha", "floor_m2"):
        table[name] = frame[name].to_numpy()
    table["district"] = _held_by(ground, frame, "district", set(ground.districts))
    _name_ground(ground, frame, table)
    region = places.regions.table.reindex(frame["region"])
    for name in ("area_ha", "compactness", "rectangle_ha"):
        table[f"region_{name}"] = region[name].to_numpy()
    values = scores.to_numpy()
    table["penalty_points"] = mean_penalties(ground, exclusion, frame.geometry) * params.penalty
    table["suitability"] = values @ weights - table["penalty_points"].to_numpy()
    for group in GROUPS:
        within = np.array([criterion.group == group for criterion in judged.criteria])
        share = weights * within
        mean = values @ share / share.sum() if share.sum() > 0 else np.full(len(table), np.nan)
        table[f"group_{group}"] = mean
    for column in scores.columns:
        table[column] = scores[column].to_numpy()
    _add_latency(ground, frame, table, params)
    if params.use.powered:
        _add_power(ground, frame, table, params)
    found = _add_ways(ground, frame, table, params)
    order = np.argsort(-table["suitability"].fillna(-1).to_numpy(), kind="stable")
    table["rank"] = pd.Series(range(1, len(table) + 1), index=table.index[order])
    return table, found


def _held_by(
    ground: Ground, frame: gpd.GeoDataFrame, kind: str, ids: set[str] | None = None
) -> list[str]:
    """Id of the zone that holds the middle of each site; empty where none does."""
    zones = ground.study.zones[kind]
    shapes = zones.geometry.to_crs(ground.grid.crs)
    held = gpd.GeoDataFrame({"zone": zones["id"].to_numpy()}, geometry=shapes.to_numpy(),
                            crs=ground.grid.crs)  # fmt: skip
    if ids is not None:
        held = held[held["zone"].isin(ids)]
    at = gpd.GeoDataFrame(geometry=frame.centroid.to_numpy(), crs=ground.grid.crs)
    joined = gpd.sjoin(at, held, how="left", predicate="intersects")
    joined = joined[~joined.index.duplicated()]
    return [str(name) if isinstance(name, str) else "" for name in joined["zone"]]


def _name_ground(ground: Ground, frame: gpd.GeoDataFrame, table: pd.DataFrame) -> None:
    """Name found ground after its subdistrict (district where there is none) and a number."""
    kind = "subdistrict" if len(ground.study.zones.get("subdistrict", ())) else "district"
    zones = ground.study.zones[kind].set_index("id")
    held = pd.Series(_held_by(ground, frame, kind), index=table.index)
    plain = (table["kind"] == "ground") & held.isin(zones.index)
    number = held[plain].groupby(held[plain]).cumcount() + 1
    for lang in LANGS:
        words = zones[f"name_{lang}"].fillna(zones["name_zh"])
        table.loc[plain, f"name_{lang}"] = [
            text("siting.place", lang, zone=words[zone].removesuffix(" Subdistrict"), number=n)
            for zone, n in zip(held[plain], number, strict=True)
        ]


def _add_latency(
    ground: Ground, frame: gpd.GeoDataFrame, table: pd.DataFrame, params: SitingParams
) -> None:
    """Round trip in fibre to the anchor exchange, milliseconds."""
    anchors = ground.features(ANCHOR)
    table["latency_ms"] = np.nan
    if anchors is not None and not anchors.empty:
        km = nearest(gpd.GeoSeries(frame.centroid), anchors.geometry) / 1000
        table["latency_ms"] = km * params.route_factor * 2 * FIBRE_US_PER_KM / 1000


def _add_power(
    ground: Ground, frame: gpd.GeoDataFrame, table: pd.DataFrame, params: SitingParams
) -> None:
    """IT power, racks, PUE with its range, gate and energy of a year."""
    floor = table["floor_m2"].to_numpy(np.float64)
    it_mw = np.where(
        table["kind"] == "building",
        floor * params.kw_per_m2 / 1000,
        table["area_ha"].to_numpy(np.float64) * params.it_mw_per_ha,
    )
    table["it_mw"] = it_mw
    table["racks"] = standard_racks(it_mw)
    table["rack_class"] = [rack_class(number) for number in table["racks"]]
    table["racks_per_ha"] = table["racks"] / table["area_ha"]
    table["utilisation"] = params.load_share
    table["ai_share"] = np.nan if params.ai_share is None else params.ai_share
    table["green_power"] = np.nan if params.green_power is None else params.green_power
    warm = _celsius(ground, frame)
    table["celsius"] = warm
    if params.pue is None:
        low, middle, high = np.moveaxis(pue_estimate(params.cooling, warm), -1, 0)
    else:
        low = middle = high = np.full(len(table), params.pue)
    table["pue"], table["pue_low"], table["pue_high"] = middle, low, high
    table["gate"] = [pue_gate(value) for value in middle]
    table["energy_gwh"] = [
        np.nan if np.isnan(pue) else float(energy_gwh(mw, pue, load_share=params.load_share))
        for mw, pue in zip(it_mw, middle, strict=True)
    ]


def _celsius(ground: Ground, frame: gpd.GeoDataFrame) -> Floats:
    """Yearly mean by height; NaN without terrain."""
    if ground.terrain is None:
        return np.full(len(frame), np.nan)
    middle = frame.centroid
    height = ground.terrain.at(middle.x.to_numpy(), middle.y.to_numpy())
    return np.asarray(MEAN_CELSIUS - LAPSE_PER_M * np.maximum(height, 0))


def _add_ways(
    ground: Ground, frame: gpd.GeoDataFrame, table: pd.DataFrame, params: SitingParams
) -> dict[str, Ways]:
    """Substation alone able to feed the site, and nearest exchange point, by cable way."""
    found: dict[str, Ways] = {}
    points = {name: ground.frame(name) for name in ("substations", "exchange_points")}
    if frame.empty or all(part is None for part in points.values()):
        return found
    surface = cost_surface(ground)
    stations = points["substations"]
    if params.use.powered and stations is not None and not stations.empty:
        found["grid"] = ways(surface, frame.geometry, stations.geometry)
        need = mva_needed(table)
        fed = powered_from(found["grid"], need, spare_of(stations))
        source = fed["source"].to_numpy(np.int64)
        table["mva"] = need
        table["grid_cost_km"] = fed["cost"].to_numpy()
        length = found["grid"].length
        table["grid_km"] = [length[row, at] if at >= 0 else np.nan for row, at in enumerate(source)]
        named = stations["name_zh"].to_numpy()
        table["substation"] = [named[at] if at >= 0 else "" for at in source]
    exchange = points["exchange_points"]
    if exchange is not None and not exchange.empty:
        found["fibre"] = ways(surface, frame.geometry, exchange.geometry)
        best = np.where(np.isfinite(found["fibre"].cost), found["fibre"].cost, np.inf)
        at = best.argmin(axis=1)
        reached = np.isfinite(best[np.arange(len(table)), at])
        km = found["fibre"].length[np.arange(len(table)), at]
        table["fibre_km"] = np.where(reached, km, np.nan)
    return found


def mva_needed(table: pd.DataFrame) -> Floats:
    """Grid capacity: installed IT power × PUE over the power factor, MVA."""
    pue = table["pue"].fillna(1.5).to_numpy(np.float64)
    need: Floats = table["it_mw"].to_numpy(np.float64) * pue / POWER_FACTOR
    return need


def spare_of(stations: gpd.GeoDataFrame) -> Floats:
    """Spare capacity, MVA; NaN unknown."""
    if "spare_mva" not in stations.columns:
        return np.full(len(stations), np.nan)
    spare: Floats = pd.to_numeric(stations["spare_mva"], errors="coerce").to_numpy(np.float64)
    return spare


def hindrances(table: pd.DataFrame) -> pd.Series:
    """Why a candidate may not be chosen: ``gate``, ``power`` or nothing."""
    why = pd.Series("", index=table.index)
    if "gate" in table:
        # a PUE that is unknown bars nobody
        why[~table["gate"].fillna("").isin(["", *OPEN_GATES])] = "gate"
    if "substation" in table:
        why[(why == "") & (table["substation"] == "")] = "power"
    return why
