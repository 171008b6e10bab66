"""Charts of the paths page (Vega-Lite, drawn in the browser from the data given)."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import altair as alt
import pandas as pd

from layout.analyses.paths.settings import PATH_COLOURS, PATHS
from layout.core.texts import Lang, text
from maps.views.wording import sector_names

DISTRICT_COLOURS: Final = ("#332288", "#CC6677", "#117733", "#DDAA33")
"""Of the districts compared, in their order; after the palettes of Paul Tol."""

ACTION_COLOURS: Final = {
    "deepen": "#1b7837",
    "build": "#2166ac",
    "watch": "#bf9000",
    "leave": "#9a9a9a",
    "unknown": "#dddddd",
}
_ACTION_SHAPES: Final = {
    "deepen": "circle",
    "build": "triangle-up",
    "watch": "diamond",
    "leave": "cross",
    "unknown": "square",
}
_HEIGHT: Final = math.sqrt(3) / 2
_EXTENT: Final = {"zh": 92, "en": 140}
"""Room for the names of the paths, pixels: the font may come after the chart is measured."""


def score_bars(row: pd.Series, lang: Lang) -> alt.LayerChart:
    """The three scores of one district as bars with intervals.

    Parameters
    ----------
    row
        A row of the table ``scores``.
    lang
        Language of labels.
    """
    frame = pd.DataFrame(
        {
            "path": [text(f"path.{p}", lang) for p in PATHS],
            "score": [row[p] for p in PATHS],
            "low": [row[f"{p}_low"] for p in PATHS],
            "high": [row[f"{p}_high"] for p in PATHS],
            "shown": [text("chart.left_out", lang) if row[p] != row[p] else f"{row[p]:.2f}"
                      for p in PATHS],
        }
    )  # fmt: skip
    names = list(frame["path"])
    base = alt.Chart(frame).encode(
        y=alt.Y("path:N", sort=names, title=None).axis(
            labelLimit=190,
            domain=False,
            ticks=False,
            labelFontSize=13,
            labelPadding=6,
            labelOverlap=False,
            minExtent=_EXTENT[lang],
        ),
        tooltip=[
            alt.Tooltip("path:N", title=text("chart.path", lang)),
            alt.Tooltip("score:Q", title=text("chart.score", lang), format=".2f"),
            alt.Tooltip("low:Q", title=text("chart.low", lang), format=".2f"),
            alt.Tooltip("high:Q", title=text("chart.high", lang), format=".2f"),
        ],
    )
    x = alt.X("score:Q", title=None).scale(domain=[0, 1.15]).axis(
        values=[0, 0.5, 1], format=".1f", grid=True, domain=False
    )  # fmt: skip
    bars = base.mark_bar(height=15, cornerRadiusEnd=2).encode(
        x=x,
        color=alt.Color("path:N", legend=None).scale(
            domain=names, range=[PATH_COLOURS[p] for p in PATHS]
        ),
    )
    spread = base.mark_rule(strokeWidth=2, color="#222222", opacity=0.75).encode(
        x=alt.X("low:Q"), x2="high:Q"
    )
    words = base.mark_text(align="left", dx=5, fontSize=12, color="#222222").encode(
        x=alt.X("high:Q"), text="shown:N"
    )
    return alt.layer(bars, spread, words).properties(height=alt.Step(27))


def ternary(
    scores: pd.DataFrame,
    cloud: pd.DataFrame,
    names: Mapping[str, str],
    chosen: Sequence[str],
    lang: Lang,
) -> alt.LayerChart:
    """All districts between the three paths; those compared with the cloud of their draws.

    A point's place is the share of each score in the three together, so that a district at a corner
    has one path alone and one in the middle has all three alike.

    Parameters
    ----------
    scores
        Table ``scores``.
    cloud
        Table ``cloud``, by draw and district.
    names
        Name of each district.
    chosen
        The districts compared, in their order.
    lang
        Language of labels.
    """
    points = _at(scores[list(PATHS)])
    points["id"], points["name"] = points.index, [names[i] for i in points.index]
    points["path"] = [text(f"path.{p}", lang) for p in scores["path"]]
    points["chosen"] = points["id"].isin(list(chosen))
    drawn = _at(cloud.loc[cloud.index.get_level_values("district_id").isin(list(chosen))])
    drawn["name"] = [names[i] for i in drawn.index.get_level_values("district_id")]
    points, drawn = points.reset_index(drop=True), drawn.reset_index(drop=True)
    colour = alt.Color("name:N", title=None).scale(
        domain=[names[i] for i in chosen], range=list(DISTRICT_COLOURS[: len(chosen)])
    )
    plain = alt.Scale(domain=[-0.22, 1.22]), alt.Scale(domain=[-0.16, 1.02])
    x = alt.X("x:Q", axis=None, scale=plain[0])
    y = alt.Y("y:Q", axis=None, scale=plain[1])
    pick = alt.selection_point(name="pick", fields=["id"], on="click", empty=False)
    tips = [
        alt.Tooltip("name:N", title=text("chart.zone", lang)),
        alt.Tooltip("path:N", title=text("chart.path", lang)),
        *(alt.Tooltip(f"{p}:Q", title=text(f"path.{p}", lang), format=".2f") for p in PATHS),
    ]
    others = (
        alt.Chart(points[~points["chosen"]])
        .mark_circle(size=70, color="#8a8a8a", opacity=0.85)
        .encode(x=x, y=y, tooltip=tips)
    )
    other_names = (
        alt.Chart(points[~points["chosen"]])
        .mark_text(dy=-9, fontSize=11, color="#666666")
        .encode(x=x, y=y, text="name:N")
    )
    spread = alt.Chart(drawn).mark_circle(size=14, opacity=0.22).encode(
        x=x, y=y, color=colour.legend(None)
    )  # fmt: skip
    own = (
        alt.Chart(points[points["chosen"]])
        .mark_circle(size=190, stroke="white", strokeWidth=1.5, opacity=1)
        .encode(x=x, y=y, color=colour.legend(None), tooltip=tips)
        .add_params(pick)
    )
    own_names = (
        alt.Chart(points[points["chosen"]])
        .mark_text(dy=-14, fontSize=13, fontWeight="bold")
        .encode(x=x, y=y, text="name:N", color=colour.legend(None))
    )
    triangle = alt.layer(*_triangle(x, y, lang))
    districts = alt.layer(spread, others, other_names, own, own_names)
    both = alt.layer(triangle, districts).resolve_scale(color="independent")
    return both.properties(height=430)


def _at(scores: pd.DataFrame) -> pd.DataFrame:
    """Places in the triangle: the first path above, the second left, the third right."""
    frame = scores.dropna().copy()
    total = frame.sum(axis=1)
    frame = frame[total > 0]
    share = frame.div(total[total > 0], axis=0)
    first, _, third = (share[p] for p in PATHS)
    frame["x"] = third + first / 2
    frame["y"] = first * _HEIGHT
    return frame


def _triangle(x: alt.X, y: alt.Y, lang: Lang) -> list[alt.Chart]:
    corners = [(0.5, _HEIGHT), (0.0, 0.0), (1.0, 0.0)]
    outline = pd.DataFrame([*corners, corners[0]], columns=["x", "y"]).assign(order=range(4))
    middle = (0.5, _HEIGHT / 3)
    mids = [(0.25, _HEIGHT / 2), (0.75, _HEIGHT / 2), (0.5, 0.0)]
    inner = pd.DataFrame(
        [
            {"x": p[0], "y": p[1], "line": n, "order": k}
            for n, mid in enumerate(mids)
            for k, p in enumerate((mid, middle))
        ]
    )
    words = pd.DataFrame(
        {
            "x": [0.5, 0.0, 1.0],
            "y": [_HEIGHT + 0.07, -0.08, -0.08],
            "words": [text(f"path.{p}", lang) for p in PATHS],
            "path": list(PATHS),
        }
    )
    fill = pd.DataFrame(
        [
            {"x": px, "y": py, "path": p, "order": k}
            for p, ring in zip(
                PATHS,
                (
                    (corners[0], mids[0], middle, mids[1]),
                    (corners[1], mids[2], middle, mids[0]),
                    (corners[2], mids[1], middle, mids[2]),
                ),
                strict=True,
            )
            for k, (px, py) in enumerate((*ring, ring[0]))
        ]
    )
    colour = alt.Color("path:N", legend=None).scale(
        domain=list(PATHS), range=[PATH_COLOURS[p] for p in PATHS]
    )
    areas = [
        alt.Chart(fill[fill["path"] == p])
        .mark_line(filled=True, fill=PATH_COLOURS[p], fillOpacity=0.07, strokeOpacity=0)
        .encode(x=x, y=y, order="order:Q")
        for p in PATHS
    ]
    return [
        *areas,
        alt.Chart(outline)
        .mark_line(color="#777777", strokeWidth=1.2)
        .encode(x=x, y=y, order="order:Q"),
        alt.Chart(inner)
        .mark_line(color="#bbbbbb", strokeDash=[3, 3])
        .encode(x=x, y=y, detail="line:N", order="order:Q"),
        alt.Chart(words)
        .mark_text(fontSize=13, fontWeight="bold")
        .encode(x=x, y=y, text="words:N", color=colour),
    ]


def mix_dots(
    mix: pd.DataFrame, names: Mapping[str, str], chosen: Sequence[str], lang: Lang
) -> alt.LayerChart:
    """Share of each sector in the districts compared, with intervals, beside the city's.

    Parameters
    ----------
    mix
        Table ``mix``, by district and sector.
    names, chosen, lang
        As :func:`ternary`.
    """
    sectors = sector_names(lang)
    frame = mix.loc[list(chosen)].reset_index()
    frame["name"] = frame["district_id"].map(dict(names))
    frame["sector_name"] = frame["sector"].map(sectors)
    order = list(sectors.values())
    base = alt.Chart(frame).encode(
        y=alt.Y("sector_name:N", sort=order, title=None).axis(
            labelLimit=190, domain=False, ticks=False, grid=True, gridColor="#eeeeee"
        ),
        yOffset=alt.YOffset("name:N", sort=[names[i] for i in chosen]),
        color=alt.Color("name:N", title=None)
        .scale(domain=[names[i] for i in chosen], range=list(DISTRICT_COLOURS[: len(chosen)]))
        .legend(orient="top", labelFontSize=13, symbolSize=120),
        tooltip=[
            alt.Tooltip("name:N", title=text("chart.zone", lang)),
            alt.Tooltip("sector_name:N", title=text("chart.sector", lang)),
            alt.Tooltip("firms:Q", title=text("chart.firms", lang), format=",.0f"),
            alt.Tooltip("share:Q", title=text("chart.share_of_tagged", lang), format=".1%"),
            alt.Tooltip("share_low:Q", title=text("chart.low", lang), format=".1%"),
            alt.Tooltip("share_high:Q", title=text("chart.high", lang), format=".1%"),
            alt.Tooltip("city_share:Q", title=text("compare.city", lang), format=".1%"),
        ],
    )
    x = alt.X("share:Q", title=text("chart.share_of_tagged", lang)).axis(format="%", tickCount=6)
    city = (
        alt.Chart(frame.drop_duplicates("sector"))
        .mark_tick(color="#333333", thickness=2, height=26)
        .encode(
            x=alt.X("city_share:Q"),
            y=alt.Y("sector_name:N", sort=order, title=None),
            tooltip=[alt.Tooltip("city_share:Q", title=text("compare.city", lang), format=".1%")],
        )
    )
    return alt.layer(
        city,
        base.mark_rule(strokeWidth=2.5, opacity=0.55).encode(
            x=alt.X("share_low:Q"), x2="share_high:Q"
        ),
        base.mark_circle(size=70, opacity=1).encode(x=x),
    ).properties(height=12 * (16 + 9 * len(chosen)))


def plane(
    table: pd.DataFrame, lang: Lang, *, name: str, limits: tuple[float, float, float, float]
) -> alt.LayerChart:
    """Ease against gain of one district's sectors, each with its spread, in four actions.

    Parameters
    ----------
    table
        Rows of the table ``plane`` of one district, by sector.
    lang
        Language of labels.
    name
        Of the district.
    limits
        Left, right, bottom and top, the same for all districts compared.
    """
    sectors = sector_names(lang)
    frame = table.reset_index()
    frame["name"] = frame["sector"].map(sectors)
    shift = frame["relative_ease"] - frame["ease"]
    frame["low"], frame["high"] = frame["ease_low"] + shift, frame["ease_high"] + shift
    frame["words"] = [text(f"action.{a}", lang) for a in frame["action"]]
    left, right, bottom, top = limits
    x = alt.X("relative_ease:Q", title=text("chart.ease", lang)).scale(domain=[left, right])
    y = alt.Y("gain:Q", title=text("chart.gain", lang)).scale(domain=[bottom, top])
    base = alt.Chart(frame).encode(
        color=alt.Color("words:N", title=None)
        .scale(
            domain=[text(f"action.{a}", lang) for a in ACTION_COLOURS],
            range=list(ACTION_COLOURS.values()),
        )
        .legend(None),
        tooltip=[
            alt.Tooltip("name:N", title=text("chart.sector", lang)),
            alt.Tooltip("words:N", title=text("chart.action", lang)),
            alt.Tooltip("action_share:Q", title=text("chart.held", lang), format=".0%"),
            alt.Tooltip("firms:Q", title=text("chart.firms", lang), format=",.0f"),
            alt.Tooltip("quotient:Q", title=text("chart.lq", lang), format=".2f"),
            alt.Tooltip("ease:Q", title=text("chart.density", lang), format=".2f"),
            alt.Tooltip("gain:Q", title=text("chart.complexity", lang), format=".2f"),
        ],
    )
    shapes = alt.Shape("words:N", legend=None).scale(
        domain=[text(f"action.{a}", lang) for a in ACTION_COLOURS],
        range=list(_ACTION_SHAPES.values()),
    )
    cross = pd.DataFrame({"x": [0.0], "y": [0.0]})
    return alt.layer(
        alt.Chart(cross).mark_rule(color="#bbbbbb").encode(x="x:Q"),
        alt.Chart(cross).mark_rule(color="#bbbbbb").encode(y="y:Q"),
        base.mark_rule(opacity=0.22, strokeWidth=1.5, clip=True).encode(
            x=alt.X("low:Q"), x2="high:Q", y=y
        ),
        base.mark_rule(opacity=0.22, strokeWidth=1.5, clip=True).encode(
            x=x, y=alt.Y("gain_low:Q"), y2="gain_high:Q"
        ),
        base.mark_point(filled=True, size=90, opacity=1).encode(x=x, y=y, shape=shapes),
        base.mark_text(dy=-11, fontSize=11).encode(x=x, y=y, text="name:N"),
    ).properties(height=360, title=alt.TitleParams(name, fontSize=14, anchor="start"))


def plane_limits(tables: Collection[pd.DataFrame]) -> tuple[float, float, float, float]:
    """Limits that hold the points (not all of their spreads) of several districts."""
    joined = pd.concat(tables)
    x, y = joined["relative_ease"].abs().max(), joined["gain"].abs().max()
    x, y = (float(v) if v == v and v > 0 else 1.0 for v in (x, y))
    return -1.5 * x, 1.5 * x, -1.35 * y, 1.35 * y


def similarity_heat(
    matrix: pd.DataFrame, names: Mapping[str, str], chosen: Collection[str], lang: Lang
) -> alt.LayerChart:
    """Likeness of the mixes of every pair as a heat map; districts compared stand out.

    Parameters
    ----------
    matrix
        Districts × districts, 0 to 1.
    names, chosen, lang
        As :func:`ternary`.
    """
    long = matrix.rename_axis("a").reset_index().melt("a", var_name="b", value_name="value")
    long = long[long["a"] != long["b"]]
    long["one"], long["other"] = long["a"].map(dict(names)), long["b"].map(dict(names))
    long["shown"] = [text("chart.left_out", lang) if v != v else f"{v:.2f}" for v in long["value"]]
    order = [names[i] for i in matrix.index]
    bold: dict[str, Any] = {
        "condition": {
            "test": f"indexof({[names[i] for i in chosen]!r}, datum.value) >= 0",
            "value": "bold",
        },
        "value": "normal",
    }
    base = alt.Chart(long).encode(
        x=alt.X("other:N", sort=order, title=None).axis(
            orient="top", labelAngle=-35, labelLimit=140, domain=False, ticks=False,
            labelOverlap=False,
            labelFontWeight=bold,
        ),
        y=alt.Y("one:N", sort=order, title=None).axis(
            labelLimit=160, domain=False, ticks=False, labelFontWeight=bold
        ),
        tooltip=[
            alt.Tooltip("one:N", title=text("chart.zone", lang)),
            alt.Tooltip("other:N", title=text("chart.zone_other", lang)),
            alt.Tooltip("shown:N", title=text("chart.cosine", lang)),
        ],
    )  # fmt: skip
    return alt.layer(
        base.mark_rect(stroke="white").encode(
            color=alt.Color("value:Q", title=text("chart.cosine", lang))
            .scale(domain=[0.4, 1], scheme="yellowgreenblue", clamp=True)
            .legend(orient="right", format=".1f")
        ),
        base.mark_text(fontSize=11).encode(
            text="shown:N",
            color=alt.condition("datum.value >= 0.85", alt.value("white"), alt.value("#222222")),
        ),
    ).properties(height=28 * len(matrix) + 80)
