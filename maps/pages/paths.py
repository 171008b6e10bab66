"""Districts side by side: which path fits, how surely, with which sectors, and what changes it."""

from __future__ import annotations

import html

import pandas as pd
import streamlit as st

from layout.analyses.paths.settings import PATH_COLOURS
from layout.core.result import Result
from layout.core.study import Study
from maps.pages import address
from maps.pages.analysis import notes, result_downloads, show_result_map, show_table
from maps.pages.paths_more import differentiation_tab, division_tab
from maps.pages.paths_scenarios import scenario_tab
from maps.pages.paths_state import (
    bring_forward,
    choose_districts,
    choose_weights,
    override_widget,
    paths_result,
    settings,
)
from maps.pages.state import current_study, lang, t
from maps.pages.widgets import synthetic_banner
from maps.render.outlines import outline_group
from maps.render.path_charts import (
    ACTION_COLOURS,
    DISTRICT_COLOURS,
    mix_dots,
    plane,
    plane_limits,
    score_bars,
    ternary,
)
from maps.views.geometry import short_names
from maps.views.path_views import district_at, strongest
from maps.views.wording import sector_names

_TABS = ("findings", "mix", "plane", "differentiation", "division", "scenarios", "tables")

_STYLE = """
<style>
.path-head {display:flex; align-items:baseline; gap:0.6rem; flex-wrap:wrap; margin:0;}
.path-name {font-size:1.18rem; font-weight:700;}
.path-dot {width:0.8rem; height:0.8rem; border-radius:50%; display:inline-block;}
.path-badge {color:#fff; border-radius:0.7rem; padding:0.08rem 0.65rem; font-size:0.92rem;
  font-weight:600; white-space:nowrap;}
.path-line {font-size:0.9rem; color:#444; margin:0.1rem 0 0;}
.path-chip {display:inline-block; border:1px solid #cfd6dc; border-radius:0.6rem;
  padding:0 0.5rem; margin:0.12rem 0.2rem 0.12rem 0; font-size:0.86rem; background:#fafbfc;}
.path-chip b {font-weight:600;}
.path-action {font-size:0.86rem; font-weight:600; margin-right:0.35rem;}
.path-finding {margin:0 0 0.35rem; line-height:1.6;}
</style>
"""


def render() -> None:
    """Draw the page."""
    study = current_study()
    synthetic_banner(study)
    st.html(_STYLE)
    with st.sidebar:
        st.subheader(t("paths.weights"))
        choose_weights()
    with st.spinner(t("paths.working")):
        result = paths_result(settings())
    st.info(t("paths.proposal"), icon=":material/edit_note:")
    chosen = choose_districts(study, result)
    if not chosen:
        st.info(t("paths.none_chosen"))
        return
    zones = study.zones["district"]
    names = dict(zip(zones["id"], short_names(zones, lang()), strict=True))
    _cards(result, chosen, names)
    st.caption(t("paths.cards_note"))
    _overview(study, result, chosen, names)
    _details(study, result, chosen, names)
    notes(result)


def _cards(result: Result, chosen: list[str], names: dict[str, str]) -> None:
    """A card a district: its path, how surely, its scores and its sectors."""
    colours = dict(zip(chosen, DISTRICT_COLOURS, strict=False))
    for column, district in zip(st.columns(len(chosen)), chosen, strict=True):
        with column, st.container(border=True):
            row = result.tables["scores"].loc[district]
            st.html(_head(names[district], row, colours[district]))
            st.altair_chart(score_bars(row, lang()), alt=t("paths.scores_alt"))
            st.html(_sectors(result.tables["plane"].loc[district]))
            with st.popover(t("paths.override_open"), icon=":material/edit:", width="stretch"):
                override_widget(district)


