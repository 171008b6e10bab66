"""Buttons that hand a planner the tables, the layers and the map of what the page shows."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from layout.analyses.mix import MixParams
from layout.core.result import Result
from layout.core.study import Study
from layout.core.texts import Lang
from maps.pages.city_map import evidence
from maps.pages.state import lang, t
from maps.render.map import city_map
from maps.render.offline import standalone_html

if TYPE_CHECKING:
    from layout.pipeline.export import Format, Layer


def exported(
    study: Study, params: MixParams, language: Lang, formats: tuple[Format, ...],
    layers: tuple[Layer, ...] = (),
) -> bytes:  # fmt: skip
    """The files of an export: the one file itself, or several in a zip."""
    from layout.pipeline.export import ExportParams, export_study  # slow to import

    chosen = ExportParams(formats=formats, layers=layers, lang=language, figures=params)
    with tempfile.TemporaryDirectory() as folder:
        paths = {one.path for one in export_study(study, Path(folder), chosen)}
        if len(paths) == 1:
            return paths.pop().read_bytes()
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(Path(folder).rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(folder))
        return packed.getvalue()


def map_page(study: Study, result: Result, language: Lang) -> bytes:
    """The self-contained map as one HTML file."""
    page = city_map(study, result, language, explain=evidence)
    return standalone_html(page, lang=language).encode("utf-8")


def download_buttons(study: Study, params: MixParams, result: Result) -> None:
    """Tables, layers and the map; each is made when it is asked for."""
    language = lang()  # what is downloaded is made on a thread that knows no visitor
    columns = st.columns(3)
    columns[0].download_button(
        t("download.xlsx"), lambda: exported(study, params, language, ("xlsx",), ("districts",)),
        file_name="industrial-layout.xlsx", on_click="ignore", icon=":material/table_view:",
        width="stretch",
    )  # fmt: skip
    columns[1].download_button(
        t("download.gpkg"), lambda: exported(study, params, language, ("gpkg",)),
        file_name="industrial-layout.gpkg", on_click="ignore", icon=":material/layers:",
        width="stretch",
    )  # fmt: skip
    columns[2].download_button(
        t("download.map"), lambda: map_page(study, result, language),
        file_name="industrial-layout-map.html", on_click="ignore", icon=":material/map:",
        width="stretch",
    )  # fmt: skip
