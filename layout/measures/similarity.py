"""How alike the sector mixes of regions are, pair by pair and as a whole.

Arrays (…, regions, sectors); leading axes are resampled tables. Amounts of zero or more; a region
without any amount has no mix: NaN.
"""

from __future__ import annotations

import numpy as np

from layout.measures.tables import Floats, ratio


def mixes(amounts: Floats) -> Floats:
    """Shares of sectors in each region; NaN in an empty region."""
    return ratio(amounts, np.asarray(amounts).sum(axis=-1, keepdims=True))


def krugman_distances(amounts: Floats) -> Floats:
    r"""Krugman's index of every pair, :math:`\sum_s |a_s - b_s|`: 0 (alike) to 2 (nothing shared).

    References
    ----------
    Krugman, P. (1991). *Geography and Trade*. MIT Press.
    """
    share = mixes(amounts)
    distance: Floats = np.abs(share[..., :, None, :] - share[..., None, :, :]).sum(axis=-1)
    return distance


def cosine_similarities(amounts: Floats) -> Floats:
    r"""Cosine of the mixes of every pair, :math:`a \cdot b / |a| |b|`: 0 to 1.

    References
    ----------
    Jaffe, A. B. (1986). Technological opportunity and spillovers of R&D. *American Economic Review*
    76(5), 984–1001.
    """
    share = mixes(amounts)
    length = np.sqrt((share**2).sum(axis=-1, keepdims=True))
    unit = ratio(share, length)
    return np.asarray(np.clip(unit @ np.swapaxes(unit, -1, -2), 0.0, 1.0))


def differentiation(amounts: Floats, *, weighted: bool = False) -> Floats:
    r"""How different the regions are as a whole: mean of half the Krugman index, 0 to 1.

    .. math:: D = \sum_{a < b} w_a w_b \tfrac{1}{2} K_{ab} \Big/ \sum_{a < b} w_a w_b

    0: every region has the same mix; 1: no two regions share a sector.

    Parameters
    ----------
    amounts
        (…, regions, sectors).
    weighted
        w are the amounts of the regions; otherwise all regions count alike. Empty regions stay out.

    Returns
    -------
    ndarray
        (…); NaN where fewer than two regions have anything.
    """
    distance = krugman_distances(amounts) / 2.0
    size = np.asarray(amounts).sum(axis=-1)
    weight = size if weighted else (size > 0).astype("float64")
    pair = weight[..., :, None] * weight[..., None, :]
    upper = np.triu(np.ones(pair.shape[-2:]), k=1)
    pair = pair * upper
    total = pair.sum(axis=(-1, -2))
    return ratio((np.nan_to_num(distance) * pair).sum(axis=(-1, -2)), total)


def excess_over_mix(amounts: Floats) -> Floats:
    r"""What a region has of a sector beyond its share of the whole: :math:`x_{rs} - x_r X_s / X`.

    Unlike a quotient it is large only where there are firms to show for it.
    """
    values = np.asarray(amounts, dtype="float64")
    rows, columns = values.sum(axis=-1, keepdims=True), values.sum(axis=-2, keepdims=True)
    expected = ratio(rows * columns, columns.sum(axis=-1, keepdims=True))
    return np.asarray(values - expected)
