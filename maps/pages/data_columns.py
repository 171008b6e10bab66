"""Which column of an upload is what: what was recognised, what it may be, what the user says."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from layout.core.columns import label
from layout.core.errors import FaultsError, LayoutError
from layout.core.sources import SourceInfo
from layout.prepare.headers import HeaderMapping, Unrecognised, known_columns, map_headers
from maps.pages.messages import told
from maps.pages.state import lang, t

Units = tuple[str | None, str | None]
"""Unit of revenue and of registered capital where their headers name none."""

_ANY_UNIT = "元"


def expected_columns() -> None:
    """The columns that are recognised by themselves."""
    rows = [{t("data.column"): label(name, lang()), t("data.column_name"): name}
            for name in known_columns()]  # fmt: skip
    with st.expander(t("data.expected"), expanded=False):
        st.caption(t("data.expected_note"))
        st.dataframe(pd.DataFrame(rows), hide_index=True)


def mapping_editor(info: SourceInfo, unit: str | None) -> tuple[dict[str, str], Units]:
    """The columns as recognised, to be corrected.

    Parameters
    ----------
    info
        What is known of the file.
    unit
        Unit of money where the headers name none.

    Returns
    -------
    tuple
        Header by column where the user says otherwise (an empty header: no such column), and the
        units of revenue and of capital: the one told for those whose header names none.
    """
    mapping, settled = _recognised(info)
    found = dict(mapping.columns) if mapping else {}
    _, problem = _problem(info, {}, unit)
    title = t("data.mapping", found=len(found), headers=len(info.headers))
    with st.expander(title, expanded=problem is not None):
        edited = _editor(info, found)
        said = {name: head for name, head in edited.items() if head != found.get(name, "")}
        said = {**{name: edited[name] for name in settled}, **said}
        _unrecognised([one for one in (mapping.unrecognised if mapping else ())
                       if one.header not in said.values()])  # fmt: skip
    units, remaining = _problem(info, said, unit)
    if remaining:
        st.warning(remaining)
    return said, units


def _editor(info: SourceInfo, found: dict[str, str]) -> dict[str, str]:
    names = [*known_columns(), *(name for name in found if name not in known_columns())]
    nothing = t("data.no_column")
    table = pd.DataFrame(
        {"name": names, "label": [label(n, lang()) for n in names],
         "header": [found.get(n, nothing) for n in names]}
    )  # fmt: skip
    st.caption(t("data.mapping_note"))
    edited = st.data_editor(
        table, hide_index=True, disabled=["name", "label"], key=f"mapping-{info.path.parent.name}",
        column_config={
            "name": None,
            "label": st.column_config.TextColumn(t("data.column")),
            "header": st.column_config.SelectboxColumn(
                t("data.header"), options=[nothing, *info.headers], required=True
            ),
        },
    )  # fmt: skip
    heads = edited["header"].replace(nothing, "")
    return dict(zip(edited["name"], heads, strict=True))


def _unrecognised(rest: list[Unrecognised]) -> None:
    """Headers that no rule knows: they are kept, and may be one of the columns named."""
    if not rest:
        return
    between = "、" if lang() == "zh" else ", "
    rows = [
        {t("data.header"): one.header,
         t("data.candidates"): between.join(label(n, lang()) for n in one.candidates) or "–"}
        for one in rest
    ]  # fmt: skip
    st.markdown(t("data.unrecognised", number=len(rest)))
    st.dataframe(pd.DataFrame(rows), hide_index=True, height=min(38 + 35 * len(rows), 248))


def _recognised(info: SourceInfo) -> tuple[HeaderMapping | None, tuple[str, ...]]:
    """The mapping without what is in doubt, and the columns that several headers claim."""
    doubtful: dict[str, str] = {}
    for _ in range(2):  # a second time without the columns in doubt
        # A missing unit must not hide which columns were recognised.
        mapping, _, error = _mapped(info, doubtful, _ANY_UNIT)
        if error is None:
            return mapping, tuple(doubtful)
        faults = error.faults if isinstance(error, FaultsError) else (error,)
        twice = [f.values["column"] for f in faults if f.key == "error.two_headers"]
        doubtful = {str(column): "" for column in twice}
    return None, ()


def _problem(info: SourceInfo, said: dict[str, str], unit: str | None) -> tuple[Units, str | None]:
    """The units to read with, and what is wrong with the headers, if anything."""
    _, units, error = _mapped(info, said, unit)
    return units, told(error, Path(info.path)) if error else None


def _mapped(
    info: SourceInfo, said: dict[str, str], unit: str | None
) -> tuple[HeaderMapping | None, Units, LayoutError | None]:
    """The mapping with ``unit`` for the money whose header names none, else the first error."""
    first: LayoutError | None = None
    choices: list[Units] = [(unit, unit), (unit, None), (None, unit), (None, None)]
    for units in dict.fromkeys(choices):
        try:
            mapping = map_headers(info, told=said, revenue_unit=units[0], capital_unit=units[1])
        except LayoutError as error:
            first = first or error
        else:
            return mapping, units, None
    return None, choices[0], first
