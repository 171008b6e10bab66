"""Decisions by several criteria: scales, weights, orders, and how firm they are.

Everything is importable from here; the modules behind hold one idea each.
"""

from __future__ import annotations

from layout.measures.aggregation import additive, geometric, rank_intervals, weight_draws
from layout.measures.ahp import RANDOM_INDEX, AhpWeights, ahp_weights
from layout.measures.criteria_weights import (
    checked_weights,
    critic_weights,
    entropy_weights,
    equal_weights,
    merec_weights,
    rescaled_weights,
)
from layout.measures.normalisation import (
    NORMALISERS,
    by_bounds,
    by_minmax,
    by_rank,
    by_z,
    normalised,
)
from layout.measures.ranking import owa, promethee_ii, spotis, topsis

__all__ = [
    "NORMALISERS",
    "RANDOM_INDEX",
    "AhpWeights",
    "additive",
    "ahp_weights",
    "by_bounds",
    "by_minmax",
    "by_rank",
    "by_z",
    "checked_weights",
    "critic_weights",
    "entropy_weights",
    "equal_weights",
    "geometric",
    "merec_weights",
    "normalised",
    "owa",
    "promethee_ii",
    "rank_intervals",
    "rescaled_weights",
    "spotis",
    "topsis",
    "weight_draws",
]
