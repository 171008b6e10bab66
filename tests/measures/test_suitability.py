"""Scores and their sums: by hand, by properties, against plain numpy and a peer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout.core.errors import LayoutError, MeasureError
from layout.measures.multicriteria import weight_draws
from layout.measures.suitability import (
    Transform,
    criteria_correlation,
    order_weights,
    ordered_average,
    score,
    weighted_sum,
)
from layout.measures.suitability_draws import (
    best_share_probability,
    rank_acceptability,
)


def layers(count: int, shape: tuple[int, int], seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.random(shape, dtype=np.float32) for _ in range(count)]


@pytest.mark.parametrize(
    ("transform", "values", "expected"),
    [
        (Transform("linear", 0, 10), [-5, 0, 2.5, 10, 50], [0, 0, 0.25, 1, 1]),
        (Transform("linear", 10, 0), [0, 2.5, 10, np.inf], [1, 0.75, 0, 0]),
        (Transform("sigmoid", 0, 10), [0, 5, 10], [0.05, 0.5, 0.95]),
        (Transform("sigmoid", 10, 0), [0, 5, 10], [0.95, 0.5, 0.05]),
        (Transform("gaussian", 20, 5), [20, 15, 25], [1, 0.5, 0.5]),
        (
            Transform("classes", edges=(5, 10), scores=(1, 0.4, 0)),
            [0, 5, 9.9, 10],
            [1, 0.4, 0.4, 0],
        ),
        (Transform(), [0.3], [0.3]),
    ],
)
def test_transforms_by_hand(transform: Transform, values: list, expected: list) -> None:
    assert np.allclose(score(np.array(values), transform), expected, atol=1e-6)


@pytest.mark.parametrize("kind", ["score", "linear", "sigmoid", "gaussian"])
def test_no_data_stays_no_data(kind: str) -> None:
    assert np.isnan(score(np.array([np.nan]), Transform(kind, 0.0, 1.0))).all()  # type: ignore[arg-type]
    assert np.isnan(
        score(np.array([np.nan]), Transform("classes", edges=(1,), scores=(0, 1)))
    ).all()


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "linear", "low": 1, "high": 1},
        {"kind": "gaussian", "high": 0},
        {"kind": "classes", "edges": (2, 1), "scores": (0, 0, 0)},
        {"kind": "classes", "edges": (1,), "scores": (0, 2)},
        {"kind": "linear", "low": np.nan},
        {"kind": "cubic"},
    ],
)
def test_wrong_transforms_are_refused(wrong: dict) -> None:
    with pytest.raises(MeasureError, match="transform"):
        Transform(**wrong)


def test_weighted_sum_equals_numpy_and_bounds() -> None:
    given_layers = layers(4, (211, 307), 1)
    given_layers[2][5, 7] = np.nan
    weights = np.array([3.0, 2.0, 0.0, 5.0])
    expected = sum(w * layer for w, layer in zip(weights / 10, given_layers, strict=True) if w)
    found = weighted_sum(given_layers, weights)
    assert np.allclose(found, expected, atol=1e-6)
    assert not np.isnan(found[5, 7])  # a criterion without weight takes no part
    weights[2] = 1.0
    assert np.isnan(weighted_sum(given_layers, weights)[5, 7])


def test_weighted_sum_takes_transforms_and_a_place_to_write() -> None:
    metres = np.array([[0, 500], [1000, 4000]], np.float32)
    share = np.array([[1, 1], [0, 0]], np.float32)
    out = np.empty((2, 2), np.float32)
    found = weighted_sum(
        [metres, share], [1, 1], transforms=[Transform("linear", 1000, 0), Transform()], out=out
    )
    assert found is out
    assert np.allclose(found, [[1, 0.75], [0, 0]])


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 6), st.floats(0, 1), st.integers(0, 10**6))
def test_ordered_average_lies_between_worst_and_best(count: int, orness: float, seed: int) -> None:
    stack = layers(count, (4, 5), seed)
    weights = np.random.default_rng(seed).random(count) + 0.01
    found = ordered_average(stack, weights, order_weights(count, orness))
    assert (found >= np.min(stack, axis=0) - 1e-6).all()
    assert (found <= np.max(stack, axis=0) + 1e-6).all()


def test_ordered_average_at_its_ends() -> None:
    stack = layers(5, (40, 50), 3)
    weights = [1, 2, 3, 4, 5]
    assert np.allclose(
        ordered_average(stack, weights, order_weights(5, 1.0)), np.max(stack, axis=0)
    )
    assert np.allclose(
        ordered_average(stack, weights, order_weights(5, 0.0)), np.min(stack, axis=0)
    )
    middle = ordered_average(stack, weights, order_weights(5, 0.5))
    assert np.allclose(middle, weighted_sum(stack, weights), atol=1e-6)
    # by hand: z = .8 .2, u = 1 3, v = .75 .25 → (1·.75·.8 + 3·.25·.2) / (.75 + .75)
    by_hand = ordered_average(
        [np.array([[0.2]], np.float32), np.array([[0.8]], np.float32)], [3, 1], [0.75, 0.25]
    )
    assert by_hand[0, 0] == pytest.approx((0.6 + 0.15) / 1.5)


@pytest.mark.parametrize(
    ("weights", "message"),
    [([0, 0], "All weights are zero"), ([1, -1], "negative"), ([1], "1 weights for 2")],
)
def test_weights_that_cannot_be_used(weights: list[float], message: str) -> None:
    with pytest.raises(LayoutError, match=message):
        weighted_sum(layers(2, (2, 2), 1), weights)


def test_layers_on_other_grids_are_refused() -> None:
    with pytest.raises(MeasureError, match="different grids"):
        weighted_sum([np.zeros((2, 2), np.float32), np.zeros((2, 3), np.float32)], [1, 1])


def test_correlation_shows_what_is_counted_twice() -> None:
    first = np.linspace(0, 1, 500, dtype=np.float32)
    table = criteria_correlation(np.stack([first, 1 - first, np.full(500, 0.5, np.float32)]))
    assert table[0, 1] == pytest.approx(-1)
    assert np.isnan(table[2]).all()


def drawn_weights(weights: list[float], draws: int) -> np.ndarray:
    share = np.array(weights) / sum(weights)
    columns = pd.RangeIndex(len(share))
    return weight_draws(list(share), draws=draws, concentration=50, seed=1, columns=columns)


def test_best_share_equals_sorting_every_draw() -> None:
    scores = np.random.default_rng(5).random((4, 3001), dtype=np.float32)
    drawn = drawn_weights([1, 2, 3, 4], 37)
    found = best_share_probability(scores, drawn, share=0.05)
    expected = np.zeros(3001)
    for row in drawn.astype(np.float32):
        total = row @ scores
        expected += total >= np.sort(total)[-151]
    # single precision sums differ in their last bit, which can swap two neighbours at the threshold
    assert np.abs(found * 37 - expected).max() <= 1
    assert (found * 37 != expected).mean() < 0.01
    assert found.sum() == pytest.approx(151, abs=1)


def test_a_cell_that_is_best_in_all_is_sure() -> None:
    scores = np.random.default_rng(6).random((3, 200), dtype=np.float32) * 0.9
    scores[:, 17] = 1.0
    found = best_share_probability(scores, drawn_weights([1, 1, 1], 50), share=0.01)
    assert found[17] == 1
    assert best_share_probability(np.ones((2, 9), np.float32), np.full((3, 2), 0.5)).min() == 1


def test_rank_acceptability_by_hand() -> None:
    drawn = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [0.9, 0.1]])
    found = rank_acceptability([[1.0, 0.0], [0.0, 1.0], [0.6, 0.6]], drawn, best=1)
    assert np.allclose(found.ranks.sum(axis=1), 1)
    assert np.allclose(found.in_best, [0.5, 0.25, 0.25])
    assert np.allclose(found.central_weights[0], [0.95, 0.05])
    assert found.mean_rank[2] == pytest.approx((2 + 2 + 1 + 2) / 4)
