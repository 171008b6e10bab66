"""The frame of every page: settings, language, the study that is shown, navigation."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

import streamlit as st

from layout.core import facts
from layout.core.errors import LayoutError
from layout.core.texts import LANGS
from maps.assets.manifest import FONT_WOFF
from maps.pages import address
from maps.pages.messages import plain
from maps.pages.start import ensure_ready
from maps.pages.state import GO_TO_OVERVIEW, OWN_NAME, OWN_STUDY, asset_base, current_study, lang, t
from maps.render.elements import font_face


@dataclass(frozen=True)
class PageEntry:
    """A page in the navigation.

    Attributes
    ----------
    name
        Its module in :mod:`maps.pages` and its address.
    icon
        Name of a Material symbol.
    """

    name: str
    icon: str

    @property
    def title(self) -> str:
        """Key of its title."""
        return f"page.{self.name}"

    def render(self) -> None:
        """Draw the page; its module is imported when it is first wanted."""
        importlib.import_module(f"maps.pages.{self.name}").render()


PAGES: Final = (
    PageEntry("overview", "map"),
    PageEntry("paths", "alt_route"),
    PageEntry("clusters", "hub"),
    PageEntry("chains", "account_tree"),
    PageEntry("marks", "sell"),
    PageEntry("checks", "fact_check"),
    PageEntry("targets", "flag"),
    PageEntry("actions", "checklist"),
    PageEntry("siting", "add_location_alt"),
    PageEntry("platforms", "hub"),
    PageEntry("coverage", "cell_tower"),
    PageEntry("data", "upload_file"),
    PageEntry("about", "info"),
)
"""The pages in the order of the navigation; the first one opens."""

GROUPS: Final = MappingProxyType(
    {
        "gathering": ("clusters", "chains", "marks", "checks"),
        "facilities": ("siting", "coverage", "platforms"),
        "work": ("targets", "actions"),
        "about": ("data", "about"),
    }
)
"""Pages that stand in a menu of their own; the others stand in the bar, before the menus."""

_STYLE = """
<style>
%s
[data-testid="stMainBlockContainer"] {padding: 3.6rem 2.2rem 2rem;}
[data-testid="stMain"] [data-testid="stVerticalBlock"] {gap: 0.7rem;}
[data-testid="stAlertContainer"] {padding: 0.45rem 0.9rem;}
[data-testid="stHeading"]:has(h1) [data-testid="stMarkdownContainer"] {margin-bottom: 0;}
h1 {font-size: 1.6rem !important; padding: 0 0 0.25rem !important;}
h2 {font-size: 1.35rem !important;}
h3 {font-size: 1.1rem !important;}
[data-testid="stMetricValue"] {font-size: 1.55rem;}
[data-testid="stMetricLabel"] p {font-size: 0.9rem; white-space: normal;}
/* What must be read with every figure of a page stays below the bar while the page scrolls. */
[data-testid="stLayoutWrapper"]:has(> .st-key-always_in_view) {
  position: sticky; top: 3.75rem; z-index: 50; background: #ffffff;}
.st-key-always_in_view p {font-size: 0.88rem; line-height: 1.4;}
[data-testid="stSidebarHeader"] {height: 2.6rem; padding-top: 0.4rem; padding-bottom: 0;}
[data-testid="stSidebarUserContent"] {padding-top: 0;}
[data-testid="stSidebar"] [data-testid="stVerticalBlock"] {gap: 0.6rem;}
/* A narrow window: table below the map, and no figure squeezed to dots. */
@media (max-width: 1150px) {
  .st-key-map_and_ranking [data-testid="stColumn"] {min-width: 100%%;}
  .st-key-headline [data-testid="stColumn"], .st-key-map_controls [data-testid="stColumn"] {
    flex: 1 1 auto; min-width: max-content;}
  .st-key-headline [data-testid="stHorizontalBlock"],
  .st-key-map_controls [data-testid="stHorizontalBlock"],
  .st-key-map_and_ranking [data-testid="stHorizontalBlock"] {flex-wrap: wrap;}
}
</style>
"""


def run() -> None:
    """Draw the shell and the page that was chosen."""
    address.restore()
    address.allow("lang", LANGS)
    st.set_page_config(page_title=t("page.browser"), page_icon="🗺️", layout="wide")
    st.html(_STYLE % font_face(f"{asset_base()}/{FONT_WOFF}"))
    with st.sidebar:
        st.segmented_control(
            t("page.language"), list(LANGS), required=True, key="lang",
            format_func={"zh": "中文", "en": "English"}.__getitem__,
        )  # fmt: skip
    try:
        ensure_ready()
        _pages()
    except LayoutError as error:
        st.error(error.message(lang()))
    address.keep()


def city_name() -> str:
    """Name of the city of the current study."""
    settings = facts.city_settings(current_study().manifest.city)
    return str(settings["name_zh"] if lang() == "zh" else settings["name_en"])


def _pages() -> None:
    pages = {
        entry.name: st.Page(
            entry.render, title=t(entry.title), icon=f":material/{entry.icon}:",
            url_path=entry.name, default=place == 0,
        )
        for place, entry in enumerate(PAGES)
    }  # fmt: skip
    grouped = {name for names in GROUPS.values() for name in names}
    menus = {"": [page for name, page in pages.items() if name not in grouped]}
    menus |= {
        t(f"page.group.{group}"): [page for name, page in pages.items() if name in names]
        for group, names in GROUPS.items()
    }
    chosen = st.navigation({head: held for head, held in menus.items() if held}, position="top")
    if st.session_state.pop(GO_TO_OVERVIEW, False):
        st.switch_page(pages["overview"])
    study = current_study()
    st.title(t("page.app", city=city_name()))
    if st.session_state.get(OWN_STUDY):
        left, right = st.columns([5, 1])
        left.info(
            t(
                "page.own_study",
                name=plain(st.session_state.get(OWN_NAME, "")),
                created=f"{datetime.fromisoformat(study.manifest.created):%Y-%m-%d %H:%M}",
            )
        )
        if right.button(t("page.back_to_demo")):
            del st.session_state[OWN_STUDY]
            st.rerun()
    chosen.run()
