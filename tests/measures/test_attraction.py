"""M of pairs is the cross function of Marcon and Puech; chance is called chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from layout.core import measure_columns as names
from layout.core.errors import MeasureError
from layout.measures.attraction import m_pairs
from layout.measures.nulls import Simulation
from layout.measures.point_patterns import m, m_cross
from layout.measures.undefined import explain

LABELS = ("a", "b", "c", "d")
FEW = Simulation(simulations=99)


def firms(seed: int = 0, n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Firms of two sectors side by side, one apart, one empty, the rest of none."""
    rng = np.random.default_rng(seed)
    points = rng.random((n, 2)) * 3_000 + (500_000, 2_500_000)
    points[20:40] = points[40:60]  # shared addresses
    codes = rng.integers(-1, 3, n)
    codes[codes == 2] = np.where(points[codes == 2, 0] > 501_500, 2, -1)
    codes[:30], points[:30] = 0, points[0] + rng.normal(0, 80, (30, 2))
    codes[30:60], points[30:60] = 1, points[0] + rng.normal(0, 80, (30, 2))
    return points, codes


def test_every_pair_is_that_of_the_function_of_distance() -> None:
    points, codes = firms()
    found = m_pairs(points, codes, labels=LABELS, reach_m=300.0, simulation=FEW)[names.M]
    for a in range(3):
        assert found[LABELS[a], LABELS[a]] == pytest.approx(m(points, codes == a, [300.0]).iloc[0])
        for b in set(range(3)) - {a}:
            cross = m_cross(points, codes, [300.0], source=a, target=b).iloc[0]
            assert found[LABELS[a], LABELS[b]] == pytest.approx(cross)


def test_neighbours_attract() -> None:
    points, codes = firms()
    found = m_pairs(points, codes, labels=LABELS, reach_m=300.0, simulation=FEW)
    assert found.loc[("a", "b"), names.P_SIM] == 0.02
    assert found.loc[("a", "b"), names.M] > 1
    assert np.isnan(found.loc[("a", "a"), names.P_SIM])


def test_labels_by_chance_are_rarely_significant() -> None:
    points, codes = firms()
    rng = np.random.default_rng(5)
    few = Simulation(simulations=39)
    p = pd.concat(
        m_pairs(points, rng.permutation(codes), labels=LABELS, simulation=few)[names.P_SIM]
        for _ in range(12)
    ).dropna()
    assert (p <= 0.05).mean() < 0.15


def test_empty_and_lonely_sectors_say_so() -> None:
    points, codes = firms()
    found = m_pairs(points, codes, labels=LABELS, simulation=FEW)
    assert np.isnan(found.loc[("a", "d"), names.M])
    assert "no firm" in str(explain(found, ("a", "d")))
    apart = np.array([[500_000.0 + 10_000 * i, 0.0] for i in range(6)])
    lonely = m_pairs(apart, [0, 0, 1, 1, 2, -1], labels=LABELS, simulation=FEW)
    assert lonely[names.M].isna().all()


def test_bad_input() -> None:
    points, codes = firms()
    with pytest.raises(MeasureError, match="codes"):
        m_pairs(points, codes[:-1], labels=LABELS)
    with pytest.raises(MeasureError, match="degrees"):
        m_pairs(np.array([[114.0, 22.0], [114.1, 22.1]]), [0, 1], labels=LABELS)
