"""Published figures that a planner types in, each with what makes it comparable."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from maps.pages.state import lang, t
from maps.views.target_words import basis_names, target_names

_START: Final = "target_figures_start"
TYPED: Final = "target_typed"
_COLUMNS: Final = ("target", "year", "value", "basis", "price", "source")


def typed_figures() -> tuple[dict[str, Any], ...]:
    """The editor; returns complete rows and says which are not."""
    with st.expander(t("targets.typed"), expanded=bool(st.session_state.get(TYPED))):
        st.caption(t("targets.typed_note"))
        edited = _editor()
        rows = [row for row in edited.to_dict("records") if not all(map(_empty, row.values()))]
        complete = [row for row in rows if not any(map(_empty, row.values()))]
        if len(complete) < len(rows):
            st.warning(t("targets.typed_incomplete", number=len(rows) - len(complete)))
    figures = tuple({**row, "year": int(row["year"])} for row in complete)
    st.session_state[TYPED] = figures
    return figures


def _editor() -> pd.DataFrame:
    if _START not in st.session_state:  # what was typed when the page was left
        kept = st.session_state.get(TYPED, ())
        frame = pd.DataFrame(list(kept), columns=list(_COLUMNS))
        st.session_state[_START] = frame.astype({"year": "Int64", "value": "float64"})
    targets, bases = target_names(lang()), basis_names(lang())
    column = st.column_config
    edited: pd.DataFrame = st.data_editor(
        st.session_state[_START], num_rows="dynamic", hide_index=True, key="target_figures",
        column_config={
            "target": column.SelectboxColumn(
                t("targets.head.metric"), options=list(targets), width=230,
                format_func=lambda i: targets.get(i, i),
            ),
            "year": column.NumberColumn(t("targets.year"), min_value=2000, max_value=2100,
                                        format="%d"),
            "value": column.NumberColumn(t("targets.value"), min_value=0.0),
            "basis": column.SelectboxColumn(
                t("targets.head.basis"), options=list(bases), width=260,
                format_func=lambda i: bases.get(i, i),
            ),
            "price": column.SelectboxColumn(
                t("targets.price"), options=["unstated", "nominal", "real"], default="unstated",
                format_func=lambda p: t(f"targets.price.{p}") if p else "",
            ),
            "source": column.TextColumn(t("targets.head.source"), max_chars=300, width=200),
        },
    )  # fmt: skip
    return edited


def _empty(value: Any) -> bool:
    return value is None or value is pd.NA or value != value or value == ""
