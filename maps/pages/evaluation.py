"""The evaluation index: settings, scores with their intervals, map, indicators."""

from __future__ import annotations

from itertools import combinations
from typing import Any, Final

import pandas as pd
import streamlit as st

from layout.analyses.evaluation import DIMENSIONS, EvaluationParams
from layout.core.config import parse_params
from layout.core.errors import LayoutError
from layout.core.result import Result
from layout.core.study import Study
from maps.pages import address
from maps.pages.analysis import (
    analyse,
    failed,
    notes,
    result_downloads,
    run_long,
    show_result_map,
)
from maps.pages.state import lang, t
from maps.render.target_charts import dimension_heat, rank_chart
from maps.views.target_words import district_names
from maps.views.wording import sector_names

_CHOICES: Final = {
    "subject": ("district", "sector"),
    "normaliser": ("bounds", "minmax", "z", "rank"),
    "weighting": ("equal", "set", "entropy", "critic", "ahp"),
    "aggregation": ("additive", "geometric", "topsis"),
    "missing": ("rescale", "exclude"),
    "topsis_normaliser": ("vector", "minmax", "bounds"),
    "random_index": ("saaty", "alonso_lamata"),
}
_KEPT: Final = ("subject", "normaliser", "weighting", "aggregation")
_SCALE: Final = (9, 8, 7, 6, 5, 4, 3, 2, 1)
_ROW, _HEAD = 35, 38


def evaluation(study: Study) -> None:
    """Draw the section."""
    with st.sidebar:
        settings = _settings()
    try:
        settings |= _weights(settings["weighting"])
        params = parse_params(EvaluationParams, settings)
        quick = analyse("evaluation", params.model_copy(update={"draws": 0}))
    except LayoutError as error:
        failed(error)
        return
    names = _names(study, settings["subject"])
    _shown(study, quick, params, names)


def _settings() -> dict[str, Any]:
    st.subheader(t("evaluation.settings"))
    values: dict[str, Any] = {name: _choice(name) for name in _KEPT}
    if values["aggregation"] == "topsis":
        values["topsis_normaliser"] = _choice("topsis_normaliser")
    if values["weighting"] == "ahp":
        values["random_index"] = _choice("random_index")
    values["missing"] = _choice("missing")
    values["draws"] = st.select_slider(
        t("evaluation.draws"), [0, 100, 200, 500, 1000], value=200, key="evaluation_draws",
        help=t("evaluation.draws_help"),
    )  # fmt: skip
    return values


def _choice(name: str) -> str:
    options = _CHOICES[name]
    key = f"evaluation_{name}"
    if key in address.DEFAULTS:
        address.allow(key, options)
    return str(
        st.selectbox(
            t(f"evaluation.{name}"), options, key=key,
            format_func=lambda value: t(f"evaluation.{name}.{value}"),
        )
    )  # fmt: skip


def _weights(weighting: str) -> dict[str, Any]:
    """Widgets for weights that are set or judged."""
    if weighting == "set":
        return {"weights": _set_weights()}
    if weighting == "ahp":
        return {"judgments": _judged()}
    return {}


def _set_weights() -> dict[str, float]:
    """Percentages of the dimensions; they must sum to 100."""
    columns = st.columns(len(DIMENSIONS))
    percent = {
        name: column.number_input(
            t(f"dimension.{name}"), 0, 100, 16 if name == "scale" else 14, key=f"weight-{name}"
        )
        for name, column in zip(DIMENSIONS, columns, strict=True)
    }
    total = sum(percent.values())
    st.caption(t("evaluation.weights_note", total=total))
    return {name: value / 100 for name, value in percent.items()}


def _judged() -> dict[str, float]:
    """One row a pair: how many times the first is as important as the second."""
    words = {name: t(f"dimension.{name}") for name in DIMENSIONS}
    scale = [*map(str, _SCALE), *(f"1/{n}" for n in reversed(_SCALE[:-1]))]
    pairs = list(combinations(DIMENSIONS, 2))
    table = pd.DataFrame(
        {
            "first": [words[a] for a, _ in pairs],
            "times": ["1"] * len(pairs),
            "second": [words[b] for _, b in pairs],
        }
    )
    with st.expander(t("evaluation.judgments"), expanded=True):
        st.caption(t("evaluation.judgments_note"))
        edited = st.data_editor(
            table, hide_index=True, key="evaluation-judgments", height=_HEAD + _ROW * 8,
            disabled=["first", "second"],
            column_config={
                "first": t("evaluation.first"),
                "times": st.column_config.SelectboxColumn(
                    t("evaluation.times"), options=scale, required=True
                ),
                "second": t("evaluation.second"),
            },
        )  # fmt: skip
    return {f"{a}/{b}": _ratio(value) for (a, b), value in zip(pairs, edited["times"], strict=True)}


