"""Charts of clusters: mix and tiers of one, curves with bands, the matrix of pairs."""

from __future__ import annotations

from typing import Any, Final

import altair as alt
import pandas as pd

from layout.core import measure_columns as names
from layout.core.headings import heading
from layout.core.study import UNTAGGED
from layout.core.texts import Lang, text
from maps.views.palettes import sector_colours
from maps.views.wording import sector_names

BAND: Final = "#9ecae1"
INNER: Final = "#4292c6"
LINE: Final = "#08306b"


def cluster_mix_bar(counts: pd.Series, lang: Lang) -> alt.Chart:
    """Firms by primary sector on the ground of a cluster, largest first."""
    words = {**sector_names(lang), UNTAGGED: text("column.untagged", lang)}
    frame = pd.DataFrame({"id": counts.index, "firms": counts.to_numpy()})
    frame = frame[frame["firms"] > 0]
    frame["sector"] = frame["id"].map(words)
    colours = sector_colours()
    order = frame.sort_values("firms", ascending=False)["sector"].tolist()
    return (
        alt.Chart(frame, title=text("clusters.mix_of", lang))
        .mark_bar()
        .encode(
            x=alt.X("firms:Q", title=text("clusters.axis.firms", lang)).axis(tickMinStep=1),
            y=alt.Y("sector:N", sort=order, title=None).axis(labelLimit=180, labelOverlap=False),
            color=alt.Color("id:N", legend=None).scale(
                domain=list(colours), range=list(colours.values())
            ),
            tooltip=[
                alt.Tooltip("sector:N", title=text("chart.sector", lang)),
                alt.Tooltip("firms:Q", title=text("clusters.axis.firms", lang)),
            ],
        )
        .properties(height=26 * max(len(frame), 1) + 90)
    )


def tier_pyramid(counts: pd.Series, lang: Lang) -> alt.Chart:
    """Firms of a cluster by size tier, largest tier on top; widths on a root scale."""
    frame = pd.DataFrame({"tier": [heading(str(t), lang) for t in counts.index],
                          "firms": counts.to_numpy()})  # fmt: skip
    base = alt.Chart(frame, title=text("clusters.tiers_of", lang)).encode(
        y=alt.Y("tier:N", sort=None, title=None).axis(labelLimit=240, labelOverlap=False),
        x=alt.X("firms:Q", title=text("clusters.axis.firms", lang)).axis(tickMinStep=1),
    )
    bars = base.mark_bar(color=INNER).encode(
        tooltip=[
            alt.Tooltip("tier:N", title=text("clusters.axis.tier", lang)),
            alt.Tooltip("firms:Q", title=text("clusters.axis.firms", lang)),
        ]
    )
    labels = base.mark_text(align="left", dx=4).encode(text="firms:Q")
    chart: Any = (bars + labels).properties(height=28 * len(frame) + 90)
    return chart


def curve_with_bands(frame: pd.DataFrame, lang: Lang, *, title: str, unit: str) -> alt.Chart:
    """A curve over distance with its global and pointwise bands, and what chance expects.

    Parameters
    ----------
    frame
        By distance in metres: ``observed``, ``mean``, the bounds of both bands.
    """
    long = frame.reset_index()
    long["km"] = long[names.RADIUS] / 1000
    words = {
        "band": text("chart.band_global", lang),
        "inner": text("chart.band_local", lang),
        "mean": text("chart.by_chance", lang),
        "line": text("chart.observed", lang),
    }
    colours = alt.Scale(
        domain=[words["line"], words["mean"], words["inner"], words["band"]],
        range=[LINE, "#6b6b6b", INNER, BAND],
    )
    x = alt.X("km:Q", title=text("chart.distance_km", lang))
    legend = alt.Legend(orient="top", title=None, labelLimit=260)

    def area(low: str, high: str, key: str, opacity: float) -> alt.Chart:
        return alt.Chart(long.assign(kind=words[key])).mark_area(opacity=opacity).encode(
            x=x, y=alt.Y(f"{low}:Q", title=unit), y2=f"{high}:Q",
            color=alt.Color("kind:N", scale=colours, legend=legend),
        )  # fmt: skip

    def line(column: str, key: str, **look: Any) -> alt.Chart:
        return alt.Chart(long.assign(kind=words[key])).mark_line(**look).encode(
            x=x, y=alt.Y(f"{column}:Q", title=unit),
            color=alt.Color("kind:N", scale=colours, legend=legend),
            tooltip=[
                alt.Tooltip("km:Q", title=text("chart.distance_km", lang), format=".2f"),
                alt.Tooltip(f"{column}:Q", title=words[key], format=".4~g"),
            ],
        )  # fmt: skip

    layers = [
        area(names.LOW_GLOBAL, names.HIGH_GLOBAL, "band", 0.55),
        area(names.LOW_LOCAL, names.HIGH_LOCAL, "inner", 0.35),
        line(names.MEAN, "mean", strokeDash=[5, 4]),
        line(names.OBSERVED, "line", strokeWidth=2.5, point=True),
    ]
    chart: Any = alt.layer(*layers).properties(title=title, height=320)
    return chart


