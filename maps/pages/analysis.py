"""What every page of an analysis shares: running it, its map, its tables, its files."""

from __future__ import annotations

import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import folium
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit_folium import st_folium

from layout.analyses.registry import find
from layout.core.config import Params
from layout.core.errors import LayoutError
from layout.core.headings import heading
from layout.core.progress import CancelledError, listening
from layout.core.result import Bilingual, Result
from layout.core.study import Study
from layout.core.texts import Lang, catalogue
from layout.pipeline.export_result import ResultFormat, export_result
from maps.pages.state import asset_base, current_study, lang, stamp_of, t
from maps.render.map import base_map
from maps.render.offline import localize, standalone_html
from maps.render.result_map import border_group, result_groups, result_map
from maps.reports.word import section_bytes

HEIGHT: Final = 520
"""Of a map, pixels."""
_POLL_S: Final = 0.3


# ---------------------------------------------------------------------------- running


def analyse(name: str, params: Params) -> Result:
    """An analysis of the current study, remembered by its settings.

    Raises
    ------
    LayoutError
        The study or the settings do not allow it.
    """
    folder = current_study().root
    with st.spinner(t("analysis.computing"), show_time=True):
        return _analysed(name, str(folder), stamp_of(folder), params.model_dump_json())


@st.cache_resource(max_entries=64, show_spinner=False)
def _analysed(name: str, folder: str, stamp: int, settings: str) -> Result:
    # A resource, not data: results are read-only and rasters are too large to be copied each time.
    from maps.pages.state import _study

    analysis = find(name)
    return analysis.run(_study(folder, stamp), analysis.params.model_validate_json(settings))


@dataclass
class _Work:
    """Long work in a thread of its own."""

    key: str
    stage: str = ""
    share: float | None = None
    stop: bool = False
    result: Result | None = None
    error: BaseException | None = None
    thread: threading.Thread | None = field(default=None, repr=False)

    def told(self, stage: str, share: float | None) -> None:
        self.stage, self.share = stage, share
        if self.stop:
            raise CancelledError


def run_long(name: str, params: Params) -> Result | None:
    """An analysis that takes long: with a bar and a button that stops it.

    Returns
    -------
    Result or None
        None while it is not finished, or after it was stopped.

    Raises
    ------
    LayoutError
        The study or the settings do not allow it.
    """
    study = current_study()
    key = f"{name}|{study.root}|{stamp_of(study.root)}|{params.model_dump_json()}"
    # Always there: without it what follows would be made anew, and tabs and maps lose their state.
    place = st.empty()
    done: dict[str, Result] = st.session_state.setdefault("finished_work", {})
    if key in done:
        return done[key]
    work: _Work | None = st.session_state.get("long_work")
    if work is None or work.key != key:
        if work is not None:
            work.stop = True
        work = _started(key, name, study, params)
        st.session_state["long_work"] = work
    _show_progress(work, place)
    if work.error is not None:
        del st.session_state["long_work"]
        if isinstance(work.error, CancelledError):
            st.info(t("analysis.cancelled"))
            return None
        raise work.error
    if work.result is not None:
        done.clear()  # results are large: the last one is enough
        done[key] = work.result
    return work.result


def _started(key: str, name: str, study: Study, params: Params) -> _Work:
    work = _Work(key)

    def body() -> None:
        try:
            with listening(work.told):
                work.result = find(name).run(study, params)
        except BaseException as error:
            work.error = error

    work.thread = threading.Thread(target=body, daemon=True)
    work.thread.start()
    return work


def _show_progress(work: _Work, place: DeltaGenerator) -> None:
    """Wait for the work, showing how far it is; a press of the button runs the page anew."""
    with place.container():
        left, right = st.columns([6, 1], vertical_alignment="center")
        bar = left.progress(0.0, text=t("analysis.working", stage="…"))
        right.button(t("analysis.cancel"), key=f"cancel-{hash(work.key)}", on_click=_stop)
    while work.thread is not None and work.thread.is_alive():
        stage = catalogue().get(f"stage.{work.stage}")
        words = stage[lang()] if stage else "…"
        bar.progress(min(max(work.share or 0.0, 0.0), 1.0), t("analysis.working", stage=words))
        time.sleep(_POLL_S)
    place.empty()