def _ratio(value: str) -> float:
    """“3” as 3, “1/3” as a third."""
    over, _, under = value.partition("/")
    return float(over) / float(under or 1)


def _names(study: Study, subject: str) -> dict[str, str]:
    if subject == "sector":
        return sector_names(lang())
    return district_names(study, lang())


def _shown(study: Study, quick: Result, params: EvaluationParams, names: dict[str, str]) -> None:
    """Everything that is quick at once, the intervals when they are there."""
    st.caption(t("evaluation.intro"))
    left, right = st.columns([1, 1] if params.subject == "district" else [1, 0.01], gap="medium")
    place = left.empty()
    place.altair_chart(rank_chart(quick.tables["scores"], names, lang()),
                       alt=t("evaluation.rank"), key="evaluation-quick")  # fmt: skip
    if params.subject == "district":
        with right:
            show_result_map(study, quick, key="evaluation", height=390)
    working = st.container()
    st.subheader(t("evaluation.dimensions"))
    st.altair_chart(dimension_heat(quick.tables["dimensions"], names, lang()),
                    alt=t("evaluation.dimensions"))  # fmt: skip
    _indicators(quick, names)
    result = quick
    if params.draws:
        with working:
            full = run_long("evaluation", params)
        if full is not None:
            result = full
            place.altair_chart(rank_chart(full.tables["scores"], names, lang()),
                               alt=t("evaluation.rank"), key="evaluation-full")  # fmt: skip
            with working:
                _scores(full.tables["scores"], names)
    if "consistency" in result.tables:
        one = result.tables["consistency"].iloc[0]
        st.success(t("evaluation.consistent", ratio=f"{one['ratio']:.3f}",
                     table=t(f"evaluation.random_index.{one['random_index']}")))  # fmt: skip
    notes(result)
    result_downloads(study, result)


def _scores(scores: pd.DataFrame, names: dict[str, str]) -> None:
    table = scores.sort_values("rank").rename(index=names)
    shown = pd.DataFrame(
        {
            "score": table["score"] * 100,
            "rank": table["rank"],
            "both": _interval(table, "rank"),
            "weights": _interval(table, "weights"),
            "firms": _interval(table, "firms"),
            "known": table["known_pct"],
        }
    )
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    st.dataframe(
        shown.rename_axis(t("evaluation.unit")), placeholder="–",
        height=_HEAD + _ROW * len(shown),
        column_config={
            "score": number(t("evaluation.score_100"), format="%.1f"),
            "rank": number(t("evaluation.rank"), format="%d"),
            "both": text(t("evaluation.interval")),
            "weights": text(t("evaluation.interval_weights")),
            "firms": text(t("evaluation.interval_firms")),
            "known": number(t("evaluation.known"), format="%.0f"),
        },
    )  # fmt: skip


def _interval(table: pd.DataFrame, kind: str) -> list[str]:
    pairs = zip(table[f"{kind}_low"], table[f"{kind}_high"], strict=True)
    return ["–" if low != low else f"{low:.0f}–{high:.0f}" for low, high in pairs]


def _indicators(result: Result, names: dict[str, str]) -> None:
    """Each indicator with 口径, source, date and weight, and the values of every unit."""
    with st.expander(t("evaluation.indicators")):
        about = result.tables["weights"]
        out = {name: t(f"evaluation.out.{name}") for name in ("unknown", "constant", "one_year")}
        shown = pd.DataFrame(
            {
                t("evaluation.head.dimension"): [t(f"dimension.{d}") for d in about["dimension"]],
                t("evaluation.head.indicator"): about[f"name_{lang()}"],
                t("evaluation.head.unit"): about[f"unit_{lang()}"],
                t("evaluation.head.weight"): (about["weight"] * 100).round(1),
                t("evaluation.head.basis"): about[f"basis_{lang()}"],
                t("evaluation.head.source"): about[f"source_{lang()}"],
                t("evaluation.head.date"): about["date"].astype(str),
                t("evaluation.head.bounds"): [
                    f"{low:g}–{high:g}"
                    for low, high in zip(about["low"], about["high"], strict=True)
                ],
                t("evaluation.head.out"): about["left_out"].map(out).fillna(""),
            }
        )
        st.dataframe(shown, hide_index=True, placeholder="–", height=_HEAD + _ROW * len(shown))
        heads = dict(about[f"name_{lang()}"])
        values = result.tables["indicators"].rename(index=names, columns=heads)
        st.dataframe(
            values.rename_axis(t("evaluation.unit")), placeholder="–",
            height=_HEAD + _ROW * len(values),
            column_config={
                name: st.column_config.NumberColumn(format="%.2f") for name in values.columns
            },
        )  # fmt: skip
