"""Neighbourhoods are what brute force says, and cells take over where pairs are too many."""

from __future__ import annotations

import numpy as np
import pytest

from layout.core.errors import MeasureError
from layout.measures.neighbourhoods import CELLS_PER_REACH, neighbourhoods


def firms(n: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    points = rng.random((n, 2)) * (4_000, 3_000) + (500_000, 2_500_000)
    points[: n // 4] = points[rng.integers(n // 4, n // 3, n // 4)]  # shared addresses
    return points


def test_neighbours_are_those_of_brute_force() -> None:
    xy = firms(300)
    places = neighbourhoods(xy, 400.0)
    at = np.column_stack([places.x, places.y])
    gap = np.hypot(*(at[:, None, :] - at[None, :, :]).T)
    for place in range(len(at)):
        found = places.other[places.start[place] : places.start[place + 1]]
        assert sorted(found) == np.flatnonzero(gap[place] <= 400.0).tolist()
    apart = np.hypot(*(xy[:, None, :] - xy[None, :, :]).T)
    assert (places.around[places.of] == (apart <= 400.0).sum(axis=0)).all()
    assert places.cell_m == 0
    assert places.size.sum() == places.firms == 300
    assert (at[places.of] == xy).all()


def test_a_firm_at_exactly_the_reach_counts() -> None:
    places = neighbourhoods([[500_000.0, 0.0], [500_300.0, 0.0], [500_600.1, 0.0]], 300.0)
    assert places.around.tolist() == [2, 2, 1]


def test_many_pairs_are_taken_to_cells() -> None:
    xy = firms(2_000)
    places = neighbourhoods(xy, 600.0, most_pairs=1_000)
    assert places.cell_m == 600.0 / CELLS_PER_REACH
    at = np.column_stack([places.x, places.y])[places.of]
    assert np.abs(at - xy).max() <= places.cell_m / 2
    exact = neighbourhoods(xy, 600.0)
    # a place moves by at most half a diagonal: numbers within reach stay about the same
    ratio = places.around[places.of] / exact.around[exact.of]
    assert np.abs(ratio - 1).mean() < 0.05


def test_counts_by_place() -> None:
    xy = firms(50)
    places = neighbourhoods(xy, 300.0)
    chosen = np.array([0, 1, 2, 40])
    assert places.counts(chosen).sum() == 4
    assert (places.counts(np.arange(50)) == places.size).all()


def test_nothing_and_bad_input() -> None:
    assert neighbourhoods(np.empty((0, 2)), 300.0).firms == 0
    with pytest.raises(MeasureError, match="degrees"):
        neighbourhoods([[114.0, 22.5], [114.1, 22.6]], 300.0)
    for reach in (0.0, -1.0, np.nan):
        with pytest.raises(MeasureError, match="reach_m"):
            neighbourhoods(firms(50), reach)
