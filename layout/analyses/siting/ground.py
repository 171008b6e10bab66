"""The ground that is judged: one grid over the city, and layers measured on its cells.

Values are kept for the cells of the city alone. Features are laid on the grid wherever they touch a
cell; distances are exact from cell to cell. Layers of few points are measured point by point, so
that what lies beyond the grid counts too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import geopandas as gpd
import numba
import numpy as np
import numpy.typing as npt
import pandas as pd
import rasterio.features
import rasterio.transform
import shapely

from layout.analyses.siting.rules import Target
from layout.core import facts
from layout.core.crs import STORED_CRS
from layout.core.errors import CrsError, ParameterError
from layout.core.layer_types import LAYER_TYPES
from layout.core.raster import Grid, Raster
from layout.core.study import Study
from layout.geometry.distance import distance_transform

Values = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

MOST_CELLS: Final = 60_000_000
"""Of a grid: about 2 GB at the peak. A larger area takes larger cells or fewer districts."""

FEW_POINTS: Final = 64
MARGIN_M: Final = 2_000.0
"""How far the grid goes beyond the city, so that features just outside count."""


@dataclass
class Ground:
    """Cells of the city and what is measured on them.

    Attributes
    ----------
    study
        Where layers come from.
    grid
        The whole grid, in the city's metric CRS.
    cells
        Places of the city's cells in the flat grid, ascending.
    districts
        Ids of the districts that are judged.
    """

    study: Study
    grid: Grid
    cells: npt.NDArray[np.int64]
    districts: tuple[str, ...]
    _frames: dict[str, gpd.GeoDataFrame] = field(default_factory=dict, repr=False)
    _distances: dict[Target, Values] = field(default_factory=dict, repr=False)

    @cached_property
    def rows_cols(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Row and column of each cell."""
        rows, cols = np.divmod(self.cells, self.grid.cols)
        return rows, cols

    def full(
        self, values: npt.NDArray[np.generic], outside: float | bool
    ) -> npt.NDArray[np.generic]:
        """Values of the city's cells on the whole grid, ``outside`` elsewhere."""
        result = np.full(self.grid.rows * self.grid.cols, outside, values.dtype)
        result[self.cells] = values
        return result.reshape(self.grid.shape)

    def frame(self, layer: str) -> gpd.GeoDataFrame | None:
        """A layer in metres; None where it is not loaded or holds nothing."""
        if layer not in self._frames:
            if layer == "parks":
                found = self.study.zones["park"]
            elif layer in self.study.layers:
                found = self.study.layers[layer]
            else:
                return None
            if found.crs is None:
                raise CrsError("error.siting_layer_crs", layer=layer, expected=STORED_CRS)
            found = found[~found.geometry.is_empty & found.geometry.notna()]
            self._frames[layer] = found.to_crs(self.grid.crs).reset_index(drop=True)
        return self._frames[layer]

    def features(self, target: Target) -> gpd.GeoDataFrame | None:
        """The features of a target in metres; None where the layer is not there."""
        frame = self.frame(target.layer)
        if frame is None or not target.column:
            return frame
        if target.column not in frame.columns:
            return None
        return frame[frame[target.column].astype(str).isin(target.values)]

    def has(self, target: Target) -> bool:
        """Whether a target can be measured."""
        if target.layer == "slope" or LAYER_TYPES.get(target.layer, None) is None:
            return target.layer in ("parks",) or (
                target.layer == "slope" and "terrain" in self.study.rasters
            )
        return self.features(target) is not None

    def distance(self, target: Target) -> Values | None:
        """Metres from each cell to the nearest feature, infinite where there is none."""
        if target not in self._distances:
            found = self.features(target)
            if found is None:
                return None
            self._distances[target] = self.measured(found.geometry)
        return self._distances[target]

    def forget(self, target: Target) -> None:
        """Free what was measured for a target."""
        self._distances.pop(target, None)

    def measured(self, shapes: gpd.GeoSeries) -> Values:
        """Metres from each cell to the nearest of some shapes, infinite where there is none."""
        if shapes.empty:
            return np.full(self.cells.size, np.inf, np.float32)
        if len(shapes) <= FEW_POINTS and (shapes.geom_type == "Point").all():
            x, y = self.grid.centres()
            points = np.column_stack([shapes.x, shapes.y])
            near: Values = _to_points(self.cells, self.grid.cols, x, y, points)
            return near
        marked = self.touched(shapes)
        flat: Values = distance_transform(marked, self.grid.cell_m).ravel()[self.cells]
        return flat

    def touched(self, shapes: gpd.GeoSeries) -> Bools:
        """Cells of the whole grid that any shape touches."""
        return rasterised(shapes, self.grid, all_touched=True)

    def inside(self, shapes: gpd.GeoSeries) -> Bools:
        """Cells of the city that any shape touches."""
        flat: Bools = self.touched(shapes).ravel()[self.cells]
        return flat

    def sampled(self, raster: Raster) -> Values:
        """Value of a raster at the centre of each cell, NaN where it has none."""
        rows, cols = self.rows_cols
        x, y = self.grid.centres()
        result = np.empty(self.cells.size, np.float32)
        for begin in range(0, self.cells.size, 1 << 20):
            part = slice(begin, begin + (1 << 20))
            result[part] = raster.at(x[cols[part]], y[rows[part]])
        return result

    @cached_property
    def terrain(self) -> Raster | None:
        """Heights in metres, read once; None where the study has none."""
        if "terrain" not in self.study.rasters:
            return None
        source = self.study.rasters["terrain"]
        if source.grid.crs != self.grid.crs:
            raise CrsError(
                "error.siting_terrain_crs", expected=self.grid.crs, found=source.grid.crs
            )
        return source.read(_window(source.grid, self.grid))

    @cached_property
    def height(self) -> Values | None:
        """Height of each cell, metres."""
        return None if self.terrain is None else self.sampled(self.terrain)

    @cached_property
    def slope(self) -> Values | None:
        """Steepest slope at each cell in per cent (Horn), from the terrain on its own grid."""
        terrain = self.terrain
        if terrain is None:
            return None
        steep = slope_percent(
            np.where(terrain.known(), terrain.values, np.nan), terrain.grid.cell_m
        )
        return self.sampled(Raster(steep, terrain.grid))


