"""How sure a choice is: weights shaken, shortlist and allocation redone; and the Pareto front."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core.errors import MeasureError
from layout.measures.location_kernels import Floats, Ints


def weight_draws(weights: Sequence[float], *, draws: int, spread: float, seed: int) -> Floats:
    r"""Weights around the set ones that sum to 1, draws × criteria.

    Dirichlet with parameters :math:`w_k / s`: the mean is the weights, and the standard deviation
    of each is :math:`\sqrt{w_k (1 - w_k) s / (1 + s)}`. A weight of zero stays zero.

    Parameters
    ----------
    weights
        Zero or more, not all zero; scaled to sum 1.
    draws
        How many.
    spread
        s, above zero: 0.02 moves a weight of 0.25 by about 0.06.
    seed
        Of the draws.

    Raises
    ------
    MeasureError
        A weight is negative or not finite, all are zero, or the spread is not above zero.
    """
    given = np.asarray(weights, dtype="float64")
    fine = given.size and np.isfinite(given).all() and (given >= 0).all() and given.sum() > 0
    if not fine or not spread > 0:
        raise MeasureError("error.stability_weights")
    share = given / given.sum()
    used = share > 0
    drawn = np.zeros((draws, given.size))
    drawn[:, used] = np.random.default_rng(seed).dirichlet(share[used] / spread, size=draws)
    return drawn


def inclusion(
    scores: npt.ArrayLike,
    draws: Floats,
    *,
    shortlist: int,
    choose: Callable[[Ints], Sequence[int]],
) -> pd.DataFrame:
    """How often each site is shortlisted and chosen when the weights are shaken.

    Parameters
    ----------
    scores
        Sites × criteria, larger is better, finite.
    draws
        Draws × criteria, as :func:`weight_draws` gives them.
    shortlist
        Sites that are shortlisted, those of highest weighted score (the first of equals).
    choose
        Takes the rows of a shortlist (ascending) and gives the chosen ones: any location model.

    Returns
    -------
    DataFrame
        One row a site: ``shortlisted`` and ``chosen`` (shares of the draws), ``rank_mean``,
        ``rank_low`` and ``rank_high`` (5 % and 95 % of the draws; 1 is best).
    """
    table = np.asarray(scores, dtype="float64")
    if table.ndim != 2 or not np.isfinite(table).all() or table.shape[1] != draws.shape[1]:
        raise MeasureError("error.stability_scores")
    order = np.argsort(-(table @ draws.T), axis=0, kind="stable")
    rank = np.argsort(order, axis=0, kind="stable") + 1
    lists = np.sort(order[:shortlist], axis=0).T
    distinct, of = np.unique(lists, axis=0, return_inverse=True)
    times = np.bincount(of.ravel(), minlength=len(distinct))
    listed, chosen = np.zeros(len(table)), np.zeros(len(table))
    for rows, count in zip(distinct, times, strict=True):
        listed[rows] += count
        chosen[np.asarray(choose(rows), dtype=np.int64)] += count
    return pd.DataFrame(
        {
            "shortlisted": listed / len(draws),
            "chosen": chosen / len(draws),
            "rank_mean": rank.mean(axis=1),
            "rank_low": np.quantile(rank, 0.05, axis=1),
            "rank_high": np.quantile(rank, 0.95, axis=1),
        }
    )


def pareto_front(values: npt.ArrayLike, better: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Which sites no other site beats: as good in everything and better in something.

    Parameters
    ----------
    values
        Sites × objectives; a site with a missing value is not compared and not on the front.
    better
        ``"low"`` or ``"high"`` for each objective.
    """
    table = np.asarray(values, dtype="float64")
    if table.ndim != 2 or table.shape[1] != len(better) or set(better) - {"low", "high"}:
        raise MeasureError("error.stability_scores")
    loss = table * np.where(np.array(better) == "low", 1.0, -1.0)
    known = ~np.isnan(loss).any(axis=1)
    front = np.array(known)
    for i in np.flatnonzero(known):
        other = loss[known]
        beaten = (other <= loss[i]).all(axis=1) & (other < loss[i]).any(axis=1)
        front[i] = not beaten.any()
    return np.asarray(front, dtype=np.bool_)
