r"""Hot spots and local association of values of units (hexagons, cells, subdistricts, parks).

All take ``(values, weights)``: one value a unit and a libpysal Graph (see
:mod:`layout.measures.neighbours`), and return a frame by unit. p-values are two-sided, from
conditional permutations with a seed, refined where they are small, and adjusted for the false
discovery rate over all units (``q``). A unit without a value is left out, and so is its part as a
neighbour. Values that lie on a map of units hang on how the units are cut: repeat at another scale.

Conventions where tools differ: local Moran is scaled by :math:`\sum z^2/(n-1)` (esda, GeoDa; spdep
and the paper divide by n); z of G and G* uses the squares of the weights (Ord & Getis 1995), so
that row standardisation changes nothing; esda takes the weights to be 0 or 1 even where they are
not (``variance="binary"``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core import measure_columns as names
from layout.core.errors import MeasureError
from layout.measures.global_association import (
    GlobalAssociation,
    JoinCounts,
    general_g,
    join_counts,
    moran,
)
from layout.measures.permutations import permutation_p
from layout.measures.significance import Method, adjust_fdr
from layout.measures.tables import Floats, checked, option, ratio
from layout.measures.undefined import Reasons, mark, where
from layout.measures.units import Transform, Units, as_units

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = [
    "GlobalAssociation",
    "JoinCounts",
    "general_g",
    "getis_ord",
    "join_counts",
    "local_join_counts",
    "local_moran",
    "local_moran_bivariate",
    "moran",
]

Values = pd.Series | npt.ArrayLike
Variance = Literal["weights", "binary"]

REFINE_TO: Final = 99_999
"""Permutations of the last round of refinement."""


def getis_ord(
    values: Values,
    weights: Graph,
    *,
    star: bool = True,
    permutations: int = 999,
    seed: int = 0,
    fdr: Method = "bh",
    refine_to: int = REFINE_TO,
    variance: Variance = "weights",
) -> pd.DataFrame:
    r"""Getis–Ord G* (or G) of every unit: where high values, or low ones, lie together.

    .. math:: G_i^* = \frac{\sum_j w_{ij} x_j}{\sum_j x_j}, \quad
        z_i = \frac{\sum_j w_{ij} x_j - W_i \bar x}
        {s \sqrt{(n \sum_j w_{ij}^2 - W_i^2) / (n - 1)}}

    j runs over all units including i (G*), with s of all n units (divisor n); for G it leaves i
    out, and so do mean, s and n.

    Parameters
    ----------
    values
        Amounts of zero or more, one a unit (Series by id, or in the graph's order); NaN: no value.
    weights
        Binary or distance weights, taken as they are. A unit's own weight in G* is that of its
        link with itself; where it has none, the largest of its row (1 in a binary graph).
    star
        G* or G.
    permutations, seed, refine_to
        Conditional permutations; see :func:`layout.measures.permutations.permutation_p`.
    fdr
        ``"bh"`` or ``"by"``, as :func:`layout.measures.significance.adjust_fdr`.
    variance
        ``"weights"`` as above; ``"binary"`` puts W for the sum of squares, as esda does.

    Returns
    -------
    DataFrame
        By unit: ``statistic`` (share of the sum), ``z``, ``p_sim``, ``q``. Undefined with a reason:
        units without value or without neighbours, values that do not vary.

    Raises
    ------
    MeasureError
        A value is negative or infinite, units differ, or a weight is negative.

    References
    ----------
    Getis, A., & Ord, J. K. (1992). The analysis of spatial association by use of distance
    statistics. *Geographical Analysis* 24(3), 189–206. Ord, J. K., & Getis, A. (1995). Local
    spatial autocorrelation statistics. *Geographical Analysis* 27(4), 286–306.
    """
    option("variance", variance, ("weights", "binary"))
    units = as_units(values, weights)
    y = checked(units.values, "Getis–Ord")
    lag, row, squares, members = _with_own(units, y) if star else _without_own(units, y)
    if variance == "binary":
        squares = row
    n, mean, second = members
    spread = ratio(n * squares - row**2, n - 1) * (second - mean**2)
    # what is left of a constant after rounding is not a variance
    constant = ~(spread > 1e-12 * np.maximum(second, 1e-300) * np.maximum(squares, 1e-300))
    frame = pd.DataFrame(
        {
            names.STATISTIC: ratio(lag, n * mean),
            names.Z: ratio(lag - row * mean, np.sqrt(np.where(constant, 0.0, spread))),
            names.P_SIM: permutation_p(
                units, y, permutations=permutations, refine_to=refine_to, seed=seed
            ),
        }
    )
    return _by_unit(frame, units, y, constant, fdr)


def local_moran(
    values: Values,
    weights: Graph,
    *,
    permutations: int = 999,
    seed: int = 0,
    fdr: Method = "bh",
    refine_to: int = REFINE_TO,
    transform: Transform = "R",
) -> pd.DataFrame:
    r"""Local Moran's I of every unit: like among like, or the odd one out.

    .. math:: I_i = \frac{z_i}{m_2} \sum_j w_{ij} z_j, \quad z = x - \bar x,
        \quad m_2 = \frac{1}{n-1} \sum_i z_i^2

    Parameters
    ----------
    values, weights, permutations, seed, fdr, refine_to
        As :func:`getis_ord`; values may be negative, links of a unit with itself play no part.
    transform
        ``"R"`` divides the weights of each unit by their sum; ``"O"`` takes them as they are.

    Returns
    -------
    DataFrame
        By unit: ``statistic``, ``z`` (by the exact moments of conditional permutation, Sokal et
        al.), ``p_sim``, ``q``, ``quadrant``: 1 high among high, 2 low among high, 3 low among low,
        4 high among low (0 where undefined).

    Raises
    ------
    MeasureError
        As :func:`getis_ord`, negative values apart.

    References
    ----------
    Anselin, L. (1995). Local indicators of spatial association. *Geographical Analysis* 27(2),
    93–115. Sokal, R. R., Oden, N. L., & Thomson, B. A. (1998). Local spatial autocorrelation in a
    biological model. *Geographical Analysis* 30(4), 331–354.
    """
    units = as_units(values, weights, transform=transform)
    return _moran_frame(units, units.values, permutations, seed, fdr, refine_to)


def local_moran_bivariate(
    values: Values,
    neighbours: Values,
    weights: Graph,
    *,
    permutations: int = 999,
    seed: int = 0,
    fdr: Method = "bh",
    refine_to: int = REFINE_TO,
    transform: Transform = "R",
) -> pd.DataFrame:
    r"""Bivariate local Moran: a unit's value of x against its neighbours' values of y.

    .. math:: I_i = z^x_i \sum_j w_{ij} z^y_j

    with both standardised by mean and sample standard deviation.

    Parameters
    ----------
    values, neighbours
        x and y, each as in :func:`getis_ord`; a unit without either is left out.

    Other Parameters, Returns, Raises
    ---------------------------------
    As :func:`local_moran`.

    References
    ----------
    Anselin, L., Syabri, I., & Smirnov, O. (2002). Visualizing multivariate spatial correlation
    with dynamically linked windows. *New Tools for Spatial Data Analysis*.
    """
    both = as_units(values, weights), as_units(neighbours, weights)
    known = both[0].known & both[1].known
    x = np.where(known, both[0].spread(both[0].values), np.nan)
    units = as_units(pd.Series(x, index=both[0].ids), weights, transform=transform)
    y = both[1].spread(both[1].values)[known]
    return _moran_frame(units, y, permutations, seed, fdr, refine_to)


def local_join_counts(
    values: Values,
    weights: Graph,
    *,
    permutations: int = 999,
    seed: int = 0,
    fdr: Method = "bh",
    refine_to: int = REFINE_TO,
) -> pd.DataFrame:
    r"""How many neighbours of a unit of a kind are of the kind too, :math:`b_i \sum_j w_{ij} b_j`.

    Parameters
    ----------
    values
        Booleans, or zeros and ones.
    weights, permutations, seed, fdr, refine_to
        As :func:`getis_ord`; weights are taken as 1.

    Returns
    -------
    DataFrame
        By unit: ``statistic``, ``z``, ``p_sim``, ``q``. Units not of the kind have the statistic 0
        and no p-value.

    References
    ----------
    Anselin, L., & Li, X. (2019). Operational local join count statistics for cluster detection.
    *Journal of Geographical Systems* 21, 189–210.
    """
    units = as_units(values, weights, transform="B")
    b = _binary(units.values)
    row, squares = units.row_sums(), units.row_sums(2)
    mean, variance, constant = _conditional(units.lag(b), b, row, squares)
    other = b == 0
    p = permutation_p(units, b, permutations=permutations, refine_to=refine_to, seed=seed)
    frame = pd.DataFrame(
        {
            names.STATISTIC: b * units.lag(b),
            names.Z: np.where(other, np.nan, ratio(mean, np.sqrt(variance))),
            names.P_SIM: np.where(other, np.nan, p),
        }
    )
    return _by_unit(frame, units, b, constant, fdr, keep=other)


def _moran_frame(
    units: Units, y: Floats, permutations: int, seed: int, fdr: Method, refine_to: int
) -> pd.DataFrame:
    x = units.values
    dx, dy = x - x.mean() if x.size else x, y - y.mean() if y.size else y
    scale = np.sqrt((dx**2).sum() * (dy**2).sum()) / max(x.size - 1, 1)
    lag = units.lag(dy)
    gap, variance, constant = _conditional(lag, dy, units.row_sums(), units.row_sums(2))
    flat = scale <= 1e-12 * max(np.abs(x).max(initial=0.0) * np.abs(y).max(initial=0.0), 1e-300)
    p = permutation_p(units, dy, permutations=permutations, refine_to=refine_to, seed=seed)
    at_mean = dx == 0
    constant = constant | flat
    frame = pd.DataFrame(
        {
            names.STATISTIC: ratio(dx * lag, 0.0 if flat else scale),
            names.Z: np.where(at_mean, 0.0, np.sign(dx) * ratio(gap, np.sqrt(variance))),
            names.P_SIM: np.where(at_mean, 1.0, p),
        }
    )
    result = _by_unit(frame, units, dx, constant, fdr)
    quadrant = np.where(lag > 0, np.where(dx > 0, 1, 2), np.where(dx > 0, 4, 3))
    every = np.nan_to_num(units.spread(quadrant.astype("float64"))).astype("int64")
    result[names.QUADRANT] = np.where(result[names.STATISTIC].isna(), 0, every)
    return result


def _conditional(
    lag: Floats, y: Floats, row: Floats, squares: Floats
) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Lag less its mean, its variance when the others are permuted, and where that is 0."""
    m = len(y) - 1
    mean = ratio(y.sum() - y, m)
    spread = ratio((y**2).sum() - y**2, m) - mean**2
    variance = spread * ratio(m * squares - row**2, m - 1)
    size = np.abs(y).max(initial=0.0) ** 2
    constant = ~(variance > 1e-12 * np.maximum(size * squares, 1e-300))
    return lag - row * mean, np.where(constant, 0.0, variance), constant


Members = tuple[Any, Any, Any]  # how many units enter, their mean, their mean square


def _with_own(units: Units, y: Floats) -> tuple[Floats, Floats, Floats, Members]:
    largest = np.zeros(units.n)
    np.maximum.at(largest, units.focal, units.weights)
    largest = np.where(largest > 0, largest, 1.0)
    own = np.where(np.isnan(units.own), largest, units.own)
    lag, row, squares = units.lag(y) + own * y, units.row_sums() + own, units.row_sums(2) + own**2
    if units.standardised:  # with itself too, the weights of a unit sum to 1
        lag, row, squares = lag / row, row / row, squares / row**2
    n = units.n
    mean, second = ratio(y.sum(), n), ratio((y**2).sum(), n)
    return lag, row, squares, (n, mean, second)


def _without_own(units: Units, y: Floats) -> tuple[Floats, Floats, Floats, Members]:
    n = units.n - 1
    mean, second = ratio(y.sum() - y, n), ratio((y**2).sum() - y**2, n)
    return units.lag(y), units.row_sums(), units.row_sums(2), (n, mean, second)


def _binary(values: Floats) -> Floats:
    if not np.isin(values, (0.0, 1.0)).all():
        first = float(values[~np.isin(values, (0.0, 1.0))][0])
        raise MeasureError("error.measure_option", name="values", found=first, allowed="0, 1")
    return values


def _by_unit(
    frame: pd.DataFrame,
    units: Units,
    y: Floats,
    constant: npt.NDArray[np.bool_],
    fdr: Method,
    keep: npt.NDArray[np.bool_] | None = None,
) -> pd.DataFrame:
    """The frame for all units, with q-values and reasons; undefined rows are NaN throughout."""
    alone, flat = units.cardinality() == 0, np.ptp(y) == 0 if y.size else True
    full = units.cardinality() == units.n - 1
    ids = units.ids[units.known]
    reasons: Reasons = where(units.ids, ~units.known, "undefined.missing_value")
    reasons = where(ids, np.full(units.n, flat), "undefined.no_variation", reasons)
    reasons = where(ids, alone, "undefined.no_neighbours", reasons)
    reasons = where(ids, constant & full, "undefined.all_neighbours", reasons)
    reasons = where(ids, constant, "undefined.no_variation", reasons)
    frame[alone | flat | constant] = np.nan
    if keep is not None:
        frame.loc[keep, names.STATISTIC] = 0.0
        reasons = where(ids, keep, "undefined.not_of_kind", reasons)
    result = pd.DataFrame(
        {name: units.spread(frame[name].to_numpy()) for name in frame}, index=units.ids
    )
    result[names.Q] = adjust_fdr(result[names.P_SIM], method=fdr)
    return mark(result, reasons)
