"""Stations by district where no table of stations says: reported figures, or an estimate."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from layout.analyses.coverage.figures import census
from layout.core import facts
from layout.core.study import Study
from layout.prepare.station_counts import CountBounds, estimate_counts

RATES: Final = "network_rates"
RATE_COLUMNS: Final = (
    "stations_5g",
    "stations_nb_iot",
    "ipv6_user_percent",
    "ipv6_access_percent",
    "figure_date",
)


def known_bounds(city: str) -> CountBounds | None:
    """What the shipped facts say of stations by district; None where they say nothing.

    The lower bounds of the districts, the share these have together and the city's total are those
    of one date (the nearest total not after them by more than a month's report).
    """
    table = facts.city_table(city, "infrastructure")
    table = table[table["facility_type"] == "5G"]
    lower = table[(table["value_kind"] == "actual_lower_bound") & (table["scope"] == "district")]
    share = table[table["metric_en"] == "share of five districts"]
    totals = table[
        (table["metric_en"] == "cumulative 5G base stations") & (table["value_kind"] == "actual")
    ]
    if lower.empty or share.empty or totals.empty:
        return None
    when = lower["period"].iloc[0][:7]
    total = totals[totals["period"].str[:7] <= when].sort_values("period").iloc[-1]
    return CountBounds(
        total=int(float(total["value"])),
        above={r["district_id"]: int(float(r["value"])) for _, r in lower.iterrows()},
        share=float(share["value"].iloc[0]) / 100.0,
        most=_most(city, lower["note"].iloc[0]),
        at_least=_older_counts(city, when),
    )


def district_estimate(study: Study) -> pd.DataFrame:
    """Stations of each district within the known bounds: an estimate, and marked as one."""
    bounds = known_bounds(study.manifest.city)
    if bounds is None:
        return pd.DataFrame(columns=["district_id", "stations", "value_kind"])
    return estimate_counts(_people(study), bounds)


def reported_rates(study: Study) -> pd.DataFrame:
    """Figures by district of the planner's table; unknown ones and districts not in it are null."""
    ids = list(study.zones["district"]["id"])
    if RATES not in study.layers:
        return pd.DataFrame({"zone_id": ids, **dict.fromkeys(RATE_COLUMNS, None)})
    given = pd.DataFrame(study.layers[RATES].drop(columns="geometry"))
    known = given.drop_duplicates("district_id", keep="last").set_index("district_id")
    rows: pd.DataFrame = known.reindex(ids)[list(RATE_COLUMNS)]
    return rows.rename_axis("zone_id").reset_index()


def count_densities(study: Study, counts: pd.Series, official: pd.Series) -> pd.DataFrame:
    """Stations per km² and per 10,000 people of counts by district; NaN where unknown."""
    zones = study.zones["district"]
    people = zones["id"].map(census(study.manifest.city))
    stations = zones["id"].map(counts)
    return pd.DataFrame(
        {
            "zone_id": zones["id"],
            "stations": stations,
            "area_km2": official.to_numpy(float),
            "people": people,
            "per_km2": stations / official.to_numpy(float),
            "per_10k": 1e4 * stations / people.where(people > 0),
        }
    )


def _people(study: Study) -> dict[str, float]:
    """People of the districts that city totals cover."""
    city = study.manifest.city
    outside = set(facts.city_settings(city)["totals"]["outside"])
    overlays = set(facts.city_settings(city)["overlay_districts"])
    people = census(city).dropna()
    return {str(k): float(v) for k, v in people.items() if k not in outside | overlays}


def _most(city: str, note: str) -> str | None:
    """The district that a note says has most, by its name without 区."""
    names = facts.city_table(city, "districts").set_index("id")["name_zh"]
    for district, name in names.items():
        if re.search(f"{name.removesuffix('区')}(数量)?最多", note):
            return str(district)
    return None


def _older_counts(city: str, when: str) -> dict[str, int]:
    """Districts' own counts of before, which later ones cannot fall below."""
    table = facts.city_table(city, "network_facts")
    own = table[
        (table["metric_en"] == "5G base stations")
        & (table["kind"] == "actual")
        & (table["district_id"] != "")
        & (table["date"].str[:7] <= when)
    ]
    return {r["district_id"]: int(float(r["value"])) for _, r in own.iterrows()}
