"""One entry of the register in a form, saved against the version that was opened.

What a visitor opened stays what the change is compared with, however long the form is open: a
change of someone else in another field is joined, one in the same field is told with both values,
and what was typed stays in the form.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import pandas as pd
import streamlit as st

from layout.core.errors import LayoutError
from layout.registers.entries import BY_NAME, FIELDS, ConflictError, Field
from layout.registers.store import Register
from layout.registers.words import field_name, labels
from maps.pages.messages import plain
from maps.pages.state import lang, t

NEW: Final = ""
_OPENED: Final = "register_opened"
_TOLD: Final = "register_told"
_REMOVED: Final = "register_removed"
_LONG: Final = ("measure", "evidence")
_ROWS: Final = (
    ("kind", "status", "due"),
    ("title", "title_en"),
    ("item_id", "district_id", "department_id"),
    ("measure", "evidence"),
    ("sector", "target_id", "requirement"),
    ("fund", "year", "amount_yi"),
    ("source", "lon", "lat"),
)
"""Fields of the form by row; the rest of :data:`layout.registers.entries.FIELDS` is not shown."""


def editor(register: Register, entries: pd.DataFrame, *, city: str, department: str) -> None:
    """Choose or add an entry, change it, take a change back, look at its history."""
    st.subheader(t("actions.edit"))
    if st.session_state.get("register_entry") not in (NEW, *entries.index):
        st.session_state["register_entry"] = NEW
    left, right = st.columns([3, 2])
    titles = entries["title"] if lang() == "zh" else entries["title_en"].fillna(entries["title"])
    chosen = left.selectbox(
        t("actions.entry"), [NEW, *entries.index], key="register_entry",
        format_func=lambda i: f"{i}　{titles[i]}" if i in titles.index else t("actions.new"),
    )  # fmt: skip
    who = right.text_input(t("actions.who"), key="register_who", help=t("actions.who_help"),
                           max_chars=40)  # fmt: skip
    for kind, words in st.session_state.pop(_TOLD, []):
        getattr(st, kind)(words)
    opened = _opened(entries, chosen)
    values = _form(opened, city=city, department=department)
    if values is not None:
        _save(register, opened, values, who.strip())
    if chosen != NEW:
        _history(register, opened, who.strip())
    else:
        _bring_back(register, who.strip())


def _opened(entries: pd.DataFrame, chosen: str) -> dict[str, Any]:
    """The entry as it was when it was opened; opened anew when another one is chosen."""
    opened: dict[str, Any] = st.session_state.get(_OPENED, {})
    if opened.get("id") != chosen or chosen not in (NEW, *entries.index):
        row = {} if chosen == NEW else entries.loc[chosen].to_dict()
        times = int(opened.get("times", 0)) + 1
        opened = {"id": chosen, "version": int(row.get("version", 0)), "times": times, "row": row}
        st.session_state[_OPENED] = opened
    return opened


def _form(opened: dict[str, Any], *, city: str, department: str) -> dict[str, Any] | None:
    """The widgets; the values when they were sent."""
    stem = f"register-{opened['id']}-{opened['version']}-{opened['times']}"
    row = opened["row"] or {
        "kind": "action", "status": "not_started", "department_id": department or None,
    }  # fmt: skip
    values: dict[str, Any] = {}
    with st.form(stem, enter_to_submit=False):
        for names in _ROWS:
            for column, name in zip(st.columns(len(names)), names, strict=True):
                with column:
                    values[name] = _widget(BY_NAME[name], row.get(name), f"{stem}-{name}", city)
        sent = st.form_submit_button(t("actions.save"), type="primary", key=f"{stem}-save")
    return values if sent else None


def _widget(field: Field, value: Any, key: str, city: str) -> Any:
    label = field_name(field.name, lang()) + ("*" if field.required else "")
    unknown = value is None or value != value
    if field.kind == "choice":
        words = labels(field.choices, lang(), city)
        options = list(words) if field.required else [None, *words]
        place = options.index(value) if not unknown and value in options else 0
        return st.selectbox(
            label, options, index=place, key=key, format_func=lambda c: words.get(c, "–")
        )
    if field.kind == "date":
        day = None if unknown else dt.date.fromisoformat(value)
        first, last = dt.date(2000, 1, 1), dt.date(2100, 12, 31)
        return st.date_input(
            label, value=day, key=key, format="YYYY-MM-DD", min_value=first, max_value=last
        )
    if field.kind in ("number", "year"):
        shown = "" if unknown else f"{value:.12g}"
        return st.text_input(label, value=shown, key=key)
    words_now = "" if unknown else str(value)
    if field.name in _LONG:
        return st.text_area(label, value=words_now, key=key, height=90)
    return st.text_input(label, value=words_now, key=key)


def _save(register: Register, opened: dict[str, Any], values: dict[str, Any], who: str) -> None:
    """Write what was sent; what cannot be written stays in the form."""
    if not who:
        st.error(t("actions.who_missing"))
        return
    try:
        if opened["id"] == NEW:
            entry = register.add(values, by=who)
            told = [("success", t("actions.added", id=entry))]
        else:
            version = register.change(opened["id"], values, version=opened["version"], by=who)
            joined = version > opened["version"] + 1
            told = [("success", t("actions.joined" if joined else "actions.saved"))]
    except ConflictError as error:
        st.error(plain(error.message(lang())))
        st.button(t("actions.reload"), key="register-reload", on_click=_forget)
        return
    except LayoutError as error:
        st.error(plain(_in_words(error)))
        return
    st.session_state[_TOLD] = told
    _reopen()


def _in_words(error: LayoutError) -> str:
    """An error with its fields named as the form names them."""
    message = error.message(lang())
    for field in FIELDS:
        message = message.replace(f"“{field.name}”", f"“{field_name(field.name, lang())}”")
    return message


def _forget() -> None:
    """Let the next run open the entry as it is then."""
    opened = st.session_state.get(_OPENED, {})
    st.session_state[_OPENED] = {"id": None, "times": opened.get("times", 0)}


def _reopen() -> None:
    """Open the entry as it is now."""
    _forget()
    st.rerun()


def _history(register: Register, opened: dict[str, Any], who: str) -> None:
    left, middle, _ = st.columns([1, 1, 4])
    if left.button(t("actions.undo"), key="register-undo", icon=":material/undo:"):
        _do(register, opened, who, "undo")
    if middle.button(t("actions.remove"), key="register-remove", icon=":material/delete:"):
        _do(register, opened, who, "remove")
    with st.expander(t("actions.history")):
        steps = register.history(opened["id"])
        steps["action"] = [t(f"actions.step.{action}") for action in steps["action"]]
        steps["at"] = steps["at"].str.slice(0, 16).str.replace("T", " ")
        heads = {name: t(f"actions.history.{name}") for name in steps.columns if name != "id"}
        for name in ("before", "after"):
            steps[name] = [_fields(cell) for cell in steps[name]]
        st.dataframe(steps.drop(columns="id").rename(columns=heads), hide_index=True)
        st.caption(t("actions.utc"))


def _fields(cell: str) -> str:
    """Changed fields in words: “状态：done；…”."""
    import json

    values: dict[str, Any] = json.loads(cell)
    mark, end = ("：", "；") if lang() == "zh" else (": ", "; ")
    return end.join(
        f"{field_name(name, lang())}{mark}{_value(name, value)}" for name, value in values.items()
    )


def _value(name: str, value: Any) -> str:
    if value is None:
        return "–"
    choices = BY_NAME[name].choices
    if choices in ("kind", "status", "fund"):
        return t(f"register.{choices}.{value}")
    return str(value)


def _bring_back(register: Register, who: str) -> None:
    """Offer the entry that was just removed."""
    removed = st.session_state.get(_REMOVED)
    gone = register.entries(deleted=True) if removed else None
    if gone is None or removed not in gone.index:
        return
    if st.button(t("actions.bring_back", id=removed), key="register-back", icon=":material/undo:"):
        opened = {"id": removed, "version": int(gone["version"].at[removed])}
        _do(register, opened, who, "undo")


def _do(register: Register, opened: dict[str, Any], who: str, what: str) -> None:
    if not who:
        st.error(t("actions.who_missing"))
        return
    try:
        getattr(register, what)(opened["id"], version=opened["version"], by=who)
    except LayoutError as error:
        st.error(plain(error.message(lang())))
        return
    st.session_state[_TOLD] = [("success", t(f"actions.{what}_done"))]
    if what == "remove":
        st.session_state[_REMOVED] = opened["id"]
    _reopen()
