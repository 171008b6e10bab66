"""Who answers for what, the register that districts keep, and how far things are."""

from __future__ import annotations

import datetime as dt
from typing import Final

import pandas as pd
import streamlit as st

from layout.core.study import Study
from layout.registers import board as boards
from layout.registers.store import Register, open_register
from layout.registers.words import field_name, labels, worded
from maps.pages import address
from maps.pages.register_editor import editor
from maps.pages.register_files import files
from maps.pages.state import current_study, lang, t
from maps.pages.widgets import synthetic_banner
from maps.render.register_charts import board_chart, matrix_chart, quotient_pairs

EVERYONE: Final = ""
_LISTED: Final = (
    "title", "status", "due", "department_id", "district_id", "item_id", "kind", "changed_at",
)  # fmt: skip
_ROW, _HEAD = 35, 38


def render() -> None:
    """Draw the page."""
    study = current_study()
    city = study.manifest.city
    register = open_register(study)
    units = labels("department", lang(), city)
    with st.sidebar:
        department = _my_department(units)
    tabs = st.tabs(
        [t(f"actions.tab.{name}") for name in ("matrix", "register", "board", "funding")]
    )
    with tabs[0]:
        _matrix(department, city)
    with tabs[1]:
        _register(register, department, city)
    with tabs[2]:
        _board(register, department, city)
    with tabs[3]:
        synthetic_banner(study)
        _funding(study, register, city)


def _my_department(units: dict[str, str]) -> str:
    address.allow("actions_department", [EVERYONE, *units])
    st.subheader(t("actions.mine"))
    return str(
        st.selectbox(
            t("actions.department"), [EVERYONE, *units], key="actions_department",
            format_func=lambda i: units.get(i, t("actions.everyone")), help=t("actions.mine_help"),
        )
    )  # fmt: skip


def _matrix(department: str, city: str) -> None:
    matrix = boards.responsibility_matrix(department or None)
    items, units = labels("item", lang(), city), labels("department", lang(), city)
    st.caption(t("actions.matrix_note"))
    st.altair_chart(
        matrix_chart(matrix, items, units, lang()), alt=t("actions.tab.matrix"), width="stretch"
    )
    table = matrix.rename(index=items, columns=units).rename_axis(t("actions.item")).reset_index()
    st.download_button(
        t("actions.download_matrix"), table.to_csv(index=False).encode("utf-8-sig"),
        file_name="responsibilities.csv", on_click="ignore", icon=":material/table_view:",
    )  # fmt: skip


def _register(register: Register, department: str, city: str) -> None:
    entries = register.entries()
    chosen = _filtered(entries, department, city)
    _list(chosen, city)
    editor(register, entries, city=city, department=department)
    files(register, city=city)


def _filtered(entries: pd.DataFrame, department: str, city: str) -> pd.DataFrame:
    """The entries that the widgets ask for."""
    columns = st.columns(3)
    for column, name in zip(columns, ("kind", "district_id", "status"), strict=True):
        words = labels({"district_id": "district"}.get(name, name), lang(), city)
        wanted = column.multiselect(
            field_name(name, lang()), list(words), format_func=words.__getitem__,
            key=f"actions_filter_{name}", placeholder=t("filter.all"),
        )  # fmt: skip
        if wanted:
            entries = entries[entries[name].isin(wanted)]
    return entries[entries["department_id"] == department] if department else entries


def _list(entries: pd.DataFrame, city: str) -> None:
    """The entries as a table in words."""
    shown = entries[list(_LISTED)].copy()
    shown["title"] = _titles(entries)
    for name in ("kind", "item_id", "district_id", "department_id", "status"):
        shown[name] = [worded(name, v, lang(), city) if v else None for v in shown[name]]
    shown["changed_at"] = shown["changed_at"].str.slice(0, 16).str.replace("T", " ")
    late = boards.overdue(entries, _today())
    shown.insert(3, "late", late.map({True: t("actions.late"), False: ""}))
    heads = {name: field_name(name, lang()) for name in _LISTED} | {"late": t("actions.late")}
    st.dataframe(
        shown.rename(columns=heads).rename_axis(field_name("id", lang())),
        height=_HEAD + _ROW * min(max(len(shown), 1), 9), placeholder="–", width="stretch",
        column_config={
            heads["title"]: st.column_config.TextColumn(width=300),
            heads["department_id"]: st.column_config.TextColumn(width=150),
            heads["item_id"]: st.column_config.TextColumn(width=180),
        },
    )  # fmt: skip
    st.caption(t("actions.listed", number=len(shown), late=int(late.sum())))


