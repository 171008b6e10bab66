"""Zone layers as frames: one make, one order of rows, areas in the metric CRS of the city."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from layout.core import zone_columns as z
from layout.core.crs import STORED_CRS
from layout.core.study import ZONE_COLUMNS

_TEXT: Final = (
    z.ID, z.NAME_ZH, z.NAME_EN, z.KIND, z.PARENT_ID, z.AREA_SOURCE, z.SOURCE,
    z.PARK_TYPE, z.LEAD_SECTORS, z.EXTENT_VERSION, z.OTHER_EXTENT,
)  # fmt: skip
_NUMBERS: Final = (z.AREA_KM2, z.ACCURACY_M)
_FLAGS: Final = (z.APPROXIMATE, z.SYNTHETIC)


def zone_frame(geometry: Any, columns: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """A frame with ``ZONE_COLUMNS`` in their order, then the other ``columns``.

    Columns that are not given are null (flags: false). Text columns are text even where all values
    are null, so that every file of them has one schema.
    """
    extra = [name for name in columns if name not in ZONE_COLUMNS]
    made: dict[str, Any] = {}
    for name in [*(n for n in ZONE_COLUMNS if n != z.GEOMETRY), *extra]:
        values = columns.get(name, False if name in _FLAGS else None)
        made[name] = _typed(name, values, len(geometry))
    frame = gpd.GeoDataFrame(made, geometry=np.asarray(geometry, object), crs=STORED_CRS)
    return frame[[*ZONE_COLUMNS, *extra]]


def empty_zones(extra: Sequence[str] = ()) -> gpd.GeoDataFrame:
    """A zone frame without rows."""
    return zone_frame(np.array([], object), dict.fromkeys(extra))


def area_km2(frame: gpd.GeoDataFrame | gpd.GeoSeries, metric_crs: str) -> pd.Series:
    """Area of each shape, square kilometres, measured in ``metric_crs``."""
    area: pd.Series = frame.geometry.to_crs(metric_crs).area
    return area / 1e6


def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key under which numbers in a text count as numbers: ``Z2`` comes before ``Z10``."""
    parts = re.findall(r"\d+|\D+", text)
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts)


def sorted_by(frame: gpd.GeoDataFrame, key: Callable[[Any], Any]) -> gpd.GeoDataFrame:
    """``frame`` with rows in the order of ``key`` of each row (a named tuple), index 0 to n - 1."""
    rows = list(frame.itertuples(index=False))
    order = sorted(range(len(rows)), key=lambda i: key(rows[i]))
    return frame.iloc[order].reset_index(drop=True)


def in_order(frame: gpd.GeoDataFrame, kind: str) -> gpd.GeoDataFrame:
    """``frame`` in the order of precedence: by id, parks by area and then by id."""
    if kind == "park":
        return sorted_by(frame, lambda row: (row.area_km2, natural_key(row.id)))
    return sorted_by(frame, lambda row: natural_key(row.id))


def _typed(name: str, values: Any, length: int) -> pd.Series:
    plain = (
        values if isinstance(values, (pd.Series, np.ndarray, list, tuple)) else [values] * length
    )
    if name in _FLAGS:
        return pd.Series(np.asarray(plain, dtype=bool))
    if name in _NUMBERS:
        return pd.Series(np.asarray(plain, dtype=np.float64))
    if name in _TEXT:
        missing = pd.isna(pd.Series(plain, dtype=object)).to_numpy()
        texts = [
            None if none or value == "" else str(value)
            for value, none in zip(plain, missing, strict=True)
        ]
        return pd.Series(texts, dtype=pd.StringDtype("pyarrow", na_value=np.nan))
    return pd.Series(plain).reset_index(drop=True)
