"""Coverage of a city of 2,000 km² by 70,000 stations, and where the time goes.

The city is synthetic: half of the stations in clusters, hills of 80 m over plains, a 30 m terrain
model, one carrier of 2.6 GHz, 38 dBm a resource element, omnidirectional; "basic" is best server,
its level and the overlap. A promise in CPU seconds is twice the wall seconds asked for, on two idle
cores. Evaluations are signals of a station in a cell within its radius; those that cannot matter
are left out and not counted, but for the comparison of the kernel with itself, which evaluates
every one. ITM is another model: only the work per link is compared with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.case import Case
from layout.core.raster import Grid, Raster
from layout.measures import coverage as measure
from layout.measures.coverage import Coverage, CoverageSettings, Sites, Terrain, coverage
from layout.measures.coverage_prepare import Prepared, prepared
from layout.measures.propagation import los_probability_38901, path_loss_38901

CRS = "EPSG:4547"
SEED = 7
AREA_KM2 = 2000.0
DENSITY = 35.0
LINKS = 20_000
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class City:
    """Stations, the grid, terrain and settings."""

    sites: Sites
    grid: Grid
    terrain: Terrain | None
    settings: CoverageSettings


def city(
    *,
    share: float = 1.0,
    density: float = DENSITY,
    cell: float = 10.0,
    radius: float = 1000.0,
    products: Any = "basic",
    land: bool = True,
) -> City:
    """A square part of the city; ``density`` in stations a km²."""
    side = float(np.sqrt(AREA_KM2 * share)) * 1000
    rng = np.random.default_rng(SEED)
    n = int(density * AREA_KM2 * share)
    centres = rng.uniform(0, side, (max(n // 70, 1), 2))
    places = rng.uniform(0, side, (n, 2))
    grouped = rng.random(n) < 0.5
    near = centres[rng.integers(0, len(centres), n)] + rng.normal(size=(n, 2)) * 800
    x, y = np.where(grouped[:, None], near, places).T % side
    grid = Grid(CRS, 500_000.0, 2_500_000.0, cell, int(side / cell), int(side / cell))
    flat = np.ones(n)
    height = np.round(rng.uniform(18, 40, n))
    sites = Sites(
        500_000 + x, 2_500_000 - y, height, 38 * flat, 2.6 * flat, np.zeros(n, dtype=np.int8)
    )
    settings = CoverageSettings(max_radius_m=radius, margin_db=60.0, products=products)
    return City(sites, grid, hills(grid) if land else None, settings)


def hills(grid: Grid) -> Terrain:
    """Hills over plains in cells of 30 m, 3 km beyond the grid."""
    from scipy.ndimage import gaussian_filter, zoom

    rng = np.random.default_rng(SEED)
    west, south, east, north = grid.bounds
    own = Grid.around((west - 3000, south - 3000, east + 3000, north + 3000), 30.0, CRS)
    coarse = gaussian_filter(rng.normal(size=(own.rows // 40 + 2, own.cols // 40 + 2)), 1.5)
    broad = zoom(coarse / coarse.std() * 80, 40, order=1)[: own.rows, : own.cols]
    rough = gaussian_filter(rng.normal(size=own.shape), 2) * 3
    return Terrain(Raster((np.maximum(broad - 20, 0) + rough).astype(np.float32), own))


def estimate(given: City) -> Coverage:
    return coverage(given.sites, given.grid, terrain=given.terrain, settings=given.settings)


def with_estimate() -> tuple[City, Coverage, Sites]:
    """The whole city estimated, and the same stations with one of them raised by 3 dB."""
    given = city()
    power = given.sites.eirp_dbm.copy()
    power[len(power) // 2] += 3
    return given, estimate(given), replace(given.sites, eirp_dbm=power)


def one_changed(given: tuple[City, Coverage, Sites]) -> Coverage:
    whole, made, after = given
    return measure.update_coverage(made, whole.sites, after, terrain=whole.terrain, copy=False)


@dataclass(frozen=True)
class Work:
    """Prepared stations over a part of the city, and about as many evaluations in one block."""

    part: tuple[Prepared, Coverage]
    block: tuple[Prepared, Coverage]


def kernels() -> Work:
    given = city(share=0.05, land=False)
    one = replace(given.settings, threads=1)
    part = prepared(given.sites, given.grid, None, one), measure._empty(given.grid, one)
    count = measure._fill(part[1], part[0], measure.whole(part[0].frame), judge=False)
    small = Grid(CRS, 500_000.0, 2_500_000.0, 10.0, 32, 32)
    rng = np.random.default_rng(SEED)
    n, reach = 4000, given.settings.max_radius_m + 160
    x, y = rng.uniform(-reach, reach, (2, n)) + np.array([[500_160.0], [2_499_840.0]])
    about = replace(given.sites.take(np.resize(np.arange(len(given.sites)), n)), x=x, y=y)
    ready, made = prepared(about, small, None, one), measure._empty(small, one)
    each = measure._fill(made, ready, measure.whole(ready.frame), judge=False) / n
    many = about.take(np.resize(np.arange(n), max(int(count / each), 1)))
    return Work(part, (prepared(many, small, None, one), measure._empty(small, one)))


def fill_part(given: Work) -> int:
    ready, made = given.part
    return measure._fill(made, ready, measure.whole(ready.frame), judge=False)


def fill_block(given: Work) -> int:
    ready, made = given.block
    return measure._fill(made, ready, measure.whole(ready.frame), judge=False)


@lru_cache(maxsize=1)
def links() -> tuple[Floats, Floats]:
    """A million distances and antenna heights."""
    rng = np.random.default_rng(SEED)
    return rng.uniform(10, 2000, 1_000_000), np.full(1_000_000, 25.0)


def our_links(given: tuple[Floats, Floats]) -> tuple[Floats, Floats, Floats]:
    d, h = given
    seen, hidden = (
        path_loss_38901("uma", d, 2.6, h_bs_m=h, h_ut_m=1.5, los=los) for los in (True, False)
    )
    return seen, hidden, los_probability_38901("uma", d)


def pycraf_links(given: tuple[Floats, Floats]) -> tuple[Floats, Floats, Floats]:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from astropy import units as u
        from pycraf import pathprof

        found = pathprof.imt_urban_macro_losses(
            2.6 * u.GHz, given[0] * u.m, h_bs=25 * u.m, h_ue=1.5 * u.m
        )
    return tuple(np.asarray(v.value) for v in found)  # type: ignore[return-value]


def same_losses(ours: Any, theirs: Any) -> bool:
    return all(np.abs(a - b).max() < 0.02 for a, b in zip(ours, theirs, strict=True))


@dataclass(frozen=True)
class Pairs:
    """A station, the cells of its terrain about it, and the raster that holds as many links."""

    given: City
    pairs: tuple[tuple[int, int], ...]


def terrain_links() -> Pairs:
    """One station of the middle of a part of the city and terrain cells within 1 km."""
    given = city(share=0.01)
    west, south, east, north = given.grid.bounds
    middle = np.hypot(given.sites.x - (west + east) / 2, given.sites.y - (south + north) / 2)
    alone = given.sites.take(np.array([middle.argmin()]))
    coarse = replace(given.grid, cell_m=30.0, rows=given.grid.rows // 3, cols=given.grid.cols // 3)
    rng = np.random.default_rng(SEED)
    angle, far = rng.uniform(0, 2 * np.pi, LINKS), rng.uniform(90, 990, LINKS)
    assert given.terrain is not None
    at = given.terrain.grid.rows_cols(
        alone.x[0] + far * np.sin(angle), alone.y[0] + far * np.cos(angle)
    )
    pairs = tuple(zip(at[0].tolist(), at[1].tolist(), strict=True))
    return Pairs(City(alone, coarse, given.terrain, replace(given.settings, threads=1)), pairs)


def our_terrain_links(given: Pairs) -> int:
    """The station's raster of 30 m, again and again, until as many links are done."""
    done = 0
    while done < len(given.pairs):
        done += estimate(given.given).evaluations
    return done


