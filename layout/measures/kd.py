r"""Duranton and Overman's Kd: the density of distances between firms of a sector.

.. math:: \hat K(r) = \frac{\sum_{i<j} w_i w_j\, [\phi_h(r - d_{ij}) + \phi_h(r + d_{ij})]}
    {\sum_{i<j} w_i w_j}

with a Gaussian kernel :math:`\phi_h` reflected at 0, so that Kd integrates to 1 over
:math:`[0, \infty)`. Unit: 1/m.

Conventions. The bandwidth is Silverman's rule, :math:`0.9 \min(s, IQR/1.34)\, m^{-1/5}`, over the m
unweighted distances up to twice the largest radius (as dbmss): Kd hangs a little on the largest
radius asked for, and its bandwidth stands in ``attrs["bandwidth_m"]``. Distances are straight
lines: a bay or a ridge is crossed.

How it is computed. ``exact``: the kernel at every distance. ``binned``: distances are counted in
4,096 bins or more (width at most a quarter of the bandwidth). ``grid``: for many points, pairs of
cells are counted by Fourier transform, pairs of near cells exactly, and the kernel is narrowed by
the variance that the cells add. See ``docs/methods.md`` for measured errors (below 1 % of the
maximum).

References
----------
Duranton, G., & Overman, H. G. (2005). Testing for localization using micro-geographic data.
*Review of Economic Studies* 72(4), 1077–1106. Silverman, B. W. (1986). *Density Estimation*.
Chapman & Hall.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core import measure_columns as names
from layout.measures.curves import curve
from layout.measures.pair_grid import grid_histogram
from layout.measures.pairs import (
    cross_histogram,
    kernel_sums,
    pair_distances,
    pair_histogram,
    weighted_pair_histogram,
)
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
from layout.measures.tables import option

Floats = npt.NDArray[np.float64]
KdMethod = Literal["auto", "exact", "binned", "grid"]

METHODS: Final = ("auto", "exact", "binned", "grid")
EXACT_UP_TO: Final = 2_500
BINNED_UP_TO: Final = 30_000
BINS: Final = 4_096
_MOST_BINS: Final = 1 << 18
_BINS_A_BANDWIDTH: Final = 4


@dataclass(frozen=True)
class Distances:
    """Distances between pairs, one by one or in bins.

    Attributes
    ----------
    values
        Distances, or middles of bins, in metres.
    counts
        Pairs at each (float64, 1 for single ones).
    weights
        Sums of products of weights at each.
    total
        Sum of the products of all pairs, those beyond the last bin included.
    smear
        Variance of distances (m²) that binning points in cells has added, where it has.
    smeared
        Weights that have it; they are not in ``weights``.
    """

    values: Floats
    counts: Floats
    weights: Floats
    total: float
    smear: float = 0.0
    smeared: Floats | None = None


def kd(
    points: Any,
    mask: Any,
    radii: Any,
    *,
    window: Any = None,
    weights: Any = None,
    bandwidth_m: float | None = None,
    method: KdMethod = "auto",
) -> pd.Series:
    """Kd of the points of a sector at distances ``radii``.

    Parameters
    ----------
    points
        Metres, as :func:`layout.measures.points.as_points`.
    mask
        Which points are of the sector; None: all.
    radii
        Increasing distances in metres.
    window
        Kd needs no study area; one that is given must hold all points.
    weights
        One a point, zero or more (employees, revenue); points without are left out and counted.
    bandwidth_m
        Of the kernel; otherwise Silverman's rule.
    method
        ``"auto"``: exact up to 2,500 points, binned up to 30,000, then grid.

    Returns
    -------
    Series
        By radius, 1/m, with ``attrs`` ``bandwidth_m`` and ``missing``. Fewer than two firms, no
        weight, one place: NaN, with the reason.

    Raises
    ------
    MeasureError
        Degrees, negative weights, radii that do not increase, or lengths that differ.
    """
    option("method", method, METHODS)
    xy, w, missing = sector_points(points, mask, weights, window)
    r = as_radii(radii)
    reason = _too_few(xy, w)
    if reason:
        return curve(np.full(r.size, np.nan), r, names.KD, reason, missing=missing)
    distances = _measured(xy, w, weights is not None, r, method, bandwidth_m)
    return _estimated(distances, r, bandwidth_m, missing)


def kd_cross(
    points: Any,
    types: Any,
    radii: Any,
    *,
    source: Any,
    target: Any,
    window: Any = None,
    weights: Any = None,
    bandwidth_m: float | None = None,
) -> pd.Series:
    """Kd of the distances from points of one sector to those of another.

    Parameters
    ----------
    types
        Sector of every point.
    source, target
        The two sectors.

    Other Parameters, Returns, Raises
    ---------------------------------
    As :func:`kd`.
    """
    xy = as_points(points)
    codes, labels = as_types(types, len(xy))
    r = as_radii(radii)
    if source == target:
        mask = codes == position_of(labels, source)
        return kd(xy, mask, r, window=window, weights=weights, bandwidth_m=bandwidth_m)
    parts = [
        sector_points(xy, codes == position_of(labels, sector), weights, window)
        for sector in (source, target)
    ]
    missing = parts[0][2] + parts[1][2]
    for place, w, _ in parts:
        reason = "undefined.no_points" if not len(place) else None
        reason = reason or ("undefined.no_weight" if w.sum() == 0 else None)
        if reason:
            return curve(np.full(r.size, np.nan), r, names.KD, reason, missing=missing)
    measured = cross_distances(parts[0][:2], parts[1][:2], weights is not None, r)
    return _estimated(measured, r, bandwidth_m, missing)


def binned_distances(xy: Floats, w: Floats, weighted: bool, radii: Floats, bins: int) -> Distances:
    """Distances in bins up to twice the largest radius; points sorted by x."""
    cutoff = 2.0 * max(radii[-1], 1e-9)
    x, y = np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1])
    counts = np.zeros(bins + 1, dtype=np.int64)
    pair_histogram(x, y, cutoff, counts)
    number = counts[:-1].astype("float64")
    products = number
    if weighted:
        sums = np.zeros(bins + 1)
        weighted_pair_histogram(x, y, w, cutoff, sums)
        products = sums[:-1]
    return Distances(_middles(cutoff, bins), number, products, pair_total(w))


def cross_distances(
    source: tuple[Floats, Floats],
    target: tuple[Floats, Floats],
    weighted: bool,
    radii: Floats,
    bins: int = BINS,
) -> Distances:
    """Distances between two sets; one by one where there are few."""
    (a, wa), (b, wb) = source, target
    if len(a) * len(b) <= EXACT_UP_TO**2:
        gaps = a[:, None, :] - b[None, :, :]
        distances = np.hypot(gaps[..., 0], gaps[..., 1]).ravel()
        products = np.multiply.outer(wa, wb).ravel()
        return Distances(distances, np.ones_like(distances), products, wa.sum() * wb.sum())
    cutoff = 2.0 * max(radii[-1], 1e-9)
    order = np.argsort(b[:, 0], kind="stable")
    ax, ay, bx, by = (np.ascontiguousarray(v) for v in (*a.T, *b[order].T))
    counts = np.zeros(bins + 1)
    cross_histogram(ax, ay, np.ones_like(wa), bx, by, np.ones_like(wb), cutoff, counts)
    sums = counts
    if weighted:
        sums = np.zeros(bins + 1)
        cross_histogram(ax, ay, wa, bx, by, wb[order], cutoff, sums)
    total = float(wa.sum() * wb.sum())
    return Distances(_middles(cutoff, bins), counts[:-1], sums[:-1], total)


def silverman(distances: Distances, limit: float) -> float:
    """Silverman's bandwidth in metres over distances up to ``limit``; NaN where there is none."""
    near = distances.values <= limit
    values, counts = distances.values[near], distances.counts[near]
    m = counts.sum()
    if m < 2:
        return float("nan")
    mean = values @ counts / m
    spread = np.sqrt(((values - mean) ** 2) @ counts / (m - 1))
    if (counts == 1).all():
        low, high = float(np.quantile(values, 0.25)), float(np.quantile(values, 0.75))
    else:
        low, high = _quantiles(values, counts, m)
    narrow = min(spread, (high - low) / 1.34)
    return float(0.9 * (narrow if narrow > 0 else spread) * m**-0.2)


