"""Clusters from counts by cell: how near they come to those of the firms, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from layout.analyses import firm_cells
from layout.analyses.cluster_params import ClusterParams
from layout.analyses.clusters import run
from layout.analyses.firm_cells import cell_points, firms_or_cells, neighbours_of
from layout.analyses.firm_points import FirmPoints, firm_points
from layout.core import columns as c
from layout.core import facts
from layout.core.errors import FaultsError, ParameterError
from layout.core.study import CELL_M, Study
from layout.exports.study import write_cells
from layout.measures.density_clusters import dbscan, dbscan_cells
from layout.measures.hotspots import getis_ord
from layout.measures.neighbours import distance_band
from layout.measures.nulls import Simulation
from layout.measures.sector_clusters import Rule, sector_clusters
from layout.pipeline.cell_counts import CellCounts

OFF = np.sqrt(2) * CELL_M
REACH = 300.0
LEAST = 10


@pytest.fixture(scope="module")
def with_cells(planted_city: Study, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The planted city with the cells that a shared run would write."""
    root = tmp_path_factory.mktemp("cells")
    (root / "results").mkdir()
    counts = CellCounts(planted_city.manifest.city)
    table = planted_city.firms([c.LON, c.LAT, c.SECTOR_1])
    coded = table[c.SECTOR_1].dictionary_encode()
    for batch in table.set_column(table.num_columns - 1, c.SECTOR_1, coded).to_batches():
        counts.add(batch)
    write_cells(root, counts.frame())
    (root / "firms.parquet").symlink_to(planted_city.root / "firms.parquet")
    return replace(planted_city, root=root)


def test_every_firm_is_in_its_cell(with_cells: Study) -> None:
    exact, cells = firm_points(with_cells), cell_points(with_cells)
    assert len(cells) == len(exact)
    assert cells.cell_m == CELL_M
    there = (np.floor(exact.xy / CELL_M) + 0.5) * CELL_M
    order, other = np.lexsort(there.T), np.lexsort(cells.xy.T)
    np.testing.assert_allclose(there[order], cells.xy[other])
    for name in facts.sector_ids():
        assert cells.of((name,)).sum() == exact.of((name,)).sum()


def own(firms: FirmPoints, sector: str) -> npt.NDArray[np.float64]:
    return firms.xy[firms.of((sector,))]


@pytest.mark.parametrize("sector", ["S01", "S08", "S11"])
def test_dbscan_of_cells_lies_between_exact_results_a_diagonal_off(
    with_cells: Study, sector: str
) -> None:
    """Reach 300 m from cells: within the exact clusters of 441 m, around those of 159 m."""
    xy = own(firm_points(with_cells), sector)
    places, of, counts = np.unique(
        np.floor(xy / CELL_M).astype(np.int64), axis=0, return_inverse=True, return_counts=True
    )
    found = dbscan_cells(places, counts, cell_m=CELL_M, eps_m=REACH, min_firms=LEAST)
    labels, core = found.labels[of.ravel()], found.core[of.ravel()]
    finer = dbscan(xy, eps_m=REACH - OFF, min_firms=LEAST)
    coarser = dbscan(xy, eps_m=REACH + OFF, min_firms=LEAST)
    for one, sure, into in (
        (finer.labels, finer.core, labels),
        (labels, core, coarser.labels),
    ):
        for number in range(one.max() + 1):
            homes = set(into[(one == number) & sure].tolist())
            assert len(homes) == 1
            assert min(homes) >= 0


@pytest.mark.parametrize("sector", ["S01", "S08", "S11"])
def test_the_analysis_joins_cells_as_dbscan_cells_does(with_cells: Study, sector: str) -> None:
    firms = cell_points(with_cells)
    mask = firms.of((sector,))
    found = sector_clusters(
        neighbours_of(firms, REACH), mask, rule=Rule("dbscan", LEAST),
        simulation=Simulation(simulations=1, alpha=0.5),
    )  # fmt: skip
    xy = firms.xy[mask]
    places, counts = np.unique(np.floor(xy / CELL_M).astype(np.int64), axis=0, return_counts=True)
    plain = dbscan_cells(places, counts, cell_m=CELL_M, eps_m=REACH, min_firms=LEAST)
    where = {tuple(place): label for place, label in zip(places, plain.labels, strict=True)}
    for members in found.members:
        x, y = found.places.x[members], found.places.y[members]
        cells = np.floor(np.column_stack([x, y]) / CELL_M).astype(np.int64)
        labels = {where[tuple(cell)] for cell in cells}
        assert len(labels) == 1
        assert len(cells) == (plain.labels == labels.pop()).sum()
    assert len(found.members) == len(plain.firms)


