"""Industrial chains: what is there, what is missing, how near; supply and hosts."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from layout.analyses.chain_links import CHAIN, NODE, chain_names
from layout.analyses.chains import ChainParams
from layout.core.config import parse_params
from layout.core.result import Result
from layout.core.study import Study
from maps.pages import address
from maps.pages.analysis import analyse, notes, result_downloads, show_result_map, show_table
from maps.pages.state import current_study, lang, t
from maps.pages.widgets import synthetic_banner
from maps.render.chain_diagram import SELECTED, chain_diagram
from maps.render.charts import completeness_heat
from maps.views.geometry import short_names

_ZONES: Final = ("district", "subdistrict", "park")


def render() -> None:
    """Draw the page."""
    study = current_study()
    synthetic_banner(study)
    chain, zones, least, radius_m = _settings()
    given = {"zones": zones, "least": least, "radius_m": radius_m}
    every = analyse("chains", parse_params(ChainParams, given))
    names = chain_names()
    st.caption(t("chains.lead"))
    tabs = st.tabs([t(f"chains.tab.{name}") for name in ("chain", "compare", "internet")])
    with tabs[0]:
        _one(study, chain, given, names[chain][0 if lang() == "zh" else 1])
    with tabs[1]:
        _compare(study, every, zones)
    with tabs[2]:
        _internet(study, every)


def _settings() -> tuple[str, str, int, float]:
    names = chain_names()
    address.allow("chains_chain", names)
    address.allow("chains_zones", _ZONES)
    with st.sidebar:
        chain = st.selectbox(
            t("column.chain_id"), list(names), key="chains_chain",
            format_func=lambda i: names[i][0 if lang() == "zh" else 1],
        )  # fmt: skip
        zones = st.selectbox(
            t("map.zones"), _ZONES, key="chains_zones", format_func=lambda z: t(f"zones.{z}")
        )
        least = st.number_input(
            t("chains.least"), 1, 100, 3, key="chains_least", help=t("chains.least_help")
        )
        radius = st.number_input(
            t("chains.radius"), 0.5, 50.0, 3.0, step=0.5, key="chains_radius",
            help=t("chains.radius_help"),
        )  # fmt: skip
    return str(chain), str(zones), int(least), float(radius) * 1_000


def _one(study: Study, chain: str, given: dict[str, Any], name: str) -> None:
    """One chain: diagram, map of its firms, distances, gaps."""
    whole = analyse("chains", parse_params(ChainParams, {**given, "chain": chain}))
    table = whole.tables["nodes"]
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(f"**{t('chains.diagram', chain=name)}**")
        chosen = st.session_state.get("chains_node", "")
        event = st.altair_chart(
            chain_diagram(table, lang(), chosen=chosen), on_select="rerun",
            key=f"chains-diagram-{chain}", selection_mode=[SELECTED],
        )  # fmt: skip
        picked = _picked(event)
        st.caption(t("chains.click"))
    node = picked if picked in set(table[NODE]) else ""
    if node != chosen:
        st.session_state["chains_node"] = node
    result = (
        analyse("chains", parse_params(ChainParams, {**given, "chain": chain, "node": node}))
        if node
        else whole
    )
    with right:
        words = whole.labels[NODE]
        shown = words[node](lang()) if node else t("chains.all_nodes")
        st.markdown(f"**{t('chains.map', node=shown)}**")
        show_result_map(
            study, result, key="chains-map", only=("chain_completeness", "chain_firms"), height=470
        )
    anchors = whole.tables["anchors"].iloc[0]
    _sentence(anchors, given["radius_m"] / 1_000)
    first, second = st.tabs([t("table.adjacent"), t("table.gaps")])
    with first:
        show_table(
            whole.tables["adjacent"].drop(columns=[CHAIN, "mean_m"]), labels=whole.labels,
            formats={"median_m": "%,.0f"},
        )  # fmt: skip
    with second:
        lacking = whole.tables["gaps"].sort_values(["zone_id", NODE])
        show_table(lacking, labels=whole.labels, formats={"nearest_m": "%,.0f"})
    notes(whole)
    result_downloads(study, whole, key="chain")


def _picked(event: Any) -> str:
    selection = getattr(event, "selection", None) or {}
    rows = selection.get(SELECTED) or []
    return str(rows[0].get(NODE, "")) if rows else ""


def _sentence(anchors: pd.Series, radius_km: float) -> None:
    """How large and small firms of the chain stand to each other, in words."""
    if not anchors["anchors"]:
        st.info(t("chains.no_anchors", satellites=f"{anchors['satellites']:,}"))
        return
    st.info(
        t(
            "chains.anchors",
            anchors=f"{anchors['anchors']:,}",
            satellites=f"{anchors['satellites']:,}",
            share=f"{anchors['near_share']:.0%}",
            radius=f"{radius_km:g}",
            median=f"{anchors['median_m'] / 1_000:.1f}",
        )
    )


def _compare(study: Study, result: Result, zones: str) -> None:
    """All chains by zone."""
    frame = study.zones[zones]
    names = dict(zip(frame["id"], short_names(frame, lang()), strict=True))
    table = result.tables["completeness"]
    share = table.pivot_table("completeness", "zone_id", CHAIN, observed=True, sort=False)
    if zones != "district":
        totals = table.groupby("zone_id")["firms"].sum().nlargest(20)
        share = share.loc[[i for i in share.index if i in totals.index]]
        st.caption(t("chains.top_zones", number=len(share)))
    words = {i: pair[0 if lang() == "zh" else 1] for i, pair in chain_names().items()}
    st.altair_chart(completeness_heat(share, names, words, lang()), alt=t("chains.tab.compare"))
    st.caption(t("chains.heat_note"))
    with st.expander(t("table.completeness")):
        shown = table.drop(columns="missing_nodes").assign(completeness=table["completeness"] * 100)
        show_table(shown, labels=result.labels, formats={"completeness": "%.0f%%"})
    with st.expander(t("table.tiers")):
        show_table(result.tables["tiers"], labels=result.labels)
    notes(result)
    result_downloads(study, result, key="chains")


def _internet(study: Study, result: Result) -> None:
    """Industrial internet and its hosts."""
    left, right = st.columns([3, 2], gap="medium")
    with left:
        show_result_map(study, result, key="internet-map", only=("industrial_internet",))
    with right:
        st.markdown(f"**{t('table.industrial_internet')}**")
        table = result.tables["industrial_internet"].sort_values("hosts", ascending=False)
        show_table(table, labels=result.labels, formats={"per_100_hosts": "%.1f"})
        st.caption(t("chains.note.internet"))
