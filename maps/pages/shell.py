"""The frame of every page: settings, language, the study that is shown, navigation."""

from __future__ import annotations

import streamlit as st

from layout.core import facts
from layout.core.errors import LayoutError
from maps.pages import about, data, overview
from maps.pages.start import ensure_ready
from maps.pages.state import OWN_STUDY, current_study, lang, t

_STYLE = """
<style>
[data-testid="stMainBlockContainer"] {padding-top: 2.5rem; padding-bottom: 2rem;}
[data-testid="stMetricValue"] {font-size: 1.7rem;}
[data-testid="stMetricLabel"] p {font-size: 0.9rem;}
[data-testid="stSidebarUserContent"] {padding-top: 0.5rem;}
</style>
"""


def run() -> None:
    """Draw the shell and the page that was chosen."""
    st.set_page_config(page_title=t("page.browser"), page_icon="🗺️", layout="wide")
    st.html(_STYLE)
    with st.sidebar:
        st.segmented_control(
            t("page.language"), ["zh", "en"], default="zh", required=True, key="lang",
            format_func={"zh": "中文", "en": "English"}.__getitem__, bind="query-params",
        )  # fmt: skip
    try:
        ensure_ready()
        _pages()
    except LayoutError as error:
        st.error(error.message(lang()))


def city_name() -> str:
    """Name of the city of the current study."""
    settings = facts.city_settings(current_study().manifest.city)
    return str(settings["name_zh"] if lang() == "zh" else settings["name_en"])


def _pages() -> None:
    pages = [
        st.Page(overview.render, title=t("page.overview"), icon="🗺️", url_path="overview",
                default=True),
        st.Page(data.render, title=t("page.data"), icon="📥", url_path="data"),
        st.Page(about.render, title=t("page.about"), icon="ℹ️", url_path="about"),
    ]  # fmt: skip
    chosen = st.navigation(pages, position="top")
    study = current_study()
    st.title(t("page.app", city=city_name()))
    if st.session_state.get(OWN_STUDY):
        left, right = st.columns([5, 1])
        left.info(t("page.own_study", name=study.root.name, created=study.manifest.created))
        if right.button(t("page.back_to_demo")):
            del st.session_state[OWN_STUDY]
            st.rerun()
    chosen.run()
