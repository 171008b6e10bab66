"""How different the districts are, who competes with whom, and which parks do the same."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
from shapely.geometry import LineString

from layout.analyses.differentiation.districts import (
    compare_districts,
    district_table,
    index_table,
    pair_table,
    square,
    zone_counts,
)
from layout.analyses.differentiation.overlay import extent_table, neighbour_table
from layout.analyses.differentiation.parks import (
    MATCHES,
    consolidation_table,
    overlap_table,
    park_table,
    type_pairs,
)
from layout.analyses.differentiation.scorecard import scorecard
from layout.analyses.differentiation.settings import DifferentiationParams
from layout.analyses.provenance import provenance_of
from layout.analyses.words import choice_words, zone_words
from layout.core.errors import ParameterError
from layout.core.progress import tell
from layout.core.result import Bilingual, LayerSpec, Result
from layout.core.study import Study

MODEL = DifferentiationParams

_MATCH_COLOURS = dict(zip(MATCHES, ("#1b9e77", "#a6d854", "#d95f02", "#b0b0b0"), strict=True))


def run(study: Study, params: DifferentiationParams) -> Result:
    """Similarity of districts, overlaps of parks, the overlay's neighbours.

    Returns
    -------
    Result
        Tables ``index``, ``pairs``, ``districts``, ``krugman``, ``cosine``, ``parks``,
        ``scorecard``, ``park_pairs``, ``consolidation``, ``park_types``, ``overlay`` and
        ``overlay_neighbours``.

    Raises
    ------
    ParameterError
        The year is not in the panel.
    """
    if params.year and params.year not in study.manifest.years:
        raise ParameterError(
            "error.unknown_ids", what="year", found=params.year,
            known=", ".join(map(str, (0, *study.manifest.years))),
        )  # fmt: skip
    tell("diff_districts", 0.1)
    compared = compare_districts(zone_counts(study, "district", params), params)
    pairs = pair_table(compared, params)
    tell("diff_parks", 0.5)
    parks = park_table(study, params)
    overlaps = overlap_table(study, parks, params)
    tables = {
        "index": index_table(compared, params),
        "districts": district_table(compared, pairs),
        "pairs": pairs,
        "krugman": square(compared.krugman[0], compared.ids),
        "cosine": square(compared.cosine[0], compared.ids),
        "parks": parks,
        "scorecard": scorecard(study, parks, params),
        "park_pairs": overlaps,
        "consolidation": consolidation_table(parks, overlaps, params),
        "park_types": type_pairs(parks),
        "overlay": extent_table(study),
        "overlay_neighbours": neighbour_table(study, params),
    }
    tell("diff_parks", 1.0)
    return Result(
        name="differentiation",
        tables=tables,
        layers=_layers(study, tables),
        notes=(
            Bilingual.of("paths.note.proposal"),
            Bilingual.of("diff.note.index"),
            Bilingual.of("diff.note.parks", radius=f"{params.radius_km:g}", few=params.few_firms),
            Bilingual.of(
                "diff.note.types", micro=f"{params.micro_max_ha:g}", town=f"{params.town_min_ha:g}"
            ),
            Bilingual.of("diff.note.overlay"),
            Bilingual.of("diff.note.scorecard", reach=f"{params.reach_km:g}"),
        ),
        provenance=provenance_of(study, params, Bilingual.of("diff.method"), seed=params.seed),
        labels=_labels(study),
    )


def _labels(study: Study) -> dict[str, dict[str, Bilingual]]:
    """Words for the ids of the tables."""
    districts, parks = zone_words(study), zone_words(study, "park")
    subdistricts = zone_words(study, "subdistrict")
    return {
        "district_id": districts, "district_a": districts, "district_b": districts,
        "nearest": districts, "park_id": parks, "park_a": parks, "park_b": parks,
        "partner": parks, "subdistrict_id": subdistricts,
        "zone_id": zone_words(study, "overlay"), "match": choice_words("diff.match", MATCHES),
        "basis": choice_words("diff.basis", ("observed", "declared")),
    }  # fmt: skip


def _layers(study: Study, tables: dict[str, pd.DataFrame]) -> tuple[LayerSpec, ...]:
    zones = study.zones["district"]
    approximate = bool(zones["approximate"].any())
    districts = zones.merge(tables["districts"], left_on="id", right_index=True, how="left")
    alike = LayerSpec(
        name="differentiation_districts", kind="choropleth", frame=districts,
        title=Bilingual.of("diff.layer.districts"), column="mean_krugman",
        details=("nearest", "nearest_cosine", "competitors"), id_column="id",
        approximate=approximate,
    )  # fmt: skip
    parks = study.zones["park"].set_index("id").loc[list(tables["parks"].index)]
    shown = gpd.GeoDataFrame(
        tables["parks"].reset_index(), geometry=parks.geometry.to_numpy(), crs=parks.crs
    )
    leads = LayerSpec(
        name="differentiation_parks", kind="polygons", frame=shown,
        title=Bilingual.of("diff.layer.parks"), column="match",
        categories={
            name: (Bilingual.of(f"diff.match.{name}"), colour)
            for name, colour in _MATCH_COLOURS.items()
        },
        details=("declared", "observed", "tagged", "area_ha"), id_column="park_id",
        approximate=True,
    )  # fmt: skip
    return alike, _competing(study, tables["pairs"]), leads


def _competing(study: Study, pairs: pd.DataFrame) -> LayerSpec:
    """Lines between districts that compete for the same sectors."""
    zones = study.zones["district"].set_index("id").geometry
    points = {i: shape.representative_point() for i, shape in zones.items()}
    rows = pairs[pairs["competing"]].reset_index()
    lines = [
        LineString([points[a], points[b]])
        for a, b in zip(rows["district_a"], rows["district_b"], strict=True)
    ]
    frame = gpd.GeoDataFrame(rows, geometry=lines, crs=zones.crs)
    return LayerSpec(
        name="differentiation_competing", kind="lines", frame=frame,
        title=Bilingual.of("diff.layer.competing"), column="cosine",
        details=("shared_sectors",), id_column="district_a",
    )  # fmt: skip