def make_ground(study: Study, cell_m: float, districts: tuple[str, ...]) -> Ground:
    """The grid over the chosen districts (all where none are named) and its cells.

    Raises
    ------
    ParameterError
        The grid would be too large, or a district is unknown.
    """
    frame = study.zones["district"]
    known = tuple(frame["id"])
    if odd := [name for name in districts if name not in known]:
        raise ParameterError(
            "error.unknown_ids", what="districts", found=", ".join(odd), known=", ".join(known)
        )
    if districts:
        frame = frame[frame["id"].isin(districts)]
    crs = str(facts.city_settings(study.manifest.city)["metric_crs"])
    shapes = frame.geometry.to_crs(crs)
    west, south, east, north = shapes.total_bounds
    bounds = (west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M)
    grid = Grid.around(bounds, cell_m, crs)
    if grid.rows * grid.cols > MOST_CELLS:
        raise ParameterError(
            "error.siting_cells", cells=f"{grid.rows * grid.cols:,}", limit=f"{MOST_CELLS:,}",
            cell=f"{cell_m:g}",
        )  # fmt: skip
    inside = rasterised(shapes, grid, all_touched=False)
    cells = np.flatnonzero(inside.ravel())
    return Ground(study, grid, cells, tuple(frame["id"]))


def rasterised(shapes: gpd.GeoSeries, grid: Grid, *, all_touched: bool) -> Bools:
    """Cells that a shape touches, or whose centre it covers."""
    if shapes.empty:
        return np.zeros(grid.shape, dtype=bool)
    west, south, east, north = grid.bounds
    near = shapes[shapes.intersects(shapely.box(west, south, east, north))]
    if near.empty:
        return np.zeros(grid.shape, dtype=bool)
    burnt = rasterio.features.rasterize(
        near.to_numpy(),
        out_shape=grid.shape,
        transform=rasterio.transform.Affine(*grid.transform),
        all_touched=all_touched,
        dtype="uint8",
    )
    marked: Bools = burnt.view(bool)
    return marked


