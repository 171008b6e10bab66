"""What the pages remember: the study, the language, and results by plain keys."""

from __future__ import annotations

import os
from pathlib import Path
from typing import cast

import streamlit as st

from layout.analyses.mix import MixParams, counted
from layout.core.result import Result
from layout.core.study import Study
from layout.core.texts import Lang, text
from layout.readers.study import read_study
from maps.render.offline import static_base

STUDY_VARIABLE = "LAYOUT_STUDY"
"""Environment variable with the folder of the study that the app opens."""

OWN_STUDY = "own_study"
OWN_NAME = "own_name"
GO_TO_OVERVIEW = "go_to_overview"
DEMO_STUDY = "demo_study"


def lang() -> Lang:
    """The language of this visitor."""
    return cast(Lang, st.session_state.get("lang") or "zh")


def t(key: str, /, **values: object) -> str:
    """A text of the catalogue in the visitor's language."""
    return text(key, lang(), **values)


def study_folder() -> Path | None:
    """The folder of the visitor's own study, else of the app's."""
    own = st.session_state.get(OWN_STUDY)
    chosen = own or os.environ.get(STUDY_VARIABLE) or st.session_state.get(DEMO_STUDY)
    return Path(chosen) if chosen else None


@st.cache_resource(max_entries=8, show_spinner=False)
def _study(folder: str, stamp: int) -> Study:
    del stamp  # part of the key: a study written anew is read anew
    return read_study(folder)


def stamp_of(folder: Path) -> int:
    """Changes when a study is written anew; 0 where there is none."""
    manifest = folder / "study.yaml"
    return manifest.stat().st_mtime_ns if manifest.is_file() else 0


def current_study() -> Study:
    """The study that the pages show (shared and read-only)."""
    folder = study_folder()
    if folder is None:
        raise RuntimeError("the shell makes sure of a study before it draws a page")
    return _study(str(folder), stamp_of(folder))


@st.cache_data(max_entries=256, show_spinner=False)
def _mix(folder: str, stamp: int, settings: str) -> Result:
    return counted(_study(folder, stamp), MixParams.model_validate_json(settings))


def mix(params: MixParams) -> Result:
    """The sector mix of the current study, remembered by its settings."""
    folder = current_study().root
    return _mix(str(folder), stamp_of(folder), params.model_dump_json())


def asset_base() -> str:
    """Where this server offers the browser files and the font."""
    return static_base(str(st.get_option("server.baseUrlPath") or ""))