def _titles(entries: pd.DataFrame) -> pd.Series:
    """Titles in the visitor's language where there is one."""
    if lang() == "zh":
        return entries["title"]
    return entries["title_en"].fillna(entries["title"])


def _today() -> dt.date:
    return dt.datetime.now(dt.timezone(dt.timedelta(hours=8))).date()


def _board(register: Register, department: str, city: str) -> None:
    entries = register.entries()
    if department:
        entries = entries[entries["department_id"] == department]
    by = st.segmented_control(
        t("actions.by"), ["department_id", "district_id"], required=True, key="actions_by",
        format_func=lambda name: field_name(name, lang()),
    )  # fmt: skip
    if entries.empty:
        st.info(t("actions.nothing"))
        return
    table = boards.board(entries, by, today=_today())
    words = labels(by.removesuffix("_id"), lang(), city)
    order = [code for code in words if code in table.index]
    table = table.loc[[*order, *(i for i in table.index if i not in words)]]
    names = {code: words.get(code, t("actions.nobody")) for code in table.index}
    st.altair_chart(board_chart(table, names, lang()), alt=t("actions.tab.board"))
    shown = table[["total", "done", "overdue", "done_share"]].rename(index=names)
    shown["done_share"] *= 100
    number = st.column_config.NumberColumn
    st.dataframe(
        shown.rename_axis(field_name(by, lang())), placeholder="–",
        height=_HEAD + _ROW * min(len(shown), 15),
        column_config={
            "total": number(t("actions.total"), format="%d"),
            "done": number(t("register.status.done"), format="%d"),
            "overdue": number(t("actions.late"), format="%d"),
            "done_share": number(t("actions.done_share"), format="%.0f"),
        },
    )  # fmt: skip
    st.caption(t("actions.board_note", today=f"{_today():%Y-%m-%d}"))


def _funding(study: Study, register: Register, city: str) -> None:
    entries = register.entries()
    by_fund = boards.funding_by_fund(entries)
    if by_fund.empty:
        st.info(t("actions.no_funding"))
        return
    shown = by_fund.reset_index()
    shown["fund"] = shown["fund"].map(labels("fund", lang(), city))
    shown["year"] = shown["year"].map(lambda year: str(year) if year else "–")
    number = st.column_config.NumberColumn
    st.dataframe(
        shown, hide_index=True, placeholder="–",
        column_config={
            "fund": st.column_config.TextColumn(field_name("fund", lang())),
            "year": st.column_config.TextColumn(field_name("year", lang())),
            "amount_yi": number(field_name("amount_yi", lang()), format="%.2f"),
            "entries": number(t("actions.entries"), format="%d"),
            "unknown": number(t("actions.unknown_amount"), format="%d"),
        },
    )  # fmt: skip
    _quotients(study, entries, city)


def _quotients(study: Study, entries: pd.DataFrame, city: str) -> None:
    """Location quotients of funding beside those of firms, one district at a time."""
    cube = study.cubes["district"]
    ids = list(study.zones["district"]["id"])
    table = boards.funding(entries, cube[cube["year"] == 0], ids)
    words = labels("district", lang(), city)
    funded = table["amount_yi"].groupby("district_id").sum()
    options = [i for i in ids if funded.get(i, 0) > 0]
    if not options:
        st.info(t("actions.no_quotient"))
        return
    district = st.selectbox(
        t("actions.funding_district"), options, format_func=lambda i: words.get(i, i),
        key="actions_funding_district",
    )  # fmt: skip
    sectors = labels("sector", lang(), city)
    own = table.loc[district]
    st.altair_chart(quotient_pairs(own, sectors, lang()), alt=t("actions.tab.funding"))
    shown = own.rename(index=sectors).rename_axis(t("chart.sector"))
    number = st.column_config.NumberColumn
    st.dataframe(
        shown, placeholder="–", height=_HEAD + _ROW * len(shown),
        column_config={
            "amount_yi": number(field_name("amount_yi", lang()), format="%.2f"),
            "funding_lq": number(t("actions.funding_lq"), format="%.2f"),
            "firms": number(t("figure.firms"), format="%d"),
            "firms_lq": number(t("actions.firms_lq"), format="%.2f"),
            "lq_gap": number(t("actions.lq_gap"), format="%+.2f"),
        },
    )  # fmt: skip
    st.caption(t("actions.funding_note"))
