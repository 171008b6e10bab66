"""How far the city is on the way to the plan's targets of 2023."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import pandas as pd

from layout.analyses.targets import counts, series
from layout.analyses.targets.params import Figure, TargetsParams, require_comparable
from layout.analyses.targets.table import path_table, plan_growth, target_table
from layout.analyses.words import choice_words, sector_words, table_words, zone_words
from layout.core import facts
from layout.core.errors import ParameterError
from layout.core.result import Bilingual, LayerSpec, Provenance, Result
from layout.core.study import Study

__all__ = ["MODEL", "Figure", "TargetsParams", "run"]

MODEL = TargetsParams
_STANDINGS: Final = {
    "new": "#B4531A", "older": "#1f5a85", "undated": "#7f7f7f", "after_target": "#DDCC77",
}  # fmt: skip
"""Colours of carriers by when they were established."""
_PLATFORM_COLOURS: Final = (
    "#332288", "#88CCEE", "#AA4499", "#117733", "#DDCC77", "#CC6677", "#44AA99", "#882255",
)  # fmt: skip


def run(study: Study, params: TargetsParams) -> Result:
    """The plan's targets, what is reached of each, and the series behind them.

    Returns
    -------
    Result
        Tables ``targets`` (one row a target), ``paths`` (yearly path of T-01 to T-03 and typed
        figures), ``large_firms`` (T-11, T-12 by year), ``large_by_sector``,
        ``large_by_district``, ``clusters`` (T-13, T-14), ``tiers`` (T-15), ``sector_series`` and
        ``district_series`` (revenue against its path, alert where below), ``section_revenue``
        (lower bound for T-02 from the firm table), ``carriers`` (T-07 by district) and
        ``facilities`` (T-08 by type). Layers: new carriers and platforms as points.

    Raises
    ------
    ParameterError, FaultsError
        Typed figures of another 口径 or price than their target, unknown ids, or a year that the
        study does not have.
    """
    require_comparable(params)
    _require_year(study, params)
    growth = plan_growth(series.SERIES_TARGET)
    cluster = counts.clusters(study, params)
    firms = counts.large_firms(study, params, ["year"])
    carriers = _points(study, "carriers")
    chosen = counts.new_carriers(carriers, params)
    counted = _counted(firms, cluster, chosen, params)
    kind = "synthetic" if study.manifest.synthetic else "actual"
    year = params.year or study.manifest.years[-1]
    return Result(
        name="targets",
        tables={
            "targets": target_table(params, counted, year=year, kind=kind),
            "paths": path_table(params),
            "large_firms": firms,
            "large_by_sector": _of_year(study, params, "sector"),
            "large_by_district": _of_year(study, params, "zone_id"),
            "clusters": cluster,
            "tiers": _tiers(study, params),
            "sector_series": series.sector_series(study, params, growth),
            "district_series": series.district_series(study, params, growth),
            "section_revenue": series.section_revenue(study).to_frame(),
            "carriers": counts.carriers_by_district(chosen, study),
            "facilities": counts.facilities(carriers, _points(study, "data_centres")),
        },
        layers=(_carrier_layer(chosen), *_platforms(carriers)),
        notes=_notes(study, params, growth),
        provenance=_provenance(study, params),
        labels=_labels(study),
    )


def _labels(study: Study) -> dict[str, dict[Any, Bilingual]]:
    """Words for the ids that the tables hold."""
    zones = zone_words(study) | {"unknown_place": Bilingual.of("targets.unknown_place")}
    standings = ("met", "met_equal", "short", "unknown", "qualitative")
    return {
        "zone_id": {**zones},
        "district_id": {**zones},
        "sector": {**sector_words()},
        "tier": {**table_words("size_tiers", name="label")},
        "size_class": {**choice_words("targets.class", ("thousand", "hundred", "smaller")),
                       "unknown": Bilingual.of("targets.standing.unknown")},
        "standing": {**choice_words("targets.standing", standings),
                     **choice_words("targets.carrier", tuple(_STANDINGS))},
        "price": {**choice_words("targets.price", ("unstated", "nominal", "real"))},
        "actual_kind": {**choice_words("targets.kind", ("actual", "synthetic", "estimate")),
                        "unknown": Bilingual.of("targets.standing.unknown")},
        "actual_basis": {**table_words("statistical_bases")},
    }  # fmt: skip


def _require_year(study: Study, params: TargetsParams) -> None:
    years = study.manifest.years
    if params.year and params.year not in years:
        raise ParameterError(
            "error.no_such_year", found=params.year, known=", ".join(map(str, years))
        )


def _counted(
    firms: pd.DataFrame, cluster: pd.DataFrame, carriers: pd.DataFrame, params: TargetsParams
) -> dict[str, float]:
    """What the study counts of each target that is a number of things."""
    thousand, hundred = counts.cluster_counts(cluster, params)
    figures = {"T-13": thousand, "T-14": hundred}
    if params.year in firms.index:
        over_50, over_10 = firms.to_numpy()[firms.index.get_loc(params.year)][:2]
        figures |= {"T-11": float(over_50), "T-12": float(over_10)}
    return figures | {"T-07": float((carriers["standing"] == "new").sum())}


def _of_year(study: Study, params: TargetsParams, by: str) -> pd.DataFrame:
    table = counts.large_firms(study, params, ["year", by])
    years = table.index.get_level_values("year")
    return table[years == params.year].droplevel("year")


def _tiers(study: Study, params: TargetsParams) -> pd.DataFrame:
    """The pyramid of T-15: firms and revenue by size tier, largest tier first."""
    cube = counts.in_population(study.cubes["district"], params)
    cube = cube[cube["year"] == params.year]
    order = list(
        facts.reference("size_tiers").sort_values("order", key=lambda s: s.astype(int))["id"]
    )
    sums = cube.groupby("tier", observed=True)[["firms", "revenue_cny"]].sum()
    sums = sums.reindex(order, fill_value=0)
    sums["revenue_cny"] = sums["revenue_cny"].astype("float64")
    sums.loc[sums.index == "unknown", "revenue_cny"] = float("nan")
    return sums


def _points(study: Study, name: str) -> pd.DataFrame:
    """Carriers or data centres: the study's layer, else the shipped facts; NaN: place unknown."""
    if name in study.layers:
        frame = study.layers[name]
        known = frame.geometry.notna() & ~frame.geometry.is_empty
        table = pd.DataFrame(frame.drop(columns="geometry"))
        table["lon"] = frame.geometry.where(known).x
        table["lat"] = frame.geometry.where(known).y
        return table
    table = facts.city_table(study.manifest.city, name)
    for column in ("lon", "lat"):
        table[column] = pd.to_numeric(table[column].where(table[column] != "", None))
    return table


