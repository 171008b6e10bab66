"""Parks: declared against observed lead sectors, overlapping functions, sizes, consolidation."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layout.analyses.differentiation.districts import zone_counts
from layout.analyses.differentiation.settings import DifferentiationParams
from layout.core import facts
from layout.core.study import Study
from layout.core.zone_columns import LEAD_SECTORS, PARK_TYPE, SITE
from layout.measures.similarity import cosine_similarities, excess_over_mix

TYPES: Final = ("产业园", "小镇", "小微园区")
"""The plan's three digital types."""

MATCHES: Final = ("match", "part", "differs", "unknown")
REASONS: Final = ("overlap", "few", "differs")
"""Why a park is a candidate for consolidation."""


def park_table(study: Study, params: DifferentiationParams) -> pd.DataFrame:
    """One row a site park: size, firms, declared and observed lead sectors, type by the rules."""
    zones = study.zones["park"]
    sites = zones[zones["kind"] == SITE] if "kind" in zones else zones
    counts = zone_counts(study, "park", params).loc[list(sites["id"])]
    cube = study.cubes["park"]
    everyone = cube[cube["year"] == params.year].groupby("zone_id", observed=True)["firms"].sum()
    tagged = counts.sum(axis=1)
    frame = pd.DataFrame(
        {
            "name_zh": sites["name_zh"].to_numpy(), "name_en": sites["name_en"].to_numpy(),
            "district_id": sites["parent_id"].to_numpy(),
            "area_ha": sites["area_km2"].to_numpy(dtype="float64") * 100,
            "park_type": _given(sites, PARK_TYPE),
            "firms": everyone.reindex(sites["id"], fill_value=0).to_numpy(),
            "tagged": tagged.to_numpy().astype("int64"),
            "declared": _given(sites, LEAD_SECTORS),
        },
        index=pd.Index(list(sites["id"]), name="park_id"),
    )  # fmt: skip
    city = zone_counts(study, "district", params).sum(axis=0)
    frame["observed"] = _observed(counts, city, params)
    frame["match"] = [
        _match(declared, observed)
        for declared, observed in zip(frame["declared"], frame["observed"], strict=True)
    ]
    frame["type_by_size"] = [_type(area, params) for area in frame["area_ha"]]
    return frame


def _given(sites: gpd.GeoDataFrame, column: str) -> list[str]:
    if column not in sites:
        return [""] * len(sites)
    return [value if isinstance(value, str) else "" for value in sites[column]]


def _observed(counts: pd.DataFrame, city: pd.Series, params: DifferentiationParams) -> list[str]:
    """Sectors with most firms beyond the city's mix; empty where there are too few firms."""
    values = counts.to_numpy()
    rest = np.maximum(city.to_numpy() - values.sum(axis=0), 0.0)
    excess = excess_over_mix(np.vstack([values, rest]))[: len(values)]
    sectors = facts.sector_ids()
    found = []
    for row, total in zip(excess, values.sum(axis=1), strict=True):
        best = [s for s in np.argsort(-row, kind="stable")[: params.leads] if row[s] > 0]
        found.append(";".join(sectors[s] for s in best) if total >= params.few_firms else "")
    return found


def _match(declared: str, observed: str) -> str:
    """``match``: the first observed sector is declared; ``part``: another one is."""
    if not declared or not observed:
        return "unknown"
    said, seen = declared.split(";"), observed.split(";")
    if seen[0] in said:
        return "match"
    return "part" if set(seen) & set(said) else "differs"


def _type(area_ha: float, params: DifferentiationParams) -> str | None:
    if not np.isfinite(area_ha):
        return None
    if area_ha <= params.micro_max_ha:
        return TYPES[2]
    return TYPES[1] if area_ha >= params.town_min_ha else TYPES[0]


