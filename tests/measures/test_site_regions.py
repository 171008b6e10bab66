"""Regions, rectangles, ways and shares of capacity: by hand, by brute force, by properties."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout.core.errors import MeasureError
from layout.measures.least_cost import least_cost, share_out
from layout.measures.site_regions import contiguous_regions, largest_rectangle, place_squares

KNOWN = json.loads((Path(__file__).parent / "known" / "siting.json").read_text("utf-8"))


def test_diagonal_cells_are_one_region_or_three() -> None:
    cells = np.eye(3, dtype=bool)
    assert len(contiguous_regions(cells, 10, contiguity="queen").table) == 1
    assert len(contiguous_regions(cells, 10, contiguity="rook").table) == 3
    expected = KNOWN["raster"][2]["expected"]
    assert expected == {"queen": 1, "rook": 3}
    with pytest.raises(MeasureError, match="rook or queen"):
        contiguous_regions(cells, 10, contiguity="bishop")  # type: ignore[arg-type]


def test_area_compactness_and_rectangle_by_hand() -> None:
    cells = np.zeros((12, 12), dtype=bool)
    cells[1:5, 1:5] = True  # a square of 4 × 4
    cells[8, 1:11] = True  # a thread of 10
    cells[10, 0] = True
    found = contiguous_regions(cells, 100.0, min_area_ha=2)
    assert found.table["area_ha"].tolist() == [16, 10]
    assert found.table["compactness"].tolist() == pytest.approx([1, 16 * 10 / 22**2])
    assert found.table["rectangle_ha"].tolist() == [16, 10]
    assert found.table.loc[1, ["row0", "row1", "col0", "col1"]].tolist() == [1, 5, 1, 5]
    assert found.dropped == {"area": 1, "compactness": 0}
    square = contiguous_regions(cells, 100.0, min_area_ha=2, min_compactness=0.5)
    assert len(square.table) == 1
    assert square.dropped == {"area": 1, "compactness": 1}
    assert (square.labels > 0).sum() == 16


def test_nothing_allowed_gives_no_region() -> None:
    found = contiguous_regions(np.zeros((4, 4), dtype=bool), 20)
    assert found.table.empty
    assert found.labels.max() == 0


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 7), st.integers(1, 7), st.integers(0, 10**6))
def test_largest_rectangle_equals_trying_all(rows: int, cols: int, seed: int) -> None:
    inside = np.random.default_rng(seed).random((rows, cols)) < 0.7
    best = 0
    for r0, r1 in itertools.combinations(range(rows + 1), 2):
        for c0, c1 in itertools.combinations(range(cols + 1), 2):
            if inside[r0:r1, c0:c1].all():
                best = max(best, (r1 - r0) * (c1 - c0))
    row0, row1, col0, col1 = largest_rectangle(inside)
    assert (row1 - row0) * (col1 - col0) == best
    assert inside[row0:row1, col0:col1].all()


def test_squares_are_allowed_spaced_and_best_first() -> None:
    rng = np.random.default_rng(4)
    allowed = rng.random((60, 80)) < 0.97
    suitability = np.where(allowed, rng.random((60, 80)), np.nan).astype(np.float32)
    found = place_squares(suitability, allowed, 4, spacing=9.0, most=12)
    assert 1 < len(found) <= 12
    assert found["mean"].is_monotonic_decreasing
    for row, col in zip(found["row"], found["col"], strict=True):
        assert allowed[row : row + 4, col : col + 4].all()
    for a, b in itertools.combinations(found[["row", "col"]].to_numpy(), 2):
        assert np.hypot(*(a - b)) >= 9.0
    means = [
        suitability[r : r + 4, c : c + 4].mean()
        for r in range(57)
        for c in range(77)
        if allowed[r : r + 4, c : c + 4].all()
    ]
    assert found["mean"].iloc[0] == pytest.approx(max(means), abs=1e-6)
    assert place_squares(suitability, allowed, 90, spacing=0, most=3).empty


def test_least_cost_way_by_hand() -> None:
    case = KNOWN["raster"][1]
    field = least_cost(np.array(case["input"]), [0], [0])
    assert field.cost[3, 3] == pytest.approx(case["expected"]["cost"], abs=1e-12)
    assert field.way(3, 3).tolist() == case["run_here"]["path"]


def test_ways_keep_off_what_cannot_be_crossed() -> None:
    surface = np.ones((5, 5))
    surface[:, 2] = np.nan
    field = least_cost(surface, [0], [0], 10.0)
    assert np.isinf(field.cost[:, 3:]).all()
    assert field.source[0, 4] == -1
    assert field.way(0, 4).shape == (0, 2)
    assert field.cost[0, 1] == 10
    with pytest.raises(MeasureError, match="positive"):
        least_cost(np.zeros((2, 2)), [0], [0])
    with pytest.raises(MeasureError, match="off the grid"):
        least_cost(np.ones((2, 2)), [5], [0])


def test_costs_equal_a_shortest_path_of_scipy() -> None:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import dijkstra

    surface = np.random.default_rng(2).uniform(1, 9, (13, 17))
    rows, cols, cost = [], [], []
    for r, c in np.ndindex(13, 17):
        for dr, dc in ((0, 1), (1, -1), (1, 0), (1, 1)):
            if 0 <= r + dr < 13 and 0 <= c + dc < 17:
                rows.append(r * 17 + c)
                cols.append((r + dr) * 17 + c + dc)
                cost.append((surface[r, c] + surface[r + dr, c + dc]) / 2 * np.hypot(dr, dc) * 20)
    graph = coo_matrix((cost, (rows, cols)), shape=(221, 221)).tocsr()
    peer = dijkstra(graph, directed=False, indices=[3, 200]).min(axis=0).reshape(13, 17)
    field = least_cost(surface, [0, 200 // 17], [3, 200 % 17], 20.0)
    assert np.allclose(field.cost, peer)


def test_a_search_ends_when_enough_goals_are_reached() -> None:
    surface = np.random.default_rng(3).uniform(1, 9, (30, 30))
    goals = np.random.default_rng(4).random((30, 30)) < 0.05
    full = least_cost(surface, [15], [15])
    part = least_cost(surface, [15], [15], goals=goals, enough=3)
    settled = np.isfinite(part.cost)
    assert (goals & settled).sum() == 3
    assert np.array_equal(part.cost[settled], full.cost[settled])
    assert full.cost[~settled].min() >= part.cost[settled].max()


def test_capacity_is_counted_once() -> None:
    cost = [[1.0, 5.0], [1.0, 5.0], [1.0, np.inf], [np.inf, 2.0]]
    found = share_out(cost, [10, 10, 10, 3], [15.0, 12.0])
    assert found["source"].tolist() == [0, 1, -1, -1]
    assert found["left"].tolist()[:2] == [5, 2]
    assert np.isnan(found.loc[2, "cost"])
    unknown = share_out([[1.0, 4.0]], [5], [np.nan, 9.0])
    assert unknown["source"].tolist() == [1]


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 8), st.integers(1, 5), st.integers(0, 10**6))
def test_no_source_gives_more_than_it_has(sites: int, sources: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    need, spare = rng.uniform(1, 9, sites), rng.uniform(0, 20, sources)
    found = share_out(rng.random((sites, sources)), need, spare)
    given_out = [need[found["source"] == s].sum() for s in range(sources)]
    assert (np.array(given_out) <= spare + 1e-9).all()
