"""Tabs below the map of the siting page: scores, the set, rules, criteria, data, comparison."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from layout.analyses.siting import SitingParams
from layout.analyses.siting.presets import PRESETS
from layout.core.config import parse_params
from layout.core.result import Result
from maps.pages.analysis import choice, show_table
from maps.pages.siting_choice import label_of
from maps.pages.siting_judgments import title_of
from maps.pages.siting_point import show_rules
from maps.pages.state import lang, t
from maps.render.siting_charts import criterion_bars, group_bars, stability_bars
from maps.views.wording import sector_names

_KEPT: Final = "siting_kept_run"
_PERCENT: Final = "percent"
_OF_USE: Final = (
    "sets", "candidates", "site_ha", "min_area_ha", "sectors", "model", "count", "radius_km",
)  # fmt: skip
"""Settings that are the use's own where none are given."""
_SITE_COLUMNS: Final = (
    "rank", "district", "kind", "hindrance", "penalty_points", "area_ha", "it_mw", "racks", "pue",
    "gate", "substation", "grid_km", "fibre_km", "latency_ms", "pareto", "p_first", "mean_rank",
    "rack_class", "racks_per_ha", "pue_low", "pue_high", "energy_gwh", "mva", "grid_cost_km",
    "region_area_ha", "region_rectangle_ha", "region_compactness",
)  # fmt: skip
_FORMATS: Final = {
    "racks": "%,.0f", "racks_per_ha": "%,.0f", "energy_gwh": "%,.0f", "region_area_ha": "%,.0f",
    "region_rectangle_ha": "%,.0f", "mean_rank": "%.1f", "it_mw": "%.1f", "mva": "%.1f",
    "area_ha": "%.1f", "grid_km": "%.1f", "grid_cost_km": "%.1f", "fibre_km": "%.1f",
    "firms_served": "%,.0f", "drop_cost": "%,.0f", "replace_cost": "%,.0f", "left_mva": "%.0f",
    "p_first": _PERCENT, "p_shortlist": _PERCENT, "p_chosen": _PERCENT,
}  # fmt: skip


def sites_tab(result: Result) -> None:
    """The shortlist with bars by group, stability and every figure."""
    table = result.tables["sites"]
    short = table[table["shortlisted"]].copy()
    if short.empty:
        st.info(result.notes[0](lang()))
        return
    short["label"] = names_of(short)
    weights = result.tables["criteria"].groupby("group")["weight"].sum()
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(f"**{t('siting.bars')}**")
        st.altair_chart(group_bars(short, weights, lang()))
    with right:
        st.markdown(f"**{t('siting.stability')}**")
        st.altair_chart(stability_bars(short, lang()))
    draws = result.provenance.parameters["draws"]
    st.caption(t("siting.bars_note") + " " + t("siting.stability_note", draws=draws))
    shown = short[[name for name in _SITE_COLUMNS if name in short]]
    shown = shown.set_axis(pd.Index(short["label"], name="site"))
    show_table(shown, labels=result.labels, formats=_FORMATS)
    _reasons(result, short)
    refused = result.tables["refused"]
    if len(refused):
        with st.expander(f"{t('siting.refused')} ({len(refused)})"):
            show_table(refused[["id", f"name_{lang()}", "why", "rules"]], labels=result.labels)


def names_of(table: pd.DataFrame) -> pd.Series:
    """Name of each site, its id where it has none."""
    given = table[f"name_{lang()}"].fillna("").astype(str)
    return given.where(given != "", table.index.to_series())


def _reasons(result: Result, short: pd.DataFrame) -> None:
    with st.expander(t("siting.site_reasons")):
        names = short["label"].to_dict()
        site = st.selectbox(
            t("siting.pick"), list(names), format_func=names.__getitem__, key="siting_reason_site"
        )
        row = short.loc[site]
        st.altair_chart(criterion_bars(result.tables["criteria"], row, lang()))
        reasons = result.tables["reasons"]
        show_rules(reasons[reasons["site"] == site], result, height=420)


