import itertools

import numpy as np
import pytest

from layout.core.errors import MeasureError
from layout.measures.location import NOBODY, p_center, set_covering


def instance(seed: int) -> tuple[np.random.Generator, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng, np.round(rng.uniform(0, 100, (12, 8)), int(rng.integers(0, 2)))


def subsets(m: int) -> list[list[int]]:
    return [list(s) for k in range(m + 1) for s in itertools.combinations(range(m), k)]


@pytest.mark.parametrize("seed", range(30))
def test_the_cover_is_the_smallest_of_all(seed: int) -> None:
    rng, cost = instance(seed)
    times = int(rng.integers(1, 3))
    fixed, forbidden = [0] if seed % 3 == 0 else [], [7] if seed % 2 else []
    allowed = [j for j in range(8) if j not in forbidden]
    radius = float(np.sort(cost[:, allowed], axis=1)[:, times - 1].max() + rng.uniform(0, 20))
    found = set_covering(cost, radius, times=times, fixed=fixed, forbidden=forbidden)
    fit = [
        s
        for s in subsets(8)
        if set(fixed) <= set(s)
        and not set(forbidden) & set(s)
        and ((cost[:, s] <= radius).sum(axis=1) >= times).all()
    ]
    assert found.objective == min(map(len, fit))
    assert list(found.sites) in fit
    assert found.proven
    assert (found.allocation != NOBODY).all()


@pytest.mark.parametrize("seed", range(30))
def test_the_centre_is_the_nearest_of_all_sets(seed: int) -> None:
    rng, cost = instance(seed)
    weights = rng.integers(0, 3, 12).astype(float)
    weights[0] = 1
    p = int(rng.integers(1, 5))
    fixed, forbidden = [1] if seed % 3 == 0 else [], [7] if seed % 2 else []
    found = p_center(cost, p, weights=weights, fixed=fixed, forbidden=forbidden)

    def worst(sites: list[int]) -> float:
        return float((weights * cost[:, sites].min(axis=1)).max())

    fit = [
        list(s)
        for s in itertools.combinations(range(8), p)
        if set(fixed) <= set(s) and not set(forbidden) & set(s)
    ]
    assert found.objective == pytest.approx(min(map(worst, fit)))
    assert worst(list(found.sites)) == pytest.approx(found.objective)
    assert list(found.sites) in fit
    assert found.proven


@pytest.mark.parametrize("seed", range(8))
def test_preferred_candidates_decide_between_equal_centres(seed: int) -> None:
    cost = np.rint(np.random.default_rng(seed).uniform(0, 6, (7, 8)))
    liked = {1: 2.0, 4: 1.0, 6: 1.5}
    found = p_center(cost, 3, fixed=[0], preferred=liked)
    worst = {s: cost[:, s].min(axis=1).max() for s in itertools.combinations(range(8), 3) if 0 in s}
    least = min(worst.values())
    assert found.objective == least
    best = max(sum(liked.get(j, 0) for j in s) for s, value in worst.items() if value == least)
    assert sum(liked.get(j, 0) for j in found.sites) == best
    assert found.proven


@pytest.mark.parametrize("seed", range(10))
def test_a_bonus_counts_against_the_number_of_sites(seed: int) -> None:
    rng, cost = instance(seed)
    radius = float(cost.min(axis=1).max() + 10)
    bonus = {2: 0.7, 3: 0.2, 4: float(rng.uniform(0, 0.9))}
    found = set_covering(cost, radius, preferred=bonus)
    worth = [
        len(s) - sum(bonus.get(j, 0.0) for j in s)
        for s in subsets(8)
        if s and (cost[:, s] <= radius).any(axis=1).all()
    ]
    assert found.objective == pytest.approx(min(worth))


def test_every_demand_may_have_its_own_reach() -> None:
    cost = np.array([[1.0, 5.0], [5.0, 1.0]])
    assert set_covering(cost, [1.0, 1.0]).sites == (0, 1)
    assert set_covering(cost, [1.0, 5.0]).sites == (0,)
    assert set_covering(cost, 1.0, weights=[1, 0]).sites == (0,)
    assert set_covering(np.ones((3, 2)), 1.0, preferred=[1]).sites == (1,)


def test_demand_that_cannot_be_covered_is_listed() -> None:
    cost = np.array([[1.0, 2.0], [9.0, 8.0], [9.0, 1.0], [7.0, 9.0]])
    with pytest.raises(MeasureError, match="2 places of demand") as raised:
        set_covering(cost, 2.0)
    assert raised.value.values["demand"] == (1, 3)
    with pytest.raises(MeasureError, match=r"1, 2, 3"):
        set_covering(cost, 2.0, forbidden=[1])


def test_dropping_a_site_tells_what_is_no_longer_covered() -> None:
    cost = np.array([[0.0, 9.0, 9.0], [9.0, 0.0, 0.0], [9.0, 0.0, 9.0]])
    found = set_covering(cost, 1.0, weights=[2, 3, 4])
    table = found.alternatives.set_index("site")
    assert found.sites == (0, 1)
    assert table["drop_cost"].tolist() == [2, 7]
    assert table.loc[1, "replace_by"] == 2
    assert table.loc[1, "replace_cost"] == 4


def test_a_larger_cover_has_a_bound() -> None:
    rng = np.random.default_rng(2)
    demand, sites = rng.uniform(0, 10, (600, 2)), rng.uniform(0, 10, (120, 2))
    cost = np.hypot(*(demand[:, None] - sites[None]).T).T
    radius = float(cost.min(axis=1).max())
    found = set_covering(cost, radius, time_limit_s=20)
    assert (cost[:, found.sites].min(axis=1) <= radius).all()
    assert found.objective - found.lower_bound <= max(1, 0.02 * found.objective)
    centre = p_center(cost, len(found.sites), time_limit_s=20)
    assert centre.objective <= radius
