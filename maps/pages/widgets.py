"""Widgets that several pages share: filters, figures, banners, downloads."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from layout.analyses.mix import MixParams
from layout.core import facts
from layout.core.study import Study
from layout.prepare.dimensions import ALL_YEARS, STATUSES, tiers
from maps.pages import address
from maps.pages.state import lang, t
from maps.views.wording import sector_names, zone_names

SCOPE_CHOICES: Final = ("all", "core", "fusion", "outside")
COUNTINGS: Final = ("primary", "fractional", "full")
_FILTER_KEYS: Final = ("sectors", "scope", "districts", "tiers", "statuses", "year", "counting")


def synthetic_banner(study: Study) -> None:
    """A banner where the firms are synthetic; nothing otherwise."""
    if study.manifest.synthetic:
        st.warning(t("page.synthetic"), icon=":material/warning:")


def frontier_sectors() -> list[str]:
    """The sectors that the plan names first in task 1."""
    table = facts.reference("sectors")
    return list(table.loc[table["frontier"] == "1", "code"])


def _choose_frontier() -> None:
    st.session_state["sectors"] = frontier_sectors()


def _reset() -> None:
    address.reset(_FILTER_KEYS)


def mix_filters(study: Study) -> dict[str, object]:
    """The filters of the sector mix in the sidebar; returns settings of ``MixParams``."""
    names = sector_names(lang())
    districts = zone_names(study, "district", lang())
    tier_table = tiers()
    tier_names = dict(zip(tier_table["id"], tier_table[f"label_{lang()}"], strict=True))
    years = [str(ALL_YEARS), *map(str, reversed(study.manifest.years))]
    for key, options in (
        ("sectors", names), ("districts", districts), ("tiers", tier_names), ("year", years),
        ("scope", SCOPE_CHOICES), ("statuses", STATUSES), ("counting", COUNTINGS),
    ):  # fmt: skip
        address.allow(key, options)
    st.subheader(t("filter.title"))
    sectors = st.multiselect(
        t("filter.sectors"), list(names), format_func=names.__getitem__, key="sectors",
        placeholder=t("filter.all"),
    )  # fmt: skip
    left, right = st.columns(2)
    left.button(t("filter.frontier"), on_click=_choose_frontier, help=t("filter.frontier_help"),
                width="stretch")  # fmt: skip
    right.button(t("filter.reset"), on_click=_reset, width="stretch")
    chosen = st.multiselect(
        t("filter.districts"), list(districts), format_func=lambda i: districts.get(i, i),
        key="districts", placeholder=t("filter.all"),
    )  # fmt: skip
    scope = st.selectbox(
        t("filter.scope"), SCOPE_CHOICES,
        format_func=lambda s: t(f"scope.{s}"), key="scope",
        help=t("filter.scope_help"),
    )  # fmt: skip
    size = st.multiselect(
        t("filter.tiers"), list(tier_names), format_func=tier_names.__getitem__, key="tiers",
        placeholder=t("filter.all"),
    )  # fmt: skip
    year = st.selectbox(
        t("filter.year"), years,
        format_func=lambda y: y if y != years[0] else t("filter.latest", year=years[1]),
        key="year", help=t("filter.year_help"),
    )  # fmt: skip
    statuses = st.multiselect(
        t("filter.status"), list(STATUSES), format_func=lambda s: t(f"status.{s}"), key="statuses",
        placeholder=t("filter.all"),
    )  # fmt: skip
    counting = st.selectbox(
        t("filter.counting"), COUNTINGS,
        format_func=lambda c: t(f"counting.{c}"), key="counting",
        help=t("filter.counting_help"),
    )  # fmt: skip
    return {
        "sectors": tuple(sectors),
        "districts": tuple(chosen),
        "scope": scope,
        "tiers": tuple(size),
        "year": int(year),
        "statuses": tuple(statuses),
        "counting": counting,
    }


def headline_figures(study: Study, params: MixParams, figures: dict[str, float]) -> None:
    """The row of figures at the top of a page."""
    with st.container(key="headline"):
        columns = st.columns(5)
    firms, tagged = figures["firms"], figures["tagged"]
    grey: dict[str, Any] = {"delta_color": "off", "delta_arrow": "off"}
    columns[0].metric(t("figure.firms"), f"{firms:,.0f}", help=t("figure.firms_help"))
    share = t("figure.of_firms", share=f"{tagged / firms:.1%}") if firms else None
    what = "chosen" if params.sectors else "tagged"
    columns[1].metric(t(f"figure.{what}"), f"{tagged:,.0f}", share, help=t(f"figure.{what}_help"),
                      **grey)  # fmt: skip
    columns[2].metric(
        t("figure.core"), f"{figures['core']:,.0f}",
        t("figure.fusion", number=f"{figures['fusion']:,.0f}"), help=t("figure.core_help"), **grey,
    )  # fmt: skip
    money = figures["revenue_cny"] if tagged else 0.0
    shown = t("figure.unknown") if money != money else f"{money / 1e8:,.0f}"
    year = params.year or study.manifest.years[-1]
    columns[3].metric(t("figure.revenue", year=year), shown, help=t("figure.revenue_help"))
    columns[4].metric(
        t("figure.giants"), f"{figures['over_50']:,.0f} / {figures['over_10']:,.0f}",
        t("figure.giants_target"), help=t("figure.giants_help"), **grey,
    )  # fmt: skip
