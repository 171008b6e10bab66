r"""Suitability of cells: criteria brought to scores from 0 to 1 and put together.

A criterion is brought to a score with bounds that are fixed by policy, never by the data in view:
bounds of the data make ranks hang on what else is looked at. Weighted sums let a good criterion
make up for a bad one; ordered averages say how far it may.

All functions take one array a criterion (same shape, float32), work through blocks that stay in the
processor's cache, and change no input. NaN is 'no data' and stays NaN: nothing is imputed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from layout.core.errors import MeasureError, raise_all
from layout.measures.suitability_kernels import add_scores, fill_scores, order_block

Values = npt.NDArray[np.float32]
Kind = Literal["score", "linear", "sigmoid", "gaussian", "classes"]

_BLOCK: Final = 1 << 15
_CODES: Final = {"score": 0, "linear": 1, "sigmoid": 2, "gaussian": 3, "classes": 4}


@dataclass(frozen=True)
class Transform:
    r"""How a value becomes a score.

    Attributes
    ----------
    kind
        ``linear``: 0 at ``low`` and below, 1 at ``high`` and above (falling where high < low).
        ``sigmoid``: logistic, 0.05 at ``low`` and 0.95 at ``high``.
        ``gaussian``: 1 at ``low``, 0.5 at ``low ± high``.
        ``classes``: ``scores[i]`` from ``edges[i-1]`` (included) to ``edges[i]`` (excluded).
        ``score``: values are scores already.
    low, high
        In the unit of the criterion.
    edges, scores
        Of classes: ascending edges, one more score than edges.
    """

    kind: Kind = "score"
    low: float = 0.0
    high: float = 1.0
    edges: tuple[float, ...] = ()
    scores: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        fault = None
        if self.kind not in _CODES:
            fault = f"kind {self.kind!r}"
        elif not (math.isfinite(self.low) and math.isfinite(self.high)):
            fault = "bounds"
        elif self.kind in ("linear", "sigmoid") and self.low == self.high:
            fault = f"low = high = {self.low:g}"
        elif self.kind == "gaussian" and self.high <= 0:
            fault = f"width {self.high:g}"
        elif self.kind == "classes" and not self._classes_fit():
            fault = f"{len(self.edges)} edges, {len(self.scores)} scores"
        if fault:
            raise MeasureError("error.transform", fault=fault)

    def _classes_fit(self) -> bool:
        ascending = all(a < b for a, b in zip(self.edges, self.edges[1:], strict=False))
        within = all(0 <= score <= 1 for score in self.scores)
        return bool(self.edges) and ascending and within and len(self.scores) == len(self.edges) + 1

    def coefficients(self) -> tuple[int, float, float, Values, Values]:
        """What the kernels take: code, two coefficients, edges and scores."""
        edges, scores = np.array(self.edges, np.float32), np.array(self.scores, np.float32)
        first, second = 0.0, 1.0
        if self.kind == "linear":
            first, second = self.low, 1.0 / (self.high - self.low)
        elif self.kind == "sigmoid":
            middle = (self.low + self.high) / 2
            first, second = middle, 2 * math.log(19.0) / (self.high - self.low)
        elif self.kind == "gaussian":
            first, second = self.low, math.log(2.0) / self.high**2
        return _CODES[self.kind], first, second, edges, scores


def score(values: npt.ArrayLike, transform: Transform) -> Values:
    """Scores of one criterion.

    Parameters
    ----------
    values
        In the unit of the transform's bounds; NaN: no data.

    Returns
    -------
    ndarray
        float32 from 0 to 1, of the shape of ``values``; NaN where values are.
    """
    given = np.ascontiguousarray(values, np.float32)
    result = np.empty(given.shape, np.float32)
    fill_scores(result.ravel(), given.ravel(), *transform.coefficients())
    return result


def weighted_sum(
    layers: Sequence[Values],
    weights: npt.ArrayLike,
    *,
    transforms: Sequence[Transform] | None = None,
    out: Values | None = None,
) -> Values:
    r"""Weighted linear combination: :math:`\sum_k w_k s_k`, weights brought to sum 1.

    Parameters
    ----------
    layers
        One array a criterion, all of one shape, float32.
    weights
        One a criterion, none negative, not all zero.
    transforms
        One a criterion; None where layers are scores already.
    out
        Where the result goes, float32, contiguous.

    Returns
    -------
    ndarray
        0 to 1; NaN where a criterion with a weight has no data.

    Raises
    ------
    MeasureError
        Shapes differ, or weights are negative, not finite or all zero.

    References
    ----------
    Malczewski, J. (2000). On the use of weighted linear combination method in GIS. *Transactions in
    GIS* 4(1), 5–22.
    """
    share = checked_weights(weights, len(layers))
    flat, result = _flat(layers, out)
    settings = [t.coefficients() for t in transforms or [Transform()] * len(layers)]
    used = [k for k in range(len(layers)) if share[k] > 0]
    target = result.ravel()
    for begin in range(0, target.size, _BLOCK):
        block = slice(begin, begin + _BLOCK)
        part = target[block]
        part.fill(0.0)
        for k in used:
            add_scores(part, flat[k][block], share[k], *settings[k])
    return result


def ordered_average(
    layers: Sequence[Values],
    weights: npt.ArrayLike,
    order: npt.ArrayLike,
    *,
    transforms: Sequence[Transform] | None = None,
    out: Values | None = None,
) -> Values:
    r"""Ordered weighted average: order weights go to the criteria by their score in the cell.

    .. math:: \frac{\sum_j u_j v_j z_{(j)}}{\sum_j u_j v_j}

    with scores :math:`z_{(1)} \ge z_{(2)} \ge \dots` of the cell, the criterion weights
    :math:`u` in the same order, and order weights :math:`v`, the first for the best score. Order
    weights (1, 0, …) take the best criterion, (0, …, 1) the worst, equal ones the weighted sum.

    Parameters
    ----------
    layers, weights, transforms, out
        As :func:`weighted_sum`. A criterion of weight zero takes no part.
    order
        One a criterion, none negative, not all zero; see :func:`order_weights`.

    Returns
    -------
    ndarray
        0 to 1; NaN where a criterion with a weight has no data.

    References
    ----------
    Yager, R. R. (1988). On ordered weighted averaging aggregation operators in multicriteria
    decisionmaking. *IEEE Trans. SMC* 18(1), 183–190. Malczewski, J. (2006). Ordered weighted
    averaging with fuzzy quantifiers. *Int. J. Applied Earth Observation* 8(4), 270–277.
    """
    share = checked_weights(weights, len(layers))
    ranks = checked_weights(order, len(layers))
    flat, result = _flat(layers, out)
    settings = [t.coefficients() for t in transforms or [Transform()] * len(layers)]
    used = [k for k in range(len(layers)) if share[k] > 0]
    if len(used) < len(layers):
        ranks = _resampled(ranks, len(used))
    target = result.ravel()
    scores = np.empty((len(used), _BLOCK), np.float32)
    for begin in range(0, target.size, _BLOCK):
        block = slice(begin, begin + _BLOCK)
        part = target[block]
        for row, k in enumerate(used):
            fill_scores(scores[row, : part.size], flat[k][block], *settings[k])
        order_block(part, scores, share[used], ranks)
    return result


def order_weights(count: int, orness: float) -> npt.NDArray[np.float64]:
    r"""Order weights with an attitude between the worst criterion (0) and the best (1).

    From the regular monotone quantifier :math:`Q(p) = p^a`, :math:`a = 1/\text{orness} - 1`:
    0.5 gives equal weights.

    Parameters
    ----------
    count
        Number of criteria.
    orness
        0 (all must be good) to 1 (one good criterion is enough).

    References
    ----------
    Yager, R. R. (1996). Quantifier guided aggregation using OWA operators. *Int. J. Intelligent
    Systems* 11(1), 49–73.
    """
    if count < 1 or not 0 <= orness <= 1:
        raise MeasureError("error.orness", count=count, orness=orness)
    weights = np.zeros(count)
    if orness in (0.0, 1.0):
        weights[0 if orness == 1.0 else -1] = 1.0
        return weights
    steps = (np.arange(count + 1) / count) ** (1.0 / orness - 1.0)
    return np.diff(steps)


def checked_weights(weights: npt.ArrayLike, count: int) -> npt.NDArray[np.float64]:
    """Weights that sum to 1.

    Raises
    ------
    MeasureError
        Their number is not ``count``, one is negative or not finite, or all are zero.
    """
    given = np.asarray(weights, dtype=np.float64)
    faults = []
    if given.shape != (count,):
        faults.append(MeasureError("error.weight_count", found=given.size, expected=count))
    elif not (np.isfinite(given).all() and (given >= 0).all()):
        faults.append(MeasureError("error.weight_range", found=str(given.tolist())))
    elif given.sum() <= 0:
        faults.append(MeasureError("error.weights_zero"))
    raise_all(faults)
    share: npt.NDArray[np.float64] = given / given.sum()
    return share


def criteria_correlation(scores: npt.NDArray[np.float32], *, most: int = 200_000) -> Values:
    """Pearson correlation of criteria over cells: what would be counted twice.

    Parameters
    ----------
    scores
        Criteria × cells.
    most
        Evenly spaced cells that are looked at.

    Returns
    -------
    ndarray
        Criteria × criteria; NaN for criteria that do not vary.
    """
    step = max(1, scores.shape[1] // most)
    sample = scores[:, ::step].astype(np.float64)
    sample = sample[:, ~np.isnan(sample).any(axis=0)]
    count = scores.shape[0]
    if sample.shape[1] < 2:
        return np.full((count, count), np.nan, np.float32)
    centred = sample - sample.mean(axis=1, keepdims=True)
    spread = np.sqrt((centred**2).sum(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        table = (centred @ centred.T) / np.outer(spread, spread)
    return np.where(np.outer(spread, spread) > 1e-12, table, np.nan).astype(np.float32)


def _flat(layers: Sequence[Values], out: Values | None) -> tuple[list[Values], Values]:
    if not layers:
        raise MeasureError("error.no_criteria")
    shape = layers[0].shape
    if any(layer.shape != shape for layer in layers):
        raise MeasureError("error.criteria_shapes", found=str([layer.shape for layer in layers]))
    result = np.empty(shape, np.float32) if out is None else out
    if result.shape != shape or result.dtype != np.float32 or not result.flags.c_contiguous:
        raise MeasureError("error.criteria_shapes", found=str([shape, result.shape]))
    return [np.ascontiguousarray(layer, np.float32).ravel() for layer in layers], result


def _resampled(order: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.float64]:
    """Order weights for fewer criteria, of the same attitude: their cumulative curve is kept."""
    curve = np.concatenate([[0.0], np.cumsum(order)])
    at = np.interp(np.arange(count + 1) / count, np.arange(order.size + 1) / order.size, curve)
    return np.diff(at)
