"""What a reader of the estimate must know, in words."""

from __future__ import annotations

import geopandas as gpd

from layout.analyses.coverage.base import Base
from layout.analyses.coverage.networks import SURFACE, TERRAIN
from layout.analyses.coverage.params import CoverageParams
from layout.analyses.coverage.survey import assumed_counts, position_notes
from layout.core import station_columns as c
from layout.core.result import Bilingual
from layout.core.study import Study
from layout.prepare.stations import PROBLEM


def method_of(params: CoverageParams, base: Base) -> Bilingual:
    """How it was computed, in a sentence."""
    ground = "terrain" if base.ground.terrain is not None else "flat"
    return Bilingual.of(
        f"coverage.method.{ground}",
        threshold=f"{params.threshold_dbm:g}",
        cell=params.cell_m,
        stations=f"{len(base.sites):,}",
    )


def full_notes(
    study: Study, params: CoverageParams, base: Base, spots: gpd.GeoDataFrame, listed: int
) -> list[Bilingual]:
    """All notes of an estimate, the model's name first."""
    stations = base.network.stations
    notes = [Bilingual.of("coverage.model"), Bilingual.of("coverage.limits")]
    notes.append(Bilingual.of(f"coverage.note.{params.certainty}"))
    if params.place == "indoor":
        notes.append(Bilingual.of(f"coverage.note.indoor_{params.building}"))
    notes.append(_assumed(base))
    indoor = int((base.network.chosen & (stations[c.TYPE] == c.INDOOR).to_numpy()).sum())
    notes.append(Bilingual.of("coverage.note.indoor_systems", count=f"{indoor:,}"))
    unused = int((stations[PROBLEM] != "").sum())
    if unused:
        told = {"count": f"{unused:,}", "total": f"{len(stations):,}"}
        notes.append(Bilingual.of("coverage.note.problems", **told))
    notes += position_notes(base.survey)
    notes += _terrain(study, params)
    notes.append(Bilingual.of("coverage.note.people"))
    total = int(spots.attrs.get("total", len(spots)))
    if total > len(spots):
        shown = {"shown": f"{len(spots):,}", "total": f"{total:,}"}
        notes.append(Bilingual.of("coverage.note.spots_cut", **shown))
    missed = int((base.reached.known & ~base.reached.covered).sum())
    if missed > listed:
        cut = {"shown": f"{listed:,}", "total": f"{missed:,}"}
        notes.append(Bilingual.of("coverage.note.firms_cut", **cut))
    notes.append(Bilingual.of("coverage.note.placed", count=f"{base.points.unplaced:,}"))
    if base.fit_problem is not None:
        error = base.fit_problem
        notes.append(Bilingual(error.message("zh"), error.message("en")))
    return notes


def _assumed(base: Base) -> Bilingual:
    counts = assumed_counts(base.network.stations, base.network.outdoor)
    words = {name: f"{count:,}" for name, count in counts.items()}
    return Bilingual.of("coverage.note.assumed", **words)


def _terrain(study: Study, params: CoverageParams) -> list[Bilingual]:
    if not params.use_terrain or TERRAIN not in study.rasters:
        return [Bilingual.of("coverage.note.flat")]
    if SURFACE not in study.rasters:
        return [Bilingual.of("coverage.note.bare_earth")]
    if study.rasters[SURFACE].grid != study.rasters[TERRAIN].grid:
        return [Bilingual.of("coverage.note.surface_grid")]
    return [Bilingual.of("coverage.note.surface")]
