"""The truth trials of clusters on ten seeded cities; ``make validate`` has two hundred."""

from __future__ import annotations

from functools import cache

import pytest
from scipy import stats

from benchmarks.trials import sector_clusters as trial
from layout.measures.neighbourhoods import neighbourhoods

city = cache(trial.city)
"""The tests look at the same ten shuffled cities."""


@pytest.mark.parametrize("seed", [101, 102])
def test_planted_clusters_are_found(seed: int) -> None:
    made = trial.city(seed)
    places = neighbourhoods(made.points, trial.REACH_M)
    total = trial.compare(made, trial.search(places, made.sector, trial.RULES["relative"], 239))
    assert total["planted"].sum() >= 15
    assert total["found"].sum() >= 0.8 * total["planted"].sum()
    assert total["right"].sum() >= 0.8 * total["said"].sum()
    by_sector = total[total["planted"] > 0]
    assert (by_sector["found"] >= 0.5 * by_sector["planted"]).all()


@pytest.mark.parametrize("name", ["relative", "DBSCAN", "relative, at least 4 firms"])
def test_shuffled_cities_have_no_more_clusters_than_promised(name: str) -> None:
    seeds = trial.SHUFFLED_SEEDS[:10]
    found = [trial.false_findings(city(s), s, trial.RULES[name], 39) for s in seeds]
    tests = 12 * len(seeds)
    assert sum(count for count, _ in found) <= stats.binom.ppf(0.995, tests, 0.05)
    assert sum(by_q for _, by_q in found) <= stats.binom.ppf(0.995, len(seeds), 0.05)


def test_shuffled_cities_are_not_localised() -> None:
    seeds = trial.SHUFFLED_SEEDS[:10]
    found = [trial.false_localisation(city(s), s, 39) for s in seeds]
    tests = 12 * len(seeds)
    for name in ("Kd", "M"):
        number = sum(one[name][0] for one in found)
        assert number <= stats.binom.ppf(0.995, tests, 0.05)
