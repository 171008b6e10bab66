"""Colocation quotients against hand-made ones, by brute force, and with shared addresses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layout.measures.colocation import colocation_quotient
from layout.measures.undefined import undefined


def test_reference(points12: dict[str, Any]) -> None:
    result = colocation_quotient(points12["xy"], points12["types"])
    for pair, value in points12["colocation"].items():
        assert result.quotient.loc[pair[0], pair[1]] == pytest.approx(value, abs=1e-12)
    assert result.cases.to_dict() == {"A": 5, "B": 4, "C": 3}
    gaps = np.hypot(*(points12["xy"][:, None] - points12["xy"][None]).transpose(2, 0, 1))
    np.fill_diagonal(gaps, np.inf)
    assert gaps.argmin(axis=1).tolist() == points12["nearest"]


def test_brute_force_with_ties_and_towers() -> None:
    rng = np.random.default_rng(5)
    xy = rng.integers(0, 12, (80, 2)) * 100.0
    types = rng.integers(0, 3, 80)
    gaps = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    np.fill_diagonal(gaps, np.inf)
    counts = np.zeros((3, 3))
    for i in range(80):
        near = np.flatnonzero(gaps[i] <= gaps[i].min() + 1e-9)
        for j in near:
            counts[types[i], types[j]] += 1 / near.size
    n = np.bincount(types)
    expected = counts / n[:, None] / ((n[None, :] - np.eye(3)) / 79)
    np.testing.assert_allclose(colocation_quotient(xy, types, permutations=0).quotient, expected)


def test_labels_by_chance_and_labels_by_place() -> None:
    rng = np.random.default_rng(1)
    xy = rng.random((300, 2)) * 1000
    chance = colocation_quotient(xy, rng.integers(0, 3, 300), seed=1)
    assert chance.q.min(axis=None) > 0.01
    assert chance.quotient.mean(axis=None) == pytest.approx(1, abs=0.2)
    sides = colocation_quotient(xy, np.where(xy[:, 0] < 500, "west", "east"), seed=1)
    assert sides.q.max(axis=None) < 0.01
    assert sides.quotient.loc["west", "west"] > 1.5
    assert sides.quotient.loc["west", "east"] < 0.5
    again = colocation_quotient(xy, np.where(xy[:, 0] < 500, "west", "east"), seed=1)
    assert again.p.equals(sides.p)


def test_one_building_is_neutral() -> None:
    types = ["a"] * 10 + ["b"] * 5
    result = colocation_quotient(np.full((15, 2), 500.0), types)
    np.testing.assert_allclose(result.quotient, 1.0)
    assert (result.p == 1).all(axis=None)


def test_firms_too_few() -> None:
    alone = colocation_quotient([[0.0, 0.0], [1.0, 0.0], [5.0, 0.0]], ["a", "b", "b"])
    assert np.isnan(alone.quotient.loc["a", "a"])
    assert undefined(alone.quotient)[0] == {"a": "undefined.one_point"}
    assert alone.quotient.loc["a", "b"] == pytest.approx(1.0)
    assert colocation_quotient([[0.0, 0.0]], ["a"]).quotient.isna().all(axis=None)
    assert colocation_quotient(np.empty((0, 2)), []).quotient.empty
