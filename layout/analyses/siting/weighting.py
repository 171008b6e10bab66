"""Scores of the criteria on the ground, their weights, and the suitability they give."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.analyses.siting.criteria import CRITERIA, Criterion, Judged, Site, lacking
from layout.analyses.siting.ground import Ground, Values
from layout.analyses.siting.judgments import judged as judged_weights
from layout.analyses.siting.params import SitingParams
from layout.core.progress import tell
from layout.measures.multicriteria import critic_weights, entropy_weights
from layout.measures.suitability import (
    checked_weights,
    order_weights,
    ordered_average,
    score,
    weighted_sum,
)

Floats = npt.NDArray[np.float64]

_SAMPLE = 50_000


def judge(ground: Ground, site: Site, params: SitingParams) -> Judged:
    """Scores of every criterion that has a weight and can be measured.

    Raises
    ------
    ParameterError
        A weight is not readable.
    MeasureError
        All weights are zero.
    """
    weights = params.criterion_weights()
    checked_weights(list(weights.values()), len(weights))
    wanted = [CRITERIA[name] for name, weight in weights.items() if weight > 0]
    ready: list[Criterion] = []
    scores: list[Values] = []
    missing: dict[str, tuple[str, ...]] = {}
    for number, criterion in enumerate(wanted):
        tell("siting_criteria", 0.40 + 0.20 * number / len(wanted))
        lack = lacking(ground, criterion)
        values = None if lack else criterion.measure(ground, site)
        if values is None or np.isinf(values).all():
            missing[criterion.id] = lack or criterion.needs
            continue
        ready.append(criterion)
        scores.append(score(values, criterion.transform))
    table = np.stack(scores) if scores else np.empty((0, ground.cells.size), np.float32)
    return Judged(tuple(ready), table, missing)


def weigh(judged: Judged, allowed: npt.NDArray[np.bool_], params: SitingParams) -> Floats:
    """Weight of each measured criterion, sum 1, from where the planner says.

    Raises
    ------
    MeasureError
        Weights cannot be used, or judgments contradict each other.
    """
    names = [criterion.id for criterion in judged.criteria]
    given = params.criterion_weights()
    own = checked_weights([given[name] for name in names], len(names))
    if params.weights_from == "planner":
        return own
    if params.weights_from == "ahp":
        return _by_judgments(judged, own, params)[0]
    known = np.flatnonzero(allowed)
    sample = judged.scores[:, known[:: max(1, known.size // _SAMPLE)]]
    sample = sample[:, ~np.isnan(sample).any(axis=0)]
    table = pd.DataFrame(sample.T.astype(np.float64), columns=names)
    found = entropy_weights(table) if params.weights_from == "entropy" else critic_weights(table)
    return checked_weights(found.to_numpy(np.float64), len(names))


def _by_judgments(judged: Judged, own: Floats, params: SitingParams) -> tuple[Floats, pd.DataFrame]:
    names = [criterion.id for criterion in judged.criteria]
    return judged_weights(dict(zip(names, own.tolist(), strict=True)), params.judgments)


def consistency(judged: Judged, params: SitingParams) -> pd.DataFrame:
    """How far the pairwise judgments agree, by matrix."""
    given = params.criterion_weights()
    own = np.array([given[criterion.id] for criterion in judged.criteria])
    return _by_judgments(judged, own, params)[1]


def combine(judged: Judged, weights: Floats, params: SitingParams) -> Values:
    """Suitability of each cell before penalties, 0 to 1; NaN without data."""
    layers = list(judged.scores)
    if params.combine == "owa":
        return ordered_average(layers, weights, order_weights(len(layers), params.orness))
    return weighted_sum(layers, weights)
