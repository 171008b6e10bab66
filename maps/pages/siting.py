"""Where to put centres, nodes, parks and platforms: why here, why not there, how sure."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from layout.analyses.siting import SitingParams
from layout.analyses.siting.presets import PRESETS
from layout.core.config import parse_params
from layout.core.errors import LayoutError
from layout.core.result import Result
from layout.core.study import Study
from maps.pages import address
from maps.pages.analysis import failed, notes, result_downloads, run_long, show_result_map
from maps.pages.siting_point import point_panel
from maps.pages.siting_settings import settings_form
from maps.pages.siting_tabs import (
    chosen_tab,
    compare_tab,
    criteria_tab,
    data_tab,
    rules_tab,
    sites_tab,
)
from maps.pages.state import current_study, lang, t
from maps.pages.widgets import synthetic_banner
from maps.views.geometry import short_names

_SHOW: Final = ("suitability", "certainty", "exclusion")
_CELLS: Final = ("20", "50", "100")
_VECTORS: Final = ("allocation", "supply", "places", "existing")
HEIGHT: Final = 540


def render() -> None:
    """Draw the page."""
    study = current_study()
    synthetic_banner(study)
    st.caption(t("siting.lead"))
    use, cell = _uses()
    try:
        settings = {"preset": use, "cell_m": float(cell), **settings_form(study, use)}
        params = parse_params(SitingParams, settings)
        result = run_long("siting", params)
        if result is not None:
            _show(study, result, params)
    except LayoutError as error:
        failed(error)


def _uses() -> tuple[str, str]:
    address.allow("siting_use", PRESETS)
    address.allow("siting_cell", _CELLS)
    with st.container(key="map_controls"):
        left, right = st.columns([9, 3], vertical_alignment="bottom")
    use = left.segmented_control(
        t("siting.use"), list(PRESETS), required=True, key="siting_use",
        format_func=lambda name: PRESETS[name].title(lang()), wrap=True,
    )  # fmt: skip
    cell = right.segmented_control(
        t("siting.cell"), _CELLS, required=True, key="siting_cell", help=t("siting.cell_help"),
        format_func=lambda metres: f"{metres} m",
    )  # fmt: skip
    return str(use), str(cell)


def _missing(result: Result) -> None:
    """Name the layers that were not loaded: nothing of them is in the figures."""
    layers = result.tables["layers"]
    lost = layers.loc[~layers["loaded"].astype(bool), f"title_{lang()}"]
    if len(lost):
        names = ("、" if lang() == "zh" else ", ").join(map(str, lost))
        st.warning(t("siting.missing", layers=names), icon=":material/layers_clear:")


def _show(study: Study, result: Result, params: SitingParams) -> None:
    _missing(result)
    _headline(result)
    if not result.tables["chosen"].index.size:
        st.warning(result.notes[0](lang()), icon=":material/block:")
    left, right = st.columns([3, 2], gap="medium")
    with left:
        spot = _map(study, result)
    with right:
        _ranking(study, result)
    if spot is not None:
        point_panel(study, result, params, *spot)
    else:
        st.info(t("siting.click"), icon=":material/touch_app:")
    names = ("sites", "chosen", "rules", "criteria", "data", "compare", "files")
    tabs = st.tabs([t(f"siting.tab.{name}") for name in names])
    for tab, draw in zip(
        tabs, (sites_tab, chosen_tab, rules_tab, criteria_tab, data_tab, compare_tab), strict=False
    ):
        with tab:
            draw(result)
    with tabs[-1]:
        result_downloads(study, result, key="siting")
    notes(result)


def _headline(result: Result) -> None:
    ground = result.tables["ground"].iloc[0]
    model = result.tables["model"].iloc[0]
    share = ground["allowed_km2"] / ground["judged_km2"] if ground["judged_km2"] else np.nan
    gap = model["gap"]
    proof = t("siting.proven.none")
    if model["proven"] is not None and model["sites"]:
        proof = t("siting.proven.yes") if model["proven"] else t(
            "siting.proven.no", gap=f"{gap:.2%}"
        )  # fmt: skip
    figures = {
        "judged": f"{ground['judged_km2']:,.0f}",
        "allowed": f"{share:.0%}",
        "sites": str(int(result.tables["sites"]["shortlisted"].sum())),
        "chosen": str(int(model["sites"])),
        "mean_km": "–" if model["mean_km"] != model["mean_km"] else f"{model['mean_km']:.1f}",
        "proven": proof,
    }
    with st.container(key="headline"):
        for column, (name, value) in zip(st.columns(6), figures.items(), strict=True):
            column.metric(t(f"siting.metric.{name}"), value)


def _map(study: Study, result: Result) -> tuple[float, float] | None:
    there = {spec.name for spec in result.layers}
    address.allow("siting_show", _SHOW)
    shown = st.segmented_control(
        t("siting.map"), [name for name in _SHOW if name in there], required=True,
        key="siting_show", format_func=lambda name: t(f"siting.show.{name}"),
        label_visibility="collapsed",
    )  # fmt: skip
    # Why ground is excluded is read from its colours: lines above them would hide it.
    over = ("places",) if shown == "exclusion" else _VECTORS
    wanted = (str(shown), *(name for name in over if name in there))
    return show_result_map(
        study, result, key="siting-map", only=wanted, height=HEIGHT, clicked=True
    )


def _ranking(study: Study, result: Result) -> None:
    """The shortlist: place, district, suitability and how often it is chosen."""
    table = result.tables["sites"]
    short = table[table["shortlisted"]]
    st.markdown(f"**{t('siting.ranking')}**")
    zones = study.zones["district"]
    districts = dict(zip(zones["id"], short_names(zones, lang()), strict=True))
    marks = {"chosen": "✓", "barred": "✕"}
    shown = pd.DataFrame(
        {
            "rank": short["rank"],
            "state": short["state"].map(marks).fillna(""),
            "site": site_names(short),
            "district": short["district"].map(districts).fillna(""),
            "suitability": short["suitability"],
            "p_chosen": short["p_chosen"] * 100 if len(short) else [],
        }
    )
    config: dict[str, Any] = {
        "rank": st.column_config.NumberColumn(t("column.rank"), width=40),
        "state": st.column_config.TextColumn(t("siting.mark"), width=36),
        "site": st.column_config.TextColumn(t("column.site"), width=66),
        "district": st.column_config.TextColumn(t("column.district"), width=68),
        "suitability": st.column_config.ProgressColumn(
            t("column.suitability"), format="%.2f", min_value=0, max_value=1, width=72
        ),
        "p_chosen": st.column_config.ProgressColumn(
            t("siting.sure"), format="%.0f%%", min_value=0, max_value=100, color="red", width=72
        ),
    }
    st.dataframe(shown, hide_index=True, column_config=config, height=HEIGHT, placeholder="–")
    st.caption(t("siting.ranking_note"))


def site_names(table: pd.DataFrame) -> pd.Series:
    """Name of each site in the visitor's language, its id where it has none."""
    given = table[f"name_{lang()}"].fillna("").astype(str)
    return given.where(given != "", table.index.to_series())
