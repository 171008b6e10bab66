"""What has to be there before the first page: browser files and a study."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from layout.core.resources import cache_dir
from maps.assets import ensure_assets
from maps.pages.state import DEMO_STUDY, study_folder, t


@st.cache_resource(show_spinner=False)
def _assets() -> None:
    ensure_assets()


@st.cache_resource(show_spinner=False)
def _demonstration(folder: str) -> None:
    from layout.pipeline.demonstration import ensure_demonstration

    ensure_demonstration(Path(folder))


def ensure_ready() -> None:
    """Fetch the browser files and build the demonstration city where they are not there."""
    with st.spinner(t("start.assets")):
        _assets()
    if study_folder() is None:
        folder = cache_dir() / "demo-study"
        with st.spinner(t("start.demo")):
            _demonstration(str(folder))
        st.session_state[DEMO_STUDY] = str(folder)
