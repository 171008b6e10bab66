"""Similarity of mixes: by hand, and in its properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layout.measures.similarity import (
    cosine_similarities,
    differentiation,
    excess_over_mix,
    krugman_distances,
)

TABLE = np.array([[2.0, 2.0, 0.0], [0.0, 0.0, 5.0], [1.0, 1.0, 2.0]])


def test_pairs_by_hand() -> None:
    krugman = krugman_distances(TABLE)
    assert krugman[0, 1] == pytest.approx(2.0)
    assert krugman[0, 2] == pytest.approx(0.25 + 0.25 + 0.5)
    cosine = cosine_similarities(TABLE)
    assert cosine[0, 1] == 0.0
    assert cosine[0, 2] == pytest.approx(0.25 / (np.sqrt(0.5) * np.sqrt(0.375)))


def test_index_by_hand() -> None:
    assert differentiation(TABLE) == pytest.approx((1.0 + 0.5 + 0.5) / 3)
    weight = np.array([4 * 5, 4 * 4, 5 * 4])
    known = (weight * [1.0, 0.5, 0.5]).sum() / weight.sum()
    assert differentiation(TABLE, weighted=True) == pytest.approx(known)
    assert np.isnan(differentiation(TABLE[:1]))


def test_empty_region_stays_out() -> None:
    table = np.vstack([TABLE, np.zeros(3)])
    assert differentiation(table) == pytest.approx(differentiation(TABLE))
    assert np.isnan(krugman_distances(table)[3, 0])


@given(st.integers(0, 500))
def test_properties(seed: int) -> None:
    table = np.random.default_rng(seed).poisson(3, size=(4, 5, 6)).astype("float64") + 0.5
    krugman, cosine = krugman_distances(table), cosine_similarities(table)
    assert krugman == pytest.approx(np.swapaxes(krugman, -1, -2))
    assert (krugman <= 2).all()
    assert np.diagonal(cosine, axis1=-2, axis2=-1) == pytest.approx(1.0)
    # The size of a region is no part of its mix.
    assert krugman_distances(table * 7) == pytest.approx(krugman)
    assert excess_over_mix(table).sum(axis=-1) == pytest.approx(np.zeros((4, 5)), abs=1e-9)
    assert 0 <= differentiation(table).min() <= differentiation(table).max() <= 1
