"""Round trips through the Chinese datums on a million random points of the country."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.trials.figure import Figure
from layout.core import crs

QUESTION = "How far from its place is a point after it went to a datum and back?"
SEED = 20260101
POINTS = 1_000_000
METRES_PER_DEGREE = 111_320.0
ROUND_TRIPS = (
    ("GCJ-02", crs.wgs84_to_gcj02, crs.gcj02_to_wgs84),
    ("BD-09", crs.wgs84_to_bd09, crs.bd09_to_wgs84),
)


def figures() -> Iterator[Figure]:
    """The worst point of each datum."""
    rng = np.random.default_rng(SEED)
    lon, lat = rng.uniform(73, 137, POINTS), rng.uniform(1.5, 55, POINTS)
    for name, there, back in ROUND_TRIPS:
        lon_again, lat_again = back(*there(lon, lat))
        east = (lon_again - lon) * np.cos(np.radians(lat))
        worst_mm = float(np.hypot(east, lat_again - lat).max() * METRES_PER_DEGREE * 1000)
        what = f"{name}, worst of {POINTS:,} points, mm"
        yield Figure(what, f"{worst_mm:.1e}", "below 1", worst_mm < 1)
