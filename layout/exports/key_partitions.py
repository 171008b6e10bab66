"""Rows in the order of a key, with bounded memory: parted by ranges of the key in files on disk.

Rows are held until there are too many, then written to one file a range; at the end each file is
read and sorted. Ranges are chosen so that the first rows held fall evenly into them; a range that
grows too large is parted again by its own keys. A table that is small never touches the disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

HELD_ROWS: Final = 1 << 17
"""Rows held in memory before they are written out."""
_MOST_RANGES: Final = 256
_FEWEST_RANGES: Final = 16


@dataclass
class _Range:
    """The file of a range of keys."""

    path: Path
    writer: Any
    rows: int = 0


class KeyPartitions:
    """Takes rows in any order and gives them back in the order of a key.

    Rows of equal keys keep the order in which they came.

    Parameters
    ----------
    folder
        Where files are written; made when needed. The caller removes it.
    key
        Column with the key, int64 without nulls.
    held_rows
        Rows held in memory; a range of up to twice as many is sorted at once.
    cuts
        First keys of all ranges but the lowest; found from the first rows where None.
    """

    def __init__(
        self,
        folder: Path,
        key: str,
        *,
        held_rows: int = HELD_ROWS,
        cuts: npt.NDArray[np.int64] | None = None,
    ) -> None:
        self.spilled_bytes = 0
        self._folder, self._key, self._held_rows = folder, key, held_rows
        self._cuts = cuts
        self._held: list[pa.RecordBatch] = []
        self._count = 0
        self._ranges: list[_Range] = []

    def add(self, batch: pa.RecordBatch, expected: float | None = None) -> None:
        """Take rows; all batches have one schema without dictionaries.

        ``expected`` is how many rows there may be in all, where that is known.
        """
        self._held.append(batch)
        self._count += batch.num_rows
        if self._ranges or self._count > self._held_rows:
            self._spill(expected)

    def sorted_batches(self) -> Iterator[pa.RecordBatch]:
        """All rows in the order of the key; afterwards nothing is left on disk.

        A generator that is not read to its end leaves files to the owner of the folder.
        """
        if not self._ranges:
            if self._held:
                yield self._sorted(self._held)
            return
        for one in self._ranges:
            one.writer.close()
            self.spilled_bytes += one.path.stat().st_size
        for one in self._ranges:
            yield from self._read(one)
            one.path.unlink()

    def _sorted(self, batches: list[pa.RecordBatch]) -> pa.RecordBatch:
        whole = pa.concat_batches(batches) if len(batches) > 1 else batches[0]
        order = np.argsort(_keys(whole, self._key), kind="stable")
        return whole.take(pa.array(order))

    def _spill(self, expected: float | None) -> None:
        if not self._held:
            return
        held, self._held, self._count = self._held, [], 0
        if not self._ranges:
            if self._cuts is None:
                keys = np.concatenate([_keys(batch, self._key) for batch in held])
                self._cuts = _even_cuts(np.sort(keys), self._wanted_ranges(expected))
            self._open(held[0].schema)
        for batch in held:
            self._part(batch)

    def _part(self, batch: pa.RecordBatch) -> None:
        """Write the rows of a batch to the files of their ranges."""
        assert self._cuts is not None
        rows = self._sorted([batch])
        keys = _keys(rows, self._key)
        ends = [0, *np.searchsorted(keys, self._cuts, side="left").tolist(), len(keys)]
        for one, begin, end in zip(self._ranges, ends[:-1], ends[1:], strict=True):
            if end > begin:
                one.writer.write_batch(rows.slice(begin, end - begin))
                one.rows += end - begin

    def _wanted_ranges(self, expected: float | None) -> int:
        known = (expected or 0.0) / self._held_rows
        return int(min(max(np.ceil(known), _FEWEST_RANGES), _MOST_RANGES))

    def _open(self, schema: pa.Schema) -> None:
        assert self._cuts is not None
        self._folder.mkdir(parents=True)
        for place in range(len(self._cuts) + 1):
            path = self._folder / f"{place}.arrows"
            self._ranges.append(_Range(path, pa.ipc.new_stream(path, schema)))

    def _read(self, one: _Range) -> Iterator[pa.RecordBatch]:
        if one.rows <= 2 * self._held_rows:
            if batches := list(_batches(one.path)):
                yield self._sorted(batches)
            return
        keys = np.concatenate([_keys(batch, self._key) for batch in _batches(one.path)])
        if keys.min() == keys.max():  # in the order in which they came, which is the order wanted
            yield from _batches(one.path)
            return
        cuts = _even_cuts(np.sort(keys), -(-one.rows // self._held_rows))
        finer = KeyPartitions(
            self._folder / f"in-{one.path.stem}", self._key, held_rows=self._held_rows, cuts=cuts
        )
        del keys
        for batch in _batches(one.path):
            finer.add(batch)
        yield from finer.sorted_batches()
        self.spilled_bytes += finer.spilled_bytes


def _keys(batch: pa.RecordBatch, key: str) -> npt.NDArray[np.int64]:
    keys: npt.NDArray[np.int64] = batch.column(key).to_numpy(zero_copy_only=False)
    return keys


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    with pa.OSFile(str(path)) as file, pa.ipc.open_stream(file) as reader:
        yield from reader


def _even_cuts(keys: npt.NDArray[np.int64], ranges: int) -> npt.NDArray[np.int64]:
    """Keys that part sorted ``keys`` evenly; one that many rows share has a range of its own."""
    places = np.linspace(0, len(keys), ranges + 1)[1:-1].astype(np.int64)
    chosen, often = np.unique(keys[places], return_counts=True)
    cuts = np.unique(np.concatenate([chosen, chosen[often > 1] + 1]))
    return cuts[cuts > keys[0]] if len(cuts) else cuts
