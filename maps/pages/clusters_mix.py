"""How sure specialisation is: quotients with intervals, three ways of counting side by side."""

from __future__ import annotations

from typing import Final

import streamlit as st

from layout.analyses.mix import MixParams
from layout.core.config import parse_params
from layout.core.study import Study
from maps.pages import address
from maps.pages.analysis import notes, result_downloads, show_table
from maps.pages.state import lang, mix, t
from maps.render.cluster_charts import quotient_forest
from maps.views.geometry import short_names
from maps.views.wording import sector_names

_ZONES: Final = ("district", "subdistrict", "park")
_MOST_BARS: Final = 25


def render(study: Study) -> None:
    """Draw the view."""
    words = sector_names(lang())
    address.allow("clusters_curve", words)
    left, middle, right = st.columns([4, 4, 3], vertical_alignment="bottom")
    sector = left.selectbox(
        t("clusters.sector"), list(words), key="clusters_curve", format_func=words.__getitem__
    )
    zones = middle.segmented_control(
        t("map.zones"), _ZONES, required=True, default="district", key="clusters-zones",
        format_func=lambda z: t(f"zones.{z}"),
    )  # fmt: skip
    least = right.number_input(
        t("clusters.least"), 0, 1000, 5, key="clusters-least", help=t("clusters.least_help")
    )
    params = parse_params(MixParams, {"zones": zones or "district", "min_firms": int(least),
                                      "draw": "lq", "sectors": (sector,)})  # fmt: skip
    result = mix(params)
    table = result.tables["intervals"].xs(sector, level="sector")
    frame = study.zones[params.zones]
    labels = dict(zip(frame["id"], short_names(frame, lang()), strict=True))
    table = table.sort_values(["lq_primary", "firms_primary"], ascending=False)
    shown = table.head(_MOST_BARS)
    chart = quotient_forest(shown, lang(), labels={i: labels[i] for i in shown.index})
    st.altair_chart(chart, alt=t("clusters.view.mix"))
    st.caption(t("clusters.forest_note", count=len(shown), least=params.min_firms))
    readable = table.reset_index()
    readable["zone_id"] = readable["zone_id"].map(labels)
    readable["verdict"] = [t(f"clusters.verdict.{v}") for v in readable["verdict"]]
    show_table(
        readable.drop(columns=["p_over", "p_under"]), key="clusters-mix",
        formats={"firms_primary": "%,.0f", "firms_full": "%,.0f", "firms_fractional": "%,.1f",
                 "q_over_by": "%.3f", "q_under_by": "%.3f"},
    )  # fmt: skip
    result_downloads(study, result, key="clusters-mix")
    notes(result)
