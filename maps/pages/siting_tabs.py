"""Tabs below the map of the siting page: scores, the set, rules, criteria, data, comparison."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from layout.core.result import Result
from maps.pages.analysis import show_table
from maps.pages.siting_point import rule_rows
from maps.pages.state import lang, t
from maps.render.siting_charts import group_bars, stability_bars

_KEPT: Final = "siting_kept_run"
_PERCENT: Final = "percent"
_SITE_COLUMNS: Final = (
    "rank", "district", "kind", "suitability", "penalty_points", "area_ha", "region_area_ha",
    "region_rectangle_ha", "region_compactness", "it_mw", "racks", "rack_class", "racks_per_ha",
    "pue_low", "pue", "pue_high", "gate", "energy_gwh", "mva", "substation", "grid_km",
    "grid_cost_km", "fibre_km", "latency_ms", "p_first", "mean_rank", "pareto", "hindrance",
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
    st.caption(t("siting.stability_note", draws=result.provenance.parameters["draws"]))
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
        reasons = result.tables["reasons"]
        show_table(rule_rows(reasons[reasons["site"] == site]), labels=result.labels)


def chosen_tab(result: Result) -> None:
    """The set: whom each site serves and what dropping or replacing it costs."""
    chosen = result.tables["chosen"]
    if chosen.empty:
        st.info(t("siting.none_chosen"))
        return
    if "racks" in chosen:
        st.caption(t("siting.context", racks=f"{chosen['racks'].sum():,.0f}"))
    columns = ("district", "firms_served", "drop_cost", "replace_by", "replace_cost", "p_chosen",
               "it_mw", "gate", "substation", "grid_km", "left_mva", "latency_ms")  # fmt: skip
    shown = chosen[[name for name in columns if name in chosen]]
    shown = shown.set_axis(pd.Index(names_of(chosen), name="site"))
    show_table(shown, labels=result.labels, formats=_FORMATS)
    st.caption(t("siting.chosen_note"))
    model = result.tables["model"]
    formats = {"gap": _PERCENT, "served_share": _PERCENT, "objective": "%,.0f"}
    show_table(model.drop(columns=["lower_bound"]), labels=result.labels, formats=formats)


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
    show_table(table[columns].reset_index(drop=True), labels=result.labels)
    correlation = result.tables["correlation"]
    words = table[f"title_{lang()}"].reindex(correlation.index)
    named = correlation.set_axis(list(words), axis=1).set_axis(
        pd.Index(words, name="criterion"), axis=0
    )
    st.caption(t("siting.correlation_note"))
    show_table(named)


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
    kept: Result | None = st.session_state.get(_KEPT)
    if st.button(t("siting.keep"), icon=":material/push_pin:"):
        st.session_state[_KEPT] = kept = result
    if kept is None:
        st.info(t("siting.no_kept"))
        return
    show_table(_figures(result, kept).rename_axis("model"))
    changed = _changed(result.provenance.parameters, kept.provenance.parameters)
    if changed.empty:
        st.caption(t("siting.compare.same"))
    else:
        st.markdown(f"**{t('siting.compare.changed')}**")
        st.dataframe(changed, width="stretch")


def _figures(result: Result, kept: Result) -> pd.DataFrame:
    def figures(run: Result) -> dict[str, str]:
        ground, model = run.tables["ground"].iloc[0], run.tables["model"].iloc[0]
        chosen = run.tables["chosen"]
        words = {name: word(lang()) for name, word in run.labels["district"].items()}
        where = chosen["district"].map(words).fillna("") if len(chosen) else []
        names = names_of(chosen) if len(chosen) else []
        pattern = "{}（{}）" if lang() == "zh" else "{} ({})"
        joint = "、" if lang() == "zh" else ", "
        places = joint.join(map(pattern.format, names, where)) or "–"
        return {
            t("column.allowed_km2"): f"{ground['allowed_km2']:,.0f}",
            t("column.regions_km2"): f"{ground['regions_km2']:,.0f}",
            t("siting.metric.chosen"): places,
            t("column.mean_km"): f"{model['mean_km']:.2f}",
            t("column.served_share"): f"{model['served_share']:.1%}",
            t("column.suitability"): f"{chosen['suitability'].mean():.3f}" if len(chosen) else "–",
        }

    return pd.DataFrame(
        {t("siting.compare.this"): figures(result), t("siting.compare.kept"): figures(kept)}
    )


def _changed(now: Any, before: Any) -> pd.DataFrame:
    rows = {
        name: [str(now[name]), str(before.get(name))]
        for name in now
        if now[name] != before.get(name)
    }
    names = [t("siting.compare.this"), t("siting.compare.kept")]
    return pd.DataFrame.from_dict(rows, orient="index", columns=names)