def _stop() -> None:
    work: _Work | None = st.session_state.get("long_work")
    if work is not None:
        work.stop = True


# ---------------------------------------------------------------------------- showing


def show_result_map(
    study: Study,
    result: Result,
    *,
    key: str,
    only: Collection[str] | None = None,
    show: Collection[str] | None = None,
    height: int = HEIGHT,
    more: Collection[folium.FeatureGroup] = (),
    clicked: bool = False,
) -> tuple[float, float] | None:
    """The layers of a result on a map that keeps its view when they change.

    Parameters
    ----------
    study, result
        What is shown.
    key
        Of the widget.
    only, show
        Layers wanted, and those that are on at first (names; all where None).
    height
        Pixels.
    more
        Further layers, made by :mod:`maps.render`.
    clicked
        Whether a click is reported; without it a click costs nothing.

    Returns
    -------
    tuple of float or None
        Latitude and longitude of the last click.
    """
    base = asset_base()
    ground = localize(base_map(study, lang()), base)
    groups = [
        *result_groups(result, lang(), only=only, show=show),
        border_group(study, lang()),
        *more,
    ]
    answer = st_folium(
        ground,
        key=f"{key}-{study.manifest.created}-{lang()}",
        height=height,
        use_container_width=True,
        returned_objects=["last_clicked", "last_object_clicked"] if clicked else [],
        feature_group_to_add=[localize(group, base) for group in groups],
        layer_control=folium.LayerControl(position="topleft", collapsed=True),
    )
    if not clicked or not answer:
        return None
    places = [answer.get(name) for name in ("last_object_clicked", "last_clicked")]
    last = st.session_state.get(f"{key}-clicks")
    st.session_state[f"{key}-clicks"] = places
    fresh = [p for p, old in zip(places, last or [None, None], strict=True) if p and p != old]
    chosen = (fresh or [p for p in places if p] or [None])[0]
    return (float(chosen["lat"]), float(chosen["lng"])) if chosen else None


def show_table(
    frame: pd.DataFrame,
    *,
    labels: Mapping[str, Mapping[Any, Bilingual]] | None = None,
    key: str | None = None,
    formats: Mapping[str, str] | None = None,
    height: int | None = None,
    headings: Mapping[str, str] | None = None,
    widths: Mapping[str, int] | None = None,
) -> None:
    """A table with headings in words; numbers with two decimals unless ``formats`` says otherwise.

    Parameters
    ----------
    frame
        Its index is shown where it has a name.
    labels
        Words for ids, as in :attr:`layout.core.result.Result.labels`.
    key
        Of the widget.
    formats
        Streamlit number format by column.
    height
        Pixels; by default all rows up to 15.
    headings
        Shorter headings by column, where a table is narrow.
    widths
        Pixels by column; the others are as wide as their content.
    """
    named = frame.index.name is not None or frame.index.nlevels > 1
    plain = frame.reset_index() if named else frame.reset_index(drop=True)
    columns: dict[str, Any] = {}
    for column, words in (labels or {}).items():
        if column in plain.columns:
            named = plain[column].map({value: word(lang()) for value, word in words.items()})
            plain[column] = named.where(named.notna(), plain[column])
    for name in map(str, plain.columns):
        label = (headings or {}).get(name) or heading(name, lang())
        width = (widths or {}).get(name)
        series = plain[name]
        if pd.api.types.is_bool_dtype(series):
            columns[name] = st.column_config.CheckboxColumn(label)
        elif pd.api.types.is_numeric_dtype(series):
            usual = "%,d" if pd.api.types.is_integer_dtype(series) else "%.2f"
            columns[name] = st.column_config.NumberColumn(
                label, format=(formats or {}).get(name, usual), width=width
            )
        else:
            columns[name] = st.column_config.Column(label, width=width)
    tall = height or 35 * (min(len(plain), 15) + 1) + 3
    st.dataframe(
        plain, hide_index=True, column_config=columns, height=tall, placeholder="–", key=key
    )


