r"""Ripley's K and Besag's L in any study polygon.

.. math:: \hat K(r) = \frac{|A|}{\sum_{i \ne j} w_i w_j} \sum_{i \ne j} w_i w_j\, e_{ij}\,
    [d_{ij} \le r], \quad \hat L(r) = \sqrt{\hat K(r) / \pi}

Without weights the first factor is :math:`|A| / (n(n-1))`. K of points without interaction is
:math:`\pi r^2`, L is r: an empty plane is the null, which a city with hills and water is not. Use
:func:`layout.measures.point_patterns.ripley_envelope` with random labelling to compare with the
firms that are there.

Corrections e: ``none``; ``translation``, :math:`|A| / |A \cap (A + x_j - x_i)|`; ``isotropic``, one
over the share of the circle about i through j that lies in A (the border is followed exactly;
beyond 2,000 points the share is interpolated between 48 radii a point); ``border``: only points at
least r from the border are looked at (reduced sample, :math:`\lambda = n/|A|`), where a point is
looked at for a radius as long as it is at least the *previous* radius away, as spatstat does;
``border_strict`` asks for the radius itself. With radii close together the two agree.

References
----------
Ripley, B. D. (1977). Modelling spatial patterns. *Journal of the Royal Statistical Society B*
39(2), 172–212. Ohser, J., & Stoyan, D. (1981). On the second-order and orientation analysis of
planar stationary point processes. *Biometrical Journal* 23(6), 523–533.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import numba
import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core import measure_columns as names
from layout.measures.curves import curve
from layout.measures.edges import (
    MOST,
    border_distance,
    border_of,
    near_edges,
    set_covariance,
    share_inside,
    shared_area,
)
from layout.measures.marcon_puech import neighbour_sums
from layout.measures.pairs import REACH, cell_index, cell_range
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
from layout.measures.tables import option, ratio

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Correction = Literal["none", "border", "border_strict", "translation", "isotropic"]

CORRECTIONS: Final = ("none", "border", "border_strict", "translation", "isotropic")
EXACT_UP_TO: Final = 2_000
_SHARES: Final = 48
"""Radii at which a point's share of the circle is tabulated when there are many points."""


def ripley_k(
    points: Any,
    mask: Any,
    radii: Any,
    *,
    window: Any = None,
    weights: Any = None,
    correction: Correction = "isotropic",
) -> pd.Series:
    """Ripley's K of the points of a sector.

    Parameters
    ----------
    points
        Metres, as :func:`layout.measures.points.as_points`.
    mask
        Which points are of the sector; None: all.
    radii
        Increasing distances in metres, to about a quarter of the study area's width; a pair at
        exactly the radius counts.
    window
        The study area (polygon in metres, or a layer); it must be given and hold all points.
    weights
        One a point, zero or more; points without are left out and counted.
    correction
        See the module.

    Returns
    -------
    Series
        By radius, m². NaN with a reason where there are fewer than two points or no point is far
        enough from the border.

    Raises
    ------
    MeasureError
        No study area, points outside of it or in degrees, negative weights, radii that do not
        increase.
    """
    option("correction", correction, CORRECTIONS)
    xy = as_points(points)
    chosen = as_mask(mask, len(xy))
    return _k(xy, chosen, chosen, as_radii(radii), window, weights, correction)


def ripley_k_cross(
    points: Any,
    types: Any,
    radii: Any,
    *,
    source: Any,
    target: Any,
    window: Any = None,
    weights: Any = None,
    correction: Correction = "isotropic",
) -> pd.Series:
    """Cross K: points of the target sector around those of the source sector.

    Parameters
    ----------
    types
        Sector of every point.
    source, target
        The two sectors.

    Other Parameters, Returns, Raises
    ---------------------------------
    As :func:`ripley_k`.
    """
    option("correction", correction, CORRECTIONS)
    xy = as_points(points)
    codes, labels = as_types(types, len(xy))
    from_, to = (codes == position_of(labels, sector) for sector in (source, target))
    return _k(xy, from_, to, as_radii(radii), window, weights, correction)


def ripley_l(points: Any, mask: Any, radii: Any, **options: Any) -> pd.Series:
    """Besag's L of the points of a sector, in metres; parameters as :func:`ripley_k`."""
    return _l(ripley_k(points, mask, radii, **options))


def ripley_l_cross(points: Any, types: Any, radii: Any, **options: Any) -> pd.Series:
    """Cross L, in metres; parameters as :func:`ripley_k_cross`."""
    return _l(ripley_k_cross(points, types, radii, **options))


def _l(k: pd.Series) -> pd.Series:
    result = pd.Series(np.sqrt(k.to_numpy() / np.pi), index=k.index, name=names.L)
    result.attrs.update(k.attrs)
    return result


