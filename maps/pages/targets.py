"""How far the plan's targets are, what is monitored, and how districts and sectors stand."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from layout.analyses.targets import TargetsParams
from layout.core.config import parse_params
from layout.core.errors import LayoutError
from layout.core.result import Result
from layout.core.study import Study
from layout.measures.undefined import undefined
from layout.prepare.dimensions import tiers
from layout.registers import board as boards
from layout.registers.store import open_register
from maps.pages import address
from maps.pages.analysis import analyse, failed, notes, result_downloads, show_result_map
from maps.pages.evaluation import evaluation
from maps.pages.state import current_study, lang, t
from maps.pages.target_figures import typed_figures
from maps.pages.widgets import synthetic_banner
from maps.render.result_map import spec_group
from maps.render.target_charts import (
    alert_heat,
    cluster_bars,
    path_chart,
    series_chart,
    tier_bars,
)
from maps.views.target_words import (
    district_names,
    registered_points,
    target_names,
    target_rows,
)
from maps.views.wording import sector_names

VIEWS: Final = ("attainment", "monitoring", "firms", "carriers", "evaluation")
_ROW, _HEAD = 35, 38
_GROWING: Final = ("T-01", "T-02", "T-03")
_COUNTED: Final = ("T-07", "T-11", "T-12", "T-13", "T-14")


def render() -> None:
    """Draw the page."""
    study = current_study()
    synthetic_banner(study)
    address.allow("targets_view", VIEWS)
    view = st.segmented_control(
        t("targets.view"), VIEWS, required=True, key="targets_view",
        format_func=lambda name: t(f"targets.view.{name}"), label_visibility="collapsed",
    )  # fmt: skip
    if view == "evaluation":
        evaluation(study)
        return
    with st.sidebar:
        settings = _settings(study)
    figures = typed_figures() if view == "attainment" else st.session_state.get("target_typed", ())
    result = _result(settings, figures)
    {
        "attainment": _attainment, "monitoring": _monitoring, "firms": _firms,
        "carriers": _carriers,
    }[str(view)](study, result)  # fmt: skip
    notes(result)
    result_downloads(study, result, key=str(view))


def _settings(study: Study) -> dict[str, Any]:
    """The settings in the sidebar, by name."""
    st.subheader(t("targets.settings"))
    years = ["0", *map(str, reversed(study.manifest.years))]
    address.allow("targets_base", ("2020", "2019"))
    address.allow("targets_year", years)
    base = st.segmented_control(t("targets.base_year"), ["2020", "2019"], key="targets_base",
                                required=True, help=t("targets.base_help"))  # fmt: skip
    price = st.selectbox(
        t("targets.price"), ["unstated", "nominal", "real"], key="targets_price",
        format_func=lambda p: t(f"targets.price.{p}"), help=t("targets.price_help"),
    )  # fmt: skip
    year = st.selectbox(
        t("targets.count_year"), years, key="targets_year",
        format_func=lambda y: y if y != "0" else t("filter.latest", year=years[1]),
    )  # fmt: skip
    population = st.selectbox(
        t("targets.population"), ["tagged", "industry"], key="targets_population",
        format_func=lambda p: t(f"targets.population.{p}"),
    )  # fmt: skip
    counting = st.selectbox(
        t("targets.counting"), ["primary", "fractional", "full"], key="targets_counting",
        format_func=lambda c: t(f"counting.{c}"), help=t("filter.counting_help"),
    )  # fmt: skip
    return {
        "base_year": int(base), "price": price, "year": int(year), "population": population,
        "counting": counting,
        "nested": st.toggle(t("targets.nested"), value=True, key="targets_nested"),
        "larger_counts": st.toggle(t("targets.larger"), value=False, key="targets_larger"),
    }  # fmt: skip


def _result(settings: dict[str, Any], figures: tuple[Any, ...]) -> Result:
    """The analysis; without the typed figures where these cannot be used, which is told."""
    try:
        return analyse("targets", parse_params(TargetsParams, {**settings, "figures": figures}))
    except LayoutError as error:
        failed(error)
        st.warning(t("targets.without_typed"))
        return analyse("targets", parse_params(TargetsParams, settings))


def _attainment(study: Study, result: Result) -> None:
    table = result.tables["targets"]
    _cards(table)
    names = target_names(lang())
    st.altair_chart(
        path_chart(result.tables["paths"], {i: names[i] for i in _GROWING}, lang()),
        alt=t("targets.path"), width="content",
    )  # fmt: skip
    rows = target_rows(table, lang())
    head = {name: t(f"targets.head.{name}") for name in ("metric", "basis", "source")}
    st.dataframe(
        rows, hide_index=True, height=_HEAD + _ROW * len(rows),
        column_config={
            head["metric"]: st.column_config.TextColumn(width=250),
            head["basis"]: st.column_config.TextColumn(width=190),
            head["source"]: st.column_config.TextColumn(width=190),
        },
    )  # fmt: skip
    lower = result.tables["section_revenue"]["revenue_cny"].iloc[-1]
    if lower == lower:
        year = study.manifest.years[-1]
        st.caption(t("targets.lower_bound", year=year, value=f"{lower / 1e8:,.1f}"))


def _cards(table: pd.DataFrame) -> None:
    """The counted targets at a glance."""
    with st.container(key="headline"):
        columns = st.columns(len(_COUNTED))
    for column, target in zip(columns, _COUNTED, strict=True):
        row = table.loc[target]
        known = row["actual"] == row["actual"]
        shown = f"{row['actual']:,.0f} / {row['target']:,.0f}" if known else t("figure.unknown")
        column.metric(
            t(f"targets.card.{target}"), shown, t(f"targets.standing.{row['standing']}"),
            delta_color="off", delta_arrow="off", help=row[f"metric_{lang()}"],
        )  # fmt: skip


def _monitoring(study: Study, result: Result) -> None:
    by = st.segmented_control(
        t("targets.by"), ["sector", "district"], required=True, key="targets_by",
        format_func=lambda name: t(f"targets.by.{name}"),
    )  # fmt: skip
    series = result.tables[f"{by}_series"]
    names = sector_names(lang()) if by == "sector" else _districts(study)
    if len(study.manifest.years) < 2:
        st.warning(t("targets.one_year"))
    last = study.manifest.years[-1]
    state = series["below"].xs(last, level="year").fillna(value=False)
    late = [names[i] for i in state.index[state.astype(bool)] if i in names]
    if late:
        joined = ("、" if lang() == "zh" else ", ").join(late)
        st.error(t("targets.alert", year=last, names=joined), icon=":material/trending_down:")
    left, right = st.columns([3, 2], gap="medium")
    left.altair_chart(alert_heat(series, names, lang()), alt=t("targets.ratio"))
    chosen = right.selectbox(
        t(f"targets.by.{by}"), list(names), format_func=names.__getitem__, key=f"targets_one_{by}"
    )
    right.altair_chart(series_chart(series.loc[chosen], lang()), alt=names[chosen])
    left.caption(t("targets.heat_note"))


def _districts(study: Study) -> dict[str, str]:
    return district_names(study, lang())


def _firms(study: Study, result: Result) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader(t("targets.clusters"))
        clusters = result.tables["clusters"]
        st.altair_chart(cluster_bars(clusters, sector_names(lang()), lang()),
                        alt=t("targets.clusters"))  # fmt: skip
        if undefined(clusters)[0] or clusters["revenue_cny"].isna().any():
            st.caption(t("targets.cluster_unknown"))
        st.subheader(t("targets.tiers"))
        table = tiers()
        words = dict(zip(table["id"], table[f"label_{lang()}"], strict=True))
        st.altair_chart(tier_bars(result.tables["tiers"], words, lang()), alt=t("targets.tiers"))
    with right:
        st.subheader(t("targets.large"))
        by_year = result.tables["large_firms"]
        _counts(by_year[by_year.index > 0].rename(index=str), t("targets.year"))
        sectors = result.tables["large_by_sector"].rename(index=sector_names(lang()))
        _counts(sectors, t("chart.sector"))
        fixed = {key: t(f"zone.{key}") for key in ("outside", "no_coordinates", "none")}
        districts = result.tables["large_by_district"].rename(index={**_districts(study), **fixed})
        _counts(districts, t("zones.district"))


def _counts(table: pd.DataFrame, first: str) -> None:
    number = st.column_config.NumberColumn
    st.dataframe(
        table.rename_axis(first), height=_HEAD + _ROW * len(table),
        column_config={
            "_index": st.column_config.Column(width=120),
            **{name: number(t(f"targets.head.{name}"), format="%d") for name in table.columns},
        },
    )  # fmt: skip


def _carriers(study: Study, result: Result) -> None:
    left, right = st.columns([3, 2], gap="medium")
    with left:
        points = registered_points(open_register(study).entries(), lang())
        more = [spec_group(points, lang())] if points else []
        show_result_map(study, result, key="targets", more=more)
        st.caption(t("targets.carriers_note"))
    with right:
        fixed = {"unknown_place": t("targets.unknown_place")}
        table = result.tables["carriers"].rename(index={**_districts(study), **fixed})
        number = st.column_config.NumberColumn
        st.dataframe(
            table.rename_axis(t("zones.district")), height=_HEAD + _ROW * len(table),
            column_config={
                name: number(t(f"targets.carrier.{name}"), format="%d") for name in table.columns
            },
        )  # fmt: skip
    st.subheader(t("targets.facilities"))
    facilities = result.tables["facilities"]
    words = {i: t(f"targets.facility.{i}") for i in facilities.index}
    shown = facilities.rename(index=words).rename_axis(t("targets.type"))
    one, two = st.columns(2, gap="medium")
    one.dataframe(
        shown, height=_HEAD + _ROW * len(shown),
        column_config={name: t(f"targets.head.{name}") for name in shown.columns},
    )  # fmt: skip
    counted = boards.counts_by_target(open_register(study).entries())
    names = target_names(lang())
    two.dataframe(
        counted.rename(index=names).rename_axis(t("targets.registered")),
        height=_HEAD + _ROW * len(counted),
        column_config={name: t(f"targets.head.{name}") for name in counted.columns},
    )  # fmt: skip
    two.caption(t("targets.registered_note"))
