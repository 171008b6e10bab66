"""Where the clusters are and whether they are real: the views of one question, one at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from layout.core.errors import LayoutError
from layout.core.study import Study
from maps.pages import address, clusters_curves, clusters_hot, clusters_map, clusters_mix
from maps.pages.analysis import failed
from maps.pages.state import current_study, t
from maps.pages.widgets import synthetic_banner

VIEWS: Final[dict[str, Callable[[Study], None]]] = {
    "map": clusters_map.render,
    "curves": clusters_curves.render,
    "pairs": clusters_curves.render_pairs,
    "mix": clusters_mix.render,
    "hot": clusters_hot.render,
}
"""A view is a module of its own; only the one that is shown is computed."""


def render() -> None:
    """Draw the page."""
    study = current_study()
    synthetic_banner(study)
    address.allow("clusters_view", VIEWS)
    chosen = st.segmented_control(
        t("clusters.view"), list(VIEWS), required=True, key="clusters_view", wrap=True,
        format_func=lambda name: t(f"clusters.view.{name}"), label_visibility="collapsed",
    )  # fmt: skip
    try:
        VIEWS[str(chosen)](study)
    except LayoutError as error:
        failed(error)
