"""Charts of the sector mix (Vega-Lite, drawn in the browser from the data given)."""

from __future__ import annotations

import altair as alt
import pandas as pd

from layout.core.texts import Lang, text
from maps.views.palettes import sector_colours
from maps.views.wording import sector_names


def mix_bars(shares: pd.DataFrame, labels: dict[str, str], lang: Lang) -> alt.Chart:
    """Stacked bars: one bar a zone, one piece a sector, in shares of the tagged amount.

    Parameters
    ----------
    shares
        Zones × sectors, each row summing to 1 (NaN rows: nothing tagged, drawn as no bar).
    labels
        Name of each zone by id, in the order of the bars.
    lang
        Language of labels.
    """
    names = sector_names(lang)
    long = (
        shares.rename_axis("zone_id")
        .reset_index()
        .melt("zone_id", var_name="sector", value_name="share")
        .dropna()
    )
    long["zone"] = long["zone_id"].map(labels)
    long["order"] = long["sector"].map({s: i for i, s in enumerate(names)})
    long["sector"] = long["sector"].map(names)
    shown = [names[s] for s in names if s in shares.columns]
    colours = [sector_colours()[s] for s in names if s in shares.columns]
    return (
        alt.Chart(long)
        .mark_bar(stroke="white", strokeWidth=0.5)
        .encode(
            x=alt.X("share:Q", stack="zero", title=text("chart.share", lang))
            .axis(format="%", tickCount=5)
            .scale(domain=[0, 1]),
            y=alt.Y("zone:N", sort=list(labels.values()), title=None),
            color=alt.Color("sector:N", title=text("chart.sector", lang))
            .scale(domain=shown, range=colours)
            .legend(orient="right", columns=1, symbolLimit=12, labelLimit=180),
            order=alt.Order("order:Q"),
            tooltip=[
                alt.Tooltip("zone:N", title=text("chart.zone", lang)),
                alt.Tooltip("sector:N", title=text("chart.sector", lang)),
                alt.Tooltip("share:Q", title=text("chart.share", lang), format=".1%"),
            ],
        )
        .properties(height=max(360, 30 * shares.shape[0] + 40))
    )


def quotient_heat(quotients: pd.DataFrame, labels: dict[str, str], lang: Lang) -> alt.LayerChart:
    """Location quotients as a heat map: blue below 1, red above; empty where left out.

    Parameters
    ----------
    quotients
        Zones × sectors; NaN where there are too few firms.
    labels
        Name of each zone by id, in the order of the rows.
    lang
        Language of labels.
    """
    names = sector_names(lang)
    long = (
        quotients.rename_axis("zone_id")
        .reset_index()
        .melt("zone_id", var_name="sector", value_name="lq")
    )
    long["zone"] = long["zone_id"].map(labels)
    long["sector"] = long["sector"].map(names)
    long["shown"] = long["lq"].map("{:.2f}".format).where(long["lq"].notna(), "–")
    base = alt.Chart(long).encode(
        x=alt.X("sector:N", sort=[names[s] for s in quotients.columns], title=None).axis(
            labelAngle=-35, orient="top", labelLimit=160
        ),
        y=alt.Y("zone:N", sort=list(labels.values()), title=None),
        tooltip=[
            alt.Tooltip("zone:N", title=text("chart.zone", lang)),
            alt.Tooltip("sector:N", title=text("chart.sector", lang)),
            alt.Tooltip("shown:N", title=text("chart.lq", lang)),
        ],
    )
    cells = base.mark_rect(stroke="white").encode(
        color=alt.condition(
            "isValid(datum.lq)",
            alt.Color("lq:Q", title=text("chart.lq", lang)).scale(
                scheme="redblue", reverse=True, domain=[0, 2], domainMid=1, clamp=True
            ),
            alt.value("#eeeeee"),
        )
    )
    words = base.mark_text(fontSize=11).encode(
        text="shown:N",
        color=alt.condition(
            "datum.lq > 1.7 || datum.lq < 0.3", alt.value("white"), alt.value("#222")
        ),
    )
    return (cells + words).properties(height=max(160, 28 * quotients.shape[0] + 90))
