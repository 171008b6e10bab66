"""Costs between places: straight lines, and the time light takes through fibre along them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from layout.core.errors import MeasureError
from layout.measures.location_kernels import Floats

FIBRE_US_PER_KM: Final = 4.9
"""Light in glass with a refractive index of about 1.468: 4.9 µs a kilometre, one way."""

ROUTE_FACTOR: Final = 1.4
"""Length of a fibre route relative to the straight line; 1.3 to 1.5 is usual (an estimate)."""


def distances(demand: Any, candidates: Any) -> Floats:
    """Straight-line distances in the unit of the coordinates, demand × candidates.

    Parameters
    ----------
    demand, candidates
        Points ``(n, 2)`` in a metric CRS.

    Raises
    ------
    MeasureError
        A coordinate is missing or infinite.
    """
    a, b = (np.asarray(points, dtype="float64").reshape(-1, 2) for points in (demand, candidates))
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise MeasureError("error.location_points")
    return np.asarray(np.hypot(a[:, 0, None] - b[None, :, 0], a[:, 1, None] - b[None, :, 1]))


def latencies(
    demand: Any,
    candidates: Any,
    *,
    route_factor: float = ROUTE_FACTOR,
    us_per_km: float = FIBRE_US_PER_KM,
    equipment_us: float = 0.0,
    round_trip: bool = True,
) -> Floats:
    r"""Latency through fibre in microseconds, demand × candidates.

    .. math:: t_{ij} = k \, (\tfrac{d_{ij}}{1000} \, f \, v + e), \quad k = 2 \text{ there and back}

    Parameters
    ----------
    demand, candidates
        Points ``(n, 2)`` in metres.
    route_factor
        f, length of the route relative to the straight line, 1 at least.
    us_per_km
        v, µs a kilometre of fibre, one way.
    equipment_us
        e, µs of equipment, one way.
    round_trip
        There and back, or one way.

    Raises
    ------
    MeasureError
        The route factor is below 1, or a time is negative.
    """
    if not (route_factor >= 1 and us_per_km >= 0 and equipment_us >= 0):
        raise MeasureError("error.location_latency", factor=route_factor)
    one_way = distances(demand, candidates) / 1000 * route_factor * us_per_km + equipment_us
    return one_way * (2.0 if round_trip else 1.0)