def slope_percent(height: npt.NDArray[np.floating], cell_m: float) -> Values:
    """Slope in per cent from heights, NaN where a neighbour has no height.

    References
    ----------
    Horn, B. K. P. (1981). Hill shading and the reflectance map. *Proc. IEEE* 69(1), 14–47.
    """
    z = np.pad(height.astype(np.float32), 1, mode="edge")
    top, mid, low = z[:-2], z[1:-1], z[2:]
    east = (top[:, 2:] + 2 * mid[:, 2:] + low[:, 2:]) - (
        top[:, :-2] + 2 * mid[:, :-2] + low[:, :-2]
    )
    south = (low[:, :-2] + 2 * low[:, 1:-1] + low[:, 2:]) - (
        top[:, :-2] + 2 * top[:, 1:-1] + top[:, 2:]
    )
    steep = np.hypot(east, south) / np.float32(8 * cell_m) * np.float32(100)
    result: Values = steep.astype(np.float32, copy=False)
    return result


def zone_of_cells(ground: Ground, zones: gpd.GeoDataFrame) -> npt.NDArray[np.int16]:
    """Place in ``zones`` of the zone that holds the centre of each cell, -1 for none."""
    shapes = zones.geometry.to_crs(ground.grid.crs)
    if shapes.empty:
        return np.full(ground.cells.size, -1, np.int16)
    burnt = rasterio.features.rasterize(
        # the first of overlapping zones has precedence: it is drawn last
        [(shape, number) for number, shape in reversed(list(enumerate(shapes)))],
        out_shape=ground.grid.shape,
        transform=rasterio.transform.Affine(*ground.grid.transform),
        fill=-1,
        dtype="int16",
    )
    flat: npt.NDArray[np.int16] = burnt.ravel()[ground.cells]
    return flat


def _window(source: Grid, wanted: Grid) -> tuple[int, int, int, int]:
    """Rows and columns of ``source`` that cover ``wanted``, with two cells around."""
    west, south, east, north = wanted.bounds
    row0 = int((source.north - north) // source.cell_m) - 2
    row1 = int((source.north - south) // source.cell_m) + 3
    col0 = int((west - source.west) // source.cell_m) - 2
    col1 = int((east - source.west) // source.cell_m) + 3
    row0, col0 = min(max(row0, 0), source.rows - 1), min(max(col0, 0), source.cols - 1)
    return row0, max(min(row1, source.rows), row0 + 1), col0, max(min(col1, source.cols), col0 + 1)


@numba.njit(cache=True, nogil=True)
def _to_points(cells, cols, x, y, points):  # type: ignore[no-untyped-def]
    """Distance from each cell's centre to the nearest point."""
    result = np.empty(cells.size, np.float32)
    for i in range(cells.size):
        cx, cy = x[cells[i] % cols], y[cells[i] // cols]
        best = np.inf
        for j in range(points.shape[0]):
            dx, dy = points[j, 0] - cx, points[j, 1] - cy
            best = min(best, dx * dx + dy * dy)
        result[i] = np.sqrt(best)
    return result


def layer_dates(study: Study, layers: tuple[str, ...]) -> pd.DataFrame:
    """Of each layer: whether it is loaded, synthetic, how many features and from where."""
    files = {str(one.get("role")): str(one.get("file", "")) for one in study.manifest.inputs}
    rows = []
    for name in layers:
        words = LAYER_TYPES[name].title if name in LAYER_TYPES else None
        frame = study.layers.get(name)
        rows.append(
            {
                "layer": name,
                "title_zh": words.zh if words else name,
                "title_en": words.en if words else name,
                "loaded": frame is not None or name in study.rasters,
                "features": len(frame) if frame is not None else None,
                "synthetic": bool(frame["synthetic"].any()) if frame is not None else None,
                "source": "; ".join(sorted(set(frame["source"].astype(str)))[:3])
                if frame is not None
                else files.get(f"layer:{name}", ""),
            }
        )
    return pd.DataFrame(rows).set_index("layer")
