import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from layout.core.errors import FaultsError, LayoutError, MeasureError
from layout.measures.location import NOBODY, Location, maximal_covering, p_median

SHARED = Path(__file__).parents[3] / "shared"


def instance(seed: int, *, demand: int = 12, candidates: int = 8) -> tuple:
    """Costs and weights, some of them zero, at random."""
    rng = np.random.default_rng(seed)
    cost = np.round(rng.uniform(0, 100, (demand, candidates)), int(rng.integers(0, 3)))
    weights = rng.integers(0, 4, demand).astype(float)
    weights[0] = 1.0
    return rng, cost, weights


def choices(rng: np.random.Generator, m: int, p: int) -> tuple[list[int], list[int]]:
    """Fixed and forbidden candidates that leave a choice."""
    order = rng.permutation(m)
    fixed = order[: rng.integers(0, p)].tolist()
    forbidden = order[m - int(rng.integers(0, m - p + 1)) :].tolist()
    return fixed, forbidden


def sets_of(m: int, p: int, fixed: list[int], forbidden: list[int]) -> list[list[int]]:
    return [
        list(s)
        for s in itertools.combinations(range(m), p)
        if set(fixed) <= set(s) and not set(forbidden) & set(s)
    ]


def cost_of(cost: np.ndarray, weights: np.ndarray, sites: list[int]) -> float:
    return float((weights * cost[:, sites].min(axis=1)).sum())


@pytest.mark.parametrize("seed", range(60))
def test_the_p_median_is_that_of_all_sets(seed: int) -> None:
    rng, cost, weights = instance(seed)
    p = int(rng.integers(1, 6))
    fixed, forbidden = choices(rng, 8, p)
    found = p_median(cost, p, weights=weights, fixed=fixed, forbidden=forbidden)
    best = min(cost_of(cost, weights, s) for s in sets_of(8, p, fixed, forbidden))
    assert found.objective == pytest.approx(best, rel=1e-9, abs=1e-9)
    assert cost_of(cost, weights, list(found.sites)) == pytest.approx(best)
    assert found.proven
    assert found.lower_bound <= found.objective
    assert len(found.sites) == p
    assert set(fixed) <= set(found.sites)
    assert not set(forbidden) & set(found.sites)


@pytest.mark.parametrize("seed", range(60))
def test_the_covered_weight_is_the_most_of_all_sets(seed: int) -> None:
    rng, cost, weights = instance(seed)
    p = int(rng.integers(1, 6))
    fixed, forbidden = choices(rng, 8, p)
    radius = float(rng.uniform(2, 50))
    found = maximal_covering(cost, radius, p, weights=weights, fixed=fixed, forbidden=forbidden)

    def covered(sites: list[int]) -> float:
        return float(weights[(cost[:, sites] <= radius).any(axis=1)].sum())

    best = max(covered(s) for s in sets_of(8, p, fixed, forbidden))
    assert found.objective == pytest.approx(best)
    assert covered(list(found.sites)) == pytest.approx(best)
    assert found.proven
    assert weights[found.allocation != NOBODY].sum() == pytest.approx(best)


@pytest.mark.parametrize("seed", range(20))
def test_several_service_levels_are_weighed(seed: int) -> None:
    rng, cost, weights = instance(seed)
    radii, levels = [15.0, 40.0], [1.0, 0.4]
    p = int(rng.integers(1, 4))
    found = maximal_covering(cost, radii, p, levels=levels, weights=weights)

    def value(sites: list[int]) -> float:
        near = cost[:, sites].min(axis=1)
        level = np.where(near <= radii[0], 1.0, np.where(near <= radii[1], 0.4, 0.0))
        return float((weights * level).sum())

    best = max(value(s) for s in sets_of(8, p, [], []))
    assert found.objective == pytest.approx(best)


@pytest.mark.parametrize("seed", range(20))
def test_preferred_candidates_are_worth_their_bonus(seed: int) -> None:
    rng, cost, weights = instance(seed)
    bonus = {1: 30.0, 5: float(rng.uniform(0, 200))}
    found = p_median(cost, 3, weights=weights, preferred=bonus)
    best = min(
        cost_of(cost, weights, s) - sum(bonus.get(j, 0.0) for j in s) for s in sets_of(8, 3, [], [])
    )
    assert found.objective == pytest.approx(best)
    most = maximal_covering(cost, 20.0, 3, weights=weights, preferred=bonus)
    best = max(
        weights[(cost[:, s] <= 20).any(axis=1)].sum() + sum(bonus.get(j, 0.0) for j in s)
        for s in sets_of(8, 3, [], [])
    )
    assert most.objective == pytest.approx(best)


def test_a_plain_preference_decides_between_equals_only() -> None:
    cost = np.array([[1.0, 1.0, 1.0, 9.0], [5.0, 5.0, 5.0, 9.0]])
    for j in range(3):
        assert p_median(cost, 1, preferred=[j]).sites == (j,)
    assert p_median(cost, 1, preferred=[3]).objective == 6.0


