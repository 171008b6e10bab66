"""Charts of the plan's targets and of the evaluation index."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import wrap
from typing import Final

import altair as alt
import pandas as pd

from layout.analyses.evaluation.params import DIMENSIONS
from layout.core.texts import Lang, text

ACTUAL: Final = "#1f5a85"
PATH: Final = "#B4531A"
BELOW: Final = "#EE8866"
ABOVE: Final = "#b9d3e6"
_YI: Final = 1e8
_TITLE: Final[dict[Lang, int]] = {"zh": 18, "en": 34}
"""Characters a line of a panel's title."""


def path_chart(paths: pd.DataFrame, names: Mapping[str, str], lang: Lang) -> alt.HConcatChart:
    """The yearly path of each target with a growth, and the figures typed in, one panel a target.

    Parameters
    ----------
    paths
        Indexed by (target_id, year): ``path_value`` and ``actual``.
    names
        Title of each panel by target id.
    lang
        Language of labels.
    """
    words = {"path_value": text("targets.path", lang), "actual": text("targets.actual", lang)}
    panels = []
    for target, title in names.items():
        own = paths.loc[target][list(words)].rename_axis("year").reset_index()
        long = own.melt("year", var_name="what", value_name="value").dropna()
        long["what"] = long["what"].map(words)
        base = alt.Chart(long).encode(
            x=alt.X("year:O", title=None).axis(labelAngle=0),
            y=alt.Y("value:Q", title=None).scale(zero=False, padding=12),
            color=alt.Color("what:N", title=None)
            .scale(domain=list(words.values()), range=[PATH, ACTUAL])
            .legend(orient="top"),
            tooltip=[
                alt.Tooltip("year:O", title=text("targets.year", lang)),
                alt.Tooltip("what:N", title=" "),
                alt.Tooltip("value:Q", title=text("unit.revenue", lang), format=",.1f"),
            ],
        )
        line = base.mark_line(point=True)
        number = base.mark_text(dx=-4, dy=-10, align="right", fontSize=11).encode(
            text=alt.Text("value:Q", format=",.1f")
        )
        lines = wrap(title, _TITLE[lang])
        told = alt.TitleParams(lines, anchor="start", fontSize=13)
        panels.append(alt.layer(line, number).properties(title=told, width=232, height=190))
    return alt.hconcat(*panels, spacing=18)


def series_chart(series: pd.DataFrame, lang: Lang) -> alt.LayerChart:
    """Revenue of one sector or district by year beside its path, red where it is below.

    Parameters
    ----------
    series
        By year: ``revenue_cny``, ``path_cny``, ``below``.
    lang
        Language of labels.
    """
    table = series.rename_axis("year").reset_index()
    table["revenue"], table["path"] = table["revenue_cny"] / _YI, table["path_cny"] / _YI
    table["state"] = [_state(value, lang) for value in table["below"]]
    x = alt.X("year:O", title=None).axis(labelAngle=0)
    y_title = text("targets.revenue_yi", lang)
    states = {_state(False, lang): ACTUAL, _state(True, lang): BELOW, _state(None, lang): "#9aa5b1"}
    bars = (
        alt.Chart(table)
        .mark_bar(width=34)
        .encode(
            x=x,
            y=alt.Y("revenue:Q", title=y_title),
            color=alt.Color("state:N", title=None)
            .scale(domain=list(states), range=list(states.values()))
            .legend(orient="top"),
            tooltip=[
                alt.Tooltip("year:O", title=text("targets.year", lang)),
                alt.Tooltip("revenue:Q", title=text("targets.actual", lang), format=",.1f"),
                alt.Tooltip("path:Q", title=text("targets.path", lang), format=",.1f"),
                alt.Tooltip("ratio:Q", title=text("targets.ratio", lang), format=".0%"),
            ],
        )
    )
    line = (
        alt.Chart(table.dropna(subset="path"))
        .mark_line(color=PATH, strokeDash=[6, 4], point={"color": PATH})
        .encode(x=x, y="path:Q")
    )
    return alt.layer(bars, line).properties(height=260)