def pair_matrix(pairs: pd.DataFrame, lang: Lang) -> alt.Chart:
    """M of every pair of sectors as a heat map; what is not significant is left pale."""
    words = sector_names(lang)
    frame = pairs.reset_index()
    frame["from"], frame["to"] = (frame[c].map(words) for c in (names.SOURCE, names.TARGET))
    frame["says"] = frame["verdict"].map(
        lambda v: "" if v is None or pd.isna(v) else text(f"localization.verdict.{v}", lang)
    )
    frame["strong"] = frame["verdict"].isin(("attract", "repel")).map({True: 1.0, False: 0.25})
    frame["shown"] = frame[names.M].clip(1 / 8, 8)
    order = list(words.values())
    base = alt.Chart(frame).encode(
        x=alt.X("to:N", sort=order, title=text("chart.pair_to", lang)).axis(
            labelAngle=-40, labelOverlap=False
        ),
        y=alt.Y("from:N", sort=order, title=text("chart.pair_from", lang)),
    )
    cells = base.mark_rect(stroke="white").encode(
        color=alt.Color("shown:Q", title="M").scale(
            type="log", domain=[1 / 8, 1, 8], range=["#0571b0", "#f7f7f7", "#ca0020"]
        ),
        opacity=alt.Opacity("strong:Q", scale=None, legend=None),
        tooltip=[
            alt.Tooltip("from:N", title=text("chart.pair_from", lang)),
            alt.Tooltip("to:N", title=text("chart.pair_to", lang)),
            alt.Tooltip(f"{names.M}:Q", title="M", format=".2f"),
            alt.Tooltip(f"{names.Q}:Q", title="q", format=".3f"),
            alt.Tooltip("says:N", title=text("column.verdict", lang)),
        ],
    )
    labels = base.mark_text(fontSize=10).encode(text=alt.Text(f"{names.M}:Q", format=".1f"))
    chart: Any = (cells + labels).properties(height=420)
    return chart


def quotient_forest(frame: pd.DataFrame, lang: Lang, *, labels: dict[str, str]) -> alt.Chart:
    """Quotients of zones in one sector with their intervals; 1 is the city.

    Parameters
    ----------
    frame
        By zone: ``lq_primary`` (NaN where masked), ``low``, ``high``, ``shrunk``, ``verdict``.
    labels
        Names of the zones in the order of the rows.
    """
    data = frame.reset_index()
    data["zone"] = data["zone_id"].map(labels)
    data["says"] = [text(f"clusters.verdict.{v}", lang) for v in data["verdict"]]
    data = data[data["high"].notna()]
    kinds = ("over", "under", "none", "few")
    words = [text(f"clusters.verdict.{v}", lang) for v in kinds]
    colour = alt.Color("says:N", title=None).scale(
        domain=words, range=["#ca0020", "#0571b0", "#6b6b6b", "#bdbdbd"]
    ).legend(orient="top")  # fmt: skip
    y = alt.Y("zone:N", sort=list(labels.values()), title=None).axis(
        labelLimit=200, labelOverlap=False
    )
    x = alt.X("low:Q", title=text("chart.lq", lang)).scale(type="symlog", constant=0.5, nice=False)
    bars = alt.Chart(data).mark_rule(strokeWidth=3, clip=True).encode(
        y=y, x=x, x2="high:Q", color=colour
    )  # fmt: skip
    shown = [
        alt.Tooltip("zone:N", title=text("chart.zone", lang)),
        alt.Tooltip("firms_primary:Q", title=heading("firms_primary", lang), format=",.0f"),
        alt.Tooltip("lq_primary:Q", title=text("chart.lq", lang), format=".2f"),
        alt.Tooltip("low:Q", title=heading("low", lang), format=".2f"),
        alt.Tooltip("high:Q", title=heading("high", lang), format=".2f"),
        alt.Tooltip("shrunk:Q", title=heading("shrunk", lang), format=".2f"),
        alt.Tooltip("says:N", title=text("column.verdict", lang)),
    ]
    dots = alt.Chart(data).mark_point(filled=True, size=90, opacity=1).encode(
        y=y, x="lq_primary:Q", color=colour, tooltip=shown
    )  # fmt: skip
    shrunk = alt.Chart(data).mark_point(shape="diamond", size=70, color="black").encode(
        y=y, x="shrunk:Q", tooltip=shown
    )  # fmt: skip
    one = alt.Chart(pd.DataFrame({"x": [1.0]})).mark_rule(strokeDash=[4, 4]).encode(x="x:Q")
    chart: Any = (one + bars + shrunk + dots).properties(height=26 * max(len(data), 1) + 110)
    return chart