def itm_links(given: Pairs) -> int:
    """As many links of the Irregular Terrain Model, each over its profile."""
    from itmlogic.preparatory_subroutines.qlrpfl import qlrpfl
    from itmlogic.preparatory_subroutines.qlrps import qlrps

    assert given.given.terrain is not None
    z, grid = given.given.terrain.ground.values, given.given.terrain.grid
    row, col = (int(v[0]) for v in grid.rows_cols(given.given.sites.x, given.given.sites.y))
    for end_row, end_col in given.pairs:
        steps = max(abs(end_row - row), abs(end_col - col), 2)
        at = np.linspace(0, 1, steps + 1)
        profile = z[
            np.rint(row + at * (end_row - row)).astype(int),
            np.rint(col + at * (end_col - col)).astype(int),
        ]
        length = float(np.hypot(end_row - row, end_col - col)) * 30.0 / steps
        prop: dict[str, Any] = {"eps": 15, "sgm": 0.005, "klim": 5, "ens0": 314, "lvar": 5}
        prop |= {"gma": 157e-9, "wn": 2600 / 47.7, "ens": 314, "kwx": 0, "mdp": -1}
        prop |= {"mdvarx": 11, "klimx": 0, "hg": [25.0, 1.5]}
        prop["pfl"] = [steps, length, *profile.tolist()]
        prop["wn"], prop["gme"], prop["ens"], prop["zgnd"] = qlrps(2600, 0.0, 314, 0, 15, 0.005)
        qlrpfl(prop)
    return len(given.pairs)


