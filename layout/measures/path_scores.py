"""Scores of several directions from a few indicators, and how firmly the largest one leads.

Arrays have the shape (…, units, indicators): leading axes are draws of weights or of firms, so that
a thousand variants are one call. An indicator that is unknown (NaN) for a unit stays out of that
unit's score, and the weights of the others are scaled up to their sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from layout.core.errors import MeasureError
from layout.measures.tables import Floats, option, ratio

Method = Literal["minmax", "zscore", "rank"]
METHODS: Final = ("minmax", "zscore", "rank")
MIXED: Final = -1
"""Place of the leading direction where none leads by the margin."""


@dataclass(frozen=True)
class Leading:
    """Which direction leads.

    Attributes
    ----------
    first, second
        Places of the largest and the second score; shape (…, units). -1 where there is none.
    margin
        The difference of the two, NaN where fewer than two scores are known.
    assigned
        ``first``, or ``MIXED`` where the margin is smaller than asked for.
    """

    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    margin: Floats
    assigned: npt.NDArray[np.int64]


def normalise(values: Floats, *, method: Method = "minmax") -> Floats:
    r"""Indicators on one scale, over the units (the axis before the last), mostly 0 to 1.

    - ``minmax``: :math:`(x - \min) / (\max - \min)`
    - ``zscore``: :math:`1 / (1 + e^{-z})` of the standard score with the population deviation,
      so that one outlier does not press the others together
    - ``rank``: mean rank from 0 (smallest) to 1 (largest)

    An indicator that is the same for all units, or known for fewer than two, says nothing: NaN.

    References
    ----------
    OECD & JRC (2008). *Handbook on Constructing Composite Indicators*. OECD Publishing, ch. 5.
    """
    option("method", method, METHODS)
    x = np.asarray(values, dtype="float64")
    known = np.isfinite(x)
    low = np.where(known, x, np.inf).min(axis=-2, keepdims=True, initial=np.inf)
    high = np.where(known, x, -np.inf).max(axis=-2, keepdims=True, initial=-np.inf)
    flat = ~(high > low)
    if method == "minmax":
        result = ratio(x - low, high - low)
    elif method == "zscore":
        n = known.sum(axis=-2, keepdims=True)
        mean = ratio(np.where(known, x, 0.0).sum(axis=-2, keepdims=True), n)
        spread = ratio(np.where(known, (x - mean) ** 2, 0.0).sum(axis=-2, keepdims=True), n)
        result = 1.0 / (1.0 + np.exp(-ratio(x - mean, np.sqrt(spread))))
    else:
        result = _mean_ranks(x, known)
    return np.where(known & ~flat, result, np.nan)


def _mean_ranks(x: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    one, other = x[..., :, None, :], x[..., None, :, :]
    both = known[..., :, None, :] & known[..., None, :, :]
    below = (both & (other < one)).sum(axis=-2)
    level = (both & (other == one)).sum(axis=-2)
    n = known.sum(axis=-2, keepdims=True)
    return ratio(below + (level - 1) / 2.0, n - 1)


def composite(normalised: Floats, weights: Floats, groups: Sequence[int]) -> Floats:
    r"""Weighted mean of the indicators of each direction.

    .. math:: s_p = \sum_{i \in p} w_i x_i \Big/ \sum_{i \in p} w_i

    Parameters
    ----------
    normalised
        (…, units, indicators), NaN where unknown.
    weights
        (…, indicators), zero or more.
    groups
        Direction of each indicator: 0, 1, ….

    Returns
    -------
    ndarray
        (…, units, directions); NaN where no indicator with a weight is known.

    Raises
    ------
    MeasureError
        A weight is negative or not finite, or the lengths differ.
    """
    x, w = np.asarray(normalised, "float64"), np.asarray(weights, "float64")
    if x.shape[-1] != w.shape[-1] or x.shape[-1] != len(groups):
        raise MeasureError(
            "error.measure_lengths", what="weights", found=w.shape[-1], expected=x.shape[-1]
        )
    if not (np.isfinite(w) & (w >= 0)).all():
        raise MeasureError(
            "error.measure_amounts", measure="weights",
            count=int((~(np.isfinite(w) & (w >= 0))).sum()), first=float(w.min()),
        )  # fmt: skip
    member = np.equal.outer(np.asarray(groups), np.arange(max(groups) + 1)).astype("float64")
    each = w[..., None, :] * np.isfinite(x)
    return ratio((each * np.nan_to_num(x)) @ member, each @ member)


def leading(scores: Floats, *, margin: float = 0.0) -> Leading:
    """The largest score of every unit, and whether it leads by at least ``margin``.

    Parameters
    ----------
    scores
        (…, units, directions), NaN where unknown.
    margin
        Least difference to the second score.
    """
    filled = np.where(np.isfinite(scores), scores, -np.inf)
    order = np.argsort(-filled, axis=-1, kind="stable")
    first, second = order[..., 0], order[..., 1]
    top = np.take_along_axis(filled, order[..., :2], axis=-1)
    with np.errstate(invalid="ignore"):
        gap = top[..., 0] - top[..., 1]
    known = np.isfinite(top)
    gap = np.where(known.all(axis=-1), gap, np.nan)
    first = np.where(known[..., 0], first, MIXED)
    second = np.where(known[..., 1], second, MIXED)
    # 0.58 - 0.48 is a hair less than 0.1: no reason to call it mixed
    clear = np.nan_to_num(gap, nan=-1.0) >= margin - 1e-12
    return Leading(first, second, gap, np.where(clear, first, MIXED))


def dirichlet_around(
    weights: Floats, *, concentration: float, draws: int, rng: np.random.Generator
) -> Floats:
    r"""Weights drawn around the set ones: Dirichlet with mean w and concentration a.

    .. math:: w^{(b)} \sim \mathrm{Dir}(a w), \quad
        \mathrm{sd}(w_i) = \sqrt{w_i (1 - w_i) / (a + 1)}

    Parameters
    ----------
    weights
        (…, n), each last axis summing to more than 0; it is scaled to 1. A weight of 0 stays 0.
    concentration
        a: 50 shakes a weight of 0.3 by about a fifth of itself.
    draws
        Number of draws.
    rng
        Source of chance.

    Returns
    -------
    ndarray
        (draws, …, n), each last axis summing to 1.

    References
    ----------
    Saisana, M., Saltelli, A., & Tarantola, S. (2005). Uncertainty and sensitivity analysis
    techniques as tools for the quality assessment of composite indicators. *JRSS A* 168(2),
    307–323.
    """
    w = np.asarray(weights, dtype="float64")
    shares = ratio(w, w.sum(axis=-1, keepdims=True))
    shape = np.broadcast_to(concentration * shares, (draws, *w.shape))
    gamma = np.where(shape > 0, rng.standard_gamma(np.maximum(shape, 1e-12)), 0.0)
    return ratio(gamma, gamma.sum(axis=-1, keepdims=True))


def prior_weighted(quotients: Floats, priors: Floats) -> Floats:
    r"""Mean location quotient of a unit in each direction, sectors weighted by their priors.

    .. math:: q_{rp} = \sum_s \pi_{sp}\, LQ_{rs} \Big/ \sum_s \pi_{sp}

    Parameters
    ----------
    quotients
        (…, units, sectors); a sector without a quotient (NaN) stays out.
    priors
        (…, sectors, directions), zero or more.

    Returns
    -------
    ndarray
        (…, units, directions).
    """
    known = np.isfinite(quotients)
    return ratio(np.nan_to_num(quotients) @ priors, known.astype("float64") @ priors)


def shares_of(assigned: npt.NDArray[np.int64], choices: int) -> Floats:
    """Share of draws in which each unit falls to each direction; shape (units, choices)."""
    hits = assigned[..., None] == np.arange(choices)
    shares: Floats = hits.reshape(-1, *hits.shape[-2:]).mean(axis=0)
    return shares
