"""Where to put centres, nodes, parks and platforms: why here, why not there, how sure."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from layout.analyses.siting import SitingParams
from layout.analyses.siting.allocation import FAR_KM
from layout.analyses.siting.presets import PRESETS
from layout.core.config import parse_params
from layout.core.errors import LayoutError
from layout.core.result import Result
from layout.core.study import Study
from maps.pages import address
from maps.pages.analysis import failed, notes, result_downloads, run_long, show_result_map
from maps.pages.siting_point import point_panel
from maps.pages.siting_ranking import ranking
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

_SHOW: Final = ("suitability", "certainty", "exclusion")
_CELLS: Final = ("20", "50", "100")
_VECTORS: Final = ("allocation", "supply", "existing", "places")
HEIGHT: Final = 600


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
        else:
            # pressing any button runs the page, and with it the work, anew
            st.button(t("siting.again"), icon=":material/refresh:")
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
        st.caption(f":material/layers_clear: {t('siting.missing', layers=names)}")


def _show(study: Study, result: Result, params: SitingParams) -> None:
    _headline(result)
    chosen = len(result.tables["chosen"])
    fewer = params.asked("model") != "set_covering" and chosen < int(str(params.asked("count")))
    if not chosen or fewer:
        st.warning(result.notes[0](lang()), icon=":material/block:")
    spot = _map(study, result)
    _missing(result)
    if spot is not None:
        point_panel(study, result, params, *spot)
    else:
        st.info(t("siting.click"), icon=":material/touch_app:")
    ranking(study, result)
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
        **_reached(model),
        "proven": proof,
    }
    with st.container(key="headline"):
        for column, (name, value) in zip(st.columns(6), figures.items(), strict=True):
            column.metric(t(f"siting.metric.{name}"), value)


def _reached(model: pd.Series) -> dict[str, str]:
    """How far firms have it; for a covering model how many are within reach."""
    if model["mean_km"] != model["mean_km"]:
        return {"mean_km": "–"}
    if "covering" in model["model"]:
        return {"served": f"{model['served_share']:.0%}"}
    return {"mean_km": f"{model['mean_km']:.1f}"}


def _map(study: Study, result: Result) -> tuple[float, float] | None:
    specs = {spec.name: spec for spec in result.layers}
    address.allow("siting_show", _SHOW)
    shown = st.segmented_control(
        t("siting.map"), [name for name in _SHOW if name in specs], required=True,
        key="siting_show", format_func=lambda name: t(f"siting.show.{name}"),
        label_visibility="collapsed",
    )  # fmt: skip
    # Why ground is excluded is read from its colours: lines above them would hide it.
    over = ("places",) if shown == "exclusion" else _VECTORS
    wanted = (str(shown), *(name for name in over if name in specs))
    spot = show_result_map(
        study, result, key="siting-map", only=wanted, height=HEIGHT, clicked=True
    )
    model = result.tables["model"].iloc[0]
    if "allocation" in wanted and model["far_firms"] > 0:
        st.caption(t("siting.far", firms=f"{model['far_firms']:,.0f}", km=f"{FAR_KM:g}",
                     zones=model[f"far_zones_{lang()}"]))  # fmt: skip
    return spot