def _platforms(carriers: pd.DataFrame) -> tuple[LayerSpec, ...]:
    """Public service platforms and exchanges as points, by type."""
    kinds = dict(zip((*counts.PLATFORMS, *counts.NODES), _PLATFORM_COLOURS, strict=True))
    located = carriers[carriers["type"].isin(kinds) & carriers["lon"].notna()]
    if located.empty:
        return ()
    points = gpd.points_from_xy(located["lon"].astype(float), located["lat"].astype(float))
    columns = ["id", "name_zh", "name_en", "type", "source"]
    frame = gpd.GeoDataFrame(located[columns], geometry=points, crs="EPSG:4326")
    return (
        LayerSpec(
            name="targets_platforms",
            kind="points",
            frame=frame.reset_index(drop=True),
            title=Bilingual.of("targets.layer.platforms"),
            column="type",
            categories={
                name: (_short(Bilingual.of(f"targets.facility.{name}")), colour)
                for name, colour in kinds.items()
            },
            approximate=True,
        ),
    )


def _short(name: Bilingual) -> Bilingual:
    """A type of platform as a legend has room for it."""
    return Bilingual(name.zh.removesuffix("平台"), name.en.removesuffix(" platforms"))


def _carrier_layer(chosen: pd.DataFrame) -> LayerSpec:
    """Carriers of the types of T-07 as points, by when they were established."""
    located = chosen[chosen["lon"].notna()]
    points = gpd.points_from_xy(located["lon"].astype(float), located["lat"].astype(float))
    columns = ["id", "name_zh", "name_en", "type", "established", "standing", "source"]
    frame = gpd.GeoDataFrame(located[columns], geometry=points, crs="EPSG:4326")
    return LayerSpec(
        name="targets_carriers",
        kind="points",
        frame=frame.reset_index(drop=True),
        title=Bilingual.of("targets.layer.carriers"),
        column="standing",
        categories={
            name: (Bilingual.of(f"targets.carrier.{name}"), colour)
            for name, colour in _STANDINGS.items()
        },
        details=("type", "established"),
        approximate=True,
    )


def _notes(study: Study, params: TargetsParams, growth: float) -> tuple[Bilingual, ...]:
    keys = ["targets.note.base", f"targets.note.price.{params.price}", "targets.note.break"]
    keys += ["targets.note.nested" if params.nested else "targets.note.not_nested"]
    keys += ["targets.note.larger" if params.larger_counts else "targets.note.not_larger"]
    keys += ["targets.note.clusters", "targets.note.legal_units", "targets.note.section"]
    notes = [Bilingual.of(key, year=params.base_year) for key in keys]
    notes.append(Bilingual.of("targets.note.series", growth=f"{growth:g}", year=params.base_year))
    if why := series.reason(study, params):
        notes.append(Bilingual.of(why))
    return tuple(notes)


def _provenance(study: Study, params: TargetsParams) -> Provenance:
    manifest = study.manifest
    settings: dict[str, Any] = params.model_dump(mode="json")
    return Provenance(
        inputs=manifest.inputs,
        parameters=settings,
        seed=None,
        version=manifest.version,
        created=manifest.created,
        synthetic=manifest.synthetic,
        method=Bilingual.of("targets.method"),
    )
