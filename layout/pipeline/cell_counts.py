"""Firms by sector in square cells: what a pattern of many millions of firms is looked at through.

A cell is named by its column and row from the origin of the city's metric CRS, so that the cells of
all parts of a table, and of all tables of a city, are the same.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from layout.core import columns as c
from layout.core import facts
from layout.core.crs import from_wgs84, parse_datum
from layout.core.study import CELL_M, UNTAGGED

_OFFSET: Final = 1 << 20
_SECTORS: Final = 16


class CellCounts:
    """Counts of firms by cell and primary sector.

    Parameters
    ----------
    city
        Slug of the city, for its metric CRS.
    """

    def __init__(self, city: str) -> None:
        self._city = city
        self._keys: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._firms: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)

    def add(self, firms: pa.RecordBatch) -> None:
        """Count a batch of tagged firms; those without coordinates are in no cell."""
        lon, lat = (firms.column(name).to_numpy(zero_copy_only=False) for name in (c.LON, c.LAT))
        known = np.isfinite(lon) & np.isfinite(lat)
        metric = parse_datum(str(facts.city_settings(self._city)["metric_crs"]))
        x, y = from_wgs84(np.where(known, lon, np.nan), np.where(known, lat, np.nan), metric)
        known = np.isfinite(x) & np.isfinite(y)
        col, row = (np.floor(v[known] / CELL_M).astype(np.int64) + _OFFSET for v in (x, y))
        sectors = firms.column(c.SECTOR_1)
        place = {name: number for number, name in enumerate(facts.sector_ids(), start=1)}
        table = np.array([place.get(w, 0) for w in sectors.dictionary.to_pylist()] + [0], np.int64)
        sector = table[sectors.indices.cast(pa.int32()).fill_null(-1).to_numpy()][known]
        keys, counts = np.unique((row << 25 | col) * _SECTORS + sector, return_counts=True)
        self._keys, self._firms = _summed(
            np.concatenate([self._keys, keys]), np.concatenate([self._firms, counts])
        )

    def merged(self, other: CellCounts) -> CellCounts:
        """The counts of both."""
        made = CellCounts(self._city)
        made._keys, made._firms = _summed(
            np.concatenate([self._keys, other._keys]), np.concatenate([self._firms, other._firms])
        )
        return made

    def frame(self) -> pd.DataFrame:
        """``col`` and ``row`` of the cell, ``sector`` (or ``untagged``) and ``firms``, sorted."""
        cell, sector = self._keys // _SECTORS, self._keys % _SECTORS
        words = np.array([UNTAGGED, *facts.sector_ids()], dtype=object)
        return pd.DataFrame(
            {
                "col": (cell & ((1 << 25) - 1)) - _OFFSET,
                "row": (cell >> 25) - _OFFSET,
                "sector": words[sector],
                "firms": self._firms,
            }
        )


def _summed(
    keys: npt.NDArray[np.int64], firms: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    known, place = np.unique(keys, return_inverse=True)
    total = np.zeros(len(known), dtype=np.int64)
    np.add.at(total, place, firms)
    return known, total
