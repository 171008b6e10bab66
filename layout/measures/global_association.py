"""Association of values of units as a whole: Moran's I, Getis and Ord's G, join counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core.errors import MeasureError
from layout.measures.significance import two_sided_p
from layout.measures.tables import Floats, checked
from layout.measures.units import Transform, Units, as_units

if TYPE_CHECKING:
    from libpysal.graph import Graph

Values = pd.Series | npt.ArrayLike

_CELLS: Final = 4_000_000  # permuted values held at a time: 32 MB


@dataclass(frozen=True)
class GlobalAssociation:
    """One statistic of all units.

    Attributes
    ----------
    statistic, expected
        Observed, and under the null.
    z
        By the moments under randomisation of the values.
    z_normal
        By those of normal values (Moran's I only).
    p_sim
        Two-sided, from permutations of all values.
    undefined
        Reason (key of the text catalogue) where there is no value.
    """

    statistic: float
    expected: float
    z: float
    p_sim: float
    z_normal: float = float("nan")
    undefined: str | None = None


@dataclass(frozen=True)
class JoinCounts:
    """Joins of neighbours by kind, each counted once, with two-sided permutation p-values.

    Attributes
    ----------
    bb, ww, bw
        Joins of two units of the kind, of two that are not, and mixed ones.
    p_bb, p_ww, p_bw
        Their p-values.
    undefined
        Reason (key of the text catalogue) where there are no p-values.
    """

    bb: float
    ww: float
    bw: float
    p_bb: float
    p_ww: float
    p_bw: float
    undefined: str | None = None


def moran(
    values: Values,
    weights: Graph,
    *,
    permutations: int = 999,
    seed: int = 0,
    transform: Transform = "R",
) -> GlobalAssociation:
    r"""Moran's I, :math:`\frac{n}{S_0} \frac{\sum_{ij} w_{ij} z_i z_j}{\sum_i z_i^2}`.

    Parameters, Raises
    ------------------
    As :func:`layout.measures.hotspots.local_moran`.

    References
    ----------
    Cliff, A. D., & Ord, J. K. (1981). *Spatial Processes*. Pion, chapters 1 and 2.
    """
    units = as_units(values, weights, transform=transform)
    reason = _reason(units)
    if reason:
        return GlobalAssociation(np.nan, np.nan, np.nan, np.nan, undefined=reason)
    n, (s0, s1, s2) = units.n, _sums(units)
    z = units.values - units.values.mean()
    m2 = (z**2).mean()

    def statistic(x: Floats) -> Floats:
        return np.asarray(_products(units, x, x) / (s0 * m2))

    observed = float(statistic(z[:, None])[0])
    expected = -1 / (n - 1)
    normal = (n**2 * s1 - n * s2 + 3 * s0**2) / ((n**2 - 1) * s0**2) - expected**2
    kurtosis = (z**4).mean() / m2**2
    top = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    top -= kurtosis * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    randomised = top / ((n - 1) * (n - 2) * (n - 3) * s0**2) - expected**2 if n > 3 else np.nan
    return GlobalAssociation(
        statistic=observed,
        expected=expected,
        z=float((observed - expected) / np.sqrt(randomised)),
        p_sim=_p(z, statistic, observed, permutations, seed),
        z_normal=float((observed - expected) / np.sqrt(normal)),
    )


def general_g(
    values: Values,
    weights: Graph,
    *,
    permutations: int = 999,
    seed: int = 0,
    transform: Transform = "B",
) -> GlobalAssociation:
    r"""Getis and Ord's general G, :math:`\sum_{ij} w_{ij} x_i x_j / \sum_{i \ne j} x_i x_j`.

    Above its expectation high values lie together, below it low ones.

    Parameters, Raises
    ------------------
    As :func:`layout.measures.hotspots.getis_ord`; weights are taken as 1.

    References
    ----------
    Getis, A., & Ord, J. K. (1992), as in :func:`layout.measures.hotspots.getis_ord`.
    """
    units = as_units(values, weights, transform=transform)
    y = checked(units.values, "general G")
    reason = _reason(units)
    if reason:
        return GlobalAssociation(np.nan, np.nan, np.nan, np.nan, undefined=reason)
    n, (s0, _, _) = units.n, _sums(units)
    pairs = y.sum() ** 2 - (y**2).sum()
    if pairs <= 0:
        return GlobalAssociation(np.nan, np.nan, np.nan, np.nan, undefined="undefined.no_pairs")

    def statistic(x: Floats) -> Floats:
        return np.asarray(_products(units, x, x) / pairs)

    observed, expected = float(statistic(y[:, None])[0]), s0 / (n * (n - 1))
    variance = _g_second_moment(y, units) - expected**2
    z = (observed - expected) / np.sqrt(variance) if variance > 0 else np.nan
    p = _p(y, statistic, observed, permutations, seed)
    return GlobalAssociation(observed, expected, float(z), p)


def join_counts(
    values: Values, weights: Graph, *, permutations: int = 999, seed: int = 0
) -> JoinCounts:
    """Joins between neighbours of the same and of different kind.

    Parameters
    ----------
    values
        Booleans, or zeros and ones.
    weights, permutations, seed
        As :func:`moran`; weights are taken as 1 and the graph as symmetric.

    Returns
    -------
    JoinCounts

    References
    ----------
    Cliff, A. D., & Ord, J. K. (1981), as in :func:`moran`.
    """
    units = as_units(values, weights, transform="B")
    b = units.values
    if not np.isin(b, (0.0, 1.0)).all():
        first = float(b[~np.isin(b, (0.0, 1.0))][0])
        raise MeasureError("error.measure_option", name="values", found=first, allowed="0, 1")
    total = units.weights.sum() / 2

    def both(x: Floats) -> Floats:
        return np.asarray(_products(units, x, x) / 2)

    def neither(x: Floats) -> Floats:
        return np.asarray(_products(units, 1 - x, 1 - x) / 2)

    def mixed(x: Floats) -> Floats:
        return np.asarray(total - both(x) - neither(x))

    observed = [float(count(b[:, None])[0]) for count in (both, neither, mixed)]
    reason = _reason(units)
    if reason:
        p = [np.nan] * 3
    else:
        counts = zip((both, neither, mixed), observed, strict=True)
        p = [_p(b, count, seen, permutations, seed) for count, seen in counts]
    return JoinCounts(
        bb=observed[0],
        ww=observed[1],
        bw=observed[2],
        p_bb=p[0],
        p_ww=p[1],
        p_bw=p[2],
        undefined=reason,
    )


def _reason(units: Units) -> str | None:
    if units.n < 2 or not units.focal.size:
        return "undefined.no_neighbours"
    return "undefined.no_variation" if np.ptp(units.values) == 0 else None


def _products(units: Units, a: Floats, b: Floats) -> Floats:
    """Sum over links of w a b, for each column."""
    from scipy import sparse

    matrix = sparse.csr_array(
        (units.weights, (units.focal, units.others)), shape=(units.n, units.n)
    )
    return np.asarray(np.einsum("ij,ij->j", a, matrix @ b))


def _sums(units: Units) -> tuple[float, float, float]:
    """S0, S1, S2 of the weights."""
    n = units.n
    out = units.row_sums()
    into = np.bincount(units.others, units.weights, minlength=n)
    key = units.focal * n + units.others
    mirrored = units.others * n + units.focal
    # the weight of the link back, 0 where there is none
    at = np.minimum(np.searchsorted(np.sort(key), mirrored), key.size - 1)
    order = np.argsort(key)
    back = np.where(key[order][at] == mirrored, units.weights[order][at], 0.0)
    s1 = float((units.weights**2 + units.weights * back).sum())
    return float(units.weights.sum()), s1, float(((out + into) ** 2).sum())


def _g_second_moment(y: Floats, units: Units) -> float:
    n, (s0, s1, s2) = units.n, _sums(units)
    if n < 4:
        return float("nan")
    m1, m2, m3, m4 = (float((y**k).sum()) for k in range(1, 5))
    b0 = (n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2
    b1 = -((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    b2 = -(2 * n * s1 - (n + 3) * s2 + 6 * s0**2)
    b3 = 4 * (n - 1) * s1 - 2 * (n + 1) * s2 + 8 * s0**2
    b4 = s1 - s2 + s0**2
    top = b0 * m2**2 + b1 * m4 + b2 * m1**2 * m2 + b3 * m1 * m3 + b4 * m1**4
    return top / ((m1**2 - m2) ** 2 * n * (n - 1) * (n - 2) * (n - 3))


def _p(
    values: Floats,
    statistic: Callable[[Floats], Floats],
    observed: float,
    permutations: int,
    seed: int,
) -> float:
    """Two-sided p-value from permutations of all values."""
    if permutations < 1:
        return float("nan")
    rng = np.random.default_rng(seed)
    block = max(1, _CELLS // values.size)
    tie = 1e-10 * max(abs(observed), 1e-300)
    below = above = 0
    for begin in range(0, permutations, block):
        columns = min(block, permutations - begin)
        shuffled = rng.permuted(np.repeat(values[:, None], columns, axis=1), axis=0)
        simulated = statistic(shuffled)
        below += int((simulated <= observed + tie).sum())
        above += int((simulated >= observed - tie).sum())
    return float(two_sided_p(below, above, permutations))
