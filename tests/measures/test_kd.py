"""Kd against dbmss, against itself computed otherwise, and on patterns known by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from layout.measures.kd import kd, kd_cross
from layout.measures.undefined import undefined


def clustered(n: int, seed: int = 0) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Firms in clusters, a fifth of them in towers they share."""
    rng = np.random.default_rng(seed)
    centres, width = rng.random((30, 2)) * (30_000, 15_000), rng.uniform(100, 800, 30)
    own = rng.integers(0, 30, n)
    points = centres[own] + rng.normal(size=(n, 2)) * width[own][:, None]
    towers = points[:20]
    shared = rng.random(n) < 0.2
    points[shared] = towers[rng.integers(0, 20, shared.sum())]
    return np.round(points)


def test_reference(points12: dict[str, Any]) -> None:
    # dbmss bins distances before its Fourier transform: 3e-3 of the maximum
    p, expected = points12, points12["expected"]
    of_a = p["types"] == "A"
    curves = {
        "Kd_A": kd(p["xy"], of_a, p["radii"]),
        "Kd_A_weighted": kd(p["xy"], of_a, p["radii"], weights=p["weights"]),
        "Kd_A_B": kd_cross(p["xy"], p["types"], p["radii"], source="A", target="B"),
    }
    for name, curve in curves.items():
        wanted = np.array(expected[name])
        assert np.abs(curve - wanted).max() < p["kd_tolerance"] * wanted.max(), name


def test_two_distances_by_hand() -> None:
    # three points on a line: distances 100, 200, 300
    points = np.array([[0.0, 0], [100, 0], [300, 0]])
    h, radii = 50.0, np.array([0.0, 150.0, 400.0])
    result = kd(points, None, radii, bandwidth_m=h)
    normal = lambda u: np.exp(-0.5 * u**2) / np.sqrt(2 * np.pi)  # noqa: E731
    expected = [
        sum(normal((r - d) / h) + normal((r + d) / h) for d in (100.0, 200.0, 300.0)) / (3 * h)
        for r in radii
    ]
    np.testing.assert_allclose(result, expected, rtol=1e-12)
    assert result.attrs["bandwidth_m"] == h


@pytest.mark.parametrize("method", ["exact", "binned", "grid"])
@pytest.mark.parametrize("weighted", [False, True])
def test_density_integrates_to_one(method: Any, weighted: bool) -> None:
    points = clustered(400)
    weights = np.random.default_rng(1).pareto(2.0, 400) + 0.1 if weighted else None
    radii = np.linspace(0, 45_000, 451)
    curve = kd(points, None, radii, method=method, weights=weights)
    assert np.trapezoid(curve, radii) == pytest.approx(1, abs=2e-3)


@pytest.mark.parametrize("weighted", [False, True])
def test_binned_and_grid_are_within_a_percent_of_exact(weighted: bool) -> None:
    points = clustered(1500)
    weights = np.random.default_rng(1).pareto(1.5, 1500) + 1 if weighted else None
    radii = np.linspace(0, 8000, 81)
    exact = kd(points, None, radii, method="exact", weights=weights)
    for method in ("binned", "grid"):
        other = kd(points, None, radii, method=method, weights=weights)  # type: ignore[arg-type]
        limit = 0.005 if method == "binned" else 0.01  # the grid is meant for many more points
        assert np.abs(other - exact).max() < limit * exact.max(), method
        assert other.attrs["bandwidth_m"] == pytest.approx(exact.attrs["bandwidth_m"], rel=2e-3)


def test_cross_binned_agrees_with_single_distances() -> None:
    rng = np.random.default_rng(3)
    points = clustered(5200)
    types = rng.choice(["a", "b"], 5200)
    radii = np.linspace(0, 5000, 21)
    weights = rng.random(5200)
    binned = kd_cross(points, types, radii, source="a", target="b", weights=weights)
    # nearly seven million pairs are binned
    a, b = points[types == "a"], points[types == "b"]
    h = binned.attrs["bandwidth_m"]
    gaps = np.hypot(*(a[:, None] - b[None]).transpose(2, 0, 1)).ravel()
    products = np.outer(weights[types == "a"], weights[types == "b"]).ravel()
    near = gaps < 7000
    for r in (0.0, 2500.0):
        u, v = (r - gaps[near]) / h, (r + gaps[near]) / h
        kernel = (np.exp(-(u**2) / 2) + np.exp(-(v**2) / 2)) / np.sqrt(2 * np.pi) / h
        direct = kernel @ products[near] / products.sum()
        assert binned[r] == pytest.approx(direct, abs=0.005 * binned.max())
    same = kd_cross(points, types, radii, source="a", target="a")
    np.testing.assert_array_equal(same, kd(points, types == "a", radii))


