"""Density surfaces: what is put in comes out, and single places have the kernel's shape."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from layout.core.errors import MeasureError
from layout.measures.density_clusters import kernel_density

WINDOW = shapely.Polygon([(0, 0), (4000, 0), (4000, 1500), (1500, 1500), (1500, 4000), (0, 4000)])


def firms(n: int = 300) -> np.ndarray[Any, np.dtype[np.float64]]:
    rng = np.random.default_rng(1)
    points = rng.random((4 * n, 2)) * 4000
    return points[shapely.contains_xy(WINDOW, *points.T)][:n]


@pytest.mark.parametrize("kernel", ["gaussian", "quartic"])
@pytest.mark.parametrize("window", [None, WINDOW])
def test_nothing_is_lost(kernel: Any, window: Any) -> None:
    points = firms()
    weights = np.random.default_rng(2).pareto(2.0, len(points))
    surface = kernel_density(
        points, bandwidth_m=400.0, cell_m=50.0, window=window, weights=weights, kernel=kernel,
        edge="diggle",
    )  # fmt: skip
    total = np.nansum(surface.values) * (surface.cell_m / 1000) ** 2
    assert total == pytest.approx(weights.sum(), rel=1e-9)
    assert np.nanmin(surface.values) >= 0
    assert np.isnan(surface.values).any() == (window is not None)


@pytest.mark.parametrize("kernel", ["gaussian", "quartic"])
def test_shape_of_the_kernel(kernel: Any) -> None:
    h = 500.0
    surface = kernel_density([[1234.0, 987.0]], bandwidth_m=h, cell_m=10.0, kernel=kernel)
    rows, columns = surface.values.shape
    x = surface.x0 + (np.arange(columns) + 0.5) * 10
    y = surface.y0 + (np.arange(rows) + 0.5) * 10
    u = ((x[None, :] - 1234) ** 2 + (y[:, None] - 987) ** 2) / h**2
    if kernel == "gaussian":
        expected = np.exp(-u / 2) / (2 * np.pi * h**2)
    else:
        expected = 3 / (np.pi * h**2) * np.maximum(1 - u, 0) ** 2
    expected *= 1e6  # per km²
    assert np.abs(surface.values - expected).max() < 0.005 * expected.max()


def test_edge_is_corrected() -> None:
    rng = np.random.default_rng(0)
    square = shapely.box(0, 0, 3000, 3000)
    points = rng.random((60_000, 2)) * 3000
    surface = kernel_density(points, bandwidth_m=300.0, cell_m=60.0, window=square)
    true = 60_000 / 9.0
    assert np.nanmin(surface.values) > 0.8 * true
    assert np.nanmax(surface.values) < 1.2 * true
    for edge in ("diggle", "none"):
        low = kernel_density(points, bandwidth_m=300.0, cell_m=60.0, window=square, edge=edge)  # type: ignore[arg-type]
        assert np.nanmin(low.values) < 0.6 * true


def test_sectors_add_up() -> None:
    points, options = firms(), {"bandwidth_m": 300.0, "cell_m": 100.0, "window": WINDOW}
    mask = np.random.default_rng(3).random(len(points)) < 0.4
    parts = kernel_density(points, mask, **options), kernel_density(points, ~mask, **options)
    whole = kernel_density(points, **options)
    np.testing.assert_allclose(parts[0].values + parts[1].values, whole.values)


def test_missing_weights_and_empty_sectors() -> None:
    points = firms(10)
    weights = np.ones(10)
    weights[4] = np.nan
    surface = kernel_density(points, bandwidth_m=200.0, cell_m=50.0, weights=weights)
    assert surface.missing == 1
    assert surface.values.sum() * 0.05**2 == pytest.approx(9)
    assert kernel_density(points, np.zeros(10, dtype=bool), bandwidth_m=200.0).values.size == 0
    nothing = kernel_density(points, np.zeros(10, dtype=bool), bandwidth_m=200.0, window=WINDOW)
    assert np.nanmax(nothing.values) == 0


def test_what_is_refused() -> None:
    with pytest.raises(MeasureError, match="degrees"):
        kernel_density([[114.0, 22.5]], bandwidth_m=200.0)
    with pytest.raises(MeasureError, match="bandwidth_m"):
        kernel_density([[0.0, 0.0]], bandwidth_m=0.0)
    with pytest.raises(MeasureError, match="cell_m"):
        kernel_density([[0.0, 0.0]], bandwidth_m=50.0, cell_m=100.0)
    with pytest.raises(MeasureError, match="negative"):
        kernel_density([[0.0, 0.0]], bandwidth_m=200.0, weights=[-1.0])
    with pytest.raises(MeasureError, match="outside the study area"):
        kernel_density([[9000.0, 0.0]], bandwidth_m=200.0, window=WINDOW)
    with pytest.raises(MeasureError, match="wider cells"):
        kernel_density([[0.0, 0.0], [1e6, 1e6]], bandwidth_m=10.0, cell_m=10.0)
    with pytest.raises(MeasureError, match="edge=soft"):
        kernel_density([[0.0, 0.0]], bandwidth_m=200.0, edge="soft")  # type: ignore[arg-type]
    with pytest.raises(MeasureError, match="kernel=box"):
        kernel_density([[0.0, 0.0]], bandwidth_m=200.0, kernel="box")  # type: ignore[arg-type]
