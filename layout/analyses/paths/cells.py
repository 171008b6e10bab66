"""Firms as counted cells: all that path scores need of them, small whatever their number.

Firms that are alike in district, unit, sectors, kind of activity, age, host industry, platform and
size class are one cell. Resampling the firms is then drawing the counts of the cells.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from layout.core import columns as col
from layout.core import facts
from layout.core.progress import tell
from layout.core.study import SHARE_UNIT, Study

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Counting = Literal["primary", "fractional", "full"]
Units = Literal["subdistrict", "park"]

HOSTS: Final = ("manufacturing", "finance", "trade", "port")
"""Host industries of fusion, in the order of the codes below."""

RESEARCH_CLASSES: Final = ("6511", "6512", "6520")
RESEARCH_DIVISION: Final = 73
YOUNG_YEARS: Final = 5
_SIZES: Final = 24
"""Classes of staff: unknown, then one for each doubling."""

_ACTIVE: Final = ("active", "unknown")
_BASES: Final = (4096, 13, 13, 13, 2, 3, 5, 2, _SIZES)
"""Values of each part of a cell's key after the district: unit, three sectors, …"""


@dataclass(frozen=True)
class Cells:
    """Active, located firms by cell, sorted by district.

    Attributes
    ----------
    districts, units
        Ids that ``district`` and ``unit`` point to; unit -1 is none.
    count
        Firms.
    shares
        Mean share of the firms in each sector under the counting mode; (cells, sectors).
    whole
        The primary sector as 0 or 1; (cells, sectors).
    research, platform
        Research-type firm; platform firm that serves fusion.
    age
        0 unknown, 1 older, 2 founded within five years.
    host
        Host industry, -1 for none.
    staff
        Mean persons employed, 0 where unknown.
    year
        Reference year: ages are at its end.
    """

    districts: tuple[str, ...]
    units: tuple[str, ...]
    district: Ints
    unit: Ints
    count: Ints
    shares: Floats
    whole: Floats
    research: npt.NDArray[np.bool_]
    platform: npt.NDArray[np.bool_]
    age: Ints
    host: Ints
    staff: Floats
    year: int


def count_cells(study: Study, *, units: Units, counting: Counting) -> Cells:
    """The cells of a study's active firms inside the city."""
    parts = []
    districts = tuple(study.zones["district"]["id"])
    ids = tuple(study.zones[units]["id"])
    dataset = study.firm_dataset()
    wanted = [name for name in _columns(study, units) if name in dataset.schema.names]
    total = max(1, dataset.count_rows())
    seen = 0
    for batch in dataset.to_batches(columns=wanted):
        if batch.num_rows:
            parts.append(_batch_cells(batch, study, districts, ids, units))
        seen += batch.num_rows
        tell("paths_cells", min(1.0, seen / total))
    keys, sums = _merged(parts)
    return _cells(keys, sums, districts, ids, counting, study.manifest.years[-1])


def _columns(study: Study, units: Units) -> tuple[str, ...]:
    unit = col.SUBDISTRICT if units == "subdistrict" else col.PARK
    year = study.manifest.years[-1]
    return (
        col.DISTRICT, unit, col.INDUSTRY_CODE, col.ESTABLISHED, col.STATUS, *col.SECTORS,
        *col.SHARES, col.PLATFORM, col.EMPLOYEES.of(year),
    )  # fmt: skip


