"""Synthetic terrain of the demonstration city: smooth hills through the known peaks.

What is real is the height and place of the peaks and lowlands of ``terrain_peaks.csv`` (with their
doubts). Everything between them is ours: a plain that rises slowly inland, and a bell about each
peak whose width grows with its height. It stands for no survey.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from rasterio import Affine
from rasterio.features import rasterize

from layout.core.crs import from_wgs84, parse_datum
from layout.core.facts import city_settings, city_table
from layout.core.raster import Grid, Raster
from layout.demo.plan import CityPlan

Floats = npt.NDArray[np.float64]
Values = npt.NDArray[np.float32]

CELL_M: Final = 30.0
MARGIN_M: Final = 6_000.0
"""Beyond the city's box, so that stations across the border have ground too."""

LOWLAND_M: Final = 6.0
INLAND_M: Final = 40.0
INLAND_OVER_M: Final = 20_000.0
"""The plain rises to this height at this distance from the southern edge of the city."""

FOOT_M: Final = 450.0
FOOT_PER_M: Final = 1.9
"""Standard deviation of a hill: so much, and so much for each metre of height."""

REACH: Final = 3.5
"""Standard deviations beyond which a hill is not felt."""


def make_terrain(plan: CityPlan, seed: int) -> Raster:
    """Ground above sea on 30 m cells, whole metres; the sea is 0. The same for every seed.

    Parameters
    ----------
    plan
        The city.
    seed
        Not used: nothing is drawn by chance.
    """
    del seed
    city = plan.slug
    datum = parse_datum(str(city_settings(city)["metric_crs"]))
    west, south, east, north = shapely.total_bounds(plan.districts.polygons)
    corners = shapely.get_coordinates(shapely.box(west, south, east, north))
    x, y = from_wgs84(corners[:, 0], corners[:, 1], datum)
    grid = Grid.around(
        (x.min() - MARGIN_M, y.min() - MARGIN_M, x.max() + MARGIN_M, y.max() + MARGIN_M),
        CELL_M,
        str(datum),
    )
    peaks = city_table(city, "terrain_peaks")
    hills = peaks[peaks["kind"] != "lowland"]
    px, py = from_wgs84(hills["lon"].astype(float), hills["lat"].astype(float), datum)
    sea = [
        shapely.transform(s, lambda a: np.column_stack(from_wgs84(a[:, 0], a[:, 1], datum)))
        for s in plan.sea
    ]
    height = np.asarray(hills["elevation_m"], dtype=np.float64)
    return build_terrain(grid, px, py, height, sea=sea)


def build_terrain(
    grid: Grid, x: Floats, y: Floats, height_m: Floats, *, sea: Sequence[object] = ()
) -> Raster:
    """Hills through peaks on a plain.

    Parameters
    ----------
    grid
        Where.
    x, y
        Peaks, metres.
    height_m
        Their heights above sea.
    sea
        Polygons in the CRS of the grid: cells whose centre lies in one are 0.
    """
    columns, rows = grid.centres()
    inland = np.clip((rows - grid.bounds[1] - MARGIN_M) / INLAND_OVER_M, 0.0, 1.0)
    plain = (LOWLAND_M + (INLAND_M - LOWLAND_M) * inland).astype(np.float32)
    values = np.repeat(plain[:, None], grid.cols, axis=1)
    for number in np.argsort(height_m):
        _raise_hill(values, plain, columns - x[number], rows - y[number], float(height_m[number]))
    if sea:
        wet = rasterize(
            ((shape, 1) for shape in sea),
            out_shape=grid.shape,
            transform=Affine(*grid.transform),
            dtype="uint8",
        )
        values[wet == 1] = 0.0
    return Raster(np.rint(values).astype(np.float32), grid, None, "m")


def _raise_hill(values: Values, plain: Values, dx: Floats, dy: Floats, height: float) -> None:
    """Lift the ground to a bell of ``height``, nowhere lower than it is."""
    spread = FOOT_M + FOOT_PER_M * height
    column = np.flatnonzero(np.abs(dx) < REACH * spread)
    row = np.flatnonzero(np.abs(dy) < REACH * spread)
    if not len(column) or not len(row):
        return
    across = np.exp(-0.5 * (dx[column] / spread) ** 2).astype(np.float32)
    along = np.exp(-0.5 * (dy[row] / spread) ** 2).astype(np.float32)
    part = np.ix_(row, column)
    ground = plain[row][:, None]
    lifted = ground + (height - ground) * along[:, None] * across[None, :]
    values[part] = np.maximum(values[part], lifted)
