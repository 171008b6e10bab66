"""The located firms of a study as arrays, for every analysis that looks at points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from layout.core import facts
from layout.core.columns import (
    DISTRICT,
    EMPLOYEES,
    LAT,
    LON,
    PARK,
    REVENUE,
    SECTORS,
    STATUS,
    SUBDISTRICT,
)
from layout.core.crs import STORED_CRS
from layout.core.study import Study
from layout.prepare.dimensions import tiers

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

ZONE_COLUMNS: Final = {"district": DISTRICT, "subdistrict": SUBDISTRICT, "park": PARK}


@dataclass(frozen=True)
class FirmPoints:
    """Firms that lie in a district of the city, arrays of one length.

    Attributes
    ----------
    xy
        Metres in ``crs``, shape (n, 2).
    sectors
        Positions in the plan's order, primary first, -1 for none; shape (n, 3), of
        cells (n, 1).
    revenue, employees
        Of the latest year, whole yuan and persons; NaN where unknown.
    zones
        Position of the district, subdistrict and park of each firm in ``ids``, -1 for none.
    ids
        Ids of the zones by kind.
    crs
        The city's metric CRS.
    unplaced
        Accepted firms left out: outside the city or without coordinates.
    cell_m
        Width of the cells in whose middle firms stand; 0 where they are at their own place.
    """

    xy: Floats
    sectors: Ints
    revenue: Floats
    employees: Floats
    zones: dict[str, Ints]
    ids: dict[str, tuple[str, ...]]
    crs: str
    unplaced: int
    cell_m: float = 0.0

    def __len__(self) -> int:
        return len(self.xy)

    def of(self, sectors: tuple[str, ...], *, full: bool = False) -> Bools:
        """Firms of any of these sectors, by their primary one or (``full``) by any of theirs."""
        every = facts.sector_ids()
        wanted = np.isin(self.sectors, [every.index(name) for name in sectors])
        return np.asarray(wanted.any(axis=1) if full else wanted[:, 0], dtype=bool)

    @property
    def tier(self) -> Ints:
        """Position of each firm's size tier in size_tiers.csv; the last where it is unknown."""
        above = tiers()["above_cny"].to_numpy()[:-1]
        known = ~np.isnan(self.revenue)
        found = np.full(len(self), len(above), dtype=np.int64)
        found[known] = (self.revenue[known, None] <= above[None, :-1]).sum(axis=1)
        return found


def firm_points(study: Study, *, statuses: tuple[str, ...] = ()) -> FirmPoints:
    """The located firms of a study, all or those of some registration statuses."""
    year = study.manifest.years[-1] if study.manifest.years else None
    figures = {} if year is None else {"r": REVENUE.of(year), "e": EMPLOYEES.of(year)}
    columns = [LON, LAT, STATUS, *SECTORS, *ZONE_COLUMNS.values(), *figures.values()]
    there = set(study.firm_dataset().schema.names)
    table = study.firms([name for name in columns if name in there])
    if statuses and STATUS in there:
        table = table.filter(pc.is_in(table[STATUS].cast(pa.string()), pa.array(statuses)))
    placed = table.filter(pc.is_valid(table[DISTRICT]))
    crs = str(facts.city_settings(study.manifest.city)["metric_crs"])
    zones, ids = {}, {}
    for kind, name in ZONE_COLUMNS.items():
        ids[kind] = tuple(study.zones[kind]["id"]) if kind in study.zones else ()
        zones[kind] = positions(placed, name, ids[kind])
    return FirmPoints(
        xy=_metres(placed, crs),
        sectors=np.column_stack([positions(placed, c, facts.sector_ids()) for c in SECTORS]),
        revenue=_numbers(placed, figures.get("r", "")),
        employees=_numbers(placed, figures.get("e", "")),
        zones=zones,
        ids=ids,
        crs=crs,
        unplaced=table.num_rows - placed.num_rows,
    )


def positions(table: pa.Table, column: str, words: tuple[str, ...]) -> Ints:
    """Position of every value among ``words``; -1 for others, null and a column not there."""
    if column not in table.column_names:
        return np.full(table.num_rows, -1, dtype=np.int64)
    encoded = table[column].combine_chunks()
    if not pa.types.is_dictionary(encoded.type):
        encoded = encoded.dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.unify_dictionaries().combine_chunks()
    place = {word: number for number, word in enumerate(words)}
    found = np.array([*(place.get(v, -1) for v in encoded.dictionary.to_pylist()), -1])
    codes = encoded.indices.cast(pa.int64()).fill_null(len(found) - 1)
    return np.asarray(found[codes.to_numpy(zero_copy_only=False)], dtype=np.int64)


def _metres(table: pa.Table, crs: str) -> Floats:
    import pyproj

    lon, lat = (table[name].to_numpy() for name in (LON, LAT))
    transformer = pyproj.Transformer.from_crs(STORED_CRS, crs, always_xy=True)
    return np.column_stack(transformer.transform(lon, lat)).reshape(-1, 2)


def _numbers(table: pa.Table, column: str) -> Floats:
    if column not in table.column_names:
        return np.full(table.num_rows, np.nan)
    numbers: Floats = table[column].cast(pa.float64()).fill_null(np.nan).to_numpy()
    return numbers


def zone_words(study: Study, kind: str) -> pd.DataFrame:
    """Names of the zones of a kind by id: ``name_zh``, ``name_en``."""
    frame: Any = study.zones[kind]
    return pd.DataFrame(frame[["name_zh", "name_en"]].to_numpy(), index=frame["id"],
                        columns=["name_zh", "name_en"])  # fmt: skip
