"""Charts of the register: who answers for what, progress, funding beside firms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import altair as alt
import pandas as pd

from layout.core.texts import Lang, text
from layout.registers.entries import STATUSES

STATUS_COLOURS: Final = {
    "done": "#117733",
    "under_way": "#6699CC",
    "not_started": "#d9d9d9",
    "delayed": "#EE8866",
    "stopped": "#7f7f7f",
    "unknown": "#f0ead6",
}
LEAD: Final = "#1f5a85"
PART: Final = "#b9d3e6"


def matrix_chart(
    matrix: pd.DataFrame, items: Mapping[str, str], units: Mapping[str, str], lang: Lang
) -> alt.LayerChart:
    """Responsibilities: a square a link, dark where the unit leads; its number is the order.

    Parameters
    ----------
    matrix
        Items × units, place in the printed order, missing where there is no link.
    items, units
        Words by id, in order.
    lang
        Language of labels.
    """
    long = matrix.stack(future_stack=True).dropna().rename("place").reset_index()
    long.columns = pd.Index(["item", "unit", "place"])
    long["place"] = long["place"].astype(int)
    roles = {True: text("actions.lead", lang), False: text("actions.part", lang)}
    long["role"] = (long["place"] == 1).map(roles)
    long["item_name"] = long["item"].map(items)
    long["unit_name"] = long["unit"].map(units)
    base = alt.Chart(long).encode(
        x=alt.X("unit_name:N", sort=[units[u] for u in matrix.columns], title=None).axis(
            orient="top",
            labelAngle=-50,
            labelLimit=360,
            ticks=False,
            domain=False,
            labelOverlap=False,
        ),
        y=alt.Y("item_name:N", sort=[items[i] for i in matrix.index], title=None).axis(
            labelLimit=300,
            ticks=False,
            domain=False,
            labelOverlap=False,
            minExtent=195 if lang == "zh" else 300,
        ),
        tooltip=[
            alt.Tooltip("item_name:N", title=text("actions.item", lang)),
            alt.Tooltip("unit_name:N", title=text("actions.unit", lang)),
            alt.Tooltip("role:N", title=text("actions.role", lang)),
        ],
    )
    colour = alt.Color("role:N", title=None).scale(
        domain=list(roles.values()), range=[LEAD, PART]
    ).legend(orient="top")  # fmt: skip
    squares = base.mark_rect(stroke="white").encode(color=colour)
    numbers = base.mark_text(fontSize=11).encode(
        text="place:Q",
        color=alt.condition("datum.place == 1", alt.value("white"), alt.value("#1c2733")),
    )
    return alt.layer(squares, numbers).properties(height=22 * len(matrix) + 60)


def board_chart(board: pd.DataFrame, names: Mapping[str, str], lang: Lang) -> alt.Chart:
    """Entries by status: a bar a district or a unit.

    Parameters
    ----------
    board
        Rows by id, a column a status.
    names
        Words by id.
    lang
        Language of labels.
    """
    shown = board[list(STATUSES)].rename_axis("id").reset_index()
    long = shown.melt("id", var_name="status", value_name="entries")
    words = {status: text(f"register.status.{status}", lang) for status in STATUS_COLOURS}
    long["name"] = long["id"].map(names)
    long["order"] = long["status"].map({s: i for i, s in enumerate(STATUS_COLOURS)})
    long["status"] = long["status"].map(words)
    return (
        alt.Chart(long[long["entries"] > 0])
        .mark_bar(stroke="white", strokeWidth=0.5)
        .encode(
            x=alt.X("entries:Q", title=text("actions.entries", lang)).axis(tickMinStep=1),
            y=alt.Y("name:N", sort=[names[i] for i in board.index], title=None).axis(
                labelLimit=260, labelOverlap=False, minExtent=130 if lang == "zh" else 260
            ),
            color=alt.Color("status:N", title=None)
            .scale(domain=list(words.values()), range=list(STATUS_COLOURS.values()))
            .legend(orient="top", symbolType="square", columns=6),
            order="order:Q",
            tooltip=[
                alt.Tooltip("name:N", title=text("actions.owner", lang)),
                alt.Tooltip("status:N", title=text("register.field.status", lang)),
                alt.Tooltip("entries:Q", title=text("actions.entries", lang)),
            ],
        )
        .properties(height=26 * len(board) + 70)
    )


def quotient_pairs(table: pd.DataFrame, sectors: Mapping[str, str], lang: Lang) -> alt.LayerChart:
    """Location quotients of funding and of firms of one district, joined by a line a sector.

    Parameters
    ----------
    table
        By sector: ``funding_lq`` and ``firms_lq``; missing ones are not drawn.
    sectors
        Words by id, in order.
    lang
        Language of labels.
    """
    words = {
        "funding_lq": text("actions.funding_lq", lang),
        "firms_lq": text("actions.firms_lq", lang),
    }
    wide = table[list(words)].rename_axis("id").reset_index()
    long = wide.melt("id", var_name="what", value_name="lq").dropna()
    long["sector"], long["what"] = long["id"].map(sectors), long["what"].map(words)
    y = alt.Y("sector:N", sort=list(sectors.values()), title=None).axis(
        labelLimit=200, labelOverlap=False, minExtent=130 if lang == "zh" else 160
    )
    x = alt.X("lq:Q", title=text("chart.lq", lang)).scale(zero=True)
    lines = alt.Chart(long).mark_line(color="#9aa5b1").encode(x=x, y=y, detail="sector:N")
    dots = (
        alt.Chart(long)
        .mark_point(filled=True, size=90, opacity=1)
        .encode(
            x=x,
            y=y,
            color=alt.Color("what:N", title=None)
            .scale(domain=list(words.values()), range=["#882255", LEAD])
            .legend(orient="top"),
            tooltip=[
                alt.Tooltip("sector:N", title=text("chart.sector", lang)),
                alt.Tooltip("what:N", title=" "),
                alt.Tooltip("lq:Q", title=text("chart.lq", lang), format=".2f"),
            ],
        )
    )
    rule = alt.Chart(pd.DataFrame({"lq": [1.0]})).mark_rule(strokeDash=[4, 3]).encode(x="lq:Q")
    return alt.layer(lines, rule, dots).properties(height=26 * len(sectors) + 50)
