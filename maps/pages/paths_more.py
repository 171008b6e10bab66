"""Tabs of the paths page on the whole city: differentiation, and the best division of work."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from layout.analyses.differentiation import MODEL as DIFFERENTIATION
from layout.analyses.division import MODEL as DIVISION
from layout.analyses.paths.findings import sector_words
from layout.core.config import parse_params
from layout.core.errors import LayoutError
from layout.core.result import Result
from layout.core.study import Study
from maps.pages.analysis import analyse, notes, params_form, result_downloads, show_table
from maps.pages.messages import plain
from maps.pages.state import lang, t
from maps.render.path_charts import similarity_heat
from maps.views.wording import sector_names

_SCORECARD = {
    "area_ha": "%,.0f", "tagged_per_ha": "%.1f", "revenue_yi": "%,.1f", "carriers_km": "%.1f",
    "platforms_km": "%.1f", "data_centres_km": "%.1f", "stations_per_km2": "%,.0f",
}  # fmt: skip


def differentiation_tab(study: Study, chosen: list[str], names: dict[str, str]) -> None:
    """How alike the districts are, who competes with whom, and which parks do the same."""
    result = analyse("differentiation", DIFFERENTIATION())
    index = result.tables["index"].loc["alike"]
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.markdown(f"**{t('paths.heat_title')}**")
        st.altair_chart(similarity_heat(result.tables["cosine"], names, chosen, lang()),
                        alt=t("paths.heat_title"))  # fmt: skip
    with right:
        st.metric(t("paths.index"), f"{index['index']:.2f}",
                  f"{index['low']:.2f}–{index['high']:.2f}", delta_color="off", delta_arrow="off",
                  help=t("diff.note.index"))  # fmt: skip
        st.markdown(f"**{t('paths.competing')}**")
        pairs = result.tables["pairs"]
        told = pairs[pairs["competing"]].reset_index()
        if told.empty:
            st.write(t("paths.no_competing"))
        else:
            show_table(_pairs(told, names))
    st.markdown(f"**{t('paths.parks_title')}**")
    _parks(study, result)
    _scorecard(result, names)
    _overlay(study, result, names)
    result_downloads(study, result, key="diff")
    notes(result)


def _pairs(pairs: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "district_a": pairs["district_a"].map(names),
            "district_b": pairs["district_b"].map(names),
            "shared_sectors": [_listed(codes) for codes in pairs["shared_sectors"]],
            "cosine": pairs["cosine"],
        }
    )


def _listed(codes: str) -> str:
    return sector_words(codes.split(";"), lang()) if codes else "–"


def _parks(study: Study, result: Result) -> None:
    parks = result.tables["parks"]
    name = "name_zh" if lang() == "zh" else "name_en"
    known = parks[name].fillna(parks["name_zh"])
    shown = result.tables["consolidation"]
    left, right = st.columns(2, gap="medium")
    with left:
        counts = parks["match"].value_counts()
        kinds = ("match", "part", "differs", "unknown")
        told = {kind: int(counts.get(kind, 0)) for kind in kinds}
        line = t("paths.parks_line", parks=len(parks), **told)
        st.markdown(line)
        table = pd.DataFrame(
            {
                "park": known,
                "match": [t(f"diff.match.{v}") for v in parks["match"]],
                "declared": [_listed(v) for v in parks["declared"]],
                "observed": [_listed(v) for v in parks["observed"]],
                "tagged": parks["tagged"],
                "area_ha": parks["area_ha"],
                "type_by_size": parks["type_by_size"],
            }
        )
        show_table(table[parks["match"] != "unknown"].reset_index(drop=True), height=300,
                   formats={"area_ha": "%,.0f"})  # fmt: skip
    with right:
        st.markdown(t("paths.consolidation_line", number=len(shown)))
        table = pd.DataFrame(
            {
                "park": [known[i] for i in shown.index],
                "reasons": [
                    ("；" if lang() == "zh" else "; ").join(
                        t(f"diff.reason.{r}") for r in reasons.split(";")
                    )
                    for reasons in shown["reasons"]
                ],
                "partner": [known.get(i) for i in shown["partner"]],
                "distance_km": shown["distance_km"].to_numpy(),
            }
        )
        show_table(table, height=300)


def _scorecard(result: Result, names: dict[str, str]) -> None:
    """What every park has, the largest first."""
    table = result.tables["scorecard"].sort_values("tagged", ascending=False, kind="stable")
    name = "name_zh" if lang() == "zh" else "name_en"
    known = table[name].fillna(table["name_zh"])
    shown = table.drop(columns=["name_zh", "name_en", "district_id"])
    shown.insert(0, "park", known)
    shown.insert(1, "district", table["district_id"].map(names))
    st.markdown(f"**{t('paths.scorecard_title')}**")
    show_table(shown.reset_index(drop=True), height=330, formats=_SCORECARD)


def _overlay(study: Study, result: Result, names: dict[str, str]) -> None:
    overlay = result.tables["overlay"].reset_index()
    if overlay.empty:
        return
    zones = study.zones["overlay"]
    words = dict(zip(zones["id"], zones["name_zh" if lang() == "zh" else "name_en"], strict=True))
    with st.expander(t("paths.overlay_title")):
        table = overlay.assign(zone_id=overlay["zone_id"].map(words), outline=overlay["outline"])
        show_table(table, formats={"firms": "%,.0f", "tagged": "%,.0f"})
        near = result.tables["overlay_neighbours"].reset_index()
        sub = study.zones["subdistrict"].set_index("id")
        column = "name_zh" if lang() == "zh" else "name_en"
        near["subdistrict_id"] = near["subdistrict_id"].map(sub[column].fillna(sub["name_zh"]))
        near["district_id"] = near["district_id"].map(names)
        show_table(near.drop(columns=["zone_id"]))
        st.caption(t("diff.note.overlay"))


def division_tab(names: dict[str, str]) -> None:
    """Lead sectors assigned to districts, with the planner's limits."""
    words = sector_names(lang())
    pairs = {f"{d}={s}": f"{names[d]} · {words[s]}" for d in names for s in words}
    with st.expander(t("paths.division_settings"), expanded=False):
        columns = st.columns(4)
        values: dict[str, object] = {}
        for column, only in zip(
            columns,
            (("most", "least"), ("sector_most", "sector_least"), ("advantage", "relatedness"),
             ("overlap", "within")),
            strict=True,
        ):  # fmt: skip
            with column:
                values |= params_form(DIVISION, key="division", only=only)
        left, right = st.columns(2)
        for column, kind in ((left, "fixed"), (right, "forbidden")):
            values[kind] = tuple(
                column.multiselect(
                    t(f"paths.division_{kind}"), list(pairs), format_func=pairs.__getitem__,
                    key=f"division-{kind}", placeholder=t("paths.none"),
                )
            )  # fmt: skip
    try:
        result = analyse("division", parse_params(DIVISION, dict(values)))
    except LayoutError as error:
        st.error(plain(error.message(lang())))
        return
    _division(result, names)


