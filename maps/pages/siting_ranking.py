"""The shortlist of the siting page as a ranked table, the chosen sites on top."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from layout.analyses.siting.criteria import GROUPS
from layout.core.result import Result
from layout.core.study import Study
from maps.pages.siting_tabs import names_of
from maps.pages.state import lang, t
from maps.views.geometry import short_names

_MARKS: Final = {"chosen": "✓", "barred": "✕"}
_HEAD, _ROW, _MOST = 38, 35, 10


def ranking(study: Study, result: Result) -> None:
    """Place, district, score of each group, suitability, how often chosen, and why not."""
    table = result.tables["sites"]
    short = table[table["shortlisted"]].sort_values(
        ["state", "rank"], key=lambda s: s if s.name == "rank" else s != "chosen"
    )
    if short.empty:
        return
    st.markdown(f"**{t('siting.ranking')}**")
    shown = _rows(study, result, short)
    st.dataframe(
        shown, hide_index=True, column_config=_heads(shown), placeholder="–", width="stretch",
        height=_HEAD + _ROW * min(len(shown), _MOST),
    )  # fmt: skip
    st.caption(t("siting.ranking_note"))


def _rows(study: Study, result: Result, short: pd.DataFrame) -> pd.DataFrame:
    zones = study.zones["district"]
    districts = dict(zip(zones["id"], short_names(zones, lang()), strict=True))
    why = {name: word(lang()) for name, word in result.labels["hindrance"].items()}
    columns: dict[str, Any] = {
        "state": short["state"].map(_MARKS).fillna(""),
        "rank": short["rank"],
        "site": names_of(short),
        "district": short["district"].map(districts).fillna(""),
        "suitability": short["suitability"],
        **{f"group_{group}": short[f"group_{group}"] for group in GROUPS},
        "p_chosen": short["p_chosen"] * 100,
    }
    if "pue" in short:
        columns["pue"] = short["pue"]
    if "grid_km" in short:
        columns["grid_km"] = short["grid_km"]
    if (short["hindrance"] != "").any():
        columns["hindrance"] = short["hindrance"].map(why).fillna("")
    frame = pd.DataFrame(columns)
    return frame.drop(columns=[name for name in frame if frame[name].isna().all()])


def _heads(shown: pd.DataFrame) -> dict[str, Any]:
    bar, number, text = (
        st.column_config.ProgressColumn, st.column_config.NumberColumn,
        st.column_config.TextColumn,
    )  # fmt: skip
    heads: dict[str, Any] = {
        "state": text(t("siting.mark"), width=40),
        "rank": number(t("column.rank"), width=40),
        "site": text(t("column.site"), width=120),
        "district": text(t("column.district"), width=80),
        "suitability": bar(
            t("column.suitability"), format="%.2f", min_value=0, max_value=1, width=84
        ),
        "p_chosen": bar(
            t("siting.sure"), format="%.0f%%", min_value=0, max_value=100, color="red", width=84
        ),
        "pue": number("PUE", format="%.2f", width=50),
        "grid_km": number(t("siting.grid_short"), format="%.1f", width=82),
        "hindrance": text(t("column.hindrance"), width=110),
    }
    for group in GROUPS:
        heads[f"group_{group}"] = bar(
            t(f"siting.group.{group}"), format="%.2f", min_value=0, max_value=1, color="gray",
            width=84,
        )  # fmt: skip
    return {name: head for name, head in heads.items() if name in shown}