def _head(name: str, row: pd.Series, colour_of: str) -> str:
    path = str(row["path"])
    if row["reason"] == "unknown":
        path, line = "unknown", t("paths.unknown_line")
    elif isinstance(row["override"], str):
        line = t("paths.override_line", scored=t(f"path.{row['scored']}"))
    elif path == "mixed":
        line = t("paths.mixed_line", first=t(f"path.{row['first_path']}"),
                 second=t(f"path.{row['second_path']}"), margin=f"{row['margin']:.2f}")  # fmt: skip
    else:
        line = t("paths.margin_line", margin=f"{row['margin']:.2f}",
                 stability=f"{row['stability']:.0%}")  # fmt: skip
    colour = PATH_COLOURS.get(path, "#9a9a9a")
    return (
        f"<div class='path-head'><span class='path-dot' style='background:{colour_of}'></span>"
        f"<span class='path-name'>{html.escape(name)}</span>"
        f"<span class='path-badge' style='background:{colour}'>{t(f'path.{path}')}</span></div>"
        f"<p class='path-line'>{html.escape(line)}</p>"
    )


def _sectors(own: pd.DataFrame) -> str:
    """Sectors to deepen, to build and to leave as chips with their figure."""
    words = sector_names(lang())
    rows = []
    for action in ("deepen", "build", "leave"):
        found = strongest(own, action)
        chips = "".join(
            f"<span class='path-chip'><b>{html.escape(words[code])}</b> {value:.2f}</span>"
            for code, value in found
        ) or f"<span class='path-chip'>{t('paths.no_sector')}</span>"  # fmt: skip
        colour = ACTION_COLOURS[action]
        rows.append(
            f"<div><span class='path-action' style='color:{colour}'>{t(f'action.{action}')}</span>"
            f"{chips}</div>"
        )
    return "".join(rows)


def _overview(study: Study, result: Result, chosen: list[str], names: dict[str, str]) -> None:
    """The map beside the triangle; a click on either brings a district forward."""
    colours = dict(zip(chosen, DISTRICT_COLOURS, strict=False))
    left, right = st.columns([1, 1], gap="medium")
    with left:
        st.markdown(f"**{t('paths.map_title')}**")
        place = show_result_map(
            study, result, key="paths-map", only=("paths_district",), height=430, clicked=True,
            more=[outline_group(study.zones["district"], colours, lang())],
        )  # fmt: skip
    with right:
        st.markdown(f"**{t('paths.ternary_title')}**")
        chart = ternary(result.tables["scores"], result.tables["cloud"], names, chosen, lang())
        event = st.altair_chart(
            chart, alt=t("paths.ternary_title"), on_select="rerun", key="paths-ternary"
        )
    st.caption(t("paths.overview_note"))
    _follow(study, place, event)


def _follow(study: Study, place: tuple[float, float] | None, event: object) -> None:
    """Act on a click that is new since the last run."""
    picked = [one.get("id") for one in getattr(event, "selection", {}).get("pick", [])]
    seen = st.session_state.setdefault("paths_seen", {"map": None, "pick": []})
    fresh_place = place is not None and place != seen["map"]
    fresh_pick = bool(picked) and picked != seen["pick"]
    st.session_state["paths_seen"] = {"map": place, "pick": picked}
    if fresh_place and place is not None:
        district = district_at(study.zones["district"], *place)
        if district:
            bring_forward(district)
    elif fresh_pick:
        bring_forward(str(picked[0]))


def _details(study: Study, result: Result, chosen: list[str], names: dict[str, str]) -> None:
    """One section at a time, so that only what is looked at is computed."""
    address.allow("paths_tab", _TABS)
    section = st.segmented_control(
        t("paths.section"), _TABS, required=True, key="paths_tab", wrap=True,
        format_func=lambda name: t(f"paths.tab.{name}"), label_visibility="collapsed",
    )  # fmt: skip
    if section == "findings":
        _findings(result, chosen, names)
    elif section == "mix":
        st.altair_chart(mix_dots(result.tables["mix"], names, chosen, lang()),
                        alt=t("paths.tab.mix"))  # fmt: skip
        st.caption(t("paths.mix_note"))
    elif section == "plane":
        _planes(result, chosen, names)
    elif section == "differentiation":
        differentiation_tab(study, chosen, names)
    elif section == "division":
        division_tab(names)
    elif section == "scenarios":
        scenario_tab(study, names)
    else:
        _tables(study, result, chosen, names)