def _batch_cells(
    batch: pa.RecordBatch,
    study: Study,
    districts: tuple[str, ...],
    ids: tuple[str, ...],
    units: Units,
) -> tuple[Ints, Floats]:
    """Keys of the batch's cells and their sums: firms, three shares, staff."""
    year = study.manifest.years[-1]
    unit = col.SUBDISTRICT if units == "subdistrict" else col.PARK
    table = _Batch(batch)
    district = table.codes(col.DISTRICT, districts)
    status = table.codes(col.STATUS, _ACTIVE) if col.STATUS in batch.schema.names else None
    sectors = [table.codes(name, facts.sector_ids()) for name in col.SECTORS]
    research, host = _activity(table.column(col.INDUSTRY_CODE, pa.string()))
    staff = table.numbers(col.EMPLOYEES.of(year))
    size = np.where(staff >= 0, np.log2(np.maximum(staff, 0) + 1).astype("int64") + 1, 0)
    platform = table.flags(col.PLATFORM) & _serves_fusion(sectors)
    parts = (
        table.codes(unit, ids) + 1, *(s + 1 for s in sectors), research.astype("int64"),
        _ages(table.column(col.ESTABLISHED, pa.date32()), year), host + 1,
        platform.astype("int64"), np.minimum(size, _SIZES - 1),
    )  # fmt: skip
    key = district.copy()
    for part, base in zip(parts, _BASES, strict=True):
        key = key * base + part
    keep = district >= 0
    if status is not None:
        keep &= (status >= 0) | table.missing(col.STATUS)
    sums = np.stack(
        [np.ones(len(key)), *(np.maximum(table.numbers(s), 0) for s in col.SHARES),
         np.maximum(staff, 0)], axis=1,
    )  # fmt: skip
    return _summed(key[keep], sums[keep])


