"""The scenario editor of the paths page: changes in words or as a file, and their comparison."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from layout.core.errors import FaultsError, LayoutError
from layout.core.result import Result
from layout.core.study import Study
from layout.pipeline.compare_scenarios import BASE, FIGURES, compare_scenarios
from layout.prepare.cube import tiers
from layout.scenarios.model import Scenario, parse_scenario, scenario_text
from maps.pages.analysis import notes, result_downloads, show_result_map, show_table
from maps.pages.messages import plain
from maps.pages.state import _study, current_study, lang, stamp_of, t
from maps.views.wording import sector_names

_KEPT: Final = "paths_scenarios"
_DRAFT: Final = "paths_draft"
_TEXT: Final = "paths_draft_text"
_MOST: Final = 4


def scenario_tab(study: Study, names: dict[str, str]) -> None:
    """Make scenarios and compare them with the base."""
    left, right = st.columns([2, 3], gap="medium")
    with left:
        _editor(study, names)
    with right:
        _comparison(study, names)


def _editor(study: Study, names: dict[str, str]) -> None:
    st.markdown(f"**{t('scenario.editor')}**")
    if _TEXT not in st.session_state or st.session_state.pop("paths_new_text", None):
        st.session_state[_TEXT] = st.session_state.get(_DRAFT) or _first_draft(names)
    _form(study, names)
    words = st.text_area(t("scenario.file"), key=_TEXT, height=250, help=t("scenario.file_help"))
    st.session_state[_DRAFT] = words
    upload = st.file_uploader(t("scenario.upload"), type=["yaml", "yml"], key="paths_upload")
    add, save = st.columns(2)
    if add.button(t("scenario.compare"), type="primary", width="stretch",
                  icon=":material/compare_arrows:"):  # fmt: skip
        given = words if upload is None else upload.getvalue().decode("utf-8", "replace")
        _keep(given, upload.name if upload else t("scenario.file"))
    save.download_button(
        t("scenario.save"), words.encode("utf-8"), file_name="scenario.yaml", width="stretch",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def _first_draft(names: dict[str, str]) -> str:
    """A scenario to start from: the first districts of the comparison."""
    chosen = list(st.session_state.get("paths_districts") or names)[:2]
    first, last = (chosen if len(chosen) > 1 else list(names)[:2])[:2]
    draft = Scenario.model_validate(
        {
            "name": "scenario-1", "title_zh": "情景一", "title_en": "Scenario 1",
            "changes": [
                {"action": "move", "sector": "S07", "firms": 20, "from": first, "to": last},
                {"action": "add", "sector": "S12", "firms": 30, "to": last},
            ],
        }
    )  # fmt: skip
    return scenario_text(draft)


def _form(study: Study, names: dict[str, str]) -> None:
    """One change by widgets; it is added to the text, where it can still be altered."""
    words = sector_names(lang())
    parks = study.zones["park"]
    label = parks["name_zh" if lang() == "zh" else "name_en"].fillna(parks["name_zh"])
    places = {**names, **dict(zip(parks["id"], label, strict=True))}
    table = tiers()
    sizes = {
        "": t("scenario.any_size"),
        **dict(zip(table["id"], table[f"label_{lang()}"], strict=True)),
    }
    with st.expander(t("scenario.form")):
        action = st.selectbox(
            t("scenario.action"), ("move", "add", "set_path", "set_leads"),
            format_func=lambda a: t(f"scenario.action.{a}"), key="paths_f_action",
        )  # fmt: skip
        change: dict[str, Any] = {"action": action}
        if action in ("move", "add"):
            one, two = st.columns(2)
            change["sector"] = one.selectbox(t("chart.sector"), list(words), key="paths_f_sector",
                                             format_func=words.__getitem__)  # fmt: skip
            change["firms"] = int(
                two.number_input(t("scenario.firms"), 1, 5000, 20, key="paths_f_n")
            )
            if action == "move":
                change["from"] = one.selectbox(t("scenario.from"), list(places), key="paths_f_from",
                                               format_func=places.__getitem__)  # fmt: skip
            change["to"] = two.selectbox(t("scenario.to"), list(places), key="paths_f_to",
                                         format_func=places.__getitem__)  # fmt: skip
            size = one.selectbox(t("scenario.size"), list(sizes), key="paths_f_tier",
                                 format_func=sizes.__getitem__)  # fmt: skip
            if size:
                change["tier"] = size
        else:
            change["district"] = st.selectbox(t("zones.district"), list(names), key="paths_f_d",
                                              format_func=names.__getitem__)  # fmt: skip
            if action == "set_path":
                change["path"] = st.selectbox(
                    t("chart.path"), ("frontier", "fusion", "emerging", "mixed"),
                    format_func=lambda p: t(f"path.{p}"), key="paths_f_path",
                )  # fmt: skip
            else:
                change["sectors"] = st.multiselect(
                    t("scenario.leads"), list(words), format_func=words.__getitem__,
                    key="paths_f_leads", placeholder=t("paths.none"),
                )  # fmt: skip
        st.button(t("scenario.add_change"), on_click=_append, args=(change,),
                  icon=":material/playlist_add:")  # fmt: skip


def _append(change: dict[str, Any]) -> None:
    """Add a change to the draft, where the draft can be read."""
    try:
        draft = parse_scenario(st.session_state.get(_TEXT) or "")
        grown = draft.model_dump(mode="json", by_alias=True, exclude_none=True)
        grown["changes"] = [*grown["changes"], change]
        st.session_state[_TEXT] = scenario_text(Scenario.model_validate(grown))
    except (LayoutError, ValueError) as error:
        st.session_state["paths_form_error"] = (
            error.message(lang()) if isinstance(error, LayoutError) else t("scenario.form_fault")
        )


def _keep(words: str, source: str) -> None:
    """Keep a scenario for the comparison, in the place of one of the same name."""
    try:
        scenario = parse_scenario(words, source=source)
        compare_scenarios(current_study(), [scenario], draws=20)
    except LayoutError as error:
        st.error(_told(error))
        return
    kept = [w for w in st.session_state.get(_KEPT, []) if parse_scenario(w).name != scenario.name]
    st.session_state[_KEPT] = [*kept, scenario_text(scenario)][-_MOST:]


def _told(error: LayoutError) -> str:
    faults = error.faults if isinstance(error, FaultsError) else (error,)
    return "\n".join(f"- {plain(fault.message(lang()))}" for fault in faults)


def _comparison(study: Study, names: dict[str, str]) -> None:
    st.markdown(f"**{t('scenario.result')}**")
    if message := st.session_state.pop("paths_form_error", None):
        st.error(plain(message))
    kept = st.session_state.get(_KEPT, [])
    if not kept:
        st.info(t("scenario.empty"))
        return
    result = _compared(str(study.root), stamp_of(study.root), tuple(kept))
    scenarios = [parse_scenario(words) for words in kept]
    titles = {BASE: t("scenario.base"), **{s.name: s.title(lang()) for s in scenarios}}
    st.button(t("scenario.clear"), on_click=lambda: st.session_state.pop(_KEPT, None),
              icon=":material/delete:")  # fmt: skip
    _figures(result, titles)
    show_result_map(study, result, key="scenario-map", height=300,
                    show=(f"scenario_{scenarios[-1].name}",))  # fmt: skip
    _who(result, titles, names)
    result_downloads(study, result, key="scenarios")
    notes(result)


@st.cache_resource(max_entries=12, show_spinner=False)
def _compared(folder: str, stamp: int, words: tuple[str, ...]) -> Result:
    return compare_scenarios(_study(folder, stamp), [parse_scenario(one) for one in words])


def _figures(result: Result, titles: dict[str, str]) -> None:
    """A row a figure: the base, every scenario and what it changes."""
    table = result.tables["figures"].loc[list(FIGURES)]
    shown = pd.DataFrame(
        {t("scenario.figure"): [t(f"scenario.figure.{name}") for name in table.index]}
    )
    for name in table.columns:
        shown[titles[name]] = [
            _figure(figure, value, None if name == BASE else table.at[figure, BASE])
            for figure, value in table[name].items()
        ]
    st.dataframe(shown, hide_index=True, height=35 * (len(shown) + 1) + 3)


def _figure(name: object, value: float, base: float | None) -> str:
    if value != value:
        return "–"
    form = {"near_carriers": "{:.1%}", "differentiation": "{:.3f}",
            "differentiation_by_firms": "{:.3f}"}.get(str(name), "{:,.0f}")  # fmt: skip
    shown = form.format(value)
    if base is None or base != base or value == base:
        return shown
    change = form.format(abs(value - base))
    return f"{shown}（{'+' if value > base else '−'}{change}）" if lang() == "zh" else (
        f"{shown} ({'+' if value > base else '−'}{change})"
    )  # fmt: skip


def _who(result: Result, titles: dict[str, str], names: dict[str, str]) -> None:
    """What changed for whom: districts that gained, lost or took another path."""
    moved = result.tables["moved"].reset_index()
    shown = pd.DataFrame(
        {
            "scenario": moved["scenario"].map(titles), "district": moved["district_id"].map(names),
            "tagged": moved["tagged"].astype("int64"),
            "tagged_change": moved["tagged_change"].astype("int64"),
            "revenue_yi_change": moved["revenue_yi_change"],
            "path": [t(f"path.{path}") for path in moved["path"]],
            "path_before": [t(f"path.{path}") for path in moved["path_before"]],
        }
    )  # fmt: skip
    st.markdown(f"**{t('scenario.who')}**")
    show_table(shown, formats={"tagged_change": "%+,d", "revenue_yi_change": "%+,.2f"})
    classes = result.tables["sectors"]["size_class"].unstack("scenario")
    differs = classes[list(titles)].nunique(axis=1) > 1
    if differs.any():
        words = sector_names(lang())
        table = classes[differs].map(lambda c: t(f"scenario.class.{c}")).rename(columns=titles)
        table.insert(0, t("chart.sector"), [words[s] for s in table.index])
        st.markdown(f"**{t('scenario.classes')}**")
        st.dataframe(table, hide_index=True)
