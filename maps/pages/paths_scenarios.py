"""The scenario editor of the paths page: changes in words or as a file, and their comparison."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from layout.core import facts
from layout.core.errors import FaultsError, LayoutError
from layout.core.result import Result
from layout.core.study import Study
from layout.pipeline.compare_scenarios import BASE, FIGURES, compare_scenarios
from layout.prepare.dimensions import tiers
from layout.scenarios.model import PARK_TYPES, OpenPark, Scenario, parse_scenario, scenario_text
from maps.pages.analysis import choice, result_downloads, show_result_map, show_table
from maps.pages.messages import plain
from maps.pages.state import _study, current_study, lang, stamp_of, t
from maps.views.wording import sector_names

_KEPT: Final = "paths_scenarios"
_DRAFT: Final = "paths_draft"
_TEXT: Final = "paths_draft_text"
_MOST: Final = 4


def scenario_tab(study: Study, names: dict[str, str]) -> None:
    """Make scenarios and compare them with the base."""
    _editor(study, names)
    st.divider()
    _comparison(study, names)


def _editor(study: Study, names: dict[str, str]) -> None:
    st.markdown(f"**{t('scenario.editor')}**")
    if message := st.session_state.pop("paths_form_error", None):
        st.error(plain(message))
    if _TEXT not in st.session_state:
        st.session_state[_TEXT] = st.session_state.get(_DRAFT) or _first_draft(study, names)
    form, file = st.columns(2, gap="medium")
    with form:
        _form(study, names)
        upload = st.file_uploader(t("scenario.upload"), type=["yaml", "yml"], key="paths_upload")
    words = file.text_area(t("scenario.file"), key=_TEXT, height=330, help=t("scenario.file_help"))
    st.session_state[_DRAFT] = words
    add, save = file.columns(2)
    if add.button(t("scenario.compare"), type="primary", width="stretch",
                  icon=":material/compare_arrows:"):  # fmt: skip
        given = words if upload is None else upload.getvalue().decode("utf-8", "replace")
        _keep(given, upload.name if upload else t("scenario.file"))
    save.download_button(
        t("scenario.save"), words.encode("utf-8"), file_name="scenario.yaml", width="stretch",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def _first_draft(study: Study, names: dict[str, str]) -> str:
    """A scenario to start from: a tenth of a district's largest sector goes to the next one."""
    chosen = list(st.session_state.get("paths_districts") or names)[:2]
    first, last = (chosen if len(chosen) > 1 else list(names)[:2])[:2]
    cube = study.cubes["district"]
    own = cube[(cube["year"] == 0) & (cube["zone_id"] == first)]
    firms = own.groupby("sector", observed=True)["firms"].sum().reindex(list(facts.sector_ids()))
    sector = str(firms.fillna(0).idxmax())
    tenth = max(int(firms.fillna(0)[sector]) // 10, 1)
    draft = Scenario.model_validate(
        {
            "name": "scenario-1", "title_zh": "情景一", "title_en": "Scenario 1",
            "changes": [
                {"action": "move", "sector": sector, "firms": tenth, "from": first, "to": last},
            ],
        }
    )  # fmt: skip
    return scenario_text(draft)


def _form(study: Study, names: dict[str, str]) -> None:
    """One change by widgets; it is added to the text, where it can still be altered."""
    words = sector_names(lang())
    parks = study.zones["park"]
    label = parks["name_zh" if lang() == "zh" else "name_en"].fillna(parks["name_zh"])
    places = {**names, **_opened(), **dict(zip(parks["id"], label, strict=True))}
    table = tiers()
    sizes = {
        "": t("scenario.any_size"),
        **dict(zip(table["id"], table[f"label_{lang()}"], strict=True)),
    }
    with st.container(border=True):
        action = st.selectbox(
            t("scenario.action"), ("move", "add", "open_park", "set_path", "set_leads"),
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
        elif action == "open_park":
            change.update(_new_park(study, names, words))
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


def _opened() -> dict[str, str]:
    """Parks that the draft opens: firms can go there too."""
    try:
        changes = parse_scenario(st.session_state.get(_TEXT) or "").changes
    except LayoutError:
        return {}
    return {one.id: one.name_zh for one in changes if isinstance(one, OpenPark)}


def _new_park(study: Study, names: dict[str, str], words: dict[str, str]) -> dict[str, Any]:
    """What a new park needs; it starts at the middle of its district."""
    one, two = st.columns(2)
    district = one.selectbox(t("zones.district"), list(names), format_func=names.__getitem__,
                             key="paths_f_home")  # fmt: skip
    kind = two.selectbox(t("scenario.park_type"), PARK_TYPES, key="paths_f_kind",
                         format_func=lambda kind: choice("park_type", kind))  # fmt: skip
    zones = study.zones["district"]
    middle = zones.geometry[zones["id"] == district].representative_point().iloc[0]
    name = one.text_input(t("scenario.park_name"), key="paths_f_name", max_chars=80)
    code = two.text_input(t("scenario.park_code"), "X1", key="paths_f_code", max_chars=40)
    lon = one.number_input(t("scenario.lon"), -180.0, 180.0, round(middle.x, 4), step=0.001,
                           format="%.4f", key=f"paths_f_lon-{district}")  # fmt: skip
    lat = two.number_input(t("scenario.lat"), -90.0, 90.0, round(middle.y, 4), step=0.001,
                           format="%.4f", key=f"paths_f_lat-{district}")  # fmt: skip
    radius = one.number_input(t("scenario.radius"), 50, 5000, 300, step=50, key="paths_f_radius")
    leads = two.multiselect(t("scenario.leads"), list(words), format_func=words.__getitem__,
                            key="paths_f_park_leads", placeholder=t("paths.none"))  # fmt: skip
    return {
        "id": code.strip(), "name_zh": name.strip(), "district": district, "lon": lon, "lat": lat,
        "radius_m": float(radius), "park_type": kind, "lead_sectors": leads,
    }  # fmt: skip


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
    study = current_study()
    try:
        scenario = parse_scenario(words, source=source)
        kept = [
            one for one in st.session_state.get(_KEPT, [])
            if parse_scenario(one).name != scenario.name
        ]  # fmt: skip
        kept = [*kept, scenario_text(scenario)][-_MOST:]
        with st.spinner(t("analysis.computing"), show_time=True):
            _compared(str(study.root), stamp_of(study.root), tuple(kept))
    except LayoutError as error:
        st.error(_told(error))
        return
    st.session_state[_KEPT] = kept


def _told(error: LayoutError) -> str:
    faults = error.faults if isinstance(error, FaultsError) else (error,)
    return "\n".join(f"- {plain(fault.message(lang()))}" for fault in faults)


def _comparison(study: Study, names: dict[str, str]) -> None:
    st.markdown(f"**{t('scenario.result')}**")
    kept = st.session_state.get(_KEPT, [])
    if not kept:
        st.info(t("scenario.empty"))
        return
    with st.spinner(t("analysis.computing"), show_time=True):
        result = _compared(str(study.root), stamp_of(study.root), tuple(kept))
    scenarios = [parse_scenario(words) for words in kept]
    titles = {BASE: t("scenario.base"), **{s.name: s.title(lang()) for s in scenarios}}
    st.button(t("scenario.clear"), on_click=lambda: st.session_state.pop(_KEPT, None),
              icon=":material/delete:")  # fmt: skip
    left, right = st.columns([1, 1], gap="medium")
    with left:
        _figures(result, titles)
    with right:
        show_result_map(study, result, key="scenario-map", height=424,
                        show=(result.layers[-1].name,))  # fmt: skip
    _who(result, titles, names)
    result_downloads(study, result, key="scenarios")
    for note in result.notes[1:]:
        st.caption(note(lang()))


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