def _k(
    xy: Floats,
    source: Bools,
    target: Bools,
    radii: Floats,
    window: Any,
    weights: Any,
    correction: Correction,
) -> pd.Series:
    area = as_window(window, "Ripley K")
    require_inside(xy, area)
    w, known = as_weights(weights, len(xy))
    missing = int((~known & (source | target)).sum())
    kept = known & (source | target)
    xy, w, source, target = xy[kept], w[kept], source[kept], target[kept]
    products = float(w[source].sum() * w[target].sum() - (w[source & target] ** 2).sum())
    reason = _too_few(source, target, products)
    if reason:
        return curve(np.full(radii.size, np.nan), radii, names.K, reason, missing=missing)
    if correction in ("none", "border", "border_strict"):
        around = _around(xy, w, source, target, radii)
        if correction == "none":
            sums = (w[source][:, None] * around).sum(axis=0)
            return curve(sums * area.area / products, radii, names.K, missing=missing)
        far = border_distance(xy[source], area)
        values = _reduced_sample(around, w[source], far, radii, correction)
        values = values * area.area / w[target].sum()
        reason = "undefined.no_interior_point"
        return curve(values, radii, names.K, reason, missing=missing)
    sums = _corrected(xy, w, source, target, radii, area, correction)
    return curve(sums * area.area / products, radii, names.K, missing=missing)


def _around(xy: Floats, w: Floats, source: Bools, target: Bools, radii: Floats) -> Floats:
    """Weight of the target within each radius of each source point."""
    places = np.flatnonzero(source)
    return neighbour_sums(xy, target.astype(np.int64), w, places, radii, 2)[:, :, 1]


def _reduced_sample(
    around: Floats, own: Floats, far: Floats, radii: Floats, correction: Correction
) -> Floats:
    needed = radii if correction == "border_strict" else np.append(-np.inf, radii[:-1])
    looked_at = (far[:, None] >= needed) * own[:, None]
    return ratio((looked_at * around).sum(axis=0), looked_at.sum(axis=0))


def _corrected(
    xy: Floats,
    w: Floats,
    source: Bools,
    target: Bools,
    radii: Floats,
    area: BaseGeometry,
    correction: Correction,
) -> Floats:
    """Sums of corrected pair weights within each radius."""
    reach = max(float(radii[-1]), 1e-9)
    index = cell_index(xy[:, 0], xy[:, 1], reach)
    order, sums = index.order, np.zeros(radii.size)
    data = (index, w[order], source[order], target[order], radii**2)
    if correction == "translation":
        _translation_sums(*data, set_covariance(area, reach), reach, sums)
        sums *= area.area
    else:
        far = border_distance(xy[order], area)
        exact = int(source.sum()) <= EXACT_UP_TO
        _isotropic_sums(*data, border_of(area), far, reach, exact, sums)
    return np.cumsum(sums)


def _too_few(source: Bools, target: Bools, products: float) -> str | None:
    if not source.any() or not target.any():
        return "undefined.no_points"
    if source.sum() == 1 and (source == target).all():
        return "undefined.one_point"
    return None if products > 0 else "undefined.no_weight"


@numba.njit(cache=True, nogil=True)
def _ring(d2, squared):  # type: ignore[no-untyped-def]
    ring = squared.size - 1
    while ring > 0 and d2 <= squared[ring - 1]:
        ring -= 1
    return ring


@numba.njit(cache=True, nogil=True)
def _translation_sums(index, w, source, target, squared, table, reach, sums):  # type: ignore[no-untyped-def]
    whole = table[table.shape[1] - 1, 0]
    for i in range(w.size):
        if not source[i]:
            continue
        middle = np.int64(np.floor((index.y[i] - index.y0) * index.inverse))
        for row in range(middle - REACH, middle + REACH + 1):
            begin, end = cell_range(index, index.x[i], index.y[i], row)
            for j in range(begin, end):
                dx, dy = index.x[j] - index.x[i], index.y[j] - index.y[i]
                d2 = dx * dx + dy * dy
                if d2 <= squared[-1] and j != i and target[j]:
                    shared = max(shared_area(table, reach, dx, dy), whole / MOST)
                    sums[_ring(d2, squared)] += w[i] * w[j] / shared


@numba.njit(cache=True, nogil=True)
def _isotropic_sums(  # type: ignore[no-untyped-def]
    index, w, source, target, squared, border, far, reach, exact, sums
):
    edges = np.empty(border.x0.size, dtype=np.int64)
    shares = np.empty(_SHARES + 1)
    for i in range(w.size):
        if not source[i]:
            continue
        x, y, count = index.x[i], index.y[i], 0
        step = (reach - far[i]) / _SHARES
        if far[i] < reach:
            count = near_edges(border, x, y, reach, edges)
            if not exact:
                for k in range(_SHARES + 1):
                    shares[k] = share_inside(border, edges, count, x, y, far[i] + k * step)
        middle = np.int64(np.floor((y - index.y0) * index.inverse))
        for row in range(middle - REACH, middle + REACH + 1):
            begin, end = cell_range(index, x, y, row)
            for j in range(begin, end):
                dx, dy = index.x[j] - x, index.y[j] - y
                d2 = dx * dx + dy * dy
                if d2 <= squared[-1] and j != i and target[j]:
                    d, share = np.sqrt(d2), 1.0
                    if d > far[i]:
                        if exact:
                            share = share_inside(border, edges, count, x, y, d)
                        else:
                            at = min((d - far[i]) / step, _SHARES - 1e-9)
                            low = np.int64(at)
                            share = shares[low] + (at - low) * (shares[low + 1] - shares[low])
                    sums[_ring(d2, squared)] += w[i] * w[j] / max(share, 1.0 / MOST)
