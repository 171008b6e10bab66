"""What is said of a clicked place: whether it can be used, and every reason."""

from __future__ import annotations

import pandas as pd
import pyproj
import streamlit as st

from layout.analyses.siting import SitingParams, explain_point
from layout.core.raster import Raster
from layout.core.result import Result
from layout.core.study import Study
from maps.pages.analysis import show_table
from maps.pages.state import lang, t


def point_panel(study: Study, result: Result, params: SitingParams, lat: float, lon: float) -> None:
    """Why here, or why not there."""
    st.markdown(f"**{t('siting.here', lon=f'{lon:.4f}', lat=f'{lat:.4f}')}**")
    rasters = {s.name: s.frame for s in result.layers if s.kind == "raster"}
    rules, criteria = explain_point(study, params, lon, lat, rasters["suitability"])
    if rules.empty:
        st.info(t("siting.outside"))
        return
    _verdict(rules, rasters, params, lon, lat)
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(f"**{t('siting.rule_list')}**")
        show_table(rule_rows(rules), labels=result.labels, height=330)
    with right:
        st.markdown(f"**{t('siting.criterion_list')}**")
        shown = criteria[[f"title_{lang()}", "value", f"unit_{lang()}", "score", "weight"]]
        shown = shown.rename(columns={"value": "measured"})
        shown["measured"] = [_figure(value) for value in shown["measured"]]
        show_table(shown, height=330)


def _figure(value: float) -> str:
    """A measured value with the digits it deserves; a dash where there is none."""
    if value != value or value == float("inf"):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"


def rule_rows(rules: pd.DataFrame) -> pd.DataFrame:
    """Rules at a place, in the visitor's language, far distances left as 'none near'."""
    words = ["rule", f"object_{lang()}", "measured", "state", "effect", f"ask_{lang()}", "data"]
    shown = rules[words].copy()
    shown["measured"] = [
        "–" if value != value or value == float("inf") else f"{value:,.0f} {unit}"
        for value, unit in zip(rules["measured"], rules["unit"], strict=True)
    ]
    return shown


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
    space = " " if lang() == "en" else ""
    return joint.join(
        f"{row['rule']}{space or ' '}{row[f'object_{lang()}']}"
        + (f"（{row['measured']:,.0f} {row['unit']}）" if 0 < row["measured"] < 1e9 else "")
        for _, row in rules.iterrows()
    )


def _at(raster: Raster, lon: float, lat: float) -> float:
    to_metres = pyproj.Transformer.from_crs("EPSG:4326", raster.grid.crs, always_xy=True)
    x, y = to_metres.transform(lon, lat)
    return float(raster.at([x], [y])[0])
