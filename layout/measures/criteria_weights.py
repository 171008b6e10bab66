"""Weights of criteria: equal, or drawn from the table itself (entropy, CRITIC, MEREC)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from layout.core.errors import MeasureError
from layout.measures.normalisation import Directions, complete, extremes, signs
from layout.measures.tables import Floats, aligned, checked
from layout.measures.undefined import Reasons, mark

SUM_TOLERANCE = 1e-6

Weights = pd.Series | Mapping[str, float] | Sequence[float]


def equal_weights(columns: Sequence[Any] | pd.Index) -> pd.Series:
    """The same weight for every criterion."""
    labels = pd.Index(columns)
    return pd.Series(1.0 / max(len(labels), 1), index=labels, name="weight")


def rescaled_weights(weights: Weights, *, columns: pd.Index | None = None) -> pd.Series:
    """Weights of zero or more brought to the sum of 1, where a caller asks for that.

    Raises
    ------
    MeasureError
        A weight is negative or not finite, or all are zero.
    """
    series = _series(weights, columns)
    values = checked(series.to_numpy(dtype="float64"), "weights")
    if not values.sum() > 0:
        raise MeasureError("error.weights_sum", total="0")
    return pd.Series(values / values.sum(), index=series.index, name="weight")


def checked_weights(weights: Weights, columns: pd.Index) -> Floats:
    """Weights in the order of ``columns``, if they are zero or more and sum to 1.

    Raises
    ------
    MeasureError
        A criterion has no weight, a weight is negative, or the sum is not 1 (within 1e-6).
    """
    values = aligned(_series(weights, columns), columns, "weights", "weights")
    total = float(values.sum())
    if abs(total - 1.0) > SUM_TOLERANCE:
        raise MeasureError("error.weights_sum", total=f"{total:.6g}")
    return values


def entropy_weights(table: pd.DataFrame) -> pd.Series:
    """Shannon entropy weights: a criterion weighs more the more unequally it is spread.

    ``p_ij = x_ij / Σ_i x_ij``, ``e_j = −Σ_i p_ij ln p_ij / ln m`` with ``0 ln 0 = 0``,
    ``w_j = (1 − e_j) / Σ_j (1 − e_j)``. Zeros need no offset: adding a small number to remove
    them would change the weights.

    Parameters
    ----------
    table
        Alternatives × criteria, at least two alternatives, amounts of zero or more.

    Returns
    -------
    Series
        Weight by criterion, sum 1. A criterion that does not vary (or is zero throughout) weighs
        0. Where none varies all weights are NaN, with the reason; ``attrs["entropy"]`` holds
        ``e_j`` by criterion.

    Raises
    ------
    MeasureError
        A value is unknown or negative, or the table is empty.

    References
    ----------
    Zeleny, M. (1982). *Multiple Criteria Decision Making*. McGraw-Hill, ch. 7.
    """
    values = checked(complete(table, "entropy weights"), "entropy weights")
    total = values.sum(axis=0)
    shares = values / np.where(total > 0, total, 1.0)
    terms = shares * np.log(np.where(shares > 0, shares, 1.0))
    entropy = -terms.sum(axis=0) / np.log(len(table)) if len(table) > 1 else np.ones(len(total))
    # equal shares have the entropy 1 but for rounding: that is no information
    constant = (values == values[0]).all(axis=0)
    entropy = np.where(constant, 1.0, entropy)
    result = _told(1.0 - entropy, table.columns)
    result.attrs["entropy"] = dict(zip(map(str, table.columns), entropy.tolist(), strict=True))
    return result


def critic_weights(table: pd.DataFrame, *, directions: Directions = None) -> pd.Series:
    """CRITIC weights: contrast within a criterion times its conflict with the others.

    On the min–max scaled table, ``C_j = σ_j Σ_k (1 − r_jk)`` with the standard deviation ``σ_j``
    and Pearson's correlation ``r_jk``; ``w_j = C_j / Σ C``.

    Parameters
    ----------
    table
        Alternatives × criteria, at least two alternatives.
    directions
        +1 where more is better (the default), −1 where less is better, by criterion.

    Returns
    -------
    Series
        Weight by criterion, sum 1; a criterion that does not vary weighs 0. Where nothing tells
        the alternatives apart all weights are NaN, with the reason.

    Raises
    ------
    MeasureError
        A value is unknown, or the table is empty.

    References
    ----------
    Diakoulaki, D., Mavrotas, G. and Papayannakis, L. (1995). Determining objective weights in
    multiple criteria problems: the CRITIC method. *Computers & Operations Research* 22(7):763–770.
    """
    values = complete(table, "CRITIC weights")
    low, high = extremes(values)
    varies = high > low
    scaled = (values - low) / np.where(varies, high - low, 1.0)
    scaled = np.where(signs(directions, table.columns) > 0, scaled, 1.0 - scaled)
    centred = scaled - scaled.mean(axis=0)
    deviation = np.where(varies, np.sqrt((centred**2).mean(axis=0)), 0.0)
    standard = centred / np.where(varies, deviation, 1.0)
    correlation = standard.T @ standard / len(values)
    conflict = np.where(varies[None, :], 1.0 - correlation, 0.0)
    np.fill_diagonal(conflict, 0.0)
    amount = deviation * conflict.sum(axis=1)
    if varies.sum() == 1:  # the only one that varies conflicts with none, and decides alone
        amount = varies.astype("float64")
    return _told(np.where(amount < 1e-12, 0.0, amount), table.columns)


def merec_weights(table: pd.DataFrame, *, directions: Directions = None) -> pd.Series:
    """MEREC weights: how much the overall performance changes where a criterion is left out.

    With ``n_ij = min_i x_ij / x_ij`` for benefits and ``x_ij / max_i x_ij`` for costs,
    ``S_i = ln(1 + Σ_j |ln n_ij| / m)``, ``S'_ij`` the same without criterion j,
    ``E_j = Σ_i |S'_ij − S_i|`` and ``w_j = E_j / Σ E``.

    Parameters
    ----------
    table
        Alternatives × criteria, all values above zero.
    directions
        +1 where more is better (the default), −1 where less is better, by criterion.

    Returns
    -------
    Series
        Weight by criterion, sum 1; NaN with the reason where no criterion varies.

    Raises
    ------
    MeasureError
        A value is unknown or not above zero, or the table is empty.

    References
    ----------
    Keshavarz-Ghorabaee, M. et al. (2021). Determination of objective weights using a new method
    based on the removal effects of criteria (MEREC). *Symmetry* 13(4):525.
    """
    values = complete(table, "MEREC weights")
    if (values <= 0).any():
        raise MeasureError(
            "error.criteria_positive", method="MEREC", first=float(values[values <= 0].flat[0])
        )
    benefit = signs(directions, table.columns) > 0
    scaled = np.where(benefit, values.min(axis=0) / values, values / values.max(axis=0))
    logs = np.abs(np.log(scaled)) / values.shape[1]
    overall = logs.sum(axis=1, keepdims=True)
    change = np.abs(np.log1p(overall - logs) - np.log1p(overall)).sum(axis=0)
    return _told(change, table.columns)


def _series(weights: Weights, columns: pd.Index | None) -> pd.Series:
    if isinstance(weights, pd.Series):
        return weights
    if isinstance(weights, Mapping):
        return pd.Series(dict(weights), dtype="float64")
    values = list(weights)
    if columns is None:
        return pd.Series(values, dtype="float64")
    if len(values) != len(columns):
        raise MeasureError(
            "error.measure_lengths", what="weights", found=len(values), expected=len(columns)
        )
    return pd.Series(values, index=columns, dtype="float64")


def _told(amount: Floats, columns: pd.Index) -> pd.Series:
    """Amounts as weights; NaN with the reason where nothing varies."""
    total = float(amount.sum())
    if not total > 0:
        reasons: Reasons = dict.fromkeys(columns, "undefined.no_variation")
        return mark(pd.Series(np.nan, index=columns, name="weight"), rows=reasons)
    return pd.Series(amount / total, index=columns, name="weight")
