"""Where 5G reaches, by whom and how well; what is missing; where new stations would help most."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from layout.analyses.coverage.params import CoverageParams
from layout.core.config import parse_params
from layout.core.result import Result
from layout.core.station_columns import BANDS, OPERATORS
from layout.core.study import Study
from maps.pages import address
from maps.pages.analysis import (
    notes,
    params_form,
    result_downloads,
    run_long,
    show_result_map,
    show_table,
)
from maps.pages.state import current_study, lang, t
from maps.pages.widgets import synthetic_banner
from maps.views.geometry import short_names

_RASTERS: Final = ("signal", "covered", "overlap", "probability", "indoor_signal")
_OVERLAYS: Final = ("white_spots", "new_sites", "uncovered_firms", "measured_points")
_ZONES: Final = {"district": "districts", "subdistrict": "subdistricts", "park": "parks",
                 "cluster": "cluster_coverage"}  # fmt: skip
_THRESHOLDS: Final = tuple(str(v) for v in range(-120, -79, 5))
_BAND_CHOICES: Final = ("any", *(n for n, b in BANDS.items() if not b.nb_iot), "nb_iot")
_CELLS: Final = ("200", "100", "50", "30")
_MORE: Final = (
    "building", "max_radius_m", "use_terrain", "new_sites", "new_band", "new_height_m",
    "new_eirp_dbm", "by_cluster",
)  # fmt: skip
_PERCENT: Final = ("firms_percent", "area_percent", "people_percent", "revenue_percent",
                   "employees_percent", "known_percent", "reason_percent", "gap_percent",
                   "percent")  # fmt: skip
_FORMATS: Final = {
    **dict.fromkeys(_PERCENT, "%.1f"), "area_km2": "%,.2f", "people": "%,.0f",
    "people_covered": "%,.0f", "lon": "%.5f", "lat": "%.5f", "level_dbm": "%.1f",
    "area_added_km2": "%.2f", "ground_m": "%.0f", "per_km2": "%.1f",
    "per_10k": "%.1f", "stations": "%,.0f", "height_mean_m": "%.1f", "eirp_mean_dbm": "%.1f",
}  # fmt: skip
_TRY: Final = "coverage_tried"
_FIGURE_PX: Final = 92
_NAME_PX: Final = 190
"""Columns of the ranking: figures, and names that may be long."""


def render() -> None:
    """Draw the page."""
    study = current_study()
    synthetic_banner(study)
    with st.container(key="always_in_view"):
        st.info(f"**{t('coverage.model')}** {t('coverage.limits')}", icon=":material/cell_tower:")
    with st.sidebar:
        settings = _settings(study)
    trying = settings.pop("trying")
    tried = st.session_state.get(_TRY) if trying else None
    if tried:
        settings |= {"try_lat": round(tried[0], 6), "try_lon": round(tried[1], 6)}
    result = run_long("coverage", parse_params(CoverageParams, settings))
    if result is None:
        return
    if "city" not in result.tables:
        _counts_only(study, result)
    else:
        _estimate(study, result, trying=bool(trying))
    notes(result)
    result_downloads(study, result)


def _settings(study: Study) -> dict[str, Any]:
    """The choices in the sidebar."""
    years = _years(study)
    for key, options in (
        ("coverage_operator", ("any", *OPERATORS)), ("coverage_band", _BAND_CHOICES),
        ("coverage_year", years), ("coverage_threshold", _THRESHOLDS),
        ("coverage_cell", _CELLS), ("coverage_place", ("outdoor", "indoor")),
        ("coverage_certainty", ("mean", "p90")),
    ):  # fmt: skip
        address.allow(key, options)
    st.subheader(t("coverage.page.settings"))
    operator = st.selectbox(
        t("coverage.page.operator"), ["any", *OPERATORS], key="coverage_operator",
        format_func=lambda o: t("coverage.page.any_operator") if o == "any" else _operator(o),
    )  # fmt: skip
    band = st.selectbox(
        t("coverage.page.band"), _BAND_CHOICES, key="coverage_band", format_func=_band
    )
    year = st.selectbox(
        t("coverage.page.year"), years, key="coverage_year",
        format_func=lambda y: t("coverage.page.now") if y == "0" else y,
    )  # fmt: skip
    threshold = st.select_slider(
        t("coverage.page.threshold"), _THRESHOLDS, key="coverage_threshold",
        format_func=lambda v: f"{v} dBm", help=t("coverage.page.threshold_help"),
    )  # fmt: skip
    place = st.segmented_control(
        t("coverage.page.place"), ["outdoor", "indoor"], key="coverage_place", required=True,
        format_func=lambda p: t(f"coverage.page.{p}"),
    )  # fmt: skip
    certainty = st.segmented_control(
        t("coverage.page.certainty"), ["mean", "p90"], key="coverage_certainty", required=True,
        format_func=lambda p: t(f"coverage.page.{p}"), help=t("coverage.page.certainty_help"),
    )  # fmt: skip
    cell = st.selectbox(
        t("coverage.page.cell"), _CELLS, key="coverage_cell",
        format_func=lambda m: t("coverage.page.metres", metres=m),
        help=t("coverage.page.cell_help"),
    )  # fmt: skip
    trying = st.toggle(t("coverage.page.try"), key="coverage_try", help=t("coverage.page.try_help"))
    with st.expander(t("coverage.page.more")):
        more = params_form(CoverageParams, key="coverage-more", only=_MORE)
    return {
        "operator": operator, "band": band, "year": int(year), "threshold_dbm": float(threshold),
        "place": place, "certainty": certainty, "cell_m": int(cell),
        "trying": trying, **more,
    }  # fmt: skip


def _years(study: Study) -> list[str]:
    if "stations" not in study.layers:
        return ["0"]
    years = study.layers["stations"]["built_year"].dropna().astype(int).unique()
    return ["0", *(str(year) for year in sorted(years, reverse=True))]


def _operator(name: str) -> str:
    return OPERATORS[name][0 if lang() == "zh" else 1]


def _band(name: str) -> str:
    if name in BANDS:
        return BANDS[name].zh if lang() == "zh" else BANDS[name].en
    return t(f"coverage.page.band_{name}")


def _estimate(study: Study, result: Result, *, trying: bool) -> None:
    """Figures, map and rankings of a full estimate."""
    _headline(result)
    if trying:
        _tried(result)
    layer = _map_controls()
    with st.container(key="map_and_ranking"):
        left, right = st.columns([4, 3], gap="medium")
    with left:
        place = _map(study, result, layer, trying=trying)
    with right:
        _ranking(study, result)
    if trying and place is not None and place != st.session_state.get(_TRY):
        st.session_state[_TRY] = place
        st.rerun()
    _details(result)


def _headline(result: Result) -> None:
    city = result.tables["city"].iloc[0]
    stations = result.tables["densities"].set_index("zone_id").loc["city"]
    figures = (
        ("firms", f"{city['firms_percent']:.1f} %"),
        ("uncovered", f"{int(city['firms_uncovered']):,}"),
        ("area", f"{city['area_percent']:.1f} %"),
        ("people", f"{city['people_percent']:.1f} %"),
        ("stations", f"{int(stations['stations']):,}"),
        ("density", f"{stations['per_km2']:.1f} / {stations['per_10k']:.1f}"),
    )
    with st.container(key="headline"):
        columns = st.columns(len(figures))
    for column, (name, value) in zip(columns, figures, strict=True):
        column.metric(t(f"coverage.page.head.{name}"), value,
                      help=t(f"coverage.page.head.{name}_help"))  # fmt: skip


def _tried(result: Result) -> None:
    if "tried" not in result.tables:
        st.info(t("coverage.page.try_click"), icon=":material/ads_click:")
        return
    row = result.tables["tried"].iloc[0]
    st.success(
        t(
            "coverage.page.tried", firms=f"{int(row['firms_added']):,}",
            area=f"{row['area_added_km2']:.2f}", lon=f"{row['lon']:.4f}", lat=f"{row['lat']:.4f}",
        ),
        icon=":material/add_location:",
    )  # fmt: skip


def _map_controls() -> str:
    address.allow("coverage_layer", (*_RASTERS, "zones"))
    chosen = st.segmented_control(
        t("coverage.page.layer"), [*_RASTERS, "zones"], key="coverage_layer", required=True,
        format_func=lambda name: t(f"coverage.page.layer.{name}"), wrap=True,
    )  # fmt: skip
    return str(chosen)


def _map(study: Study, result: Result, layer: str, *, trying: bool) -> tuple[float, float] | None:
    first = f"covered_firms_{st.session_state['coverage_zones']}" if layer == "zones" else layer
    shown = {first, "white_spots", "new_sites", "tried_station"}
    if layer in ("overlap", "probability", "indoor_signal"):
        shown.discard("white_spots")
    # What a map tells is settled when it is first drawn: one that tells clicks is another map.
    key = "coverage-map-try" if trying else "coverage-map"
    place = show_result_map(
        study, result, key=key, only={first, *_OVERLAYS, "tried_station"}, show=shown,
        clicked=trying,
    )  # fmt: skip
    st.caption(t("coverage.page.map_note"))
    return place


def _ranking(study: Study, result: Result) -> None:
    kinds = [kind for kind, name in _ZONES.items() if name in result.tables]
    address.allow("coverage_zones", kinds)
    zones = st.segmented_control(
        t("coverage.page.ranking"), kinds, key="coverage_zones", required=True,
        format_func=lambda z: t(f"zones.{z}"),
    )  # fmt: skip
    table = result.tables[_ZONES[str(zones)]]
    table = table[table["firms"] > 0].copy()
    if zones == "cluster":
        table["zone_id"] = table["name_zh" if lang() == "zh" else "name_en"]
    else:
        table["zone_id"] = _short(study, str(zones), table["zone_id"])
    columns = ["firms_percent", "firms_uncovered", "area_percent"]
    short = {name: t(f"coverage.page.rank.{name}") for name in columns}
    named_px = {} if zones == "district" else {"zone_id": _NAME_PX}
    _show(
        result, table[["zone_id", *columns]], key=f"coverage-rank-{zones}", height=473,
        headings={**short, "zone_id": t(f"zones.{zones}")},
        widths={**dict.fromkeys(columns, _FIGURE_PX), **named_px},
    )  # fmt: skip
    st.caption(t("coverage.page.ranking_note"))


def _short(study: Study, kind: str, ids: pd.Series) -> pd.Series:
    """Names of zones without the word for their kind."""
    frame = study.zones[kind]
    return ids.map(dict(zip(frame["id"], short_names(frame, lang()), strict=True)))


def _details(result: Result) -> None:
    """Tables below the map, one a tab."""
    names = (
        "white_spots", "new_sites", "uncovered_firms", "cluster_coverage", "networks", "sectors",
        "densities", "rates", "effects", "problems", "stations", "estimate",
    )  # fmt: skip
    names = tuple(name for name in names if name in result.tables)
    if len(result.tables["measured"]):
        names = (*names, "measured")
    tabs = st.tabs([t(f"table.{name}") for name in names])
    for tab, name in zip(tabs, names, strict=True):
        with tab:
            _detail(result, name)


def _detail(result: Result, name: str) -> None:
    table = result.tables[name]
    if name == "new_sites" and len(table):
        _choice(result.tables["choice"].iloc[0])
    if name in ("estimate", "rates", "effects", "densities", "new_sites", "cluster_coverage"):
        st.caption(t(f"coverage.page.note.{name}"))
    if table.empty:
        st.info(t(f"coverage.page.empty.{name}"))
        return
    drop = {"white_spots": ["name_en" if lang() == "zh" else "name_zh"],
            "cluster_coverage": ["name_en" if lang() == "zh" else "name_zh"],
            "uncovered_firms": ["credit_code"]}.get(name, [])  # fmt: skip
    table = table.drop(columns=drop, errors="ignore")
    if name == "cluster_coverage":
        ahead = ["firms", "firms_covered", "firms_uncovered", "firms_percent"]
        words = [column for column in table.columns[:3] if column not in ahead]
        rest = [column for column in table.columns if column not in (*words, *ahead)]
        table = table[[*words, *ahead, *rest]]
    _show(result, table, key=f"coverage-table-{name}")


def _choice(row: pd.Series) -> None:
    words = "proven" if row["proven"] else "bound"
    st.markdown(
        t(
            f"coverage.page.choice_{words}", sites=f"{row['candidates']:,}",
            added=f"{row['firms_added']:,}", uncovered=f"{row['firms_uncovered']:,}",
            bound=f"{row['firms_bound']:,}", gap=f"{row['gap_percent']:.1f}",
        )
    )  # fmt: skip


def _counts_only(study: Study, result: Result) -> None:
    """Without a table of stations: densities, and never a raster."""
    st.warning(t("coverage.note.no_stations"), icon=":material/info:")
    with st.container(key="map_and_ranking"):
        left, right = st.columns([4, 3], gap="medium")
    with left:
        show_result_map(study, result, key="coverage-counts")
    with right:
        # Where districts publish no counts these are estimates, and say so beside the figures.
        st.caption(t("coverage.page.note.estimate"))
        columns = ["stations", "per_km2", "per_10k"]
        table = result.tables["densities"][["zone_id", *columns]].copy()
        table["zone_id"] = _short(study, "district", table["zone_id"])
        _show(
            result, table, key="coverage-densities",
            headings={"zone_id": t("zones.district"), "per_km2": t("coverage.page.rank.per_km2"),
                      "per_10k": t("coverage.page.rank.per_10k")},
            widths=dict.fromkeys(columns, _FIGURE_PX),
        )  # fmt: skip
    st.subheader(t("table.densities"))
    _show(result, result.tables["densities"], key="coverage-density")
    st.subheader(t("table.rates"))
    _show(result, result.tables["rates"], key="coverage-rates")
    st.subheader(t("table.estimate"))
    st.caption(t("coverage.page.note.estimate"))
    _show(result, result.tables["estimate"], key="coverage-estimate")


def _show(
    result: Result, table: pd.DataFrame, *, key: str, height: int | None = None,
    headings: dict[str, str] | None = None, widths: dict[str, int] | None = None,
) -> None:  # fmt: skip
    if widths is None:
        widths = {"zone_id": 150 if lang() == "zh" else 240}
    money = {c: "%,.0f" for c in table.columns if str(c).startswith("revenue_cny")}
    show_table(
        table, labels=result.labels, key=key, formats={**_FORMATS, **money}, height=height,
        headings=headings, widths=widths,
    )  # fmt: skip
