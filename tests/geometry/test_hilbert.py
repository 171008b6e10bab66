"""The curve visits every cell once, stepping to a neighbour each time."""

from __future__ import annotations

import numpy as np
import pytest

from layout.geometry.hilbert import BITS, NOWHERE, hilbert_places

UNIT = (0.0, 0.0, 1.0, 1.0)


def cells(bits: int) -> tuple[np.ndarray, np.ndarray]:
    """Centres of the cells of a grid of ``2**bits`` in the unit square."""
    side = (np.arange(1 << bits) + 0.5) / (1 << bits)
    x, y = np.meshgrid(side, side)
    return x.ravel(), y.ravel()


@pytest.mark.parametrize("bits", [1, 2, 3, 6])
def test_cells_follow_each_other_as_neighbours(bits: int) -> None:
    x, y = cells(bits)
    places = hilbert_places(x, y, UNIT) >> (2 * (BITS - bits))
    assert sorted(places) == list(range(4**bits))
    order = np.argsort(places)
    steps = np.abs(np.diff(x[order])) + np.abs(np.diff(y[order]))
    assert steps == pytest.approx(np.full(4**bits - 1, 1 / (1 << bits)))


def test_the_curve_begins_and_ends_in_the_southern_corners() -> None:
    last = 4**BITS - 1
    assert hilbert_places(np.array([0.0, 1.0]), np.array([0.0, 0.0]), UNIT).tolist() == [0, last]


def test_points_outside_take_the_nearest_place_and_unknown_ones_none() -> None:
    x = np.array([-5.0, 7.0, np.nan, 0.5, np.inf])
    y = np.array([-5.0, -1.0, 0.5, np.nan, 0.5])
    expected = [0, 4**BITS - 1, NOWHERE, NOWHERE, NOWHERE]
    assert hilbert_places(x, y, UNIT).tolist() == expected


def test_a_box_without_width_and_no_points() -> None:
    assert hilbert_places(np.array([1.0]), np.array([2.0]), (1.0, 2.0, 1.0, 2.0)).tolist() == [0]
    assert hilbert_places(np.zeros(0), np.zeros(0), UNIT).shape == (0,)
