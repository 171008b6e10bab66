"""The arithmetic of a target with a yearly growth: implied base, path, attainment."""

from __future__ import annotations

import math
from typing import Literal

import pandas as pd

from layout.core.errors import MeasureError
from layout.measures.tables import option

Standing = Literal["met", "met_equal", "short", "unknown"]


def implied_base(target: float, growth_pct: float, *, base_year: int, target_year: int) -> float:
    """The value in the base year from which the target is reached at the stated growth.

    ``target / (1 + growth)^(target_year − base_year)``.

    Parameters
    ----------
    target
        Target value, in its unit.
    growth_pct
        Yearly growth, %.
    base_year, target_year
        Years; the base lies before the target.

    Returns
    -------
    float
        In the unit of the target.

    Raises
    ------
    MeasureError
        The growth is −100 % or less, or the base year is not before the target year.
    """
    if not growth_pct > -100:
        option("growth_pct", growth_pct, ("> -100",))
    if base_year >= target_year:
        raise MeasureError("error.base_year", base=base_year, target=target_year)
    return float(target / (1 + growth_pct / 100) ** (target_year - base_year))


def target_path(target: float, growth_pct: float, *, base_year: int, target_year: int) -> pd.Series:
    """The value that every year from the base to the target asks for.

    Parameters
    ----------
    target, growth_pct, base_year, target_year
        As in :func:`implied_base`.

    Returns
    -------
    Series
        By year, in the unit of the target; the last is the target.
    """
    base = implied_base(target, growth_pct, base_year=base_year, target_year=target_year)
    years = range(base_year, target_year + 1)
    values = [base * (1 + growth_pct / 100) ** (year - base_year) for year in years]
    return pd.Series(values, index=pd.Index(list(years), name="year"), name="path")


def grown(base: float, growth_pct: float, *, years: int) -> float:
    """``base`` after ``years`` of growth; NaN where the base is unknown."""
    return float(base * (1 + growth_pct / 100) ** years)


def standing(actual: float, target: float, *, beyond: bool = True) -> Standing:
    """Whether a value meets a target that is to be reached or broken through.

    “突破” is read as at least; a value that equals the target is met, and flagged because a
    strict reading would say otherwise.

    Parameters
    ----------
    actual, target
        In one unit; NaN where unknown.
    beyond
        The target asks for more than its value (“突破”), not for at least it.

    Returns
    -------
    str
        ``met``, ``met_equal``, ``short`` or ``unknown``.
    """
    if math.isnan(actual) or math.isnan(target):
        return "unknown"
    if actual == target and beyond:
        return "met_equal"
    return "met" if actual >= target else "short"


def yearly_growth_pct(first: float, last: float, *, years: int) -> float:
    """Mean yearly growth, %; NaN where the first value is not above zero or no year passed."""
    if years < 1 or not first > 0 or not last >= 0:
        return math.nan
    return float(((last / first) ** (1 / years) - 1) * 100)