def density(distances: Distances, radii: Floats, bandwidth: float) -> Floats:
    """Kd at the radii."""
    sums = kernel_sums(distances.values, distances.weights, radii, bandwidth)
    if distances.smeared is not None:
        # where cells had to be wide, smoothing can only be that of the cells
        narrowed = np.sqrt(max(bandwidth**2 - distances.smear, (bandwidth / 8) ** 2))
        sums = sums + kernel_sums(distances.values, distances.smeared, radii, narrowed)
    return np.asarray(sums / distances.total)


def sector_points(points: Any, mask: Any, weights: Any, window: Any) -> tuple[Floats, Floats, int]:
    """Points of the sector with known weight, sorted by x; their weights; how many were left out.

    Sorting also makes sums, and so results, the same for every order of the rows.
    """
    xy = as_points(points)
    chosen = as_mask(mask, len(xy))
    w, known = as_weights(weights, len(xy))
    if window is not None:
        require_inside(xy, as_window(window, "Kd"))
    kept = chosen & known
    xy, w = xy[kept], w[kept]
    order = np.lexsort((w, xy[:, 1], xy[:, 0]))
    return xy[order], w[order], int((chosen & ~known).sum())


def pair_total(w: Floats) -> float:
    """Sum of the products of weights of all pairs."""
    return float((w.sum() ** 2 - (w**2).sum()) / 2)