class _Batch:
    """A batch whose missing columns are unknown everywhere."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self.batch = batch

    def column(self, name: str, kind: pa.DataType) -> pa.Array:
        if name not in self.batch.schema.names:
            return pa.nulls(self.batch.num_rows, kind)
        array = self.batch.column(name)
        return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array

    def codes(self, name: str, words: tuple[str, ...]) -> Ints:
        """Place of each value in ``words``, -1 for others and null."""
        found = pc.index_in(
            self.column(name, pa.string()).cast(pa.string()), pa.array(words, pa.string())
        )
        codes: Ints = found.fill_null(-1).to_numpy(zero_copy_only=False).astype("int64")
        return codes

    def numbers(self, name: str) -> Floats:
        """Numbers, -1 for null."""
        array = self.column(name, pa.float64()).cast(pa.float64()).fill_null(-1.0)
        numbers: Floats = array.to_numpy(zero_copy_only=False)
        return numbers

    def flags(self, name: str) -> npt.NDArray[np.bool_]:
        flags: npt.NDArray[np.bool_] = (
            self.column(name, pa.bool_()).fill_null(False).to_numpy(zero_copy_only=False)
        )
        return flags

    def missing(self, name: str) -> npt.NDArray[np.bool_]:
        missing: npt.NDArray[np.bool_] = (
            self.column(name, pa.string()).is_null().to_numpy(zero_copy_only=False)
        )
        return missing


def _activity(codes: pa.Array) -> tuple[npt.NDArray[np.bool_], Ints]:
    """Research-type firms, and the host industry of each (-1 for none)."""
    digits = pc.replace_substring_regex(codes.cast(pa.string()), r"^[A-Z]", "")
    four = pc.is_in(digits, value_set=pa.array(RESEARCH_CLASSES)).fill_null(False)
    two = pc.utf8_slice_codeunits(digits, 0, 2)
    whole = pc.if_else(pc.match_substring_regex(two, r"^\d\d$"), two, None)
    division = whole.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    host = np.full(len(division), -1, dtype="int64")
    host[(division >= 13) & (division <= 43)] = 0
    host[(division >= 66) & (division <= 69)] = 1
    host[(division == 51) | (division == 52)] = 2
    host[np.isin(division, (55, 58, 59))] = 3
    return four.to_numpy(zero_copy_only=False) | (division == RESEARCH_DIVISION), host


def _ages(founded: pa.Array, year: int) -> Ints:
    days = founded.cast(pa.date32()).cast(pa.int32()).fill_null(-(10**7))
    value = days.to_numpy(zero_copy_only=False).astype("int64")
    first = (dt.date(year - YOUNG_YEARS, 12, 31) - dt.date(1970, 1, 1)).days
    return np.where(value == -(10**7), 0, np.where(value > first, 2, 1)).astype("int64")


def _serves_fusion(sectors: list[Ints]) -> npt.NDArray[np.bool_]:
    wanted = [facts.sector_ids().index(name) for name in ("S08", "S09", "S10")]
    return np.asarray(np.isin(np.stack(sectors), wanted).any(axis=0))


def _summed(key: Ints, sums: Floats) -> tuple[Ints, Floats]:
    keys, place = np.unique(key, return_inverse=True)
    total = [np.bincount(place, column, minlength=len(keys)) for column in sums.T]
    return keys, np.stack(total, axis=1).astype("float64")


def _merged(parts: list[tuple[Ints, Floats]]) -> tuple[Ints, Floats]:
    if not parts:
        return np.empty(0, "int64"), np.empty((0, 5))
    return _summed(
        np.concatenate([keys for keys, _ in parts]), np.concatenate([sums for _, sums in parts])
    )


def _cells(
    key: Ints, sums: Floats, districts: tuple[str, ...], ids: tuple[str, ...],
    counting: Counting, year: int,
) -> Cells:  # fmt: skip
    rest, parts = key.copy(), []
    for base in reversed(_BASES):
        rest, part = np.divmod(rest, base)
        parts.append(part)
    _size, platform, host, age, research, s3, s2, s1, unit = parts
    size = len(facts.sector_ids())
    eye = np.eye(size + 1)[:, 1:]
    each = [eye[s] for s in (s1, s2, s3)]
    if counting == "primary":
        shares = each[0]
    elif counting == "full":
        shares = np.minimum(each[0] + each[1] + each[2], 1.0)
    else:
        mean = sums[:, 1:4] / sums[:, :1] / SHARE_UNIT
        shares = sum((e * mean[:, [i]] for i, e in enumerate(each)), np.zeros_like(each[0]))
    return Cells(
        districts=districts, units=ids, district=rest, unit=unit - 1,
        count=sums[:, 0].astype("int64"), shares=shares, whole=each[0],
        research=research > 0, platform=platform > 0, age=age, host=host - 1,
        staff=sums[:, 4] / np.maximum(sums[:, 0], 1), year=year,
    )  # fmt: skip


def sector_table(cells: Cells, counts: Floats, *, by: Literal["district", "unit"]) -> Floats:
    """Firms by zone and sector for every draw of counts; (draws, zones, sectors)."""
    zone = cells.district if by == "district" else cells.unit
    size = len(cells.districts if by == "district" else cells.units)
    return grouped_sums(counts, cells.shares, zone, size)


def grouped_sums(counts: Floats, values: Floats, zone: Ints, size: int) -> Floats:
    """Sums of ``counts × values`` by zone; (draws, zones, columns of values)."""
    order = np.argsort(zone, kind="stable")
    bounds = np.searchsorted(zone[order], np.arange(size + 1))
    total = np.zeros((counts.shape[0], size, values.shape[1]))
    for place in range(size):
        own = order[bounds[place] : bounds[place + 1]]
        total[:, place] = counts[:, own] @ values[own]
    return total


def resampled(cells: Cells, *, draws: int, seed: int) -> Floats:
    """Counts of cells in ``draws`` samples of the firms with replacement; the first row is as is.

    Every firm enters a sample a Poisson(1) number of times, which for a cell of n firms is
    Poisson(n): the bootstrap in its form for streams.

    References
    ----------
    Chamandy, N., Muralidharan, O., Najmi, A., & Naidu, S. (2012). *Estimating uncertainty for
    massive data streams*. Google.
    """
    rng = np.random.default_rng(seed)
    drawn = rng.poisson(cells.count, size=(draws, len(cells.count))).astype("float64")
    return np.vstack([cells.count.astype("float64"), drawn])


def as_frame(table: Floats, rows: tuple[str, ...]) -> pd.DataFrame:
    """One table of zones × sectors with its labels."""
    return pd.DataFrame(table, index=list(rows), columns=list(facts.sector_ids()))