def test_order_position_and_weights_of_one() -> None:
    points, radii = clustered(300), np.linspace(0, 3000, 16)
    rng = np.random.default_rng(5)
    order = rng.permutation(300)
    mask = rng.random(300) < 0.4
    one = kd(points, mask, radii)
    np.testing.assert_allclose(one, kd(points[order], mask[order], radii), rtol=1e-10)
    np.testing.assert_allclose(one, kd(points + np.array([1e5, -3e4]), mask, radii), rtol=1e-9)
    np.testing.assert_allclose(one, kd(points, mask, radii, weights=np.full(300, 7.0)), rtol=1e-10)
    turned = points @ np.array([[0.0, 1.0], [-1.0, 0.0]])
    np.testing.assert_allclose(one, kd(turned, mask, radii), rtol=1e-9)


def test_a_firm_without_weight_is_left_out_and_counted() -> None:
    points, radii = clustered(60), np.linspace(0, 3000, 16)
    weights = np.ones(60)
    weights[[3, 40]] = np.nan
    result = kd(points, None, radii, weights=weights)
    kept = ~np.isnan(weights)
    np.testing.assert_allclose(result, kd(points[kept], None, radii), rtol=1e-12)
    assert result.attrs["missing"] == 2


@pytest.mark.parametrize(
    ("points", "mask", "weights", "reason"),
    [
        (np.zeros((0, 2)), None, None, "undefined.no_points"),
        ([[5.0, 5.0]], None, None, "undefined.one_point"),
        ([[5.0, 5.0], [9.0, 9.0]], [False, False], None, "undefined.no_points"),
        ([[5.0, 5.0]] * 9, None, None, "undefined.one_place"),
        ([[5.0, 5.0], [9.0, 9.0]], None, None, "undefined.no_pairs"),
        ([[5.0, 5.0], [9.0, 9.0], [1.0, 2.0]], None, [0.0, 0.0, 3.0], "undefined.no_weight"),
        ([[0.0, 0.0], [9e5, 0.0], [0.0, 9e5]], None, None, "undefined.no_pairs"),
    ],
)
def test_patterns_without_density(points: Any, mask: Any, weights: Any, reason: str) -> None:
    result = kd(points, mask, [0.0, 10.0], weights=weights)
    assert result.isna().all()
    assert set(undefined(result)[0].values()) == {reason}


def test_all_firms_in_one_building_with_a_bandwidth() -> None:
    for method in ("exact", "binned", "grid"):
        result = kd([[5.0, 5.0]] * 9, None, [0.0, 500.0], bandwidth_m=50.0, method=method)  # type: ignore[arg-type]
        assert result[0.0] == pytest.approx(2 / (50 * np.sqrt(2 * np.pi)), rel=2e-3)
        assert result[500.0] == pytest.approx(0, abs=1e-12)


def test_cross_of_a_sector_that_is_not_there() -> None:
    result = kd_cross([[0.0, 0.0], [5.0, 5.0]], ["a", "b"], [1.0], source="a", target="z")
    assert set(undefined(result)[0].values()) == {"undefined.no_points"}


def test_points_must_lie_in_a_given_window() -> None:
    points = clustered(50)
    whole = shapely.MultiPoint(points).envelope
    kd(points, None, [100.0], window=whole)
    with pytest.raises(ValueError, match="outside the study area"):
        kd(points, None, [100.0], window=whole.buffer(-100))
    with pytest.raises(ValueError, match="method=fast"):
        kd(points, None, [100.0], method="fast")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="bandwidth_m"):
        kd(points, None, [100.0], bandwidth_m=0.0)
