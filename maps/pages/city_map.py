"""The map of a page: drawn once, its layers exchanged when a filter changes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import folium
import streamlit as st
from streamlit_folium import st_folium

from layout.analyses.mix import MixParams
from layout.core.result import Result
from layout.core.study import Study
from layout.readers.study import read_landmarks
from maps.pages.state import asset_base, lang, t
from maps.render.map import base_map, map_layers
from maps.render.offline import localize
from maps.views import wording

if TYPE_CHECKING:
    from layout.prepare.tagging import Evidence, Tagger

MAX_POINTS: Final = 1_000
"""Firms drawn one by one on a page; more are drawn as hexagons, so that filters stay quick."""

HEIGHT: Final = 420
"""Of the map and of the table beside it, pixels."""


@st.cache_resource(show_spinner=False)
def tagger() -> Tagger:
    """The tagger, for the evidence in popups."""
    from layout.prepare.tagging import Tagger  # slow to import, and a density needs none

    return Tagger.load()


@lru_cache(maxsize=20_000)
def evidence(scope: str, code: str) -> tuple[Evidence, ...]:
    """Why a firm carries its sectors; kept, as filters show the same firms again and again."""
    return tagger().explain(scope, code)


def show_map(study: Study, result: Result, params: MixParams, *, firms: bool) -> None:
    """Draw the map of a sector mix with its title and its note on data quality."""
    st.markdown(f"**{wording.title(study, params, lang())}**")
    base = asset_base()
    ground = localize(base_map(study, lang()), base)
    layers = map_layers(
        study, result, lang(), explain=evidence, max_points=MAX_POINTS,
        landmarks=read_landmarks(study), firms=firms,
    )  # fmt: skip
    st_folium(
        ground,
        key=f"map-{study.manifest.created}-{lang()}",
        height=HEIGHT,
        use_container_width=True,
        returned_objects=[],
        feature_group_to_add=[localize(layer, base) for layer in layers],
        layer_control=folium.LayerControl(position="topleft", collapsed=True),
    )
    gap = "" if lang() == "zh" else " "
    parts = [*wording.cautions(study, params, lang()), wording.quality(study, params, lang())]
    st.caption(gap.join([*parts, t("map.approval")]))
