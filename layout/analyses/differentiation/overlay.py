"""Overlays such as 前海: their dated extents and their neighbours. Nothing here enters a total."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from layout.analyses.differentiation.districts import zone_counts
from layout.analyses.differentiation.settings import DifferentiationParams
from layout.core import facts
from layout.core.study import Study
from layout.core.zone_columns import EXTENT_VERSION, OTHER_EXTENT
from layout.measures.similarity import cosine_similarities

_OTHER = re.compile(r"^\s*([\d.]+)\s*\((.+)\)\s*$")


def extent_table(study: Study) -> pd.DataFrame:
    """One row an extent: area and date; firms only where the study has its outline.

    The extents lie one within the other and within districts: never summed.
    """
    cube = study.cubes["overlay"]
    firms = cube[cube["year"] == 0].groupby("zone_id", observed=True)["firms"].sum()
    tagged = (
        cube[(cube["year"] == 0) & cube["sector"].isin(facts.sector_ids())]
        .groupby("zone_id", observed=True)["firms"]
        .sum()
    )
    rows = []
    for _, zone in study.zones["overlay"].iterrows():
        name = str(zone["id"])
        rows.append(
            {
                "zone_id": name, "extent": _text(zone.get(EXTENT_VERSION)),
                "area_km2": float(zone["area_km2"]), "outline": True,
                "firms": float(firms.get(name, 0)), "tagged": float(tagged.get(name, 0)),
            }
        )  # fmt: skip
        other = _OTHER.match(_text(zone.get(OTHER_EXTENT)))
        if other:
            rows.append(
                {
                    "zone_id": name, "extent": other[2], "area_km2": float(other[1]),
                    "outline": False, "firms": np.nan, "tagged": np.nan,
                }
            )  # fmt: skip
    columns = ["zone_id", "extent", "area_km2", "outline", "firms", "tagged"]
    return pd.DataFrame(rows, columns=columns).set_index(["zone_id", "extent"])


def neighbour_table(study: Study, params: DifferentiationParams) -> pd.DataFrame:
    """Subdistricts near an overlay: share of their land in it, distance, firms, likeness of mix."""
    overlays = study.zones["overlay"]
    columns = ["distance_km", "inside_share", "tagged", "cosine", "district_id"]
    if overlays.empty or study.zones["subdistrict"].empty:
        index = pd.MultiIndex.from_tuples([], names=["zone_id", "subdistrict_id"])
        return pd.DataFrame(columns=columns, index=index)
    crs = facts.city_settings(study.manifest.city)["metric_crs"]
    around = study.zones["subdistrict"].to_crs(crs)
    counts = zone_counts(study, "subdistrict", params).to_numpy()
    own = zone_counts(study, "overlay", params).to_numpy()
    frames = []
    for place, (name, shape) in enumerate(
        zip(overlays["id"], overlays.to_crs(crs).geometry, strict=True)
    ):
        distance = around.geometry.distance(shape).to_numpy()
        cosine = cosine_similarities(np.vstack([own[place], counts]))[0, 1:]
        frame = pd.DataFrame(
            {
                "zone_id": name, "subdistrict_id": around["id"].to_numpy(),
                "distance_km": distance / 1000,
                "inside_share": around.geometry.intersection(shape).area / around.geometry.area,
                "tagged": counts.sum(axis=1).astype("int64"),
                "cosine": np.where(counts.sum(axis=1) >= params.few_firms, cosine, np.nan),
                "district_id": around["parent_id"].to_numpy(),
            }
        )  # fmt: skip
        frames.append(frame[distance <= params.near_km * 1000])
    table: pd.DataFrame = pd.concat(frames).sort_values(by="distance_km", kind="stable")
    return table.set_index(["zone_id", "subdistrict_id"])


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
