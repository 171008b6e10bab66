"""Firms of each mark: xinchuang, platforms, design of integrated circuits."""

from __future__ import annotations

import streamlit as st

from layout.analyses.marks import MARKS, MarkParams
from layout.core.config import parse_params
from layout.core.result import Result
from maps.pages import address
from maps.pages.analysis import (
    analyse,
    choice,
    notes,
    result_downloads,
    show_result_map,
    show_table,
)
from maps.pages.state import current_study, lang, t
from maps.pages.widgets import synthetic_banner

_ZONES = ("district", "subdistrict", "park")


def render() -> None:
    """Draw the page."""
    study = current_study()
    synthetic_banner(study)
    st.caption(t("marks.lead"))
    kinds = tuple(kind for kind in _ZONES if len(study.zones[kind]))
    address.allow("marks_mark", tuple(MARKS))
    address.allow("marks_zones", kinds)
    with st.sidebar:
        mark = st.selectbox(
            t("column.mark"), tuple(MARKS), key="marks_mark",
            format_func=lambda name: t(f"marks.{name}"),
        )  # fmt: skip
        zones = st.selectbox(
            t("column.zone_kind"), kinds, key="marks_zones",
            format_func=lambda kind: choice("zones", kind),
        )  # fmt: skip
    result = analyse("marks", parse_params(MarkParams, {"zones": zones}))
    _sentence(result, str(mark))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        show_result_map(study, result, key="marks", only=(str(mark),), height=480)
    with right:
        table = result.tables["marks"]
        rows = table[(table["mark"] == mark) & (table["firms"] > 0)]
        show_table(
            rows.drop(columns=["mark", "revenue_cny"]).sort_values("firms", ascending=False),
            labels=result.labels,
            headings={"per_thousand": t("marks.per_thousand"), "lq": t("marks.lq")},
            widths={"zone_id": 150},
            formats={"per_thousand": "%.1f"},
        )
    notes(result)
    result_downloads(study, result, key="marks")


def _sentence(result: Result, mark: str) -> None:
    """How many there are, and where most are."""
    totals = result.tables["mark_totals"].set_index("mark")
    if mark not in totals.index or not totals.loc[mark, "firms"]:
        st.info(t("marks.none"))
        return
    table = result.tables["marks"]
    rows = table[table["mark"] == mark]
    top = rows.loc[rows["firms"].idxmax()]
    st.info(
        t(
            "marks.sentence", name=t(f"marks.{mark}"), firms=f"{totals.loc[mark, 'firms']:,}",
            share=f"{totals.loc[mark, 'per_thousand']:.1f}", most=f"{top['firms']:,}",
            zone=result.labels["zone_id"][top["zone_id"]](lang()),
        )
    )  # fmt: skip
