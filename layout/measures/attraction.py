r"""Which sectors attract or repel each other: M of every pair at one distance, with its chance.

For firms i of the source sector A and targets j of B,

.. math:: M_{AB}(r) = \sum_{j \in B} v_j \Big/ \sum_{i \in A} \frac{W_B}{W - 1}, \quad
    v_j = \sum_{i \in A,\, d_{ij} \le r} \frac{1}{W(i, r)}

with W(i, r) the firms within r of i, i itself left out, and i without any neighbour left out of
both sums: the cross function of Marcon and Puech, firms by number. It is a sum over the target's
firms, so that labelling them anew costs one sum.

References
----------
Marcon, E., & Puech, F. (2010), as in :mod:`layout.measures.marcon_puech`.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core import measure_columns as names
from layout.measures.neighbourhoods import Neighbourhoods, neighbourhoods
from layout.measures.nulls import Simulation
from layout.measures.points import same_length
from layout.measures.significance import adjust_fdr, two_sided_p
from layout.measures.tables import ratio
from layout.measures.undefined import Reasons, mark, where

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def m_pairs(
    points: Any,
    codes: Any,
    *,
    labels: tuple[str, ...],
    reach_m: float = 500.0,
    simulation: Simulation | None = None,
) -> pd.DataFrame:
    """M of every ordered pair of sectors at one distance, tested by labelling the target anew.

    The null keeps the source sector and deals the target's label among all other firms, as
    :func:`layout.measures.point_patterns.m_cross_envelope`.

    Parameters
    ----------
    points
        All firms, metres, or their :class:`~layout.measures.neighbourhoods.Neighbourhoods` (then
        ``reach_m`` is theirs).
    codes
        Position of each firm's sector in ``labels``; -1 for firms of none, which count as
        neighbours only.
    labels
        The sectors.
    reach_m
        Distance in metres; a neighbour at exactly the distance counts.
    simulation
        Number and seed of simulations; None: 499.

    Returns
    -------
    DataFrame
        Indexed by (source, target): ``m``, ``p_sim`` (two-sided; not for a sector with itself, see
        :func:`layout.measures.point_patterns.m_envelope`) and ``q`` (Benjamini–Hochberg over all
        pairs). NaN with the reason where a sector is empty or has no neighbour.

    Raises
    ------
    MeasureError
        Points in degrees, a reach that is not positive, or lengths that differ.
    """
    how = Simulation(simulations=499) if simulation is None else simulation
    places = points if isinstance(points, Neighbourhoods) else neighbourhoods(points, reach_m)
    sector = np.asarray(codes, dtype=np.int64)
    same_length(sector, places.firms, "codes")
    number = len(labels)
    counts = np.stack([places.counts(np.flatnonzero(sector == s)) for s in range(number)])
    value, p = np.full((number, number), np.nan), np.full((number, number), np.nan)
    for source in range(number):
        pull = _pulls(places, counts[source])
        value[source] = _row(places, counts, source, pull)
        p[source] = _p_values(places, sector, source, pull, number, how)
    p[np.isnan(value)] = np.nan
    index = pd.MultiIndex.from_product([labels, labels], names=[names.SOURCE, names.TARGET])
    frame = pd.DataFrame({names.M: value.ravel(), names.P_SIM: p.ravel()}, index=index)
    frame[names.Q] = adjust_fdr(frame[names.P_SIM])
    empty = counts.sum(axis=1) == 0
    reasons: Reasons = where(
        index, (empty[:, None] | empty[None, :]).ravel(), "undefined.no_points"
    )
    reasons = where(index, np.isnan(value).ravel(), "undefined.no_neighbour_within", reasons)
    return mark(frame, reasons)


def _pulls(places: Neighbourhoods, source: Ints) -> Floats:
    """V of a firm at every place: the weights of source firms within reach, itself included."""
    others = places.around - 1
    weight = np.where(others > 0, source / np.maximum(others, 1), 0.0)
    return np.asarray(_spread(places.start, places.other, weight))


def _row(places: Neighbourhoods, counts: Ints, source: int, pull: Floats) -> Floats:
    """M of the source with every target."""
    others = places.around - 1
    counted = int(counts[source][others > 0].sum())
    top = counts @ pull
    # a source firm is no neighbour of itself
    own = np.where(others > 0, counts[source] / np.maximum(others, 1), 0.0).sum()
    target = counts.sum(axis=1).astype("float64")
    top[source] -= own
    target[source] -= 1.0
    base = counted * ratio(np.maximum(target, 0.0), places.firms - 1)
    return np.where(target > 0, ratio(top, base), np.nan)


def _p_values(
    places: Neighbourhoods, sector: Ints, source: int, pull: Floats, number: int, how: Simulation
) -> Floats:
    """Two-sided p of the sum of pulls over every other target."""
    others = np.flatnonzero(sector != source)
    pulls = pull[places.of[others]]
    targets = sector[others]
    sizes = np.bincount(targets[targets >= 0], minlength=number)
    observed = np.bincount(targets[targets >= 0], pulls[targets >= 0], minlength=number)
    ends = np.cumsum(sizes)
    below, above = np.zeros(number), np.zeros(number)
    tolerance = 1e-9 * np.maximum(observed, 1e-300)
    for at in range(how.simulations):
        rng = how.generator(at * number + source)
        dealt = rng.permutation(pulls)[: ends[-1]]
        total = np.concatenate([[0.0], np.cumsum(dealt)])
        simulated = total[ends] - total[ends - sizes]
        below += simulated <= observed + tolerance
        above += simulated >= observed - tolerance
    p = two_sided_p(below, above, how.simulations)
    p[source] = np.nan
    return p


@numba.njit(cache=True, nogil=True)
def _spread(start, other, weight):  # type: ignore[no-untyped-def]
    """Sum of weights over every place's neighbours, its own included."""
    sums = np.zeros(weight.size)
    for i in range(weight.size):
        if weight[i] != 0.0:
            for at in range(start[i], start[i + 1]):
                sums[other[at]] += weight[i]
    return sums
