"""Location models on seeded clustered cities, beside direct formulations.

Demand lies in 12 clusters (standard deviation 3 km) on a square of 50 km, candidates are some of
its places, costs are straight lines; the seed is 1. Covering at 20,000 × 2,000: radius 1.5 km, 40
sites; demand that no candidate reaches is left out of the set covering.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.case import Case
from layout.measures.location import Location, maximal_covering, p_median, set_covering
from layout.measures.location_highs import Program, rows_of, solve

SEED = 1
RADIUS_M = 1500.0
LIMIT_S = 55.0
Floats = npt.NDArray[np.float64]


def city(demand: int, candidates: int) -> Floats:
    """Distances in metres, demand × candidates."""
    rng = np.random.default_rng(SEED)
    centres = rng.uniform(0, 50_000, (12, 2))
    places = centres[rng.integers(12, size=demand)] + rng.normal(0, 3_000, (demand, 2))
    sites = places[rng.choice(demand, candidates, replace=False)]
    return np.hypot(places[:, 0, None] - sites[None, :, 0], places[:, 1, None] - sites[None, :, 1])


def direct(cost: Floats, p: int) -> float:
    """The usual formulation, an x a pair, in HiGHS."""
    n, m = cost.shape
    x, y = np.arange(n * m), n * m + np.arange(m)
    pairs = np.stack([x, np.tile(y, n)], axis=1).ravel()
    start, index, value = rows_of(
        (np.arange(n + 1) * m, x, np.ones(n * m)),
        (np.arange(n * m + 1) * 2, pairs, np.tile([1.0, -1.0], n * m)),
        (np.array([0, m]), y, np.ones(m)),
    )
    program = Program(
        cost=np.concatenate([cost.ravel(), np.zeros(m)]),
        low=np.zeros(n * m + m),
        high=np.ones(n * m + m),
        integer=np.arange(n * m + m) >= n * m,
        row_low=np.concatenate([np.ones(n), np.full(n * m, -np.inf), [float(p)]]),
        row_high=np.concatenate([np.ones(n), np.zeros(n * m), [float(p)]]),
        start=start,
        index=index,
        value=value,
    )
    solved = solve(program, deadline=time.perf_counter() + 1200)
    assert solved.optimal
    return solved.bound


def spopt_median(cost: Floats, p: int) -> float:
    import pulp
    from spopt.locate import PMedian

    model = PMedian.from_cost_matrix(cost, np.ones(len(cost)), p)
    model.solve(pulp.HiGHS(msg=False))
    return float(pulp.value(model.problem.objective))


def equal(ours: Location, peer: float) -> bool:
    return ours.proven and bool(np.isclose(ours.objective, peer, rtol=1e-5))


def reached() -> Floats:
    cost = city(20_000, 2_000)
    return cost[(cost <= RADIUS_M).any(axis=1)]


def proven_median(cost: Floats) -> Location:
    found = p_median(cost, 20)
    assert found.proven
    return found


def most_covered(cost: Floats) -> Location:
    found = maximal_covering(cost, RADIUS_M, 40, time_limit_s=LIMIT_S)
    assert found.gap <= 0.01
    return found


def all_covered(cost: Floats) -> Location:
    found = set_covering(cost, RADIUS_M, time_limit_s=LIMIT_S)
    assert found.objective - found.lower_bound <= max(1, 0.02 * found.objective)
    return found


def _peer(work: Any) -> Any:
    return lambda cost: work(cost, 10)


CASES = (
    Case(
        "p-median, 1,000 × 200, p = 10",
        lambda: city(1_000, 200),
        lambda cost: p_median(cost, 10),
        _peer(direct),
        "direct formulation in HiGHS",
        equal,
        at_least_ratio=50,
    ),
    Case(
        "p-median, 300 × 60, p = 6",
        lambda: city(300, 60),
        lambda cost: p_median(cost, 6),
        lambda cost: spopt_median(cost, 6),
        "spopt.PMedian with HiGHS",
        equal,
        at_least_ratio=50,
    ),
    Case("p-median, 5,000 × 500, p = 20, proven", lambda: city(5_000, 500), proven_median,
         at_most_s=20),
    Case("Maximal covering, 20,000 × 2,000, gap at most 1 %", lambda: city(20_000, 2_000),
         most_covered, at_most_s=60),
    Case("Set covering, 20,000 × 2,000, bound within 2 %", reached, all_covered, at_most_s=60),
)  # fmt: skip
