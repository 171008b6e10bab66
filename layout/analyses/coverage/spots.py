"""White spots: connected places that are not covered, ranked by the firms in them, with reasons."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy import ndimage

from layout.analyses.coverage.estimate import Estimate
from layout.analyses.firm_points import FirmPoints
from layout.core.crs import STORED_CRS
from layout.core.raster import Grid
from layout.measures.coverage import Reason

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MOST_SPOTS: Final = 400
"""White spots that are drawn; those with most firms, then the largest."""

CERTAINTY: Final = "certainty"
WALLS: Final = "walls"
REASONS: Final = {
    Reason.NO_STATION: "no_station",
    Reason.TERRAIN: "terrain",
    Reason.RANGE: "range",
    Reason.NO_DATA: "no_data",
}
"""Reasons of the kernel; a cell that it covers outdoors at the expected level is lost to ``walls``
or to the ``certainty`` asked for."""

_QUEEN: Final = np.ones((3, 3), dtype=int)


def inside_city(grid: Grid, districts: gpd.GeoDataFrame) -> Flags:
    """Cells whose centre lies in a district (polygons in the CRS of the grid)."""
    from rasterio import Affine
    from rasterio.features import rasterize

    burnt = rasterize(
        ((shape, 1) for shape in districts.geometry),
        out_shape=grid.shape,
        transform=Affine(*grid.transform),
        dtype="uint8",
    )
    inside: Flags = burnt == 1
    return inside


def white_spots(
    made: Estimate, inside: Flags, points: FirmPoints, *, indoor: bool, min_km2: float
) -> gpd.GeoDataFrame:
    """Places of the city that are not covered, as polygons.

    Parameters
    ----------
    made
        The estimate.
    inside
        Cells of the city.
    points
        Firms.
    indoor
        The estimate is of places inside buildings.
    min_km2
        Smaller spots without firms are left out.

    Returns
    -------
    GeoDataFrame
        EPSG:4326, by falling number of firms, then area: ``spot_id``, ``rank``, ``firms``,
        ``area_km2``, ``reason`` and ``reason_percent`` (the most frequent reason of its cells that
        hold firms, of all its cells where none do). ``attrs`` tells ``total``,
        the spots there are, and ``area_km2`` of them all.
    """
    grid = made.grid
    gaps = inside & (made.covered.values == 0)
    labels, number = ndimage.label(gaps, structure=_QUEEN)
    row, col = grid.rows_cols(points.xy[:, 0], points.xy[:, 1])
    at = np.where(row >= 0, labels[row, col], 0)
    firms = np.bincount(at, minlength=number + 1)[1:]
    cells = np.bincount(labels.ravel(), minlength=number + 1)[1:]
    area = cells * grid.cell_km2
    shown = np.flatnonzero((firms > 0) | (area >= min_km2))
    order = shown[np.lexsort((-area[shown], -firms[shown]))][:MOST_SPOTS]
    table = pd.DataFrame(
        {
            "spot_id": [f"W{rank:03d}" for rank in range(1, len(order) + 1)],
            "rank": np.arange(1, len(order) + 1),
            "firms": firms[order],
            "area_km2": area[order],
        }
    )
    reason, share = _reasons(made, labels, order, (row, col), indoor=indoor)
    table["reason"], table["reason_percent"] = reason, share
    shapes = _polygons(labels, order + 1, grid)
    frame = gpd.GeoDataFrame(table, geometry=shapes, crs=grid.crs).to_crs(STORED_CRS)
    frame.attrs = {"total": int(number), "area_km2": float(area.sum())}
    return frame


def _reasons(
    made: Estimate, labels: Ints, order: Ints, firms: tuple[Ints, Ints], *, indoor: bool
) -> tuple[list[str], Floats]:
    """The most frequent reason of each spot and its share, %."""
    words = [*REASONS.values(), WALLS if indoor else CERTAINTY]
    code = np.full(labels.shape, len(words) - 1, dtype=np.int64)
    for number, reason in enumerate(REASONS):
        code[made.made.layer("reason") == reason] = number
    spots = int(labels.max())
    every = _table(labels.ravel(), code.ravel(), spots, len(words))
    row, col = firms
    here = row >= 0
    held = _table(labels[row[here], col[here]], code[row[here], col[here]], spots, len(words))
    used = np.where(held.sum(axis=1, keepdims=True) > 0, held, every)[order]
    best = used.argmax(axis=1) if len(order) else np.zeros(0, dtype=np.int64)
    total = np.maximum(used.sum(axis=1), 1)
    share: Floats = 100.0 * used[np.arange(len(order)), best] / total
    return [words[number] for number in best], share


def _table(labels: Ints, codes: Ints, spots: int, kinds: int) -> Ints:
    counts = np.bincount(labels * kinds + codes, minlength=(spots + 1) * kinds)
    return counts.reshape(spots + 1, kinds)[1:]


def _polygons(labels: Ints, wanted: Ints, grid: Grid) -> npt.NDArray[np.object_]:
    """The shape of each label, in the order asked for."""
    from rasterio import Affine
    from rasterio.features import shapes

    keep = np.zeros(int(labels.max()) + 1, dtype=bool)
    keep[wanted] = True
    drawn = np.where(keep[labels], labels, 0).astype(np.int32)
    parts: dict[int, list[shapely.Geometry]] = {int(label): [] for label in wanted}
    found = shapes(drawn, mask=drawn > 0, connectivity=8, transform=Affine(*grid.transform))
    for shape, label in found:
        parts[int(label)].append(shapely.geometry.shape(shape).buffer(0))
    made = np.empty(len(wanted), dtype=object)
    made[:] = [shapely.union_all(parts[int(label)]) for label in wanted]
    return made
