"""What a visitor chose on the paths page: districts, weights, overrides; and the answer to it."""

from __future__ import annotations

from typing import Final

import streamlit as st

from layout.analyses.paths import PATHS, Evidence, PathsParams, answer, gather
from layout.analyses.paths.settings import indicator_table
from layout.core.config import parse_params
from layout.core.result import Result
from layout.core.study import Study
from maps.pages.state import _study, current_study, lang, stamp_of, t
from maps.views.path_views import MOST, first_districts, with_clicked
from maps.views.wording import zone_names

DISTRICTS: Final = "paths_districts"
WEIGHTS: Final = "paths_weights"
OVERRIDES: Final = "paths_overrides"
_PENDING: Final = "paths_pending"
_STEP: Final = 5
_GATHERED: Final = ("counting", "units", "draws", "seed", "special_from", "min_firms")
"""Settings that the slow part depends on."""


def settings() -> PathsParams:
    """The settings as they are kept, without drawing anything."""
    return parse_params(
        PathsParams,
        {
            "weights": tuple(st.session_state.get(WEIGHTS) or ()),
            "overrides": tuple(st.session_state.get(OVERRIDES) or ()),
        },
    )


def paths_result(params: PathsParams) -> Result:
    """The answer for the current study: the slow part once, the rest as often as a slider moves."""
    folder = current_study().root
    known = [name for name in params.overrides if name.partition("=")[0] in _districts()]
    params = params.model_copy(update={"overrides": tuple(known)})
    return _answered(str(folder), stamp_of(folder), params.model_dump_json())


def _districts() -> set[str]:
    return set(current_study().zones["district"]["id"])


@st.cache_resource(max_entries=48, show_spinner=False)
def _answered(folder: str, stamp: int, words: str) -> Result:
    params = PathsParams.model_validate_json(words)
    slow = params.model_dump(include=set(_GATHERED))
    evidence = _gathered(folder, stamp, PathsParams(**slow).model_dump_json())
    return answer(_study(folder, stamp), params, evidence)


@st.cache_resource(max_entries=6, show_spinner=False)
def _gathered(folder: str, stamp: int, words: str) -> Evidence:
    return gather(_study(folder, stamp), PathsParams.model_validate_json(words))


def choose_districts(study: Study, result: Result) -> list[str]:
    """The widget of the districts compared; the first is the one in focus."""
    names = zone_names(study, "district", lang())
    pending = st.session_state.pop(_PENDING, None)
    kept = pending or st.session_state.get(DISTRICTS) or ()
    kept = [name for name in kept if name in names][:MOST]
    st.session_state[DISTRICTS] = kept or first_districts(result.tables["scores"])
    chosen = st.multiselect(
        t("paths.districts"), list(names), format_func=lambda i: names.get(i, i), key=DISTRICTS,
        max_selections=MOST, help=t("paths.districts_help"), placeholder=t("paths.districts_none"),
    )  # fmt: skip
    return list(chosen)


def bring_forward(district: str) -> None:
    """Put a clicked district first in the comparison and draw the page anew."""
    chosen = list(st.session_state.get(DISTRICTS) or ())
    if chosen[:1] == [district]:
        return
    st.session_state[_PENDING] = with_clicked(chosen, district)
    st.rerun()


def choose_weights() -> None:
    """Sliders for the weights of every path; what is kept sums to 1 within a path."""
    table = indicator_table()
    kept = {
        name: float(value)
        for name, _, value in (item.partition("=") for item in st.session_state.get(WEIGHTS) or ())
        if name in table.index
    }
    st.caption(t("paths.weights_help"))
    raw: dict[str, int] = {}
    for path in PATHS:
        st.markdown(f"**{t(f'path.{path}')}**")
        for name in table.index[table["path"] == path]:
            key = f"paths_w_{name}"
            if key not in st.session_state:
                start = kept.get(name, float(table["default_weight"][name]))
                st.session_state[key] = _STEP * round(100 * start / _STEP)
            raw[name] = st.slider(
                str(table[f"name_{lang()}"][name]), 0, 100, step=_STEP, key=key, format="%d",
                help=f"{name} · {table['formula_words'][name]}",
            )  # fmt: skip
    st.button(t("paths.weights_reset"), on_click=_reset_weights, icon=":material/undo:")
    st.session_state[WEIGHTS] = _normalised(raw)


def _reset_weights() -> None:
    st.session_state[WEIGHTS] = []
    for name in indicator_table().index:
        st.session_state.pop(f"paths_w_{name}", None)


def _normalised(raw: dict[str, int]) -> list[str]:
    """Weights that sum to 1 within a path; none where they are the shipped ones."""
    table = indicator_table()
    same = all(raw[name] == round(100 * table["default_weight"][name]) for name in raw)
    if same:
        return []
    kept = []
    for path in PATHS:
        own = [name for name in table.index[table["path"] == path] if name in raw]
        total = sum(raw[name] for name in own)
        if not total:
            st.warning(t("paths.weights_zero", path=t(f"path.{path}")))
            continue
        kept += [f"{name}={raw[name] / total:.12g}" for name in own]
    return kept


def override_widget(district: str) -> None:
    """The planner's own choice of a path for a district."""
    options = ["", *PATHS, "mixed"]
    kept = dict(item.split("=", 1) for item in st.session_state.get(OVERRIDES) or () if "=" in item)
    key = f"paths_o_{district}"
    if key not in st.session_state:
        st.session_state[key] = kept.get(district, "")
    st.selectbox(
        t("paths.override"), options, key=key, on_change=_override, args=(district,),
        format_func=lambda p: t(f"path.{p}") if p else t("paths.override_none"),
        help=t("paths.override_help"),
    )  # fmt: skip


def _override(district: str) -> None:
    chosen = st.session_state[f"paths_o_{district}"]
    kept = dict(item.split("=", 1) for item in st.session_state.get(OVERRIDES) or () if "=" in item)
    kept.pop(district, None)
    if chosen:
        kept[district] = chosen
    st.session_state[OVERRIDES] = [f"{name}={path}" for name, path in kept.items()]
