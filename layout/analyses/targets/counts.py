"""What the plan counts: large firms, clusters by size, new carriers, facilities and platforms."""

from __future__ import annotations

from typing import Final

import pandas as pd

from layout.analyses.targets.params import Counting, TargetsParams
from layout.core import facts
from layout.core.study import SHARE_UNIT, UNTAGGED, Study
from layout.measures.undefined import mark

YUAN_PER_YI: Final = 100_000_000
THOUSAND_YI: Final = 1_000 * YUAN_PER_YI
HUNDRED_YI: Final = 100 * YUAN_PER_YI
NEW_CARRIERS: Final = ("研究院", "实验室", "创新中心", "攻关基地")
"""Types of carriers that T-07 counts."""
PLATFORMS: Final = ("关键技术平台", "资源条件平台", "科技服务平台", "智库", "融资服务平台")
"""The five types of public service platforms of task 8."""
NODES: Final = ("交换中心", "数据交易所", "超算")
"""Further facilities among the carriers."""
_REVENUE: Final[dict[Counting, str]] = {
    "primary": "revenue_cny",
    "fractional": "revenue_milli",
    "full": "revenue_full_cny",
}


def in_population(cube: pd.DataFrame, params: TargetsParams) -> pd.DataFrame:
    """Rows of the firms that count: those with a sector, or these and all core firms."""
    keep = cube["sector"] != UNTAGGED
    if params.population == "industry":
        keep |= cube["scope"] == "core"
    return cube[keep]


def large_firms(study: Study, params: TargetsParams, by: list[str]) -> pd.DataFrame:
    """Firms over 50 and over 10 亿元, each once (under its primary sector).

    Parameters
    ----------
    study
        The study.
    params
        Settings; ``nested`` decides whether those over 50 are also among those over 10.
    by
        Columns of the cube that make the rows: ``year``, ``sector``, ``zone_id``.

    Returns
    -------
    DataFrame
        ``over_50`` and ``over_10`` (or ``from_10_to_50`` where they are not nested), and
        ``revenue_unknown``: firms whose revenue is not known and which are in neither.
    """
    cube = in_population(study.cubes["district"], params)
    counted = cube.pivot_table(
        index=by, columns="tier", values="firms", aggfunc="sum", observed=True, fill_value=0
    )
    counted = counted.reindex(columns=["leading", "key", "unknown"], fill_value=0).astype("int64")
    over_10 = counted["key"] + (counted["leading"] if params.nested else 0)
    name = "over_10" if params.nested else "from_10_to_50"
    return pd.DataFrame(
        {"over_50": counted["leading"], name: over_10, "revenue_unknown": counted["unknown"]}
    )


def clusters(study: Study, params: TargetsParams) -> pd.DataFrame:
    """Revenue of every sector in the year asked, and the size class of its cluster.

    Returns
    -------
    DataFrame
        By sector: ``revenue_cny`` (NaN where no revenue is known) and ``size_class``
        (``thousand``, ``hundred``, ``smaller`` or ``unknown``).
    """
    cube = study.cubes["district"]
    revenue = sector_revenue(cube[cube["year"] == params.year], params)
    classes = pd.Series("smaller", index=revenue.index)
    classes[revenue >= HUNDRED_YI] = "hundred"
    classes[revenue >= THOUSAND_YI] = "thousand"
    classes[revenue.isna()] = "unknown"
    return pd.DataFrame({"revenue_cny": revenue, "size_class": classes})


def sector_revenue(cube: pd.DataFrame, params: TargetsParams) -> pd.Series:
    """Revenue by sector in yuan, NaN where none of its firms has a known one."""
    sums = cube.groupby("sector", observed=True)[[_REVENUE[params.counting], "revenue_known"]].sum()
    sums = sums.reindex(list(facts.sector_ids()), fill_value=0)
    revenue = sums[_REVENUE[params.counting]].astype("float64")
    if params.counting == "fractional":
        revenue = revenue / SHARE_UNIT
    known = sums["revenue_known"] > 0
    result = revenue.where(known).rename("revenue_cny")
    return mark(result, rows=dict.fromkeys(result.index[~known], "undefined.no_revenue"))


def cluster_counts(table: pd.DataFrame, params: TargetsParams) -> tuple[float, float]:
    """Number of clusters of 千亿 and of 百亿; NaN where no sector's revenue is known."""
    if (table["size_class"] == "unknown").all():
        return float("nan"), float("nan")
    thousand = int((table["size_class"] == "thousand").sum())
    hundred = int((table["size_class"] == "hundred").sum())
    return thousand, hundred + (thousand if params.larger_counts else 0)


def new_carriers(carriers: pd.DataFrame, params: TargetsParams) -> pd.DataFrame:
    """Research carriers of the four types of T-07 with ``standing``: new, older, undated."""
    chosen = carriers[carriers["type"].isin(NEW_CARRIERS)].copy()
    year = pd.to_numeric(chosen["established"].astype("string").str[:4], errors="coerce")
    year = year.astype("float64")
    chosen["standing"] = "older"
    chosen.loc[(year >= params.new_since) & (year <= 2023), "standing"] = "new"
    chosen.loc[year > 2023, "standing"] = "after_target"
    chosen.loc[year.isna(), "standing"] = "undated"
    return chosen


def carriers_by_district(chosen: pd.DataFrame, study: Study) -> pd.DataFrame:
    """New, older and undated carriers by district; those without a known place stand last."""
    district = chosen["district_id"].replace("", None).fillna("unknown_place")
    table = (
        chosen.assign(district_id=district)
        .groupby(["district_id", "standing"])
        .size()
        .unstack(fill_value=0)
    )
    ids = list(study.zones["district"]["id"])
    rest = [i for i in table.index if i not in ids]
    columns = ["new", "older", "undated", "after_target"]
    table = table.reindex(index=[*ids, *rest], columns=columns, fill_value=0).astype("int64")
    table.columns.name = None
    return table


def facilities(carriers: pd.DataFrame, data_centres: pd.DataFrame) -> pd.DataFrame:
    """Counts of service platforms and facilities by type, and how many have a known place."""
    kinds = carriers[carriers["type"].isin((*PLATFORMS, *NODES))]
    table = pd.DataFrame({"type": kinds["type"], "located": kinds["lon"].notna()})
    centres = data_centres[data_centres["kind"] == "physical"]
    rows = pd.DataFrame({"type": "数据中心", "located": centres["lon"].notna()})
    both = pd.concat([table, rows])
    counted = both.groupby("type", sort=False)["located"].agg(["size", "sum"])
    return counted.rename(columns={"size": "number", "sum": "located"}).astype("int64")