def overlap_table(study: Study, parks: pd.DataFrame, params: DifferentiationParams) -> pd.DataFrame:
    """Pairs of parks within the radius: distance, likeness of mixes, common declared sectors.

    ``basis`` says what the overlap rests on: the observed mixes where both parks have enough firms,
    otherwise what they declare.
    """
    crs = facts.city_settings(study.manifest.city)["metric_crs"]
    zones = study.zones["park"].set_index("id").loc[list(parks.index)].to_crs(crs)
    counts = zone_counts(study, "park", params).loc[list(parks.index)].to_numpy()
    cosine = cosine_similarities(counts)
    enough = counts.sum(axis=1) >= params.few_firms
    said = [set(filter(None, words.split(";"))) for words in parks["declared"]]
    rows = []
    for a, b, metres in _near(zones.geometry.to_numpy(), params.radius_km * 1000):
        common = sorted(said[a] & said[b])
        seen = bool(enough[a] and enough[b])
        alike = float(cosine[a, b]) if seen else float("nan")
        whole = bool(common) and (said[a] <= said[b] or said[b] <= said[a])
        rows.append(
            {
                "park_a": parks.index[a], "park_b": parks.index[b],
                "distance_km": metres / 1000, "cosine": alike, "common": ";".join(common),
                "basis": "observed" if seen else "declared",
                "overlap": alike >= params.overlap_from if seen else whole,
            }
        )  # fmt: skip
    columns = ["park_a", "park_b", "distance_km", "cosine", "common", "basis", "overlap"]
    frame = pd.DataFrame(rows, columns=columns)
    frame = frame.sort_values(by=["overlap", "distance_km"], ascending=[False, True], kind="stable")
    return frame.set_index(["park_a", "park_b"])


def _near(shapes: np.ndarray, radius_m: float) -> list[tuple[int, int, float]]:
    tree = shapely.STRtree(shapes)
    one, other = tree.query(shapes, predicate="dwithin", distance=radius_m)
    return [
        (int(a), int(b), float(shapely.distance(shapes[a], shapes[b])))
        for a, b in zip(one, other, strict=True)
        if a < b
    ]


def consolidation_table(
    parks: pd.DataFrame, pairs: pd.DataFrame, params: DifferentiationParams
) -> pd.DataFrame:
    """Parks worth looking at for 整合提升, with the reasons; the larger partner first.

    A candidate has two reasons or more out of: functions overlap with a larger park nearby; few
    tagged firms; observed lead sectors differ from the declared ones. Small size alone is none.
    """
    larger = _larger_partner(parks, pairs)
    rows = []
    for park, row in parks.iterrows():
        told = [
            name
            for name, holds in zip(
                REASONS,
                (str(park) in larger, row["tagged"] < params.few_firms, row["match"] == "differs"),
                strict=True,
            )
            if holds
        ]
        if len(told) >= 2:
            partner, distance = larger.get(str(park), (None, float("nan")))
            rows.append(
                {
                    "park_id": park, "reasons": ";".join(told), "partner": partner,
                    "distance_km": distance, "tagged": row["tagged"], "area_ha": row["area_ha"],
                    "district_id": row["district_id"],
                }
            )  # fmt: skip
    columns = ["park_id", "reasons", "partner", "distance_km", "tagged", "area_ha", "district_id"]
    return pd.DataFrame(rows, columns=columns).set_index("park_id")


def _larger_partner(parks: pd.DataFrame, pairs: pd.DataFrame) -> dict[str, tuple[str, float]]:
    """For each park the nearest larger one whose functions overlap with its own."""
    area = parks["area_ha"]
    found: dict[str, tuple[str, float]] = {}
    overlapping = pairs[pairs["overlap"].astype(bool)].sort_values(by="distance_km", kind="stable")
    rows = overlapping.reset_index()
    for a, b, distance in zip(rows["park_a"], rows["park_b"], rows["distance_km"], strict=True):
        small, large = (a, b) if area[a] <= area[b] else (b, a)
        found.setdefault(str(small), (str(large), float(distance)))
    return found


def type_pairs(parks: pd.DataFrame) -> pd.DataFrame:
    """How many parks of each present type fall into each of the plan's types by size."""
    known = parks[parks["type_by_size"].notna()]
    table = pd.crosstab(known["park_type"].replace("", "–"), known["type_by_size"])
    return table.reindex(columns=list(TYPES), fill_value=0)
