"""A planner's own table: upload, columns, datum check, and the way to the overview."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import streamlit as st

from layout.core.config import parse_params
from layout.core.errors import DatumError, LayoutError
from layout.pipeline.ingest import ingest
from layout.pipeline.ingest_settings import IngestSettings
from layout.pipeline.inputs import Inputs, TableInput
from layout.pipeline.run import run
from layout.readers.tables import open_table
from maps.pages.data_columns import expected_columns, mapping_editor
from maps.pages.data_report import DELIVERIES, show_report
from maps.pages.messages import told
from maps.pages.state import GO_TO_OVERVIEW, OWN_NAME, OWN_STUDY, current_study, t

_TYPES = ["csv", "txt", "xlsx", "parquet", "geojson", "json", "gpkg", "zip"]
_DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09", "EPSG:4547", "EPSG:4526")
_UNITS = ("元", "千元", "万元", "百万元", "亿元")
_REPORT, _PLACE, _REFUSED, _WHY = "ingest_report", "own_folder", "refused_datum", "why_refused"

UPLOADER = """
<style>
[data-testid="stFileUploaderDropzoneInstructions"] {display: none;}
[data-testid="stFileUploaderDropzone"] button p {font-size: 0;}
[data-testid="stFileUploaderDropzone"] button p::after {content: "%s"; font-size: 0.9rem;}
[data-testid="stFileUploaderDropzone"]::after {content: "%s"; color: #6b6f76; font-size: 0.9rem;
  align-self: center;}
</style>
"""
"""The uploader's own words are English only."""


def render() -> None:
    """Draw the page."""
    st.header(t("data.title"))
    st.write(t("data.intro"))
    st.html(UPLOADER % (t("data.choose_button"), t("data.drop_here")))
    upload = st.file_uploader(t("data.file"), type=_TYPES, help=t("data.file_help"))
    if upload is None:
        st.session_state.pop(_REPORT, None)
        expected_columns()
        return
    path = _stored(upload)
    try:
        info = open_table(path).info
    except LayoutError as error:
        st.error(told(error, path, remedy="data.remedy_file"))
        return
    values = _reading_options(path)
    mapping, units = mapping_editor(info, values.pop("unit"))
    values |= {"revenue_unit": units[0], "capital_unit": units[1]}
    deliveries = {k: d for k, d in st.session_state.get(DELIVERIES, {}).items() if d}
    city = current_study().manifest.city
    chosen = {**values, "mapping": mapping, "city": city, "batch_datum": deliveries}
    if st.button(t("data.check"), type="primary", icon=":material/fact_check:"):
        _check(path, chosen)
    elif why := st.session_state.pop(_WHY, None):
        st.error(why)
    found = st.session_state.get(_REPORT)
    if found and found["file"] == str(path):
        if found["values"] != _lasting(chosen):
            st.warning(t("data.changed"))
        show_report(found)
        if found["report"]["counts"]["accepted"]:
            _use(path, found["settings"])


def _folder() -> Path:
    """A folder of this visitor; it goes when the visit ends."""
    if _PLACE not in st.session_state:
        st.session_state[_PLACE] = tempfile.TemporaryDirectory(prefix="layout-own-")
    return Path(st.session_state[_PLACE].name)


def _stored(upload: Any) -> Path:
    """The upload as a file of its own name, in a folder of its own."""
    path = _folder() / str(upload.file_id) / (Path(upload.name).name or "upload")
    if not path.exists():
        st.session_state.pop(_REPORT, None)
        st.session_state.pop(_REFUSED, None)
        st.session_state[DELIVERIES] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(upload.getbuffer())
    return path


def _reading_options(path: Path) -> dict[str, Any]:
    left, middle, right = st.columns(3)
    datum = left.selectbox(
        t("data.datum"), _DATUMS, index=None, placeholder=t("data.datum_choose"),
        format_func=lambda d: t(f"datum.{d}"), help=t("data.datum_help"),
    )  # fmt: skip
    unit = middle.selectbox(
        t("data.unit"), _UNITS, index=None, placeholder=t("data.unit_header"),
        help=t("data.unit_help"), format_func=lambda u: t(f"unit.{u}"),
    )  # fmt: skip
    repairs = right.multiselect(
        t("data.repairs"), ["swapped", "full_width"], format_func=lambda r: t(f"repair.{r}"),
        help=t("data.repairs_help"), placeholder=t("data.none"),
    )  # fmt: skip
    forced = False
    if datum and st.session_state.get(_REFUSED) == (str(path), datum):
        forced = st.checkbox(t("data.force", datum=t(f"datum.{datum}")), help=t("data.force_help"))
    return {
        "datum": datum,
        "unit": unit,
        "repairs": tuple(repairs),
        "force_datum": forced,
    }


def _lasting(values: dict[str, Any]) -> dict[str, Any]:
    """What a check depends on, apart from the permission that only a refusal asks for."""
    return {name: value for name, value in values.items() if name != "force_datum"}


def _check(path: Path, values: dict[str, Any]) -> None:
    settings = parse_params(IngestSettings, values)
    out, rejects = path.with_suffix(".clean.parquet"), path.with_suffix(".rejects.csv")
    bar = st.progress(0.0, t("data.working"))
    try:
        report = ingest(
            path, settings, out=out, rejects=rejects, zones=None,
            progress=lambda share: bar.progress(min(share or 0.0, 1.0), t("data.working")),
        )  # fmt: skip
    except LayoutError as error:
        st.session_state.pop(_REPORT, None)
        bar.empty()
        if isinstance(error, DatumError) and error.key == "error.datum_contradicted":
            first = st.session_state.get(_REFUSED) != (str(path), settings.datum)
            st.session_state[_REFUSED] = (str(path), settings.datum)
            if first:
                st.session_state[_WHY] = told(error, path)
                st.rerun()  # so that the permission to go on appears above
        st.error(told(error, path))
        return
    bar.empty()
    st.session_state[_REPORT] = {
        "file": str(path),
        "report": report,
        "settings": settings.model_dump_json(),
        "values": _lasting(values),
        "out": str(out),
        "rejects": str(rejects),
    }


def _use(path: Path, settings: str) -> None:
    """Build a study of the table and show it on the other pages."""
    st.divider()
    st.write(t("data.use_intro"))
    if not st.button(t("data.use"), icon=":material/map:"):
        return
    chosen = IngestSettings.model_validate_json(settings)
    inputs = Inputs(firms=TableInput(path=path), city=chosen.city)
    folder = path.parent / "study"
    bar = st.progress(0.0, t("data.working"))

    def tell(stage: str, share: float | None) -> None:
        bar.progress(min(share or 0.0, 1.0), t(f"stage.{stage}"))

    try:
        run(inputs, folder, chosen, progress=tell)
    except LayoutError as error:
        st.error(told(error, path))
        return
    finally:
        bar.empty()
    st.session_state[OWN_STUDY], st.session_state[OWN_NAME] = str(folder), path.name
    st.session_state[GO_TO_OVERVIEW] = True
    st.rerun()
