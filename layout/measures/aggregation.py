"""Criteria on one scale summed up to one score, and how firm the ranks are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layout.core.errors import MeasureError
from layout.measures.criteria_weights import Weights, checked_weights
from layout.measures.normalisation import numbers
from layout.measures.tables import Floats, option
from layout.measures.undefined import mark, where

MISSING = ("exclude", "rescale")


def additive(table: pd.DataFrame, weights: Weights, *, missing: str = "exclude") -> pd.Series:
    """Weighted mean of the criteria: a strength makes up for a weakness.

    Parameters
    ----------
    table
        Alternatives × criteria on one scale on which more is better.
    weights
        By criterion, sum 1.
    missing
        Where a value is unknown: ``exclude`` leaves the alternative without a score, ``rescale``
        divides the weights of its known criteria by their sum.

    Returns
    -------
    Series
        Score by alternative; NaN with the reason where it cannot be told.

    Raises
    ------
    MeasureError
        The weights do not sum to 1.
    """
    values, share, enough = _shares(table, weights, missing)
    score = (values * share).sum(axis=1)
    return _scored(score, enough, table.index)


def geometric(
    table: pd.DataFrame, weights: Weights, *, missing: str = "exclude", floor: float = 0.0
) -> pd.Series:
    """Weighted geometric mean: a weakness in one criterion drags the whole down.

    Parameters
    ----------
    table
        Alternatives × criteria on one scale from 0 upwards on which more is better.
    weights
        By criterion, sum 1.
    missing
        Where a value is unknown: ``exclude`` or ``rescale``, as in :func:`additive`.
    floor
        Values below are lifted to it. With 0 a single zero makes the score 0.

    Returns
    -------
    Series
        Score by alternative; NaN with the reason where it cannot be told.

    Raises
    ------
    MeasureError
        A value is negative (z-scores have no geometric mean), or the weights do not sum to 1.
    """
    values, share, enough = _shares(table, weights, missing)
    if (values < 0).any():
        raise MeasureError("error.geometric_negative", first=float(values[values < 0].flat[0]))
    lifted = np.maximum(values, floor)
    zero = ((lifted == 0) & (share > 0)).any(axis=1)
    logs = np.log(np.where(lifted > 0, lifted, 1.0))
    score = np.where(zero, 0.0, np.exp((logs * share).sum(axis=1)))
    return _scored(score, enough, table.index)


def weight_draws(
    weights: Weights, *, draws: int, concentration: float, seed: int, columns: pd.Index
) -> Floats:
    """Weights shaken around those that are set: Dirichlet with the mean ``weights``.

    Parameters
    ----------
    weights
        By criterion, sum 1; a weight of 0 stays 0.
    draws
        How many.
    concentration
        Sum of the parameters; the standard deviation of weight w is
        ``sqrt(w (1 − w) / (concentration + 1))``.
    seed
        Of the draws.
    columns
        Order of the criteria.

    Returns
    -------
    ndarray
        draws × criteria; rows sum to 1.
    """
    share = checked_weights(weights, columns)
    if not (concentration > 0 and draws > 0):
        option("concentration, draws", (concentration, draws), ("> 0",))
    result = np.zeros((draws, len(share)))
    used = share > 0
    random = np.random.default_rng(seed)
    result[:, used] = random.dirichlet(share[used] * concentration, size=draws)
    return result


def rank_intervals(scores: Floats, *, labels: pd.Index, level: float = 0.9) -> pd.DataFrame:
    """Ranks that alternatives take over many draws.

    Parameters
    ----------
    scores
        draws × alternatives, more is better, NaN where an alternative has no score.
    labels
        Alternatives.
    level
        Share of the draws within the interval.

    Returns
    -------
    DataFrame
        By alternative: ``rank_low`` and ``rank_high`` (best and worst rank of the central
        ``level`` of the draws, 1 is best), ``rank_mean`` and ``first_share`` (share of draws in
        first place). NaN for an alternative without scores.
    """
    if not 0 < level < 1:
        option("level", level, ("0 < level < 1",))
    ranks = pd.DataFrame(np.asarray(scores, dtype="float64").T).rank(ascending=False, method="min")
    tail = (1.0 - level) / 2.0
    known = ranks.notna().any(axis=1).to_numpy()
    drawn = ranks.loc[known].to_numpy(dtype="float64")
    columns = ("rank_low", "rank_high", "rank_mean", "first_share")
    result = pd.DataFrame(np.nan, index=labels, columns=list(columns))
    if drawn.size:
        low = np.nanquantile(drawn, tail, axis=1, method="inverted_cdf")
        high = np.nanquantile(drawn, 1.0 - tail, axis=1, method="inverted_cdf")
        counted = np.isfinite(drawn).sum(axis=1)
        first = (drawn == 1).sum(axis=1) / counted
        result.loc[known, list(columns)] = np.column_stack(
            [low, high, np.nanmean(drawn, axis=1), first]
        )
    return mark(result, rows=where(labels, ~known, "undefined.missing_value"))


def _shares(
    table: pd.DataFrame, weights: Weights, missing: str
) -> tuple[Floats, Floats, np.ndarray]:
    """Values (0 where unknown), weights by alternative, and who has a score."""
    option("missing", missing, MISSING)
    values = numbers(table)
    share = np.broadcast_to(checked_weights(weights, table.columns), values.shape)
    known = np.isfinite(values)
    held = np.where(known, share, 0.0)
    total = held.sum(axis=1, keepdims=True)
    if missing == "exclude":
        enough = (known | (share == 0)).all(axis=1)
    else:
        enough = total[:, 0] > 0
        held = held / np.where(total > 0, total, 1.0)
    return np.where(known, values, 0.0), held, enough


def _scored(score: Floats, enough: np.ndarray, labels: pd.Index) -> pd.Series:
    result = pd.Series(np.where(enough, score, np.nan), index=labels, name="score")
    return mark(result, rows=where(labels, ~enough, "undefined.missing_value"))
