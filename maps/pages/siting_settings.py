"""Settings of the siting page: what each rule does, weights, sites and choice."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from layout.analyses.siting import SitingParams
from layout.analyses.siting.criteria import CRITERIA, GROUPS
from layout.analyses.siting.presets import PRESETS
from layout.analyses.siting.rules import requirement, site_rules
from layout.analyses.siting.words import siting_labels
from layout.core.headings import heading
from layout.core.study import Study
from maps.pages.analysis import choice
from maps.pages.state import lang, t
from maps.views.wording import zone_names

_EFFECTS: Final = ("exclude", "penalty", "flag", "off")
_MODELS: Final = ("p_median", "maximal_covering", "p_center", "set_covering")


def settings_form(study: Study, use: str) -> dict[str, Any]:
    """The settings that were last applied, for the use that is chosen."""
    held = f"siting_applied_{use}"
    with st.expander(t("siting.settings"), icon=":material/tune:"), st.form(f"siting_{use}"):
        tabs = st.tabs([t(f"siting.tab.{name}") for name in ("rules_set", "weights_set",
                                                             "choice_set")])  # fmt: skip
        with tabs[0]:
            values = _rules(study, use)
        with tabs[1]:
            values |= _weights(use)
        with tabs[2]:
            values |= _choice(study, use)
        if st.form_submit_button(t("siting.apply"), type="primary"):
            st.session_state[held] = values
    applied: dict[str, Any] = st.session_state.get(held, {})
    return applied


def _rules(study: Study, use: str) -> dict[str, Any]:
    st.caption(t("siting.rules_help"))
    left, right = st.columns(2)
    grade = left.radio(
        _label("grade"), ("A", "B"), horizontal=True, key=f"siting_grade_{use}",
        format_func=lambda value: choice("grade", value),
    )  # fmt: skip
    nuclear = right.selectbox(
        _label("nuclear"), ("flag", "penalty", "exclude", "off"),
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


def _label(name: str) -> str:
    zh, _, en = (SitingParams.model_fields[name].title or name).partition("|")
    return (zh if lang() == "zh" else en).strip()


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
    left, middle, right = st.columns(3)
    source = left.selectbox(
        _label("weights_from"), ("planner", "entropy", "critic"), key=f"siting_source_{use}",
        format_func=lambda value: choice("weights_from", value),
    )  # fmt: skip
    combine = middle.selectbox(
        _label("combine"), ("wlc", "owa"), key=f"siting_combine_{use}",
        format_func=lambda value: choice("combine", value),
    )  # fmt: skip
    orness = right.slider(_label("orness"), 0.05, 0.95, 0.5, 0.05, key=f"siting_orness_{use}")
    return {"weights": tuple(pairs), "weights_from": source, "combine": combine, "orness": orness}


def _choice(study: Study, use: str) -> dict[str, Any]:
    preset = PRESETS[use]
    names = zone_names(study, "district", lang())
    districts = st.multiselect(
        t("siting.districts"), list(names), format_func=names.__getitem__,
        key=f"siting_districts_{use}", placeholder=t("filter.all"),
    )  # fmt: skip
    one, two, three, four = st.columns(4)
    values: dict[str, Any] = {
        "districts": tuple(districts),
        "site_ha": one.number_input(_label("site_ha"), 0.1, 100.0, preset.site_ha,
                                    key=f"siting_ha_{use}"),
        "min_area_ha": two.number_input(_label("min_area_ha"), 0.1, 1000.0, preset.min_area_ha,
                                        key=f"siting_area_{use}"),
        "count": three.number_input(_label("count"), 1, 50, preset.count,
                                    key=f"siting_count_{use}"),
        "model": four.selectbox(
            t("siting.model_label"), _MODELS, index=_MODELS.index(preset.model),
            format_func=lambda value: t(f"siting.model.{value}"), key=f"siting_model_{use}",
        ),
        "radius_km": one.number_input(_label("radius_km"), 0.5, 200.0, preset.radius_km,
                                      key=f"siting_radius_{use}"),
        "spacing_m": two.number_input(_label("spacing_m"), 0.0, 50_000.0, 1_500.0, step=500.0,
                                      key=f"siting_spacing_{use}"),
        "shortlist": three.number_input(_label("shortlist"), 5, 60, 20,
                                        key=f"siting_short_{use}"),
        "concentration": four.number_input(_label("concentration"), 1.0, 1000.0, 50.0,
                                           key=f"siting_conc_{use}"),
    }  # fmt: skip
    if preset.existing:
        values["keep_existing"] = st.toggle(_label("keep_existing"), key=f"siting_existing_{use}")
    if preset.powered:
        left, right = st.columns(2)
        values["cooling"] = left.selectbox(
            _label("cooling"), ("evaporative", "air", "water", "cold_plate", "immersion"),
            key=f"siting_cooling_{use}", format_func=lambda value: choice("cooling", value),
        )  # fmt: skip
        values["it_mw_per_ha"] = right.number_input(
            _label("it_mw_per_ha"), 0.5, 100.0, 6.0, key=f"siting_mw_{use}"
        )
    return values
