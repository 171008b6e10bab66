"""What is said of a clicked place: whether it can be used, and every reason."""

from __future__ import annotations

from typing import Final

import pandas as pd
import pyproj
import shapely
import streamlit as st

from layout.analyses.siting import SitingParams, explain_point
from layout.core.headings import heading
from layout.core.raster import Raster
from layout.core.result import Result
from layout.core.study import Study
from maps.pages.analysis import show_table
from maps.pages.state import lang, t

_WIDTHS: Final = (150, 130, 72, 62, 56, 64, 160)
"""Of the columns of rules: object, what is asked, measured, state, effect, rule, data; pixels."""
_NAMED: Final = 3
_LEAST: Final = 0.005
"""Points below which a criterion is not named."""


def point_panel(study: Study, result: Result, params: SitingParams, lat: float, lon: float) -> None:
    """Why here, or why not there."""
    st.markdown(f"**{t('siting.here', lon=f'{lon:.4f}', lat=f'{lat:.4f}')}**")
    rasters = {s.name: s.frame for s in result.layers if s.kind == "raster"}
    rules, criteria = explain_point(study, params, lon, lat, rasters["suitability"])
    if rules.empty:
        st.info(t("siting.outside"))
        return
    _verdict(rules, rasters, params, lon, lat)
    _standing(result, rasters, params, lon, lat)
    _balance(criteria)
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(f"**{t('siting.rule_list')}**")
        show_rules(rules, result)
    with right:
        st.markdown(f"**{t('siting.criterion_list')}**")
        show_table(_criterion_rows(criteria), height=330)


def _criterion_rows(criteria: pd.DataFrame) -> pd.DataFrame:
    """Measured value, score and points of each criterion."""
    figures = zip(criteria["value"], criteria[f"unit_{lang()}"], strict=True)
    return pd.DataFrame(
        {
            f"title_{lang()}": criteria[f"title_{lang()}"],
            "measured": [
                _figure(value) if _figure(value) == "–" else f"{_figure(value)} {unit}"
                for value, unit in figures
            ],
            "score": criteria["score"],
            "weight": criteria["weight"],
            "points_gained": criteria["score"] * criteria["weight"],
        }
    )


def _balance(criteria: pd.DataFrame) -> None:
    """Where the points come from, and where they are lost."""
    known = criteria.dropna(subset=["score"])
    if known.empty:
        return
    gained = known["score"] * known["weight"]
    lost = (1 - known["score"]) * known["weight"]
    titles = known[f"title_{lang()}"]
    joint = "、" if lang() == "zh" else ", "

    def most(points: pd.Series) -> str:
        best = points[points > _LEAST].nlargest(_NAMED)
        return joint.join(f"{titles[at]} {value:.2f}" for at, value in best.items()) or "–"

    st.markdown(t("siting.best_of", gains=most(gained), losses=most(lost)))


def _standing(
    result: Result, rasters: dict[str, Raster], params: SitingParams, lon: float, lat: float
) -> None:
    """Whether the place lies in a shortlisted site; where not, whether it is good enough."""
    layer = next(spec.frame for spec in result.layers if spec.name == "sites")
    held = layer[layer.covers(shapely.Point(lon, lat))]
    if len(held):
        row = held.iloc[0]
        state = result.labels["state"][row["state"]](lang())
        st.markdown(t("siting.in_site", site=row[f"name_{lang()}"], rank=row["rank"], state=state,
                      sure=f"{row['p_chosen']:.0%}"))  # fmt: skip
        return
    value = _at(rasters["suitability"], lon, lat)
    if value == value and params.asked("candidates") == "ground":
        threshold = float(result.tables["ground"]["threshold"].iloc[0])
        key = "siting.below" if value < threshold else "siting.above"
        st.markdown(t(key, threshold=f"{threshold:.2f}", share=f"{params.kept_share:.0%}"))


def _figure(value: float) -> str:
    """A measured value with the digits it deserves; a dash where there is none."""
    if value != value or value == float("inf"):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"


def rule_rows(rules: pd.DataFrame) -> pd.DataFrame:
    """Rules at a place, in the visitor's language, far distances left as 'none near'."""
    words = [f"object_{lang()}", f"ask_{lang()}", "measured", "state", "effect", "rule", "data"]
    shown = rules[words].copy()
    shown["measured"] = [
        "–" if value != value or value == float("inf") else f"{value:,.0f} {unit}"
        for value, unit in zip(rules["measured"], rules["unit"], strict=True)
    ]
    return shown


def show_rules(rules: pd.DataFrame, result: Result, *, height: int = 330) -> None:
    """Rules at a place as a table whose first columns fit beside another table."""
    shown = rule_rows(rules)
    for column in ("state", "effect"):
        words = {value: word(lang()) for value, word in result.labels[column].items()}
        shown[column] = shown[column].map(words)
    config = {
        name: st.column_config.TextColumn(heading(name, lang()), width=wide)
        for name, wide in zip(shown, _WIDTHS, strict=True)
    }
    st.dataframe(shown, hide_index=True, column_config=config, height=height, width="stretch")


def _verdict(
    rules: pd.DataFrame, rasters: dict[str, Raster], params: SitingParams, lon: float, lat: float
) -> None:
    broken = rules[rules["state"] == "broken"]
    hard = broken[broken["effect"] == "exclude"]
    value = _at(rasters["suitability"], lon, lat)
    if len(hard):
        st.error(t("siting.excluded", count=len(hard), rules=_named(hard)))
    elif value != value:
        st.warning(t("siting.excluded_near"))
    else:
        sure = _at(rasters["certainty"], lon, lat) if "certainty" in rasters else float("nan")
        st.success(t("siting.usable", score=f"{value:.2f}", share=f"{params.best_share:.0%}",
                     sure="–" if sure != sure else f"{sure:.0%}"))  # fmt: skip
    soft = broken[broken["effect"] == "penalty"]
    if len(soft):
        st.caption(t("siting.penalties", rules=_named(soft)))
    lost = rules[rules["state"] == "not_considered"]
    if len(lost):
        st.caption(t("siting.unconsidered", rules=_named(lost)))


def _named(rules: pd.DataFrame) -> str:
    joint = "；" if lang() == "zh" else "; "
    pattern = "（{:,.0f} {}）" if lang() == "zh" else " ({:,.0f} {})"
    return joint.join(
        f"{row['rule']} {row[f'object_{lang()}']}"
        + (pattern.format(row["measured"], row["unit"]) if 0 < row["measured"] < 1e9 else "")
        for _, row in rules.iterrows()
    )


def _at(raster: Raster, lon: float, lat: float) -> float:
    to_metres = pyproj.Transformer.from_crs("EPSG:4326", raster.grid.crs, always_xy=True)
    x, y = to_metres.transform(lon, lat)
    return float(raster.at([x], [y])[0])
