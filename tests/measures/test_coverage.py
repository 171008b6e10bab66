"""Rasters of coverage against a slow evaluation by the definition, and facts known by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from layout.core.errors import FaultsError, MeasureError
from layout.core.raster import Grid, Raster
from layout.measures.coverage import (
    Coverage,
    CoverageSettings,
    Reason,
    Sites,
    Terrain,
    coverage,
    update_coverage,
)
from layout.measures.coverage_direct import coverage_at
from layout.measures.coverage_prepare import flattened
from layout.measures.coverage_walks import edges_towards
from layout.measures.propagation import knife_edge_loss, knife_edge_parameter, path_loss_38901

CRS = "EPSG:4547"
GRID = Grid(CRS, 500_000.0, 2_500_000.0, 10.0, 200, 260)
LAYERS = ("rsrp", "second", "open_rsrp", "indoor_rsrp", "probability")
NUMBERS = ("server", "second_server", "count")


def stations(n: int, seed: int = 5, eirp: float = 30.0) -> Sites:
    """Stations of all kinds in and about the grid, some with sectors, some sharing a mast."""
    rng = np.random.default_rng(seed)
    west, south, east, north = GRID.bounds
    kind = rng.choice([0, 1, 2], n, p=[0.6, 0.3, 0.1]).astype(np.int8)
    height = np.where(kind == 1, rng.uniform(6, 12, n), rng.uniform(18, 45, n))
    azimuths = np.full((n, 3), np.nan)
    folded = rng.random(n) < 0.7
    azimuths[folded] = (rng.uniform(0, 360, n)[folded, None] + [0, 120, 240]) % 360
    azimuths[rng.random(n) < 0.2, 2] = np.nan
    x, y = rng.uniform(west - 900, east + 900, n), rng.uniform(south - 900, north + 900, n)
    x[1::7], y[1::7] = x[0::7][: len(x[1::7])], y[0::7][: len(y[1::7])]
    power = np.where(kind == 1, eirp - 15, eirp)
    return Sites(x, y, height, power, rng.choice([0.7, 2.6, 3.5, 4.9], n), kind, azimuths)


def hills(cell: float = 30.0, relief: float = 40.0, buildings: bool = False) -> Terrain:
    """Rough terrain well beyond the grid."""
    rng = np.random.default_rng(3)
    west, south, east, north = GRID.bounds
    grid = Grid.around((west - 1500, south - 1500, east + 1500, north + 1500), cell, CRS)
    broad = gaussian_filter(rng.normal(size=grid.shape), 200 / cell)
    ground = np.maximum(broad / broad.std() * relief, 0)
    ground += gaussian_filter(rng.normal(size=grid.shape), 2) * 3
    built = np.where(rng.random(grid.shape) < 0.2, rng.uniform(5, 60, grid.shape), 0)
    surface = Raster((ground + built).astype(np.float32), grid, None, "m") if buildings else None
    return Terrain(Raster(ground.astype(np.float32), grid, None, "m"), surface)


def same(one: Coverage, other: Coverage, atol: float = 0.0) -> None:
    """Both hold the same rasters, to the last bit or within what single precision rounds."""
    for name in LAYERS:
        np.testing.assert_allclose(one.layer(name), other.layer(name), 0, atol, err_msg=name)
    for name in (*NUMBERS, "reason"):
        differ = (one.layer(name) != other.layer(name)).mean()
        assert differ <= (1e-3 if atol else 0), name


@pytest.mark.parametrize("land", ["flat", "hills", "fine hills", "buildings"])
def test_raster_equals_the_direct_evaluation(land: str) -> None:
    # tables: 0.02 dB; a cell may change server where two are as close as that
    terrain = {
        "flat": None,
        "hills": hills(),
        "fine hills": hills(cell=7.0),
        "buildings": hills(buildings=True),
    }[land]
    sites = stations(40)
    made = coverage(sites, GRID, terrain=terrain)
    rng = np.random.default_rng(1)
    row, col = rng.integers(0, GRID.rows, 500), rng.integers(0, GRID.cols, 500)
    x, y = GRID.centres()
    wanted = coverage_at(sites, x[col], y[row], terrain=terrain)
    for name in LAYERS:
        found, expected = made.layer(name)[row, col], getattr(wanted, name)
        np.testing.assert_allclose(found, expected, rtol=0, atol=0.05, err_msg=name)
    for name in NUMBERS:
        assert (made.layer(name)[row, col] != getattr(wanted, name)).mean() < 0.01, name
    if land != "flat":
        assert (made.layer("open_rsrp") > made.rsrp + 1).mean() > 0.02


@pytest.mark.parametrize("products", ["all", "basic"])
def test_stations_that_are_only_counted_are_counted_right(products: Any) -> None:
    # so many strong stations that most can only be one more: antennas of one sector, a radius that
    # ends within blocks, hills between, and ground of unknown height
    terrain = hills(relief=30)
    terrain.ground.values[70:73, 60:80] = np.nan
    settings = CoverageSettings(-125.0, max_radius_m=700.0, products=products)
    sites = stations(600, eirp=40.0)
    sites.azimuths[::5, 1:] = np.nan
    made = coverage(sites, GRID, terrain=terrain, settings=settings)
    # a signal that is evaluated is counted at most once
    assert made.evaluations < 0.9 * made.count.sum(dtype=np.int64)
    rng = np.random.default_rng(2)
    row, col = rng.integers(0, GRID.rows, 120), rng.integers(0, GRID.cols, 120)
    x, y = GRID.centres()
    wanted = coverage_at(sites, x[col], y[row], terrain=terrain, settings=settings)
    np.testing.assert_array_equal(made.count[row, col], wanted.count)
    np.testing.assert_allclose(made.rsrp[row, col], wanted.rsrp, rtol=0, atol=0.05)
    assert made.count[row, col].max() > 30


def test_fans_are_cleared_only_where_no_path_meets_an_edge() -> None:
    # every path once alone and once after its fan has been judged; unknown ground in one corner
    rng = np.random.default_rng(8)
    rough = gaussian_filter(rng.normal(size=(90, 90)), 4)
    ground = Raster(
        (rough / rough.std() * 12).astype(np.float32), replace(GRID, rows=90, cols=90), None, "m"
    )
    z, tops = flattened(ground)
    weight = (1 / np.sqrt(np.maximum(np.arange(100), 1))).astype(np.float32)
    alone = np.full_like(tops, np.inf)
    for row, col in [(45, 45), (3, 80), (88, 2), (20, 61)]:
        eye = np.float32(ground.values[row, col] + 25)
        given = (False, 90, weight, 30.0, 5e-8, 20.0, row, col, eye, np.float32(1.5), 17.3, 40.0**2)
        found = [np.full((90, 90), -1, dtype=np.float32) for _ in range(2)]
        for squares, edge in zip((tops, alone), found, strict=True):
            for a in range(0, 90, 11):
                for b in range(0, 90, 11):
                    window = (a, min(a + 11, 90), b, min(b + 11, 90), 0, 0)
                    edges_towards(z, squares, z, squares, *given, *window, edge)
        np.testing.assert_allclose(*found, rtol=0, atol=1e-3)
        assert 0.02 < (found[0] > 0).mean() < 0.5


def test_a_weak_network_leaves_white_spots_with_reasons() -> None:
    sites = stations(10, eirp=25.0)
    terrain = hills(relief=100)
    made = coverage(sites, GRID, terrain=terrain)
    reason = made.layer("reason")
    assert set(np.unique(reason)) == {
        Reason.COVERED,
        Reason.NO_STATION,
        Reason.TERRAIN,
        Reason.RANGE,
    }
    assert (made.server[reason == Reason.NO_STATION] == -1).all()
    assert np.isnan(made.rsrp[reason == Reason.NO_STATION]).all()
    assert (made.covered() == (reason == Reason.COVERED)).all()
    np.testing.assert_array_equal(made.covered(), made.count > 0)
    flat = coverage(sites, GRID)
    assert flat.covered()[reason == Reason.TERRAIN].all()
    assert not flat.covered()[reason == Reason.RANGE].any()


def test_rows_may_be_shuffled_and_the_map_shifted() -> None:
    sites, terrain = stations(30), hills()
    made = coverage(sites, GRID, terrain=terrain)
    order = np.random.default_rng(0).permutation(len(sites))
    shuffled = coverage(sites.take(order), GRID, terrain=terrain)
    np.testing.assert_array_equal(shuffled.rsrp, made.rsrp)
    np.testing.assert_array_equal(shuffled.count, made.count)
    moved = replace(GRID, west=GRID.west + 12_000, north=GRID.north - 6_000)
    there = Sites(
        sites.x + 12_000,
        sites.y - 6_000,
        *(getattr(sites, n) for n in ("height_m", "eirp_dbm", "frequency_ghz", "scenario")),
        sites.azimuths,
    )
    shifted = coverage(there, moved)
    np.testing.assert_allclose(shifted.rsrp, coverage(sites, GRID).rsrp, atol=0.01)


def test_one_thread_and_two_give_the_same() -> None:
    sites, terrain = stations(20), hills()
    one = coverage(sites, GRID, terrain=terrain, settings=CoverageSettings(threads=1))
    two = coverage(sites, GRID, terrain=terrain, settings=CoverageSettings(threads=2))
    same(one, two)


def test_more_stations_never_cover_less() -> None:
    sites, terrain = stations(20, eirp=15), hills()
    less = coverage(sites.take(np.arange(12)), GRID, terrain=terrain)
    more = coverage(sites, GRID, terrain=terrain)
    low = np.float32(-999)
    assert (np.nan_to_num(more.rsrp, nan=low) >= np.nan_to_num(less.rsrp, nan=low)).all()
    assert (more.count >= less.count).all()
    assert not (less.covered() & ~more.covered()).any()


def test_the_radius_follows_from_the_link_budget() -> None:
    sites = Sites(
        *(np.array([v]) for v in (501_300.0, 2_499_000.0, 25.0, 10.0, 3.5)), np.zeros(1, np.int8)
    )
    made = coverage(sites, GRID)
    x, y = GRID.centres()
    away = np.hypot(x[None, :] - sites.x[0], y[:, None] - sites.y[0])
    reached = made.server == 0
    edge = away[reached].max()
    assert 200 < edge < 900
    assert (reached == (away <= edge)).all()
    assert np.nanmin(made.rsrp) == pytest.approx(-115, abs=0.5)
    assert made.rsrp[away.argmin() // GRID.cols, away.argmin() % GRID.cols] == np.nanmax(made.rsrp)


@pytest.mark.parametrize("kind", ["added", "changed", "switched off", "taken away"])
def test_an_update_equals_a_fresh_computation(kind: str) -> None:
    before, terrain = stations(30, eirp=12), hills()
    if kind == "added":
        after = before.plus(stations(2, seed=8, eirp=12))
    elif kind == "changed":
        power = before.eirp_dbm.copy()
        power[4] += 6
        after = replace(before, eirp_dbm=power)
    elif kind == "switched off":
        after = before.without(np.array([3, 11]))
    else:
        after = before.take(np.arange(24))
    first = coverage(before, GRID, terrain=terrain)
    kept = first.rsrp.copy()
    updated = update_coverage(first, before, after, terrain=terrain)
    fresh = coverage(after, GRID, terrain=terrain)
    same(updated, fresh, atol=2e-4)
    np.testing.assert_array_equal(first.rsrp, kept)
    assert not np.array_equal(np.nan_to_num(fresh.rsrp), np.nan_to_num(first.rsrp))
    update_coverage(first, before, after, terrain=terrain, copy=False)
    same(first, fresh, atol=2e-4)


def test_unknown_heights_are_told_and_never_taken_as_sea_level() -> None:
    terrain = hills()
    values = terrain.ground.values.copy()
    r, c = terrain.grid.rows_cols(501_300.0, 2_499_000.0)
    values[r - 5 : r + 6, c - 5 : c + 6] = np.nan
    holed = Terrain(replace(terrain.ground, values=values))
    made = coverage(stations(30), GRID, terrain=holed)
    row, col = GRID.rows_cols(501_300.0, 2_499_000.0)
    assert made.server[row, col] == -1
    assert np.isnan(made.layer("probability")[row, col])
    assert made.layer("reason")[row, col] == Reason.NO_DATA
    assert (made.layer("reason") == Reason.NO_DATA).mean() < 0.2


def test_basic_products_are_the_same_and_the_others_are_refused() -> None:
    sites = stations(12)
    basic = coverage(sites, GRID, settings=CoverageSettings(products="basic"))
    np.testing.assert_array_equal(basic.rsrp, coverage(sites, GRID).rsrp)
    with pytest.raises(MeasureError, match="probability"):
        basic.covered(surely=True)
    assert basic.raster("server").nodata == -1


def test_what_progress_raises_stops_the_work() -> None:
    def stop(_share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        coverage(stations(12), GRID, progress=stop)


def changed(**values: Any) -> Sites:
    sites = stations(4)
    return replace(sites, **{k: np.full(4, v) for k, v in values.items()})


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"x": 114.0, "y": 22.5}, "degrees"),
        ({"x": np.nan}, "x, y"),
        ({"eirp_dbm": 90.0}, "eirp_dbm"),
        ({"eirp_dbm": np.nan}, "eirp_dbm"),
        ({"height_m": 400.0}, "height_m"),
        ({"frequency_ghz": 3500.0}, "frequency_ghz"),
        ({"scenario": 7}, "scenario"),
        ({"active": False}, "no outdoor station"),
    ],
)
def test_stations_that_cannot_be_used(values: dict[str, Any], word: str) -> None:
    with pytest.raises((MeasureError, FaultsError), match=word):
        coverage(changed(**values), GRID)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(FaultsError) as told:
        coverage(changed(eirp_dbm=90.0, frequency_ghz=3500.0), GRID)
    assert "eirp_dbm" in str(told.value)
    assert "frequency_ghz" in str(told.value)


def test_terrain_that_cannot_be_used() -> None:
    terrain = hills()
    half = terrain.grid.window(0, terrain.grid.rows // 2, 0, terrain.grid.cols)
    missing = Terrain(Raster(terrain.ground.values[: half.rows], half))
    with pytest.raises(MeasureError, match="sea level"):
        coverage(stations(4), GRID, terrain=missing)
    other = Raster(terrain.ground.values, replace(terrain.grid, crs="EPSG:32650"))
    with pytest.raises(MeasureError, match="EPSG:32650"):
        coverage(stations(4), GRID, terrain=Terrain(other))
    far = stations(4, eirp=40)
    far.x[0], far.y[0] = GRID.west - 1600, GRID.north
    with pytest.raises(MeasureError, match="beyond the terrain"):
        coverage(far, GRID, terrain=terrain)
    with pytest.raises(MeasureError, match="length"):
        Sites(*(np.zeros(n) for n in (2, 2, 2, 2, 3)), np.zeros(2, np.int8))
    with pytest.raises(MeasureError, match="products"):
        CoverageSettings(products="some")  # type: ignore[arg-type]


def test_the_wall(known: Any) -> None:
    # a wall of one cell, 20.1 m high, 1 km from an eye of 25 m: the closed form, cell by cell
    case = known("viewshed_wall")
    given, expected = case["inputs"], case["expected"]["east_side"]
    size = given["rows"]
    ground = np.full((size, size), given["ground_m"], dtype=np.float32)
    ground[:, given["wall"]["col"]] = given["wall"]["height_m"]
    row, col = given["observer"]["row"], given["observer"]["col"]
    grid = Grid(CRS, 500_000.0, 2_500_000.0, given["cell_m"], size, size)
    x, y = grid.centres()
    one = np.ones(1)
    site = Sites(
        x[[col]], y[[row]], given["observer"]["height_m"] * one, 40 * one, 2.6 * one, one * 0
    )
    line = replace(grid, north=grid.north - row * 10.0, rows=1)
    settings = CoverageSettings(
        h_ut_m=given["target_height_m"], earth_factor=float("inf"), margin_db=60
    )
    terrain = Terrain(Raster(ground, grid, None, "m"))
    made = coverage(site, line, terrain=terrain, settings=settings)
    hidden = np.flatnonzero(made.layer("open_rsrp")[0] > made.rsrp[0] + 1)
    first, last = expected["hidden_cols"]
    np.testing.assert_array_equal(hidden, np.arange(first, last + 1))
    assert len(hidden) == expected["n_hidden"]
    # the whole raster: a straight line meets an endless wall at the same share of its way, whatever
    # its direction, so the same columns are hidden in every row
    z, tops = flattened(terrain.ground)
    weight = (1 / np.sqrt(np.maximum(np.arange(size), 1))).astype(np.float32)
    edge = np.full((size, size), -1, dtype=np.float32)
    heights = (z, tops, z, tops, False, size, weight, 10.0, 0.0, 20.0)
    eye, terminal = np.float32(25.0), np.float32(given["target_height_m"])
    edges_towards(*heights, row, col, eye, terminal, 17.3, np.inf, 0, size, 0, size, 0, 0, edge)
    behind = (np.arange(size) >= first) & (np.arange(size) <= last)
    np.testing.assert_array_equal(edge > 0, np.broadcast_to(behind, edge.shape))
    # the same wall along a row
    z, tops = flattened(Raster(np.ascontiguousarray(ground.T), grid, None, "m"))
    turned = np.full_like(edge, -1)
    heights = (z, tops, z, tops, False, size, weight, 10.0, 0.0, 20.0)
    edges_towards(*heights, col, row, eye, terminal, 17.3, np.inf, 0, size, 0, size, 0, 0, turned)
    np.testing.assert_array_equal(turned.T > 0, edge > 0)
    # as gdal_viewshed has it; GRASS and xarray-spatial let the wall sag between its cells
    in_sight = case["expected"]["whole_raster_visible_cells"]["gdal_viewshed_3_6_2"]
    assert (edge == 0).sum() == in_sight == size * (size - expected["n_hidden"])


def test_an_edge_by_hand() -> None:
    # one ridge of 30 m half way: the parameter of P.526 for a single knife edge
    grid = Grid(CRS, 500_000.0, 2_500_000.0, 10.0, 3, 101)
    ground = np.zeros(grid.shape, dtype=np.float32)
    ground[:, 50] = 30
    x, y = grid.centres()
    one = np.ones(1)
    site = Sites(x[[0]], y[[1]], 25 * one, 40 * one, 3.5 * one, one * 0)
    settings = CoverageSettings(earth_factor=float("inf"), terrain_cap_db=60, margin_db=60)
    made = coverage(site, grid, terrain=Terrain(Raster(ground, grid)), settings=settings)
    nu = knife_edge_parameter(30 - (25 + 1.5) / 2, 500, 500, 3.5)
    hidden = path_loss_38901("uma", 1000.0, 3.5, h_bs_m=25, h_ut_m=1.5, los=False)
    assert made.rsrp[1, 100] == pytest.approx(40 - hidden - knife_edge_loss(nu), abs=0.02)
    capped = replace(settings, terrain_cap_db=10.0)
    less = coverage(site, grid, terrain=Terrain(Raster(ground, grid)), settings=capped)
    assert less.rsrp[1, 100] == pytest.approx(40 - hidden - 10, abs=0.02)
    # clear bare earth keeps the probability of line of sight; buildings replace it
    assert made.rsrp[1, 40] == made.layer("open_rsrp")[1, 40]
    flat = Raster(np.zeros_like(ground), grid)
    built = coverage(site, grid, terrain=Terrain(flat, Raster(ground, grid)), settings=settings)
    seen = path_loss_38901("uma", 400.0, 3.5, h_bs_m=25, h_ut_m=1.5, los=True)
    assert built.rsrp[1, 40] == pytest.approx(40 - seen, abs=0.02)
    assert built.rsrp[1, 100] == pytest.approx(40 - hidden, abs=0.02)
