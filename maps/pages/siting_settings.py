"""Settings of the siting page: what each rule does, weights, sites and choice."""

from __future__ import annotations

from typing import Any, Final, get_args

import pandas as pd
import streamlit as st

from layout.analyses.siting.criteria import CRITERIA, GROUPS
from layout.analyses.siting.params import WeightSource
from layout.analyses.siting.presets import PRESETS
from layout.analyses.siting.rules import requirement, site_rules
from layout.analyses.siting.words import siting_labels
from layout.core.headings import heading
from layout.core.study import Study
from maps.pages.analysis import choice
from maps.pages.siting_choice import choice_settings, label_of
from maps.pages.siting_judgments import judgments_panel, require_consistent
from maps.pages.state import lang, t

_EFFECTS: Final = ("exclude", "penalty", "flag", "off")


def settings_form(study: Study, use: str) -> dict[str, Any]:
    """The settings that were last applied, for the use that is chosen.

    Raises
    ------
    MeasureError
        Weights are to come from judgments, and these contradict each other.
    """
    held = f"siting_applied_{use}"
    first, second = st.container(), st.container()
    with second:
        judgments = judgments_panel(use)
    with first, st.expander(t("siting.settings"), icon=":material/tune:"), st.form(f"siting_{use}"):
        tabs = st.tabs([t(f"siting.tab.{name}") for name in ("rules_set", "weights_set",
                                                             "choice_set")])  # fmt: skip
        with tabs[0]:
            values = _rules(study, use)
        with tabs[1]:
            values |= _weights(use)
        with tabs[2]:
            values |= choice_settings(study, use)
        if st.form_submit_button(t("siting.apply"), type="primary"):
            if values["weights_from"] == "ahp":
                values["judgments"] = judgments
            st.session_state[held] = values
    applied: dict[str, Any] = st.session_state.get(held, {})
    require_consistent(use, applied.get("judgments", ()))
    return applied


def _rules(study: Study, use: str) -> dict[str, Any]:
    st.caption(t("siting.rules_help"))
    left, right = st.columns(2)
    grade = left.radio(
        label_of("grade"), ("A", "B"), horizontal=True, key=f"siting_grade_{use}",
        format_func=lambda value: choice("grade", value),
    )  # fmt: skip
    nuclear = right.selectbox(
        label_of("nuclear"), ("flag", "penalty", "exclude", "off"),
        key=f"siting_nuclear_{use}", format_func=lambda value: choice("nuclear", value),
    )  # fmt: skip
    words = {effect: t(f"siting.effect.{effect}") for effect in _EFFECTS}
    labels = siting_labels(study.zones["district"])
    shipped = [r for r in site_rules(PRESETS[use].sets, grade) if r.operator is not None]
    frame = pd.DataFrame(
        {
            "rule": [rule.id for rule in shipped],
            "object": [rule.object(lang()) for rule in shipped],
            "ask": [requirement(rule)(lang()) for rule in shipped],
            "effect": [words[rule.effect] for rule in shipped],
            "wording": [labels["wording"][rule.wording](lang()) for rule in shipped],
            "checked": [labels["checked"][rule.checked](lang()) for rule in shipped],
        }
    )
    frame = frame[~frame["rule"].str.startswith("GB07")]
    edited = st.data_editor(
        frame, hide_index=True, key=f"siting_rules_{use}_{grade}_{lang()}", width="stretch",
        disabled=["rule", "object", "ask", "wording", "checked"],
        column_config={
            "rule": heading("rule", lang()),
            "object": heading("object_zh" if lang() == "zh" else "object_en", lang()),
            "ask": heading("ask_zh" if lang() == "zh" else "ask_en", lang()),
            "effect": st.column_config.SelectboxColumn(
                heading("effect", lang()), options=list(words.values()), required=True
            ),
            "wording": heading("wording", lang()),
            "checked": heading("checked", lang()),
        },
    )  # fmt: skip
    back = {word: effect for effect, word in words.items()}
    changed: dict[str, list[str]] = {"exclude": [], "penalty": [], "off": []}
    for rule, before, after in zip(frame["rule"], frame["effect"], edited["effect"], strict=True):
        if before != after and back[after] in changed:
            changed[back[after]].append(rule)
    return {
        "grade": grade,
        "nuclear": nuclear,
        **{f"rules_{name}": tuple(rules) for name, rules in changed.items()},
    }


def _weights(use: str) -> dict[str, Any]:
    st.caption(t("siting.weights_help"))
    given = PRESETS[use].weights
    columns = st.columns(len(GROUPS))
    pairs = []
    for column, group in zip(columns, GROUPS, strict=True):
        column.markdown(f"**{t(f'siting.group.{group}')}**")
        for name in (n for n in given if CRITERIA[n].group == group):
            value = column.slider(
                CRITERIA[name].title(lang()), 0.0, 1.0, float(given[name]), 0.01,
                key=f"siting_w_{use}_{name}", help=t(f"siting.measured.{name}"),
            )  # fmt: skip
            if value != given[name]:
                pairs.append(f"{name}={value:g}")
    left, middle, right, last = st.columns(4)
    source = left.selectbox(
        label_of("weights_from"), get_args(WeightSource), key=f"siting_source_{use}",
        format_func=lambda value: choice("weights_from", value),
    )  # fmt: skip
    combine = middle.selectbox(
        label_of("combine"), ("wlc", "owa"), key=f"siting_combine_{use}",
        format_func=lambda value: choice("combine", value),
    )  # fmt: skip
    orness = right.slider(
        label_of("orness"), 0.05, 0.95, 0.5, 0.05, key=f"siting_orness_{use}",
        help=t("siting.orness_help"),
    )  # fmt: skip
    near = last.number_input(
        label_of("concentration"), 1.0, 1000.0, 50.0, key=f"siting_conc_{use}",
        help=t("siting.concentration_help"),
    )  # fmt: skip
    return {"weights": tuple(pairs), "weights_from": source, "combine": combine, "orness": orness,
            "concentration": near}  # fmt: skip