@pytest.mark.parametrize("seed", range(10))
def test_dropping_and_replacing_cost_what_they_cost(seed: int) -> None:
    _, cost, weights = instance(seed)
    found = p_median(cost, 3, weights=weights)
    for row in found.alternatives.itertuples():
        rest = [j for j in found.sites if j != row.site]
        others = [j for j in range(8) if j not in found.sites]
        swapped = {j: cost_of(cost, weights, [*rest, j]) - found.objective for j in others}
        assert row.drop_cost == pytest.approx(cost_of(cost, weights, rest) - found.objective)
        assert row.replace_cost == pytest.approx(min(swapped.values()))
        assert swapped[row.replace_by] == pytest.approx(row.replace_cost)
        assert row.replace_cost >= -1e-9
    assert found.alternatives["demand"].sum() == weights.sum()


def test_the_only_site_cannot_be_dropped() -> None:
    found = p_median(np.array([[1.0, 2.0], [3.0, 1.0]]), 1)
    assert np.isnan(found.alternatives["drop_cost"]).all()
    assert np.isnan(p_median(np.ones((2, 2)), 2).alternatives["replace_cost"]).all()


def test_a_time_limit_gives_the_best_set_and_its_gap() -> None:
    rng = np.random.default_rng(5)
    xy = rng.uniform(0, 1, (400, 2))
    cost = np.abs(xy[:, None] - xy[None]).sum(axis=2)
    found = p_median(cost, 12, time_limit_s=0)
    assert len(found.sites) == 12
    assert 0 < found.gap < 1
    assert not found.proven
    assert found.lower_bound < p_median(cost, 12, time_limit_s=0.5).objective
    whole = maximal_covering(cost, 0.1, 12, time_limit_s=0)
    assert 0 < whole.objective <= whole.upper_bound


@pytest.mark.parametrize("change", ["shuffle", "twice"])
def test_order_and_scale_change_nothing(change: str) -> None:
    rng, cost, weights = instance(3, demand=40, candidates=12)
    base = p_median(cost, 4, weights=weights)
    if change == "twice":
        assert p_median(cost * 2, 4, weights=weights).objective == pytest.approx(2 * base.objective)
        return
    order = rng.permutation(40)
    again = p_median(cost[order], 4, weights=weights[order])
    assert again.sites == base.sites
    assert (again.allocation == base.allocation[order]).all()


def refusal(**call: object) -> str:
    given = {"cost": np.ones((3, 2)), "p": 1, **call}
    with pytest.raises(LayoutError) as raised:
        p_median(given.pop("cost"), given.pop("p"), **given)
    assert raised.value.message("zh") != raised.value.message("en")
    return raised.value.message("en")


def test_what_cannot_be_used_is_refused_in_words() -> None:
    holes = np.array([[1.0, np.nan], [np.inf, 2.0]])
    assert "2 are missing, infinite or negative" in refusal(cost=holes)
    assert "row 1, column 0" in refusal(cost=np.array([[1.0, 1.0], [-1.0, 2.0]]))
    assert "3 sites were asked for" in refusal(p=3)
    assert "only 1 candidates" in refusal(p=2, forbidden=[0])
    assert "whole number from 1" in refusal(p=0)
    assert "All weights of demand are zero" in refusal(weights=[0, 0, 0])
    assert "row 1" in refusal(weights=[1, -2, 0])
    assert "weights has 2 values" in refusal(weights=[1, 2])
    assert "no candidate 7" in refusal(fixed=[7])
    assert "both fixed and forbidden" in refusal(fixed=[0], forbidden=[0])
    assert "2 sites are fixed" in refusal(fixed=[0, 1])
    assert "matrix" in refusal(cost=[1.0, 2.0])
    assert "worth" in refusal(preferred={0: -1.0})


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(FaultsError) as raised:
        p_median(np.full((2, 2), np.nan), 5, weights=[0, 0], fixed=[9])
    assert len(raised.value.faults) == 4


def test_levels_and_radii_go_together() -> None:
    cost = np.ones((3, 2))
    for radius, levels in (([1, 2], [1.0]), ([2, 1], [1, 0.5]), ([1, 2], [0.5, 1]), ([1], [2.0])):
        with pytest.raises(MeasureError):
            maximal_covering(cost, radius, 1, levels=levels)
    with pytest.raises(MeasureError, match="radius"):
        maximal_covering(cost, -1.0, 1)


def test_nothing_within_reach_covers_nothing() -> None:
    found = maximal_covering(np.full((4, 3), 9.0), 1.0, 2)
    assert found.objective == 0
    assert found.proven
    assert (found.allocation == NOBODY).all()


def _graph(path: Path) -> np.ndarray:
    """All shortest paths; a later line of an edge replaces an earlier one."""
    numbers = np.array(path.read_text().split(), dtype=float)
    n, edges = int(numbers[0]), int(numbers[1])
    far = np.full((n, n), np.inf)
    for a, b, length in numbers[3 : 3 + 3 * edges].reshape(-1, 3):
        far[int(a) - 1, int(b) - 1] = far[int(b) - 1, int(a) - 1] = length
    np.fill_diagonal(far, 0.0)
    for k in range(n):
        far = np.minimum(far, far[:, [k]] + far[[k]])
    return far


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the public files are not beside the checkout")
def test_or_library_is_solved_to_its_known_optima() -> None:
    known = json.loads((SHARED / "reference/pmedian_orlib.json").read_text())
    for case in known["cases"]:
        cost = _graph(SHARED / "reference" / case["input"])
        found: Location = p_median(cost, case["p"])
        assert found.objective == case["expected"], case["instance"]
        assert found.proven, case["instance"]
