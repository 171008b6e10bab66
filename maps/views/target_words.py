"""The table of targets as an official reads it."""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import pandas as pd

from layout.core import facts
from layout.core.result import Bilingual, LayerSpec
from layout.core.study import Study
from layout.core.texts import Lang, text
from maps.views.geometry import short_names


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
                "asked": _asked(row, lang),
                "actual": _actual(row, lang),
                "attainment": _percent(row["attainment"]),
                "standing": text(f"targets.standing.{row['standing']}", lang),
                "growth": "–" if math.isnan(row["growth_pct"]) else f"{row['growth_pct']:g}%",
                "base": _number(row["implied_base"], 1),
                "basis": row[f"basis_{lang}"] or "–",
                "source": _source(row, bases, lang),
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


def district_names(study: Study, lang: Lang) -> dict[str, str]:
    """Short names of districts by id as the city lists them; those of an own file follow."""
    frame = study.zones["district"]
    named = dict(zip(frame["id"], short_names(frame, lang), strict=True))
    listed = list(facts.city_table(study.manifest.city, "districts")["id"])
    order = sorted(named, key=lambda i: listed.index(i) if i in listed else len(listed))
    return {i: named[i] for i in order}


def registered_points(entries: pd.DataFrame, lang: Lang) -> LayerSpec | None:
    """Entries of the register that count towards a target and have a place, as a layer of points.

    Parameters
    ----------
    entries
        Entries of the register.
    lang
        Language of their titles.

    Returns
    -------
    LayerSpec or None
        None where there is none.
    """
    rows = entries[entries["target_id"].notna() & entries["lon"].notna() & entries["lat"].notna()]
    if rows.empty:
        return None
    titles = rows["title"] if lang == "zh" else rows["title_en"].fillna(rows["title"])
    frame = gpd.GeoDataFrame(
        {"name_zh": titles, "name_en": titles, "target_id": rows["target_id"]},
        geometry=gpd.points_from_xy(rows["lon"], rows["lat"]),
        crs="EPSG:4326",
    ).reset_index(drop=True)
    return LayerSpec(
        name="targets_registered",
        kind="points",
        frame=frame,
        title=Bilingual.of("targets.registered"),
        details=("target_id",),
    )


def unit_words(unit: str, lang: Lang) -> str:
    """A unit of the plan in the language."""
    known = {"亿元": "unit.revenue", "家": "targets.unit.firms", "个": "targets.unit.number",
             "项": "targets.unit.number"}  # fmt: skip
    return text(known[unit], lang) if unit in known else unit


def _asked(row: pd.Series, lang: Lang) -> str:
    if math.isnan(row["target"]):
        return text("targets.qualitative", lang)
    sign = {">": ">", ">=": "≥"}[row["comparator"]]
    if lang == "en" and row["unit"] == "亿元":
        return f"{sign} {row['target'] / 10:,.0f} billion yuan"
    gap = " " if lang == "en" else ""
    return f"{sign} {row['target']:,.0f}{gap}{unit_words(row['unit'], lang)}"


def _actual(row: pd.Series, lang: Lang) -> str:
    if math.isnan(row["actual"]):
        return text("figure.unknown", lang)
    shown = _number(row["actual"], 1 if row["unit"] == "亿元" else 0)
    if _empty(row["actual_year"]):
        return shown
    year = f"{row['actual_year']:.0f}"
    return f"{shown}（{year}）" if lang == "zh" else f"{shown} ({year})"


def _source(row: pd.Series, bases: dict[str, str], lang: Lang) -> str:
    if row["actual_kind"] == "unknown":
        return "–"
    named = row["actual_source"] or bases.get(row["actual_basis"], row["actual_basis"])
    if row["actual_kind"] == "synthetic":
        return text("targets.synthetic", lang, source=named)
    return str(named)


def _percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{share * 100:.1f}%"


def _number(value: Any, digits: int) -> str:
    return "–" if _empty(value) else f"{value:,.{digits}f}"


def _empty(value: Any) -> bool:
    return value is None or bool(value != value)