def _findings(result: Result, chosen: list[str], names: dict[str, str]) -> None:
    """What the numbers say, a column a district, every figure traceable."""
    table = result.tables["findings"]
    for column, district in zip(st.columns(len(chosen)), chosen, strict=True):
        with column:
            st.markdown(f"##### {names[district]}")
            own = table.loc[[district]]
            body = "".join(
                f"<p class='path-finding'><b>{t(_label(rule))}</b> {html.escape(words)}</p>"
                for rule, words in zip(own["rule"], own[lang()], strict=True)
            )
            st.html(body)
            with st.expander(t("paths.trace")):
                for rule, trace in zip(own["rule"], own["trace"], strict=True):
                    st.caption(t(_label(rule)))
                    st.code(trace.replace("; ", "\n"), language=None, wrap_lines=True)
    st.caption(t("paths.findings_note"))


def _label(rule: str) -> str:
    """Key of the word before a sentence."""
    return f"finding.label.{rule.partition('.')[2]}"


def _planes(result: Result, chosen: list[str], names: dict[str, str]) -> None:
    tables = {district: result.tables["plane"].loc[district] for district in chosen}
    limits = plane_limits(list(tables.values()))
    legend = " ".join(
        f"<span class='path-chip'><span style='color:{ACTION_COLOURS[action]}'>●</span> "
        f"<b>{t(f'action.{action}')}</b> {html.escape(t(f'paths.rule.{action}'))}</span>"
        for action in ("deepen", "build", "watch", "leave")
    )
    st.html(legend)
    for start in range(0, len(chosen), 2):
        row = chosen[start : start + 2]
        for column, district in zip(st.columns(2), row, strict=False):
            chart = plane(tables[district], lang(), name=names[district], limits=limits)
            column.altair_chart(chart, alt=t("paths.tab.plane"))
    st.caption(t("paths.plane_note"))


def _tables(study: Study, result: Result, chosen: list[str], names: dict[str, str]) -> None:
    """The numbers behind the page and their files."""
    words = sector_names(lang())
    st.markdown(f"**{t('paths.table.scores')}**")
    scores = result.tables["scores"].drop(columns=["reason"]).copy()
    scores.insert(0, "district", [names[i] for i in scores.index])
    for column in ("first_path", "second_path", "scored", "override", "path"):
        scores[column] = [t(f"path.{p}") if isinstance(p, str) else None for p in scores[column]]
    show_table(scores.reset_index(drop=True))
    st.markdown(f"**{t('paths.table.indicators')}**")
    show_table(_indicators(result, chosen, names))
    st.markdown(f"**{t('paths.table.plane')}**")
    own = result.tables["plane"].loc[chosen].reset_index()
    own["district_id"] = own["district_id"].map(names)
    own["sector"] = own["sector"].map(words)
    own["action"] = [t(f"action.{a}") for a in own["action"]]
    show_table(own.drop(columns=["small"]))
    result_downloads(study, result, key="paths")


def _indicators(result: Result, chosen: list[str], names: dict[str, str]) -> pd.DataFrame:
    from layout.analyses.paths.findings import indicator_names, indicator_words

    own = result.tables["indicators"].loc[chosen].reset_index()
    told = indicator_names()
    return pd.DataFrame(
        {
            "district": own["district_id"].map(names),
            "path": [t(f"path.{p}") for p in own["path"]],
            "indicator": [told[i](lang()) for i in own["indicator_id"]],
            "shown": [indicator_words(i, v) for i, v in
                      zip(own["indicator_id"], own["value"], strict=True)],
            "low": [indicator_words(i, v) for i, v in
                    zip(own["indicator_id"], own["low"], strict=True)],
            "high": [indicator_words(i, v) for i, v in
                     zip(own["indicator_id"], own["high"], strict=True)],
            "rank": own["rank"],
            "scaled": own["scaled"],
            "weight": own["weight"],
        }
    )  # fmt: skip