def chosen_tab(result: Result) -> None:
    """The set: whom each site serves and what dropping or replacing it costs."""
    chosen = result.tables["chosen"]
    if chosen.empty:
        st.info(result.notes[0](lang()))
        _uncovered(result)
        return
    if "racks" in chosen:
        st.caption(t("siting.context", racks=f"{chosen['racks'].sum():,.0f}"))
    columns = ("district", "firms_served", "drop_cost", "replace_by", "replace_cost", "p_chosen",
               "it_mw", "gate", "substation", "grid_km", "left_mva", "latency_ms")  # fmt: skip
    shown = chosen[[name for name in columns if name in chosen]].copy()
    if "replace_by" in shown:
        names = names_of(result.tables["sites"]).to_dict()
        shown["replace_by"] = shown["replace_by"].map(names).fillna("")
    shown = shown.set_axis(pd.Index(names_of(chosen), name="site"))
    show_table(shown, labels=result.labels, formats=_FORMATS)
    st.caption(t("siting.chosen_note"))
    model = result.tables["model"].drop(columns=["far_firms", "far_zones_zh", "far_zones_en"])
    digits = "%.2f" if model["objective"].iloc[0] < 1000 else "%,.0f"
    formats = {"gap": "%.2f%%", "served_share": _PERCENT,
               **dict.fromkeys(("objective", "lower_bound", "upper_bound"), digits)}  # fmt: skip
    model["gap"] *= 100
    st.markdown(f"**{t('table.model')}**")
    show_table(model, labels=result.labels, formats=formats)
    st.caption(t(f"siting.objective.{model['model'].iloc[0]}"))


def _uncovered(result: Result) -> None:
    """Demand that no site can reach, where that is why a covering fails."""
    lost = result.tables["uncovered"]
    if len(lost):
        st.markdown(f"**{t('table.uncovered')}**")
        show_table(lost, labels=result.labels, formats={
            "lon": "%.4f", "lat": "%.4f", "firms": "%,.0f", "nearest_route_km": "%.1f"
        })  # fmt: skip


def rules_tab(result: Result) -> None:
    """What each rule asks and how much it excludes."""
    table = result.tables["rules"].sort_values(["excluded_share", "broken_share"], ascending=False)
    columns = [
        f"object_{lang()}", f"ask_{lang()}", "effect", "status", "broken_share",
        "excluded_share", "only_share", "wording", "clause", "checked", "source", "note",
    ]  # fmt: skip
    show_table(table[columns], labels=result.labels, formats=dict.fromkeys(
        ("broken_share", "excluded_share", "only_share"), _PERCENT
    ))  # fmt: skip


def criteria_tab(result: Result) -> None:
    """Weights and bounds of the criteria, and what would be counted twice."""
    table = result.tables["criteria"]
    columns = [f"title_{lang()}", "group", "weight_given", "weight", "low", "high",
               f"unit_{lang()}", "considered"]  # fmt: skip
    show_table(table[columns].reset_index(drop=True), labels=result.labels,
               formats={"low": "%g", "high": "%g"})  # fmt: skip
    if "consistency" in result.tables:
        st.markdown(f"**{t('table.consistency')}**")
        show_table(_worded_pairs(result.tables["consistency"]), labels=result.labels,
                   formats={"consistency_ratio": "%.3f", "consistency_index": "%.3f"})  # fmt: skip
    correlation = result.tables["correlation"]
    words = table[f"title_{lang()}"].reindex(correlation.index)
    named = correlation.set_axis(list(words), axis=1).set_axis(
        pd.Index(words, name="criterion"), axis=0
    )
    st.caption(t("siting.correlation_note"))
    show_table(named)


def _worded_pairs(table: pd.DataFrame) -> pd.DataFrame:
    """The judgment that fits least, by name."""
    joint = " : "
    worst = [joint.join(map(title_of, pair.split("/"))) for pair in table["worst"]]
    return table.assign(worst=worst)


def data_tab(result: Result) -> None:
    """Which layers there are, from where, and which are missing."""
    table = result.tables["layers"]
    show_table(
        table[[f"title_{lang()}", "loaded", "features", "synthetic", "source"]].reset_index(
            drop=True
        ),
        formats={"features": "%,.0f"},
    )
    show_table(result.tables["ground"].drop(columns=["cells"]))


