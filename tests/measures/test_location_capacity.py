import itertools
import time

import numpy as np
import pytest

from layout.core.errors import MeasureError
from layout.measures.location import capacitated_p_median, distances, latencies, p_dispersion
from layout.measures.location_stability import inclusion, pareto_front, weight_draws


@pytest.mark.parametrize("seed", range(12))
def test_capacities_are_kept_at_least_cost(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cost, weights = rng.uniform(0, 9, (6, 4)), rng.integers(1, 4, 6).astype(float)
    room = rng.integers(5, 9, 4).astype(float)
    best = np.inf
    for sites in itertools.combinations(range(4), 2):
        for of in itertools.product(sites, repeat=6):
            load = np.bincount(of, weights, minlength=4)
            if (load <= room).all():
                best = min(best, float((weights * cost[range(6), of]).sum()))
    if np.isinf(best):
        with pytest.raises(MeasureError):
            capacitated_p_median(cost, 2, capacity=room, weights=weights)
        return
    found = capacitated_p_median(cost, 2, capacity=room, weights=weights)
    assert found.objective == pytest.approx(best)
    assert found.proven
    assert (np.bincount(found.allocation, weights, minlength=4) <= room + 1e-9).all()
    assert set(found.allocation) <= set(found.sites)
    assert (found.alternatives["replace_cost"].dropna() >= -1e-6).all()


def tight(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    cost, weights = rng.uniform(0, 9, (8, 5)), rng.integers(1, 5, 8).astype(float)
    return cost, weights, np.full(5, np.ceil(weights.sum() / 3 * 1.15))


def cheapest(cost: np.ndarray, weights: np.ndarray, room: np.ndarray, p: int) -> float:
    """Least cost over all sets and assignments."""
    n, m = cost.shape
    best = np.inf
    for sites in itertools.combinations(range(m), p):
        for of in itertools.product(sites, repeat=n):
            if (np.bincount(of, weights, minlength=m) <= room).all():
                best = min(best, float((weights * cost[range(n), of]).sum()))
    return best


@pytest.mark.parametrize("seed", range(4))
def test_a_limit_of_no_time_gives_an_assignment_with_its_gap(seed: int) -> None:
    cost, weights, room = tight(seed)
    best = cheapest(cost, weights, room, 3)
    found = capacitated_p_median(cost, 3, capacity=room, weights=weights, time_limit_s=1e-6)
    assert (np.bincount(found.allocation, weights, minlength=5) <= room + 1e-9).all()
    assert set(found.allocation) <= set(found.sites)
    assert found.lower_bound <= best + 1e-6
    assert found.objective >= best - 1e-6
    assert found.objective <= 1.5 * best
    assert np.isfinite(found.gap)
    in_time = capacitated_p_median(cost, 3, capacity=room, weights=weights)
    assert in_time.objective == pytest.approx(best)
    assert in_time.proven


def test_a_large_choice_ends_at_its_limit_with_a_gap() -> None:
    rng = np.random.default_rng(5)
    places = rng.normal(rng.uniform(0, 50, (8, 2))[rng.integers(8, size=800)], 3)
    weights = rng.integers(1, 20, 800).astype(float)
    cost = distances(places, places[:120])
    room = np.full(120, weights.sum() / 10 * 1.4)
    began = time.perf_counter()
    found = capacitated_p_median(cost, 10, capacity=room, weights=weights, time_limit_s=3)
    # the limit, what HiGHS takes to notice it, and a busy machine
    assert time.perf_counter() - began < 30
    assert (np.bincount(found.allocation, weights, minlength=120) <= room[0] + 1e-6).all()
    assert 0 < found.lower_bound <= found.objective
    assert found.gap < 0.05


def test_the_best_attempt_is_told_where_no_assignment_is_found() -> None:
    # 6 and 6, 6 and 5 fill the two sites of 13.5; the 4 fits nowhere
    with pytest.raises(MeasureError, match=r"No choice of 2|leaves demand of 4"):
        capacitated_p_median(
            np.ones((5, 2)), 2, capacity=13.5, weights=[6, 6, 6, 5, 4], time_limit_s=1e-6
        )


@pytest.mark.parametrize("seed", range(6))
def test_preferred_candidates_decide_between_sets_equally_apart(seed: int) -> None:
    rng = np.random.default_rng(seed)
    d = np.rint(distances(*(rng.uniform(0, 4, (9, 2)),) * 2))
    found = p_dispersion(d, 3, preferred=[1, 4, 7])
    least = {
        s: min(d[a, b] for a, b in itertools.combinations(s, 2))
        for s in itertools.combinations(range(9), 3)
    }
    most = max(least.values())
    assert found.objective == most
    kept = max(len({1, 4, 7} & set(s)) for s, value in least.items() if value == most)
    assert len({1, 4, 7} & set(found.sites)) == kept


@pytest.mark.parametrize("seed", range(20))
def test_the_dispersed_are_the_farthest_of_all_sets(seed: int) -> None:
    rng = np.random.default_rng(seed)
    d = distances(*(rng.uniform(0, 9, (9, 2)),) * 2)
    p = int(rng.integers(2, 6))
    fixed, forbidden = [2] if seed % 2 else [], [5] if seed % 3 else []
    found = p_dispersion(d, p, fixed=fixed, forbidden=forbidden)
    least = [
        min(d[a, b] for a, b in itertools.combinations(s, 2))
        for s in itertools.combinations(range(9), p)
        if set(fixed) <= set(s) and not set(forbidden) & set(s)
    ]
    assert found.objective == pytest.approx(max(least))
    assert found.proven
    assert len(found.sites) == p


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(MeasureError, match="largest sites can serve"):
        capacitated_p_median(np.ones((4, 3)), 1, capacity=2.0)
    with pytest.raises(MeasureError, match="No choice of 2"):
        capacitated_p_median(np.ones((3, 2)), 2, capacity=1.5)
    with pytest.raises(MeasureError, match="Capacities"):
        capacitated_p_median(np.ones((3, 2)), 2, capacity=-1.0)
    with pytest.raises(MeasureError, match="symmetric"):
        p_dispersion([[0, 1], [2, 0]], 2)
    with pytest.raises(MeasureError, match="two"):
        p_dispersion(np.zeros((3, 3)), 1)
    with pytest.raises(MeasureError, match="Coordinates"):
        distances([[np.nan, 1]], [[0, 0]])
    with pytest.raises(MeasureError, match="route factor"):
        latencies([[0, 0]], [[0, 0]], route_factor=0.5)


def test_fibre_takes_its_time() -> None:
    there = latencies([[0, 0]], [[100_000, 0]], route_factor=1.0)
    assert there[0, 0] == pytest.approx(980.0)  # 100 km there and back: 0.98 ms
    one_way = latencies(
        [[0, 0]], [[3_000, 4_000]], route_factor=2.0, equipment_us=5, round_trip=False
    )
    assert one_way[0, 0] == pytest.approx(5 * 2 * 4.9 + 5)


def test_draws_have_the_mean_and_spread_that_are_asked_for() -> None:
    drawn = weight_draws([0.5, 0.5, 0, 1], draws=20_000, spread=0.02, seed=3)
    assert np.allclose(drawn.sum(axis=1), 1)
    assert np.allclose(drawn.mean(axis=0), [0.25, 0.25, 0, 0.5], atol=0.002)
    assert drawn[:, 0].std() == pytest.approx(np.sqrt(0.25 * 0.75 * 0.02 / 1.02), rel=0.05)
    assert (drawn == weight_draws([1, 1, 0, 2], draws=20_000, spread=0.02, seed=3)).all()
    with pytest.raises(MeasureError):
        weight_draws([0, 0], draws=2, spread=0.1, seed=1)


def test_inclusion_tells_how_often_a_site_stays() -> None:
    scores = [[1.0, 0.0], [0.9, 0.9], [0.0, 1.0], [0.1, 0.1]]
    draws = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
    table = inclusion(scores, draws, shortlist=2, choose=lambda rows: rows[:1])
    assert table["shortlisted"].tolist() == [0.75, 1.0, 0.25, 0.0]
    assert table["chosen"].tolist() == [0.75, 0.25, 0.0, 0.0]
    assert table["rank_mean"].tolist()[1] == pytest.approx((2 + 2 + 2 + 1) / 4)


def test_the_front_is_what_nobody_beats() -> None:
    values = [[1, 5], [2, 6], [2, 4], [1, 5], [np.nan, 9]]
    assert pareto_front(values, ["low", "high"]).tolist() == [True, True, False, True, False]
