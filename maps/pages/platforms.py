"""Public service platforms: who reaches them, where they lack, where new ones would help."""

from __future__ import annotations

from typing import Any, get_args

import pandas as pd
import streamlit as st

from layout.analyses.platforms import Kind, PlatformParams
from layout.core.config import parse_params
from layout.core.result import Result
from layout.core.study import Study
from maps.pages import address
from maps.pages.analysis import (
    choice,
    notes,
    params_form,
    result_downloads,
    run_long,
    show_result_map,
    show_table,
)
from maps.pages.state import current_study, lang, t
from maps.pages.widgets import synthetic_banner
from maps.views.wording import sector_names

_SHOWN = ("platform_gaps", "platform_gap_cells")
_WORDS = {"platform_gaps": "platforms.subdistricts", "platform_gap_cells": "platforms.cells"}
_NAMED = 3
_LARGE = 1_000


def render() -> None:
    """Draw the page."""
    study = current_study()
    synthetic_banner(study)
    st.caption(t("platforms.lead"))
    result = run_long("platforms", parse_params(PlatformParams, _settings()))
    if result is None:
        return
    st.info(_sentence(result))
    _map(study, result)
    _sites(result)
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(f"**{t('table.supply')}**")
        show_table(result.tables["supply"], labels=result.labels)
    with right:
        st.markdown(f"**{t('table.bands')}**")
        bands = result.tables["bands"]
        bands = bands.assign(
            share=bands["share"] * 100, band_to=bands["band_to"].replace(float("inf"), float("nan"))
        )
        show_table(bands,
                   formats={"share": "%.1f%%", "demand": "%,.0f", "band_from": "%.0f",
                            "band_to": "%.0f"})  # fmt: skip
    _more(result)
    notes(result)
    result_downloads(study, result, key="platforms")


def _settings() -> dict[str, Any]:
    names = sector_names(lang())
    address.allow("platforms_type", get_args(Kind))
    address.allow("platforms_sector", ["", *names])
    with st.sidebar:
        kind = st.selectbox(
            t("column.platform_type"), get_args(Kind), key="platforms_type",
            format_func=lambda value: choice("type", value),
        )  # fmt: skip
        sector = st.selectbox(
            t("column.sector"), ["", *names], key="platforms_sector",
            format_func=lambda code: names.get(code, t("platforms.all")),
        )  # fmt: skip
        more = params_form(
            PlatformParams, key="platforms",
            only=("mapping", "model", "new_sites", "reach_km", "decay", "width_m"),
        )  # fmt: skip
    return {"type": kind, "sector": sector, **more}


def _map(study: Study, result: Result) -> None:
    address.allow("platforms_shown", _SHOWN)
    shown = st.segmented_control(
        t("platforms.shown"), _SHOWN, required=True, key="platforms_shown",
        label_visibility="collapsed", format_func=lambda name: t(_WORDS[name]),
    )  # fmt: skip
    show_result_map(
        study, result, key="platforms", only=(shown, "platforms", "platform_sites"), height=540
    )


def _sites(result: Result) -> None:
    st.markdown(f"**{t('platforms.layer.sites')}**")
    sites = result.tables["sites"]
    kept = ["rank", f"name_{lang()}", "site_kind", "firms_served", "drop_cost",
            f"replace_{lang()}", "replace_cost"]  # fmt: skip
    show_table(sites[kept], labels=result.labels,
               formats={"drop_cost": "%,.0f", "replace_cost": "%,.0f"})  # fmt: skip
    certain = result.tables["platform_choice"].iloc[0]
    proven = bool(certain["proven"])
    proof = t("platforms.proof_yes") if proven else t("platforms.proof_no",
                                                      gap=f"{certain['gap']:.2%}")  # fmt: skip
    model = result.provenance.parameters["model"]
    st.caption(f"{proof} {t(f'platforms.objective.{model}')}")
    choice_table = result.tables["platform_choice"]
    shares = ("near_before", "near_after", "gap")
    digits = "%,.0f" if certain["objective"] >= _LARGE else "%.2f"
    show_table(
        choice_table.assign(**{name: choice_table[name] * 100 for name in shares}),
        formats={**dict.fromkeys(shares, "%.1f%%"), "gap": "%.2f%%",
                 **dict.fromkeys(("objective", "lower_bound", "upper_bound"), digits)},
    )  # fmt: skip


def _more(result: Result) -> None:
    first, second = st.columns(2, gap="medium")
    with first:
        st.markdown(f"**{t('table.platform_gaps')}**")
        show_table(result.tables["platform_gaps"], labels=result.labels,
                   formats={"shortfall": "%,.0f", "nearest_km": "%.1f",
                            "beyond_reach": "%,.0f"})  # fmt: skip
    with second:
        st.markdown(f"**{t('table.by_sector')}**")
        table = result.tables["by_sector"].pivot(
            index="sector", columns="platform_type", values="reach_share"
        )
        words = {kind: word(lang()) for kind, word in result.labels["platform_type"].items()}
        show_table(
            (table[[k for k in words if k in table]] * 100).rename(columns=words),
            labels=result.labels, formats=dict.fromkeys(words.values(), "%.0f%%"),
        )  # fmt: skip
    with st.expander(t("platforms.carriers")):
        show_table(result.tables["platform_carriers"], formats={"mean_km": "%.1f"})
    with st.expander(t("table.platforms")):
        kept = [f"name_{lang()}", "platform_type", "level", "sectors", "located", "source"]
        show_table(result.tables["platforms"][kept], labels=result.labels)


def _sentence(result: Result) -> str:
    params = result.provenance.parameters
    chosen, sites = result.tables["platforms"], result.tables["sites"]
    certain = result.tables["platform_choice"].iloc[0]
    joint = "、" if lang() == "zh" else ", "
    names = joint.join(sites[f"name_{lang()}"])
    common = {"kinds": choice("type", params["type"]), "total": len(chosen),
              "count": len(sites), "sites": names}  # fmt: skip
    if chosen.empty:
        return t("platforms.sentence_none", **common)
    located = int(chosen["located"].sum())
    if not located:
        return t("platforms.sentence_unknown", **common)
    gaps = result.tables["platform_gaps"]
    zones = result.labels["zone_id"]
    worst = joint.join(zones[i](lang()) for i in gaps.index[:_NAMED])
    bands = result.tables["bands"]
    return t(
        "platforms.sentence", **common, located=located, zones=worst,
        share=f"{bands['share'].iloc[:-1].sum():.0%}", reach=f"{params['reach_km']:g}",
        before=_km(certain["mean_km_before"]), after=_km(certain["mean_km_after"]),
    )  # fmt: skip


def _km(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:.1f}"
