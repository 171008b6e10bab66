"""Who is where, in which sectors, and how the districts compare."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pandas as pd
import streamlit as st

from layout.analyses.mix import TOTAL, MixParams
from layout.core import facts
from layout.core.config import parse_params
from layout.core.result import Result
from layout.core.study import NO_COORDINATES, NO_ZONE, OUTSIDE, UNTAGGED, Study
from maps.pages import address
from maps.pages.city_map import show_map
from maps.pages.downloads import download_buttons
from maps.pages.state import current_study, lang, mix, t
from maps.pages.widgets import headline_figures, mix_filters, synthetic_banner
from maps.render.charts import mix_bars, quotient_heat
from maps.views.wording import sector_names, zone_names

_MAPS: Final = {
    "firms": ("firms", "amount"),
    "share": ("firms", "share"),
    "lq": ("firms", "lq"),
    "revenue": ("revenue", "amount"),
    "employees": ("employees", "amount"),
}
"""What the map can show: measure and how it is drawn."""


_ZONES: Final = ("district", "subdistrict", "park")


def render() -> None:
    """Draw the page."""
    study = current_study()
    synthetic_banner(study)
    with st.sidebar:
        settings = mix_filters(study)
    top = st.container()
    zones, shown, firms = _map_controls()
    left, right = st.columns([3, 2], gap="medium")
    measure, draw = _MAPS[shown]
    params = parse_params(MixParams, {**settings, "zones": zones, "measure": measure, "draw": draw})
    result = mix(params)
    with top:
        headline_figures(study, params, _headline(result))
    with left:
        show_map(study, result, params, firms=firms)
    with right:
        _ranking(study, result, params)
    _comparison(study, params)


def _map_controls() -> tuple[str, str, bool]:
    address.allow("zones", _ZONES)
    address.allow("shown", _MAPS)
    left, right, last = st.columns([4, 7, 3], vertical_alignment="bottom")
    zones = left.segmented_control(
        t("map.zones"), _ZONES, required=True,
        format_func=lambda z: t(f"zones.{z}"), key="zones", wrap=True,
    )  # fmt: skip
    shown = right.segmented_control(
        t("map.shown"), list(_MAPS), required=True,
        format_func=lambda s: t(f"map.{s}"), key="shown", wrap=True,
    )  # fmt: skip
    firms = last.toggle(t("map.firm_points"), key="firm_points", help=t("map.firm_points_help"))
    return str(zones), str(shown), firms


def _headline(result: Result) -> dict[str, float]:
    row = result.tables["headline"].iloc[0].to_dict()
    counts = result.tables["counts"].set_index("target_id")["firms"]
    return {**row, "over_50": counts["T-11"], "over_10": counts["T-12"]}


def _ranking(study: Study, result: Result, params: MixParams) -> None:
    """The drawn values as a table beside the map."""
    spec = result.layers[0]
    names = zone_names(study, params.zones, lang())
    frame = spec.frame[["id", str(spec.column), "firms"]].copy()
    frame["id"] = frame["id"].map(names)
    frame = frame.sort_values(str(spec.column), ascending=False, na_position="last")
    unit = spec.unit(lang())
    title = spec.title(lang()) + (
        f"（{unit}）" if unit and lang() == "zh" else f", {unit}" * bool(unit)
    )
    st.markdown(f"**{t('ranking.title', zones=t(f'zones.{params.zones}'), what=title)}**")
    columns: dict[str, object] = {
        "id": st.column_config.TextColumn(t(f"zones.{params.zones}"), width="medium"),
        str(spec.column): st.column_config.ProgressColumn(
            title,
            format="%.2f"
            if spec.column == "lq"
            else "%,.1f"
            if spec.column == "share"
            else "%,.0f",
            min_value=0,
            max_value=float(frame[str(spec.column)].max() or 1) if len(frame) else 1.0,
            color="blue",
        ),
        "firms": st.column_config.NumberColumn(t("figure.tagged"), format="%,d"),
    }
    if params.measure == "firms" and spec.column == "amount":
        frame = frame.drop(columns="firms")
    st.dataframe(
        frame,
        hide_index=True,
        column_config=columns,
        height=min(560, 35 * (len(frame) + 1) + 3),
        width="stretch",
    )


def _comparison(study: Study, params: MixParams) -> None:
    """The districts side by side: mix, specialisation, table."""
    st.header(t("compare.title"))
    result = mix(params.model_copy(update={"zones": "district"}))
    names = zone_names(study, "district", lang())
    chosen = list(params.sectors) or list(sector_names(lang()))
    shares = result.tables["share"][chosen]
    labels = {i: names[i] for i in _official_order(study, shares.index)}
    tab_mix, tab_lq, tab_table = st.tabs([t("compare.mix"), t("compare.lq"), t("compare.table")])
    with tab_mix:
        st.altair_chart(mix_bars(shares, labels, lang()), alt=t("compare.mix"))
        st.caption(t("compare.mix_note"))
    with tab_lq:
        quotients = result.tables["location_quotient"][chosen]
        st.altair_chart(quotient_heat(quotients, labels, lang()), alt=t("compare.lq"))
        st.caption(t("compare.lq_note", count=params.min_firms))
    with tab_table:
        table = readable_matrix(result.tables["matrix"], names, params)
        st.dataframe(table, width="stretch", height=36 * (len(table) + 1) + 3)
        for note in result.notes:
            st.caption(note(lang()))
        download_buttons(study, params, result)


def _official_order(study: Study, ids: Iterable[str]) -> list[str]:
    """Districts as the city lists them; units of a planner's own file follow."""
    listed = list(facts.city_table(study.manifest.city, "districts")["id"])
    return sorted(ids, key=lambda i: listed.index(i) if i in listed else len(listed))


def readable_matrix(matrix: pd.DataFrame, names: dict[str, str], params: MixParams) -> pd.DataFrame:
    """The matrix with names for ids; revenue in 100 million yuan."""
    fixed = {key: t(f"zone.{key}") for key in (OUTSIDE, NO_COORDINATES, NO_ZONE, TOTAL)}
    columns = {**sector_names(lang()), UNTAGGED: t("sector.untagged"), TOTAL: t("zone.total")}
    table = matrix.rename(index={**names, **fixed}, columns=columns)
    table.index.name = t(f"zones.{params.zones}")
    if params.measure == "revenue":
        return (table / 1e8).round(2)
    return table if params.counting != "fractional" else table.round(1)
