"""Rows of a table as runs of bytes, so that they are put in another order with one copy of each.

Columns lie apart in memory: to move a row is to touch dozens of places. Here all values of a row
lie together, as in the sort of DuckDB (Kuiper and Mühleisen 2023, "These rows are made for
sorting"). A row is, in whole words of 8 bytes: its size, a bit for each column that is missing,
the values of fixed width, the lengths of the texts, and the texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from layout.exports import row_kernels as kernels
from layout.prepare.text_arrays import is_filled

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

_WORD: Final = 8
_SIZE_BYTES: Final = 4


@dataclass(frozen=True)
class PackedRows:
    """Some rows.

    Attributes
    ----------
    data
        Bytes of the rows, beginning at a word.
    starts
        Where each row begins, int64 ``(n,)``; in any order.
    """

    data: Bytes
    starts: Ints

    def __len__(self) -> int:
        return len(self.starts)

    @classmethod
    def joined(cls, parts: Sequence[PackedRows]) -> PackedRows:
        """The rows of some parts as one."""
        before = np.cumsum([0, *(len(part.data) for part in parts)])
        starts = [part.starts + at for part, at in zip(parts, before[:-1], strict=True)]
        return cls(np.concatenate([part.data for part in parts]), np.concatenate(starts))

    def take(self, order: Ints | slice) -> PackedRows:
        """The rows at ``order``; nothing is copied."""
        return PackedRows(self.data, self.starts[order])

    def sizes(self) -> Ints:
        """Bytes of each row, int64 ``(n,)``."""
        sizes: Ints = kernels.row_sizes(self.data.view(np.uint32), self.starts)
        return sizes

    def size(self) -> int:
        """Bytes of all rows."""
        return int(self.sizes().sum())

    def up_to(self, most: int) -> PackedRows:
        """The first rows that have no more bytes than that together, one at least."""
        if len(self.data) <= most:
            return self
        fitting = int(np.searchsorted(np.cumsum(self.sizes()), most, side="right"))
        return self if fitting >= len(self) else self.take(slice(0, max(fitting, 1)))

    def together(self) -> Bytes:
        """The bytes of the rows in their order, one behind the other."""
        out = np.empty(self.size(), dtype=np.uint8)
        kernels.gather(self.data, self.starts, self.sizes(), out)
        return out


def rows_in(data: Bytes) -> PackedRows:
    """The whole rows at the beginning of some bytes."""
    starts = np.empty(len(data) // _WORD, dtype=np.int64)
    count = kernels.walk(data[: len(data) // _WORD * _WORD].view(np.uint32), starts)
    return PackedRows(data, starts[:count].copy())


class RowFormat:
    """How the rows of a schema are packed.

    Parameters
    ----------
    schema
        Columns of fixed width, bool, text and bytes; no dictionaries, lists or views.
    """

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        kinds = [_storage(field.type) for field in schema]
        self._missing_at = _SIZE_BYTES
        self._head = _up(self._missing_at + _up(len(kinds), 8) // 8, _WORD)
        self._at: dict[int, int] = {}
        self._lacking: set[int] = set()  # columns of which a value was missing so far
        # the widest first, so that a number does not lie across two lines of the cache
        for place in sorted(range(len(kinds)), key=lambda i: -_width(kinds[i])):
            if not pa.types.is_null(kinds[place]):
                self._at[place] = self._head
                self._head += _width(kinds[place])

    def pack(self, batch: pa.RecordBatch, order: Ints, room: Bytes | None = None) -> PackedRows:
        """The rows of a batch at ``order``, one behind the other.

        They are written into ``room`` where it is large enough: fresh memory has to be cleared.
        """
        columns = {
            place: _Buffers.of(_stored(column))
            for place, column in enumerate(batch.columns)
            if place in self._at
        }
        self._lacking |= {place for place, one in columns.items() if one.filled is not None}
        told = self._told(columns)
        sizes = np.full(batch.num_rows, self._head, dtype=np.int64)
        kernels.add_lengths(told, sizes)
        sizes += -sizes % _WORD
        ends = np.cumsum(sizes[order])
        starts = np.empty_like(sizes)
        starts[order] = ends - sizes[order]
        size = int(ends[-1]) if len(ends) else 0
        if room is None or len(room) < size:
            room = np.empty(size, dtype=np.uint8)
        data = room[:size]
        kernels.pack(told, self._missing_at, self._head, starts, sizes, data)
        return PackedRows(data, starts[order])

    def column(self, rows: PackedRows, name: str) -> Ints:
        """A column of int64 without nulls, ``(n,)``."""
        out = np.empty(len(rows), dtype=np.int64)
        where = self._at[self._schema.get_field_index(name)]
        kernels.whole_numbers(rows.data, rows.starts, where, out)
        return out

    def unpack(self, parts: Sequence[PackedRows]) -> pa.RecordBatch:
        """All rows of ``parts``, one part after the other, as columns."""
        count = sum(len(part) for part in parts)
        columns = {
            place: _Buffers.empty(_storage(field.type), count, place in self._lacking)
            for place, field in enumerate(self._schema)
            if place in self._at
        }
        texts = {place: one for place, one in columns.items() if one.offsets is not None}
        told, begin = self._told(texts), 0
        for part in parts:
            kernels.sum_lengths(told, part.data, part.starts, begin)
            begin += len(part)
        for one in texts.values():
            one.make_room()
        told, begin = self._told(columns), 0
        for part in parts:
            kernels.unpack(told, self._missing_at, self._head, part.data, part.starts, begin)
            begin += len(part)
        arrays = [
            columns[place].array(field.type) if place in columns else pa.nulls(count, field.type)
            for place, field in enumerate(self._schema)
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)

    def _told(self, columns: dict[int, _Buffers]) -> Ints:
        """What compiled code is told of columns: a row each, see the names of its fields."""
        return np.array(
            [(place, self._at[place], *one.told()) for place, one in columns.items()],
            dtype=np.int64,
        ).reshape(-1, kernels.FIELDS)


@dataclass
class _Buffers:
    """The buffers of a column; all are kept here while compiled code knows their addresses.

    Attributes
    ----------
    data
        Values one behind the other, a bool as a byte; or the bytes of texts.
    width
        Bytes of a value, 0 for texts.
    offsets
        Of texts, where each begins and the last ends.
    filled
        Where there is a value; None where there always is.
    """

    data: npt.NDArray[Any]
    width: int
    offsets: npt.NDArray[Any] | None = None
    filled: npt.NDArray[np.bool_] | None = None

    @classmethod
    def of(cls, column: pa.Array) -> _Buffers:
        """Those of an array."""
        kind, first, end = column.type, column.offset, column.offset + len(column)
        filled = is_filled(column) if column.null_count else None
        buffers = [np.frombuffer(one or b"", dtype=np.uint8) for one in column.buffers()]
        if pa.types.is_boolean(kind):
            bits = np.unpackbits(buffers[1], bitorder="little", count=end)
            return cls(bits[first:], 1, None, filled)
        if (offset := _offset_type(kind)) is not None:
            offsets = buffers[1].view(offset)[first : end + 1]
            return cls(buffers[2], 0, offsets if len(column) else np.zeros(1, offset), filled)
        width = _width(kind)
        return cls(buffers[1][first * width : end * width], width, None, filled)

    @classmethod
    def empty(cls, kind: pa.DataType, rows: int, lacking: bool) -> _Buffers:
        """Room for so many rows; that for texts is made when their offsets are known."""
        filled = np.empty(rows, dtype=np.bool_) if lacking else None
        if (offset := _offset_type(kind)) is not None:
            return cls(np.empty(0, np.uint8), 0, np.zeros(rows + 1, offset), filled)
        return cls(np.empty(rows * _width(kind), dtype=np.uint8), _width(kind), None, filled)

    def make_room(self) -> None:
        """Make room for the texts between the offsets."""
        assert self.offsets is not None
        self.data = np.empty(int(self.offsets[-1]), dtype=np.uint8)

    def told(self) -> tuple[int, ...]:
        """Width, width of offsets, and addresses of data, offsets and marks; 0 for none."""
        offsets = (
            (0, 0) if self.offsets is None else (self.offsets.itemsize, _address(self.offsets))
        )
        return (self.width, offsets[0], _address(self.data), offsets[1], _address(self.filled))

    def array(self, kind: pa.DataType) -> pa.Array:
        """The column as an Arrow array."""
        rows = len(self.data) // self.width if self.offsets is None else len(self.offsets) - 1
        data = np.packbits(self.data, bitorder="little") if pa.types.is_boolean(kind) else self.data
        valid = None if self.filled is None else np.packbits(self.filled, bitorder="little")
        parts = [valid, data] if self.offsets is None else [valid, self.offsets, data]
        buffers = [None if one is None else pa.py_buffer(one) for one in parts]
        stored = _storage(kind)
        made = pa.Array.from_buffers(stored, rows, buffers)
        return made if stored == kind else pa.ExtensionArray.from_storage(kind, made)


def _address(array: npt.NDArray[Any] | None) -> int:
    return 0 if array is None else int(array.ctypes.data)


def _storage(kind: pa.DataType) -> pa.DataType:
    return kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind


def _stored(column: pa.Array) -> pa.Array:
    return column.storage if isinstance(column, pa.ExtensionArray) else column


def _offset_type(kind: pa.DataType) -> np.dtype[Any] | None:
    """Of the offsets of text and bytes; None for a column of fixed width."""
    if pa.types.is_string(kind) or pa.types.is_binary(kind):
        return np.dtype(np.int32)
    if pa.types.is_large_string(kind) or pa.types.is_large_binary(kind):
        return np.dtype(np.int64)
    return None


def _width(kind: pa.DataType) -> int:
    """Bytes of a value in the head of a row; of a text that is its length."""
    if _offset_type(kind) is not None:
        return _SIZE_BYTES
    return 1 if pa.types.is_boolean(kind) or pa.types.is_null(kind) else int(kind.bit_width) // 8


def _up(size: int, unit: int) -> int:
    return -(-size // unit) * unit
