"""A polygon is divided without gap or overlap, and regular shapes have their area."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from layout.geometry.partition import divide, nearest_point_cells, regular_shape

HORSESHOE = shapely.Polygon([(0, 0), (9, 0), (9, 9), (6, 9), (6, 2), (3, 2), (3, 9), (0, 9)])


def parts_of(whole, points):
    return divide(whole, nearest_point_cells(points, whole), points)


@pytest.mark.parametrize("seed", range(5))
def test_parts_share_borders_and_lose_nothing(seed):
    rng = np.random.default_rng(seed)
    ring = np.sort(rng.random(60)) * 2 * np.pi
    reach = rng.uniform(0.7, 1.0, 60)
    whole = shapely.Polygon(np.column_stack([reach * np.cos(ring), reach * np.sin(ring)]))
    points = rng.uniform(-0.45, 0.45, (9, 2))
    parts = parts_of(whole, points)
    assert shapely.coverage_is_valid(parts)
    assert shapely.area(parts).sum() == pytest.approx(whole.area, rel=1e-12)
    assert shapely.union_all(parts).symmetric_difference(whole).area < 1e-12
    assert shapely.contains(parts, shapely.points(points)).all()
    assert set(shapely.get_type_id(parts)) == {3}


def test_places_go_to_the_nearest_point():
    whole = shapely.box(0, 0, 10, 6)
    rng = np.random.default_rng(1)
    points = rng.uniform([1, 1], [9, 5], (6, 2))
    parts = parts_of(whole, points)
    asked = rng.uniform([0, 0], [10, 6], (500, 2))
    nearest = np.argmin(((asked[:, None] - points) ** 2).sum(axis=2), axis=1)
    assert shapely.contains(parts[nearest], shapely.points(asked)).all()


def test_a_piece_cut_off_from_its_point_goes_to_its_neighbour():
    # The right arm's top is nearer to the point of the left arm than to the one at the bottom.
    points = np.array([[2.5, 8.0], [8.0, 0.5]])
    parts = parts_of(HORSESHOE, points)
    assert [part.geom_type for part in parts] == ["Polygon", "Polygon"]
    assert parts[1].contains(shapely.Point(6.2, 8.9))
    assert shapely.area(parts).sum() == pytest.approx(HORSESHOE.area)


def test_an_island_stays_with_the_nearest_point():
    whole = shapely.MultiPolygon([shapely.box(0, 0, 4, 2), shapely.box(5, 0, 6, 1)])
    points = np.array([[1.0, 1.0], [3.0, 1.0]])
    parts = parts_of(whole, points)
    assert parts[1].contains(shapely.Point(5.5, 0.5))
    assert shapely.area(parts).sum() == pytest.approx(whole.area)


def test_a_hole_stays_a_hole():
    whole = shapely.box(0, 0, 9, 9).difference(shapely.box(3, 3, 6, 6))
    parts = parts_of(whole, np.array([[1.0, 1.0], [8.0, 8.0]]))
    assert shapely.area(parts).sum() == pytest.approx(72.0)


def test_one_point_gets_everything():
    (part,) = parts_of(HORSESHOE, np.array([[1.0, 1.0]]))
    assert part.equals(HORSESHOE)


@pytest.mark.parametrize("corners", [3, 6, 64])
def test_regular_shape_has_exactly_its_area(corners):
    shape = regular_shape(5e5, 2.5e6, 1.3e5, corners=corners)
    assert shape.area == pytest.approx(1.3e5, rel=1e-9)
    assert shape.centroid.distance(shapely.Point(5e5, 2.5e6)) < 1e-6
    assert shapely.get_num_coordinates(shape) == corners + 1
