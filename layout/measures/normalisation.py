"""Criteria brought to one scale: more is better, whatever the unit and the direction.

The normaliser decides ranks as much as the weights do (see :func:`layout.measures.ranking.topsis`),
so it is always named by the caller and never a default.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core.errors import MeasureError
from layout.measures.tables import Floats, listed, option, unique
from layout.measures.undefined import mark, where

Directions = Mapping[str, int] | Sequence[int] | None
Bounds = Mapping[str, tuple[float, float]]

NORMALISERS: Final = ("bounds", "minmax", "z", "rank")


def normalised(
    table: pd.DataFrame,
    *,
    normaliser: str,
    directions: Directions = None,
    bounds: Bounds | None = None,
) -> pd.DataFrame:
    """The table on a common scale on which more is better.

    Parameters
    ----------
    table
        Alternatives × criteria; an unknown value (NaN) stays unknown and moves no other value.
    normaliser
        ``bounds`` (0 to 1 between bounds set by policy), ``minmax`` (0 to 1 between the least and
        the largest value), ``z`` (mean 0, population standard deviation 1) or ``rank`` (1 for the
        best, 0 for the last, ties in the middle).
    directions
        +1 where more is better (the default), −1 where less is better, by criterion.
    bounds
        (low, high) of every criterion, in its unit; for ``bounds`` only.

    Returns
    -------
    DataFrame
        Same labels. A criterion that does not vary tells nothing apart: NaN, with the reason.

    Raises
    ------
    MeasureError
        The normaliser is unknown, bounds are missing, or a direction is not +1 or −1.
    """
    option("normaliser", normaliser, NORMALISERS)
    if normaliser == "bounds":
        return by_bounds(table, bounds or {}, directions=directions)
    if normaliser == "minmax":
        return by_minmax(table, directions=directions)
    if normaliser == "z":
        return by_z(table, directions=directions)
    return by_rank(table, directions=directions)


def by_bounds(
    table: pd.DataFrame, bounds: Bounds, *, directions: Directions = None
) -> pd.DataFrame:
    """0 at the bad bound, 1 at the good one; beyond them 0 and 1.

    Bounds set by policy do not depend on who is compared: adding an alternative changes no
    value of the others.

    Parameters
    ----------
    table
        Alternatives × criteria.
    bounds
        (low, high) by criterion, low < high, in its unit.
    directions
        +1 where more is better (the default), −1 where less is better, by criterion.

    Returns
    -------
    DataFrame
        Same labels, 0 to 1, NaN where the value is unknown.

    Raises
    ------
    MeasureError
        A criterion has no bounds, or they are not in order.
    """
    values = numbers(table)
    low, high = limits(bounds, table.columns)
    scaled = np.clip((values - low) / (high - low), 0.0, 1.0)
    return _framed(np.where(signs(directions, table.columns) > 0, scaled, 1.0 - scaled), table)


def by_minmax(table: pd.DataFrame, *, directions: Directions = None) -> pd.DataFrame:
    """0 for the worst value in the table, 1 for the best.

    Parameters
    ----------
    table
        Alternatives × criteria.
    directions
        +1 where more is better (the default), −1 where less is better, by criterion.

    Returns
    -------
    DataFrame
        Same labels, 0 to 1; NaN where unknown and in a criterion that does not vary.
    """
    values = numbers(table)
    low, high = extremes(values)
    scaled = _divided(values - low, high - low)
    turned = np.where(signs(directions, table.columns) > 0, scaled, 1.0 - scaled)
    return _constant_told(_framed(turned, table), high > low)


def by_z(table: pd.DataFrame, *, directions: Directions = None) -> pd.DataFrame:
    """Distance from the mean in population standard deviations.

    Parameters
    ----------
    table
        Alternatives × criteria.
    directions
        +1 where more is better (the default), −1 where less is better, by criterion.

    Returns
    -------
    DataFrame
        Same labels; NaN where unknown and in a criterion that does not vary.
    """
    values = numbers(table)
    known = np.isfinite(values)
    count = known.sum(axis=0)
    mean = _divided(np.where(known, values, 0.0).sum(axis=0), count)
    spread = np.where(known, values - mean, 0.0)
    deviation = np.sqrt(_divided((spread**2).sum(axis=0), count))
    low, high = extremes(values)
    varies = high > low
    scaled = _divided(values - mean, np.where(varies, deviation, 0.0))
    return _constant_told(_framed(scaled * signs(directions, table.columns), table), varies)


def by_rank(table: pd.DataFrame, *, directions: Directions = None) -> pd.DataFrame:
    """Place among the known values: 1 for the best, 0 for the last, ties in the middle.

    Parameters
    ----------
    table
        Alternatives × criteria.
    directions
        +1 where more is better (the default), −1 where less is better, by criterion.

    Returns
    -------
    DataFrame
        Same labels, 0 to 1; NaN where unknown and in a criterion that does not vary.
    """
    values = pd.DataFrame(numbers(table) * signs(directions, table.columns))
    places = values.rank(method="average").to_numpy(dtype="float64")
    count = values.notna().sum().to_numpy()
    low, high = extremes(values.to_numpy())
    varies = high > low
    scaled = _divided(places - 1.0, np.where(varies, count - 1.0, 0.0))
    return _constant_told(_framed(scaled, table), varies)


def numbers(table: pd.DataFrame) -> Floats:
    """The table as numbers, NaN where unknown.

    Raises
    ------
    MeasureError
        A label stands twice, or a value is infinite.
    """
    unique(table.index, "alternatives")
    unique(table.columns, "criteria")
    values: Floats = table.to_numpy(dtype="float64", na_value=np.nan)
    if np.isinf(values).any():
        raise MeasureError("error.criteria_infinite", count=int(np.isinf(values).sum()))
    return values


def complete(table: pd.DataFrame, method: str) -> Floats:
    """The table as numbers, all of them known.

    Raises
    ------
    MeasureError
        A value is unknown, or the table is empty.
    """
    values = numbers(table)
    if not values.size:
        raise MeasureError("error.criteria_empty", method=method)
    unknown = np.isnan(values)
    if unknown.any():
        row, column = np.argwhere(unknown)[0]
        raise MeasureError(
            "error.criteria_unknown",
            method=method,
            count=int(unknown.sum()),
            first=f"{table.index[row]} × {table.columns[column]}",
        )
    return values


def signs(directions: Directions, columns: pd.Index) -> Floats:
    """+1 or −1 by criterion, in the order of ``columns``.

    Raises
    ------
    MeasureError
        A criterion has no direction, or one that is not +1 or −1.
    """
    if directions is None:
        return np.ones(len(columns))
    if isinstance(directions, Mapping):
        missing = columns.difference(pd.Index(list(directions)))
        if len(missing):
            raise MeasureError("error.measure_labels", what="directions", missing=listed(missing))
        found = [directions[name] for name in columns]
    else:
        found = list(directions)
        if len(found) != len(columns):
            raise MeasureError(
                "error.measure_lengths", what="directions", found=len(found), expected=len(columns)
            )
    for value in found:
        option("directions", value, (1, -1))
    return np.array(found, dtype="float64")


def limits(bounds: Bounds, columns: pd.Index) -> tuple[Floats, Floats]:
    """Low and high bounds in the order of ``columns``.

    Raises
    ------
    MeasureError
        A criterion has none, or they are not finite and in order.
    """
    missing = columns.difference(pd.Index(list(bounds)))
    if len(missing):
        raise MeasureError("error.measure_labels", what="bounds", missing=listed(missing))
    pairs = np.array([bounds[name] for name in columns], dtype="float64").reshape(-1, 2)
    wrong = ~(np.isfinite(pairs).all(axis=1) & (pairs[:, 0] < pairs[:, 1]))
    if wrong.any():
        first = int(np.argmax(wrong))
        raise MeasureError(
            "error.criteria_bounds",
            name=columns[first],
            low=f"{pairs[first, 0]:g}",
            high=f"{pairs[first, 1]:g}",
        )
    return pairs[:, 0], pairs[:, 1]


def extremes(values: Floats) -> tuple[Floats, Floats]:
    """Least and largest known value of every criterion; NaN where none is known."""
    known = np.isfinite(values)
    some = known.any(axis=0)
    low = np.where(known, values, np.inf).min(axis=0, initial=np.inf)
    high = np.where(known, values, -np.inf).max(axis=0, initial=-np.inf)
    return np.where(some, low, np.nan), np.where(some, high, np.nan)


def _divided(numerator: Floats, denominator: npt.ArrayLike) -> Floats:
    """Quotient, NaN where the denominator is zero or unknown."""
    divisor = np.asarray(denominator, dtype="float64")
    with np.errstate(invalid="ignore", divide="ignore"):
        quotient = np.true_divide(numerator, divisor)
    return np.where(divisor == 0, np.nan, quotient)


def _framed(values: Floats, table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(values, index=table.index, columns=table.columns)


def _constant_told(frame: pd.DataFrame, varies: npt.NDArray[np.bool_]) -> pd.DataFrame:
    return mark(frame, columns=where(frame.columns, ~varies, "undefined.no_variation"))
