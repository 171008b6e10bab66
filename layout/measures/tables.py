"""Checks that measures on tables of regions × sectors share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core.errors import MeasureError

Floats = npt.NDArray[np.float64]


def amounts(table: pd.DataFrame, measure: str) -> Floats:
    """The table as finite numbers of zero or more, regions × sectors (a copy).

    Raises
    ------
    MeasureError
        An amount is negative, missing or infinite, or a label stands twice.
    """
    unique(table.index, "regions")
    unique(table.columns, "sectors")
    return checked(table.to_numpy(dtype="float64", na_value=np.nan), measure)


def vector(values: Any, measure: str) -> pd.Series:
    """One amount a unit as a float Series, finite and of zero or more."""
    series = pd.Series(values, dtype="float64")
    checked(series.to_numpy(), measure)
    return series


def checked(values: Floats, measure: str) -> Floats:
    """``values``, if all are finite and zero or more."""
    bad = ~(np.isfinite(values) & (values >= 0))
    if bad.any():
        raise MeasureError(
            "error.measure_amounts",
            measure=measure,
            count=int(bad.sum()),
            first=float(values[bad].flat[0]),
        )
    return values


def unique(labels: pd.Index, what: str) -> None:
    """Refuse labels that stand twice: a look-up by label would find two."""
    if not labels.is_unique:
        repeated = labels[labels.duplicated()].unique()
        raise MeasureError("error.measure_repeated", what=what, repeated=listed(repeated))


def aligned(values: Any, labels: pd.Index, what: str, measure: str) -> Floats:
    """``values`` in the order of ``labels``: a Series by its labels, anything else by position.

    Raises
    ------
    MeasureError
        A label has no value, the length differs, or a value is not a finite amount.
    """
    if isinstance(values, pd.Series):
        unique(values.index, what)
        missing = labels.difference(values.index)
        if len(missing):
            raise MeasureError("error.measure_labels", what=what, missing=listed(missing))
        array = values.reindex(labels).to_numpy(dtype="float64", na_value=np.nan)
    else:
        array = np.asarray(values, dtype="float64")
        if array.shape != (len(labels),):
            raise MeasureError(
                "error.measure_lengths", what=what, found=array.size, expected=len(labels)
            )
    return checked(array, measure)


def ratio(numerator: Any, denominator: Any) -> Floats:
    """Quotient that is NaN where the denominator is zero; the caller tells the reason."""
    with np.errstate(invalid="ignore", divide="ignore"):
        quotient = np.true_divide(numerator, denominator)
    return np.where(np.equal(denominator, 0), np.nan, quotient)


def option(name: str, value: Any, allowed: Iterable[Any]) -> None:
    """Refuse a value that is not one of ``allowed``."""
    choices = tuple(allowed)
    if value not in choices:
        raise MeasureError(
            "error.measure_option", name=name, found=value, allowed=", ".join(map(str, choices))
        )


def listed(labels: pd.Index, limit: int = 5) -> str:
    """The first labels in words."""
    shown = ", ".join(str(label) for label in labels[:limit])
    return shown if len(labels) <= limit else f"{shown}… ({len(labels)})"
