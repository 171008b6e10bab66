"""Shares of zones that are covered, by the exact part of every cell that lies in a zone."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core.raster import Raster, require_same_grid

Floats = npt.NDArray[np.float64]

SHARE: Final = "share"
KNOWN: Final = "known"


def zone_shares(covered: Raster, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Share of each zone that is covered.

    Parameters
    ----------
    covered
        1 covered, 0 not, NaN unknown.
    zones
        Polygons in the CRS of the raster.

    Returns
    -------
    pandas.DataFrame
        Index of ``zones``: ``share`` of the zone's known area, NaN where nothing is known, and
        ``known``, the share of the zone's area that is known.
    """
    from exactextract import exact_extract
    from exactextract.raster import NumPyRasterSource

    west, south, east, north = covered.grid.bounds
    source = NumPyRasterSource(
        covered.values.astype(np.float32),
        xmin=west,
        ymin=south,
        xmax=east,
        ymax=north,
        nodata=float("nan"),
        srs_wkt=zones.crs.to_wkt(),
    )
    if zones.empty:
        return pd.DataFrame({SHARE: [], KNOWN: []}, index=zones.index)
    found = exact_extract(source, zones[["geometry"]], ["mean", "count"], output="pandas")
    area = zones.geometry.area.to_numpy() / covered.grid.cell_m**2
    known = np.divide(found["count"].to_numpy(float), area, where=area > 0, out=np.zeros(len(area)))
    share = found["mean"].to_numpy(float)
    share = np.where(known > 0, share, np.nan)
    return pd.DataFrame({SHARE: share, KNOWN: np.clip(known, 0.0, 1.0)}, index=zones.index)


def population_by_zone(covered: Raster, people: Raster, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """People of each zone, and those of them at covered places, from a raster of people.

    Parameters
    ----------
    covered
        As for :func:`zone_shares`.
    people
        Persons a cell on its own grid in the same CRS; a cell goes where its centre lies.
    zones
        Polygons in the same CRS.

    Returns
    -------
    pandas.DataFrame
        Index of ``zones``: ``people`` and ``covered_people``.
    """
    from layout.geometry.grid_join import GridIndex

    x, y = people.grid.centres()
    here = people.known() & (np.nan_to_num(people.values) > 0)
    row, col = np.nonzero(here)
    index = GridIndex.build(zones.geometry.to_numpy())
    place = index.first(x[col], y[row])
    persons = people.values[row, col].astype(np.float64)
    reached = np.nan_to_num(covered.at(x[col], y[row])) > 0
    inside = place >= 0
    size = len(zones)
    return pd.DataFrame(
        {
            "people": np.bincount(place[inside], persons[inside], minlength=size),
            "covered_people": np.bincount(
                place[inside], (persons * reached)[inside], minlength=size
            ),
        },
        index=zones.index,
    )


def both(first: Raster, second: Raster) -> Raster:
    """Covered by either of two; unknown only where both are."""
    grid = require_same_grid(first, second)
    return Raster(np.fmax(first.values, second.values), grid)
