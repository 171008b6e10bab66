"""Stations, loss and terrain as the kernel takes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.ndimage import maximum_filter

from layout.core.errors import MeasureError
from layout.core.raster import Grid, Raster
from layout.measures.coverage_fans import ABOUT, WIDE
from layout.measures.coverage_kernels import Frame, Heights, Loss, Masts
from layout.measures.coverage_polynomial import smooth_from
from layout.measures.coverage_settings import BLOCK_CELLS, BLOCK_M, CoverageSettings
from layout.measures.coverage_sites import Bools, Floats, Ints, Sites
from layout.measures.coverage_tables import build_tables, cutoff_radius
from layout.measures.coverage_terrain import Terrain, bulge_per_m2, heights
from layout.measures.coverage_walks import UNKNOWN_M
from layout.measures.propagation import SCENARIOS, SHADOW_DB, SPEED_OF_LIGHT

_NO_SECTOR: Final = 1e4
"""Never the best sector: so far off that its gain is at the bottom."""


Singles = npt.NDArray[np.int32]
Window = tuple[int, int, int, int]
"""First and last (exclusive) row and column."""


@dataclass(frozen=True)
class Prepared:
    """Everything the kernel needs.

    Attributes
    ----------
    masts
        The stations that can reach the grid; ``number`` is their place in the table.
    place
        Row of ``masts`` of each station of the table, -1 for none.
    """

    masts: Masts
    loss: Loss
    heights: Heights
    frame: Frame
    place: npt.NDArray[np.int32]


def radii(sites: Sites, settings: CoverageSettings) -> Floats:
    """Radius of each station, metres; 0 where it reaches nothing."""
    return cutoff_radius(
        sites,
        floor_dbm=settings.floor_dbm,
        h_ut_m=settings.h_ut_m,
        max_radius_m=settings.max_radius_m,
    )


def frame_of(grid: Grid, terrain: Terrain | None) -> Frame:
    """The grid as the kernel takes it, in blocks that end where terrain cells do."""
    x0, y0 = grid.west + grid.cell_m / 2, grid.north - grid.cell_m / 2
    row_of, col_of = _cells_of(grid, terrain)
    size = int(np.clip(round(BLOCK_M / grid.cell_m), *BLOCK_CELLS))
    return Frame(x0, y0, grid.cell_m, _edges(row_of, size), _edges(col_of, size))


def _cells_of(grid: Grid, terrain: Terrain | None) -> tuple[Singles, Singles]:
    """Terrain row of each row and terrain column of each column of the grid."""
    if terrain is None:
        return np.zeros(grid.rows, dtype=np.int32), np.zeros(grid.cols, dtype=np.int32)
    x, y = grid.centres()
    land = terrain.grid
    row = np.clip(np.floor((land.north - y) / land.cell_m), 0, land.rows - 1)
    col = np.clip(np.floor((x - land.west) / land.cell_m), 0, land.cols - 1)
    return row.astype(np.int32), col.astype(np.int32)


def _edges(cell_of: Singles, size: int) -> Singles:
    """Where blocks of about ``size`` begin, at changes of the terrain cell, and the end."""
    changes = np.flatnonzero(np.diff(cell_of)) + 1
    wanted = np.arange(size, len(cell_of), size)
    place = np.searchsorted(changes, wanted)
    held = place < len(changes)
    nearest = np.where(held, changes[np.minimum(place, len(changes) - 1)] if len(changes) else 0, 0)
    shifted = np.where(held & (nearest < wanted + size), nearest, wanted)
    inner = np.unique(shifted[(shifted > 0) & (shifted < len(cell_of))])
    return np.concatenate([[0], inner, [len(cell_of)]]).astype(np.int32)


def reaching(sites: Sites, radius: Floats, grid: Grid) -> Bools:
    """Which stations reach the grid."""
    west, south, east, north = grid.bounds
    dx = np.maximum(np.maximum(west - sites.x, sites.x - east), 0.0)
    dy = np.maximum(np.maximum(south - sites.y, sites.y - north), 0.0)
    return np.asarray((radius > 0) & (dx * dx + dy * dy <= radius * radius))


def prepared(
    sites: Sites,
    grid: Grid,
    terrain: Terrain | None,
    settings: CoverageSettings,
    *,
    blocks: Window | None = None,
) -> Prepared:
    """Stations that reach blocks of the grid, their tables, and the terrain about them.

    Raises
    ------
    MeasureError
        Stations that reach the grid but stand beyond the terrain.
    """
    most = np.where(sites.on_air, settings.max_radius_m, 0.0)
    frame = frame_of(grid, terrain)
    part = grid if blocks is None else grid.window(*cells(frame, blocks))
    near = np.flatnonzero(reaching(sites, most, part))
    radius = radii(sites.take(near), settings)
    kept = reaching(sites.take(near), radius, part)
    chosen, reach = near[kept], radius[kept]
    place = np.full(len(sites), -1, dtype=np.int32)
    place[chosen] = np.arange(len(chosen))
    own = sites.take(chosen)
    cut = None if terrain is None else cropped(terrain, part, own)
    most_reach = float(reach.max(initial=0.0))
    loss, of_site = _loss(
        own, frame, most_reach, terrain is not None and terrain.surface is not None, settings
    )
    land = _heights(cut, grid, most_reach, settings)
    row, col, eye = _stand(own, cut, land, chosen)
    wavelength = SPEED_OF_LIGHT / (own.frequency_ghz * 1e9)
    azimuths, sectors = _azimuths(own)
    masts = Masts(
        x=own.x,
        y=own.y,
        number=chosen.astype(np.int32),
        radius=reach,
        eirp=own.eirp_dbm.astype(np.float32),
        table=of_site,
        eye=eye,
        h_ut=float(settings.h_ut_m),
        edge_scale=2.0 / wavelength,
        row=row,
        col=col,
        sectors=sectors,
        azimuths=azimuths,
        dip=_dip(own),
        indoor_loss=_indoor(own, settings),
        sigma=np.array([SHADOW_DB[name] for name in SCENARIOS])[own.scenario],
    )
    return Prepared(masts, loss, land, frame, place)


def cells(frame: Frame, blocks: Window) -> Window:
    """Rows and columns of a window of blocks."""
    rows, cols = frame.row_edges, frame.col_edges
    return int(rows[blocks[0]]), int(rows[blocks[1]]), int(cols[blocks[2]]), int(cols[blocks[3]])


def _loss(
    sites: Sites, frame: Frame, reach: float, built: bool, settings: CoverageSettings
) -> tuple[Loss, Singles]:
    """Tables of all stations and the one of each."""
    widest = max(int(np.diff(e).max()) for e in (frame.row_edges, frame.col_edges))
    width = widest * frame.cell
    tables = build_tables(sites, settings.h_ut_m, reach + 1.5 * width)
    rows = 3 if built else 2
    smooth = [
        smooth_from(
            *(tables.base, tables.slope, tables.first, tables.steps, rows),
            *(part, reach + 1.4 * width),
        )
        for part in (width, (widest + 1) // 2 * frame.cell)
    ]
    return Loss(
        tables.base, tables.slope, tables.first, tables.steps, np.column_stack(smooth)
    ), tables.of_site


def cropped(terrain: Terrain, grid: Grid, sites: Sites) -> Terrain:
    """The part of the terrain that holds the grid and the stations, and a cell about them."""
    whole, cell = terrain.grid, terrain.grid.cell_m
    west, south, east, north = grid.bounds
    west, east = min(west, sites.x.min(initial=west)), max(east, sites.x.max(initial=east))
    south, north = min(south, sites.y.min(initial=south)), max(north, sites.y.max(initial=north))
    c0 = max(int((west - whole.west) // cell) - 1, 0)
    r0 = max(int((whole.north - north) // cell) - 1, 0)
    c1 = min(int((east - whole.west) // cell) + 2, whole.cols)
    r1 = min(int((whole.north - south) // cell) + 2, whole.rows)
    window = whole.window(r0, r1, c0, c1)
    parts = [
        None if part is None else Raster(part.values[r0:r1, c0:c1], window, part.nodata, part.unit)
        for part in (terrain.ground, terrain.surface)
    ]
    return Terrain(parts[0], parts[1])  # type: ignore[arg-type]


def _indoor(sites: Sites, settings: CoverageSettings) -> npt.NDArray[np.float32]:
    """Loss into buildings at the frequency of each station, dB."""
    carriers, inverse = np.unique(sites.frequency_ghz, return_inverse=True)
    loss = np.array([settings.indoor_loss(float(f)) for f in carriers], dtype=np.float32)
    return np.asarray(loss[inverse.ravel()] if len(carriers) else loss)


def _azimuths(sites: Sites) -> tuple[npt.NDArray[np.float32], Bools]:
    """Sectors of each station with its first in place of those that are not there."""
    known = np.isfinite(sites.sectors)
    has = known.any(axis=1)
    first = sites.sectors[np.arange(len(sites)), known.argmax(axis=1)]
    filled = np.where(known, sites.sectors, first[:, None])
    filled[~has] = 0.0
    return filled.astype(np.float32), np.asarray(has)


def _dip(sites: Sites) -> npt.NDArray[np.float32]:
    """Gain of each station half way between those of its sectors that stand farthest apart, dB."""
    turned = np.sort(sites.sectors % 360.0, axis=1)
    known = np.isfinite(turned)
    first, many = turned[:, 0], known.sum(axis=1)
    last = turned[np.arange(len(sites)), np.maximum(many - 1, 0)]
    between = np.nanmax(np.diff(turned, axis=1), axis=1, initial=0.0)
    half = np.maximum(between, first + 360.0 - last) / 2
    gain = -np.minimum(12.0 * (half / 65.0) ** 2, 30.0)
    return np.where(many > 0, gain, 0.0).astype(np.float32)


def _heights(
    terrain: Terrain | None, grid: Grid, reach: float, settings: CoverageSettings
) -> Heights:
    """Terrain as the kernel takes it; one flat cell where there is none."""
    bulge, none = bulge_per_m2(settings.earth_factor), np.zeros(1, dtype=np.float32)
    rows, cols = _cells_of(grid, terrain)
    if terrain is None:
        tops = none[None]
        return Heights(
            *(none, none, tops, tops, 1, 1.0, bulge, 0.0, rows, cols),
            on=False,
            built=False,
            weight=none,
        )
    ground, ground_tops = flattened(terrain.ground)
    surface, surface_tops = none, none[None]
    if terrain.surface is not None:
        surface, surface_tops = flattened(terrain.surface)
    cell = terrain.grid.cell_m
    steps = np.maximum(np.arange(int(np.ceil(reach / cell)) + 8, dtype=np.float64), 1.0)
    return Heights(
        ground=ground,
        surface=surface,
        ground_tops=ground_tops,
        surface_tops=surface_tops,
        width=terrain.grid.cols,
        cell=float(cell),
        bulge=bulge,
        cap=float(settings.terrain_cap_db),
        row_of=rows,
        col_of=cols,
        on=True,
        built=terrain.surface is not None,
        weight=(1.0 / np.sqrt(steps)).astype(np.float32),
    )


def flattened(raster: Raster) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Heights in a row, and the highest about each in both squares; unknown ones are very high."""
    known = heights(raster)
    filled = np.where(np.isnan(known), UNKNOWN_M, known)
    tops = [maximum_filter(filled, size, mode="nearest").ravel() for size in (ABOUT, WIDE)]
    # a row more: a sample on the last row reads a neighbour below it, with a weight of zero
    below = np.zeros((1, filled.shape[1] + 1), dtype=np.float32).ravel()
    return np.append(filled.ravel(), below), np.stack(tops)


def _stand(
    sites: Sites, terrain: Terrain | None, land: Heights, chosen: Ints
) -> tuple[Ints, Ints, npt.NDArray[np.float32]]:
    """Terrain row and column of each station, and height of its antenna above sea level."""
    if terrain is None:
        zero = np.zeros(len(sites), dtype=np.int64)
        return zero, zero, sites.height_m.astype(np.float32)
    row, col = terrain.grid.rows_cols(sites.x, sites.y)
    beyond = np.flatnonzero(row < 0)
    if beyond.size:
        raise MeasureError(
            "error.coverage_site_beyond_terrain",
            count=len(beyond),
            row=int(chosen[beyond[0]]) + 1,
            x=f"{sites.x[beyond[0]]:.0f}",
            y=f"{sites.y[beyond[0]]:.0f}",
        )
    return row, col, (land.ground[row * land.width + col] + sites.height_m).astype(np.float32)


def share_unknown(terrain: Terrain) -> float:
    """Share of terrain cells without a height."""
    return float(np.isnan(heights(terrain.ground)).mean())
