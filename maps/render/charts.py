"""Charts of the sector mix (Vega-Lite, drawn in the browser from the data given)."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from itertools import pairwise
from typing import Any, Final

import altair as alt
import pandas as pd

from layout.core.texts import Lang, text
from maps.views.classes import QUOTIENT_EDGES
from maps.views.palettes import DIVERGING, PALETTES, sector_colours
from maps.views.wording import sector_names

_FADED: Final = 0.45
_LEGEND_COLUMNS: Final = {"zh": 6, "en": 4}
"""Entries a row of the legend of sectors: as many as fit beside a sidebar on a narrow screen."""
_LABEL_WIDTH: Final = 240


def mix_bars(
    shares: pd.DataFrame,
    labels: dict[str, str],
    lang: Lang,
    *,
    title: str,
    stressed: Collection[str] = (),
) -> alt.Chart:
    """Stacked bars: one bar a zone, one piece a sector, in shares of the tagged amount.

    Parameters
    ----------
    shares
        Zones × sectors, each row summing to 1 (NaN rows: nothing tagged, drawn as no bar).
    labels
        Name of each zone by id, in the order of the bars.
    lang
        Language of labels.
    title
        What the shares are of.
    stressed
        Ids of zones that stand out; the others fade. All are alike where there are none.
    """
    names = sector_names(lang)
    long = _long(shares, labels, names, "share").dropna(subset="share")
    long["order"] = long["sector_id"].map({s: i for i, s in enumerate(names)})
    long["strength"] = long["zone_id"].map(
        lambda zone: 1.0 if not stressed or zone in stressed else _FADED
    )
    shown = [s for s in names if s in shares.columns]
    colours = sector_colours()
    return (
        alt.Chart(long)
        .mark_bar(stroke="white", strokeWidth=0.5)
        .encode(
            x=alt.X("share:Q", stack="zero", title=title)
            .axis(format="%", tickCount=5)
            .scale(domain=[0, 1]),
            y=_zones(labels, stressed),
            color=alt.Color("sector:N", title=None)
            .scale(domain=[names[s] for s in shown], range=[colours[s] for s in shown])
            .legend(
                orient="top",
                columns=_LEGEND_COLUMNS[lang],
                symbolType="square",
                symbolLimit=len(shown),
                labelLimit=180,
            ),
            opacity=alt.Opacity("strength:Q", scale=None, legend=None),
            order=alt.Order("order:Q"),
            tooltip=[
                alt.Tooltip("zone:N", title=text("chart.zone", lang)),
                alt.Tooltip("sector:N", title=text("chart.sector", lang)),
                alt.Tooltip("share:Q", title=title, format=".1%"),
            ],
        )
        .properties(height=28 * len(labels) + 60 + 24 * -(-len(shown) // _LEGEND_COLUMNS[lang]))
    )


def quotient_heat(
    quotients: pd.DataFrame,
    labels: dict[str, str],
    lang: Lang,
    *,
    stressed: Collection[str] = (),
) -> alt.LayerChart:
    """Location quotients as a heat map in the classes and colours of the map; “–” where left out.

    Parameters
    ----------
    quotients
        Zones × sectors; NaN where there are too few firms.
    labels
        Name of each zone by id, in the order of the rows.
    lang
        Language of labels.
    stressed
        Ids of zones whose names stand out.
    """
    names = sector_names(lang)
    long = _long(quotients, labels, names, "lq")
    ranges = quotient_classes()
    edges = [0, *QUOTIENT_EDGES, float("inf")]
    long["class"] = pd.cut(long["lq"], edges, right=False, labels=ranges).astype(object)
    long["shown"] = [text("chart.left_out", lang) if v != v else f"{v:.2f}" for v in long["lq"]]
    base = alt.Chart(long).encode(
        x=alt.X("sector:N", sort=[names[s] for s in quotients.columns], title=None).axis(
            labelAngle=-35, orient="top", labelLimit=160, domain=False, ticks=False
        ),
        y=_zones(labels, stressed),
        tooltip=[
            alt.Tooltip("zone:N", title=text("chart.zone", lang)),
            alt.Tooltip("sector:N", title=text("chart.sector", lang)),
            alt.Tooltip("shown:N", title=text("chart.lq", lang)),
        ],
    )
    known = base.transform_filter("isValid(datum.lq)")
    left_out = base.transform_filter("!isValid(datum.lq)")
    low, *_, high = QUOTIENT_EDGES
    colour = (
        alt.Color("class:N", title=text("chart.lq", lang))
        .scale(domain=ranges, range=list(PALETTES[DIVERGING]))
        .legend(orient="right", symbolType="square", symbolStrokeWidth=0.5, values=ranges[::-1])
    )
    return alt.layer(
        known.mark_rect(stroke="white").encode(color=colour),
        left_out.mark_rect(stroke="white", fill="#eeeeee"),
        known.mark_text(fontSize=11).encode(
            text="shown:N",
            color=alt.condition(
                f"datum.lq < {low} || datum.lq >= {high}", alt.value("white"), alt.value("#222")
            ),
        ),
        left_out.mark_text(fontSize=11, color="#555555", text="–"),
    ).properties(height=28 * len(labels) + 90)


def completeness_heat(
    shares: pd.DataFrame, zones: dict[str, str], chains: dict[str, str], lang: Lang
) -> alt.LayerChart:
    """Share of the nodes of each chain that each zone has, 0 to 1, as a heat map.

    Parameters
    ----------
    shares
        Zones × chains.
    zones, chains
        Name of each by id, in order.
    lang
        Language.
    """
    long = shares.rename_axis("zone_id").reset_index().melt("zone_id", var_name="chain_id")
    long["zone"], long["chain"] = long["zone_id"].map(zones), long["chain_id"].map(chains)
    base = alt.Chart(long).encode(
        x=alt.X("chain:N", sort=[chains[c] for c in shares.columns], title=None).axis(
            labelAngle=-35, orient="top", labelLimit=170, domain=False, ticks=False
        ),
        y=alt.Y("zone:N", sort=[zones[z] for z in shares.index], title=None).axis(
            labelLimit=_LABEL_WIDTH, domain=False, ticks=False
        ),
        tooltip=[
            alt.Tooltip("zone:N", title=text("chart.zone", lang)),
            alt.Tooltip("chain:N", title=text("column.chain_id", lang)),
            alt.Tooltip("value:Q", title=text("column.completeness", lang), format=".0%"),
        ],
    )
    colours = alt.Scale(domain=[0, 1], range=list(PALETTES["ylgnbu"]))
    return alt.layer(
        base.mark_rect(stroke="white").encode(
            color=alt.Color(
                "value:Q", title=text("column.completeness", lang), scale=colours
            ).legend(format=".0%", orient="right")
        ),
        base.transform_filter("datum.value > 0")
        .mark_text(fontSize=11, color="#1c2733")
        .encode(text=alt.Text("value:Q", format=".0%")),
    ).properties(height=28 * len(shares) + 110)


def quotient_classes() -> list[str]:
    """Names of the classes of quotients, from low to high."""
    low, *_, high = QUOTIENT_EDGES
    return [f"< {low:g}", *(f"{a:g}–{b:g}" for a, b in pairwise(QUOTIENT_EDGES)), f"≥ {high:g}"]


def _long(
    table: pd.DataFrame, labels: dict[str, str], names: dict[str, str], value: str
) -> pd.DataFrame:
    """One row a zone and sector, with the names of both."""
    long = (
        table.loc[list(labels)]
        .rename_axis("zone_id")
        .reset_index()
        .melt("zone_id", var_name="sector_id", value_name=value)
    )
    long["zone"] = long["zone_id"].map(labels)
    long["sector"] = long["sector_id"].map(names)
    return long


def _zones(labels: dict[str, str], stressed: Iterable[str]) -> alt.Y:
    """The axis of zones: every name whole, stressed ones in bold."""
    bold: dict[str, Any] = {
        "condition": {
            "test": f"indexof({json.dumps([labels[i] for i in stressed])}, datum.value) >= 0",
            "value": "bold",
        },
        "value": "normal",
    }
    return alt.Y("zone:N", sort=list(labels.values()), title=None).axis(
        labelLimit=_LABEL_WIDTH, labelFontWeight=bold, domain=False, ticks=False
    )
