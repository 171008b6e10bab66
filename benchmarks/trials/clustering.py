"""Patterns without any clustering of the sector, over and over: how often is some found?

Kd and M: 100 firms of a sector dealt among 1,000 firms that are themselves clustered and share
addresses, 199 simulated labellings each, level 5 %. G*: values without association on 30 × 30
cells, false discovery rate 5 %. Location quotients: regions drawn from one mix. The intervals of
promised rates are binomial, 99 %.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.trials.figure import Figure
from layout.core import measure_columns as names
from layout.measures import concentration, hotspots, point_patterns
from layout.measures.neighbours import distance_band
from layout.measures.specialization import location_quotient_inference

QUESTION = "Does a sector without clustering stay without clusters?"
PATTERNS = 400
MAPS = 200
RADII = np.linspace(0, 4_000, 21)


def figures() -> Iterator[Figure]:
    """False alarms of each test."""
    yield from _distance_tests()
    yield _hot_spots()
    yield _dartboard()
    yield from _quotients()


def rate(what: str, found: int, trials: int, level: float) -> Figure:
    """A rate of false alarms, which must not be above its level by more than chance allows."""
    most = int(stats.binom.ppf(0.995, trials, level))
    value = f"{found} of {trials} ({found / trials:.1%})"
    return Figure(what, value, f"{level:.0%}: at most {most}", found <= most)


def _firms(rng: np.random.Generator) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    centres = rng.random((12, 2)) * (12_000, 6_000)
    points = centres[rng.integers(0, 12, 1_000)] + rng.normal(0, 400, (1_000, 2))
    points[700:] = rng.random((300, 2)) * (12_000, 6_000)
    shared = rng.random(1_000) < 0.2
    points[shared] = points[rng.integers(0, 20, shared.sum())]
    return points


def _distance_tests() -> Iterator[Figure]:
    for name, test in (("Kd", point_patterns.kd_envelope), ("M", point_patterns.m_envelope)):
        for weighted in (False, True):
            found = 0
            for trial in range(PATTERNS // 2):
                rng = np.random.default_rng([1, trial])
                points, mask = _firms(rng), np.zeros(1_000, dtype=bool)
                mask[rng.choice(1_000, 100, replace=False)] = True
                weights = rng.pareto(1.5, 1_000) + 1 if weighted else None
                simulation = point_patterns.Simulation(simulations=199, seed=trial)
                result = test(points, mask, RADII, weights=weights, simulation=simulation)
                found += result.p <= 0.05
            by = "by size" if weighted else "by number"
            yield rate(f"{name}, {by}: sectors found localised", found, PATTERNS // 2, 0.05)


def _hot_spots() -> Figure:
    x, y = np.meshgrid(np.arange(30), np.arange(30))
    graph = distance_band(np.column_stack([x.ravel(), y.ravel()]) * 100.0, 145.0)
    found = 0
    for trial in range(MAPS):
        values = np.random.default_rng([2, trial]).pareto(2.5, 900)
        q = hotspots.getis_ord(values, graph, seed=trial)[names.Q]
        found += bool((q <= 0.05).any())
    return rate("G*: maps with a false hot or cold spot", found, MAPS, 0.05)


def _dartboard() -> Figure:
    rng = np.random.default_rng(3)
    chances = np.array([0.3, 0.2, 0.15, 0.1, 0.1, 0.08, 0.05, 0.02])
    sectors = np.repeat(np.arange(10_000), 25)
    sizes = rng.pareto(2.0, sectors.size) + 1
    regions = rng.choice(chances.size, sectors.size, p=chances)
    gamma = concentration.ellison_glaeser(
        sizes, sectors, regions, reference=pd.Series(chances * 1e6)
    )[names.GAMMA]
    error = gamma.std() / np.sqrt(len(gamma))
    value = f"{gamma.mean():.5f} ± {error:.5f}"
    kept = bool(abs(gamma.mean()) < 3 * error)
    return Figure("Ellison–Glaeser γ of 10,000 sectors on a dartboard", value, "0", kept)


def _quotients() -> Iterator[Figure]:
    rng = np.random.default_rng(4)
    sizes, mix = rng.integers(5, 800, 40), rng.dirichlet(np.ones(12))
    false, inside, cells = 0, 0, 0
    for _ in range(MAPS):
        table = pd.DataFrame(np.vstack([rng.multinomial(size, mix) for size in sizes]))
        result = location_quotient_inference(table)
        false += bool((result["q_over_by"] <= 0.05).any())
        known = result[names.HIGH].notna()
        covered = (result[names.LOW] <= 1) & (result[names.HIGH] >= 1)
        inside, cells = inside + int(covered[known].sum()), cells + int(known.sum())
    yield rate("LQ: tables with a false specialisation (BY)", false, MAPS, 0.05)
    share = inside / cells
    yield Figure(
        "LQ: 95 % intervals that hold the true quotient", f"{share:.1%}", "94–98 %",
        0.94 <= share <= 0.98,
    )  # fmt: skip
