"""How measured signal follows an estimate: offset, slope, and what they leave unexplained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from layout.core.errors import MeasureError

FEWEST: Final = 10
"""Points from which on a line is fitted."""


@dataclass(frozen=True)
class SignalFit:
    """measured ≈ offset + slope · estimated, by least squares.

    Attributes
    ----------
    points
        Points that were used.
    offset
        dB, at an estimate of 0 dBm.
    slope
        1 where the measured levels fall as the estimate does.
    bias
        Mean of measured less estimated, dB, before the fit.
    before, after
        Root of the mean squared difference before the fit, and of the residual after it, dB.
    correlation
        Of measured and estimated levels.
    """

    points: int
    offset: float
    slope: float
    bias: float
    before: float
    after: float
    correlation: float


def fit_signal(measured_dbm: npt.ArrayLike, estimated_dbm: npt.ArrayLike) -> SignalFit:
    """Fit measured to estimated levels; points where either is unknown are left out.

    Raises
    ------
    MeasureError
        Fewer than 10 points, estimates that do not differ, or levels that fall where the estimate
        rises: such data cannot correct a model.
    """
    measured = np.asarray(measured_dbm, dtype=np.float64)
    estimated = np.asarray(estimated_dbm, dtype=np.float64)
    both = np.isfinite(measured) & np.isfinite(estimated)
    y, x = measured[both], estimated[both]
    if len(x) < FEWEST or float(x.std()) == 0.0:
        raise MeasureError("error.signal_points", found=len(x), least=FEWEST)
    slope = float(np.cov(x, y, bias=True)[0, 1] / x.var())
    if slope <= 0:
        raise MeasureError("error.signal_slope", slope=f"{slope:.2f}")
    offset = float(y.mean() - slope * x.mean())
    residual = y - offset - slope * x
    spread = float(y.std())
    return SignalFit(
        points=len(x),
        offset=offset,
        slope=slope,
        bias=float((y - x).mean()),
        before=float(np.sqrt(np.mean((y - x) ** 2))),
        after=float(np.sqrt(np.mean(residual**2))),
        correlation=float(slope * x.std() / spread) if spread > 0 else float("nan"),
    )
