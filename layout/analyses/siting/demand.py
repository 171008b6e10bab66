"""Whom a site serves: firms of the linked sectors, on squares of a kilometre."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
import pyproj
from scipy import signal

from layout.analyses.siting.ground import Ground, Values
from layout.core.columns import DISTRICT, LAT, LOCATION, LON, SECTORS
from layout.core.study import Study

Floats = npt.NDArray[np.float64]

_INSIDE: Final = ("inside", "snapped")
_SQUARE_M: Final = 500.0


@dataclass(frozen=True)
class Demand:
    """Firms that a site is for.

    Attributes
    ----------
    x, y
        Metres, in the city's metric CRS: mean position of the firms of a square kilometre.
    firms
        Number of firms there.
    points
        Every firm, metres (x, y).
    """

    x: Floats
    y: Floats
    firms: Floats
    points: npt.NDArray[np.float64]

    @property
    def total(self) -> int:
        """All linked firms."""
        return len(self.points)

    def share_within(self, ground: Ground, radius_m: float) -> Values | None:
        """Per cent of the linked firms within a radius of each cell, on squares of 500 m.

        None where there is no firm.
        """
        if not self.total:
            return None
        west, south, east, north = ground.grid.bounds
        cols = int(np.ceil((east - west) / _SQUARE_M)) + 1
        rows = int(np.ceil((north - south) / _SQUARE_M)) + 1
        col = np.floor((self.points[:, 0] - west) / _SQUARE_M).astype(np.int64)
        row = np.floor((north - self.points[:, 1]) / _SQUARE_M).astype(np.int64)
        inside = (col >= 0) & (col < cols) & (row >= 0) & (row < rows)
        counts = np.bincount(row[inside] * cols + col[inside], minlength=rows * cols)
        reach = int(radius_m // _SQUARE_M)
        step = np.arange(-reach, reach + 1)
        disc = (step[:, None] ** 2 + step[None, :] ** 2 <= reach**2).astype(np.float64)
        near = signal.fftconvolve(counts.reshape(rows, cols).astype(np.float64), disc, mode="same")
        near = np.maximum(np.round(near), 0) * (100.0 / self.total)
        at_row, at_col = ground.rows_cols
        scale = ground.grid.cell_m / _SQUARE_M
        r = ((at_row + 0.5) * scale).astype(np.int64)
        c = ((at_col + 0.5) * scale).astype(np.int64)
        values: Values = near.astype(np.float32)[r, c]
        return values


def read_demand(
    study: Study, sectors: tuple[str, ...], districts: tuple[str, ...], crs: str
) -> Demand:
    """Firms with a place in the chosen districts and one of the sectors (any where empty)."""
    keep = pc.field(LOCATION).isin(_INSIDE) & pc.field(DISTRICT).isin(districts)
    tagged = pc.field(SECTORS[0]).is_valid()
    if sectors:
        tagged = pc.field(SECTORS[0]).isin(sectors)
        for column in SECTORS[1:]:
            tagged |= pc.field(column).isin(sectors)
    table = study.firms([LON, LAT], keep & tagged)
    lon, lat = (table[name].to_numpy() for name in (LON, LAT))
    to_metres = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    x, y = to_metres.transform(lon, lat)
    points = np.column_stack([x, y]) if len(lon) else np.empty((0, 2))
    return Demand(*_squares(points), points=points)


def _squares(points: Floats) -> tuple[Floats, Floats, Floats]:
    if not len(points):
        return np.empty(0), np.empty(0), np.empty(0)
    key = np.floor(points / 1_000.0).astype(np.int64)
    _, place, count = np.unique(key, axis=0, return_inverse=True, return_counts=True)
    place = place.ravel()
    x = np.bincount(place, points[:, 0]) / count
    y = np.bincount(place, points[:, 1]) / count
    return x, y, count.astype(np.float64)
