"""Counts of firms, revenue and employees by zone, sector, scope, tier, status and year.

A cube is small, whatever the number of firms, and every matrix, map and figure of the sector mix
is a sum over it. It is filled batch by batch and two cubes can be merged; all its figures are
whole numbers (firms, yuan, persons, and thousandths of them), so the order of batches never shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from layout.core import facts
from layout.core.study import NO_COORDINATES, NO_ZONE, OUTSIDE, UNTAGGED
from layout.prepare import cube_kernels as kernel
from layout.prepare.dimensions import ALL_YEARS, DIMENSIONS, MEASURES, SCOPES, STATUSES, tiers
from layout.prepare.encoded_firms import arrow_column, encode_firms
from layout.prepare.joint_counts import JointCells, JointCounts

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]

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
        found = pc.index_in(zone.dictionary, value_set=pa.array(self.ids, pa.string()))
        why = {OUTSIDE: n, NO_COORDINATES: n + 1}
        words = [str(v) for v in location.dictionary.to_pylist()]
        codes = np.empty(len(zone), np.int32)
        kernel.zone_codes(
            arrow_column(zone.indices),
            found.fill_null(-1).to_numpy(zero_copy_only=False),
            arrow_column(location.indices),
            np.array([why.get(w, n + 2) for w in words] + [n + 1], np.int32),
            codes,
        )
        return codes


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
        counts = JointCounts(1, self.years)
        counts.add(encode_firms(firms, self.years), zone[np.newaxis])
        self.add_joint(counts.in_use(), 0)

    def add_joint(self, cells: JointCells, kind: int) -> None:
        """Add joint cells under their zones of the ``kind``-th kind."""
        self._keys, self._values, self._used = kernel.add_joint(
            self._keys, self._values, self._used, cells.zones[kind], cells.parts, cells.tiers,
            cells.slots, cells.counts, len(self.years), len(tiers()),
        )  # fmt: skip

    def merge(self, other: Cube) -> None:
        """Add the counts of a cube of the same zones and years."""
        if (other.zones, other.years) != (self.zones, self.years):
            raise ValueError("only cubes of the same zones and years can be merged")
        self._keys, self._values, self._used = kernel.merge(
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


class CubeSet:
    """The cubes of several kinds of zones, filled together.

    Parameters
    ----------
    zones
        Zones by kind.
    years
        Years of the panel, ascending.
    """

    def __init__(self, zones: Mapping[str, ZoneCodes], years: Sequence[int]) -> None:
        self.years = tuple(years)
        self._cubes = {kind: Cube(codes, years) for kind, codes in zones.items()}
        self._counts = self._no_counts()

    def add(
        self,
        firms: pa.RecordBatch,
        zones: Mapping[str, pa.DictionaryArray],
        location: pa.DictionaryArray,
    ) -> None:
        """Count a batch of tagged firms.

        Parameters
        ----------
        firms
            The firms.
        zones
            Zone id of each firm or null, by kind.
        location
            The column LOCATION.
        """
        codes = [cube.zones.encode(zones[kind], location) for kind, cube in self._cubes.items()]
        self._counts.add(encode_firms(firms, self.years), np.stack(codes))
        if self._counts.is_full:
            self._settle()

    def merge(self, other: CubeSet) -> None:
        """Add the counts of cubes of the same kinds, zones and years, which are left alone."""
        cells = other._counts.in_use()
        for number, (kind, cube) in enumerate(self._cubes.items()):
            cube.merge(other._cubes[kind])
            cube.add_joint(cells, number)

    def frames(self) -> dict[str, pd.DataFrame]:
        """The cubes by kind as tables (see :meth:`Cube.frame`)."""
        self._settle()
        return {kind: cube.frame() for kind, cube in self._cubes.items()}

    def __getstate__(self) -> dict[str, Any]:
        # What travels are the cubes: joint counts have room for tiers and years without firms.
        self._settle()
        return self.__dict__ | {"_counts": self._no_counts()}

    def _settle(self) -> None:
        cells = self._counts.in_use()
        for number, cube in enumerate(self._cubes.values()):
            cube.add_joint(cells, number)
        self._counts.clear()

    def _no_counts(self) -> JointCounts:
        return JointCounts(len(self._cubes), self.years)