@pytest.mark.parametrize(
    ("method", "least"), [("relative", 0.97), ("dbscan", 0.97), ("hdbscan", 0.96)]
)
def test_clusters_of_cells_hold_the_firms_of_the_exact_ones(
    with_cells: Study, method: str, least: float
) -> None:
    """So large a share of the plan's firms is in a cluster, or in none, in both."""
    exact, cells = firm_points(with_cells), cell_points(with_cells)
    rule, alike, number = Rule(method, LEAST), 0, 0  # type: ignore[arg-type]
    simulation = Simulation(simulations=1, alpha=0.5)
    for name in facts.sector_ids():
        mask = exact.of((name,))
        one = sector_clusters(exact.xy, mask, rule=rule, simulation=simulation)
        other = sector_clusters(
            neighbours_of(cells, REACH), cells.of((name,)), rule=rule, simulation=simulation
        )
        ground = dict(zip(map(tuple, cells.xy.tolist()), (other.ground >= 0).tolist(), strict=True))
        there = (np.floor(exact.xy[mask] / CELL_M) + 0.5) * CELL_M
        told = np.array([ground[tuple(at)] for at in there.tolist()])
        alike += int((told == (one.ground[mask] >= 0)).sum())
        number += int(mask.sum())
    assert alike / number > least


@pytest.mark.parametrize("width", [100, 500])
def test_hot_spots_on_a_grid_are_those_of_the_firms(with_cells: Study, width: int) -> None:
    """Counts by cell of 100 m, or of a multiple, are the same, and so is G*."""
    found = []
    for firms in (firm_points(with_cells), cell_points(with_cells)):
        at = firms.of(("S08",))
        squares, of = np.unique(np.floor(firms.xy / width), axis=0, return_inverse=True)
        counts = np.bincount(of.ravel()[at], minlength=len(squares)).astype(float)
        graph = distance_band((squares + 0.5) * width, 1.5 * width)
        found.append(getis_ord(counts, graph, permutations=99))
    pd.testing.assert_frame_equal(*found)


def test_the_result_says_that_it_is_from_cells(
    with_cells: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = ClusterParams(sectors=("S08",), method="dbscan", simulations=99)
    exact = run(with_cells, params)
    assert exact.provenance.parameters["source"] == "auto"
    monkeypatch.setattr(firm_cells, "MOST_EXACT", 19_999)
    found = run(with_cells, params)
    assert found.provenance.parameters["source"] == "cells"
    assert any("141" in note.zh for note in found.notes)
    table = found.tables["clusters"]
    assert abs(len(table) - len(exact.tables["clusters"])) <= 1
    assert set(table["size_class"]) == {"unknown"}
    assert table["revenue_cny"].isna().all()
    assert table["stars"].notna().all()
    assert (found.tables["mix"].sum(axis=1) == table["all_firms"]).all()
    assert found.layers[0].frame.geometry.is_valid.all()
    # what cells cannot answer is answered by the firms
    assert not firms_or_cells(with_cells, source="auto", full=True).cell_m


def test_what_cells_do_not_hold_is_refused(planted_city: Study, with_cells: Study) -> None:
    with pytest.raises(ParameterError, match=r"cells\.parquet"):
        run(planted_city, ClusterParams(source="cells"))
    with pytest.raises(ParameterError, match="source=firms"):
        run(with_cells, ClusterParams(source="cells", counting="full"))
    with pytest.raises(FaultsError):
        run(planted_city, ClusterParams(source="cells", statuses=("active",)))
    assert not Path(planted_city.root / "results" / "cells.parquet").exists()