def compare_tab(result: Result) -> None:
    """The present run beside one that was kept."""
    # By a callback: a page that is run anew before it comes to this line would lose the press.
    st.button(t("siting.keep"), icon=":material/push_pin:", on_click=_keep, args=(result,))
    kept: Result | None = st.session_state.get(_KEPT)
    if kept is None:
        st.info(t("siting.no_kept"))
        return
    st.dataframe(_figures(result, kept), width="stretch")
    for run, name in ((result, "this"), (kept, "kept")):
        st.markdown(t("siting.compare.set", run=t(f"siting.compare.{name}"), sites=_where(run)))
    changed = _changed(result.provenance.parameters, kept.provenance.parameters)
    if changed.empty:
        st.caption(t("siting.compare.same"))
    else:
        st.markdown(f"**{t('siting.compare.changed')}**")
        st.dataframe(changed, width="stretch")


def _keep(result: Result) -> None:
    st.session_state[_KEPT] = result


def _figures(result: Result, kept: Result) -> pd.DataFrame:
    def figures(run: Result) -> dict[str, str]:
        ground, model = run.tables["ground"].iloc[0], run.tables["model"].iloc[0]
        chosen = run.tables["chosen"]
        return {
            t("column.allowed_km2"): f"{ground['allowed_km2']:,.0f}",
            t("column.regions_km2"): f"{ground['regions_km2']:,.0f}",
            t("column.mean_km"): f"{model['mean_km']:.2f}",
            t("column.served_share"): f"{model['served_share']:.1%}",
            t("column.suitability"): f"{chosen['suitability'].mean():.3f}" if len(chosen) else "–",
        }

    return pd.DataFrame(
        {t("siting.compare.this"): figures(result), t("siting.compare.kept"): figures(kept)}
    )


def _where(run: Result) -> str:
    """The chosen sites with their districts."""
    chosen = run.tables["chosen"]
    if chosen.empty:
        return "–"
    words = {name: word(lang()) for name, word in run.labels["district"].items()}
    pattern = "{}（{}）" if lang() == "zh" else "{} ({})"
    joint = "、" if lang() == "zh" else ", "
    return joint.join(
        map(pattern.format, names_of(chosen), chosen["district"].map(words).fillna(""))
    )


def _changed(one: Any, other: Any) -> pd.DataFrame:
    """Settings that differ in effect: a value that is the use's own counts as given."""
    now, before = _effective(one), _effective(other)
    rows = {
        label_of(name): [_worded(name, now[name]), _worded(name, before[name])]
        for name in now
        if now[name] != before[name]
    }
    names = [t("siting.compare.this"), t("siting.compare.kept")]
    return pd.DataFrame.from_dict(rows, orient="index", columns=names)


def _effective(parameters: Any) -> dict[str, Any]:
    """Settings of a run, those that the use decides filled in."""
    params = parse_params(SitingParams, parameters)
    found = params.model_dump(mode="json")
    for name in _OF_USE:
        value = params.asked(name)
        found[name] = list(value) if isinstance(value, tuple) else value
    return found


def _worded(name: str, value: Any) -> str:
    """A setting's value in words; a dash where it is as the use has it."""
    if value is None or value == [] or value == "":
        return t("siting.as_use")
    if isinstance(value, bool):
        return t("siting.yes") if value else t("siting.no")
    if isinstance(value, list):
        joint = "、" if lang() == "zh" else ", "
        return joint.join(_item(name, str(item)) for item in value)
    return _item(name, str(value))


def _item(name: str, value: str) -> str:
    if name == "preset":
        return PRESETS[value].title(lang())
    if name == "model":
        return t(f"siting.model.{value}")
    if name == "sectors":
        return sector_names(lang()).get(value, value)
    if name in ("weights", "judgments"):
        left, _, number = value.partition("=")
        return f"{' : '.join(map(title_of, left.split('/')))} = {float(number):.3g}"
    return choice({"platform_type": "type"}.get(name, name), value)
