"""Revenue year by year, by sector and by district, against the path of the plan's growth."""

from __future__ import annotations

import math
from typing import Final

import pandas as pd

from layout.analyses.targets.counts import in_population, sector_revenue
from layout.analyses.targets.params import TargetsParams
from layout.core.study import NO_COORDINATES, NO_ZONE, OUTSIDE, Study
from layout.measures.target_paths import grown

SERIES_TARGET: Final = "T-02"
"""The target whose growth the series of revenue are held against."""


def sector_series(study: Study, params: TargetsParams, growth_pct: float) -> pd.DataFrame:
    """Revenue of every sector and year beside its path.

    Returns
    -------
    DataFrame
        Indexed by (sector, year): ``revenue_cny``, ``path_cny`` (the sector's own revenue of the
        base year, grown at the plan's rate), ``ratio`` and ``below`` (true, false, or missing
        where there is no path).
    """
    cube = study.cubes["district"]
    values = {
        year: sector_revenue(cube[cube["year"] == year], params) for year in study.manifest.years
    }
    return _with_path(pd.DataFrame(values), params, growth_pct, "sector")


def district_series(study: Study, params: TargetsParams, growth_pct: float) -> pd.DataFrame:
    """Revenue of the digital firms of every district and year beside its path.

    Returns
    -------
    DataFrame
        As :func:`sector_series`, indexed by (zone_id, year). Firms in no district are left out
        here and stand in the totals.
    """
    cube = in_population(study.cubes["district"], params)
    cube = cube[~cube["zone_id"].isin((OUTSIDE, NO_COORDINATES, NO_ZONE))]
    sums = cube.groupby(["zone_id", "year"], observed=True)[["revenue_cny", "revenue_known"]].sum()
    revenue = sums["revenue_cny"].astype("float64").where(sums["revenue_known"] > 0)
    table = revenue.unstack("year").reindex(
        index=list(study.zones["district"]["id"]), columns=list(study.manifest.years)
    )
    return _with_path(table, params, growth_pct, "zone_id")


def section_revenue(study: Study) -> pd.Series:
    """Revenue of all core firms (divisions 63–65) of the firm table by year, in yuan.

    A sum over the firms of the table, which may be few of those the statistics count: a lower
    bound, of another 口径 than that of the statistics bureau.
    """
    cube = study.cubes["district"]
    core = cube[cube["scope"] == "core"]
    total = core.groupby("year", observed=True)["revenue_cny"].sum()
    revenue = total.reindex(list(study.manifest.years), fill_value=0).astype("float64")
    return revenue.where(revenue > 0).rename("revenue_cny")


def reason(study: Study, params: TargetsParams) -> str | None:
    """Why there is no path at all, as a key of the catalogue; None where there is one."""
    if len(study.manifest.years) < 2:
        return "undefined.one_year"
    if params.base_year not in study.manifest.years:
        return "undefined.no_base_year"
    return None


def _with_path(
    table: pd.DataFrame, params: TargetsParams, growth_pct: float, name: str
) -> pd.DataFrame:
    """Units × years as long rows with the path from the base year."""
    rows = []
    has_path = params.base_year in table.columns and table.shape[1] > 1
    for unit, values in table.iterrows():
        base = float(values[params.base_year]) if has_path else math.nan
        for year, value in values.items():
            steps = int(str(year)) - params.base_year
            path = grown(base, growth_pct, years=steps) if steps >= 0 else math.nan
            known = not (math.isnan(path) or math.isnan(value)) and path > 0
            rows.append(
                {
                    name: unit,
                    "year": int(str(year)),
                    "revenue_cny": value,
                    "path_cny": path,
                    "ratio": value / path if known else math.nan,
                    # equal to the path but for rounding is not below it
                    "below": bool(value < path * (1 - 1e-12)) if known and steps > 0 else None,
                }
            )
    frame = pd.DataFrame(rows).astype({"below": "boolean"})
    return frame.set_index([name, "year"])
