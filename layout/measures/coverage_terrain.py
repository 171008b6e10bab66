"""Terrain between antenna and terminal: the edge that stands highest in the path.

The profile runs from the centre of the terrain cell the station stands in to the centre of the one
the terminal is in, with a sample wherever it crosses a row or a column of centres, linear between
the two cells it passes between (the rule R3 of Franklin & Ray 1994, "Higher isn't necessarily
better: visibility algorithms and experiments"): no ridge or wall of one cell can hide between two
samples. The edge with the largest parameter of P.526 dominates; the first and the last cell are no
edges. The earth bends by its radius times ``earth_factor``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from layout.core.errors import MeasureError
from layout.core.raster import Grid, Raster, require_same_grid
from layout.measures.propagation import SPEED_OF_LIGHT

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

EARTH_M: Final = 6_371_000.0
CLEAR_M: Final = 1e-3
"""An edge is in the way from this height above the straight path; below, rounding decides."""


@dataclass(frozen=True)
class Terrain:
    """Heights above sea level, metres.

    Attributes
    ----------
    ground
        Bare earth.
    surface
        With buildings, on the same grid: where it is given, what is seen over it replaces the
        probability of line of sight. None: the probability stays, also where bare earth is clear.
    """

    ground: Raster
    surface: Raster | None = None

    def __post_init__(self) -> None:
        if self.surface is not None:
            require_same_grid(self.ground, self.surface)

    @property
    def grid(self) -> Grid:
        """The grid of both."""
        return self.ground.grid


def heights(raster: Raster) -> npt.NDArray[np.float32]:
    """Values as float32, NaN where there is no data."""
    values = np.asarray(raster.values, dtype=np.float32)
    if raster.nodata is not None and not np.isnan(raster.nodata):
        values = np.where(raster.known(), values, np.float32(np.nan))
    return np.ascontiguousarray(values)


def bulge_per_m2(earth_factor: float) -> float:
    """Height of the bent earth above the chord over the product of both distances, 1/m."""
    return 1.0 / (2.0 * EARTH_M * earth_factor)


def require_terrain(terrain: Terrain, grid: Grid) -> None:
    """Raise unless the terrain is in the CRS of the grid and covers it.

    Raises
    ------
    MeasureError
        Another CRS, or cells of the grid beyond the terrain: they are never taken as sea level.
    """
    if terrain.grid.crs != grid.crs:
        raise MeasureError("error.coverage_terrain_crs", found=terrain.grid.crs, expected=grid.crs)
    west, south, east, north = terrain.grid.bounds
    need = grid.bounds
    slack = 0.5 * grid.cell_m + 1e-6
    inside = (west <= need[0] + slack, south <= need[1] + slack)
    if not all((*inside, east >= need[2] - slack, north >= need[3] - slack)):
        raise MeasureError(
            "error.coverage_terrain_extent",
            found=", ".join(f"{v:.0f}" for v in terrain.grid.bounds),
            expected=", ".join(f"{v:.0f}" for v in need),
        )


def edge_parameter(
    ground: npt.NDArray[Any],
    cell_m: float,
    start: tuple[int, int],
    end: tuple[int, int],
    *,
    eye_m: float,
    target_m: float,
    frequency_ghz: float,
    bulge: float,
) -> float:
    """Largest parameter ν of all edges between two cells, by the definition, one path at a time.

    Parameters
    ----------
    ground
        Heights, ``(rows, columns)``.
    cell_m
        Width of its cells, metres.
    start, end
        Row and column of station and terminal.
    eye_m, target_m
        Height of antenna and terminal above sea level, metres.
    frequency_ghz
        Carrier frequency, GHz.
    bulge
        As :func:`bulge_per_m2`; 0 for a flat earth.

    Returns
    -------
    float
        Above zero where an edge is in the way; -inf without any edge; NaN where a height on the
        path is unknown.
    """
    down, across = end[0] - start[0], end[1] - start[1]
    if np.isnan(target_m) or np.isnan(eye_m):
        return float("nan")
    t, z = _profile(ground, start, (down, across))
    if not len(t):
        return float("-inf")
    length, both = cell_m * np.hypot(down, across), t * (1 - t)
    above = z + bulge * both * length**2 - (eye_m + (target_m - eye_m) * t) - CLEAR_M
    nu = above * np.sqrt(2 / (SPEED_OF_LIGHT / (frequency_ghz * 1e9) * length * both))
    return float("nan") if np.isnan(nu).any() else float(nu.max())


def _profile(
    ground: npt.NDArray[Any], start: tuple[int, int], way: tuple[int, int]
) -> tuple[Floats, Floats]:
    """Shares of the way where a path crosses rows and columns of centres, and the heights there."""
    shares, samples = [], []
    for crossed in (0, 1):
        n, along = abs(way[crossed]), way[1 - crossed]
        k = np.arange(1, n)
        low, rest = np.divmod(k * along, n)
        line, first = start[crossed] + k * int(np.sign(way[crossed])), start[1 - crossed] + low
        second = np.minimum(first + 1, ground.shape[1 - crossed] - 1)
        lines = ground if crossed == 0 else ground.T
        a, b = lines[line, first].astype(np.float64), lines[line, second].astype(np.float64)
        shares.append(k / n)
        samples.append(np.where(rest > 0, a + (b - a) * (rest / n), a))
    return np.concatenate(shares), np.concatenate(samples)
