"""Who is where, in which sectors, and how the districts compare."""

from __future__ import annotations

from typing import Final

import pandas as pd
import streamlit as st

from layout.analyses.mix import MixParams
from layout.core.config import parse_params
from layout.core.result import Result
from layout.core.study import Study
from maps.pages import address
from maps.pages.city_map import HEIGHT, show_map
from maps.pages.comparison import comparison
from maps.pages.state import current_study, lang, mix, t
from maps.pages.widgets import headline_figures, mix_filters, synthetic_banner
from maps.views import wording
from maps.views.geometry import short_names

_MAPS: Final = {
    "firms": ("firms", "amount"),
    "share": ("firms", "share"),
    "lq": ("firms", "lq"),
    "revenue": ("revenue", "amount"),
    "employees": ("employees", "amount"),
}
"""What the map can show: measure and how it is drawn."""

_UNITS: Final = {name: f"unit.{name}" for name in _MAPS if name != "lq"}
"""Text of the unit of each; a quotient has none."""

_ZONES: Final = ("district", "subdistrict", "park")


def render() -> None:
    """Draw the page."""
    study = current_study()
    synthetic_banner(study)
    with st.sidebar:
        settings = mix_filters(study)
    top = st.container()
    zones, shown, firms = _map_controls()
    with st.container(key="map_and_ranking"):
        left, right = st.columns([3, 2], gap="medium")
    measure, draw = _MAPS[shown]
    params = parse_params(MixParams, {**settings, "zones": zones, "measure": measure, "draw": draw})
    result = mix(params)
    with top:
        figures = _headline(result)
        headline_figures(study, params, figures)
        _empty(params, figures)
    with left:
        show_map(study, result, params, firms=firms)
    with right:
        _ranking(study, result, params, shown)
    comparison(study, params)


def _map_controls() -> tuple[str, str, bool]:
    address.allow("zones", _ZONES)
    address.allow("shown", _MAPS)
    with st.container(key="map_controls"):
        left, right, last = st.columns([4, 7, 3], vertical_alignment="bottom")
    zones = left.segmented_control(
        t("map.zones"), _ZONES, required=True,
        format_func=lambda z: t(f"zones.{z}"), key="zones", wrap=True,
    )  # fmt: skip
    shown = right.segmented_control(
        t("map.shown"), list(_MAPS), required=True,
        format_func=lambda s: t(f"map.{s}"), key="shown", wrap=True, help=t("map.shown_help"),
    )  # fmt: skip
    firms = last.toggle(t("map.firm_points"), key="firm_points", help=t("map.firm_points_help"))
    return str(zones), str(shown), firms


def _headline(result: Result) -> dict[str, float]:
    row = result.tables["headline"].iloc[0].to_dict()
    counts = result.tables["counts"].set_index("target_id")["firms"]
    return {**row, "over_50": counts["T-11"], "over_10": counts["T-12"]}


def _empty(params: MixParams, figures: dict[str, float]) -> None:
    """Say why there is nothing to see, where there is nothing."""
    if figures["tagged"]:
        return
    if params.scope == "outside":
        st.info(t("empty.outside"))
    elif figures["firms"]:
        st.info(t("empty.tagged", firms=f"{figures['firms']:,.0f}"))
    else:
        st.info(t("empty.firms"))


def _ranking(study: Study, result: Result, params: MixParams, shown: str) -> None:
    """The drawn values as a table beside the map."""
    spec = result.layers[0]
    drawn = str(spec.column)
    zones = study.zones[params.zones]
    names = dict(zip(zones["id"], short_names(zones, lang()), strict=True))
    frame = spec.frame[["id", drawn]].copy()
    frame["firms"] = frame["id"].map(_firms(params))
    frame["id"] = frame["id"].map(names)
    frame = frame.sort_values([drawn, "firms"], ascending=False, na_position="last")
    heading, what, unit = wording.heading(params, lang()), t(f"map.{shown}"), _UNITS.get(shown)
    st.markdown(f"**{t('ranking.title', zones=t(f'map.zones.{params.zones}'), what=heading)}**")
    largest = frame[drawn].max()
    columns: dict[str, object] = {
        "id": st.column_config.TextColumn(t(f"zones.{params.zones}")),
        drawn: st.column_config.ProgressColumn(
            t("compare.amount", what=what, unit=t(unit)) if unit else what,
            format={"lq": "%.2f", "share": "%.1f"}.get(drawn, "%,.0f"),
            min_value=0, max_value=float(largest) if largest > 0 else 1.0, color="blue",
        ),
        "firms": st.column_config.NumberColumn(t("ranking.firms"), format="%,d", width="small"),
    }  # fmt: skip
    if shown == "firms":
        frame = frame.drop(columns="firms")
    height = min(HEIGHT + 3, 35 * (len(frame) + 1) + 3)
    st.dataframe(frame, hide_index=True, column_config=columns, height=height, placeholder="–")
    st.caption(t("ranking.note", number=len(frame), zones=t(f"map.zones.{params.zones}")))


def _firms(params: MixParams) -> pd.Series:
    """How many firms stand behind each zone's value, each counted as the filters say."""
    counted = mix(params.model_copy(update={"measure": "firms", "draw": "amount"}))
    return counted.tables["drawn"]["amount"]
