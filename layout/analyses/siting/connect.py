"""What it takes to connect a site: cable ways to substations and exchange points over the ground.

Costs are kilometres of open flat ground: a kilometre through water or an ecological area counts for
several, along a road for less. The factors are proposals of this tool.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layout.analyses.siting.ground import Ground, rasterised, slope_percent
from layout.core.raster import Grid
from layout.measures.least_cost import CostField, least_cost, share_out

Floats = npt.NDArray[np.float64]

COARSE_M: Final = 100.0

FACTORS: Final = MappingProxyType(
    {"water": 6.0, "ecological_line": 3.0, "housing": 1.5, "roads": 0.7}
)
"""What a metre counts for, over open flat ground; slope adds 1 for each 15 %."""

MOST_SOURCES: Final = 8
"""Nearest substations that a site is offered."""

POWER_FACTOR: Final = 0.95


@dataclass(frozen=True)
class Ways:
    """Ways of each site to sources of one kind.

    Attributes
    ----------
    cost
        Sites × sources, equivalent kilometres; infinite where a source was not reached.
    length
        The same ways, kilometres on the ground.
    lines
        Way of each reached pair (site, source), metres.
    """

    cost: Floats
    length: Floats
    lines: dict[tuple[int, int], shapely.LineString]


@dataclass(frozen=True)
class Surface:
    """Cost a metre on a coarse grid."""

    grid: Grid
    cost: Floats
    considered: tuple[str, ...]


def cost_surface(ground: Ground) -> Surface:
    """Cost of cables a metre over the ground, from the layers that are there."""
    grid = Grid.around(ground.grid.bounds, COARSE_M, ground.grid.crs)
    cost = np.ones(grid.shape)
    considered = []
    for layer, factor in FACTORS.items():
        frame = ground.frame(layer)
        if frame is not None and not frame.empty:
            cost[rasterised(frame.geometry, grid, all_touched=layer == "roads")] *= factor
            considered.append(layer)
    if ground.terrain is not None:
        terrain = ground.terrain
        x, y = grid.centres()
        columns, rows = np.meshgrid(x, y)
        height = terrain.at(columns, rows)
        slope = slope_percent(height, COARSE_M)
        cost *= 1 + np.nan_to_num(slope, nan=0.0) / 15.0
        considered.append("terrain")
    return Surface(grid, cost, tuple(considered))


def ways(surface: Surface, sites: gpd.GeoSeries, sources: gpd.GeoSeries) -> Ways:
    """Cheapest ways from each site to the sources nearest by cost."""
    grid = surface.grid
    middle = sites.centroid
    row, col = grid.rows_cols(middle.x, middle.y)
    to_row, to_col = grid.rows_cols(sources.x, sources.y)
    goals = np.zeros(grid.shape, dtype=bool)
    inside = to_row >= 0
    goals[to_row[inside], to_col[inside]] = True
    shape = (len(sites), len(sources))
    cost, length = np.full(shape, np.inf), np.full(shape, np.inf)
    lines: dict[tuple[int, int], shapely.LineString] = {}
    if not inside.any():
        return Ways(cost, length, lines)
    for site in range(len(sites)):
        if row[site] < 0:
            continue
        field = least_cost(
            surface.cost, [row[site]], [col[site]], grid.cell_m, goals=goals,
            enough=min(MOST_SOURCES, int(goals.sum())),
        )  # fmt: skip
        for source in np.flatnonzero(inside):
            reached = field.cost[to_row[source], to_col[source]]
            if np.isfinite(reached):
                line = _line(field, grid, int(to_row[source]), int(to_col[source]))
                cost[site, source], length[site, source] = reached / 1000, line.length / 1000
                lines[site, int(source)] = line
    return Ways(cost, length, lines)


def _line(field: CostField, grid: Grid, row: int, col: int) -> shapely.LineString:
    cells = field.way(row, col)
    x, y = grid.centres()
    points = np.column_stack([x[cells[:, 1]], y[cells[:, 0]]])
    if len(points) == 1:
        points = np.repeat(points, 2, axis=0)
    return shapely.LineString(points).simplify(grid.cell_m / 4)


def powered_from(found: Ways, need_mva: Floats, spare_mva: Floats) -> pd.DataFrame:
    """Substation of each site alone: the cheapest with enough to spare (``source``, -1: none)."""
    rows = [
        share_out(found.cost[[site]], need_mva[[site]], spare_mva) for site in range(len(need_mva))
    ]
    if not rows:
        return pd.DataFrame({"source": [], "cost": [], "left": []})
    return pd.concat(rows, ignore_index=True)
