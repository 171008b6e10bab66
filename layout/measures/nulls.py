"""Null models of point patterns: what 'no clustering' means.

- ``labels``: the sector's label is dealt anew among the firms that are there, sites and sizes as
  they are. It separates clustering of the sector from that of firms, hills and water, and is the
  default.
- ``locations``: the sector's firms are thrown uniformly into the buildable area. On a city with
  hills and water almost every sector is then clustered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import numpy.typing as npt

from layout.core.errors import MeasureError
from layout.measures.tables import option

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Null = Literal["labels", "locations"]

NULLS: Final = ("labels", "locations")


@dataclass(frozen=True)
class Simulation:
    """How a null model is simulated.

    Attributes
    ----------
    null
        ``"labels"`` or ``"locations"``.
    simulations
        Number of simulated patterns; at least 1/alpha - 1 for a test at alpha.
    alpha
        Level of the bands.
    seed
        Equal seeds give equal results, on any number of threads.
    threads
        Threads that simulate; None: as many as processors, at most 8.
    """

    null: Null = "labels"
    simulations: int = 999
    alpha: float = 0.05
    seed: int = 0
    threads: int | None = None

    def __post_init__(self) -> None:
        option("null", self.null, NULLS)
        if self.simulations < 1:
            option("simulations", self.simulations, ("≥ 1",))
        if not 1 / (self.simulations + 1) <= self.alpha < 1:
            raise MeasureError(
                "error.measure_simulations", simulations=self.simulations, alpha=self.alpha
            )

    def generator(self, number: int) -> np.random.Generator:
        """Generator of simulation ``number``, whoever runs it."""
        return np.random.default_rng([self.seed, number])


def random_labels(candidates: Ints, size: int, rng: np.random.Generator) -> Ints:
    """``size`` of the candidate positions by chance, in ascending order."""
    return np.sort(rng.choice(candidates, size, replace=False, shuffle=False))


def random_locations(window: BaseGeometry, size: int, rng: np.random.Generator) -> Floats:
    """Uniform points ``(size, 2)`` in a polygon.

    Drawn in its bounding box and kept if inside.
    """
    import shapely

    x0, y0, x1, y1 = window.bounds
    share = window.area / ((x1 - x0) * (y1 - y0))
    found = np.empty((0, 2))
    while len(found) < size:
        missing = size - len(found)
        drawn = rng.random((int(missing / share * 1.1) + 16, 2)) * (x1 - x0, y1 - y0) + (x0, y0)
        inside = shapely.contains_xy(window, drawn[:, 0], drawn[:, 1])
        found = np.vstack([found, drawn[inside]])
    return np.ascontiguousarray(found[:size])
