"""Hexagons tile the plane: every point is in the one it is given to."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layout.geometry.tessellation import (
    hexagon_area_km2,
    hexagon_cells,
    hexagon_centres,
    hexagons,
)

METRES = st.floats(-2e6, 2e6, allow_nan=False)


@given(st.lists(st.tuples(METRES, METRES), min_size=1, max_size=50), st.floats(50, 5000))
def test_a_point_lies_in_its_hexagon(points, width) -> None:
    x, y = np.array(points).T
    shapes = hexagons(*hexagon_cells(x, y, width_m=width), width_m=width)
    # Corners are computed in floating point: a point may lie a rounding error outside.
    assert (shapely.distance(shapes, shapely.points(x, y)) < 1e-6).all()


@given(st.integers(-500, 500), st.integers(-500, 500))
def test_the_centre_names_its_own_cell(q, r) -> None:
    x, y = hexagon_centres(np.array([q]), np.array([r]), width_m=1000.0)
    assert [int(v[0]) for v in hexagon_cells(x, y, width_m=1000.0)] == [q, r]


def test_neighbours_share_sides_and_do_not_overlap() -> None:
    q, r = (v.ravel() for v in np.meshgrid(np.arange(4), np.arange(4)))
    shapes = hexagons(q, r, width_m=100.0)
    whole = shapely.union_all(shapes, grid_size=1e-6)
    assert whole.geom_type == "Polygon"
    assert not whole.interiors
    assert whole.area == pytest.approx(16 * 100**2 * math.sqrt(3) / 2)
    assert shapes[0].area / 1e6 == pytest.approx(hexagon_area_km2(100.0))


def test_no_point_gives_no_hexagon() -> None:
    empty = np.array([], dtype="float64")
    q, r = hexagon_cells(empty, empty, width_m=10.0)
    assert len(hexagons(q, r, width_m=10.0)) == 0
