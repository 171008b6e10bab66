"""The estimate as a result: tables, layers, and what a reader must know of it."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from layout.analyses.coverage import layers as drawn
from layout.analyses.coverage.base import MEASURED, Base, measured_pairs
from layout.analyses.coverage.by_cluster import cluster_table, clusters_of
from layout.analyses.coverage.counts import (
    RATES,
    count_densities,
    district_estimate,
    reported_rates,
)
from layout.analyses.coverage.estimate import Estimate, conversion_table
from layout.analyses.coverage.figures import (
    city_figures,
    densities,
    firms_by_sector,
    zone_table,
)
from layout.analyses.coverage.firm_rows import firm_rows
from layout.analyses.coverage.labels import labels_of
from layout.analyses.coverage.notes import full_notes, method_of
from layout.analyses.coverage.params import CoverageParams
from layout.analyses.coverage.proposals import try_station
from layout.analyses.coverage.spots import white_spots
from layout.analyses.coverage.survey import problems_table
from layout.analyses.provenance import provenance_of
from layout.core.crs import STORED_CRS
from layout.core.raster import Raster
from layout.core.result import Bilingual, LayerSpec, Provenance, Result
from layout.core.study import Study

POPULATION: Final = "population"
MOST_FIRMS: Final = 2000
"""Uncovered firms that are listed and drawn, those of most revenue first; all are counted."""

MOST_MEASURED: Final = 5000
TABLES: Final = {"district": "districts", "subdistrict": "subdistricts", "park": "parks"}
NAMES: Final = ["name_zh", "name_en"]


def full_result(study: Study, params: CoverageParams, base: Base) -> Result:
    """Everything that a table of stations allows."""
    made, tried = base.made, None
    if params.tries:
        applied = base.fit if params.fit_measured else None
        made, tried = try_station(
            made, base.sites, base.reached, base.inside, base.ground, params, applied
        )
    tables, zones = _zone_tables(study, base)
    spots = white_spots(
        base.made,
        base.inside,
        base.points,
        indoor=params.place == "indoor",
        min_km2=params.min_gap_km2,
    )
    spots = _named_spots(study, spots)
    firms = _uncovered_firms(study, base, spots)
    stations = base.network.stations
    official = study.zones["district"]["area_km2"]
    dense = densities(stations, base.network.chosen, study, official)
    if params.by_cluster:
        crs, covered = base.ground.crs, base.made.covered
        tables["cluster_coverage"] = cluster_table(study, crs, covered, base.reached)
    tables |= {
        "networks": base.networks,
        "densities": dense,
        "rates": reported_rates(study),
        "white_spots": pd.DataFrame(spots.drop(columns="geometry")),
        "new_sites": _placed(base.proposal.sites),
        "choice": base.proposal.summary,
        "uncovered_firms": pd.DataFrame(firms.drop(columns="geometry")),
        "stations": conversion_table(stations, base.network.outdoor),
        "problems": problems_table(stations),
        "effects": base.effects,
        "measured": _measured_table(base),
        "estimate": _estimate_table(study),
    }
    if tried is not None:
        tables["tried"] = tried
    return Result(
        name="coverage",
        tables=tables,
        layers=_layers(
            study, params, base, made, zones, spots, firms, tried, tables.get("cluster_coverage")
        ),
        notes=tuple(full_notes(study, params, base, spots, len(firms))),
        labels=labels_of(study),
        provenance=_provenance(study, params, method_of(params, base)),
    )


def counts_result(study: Study, params: CoverageParams) -> Result:
    """Densities of counts by district: reported ones, else an estimate. Never a raster."""
    official = study.zones["district"]["area_km2"]
    table = _estimate_table(study)
    reported = RATES in study.layers
    column = "stations_nb_iot" if params.band == "nb_iot" else "stations_5g"
    if reported:
        counts = study.layers[RATES].drop_duplicates("district_id", keep="last")
        by_id = counts.set_index("district_id")[column]
    else:
        by_id = table.set_index("zone_id")["stations"].astype("float64")
        if column != "stations_5g":
            by_id[:] = np.nan  # the estimate is of 5G stations alone
    dense = count_densities(study, by_id, official)
    dense["value_kind"] = np.where(
        dense["stations"].isna(), "unknown", "reported" if reported else "estimate"
    )
    notes = [Bilingual.of("coverage.note.no_stations"), Bilingual.of("coverage.note.density")]
    if not reported:
        notes.append(Bilingual.of("coverage.note.estimate"))
    return Result(
        name="coverage",
        tables={
            "densities": dense,
            "rates": reported_rates(study),
            "estimate": table,
        },
        layers=(drawn.density_layer(study, dense, estimated=not reported),),
        notes=tuple(notes),
        labels=labels_of(study),
        provenance=_provenance(study, params, Bilingual.of("coverage.method.counts")),
    )


def _zone_tables(
    study: Study, base: Base
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    people = study.rasters[POPULATION].read() if POPULATION in study.rasters else None
    zones = {
        kind: zone_table(study, kind, base.ground.crs, base.made.covered, base.reached, people)
        for kind in TABLES
    }
    city = city_figures(zones["district"], study.manifest.city, base.reached)
    ranked = {
        TABLES[kind]: table.sort_values(
            ["firms_percent", "firms_uncovered"], ascending=[True, False], na_position="last"
        ).reset_index(drop=True)
        for kind, table in zones.items()
    }
    return {"city": city, "sectors": firms_by_sector(base.reached), **ranked}, zones


def _named_spots(study: Study, spots: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """White spots with the subdistrict their middle lies in as their name."""
    middle = spots.geometry.representative_point()
    zones = study.zones["subdistrict"]
    found, place = zones.sindex.query(middle.to_numpy(), predicate="intersects")
    first = pd.Series(place, index=found).groupby(level=0).first()
    attrs = spots.attrs
    at = pd.Series(range(len(spots))).map(first)
    for number, column in enumerate(NAMES):
        words = at.map(dict(enumerate(zones[column]))).fillna("")
        spots.insert(2 + number, column, words.to_numpy())
    spots.attrs = attrs
    return spots


def _uncovered_firms(study: Study, base: Base, spots: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Firms at uncovered places, those of most revenue first, with signal and white spot."""
    rows = np.flatnonzero(base.reached.known & ~base.reached.covered)
    revenue = np.nan_to_num(base.points.revenue[rows], nan=-1.0)
    rows = rows[np.argsort(-revenue, kind="stable")][:MOST_FIRMS]
    table = firm_rows(study, rows)
    xy = base.points.xy[rows]
    row, col = base.made.grid.rows_cols(xy[:, 0], xy[:, 1])
    table["level_dbm"] = np.round(base.made.level[row, col].astype(float), 1)
    shapes = gpd.GeoSeries(gpd.points_from_xy(xy[:, 0], xy[:, 1]), crs=base.ground.crs)
    frame = gpd.GeoDataFrame(table, geometry=shapes.to_crs(STORED_CRS).to_numpy(), crs=STORED_CRS)
    spot, place = frame.sindex.query(spots.geometry.to_numpy(), predicate="intersects")
    held = dict(zip(place.tolist(), spots["spot_id"].to_numpy()[spot].tolist(), strict=True))
    frame.insert(0, "spot_id", [held.get(i) for i in range(len(frame))])
    return frame


