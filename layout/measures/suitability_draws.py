"""How sure a choice is where weights are not: weights are drawn, and what stays best is counted.

Weights of criteria are judgements. Drawn from a Dirichlet distribution about the given ones they
show which cells and sites are good whatever the weights and which hang on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from layout.core.errors import MeasureError
from layout.core.progress import tell
from layout.measures.suitability_kernels import count_at_least, gather_bin, histogram

Floats = npt.NDArray[np.float64]

_BINS: Final = 1 << 14
_BATCH: Final = 4


def best_share_probability(
    scores: npt.NDArray[np.float32], drawn: Floats, *, share: float = 0.05
) -> npt.NDArray[np.float32]:
    """In how many draws each cell is among the best ``share`` of cells.

    Parameters
    ----------
    scores
        Criteria × cells, 0 to 1, no NaN (leave cells without data out).
    drawn
        Draws × criteria, from :func:`layout.measures.multicriteria.weight_draws`; at most 65,535
        rows.
    share
        0 to 1. The threshold of a draw is its k-th best score, k the share of the cells rounded up;
        cells that tie with it are in.

    Returns
    -------
    ndarray
        0 to 1, one a cell.

    Raises
    ------
    MeasureError
        Shapes do not fit, or the share is not within (0, 1].
    """
    criteria, cells = scores.shape
    if drawn.ndim != 2 or drawn.shape[1] != criteria or not 0 < share <= 1:
        raise MeasureError("error.draw_shapes", criteria=criteria, found=drawn.shape, share=share)
    counts = np.zeros(cells, np.uint16)
    if cells == 0:
        return counts.astype(np.float32)
    wanted = int(np.ceil(share * cells - 1e-9))
    weights = drawn.astype(np.float32)
    sums = np.empty((_BATCH, cells), np.float32)
    spare = np.empty(cells, np.float32)
    for begin in range(0, len(weights), _BATCH):
        part = weights[begin : begin + _BATCH]
        block = sums[: len(part)]
        np.matmul(part, scores, out=block)
        for row in block:
            count_at_least(row, kth_best(row, wanted, spare), counts)
        tell("siting_draws", None)
    return counts.astype(np.float32) / np.float32(len(weights))


def kth_best(scores: npt.NDArray[np.float32], k: int, spare: npt.NDArray[np.float32]) -> np.float32:
    """The k-th largest score (1: the largest), exactly, without sorting all.

    Parameters
    ----------
    scores
        0 to 1.
    k
        1 to the number of scores.
    spare
        Working room as long as ``scores``.
    """
    counts = np.zeros(_BINS, np.int64)
    histogram(scores, _BINS, counts)
    from_top = np.cumsum(counts[::-1])
    at = int(np.searchsorted(from_top, k))
    above = int(from_top[at - 1]) if at else 0
    found = gather_bin(scores, _BINS, _BINS - 1 - at, spare)
    held = spare[:found]
    place = found - (k - above)
    return np.float32(np.partition(held, place)[place])


@dataclass(frozen=True)
class Acceptability:
    """How often sites take each rank over draws of weights.

    Attributes
    ----------
    ranks
        Sites × ranks, share of draws; rows sum to 1.
    in_best
        Share of draws in which a site is among the best k.
    central_weights
        Sites × criteria: the mean weights of the draws in which a site is first; NaN where never.
    mean_rank
        1 is best.
    """

    ranks: Floats
    in_best: Floats
    central_weights: Floats
    mean_rank: Floats


def rank_acceptability(scores: npt.ArrayLike, drawn: Floats, *, best: int = 5) -> Acceptability:
    """Rank acceptability of sites (SMAA-2 with drawn weights).

    Parameters
    ----------
    scores
        Sites × criteria, 0 to 1, no NaN.
    drawn
        Draws × criteria.
    best
        The k of ``in_best``.

    References
    ----------
    Lahdelma, R., & Salminen, P. (2001). SMAA-2: stochastic multicriteria acceptability analysis for
    group decision making. *Operations Research* 49(3), 444–454.
    """
    table = np.asarray(scores, dtype=np.float64)
    if table.ndim != 2 or drawn.shape[1] != table.shape[1] or np.isnan(table).any():
        raise MeasureError(
            "error.draw_shapes", criteria=table.shape[-1], found=drawn.shape, share=1.0
        )
    sites, draws = len(table), len(drawn)
    order = np.argsort(-(drawn @ table.T), axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(sites)[None, :].repeat(draws, 0), axis=1)
    ranks = np.zeros((sites, sites))
    for site in range(sites):
        ranks[site] = np.bincount(rank[:, site], minlength=sites) / draws
    central = np.full((sites, drawn.shape[1]), np.nan)
    for site in np.unique(order[:, 0]):
        central[site] = drawn[order[:, 0] == site].mean(axis=0)
    return Acceptability(ranks, (rank < best).mean(axis=0), central, rank.mean(axis=0) + 1)
