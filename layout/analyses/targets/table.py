"""The plan's targets as one table, each with its definition, path and attainment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from layout.analyses.targets.params import Figure, TargetsParams, bases_of
from layout.core import facts
from layout.measures.target_paths import implied_base, standing, target_path, yearly_growth_pct

NAN: Final = float("nan")


def plan_targets() -> pd.DataFrame:
    """The targets by id, numbers as numbers; empty where the plan gives none."""
    table = facts.reference("plan_targets").set_index("id")
    for name in ("value", "growth_pct"):
        table[name] = pd.to_numeric(table[name].where(table[name] != "", None)).astype("float64")
    table["year"] = table["year"].astype("int64")
    table.index.name = "target_id"
    return table


def plan_growth(target_id: str) -> float:
    """The plan's yearly growth of a target, %; NaN where it has none."""
    growth = plan_targets()["growth_pct"]
    return float(growth.to_numpy(dtype="float64")[list(growth.index).index(target_id)])


def target_table(
    params: TargetsParams, counted: Mapping[str, float], *, year: int, kind: str
) -> pd.DataFrame:
    """One row a target: what is asked, what is reached, how far that is.

    Parameters
    ----------
    params
        Settings and typed figures; these go before what the study counts.
    counted
        What the study itself counts, by target id, in the year ``year``.
    kind
        ``actual`` or ``synthetic``: what the study's figures are.

    Returns
    -------
    DataFrame
        By target id: what the plan says (``metric_zh``, ``metric_en``, ``definition``, ``unit``,
        ``comparator``, ``target``, ``target_year``, ``growth_pct``), ``base_year``,
        ``implied_base``, ``price``, ``actual`` with ``actual_year``, ``actual_kind``,
        ``actual_basis`` and ``actual_source``, ``attainment`` (actual over target), ``path_value``
        (what the path asks for in that year), ``on_path``, ``gap`` and ``standing``.
    """
    rows = []
    for target_id, plan in plan_targets().iterrows():
        found = _actual(str(target_id), params, counted, year=year, kind=kind)
        rows.append(_row(str(target_id), plan, found, params))
    return pd.DataFrame(rows).set_index("target_id")


def path_table(params: TargetsParams) -> pd.DataFrame:
    """The yearly path of every target with a growth, beside the figures typed for those years.

    Returns
    -------
    DataFrame
        Indexed by (target_id, year): ``path_value`` and ``actual`` in the unit of the target,
        ``ratio``, ``growth_pct`` (of the typed figure over the one of the year before; NaN for
        the first).
    """
    rows = []
    for target_id, plan in plan_targets().iterrows():
        if math.isnan(plan["growth_pct"]):
            continue
        typed = {f.year: f.value for f in params.figures if f.target == target_id}
        path = target_path(
            plan["value"],
            plan["growth_pct"],
            base_year=params.base_year,
            target_year=plan["year"],
        )
        for year in sorted({*path.index, *typed}):
            asked, actual = path.get(year, NAN), typed.get(year, NAN)
            rows.append(
                {
                    "target_id": target_id,
                    "year": year,
                    "path_value": asked,
                    "actual": actual,
                    "ratio": actual / asked,
                    "growth_pct": yearly_growth_pct(typed.get(year - 1, NAN), actual, years=1),
                }
            )
    return pd.DataFrame(rows).set_index(["target_id", "year"])


def _actual(
    target_id: str, params: TargetsParams, counted: Mapping[str, float], *, year: int, kind: str
) -> dict[str, Any]:
    """The figure that a target is held against: the last typed one, else the study's own."""
    typed = [f for f in params.figures if f.target == target_id]
    if typed:
        last: Figure = max(typed, key=lambda figure: figure.year)
        return {
            "actual": last.value,
            "actual_year": last.year,
            "actual_kind": "actual",
            "actual_basis": last.basis,
            "actual_source": last.source,
        }
    value = float(counted.get(target_id, NAN))
    if math.isnan(value):
        return {"actual": NAN, "actual_year": None, "actual_kind": "unknown",
                "actual_basis": "", "actual_source": ""}  # fmt: skip
    own = "firm_table" if target_id in ("T-11", "T-12", "T-13", "T-14") else "layers"
    return {
        "actual": value,
        "actual_year": year if own == "firm_table" else None,
        "actual_kind": kind if own == "firm_table" else "estimate",
        "actual_basis": own,
        "actual_source": "",
    }


def _row(
    target_id: str,
    plan: pd.Series,
    found: dict[str, Any],
    params: TargetsParams,
) -> dict[str, Any]:
    grows = not math.isnan(plan["growth_pct"])
    base, asked = NAN, NAN
    if grows:
        years = {"base_year": params.base_year, "target_year": int(plan["year"])}
        base = implied_base(plan["value"], plan["growth_pct"], **years)
        asked = float(target_path(plan["value"], plan["growth_pct"], **years).get(
            found["actual_year"], NAN))  # fmt: skip
    actual, target = found["actual"], plan["value"]
    own = bases_of(target_id)
    return {
        "target_id": target_id,
        "metric_zh": plan["metric_zh"],
        "metric_en": plan["metric_en"],
        "definition": plan["definition"],
        "basis_zh": own[0]["name_zh"] if own else "",
        "basis_en": own[0]["name_en"] if own else "",
        "unit": plan["unit"],
        "comparator": plan["comparator"],
        "target": target,
        "target_year": plan["year"],
        "growth_pct": plan["growth_pct"],
        "base_year": params.base_year if grows else None,
        "implied_base": base,
        "price": params.price if grows else "",
        **found,
        "attainment": actual / target if target > 0 else NAN,
        "path_value": asked,
        "on_path": None if math.isnan(actual / asked) else bool(actual >= asked),
        "gap": actual - target,
        "standing": "qualitative" if plan["comparator"] == "qualitative"
        else standing(actual, target, beyond=plan["comparator"] == ">"),
    }  # fmt: skip
