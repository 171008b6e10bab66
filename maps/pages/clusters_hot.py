"""Hot and cold spots on hexagons, subdistricts or parks."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from layout.analyses.hotspots import HotspotParams
from layout.core import measure_columns as names
from layout.core.config import parse_params
from layout.core.study import Study
from maps.pages import address
from maps.pages.analysis import (
    notes,
    params_form,
    result_downloads,
    run_long,
    show_result_map,
    show_table,
)
from maps.pages.state import lang, t
from maps.views.geometry import short_names
from maps.views.wording import sector_names

_FIRST: Final = ("units", "statistic", "value")
_MORE: Final = ("width_m", "neighbours", "min_firms", "permutations", "alpha")


def render(study: Study) -> None:
    """Draw the view."""
    words = sector_names(lang())
    address.allow("clusters_sectors", words)
    columns = st.columns([5, 3, 3, 3], vertical_alignment="bottom")
    sectors = columns[0].multiselect(
        t("clusters.sectors"), list(words), key="clusters_sectors", format_func=words.__getitem__,
        placeholder=t("clusters.all_sectors"),
    )  # fmt: skip
    given: dict[str, Any] = {"sectors": tuple(sectors)}
    for column, name in zip(columns[1:], _FIRST, strict=True):
        with column:
            given |= params_form(HotspotParams, key="hotspots", only=(name,))
    with st.expander(t("clusters.more")):
        more = st.columns(3)
        for place, column in enumerate(more):
            with column:
                given |= params_form(HotspotParams, key="hotspots", only=_MORE[place::3])
    result = run_long("hotspots", parse_params(HotspotParams, given))
    if result is None:
        return
    left, right = st.columns([7, 4], gap="medium")
    with left:
        show_result_map(study, result, key="hotspots", height=560)
    with right:
        counts = result.tables["classes"]
        shown = counts.assign(**{"class": [t(f"hotspots.class.{c}") for c in counts["class"]]})
        show_table(shown, key="hotspots-classes")
        _strongest(study, result.tables["units"], str(given["units"]))
    result_downloads(study, result, key="hotspots")
    notes(result)


def _strongest(study: Study, units: pd.DataFrame, kind: str) -> None:
    """The significant units, strongest first."""
    sure = units[~units["class"].isin(("none", "unknown"))]
    if not len(sure):
        st.info(t("hotspots.nothing"))
        return
    sure = sure.reindex(sure[names.Z].abs().sort_values(ascending=False).index).head(50)
    columns = ["class", names.FIRMS, names.ALL_FIRMS, names.Z, names.Q]
    shown = sure[columns].assign(**{"class": [t(f"hotspots.class.{c}") for c in sure["class"]]})
    if kind != "hexagon":
        frame = study.zones[kind]
        labels = dict(zip(frame["id"], short_names(frame, lang()), strict=True))
        shown.insert(0, "zone_id", [labels[i] for i in sure.index])
    show_table(shown.reset_index(drop=True), key="hotspots-units", formats={names.Q: "%.4f"})
