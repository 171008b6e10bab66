"""Coverage at single points, slowly and by the definition: what the rasters are checked against.

No table, no tile, no rounding of heights: every station within its radius, one after the other, by
the formulae of :mod:`layout.measures.propagation` in double precision.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from layout.measures.coverage_prepare import radii
from layout.measures.coverage_settings import CoverageSettings
from layout.measures.coverage_sites import Floats, Ints, Sites, require_sites
from layout.measures.coverage_tables import FAR_M, NEAR_M
from layout.measures.coverage_terrain import Terrain, bulge_per_m2, edge_parameter, heights
from layout.measures.propagation import (
    SCENARIOS,
    SHADOW_DB,
    knife_edge_loss,
    los_probability_38901,
    path_loss_38901,
    site_gain_38901,
)


@dataclass(frozen=True)
class PointCoverage:
    """As :class:`layout.measures.coverage.Coverage`, at points."""

    rsrp: Floats
    server: Ints
    count: Ints
    second: Floats
    second_server: Ints
    open_rsrp: Floats
    indoor_rsrp: Floats
    probability: Floats


def coverage_at(
    sites: Sites,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    terrain: Terrain | None = None,
    settings: CoverageSettings | None = None,
) -> PointCoverage:
    """Best server, level, overlap and probability at points, station by station.

    Parameters
    ----------
    sites
        Outdoor stations.
    x, y
        Metres in the CRS of the stations.
    terrain, settings
        As in :func:`layout.measures.coverage.coverage`.
    """
    chosen = settings or CoverageSettings()
    require_sites(sites, chosen.h_ut_m)
    px, py = np.atleast_1d(np.asarray(x, float)), np.atleast_1d(np.asarray(y, float))
    levels, opened, chances = (np.full((len(sites), px.size), -np.inf) for _ in range(3))
    for s, reach in enumerate(radii(sites, chosen)):
        within = np.flatnonzero(np.hypot(px - sites.x[s], py - sites.y[s]) <= reach)
        if reach > 0 and within.size:
            found = _one(sites, s, px[within], py[within], terrain, chosen)
            levels[s, within], opened[s, within], chances[s, within] = found
    return _best(sites, levels, opened, chances, chosen)


def _one(
    sites: Sites, s: int, x: Floats, y: Floats, terrain: Terrain | None, settings: CoverageSettings
) -> tuple[Floats, Floats, Floats]:
    """Level, level over open terrain, and probability of one station at points."""
    name = SCENARIOS[int(sites.scenario[s])]
    d = np.clip(np.hypot(x - sites.x[s], y - sites.y[s]), NEAR_M, FAR_M)
    bearing = np.degrees(np.arctan2(x - sites.x[s], y - sites.y[s]))
    power = sites.eirp_dbm[s] + site_gain_38901(bearing, sites.sectors[s])
    given = {"h_bs_m": sites.height_m[s], "h_ut_m": settings.h_ut_m}
    seen, hidden = (
        power - path_loss_38901(name, d, sites.frequency_ghz[s], los=los, **given)
        for los in (True, False)
    )
    share = los_probability_38901(name, d, h_ut_m=settings.h_ut_m)
    opened = share * seen + (1 - share) * hidden
    if terrain is not None:
        share, edge = _obstructed(sites, s, x, y, terrain, share, settings)
        hidden = hidden - edge
    sigma = SHADOW_DB[name]
    level = share * seen + (1 - share) * hidden
    meets = [
        ndtr((v - settings.threshold_dbm) / t) for v, t in zip((seen, hidden), sigma, strict=True)
    ]
    return level, opened, share * meets[0] + (1 - share) * meets[1]


def _obstructed(
    sites: Sites,
    s: int,
    x: Floats,
    y: Floats,
    terrain: Terrain,
    share: Floats,
    settings: CoverageSettings,
) -> tuple[Floats, Floats]:
    """Probability of line of sight and loss by the edge, with terrain; NaN where unknown."""
    grid, ground = terrain.grid, heights(terrain.ground)
    surface = None if terrain.surface is None else heights(terrain.surface)
    row, col = grid.rows_cols(x, y)
    own = grid.rows_cols(sites.x[s], sites.y[s])
    start = int(own[0]), int(own[1])
    path = {
        "eye_m": float(ground[start]) + float(sites.height_m[s]),
        "frequency_ghz": float(sites.frequency_ghz[s]),
        "bulge": bulge_per_m2(settings.earth_factor),
    }
    share, edge = share.copy(), np.zeros_like(share)
    for p, end in enumerate(zip(row.tolist(), col.tolist(), strict=True)):
        target = float(ground[end]) + settings.h_ut_m
        nu = edge_parameter(ground, grid.cell_m, start, end, target_m=target, **path)
        if np.isnan(nu):
            share[p], edge[p] = np.nan, np.nan
        elif nu > 0:
            share[p] = 0.0
            edge[p] = min(float(knife_edge_loss(nu)), settings.terrain_cap_db)
        elif surface is not None:
            over = edge_parameter(surface, grid.cell_m, start, end, target_m=target, **path)
            share[p] = float(over <= 0) if not np.isnan(over) else np.nan
    return share, edge


def _best(
    sites: Sites, levels: Floats, opened: Floats, chances: Floats, settings: CoverageSettings
) -> PointCoverage:
    """Best and next best station of each point."""
    unknown = np.isnan(levels)
    known = np.where(unknown, -np.inf, levels)
    order = np.argsort(-known, axis=0, kind="stable")[:2]
    ranked = np.take_along_axis(known, order, axis=0)
    if len(order) < 2:
        order = np.vstack([order, np.full_like(order, -1)])
        ranked = np.vstack([ranked, np.full_like(ranked, -np.inf)])
    reached = np.isfinite(ranked)
    chance = np.take_along_axis(chances, order[:1], axis=0)[0]
    nobody = np.where(unknown.any(axis=0), np.nan, 0.0)
    indoor = known - np.array([[settings.indoor_loss(float(f))] for f in sites.frequency_ghz])
    missing = {"rsrp": np.where(reached, ranked, np.nan), "server": np.where(reached, order, -1)}
    return PointCoverage(
        rsrp=missing["rsrp"][0],
        server=missing["server"][0],
        count=(known >= settings.threshold_dbm).sum(axis=0),
        second=missing["rsrp"][1],
        second_server=missing["server"][1],
        open_rsrp=_finite(opened.max(axis=0)),
        indoor_rsrp=_finite(indoor.max(axis=0)),
        probability=np.where(reached[0], chance, nobody),
    )


def _finite(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.nan)
