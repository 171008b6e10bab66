"""Charts of a shortlist: what each group adds, and how firm each site's place is."""

from __future__ import annotations

from typing import Final

import altair as alt
import pandas as pd

from layout.core.texts import Lang, text

GROUPS: Final = ("scale", "intensive", "intelligent", "green")
_COLOURS: Final = ("#4477aa", "#ccbb44", "#aa3377", "#228833")
_ROW: Final = 21


def group_bars(table: pd.DataFrame, weights: pd.Series, lang: Lang) -> alt.Chart:
    """Bars of the groups' parts of suitability, a row a site, best on top.

    Parameters
    ----------
    table
        Sites with ``group_<name>`` from 0 to 1 and ``label``, in the order of rank.
    weights
        Weight of each group, sum 1.
    lang
        Language of words.
    """
    words = {name: text(f"siting.group.{name}", lang) for name in GROUPS}
    rows = [
        {
            "site": label,
            "group": words[name],
            "order": place,
            "part": float(weights.get(name, 0.0) * row),
        }
        for place, name in enumerate(GROUPS)
        for label, row in zip(table["label"], table[f"group_{name}"].fillna(0.0), strict=True)
        if weights.get(name, 0.0) > 0
    ]
    return (
        alt.Chart(pd.DataFrame(rows, columns=["site", "group", "order", "part"]))
        .mark_bar()
        .encode(
            x=alt.X("part:Q", title=None, scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("site:N", sort=list(table["label"]), title=None,
                    axis=alt.Axis(labelLimit=150, labelOverlap=False, labelFlush=False)),
            color=alt.Color(
                "group:N", title=None, legend=alt.Legend(orient="top"),
                scale=alt.Scale(domain=list(words.values()), range=list(_COLOURS)),
            ),
            order="order:Q",
            tooltip=["site:N", "group:N", alt.Tooltip("part:Q", format=".3f")],
        )
        .properties(height=_ROW * len(table) + 20)
    )  # fmt: skip


def stability_bars(table: pd.DataFrame, lang: Lang) -> alt.Chart:
    """For each site the share of draws in which it is shortlisted, and chosen."""
    names = {
        "p_shortlist": text("column.p_shortlist", lang),
        "p_chosen": text("column.p_chosen", lang),
    }
    rows = [
        {"site": label, "what": words, "share": float(value)}
        for column, words in names.items()
        for label, value in zip(table["label"], table[column], strict=True)
    ]
    return (
        alt.Chart(pd.DataFrame(rows, columns=["site", "what", "share"]))
        .mark_bar()
        .encode(
            x=alt.X("share:Q", title=None, axis=alt.Axis(format="%"),
                    scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("site:N", sort=list(table["label"]), title=None,
                    axis=alt.Axis(labelLimit=150, labelOverlap=False, labelFlush=False)),
            yOffset=alt.YOffset("what:N", sort=list(names.values())),
            color=alt.Color(
                "what:N", title=None, legend=alt.Legend(orient="top"),
                scale=alt.Scale(domain=list(names.values()), range=["#bdbdbd", "#b10026"]),
            ),
            tooltip=["site:N", "what:N", alt.Tooltip("share:Q", format=".0%")],
        )
        .properties(height=_ROW * len(table) + 20)
    )  # fmt: skip


def criterion_bars(criteria: pd.DataFrame, site: pd.Series, lang: Lang) -> alt.Chart:
    """What each criterion adds to a site's suitability, and how much more it could.

    Parameters
    ----------
    criteria
        By id: ``title_<lang>``, ``weight`` (NaN where not considered).
    site
        Row of the site with ``score_<id>`` from 0 to 1.
    lang
        Language of words.
    """
    names = {"gained": text("siting.gained", lang), "lost": text("siting.lost", lang)}
    rows = []
    for name, criterion in criteria.dropna(subset=["weight"]).iterrows():
        score = float(site.get(f"score_{name}", float("nan")))
        if score != score:
            continue
        title = criterion[f"title_{lang}"]
        for place, (what, share) in enumerate((("gained", score), ("lost", 1 - score))):
            part = criterion["weight"] * share
            rows.append({"criterion": title, "what": names[what], "order": place, "part": part})
    order = [row["criterion"] for row in rows[::2]]
    return (
        alt.Chart(pd.DataFrame(rows, columns=["criterion", "what", "order", "part"]))
        .mark_bar()
        .encode(
            x=alt.X("part:Q", title=None),
            y=alt.Y("criterion:N", sort=order, title=None,
                    axis=alt.Axis(labelLimit=190, labelOverlap=False, labelFlush=False)),
            color=alt.Color(
                "what:N", title=None, legend=alt.Legend(orient="top"),
                scale=alt.Scale(domain=list(names.values()), range=["#4477aa", "#d9d9d9"]),
            ),
            order="order:Q",
            tooltip=["criterion:N", "what:N", alt.Tooltip("part:Q", format=".3f")],
        )
        .properties(height=_ROW * len(order) + 20)
    )  # fmt: skip
