"""Grids and rasters: where cells lie, what they hold, and what may not meet."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layout.core.errors import CrsError, MeasureError
from layout.core.raster import Grid, Raster, require_same_grid

CRS = "EPSG:4547"


def test_a_grid_covers_its_bounds_with_whole_cells() -> None:
    grid = Grid.around((103.0, 205.0, 197.0, 299.0), 10.0, CRS)
    assert grid.bounds == (100.0, 200.0, 200.0, 300.0)
    assert grid.shape == (10, 10)
    assert grid.cell_km2 == pytest.approx(1e-4)
    assert grid.transform == (10.0, 0.0, 100.0, 0.0, -10.0, 300.0)


def test_centres_run_east_and_south() -> None:
    x, y = Grid(CRS, 0.0, 100.0, 10.0, 2, 3).centres()
    assert x.tolist() == [5.0, 15.0, 25.0]
    assert y.tolist() == [95.0, 85.0]


@given(
    west=st.floats(-1e6, 1e6), south=st.floats(-1e6, 1e6),
    width=st.floats(1, 5e4), height=st.floats(1, 5e4), cell=st.sampled_from([10.0, 25.0, 37.5]),
)  # fmt: skip
def test_every_point_of_the_bounds_has_a_cell(
    west: float, south: float, width: float, height: float, cell: float
) -> None:
    grid = Grid.around((west, south, west + width, south + height), cell, CRS)
    x = west + width * np.array([0.001, 0.5, 0.999])
    y = south + height * np.array([0.001, 0.5, 0.999])
    row, col = grid.rows_cols(x, y)
    assert (row >= 0).all()
    assert (col >= 0).all()
    centre_x, centre_y = grid.centres()
    assert np.all(np.abs(centre_x[col] - x) <= cell / 2 + 1e-6)
    assert np.all(np.abs(centre_y[row] - y) <= cell / 2 + 1e-6)


def test_points_outside_and_unknown_ones_have_no_cell() -> None:
    grid = Grid(CRS, 0.0, 20.0, 10.0, 2, 2)
    row, col = grid.rows_cols([-1.0, 5.0, np.nan, 20.0], [5.0, 20.1, 5.0, 5.0])
    assert row.tolist() == [-1, -1, -1, -1]
    assert col.tolist() == [-1, -1, -1, -1]


def test_values_at_points_are_those_of_their_cells_and_unknown_elsewhere() -> None:
    grid = Grid(CRS, 0.0, 20.0, 10.0, 2, 2)
    raster = Raster(np.array([[1, 2], [3, -9]]), grid, nodata=-9.0)
    found = raster.at([5.0, 15.0, 15.0, 99.0], [15.0, 15.0, 5.0, 5.0])
    assert found[:2].tolist() == [1.0, 2.0]
    assert np.isnan(found[2:]).all()
    assert raster.known().tolist() == [[True, True], [True, False]]


def test_a_window_lies_where_its_cells_lie() -> None:
    grid = Grid(CRS, 0.0, 100.0, 10.0, 10, 10)
    part = grid.window(2, 5, 1, 4)
    assert part.bounds == (10.0, 50.0, 40.0, 80.0)


def test_rasters_on_other_grids_do_not_meet() -> None:
    first = Raster(np.zeros((2, 2)), Grid(CRS, 0.0, 20.0, 10.0, 2, 2))
    moved = Raster(np.zeros((2, 2)), Grid(CRS, 5.0, 20.0, 10.0, 2, 2))
    assert require_same_grid(first, first) == first.grid
    with pytest.raises(CrsError, match="different grids"):
        require_same_grid(first, moved)


def test_shapes_that_cannot_be_are_refused() -> None:
    with pytest.raises(MeasureError):
        Grid(CRS, 0.0, 0.0, 0.0, 2, 2)
    with pytest.raises(MeasureError):
        Raster(np.zeros((3, 2)), Grid(CRS, 0.0, 20.0, 10.0, 2, 2))
