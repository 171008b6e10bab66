"""Greedy covering: known choices, its guarantee and its bound against every choice there is."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy import sparse

from layout.core.errors import MeasureError
from layout.measures.greedy_covering import greedy_covering


def best(covers: np.ndarray, number: int, weights: np.ndarray) -> float:
    return max(
        float(weights[covers[list(chosen)].any(axis=0)].sum())
        for chosen in combinations(range(len(covers)), number)
    )


def test_the_textbook_trap() -> None:
    # Greedy takes the middle set (4 demands) and then can reach only 5 of 6.
    covers = np.array([[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1], [0, 1, 1, 1, 1, 0]])
    found = greedy_covering(sparse.csr_array(covers), 2)
    assert found.sites.tolist() == [2, 0]
    assert found.gains.tolist() == [4.0, 1.0]
    assert found.bound == 6.0


@pytest.mark.parametrize("seed", range(25))
def test_bound_holds_and_the_guarantee_is_kept(seed: int) -> None:
    draw = np.random.default_rng(seed)
    covers = draw.random((9, 14)) < 0.25
    weights = draw.integers(0, 9, 14).astype(float)
    found = greedy_covering(sparse.csr_array(covers), 3, weights=weights)
    top = best(covers, 3, weights)
    assert found.covered <= top + 1e-9 <= found.bound + 2e-9
    assert found.covered >= (1 - (1 - 1 / 3) ** 3) * top - 1e-9
    assert weights[covers[found.sites].any(axis=0)].sum() == pytest.approx(found.covered)


def test_nothing_to_cover() -> None:
    found = greedy_covering(sparse.csr_array((3, 4)), 2)
    assert len(found.sites) == 0
    assert found.covered == found.bound == found.gap == 0.0


def test_negative_weights_are_an_error() -> None:
    with pytest.raises(MeasureError):
        greedy_covering(sparse.csr_array(np.eye(2)), 1, weights=[1.0, -1.0])
