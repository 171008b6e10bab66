"""Points are metres, weights are zero or more, radii increase: everything else is refused."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from layout.core.errors import CrsError, MeasureError
from layout.measures import point_patterns as pp
from layout.measures import points as po

DEGREES = np.array([[113.9, 22.5], [114.1, 22.6], [114.3, 22.7]])
MASK = np.array([True, True, False])


@pytest.mark.parametrize(
    "call",
    [
        lambda p: pp.kd(p, MASK, [0.0, 1.0]),
        lambda p: pp.m(p, MASK, [0.0, 1.0]),
        lambda p: pp.ripley_k(p, MASK, [0.0, 1.0], window=shapely.box(0, 0, 200, 200)),
        lambda p: pp.colocation_quotient(p, ["a", "b", "a"]),
        lambda p: pp.kd_envelope(p, MASK, [0.0, 1.0]),
        lambda p: pp.m_envelope(p, MASK, [0.0, 1.0]),
        lambda p: pp.m_cross(p, ["a", "b", "a"], [1.0], source="a", target="b"),
    ],
)
def test_points_in_degrees_are_refused(call: Any) -> None:
    with pytest.raises(MeasureError, match="degrees"):
        call(DEGREES)
    with pytest.raises(MeasureError, match="degrees"):
        call(DEGREES[:, ::-1])
    with pytest.raises(CrsError, match="projected"):
        call(gpd.GeoSeries.from_xy(*DEGREES.T, crs="EPSG:4326"))
    with pytest.raises(CrsError):
        call(gpd.GeoSeries.from_xy(*DEGREES.T))


def test_metres_are_taken_in_any_form() -> None:
    metric = gpd.GeoSeries.from_xy(*DEGREES.T, crs="EPSG:4326").to_crs("EPSG:4547")
    array = po.as_points(metric)
    for form in (gpd.GeoDataFrame(geometry=metric), array, pd.DataFrame(array), array.tolist()):
        np.testing.assert_array_equal(po.as_points(form), array)
    assert po.as_points([]).shape == (0, 2)
    assert po.as_points([[0.1, 0.2], [0.5, 0.9]]).shape == (2, 2)  # a toy pattern is not degrees


@pytest.mark.parametrize("bad", [[[1.0, np.nan]], [[1.0, 2.0, 3.0]], [1.0, 2.0], [[np.inf, 0.0]]])
def test_points_that_are_none(bad: Any) -> None:
    with pytest.raises(MeasureError, match="finite numbers"):
        po.as_points(bad)


def test_weights() -> None:
    w, known = po.as_weights([1.0, np.nan, 0.0], 3)
    assert w.tolist() == [1, 0, 0]
    assert known.tolist() == [True, False, True]
    with pytest.raises(MeasureError, match=r"2 are negative; the first is -3"):
        po.as_weights([1.0, -3.0, -1.0], 3)
    with pytest.raises(MeasureError, match="negative"):
        po.as_weights([np.inf], 1)
    with pytest.raises(MeasureError, match="weights has 1"):
        po.as_weights([1.0], 2)


@pytest.mark.parametrize("bad", [[], [-1.0, 2.0], [2.0, 1.0], [1.0, 1.0], [np.nan], [[1.0, 2.0]]])
def test_radii_that_do_not_increase(bad: Any) -> None:
    with pytest.raises(MeasureError, match="increasing metres"):
        po.as_radii(bad)


def test_masks_and_types() -> None:
    assert po.as_mask(None, 2).tolist() == [True, True]
    assert po.as_mask([1, 0], 2).tolist() == [True, False]
    with pytest.raises(MeasureError, match="mask has 1"):
        po.as_mask([True], 2)
    with pytest.raises(MeasureError, match="mask=a"):
        po.as_mask(["a", "b"], 2)
    codes, labels = po.as_types(["b", "a", "b"], 3)
    assert codes.tolist() == [1, 0, 1]
    assert list(labels) == ["a", "b"]
    with pytest.raises(MeasureError, match="types missing for: point 1"):
        po.as_types(["b", None], 2)


def test_windows() -> None:
    square = shapely.box(0, 0, 1, 1)
    frame = gpd.GeoSeries([square, shapely.box(1, 0, 2, 1)], crs="EPSG:4547")
    assert po.as_window(frame, "K").area == 2
    with pytest.raises(MeasureError, match="bounding box"):
        po.as_window(None, "K")
    with pytest.raises(CrsError):
        po.as_window(frame.set_crs("EPSG:4326", allow_override=True), "K")
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    for bad in (shapely.Point(0, 0), shapely.LineString([(0, 0), (1, 1)]), bow, (0, 1, 0, 1)):
        with pytest.raises(MeasureError, match="polygon with an area"):
            po.as_window(bad, "K")
    with pytest.raises(MeasureError, match="1 points lie outside"):
        po.require_inside(np.array([[0.5, 0.5], [1.5, 0.5], [1.0, 1.0]]), square)
