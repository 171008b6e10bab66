"""Figures of a raster within polygons, by the exact part of each cell that a polygon covers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from layout.core.errors import CrsError
from layout.core.raster import Raster


def zonal_figures(
    polygons: gpd.GeoSeries, raster: Raster, figures: Sequence[str] = ("count", "mean")
) -> pd.DataFrame:
    """Figures by polygon, cells weighted by the fraction that is covered.

    Parameters
    ----------
    polygons
        In the CRS of the raster.
    raster
        Cells without data take no part.
    figures
        Operations of exactextract: ``count`` (sum of fractions), ``sum``, ``mean``, ``min``,
        ``max``, ``median``, ``variance``, ``stdev``, ``quantile(q=0.25)``, ``majority``, …

    Returns
    -------
    DataFrame
        Index of ``polygons``, a column a figure; mean and the like are NaN where no cell with data
        is covered.

    Raises
    ------
    CrsError
        Polygons and raster are not in one CRS.

    References
    ----------
    Baston, D.: exactextract (Apache-2.0).
    """
    if polygons.crs is None or pyproj.CRS(polygons.crs) != pyproj.CRS(raster.grid.crs):
        raise CrsError("error.zonal_crs", found=str(polygons.crs), expected=raster.grid.crs)
    if polygons.empty:
        return pd.DataFrame(columns=list(figures), index=polygons.index, dtype=float)
    from exactextract import exact_extract
    from exactextract.raster import NumPyRasterSource

    west, south, east, north = raster.grid.bounds
    values: Any = raster.values
    if raster.nodata is not None:
        values = np.where(raster.known(), values, np.nan)
    frame = gpd.GeoDataFrame(geometry=polygons.reset_index(drop=True))
    source = NumPyRasterSource(
        values, xmin=west, ymin=south, xmax=east, ymax=north, srs_wkt=frame.crs.to_wkt()
    )
    table = exact_extract(source, frame, list(figures), output="pandas")
    table.index = polygons.index
    result: pd.DataFrame = table
    return result
