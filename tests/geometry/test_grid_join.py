"""The grid join gives what exact predicates give, for every point and every layer."""

from __future__ import annotations

import itertools
import pickle
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layout.core.errors import ZoneError
from layout.geometry import grid_cache
from layout.geometry.grid_join import GridIndex
from layout.geometry.grid_query import UNRESOLVED, locate

SQUARE = shapely.box(0, 0, 1, 1)


def exact(polygons, x, y):
    """Pairs by the predicates of GEOS."""
    polygons = np.asarray(polygons, dtype=object)
    point, polygon = shapely.STRtree(polygons).query(shapely.points(x, y), predicate="intersects")
    order = np.lexsort((polygon, point))
    return point[order], polygon[order]


def check(polygons, x, y, **options):
    index = GridIndex.build(polygons, **options)
    point, polygon = index.all(x, y)
    expected = exact(polygons, x, y)
    np.testing.assert_array_equal(point, expected[0])
    np.testing.assert_array_equal(polygon, expected[1])
    first = np.full(len(x), -1)
    first[expected[0][::-1]] = expected[1][::-1]
    np.testing.assert_array_equal(index.first(x, y), first)
    return index


def adversarial(polygons, rng, n=4000):
    """Points on vertices, on edges, and 1e-16 to 1e-9 beside them."""
    rings = shapely.get_rings(shapely.get_parts(np.asarray(polygons, dtype=object)))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    joined = np.flatnonzero(ring[1:] == ring[:-1])
    pick = rng.choice(joined, n)
    t = rng.choice([0.0, 1.0, 0.5, 0.25], n)
    t = np.where(rng.random(n) < 0.5, rng.random(n), t)[:, None]
    on = xy[pick] + t * (xy[pick + 1] - xy[pick])
    away = 10.0 ** rng.uniform(-16, -9, (n, 1)) * rng.choice([-1.0, 0.0, 1.0], (n, 2))
    at = on + away
    same_height = np.column_stack([rng.permutation(xy[pick, 0]), xy[pick, 1]])
    x, y = np.vstack([at, xy[pick], same_height]).T
    return x, y


def star(rng, x, y, radius, spikes):
    """A simple polygon with jagged border."""
    angle = np.sort(rng.random(spikes)) * 2 * np.pi
    reach = radius * rng.uniform(0.3, 1.0, spikes)
    return shapely.Polygon(np.column_stack([x + reach * np.cos(angle), y + reach * np.sin(angle)]))


def stars(rng, n, span=1.0, spikes=40):
    shapes = [
        star(rng, *rng.uniform(0, span, 2), span * rng.uniform(0.01, 0.4), spikes) for _ in range(n)
    ]
    return [shape for shape in shapes if shape.is_valid]


