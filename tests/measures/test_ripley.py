"""K and L against spatstat, by brute force, in polygons with holes, and on random points."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from layout.measures.edges import (
    border_of,
    near_edges,
    set_covariance,
    share_inside,
    shared_area,
)
from layout.measures.nulls import random_locations
from layout.measures.ripley import ripley_k, ripley_k_cross, ripley_l, ripley_l_cross
from layout.measures.undefined import undefined

SQUARE = shapely.box(0, 0, 1, 1)
# an L with a hole, and an island
ODD = shapely.MultiPolygon(
    [
        shapely.Polygon(
            [(0, 0), (2000, 0), (2000, 800), (900, 800), (900, 2000), (0, 2000)],
            holes=[[(200, 200), (600, 200), (600, 600), (200, 600)]],
        ),
        shapely.box(1400, 1300, 2000, 2000),
    ]
)


def test_reference(points12: dict[str, Any]) -> None:
    p, expected = points12, points12["expected"]
    xy, radii = p["xy"], p["radii"]
    for correction, theirs in (
        ("none", "un"), ("border", "border"), ("translation", "trans"), ("isotropic", "iso")
    ):  # fmt: skip
        k = ripley_k(xy, None, radii, window=SQUARE, correction=correction)  # type: ignore[arg-type]
        wanted = expected["Kest"][theirs]
        np.testing.assert_allclose(k, wanted, rtol=0, atol=p["tolerance"], err_msg=correction)
    np.testing.assert_allclose(
        ripley_l(xy, None, radii, window=SQUARE), expected["Lest_iso"], atol=p["tolerance"]
    )
    cross = ripley_k_cross(xy, p["types"], radii, source="A", target="B", window=SQUARE)
    np.testing.assert_allclose(cross, expected["K_cross_A_B_iso"], atol=p["tolerance"])
    l_cross = ripley_l_cross(xy, p["types"], radii, source="A", target="B", window=SQUARE)
    np.testing.assert_allclose(l_cross, np.sqrt(cross / np.pi))


def test_theory_of_the_reference(points12: dict[str, Any]) -> None:
    radii = points12["radii"]
    np.testing.assert_allclose(np.pi * radii**2, points12["expected"]["Kest"]["theo"], rtol=1e-12)


def circle_share(window: Any, x: float, y: float, r: float) -> float:
    angle = (np.arange(40_000) + 0.5) / 40_000 * 2 * np.pi
    return float(shapely.contains_xy(window, x + r * np.cos(angle), y + r * np.sin(angle)).mean())


def test_share_of_a_circle_in_any_polygon() -> None:
    rng = np.random.default_rng(6)
    border = border_of(ODD)
    edges = np.empty(border.x0.size, dtype=np.int64)
    for x, y in random_locations(ODD, 12, rng):
        for r in rng.random(3) * 1500:
            count = near_edges(border, x, y, r, edges)
            share = share_inside(border, edges, count, x, y, r)
            assert share == pytest.approx(circle_share(ODD, x, y, r), abs=1e-4)


@pytest.mark.parametrize(("x", "y"), [(0.0, 0.5), (0.5, 0.0), (1.0, 0.5), (0.5, 1.0)])
def test_circle_about_a_point_on_the_border(x: float, y: float) -> None:
    border = border_of(SQUARE)
    edges = np.empty(4, dtype=np.int64)
    count = near_edges(border, x, y, 0.3, edges)
    assert share_inside(border, edges, count, x, y, 0.3) == pytest.approx(0.5)


def test_set_covariance() -> None:
    table = set_covariance(ODD, 400.0)
    from shapely.affinity import translate

    assert shared_area(table, 400.0, 0.0, 0.0) == pytest.approx(ODD.area)
    rng = np.random.default_rng(2)
    for dx, dy in rng.uniform(-400, 400, (20, 2)):
        exact = ODD.intersection(translate(ODD, dx, dy)).area
        assert shared_area(table, 400.0, dx, dy) == pytest.approx(exact, rel=1e-3)
    square = set_covariance(shapely.box(0, 0, 3, 2), 1.5)
    assert shared_area(square, 1.5, -0.7, 1.1) == pytest.approx(2.3 * 0.9, rel=1e-12)


@pytest.mark.parametrize("correction", ["border_strict", "translation", "isotropic"])
def test_brute_force_in_an_odd_polygon(correction: Any) -> None:
    from shapely.affinity import translate

    rng = np.random.default_rng(9)
    xy, w = random_locations(ODD, 40, rng), rng.integers(1, 5, 40).astype(float)
    radii = np.array([50.0, 200.0, 300.0])
    result = ripley_k(xy, None, radii, window=ODD, weights=w, correction=correction)
    gap = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    far = shapely.distance(shapely.points(xy), ODD.boundary)
    for r, value in zip(radii, result, strict=True):
        top = bottom = 0.0
        for i in range(40):
            for j in range(40):
                if i == j:
                    continue
                near = gap[i, j] <= r
                if correction == "border_strict":
                    top += w[i] * w[j] * near * (far[i] >= r)
                elif near and correction == "translation":
                    shift = translate(ODD, *(xy[j] - xy[i]))
                    top += w[i] * w[j] * ODD.area / ODD.intersection(shift).area
                elif near:
                    top += w[i] * w[j] / circle_share(ODD, *xy[i], gap[i, j])
                bottom += w[i] * w[j]
        if correction == "border_strict":
            bottom = (w * (far >= r)).sum() * w.sum()
        assert value == pytest.approx(top / bottom * ODD.area, rel=1e-3)


def test_random_points_have_the_theoretical_k() -> None:
    radii = np.array([100.0, 200.0, 300.0])
    for correction in ("border", "border_strict", "translation", "isotropic"):
        curves = [
            ripley_k(
                random_locations(ODD, 150, np.random.default_rng([3, trial])),
                None,
                radii,
                window=ODD,
                correction=correction,  # type: ignore[arg-type]
            )
            for trial in range(30)
        ]
        mean, error = np.mean(curves, axis=0), np.std(curves, axis=0) / np.sqrt(30)
        slack = 0.04 if correction == "border" else 0.01  # looks at points a step too near
        assert (np.abs(mean / (np.pi * radii**2) - 1) < 4 * error / mean + slack).all(), correction
    without = ripley_k(
        random_locations(ODD, 3000, np.random.default_rng(0)), None, radii, window=ODD,
        correction="none",
    )  # fmt: skip
    assert without[300.0] < 0.85 * np.pi * 300**2  # what no correction loses


def test_many_points_use_tabulated_shares() -> None:
    xy = random_locations(ODD, 2300, np.random.default_rng(1))
    radii = np.array([100.0, 400.0])
    table = ripley_k(xy, None, radii, window=ODD)
    import layout.measures.ripley as module

    kept, module.EXACT_UP_TO = module.EXACT_UP_TO, 10_000  # type: ignore[misc]
    try:
        exact = ripley_k(xy, None, radii, window=ODD)
    finally:
        module.EXACT_UP_TO = kept  # type: ignore[misc]
    np.testing.assert_allclose(table, exact, rtol=2e-3)


def test_border_and_border_strict_agree_on_close_radii() -> None:
    xy = random_locations(ODD, 400, np.random.default_rng(5))
    radii = np.linspace(0, 300, 601)
    one = ripley_k(xy, None, radii, window=ODD, correction="border")
    two = ripley_k(xy, None, radii, window=ODD, correction="border_strict")
    np.testing.assert_allclose(one, two, rtol=0.06, atol=1)


@pytest.mark.parametrize(
    ("points", "weights", "reason"),
    [
        (np.zeros((0, 2)), None, "undefined.no_points"),
        ([[0.5, 0.5]], None, "undefined.one_point"),
        ([[0.5, 0.5], [0.2, 0.2]], [0.0, 3.0], "undefined.no_weight"),
    ],
)
def test_patterns_without_k(points: Any, weights: Any, reason: str) -> None:
    result = ripley_k(points, None, [0.1, 0.2], window=SQUARE, weights=weights)
    assert set(undefined(result)[0].values()) == {reason}


def test_no_point_far_enough_from_the_border() -> None:
    result = ripley_k([[0.1, 0.5], [0.9, 0.5]], None, [0.05, 0.3, 0.6], window=SQUARE,
                      correction="border_strict")  # fmt: skip
    assert undefined(result)[0] == {
        0.3: "undefined.no_interior_point",
        0.6: "undefined.no_interior_point",
    }
    assert result[0.05] == 0


def test_all_firms_in_one_building() -> None:
    result = ripley_k([[0.5, 0.5]] * 5, None, [0.0, 0.1], window=SQUARE)
    assert result.tolist() == pytest.approx([1.0, 1.0])  # every pair is within any distance
