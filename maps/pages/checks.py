"""How robust the findings are: to the cut of the zones, and to the addresses of firms."""

from __future__ import annotations

import streamlit as st

from layout.analyses.headquarters import HeadquartersParams
from layout.analyses.scales import ScaleParams
from layout.core.config import parse_params
from layout.core.result import Result
from layout.core.study import Study
from maps.pages import address
from maps.pages.analysis import notes, result_downloads, run_long, show_result_map, show_table
from maps.pages.state import current_study, lang, t
from maps.pages.widgets import synthetic_banner
from maps.views.wording import sector_names

_TABS = ("scales", "headquarters")


def render() -> None:
    """Draw the page."""
    study = current_study()
    synthetic_banner(study)
    st.caption(t("checks.lead"))
    address.allow("checks_view", _TABS)
    view = st.segmented_control(
        t("page.checks"), _TABS, required=True, key="checks_view", label_visibility="collapsed",
        format_func=lambda name: t(f"checks.tab.{name}"),
    )  # fmt: skip
    # One at a time: each is a run of its own, and only what is looked at is computed.
    if view == "scales":
        _scales(study)
    else:
        _headquarters(study)


def _scales(study: Study) -> None:
    names = sector_names(lang())
    address.allow("checks_sector", names)
    with st.sidebar:
        sector = st.selectbox(
            t("column.sector"), list(names), key="checks_sector", format_func=names.__getitem__
        )
    result = run_long("scales", parse_params(ScaleParams, {"sector": sector}))
    if result is None:
        return
    row = result.tables["dependence"].loc[sector]
    st.info(
        t(
            "checks.sentence", sector=names[sector], low=f"{row['gamma_low']:.3f}",
            high=f"{row['gamma_high']:.3f}", best=int(row["rank_best"]),
            worst=int(row["rank_worst"]), sd=f"{row['shift_sd']:.3f}",
        )
    )  # fmt: skip
    _two_maps(study, result)
    st.markdown(f"**{t('table.dependence')}**")
    three = dict.fromkeys(("gamma_low", "gamma_high", "gamma_range", "shift_sd"), "%.3f")
    show_table(result.tables["dependence"], labels=result.labels, formats=three)
    st.markdown(f"**{t('table.agreement')}**")
    table = result.tables["agreement"]
    words = {key: word(lang()) for key, word in result.labels["zone_scale"].items()}
    show_table(table.rename(columns=words), labels=result.labels)
    with st.expander(t("table.by_scale")):
        chosen = result.tables["by_scale"]
        show_table(
            chosen[chosen["sector"] == sector], labels=result.labels,
            formats={"gamma": "%.3f", "hoover_gini": "%.3f"},
        )  # fmt: skip
    notes(result)
    result_downloads(study, result, key="scales")


def _two_maps(study: Study, result: Result) -> None:
    """The same sector at two scales side by side."""
    titles = {spec.name: spec.title(lang()) for spec in result.layers}
    for place, column in enumerate(st.columns(2, gap="medium")):
        with column:
            name = st.selectbox(
                t("column.zone_scale"), list(titles), index=place * (len(titles) - 1),
                key=f"checks-map-{place}", format_func=titles.__getitem__,
                label_visibility="collapsed",
            )  # fmt: skip
            show_result_map(study, result, key=f"checks-{place}", only=(name,), height=380)


def _headquarters(study: Study) -> None:
    result = run_long("headquarters", HeadquartersParams())
    if result is None:
        return
    st.info(_sentence(result))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        show_result_map(study, result, key="checks-net", height=400)
    with right:
        st.markdown(f"**{t('table.net')}**")
        table = result.tables["net"][
            ["registered_firms", "operating_firms", "net_firms", "net_share"]
        ]
        show_table(table, labels=result.labels, formats={"net_share": "%.1f%%"})
    first, second = st.columns(2, gap="medium")
    with first:
        st.markdown(f"**{t('table.crowding')}**")
        crowds = result.tables["crowding"]
        show_table(
            crowds.assign(share=crowds["share"] * 100), formats={"share": "%.1f%%"},
            labels=result.labels,
        )  # fmt: skip
        with st.expander(t("table.moves")):
            moved = result.tables["moves"]
            words = {key: word(lang()) for key, word in result.labels["zone_id"].items()}
            show_table(moved.rename(columns=words), labels=result.labels)
    with second:
        st.markdown(f"**{t('table.sensitivity')}**")
        only = st.toggle(t("checks.only_turned"), value=True, key="checks_turned")
        table = result.tables["sensitivity"]
        shown = table[table["verdict"] == "turned"] if only else table
        kept = ["zone_id", "sector", "firms", "lq", "lq_collapsed", "lq_capped", "verdict"]
        show_table(shown[kept], labels=result.labels)
    notes(result)
    result_downloads(study, result, key="headquarters")


def _sentence(result: Result) -> str:
    items = result.tables["addresses"].set_index("address_item")["firms"]
    crowd = result.tables["crowding"].set_index("crowd")
    verdicts = result.tables["sensitivity"]["verdict"].value_counts()
    both, other = int(items["both_named"]), int(items["other_district"])
    ten = crowd.loc[10] if 10 in crowd.index else None
    tested = int(verdicts.get("kept", 0) + verdicts.get("turned", 0))
    return t(
        "checks.addresses",
        given=f"{items['operating_given']:,}",
        both=f"{both:,}",
        other=f"{other:,}",
        share=f"{other / both:.1%}" if both else "–",
        crowd="–" if ten is None else f"{int(ten['firms']):,}",
        crowd_share="–" if ten is None else f"{ten['share']:.1%}",
        turned=int(verdicts.get("turned", 0)),
        tested=tested,
    )