def partition(rng, n):
    """Cells that share borders exactly, in degrees about Shenzhen, rounded to 1e-4."""
    seeds = shapely.MultiPoint(rng.uniform([113.8, 22.4], [114.6, 22.9], (n, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds))
    return shapely.get_parts(shapely.coverage_simplify(cells, 0.0))


DEGENERATE = {
    "hole": [SQUARE.difference(shapely.box(0.3, 0.3, 0.6, 0.6))],
    "island in a hole": [
        shapely.MultiPolygon(
            [
                SQUARE.difference(shapely.box(0.2, 0.2, 0.8, 0.8)),
                shapely.box(0.4, 0.4, 0.6, 0.6),
            ]
        )
    ],
    "hole that touches the shell": [
        shapely.Polygon([(0, 0), (1, 0), (1, 1), (0, 1)], [[(0, 0), (0.5, 0.2), (0.2, 0.5)]])
    ],
    "parts that touch in a point": [
        shapely.MultiPolygon([shapely.box(0, 0, 0.5, 0.5), shapely.box(0.5, 0.5, 1, 1)])
    ],
    "touching": [
        shapely.box(0, 0, 0.5, 1),
        shapely.box(0.5, 0, 1, 0.5),
        shapely.box(0.5, 0.5, 1, 1),
    ],
    "touching with other vertices": [
        shapely.box(0, 0, 0.5, 1),
        shapely.Polygon([(0.5, 0), (1, 0), (1, 1), (0.5, 1), (0.5, 0.7), (0.5, 0.1)]),
    ],
    "duplicates": [SQUARE, SQUARE, shapely.box(0.2, 0.2, 0.4, 0.4), SQUARE],
    "stack of 100": [shapely.box(0, 0, 1 + i / 100, 1) for i in range(100)],
    "more than 64 borders in a cell": [SQUARE] * 100,
    "sliver": [shapely.Polygon([(0, 0), (1, 1e-12), (1, 2e-12)]), SQUARE],
    "needle": [shapely.Polygon([(0, 0), (1, 0.5), (0, 1e-9)]), shapely.box(-5, -5, -4, -4)],
    "smaller than a cell": [
        shapely.box(0.5, 0.5, 0.5 + 1e-7, 0.5 + 1e-7),
        shapely.box(-50, 0, 50, 9),
    ],
    "smaller than the tolerance": [shapely.box(100, 100, 100 + 2e-13, 100 + 2e-13), SQUARE],
    "repeated vertices": [
        shapely.Polygon([(0, 0), (0, 0), (1, 0), (1, 0), (1, 1), (0, 1), (0, 1)])
    ],
    "level and upright steps": [
        shapely.Polygon([(0, 0), (3, 0), (3, 1), (2, 1), (2, 2), (1, 2), (1, 3), (0, 3)])
    ],
    "an empty polygon": [shapely.Polygon(), SQUARE],
    "far from zero": [shapely.box(4e7, 2e6, 4e7 + 100, 2e6 + 100)],
    "flat layer": [shapely.box(0, 0, 1000, 1e-3)],
}


@pytest.mark.parametrize("name", DEGENERATE)
@pytest.mark.parametrize("cell", [None, 0.11, 0.25])
def test_degenerate_layers(name, cell):
    polygons = DEGENERATE[name]
    rng = np.random.default_rng(3)
    x_min, y_min, x_max, y_max = shapely.total_bounds(polygons)
    if cell is not None and (x_max - x_min) * (y_max - y_min) / cell**2 > 1e6:
        pytest.skip("too many cells of this width")
    x, y = adversarial(polygons, rng, 1500)
    free = rng.uniform([x_min - 0.1, y_min - 0.1], [x_max + 0.1, y_max + 0.1], (3000, 2)).T
    steps = np.array(np.meshgrid(np.linspace(x_min, x_max, 41), np.linspace(y_min, y_max, 41)))
    x = np.concatenate([x, free[0], steps[0].ravel()])
    y = np.concatenate([y, free[1], steps[1].ravel()])
    check(polygons, x, y, cell=cell)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("cell", [None, 0.013, 0.2, 3.0])
def test_overlapping_jagged_polygons(seed, cell):
    rng = np.random.default_rng(seed)
    polygons = stars(rng, 40)
    x, y = adversarial(polygons, rng)
    free = rng.uniform(-0.5, 1.5, (5000, 2)).T
    check(polygons, np.append(x, free[0]), np.append(y, free[1]), cell=cell)


@pytest.mark.parametrize("cell", [None, 0.0021, 0.04])
def test_partition_shares_its_borders(cell):
    rng = np.random.default_rng(11)
    polygons = partition(rng, 60)
    rounded = shapely.set_precision(polygons, 1e-4)
    x, y = adversarial(rounded, rng)
    grid = rng.integers([1138000, 224000], [1146000, 229000], (8000, 2)).T / 1e4
    index = check(rounded, np.append(x, grid[0]), np.append(y, grid[1]), cell=cell)
    x, y = rng.uniform([113.8, 22.4], [114.6, 22.9], (20000, 2)).T
    assert (index.match(x, y).sizes[index.match(x, y).codes] == 1).mean() > 0.999


def test_interior_equals_geopandas_within():
    rng = np.random.default_rng(5)
    polygons = [*partition(rng, 30), *stars(rng, 0)]
    x, y = rng.uniform([113.7, 22.3], [114.7, 23.0], (20000, 2)).T
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y, crs=4326))
    zones = gpd.GeoDataFrame(geometry=polygons, crs=4326)
    joined = gpd.sjoin(points, zones, predicate="within")["index_right"]
    point, polygon = GridIndex.build(polygons).all(x, y)
    assert set(zip(joined.index, joined, strict=True)) == set(zip(point, polygon, strict=True))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 7), st.sampled_from([0.3, 1.0, 2.7]))
def test_whole_number_shapes(seed, count, cell):
    """Small whole coordinates make every coincidence there is: points on vertices and edges,
    collinear edges, shared corners, edges along lines of cells."""
    rng = np.random.default_rng(seed)
    shapes = shapely.convex_hull(
        shapely.multipoints(rng.integers(0, 6, (count, 5, 2)).astype(float))
    )
    polygons = [s for s in shapes if s.geom_type == "Polygon"]
    holed = [p.difference(q) for p, q in itertools.pairwise(polygons)]
    polygons += [p for p in holed if p.geom_type in ("Polygon", "MultiPolygon") and not p.is_empty]
    if not polygons:
        return
    x, y = (a.ravel() for a in np.meshgrid(np.arange(-1, 7, 0.25), np.arange(-1, 7, 0.25)))
    check(polygons, x, y, cell=cell)


