"""New sites for the firms that are not covered, and what a single station would add."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.spatial import cKDTree

from layout.analyses.coverage.estimate import Estimate, estimate, judged, settings_of
from layout.analyses.coverage.figures import Reached
from layout.analyses.coverage.networks import UMA, Ground
from layout.analyses.coverage.params import CoverageParams
from layout.core import station_columns as c
from layout.core.crs import STORED_CRS
from layout.core.progress import tell
from layout.core.raster import Grid
from layout.measures.coverage import Sites, update_coverage
from layout.measures.coverage_prepare import radii
from layout.measures.greedy_covering import greedy_covering
from layout.measures.location import maximal_covering
from layout.measures.signal_fit import SignalFit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

BLOCK_M: Final = 400.0
"""Candidates ‘grid’ stand in the middle of the firms of a block of this width."""

MERGE_M: Final = 150.0
"""Candidates nearer than this are one; parks go before masts, masts before the grid."""

MOST_CANDIDATES: Final = 250
MOST_EXACT: Final = 2_000_000
"""Candidates that are looked at, those with most uncovered firms about them first; cells of the
table of the exact choice."""

EXACT_SECONDS: Final = 5.0


@dataclass(frozen=True)
class Candidates:
    """Places for a new station, metres, with what they are."""

    x: Floats
    y: Floats
    kind: npt.NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Proposal:
    """The chosen places.

    Attributes
    ----------
    sites
        EPSG:4326: ``site_id``, ``rank``, ``candidate``, ``firms_added`` (each site after those
        before it), ``firms_total`` and geometry.
    summary
        One row: candidates, uncovered firms, firms covered by the choice, what no choice can pass
        (``firms_bound``), ``gap_percent``, ``proven`` and ``method`` (greedy or exact).
    """

    sites: gpd.GeoDataFrame
    summary: pd.DataFrame


def new_station(x: Floats, y: Floats, params: CoverageParams) -> Sites:
    """Omnidirectional macro stations as the settings ask for."""
    count = len(x)
    return Sites(
        x=x,
        y=y,
        height_m=np.full(count, params.new_height_m),
        eirp_dbm=np.full(count, params.new_eirp_dbm),
        frequency_ghz=np.full(count, c.BANDS[params.new_band].frequency_mhz / 1000.0),
        scenario=np.full(count, UMA),
    )


def propose(
    made: Estimate,
    reached: Reached,
    ground: Ground,
    params: CoverageParams,
    *,
    parks: gpd.GeoDataFrame,
    masts: tuple[Floats, Floats],
    fit: SignalFit | None,
) -> Proposal:
    """Up to ``new_sites`` places that cover most of the firms that are not covered.

    Parameters
    ----------
    made, reached
        The estimate, and the firms at covered places.
    ground, params, fit
        As for the estimate.
    parks
        Polygons in the metric CRS.
    masts
        Places of existing outdoor stations, metres.
    """
    open_firms = reached.known & ~reached.covered
    xy = reached.points.xy[open_firms]
    if not len(xy) or params.new_sites == 0:
        return _nothing(made.grid.crs, len(xy))
    reach = float(
        radii(new_station(np.zeros(1), np.zeros(1), params), settings_of(params, fit, brief=True))[
            0
        ]
    )
    candidates = _candidates(xy, reach, params, parks=parks, masts=masts)
    cells, weight = _demand(made.grid, xy)
    covers = _covers(candidates, made.grid, cells, reach, ground, params, fit)
    chosen, summary = _choice(covers, weight, params.new_sites)
    return _proposal(made.grid.crs, candidates, covers, weight, chosen, summary, len(xy))


def _candidates(
    xy: Floats,
    reach: float,
    params: CoverageParams,
    *,
    parks: gpd.GeoDataFrame,
    masts: tuple[Floats, Floats],
) -> Candidates:
    """Places near uncovered firms, without near doubles, the busiest first."""
    parts: list[tuple[Floats, Floats, str]] = []
    if "parks" in params.candidates and len(parks):
        centres = parks.geometry.representative_point()
        parts.append((centres.x.to_numpy(), centres.y.to_numpy(), "park"))
    if "masts" in params.candidates:
        parts.append((*masts, "mast"))
    if "grid" in params.candidates:
        block = np.floor(xy / BLOCK_M).astype(np.int64)
        middle = pd.DataFrame(xy).groupby([block[:, 0], block[:, 1]]).mean().to_numpy()
        parts.append((middle[:, 0], middle[:, 1], "grid"))
    x = np.concatenate([part[0] for part in parts])
    y = np.concatenate([part[1] for part in parts])
    kind = np.concatenate([np.full(len(part[0]), part[2], dtype=object) for part in parts])
    near = cKDTree(xy).query_ball_point(np.column_stack([x, y]), reach, return_length=True)
    _, first = np.unique(
        np.column_stack([np.floor(x / MERGE_M), np.floor(y / MERGE_M)]), axis=0, return_index=True
    )
    first = np.sort(first[near[first] > 0])
    busiest = first[np.argsort(-near[first], kind="stable")][:MOST_CANDIDATES]
    return Candidates(x[busiest], y[busiest], kind[busiest])


def _demand(grid: Grid, xy: Floats) -> tuple[tuple[Ints, Ints], Floats]:
    """Cells that hold uncovered firms, and how many each."""
    row, col = grid.rows_cols(xy[:, 0], xy[:, 1])
    flat, count = np.unique(row * grid.cols + col, return_counts=True)
    return (flat // grid.cols, flat % grid.cols), count.astype(np.float64)


def _covers(
    candidates: Candidates,
    grid: Grid,
    cells: tuple[Ints, Ints],
    reach: float,
    ground: Ground,
    params: CoverageParams,
    fit: SignalFit | None,
) -> sparse.csr_array:
    """Which cells of demand each candidate would cover, by the same kernel as the rasters."""
    place = np.full(grid.shape, -1, dtype=np.int64)
    place[cells] = np.arange(len(cells[0]))
    land = ground.coarse(grid.cell_m)
    rows, columns = [], []
    for number in range(len(candidates)):
        if number % 20 == 0:
            tell("coverage_sites", number / len(candidates))
        window = _window(grid, candidates.x[number], candidates.y[number], reach)
        part = grid.window(*window)
        site = new_station(candidates.x[[number]], candidates.y[[number]], params)
        made = estimate(site, part, ground, params, fit=fit, terrain=land, brief=True)
        found = made.covered.values > 0
        hit = place[window[0] : window[1], window[2] : window[3]][found]
        hit = hit[hit >= 0]
        rows.append(np.full(len(hit), number))
        columns.append(hit)
    row, column = np.concatenate(rows), np.concatenate(columns)
    shape = (len(candidates), len(cells[0]))
    return sparse.csr_array((np.ones(len(row), dtype=bool), (row, column)), shape=shape)


def _window(grid: Grid, x: float, y: float, reach: float) -> tuple[int, int, int, int]:
    """Rows and columns about a place, at least one cell."""
    col0 = int(np.clip((x - reach - grid.west) // grid.cell_m, 0, grid.cols - 1))
    col1 = int(np.clip((x + reach - grid.west) // grid.cell_m + 1, col0 + 1, grid.cols))
    row0 = int(np.clip((grid.north - y - reach) // grid.cell_m, 0, grid.rows - 1))
    row1 = int(np.clip((grid.north - y + reach) // grid.cell_m + 1, row0 + 1, grid.rows))
    return row0, row1, col0, col1


def _choice(covers: sparse.csr_array, weight: Floats, number: int) -> tuple[Ints, dict[str, Any]]:
    """The exact choice where size allows and it is better than the greedy one; with its bound."""
    greedy = greedy_covering(covers, number, weights=weight)
    told = {"bound": greedy.bound, "method": "greedy", "proven": greedy.gap < 1e-9}
    places = min(number, covers.shape[0])
    small = covers.shape[0] * covers.shape[1] <= MOST_EXACT
    if told["proven"] or not small or len(greedy.sites) < places:
        return greedy.sites, told
    cost = 1.0 - covers.toarray().T.astype(np.float64)
    exact = maximal_covering(cost, 0.5, places, weights=weight, time_limit_s=EXACT_SECONDS)
    sites = np.asarray(exact.sites, dtype=np.int64)
    told["proven"] = bool(exact.proven)
    told["bound"] = float(exact.objective if exact.proven else greedy.bound)
    if exact.objective <= greedy.covered + 1e-9:
        return greedy.sites, told
    # In the order in which they add most.
    order = greedy_covering(covers[sites], places, weights=weight).sites
    rest = np.setdiff1d(np.arange(len(sites)), order)
    return sites[np.concatenate([order, rest])], {**told, "method": "exact"}


def _proposal(
    crs: str,
    candidates: Candidates,
    covers: sparse.csr_array,
    weight: Floats,
    chosen: Ints,
    told: dict[str, Any],
    uncovered: int,
) -> Proposal:
    left = weight.copy()
    rows = []
    for rank, site in enumerate(chosen, start=1):
        cells = covers.indices[covers.indptr[site] : covers.indptr[site + 1]]
        rows.append(
            {
                "site_id": f"N{rank:02d}",
                "rank": rank,
                "candidate": candidates.kind[site],
                "firms_added": int(left[cells].sum()),
                "firms_total": int(weight[cells].sum()),
            }
        )
        left[cells] = 0.0
    points = gpd.points_from_xy(candidates.x[chosen], candidates.y[chosen], crs=crs)
    columns = ["site_id", "rank", "candidate", "firms_added", "firms_total"]
    sites = gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry=points)
    covered = sum(row["firms_added"] for row in rows)
    bound = float(told["bound"])
    summary = {
        "candidates": len(candidates),
        "firms_uncovered": uncovered,
        "firms_added": covered,
        "firms_bound": int(np.floor(bound + 1e-6)),
        "gap_percent": 100.0 * (1.0 - covered / bound) if bound > 0 else float("nan"),
        "proven": bool(told["proven"]),
        "method": told["method"],
    }
    return Proposal(sites.to_crs(STORED_CRS), pd.DataFrame([summary]))


def _nothing(crs: str, uncovered: int) -> Proposal:
    empty = Candidates(np.zeros(0), np.zeros(0), np.zeros(0, dtype=object))
    told = {"bound": 0.0, "method": "greedy", "proven": True}
    return _proposal(
        crs, empty, sparse.csr_array((0, 0)), np.zeros(0), np.zeros(0, np.int64), told, uncovered
    )


def try_station(
    made: Estimate,
    sites: Sites,
    reached: Reached,
    inside: Flags,
    ground: Ground,
    params: CoverageParams,
    fit: SignalFit | None,
) -> tuple[Estimate, pd.DataFrame]:
    """The estimate with one more station, and what it adds: firms, and area of the city."""
    x, y = ground.metres([float(params.try_lon or 0)], [float(params.try_lat or 0)])
    after = update_coverage(
        made.made,
        sites,
        sites.plus(new_station(x, y, params)),
        terrain=ground.coarse(made.grid.cell_m),
    )
    updated = judged(after, params, fit)
    gained = (updated.covered.values > 0) & ~(made.covered.values > 0) & inside
    xy = reached.points.xy
    now = np.nan_to_num(updated.covered.at(xy[:, 0], xy[:, 1])) > 0
    row = {
        "lon": params.try_lon,
        "lat": params.try_lat,
        "ground_m": float(ground.at(x, y)[0]),
        "firms_added": int((now & ~reached.covered & reached.known).sum()),
        "area_added_km2": float(gained.sum() * made.grid.cell_km2),
    }
    return updated, pd.DataFrame([row])
