"""M against dbmss, by brute force, and under random labelling."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from layout.measures.marcon_puech import m, m_cross, m_matrix
from layout.measures.undefined import undefined

Array = np.ndarray[Any, np.dtype[Any]]


def brute(xy: Array, source: Array, target: Array, radii: Array, w: Array) -> list[float]:
    distance = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    values = []
    for r in radii:
        top = bottom = 0.0
        for i in np.flatnonzero(source):
            near = distance[i] <= r
            near[i] = False
            if w[near].sum() > 0:
                others = np.arange(len(xy)) != i
                top += w[near & target].sum() / w[near].sum()
                bottom += w[target & others].sum() / w[others].sum()
        values.append(top / bottom if bottom else np.nan)
    return values


def test_reference(points12: dict[str, Any]) -> None:
    p, expected = points12, points12["expected"]
    common = {"weights": p["weights"]}
    cross = {"source": "A", "target": "B"} | common
    xy, types, radii = p["xy"], p["types"], p["radii"]
    curves = {
        "M_A": m(xy, types == "A", radii, **common),
        "M_A_B": m_cross(xy, types, radii, **cross),
        "M_A_B_casecontrol": m_cross(xy, types, radii, case_control=True, **cross),
    }
    for name, curve in curves.items():
        wanted = np.array(expected[name], dtype=float)
        np.testing.assert_allclose(curve, wanted, rtol=0, atol=p["tolerance"], err_msg=name)
        reasons = set(undefined(curve)[0].values())
        assert reasons == {"undefined.no_neighbour_within"}
        assert list(undefined(curve)[0]) == list(radii[np.isnan(wanted)])


def test_brute_force_with_shared_addresses_and_zero_weights() -> None:
    rng = np.random.default_rng(7)
    xy = np.round(rng.random((120, 2)) * 1000, -2)  # a lattice of 100 m: ties and shared places
    types, w = rng.integers(0, 3, 120), rng.integers(0, 4, 120).astype(float)
    radii = np.array([0.0, 100.0, 150.0, 500.0, 2000.0])
    matrix = m_matrix(xy, types, radii, weights=w)
    for a in range(3):
        np.testing.assert_allclose(
            m(xy, types == a, radii, weights=w), brute(xy, types == a, types == a, radii, w)
        )
        for b in range(3):
            expected = brute(xy, types == a, types == b, radii, w)
            np.testing.assert_allclose(matrix.loc[(a, b)], expected)
            one = m_cross(xy, types, radii, source=a, target=b, weights=w)
            np.testing.assert_allclose(one, expected)


def test_one_on_average_under_random_labelling() -> None:
    rng = np.random.default_rng(2)
    xy = np.concatenate([rng.normal(0, 300, (150, 2)), rng.random((150, 2)) * 4000])
    w = rng.pareto(2.5, 300) + 1
    values = []
    for _ in range(400):
        mask = np.zeros(300, dtype=bool)
        mask[rng.choice(300, 60, replace=False)] = True
        values.append(m(xy, mask, [200.0, 1000.0], weights=w))
    mean, error = np.mean(values, axis=0), np.std(values, axis=0) / np.sqrt(400)
    assert (np.abs(mean - 1) < 4 * error + 0.01).all()  # a ratio of sums: biased by a hair


def test_order_and_rows_of_a_sector_do_not_matter() -> None:
    rng = np.random.default_rng(4)
    xy, mask, w = rng.random((200, 2)) * 3000, rng.random(200) < 0.3, rng.random(200)
    order = rng.permutation(200)
    radii = [100.0, 400.0, 900.0]
    one = m(xy, mask, radii, weights=w)
    np.testing.assert_allclose(one, m(xy[order], mask[order], radii, weights=w[order]))
    np.testing.assert_allclose(one, m(xy + 1e6, mask, radii, weights=w * 9))


def test_far_apart_sectors_repel_and_all_of_one_kind_is_one() -> None:
    xy = np.concatenate([np.zeros((20, 2)), np.full((20, 2), 5000.0)])
    types = np.repeat(["a", "b"], 20)
    assert m_cross(xy, types, [100.0], source="a", target="b").tolist() == [0]
    assert m(xy, types == "a", [100.0]).tolist() == pytest.approx([39 / 19])
    assert m(xy, np.ones(40, dtype=bool), [100.0]).tolist() == [1]


def test_missing_weights_are_counted() -> None:
    rng = np.random.default_rng(1)
    xy, mask, w = rng.random((50, 2)) * 100, rng.random(50) < 0.5, rng.random(50)
    w[:5] = np.nan
    result = m(xy, mask, [30.0], weights=w)
    assert result.attrs["missing"] == 5
    np.testing.assert_allclose(result, m(xy[5:], mask[5:], [30.0], weights=w[5:]))


@pytest.mark.parametrize(
    ("mask", "weights", "reason"),
    [
        ([False, False, False], None, "undefined.no_points"),
        ([True, False, False], None, "undefined.one_point"),
        ([True, True, False], [0.0, 0.0, 1.0], "undefined.no_weight"),
        ([True, True, False], None, "undefined.no_neighbour_within"),
    ],
)
def test_patterns_without_m(mask: Any, weights: Any, reason: str) -> None:
    result = m([[0.0, 0.0], [100.0, 0.0], [0.0, 100.0]], mask, [5.0, 10.0], weights=weights)
    assert result.isna().all()
    assert set(undefined(result)[0].values()) == {reason}


def test_matrix_tells_where_it_is_undefined() -> None:
    matrix = m_matrix([[0.0, 0.0], [1.0, 0.0], [500.0, 0.0]], ["a", "b", "b"], [10.0])
    assert np.isnan(matrix.loc[("a", "a"), 10.0])
    assert undefined(matrix)[0] == {("a", "a"): "undefined.no_neighbour_within"}
    assert isinstance(matrix, pd.DataFrame)
