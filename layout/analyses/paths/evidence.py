"""What a study tells of the districts' paths before any weight is chosen.

This is the slow part (one pass over the firms and their resampling); everything a slider moves is
in :mod:`layout.analyses.paths.scores` and works on what is gathered here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from layout.analyses.paths.cells import Cells, Floats, count_cells, resampled, sector_table
from layout.analyses.paths.indicators import Given, Sample, given_facts, sample_districts
from layout.analyses.paths.settings import PathsParams
from layout.core.progress import tell
from layout.core.study import Study
from layout.measures import opportunity

_CHUNK: Final = 50
"""Samples drawn at a time, so that memory does not grow with their number."""


@dataclass(frozen=True)
class Plane:
    """Ease and gain, for each draw; the first is the firms as they are.

    Attributes
    ----------
    quotient
        Location quotient among the plan's sectors, (draws, districts, sectors).
    ease
        Relatedness density, same shape.
    gain
        Complexity of the sectors, (draws, sectors).
    proximity
        Of the firms as they are, (sectors, sectors).
    units
        Units with enough firms that proximities rest on.
    """

    quotient: Floats
    ease: Floats
    gain: Floats
    proximity: Floats
    units: int


@dataclass(frozen=True)
class Evidence:
    """Everything the scores need."""

    districts: tuple[str, ...]
    sample: Sample
    given: Given
    plane: Plane
    year: int
    cells: int


def gather(study: Study, params: PathsParams) -> Evidence:
    """Count and resample the firms of a study.

    Depends on ``counting``, ``units``, ``draws``, ``seed``, ``special_from`` and ``min_firms``
    alone.
    """
    cells = count_cells(study, units=params.units, counting=params.counting)
    given = given_facts(study, cells.districts)
    samples, by_unit = _resample(cells, given, params)
    sample = Sample(
        quotients=np.concatenate([s.quotients for s in samples]),
        sectors=np.concatenate([s.sectors for s in samples]),
        tagged=np.concatenate([s.tagged for s in samples]),
        firms=np.concatenate([s.firms for s in samples]),
        plain={name: np.concatenate([s.plain[name] for s in samples]) for name in samples[0].plain},
    )
    plane = _plane(sample.sectors, by_unit, params)
    return Evidence(cells.districts, sample, given, plane, cells.year, len(cells.count))


def _resample(cells: Cells, given: Given, params: PathsParams) -> tuple[list[Sample], Floats]:
    """Samples chunk by chunk, and firms by unit and sector for all draws."""
    samples, units = [], []
    for start in range(0, params.draws, _CHUNK):
        size = min(_CHUNK, params.draws - start)
        counts = resampled(cells, draws=size, seed=params.seed * 100_003 + start)
        if start:
            counts = counts[1:]
        samples.append(sample_districts(cells, counts, given.carriers))
        units.append(sector_table(cells, counts, by="unit"))
        tell("paths_resample", (start + size) / params.draws)
    return samples, np.concatenate(units)


def _plane(districts: Floats, units: Floats, params: PathsParams) -> Plane:
    enough = units.sum(axis=-1, keepdims=True) >= params.min_firms
    present = _at_least(opportunity.quotients(np.where(enough, units, 0.0)), params.special_from)
    proximity = opportunity.proximities(present)
    quotient = opportunity.quotients(districts)
    has = _at_least(quotient, params.special_from)
    base = opportunity.complexities(present[:1])[0]
    return Plane(
        quotient=quotient,
        ease=opportunity.densities(has, proximity),
        gain=opportunity.complexities(present, like=base),
        proximity=proximity[0],
        units=int(enough[0].sum()),
    )


def _at_least(quotient: Floats, threshold: float) -> opportunity.Bools:
    found: opportunity.Bools = np.nan_to_num(quotient, nan=-1.0) >= threshold
    return found
