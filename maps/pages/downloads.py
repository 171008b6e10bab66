"""Buttons that hand a planner the tables and the map of what the page shows."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from layout.analyses.mix import MixParams
from layout.core.result import Result
from layout.core.study import Study
from layout.core.texts import Lang
from maps.pages.city_map import tagger
from maps.pages.state import lang, t


def _bytes_of(name: str, write: Callable[[Path], object]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write(path)
        return path.read_bytes()


def _workbook(study: Study, params: MixParams, language: Lang) -> bytes:
    from layout.exports.workbook import write_mix_workbook

    return _bytes_of("mix.xlsx", lambda path: write_mix_workbook(study, params, path, language))


def _html_map(study: Study, result: Result, language: Lang) -> bytes:
    from maps.render.map import city_map
    from maps.render.offline import standalone_html

    page = city_map(study, result, language, explain=tagger().explain)
    return standalone_html(page, lang=language).encode("utf-8")


def download_buttons(study: Study, params: MixParams, result: Result) -> None:
    """Excel tables and the self-contained map; each is made when it is asked for."""
    language = lang()  # the callables run on a thread that knows no visitor
    left, right, _ = st.columns([1, 1, 2])
    left.download_button(
        t("download.xlsx"), lambda: _workbook(study, params, language), file_name="sector_mix.xlsx",
        on_click="ignore", icon=":material/table_view:", width="stretch",
    )  # fmt: skip
    right.download_button(
        t("download.map"), lambda: _html_map(study, result, language), file_name="map.html",
        on_click="ignore", icon=":material/map:", width="stretch",
    )  # fmt: skip