def alert_heat(series: pd.DataFrame, names: Mapping[str, str], lang: Lang) -> alt.LayerChart:
    """Revenue over path, a row a sector or district, a column a year.

    Parameters
    ----------
    series
        Indexed by (unit, year): ``ratio`` and ``below``.
    names
        Words of units by id, in order.
    lang
        Language of labels.
    """
    table = series.reset_index()
    table.columns = pd.Index(["unit", *table.columns[1:]])
    table = table[table["unit"].isin(names)]
    table["name"] = table["unit"].map(names)
    table["state"] = [_state(value, lang) for value in table["below"]]
    table["shown"] = ["–" if v != v else f"{v:.0%}" for v in table["ratio"]]
    states = {_state(False, lang): ABOVE, _state(True, lang): BELOW, _state(None, lang): "#eeeeee"}
    base = alt.Chart(table[["name", "year", "state", "shown"]]).encode(
        x=alt.X("year:O", title=None).axis(orient="top", labelAngle=0, ticks=False, domain=False),
        y=alt.Y("name:N", sort=list(names.values()), title=None).axis(
            labelLimit=220,
            labelOverlap=False,
            minExtent=_room(names, lang),
            ticks=False,
            domain=False,
        ),
        tooltip=[
            alt.Tooltip("name:N", title=" "),
            alt.Tooltip("year:O", title=text("targets.year", lang)),
            alt.Tooltip("shown:N", title=text("targets.ratio", lang)),
            alt.Tooltip("state:N", title=" "),
        ],
    )
    cells = base.mark_rect(stroke="white").encode(
        color=alt.Color("state:N", title=None)
        .scale(domain=list(states), range=list(states.values()))
        .legend(orient="top")
    )
    return alt.layer(cells, base.mark_text(fontSize=11).encode(text="shown:N")).properties(
        height=26 * len(names) + 60
    )


def cluster_bars(clusters: pd.DataFrame, names: Mapping[str, str], lang: Lang) -> alt.LayerChart:
    """Revenue of every sector with the lines of 100 and 1,000 亿元, on a logarithmic scale."""
    table = clusters.rename_axis("sector").reset_index()
    table["name"], table["revenue"] = table["sector"].map(names), table["revenue_cny"] / _YI
    words = {c: text(f"targets.class.{c}", lang) for c in ("thousand", "hundred", "smaller")}
    table["size_class"] = table["size_class"].map(words)
    table = table[table["revenue"] > 0]
    x = alt.X("revenue:Q", title=text("targets.revenue_log", lang)).scale(type="log", domainMin=1)
    bars = (
        alt.Chart(table)
        .mark_bar()
        .encode(
            x=x,
            x2=alt.datum(1),
            y=alt.Y("name:N", sort="-x", title=None).axis(
                labelLimit=180, labelOverlap=False, minExtent=_room(names, lang)
            ),
            color=alt.Color("size_class:N", title=None)
            .scale(domain=list(words.values()), range=["#1f5a85", "#6699CC", "#d9d9d9"])
            .legend(orient="top", columns=3, columnPadding=28),
            tooltip=[
                alt.Tooltip("name:N", title=text("chart.sector", lang)),
                alt.Tooltip("revenue:Q", title=text("targets.revenue_yi", lang), format=",.1f"),
            ],
        )
    )
    marks = pd.DataFrame({"revenue": [100.0, 1000.0]})
    rules = alt.Chart(marks).mark_rule(color=PATH, strokeDash=[5, 4]).encode(x=x)
    return alt.layer(bars, rules).properties(height=26 * len(table) + 70)


def tier_bars(tiers: pd.DataFrame, names: Mapping[str, str], lang: Lang) -> alt.LayerChart:
    """The pyramid of firms by size tier."""
    table = tiers.rename_axis("tier").reset_index()
    table["name"] = table["tier"].map(names)
    base = alt.Chart(table[["name", "firms"]]).encode(
        y=alt.Y("name:N", sort=list(names.values()), title=None).axis(
            labelLimit=220, labelOverlap=False, minExtent=_room(names, lang)
        ),
        x=alt.X("firms:Q", title=text("figure.firms", lang)).scale(type="symlog"),
        tooltip=[
            alt.Tooltip("name:N", title=" "),
            alt.Tooltip("firms:Q", title=text("figure.firms", lang), format=",d"),
        ],
    )
    number = base.mark_text(align="left", dx=4).encode(text=alt.Text("firms:Q", format=",d"))
    return alt.layer(base.mark_bar(color=ACTUAL), number).properties(height=28 * len(table) + 50)


