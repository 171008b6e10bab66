r"""Bands of simulated curves: pointwise, and global ones that hold their level as a whole.

A 95 % band at each radius is left somewhere by a third of random patterns. The global band is that
of the extreme rank length test: curves are ordered by their most extreme pointwise ranks (then the
second most extreme, and so on); the least extreme 95 % of observed and simulated curves span the
band, and the share of curves at least as extreme as the observed one is the p-value. The observed
curve leaves the band if, and only if, p is at most alpha (up to ties).

References
----------
Myllymäki, M., Mrkvička, T., Grabarnik, P., Seijo, H., & Hahn, U. (2017). Global envelope tests for
spatial processes. *Journal of the Royal Statistical Society B* 79(2), 381–404. Duranton, G., &
Overman, H. G. (2005). Testing for localization using micro-geographic data. *Review of Economic
Studies* 72(4), 1077–1106.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core import measure_columns as names
from layout.measures.nulls import Simulation
from layout.measures.undefined import Reasons, mark, where

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

UNDEFINED_CURVE: Final = "undefined.no_neighbour_within"


@dataclass(frozen=True)
class Envelope:
    """An observed curve among simulated ones.

    Attributes
    ----------
    frame
        By radius: ``observed``, ``mean`` (of simulations), ``low_local``, ``high_local``,
        ``low_global``, ``high_global``, ``clustered``, ``dispersed`` (outside the global band).
        Radii at which a curve is undefined are NaN, with the reason, and take no part in the test.
    p
        Of the two-sided global test.
    p_clustered, p_dispersed
        Of the one-sided global tests, that the curve is too high, or too low, somewhere.
    simulation
        How it was simulated.
    missing
        Firms left out as their weight is unknown.
    undefined
        Reason (key of the text catalogue) where there is no test.
    """

    frame: pd.DataFrame
    p: float
    p_clustered: float
    p_dispersed: float
    simulation: Simulation
    missing: int = 0
    undefined: str | None = None


def envelope(
    observed: pd.Series, simulated: Floats, simulation: Simulation, reason: str | None = None
) -> Envelope:
    """Bands and p-values of an observed curve.

    Parameters
    ----------
    observed
        By radius; ``attrs["missing"]`` is handed on.
    simulated
        ``(simulations, radii)``.
    simulation
        Its ``alpha`` is the level.
    reason
        Why there is no curve; then there are no bands.
    """
    curve = observed.to_numpy(dtype="float64")
    known = ~(np.isnan(curve) | np.isnan(simulated).any(axis=0))
    if reason is not None or not known.any() or not len(simulated):
        known = np.zeros(curve.size, dtype=bool)
        reason = reason or UNDEFINED_CURVE
    bands = np.full((5, curve.size), np.nan)
    p = np.full(3, np.nan)
    if known.any():
        bands[:, known], p = _bands(curve[known], simulated[:, known], simulation.alpha)
    columns = (
        names.MEAN,
        names.LOW_LOCAL,
        names.HIGH_LOCAL,
        names.LOW_GLOBAL,
        names.HIGH_GLOBAL,
    )
    frame = pd.DataFrame(dict(zip(columns, bands, strict=True)), index=observed.index)
    frame.insert(0, names.OBSERVED, curve)
    frame[names.CLUSTERED] = curve > bands[4]
    frame[names.DISPERSED] = curve < bands[3]
    reasons: Reasons = where(frame.index, ~known, reason or UNDEFINED_CURVE)
    return Envelope(
        frame=mark(frame, reasons),
        p=float(p[0]),
        p_clustered=float(p[1]),
        p_dispersed=float(p[2]),
        simulation=simulation,
        missing=int(observed.attrs.get("missing", 0)),
        undefined=reason,
    )


def extreme_rank_p(observed: Floats, simulated: Floats, tail: str = "both") -> tuple[float, Floats]:
    """p-value of the extreme rank length test, and each curve's measure (the observed one first).

    Parameters
    ----------
    observed, simulated
        ``(radii,)`` and ``(simulations, radii)``, without NaN.
    tail
        ``"both"``, ``"high"`` or ``"low"``: which values are extreme.

    Returns
    -------
    tuple
        p, and the share of curves that are at least as extreme as each.
    """
    curves = np.vstack([observed, simulated])
    ranks = np.sort(_extremeness(curves, tail), axis=1)
    order = np.lexsort(ranks.T[::-1])
    ordered = ranks[order]
    changes = np.append((ordered[1:] != ordered[:-1]).any(axis=1), True)
    last = np.flatnonzero(changes)  # of each group of equally extreme curves
    measure = np.empty(len(curves))
    measure[order] = (last[np.searchsorted(last, np.arange(len(curves)))] + 1) / len(curves)
    return float(measure[0]), measure


def _bands(curve: Floats, simulated: Floats, alpha: float) -> tuple[Floats, Floats]:
    p, measure = extreme_rank_p(curve, simulated)
    inside = measure > alpha
    kept = np.vstack([curve, simulated])[inside]
    place = max(1, int(np.floor(alpha / 2 * (len(simulated) + 1))))
    ordered = np.sort(simulated, axis=0)
    bands = np.vstack(
        [
            simulated.mean(axis=0),
            ordered[place - 1],
            ordered[-place],
            kept.min(axis=0) if inside.any() else curve,
            kept.max(axis=0) if inside.any() else curve,
        ]
    )
    sides = [extreme_rank_p(curve, simulated, tail)[0] for tail in ("high", "low")]
    return bands, np.array([p, *sides])


def _extremeness(curves: Floats, tail: str) -> Floats:
    """Pointwise ranks from the outside, 1 being the most extreme; ties share the middle rank."""
    low = _mid_ranks(curves)
    high = len(curves) + 1 - low
    if tail == "both":
        return np.minimum(low, high)
    return high if tail == "high" else low


def _mid_ranks(curves: Floats) -> Floats:
    ranks = np.empty_like(curves)
    for column in range(curves.shape[1]):
        ordered = np.sort(curves[:, column])
        first = np.searchsorted(ordered, curves[:, column], side="left")
        after = np.searchsorted(ordered, curves[:, column], side="right")
        ranks[:, column] = (first + after + 1) / 2
    return ranks
