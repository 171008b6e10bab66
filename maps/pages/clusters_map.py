"""The cluster map: sector, method and scale; clusters in a list; one cluster looked into."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from layout.analyses.cluster_params import ClusterParams
from layout.core import facts
from layout.core import measure_columns as names
from layout.core.config import parse_params
from layout.core.result import Result
from layout.core.study import Study
from maps.pages import address
from maps.pages.analysis import (
    choice,
    notes,
    params_form,
    result_downloads,
    run_long,
    show_result_map,
    show_table,
)
from maps.pages.state import lang, t
from maps.render.cluster_charts import cluster_mix_bar, tier_pyramid
from maps.render.layers import outline_layer
from maps.views.clusters import cluster_at, readable_clusters, readable_counts
from maps.views.wording import sector_names

SCALES: Final = ("150", "300", "500", "1000")
METHODS: Final = ("relative", "dbscan", "hdbscan")
_MORE: Final = (
    "min_firms", "min_quotient", "alpha", "simulations", "counting", "size_measure", "thousand_yi",
    "hundred_yi", "nested", "stars_measure",
)  # fmt: skip
_HEIGHT: Final = 600
_LIST_HEIGHT: Final = 320


def render(study: Study) -> None:
    """Draw the view."""
    params = _settings()
    result = run_long("clusters", params)
    if result is None:
        return
    _headline(result)
    table = result.tables["clusters"]
    place = show_result_map(
        study, result, key="clusters", height=_HEIGHT, clicked=True,
        show=("clusters", "cluster_centres"),
        more=[outline_layer(study.zones["park"], lang(), kind="park")],
    )  # fmt: skip
    picked = cluster_at(result.layers[0].frame, place)
    if len(table):
        _list(result)
        _one(result, picked)
    else:
        st.info(t("clusters.none"))
    _more(result)
    result_downloads(study, result, key="clusters")
    notes(result)


def _settings() -> ClusterParams:
    every = list(facts.sector_ids())
    words = sector_names(lang())
    address.allow("clusters_sectors", every)
    address.allow("clusters_method", METHODS)
    address.allow("clusters_scale", SCALES)
    left, middle, right, last = st.columns([6, 6, 8, 5], vertical_alignment="bottom")
    sectors = left.multiselect(
        t("clusters.sectors"), every, key="clusters_sectors", format_func=words.__getitem__,
        placeholder=t("clusters.all_sectors"),
    )  # fmt: skip
    method = middle.selectbox(
        t("clusters.method"), METHODS, key="clusters_method", help=t("clusters.method_help"),
        format_func=lambda value: choice("method", value),
    )  # fmt: skip
    scale = right.segmented_control(
        t("clusters.scale"), SCALES, required=True, key="clusters_scale",
        help=t("clusters.scale_help"),
    )  # fmt: skip
    together = last.toggle(
        t("clusters.together"), key="clusters_together", help=t("clusters.together_help")
    )
    with st.expander(t("clusters.more")):
        columns = st.columns(3)
        given: dict[str, Any] = {}
        for place, column in enumerate(columns):
            with column:
                given |= params_form(ClusterParams, key="clusters", only=_MORE[place::3])
    return parse_params(
        ClusterParams,
        {**given, "sectors": tuple(sectors), "method": method, "scale_m": float(scale or 300),
         "together": bool(together)},
    )  # fmt: skip


def _headline(result: Result) -> None:
    sectors, counts = result.tables["sectors"], result.tables["counts"]
    firms, inside = int(sectors[names.FIRMS].sum()), int(sectors["firms_in_clusters"].sum())
    found = counts[counts["basis"] == "clusters"].set_index("size_class")
    columns = st.columns(4)
    columns[0].metric(t("clusters.number"), f"{int(sectors['clusters'].sum()):,}")
    share = f"{inside / firms:.0%}" if firms else "–"
    columns[1].metric(t("clusters.inside"), share, help=t("clusters.inside_help"))
    for column, name in zip(columns[2:], ("thousand", "hundred"), strict=True):
        row = found.loc[name]
        column.metric(
            t(f"clusters.count.{name}"),
            t("clusters.of", found=row["found"], target=row["target"]),
            help=t("clusters.count_help", measure=choice("size_measure", row["measure"])),
        )


def _list(result: Result) -> None:
    shown = readable_clusters(result.tables["clusters"], lang())
    show_table(
        shown, key="clusters-list", height=_LIST_HEIGHT,
        formats={names.LQ: "%.1f", "revenue_yi": "%,.1f", names.Q: "%.3f"},
    )  # fmt: skip
    st.caption(t("clusters.list_note", count=len(result.tables["candidates"])))


def _one(result: Result, picked: str | None) -> None:
    """One cluster: what is in it, how large its firms are, how sure it is."""
    table = result.tables["clusters"]
    words = table[f"name_{lang()}"]
    options = list(table.index)
    if picked and picked != st.session_state.get("clusters-picked"):
        st.session_state["clusters-picked"] = picked
        st.session_state["clusters-one"] = picked
    if st.session_state.get("clusters-one") not in options:
        st.session_state.pop("clusters-one", None)
    st.subheader(t("clusters.one"))
    chosen = st.selectbox(
        t("clusters.one_choose"), options, key="clusters-one", format_func=words.__getitem__
    )
    left, right = st.columns(2, gap="medium")
    with left:
        st.altair_chart(cluster_mix_bar(result.tables["mix"].loc[chosen], lang()),
                        alt=t("clusters.mix_of"))  # fmt: skip
    with right:
        st.altair_chart(tier_pyramid(result.tables["tiers"].loc[chosen], lang()),
                        alt=t("clusters.tiers_of"))  # fmt: skip
    st.markdown(_sentence(table.loc[chosen], chosen))


def _sentence(row: pd.Series, chosen: str) -> str:
    money, unknown = row["revenue_cny"], t("map.no_data")
    figures = {
        "firms": f"{row[names.FIRMS]:,}",
        "every": f"{row[names.ALL_FIRMS]:,}",
        "lq": f"{row[names.LQ]:.1f}",
        "low": f"{row[names.LOW]:.1f}",
        "high": f"{row[names.HIGH]:.1f}",
        "p": f"{row[names.P_SIM]:.3f}",
        "q": f"{row[names.Q]:.3f}",
        "area": f"{row['area_km2']:.2f}",
    }
    parts = [
        t("clusters.says", id=chosen, **figures),
        t(
            "clusters.says_money",
            money=unknown if pd.isna(money) else f"{money / 1e8:,.1f}",
            known=f"{row['revenue_known']:,}",
            kind=t(f"clusters.class.{row['size_class']}"),
            stars="★" * int(row[names.STARS]) or "–",
        ),
    ]
    if row["largest_place_share"] > 0.5:
        parts.append(t("clusters.says_shells", share=f"{row['largest_place_share']:.0%}"))
    if row["near_border"]:
        parts.append(t("clusters.says_border"))
    return ("" if lang() == "zh" else " ").join(parts)


def _more(result: Result) -> None:
    with st.expander(t("clusters.counts_title")):
        show_table(readable_counts(result.tables["counts"], lang()), key="clusters-counts")
        st.caption(t("clusters.counts_note"))
    with st.expander(t("clusters.sectors_title")):
        frame = result.tables["sectors"].drop(columns="undefined")
        words = {**sector_names(lang()), "GROUP": t("clusters.group")}
        frame = frame.assign(sector=frame["sector"].map(words),
                             share_in_clusters=100 * frame["share_in_clusters"])  # fmt: skip
        show_table(frame, key="clusters-sectors", formats={"share_in_clusters": "%.1f%%"})