def _estimate_table(study: Study) -> pd.DataFrame:
    return district_estimate(study).rename(columns={"district_id": "zone_id"})


def _placed(sites: gpd.GeoDataFrame) -> pd.DataFrame:
    table = pd.DataFrame(sites.drop(columns="geometry"))
    table["lon"] = sites.geometry.x.round(5)
    table["lat"] = sites.geometry.y.round(5)
    return table


def _measured_table(base: Base) -> pd.DataFrame:
    columns = [
        "points", "bias_db", "offset_db", "slope", "rmse_before_db", "rmse_after_db", "correlation",
    ]  # fmt: skip
    fit = base.fit
    if fit is None:
        return pd.DataFrame(columns=columns)
    values = (
        fit.points, fit.bias, fit.offset, fit.slope, fit.before, fit.after, fit.correlation,
    )  # fmt: skip
    return pd.DataFrame([dict(zip(columns, values, strict=True))])


def _layers(
    study: Study,
    params: CoverageParams,
    base: Base,
    made: Estimate,
    zones: dict[str, pd.DataFrame],
    spots: gpd.GeoDataFrame,
    firms: gpd.GeoDataFrame,
    tried: pd.DataFrame | None,
    clusters: pd.DataFrame | None,
) -> tuple[LayerSpec, ...]:
    specs = drawn.raster_layers(made, base.inside)
    specs += [drawn.zone_layer(study, kind, table) for kind, table in zones.items()]
    if clusters is not None and len(clusters):
        specs.append(drawn.cluster_layer(clusters_of(study), clusters))
    if len(spots):
        specs.append(drawn.spot_layer(spots))
    if len(firms):
        specs.append(drawn.firm_layer(firms))
    if len(base.proposal.sites):
        specs.append(drawn.site_layer(base.proposal.sites))
    if tried is not None:
        specs.append(drawn.tried_layer(_points(tried)))
    if MEASURED in study.layers:
        specs.append(drawn.measured_layer(_measured_points(study, params, base)))
    specs.append(drawn.server_raster(made, base.inside))
    return tuple(specs)


def _points(table: pd.DataFrame) -> gpd.GeoDataFrame:
    shapes = gpd.points_from_xy(table["lon"], table["lat"])
    return gpd.GeoDataFrame(table.copy(), geometry=shapes, crs=STORED_CRS)


def _measured_points(study: Study, params: CoverageParams, base: Base) -> gpd.GeoDataFrame:
    layer = study.layers[MEASURED]
    measured, estimated = measured_pairs(study, params, base.made, base.ground)
    table: dict[str, Any] = {
        "id": layer["id"].to_numpy(),
        "rsrp_dbm": measured,
        "estimated_dbm": np.round(estimated, 1),
        "difference_db": np.round(measured - estimated, 1),
    }
    frame = gpd.GeoDataFrame(table, geometry=layer.geometry.to_numpy(), crs=STORED_CRS)
    step = max(len(frame) // MOST_MEASURED, 1)
    return frame.iloc[::step]


def raster_of(result: Result, name: str) -> Raster:
    """The raster of a layer of the result."""
    spec = next(one for one in result.layers if one.name == name)
    raster: Raster = spec.frame
    return raster


def _provenance(study: Study, params: CoverageParams, method: Bilingual) -> Provenance:
    return provenance_of(study, params, method)
