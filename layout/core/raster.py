"""A raster never travels as a bare array: values, grid, nodata and unit go together.

Grids are north-up with square cells in a metric CRS. Row 0 is the northernmost, a cell's
coordinates are those of its centre, and ``west``/``north`` are the outer edges of the first cell.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from layout.core.errors import CrsError, MeasureError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bounds = tuple[float, float, float, float]
"""West, south, east, north in the units of the CRS."""


@dataclass(frozen=True)
class Grid:
    """Where the cells of a raster lie.

    Attributes
    ----------
    crs
        A projected CRS in metres, e.g. ``"EPSG:4547"``.
    west, north
        Outer edges of the first cell, metres.
    cell_m
        Width and height of a cell, metres.
    rows, cols
        Number of cells.
    """

    crs: str
    west: float
    north: float
    cell_m: float
    rows: int
    cols: int

    def __post_init__(self) -> None:
        if not (self.cell_m > 0 and math.isfinite(self.cell_m) and self.rows > 0 and self.cols > 0):
            raise MeasureError("error.grid_shape", rows=self.rows, cols=self.cols, cell=self.cell_m)

    @classmethod
    def around(cls, bounds: Bounds, cell_m: float, crs: str) -> Grid:
        """The grid of whole cells that covers ``bounds``, its edges at multiples of ``cell_m``.

        Parameters
        ----------
        bounds
            West, south, east, north in metres.
        cell_m
            Cell width, metres.
        crs
            Their projected CRS.
        """
        west, south, east, north = bounds
        left, top = math.floor(west / cell_m), math.ceil(north / cell_m)
        cols = max(math.ceil(east / cell_m) - left, 1)
        rows = max(top - math.floor(south / cell_m), 1)
        return cls(crs, left * cell_m, top * cell_m, cell_m, rows, cols)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows, self.cols

    @property
    def bounds(self) -> Bounds:
        """West, south, east, north."""
        east = self.west + self.cols * self.cell_m
        return self.west, self.north - self.rows * self.cell_m, east, self.north

    @property
    def transform(self) -> tuple[float, float, float, float, float, float]:
        """Affine coefficients a to f: x = a·col + b·row + c, y = d·col + e·row + f."""
        return self.cell_m, 0.0, self.west, 0.0, -self.cell_m, self.north

    @property
    def cell_km2(self) -> float:
        """Area of a cell, km²."""
        return self.cell_m**2 / 1e6

    def centres(self) -> tuple[Floats, Floats]:
        """X of each column and y of each row, metres."""
        x = self.west + (np.arange(self.cols, dtype=np.float64) + 0.5) * self.cell_m
        y = self.north - (np.arange(self.rows, dtype=np.float64) + 0.5) * self.cell_m
        return x, y

    def rows_cols(self, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Ints, Ints]:
        """Row and column of each point; those outside have -1 in both.

        Parameters
        ----------
        x, y
            Metres in the CRS of the grid; NaN counts as outside.
        """
        with np.errstate(invalid="ignore"):
            col = np.floor((np.asarray(x, dtype=np.float64) - self.west) / self.cell_m)
            row = np.floor((self.north - np.asarray(y, dtype=np.float64)) / self.cell_m)
            inside = (col >= 0) & (col < self.cols) & (row >= 0) & (row < self.rows)
        return (
            np.where(inside, row, -1).astype(np.int64),
            np.where(inside, col, -1).astype(np.int64),
        )

    def window(self, row0: int, row1: int, col0: int, col1: int) -> Grid:
        """The grid of rows ``row0`` to ``row1`` and these columns, ends excluded."""
        west = self.west + col0 * self.cell_m
        north = self.north - row0 * self.cell_m
        return Grid(self.crs, west, north, self.cell_m, row1 - row0, col1 - col0)


@dataclass(frozen=True)
class Raster:
    """Values on a grid.

    Attributes
    ----------
    values
        Array of ``grid.shape``.
    grid
        Where they lie.
    nodata
        The value that means 'no data'; None where NaN does, or where every cell has data.
    unit
        Unit of the values, for people; empty where they have none.
    """

    values: npt.NDArray[Any]
    grid: Grid
    nodata: float | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        if self.values.shape != self.grid.shape:
            raise MeasureError(
                "error.raster_shape", found=self.values.shape, expected=self.grid.shape
            )

    def known(self) -> npt.NDArray[np.bool_]:
        """Which cells have data."""
        known = np.ones(self.values.shape, dtype=bool)
        if np.issubdtype(self.values.dtype, np.floating):
            known &= ~np.isnan(self.values)
        if self.nodata is not None and not math.isnan(self.nodata):
            known &= self.values != self.nodata
        return known

    def at(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Floats:
        """Value of the cell of each point, NaN outside and where there is no data."""
        row, col = self.grid.rows_cols(x, y)
        found = np.full(row.shape, np.nan)
        inside = row >= 0
        found[inside] = self.values[row[inside], col[inside]]
        if self.nodata is not None:
            found[found == self.nodata] = np.nan
        return found


def require_same_grid(*rasters: Raster) -> Grid:
    """The one grid of all rasters.

    Raises
    ------
    CrsError
        Two rasters lie on different grids; nothing is resampled quietly.
    """
    first = rasters[0].grid
    for raster in rasters[1:]:
        if raster.grid != first:
            raise CrsError(
                "error.other_grid", first=described(first), second=described(raster.grid)
            )
    return first


def described(grid: Grid) -> str:
    """A grid in words."""
    return (
        f"{grid.crs}, {grid.rows} × {grid.cols}, {grid.cell_m:g} m, "
        f"({grid.west:.1f}, {grid.north:.1f})"
    )