def all_done(ours: int, theirs: int) -> bool:
    """Another model: equal is only that both did the links."""
    return ours >= theirs > 0


def growth(**values: Any) -> Case:
    """A tenth of the city with one thing changed."""
    said = ", ".join(f"{name} {value:g}" for name, value in values.items()) or "as it is"
    name = f"A tenth of the city (200 km², 7,000 stations, 10 m, 1 km, terrain): {said}"
    return Case(name, lambda: city(share=0.1, **values), estimate, repeats=1)


CASES = (
    Case(
        "70,000 stations, 2,000 km², 10 m, 1 km, terrain: basic",
        city,
        estimate,
        repeats=1,
        at_most_s=30.0,
        at_most_mb=1000,
    ),
    Case(
        "The same, 2 km",
        lambda: city(radius=2000.0),
        estimate,
        repeats=1,
        at_most_s=60.0,
        at_most_mb=1000,
    ),
    Case("The same, 1 km: all products", lambda: city(products="all"), estimate, repeats=1),
    Case(
        "One station of the 70,000 changed, 1 km, in place",
        with_estimate,
        one_changed,
        at_most_s=0.2,
    ),
    Case(
        "Evaluations over a part of the city, one thread, without terrain",
        kernels,
        fill_part,
        fill_block,
        "as many in one block of the first cache",
        lambda a, b: abs(a / b - 1) < 0.02,
        at_most_times=1 / 0.6,
    ),
    Case(
        "A million losses and probabilities of UMa",
        links,
        our_links,
        pycraf_links,
        "pycraf imt_urban_macro_losses",
        same_losses,
    ),
    Case(
        "20,000 links over terrain of 30 m, within 1 km",
        terrain_links,
        our_terrain_links,
        itm_links,
        "itmlogic, point to point (another model)",
        all_done,
    ),
    growth(),
    growth(density=17.5),
    growth(density=70.0),
    growth(radius=500.0),
    growth(radius=2000.0),
    growth(cell=20.0),
    growth(cell=30.0),
)