def _measured(
    xy: Floats, w: Floats, weighted: bool, r: Floats, method: KdMethod, bandwidth: float | None
) -> Distances:
    if method == "auto":
        n = len(xy)
        method = "exact" if n <= EXACT_UP_TO else "binned" if n <= BINNED_UP_TO else "grid"
    if method == "grid":
        return grid_distances(xy, w, weighted, r, bandwidth)
    if method == "binned":
        return fine_enough(xy, w, weighted, r, bandwidth)
    distances = pair_distances(np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1]))
    first, second = np.triu_indices(len(xy), 1)
    products = w[first] * w[second]
    return Distances(distances, np.ones_like(distances), products, pair_total(w))


def fine_enough(
    xy: Floats, w: Floats, weighted: bool, radii: Floats, bandwidth: float | None = None
) -> Distances:
    """Binned distances, in more bins if the bandwidth asks for it."""
    bins = BINS
    while True:
        binned = binned_distances(xy, w, weighted, radii, bins)
        width = 2 * radii[-1] / bins
        h = silverman(binned, 2 * radii[-1]) if bandwidth is None else bandwidth
        if not h < _BINS_A_BANDWIDTH * width or bins >= _MOST_BINS:
            return binned
        bins *= 4


def grid_distances(
    xy: Floats, w: Floats, weighted: bool, radii: Floats, bandwidth: float | None = None
) -> Distances:
    """Distances by cells; their width follows the bandwidth, which some points tell beforehand."""
    cutoff = 2.0 * max(radii[-1], 1e-9)
    h = _pilot_bandwidth(xy, radii) if bandwidth is None else bandwidth
    bins = int(min(_MOST_BINS, max(BINS, np.ceil(32 * cutoff / h)))) if h > 0 else BINS
    found = grid_histogram(xy, np.ones(len(xy)), cutoff, h / 8, bins)
    near, far = found.near, found.far
    counts = near + far
    if weighted:
        found = grid_histogram(xy, w, cutoff, h / 8, bins)
        near, far = found.near, found.far
    return Distances(_middles(cutoff, bins), counts, near, pair_total(w), found.width**2 / 6, far)


def _pilot_bandwidth(xy: Floats, radii: Floats) -> float:
    """Bandwidth of all points, from the distances of 2,500."""
    rng = np.random.default_rng(len(xy))
    some = np.sort(rng.choice(len(xy), min(len(xy), EXACT_UP_TO), replace=False))
    pilot = binned_distances(xy[some], np.ones(some.size), False, radii, BINS)
    shrink = (some.size * (some.size - 1) / (len(xy) * (len(xy) - 1))) ** 0.2
    return float(silverman(pilot, 2 * radii[-1]) * shrink)


def _estimated(
    distances: Distances, radii: Floats, bandwidth_m: float | None, missing: int
) -> pd.Series:
    h = silverman(distances, 2 * radii[-1]) if bandwidth_m is None else float(bandwidth_m)
    if bandwidth_m is not None and not (np.isfinite(h) and h > 0):
        option("bandwidth_m", bandwidth_m, ("> 0",))
    if not h > 0:
        reason = "undefined.one_place" if h == 0 else "undefined.no_pairs"
        return curve(np.full(radii.size, np.nan), radii, names.KD, reason, missing=missing)
    values = density(distances, radii, h)
    return curve(values, radii, names.KD, bandwidth_m=h, missing=missing)


def _too_few(xy: Floats, w: Floats) -> str | None:
    if len(xy) < 2:
        return "undefined.one_point" if len(xy) else "undefined.no_points"
    return None if pair_total(w) > 0 else "undefined.no_weight"


def _middles(cutoff: float, bins: int) -> Floats:
    return np.asarray((np.arange(bins) + 0.5) * (cutoff / bins), dtype="float64")


def _quantiles(values: Floats, counts: Floats, m: float) -> tuple[float, float]:
    """Quartiles of values in bins, evenly spread within each bin."""
    half = (values[1] - values[0]) / 2 if len(values) > 1 else 0.0
    edges = np.append(values - half, values[-1] + half)
    reached = np.append(0.0, np.cumsum(counts))
    low, high = np.interp([0.25 * m, 0.75 * m], reached, edges)
    return float(low), float(high)
