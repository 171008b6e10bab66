"""Paths: scores moved by a slider, and the best division of work.

The cost of moving a slider does not depend on the number of firms: it works on what was gathered
from them once (districts × sectors for each resampled set of firms). The first case gathers, too.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.case import Case
from benchmarks.sizes import study
from layout.analyses.paths.evidence import Evidence, Plane, gather
from layout.analyses.paths.indicators import Given, Sample
from layout.analyses.paths.scores import Scores, score
from layout.analyses.paths.settings import PathsParams, read_setting
from layout.core.study import Study
from layout.measures.division import Division, Limits, divide

SEED = 20260301
FIRMS = 100_000
DISTRICTS = tuple(f"D{number}" for number in range(11))
PARAMS = PathsParams()


def evidence() -> Evidence:
    """What 300 resampled sets of firms tell of 11 districts and 12 sectors."""
    rng = np.random.default_rng(SEED)
    shape = (PARAMS.draws + 1, len(DISTRICTS), 12)
    sectors = rng.poisson(40, size=shape).astype("float64")
    plain = {name: rng.gamma(2, size=shape[:2]) for name in ("FR2", "FR3", "FU2", "FU3", "EM2")}
    sample = Sample(
        quotients=rng.gamma(4, 0.25, size=shape), sectors=sectors, tagged=sectors.sum(axis=-1),
        firms=sectors.sum(axis=-1) * 3, plain=plain,
    )  # fmt: skip
    given = Given(np.ones(11), np.arange(11.0), dict.fromkeys(DISTRICTS, ()), 0)
    plane = Plane(sectors, sectors, sectors[:, 0], np.zeros((12, 12)), 78)
    return Evidence(DISTRICTS, sample, given, plane, 2023, 0)


def city() -> Study:
    return study(FIRMS)


def gathered(given: Study) -> Scores:
    """The scores of a study from its firms on, with the bootstrap."""
    told = gather(given, PARAMS)
    return score(told, read_setting(PARAMS, told.districts), PARAMS)


def rescored(told: Evidence) -> Scores:
    params = PARAMS.model_copy(update={"weights": ("FR1=0.4", "FR2=0.4", "FR3=0.2")})
    return score(told, read_setting(params, DISTRICTS), params)


def values() -> Any:
    return np.random.default_rng(SEED).normal(size=(11, 12))


def divided(given: Any) -> Division:
    limits = Limits((3,) * 11, (1,) * 11, (3,) * 12, (1,) * 12)
    found = divide(given, limits, overlap=0.25)
    if found.gap:
        raise RuntimeError("the optimum is not proven")
    return found


CASES = (
    Case(f"Paths of {FIRMS:,} firms: gathered, 300 draws, scored", city, gathered),
    Case("Path scores after a slider moved, 300 draws", evidence, rescored, at_most_s=1.0),
    Case("Division of work, 12 sectors × 11 districts, proven", values, divided, at_most_s=2.0),
)
