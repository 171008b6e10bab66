r"""Marcon and Puech's M: the share of a sector among neighbours, relative to its share in the city.

.. math:: M(r) = \sum_i \frac{W_T(i, r)}{W(i, r)} \Big/ \sum_i \frac{W_T - [i \in T] w_i}{W - w_i}

i runs over the firms of the source sector that have any neighbour within r, in both sums (so that
a ratio of nothing is left out on both sides); W(i, r) is the weight of all firms within r of i, and
:math:`W_T(i, r)` that of the target sector; i itself never counts. 1: neighbours as in the city;
2: twice the share; 0: none. M compares with the other firms that are there and so needs neither
study area nor edge correction.

References
----------
Marcon, E., & Puech, F. (2010). Measures of the geographic concentration of industries: improving
distance-based methods. *Journal of Economic Geography* 10(5), 745–762.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core import measure_columns as names
from layout.measures.curves import curve
from layout.measures.pairs import cell_index, ring_sums
from layout.measures.points import (
    as_mask,
    as_points,
    as_radii,
    as_types,
    as_weights,
    as_window,
    position_of,
    require_inside,
)
from layout.measures.tables import ratio
from layout.measures.undefined import mark, where

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NO_NEIGHBOUR: Final = "undefined.no_neighbour_within"


def m(points: Any, mask: Any, radii: Any, *, window: Any = None, weights: Any = None) -> pd.Series:
    """M of a sector around its own firms.

    Parameters
    ----------
    points
        All firms of the city, metres, as :func:`layout.measures.points.as_points`.
    mask
        Which are of the sector.
    radii
        Increasing distances in metres; a neighbour at exactly the radius counts.
    window
        M needs no study area; one that is given must hold all points.
    weights
        One a point, zero or more; points without are left out of all sums and counted.

    Returns
    -------
    Series
        By radius, with ``attrs["missing"]``. NaN with a reason where no firm of the sector has a
        neighbour, or there is only one firm of it.

    Raises
    ------
    MeasureError
        Degrees, negative weights, radii that do not increase, or lengths that differ.
    """
    xy = as_points(points)
    codes = as_mask(mask, len(xy)).astype(np.int64)
    w, known = as_weights(weights, len(xy))
    missing = int((~known).sum())
    return _curve((xy, codes, w, known), as_radii(radii), (1, 1), window, missing)


def m_cross(
    points: Any,
    types: Any,
    radii: Any,
    *,
    source: Any,
    target: Any,
    window: Any = None,
    weights: Any = None,
    case_control: bool = False,
) -> pd.Series:
    """M of a target sector around the firms of a source sector.

    Parameters
    ----------
    types
        Sector of every point.
    source, target
        The two sectors.
    case_control
        Only the two sectors exist: the weight of source firms around source firms over that of
        target firms, relative to the same ratio in the city.

    Other Parameters, Returns, Raises
    ---------------------------------
    As :func:`m`.
    """
    xy = as_points(points)
    numbers, labels = as_types(types, len(xy))
    a, b = position_of(labels, source), position_of(labels, target)
    codes = np.zeros(len(xy), dtype=np.int64)
    codes[numbers == b] = 2
    codes[numbers == a] = 1  # a sector is its own target
    w, known = as_weights(weights, len(xy))
    missing = int((~known).sum())
    if case_control:
        known = known & (codes > 0)
    sectors = (1, 1 if source == target else 2)
    firms = xy, codes, w, known
    return _curve(firms, as_radii(radii), sectors, window, missing, case_control)


def m_matrix(
    points: Any, types: Any, radii: Any, *, window: Any = None, weights: Any = None
) -> pd.DataFrame:
    """M of every sector around every sector, in one pass over the pairs.

    Parameters, Raises
    ------------------
    As :func:`m_cross`.

    Returns
    -------
    DataFrame
        Indexed by (source, target), a column a radius. Where a source has no neighbour at all, or
        a sector is alone with itself, NaN with the reason by row.
    """
    xy = as_points(points)
    numbers, labels = as_types(types, len(xy))
    w, known = as_weights(weights, len(xy))
    if window is not None:
        require_inside(xy, as_window(window, "M"))
    r = as_radii(radii)
    xy, numbers, w = xy[known], numbers[known], w[known]
    sums = neighbour_sums(xy, numbers, w, np.arange(len(xy)), r, len(labels))
    rows = [
        _m_of(sums[numbers == a], w[numbers == a], _totals(w, numbers, len(labels)), a, b)
        for a in range(len(labels))
        for b in range(len(labels))
    ]
    index = pd.MultiIndex.from_product([labels, labels], names=[names.SOURCE, names.TARGET])
    result = pd.DataFrame(rows, index=index, columns=pd.Index(r, name=names.RADIUS))
    result.attrs["missing"] = int((~known).sum())
    return mark(result, where(index, result.isna().any(axis=1).to_numpy(), NO_NEIGHBOUR))


def neighbour_sums(
    xy: Floats, codes: Ints, w: Floats, places: Ints, radii: Floats, kinds: int
) -> Floats:
    """Weights of the neighbours of some points, by radius and kind.

    Parameters
    ----------
    places
        Positions of the points whose neighbours are added up.

    Returns
    -------
    numpy.ndarray
        float64 ``(places, radii, kinds)``.
    """
    sums = np.zeros((places.size, radii.size, kinds))
    if not places.size:
        return sums
    index = cell_index(xy[:, 0], xy[:, 1], radii[-1])
    position = np.empty(len(xy), dtype=np.int64)
    position[index.order] = np.arange(len(xy))
    # by cells: neighbours of neighbouring places lie in the cache
    order = places[np.argsort(position[places])]
    sorted_sums = np.zeros_like(sums)
    ring_sums(
        index,
        w[index.order],
        codes[index.order],
        np.ascontiguousarray(xy[order, 0]),
        np.ascontiguousarray(xy[order, 1]),
        position[order],
        radii**2,
        sorted_sums,
    )
    sums[np.argsort(position[places])] = sorted_sums
    return sums


def m_from_sums(local: Floats, every: Floats, target: Floats, whole: Floats) -> Floats:
    """M from the weights around each source firm.

    Parameters
    ----------
    local, every
        ``(firms, radii)``: weight of the target, and of all, within each radius.
    target, whole
        ``(firms,)``: weight of the target and of all in the city, the firm itself left out.
    """
    counted = every > 0
    top = np.divide(local, every, out=np.zeros_like(local), where=counted).sum(axis=0)
    share = np.divide(target, whole, out=np.zeros_like(target), where=whole > 0)
    return ratio(top, (share[:, None] * counted).sum(axis=0))


def _curve(
    firms: tuple[Floats, Ints, Floats, npt.NDArray[np.bool_]],
    radii: Floats,
    sectors: tuple[int, int],
    window: Any,
    missing: int,
    case_control: bool = False,
) -> pd.Series:
    xy, codes, w, known = firms
    a, b = sectors
    if window is not None:
        require_inside(xy, as_window(window, "M"))
    xy, codes, w = xy[known], codes[known], w[known]
    places = np.flatnonzero(codes == a)
    reason = _too_few(codes, w, a, b)
    if reason:
        return curve(np.full(radii.size, np.nan), radii, names.M, reason, missing=missing)
    sums = neighbour_sums(xy, codes, w, places, radii, 3)
    totals = _totals(w, codes, 3)
    if case_control:
        own = w[places]
        cases, controls = sums[:, :, 1], sums[:, :, 2]
        values = m_from_sums(cases, controls, totals[1] - own, np.full(own.size, totals[2]))
    else:
        values = _m_of(sums, w[places], totals, a, b)
    return curve(values, radii, names.M, NO_NEIGHBOUR, missing=missing)


def _m_of(sums: Floats, own: Floats, totals: Floats, a: int, b: int) -> Floats:
    if not len(own):
        return np.full(sums.shape[1], np.nan)
    target = totals[b] - own if a == b else np.full(own.size, totals[b])
    return m_from_sums(sums[:, :, b], sums.sum(axis=2), target, totals.sum() - own)


def _totals(w: Floats, codes: Ints, kinds: int) -> Floats:
    return np.asarray(np.bincount(codes, w, minlength=kinds), dtype="float64")


def _too_few(codes: Ints, w: Floats, a: int, b: int) -> str | None:
    own = codes == a
    if not own.any() or not (codes == b).any():
        return "undefined.no_points"
    if a == b and own.sum() == 1:
        return "undefined.one_point"
    return None if w[codes == b].sum() > 0 else "undefined.no_weight"
