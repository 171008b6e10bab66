"""Local statistics against esda and spdep, by full enumeration, and under the null."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations as all_orders
from typing import Any

import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph

from layout.core import measure_columns as names
from layout.core.errors import MeasureError
from layout.measures import hotspots as hs
from layout.measures.neighbours import distance_band, inverse_distance
from layout.measures.permutations import permutation_p
from layout.measures.undefined import undefined
from layout.measures.units import as_units


def lattice(rows: int, columns: int, *, queen: bool = True) -> Graph:
    """Neighbours on a lattice, numbered row by row."""
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    points = np.column_stack([x.ravel(), y.ravel()]) * 100.0
    return distance_band(points, 145.0 if queen else 101.0)


@pytest.fixture
def six(known: Callable[[str], Any]) -> Any:
    return known("hotspots")["six"]


@pytest.fixture
def band(six: Any) -> Graph:
    return distance_band(np.array(six["input"]["points"], dtype=float), six["input"]["threshold"])


def test_getis_ord_of_six(six: Any, band: Graph, known: Callable[[str], Any]) -> None:
    tolerance = known("hotspots")["tolerance"]
    y = six["input"]["y"]
    for star in (True, False):
        for transform in "BR":
            graph = band.transform("R") if transform == "R" else band
            expected = six["expected"]["G_local"][f"{transform}_star={star}"]
            # esda's z for row-standardised weights takes them to be 0 or 1
            peer = hs.getis_ord(y, graph, star=star, permutations=0, variance="binary")
            np.testing.assert_allclose(peer[names.STATISTIC], expected["Gs"], atol=tolerance)
            np.testing.assert_allclose(peer[names.Z], expected["Zs"], atol=tolerance)
            ours = hs.getis_ord(y, graph, star=star, permutations=0)
            binary = six["expected"]["G_local"][f"B_star={star}"]
            np.testing.assert_allclose(ours[names.Z], binary["Zs"], atol=tolerance)


def test_global_statistics_of_six(six: Any, band: Graph, known: Callable[[str], Any]) -> None:
    tolerance, expected = known("hotspots")["tolerance"], six["expected"]
    g = hs.general_g(six["input"]["y"], band)
    assert g.statistic == pytest.approx(expected["G_global"]["G"], abs=tolerance)
    assert g.expected == pytest.approx(expected["G_global"]["EG"], abs=tolerance)
    assert g.z == pytest.approx(expected["G_global"]["z"], abs=tolerance)
    moran = hs.moran(six["input"]["y"], band)
    assert moran.statistic == pytest.approx(expected["moran_I"], abs=tolerance)
    assert moran.expected == pytest.approx(expected["moran_EI"], abs=tolerance)
    assert moran.z_normal == pytest.approx(expected["moran_z_norm"], abs=tolerance)
    assert moran.z == pytest.approx(expected["moran_z_rand"], abs=tolerance)


def test_local_moran_of_six(six: Any, band: Graph, known: Callable[[str], Any]) -> None:
    local = hs.local_moran(six["input"]["y"], band)
    tolerance = known("hotspots")["tolerance"]
    np.testing.assert_allclose(
        local[names.STATISTIC], six["expected"]["moran_local_Is"], atol=tolerance
    )
    assert local[names.QUADRANT].tolist() == six["expected"]["moran_quadrant"]


def test_lattice(known: Callable[[str], Any]) -> None:
    file = known("hotspots")
    tolerance, expected = file["tolerance"], file["lattice5"]["expected"]
    z, graph = file["lattice5"]["input"]["z"], lattice(5, 5)
    star = hs.getis_ord(z, graph, permutations=0)
    np.testing.assert_allclose(star[names.Z], expected["Gstar_B_Zs"], atol=tolerance)
    np.testing.assert_allclose(star[names.STATISTIC], expected["Gstar_B_Gs"], atol=tolerance)
    plain = hs.getis_ord(z, graph, star=False, permutations=0)
    np.testing.assert_allclose(plain[names.Z], expected["G_B_Zs"], atol=tolerance)
    local = hs.local_moran(z, graph, permutations=0)
    np.testing.assert_allclose(local[names.STATISTIC], expected["moran_local_Is_R"], atol=tolerance)
    assert local[names.QUADRANT].tolist() == expected["quadrants"]


def test_bivariate(known: Callable[[str], Any]) -> None:
    file = known("hotspots")
    z = np.array(file["lattice5"]["input"]["z"])
    expected = file["lattice5"]["expected"]["moran_local_bv_Is"]
    # the second variable of the example is the first one from its end
    local = hs.local_moran_bivariate(z, z[::-1], lattice(5, 5), permutations=0)
    np.testing.assert_allclose(local[names.STATISTIC], expected, atol=file["tolerance"])


def test_bivariate_with_itself_is_univariate() -> None:
    rng = np.random.default_rng(1)
    y, graph = rng.random(64), lattice(8, 8)
    one, two = hs.local_moran(y, graph), hs.local_moran_bivariate(y, y, graph)
    pd.testing.assert_frame_equal(one, two)


def test_join_counts(known: Callable[[str], Any]) -> None:
    case = known("hotspots")["joincount"]
    graph = lattice(5, 5, queen=False)
    counts = hs.join_counts(case["input"]["b"], graph)
    expected = case["expected"]
    assert (counts.bb, counts.ww, counts.bw) == (expected["bb"], expected["ww"], expected["bw"])
    assert counts.p_bb < 0.05 < 1
    local = hs.local_join_counts(case["input"]["b"], graph)
    assert local[names.STATISTIC].tolist() == expected["local_bb"]
    other = np.array(case["input"]["b"]) == 0
    assert local[names.P_SIM].isna().to_numpy().tolist() == other.tolist()
    assert set(undefined(local)[0].values()) == {"undefined.not_of_kind"}


def test_p_values_by_full_enumeration() -> None:
    rng = np.random.default_rng(12)
    points = rng.random((7, 2)) * 1000
    graph = inverse_distance(points, 600.0)
    y = np.array([1.0, 4.0, 4.0, 7.0, 9.0, 2.0, 8.0])
    units = as_units(y, graph)
    p = permutation_p(units, y, permutations=200_000, refine_to=200_000, seed=3)
    dense = graph.sparse.toarray()
    np.fill_diagonal(dense, 0)
    for i in range(7):
        if not dense[i].any():
            assert np.isnan(p[i])
            continue
        others = [j for j in range(7) if j != i]
        sums = np.array(
            [dense[i, others] @ np.array(order) for order in all_orders(y[others].tolist())]
        )
        observed = dense[i] @ y
        below, above = (sums <= observed + 1e-9).mean(), (sums >= observed - 1e-9).mean()
        assert p[i] == pytest.approx(min(1, 2 * min(below, above)), abs=0.006)


def test_z_is_that_of_conditional_permutation() -> None:
    """Exact moments of I and G under permutation of the others, by enumeration."""
    y = np.array([1.0, 4.0, 4.5, 7.0, 9.0, 2.0])
    graph = inverse_distance(np.random.default_rng(3).random((6, 2)) * 1000, 700.0)
    dense = graph.sparse.toarray()
    np.fill_diagonal(dense, 0)
    local = hs.local_moran(y, graph, permutations=0, transform="O")
    g = hs.getis_ord(y, graph, star=False, permutations=0)
    for i in range(6):
        others = [j for j in range(6) if j != i]
        sums = np.array([dense[i, others] @ o for o in all_orders((y - y.mean())[others].tolist())])
        z = (dense[i] @ (y - y.mean()) - sums.mean()) / sums.std()
        assert g[names.Z][i] == pytest.approx(z)
        assert local[names.Z][i] == pytest.approx(np.sign(y[i] - y.mean()) * z)


def test_p_values_are_uniform_without_association() -> None:
    graph, rng = lattice(15, 15), np.random.default_rng(21)
    small = []
    for seed in range(40):
        p = hs.getis_ord(rng.pareto(2.0, 225), graph, seed=seed, refine_to=999)[names.P_SIM]
        small.append((p <= 0.05).mean())
    # 40 maps, cells of a map depend on each other: about 0.05 ± 0.01
    assert 0.035 < np.mean(small) < 0.06


def test_false_discoveries_stay_at_their_rate() -> None:
    graph, rng = lattice(12, 12), np.random.default_rng(4)
    found = [
        bool((hs.getis_ord(rng.random(144), graph, seed=seed)[names.Q] <= 0.1).any())
        for seed in range(60)
    ]
    assert np.mean(found) < 0.1 + 3 * np.sqrt(0.09 / 60)


def test_planted_hot_spot_is_found_after_refinement() -> None:
    graph, rng = lattice(40, 40), np.random.default_rng(2)
    y = rng.poisson(5.0, (40, 40)).astype(float)
    y[10:13, 20:23] += 40
    result = hs.getis_ord(y.ravel(), graph, seed=1)
    hot = (result[names.Q].to_numpy().reshape(40, 40) <= 0.05) & (
        result[names.Z].to_numpy().reshape(40, 40) > 0
    )
    assert hot[11, 21]
    assert hot.sum() <= 25  # the square of 9 and cells that touch it
    coarse = hs.getis_ord(y.ravel(), graph, seed=1, refine_to=999)
    assert coarse[names.Q].min() > result[names.Q].min()


def test_seed_and_order() -> None:
    rng = np.random.default_rng(9)
    points, y = rng.random((60, 2)) * 1000, rng.random(60)
    labels = [f"u{i}" for i in range(60)]
    frame = pd.DataFrame(points, index=labels)
    graph, values = distance_band(frame, 250.0), pd.Series(y, index=labels)
    one = hs.getis_ord(values, graph, seed=5)
    pd.testing.assert_frame_equal(one, hs.getis_ord(values, graph, seed=5))
    assert not one[names.P_SIM].equals(hs.getis_ord(values, graph, seed=6)[names.P_SIM])
    # units in another order: the same statistics at the same labels
    two = hs.getis_ord(values.sample(frac=1, random_state=1), graph, seed=5)
    pd.testing.assert_frame_equal(one, two)
    np.testing.assert_allclose(
        hs.local_moran(values * 3 + 7, graph)[names.STATISTIC],
        hs.local_moran(values, graph)[names.STATISTIC],
        atol=1e-12,
    )


def test_missing_value_leaves_the_graph() -> None:
    graph = lattice(1, 4)
    values = pd.Series([1.0, np.nan, 2.0, 5.0])
    result = hs.getis_ord(values, graph, star=False)
    reasons = undefined(result)[0]
    assert reasons[1] == "undefined.missing_value"
    assert reasons[0] == "undefined.no_neighbours"  # its only neighbour has no value
    assert result.loc[3, names.STATISTIC] == pytest.approx(2 / 3)
    assert result.loc[[0, 1], [names.Z, names.P_SIM, names.Q]].isna().all(axis=None)


@pytest.mark.parametrize("value", [0.0, 3.0, 0.1])
def test_constant_values_have_no_hot_spot(value: float) -> None:
    for statistic in (hs.getis_ord, hs.local_moran, hs.local_join_counts):
        if statistic is hs.local_join_counts and value not in (0.0, 1.0):
            continue
        result = statistic(np.full(9, value), lattice(3, 3))
        assert result[[names.Z, names.P_SIM, names.Q]].isna().all(axis=None)
        assert len(undefined(result)[0]) == 9
    assert hs.moran(np.full(9, value), lattice(3, 3)).undefined == "undefined.no_variation"
    assert hs.general_g(np.full(9, value), lattice(3, 3)).undefined == "undefined.no_variation"


def test_unit_that_neighbours_all() -> None:
    graph = distance_band(np.random.default_rng(0).random((5, 2)), 10.0)
    result = hs.getis_ord([1.0, 2.0, 3.0, 4.0, 5.0], graph)
    assert set(undefined(result)[0].values()) == {"undefined.all_neighbours"}


def test_value_at_the_mean_is_not_odd() -> None:
    local = hs.local_moran([1.0, 2.0, 3.0, 2.0, 2.0], lattice(1, 5))
    assert local.loc[1, [names.STATISTIC, names.Z, names.P_SIM]].tolist() == [0, 0, 1]


def test_bad_input() -> None:
    graph = lattice(2, 2)
    with pytest.raises(MeasureError, match="finite amounts"):
        hs.getis_ord([1.0, -1.0, 2.0, 3.0], graph)
    with pytest.raises(MeasureError, match="finite amounts"):
        hs.local_moran([1.0, np.inf, 2.0, 3.0], graph)
    with pytest.raises(MeasureError, match="values has 3"):
        hs.getis_ord([1.0, 1.0, 2.0], graph)
    with pytest.raises(MeasureError, match="same units; missing: 3, 9"):
        hs.getis_ord(pd.Series([1.0, 1.0, 2.0, 3.0], index=[0, 1, 2, 9]), graph)
    with pytest.raises(MeasureError, match="negative"):
        hs.getis_ord([1.0, 2.0], Graph.from_arrays([0, 1], [1, 0], [1.0, -1.0]))
    with pytest.raises(MeasureError, match="values=2"):
        hs.join_counts([0, 1, 2, 1], graph)
    with pytest.raises(MeasureError, match="bh, by"):
        hs.getis_ord([1.0, 1.0, 2.0, 3.0], graph, fdr="holm")  # type: ignore[arg-type]
    assert hs.getis_ord([], distance_band(np.empty((0, 2)), 1.0)).empty


def test_esda_agrees_on_random_maps() -> None:
    esda = pytest.importorskip("esda", reason="esda is not installed")
    rng = np.random.default_rng(17)
    y, graph = rng.gamma(2.0, 3.0, 100), lattice(10, 10)
    peer = esda.G_Local(y, graph, transform="B", star=True, permutations=0)
    ours = hs.getis_ord(y, graph, permutations=0)
    np.testing.assert_allclose(ours[names.Z], peer.Zs, atol=1e-9)
    peer = esda.Moran_Local(y, graph, permutations=0)
    ours = hs.local_moran(y, graph, permutations=0)
    np.testing.assert_allclose(ours[names.STATISTIC], peer.Is, atol=1e-9)
    assert ours[names.P_SIM].isna().all()
