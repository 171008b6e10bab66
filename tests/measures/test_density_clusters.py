"""Density clusters against scikit-learn and the definition, whatever the order of the rows."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from sklearn.cluster import DBSCAN, HDBSCAN
from sklearn.metrics import adjusted_rand_score

from layout.core.errors import CrsError, MeasureError
from layout.measures.density_clusters import dbscan, hdbscan

Array = np.ndarray[Any, np.dtype[Any]]


def city(n: int, seed: int = 0, towers: float = 0.2) -> Array:
    """Firms in twelve clusters and between them, some in towers they share."""
    rng = np.random.default_rng(seed)
    centres, width = rng.random((12, 2)) * 4000, rng.uniform(40, 250, 12)
    own = rng.integers(0, 12, n)
    points = centres[own] + rng.normal(size=(n, 2)) * width[own][:, None]
    scattered = rng.random(n) < 0.25
    points[scattered] = rng.random((scattered.sum(), 2)) * 4000
    shared = rng.random(n) < towers
    points[shared] = points[rng.integers(0, 10, shared.sum())]
    return points


def gaps_of(points: Array) -> Array:
    return np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))


@pytest.mark.parametrize(
    ("eps", "least"), [(300.0, 50), (120.0, 12), (60.0, 4), (25.0, 2), (9.0, 1)]
)
@pytest.mark.parametrize("towers", [0.0, 0.3])
def test_dbscan_is_that_of_scikit_learn(eps: float, least: int, towers: float) -> None:
    points = city(1500, towers=towers)
    ours = dbscan(points, eps_m=eps, min_firms=least)
    peer = DBSCAN(eps=eps, min_samples=least).fit(points)
    core = np.zeros(1500, dtype=bool)
    core[peer.core_sample_indices_] = True
    assert (ours.core == core).all()
    assert ((ours.labels < 0) == (peer.labels_ < 0)).all()
    if core.any():
        assert adjusted_rand_score(peer.labels_[core], ours.labels[core]) == 1
    assert ours.firms.tolist() == sorted(ours.firms, reverse=True)
    assert ours.firms.tolist() == np.bincount(ours.labels[ours.labels >= 0]).tolist()


def test_dbscan_on_a_lattice_where_distances_tie() -> None:
    x, y = np.meshgrid(np.arange(20), np.arange(15))
    points = np.column_stack([x.ravel(), y.ravel()]) * 100.0
    points = points[np.random.default_rng(3).random(300) < 0.8]
    for eps, least in ((100.0, 4), (100.0 * np.sqrt(2), 7), (200.0, 12)):
        ours = dbscan(points, eps_m=eps, min_firms=least)
        near = gaps_of(points) <= eps
        core = near.sum(axis=1) >= least
        assert (ours.core == core).all()
        number, part = connected_components(csr_array(near[np.ix_(core, core)]))
        assert len(ours.firms) == number
        assert adjusted_rand_score(part, ours.labels[core]) == 1
        assert ((ours.labels < 0) == ~near[:, core].any(axis=1)).all()


def test_border_point_goes_to_its_nearest_core_point() -> None:
    left, right = np.full((5, 2), 0.0), np.full((5, 2), (180.0, 0.0))
    between = np.array([[95.0, 0.0], [90.0, 0.0]])
    points = np.concatenate([right, left, between])
    for order in (np.arange(12), np.arange(12)[::-1]):
        labels = np.empty(12, dtype=int)
        labels[order] = dbscan(points[order], eps_m=100.0, min_firms=8).labels
        assert labels.tolist() == [-1] * 12 or labels[10] == labels[0]
    result = dbscan(points, eps_m=100.0, min_firms=5).labels
    assert result[10] == result[0]  # 85 m from the right one, 95 m from the left
    apart = np.concatenate([right, left, [[90.0, 0.0]]])
    tied = dbscan(apart, eps_m=90.0, min_firms=6)
    assert tied.labels[10] == tied.labels[5]  # equally far: the western one


def definition_of_hdbscan(points: Array, least: int, samples: int, resolution: float) -> Array:
    """HDBSCAN* straight from its definition: cut the graph at every level from the top."""
    n = len(points)
    gaps = gaps_of(points)
    core = np.maximum(np.sort(gaps, axis=1)[:, samples - 1], resolution)
    reach = np.maximum(np.maximum(core[:, None], core[None]), gaps)
    tree = minimum_spanning_tree(reach * (1 - np.eye(n)))
    parent, birth, stability, members = [-1], [0.0], [0.0], [np.arange(n)]
    alive = {0: np.arange(n)}
    for level in np.unique(np.concatenate([tree.data, core]))[::-1]:
        density, after = 1 / level, {}
        for cluster, own in alive.items():
            linked = reach[np.ix_(own, own)] < level
            np.fill_diagonal(linked, False)
            number, part = connected_components(csr_array(linked))
            groups = [own[part == k] for k in range(number)]
            large = [g for g in groups if len(g) >= least]
            gone = sum(len(g) for g in groups if len(g) < least or len(large) > 1)
            stability[cluster] += gone * (density - birth[cluster])
            if len(large) == 1:
                after[cluster] = large[0]
            for group in large if len(large) > 1 else []:
                after[len(parent)] = group
                parent.append(cluster)
                birth.append(density)
                stability.append(0.0)
                members.append(group)
        alive = after
    best, chosen = np.zeros(len(parent)), set()
    for cluster in range(len(parent) - 1, 0, -1):
        if stability[cluster] >= best[cluster]:
            chosen.add(cluster)
        best[parent[cluster]] += max(stability[cluster], best[cluster])
    labels = np.full(n, -1)
    for cluster in sorted(chosen, reverse=True):  # the largest clusters last: they win
        labels[members[cluster]] = cluster
    return labels


@pytest.mark.parametrize(("least", "samples"), [(15, 15), (10, 4), (8, 1), (12, 2), (5, 20)])
@pytest.mark.parametrize("towers", [0.0, 0.3])
def test_hdbscan_is_its_definition(least: int, samples: int, towers: float) -> None:
    points = city(260, seed=least, towers=towers)
    ours = hdbscan(points, min_cluster_size=least, min_samples=samples)
    expected = definition_of_hdbscan(points, least, samples, 1.0)
    assert ((ours.labels < 0) == (expected < 0)).all()
    assert adjusted_rand_score(expected, ours.labels) == 1


def test_hdbscan_is_that_of_scikit_learn_where_no_distances_tie() -> None:
    points = city(2000, towers=0.0)
    for least, samples in ((50, 1), (20, 2)):
        ours = hdbscan(points, min_cluster_size=least, min_samples=samples, resolution_m=1e-9)
        peer = HDBSCAN(min_cluster_size=least, min_samples=samples, copy=True).fit(points)
        assert adjusted_rand_score(peer.labels_, ours.labels) == 1
    ours = hdbscan(points, min_cluster_size=50)
    peer = HDBSCAN(min_cluster_size=50, copy=True).fit(points)
    assert adjusted_rand_score(peer.labels_, ours.labels) > 0.95  # it splits ties one by one


@pytest.mark.parametrize("method", [dbscan, hdbscan])
def test_order_of_rows_does_not_matter(method: Any) -> None:
    points = city(900)
    order = np.random.default_rng(1).permutation(900)
    one, two = method(points), method(points[order])
    np.testing.assert_array_equal(one.labels[order], two.labels)
    np.testing.assert_array_equal(one.core[order], two.core)
    np.testing.assert_array_equal(one.firms, two.firms)
    np.testing.assert_array_equal(one.sites, two.sites)
    moved = method(np.round(points) + (500_000.0, 2_490_000.0))  # noqa: RUF005
    np.testing.assert_array_equal(moved.labels, method(np.round(points)).labels)


def test_clusters_far_apart_are_found_by_both() -> None:
    rng = np.random.default_rng(4)
    points = np.concatenate(
        [rng.normal(0, 80, (120, 2)), rng.normal(5000, 80, (90, 2)), rng.random((40, 2)) * 60_000]
    )
    for result in (dbscan(points, eps_m=150.0, min_firms=20), hdbscan(points, min_cluster_size=30)):
        assert result.firms[0] >= 100
        assert result.firms[1] >= 70
        assert (result.labels[:120] == 0).mean() > 0.85
        assert (result.labels[120:210] == 1).mean() > 0.85
        assert (result.labels[210:] == -1).mean() > 0.9


def test_one_building() -> None:
    tower = np.full((70, 2), 2500.0)
    result = dbscan(tower)
    assert result.labels.tolist() == [0] * 70
    assert (result.firms.tolist(), result.sites.tolist()) == ([70], [1])
    alone = hdbscan(tower)  # the whole is no cluster
    assert alone.labels.tolist() == [-1] * 70
    two = hdbscan(np.concatenate([tower, tower[:60] + 400]))
    assert two.firms.tolist() == [70, 60]
    assert ((two.persistence > 0.99) & (two.persistence <= 1)).all()


@pytest.mark.parametrize("points", [np.empty((0, 2)), [[5.0, 5.0]], [[5.0, 5.0], [9.0, 9.0]]])
@pytest.mark.parametrize("method", [dbscan, hdbscan])
def test_few_points_are_noise(method: Any, points: Any) -> None:
    result = method(points)
    assert result.labels.tolist() == [-1] * len(points)
    assert result.firms.size == 0


def test_what_is_refused() -> None:
    with pytest.raises(MeasureError, match="degrees"):
        dbscan([[114.0, 22.5], [114.1, 22.6]])
    with pytest.raises(CrsError):
        hdbscan(gpd.GeoSeries.from_xy([114.0], [22.5], crs="EPSG:4326"))
    for bad in (0.0, -5.0, np.nan, np.inf):
        with pytest.raises(MeasureError, match="eps_m"):
            dbscan([[0.0, 0.0]], eps_m=bad)
    with pytest.raises(MeasureError, match="min_firms=0"):
        dbscan([[0.0, 0.0]], min_firms=0)
    with pytest.raises(MeasureError, match=r"min_samples=2\.5"):
        hdbscan([[0.0, 0.0]], min_samples=2.5)  # type: ignore[arg-type]
    with pytest.raises(MeasureError, match="min_cluster_size=1"):
        hdbscan([[0.0, 0.0]], min_cluster_size=1)
    with pytest.raises(MeasureError, match="resolution_m"):
        hdbscan([[0.0, 0.0]], resolution_m=0.0)
