"""Alternatives put in order by several criteria: TOPSIS, PROMETHEE II, SPOTIS, OWA."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from layout.core.errors import MeasureError
from layout.measures.criteria_weights import Weights, checked_weights
from layout.measures.normalisation import Bounds, Directions, complete, extremes, limits, signs
from layout.measures.tables import Floats, option
from layout.measures.undefined import mark

TOPSIS_NORMALISERS: Final = ("vector", "minmax", "bounds")
PREFERENCES: Final = ("usual", "u_shape", "v_shape", "level", "linear", "gaussian")


def topsis(
    table: pd.DataFrame,
    weights: Weights,
    *,
    normaliser: str,
    directions: Directions = None,
    bounds: Bounds | None = None,
) -> pd.Series:
    """Closeness to the ideal: distance to the worst over distance to the worst plus to the best.

    The normaliser has no default because it can turn the order around: with equal weights on the
    data of Opricovic and Tzeng (2004) min–max scaling puts the second alternative first, vector
    scaling the first one.

    Parameters
    ----------
    table
        Alternatives × criteria, every value known.
    weights
        By criterion, sum 1.
    normaliser
        ``vector`` (over the root of the sum of squares), ``minmax`` (0 to 1 in the table) or
        ``bounds`` (0 to 1 between given bounds, which also make the ideal and its opposite; no
        rank then depends on who else is compared).
    directions
        +1 where more is better (the default), −1 where less is better, by criterion.
    bounds
        (low, high) by criterion, for ``bounds`` only.

    Returns
    -------
    Series
        0 (worst in everything) to 1 (best in everything) by alternative; NaN with the reason
        where no criterion tells the alternatives apart.

    Raises
    ------
    MeasureError
        A value is unknown, the weights do not sum to 1, or the normaliser is unknown.

    References
    ----------
    Hwang, C. L. and Yoon, K. (1981). *Multiple Attribute Decision Making*. Springer.
    Opricovic, S. and Tzeng, G. H. (2004). Compromise solution by MCDM methods. *European Journal
    of Operational Research* 156(2):445–455.
    """
    option("normaliser", normaliser, TOPSIS_NORMALISERS)
    values = complete(table, "TOPSIS")
    share = checked_weights(weights, table.columns)
    sign = signs(directions, table.columns)
    scaled, best, worst = _ideals(values, sign, normaliser, table.columns, bounds)
    to_best = np.sqrt((((scaled - best) * share) ** 2).sum(axis=1))
    to_worst = np.sqrt((((scaled - worst) * share) ** 2).sum(axis=1))
    both = to_best + to_worst
    alike = both <= 0
    closeness = np.where(alike, np.nan, to_worst / np.where(alike, 1.0, both))
    result = pd.Series(closeness, index=table.index, name="closeness")
    return mark(result, rows=dict.fromkeys(table.index[alike], "undefined.no_variation"))


def promethee_ii(
    table: pd.DataFrame,
    weights: Weights,
    *,
    directions: Directions = None,
    preference: str = "usual",
    indifference: Weights | None = None,
    full: Weights | None = None,
) -> pd.DataFrame:
    """Outranking flows: by how much each alternative is preferred to the others, net.

    Parameters
    ----------
    table
        Alternatives × criteria, at least two alternatives, every value known.
    weights
        By criterion, sum 1.
    directions
        +1 where more is better (the default), −1 where less is better, by criterion.
    preference
        Preference as a function of the difference d: ``usual`` (any), ``u_shape`` (above
        ``indifference``), ``v_shape`` (rising to ``full``), ``level`` (a half between the two),
        ``linear`` (rising from one to the other) or ``gaussian`` (``1 − exp(−d²/2s²)``, s being
        ``full``).
    indifference, full
        Thresholds by criterion, in its unit, for the preferences that use them.

    Returns
    -------
    DataFrame
        By alternative: ``leaving`` and ``entering`` flow (0 to 1) and ``net`` (their difference;
        −1 to 1, sum 0).

    Raises
    ------
    MeasureError
        A value is unknown, the weights do not sum to 1, or a threshold is missing or not above 0.

    References
    ----------
    Brans, J. P. and Vincke, P. (1985). A preference ranking organisation method. *Management
    Science* 31(6):647–656.
    """
    option("preference", preference, PREFERENCES)
    values = complete(table, "PROMETHEE II") * signs(directions, table.columns)
    share = checked_weights(weights, table.columns)
    if len(values) < 2:
        raise MeasureError("error.criteria_two", method="PROMETHEE II", found=len(values))
    low = _threshold("indifference", indifference, table.columns, preference)
    high = _threshold("full", full, table.columns, preference)
    leaving = np.zeros(len(values))
    entering = np.zeros(len(values))
    for column, weight in enumerate(share):  # one criterion at a time: n × n in memory, not × m
        difference = values[:, column, None] - values[None, :, column]
        degree = _preferred(difference, preference, low[column], high[column]) * weight
        leaving += degree.sum(axis=1)
        entering += degree.sum(axis=0)
    others = len(values) - 1
    return pd.DataFrame(
        {
            "leaving": leaving / others,
            "entering": entering / others,
            "net": (leaving - entering) / others,
        },
        index=table.index,
    )


def spotis(
    table: pd.DataFrame, weights: Weights, *, bounds: Bounds, directions: Directions = None
) -> pd.Series:
    """Distance to the ideal point of given bounds; less is better, and ranks cannot reverse.

    Parameters
    ----------
    table
        Alternatives × criteria, every value known and within its bounds.
    weights
        By criterion, sum 1.
    bounds
        (low, high) by criterion, set by policy.
    directions
        +1 where more is better (the default), −1 where less is better, by criterion.

    Returns
    -------
    Series
        0 (the ideal) to 1 (its opposite) by alternative.

    Raises
    ------
    MeasureError
        A value is unknown or beyond its bounds, or the weights do not sum to 1.

    References
    ----------
    Dezert, J. et al. (2020). The SPOTIS rank reversal free method for multi-criteria
    decision-making support. *23rd International Conference on Information Fusion*.
    """
    values = complete(table, "SPOTIS")
    share = checked_weights(weights, table.columns)
    low, high = limits(bounds, table.columns)
    beyond = (values < low) | (values > high)
    if beyond.any():
        row, column = np.argwhere(beyond)[0]
        raise MeasureError(
            "error.criteria_beyond",
            first=f"{table.index[row]} × {table.columns[column]} = {values[row, column]:g}",
            low=f"{low[column]:g}",
            high=f"{high[column]:g}",
        )
    ideal = np.where(signs(directions, table.columns) > 0, high, low)
    distance = (np.abs(values - ideal) / (high - low) * share).sum(axis=1)
    return pd.Series(distance, index=table.index, name="distance")


def owa(
    table: pd.DataFrame, order_weights: Weights, *, weights: Weights | None = None
) -> pd.Series:
    """Ordered weighted average: weights belong to places (best value first), not to criteria.

    ``(1, 0, …)`` takes the best value of each alternative (OR), ``(…, 0, 1)`` the worst (AND),
    equal order weights the mean. With ``weights`` each value is first multiplied by its
    criterion's weight times the number of criteria (Yager 1988, importance before order).

    Parameters
    ----------
    table
        Alternatives × criteria on one scale on which more is better, every value known.
    order_weights
        By place, as many as criteria, sum 1.
    weights
        By criterion, sum 1; none: all alike.

    Returns
    -------
    Series
        Score by alternative, on the scale of the table; ``attrs["orness"]`` says how far it
        leans to the best value (1) or the worst (0).

    Raises
    ------
    MeasureError
        A value is unknown, or weights do not fit or do not sum to 1.

    References
    ----------
    Yager, R. R. (1988). On ordered weighted averaging aggregation operators. *IEEE Transactions
    on Systems, Man, and Cybernetics* 18(1):183–190.
    """
    values = complete(table, "OWA")
    places = pd.RangeIndex(values.shape[1])
    order = checked_weights(list(_plain(order_weights)), places)
    if weights is not None:
        values = values * checked_weights(weights, table.columns) * values.shape[1]
    score = -np.sort(-values, axis=1) @ order
    result = pd.Series(score, index=table.index, name="score")
    size = len(order)
    ranks = np.arange(size - 1, -1, -1)
    result.attrs["orness"] = float((order * ranks).sum() / (size - 1)) if size > 1 else 0.5
    return result


def _ideals(
    values: Floats, sign: Floats, normaliser: str, columns: pd.Index, bounds: Bounds | None
) -> tuple[Floats, Floats, Floats]:
    """Scaled values with their ideal and its opposite, by criterion."""
    if normaliser == "vector":
        length = np.sqrt((values**2).sum(axis=0))
        scaled = values / np.where(length > 0, length, 1.0)
        low, high = scaled.min(axis=0), scaled.max(axis=0)
    else:
        least, most = limits(bounds or {}, columns) if normaliser == "bounds" else extremes(values)
        span = most - least
        scaled = np.clip((values - least) / np.where(span > 0, span, 1.0), 0.0, 1.0)
        low, high = np.zeros(len(span)), (span > 0).astype("float64")
    return scaled, np.where(sign > 0, high, low), np.where(sign > 0, low, high)


def _threshold(name: str, given: Weights | None, columns: pd.Index, preference: str) -> Floats:
    """Thresholds by criterion; zeros where the preference does not use them."""
    needed = {
        "indifference": ("u_shape", "level", "linear"),
        "full": ("v_shape", "level", "linear", "gaussian"),
    }[name]
    if preference not in needed:
        return np.zeros(len(columns))
    thresholds = given.reindex(columns) if isinstance(given, pd.Series) else given
    values = np.array(_plain([] if thresholds is None else thresholds), dtype="float64")
    least = 0.0 if name == "indifference" else float(np.finfo("float64").tiny)
    if len(values) != len(columns) or not (np.isfinite(values) & (values >= least)).all():
        raise MeasureError("error.promethee_threshold", name=name, preference=preference)
    return values


def _preferred(difference: Floats, preference: str, low: float, high: float) -> Floats:
    """Degree of preference, 0 to 1, of a difference."""
    above = difference > 0
    if preference == "usual":
        return above.astype("float64")
    if preference == "u_shape":
        return (difference > low).astype("float64")
    if preference == "level":
        half: Floats = 0.5 * (difference > low) + 0.5 * (difference > high)
        return half
    if preference == "gaussian":
        return np.where(above, 1.0 - np.exp(-(difference**2) / (2.0 * high**2)), 0.0)
    if high <= low:
        return (difference > low).astype("float64")
    return np.clip((difference - low) / (high - low), 0.0, 1.0)


def _plain(weights: Weights) -> list[float]:
    if isinstance(weights, pd.Series):
        return [float(value) for value in weights]
    values = weights.values() if isinstance(weights, Mapping) else weights
    return [float(value) for value in values]
