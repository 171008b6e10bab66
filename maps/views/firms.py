"""The firms behind a map: which they are, what is said of each, or how dense they lie."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, Final, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from layout.analyses.mix import MixParams
from layout.core import facts
from layout.core.columns import (
    DISTRICT,
    ESTABLISHED,
    LAT,
    LOCATION,
    LON,
    REVENUE,
    SCOPE,
    SECTOR_1,
    SECTORS,
    STATUS,
)
from layout.core.crs import from_wgs84, parse_datum
from layout.core.result import Bilingual, LayerSpec
from layout.core.study import Study
from layout.core.texts import text
from layout.geometry.tessellation import hexagon_area_km2, hexagon_cells, hexagons
from layout.prepare.dimensions import STATUSES, tiers

INSIDE: Final = ("inside", "snapped")
"""Results of locating that put a firm into the city."""

DENSITY: Final = "firms_in_cell"
"""Column of the number of firms in a hexagon."""

MAX_POINTS: Final = 20_000
"""Above this number firms are drawn as hexagons: a browser stays quick, a file a few megabytes."""

HEXAGON_M: Final = 1000.0
_MIDDLE: Final = 1 << 31
"""Added to the second coordinate of a hexagon, so that it is positive."""


class EvidenceLike(Protocol):
    """Why a firm carries a sector, as the tagger tells it."""

    @property
    def sector(self) -> str:
        """Id of the sector."""

    @property
    def kind(self) -> str:
        """``code`` or ``phrase``."""

    @property
    def value(self) -> str:
        """The industry code or the phrase."""


Explain = Callable[[str, str], Sequence[EvidenceLike]]
"""Evidence for a business scope and an industry code."""


def firm_filter(study: Study, params: MixParams) -> ds.Expression:
    """The firms that the figures of a map count and that have a place in the city.

    With no sector chosen these are the tagged firms; with primary counting a firm belongs to its
    first sector only, otherwise to each of its sectors.
    """
    keep = pc.field(LOCATION).isin(INSIDE)
    if params.districts:
        keep &= pc.field(DISTRICT).isin(params.districts)
    if params.scope != "all":
        keep &= pc.field(SCOPE) == params.scope
    keep &= _sector_filter(params)
    names = study.firm_dataset().schema.names
    if params.year and ESTABLISHED in names:
        founded = pc.field(ESTABLISHED)
        keep &= founded.is_null() | (founded <= pa.scalar(date(params.year, 12, 31)))
    if params.statuses:
        keep &= _status_filter(params.statuses, known=STATUS in names)
    if params.tiers:
        year = params.year or study.manifest.years[-1]
        keep &= _tier_filter(params.tiers, REVENUE.of(year) if REVENUE.of(year) in names else None)
    return keep


def _sector_filter(params: MixParams) -> ds.Expression:
    if not params.sectors:
        return pc.field(SECTOR_1).is_valid()
    columns = SECTORS[:1] if params.counting == "primary" else SECTORS
    keep = pc.field(columns[0]).isin(params.sectors)
    for column in columns[1:]:
        keep |= pc.field(column).isin(params.sectors)
    return keep


def _status_filter(statuses: tuple[str, ...], *, known: bool) -> ds.Expression:
    if not known:
        return pc.scalar("unknown" in statuses)
    keep = pc.field(STATUS).isin(statuses)
    if "unknown" in statuses:
        keep |= pc.field(STATUS).is_null() | ~pc.field(STATUS).isin(STATUSES)
    return keep


def _tier_filter(chosen: tuple[str, ...], column: str | None) -> ds.Expression:
    if column is None:
        return pc.scalar("unknown" in chosen)
    table, revenue = tiers(), pc.field(column)
    known = table[table["id"] != "unknown"]
    keep = revenue.is_null() if "unknown" in chosen else pc.scalar(False)
    above = None
    for tier, limit in zip(known["id"], known["above_cny"], strict=True):
        upper = pc.scalar(True) if above is None else revenue <= above
        lower = revenue > int(limit) if limit >= 0 else revenue.is_valid()
        if tier in chosen:
            keep |= lower & upper
        above = int(limit)
    return keep


def count_firms(study: Study, params: MixParams) -> int:
    """How many firms a map would draw."""
    return int(study.firm_dataset().count_rows(filter=firm_filter(study, params)))


def read_firms(study: Study, params: MixParams, columns: Iterable[str]) -> pa.Table:
    """Those firms, as far as the study has the ``columns``, in the order of the study."""
    names = study.firm_dataset().schema.names
    wanted = [name for name in dict.fromkeys((LON, LAT, *columns)) if name in names]
    return study.firms(columns=wanted, where=firm_filter(study, params))


def firm_density(study: Study, params: MixParams, *, width_m: float = HEXAGON_M) -> LayerSpec:
    """The firms of a map counted in hexagons, however many they are.

    Parameters
    ----------
    width_m
        Distance between opposite sides of a hexagon, metres.

    Returns
    -------
    LayerSpec
        Hexagons with at least one firm (EPSG:4326) and their number of firms; each firm counts
        once.
    """
    crs = str(facts.city_settings(study.manifest.city)["metric_crs"])
    datum = parse_datum(crs)
    parts: list[pd.Series] = []
    scanner = study.firm_dataset().scanner(columns=[LON, LAT], filter=firm_filter(study, params))
    for batch in scanner.to_batches():
        if batch.num_rows:
            x, y = from_wgs84(_floats(batch, LON), _floats(batch, LAT), datum)
            q, r = hexagon_cells(x, y, width_m=width_m)
            parts.append(pd.Series(_key(q, r)).value_counts(sort=False))
    counts = pd.concat(parts) if parts else pd.Series(dtype="int64")
    counts = counts.groupby(level=0).sum()
    shapes = hexagons(*_cells(counts.index.to_numpy("int64")), width_m=width_m)
    frame = gpd.GeoDataFrame({DENSITY: counts.to_numpy("int64")}, geometry=shapes, crs=crs).to_crs(
        "EPSG:4326"
    )
    area = f"{hexagon_area_km2(width_m):.2g}"
    return LayerSpec(
        name="firm_density",
        kind="choropleth",
        frame=frame,
        column=DENSITY,
        title=_both("map.density"),
        unit=_both("map.density.unit", area=area),
        palette="viridis",
    )


def _key(q: np.ndarray, r: np.ndarray) -> np.ndarray:
    """Both coordinates of a hexagon in one number, in their order."""
    key: np.ndarray = (q.astype("int64") << 32) + (r.astype("int64") + _MIDDLE)
    return key


def _cells(key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The coordinates behind :func:`_key`."""
    return key >> 32, (key & (2 * _MIDDLE - 1)) - _MIDDLE


def _floats(batch: pa.RecordBatch, name: str) -> np.ndarray:
    return np.asarray(batch[name].to_numpy(zero_copy_only=False), dtype="float64")


def _both(key: str, **values: Any) -> Bilingual:
    return Bilingual(text(key, "zh", **values), text(key, "en", **values))