def rank_chart(scores: pd.DataFrame, names: Mapping[str, str], lang: Lang) -> alt.LayerChart:
    """Rank of every unit with its interval, best on top.

    Parameters
    ----------
    scores
        By unit: ``score``, ``rank`` and, where drawn, ``rank_low`` and ``rank_high``.
    names
        Words by id.
    lang
        Language of labels.
    """
    table = scores.rename_axis("unit").reset_index().dropna(subset="rank")
    table["name"] = table["unit"].map(names)
    order = list(table.sort_values(["rank", "name"])["name"])
    y = alt.Y("name:N", sort=order, title=None).axis(
        labelLimit=180, labelOverlap=False, minExtent=_room(names, lang)
    )
    last = max(len(scores), 2)
    x = alt.X("rank:Q", title=text("evaluation.rank", lang)).scale(domain=[0.5, last + 0.5]).axis(
        tickMinStep=1, format="d"
    )  # fmt: skip
    tips = [
        alt.Tooltip("name:N", title=" "),
        alt.Tooltip("score:Q", title=text("evaluation.score", lang), format=".3f"),
        alt.Tooltip("rank:Q", title=text("evaluation.rank", lang), format="d"),
    ]
    dots = alt.Chart(table).mark_point(filled=True, size=110, color=ACTUAL, opacity=1).encode(
        x=x, y=y, tooltip=tips
    )  # fmt: skip
    layers: list[alt.Chart] = [dots]
    if "rank_low" in table:
        bars = alt.Chart(table).mark_rule(strokeWidth=6, color="#b9d3e6").encode(
            x=alt.X("rank_low:Q", title=text("evaluation.rank", lang)), x2="rank_high:Q", y=y
        )  # fmt: skip
        layers = [bars, dots]
    return alt.layer(*layers).properties(height=28 * len(table) + 50)


def dimension_heat(
    dimensions: pd.DataFrame, names: Mapping[str, str], lang: Lang
) -> alt.LayerChart:
    """Scores of units by dimension, 0 to 100; “–” where nothing is known."""
    words = {d: text(f"dimension.{d}", lang) for d in DIMENSIONS}
    wide = dimensions.rename_axis("unit").reset_index()
    long = wide.melt("unit", var_name="dimension", value_name="score")
    long["name"], long["dimension"] = long["unit"].map(names), long["dimension"].map(words)
    long["shown"] = ["–" if v != v else f"{v * 100:.0f}" for v in long["score"]]
    base = alt.Chart(long).encode(
        x=alt.X("dimension:N", sort=list(words.values()), title=None).axis(
            orient="top", labelAngle=0, ticks=False, domain=False, labelOverlap=False
        ),
        y=alt.Y("name:N", sort=list(names.values()), title=None).axis(
            labelLimit=180,
            labelOverlap=False,
            minExtent=_room(names, lang),
            ticks=False,
            domain=False,
        ),
        tooltip=[
            alt.Tooltip("name:N", title=" "),
            alt.Tooltip("dimension:N", title=" "),
            alt.Tooltip("shown:N", title=text("evaluation.score", lang)),
        ],
    )
    known = base.transform_filter("isValid(datum.score)")
    cells = known.mark_rect(stroke="white").encode(
        color=alt.Color("score:Q", legend=None).scale(
            range=["#ffffff", "#1d91c0"], interpolate="rgb", domain=[0, 1]
        )
    )
    unknown = base.transform_filter("!isValid(datum.score)").mark_rect(fill="#eeeeee")
    return alt.layer(unknown, cells, base.mark_text(fontSize=11).encode(text="shown:N")).properties(
        height=26 * len(names) + 50
    )


def _room(names: Mapping[str, str], lang: Lang) -> int:
    """Pixels that the longest label takes: charts are laid out before the font is there."""
    longest = max((len(name) for name in names.values()), default=0)
    return min(int(longest * (13 if lang == "zh" else 6.4)) + 10, 220)


def _state(below: object, lang: Lang) -> str:
    """Whether a value is below its path, in words."""
    if below is None or below is pd.NA:
        return text("targets.no_path", lang)
    return text("targets.below" if below else "targets.above", lang)
