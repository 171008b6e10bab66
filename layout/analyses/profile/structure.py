"""What a district is made of: specialisation, variety, complexity, lines, scope, tiers."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from layout.analyses.profile.settings import ProfileParams
from layout.analyses.profile.tables import by_dimension, zone_table
from layout.core import columns as col
from layout.core import facts
from layout.core import measure_columns as names
from layout.core.study import Study
from layout.measures.complexity import economic_complexity
from layout.measures.specialization import (
    entropy,
    herfindahl,
    krugman_index,
    location_quotient_inference,
    related_variety,
)

SCOPES: Final = ("core", "fusion")
LINES: Final = {"数字产业化": "line_supply", "产业数字化": "line_use", "both": "line_both"}
"""The plan's two main lines: digital industries, and industries gone digital; or both."""


def specialisation_table(study: Study, params: ProfileParams) -> pd.DataFrame:
    """By district and sector: quotient with interval, shrunk value, q-value, verdict.

    ``standing``: ``strong`` or ``weak`` where the false discovery rate allows it, ``small`` where
    there are too few firms, ``even`` otherwise.
    """
    table = zone_table(study, "district", params.year, untagged=True)
    told = location_quotient_inference(table, alpha=params.alpha)
    told = told[told.index.get_level_values(1).isin(facts.sector_ids())]
    frame = pd.DataFrame(
        {
            "firms": told[names.COUNT].astype("int64"),
            "location_quotient": told[names.LQ],
            "low": told[names.LOW], "high": told[names.HIGH], "shrunk": told[names.SHRUNK],
            "q_over": told[names.q_of(names.P_OVER, "bh")],
            "q_under": told[names.q_of(names.P_UNDER, "bh")],
        }
    )  # fmt: skip
    frame.index.names = ["district_id", "sector"]
    small = frame["firms"] < params.min_firms
    frame["standing"] = np.select(
        [
            (frame["q_under"] <= params.alpha).to_numpy(),
            small.to_numpy(),
            ((frame["q_over"] <= params.alpha) & (frame["location_quotient"] > 1)).to_numpy(),
        ],
        ["weak", "small", "strong"],
        default="even",
    )
    frame.loc[small, ["location_quotient", "low", "high"]] = np.nan
    return frame


def variety_table(study: Study, params: ProfileParams) -> pd.DataFrame:
    """By district: related and unrelated variety of the tagged firms, in bits.

    Detailed sectors are industry classes of GB/T 4754, nested in their divisions; the twelve
    sectors of the plan are flat and have no related variety.
    """
    classes = _classes(study)
    if classes.empty:
        columns = [names.TOTAL, names.UNRELATED, names.RELATED]
        return pd.DataFrame(np.nan, index=_districts(study), columns=columns)
    groups = pd.Series([str(code)[:2] for code in classes.columns], index=classes.columns)
    return related_variety(classes, groups).rename_axis("district_id")


def _classes(study: Study) -> pd.DataFrame:
    """Tagged firms by district and industry class."""
    wanted = [col.DISTRICT, col.INDUSTRY_CODE]
    firms = study.firms([*wanted, col.SECTOR_1])
    firms = firms.filter(
        pc.and_(pc.is_valid(firms[col.SECTOR_1]), pc.is_valid(firms[col.INDUSTRY_CODE]))
    )
    counted = firms.select(wanted).to_pandas()
    counted[col.INDUSTRY_CODE] = (
        counted[col.INDUSTRY_CODE].astype(str).str.lstrip("ABCDEFGHIJKLMNOPQRST")
    )
    counted = counted[counted[col.INDUSTRY_CODE].str.len() >= 2]
    if counted.empty:
        return pd.DataFrame(index=_districts(study))
    table = counted.groupby(wanted, observed=True).size().unstack(fill_value=0)
    whole: pd.DataFrame = table.reindex(_districts(study), fill_value=0)
    return whole


def _districts(study: Study) -> pd.Index:
    index: pd.Index = pd.Index(list(study.zones["district"]["id"]), name="district_id")
    return index


def structure_table(study: Study, params: ProfileParams) -> pd.DataFrame:
    """One row a district: firms, scope, lines, concentration of its mix, complexity, variety."""
    table = zone_table(study, "district", params.year)
    everyone = zone_table(study, "district", params.year, untagged=True).sum(axis=1)
    scope = by_dimension(study, "scope", params.year).reindex(columns=list(SCOPES), fill_value=0)
    frame = pd.DataFrame({"firms": everyone, "tagged": table.sum(axis=1)})
    frame.index.name = "district_id"
    total = frame["tagged"].where(frame["tagged"] > 0)
    for name in SCOPES:
        frame[f"{name}_share"] = scope[name] / total
    for words, name in LINES.items():
        frame[f"{name}_share"] = table[_of_line(words)].sum(axis=1) / total
    frame["krugman_index"] = krugman_index(table)
    frame["herfindahl"] = herfindahl(table)
    frame["entropy_bits"] = entropy(table)
    frame["complexity"], frame["complexity_gap"] = _complexity(study, table, params)
    variety = variety_table(study, params)
    frame["unrelated_variety"] = variety[names.UNRELATED].reindex(frame.index)
    frame["related_variety"] = variety[names.RELATED].reindex(frame.index)
    return frame


def _of_line(words: str) -> list[str]:
    table = facts.reference("sectors")
    return list(table.loc[table["line"] == words, "code"])


def _complexity(
    study: Study, table: pd.DataFrame, params: ProfileParams
) -> tuple[pd.Series, float]:
    """Mean complexity of a district's sectors by its shares, estimated on subdistricts."""
    units = zone_table(study, "subdistrict", params.year)
    units = units[units.sum(axis=1) >= params.min_firms]
    found = economic_complexity(units)
    share = table.div(table.sum(axis=1).where(table.sum(axis=1) > 0), axis=0)
    known = found.pci.dropna()
    if known.empty:
        return pd.Series(np.nan, index=table.index), found.gap
    return (share[list(known.index)] @ known).where(table.sum(axis=1) > 0), found.gap


def tier_table(study: Study, params: ProfileParams) -> pd.DataFrame:
    """Tagged firms of each district by size tier."""
    from layout.prepare.dimensions import tiers

    table = by_dimension(study, "tier", params.year)
    table = table.reindex(columns=list(tiers()["id"]), fill_value=0)
    return table.rename(columns=lambda name: f"tier_{name}")
