"""Bands keep their level, find what is planted, and repeat with their seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from layout.core import measure_columns as names
from layout.core.errors import MeasureError
from layout.measures import point_patterns as pp
from layout.measures.envelopes import envelope, extreme_rank_p
from layout.measures.nulls import random_locations
from layout.measures.point_patterns import Simulation
from layout.measures.undefined import undefined

RADII = np.array([0.0, 200.0, 500.0, 1000.0, 2000.0])
CITY = np.concatenate(
    [
        np.random.default_rng(0).normal(3000, 400, (150, 2)),
        np.random.default_rng(1).random((150, 2)) * 6000,
    ]
)
WINDOW = shapely.box(-1000, -1000, 8000, 8000)


def quick(**options: Any) -> Simulation:
    return Simulation(**({"simulations": 39, "alpha": 0.05, "threads": 1} | options))


def dealt(seed: int, size: int = 40) -> np.ndarray[Any, np.dtype[np.bool_]]:
    mask = np.zeros(300, dtype=bool)
    mask[np.random.default_rng(seed).choice(300, size, replace=False)] = True
    return mask


def test_extreme_ranks_by_hand() -> None:
    curves = np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 5.0], [4.0, 3.0], [5.0, 4.0]])
    # ranks from outside: (1,1), (2,2), (1,3) -> [3,1]→[1,3], (2,3), (1,2)
    p, measure = extreme_rank_p(curves[0], curves[1:])
    assert p == pytest.approx(0.2)  # most extreme of five
    assert measure.tolist() == pytest.approx([0.2, 0.8, 0.6, 1.0, 0.4])
    assert extreme_rank_p(curves[4], curves[:4], "high")[0] == pytest.approx(0.2)
    assert extreme_rank_p(curves[4], curves[:4], "low")[0] == pytest.approx(1.0)


def test_equal_curves_are_not_extreme() -> None:
    p, _ = extreme_rank_p(np.ones(3), np.ones((19, 3)))
    assert p == 1


def test_global_test_of_curves_keeps_its_level() -> None:
    rng = np.random.default_rng(8)
    rejected = outside = 0
    for _ in range(300):
        curves = rng.normal(size=(40, 30)).cumsum(axis=1)
        observed = pd.Series(curves[0], index=range(30))
        result = envelope(observed, curves[1:], quick(alpha=0.1))
        rejected += result.p <= 0.1
        frame = result.frame
        leaves = bool((frame[names.CLUSTERED] | frame[names.DISPERSED]).any())
        assert leaves == (result.p <= 0.1)
        outside += bool(((frame[names.OBSERVED] > frame[names.HIGH_LOCAL])
                         | (frame[names.OBSERVED] < frame[names.LOW_LOCAL])).any())  # fmt: skip
    assert rejected / 300 == pytest.approx(0.1, abs=0.052)  # 3 standard errors
    assert outside / 300 > 0.2  # the pointwise band does not


@pytest.mark.parametrize("test", [pp.kd_envelope, pp.m_envelope])
@pytest.mark.parametrize("weighted", [False, True])
def test_random_labels_are_seldom_found(test: Any, weighted: bool) -> None:
    weights = np.random.default_rng(4).pareto(1.5, 300) + 1 if weighted else None
    p = [
        test(CITY, dealt(trial), RADII, weights=weights, simulation=quick(seed=trial)).p
        for trial in range(60)
    ]
    # at level 0.1: 6 of 60 expected, 13 are three standard errors above
    assert sum(value <= 0.1 for value in p) <= 13
    assert np.mean(p) == pytest.approx(0.5, abs=0.15)


@pytest.mark.parametrize("test", [pp.kd_envelope, pp.m_envelope])
def test_planted_cluster_is_found(test: Any) -> None:
    mask = np.zeros(300, dtype=bool)
    mask[np.argsort(np.hypot(*(CITY - (1500, 4500)).T))[:25]] = True
    result = test(CITY, mask, RADII, simulation=quick(simulations=199))
    assert result.p_clustered <= 0.01
    assert result.frame.loc[500.0, names.CLUSTERED]
    assert not result.frame[names.DISPERSED].loc[:500.0].any()
    assert result.p_dispersed > 0.01 or test is pp.kd_envelope  # a density that sums to one


def test_cross_envelopes_tell_neighbours_from_strangers() -> None:
    rng = np.random.default_rng(4)
    types = np.full(300, "other", dtype=object)
    distance = np.hypot(*(CITY - (1500, 4500)).T)
    near = np.argsort(distance)[:60]
    types[near[rng.permutation(60)[:30]]] = "a"
    types[[i for i in near if types[i] == "other"]] = "b"
    options: dict[str, Any] = {"source": "a", "target": "b"}
    for test in (pp.m_cross_envelope, pp.kd_cross_envelope):
        result = test(CITY, types, RADII[1:], simulation=quick(simulations=99), **options)
        assert result.p_clustered <= 0.02
        shuffled = types.copy()
        rest = np.flatnonzero(types != "a")
        shuffled[rest] = types[rng.permutation(rest)]
        result = test(CITY, shuffled, RADII[1:], simulation=quick(simulations=99), **options)
        assert result.p > 0.02
    same = pp.m_cross_envelope(CITY, types, RADII[1:], source="a", target="a", simulation=quick())
    own = pp.m_envelope(CITY, types == "a", RADII[1:], simulation=quick())
    pd.testing.assert_frame_equal(same.frame, own.frame)


def test_empty_plane_makes_every_sector_clustered() -> None:
    """Why labels are the default: firms are clustered, the sector is not."""
    mask = dealt(5)
    labels = pp.m_envelope(CITY, mask, RADII, simulation=quick())
    plane = pp.kd_envelope(CITY, mask, RADII, window=WINDOW, simulation=quick(null="locations"))
    assert labels.p > 0.05
    assert plane.p_clustered <= 0.05
    m_plane = pp.m_envelope(
        CITY, mask, RADII[1:], window=WINDOW, simulation=quick(null="locations")
    )
    assert np.isfinite(m_plane.p)


def test_ripley_envelope() -> None:
    result = pp.ripley_envelope(CITY, dealt(2), RADII, window=WINDOW, simulation=quick())
    assert result.p > 0.05
    plane = pp.ripley_envelope(
        CITY, dealt(2), RADII, window=WINDOW, simulation=quick(null="locations")
    )
    assert plane.p_clustered <= 0.05


def test_seed_and_threads() -> None:
    mask = dealt(1)
    for test in (pp.kd_envelope, pp.m_envelope):
        one = test(CITY, mask, RADII, simulation=quick(seed=3))
        two = test(CITY, mask, RADII, simulation=quick(seed=3, threads=4))
        pd.testing.assert_frame_equal(one.frame, two.frame)
        other = test(CITY, mask, RADII, simulation=quick(seed=4))
        assert not one.frame.equals(other.frame)


def test_observed_curve_is_the_measure() -> None:
    mask, weights = dealt(1), np.random.default_rng(2).random(300)
    result = pp.m_envelope(CITY, mask, RADII, weights=weights, simulation=quick())
    direct = pp.m(CITY, mask, RADII, weights=weights)
    np.testing.assert_allclose(result.frame[names.OBSERVED], direct)
    result = pp.kd_envelope(CITY, mask, RADII, weights=weights, simulation=quick())
    direct = pp.kd(CITY, mask, RADII, weights=weights)
    assert np.abs(result.frame[names.OBSERVED] - direct).max() < 0.005 * direct.max()
    assert result.frame[names.MEAN].between(
        result.frame[names.LOW_GLOBAL], result.frame[names.HIGH_GLOBAL]
    ).all()  # fmt: skip


def test_missing_weights_are_counted() -> None:
    weights = np.ones(300)
    mask = dealt(1)
    weights[np.flatnonzero(mask)[:3]] = np.nan
    for test in (pp.kd_envelope, pp.m_envelope):
        assert test(CITY, mask, RADII, weights=weights, simulation=quick()).missing == 3


@pytest.mark.parametrize(
    ("mask", "reason"),
    [
        (np.zeros(300, dtype=bool), "undefined.no_points"),
        (np.arange(300) == 7, "undefined.one_point"),
    ],
)
def test_sectors_without_test(mask: Any, reason: str) -> None:
    for test in (pp.kd_envelope, pp.m_envelope, pp.ripley_envelope):
        result = test(CITY, mask, RADII, window=WINDOW, simulation=quick())
        assert result.undefined == reason
        assert np.isnan(result.p)
        assert result.frame[names.LOW_GLOBAL].isna().all()
        assert not result.frame[names.CLUSTERED].any()
        assert len(undefined(result.frame)[0]) == RADII.size


def test_all_firms_in_one_building() -> None:
    tower = np.tile([500.0, 500.0], (30, 1))
    mask = np.arange(30) < 10
    assert pp.kd_envelope(tower, mask, RADII, simulation=quick()).undefined == "undefined.one_place"
    result = pp.m_envelope(tower, mask, RADII, simulation=quick())
    assert result.frame[names.OBSERVED].tolist() == pytest.approx([1.0] * 5)
    assert result.p == 1


def test_settings_that_cannot_be() -> None:
    with pytest.raises(MeasureError, match="null=csr"):
        Simulation(null="csr")  # type: ignore[arg-type]
    with pytest.raises(MeasureError, match="10 simulations cannot carry"):
        Simulation(simulations=10)
    with pytest.raises(MeasureError, match="study area"):
        pp.kd_envelope(CITY, dealt(1), RADII, simulation=quick(null="locations"))
    with pytest.raises(MeasureError, match="outside the study area"):
        pp.m_envelope(CITY, dealt(1), RADII, window=shapely.box(0, 0, 1, 1), simulation=quick())
    with pytest.raises(MeasureError, match="target=a"):
        pp.kd_cross_envelope(CITY, ["a"] * 300, RADII, source="a", target="a", simulation=quick())


def test_random_locations_are_uniform_in_the_area() -> None:
    hole = shapely.box(0, 0, 100, 100).difference(shapely.box(0, 0, 50, 100))
    points = random_locations(hole, 4000, np.random.default_rng(1))
    assert points.shape == (4000, 2)
    assert points[:, 0].min() >= 50
    assert points.mean(axis=0) == pytest.approx([75, 50], abs=2)
