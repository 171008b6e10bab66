"""Ease and gain of sectors for many draws at once: density of relatedness against complexity.

The same quantities as :mod:`layout.measures.relatedness` and :mod:`layout.measures.complexity`, on
arrays (…, regions, sectors) whose leading axes are resampled tables, so that every point of the
plane has a spread.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from layout.measures.tables import Floats, ratio

Bools = npt.NDArray[np.bool_]


def quotients(amounts: Floats) -> Floats:
    """Location quotients of tables (…, regions, sectors); NaN in empty regions and sectors."""
    rows = amounts.sum(axis=-1, keepdims=True)
    columns = amounts.sum(axis=-2, keepdims=True)
    total = columns.sum(axis=-1, keepdims=True)
    return ratio(ratio(amounts, rows), ratio(columns, total))


def shrunken_quotients(counts: Floats, totals: Floats) -> Floats:
    r"""Location quotients of firm counts, drawn towards 1 where few firms stand behind them.

    The empirical-Bayes rate of :func:`~layout.measures.quotient_inference.
    location_quotient_inference` over the city's rate, for tables (…, regions, sectors).

    Parameters
    ----------
    counts
        Firms of each sector.
    totals
        All firms of each region, (…, regions).
    """
    n, k = totals[..., :, None], counts.sum(axis=-2, keepdims=True)
    total = n.sum(axis=-2, keepdims=True)
    mean, rate = ratio(k, total), ratio(counts, n)
    regions = (n > 0).sum(axis=-2, keepdims=True)
    between = ratio(np.nansum(n * (rate - mean) ** 2, axis=-2, keepdims=True), total)
    prior = np.maximum(between - ratio(mean * regions, total), 0.0)
    noise = ratio(mean, n)
    shrunk = mean + ratio(prior, prior + noise) * (rate - mean)
    return ratio(shrunk, mean)


def proximities(present: Bools) -> Floats:
    r"""Proximity of sectors, :math:`c_{ij} / \max(c_{ii}, c_{jj})`, diagonal 0; (…, S, S).

    References
    ----------
    Hidalgo, C. A., et al. (2007). The product space conditions the development of nations.
    *Science* 317, 482–487.
    """
    m = present.astype("float64")
    counts = np.swapaxes(m, -1, -2) @ m
    own = np.diagonal(counts, axis1=-2, axis2=-1)
    phi = np.nan_to_num(ratio(counts, np.maximum(own[..., :, None], own[..., None, :])))
    size = phi.shape[-1]
    phi[..., np.arange(size), np.arange(size)] = 0.0
    return phi


def densities(present: Bools, phi: Floats) -> Floats:
    r"""Relatedness density, :math:`\sum_{t \ne s} M_{rt} \phi_{st} / \sum_{t \ne s} \phi_{st}`.

    NaN for a sector that is related to no other.
    """
    total = phi.sum(axis=-1)
    return ratio(present.astype("float64") @ np.swapaxes(phi, -1, -2), total[..., None, :])


def complexities(present: Bools, *, like: Floats | None = None) -> Floats:
    """Complexity of sectors, in the units of regions' complexity; (…, sectors).

    Parameters
    ----------
    present
        (…, regions, sectors).
    like
        Complexity of sectors that fixes the sign of every draw. None: regions' complexity
        correlates with their diversity, which is open where that correlation is near 0.

    Returns
    -------
    ndarray
        NaN for sectors present nowhere, and throughout where the second eigenvalue is not single
        or the sectors fall into unconnected groups.

    References
    ----------
    Hidalgo, C. A., & Hausmann, R. (2009). The building blocks of economic complexity. *PNAS*
    106(26), 10570–10575.
    """
    m = present.astype("float64")
    diversity, ubiquity = m.sum(axis=-1), m.sum(axis=-2)
    scaled = np.nan_to_num(m / np.sqrt(_positive(diversity)[..., :, None]))
    scaled = scaled / np.sqrt(_positive(ubiquity)[..., None, :])
    values, vectors = np.linalg.eigh(np.swapaxes(scaled, -1, -2) @ scaled)
    kappa = vectors[..., :, -2] / np.sqrt(_positive(ubiquity))
    regional = ratio((m @ kappa[..., :, None])[..., 0], diversity)
    weight = (diversity > 0).astype("float64")
    mean, spread = _moments(regional, weight)
    pci = ratio(kappa - mean[..., None], spread[..., None])
    if like is None:
        level, _ = _moments(diversity, weight)
        sign = (np.nan_to_num(regional - mean[..., None]) * (diversity - level[..., None])).sum(-1)
    else:
        sign = np.nansum(pci * np.nan_to_num(like), axis=-1)
    pci = pci * np.where(sign < 0, -1.0, 1.0)[..., None]
    single = (1.0 - values[..., -2] > 1e-10) & (values[..., -2] - values[..., -3] > 1e-10)
    return np.where((ubiquity > 0) & single[..., None], pci, np.nan)


def _positive(values: Floats) -> Floats:
    return np.where(values > 0, values, np.inf)


def _moments(values: Floats, weight: Floats) -> tuple[Floats, Floats]:
    n = weight.sum(axis=-1)
    filled = np.where(weight > 0, values, 0.0)
    mean = ratio(filled.sum(axis=-1), n)
    square = np.where(weight > 0, (values - mean[..., None]) ** 2, 0.0).sum(axis=-1)
    return mean, np.sqrt(ratio(square, n))
