"""The districts side by side: mix, specialisation, one district and the city, table."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import streamlit as st

from layout.analyses.mix import TOTAL, MixParams
from layout.core import facts
from layout.core.result import Result
from layout.core.study import NO_COORDINATES, NO_ZONE, OUTSIDE, UNTAGGED, Study
from maps.pages import address
from maps.pages.downloads import download_buttons
from maps.pages.messages import plain
from maps.pages.state import lang, mix, t
from maps.render.charts import mix_bars, quotient_heat
from maps.views.comparison import CITY, profile, shares_with_city
from maps.views.geometry import short_names
from maps.views.wording import sector_names, settings

_ROW, _HEAD = 35, 38
NO_DISTRICT = ""


def comparison(study: Study, params: MixParams) -> None:
    """Draw the section."""
    st.header(t("compare.title"))
    params = params.model_copy(update={"zones": "district"})
    result = mix(params)
    names = _labels(study, result.tables["share"].index)
    own = _own_district(names)
    tabs = st.tabs([t(f"compare.{name}") for name in ("mix", "lq", "own", "table")])
    chosen = list(params.sectors) or list(sector_names(lang()))
    empty = bool(result.tables["share"][chosen].isna().all(axis=None))
    with tabs[0]:
        if empty:
            st.info(t("compare.nothing"))
        else:
            _mix(result, params, names, chosen=chosen, own=own)
    with tabs[1]:
        if empty:
            st.info(t("compare.nothing"))
        else:
            stressed = [own] if own else []
            quotients = result.tables["location_quotient"][chosen]
            st.altair_chart(quotient_heat(quotients, names, lang(), stressed=stressed),
                            alt=t("compare.lq"))  # fmt: skip
            st.caption(t("compare.lq_note", count=params.min_firms, of=_of(params)))
    with tabs[2]:
        if not own:
            st.write(t("compare.choose_own"))
        else:
            _profile(params, own, names[own])
    with tabs[3]:
        _table(study, result, params)


def _labels(study: Study, shown: Iterable[str]) -> dict[str, str]:
    """Short name of each district shown, in the official order; those of an own file follow."""
    frame = study.zones["district"]
    names = dict(zip(frame["id"], short_names(frame, lang()), strict=True))
    return {i: names[i] for i in official_order(study, shown)}


def official_order(study: Study, ids: Iterable[str]) -> list[str]:
    """Districts as the city lists them; units of a planner's own file follow."""
    listed = list(facts.city_table(study.manifest.city, "districts")["id"])
    return sorted(ids, key=lambda i: listed.index(i) if i in listed else len(listed))


def _own_district(names: dict[str, str]) -> str:
    options = [NO_DISTRICT, *names]
    address.allow("own", options)
    column, _ = st.columns([2, 5])
    return str(
        column.selectbox(
            t("compare.own_district"), options, key="own", help=t("compare.own_help"),
            format_func=lambda i: names.get(i, t("compare.no_own")),
        )
    )  # fmt: skip


def _of(params: MixParams) -> str:
    return t(f"compare.of.{params.measure}")


def _mix(
    result: Result, params: MixParams, names: dict[str, str], *, chosen: list[str], own: str
) -> None:
    first = [own, CITY] if own else [CITY]
    labels = {i: names.get(i, t("compare.city")) for i in dict.fromkeys([*first, *names])}
    chart = mix_bars(
        shares_with_city(result)[chosen], labels, lang(),
        title=t(f"chart.share.{params.measure}"), stressed=first if own else (),
    )  # fmt: skip
    st.altair_chart(chart, alt=t("compare.mix"))
    part = t("compare.mix_part") if len(chosen) < len(sector_names(lang())) else ""
    st.caption(t("compare.mix_note", of=_of(params), part=part))


def _profile(params: MixParams, own: str, name: str) -> None:
    """A district beside the city, sector by sector; its places are among all districts."""
    result = mix(params.model_copy(update={"districts": (), "sectors": ()}))
    table = profile(result, own)
    if params.sectors:
        table = table.loc[list(params.sectors)]
    money = params.measure == "revenue"
    table["amount"] = table["amount"] / (1e8 if money else 1)
    table[["share", "city_share", "difference"]] *= 100
    table.insert(0, "sector", table.index.map(sector_names(lang())))
    number = st.column_config.NumberColumn
    amount = t("compare.amount", what=t(f"map.{params.measure}"), unit=t(f"unit.{params.measure}"))
    st.dataframe(
        table, hide_index=True, placeholder="–", height=_HEAD + _ROW * len(table),
        column_config={
            "sector": st.column_config.TextColumn(t("chart.sector")),
            "amount": number(amount, format=_number(params)),
            "share": number(t("compare.own_share", name=name), format="%.1f"),
            "city_share": number(t("compare.city_share"), format="%.1f"),
            "difference": number(t("compare.difference"), format="%+.1f"),
            "lq": number(t("chart.lq"), format="%.2f"),
            "rank": number(t("compare.rank"), format="%d"),
        },
    )  # fmt: skip
    st.caption(t("compare.own_note", of=_of(params), count=params.min_firms))


def _number(params: MixParams) -> str:
    """Format of amounts: whole ones without decimals."""
    if params.measure == "revenue":
        return "%,.2f"
    return "%,.1f" if params.counting == "fractional" else "%,.0f"


def _table(study: Study, result: Result, params: MixParams) -> None:
    table = readable_matrix(study, result.tables["matrix"], params)
    unit = t(f"unit.{params.measure}")
    st.markdown(t("compare.table_title", what=t(f"map.{params.measure}"), unit=unit,
                  settings=plain(settings(study, params, lang()))))  # fmt: skip
    name, *figures = table.columns
    st.dataframe(
        table, hide_index=True, placeholder="–", height=_HEAD + _ROW * len(table),
        column_config={
            name: st.column_config.TextColumn(pinned=True, width=130),
            **{c: st.column_config.NumberColumn(format=_number(params)) for c in figures},
        },
    )  # fmt: skip
    notes = [note(lang()) for note in result.notes]
    st.caption((" " if lang() == "en" else "").join([*notes, t("compare.table_note")]))
    download_buttons(study, params, result)


def readable_matrix(study: Study, matrix: pd.DataFrame, params: MixParams) -> pd.DataFrame:
    """The matrix with names for ids and the total first; revenue in 100 million yuan."""
    fixed = {key: t(f"zone.{key}") for key in (OUTSIDE, NO_COORDINATES, NO_ZONE)}
    zones = study.zones[params.zones]
    names = dict(zip(zones["id"], short_names(zones, lang()), strict=True))
    rows = {**names, **fixed, TOTAL: t("zone.city_total")}
    columns = {**sector_names(lang()), UNTAGGED: t("sector.untagged"), TOTAL: t("zone.total")}
    order = official_order(study, [i for i in matrix.index if i not in {*fixed, TOTAL}])
    table = matrix.loc[[*order, *(i for i in matrix.index if i not in order)]]
    if params.measure == "revenue":
        table = table / 1e8
    table = table[[TOTAL, *table.columns.drop(TOTAL)]].rename(columns=columns)
    table.insert(0, t(f"zones.{params.zones}"), [rows[i] for i in table.index])
    return table
