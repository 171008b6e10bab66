"""Antenna heights that are above the sea although they are said to be above the ground."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ENOUGH_STATIONS: Final = 10
"""Stations with height and terrain, from which on a whole table can be judged."""

ENOUGH_RELIEF_M: Final = 8.0
"""Standard deviation of the terrain under them; on a plain nothing can be told."""

LEAST_CORRELATION: Final = 0.7
SLOPES: Final = (0.6, 1.4)
"""A table is above sea where heights rise with the terrain, about a metre a metre."""

HIGH_M: Final = 80.0
MAST_M: Final = (2.0, 70.0)
"""A single height above ``HIGH_M`` that leaves a usual mast after the terrain is taken off."""


def looks_above_sea(height_m: Floats, terrain_m: Floats) -> bool:
    """Whether the heights of a table as a whole follow the terrain.

    Parameters
    ----------
    height_m
        Heights said to be above the ground, metres; NaN unknown.
    terrain_m
        Ground above sea at the same stations, metres; NaN unknown.
    """
    known = np.isfinite(height_m) & np.isfinite(terrain_m)
    if known.sum() < ENOUGH_STATIONS:
        return False
    height, ground = height_m[known], terrain_m[known]
    spread = float(ground.std())
    if spread < ENOUGH_RELIEF_M or float(height.std()) == 0.0:
        return False
    slope = float(np.cov(height, ground, bias=True)[0, 1]) / spread**2
    correlation = slope * spread / float(height.std())
    return SLOPES[0] <= slope <= SLOPES[1] and correlation >= LEAST_CORRELATION


def above_ground(height_m: Floats, terrain_m: Floats) -> npt.NDArray[np.bool_]:
    """Stations whose height may be above the ground; the others look like above the sea.

    Unknown heights, and heights over unknown ground, may be.
    """
    mast = height_m - terrain_m
    suspect = (
        (height_m > HIGH_M) & (terrain_m > HIGH_M / 2) & (mast >= MAST_M[0]) & (mast <= MAST_M[1])
    )
    return ~suspect