def _division(result: Result, names: dict[str, str]) -> None:
    summary = result.tables["summary"].iloc[0]
    proven = t("paths.proven") if summary["proven"] else t("paths.gap", gap=f"{summary['gap']:.1%}")
    st.markdown(t("paths.division_line", value=f"{summary['objective']:.2f}", proven=proven,
                  leads=int(summary["leads"]), overlaps=int(summary["overlaps"])))  # fmt: skip
    left, right = st.columns([3, 2], gap="medium")
    with left:
        leads = result.tables["leads"]
        show_table(
            pd.DataFrame(
                {
                    "district": [names[i] for i in leads.index],
                    "lead_sectors": [_listed(codes) for codes in leads["sectors"]],
                    "value": leads["value"].to_numpy(),
                }
            )
        )
    with right:
        st.markdown(f"**{t('paths.alternatives')}**")
        others = result.tables["alternatives"].reset_index()
        show_table(
            pd.DataFrame(
                {
                    "rank": others["rank"],
                    "loss_percent": others["loss"] * 100,
                    "changes": [_changes(words, names) for words in others["changes"]],
                }
            )
        )
        st.markdown(f"**{t('paths.limit_costs')}**")
        priced = result.tables["limit_costs"]
        if priced.empty:
            st.write(t("paths.no_costs"))
        else:
            show_table(pd.DataFrame({"limit": priced[lang()], "cost": priced["cost"]}),
                       formats={"cost": "%.3f"})  # fmt: skip
    notes(result)


def _changes(words: str, names: dict[str, str]) -> str:
    """``+LH=S12;-PS=S12`` in words."""
    told = []
    for item in words.split(";"):
        district, _, sector = item[1:].partition("=")
        key = "paths.change.add" if item.startswith("+") else "paths.change.drop"
        told.append(t(key, district=names[district], sector=sector_words([sector], lang())))
    return ("；" if lang() == "zh" else "; ").join(told)