def test_almost_all_points_are_decided_without_geos():
    rng = np.random.default_rng(8)
    polygons = partition(rng, 80)
    index = GridIndex.build(polygons)
    x, y = rng.uniform([113.8, 22.4], [114.6, 22.9], (200_000, 2)).T
    frame, cells, _, _ = index._grid
    codes = np.empty(len(x), np.int32)
    assert locate(x, y, frame, cells, codes) == (codes == UNRESOLVED).sum() < 20


def test_not_finite_and_far_points_match_nothing():
    index = GridIndex.build([SQUARE, SQUARE])
    odd = np.array([np.nan, np.inf, -np.inf, 1e300, -1e300, 0.5, 0.5, np.nan])
    other = np.array([0.5, 0.5, 0.5, 0.5, 0.5, np.nan, np.inf, np.nan])
    assert (index.first(odd, other) == -1).all()
    assert len(index.all(odd, other)[0]) == 0


def test_empty_layer_and_no_points():
    none = GridIndex.build([])
    assert none.first(np.zeros(3), np.zeros(3)).tolist() == [-1, -1, -1]
    assert GridIndex.build([SQUARE]).first(np.zeros(0), np.zeros(0)).shape == (0,)


def test_counts_are_those_of_the_pairs():
    rng = np.random.default_rng(2)
    polygons = stars(rng, 30)
    x, y = rng.random((5000, 2)).T
    matches = GridIndex.build(polygons).match(x, y)
    expected = np.bincount(matches.pairs()[1], minlength=len(polygons))
    np.testing.assert_array_equal(matches.counts(len(polygons)), expected)


def test_shuffling_points_and_threads_change_nothing():
    rng = np.random.default_rng(4)
    index = GridIndex.build(stars(rng, 30))
    x, y = rng.random((400_000, 2)).T
    order = rng.permutation(len(x))
    plain = index.first(x, y)
    np.testing.assert_array_equal(index.first(x[order], y[order]), plain[order])
    np.testing.assert_array_equal(index.match(x, y, threads=2).first(), plain)


def test_moving_the_map_changes_nothing():
    rng = np.random.default_rng(6)
    polygons = shapely.set_precision(stars(rng, 20), 2.0**-20)
    x, y = (rng.integers(0, 2**20, (5000, 2)) / 2.0**20).T
    moved = shapely.transform(polygons, lambda xy: xy + 64.0)
    before, after = GridIndex.build(polygons).all(x, y), GridIndex.build(moved).all(x + 64, y + 64)
    np.testing.assert_array_equal(before[0], after[0])
    np.testing.assert_array_equal(before[1], after[1])


def test_pickled_index_answers_the_same():
    rng = np.random.default_rng(9)
    index = GridIndex.build(stars(rng, 10))
    x, y = adversarial(index.polygons, rng, 500)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(index)).first(x, y), index.first(x, y))


@pytest.mark.parametrize(
    "bad",
    [
        [SQUARE, None],
        [shapely.Point(0, 0)],
        [shapely.LineString([(0, 0), (1, 1)])],
        [shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])],
    ],
)
def test_no_polygons_or_invalid_ones_are_refused(bad):
    with pytest.raises(ZoneError, match="no valid polygons"):
        GridIndex.build(bad)


def test_cache_is_found_again_and_depends_on_content(tmp_path: Path, monkeypatch):
    rng = np.random.default_rng(12)
    polygons = stars(rng, 12)
    x, y = rng.random((2000, 2)).T
    first = GridIndex.build(polygons, cache=tmp_path)
    assert len(list(tmp_path.glob("*.npz"))) == 1
    with monkeypatch.context() as patch:
        patch.setattr("layout.geometry.grid_join.build_cells", None)  # a second build would fail
        again = GridIndex.build(polygons, cache=tmp_path)
    np.testing.assert_array_equal(again.first(x, y), first.first(x, y))
    GridIndex.build(polygons[::-1], cache=tmp_path)
    GridIndex.build(polygons, cell=0.3, cache=tmp_path)
    assert len(list(tmp_path.glob("*.npz"))) == 3


def test_damaged_or_unwritable_cache_does_no_harm(tmp_path: Path, monkeypatch):
    polygons = [SQUARE]
    GridIndex.build(polygons, cache=tmp_path)
    (held,) = tmp_path.glob("*.npz")
    held.write_bytes(held.read_bytes()[:100])
    assert GridIndex.build(polygons, cache=tmp_path).first([0.5], [0.5]) == [0]
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert GridIndex.build(polygons, cache=blocked / "grids").first([0.5], [0.5]) == [0]
    monkeypatch.setattr(grid_cache, "_KEPT", 2)
    for size in (0.1, 0.2, 0.3, 0.4):
        GridIndex.build(polygons, cell=size, cache=tmp_path)
    assert len(list(tmp_path.glob("*.npz"))) == 2
