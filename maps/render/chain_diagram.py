"""An industrial chain as a diagram: its nodes from upstream to downstream, full or missing."""

from __future__ import annotations

import textwrap
from typing import Final

import altair as alt
import pandas as pd

from layout.analyses.chain_links import NODE, STAGES
from layout.core.texts import Lang, text

SELECTED: Final = "node"
"""Name of the selection that a click makes."""

_COLOURS: Final = {"present": "#7fb8a4", "thin": "#f0d9a0", "absent": "#ffffff"}
_WIDTH, _HEIGHT, _GAP = 210, 66, 12
_LINE: Final = {"zh": 8, "en": 17}
"""Characters of a name in a line of a box."""
_LINES: Final = 3


def chain_diagram(nodes: pd.DataFrame, lang: Lang, *, chosen: str = "") -> alt.LayerChart:
    """The nodes of one chain in columns by stage; a click on one selects its id.

    Parameters
    ----------
    nodes
        Rows of the table ``nodes`` of :mod:`layout.analyses.chains`, of one chain.
    lang
        Language.
    chosen
        Id of the node that is drawn with a bold frame.
    """
    frame = _placed(nodes, lang)
    states = ["present", "thin", "absent"]
    words = [text(f"chains.state.{state}", lang) for state in states]
    pick = alt.selection_point(name=SELECTED, fields=[NODE], on="click")
    base = alt.Chart(frame)
    boxes = base.mark_rect(cornerRadius=5).encode(
        x=alt.X("left:Q", axis=None, scale=alt.Scale(domain=[0, 3 * (_WIDTH + _GAP)])),
        x2="right:Q",
        y=alt.Y("top:Q", axis=None, scale=alt.Scale(reverse=True, nice=False)),
        y2="bottom:Q",
        color=alt.Color("word:N", title=None)
        .scale(domain=words, range=[_COLOURS[state] for state in states])
        .legend(
            orient="bottom", symbolType="square", symbolStrokeColor="#5f6b76", symbolStrokeWidth=1
        ),
        stroke=alt.value("#5f6b76"),
        strokeWidth=alt.condition(
            alt.datum[NODE] == chosen if chosen else alt.datum[NODE] == "-",
            alt.value(3), alt.value(1),
        ),
        strokeDash=alt.condition(
            alt.datum.state == "absent", alt.value([4, 3]), alt.value([1, 0])
        ),
        tooltip=[
            alt.Tooltip("name:N", title=text("column.node_id", lang)),
            alt.Tooltip("firms:Q", title=text("chains.firm_count", lang), format=","),
            alt.Tooltip("word:N", title=text("column.state", lang)),
        ],
    ).add_params(pick)  # fmt: skip
    middle = {"x": "middle:Q", "align": "center"}
    names = base.mark_text(fontSize=11.5, fontWeight="bold", lineBreak="\n").encode(
        x=middle["x"], y="name_y:Q", text="lines:N"
    )
    counts = base.mark_text(fontSize=11, color="#3b4854").encode(
        x=middle["x"], y="count_y:Q", text="count:N"
    )
    heads = (
        alt.Chart(_heads(lang))
        .mark_text(fontSize=13, fontWeight="bold", color="#1c2733", baseline="bottom")
        .encode(x="middle:Q", y="y:Q", text="word:N")
    )
    rows = int(frame["row"].max()) + 1 if len(frame) else 1
    return alt.layer(boxes, names, counts, heads).properties(
        height=rows * (_HEIGHT + _GAP) + 70
    ).configure_view(stroke=None)  # fmt: skip


def _placed(nodes: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    frame = nodes.sort_values("order_in_chain").copy()
    frame["column"] = frame["stage"].map({stage: i for i, stage in enumerate(STAGES)})
    frame["row"] = frame.groupby("column").cumcount()
    frame["name"] = frame["node_zh" if lang == "zh" else "node_en"]
    frame["lines"] = ["\n".join(_lines(name, lang)) for name in frame["name"]]
    frame["word"] = [text(f"chains.state.{state}", lang) for state in frame["state"]]
    frame["count"] = [text("chains.firms", lang, firms=f"{n:,}") for n in frame["firms"]]
    frame["left"] = frame["column"] * (_WIDTH + _GAP)
    frame["right"] = frame["left"] + _WIDTH
    frame["top"] = frame["row"] * (_HEIGHT + _GAP)
    frame["bottom"] = frame["top"] + _HEIGHT
    frame["middle"] = (frame["left"] + frame["right"]) / 2
    # Vega sets the first line at y, so that names of several lines begin higher.
    deep = frame["lines"].str.count("\n")
    frame["name_y"] = frame["top"] + _HEIGHT * (0.36 - 0.11 * deep)
    frame["count_y"] = frame["top"] + _HEIGHT * 0.82
    kept = [
        NODE, "state", "firms", "row", "name", "lines", "word", "count", "left", "right", "top",
        "bottom", "middle", "name_y", "count_y",
    ]  # fmt: skip
    return frame[kept]


def _lines(name: str, lang: Lang) -> list[str]:
    """A name in lines that fit into a box; what does not fit ends in an ellipsis."""
    return textwrap.wrap(
        name, _LINE[lang], max_lines=_LINES, placeholder="…", break_on_hyphens=False
    )


def _heads(lang: Lang) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "word": [text(f"chains.stage.{i}", lang) for i in range(len(STAGES))],
            "middle": [i * (_WIDTH + _GAP) + _WIDTH / 2 for i in range(len(STAGES))],
            "y": [-8.0] * len(STAGES),
        }
    )
