"""Figures within polygons count the exact part of each cell."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from layout.core.errors import CrsError
from layout.core.raster import Grid, Raster
from layout.geometry.zonal import zonal_figures

KNOWN = json.loads(
    (Path(__file__).parents[1] / "measures" / "known" / "siting.json").read_text("utf-8")
)["zonal"]["cases"]
GRID = Grid("EPSG:4547", 0.0, 3.0, 1.0, 3, 3)


def nine() -> Raster:
    return Raster(np.arange(1.0, 10.0).reshape(3, 3), GRID)


def polygons(*shapes: shapely.Geometry, crs: str = "EPSG:4547") -> gpd.GeoSeries:
    return gpd.GeoSeries(list(shapes), crs=crs)


def test_square_over_nine_cells() -> None:
    expected = KNOWN[0]["expected"]
    names = ["count", "sum", "mean", "median", "min", "max", "variance", "stdev"]
    found = zonal_figures(polygons(shapely.box(0.5, 0.5, 2.5, 2.5)), nine(), names)
    assert found.iloc[0].to_dict() == pytest.approx({n: expected[n] for n in names}, abs=1e-12)


def test_count_is_the_area_of_a_triangle() -> None:
    raster = Raster(np.ones((3, 3)), GRID)
    triangle = shapely.Polygon([(0, 0), (3, 0), (0, 3)])
    found = zonal_figures(polygons(triangle), raster, ["count", "sum"])
    assert found["count"].iloc[0] == pytest.approx(KNOWN[2]["expected"]["count"], abs=1e-12)


def test_cells_without_data_take_no_part() -> None:
    raster = nine()
    raster.values[0, 0] = np.nan
    expected = KNOWN[3]["expected"]
    found = zonal_figures(polygons(shapely.box(0.5, 0.5, 2.5, 2.5)), raster, ["count", "mean"])
    assert found.iloc[0].to_dict() == pytest.approx(
        {"count": expected["count"], "mean": expected["mean"]}, abs=1e-6
    )
    coded = Raster(np.where(np.isnan(raster.values), -1, raster.values), GRID, nodata=-1.0)
    same = zonal_figures(polygons(shapely.box(0.5, 0.5, 2.5, 2.5)), coded, ["count", "mean"])
    assert np.allclose(found.to_numpy(), same.to_numpy())


def test_other_crs_is_refused_and_nothing_gives_nothing() -> None:
    with pytest.raises(CrsError, match="EPSG:4326"):
        zonal_figures(polygons(shapely.box(0, 0, 1, 1), crs="EPSG:4326"), nine())
    assert zonal_figures(polygons(), nine()).empty
