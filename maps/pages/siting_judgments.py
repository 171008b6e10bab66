"""Pairwise judgments of the siting page: a small matrix a level, its weights and consistency."""

from __future__ import annotations

from itertools import combinations
from typing import Final

import pandas as pd
import streamlit as st

from layout.analyses.siting.criteria import CRITERIA
from layout.analyses.siting.judgments import TOP, matrices
from layout.analyses.siting.presets import PRESETS
from layout.core.errors import LayoutError
from layout.measures.multicriteria import AhpWeights, ahp_weights
from maps.pages.state import lang, t

_SCALE: Final = (*(str(n) for n in range(9, 0, -1)), *(f"1/{n}" for n in range(2, 10)))


def judgments_panel(use: str) -> tuple[str, ...]:
    """Editors of the judgments, the plan's groups first; the weights follow at once.

    Returns
    -------
    tuple of str
        ``first/second=times`` for every pair.
    """
    weights = dict(PRESETS[use].weights)
    every = {name: table for name, table in matrices(weights, ()).items() if len(table) > 1}
    pairs: list[str] = []
    with st.expander(t("siting.judgments"), icon=":material/balance:"):
        st.caption(t("siting.judgments_help"))
        tabs = st.tabs([_level(name) for name in every])
        for tab, (name, table) in zip(tabs, every.items(), strict=True):
            with tab:
                left, right = st.columns([3, 2], gap="medium")
                with left:
                    given = _editor(use, name, table)
                with right:
                    _told(worded(matrices(weights, given)[name]))
            pairs += given
    return tuple(pairs)


def require_consistent(use: str, pairs: tuple[str, ...]) -> None:
    """Refuse judgments that contradict each other, in the visitor's words.

    Raises
    ------
    MeasureError
        A matrix has a consistency ratio of 0.1 or more: the judgment that fits least is named.
    """
    for table in matrices(dict(PRESETS[use].weights), pairs).values():
        ahp_weights(worded(table))


def worded(table: pd.DataFrame) -> pd.DataFrame:
    """A matrix with names for ids."""
    names = [title_of(name) for name in table.index]
    return table.set_axis(names, axis=0).set_axis(names, axis=1)


def title_of(name: str) -> str:
    """Name of a criterion or group."""
    return CRITERIA[name].title(lang()) if name in CRITERIA else t(f"siting.group.{name}")


def _level(name: str) -> str:
    return t("siting.matrix.groups") if name == TOP else title_of(name)


def _editor(use: str, level: str, table: pd.DataFrame) -> tuple[str, ...]:
    """One row a pair; at first the judgments nearest to the weights the use starts from."""
    pairs = list(combinations(table.index, 2))
    frame = pd.DataFrame(
        {
            "first": [title_of(a) for a, _ in pairs],
            "times": [nearest_step(float(table.loc[a, b])) for a, b in pairs],
            "second": [title_of(b) for _, b in pairs],
        }
    )
    edited = st.data_editor(
        frame, hide_index=True, key=f"siting_judged_{use}_{level}_{lang()}", width="stretch",
        disabled=["first", "second"],
        column_config={
            "first": t("evaluation.first"),
            "times": st.column_config.SelectboxColumn(
                t("evaluation.times"), options=list(_SCALE), required=True
            ),
            "second": t("evaluation.second"),
        },
    )  # fmt: skip
    return tuple(
        f"{a}/{b}={as_number(value):.12g}"
        for (a, b), value in zip(pairs, edited["times"], strict=True)
    )


def nearest_step(ratio: float) -> str:
    """The step of Saaty's scale that is nearest to a ratio (by ratio, not by difference)."""
    return min(_SCALE, key=lambda step: max(as_number(step) / ratio, ratio / as_number(step)))


def as_number(step: str) -> float:
    """“3” as 3, “1/3” as a third."""
    over, _, under = step.partition("/")
    return float(over) / float(under or 1)


def _told(table: pd.DataFrame) -> None:
    """Weights and consistency of a matrix, or why it is refused."""
    try:
        found: AhpWeights = ahp_weights(table)
    except LayoutError as error:
        st.error(error.message(lang()))
        return
    shown = pd.DataFrame({"name": found.weights.index, "weight": found.weights.to_numpy()})
    st.dataframe(
        shown, hide_index=True, width="stretch",
        column_config={
            "name": t("siting.judged_item"),
            "weight": st.column_config.ProgressColumn(
                t("column.weight"), format="%.3f", min_value=0, max_value=1
            ),
        },
    )  # fmt: skip
    st.caption(t("siting.consistent", ratio=f"{found.ratio:.3f}"))
