"""Rasters on disk, read by windows: any format of GDAL, in the city's metric CRS."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import rasterio.errors
from rasterio.enums import Resampling
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window as FileWindow

from layout.core.errors import InputFileError
from layout.core.raster import Grid, Raster
from layout.core.sources import Window

_SQUARE: float = 1e-6
"""Relative difference of the sides of a cell that is taken for rounding."""


class RasterFile:
    """One band of a file that lies on a metric, north-up grid of square cells.

    Attributes
    ----------
    path, band
        The file and its band, first 1.
    grid, nodata, unit
        See :class:`layout.core.sources.RasterSource`.
    """

    def __init__(self, path: Path, *, band: int = 1) -> None:
        self.path, self.band = path, band
        with _opened(path) as source:
            self.grid = _grid_of(source, path)
            self.nodata: float | None = source.nodatavals[band - 1]
            self.unit = source.units[band - 1] or ""

    def read(self, window: Window | None = None) -> Raster:
        """The values of a window, of the whole grid where None."""
        row0, row1, col0, col1 = window or (0, self.grid.rows, 0, self.grid.cols)
        with _opened(self.path) as source:
            part = FileWindow(col0, row0, col1 - col0, row1 - row0)
            values = source.read(self.band, window=part)
        return Raster(values, self.grid.window(row0, row1, col0, col1), self.nodata, self.unit)


def open_raster(path: Path | str, *, band: int = 1) -> RasterFile:
    """A raster in a metric CRS, ready to be read by windows.

    Raises
    ------
    InputFileError
        There is no such file, it is no raster, has no CRS or one in degrees, or its cells are not
        square and north-up.
    """
    return RasterFile(Path(path), band=band)


def read_on(path: Path | str, grid: Grid, *, resampling: str = "bilinear", band: int = 1) -> Raster:
    """A raster in any CRS, brought onto ``grid``.

    Parameters
    ----------
    path
        The file.
    grid
        Where the values are wanted.
    resampling
        ``nearest`` for categories, ``bilinear`` for measured values, ``average`` for amounts a
        cell when cells grow; names as in rasterio.
    band
        First 1.

    Returns
    -------
    Raster
        float32, NaN where the file has no data or does not reach.

    Raises
    ------
    InputFileError
        There is no such file, it is no raster or has no CRS.
    """
    file = Path(path)
    with _opened(file) as source:
        if source.crs is None:
            raise InputFileError("error.raster_no_crs", path=file)
        options: dict[str, Any] = {
            "crs": grid.crs,
            "transform": rasterio.Affine(*grid.transform),
            "width": grid.cols,
            "height": grid.rows,
            "resampling": Resampling[resampling],
        }
        with WarpedVRT(source, **options) as warped:
            values = warped.read(band, masked=True).astype(np.float32)
        unit = source.units[band - 1] or ""
    return Raster(np.ma.filled(values, np.nan), grid, None, unit)


def grid_in(path: Path | str, crs: str, *, cell_m: float | None = None) -> Grid:
    """The grid that a raster has in ``crs``, its cells of ``cell_m`` metres or as fine as they are.

    Raises
    ------
    InputFileError
        There is no such file, it is no raster or has no CRS.
    """
    file = Path(path)
    with _opened(file) as source:
        if source.crs is None:
            raise InputFileError("error.raster_no_crs", path=file)
        with WarpedVRT(source, crs=crs) as warped:
            bounds, found = warped.bounds, abs(warped.transform.a)
    cell = cell_m or max(round(found, 2), 0.01)
    return Grid.around((bounds.left, bounds.bottom, bounds.right, bounds.top), cell, crs)


def _opened(path: Path) -> Any:
    if not path.is_file():
        raise InputFileError("error.raster_no_file", path=path)
    try:
        return rasterio.open(path)
    except rasterio.errors.RasterioIOError as error:
        raise InputFileError("error.raster_damaged", path=path) from error


def _grid_of(source: Any, path: Path) -> Grid:
    if source.crs is None:
        raise InputFileError("error.raster_no_crs", path=path)
    a, b, c, d, e, f = tuple(source.transform)[:6]
    square = math.isclose(a, -e, rel_tol=_SQUARE) and b == 0 and d == 0 and a > 0
    if not source.crs.is_projected or not square:
        raise InputFileError("error.raster_not_metric", path=path, found=str(source.crs))
    epsg = source.crs.to_epsg()
    crs = f"EPSG:{epsg}" if epsg else source.crs.to_wkt()
    return Grid(crs, c, f, a, source.height, source.width)
