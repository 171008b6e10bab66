"""The register as files: out for a district to fill in, and in again."""

from __future__ import annotations

import tempfile
from pathlib import Path

import streamlit as st

from layout.core.errors import LayoutError
from layout.core.texts import Lang
from layout.pipeline.register_files import export_register, import_register
from layout.registers.store import Register
from maps.pages.data import UPLOADER
from maps.pages.messages import plain
from maps.pages.state import lang, t


def files(register: Register, *, city: str) -> None:
    """Buttons that write the register, and a place to take a filled-in file in."""
    st.subheader(t("actions.files"))
    language = lang()  # what is downloaded is made on a thread that knows no visitor
    left, right = st.columns(2)
    for column, ending, icon in ((left, "xlsx", "table_view"), (right, "csv", "csv")):
        column.download_button(
            t(f"actions.export_{ending}"),
            lambda ending=ending: exported(register, ending, language, city=city),
            file_name=f"register.{ending}", on_click="ignore", icon=f":material/{icon}:",
            width="stretch", key=f"register-{ending}",
        )  # fmt: skip
    st.html(UPLOADER % (t("data.choose_button"), t("data.drop_here")))
    given = st.file_uploader(t("actions.import"), type=["xlsx", "csv"], key="register-file",
                             help=t("actions.import_help"))  # fmt: skip
    if given is None:
        return
    if st.button(t("actions.import_do"), key="register-import", type="primary"):
        who = str(st.session_state.get("register_who", "")).strip()
        if not who:
            st.error(t("actions.who_missing"))
            return
        _take_in(register, given.name, given.getvalue(), who=who, city=city)


def _take_in(register: Register, name: str, content: bytes, *, who: str, city: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"register{Path(name).suffix.lower()}"
        path.write_bytes(content)
        try:
            told = import_register(register, path, by=who, city=city)
        except LayoutError as error:
            st.error(f"{t('actions.import_failed')}\n\n{_lines(error)}")
            return
    st.success(t("actions.import_done", **told))


def _lines(error: LayoutError) -> str:
    """Every fault on a line of its own."""
    faults = getattr(error, "faults", (error,))
    return "\n".join(f"- {plain(fault.message(lang()))}" for fault in faults)


def exported(register: Register, ending: str, language: Lang, *, city: str) -> bytes:
    """The register as a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"register.{ending}"
        export_register(register, path, lang=language, city=city)
        return path.read_bytes()