def notes(result: Result) -> None:
    """Method, conventions and cautions of a result, folded."""
    with st.expander(t("analysis.notes")):
        st.markdown(t("analysis.method", method=result.provenance.method(lang())))
        for note in result.notes:
            st.markdown(f"- {note(lang())}")


# ---------------------------------------------------------------------------- settings


def params_form(
    model: type[Params], *, key: str, only: Collection[str] | None = None
) -> dict[str, Any]:
    """Widgets for the fields of a settings model; returns their values by name.

    Bounds, unit and meaning come from the model; words of choices from ``choice.<field>.<value>``.
    """
    values: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        if only is not None and name not in only:
            continue
        zh, _, en = (info.title or name).partition("|")
        label = (zh if lang() == "zh" else en or zh).strip()
        values[name] = _widget(name, info, label, f"{key}-{name}")
    return values


def _widget(name: str, info: Any, label: str, key: str) -> Any:
    from typing import Literal, get_args, get_origin

    limits = {type(m).__name__: m for m in info.metadata}
    low = getattr(limits.get("Ge"), "ge", getattr(limits.get("Gt"), "gt", None))
    high = getattr(limits.get("Le"), "le", getattr(limits.get("Lt"), "lt", None))
    if get_origin(info.annotation) is Literal:
        options = list(get_args(info.annotation))
        return st.selectbox(
            label, options, index=options.index(info.default), key=key,
            format_func=lambda value: choice(name, value),
        )  # fmt: skip
    if info.annotation is bool:
        return st.toggle(label, value=info.default, key=key)
    if info.annotation in (int, float):
        kind: Callable[[Any], Any] = info.annotation
        return st.number_input(
            label, value=kind(info.default), key=key,
            min_value=None if low is None else kind(low),
            max_value=None if high is None else kind(high),
        )  # fmt: skip
    return info.default


def choice(name: str, value: object) -> str:
    """A value of a setting in words: the text ``choice.<name>.<value>``, the value otherwise."""
    known = catalogue().get(f"choice.{name}.{value}")
    return known[lang()] if known else str(value)


# ---------------------------------------------------------------------------- files


def result_downloads(study: Study, result: Result, *, key: str = "") -> None:
    """Tables, layers, map and report section; each is made when it is asked for."""
    language = lang()  # what is downloaded is made on a thread that knows no visitor
    columns = st.columns(4)
    stem = f"industrial-layout-{result.name}"
    buttons: tuple[tuple[str, Callable[[], bytes], str, str], ...] = (
        ("xlsx", lambda: packed(result, language, ("xlsx",)), ".xlsx", "table_view"),
        ("layers", lambda: packed(result, language, ("gpkg", "tif")), ".zip", "layers"),
        ("map", lambda: map_bytes(study, result, language), ".html", "map"),
        ("word", lambda: section_bytes(study, [result], language), ".docx", "description"),
    )
    for column, (name, make, ending, icon) in zip(columns, buttons, strict=True):
        column.download_button(
            t(f"download.result_{name}"), make, file_name=f"{stem}{ending}", on_click="ignore",
            icon=f":material/{icon}:", width="stretch", key=f"download-{key}-{result.name}-{name}",
        )  # fmt: skip


def packed(result: Result, language: Lang, formats: tuple[ResultFormat, ...]) -> bytes:
    """The files of a result: the workbook itself, or several in a zip."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        export_result(result, folder, lang=language, formats=formats)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        if formats == ("xlsx",) and len(files) == 1:
            return files[0].read_bytes()
        memory = BytesIO()
        with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in files:
                archive.write(path, path.relative_to(folder))
        return memory.getvalue()


def map_bytes(study: Study, result: Result, language: Lang) -> bytes:
    """The self-contained map of a result as one HTML file."""
    return standalone_html(result_map(study, result, language), lang=language).encode("utf-8")


def failed(error: LayoutError) -> None:
    """A fault of settings or data, shown where the result would stand."""
    st.error(error.message(lang()))


def title_of(name: str) -> str:
    """The question that an analysis answers."""
    return find(name).title(lang())
