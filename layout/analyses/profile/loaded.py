"""What loaded layers say of a district: base stations, places with a status, chains."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layout.analyses import chain_figures
from layout.analyses.chain_links import CHAIN, chain_names, linked_firms, nodes
from layout.core import columns as col
from layout.core import station_columns as c
from layout.core.layer_types import PLACES
from layout.core.study import Study
from layout.prepare.stations import in_service, prepare_stations

STATIONS: Final = "stations"
RATES: Final = "network_rates"
REPORTED: Final = "stations_5g"
LEAST: Final = 3
"""Firms from which on a node of a chain counts as there, as in the analysis of chains."""

LAYERS: Final = ("carriers", "data_centres", STATIONS, *PLACES)
"""Layers that a profile looks at; those not loaded are named in its notes."""


def placed(study: Study, layer: str) -> pd.Series:
    """District of every feature of a layer of points, None where it is not known."""
    frame = study.layers[layer]
    zones = study.zones["district"]
    ids = zones["id"].to_numpy()
    found = np.full(len(frame), None, dtype=object)
    shapes = zones.geometry.to_numpy()
    points, hits = shapely.STRtree(shapes).query(frame.geometry.to_numpy(), "covered_by")
    for point, hit in sorted(zip(points, hits, strict=True), reverse=True):
        found[point] = str(ids[hit])
    if "district_id" in frame:
        stated = frame["district_id"].to_numpy(dtype=object)
        found = np.where(np.isin(stated.astype(str), ids.astype(str)), stated, found)
    return pd.Series(found, index=frame.index, dtype=object)


def not_loaded(study: Study) -> list[str]:
    """Names of the layers that a profile would count and the study does not have."""
    reported = RATES in study.layers
    return [n for n in LAYERS if n not in study.layers and not (n == STATIONS and reported)]


def station_table(study: Study, everyone: pd.Series) -> pd.DataFrame:
    """By district: 5G stations, per km² of land and per 1,000 firms; no column without a layer.

    From the layer of stations those on air (indoor ones included, NB-IoT left out); otherwise the
    figures that the planner's table reports. Never an estimate.
    """
    index = everyone.index
    if STATIONS in study.layers and len(study.layers[STATIONS]):
        on_air = placed(study, STATIONS)[stations_on_air(study)]
        counts = on_air.value_counts().reindex(index, fill_value=0).astype("float64")
    elif RATES in study.layers:
        told = study.layers[RATES].drop_duplicates("district_id", keep="last")
        counts = told.set_index("district_id")[REPORTED].astype("float64").reindex(index)
    else:
        return pd.DataFrame(index=index)
    area = study.zones["district"].set_index("id")["area_km2"].reindex(index).astype("float64")
    return pd.DataFrame(
        {
            REPORTED: counts, "stations_per_km2": counts / area.where(area > 0),
            "stations_per_1000": counts * 1000 / everyone.where(everyone > 0),
        }
    )  # fmt: skip


def stations_on_air(study: Study) -> npt.NDArray[np.bool_]:
    """Rows of the layer of stations that are 5G and on air; heights do not matter here."""
    layer: gpd.GeoDataFrame = study.layers[STATIONS]
    made = prepare_stations(layer.drop(columns=[c.HEIGHT, c.ALTITUDE], errors="ignore"))
    found: npt.NDArray[np.bool_] = in_service(made) & ~made["nb_iot"].to_numpy()
    return found


def place_table(study: Study) -> pd.DataFrame:
    """Scenes, cross-border parks and venues: number by layer, type and status, and unplaced ones.

    An unknown type or status is ``–``.
    """
    parts = []
    for name in PLACES:
        if name not in study.layers:
            continue
        frame = study.layers[name]
        parts.append(
            pd.DataFrame(
                {
                    "layer": name, "type": _text(frame, "type"), "status": _text(frame, "status"),
                    "unplaced": placed(study, name).isna().to_numpy(),
                }
            )
        )  # fmt: skip
    keys = ["layer", "type", "status"]
    if not parts:
        index = pd.MultiIndex.from_tuples([], names=keys)
        return pd.DataFrame(columns=["number", "unplaced"], index=index)
    grouped = pd.concat(parts).groupby(keys)
    return pd.DataFrame({"number": grouped.size(), "unplaced": grouped["unplaced"].sum()})


def _text(frame: gpd.GeoDataFrame, column: str) -> list[str]:
    return [v.strip() if isinstance(v, str) and v.strip() else "–" for v in frame[column]]


def chain_table(study: Study) -> pd.DataFrame:
    """By district and chain: nodes, nodes present, completeness and the missing ones.

    Empty where the firms have no business scope or no industry code: what they make is not told.
    """
    kept = ["nodes", "present", "completeness", "firms", "missing_nodes"]
    if not has_chains(study):
        index = pd.MultiIndex.from_tuples([], names=["district_id", CHAIN])
        return pd.DataFrame(columns=kept, index=index)
    chains = tuple(chain_names())
    chosen = [node for node in nodes() if node.chain in chains]
    links = linked_firms(study, chains)
    ids = tuple(study.zones["district"]["id"])
    counts = chain_figures.presence(links, "district", chosen, ids)
    told = chain_figures.completeness(counts, chosen, least=LEAST).reset_index()
    told = told.rename(columns={chain_figures.ZONE: "district_id"})
    return told.set_index(["district_id", CHAIN])[kept]


def has_chains(study: Study) -> bool:
    """Whether the firms say what they make."""
    return {col.BUSINESS_SCOPE, col.INDUSTRY_CODE} <= set(study.firm_dataset().schema.names)
