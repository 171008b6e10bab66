"""A planner's own table: upload, columns, datum check, rejects, the cleaned file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from layout.core.columns import label
from layout.core.config import parse_params
from layout.core.errors import LayoutError
from layout.core.faults import FAULTS
from layout.core.sources import SourceInfo
from layout.pipeline.ingest import ingest
from layout.pipeline.ingest_settings import IngestSettings
from layout.pipeline.inputs import Inputs, TableInput
from layout.pipeline.run import run
from layout.prepare.headers import known_columns, map_headers
from layout.readers.tables import open_table
from maps.pages.state import GO_TO_OVERVIEW, OWN_NAME, OWN_STUDY, current_study, lang, t

_TYPES = ["csv", "txt", "xlsx", "parquet", "geojson", "json", "gpkg", "zip"]
_DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")
_UNITS = ("元", "千元", "万元", "百万元", "亿元")
_REPORT, _PLACE, _DELIVERIES = "ingest_report", "own_folder", "delivery_datums"


def render() -> None:
    """Draw the page."""
    st.header(t("data.title"))
    st.write(t("data.intro"))
    upload = st.file_uploader(t("data.file"), type=_TYPES, help=t("data.file_help"))
    if upload is None:
        st.session_state.pop(_REPORT, None)
        _expected_columns()
        return
    path = _stored(upload)
    values = _reading_options()
    mapping = _mapping_editor(path, values)
    if mapping is None:
        return
    deliveries = {k: d for k, d in st.session_state.get(_DELIVERIES, {}).items() if d}
    city = current_study().manifest.city
    chosen = {**values, "mapping": mapping, "city": city, "batch_datum": deliveries}
    if st.button(t("data.check"), type="primary", icon=":material/fact_check:"):
        _check(path, chosen)
    found = st.session_state.get(_REPORT)
    if found and found["file"] == str(path):
        _show(found["report"])
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
        st.session_state[_DELIVERIES] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(upload.getbuffer())
    return path


def _expected_columns() -> None:
    rows = [{t("data.column"): label(name, lang()), t("data.column_name"): name}
            for name in known_columns()]  # fmt: skip
    with st.expander(t("data.expected"), expanded=False):
        st.dataframe(pd.DataFrame(rows), hide_index=True)


def _reading_options() -> dict[str, Any]:
    left, middle, right = st.columns(3)
    datum = left.selectbox(
        t("data.datum"), _DATUMS, index=None, placeholder=t("data.datum_choose"),
        format_func=lambda d: t(f"datum.{d}"), help=t("data.datum_help"),
    )  # fmt: skip
    unit = middle.selectbox(
        t("data.unit"), _UNITS, index=None, placeholder=t("data.unit_header"),
        help=t("data.unit_help"),
    )  # fmt: skip
    repairs = right.multiselect(
        t("data.repairs"), ["swapped", "full_width"], format_func=lambda r: t(f"repair.{r}"),
        help=t("data.repairs_help"), placeholder=t("data.none"),
    )  # fmt: skip
    return {
        "datum": datum,
        "revenue_unit": unit,
        "capital_unit": unit,
        "repairs": tuple(repairs),
        "force_datum": False,
    }


def _mapping_editor(path: Path, values: dict[str, Any]) -> dict[str, str] | None:
    """The columns as recognised, to be corrected; None where the file cannot be read."""
    try:
        info = open_table(path).info
    except LayoutError as error:
        st.error(error.message(lang()))
        return None
    found, problem = _recognised(info, values["revenue_unit"])
    names = [*known_columns(), *(name for name in found if name not in known_columns())]
    table = pd.DataFrame(
        {"name": names, "label": [label(n, lang()) for n in names],
         "header": [found.get(n) for n in names]}
    )  # fmt: skip
    with st.expander(
        t("data.mapping", found=len(found), headers=len(info.headers)), expanded=problem is not None
    ):
        if problem:
            st.warning(problem)
        edited = st.data_editor(
            table, hide_index=True, disabled=["name", "label"], key=f"mapping-{path.name}",
            column_config={
                "name": None,
                "label": st.column_config.TextColumn(t("data.column")),
                "header": st.column_config.SelectboxColumn(
                    t("data.header"), options=list(info.headers)
                ),
            },
        )  # fmt: skip
    chosen = {
        name: header or ""
        for name, header in zip(edited["name"], edited["header"].fillna(""), strict=True)
    }
    return {n: h for n, h in chosen.items() if h != (found.get(n) or "")}


def _recognised(info: SourceInfo, unit: str | None) -> tuple[dict[str, str], str | None]:
    """Header by column, and what is wrong with the headers, if anything."""
    problem = None
    for told in (unit, _UNITS[0]):  # a missing unit must not hide which columns were recognised
        try:
            found = map_headers(info, revenue_unit=told, capital_unit=told)
        except LayoutError as error:
            problem = problem or error.message(lang())
        else:
            return dict(found.columns), problem
    return {}, problem


def _check(path: Path, values: dict[str, Any]) -> None:
    if values["datum"] is None:
        st.error(t("data.no_datum"))
        return
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
        st.error(error.message(lang()))
        return
    finally:
        bar.empty()
    st.session_state[_REPORT] = {
        "file": str(path),
        "report": report,
        "settings": settings.model_dump_json(),
        "out": str(out),
        "rejects": str(rejects),
    }


def _show(report: dict[str, Any]) -> None:
    counts = report["counts"]
    st.success(
        t(
            "about.balance",
            **{name: f"{counts[name]:,}" for name in ("read", "accepted", "rejected")},
        )
    )
    left, right = st.columns(2)
    with left:
        st.subheader(t("data.faults"))
        rows = [
            {
                t("about.fault"): t(f"fault.{code}"),
                t("policy.reject"): found["rejected"],
                t("policy.flag"): found["flagged"],
            }
            for code, found in report["faults"].items()
            if code in FAULTS
        ]
        if rows:
            st.dataframe(pd.DataFrame(rows), hide_index=True)
        else:
            st.write(t("about.no_faults"))
    with right:
        st.subheader(t("data.datum_check"))
        _show_datum(report["datum"])
    for note in report["notes"]:
        st.info(note[lang()])
    _delivery_datums(report["datum"])
    kept = st.session_state[_REPORT]
    rejects = Path(kept["rejects"])
    if counts["rejected"]:
        with st.expander(t("data.rejects", count=f"{counts['rejected']:,}")):
            preview = pd.read_csv(rejects, dtype=str, nrows=200, encoding="utf-8-sig")
            st.dataframe(preview, hide_index=True)
    one, two = st.columns(2)
    one.download_button(
        t("data.download_clean"), lambda: Path(kept["out"]).read_bytes(),
        file_name="firms.parquet", on_click="ignore", icon=":material/download:", width="stretch",
    )  # fmt: skip
    two.download_button(
        t("data.download_rejects"), rejects.read_bytes, file_name="rejects.csv",
        on_click="ignore", icon=":material/download:", width="stretch",
    )  # fmt: skip


def _show_datum(datum: dict[str, Any] | None) -> None:
    if datum is None:
        st.write(t("data.no_positions"))
        return
    rows = [
        {
            t("data.datum"): t(f"datum.{name}"),
            t("data.inside"): None if share is None else share * 100,
        }
        for name, share in datum["inside_share"].items()
    ]
    st.dataframe(
        pd.DataFrame(rows), hide_index=True,
        column_config={t("data.inside"): st.column_config.NumberColumn(format="%.2f %%")},
    )  # fmt: skip
    st.caption(t("data.inside_note", points=f"{datum['points']:,}"))


def _delivery_datums(datum: dict[str, Any] | None) -> None:
    """Let deliveries that contradict the datum be read in another one at the next check."""
    kept = st.session_state.setdefault(_DELIVERIES, {})
    found = [d for d in (datum or {}).get("deliveries", []) if d["fits"]]
    names = [str(d["name"]) for d in found if d["name"] is not None]
    for name in dict.fromkeys([*names, *kept]):
        options = ["", "wgs84", "gcj02", "bd09"]
        kept[name] = st.selectbox(
            t("data.delivery", name=name), options, index=options.index(kept.get(name, "")),
            format_func=lambda d: t(f"datum.{d}") if d else t("data.delivery_keep"),
            help=t("data.delivery_help"), key=f"delivery-{name}",
        )  # fmt: skip


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

    run(inputs, folder, chosen, progress=tell)
    bar.empty()
    st.session_state[OWN_STUDY], st.session_state[OWN_NAME] = str(folder), path.name
    st.session_state[GO_TO_OVERVIEW] = True
    st.rerun()
