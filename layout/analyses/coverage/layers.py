"""What of the estimate is worth seeing: rasters, zones, white spots, sites, measured points."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.analyses.coverage.estimate import Estimate
from layout.core.raster import Raster
from layout.core.result import Bilingual, LayerSpec
from layout.core.study import Study

Flags = npt.NDArray[np.bool_]

LEVELS: Final = (
    (-140.0, "#8c510a"),
    (-115.0, "#d8b365"),
    (-105.0, "#c7eae5"),
    (-95.0, "#80cdc1"),
    (-85.0, "#35978f"),
    (-75.0, "#01665e"),
)
"""Class limits of the signal in dBm; brown below the usual threshold, green from it on."""

OVERLAP: Final = (
    (0.0, "#d9d9d9"),
    (1.0, "#d0d1e6"),
    (2.0, "#a6bddb"),
    (4.0, "#74a9cf"),
    (8.0, "#2b8cbe"),
    (16.0, "#045a8d"),
)
PROBABILITY: Final = (
    (0.0, "#8c510a"),
    (50.0, "#d8b365"),
    (75.0, "#f6e8c3"),
    (90.0, "#80cdc1"),
    (95.0, "#35978f"),
    (99.0, "#01665e"),
)
PERCENT: Final = (
    (0.0, "#8c510a"),
    (80.0, "#d8b365"),
    (90.0, "#f6e8c3"),
    (95.0, "#c7eae5"),
    (98.0, "#5ab4ac"),
    (99.5, "#01665e"),
)
REASON_COLOURS: Final = {
    "no_station": "#d73027",
    "terrain": "#7b3294",
    "range": "#fdae61",
    "walls": "#4575b4",
    "certainty": "#74add1",
    "no_data": "#969696",
}
CANDIDATE_COLOURS: Final = {"grid": "#e7298a", "park": "#66a61e", "mast": "#1f78b4"}

_DBM: Final = Bilingual("dBm", "dBm")
_PERCENT: Final = Bilingual("%", "%")


def raster_layers(made: Estimate, inside: Flags) -> list[LayerSpec]:
    """Rasters of the estimate, cells outside the city without data."""
    found = made.made
    chance = 100.0 * found.layer("probability")
    specs: list[tuple[str, npt.NDArray[Any], str, tuple[tuple[float, str], ...], Bilingual]] = [
        ("signal", made.level, "dBm", LEVELS, _DBM),
        ("overlap", found.count.astype(np.float32), "", OVERLAP, Bilingual("个", "stations")),
        ("probability", chance, "%", PROBABILITY, _PERCENT),
        ("indoor_signal", found.layer("indoor_rsrp"), "dBm", LEVELS, _DBM),
        ("second_signal", found.layer("second"), "dBm", LEVELS, _DBM),
    ]
    layers = [
        LayerSpec(
            name=name,
            kind="raster",
            frame=Raster(
                np.where(inside, values, np.nan).astype(np.float32), made.grid, None, unit
            ),
            title=Bilingual.of(f"coverage.layer.{name}"),
            unit=words,
            edges=edges,
            note=Bilingual.of("coverage.model"),
            opacity=0.8,
        )
        for name, values, unit, edges, words in specs
    ]
    covered = _in_city(made.covered.values, inside)
    layers.append(
        LayerSpec(
            name="covered",
            kind="raster",
            frame=Raster(covered, made.grid),
            title=Bilingual.of("coverage.layer.covered"),
            categories={
                1.0: (Bilingual.of("coverage.covered"), "#5ab4ac"),
                0.0: (Bilingual.of("coverage.uncovered"), "#a6611a"),
            },
            note=Bilingual.of("coverage.model"),
            opacity=0.8,
        )
    )
    return layers


def _in_city(values: npt.NDArray[Any], inside: Flags) -> npt.NDArray[np.float32]:
    """Values of the city's cells, NaN elsewhere."""
    cut = np.full(values.shape, np.nan, dtype=np.float32)
    cut[inside] = values[inside]
    return cut


def server_raster(made: Estimate, inside: Flags) -> LayerSpec:
    """Row of the best server in the table of stations, for other programs; -1 for none."""
    values = np.where(inside, made.made.server, -1).astype(np.int32)
    return LayerSpec(
        name="best_server",
        kind="raster",
        frame=Raster(values, made.grid, -1.0),
        title=Bilingual.of("coverage.layer.best_server"),
    )


def zone_layer(study: Study, kind: str, table: pd.DataFrame) -> LayerSpec:
    """Covered firms of each zone of a kind, %."""
    columns = ["area_percent", "firms", "firms_covered", "firms_percent"]
    zones = study.zones[kind][["id", "name_zh", "name_en", "approximate", "synthetic", "geometry"]]
    figures = table.set_index("zone_id")[columns].round({"area_percent": 1, "firms_percent": 1})
    frame = zones.merge(figures, left_on="id", right_index=True, how="left")
    return LayerSpec(
        name=f"covered_firms_{kind}",
        kind="choropleth",
        frame=gpd.GeoDataFrame(frame, geometry="geometry", crs=zones.crs),
        title=Bilingual.of(f"coverage.layer.firms_{kind}"),
        column="firms_percent",
        unit=_PERCENT,
        edges=PERCENT,
        details=("firms", "firms_covered", "area_percent"),
        id_column="id",
        approximate=bool(zones["approximate"].any()),
        note=Bilingual.of("coverage.model"),
    )


