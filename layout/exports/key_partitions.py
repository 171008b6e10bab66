"""Rows in the order of a key, with bounded memory: parted by ranges of the key in files on disk.

Rows are held until there are too many, then written to one file a range; at the end each file is
read and sorted. Ranges are chosen so that the first rows held fall evenly into them; a range that
grows too large is parted again by its own keys. A table that is small never touches the disk.
"""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from layout.exports.packed_rows import PackedRows, RowFormat, rows_in

Ints = npt.NDArray[np.int64]

HELD_ROWS: Final = 1 << 17
"""Rows held in memory before they are written out."""
_MOST_RANGES: Final = 256
_FEWEST_RANGES: Final = 16
_PIECE_BYTES: Final = 1 << 26
_MOST_BYTES: Final = 1 << 30
"""Of a batch: offsets of text end at twice that."""


@dataclass
class _Range:
    """The file of a range of keys."""

    path: Path
    file: Any
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
    """

    def __init__(self, folder: Path, key: str, *, held_rows: int = HELD_ROWS) -> None:
        self.spilled_bytes = 0
        self._folder, self._key, self._held_rows = folder, key, held_rows
        self._format: RowFormat | None = None
        self._cuts: Ints | None = None
        self._held: list[PackedRows] = []
        self._count = 0
        self._ranges: list[_Range] = []
        self._room = np.empty(0, dtype=np.uint8)  # for rows on their way to the disk

    def add(self, batch: pa.RecordBatch, expected: float | None = None) -> None:
        """Take rows; all batches have one schema, as :class:`RowFormat` has it.

        ``expected`` is how many rows there may be in all, where that is known.
        """
        if self._format is None:
            self._format = RowFormat(batch.schema)
        if self._cuts is not None:
            keys = batch.column(self._key).to_numpy()
            order, ends = self._parted(keys)
            rows = self._format.pack(batch, order, self._room)
            self._room = max(self._room, rows.data, key=len)
            self._write(rows.data, np.append(rows.starts, len(rows.data))[ends], np.diff(ends))
            return
        self._held.append(self._format.pack(batch, np.arange(batch.num_rows)))
        self._count += batch.num_rows
        if self._count > self._held_rows:
            held, self._held = self._held, []
            keys = np.sort(np.concatenate([self._keys(rows) for rows in held]))
            self._open(_even_cuts(keys, self._wanted_ranges(expected)))
            for rows in held:
                self._part(rows)

    def sorted_batches(self, rows: int) -> Iterator[pa.RecordBatch]:
        """All rows in the order of the key, in batches of ``rows``, the last one with what is left.

        Afterwards nothing is left on disk. A generator that is not read to its end leaves files to
        the owner of the folder. A batch of rows of uncommon size has fewer of them.
        """
        held: list[PackedRows] = []
        count = size = 0
        for part in self._sorted_parts():
            begin = 0
            while begin < len(part):
                some = part.take(slice(begin, begin + rows - count)).up_to(_MOST_BYTES - size)
                begin, count = begin + len(some), count + len(some)
                held.append(some)
                if count == rows or begin < len(part):
                    yield self._unpacked(held)
                    held, count, size = [], 0, 0
                else:
                    size += some.size()
        if held:
            yield self._unpacked(held)

    def close(self) -> None:
        """Close the files, whatever they hold: nothing more is taken or wanted."""
        for one in self._ranges:
            with contextlib.suppress(OSError):  # a full disk was told when it was written to
                one.file.close()

    def _unpacked(self, parts: list[PackedRows]) -> pa.RecordBatch:
        assert self._format is not None
        return self._format.unpack(parts)

    def _sorted_parts(self) -> Iterator[PackedRows]:
        """All rows in the order of the key."""
        if self._held:
            yield self._sorted(PackedRows.joined(self._held))
            self._held = []
        for one in self._ranges:
            one.file.close()
            self.spilled_bytes += one.path.stat().st_size
        for one in self._ranges:
            yield from self._read(one)
            with contextlib.suppress(PermissionError):  # Windows keeps a file that is mapped
                one.path.unlink()

    def _sorted(self, rows: PackedRows) -> PackedRows:
        return rows.take(np.argsort(self._keys(rows), kind="stable"))

    def _keys(self, rows: PackedRows) -> Ints:
        assert self._format is not None
        return self._format.column(rows, self._key)

    def _parted(self, keys: Ints) -> tuple[Ints, Ints]:
        """The order of some rows by their ranges, and where each range begins and the last ends."""
        assert self._cuts is not None
        # of so few bits that they are sorted in one pass
        ranges = np.searchsorted(self._cuts, keys, side="right").astype(np.uint16)
        counts = np.bincount(ranges, minlength=len(self._ranges))
        order: Ints = np.argsort(ranges, kind="stable")
        return order, np.concatenate([[0], np.cumsum(counts)])

    def _part(self, rows: PackedRows) -> None:
        """Write rows to the files of their ranges."""
        order, ends = self._parted(self._keys(rows))
        some = rows.take(order)
        places = np.concatenate([[0], np.cumsum(some.sizes())])
        self._write(some.together(), places[ends], np.diff(ends))

    def _write(self, data: npt.NDArray[np.uint8], places: Ints, counts: Ints) -> None:
        """Write bytes to the file of each range: those between two places."""
        for number in np.flatnonzero(counts).tolist():
            one = self._ranges[number]
            one.file.write(data[places[number] : places[number + 1]].data)
            one.rows += int(counts[number])

    def _wanted_ranges(self, expected: float | None) -> int:
        known = (expected or 0.0) / self._held_rows
        return int(min(max(np.ceil(known), _FEWEST_RANGES), _MOST_RANGES))

    def _open(self, cuts: Ints) -> None:
        self._cuts = cuts
        self._folder.mkdir(parents=True)
        for place in range(len(cuts) + 1):
            path = self._folder / f"{place}.rows"
            self._ranges.append(_Range(path, path.open("wb")))

    def _read(self, one: _Range) -> Iterator[PackedRows]:
        if not one.rows:
            return
        if one.rows <= 2 * self._held_rows:
            # mapped, not read: nothing is copied (as if it could be written to: for arrays that
            # cannot, all compiled code would be compiled a second time)
            rows = rows_in(np.asarray(np.memmap(one.path, dtype=np.uint8, mode="c")))
            _require(one, len(rows))
            yield self._sorted(rows)
            return
        keys = np.concatenate([self._keys(rows) for rows in _pieces(one.path)])
        _require(one, len(keys))
        if keys.min() == keys.max():  # in the order in which they came, which is the order wanted
            yield from _pieces(one.path)
            return
        finer = KeyPartitions(
            self._folder / f"in-{one.path.stem}", self._key, held_rows=self._held_rows
        )
        finer._format = self._format
        finer._open(_even_cuts(np.sort(keys), -(-one.rows // self._held_rows)))
        del keys
        try:
            for rows in _pieces(one.path):
                finer._part(rows)
            yield from finer._sorted_parts()
        finally:
            finer.close()
        self.spilled_bytes += finer.spilled_bytes


def _require(one: _Range, found: int) -> None:
    """Raise where a file does not hold the rows that were written to it."""
    if found != one.rows:
        raise OSError(errno.EIO, f"{found} of {one.rows} rows are left in {one.path.name}")


def _pieces(path: Path) -> Iterator[PackedRows]:
    """The rows of a file in their order, some at a time."""
    left = np.empty(0, dtype=np.uint8)
    with path.open("rb") as file:
        while (read := np.fromfile(file, dtype=np.uint8, count=_PIECE_BYTES)).size:
            data = np.concatenate([left, read])
            rows = rows_in(data)
            left = data[rows.size() :]
            yield rows


def _even_cuts(keys: Ints, ranges: int) -> Ints:
    """Keys that part sorted ``keys`` evenly; one that many rows share has a range of its own."""
    places = np.linspace(0, len(keys), ranges + 1)[1:-1].astype(np.int64)
    chosen, often = np.unique(keys[places], return_counts=True)
    cuts = np.unique(np.concatenate([chosen, chosen[often > 1] + 1]))
    return cuts[cuts > keys[0]] if len(cuts) else cuts
