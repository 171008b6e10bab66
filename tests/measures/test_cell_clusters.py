"""Density clusters from counts by cell lie between two exact results, as is said of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from layout.core.errors import MeasureError
from layout.measures.density_clusters import Clusters, dbscan, dbscan_cells

CELL_M = 100.0
EPS_M = 300.0
LEAST = 40


def firms() -> npt.NDArray[np.float64]:
    rng = np.random.default_rng(11)
    middles = rng.uniform(0, 9_000, (9, 2))
    dense = middles[rng.integers(9, size=2_500)] + rng.normal(0, 260, (2_500, 2))
    return np.concatenate([dense, rng.uniform(0, 9_000, (900, 2))])


def by_cell(xy: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.int64], ...]:
    """Cells, counts, and the cell of each firm."""
    places = np.floor(xy / CELL_M).astype(np.int64)
    cells, of, counts = np.unique(places, axis=0, return_inverse=True, return_counts=True)
    return cells, counts, of.ravel()


def within(finer: Clusters, coarser: npt.NDArray[np.int64]) -> None:
    """The core firms of each cluster are in one cluster of the other result."""
    for label in range(len(finer.firms)):
        homes = coarser[(finer.labels == label) & finer.core]
        assert (homes >= 0).all()
        assert len(set(homes.tolist())) == 1


def test_clusters_of_cells_lie_between_two_exact_results() -> None:
    xy = firms()
    cells, counts, of = by_cell(xy)
    found = dbscan_cells(cells, counts, cell_m=CELL_M, eps_m=EPS_M, min_firms=LEAST)
    told = Clusters(found.labels[of], found.core[of], found.firms, found.sites, found.persistence)
    off = np.sqrt(2) * CELL_M
    within(dbscan(xy, eps_m=EPS_M - off, min_firms=LEAST), told.labels)
    within(told, dbscan(xy, eps_m=EPS_M + off, min_firms=LEAST).labels)
    assert found.firms.sum() == (told.labels >= 0).sum()
    exact = dbscan(xy, eps_m=EPS_M, min_firms=LEAST)
    assert ((exact.labels >= 0) == (told.labels >= 0)).mean() > 0.97


def test_cells_of_single_firms_are_the_points_in_their_middle() -> None:
    cells = np.unique(np.random.default_rng(2).integers(0, 60, (900, 2)), axis=0)
    found = dbscan_cells(cells, np.ones(len(cells)), cell_m=CELL_M, eps_m=EPS_M, min_firms=9)
    exact = dbscan((cells + 0.5) * CELL_M, eps_m=EPS_M, min_firms=9)
    assert found.labels.tolist() == exact.labels.tolist()
    assert found.core.tolist() == exact.core.tolist()


def test_order_of_cells_does_not_matter_and_none_is_nothing() -> None:
    cells, counts, _ = by_cell(firms())
    found = dbscan_cells(cells, counts, cell_m=CELL_M, eps_m=EPS_M, min_firms=LEAST)
    mixed = np.random.default_rng(5).permutation(len(cells))
    again = dbscan_cells(cells[mixed], counts[mixed], cell_m=CELL_M, eps_m=EPS_M, min_firms=LEAST)
    assert again.labels.tolist() == found.labels[mixed].tolist()
    assert not len(dbscan_cells(np.empty((0, 2)), [], cell_m=CELL_M).labels)


@pytest.mark.parametrize(("cells", "counts"), [([[1, 1], [1, 1]], [2, 3]), ([[1, 1]], [0])])
def test_cells_that_cannot_be_are_refused(cells: list[list[int]], counts: list[int]) -> None:
    with pytest.raises(MeasureError):
        dbscan_cells(cells, counts, cell_m=CELL_M)
