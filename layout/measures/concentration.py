"""Concentration of sectors over regions, and of pairs and groups of sectors in the same regions.

Measures on tables compare shares of regions; :func:`ellison_glaeser`, :func:`maurel_sedillot` and
:func:`coagglomeration` also know the firms, and take out the lumpiness of a few large ones. All
depend on how the regions are cut; the distance-based measures of
:mod:`layout.measures.point_patterns` do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core import measure_columns as names
from layout.measures.plants import coagglomeration, ellison_glaeser, maurel_sedillot
from layout.measures.tables import Floats, aligned, amounts, checked, option, ratio
from layout.measures.undefined import Reasons, mark, where

__all__ = [
    "Theil",
    "coagglomeration",
    "coagglomeration_pairs",
    "ellison_glaeser",
    "hoover_gini",
    "hoover_index",
    "locational_gini",
    "maurel_sedillot",
    "theil",
]

EMPTY_SECTOR: Final = "undefined.empty_sector"


def hoover_gini(table: pd.DataFrame, reference: pd.Series | npt.ArrayLike) -> pd.Series:
    r"""Gini coefficient of every sector over regions against a reference (the Hoover–Gini).

    Regions are ordered by the ratio of the sector's to the reference's share; with cumulated
    shares Y of the sector and X of the reference

    .. math:: G = 1 - \sum_k (X_k - X_{k-1}) (Y_k + Y_{k-1})

    Parameters
    ----------
    table
        Regions × sectors, amounts.
    reference
        Amount of every region to compare with (area, all firms); equal amounts give the plain
        Gini coefficient.

    Returns
    -------
    Series
        By sector, 0 (as the reference) towards 1. An empty sector is undefined.

    Raises
    ------
    MeasureError
        An amount is negative or not finite, or a region has no reference.

    References
    ----------
    Hoover, E. M. (1936). The measurement of industrial localization. *Review of Economics and
    Statistics* 18(4), 162–171.
    """
    shares, base = _against(table, reference, "Hoover–Gini")
    with np.errstate(invalid="ignore", divide="ignore"):
        steepness = np.where(base[:, None] == 0, np.inf, shares / base[:, None])
    order = np.argsort(steepness, axis=0, kind="stable")
    y = np.take_along_axis(shares, order, axis=0)
    heights = 2 * np.cumsum(y, axis=0) - y
    gini = 1 - (base[order] * heights).sum(axis=0)
    return _by_sector(gini, table, base, names.GINI)


def hoover_index(table: pd.DataFrame, reference: pd.Series | npt.ArrayLike) -> pd.Series:
    r"""Hoover's index of every sector, :math:`\frac12 \sum_r |y_r - x_r|` of shares, 0 to 1.

    The share of the sector that would have to move to lie as the reference does.

    Parameters, Returns, Raises, References
    ---------------------------------------
    As :func:`hoover_gini`.
    """
    shares, base = _against(table, reference, "Hoover index")
    index = np.abs(shares - base[:, None]).sum(axis=0) / 2
    return _by_sector(index, table, base, names.HOOVER)


def locational_gini(table: pd.DataFrame) -> pd.Series:
    """Krugman's locational Gini of every sector, 0 (as all sectors together) to (just under) 0.5.

    The area between the diagonal and the Lorenz curve of the sector against all sectors together:
    half of :func:`hoover_gini` with the table's own row sums as reference.

    References
    ----------
    Krugman, P. (1991). *Geography and Trade*. MIT Press, chapter 2.
    """
    total = amounts(table, "locational Gini").sum(axis=1)
    gini = hoover_gini(table, total)
    result = (gini / 2).rename(names.LOCATIONAL_GINI)
    result.attrs.update(gini.attrs)
    return result


@dataclass(frozen=True)
class Theil:
    """Theil's T, in nats.

    Attributes
    ----------
    total
        0 (all equal) to the logarithm of the number of values.
    between, within
        Parts between and within groups; they add up to ``total``.
    undefined
        Reason (key of the text catalogue) where there is no value.
    """

    total: float
    between: float
    within: float
    undefined: str | None = None


def theil(values: pd.Series | npt.ArrayLike, groups: Any = None) -> Theil:
    r"""Theil's T of amounts of units, with its parts between and within groups of units.

    .. math:: T = \frac1n \sum_i \frac{y_i}{\mu} \ln \frac{y_i}{\mu}
        = \sum_g s_g \ln \frac{s_g}{n_g / n} + \sum_g s_g T_g

    with the groups' shares :math:`s_g` of the amount. :math:`0 \ln 0 = 0`.

    Parameters
    ----------
    values
        One amount a unit.
    groups
        Group of every unit (a Series is taken by label); without groups all is within.

    Returns
    -------
    Theil
        NaN with a reason where the amounts add up to zero.

    Raises
    ------
    MeasureError
        An amount is negative or not finite, or lengths differ.

    References
    ----------
    Theil, H. (1967). *Economics and Information Theory*. North-Holland.
    """
    series = pd.Series(values, dtype="float64")
    amount = checked(series.to_numpy(), "Theil index")
    if amount.sum() == 0:
        return Theil(np.nan, np.nan, np.nan, "undefined.no_total")
    codes = _unit_groups(series, groups)
    n_group = np.bincount(codes).astype("float64")
    sum_group = np.bincount(codes, weights=amount)
    relative = amount / amount.mean()
    total = float(_x_log_x(relative).mean())
    between = float(_x_log_x(sum_group / n_group / amount.mean()) @ n_group / len(amount))
    if len(n_group) == 1:
        between = 0.0
    return Theil(total, between, total - between)


def coagglomeration_pairs(
    table: pd.DataFrame, *, reference: Literal["mean", "total"] = "mean"
) -> pd.DataFrame:
    r"""Coagglomeration of every pair of sectors.

    .. math:: \gamma_{ij} = \frac{\sum_m (s_{mi} - x_m)(s_{mj} - x_m)}{1 - \sum_m x_m^2}

    Parameters
    ----------
    table
        Regions × sectors, employees (or firms).
    reference
        What x is: ``"mean"``, the plain mean of the sectors' regional shares, as in the paper; or
        ``"total"``, the region's share of everything in the table.

    Returns
    -------
    DataFrame
        Sectors × sectors, symmetric; above 0 where the two sit in the same regions more than the
        whole does. The diagonal is NaN: a sector makes no pair with itself. Empty sectors are
        undefined.

    Raises
    ------
    MeasureError
        An amount is negative or not finite.

    References
    ----------
    Ellison, G., Glaeser, E. L., & Kerr, W. R. (2010). What causes industry agglomeration?
    *American Economic Review* 100(3), 1195–1213.
    """
    option("reference", reference, ("mean", "total"))
    values = amounts(table, "coagglomeration")
    shares = ratio(values, values.sum(axis=0))
    known = values.sum(axis=0) > 0
    if reference == "total" or not known.any():
        x = ratio(values.sum(axis=1), values.sum())
    else:
        x = shares[:, known].mean(axis=1)
    spread = 1 - (x**2).sum()
    gap = shares - x[:, None]
    gamma = ratio(gap.T @ gap, 0.0 if spread < 1e-12 else spread)
    np.fill_diagonal(gamma, np.nan)
    reasons = where(table.columns, ~known, EMPTY_SECTOR)
    if spread < 1e-12:
        reasons = where(table.columns, known, "undefined.one_region", reasons)
    result = pd.DataFrame(gamma, index=table.columns, columns=table.columns)
    return mark(result, reasons, reasons)


def _against(table: pd.DataFrame, reference: Any, measure: str) -> tuple[Floats, Floats]:
    """Regional shares of every sector and of the reference."""
    values = amounts(table, measure)
    base = aligned(reference, table.index, "reference", measure)
    return ratio(values, values.sum(axis=0)), ratio(base, base.sum())


def _by_sector(values: Floats, table: pd.DataFrame, base: Floats, name: str) -> pd.Series:
    empty = table.to_numpy(dtype="float64").sum(axis=0) == 0
    reasons: Reasons = where(table.columns, empty, EMPTY_SECTOR)
    if not base.sum() > 0:
        reasons = where(table.columns, ~empty, "undefined.empty_reference", reasons)
    result = pd.Series(np.where(empty, np.nan, values), index=table.columns, name=name)
    return mark(result, reasons)


def _unit_groups(series: pd.Series, groups: Any) -> npt.NDArray[np.intp]:
    if groups is None:
        return np.zeros(len(series), dtype=np.intp)
    if isinstance(groups, pd.Series):
        codes, _ = pd.factorize(groups, use_na_sentinel=False)
        by_label = pd.Series(codes.astype("float64"), index=groups.index)
        return aligned(by_label, series.index, "groups", "Theil index").astype(np.intp)
    codes, _ = pd.factorize(np.asarray(groups, dtype=object), use_na_sentinel=False)
    aligned(codes, series.index, "groups", "Theil index")
    return np.asarray(codes, dtype=np.intp)


def _x_log_x(x: Floats) -> Floats:
    return x * np.log(x, out=np.zeros_like(x), where=x > 0)
