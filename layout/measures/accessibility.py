"""How well places can reach facilities that others want too: floating catchments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from layout.core.errors import MeasureError, raise_all
from layout.measures.location_kernels import Floats

DECAYS: Final = ("bands", "gaussian", "step")


class Catchment(NamedTuple):
    """How facilities lose weight with distance.

    Attributes
    ----------
    edges
        Outer edges of the distance bands, ascending, in the unit of the distances. The last one
        is the reach.
    decay
        ``bands``: the weights below by band. ``gaussian``: from 1 at distance 0 to 0 at the
        reach. ``step``: 1 within the reach.
    weights
        Weight of each band, descending; for ``bands`` only.
    """

    edges: tuple[float, ...]
    decay: str = "bands"
    weights: tuple[float, ...] = (1.0, 0.68, 0.22)


def decay_weights(distance: Any, catchment: Catchment) -> Floats:
    r"""Weight of every distance.

    Bands: the weight of the band a distance falls in (edges belong to the inner band), 0 beyond
    the last. Gaussian, with reach :math:`d_0`:

    .. math:: W(d) = \frac{e^{-\frac12 (d/d_0)^2} - e^{-\frac12}}{1 - e^{-\frac12}},\; d \le d_0

    Raises
    ------
    MeasureError
        Edges do not ascend, weights do not descend from 1 at most, or a distance is not known.

    References
    ----------
    Luo, W., & Qi, Y. (2009), as in :func:`two_step_catchment`; their slow decay of three bands is
    1, 0.68, 0.22. Dai, D. (2010). Black residential segregation, disparities in spatial access to
    health care facilities, and late-stage breast cancer diagnosis. *Health & Place* 16(5),
    1038–1052.
    """
    d = np.asarray(distance, dtype="float64")
    edges = np.asarray(catchment.edges, dtype="float64")
    _require(d, edges, catchment)
    reach = float(edges[-1])
    if catchment.decay == "step":
        return np.asarray((d <= reach).astype(np.float64))
    if catchment.decay == "gaussian":
        end = np.exp(-0.5)
        curve = (np.exp(-0.5 * (d / reach) ** 2) - end) / (1 - end)
        return np.asarray(np.where(d <= reach, np.maximum(curve, 0.0), 0.0))
    steps = np.append(np.asarray(catchment.weights, dtype="float64"), 0.0)
    return np.asarray(steps[np.searchsorted(edges, d, side="left")])


def two_step_catchment(
    distance: Any, demand: Any, supply: Any, catchment: Catchment
) -> tuple[Floats, pd.Series]:
    r"""Accessibility by the enhanced two-step floating catchment area method.

    .. math:: R_j = \frac{S_j}{\sum_i D_i W(d_{ij})}, \qquad A_i = \sum_j R_j W(d_{ij})

    Parameters
    ----------
    distance
        Places × facilities.
    demand
        D, one a place, zero or more.
    supply
        S, one a facility, zero or more.
    catchment
        W.

    Returns
    -------
    tuple
        A of every place: supply a unit of demand; 0 where no facility is within reach; and R of
        every facility, NaN where no demand is within its reach. Over places,
        :math:`\sum_i D_i A_i` is the supply of the facilities that reach demand.

    Raises
    ------
    MeasureError
        As :func:`decay_weights`; demand or supply are negative, unknown or of other lengths.

    References
    ----------
    Luo, W., & Qi, Y. (2009). An enhanced two-step floating catchment area (E2SFCA) method for
    measuring spatial accessibility to primary care physicians. *Health & Place* 15(4), 1100–1107.
    """
    weights = decay_weights(distance, catchment)
    wanted, offered = (np.asarray(part, dtype="float64") for part in (demand, supply))
    faults = [
        MeasureError("error.measure_lengths", what=what, found=part.size, expected=size)
        for what, part, size in (
            ("demand", wanted, weights.shape[0]),
            ("supply", offered, weights.shape[1]),
        )
        if part.shape != (size,)
    ]
    raise_all(faults)
    for part in (wanted, offered):
        if not (np.isfinite(part) & (part >= 0)).all():
            raise MeasureError("error.access_amounts")
    load = wanted @ weights
    ratio = np.full(offered.size, np.nan)
    np.divide(offered, load, out=ratio, where=load > 0)
    return np.asarray(weights @ np.nan_to_num(ratio)), pd.Series(ratio, name="ratio")


def in_bands(distance: Any, demand: Any, edges: Sequence[float]) -> pd.DataFrame:
    """How much demand has its nearest facility in each band of distance.

    Parameters
    ----------
    distance
        Places × facilities; without facilities everything is beyond.
    demand
        One a place.
    edges
        Outer edges, ascending; an edge belongs to the inner band.

    Returns
    -------
    DataFrame
        Rows: the bands and what lies beyond; ``band_from``, ``band_to`` (infinite for the last),
        ``demand`` and ``share`` (NaN where there is no demand at all).
    """
    d, wanted = np.asarray(distance, dtype="float64"), np.asarray(demand, dtype="float64")
    outer = np.asarray(edges, dtype="float64")
    nearest = d.min(axis=1, initial=np.inf)
    band = np.searchsorted(outer, nearest, side="left")
    amount = np.bincount(band, wanted, minlength=outer.size + 1)
    total = amount.sum()
    return pd.DataFrame(
        {
            "band_from": np.append(0.0, outer),
            "band_to": np.append(outer, np.inf),
            "demand": amount,
            "share": amount / total if total > 0 else np.full(amount.size, np.nan),
        }
    )


def _require(d: Floats, edges: Floats, catchment: Catchment) -> None:
    faults = []
    fine = edges.size and np.isfinite(edges).all() and edges[0] > 0
    if not fine or (np.diff(edges) <= 0).any():
        faults.append(MeasureError("error.access_edges", found=str(catchment.edges)))
    if catchment.decay not in DECAYS:
        faults.append(
            MeasureError("error.access_decay", found=catchment.decay, known=", ".join(DECAYS))
        )
    weights = np.asarray(catchment.weights, dtype="float64")
    if catchment.decay == "bands" and not (
        weights.shape == edges.shape
        and ((weights > 0) & (weights <= 1)).all()
        and (np.diff(weights) <= 0).all()
    ):
        faults.append(MeasureError("error.access_weights", bands=edges.size))
    if d.ndim != 2 or np.isnan(d).any() or (d < 0).any():
        faults.append(MeasureError("error.access_distance"))
    raise_all(faults)
