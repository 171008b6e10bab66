"""Distances on a grid are exact: by hand, against every pair, against scipy."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from layout.core.errors import MeasureError
from layout.geometry.distance import distance_transform

KNOWN = json.loads(
    (Path(__file__).parents[1] / "measures" / "known" / "siting.json").read_text("utf-8")
)


def test_one_source_by_hand() -> None:
    marked = np.zeros((5, 5), dtype=bool)
    marked[2, 2] = True
    found = distance_transform(marked, 10.0)
    row, col = np.mgrid[:5, :5]
    assert np.allclose(found, 10 * np.hypot(row - 2, col - 2), rtol=1e-7)
    assert found[0, 0] == np.float32(KNOWN["raster"][0]["run_here"])


def test_nothing_marked_is_infinitely_far() -> None:
    assert np.isinf(distance_transform(np.zeros((3, 4), dtype=bool), 10.0)).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 17), st.integers(1, 17), st.floats(0.01, 0.6), st.integers(0, 10**6))
def test_equals_every_pair(rows: int, cols: int, share: float, seed: int) -> None:
    marked = np.random.default_rng(seed).random((rows, cols)) < share
    marked.flat[seed % marked.size] = True
    row, col = np.nonzero(marked)
    at = np.stack(np.mgrid[:rows, :cols], axis=-1).reshape(-1, 1, 2)
    squared = ((at - np.column_stack([row, col])) ** 2).sum(axis=2).min(axis=1)
    expected = (20.0 * np.sqrt(squared)).astype(np.float32).reshape(rows, cols)
    assert np.array_equal(distance_transform(marked, 20.0), expected)


def test_equals_scipy_on_a_larger_grid() -> None:
    marked = np.random.default_rng(7).random((301, 407)) < 0.0004
    peer = ndimage.distance_transform_edt(~marked, sampling=20.0).astype(np.float32)
    assert np.array_equal(distance_transform(marked, 20.0), peer)


def test_refuses_what_is_no_grid() -> None:
    with pytest.raises(MeasureError, match="two dimensions"):
        distance_transform(np.zeros(3, dtype=bool), 10.0)