def cluster_layer(clusters: gpd.GeoDataFrame, table: pd.DataFrame) -> LayerSpec:
    """Covered firms of each cluster, %."""
    columns = ["area_percent", "firms", "firms_covered", "firms_percent"]
    figures = table.set_index("cluster_id")[columns].round({"area_percent": 1, "firms_percent": 1})
    shapes = clusters[["cluster_id", "name_zh", "name_en", "geometry"]]
    frame = shapes.merge(figures, left_on="cluster_id", right_index=True, how="left")
    return LayerSpec(
        name="covered_firms_cluster",
        kind="choropleth",
        frame=gpd.GeoDataFrame(frame, geometry="geometry", crs=clusters.crs),
        title=Bilingual.of("coverage.layer.firms_cluster"),
        column="firms_percent",
        unit=_PERCENT,
        edges=PERCENT,
        details=("firms", "firms_covered", "area_percent"),
        id_column="cluster_id",
        note=Bilingual.of("coverage.page.note.cluster_coverage"),
    )


def spot_layer(spots: gpd.GeoDataFrame) -> LayerSpec:
    """White spots by reason."""
    seen = set(spots["reason"])
    return LayerSpec(
        name="white_spots",
        kind="polygons",
        frame=spots.round({"area_km2": 2, "reason_percent": 0}),
        title=Bilingual.of("coverage.layer.white_spots"),
        column="reason",
        categories={
            reason: (Bilingual.of(f"value.reason.{reason}"), colour)
            for reason, colour in REASON_COLOURS.items()
            if reason in seen
        },
        details=("rank", "firms", "area_km2", "reason_percent"),
        id_column="spot_id",
        opacity=0.55,
        note=Bilingual.of("coverage.note.spots"),
    )


def site_layer(sites: gpd.GeoDataFrame) -> LayerSpec:
    """Proposed sites: the analyst's proposal, not decided."""
    seen = set(sites["candidate"])
    return LayerSpec(
        name="new_sites",
        kind="points",
        frame=sites,
        title=Bilingual.of("coverage.layer.new_sites"),
        column="candidate",
        categories={
            kind: (Bilingual.of(f"value.candidate.{kind}"), colour)
            for kind, colour in CANDIDATE_COLOURS.items()
            if kind in seen
        },
        details=("rank", "firms_added", "firms_total"),
        id_column="site_id",
        note=Bilingual.of("coverage.note.proposal"),
    )


def firm_layer(firms: gpd.GeoDataFrame) -> LayerSpec:
    """Firms at places that are not covered."""
    return LayerSpec(
        name="uncovered_firms",
        kind="points",
        frame=firms,
        title=Bilingual.of("coverage.layer.uncovered_firms"),
        details=("spot_id", "level_dbm"),
        note=Bilingual.of("coverage.model"),
    )


def tried_layer(tried: gpd.GeoDataFrame) -> LayerSpec:
    """The station that is tried."""
    return LayerSpec(
        name="tried_station",
        kind="points",
        frame=tried,
        title=Bilingual.of("coverage.layer.tried_station"),
        details=("firms_added", "area_added_km2", "ground_m"),
        note=Bilingual.of("coverage.model"),
    )


def measured_layer(points: gpd.GeoDataFrame) -> LayerSpec:
    """Measured points, apart from the estimate."""
    return LayerSpec(
        name="measured_points",
        kind="points",
        frame=points,
        title=Bilingual.of("coverage.layer.measured_points"),
        column="rsrp_dbm",
        unit=_DBM,
        edges=LEVELS,
        details=("estimated_dbm", "difference_db"),
        note=Bilingual.of("coverage.note.measured"),
    )


def density_layer(study: Study, table: pd.DataFrame, *, estimated: bool) -> LayerSpec:
    """Stations per km² of the districts."""
    zones = study.zones["district"]
    columns = ["stations", "per_km2", "per_10k"]
    figures = table.drop_duplicates("zone_id").set_index("zone_id")[columns]
    frame = zones.merge(figures.round(2), left_on="id", right_index=True, how="left")
    return LayerSpec(
        name="station_density",
        kind="choropleth",
        frame=frame,
        title=Bilingual.of("coverage.layer.station_density"),
        column="per_km2",
        unit=Bilingual("个/平方公里", "stations/km²"),
        details=("stations", "per_10k"),
        id_column="id",
        approximate=bool(zones["approximate"].any()),
        note=Bilingual.of("coverage.note.estimate" if estimated else "coverage.note.density"),
    )
