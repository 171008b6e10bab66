"""The table of targets as an official reads it."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from layout.core import facts
from layout.core.texts import Lang, text


def target_rows(table: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """The targets in words: one row a target, headings and values in the language.

    Parameters
    ----------
    table
        Table ``targets`` of the analysis.
    lang
        Language.
    """
    bases = basis_names(lang)
    rows = []
    for target_id, row in table.iterrows():
        rows.append(
            {
                "id": target_id,
                "metric": row[f"metric_{lang}"],
                "basis": row[f"basis_{lang}"] or "–",
                "asked": _asked(row, lang),
                "growth": "–" if math.isnan(row["growth_pct"]) else f"{row['growth_pct']:g}%",
                "base": _number(row["implied_base"], 1),
                "actual": _actual(row, lang),
                "source": _source(row, bases, lang),
                "attainment": "–"
                if math.isnan(row["attainment"])
                else f"{row['attainment'] * 100:.1f}%",
                "standing": text(f"targets.standing.{row['standing']}", lang),
            }
        )
    frame = pd.DataFrame(rows)
    return frame.rename(columns={name: text(f"targets.head.{name}", lang) for name in frame})


def basis_names(lang: Lang) -> dict[str, str]:
    """Statistical definitions (口径) in words by id."""
    table = facts.reference("statistical_bases")
    return dict(zip(table["id"], table[f"name_{lang}"], strict=True))


def target_names(lang: Lang) -> dict[str, str]:
    """Targets in words by id: “T-01 数字经济产业增加值”."""
    table = facts.reference("plan_targets")
    return {
        str(i): f"{i} {name}" for i, name in zip(table["id"], table[f"metric_{lang}"], strict=True)
    }


def unit_words(unit: str, lang: Lang) -> str:
    """A unit of the plan in the language."""
    known = {"亿元": "unit.revenue", "家": "targets.unit.firms", "个": "targets.unit.number",
             "项": "targets.unit.number"}  # fmt: skip
    return text(known[unit], lang) if unit in known else unit


def _asked(row: pd.Series, lang: Lang) -> str:
    if math.isnan(row["target"]):
        return text("targets.qualitative", lang)
    sign = {">": ">", ">=": "≥"}[row["comparator"]]
    gap = " " if lang == "en" else ""
    return f"{sign} {row['target']:,.0f}{gap}{unit_words(row['unit'], lang)}"


def _actual(row: pd.Series, lang: Lang) -> str:
    if math.isnan(row["actual"]):
        return text("figure.unknown", lang)
    year = "" if _empty(row["actual_year"]) else f"（{row['actual_year']:.0f}）"
    digits = 1 if row["unit"] == "亿元" else 0
    return f"{_number(row['actual'], digits)}{year if lang == 'zh' else year_en(row)}"


def year_en(row: pd.Series) -> str:
    """The year of a figure in brackets."""
    return "" if _empty(row["actual_year"]) else f" ({row['actual_year']:.0f})"


def _source(row: pd.Series, bases: dict[str, str], lang: Lang) -> str:
    if row["actual_kind"] == "unknown":
        return "–"
    named = row["actual_source"] or bases.get(row["actual_basis"], row["actual_basis"])
    if row["actual_kind"] == "synthetic":
        return text("targets.synthetic", lang, source=named)
    return str(named)


def _number(value: Any, digits: int) -> str:
    return "–" if _empty(value) else f"{value:,.{digits}f}"


def _empty(value: Any) -> bool:
    return value is None or bool(value != value)
