"""Counts of firms, revenue and employees by zone, sector, scope, tier, status and year.

A cube is small, whatever the number of firms, and every matrix, map and figure of the sector mix
is a sum over it. It is filled batch by batch and two cubes can be merged; all its figures are
whole numbers (firms, yuan, persons, and thousandths of them), so the order of batches never shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from layout.core import facts
from layout.core.columns import (
    EMPLOYEES,
    ESTABLISHED,
    REVENUE,
    SCOPE,
    SECTORS,
    SHARES,
    STATUS,
)
from layout.core.study import NO_COORDINATES, NO_ZONE, OUTSIDE, UNTAGGED
from layout.prepare.dimensions import ALL_YEARS, DIMENSIONS, MEASURES, SCOPES, STATUSES, tiers

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]

_NULL = np.iinfo(np.int64).min
_EMPTY = np.int64(-1)


@dataclass(frozen=True)
class ZoneCodes:
    """The zones of one kind as the first coordinate of a cube: ids, then what lies in none."""

    ids: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """Zone ids followed by ``outside``, ``no_coordinates`` and ``none``."""
        return (*self.ids, OUTSIDE, NO_COORDINATES, NO_ZONE)

    def encode(self, zone: pa.DictionaryArray, location: pa.DictionaryArray) -> Int32:
        """Code of every row: its zone, else why it has none.

        Parameters
        ----------
        zone
            Zone id of each row or null.
        location
            The column LOCATION of each row.
        """
        n = len(self.ids)
        position = {name: i for i, name in enumerate(self.ids)}
        table = np.array([position.get(v, -1) for v in zone.dictionary.to_pylist()] + [-1], "int32")
        code = table[_indices(zone)]
        words = [str(v) for v in location.dictionary.to_pylist()]
        why = {OUTSIDE: n, NO_COORDINATES: n + 1}
        reason = np.array([why.get(w, n + 2) for w in words] + [n + 1], "int32")
        return np.where(code >= 0, code, reason[_indices(location)]).astype("int32")


def _indices(array: pa.DictionaryArray) -> Int32:
    """Dictionary positions, -1 for null."""
    filled = array.indices.cast(pa.int32()).fill_null(-1)
    codes: Int32 = filled.to_numpy(zero_copy_only=False)
    return codes


def _codes(array: pa.Array, words: Sequence[str], other: int) -> Int32:
    """Position of each value in ``words``; ``other`` for null and unknown words."""
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    position = {word: i for i, word in enumerate(words)}
    table = [position.get(v, other) for v in encoded.dictionary.to_pylist()]
    codes: Int32 = np.array([*table, other], "int32")[_indices(encoded)]
    return codes


def _whole(array: pa.Array) -> Int64:
    """Whole numbers with the smallest int64 for null."""
    numbers: Int64 = array.cast(pa.int64()).fill_null(_NULL).to_numpy(zero_copy_only=False)
    return numbers


@numba.njit(cache=True)
def _slot(keys, key):  # type: ignore[no-untyped-def]
    size = keys.shape[0]
    mixed = key * np.int64(-7046029254386353131)
    place = (mixed ^ (mixed >> 29)) & (size - 1)
    while keys[place] != -1 and keys[place] != key:
        place = (place + 1) & (size - 1)
    return place


@numba.njit(cache=True)
def _grow(keys, values):  # type: ignore[no-untyped-def]
    bigger = np.full(keys.shape[0] * 2, np.int64(-1))
    moved = np.zeros((keys.shape[0] * 2, values.shape[1]), np.int64)
    for i in range(keys.shape[0]):
        if keys[i] != -1:
            place = _slot(bigger, keys[i])
            bigger[place] = keys[i]
            moved[place] = values[i]
    return bigger, moved


@numba.njit(cache=True, nogil=True)
def _accumulate(  # type: ignore[no-untyped-def]
    keys, values, used, zone, sectors, shares, rest, revenue, employees, above, exists, year
):
    """Add one year of a batch; returns the tables (they may have grown) and the cells in use."""
    n_sector, n_tier = 13, above.shape[0] + 1
    untagged = n_sector - 1
    null = np.iinfo(np.int64).min
    for i in range(zone.shape[0]):
        if not exists[i]:
            continue
        money, people = revenue[i], employees[i]
        tier = n_tier - 1
        if money != null:
            tier = 0
            while tier < n_tier - 2 and money <= above[tier]:
                tier += 1
        for k in range(3):
            sector = sectors[k, i]
            if sector < 0:
                if k > 0:
                    break
                sector = untagged
            share = 1000 if sector == untagged else shares[k, i]
            key = zone[i]
            key = key * n_sector + sector
            key = key * 3 + rest[0, i]
            key = key * n_tier + tier
            key = key * 5 + rest[1, i]
            key = key * 16 + year
            place = _slot(keys, np.int64(key))
            if keys[place] == -1:
                keys[place] = key
                used += 1
            cell = values[place]
            cell[1] += share
            cell[2] += 1
            if k == 0:
                cell[0] += 1
            if money != null:
                cell[4] += money * share
                cell[5] += money
                cell[9] += 1
                if k == 0:
                    cell[3] += money
            if people != null:
                cell[7] += people * share
                cell[8] += people
                cell[10] += 1
                if k == 0:
                    cell[6] += people
            if used * 2 > keys.shape[0]:
                keys, values = _grow(keys, values)
    return keys, values, used


@numba.njit(cache=True, nogil=True)
def _merge(keys, values, used, more_keys, more_values):  # type: ignore[no-untyped-def]
    """Add the cells of other tables; returns the tables and the cells in use."""
    for i in range(more_keys.shape[0]):
        key = more_keys[i]
        if key == -1:
            continue
        place = _slot(keys, key)
        if keys[place] == -1:
            keys[place] = key
            used += 1
        values[place] += more_values[i]
        if used * 2 > keys.shape[0]:
            keys, values = _grow(keys, values)
    return keys, values, used


class Cube:
    """A cube being filled.

    Parameters
    ----------
    zones
        Ids of the zones, in the order of their layer.
    years
        Years of the panel, ascending.
    """

    def __init__(self, zones: ZoneCodes, years: Sequence[int]) -> None:
        self.zones = zones
        self.years = tuple(years)
        self._keys: Int64 = np.full(1 << 12, _EMPTY)
        self._values: Int64 = np.zeros((1 << 12, len(MEASURES)), np.int64)
        self._used = 0

    def add(self, firms: pa.RecordBatch, zone: Int32) -> None:
        """Count a batch of tagged firms under their zone codes (see :meth:`ZoneCodes.encode`)."""
        self.add_encoded(encode_firms(firms, self.years), zone)

    def add_encoded(
        self, firms: EncodedFirms, zone: Int32, keep: npt.NDArray[np.bool_] | None = None
    ) -> None:
        """Count encoded firms, only those in ``keep`` where given."""
        latest = len(self.years) - 1
        zone64 = zone.astype("int64")
        above = tiers()["above_cny"].to_numpy()[:-1]
        for slot, position in [(0, latest), *((i + 1, i) for i in range(len(self.years)))]:
            exists = (
                np.ones(len(zone), bool) if slot == 0 else firms.founded <= self.years[position]
            )
            if keep is not None:
                exists = exists & keep
            self._keys, self._values, self._used = _accumulate(
                self._keys, self._values, self._used, zone64, firms.sectors, firms.shares,
                firms.rest, firms.revenue[position], firms.employees[position], above, exists, slot,
            )  # fmt: skip

    def merge(self, other: Cube) -> None:
        """Add the counts of a cube of the same zones and years."""
        if (other.zones, other.years) != (self.zones, self.years):
            raise ValueError("only cubes of the same zones and years can be merged")
        self._keys, self._values, self._used = _merge(
            self._keys, self._values, self._used, other._keys, other._values
        )

    def frame(self) -> pd.DataFrame:
        """The cube as a table: ``DIMENSIONS`` and ``MEASURES``, sorted, whole numbers."""
        held = self._keys != _EMPTY
        key, values = self._keys[held].copy(), self._values[held]
        order = np.argsort(key)
        key, values = key[order], values[order]
        parts: dict[str, np.ndarray] = {}
        sectors = (*facts.sector_ids(), UNTAGGED)
        years = np.array([ALL_YEARS, *self.years, *([0] * (15 - len(self.years)))])
        parts["year"] = years[key % 16]
        rest = key // 16
        for name, words in (
            ("status", STATUSES),
            ("tier", tuple(tiers()["id"])),
            ("scope", SCOPES),
            ("sector", sectors),
        ):
            parts[name] = np.array(words, dtype=object)[rest % len(words)]
            rest = rest // len(words)
        parts["zone_id"] = np.array(self.zones.labels, dtype=object)[rest]
        frame = pd.DataFrame({name: parts[name] for name in DIMENSIONS})
        return frame.join(pd.DataFrame(values, columns=list(MEASURES)))


@dataclass(frozen=True)
class EncodedFirms:
    """The columns of a batch that a cube counts, as arrays; null is the smallest int64."""

    sectors: Int32
    shares: Int64
    rest: Int32
    founded: Int32
    revenue: tuple[Int64, ...]
    employees: tuple[Int64, ...]


def encode_firms(firms: pa.RecordBatch, years: Sequence[int]) -> EncodedFirms:
    """Encode a batch of tagged firms; columns that a table lacks are unknown everywhere."""
    n = firms.num_rows

    def column(name: str, kind: pa.DataType) -> pa.Array:
        return firms[name] if name in firms.schema.names else pa.nulls(n, kind)

    sectors = np.vstack([_codes(firms[name], facts.sector_ids(), -1) for name in SECTORS])
    shares = np.vstack([firms[name].cast(pa.int64()).fill_null(0).to_numpy() for name in SHARES])
    status = _codes(column(STATUS, pa.string()), STATUSES, STATUSES.index("unknown"))
    scope = _codes(firms[SCOPE], SCOPES, SCOPES.index("outside"))
    days = column(ESTABLISHED, pa.date32()).cast(pa.int32()).fill_null(-(10**6)).to_numpy()
    founded = days.astype("datetime64[D]").astype("datetime64[Y]").astype("int32") + 1970
    return EncodedFirms(
        sectors=sectors,
        shares=shares,
        rest=np.vstack([scope, status]),
        founded=founded,
        revenue=tuple(_whole(column(REVENUE.of(year), pa.int64())) for year in years),
        employees=tuple(_whole(column(EMPLOYEES.of(year), pa.int64())) for year in years),
    )
