"""A planted cluster is found with its firms; chance is called chance; odd input has an answer."""

from __future__ import annotations

import numpy as np
import pytest

from layout.core import measure_columns as names
from layout.core.errors import MeasureError
from layout.measures.neighbourhoods import neighbourhoods
from layout.measures.nulls import Simulation
from layout.measures.sector_clusters import METHODS, Rule, sector_clusters, strength

SIMULATION = Simulation(simulations=99)
CENTRE = np.array([505_000.0, 2_503_000.0])


def city(seed: int = 0, planted: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """1,200 firms about three centres; a sector of 60 anywhere and a quarter of its own."""
    rng = np.random.default_rng(seed)
    centres = np.array([[500_000.0, 2_500_000.0], [503_000.0, 2_502_000.0], [507_000.0, 2_501_000]])
    firms = centres[rng.integers(0, 3, 1_200)] + rng.normal(0, 700, (1_200, 2))
    mask = np.zeros(1_200 + planted, dtype=bool)
    mask[rng.choice(1_200, 60, replace=False)] = True
    mask[1_200:] = True
    angle, radius = rng.random(planted) * 2 * np.pi, 250 * np.sqrt(rng.random(planted))
    own = CENTRE + np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    return np.vstack([firms, own]), mask


def test_strength_is_that_of_the_scan_statistic() -> None:
    """Kulldorff's ratio by hand: 8 of 10 inside, 12 of 90 outside."""
    by_hand = (
        8 * np.log(0.8) + 2 * np.log(0.2) + 12 * np.log(12 / 90) + 78 * np.log(78 / 90)
        - 20 * np.log(0.2) - 80 * np.log(0.8)
    )  # fmt: skip
    assert strength(8, 10, 20, 100) == pytest.approx(by_hand)
    assert strength([2, 1, 0], [10, 10, 10], 20, 100).tolist() == [0, 0, 0]  # not more than outside
    assert np.isfinite(strength([20, 20], [20, 100], 20, 100)).all()


@pytest.mark.parametrize("method", METHODS)
def test_a_planted_quarter_is_found(method: str) -> None:
    points, mask = city()
    found = sector_clusters(points, mask, rule=Rule(method), simulation=SIMULATION)  # type: ignore[arg-type]
    first = found.table.iloc[0]
    assert first[names.P_SIM] == 0.01  # the least that 99 simulations can say
    inside = found.ground == 0
    assert inside[1_200:].mean() >= 0.9
    assert (inside & mask).sum() == first[names.FIRMS]
    assert inside.sum() == first[names.ALL_FIRMS]
    share = first[names.FIRMS] / first[names.ALL_FIRMS]
    assert first[names.LQ] == pytest.approx(share / mask.mean())


def test_relative_clusters_are_those_of_brute_force() -> None:
    points, mask = city(planted=60)
    rule = Rule("relative", min_firms=8, min_quotient=2.0)
    found = sector_clusters(points, mask, reach_m=250.0, rule=rule, simulation=SIMULATION)
    near = np.hypot(*(points[:, None] - points[None]).T) <= 250.0
    k, n = (near & mask).sum(axis=1), near.sum(axis=1)
    core = mask & (k >= 8) & (k / n >= 2.0 * mask.mean())
    members = np.zeros(len(points), dtype=bool)
    for cluster in found.members:
        members |= np.isin(found.places.of, cluster)
    assert not (members & ~core).any()
    excess = k - mask.mean() * n
    assert members[np.argmax(np.where(core, excess, -np.inf))]
    ground = (near_within(points, members, 125.0)) & (found.ground >= 0)
    assert (ground == (found.ground >= 0)).all()


def test_hdbscan_takes_apart_what_dbscan_joins() -> None:
    """Two dense quarters and firms between them: one cluster within reach, two by density."""
    rng = np.random.default_rng(3)
    two = CENTRE + np.repeat([[0.0, 0.0], [900.0, 0.0]], 60, axis=0) + rng.normal(0, 60, (120, 2))
    between = CENTRE + np.column_stack([np.linspace(100, 800, 20), rng.normal(0, 60, 20)])
    everywhere = CENTRE + rng.uniform(-5_000, 5_000, (2_000, 2))
    points = np.vstack([two, between, everywhere])
    mask = np.arange(len(points)) < 140
    found = {
        method: sector_clusters(points, mask, rule=Rule(method), simulation=SIMULATION)
        for method in ("dbscan", "hdbscan")
    }
    assert len(found["dbscan"].table) == 1
    assert len(found["hdbscan"].table) == 2
    assert (found["dbscan"].ground[found["hdbscan"].ground >= 0] == 0).all()
    lone = found["hdbscan"].ground[:60]
    assert (lone == lone[0]).mean() > 0.9


def test_hdbscan_finds_the_only_quarter_of_a_sector() -> None:
    """All of a sector in one place: the whole is the cluster."""
    points, _ = city()
    quarter = np.arange(len(points)) >= 1_200
    found = sector_clusters(points, quarter, rule=Rule("hdbscan"), simulation=SIMULATION)
    assert len(found.table) == 1
    assert found.table[names.FIRMS].iloc[0] == 40


def near_within(points: np.ndarray, members: np.ndarray, reach: float) -> np.ndarray:
    gap = np.hypot(*(points[:, None] - points[members][None]).T).T
    return (gap <= reach).any(axis=1)


def test_rows_in_another_order_change_nothing() -> None:
    points, mask = city()
    order = np.random.default_rng(1).permutation(len(points))
    one = sector_clusters(points, mask, simulation=SIMULATION)
    other = sector_clusters(points[order], mask[order], simulation=SIMULATION)
    columns = [names.FIRMS, names.ALL_FIRMS, names.LQ, names.STRENGTH]
    assert one.table[columns].equals(other.table[columns])
    assert (one.ground[order] == other.ground).all()


def test_threads_and_seeds() -> None:
    points, mask = city(planted=12)
    runs = [
        sector_clusters(points, mask, rule=Rule(min_firms=3, min_quotient=1.0),
                        simulation=Simulation(simulations=40, seed=seed, threads=threads))
        for seed, threads in ((0, 1), (0, 4), (1, 2))
    ]  # fmt: skip
    assert (runs[0].strongest == runs[1].strongest).all()
    assert (runs[0].strongest != runs[2].strongest).any()


def test_given_neighbourhoods_are_used() -> None:
    points, mask = city()
    places = neighbourhoods(points, 300.0)
    one = sector_clusters(places, mask, simulation=SIMULATION)
    assert one.table.equals(sector_clusters(points, mask, simulation=SIMULATION).table)


def test_cells_find_the_same_quarter() -> None:
    points, mask = city()
    places = neighbourhoods(points, 300.0, most_pairs=100)
    found = sector_clusters(places, mask, simulation=SIMULATION)
    assert places.cell_m == 50.0
    assert (found.ground[1_200:] == 0).mean() >= 0.9


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("number", "reason"),
    [(0, "undefined.no_points"), (1, "undefined.one_point"), (1_240, "undefined.only_sector")],
)
def test_nothing_to_compare(method: str, number: int, reason: str) -> None:
    points, mask = city()
    mask[:] = False
    mask[:number] = True
    found = sector_clusters(points, mask, rule=Rule(method), simulation=SIMULATION)  # type: ignore[arg-type]
    assert found.undefined == reason
    assert not len(found.table)
    assert (found.ground == -1).all()


@pytest.mark.parametrize("method", METHODS)
def test_all_firms_in_one_building(method: str) -> None:
    points = np.full((80, 2), 500_000.0)
    mask = np.arange(80) < 30
    found = sector_clusters(points, mask, rule=Rule(method), simulation=SIMULATION)  # type: ignore[arg-type]
    assert found.undefined == "undefined.one_place"


def test_no_firm_at_all() -> None:
    found = sector_clusters(np.empty((0, 2)), np.empty(0, dtype=bool))
    assert found.undefined == "undefined.no_points"


def test_bad_input_is_refused() -> None:
    points, mask = city()
    with pytest.raises(MeasureError, match="degrees"):
        sector_clusters(points / 1e6 + (114, 22), mask)
    with pytest.raises(MeasureError, match="null"):
        sector_clusters(points, mask, simulation=Simulation(null="locations"))
    with pytest.raises(MeasureError, match="method"):
        Rule("kmeans")  # type: ignore[arg-type]
    with pytest.raises(MeasureError, match="min_firms"):
        Rule(min_firms=0)
    with pytest.raises(MeasureError, match="min_quotient"):
        Rule(min_quotient=-1.0)
    with pytest.raises(MeasureError, match="mask"):
        sector_clusters(points, mask[:-1])
