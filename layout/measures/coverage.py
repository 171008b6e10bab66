"""Coverage of a city by its base stations: a statistical, site-general estimate.

Expected loss by 3GPP TR 38.901 with obstruction by terrain after ITU-R P.526. It is no drive test
and no ray-traced prediction: what stands between two buildings it does not know. Server numbers are
positions in the table of stations.

References
----------
3GPP TR 38.901 V17 (2022), sections 7.3 and 7.4. ITU-R P.526-15 (2019), section 4.1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from layout.core.errors import MeasureError
from layout.core.raster import Grid, Raster
from layout.measures.coverage_kernels import Frame, Out, fill_tile
from layout.measures.coverage_prepare import Prepared, Window, cells, frame_of, prepared, radii
from layout.measures.coverage_products import Reason, finish
from layout.measures.coverage_settings import CoverageSettings
from layout.measures.coverage_sites import Bools, Sites, require_sites
from layout.measures.coverage_terrain import Terrain, require_terrain
from layout.measures.coverage_tile import empty_tile
from layout.measures.coverage_tiles import run, stations_of, threads_of, tiles_of

__all__ = [
    "Coverage",
    "CoverageSettings",
    "Reason",
    "Sites",
    "Terrain",
    "coverage",
    "update_coverage",
]

Singles = npt.NDArray[np.float32]
Progress = Callable[[float], None]

UNITS: Final = {"rsrp": "dBm", "second": "dBm", "open_rsrp": "dBm", "indoor_rsrp": "dBm"}
_BASIC: Final = ("rsrp", "server", "count")
_ARRAYS: Final = (
    *_BASIC,
    *("second", "second_server", "open_rsrp", "indoor_rsrp", "probability", "reason"),
)


@dataclass(frozen=True)
class Coverage:
    """Rasters of a coverage estimate, each an array of ``grid.shape``.

    Attributes
    ----------
    grid
        Where the cells lie.
    settings
        What it was made with.
    rsrp
        Expected level of the best server, dBm; NaN where no station reaches.
    server
        Its position in the table of stations; -1 for none.
    count
        Stations at or above the threshold (overlap).
    second, second_server
        The same of the next best; None where only basic products were asked for, as below.
    open_rsrp
        Best level if no terrain stood in the way, dBm.
    indoor_rsrp
        Best level inside buildings, dBm.
    probability
        That the best server meets the threshold under shadow fading; 0 where no station reaches,
        NaN where the terrain is unknown.
    reason
        :class:`Reason` why a cell is not covered at the expected level.
    evaluations
        Signals of a station in a cell that the last computation evaluated; those of a station that
        can only be one more above the threshold are counted by the block and are not among them.
    """

    grid: Grid
    settings: CoverageSettings
    rsrp: Singles
    server: npt.NDArray[np.int32]
    count: npt.NDArray[np.uint16]
    second: Singles | None = None
    second_server: npt.NDArray[np.int32] | None = None
    open_rsrp: Singles | None = None
    indoor_rsrp: Singles | None = None
    probability: Singles | None = None
    reason: npt.NDArray[np.uint8] | None = None
    evaluations: int = 0

    def covered(self, *, indoor: bool = False, surely: bool = False) -> Bools:
        """Which cells are covered: at the expected level, inside buildings, or surely.

        Raises
        ------
        MeasureError
            The raster it needs was not asked for.
        """
        if surely:
            return np.asarray(self.layer("probability") >= self.settings.sure)
        level = self.layer("indoor_rsrp") if indoor else self.rsrp
        return np.asarray(level >= np.float32(self.settings.threshold_dbm))

    def layer(self, name: str) -> npt.NDArray[Any]:
        """One of the arrays by name.

        Raises
        ------
        MeasureError
            It was not asked for.
        """
        values = getattr(self, name)
        if values is None:
            raise MeasureError("error.coverage_no_product", name=name)
        return np.asarray(values)

    def raster(self, name: str) -> Raster:
        """One of the arrays with its grid, nodata and unit."""
        nodata = -1.0 if name in ("server", "second_server") else None
        return Raster(self.layer(name), self.grid, nodata, UNITS.get(name, ""))


def coverage(
    sites: Sites,
    grid: Grid,
    *,
    terrain: Terrain | None = None,
    settings: CoverageSettings | None = None,
    progress: Progress | None = None,
) -> Coverage:
    """Best server, its level, overlap and what follows, in every cell of a grid.

    Parameters
    ----------
    sites
        Outdoor stations in the metric CRS of the grid; those beyond its edge count too.
    grid
        Cells to estimate; a cell is judged at its centre.
    terrain
        Heights in the same CRS that cover the grid and every station that reaches it; None: flat.
    settings
        Threshold, radius, products.
    progress
        Told the share that is done; what it raises stops the work.

    Raises
    ------
    MeasureError
        Stations or terrain that cannot be used; all reasons at once.
    """
    chosen = settings or CoverageSettings()
    require_sites(sites, chosen.h_ut_m)
    if terrain is not None:
        require_terrain(terrain, grid)
    ready = prepared(sites, grid, terrain, chosen)
    made = _empty(grid, chosen)
    count = _fill(made, ready, whole(ready.frame), progress)
    return replace(made, evaluations=count)


def _empty(grid: Grid, settings: CoverageSettings) -> Coverage:
    """Rasters to be filled."""
    kinds: dict[str, type] = {
        "rsrp": np.float32,
        "server": np.int32,
        "count": np.uint16,
        "second": np.float32,
        "second_server": np.int32,
        "open_rsrp": np.float32,
        "indoor_rsrp": np.float32,
        "probability": np.float32,
        "reason": np.uint8,
    }
    names = kinds if settings.products == "all" else _BASIC
    arrays: dict[str, Any] = {name: np.empty(grid.shape, kinds[name]) for name in names}
    return Coverage(grid, settings, **arrays)


def _fill(
    made: Coverage,
    ready: Prepared,
    blocks: Window,
    progress: Progress | None = None,
    *,
    judge: bool = True,
) -> int:
    """Compute blocks of the rasters, in place; how many signals were evaluated.

    ``judge=False`` evaluates every signal within range, also those that cannot matter, and counts
    none against the threshold: for measuring the kernel.
    """
    full = made.settings.products == "all"
    threshold = np.float32(made.settings.threshold_dbm if judge else np.nan)
    none, nobody = np.empty((1, 1), np.float32), np.empty((1, 1), np.int32)
    out = Out(
        made.rsrp,
        made.server,
        made.count,
        none if made.second is None else made.second,
        nobody if made.second_server is None else made.second_server,
        none if made.open_rsrp is None else made.open_rsrp,
        none if made.indoor_rsrp is None else made.indoor_rsrp,
        full,
    )
    masts, loss, land, frame = ready.masts, ready.loss, ready.heights, ready.frame

    evaluated: list[int] = []

    def work(tile: Window) -> None:
        window = cells(frame, tile)
        near = stations_of(masts, frame, *window)
        i0, i1, j0, j1 = tile
        edges = frame.row_edges[i0 : i1 + 1], frame.col_edges[j0 : j1 + 1]
        room = empty_tile(*edges, full=full)
        done = fill_tile(masts, loss, land, frame, near, room, *tile, threshold, out)
        evaluated.append(done)
        if full:
            finish(
                masts,
                ready.place,
                loss,
                land.built,
                frame,
                *window,
                float(threshold),
                out,
                made.probability,
                made.reason,
            )

    run(work, tiles_of(blocks), threads_of(made.settings.threads), progress)
    return sum(evaluated)


def update_coverage(
    previous: Coverage,
    before: Sites,
    after: Sites,
    *,
    terrain: Terrain | None = None,
    copy: bool = True,
) -> Coverage:
    """The rasters after stations were added, changed or switched off.

    Only the cells such a station reaches or reached are computed again; they then hold what a
    computation of the whole would give.

    Parameters
    ----------
    previous
        Of ``before``.
    before, after
        Stations by position: one at the same position in both, with the same attributes, is
        unchanged; those behind the shorter table are new or gone. Switch a station off
        (:meth:`Sites.without`) rather than take it out: the others then keep their numbers.
    terrain
        That of ``previous``.
    copy
        False changes the arrays of ``previous`` in place, which is faster for large rasters.
    """
    settings, grid = previous.settings, previous.grid
    require_sites(after, settings.h_ut_m)
    made = _copied(previous) if copy else previous
    old, new = _changed(before, after)
    frame = frame_of(grid, terrain)
    touched = [
        *_touched(before.take(old), grid, frame, settings),
        *_touched(after.take(new), grid, frame, settings),
    ]
    count = 0
    for blocks in _merged(touched):
        count += _fill(made, prepared(after, grid, terrain, settings, blocks=blocks), blocks)
    return replace(made, evaluations=count)


def _copied(previous: Coverage) -> Coverage:
    """The same with arrays of its own."""
    arrays = {name: getattr(previous, name) for name in _ARRAYS}
    return replace(previous, **{k: v.copy() for k, v in arrays.items() if v is not None})


def _changed(before: Sites, after: Sites) -> tuple[Bools, Bools]:
    """Stations of each table that the other does not have at the same position."""
    shared = min(len(before), len(after))
    differs = np.zeros(shared, dtype=bool)
    for field in fields(Sites):
        one, other = getattr(before, field.name)[:shared], getattr(after, field.name)[:shared]
        if field.name == "group":
            continue
        unequal = ~((one == other) | ((one != one) & (other != other)))
        differs |= unequal.any(axis=1) if unequal.ndim == 2 else unequal
    return (
        np.append(differs, np.ones(len(before) - shared, dtype=bool)),
        np.append(differs, np.ones(len(after) - shared, dtype=bool)),
    )


def whole(frame: Frame) -> Window:
    """All blocks."""
    return 0, len(frame.row_edges) - 1, 0, len(frame.col_edges) - 1


def _touched(sites: Sites, grid: Grid, frame: Frame, settings: CoverageSettings) -> list[Window]:
    """Windows of the blocks that stations reach."""
    radius, windows = radii(sites, settings), []
    for x, y, reach in zip(sites.x, sites.y, radius, strict=True):
        if reach <= 0:
            continue
        c0 = max(int((x - reach - grid.west) // grid.cell_m), 0)
        c1 = min(int((x + reach - grid.west) // grid.cell_m) + 1, grid.cols)
        r0 = max(int((grid.north - y - reach) // grid.cell_m), 0)
        r1 = min(int((grid.north - y + reach) // grid.cell_m) + 1, grid.rows)
        if r0 < r1 and c0 < c1:
            rows, cols = (
                np.searchsorted(edges, [first, last - 1], side="right")
                for edges, first, last in ((frame.row_edges, r0, r1), (frame.col_edges, c0, c1))
            )
            windows.append((int(rows[0]) - 1, int(rows[1]), int(cols[0]) - 1, int(cols[1])))
    return windows


def _merged(windows: list[Window]) -> list[Window]:
    """Windows without overlaps: those that meet become the one about both."""
    apart: list[Window] = []
    for window in windows:
        joined = window
        while True:
            meets = [w for w in apart if _meet(w, joined)]
            if not meets:
                break
            apart = [w for w in apart if w not in meets]
            every = [joined, *meets]
            joined = (
                min(w[0] for w in every),
                max(w[1] for w in every),
                min(w[2] for w in every),
                max(w[3] for w in every),
            )
        apart.append(joined)
    return apart


def _meet(one: Window, other: Window) -> bool:
    rows = one[0] < other[1] and other[0] < one[1]
    return rows and one[2] < other[3] and other[2] < one[3]
