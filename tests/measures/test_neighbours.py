"""Weights graphs: who is whose neighbour, with which weight."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from layout.core.errors import CrsError, MeasureError
from layout.measures.neighbours import distance_band, inverse_distance, k_nearest, queen, rook

SQUARES = gpd.GeoDataFrame(
    index=["a", "b", "c", "d"],
    geometry=[shapely.box(x, y, x + 1000, y + 1000) for y in (0, 1000) for x in (0, 1000)],
    crs="EPSG:4547",
)


def neighbours(graph: object, unit: object) -> list[object]:
    return sorted(graph[unit].index[graph[unit] > 0])  # type: ignore[index]


def test_contiguity() -> None:
    assert neighbours(queen(SQUARES), "a") == ["b", "c", "d"]
    assert neighbours(rook(SQUARES), "a") == ["b", "c"]
    with pytest.raises(CrsError):
        queen(SQUARES.to_crs("EPSG:4326"))


def test_distance_band_includes_its_bound_and_keeps_islands() -> None:
    graph = distance_band(np.array([[0.0, 0], [100, 0], [100, 300]]), 100.0)
    assert neighbours(graph, 0) == [1]
    assert neighbours(graph, 2) == []
    assert list(graph.isolates) == [2]
    assert graph.n == 3


def test_k_nearest_among_points_of_one_place() -> None:
    points = np.array([[0.0, 0]] * 4 + [[10.0, 0], [30.0, 0]])
    graph = k_nearest(points, 2)
    for unit in range(6):
        found = neighbours(graph, unit)
        assert len(found) == 2
        assert unit not in found
        far = np.hypot(*(points - points[unit]).T)
        others = np.sort(np.delete(far, unit))[:2]
        assert np.sort(far[found]).tolist() == others.tolist()
    with pytest.raises(MeasureError, match="k=6"):
        k_nearest(points, 6)


def test_inverse_distance_as_arcgis() -> None:
    graph = inverse_distance(np.array([[0.0, 0], [0.5, 0], [100, 0]]), 100.0)
    assert graph[0].to_dict() == {0: 1.0, 1: 1.0, 2: 0.01}  # itself 1, nearer than a metre 1
    assert graph[2].to_dict() == {0: 0.01, 1: pytest.approx(1 / 99.5), 2: 1.0}
    squared = inverse_distance(np.array([[0.0, 0], [10.0, 0]]), 100.0, power=2.0)
    assert squared[0][1] == pytest.approx(0.01)


def test_points_in_degrees_are_refused() -> None:
    degrees = gpd.GeoSeries.from_xy([114.0, 114.1], [22.5, 22.6], crs="EPSG:4326")
    with pytest.raises(CrsError, match="metres"):
        distance_band(degrees, 100.0)
    with pytest.raises(MeasureError, match="degrees"):
        k_nearest(np.array([[114.0, 22.5], [114.1, 22.6], [114.2, 22.4]]), 1)
    metric = degrees.to_crs("EPSG:4547")
    assert neighbours(distance_band(metric, 20_000.0), 0) == [1]
    with pytest.raises(MeasureError, match="increasing metres"):
        distance_band(metric, 0.0)
