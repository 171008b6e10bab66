"""At which distances a sector clusters, and which sectors attract: curves, verdicts, matrix."""

from __future__ import annotations

from typing import Final

import streamlit as st

from layout.analyses.localization import LocalizationParams
from layout.core import facts
from layout.core import measure_columns as names
from layout.core.config import parse_params
from layout.core.result import Result
from layout.core.study import Study
from maps.pages import address
from maps.pages.analysis import choice, notes, result_downloads, run_long, show_table
from maps.pages.state import lang, t
from maps.render.cluster_charts import curve_with_bands, pair_matrix
from maps.views.wording import sector_names

_REACHES: Final = ("2000", "5000", "10000")
_WEIGHTS: Final = ("none", "employees", "revenue")


def render(study: Study) -> None:
    """Draw curves of one sector and the verdicts of all."""
    words = sector_names(lang())
    address.allow("clusters_curve", words)
    left, middle, right = st.columns([4, 3, 3], vertical_alignment="bottom")
    sector = left.selectbox(
        t("clusters.sector"), list(words), key="clusters_curve", format_func=words.__getitem__
    )
    reach = middle.segmented_control(
        t("clusters.reach"), _REACHES, required=True, default="5000", key="clusters-reach",
        format_func=lambda value: f"{int(value) / 1000:g}",
    )  # fmt: skip
    weight = right.selectbox(
        t("clusters.weight"), _WEIGHTS, key="clusters-weight",
        format_func=lambda value: choice("weight", value),
    )  # fmt: skip
    params = parse_params(
        LocalizationParams, {"distance_m": float(reach or 5000), "weight": weight}
    )
    result = run_long("localization", params)
    if result is None:
        return
    row = result.tables["sectors"].loc[sector]
    if row["undefined"] is not None:
        st.info(t("clusters.curve_undefined", reason=t(str(row["undefined"]))))
    else:
        _curves(result, str(sector))
    _verdicts(result)
    result_downloads(study, result, key="localization")
    notes(result)


def _curves(result: Result, sector: str) -> None:
    left, right = st.columns(2, gap="medium")
    for column, name in ((left, names.KD), (right, names.M)):
        frame = result.tables[name].loc[sector]
        if name == names.KD:
            frame = frame.assign(**{c: frame[c] * 1000 for c in frame.columns[:6]})
        row = result.tables["sectors"].loc[sector]
        says = t(f"localization.verdict.{row[f'{name}_verdict']}")
        with column:
            chart = curve_with_bands(
                frame, lang(), title=t(f"clusters.curve.{name}", says=says),
                unit=t(f"clusters.unit.{name}"),
            )  # fmt: skip
            st.altair_chart(chart, alt=t(f"clusters.curve.{name}", says=says))
            st.caption(t(f"clusters.curve_help.{name}"))


def _verdicts(result: Result) -> None:
    table = result.tables["sectors"]
    words = sector_names(lang())
    shown = table[[names.FIRMS]].copy()
    for name in (names.KD, names.M):
        shown[f"{name}_verdict"] = [
            t(f"localization.verdict.{v}") for v in table[f"{name}_verdict"]
        ]
        columns = [f"{name}_q", f"{name}_from_m", f"{name}_to_m", f"{name}_peak_m", f"{name}_peak"]
        shown[columns] = table[columns]
    shown[names.GAMMA] = table[names.GAMMA]
    shown = shown.reset_index()
    shown["sector"] = shown["sector"].map(words)
    metres = {
        f"{name}_{what}": "%,.0f"
        for name in (names.KD, names.M)
        for what in ("from_m", "to_m", "peak_m")
    }
    formats = {**metres, "kd_q": "%.3f", "m_q": "%.3f", "kd_peak": "%.1f", "m_peak": "%.1f",
               names.GAMMA: "%.3f"}  # fmt: skip
    st.subheader(t("clusters.verdicts"))
    show_table(shown, key="localization-sectors", formats=formats)


def render_pairs(study: Study) -> None:
    """Draw the matrix of pairs and their coagglomeration."""
    result = run_long("localization", LocalizationParams())
    if result is None:
        return
    st.markdown(t("clusters.pairs_lead"))
    st.altair_chart(pair_matrix(result.tables["pairs"], lang()), alt=t("clusters.view.pairs"))
    st.caption(t("clusters.pairs_note"))
    with st.expander(t("clusters.coagglomeration")):
        words = sector_names(lang())
        table = result.tables["coagglomeration"].reindex(list(facts.sector_ids()))
        shown = table[list(facts.sector_ids())].rename(columns=words)
        shown.insert(0, "sector", [words[i] for i in shown.index])
        number = dict.fromkeys(shown.columns[1:], "%.4f")
        show_table(shown.reset_index(drop=True), key="coagglomeration", formats=number)
    result_downloads(study, result, key="pairs")
    notes(result)
