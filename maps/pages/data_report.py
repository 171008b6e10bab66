"""What the check of an upload found, and the files to take away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from layout.core.faults import FAULTS
from maps.pages.cleaned import CSV_ROWS, XLSX_ROWS, as_csv, as_xlsx
from maps.pages.messages import datum_name, note_words, plain
from maps.pages.state import lang, t

DELIVERIES = "delivery_datums"
_PREVIEW_ROWS = 200


def show_report(kept: dict[str, Any]) -> None:
    """Draw the balance, faults, datum check, notes, rejects and downloads."""
    report = kept["report"]
    counts = report["counts"]
    numbers = {name: f"{counts[name]:,}" for name in ("read", "accepted", "rejected")}
    (st.success if counts["accepted"] else st.warning)(t("about.balance", **numbers))
    left, right = st.columns(2)
    with left:
        st.subheader(t("data.faults"))
        fault_table(report["faults"])
    with right:
        st.subheader(t("data.datum_check"))
        _datum(report["datum"])
    if any(one["fits"] for one in (report["datum"] or {}).get("deliveries", [])):
        st.warning(t("data.contradicted"))
    for note in report["notes"]:
        st.info(note_words(note[lang()]))
    _delivery_datums(report["datum"])
    if counts["rejected"]:
        with st.expander(t("data.rejects", count=numbers["rejected"])):
            preview = pd.read_csv(
                kept["rejects"], dtype=str, nrows=_PREVIEW_ROWS, encoding="utf-8-sig"
            )
            st.dataframe(preview, hide_index=True, placeholder="")
    _downloads(kept)


def fault_table(found: dict[str, dict[str, int]]) -> None:
    """Rows rejected and flagged, by fault, in the order of the rules."""
    rows = [
        {
            t("about.fault"): t(f"fault.{code}"),
            t("policy.reject"): found[code]["rejected"],
            t("policy.flag"): found[code]["flagged"],
        }
        for code in FAULTS
        if code in found
    ]
    if not rows:
        st.write(t("about.no_faults"))
        return
    number = st.column_config.NumberColumn
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, height=38 + 35 * len(rows),
        column_config={
            t("policy.reject"): number(t("about.rejected_rows"), format="%,d"),
            t("policy.flag"): number(t("about.flagged_rows"), format="%,d"),
        },
    )  # fmt: skip
    st.caption(t("about.several"))


def _datum(datum: dict[str, Any] | None) -> None:
    if datum is None:
        st.write(t("data.no_positions"))
        return
    rows = [
        {
            t("data.datum"): datum_name(name)
            + (t("data.declared") if name == datum["declared"] else ""),
            t("data.inside"): None if share is None else share * 100,
        }
        for name, share in datum["inside_share"].items()
    ]
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, placeholder="–",
        column_config={t("data.inside"): st.column_config.NumberColumn(format="%.2f")},
    )  # fmt: skip
    st.caption(t("data.inside_note", points=f"{datum['points']:,}"))


def _delivery_datums(datum: dict[str, Any] | None) -> None:
    """Let deliveries that contradict the datum be read in another one at the next check."""
    kept = st.session_state.setdefault(DELIVERIES, {})
    found = [d for d in (datum or {}).get("deliveries", []) if d["fits"]]
    names = [str(d["name"]) for d in found if d["name"] is not None]
    for name in dict.fromkeys([*names, *kept]):
        options = ["", "wgs84", "gcj02", "bd09"]
        kept[name] = st.selectbox(
            t("data.delivery", name=plain(name)), options, index=options.index(kept.get(name, "")),
            format_func=lambda d: t(f"datum.{d}") if d else t("data.delivery_keep"),
            help=t("data.delivery_help"), key=f"delivery-{name}",
        )  # fmt: skip


def _downloads(kept: dict[str, Any]) -> None:
    """The cleaned table in the forms that its size allows, and the rejected rows."""
    report, table, rejects = kept["report"], Path(kept["out"]), Path(kept["rejects"])
    rows, language = report["counts"]["accepted"], lang()  # made on a thread without a visitor
    files = [("parquet", table.read_bytes)]
    if 0 < rows <= CSV_ROWS:
        files.append(("csv", lambda: as_csv(table, report, language)))
    if 0 < rows <= XLSX_ROWS:
        files.append(("xlsx", lambda: as_xlsx(table, report, language)))
    st.markdown(t("data.take_away"))
    columns = st.columns(len(files) + 1)
    for column, (ending, make) in zip(columns, files, strict=False):
        column.download_button(
            t(f"data.download_{ending}"), make, file_name=f"firms.{ending}", on_click="ignore",
            icon=":material/download:", width="stretch",
        )  # fmt: skip
    columns[-1].download_button(
        t("data.download_rejects"), rejects.read_bytes, file_name="rejects.csv",
        on_click="ignore", icon=":material/download:", width="stretch",
    )  # fmt: skip
