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

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from layout.core.copying import copy_bytes, copy_from, copy_to, int32_at, int64_at
from layout.prepare.text_arrays import is_filled

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

_WORD: Final = 8
_SIZE_BYTES: Final = 4
_TOGETHER: Final = 512
"""Rows that all columns are copied of before the next ones."""

_FIELDS: Final = 7
_PLACE, _AT, _WIDTH, _OFFSET_WIDTH, _DATA, _OFFSETS, _FILLED = range(_FIELDS)
"""What compiled code is told of a column: its place in the schema, and where its value lies in a
row; bytes of a value and of an offset; addresses of data, offsets and marks of what is there, 0
for none."""


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
        sizes: Ints = _sizes(self.data.view(np.uint32), self.starts)
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
        _gather(self.data, self.starts, self.sizes(), out)
        return out


def rows_in(data: Bytes) -> PackedRows:
    """The whole rows at the beginning of some bytes."""
    starts = np.empty(len(data) // _WORD, dtype=np.int64)
    count = _walk(data[: len(data) // _WORD * _WORD].view(np.uint32), starts)
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
        _add_lengths(told, sizes)
        sizes += -sizes % _WORD
        ends = np.cumsum(sizes[order])
        starts = np.empty_like(sizes)
        starts[order] = ends - sizes[order]
        size = int(ends[-1]) if len(ends) else 0
        if room is None or len(room) < size:
            room = np.empty(size, dtype=np.uint8)
        data = room[:size]
        _pack(told, self._missing_at, self._head, starts, sizes, data)
        return PackedRows(data, starts[order])

    def column(self, rows: PackedRows, name: str) -> Ints:
        """A column of int64 without nulls, ``(n,)``."""
        out = np.empty(len(rows), dtype=np.int64)
        _column(rows.data, rows.starts, self._at[self._schema.get_field_index(name)], out)
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
            _sum_lengths(told, part.data, part.starts, begin)
            begin += len(part)
        for one in texts.values():
            one.make_room()
        told, begin = self._told(columns), 0
        for part in parts:
            _unpack(told, self._missing_at, self._head, part.data, part.starts, begin)
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
        ).reshape(-1, _FIELDS)


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


@numba.njit(cache=True, nogil=True)
def _offset(column, row):  # type: ignore[no-untyped-def]
    """Where the text of a row begins, and where it ends."""
    size = column[_OFFSET_WIDTH]
    at = column[_OFFSETS] + size * row
    if size == 4:
        return int32_at(at), int32_at(at + size)
    return int64_at(at), int64_at(at + size)


@numba.njit(cache=True, nogil=True)
def _add_lengths(columns, sizes):  # type: ignore[no-untyped-def]
    for c in range(columns.shape[0]):
        if columns[c, _OFFSETS] != 0:
            for row in range(sizes.size):
                first, last = _offset(columns[c], row)
                sizes[row] += last - first


@numba.njit(cache=True, nogil=True)
def _pack(columns, missing_at, head, starts, sizes, data):  # type: ignore[no-untyped-def]
    """Write all rows of a batch, some at a time: what is read and written of them stays cached."""
    slots = data.view(np.uint32)
    cursor = np.empty(_TOGETHER, np.int64)
    for begin in range(0, starts.size, _TOGETHER):
        end = min(begin + _TOGETHER, starts.size)
        for row in range(begin, end):
            data[starts[row] : starts[row] + head] = 0
            slots[starts[row] >> 2] = sizes[row]
            cursor[row - begin] = starts[row] + head
        for c in range(columns.shape[0]):
            column = columns[c]
            if column[_FILLED] != 0:
                _mark_missing(column, missing_at, starts, begin, end, data)
            if column[_OFFSETS] != 0:
                _put_texts(column, starts, begin, end, cursor, data)
            else:
                _put(column, starts, begin, end, data)


@numba.njit(cache=True, nogil=True)
def _mark_missing(column, missing_at, starts, begin, end, data):  # type: ignore[no-untyped-def]
    place = missing_at + column[_PLACE] // 8
    bit = np.uint8(1) << np.uint8(column[_PLACE] % 8)
    filled = np.zeros(_TOGETHER, np.uint8)
    copy_from(filled, 0, column[_FILLED] + begin, end - begin)
    for row in range(begin, end):
        if filled[row - begin] == 0:
            data[starts[row] + place] |= bit


@numba.njit(cache=True, nogil=True)
def _put(column, starts, begin, end, data):  # type: ignore[no-untyped-def]
    """Write values of fixed width; the usual widths become one instruction each."""
    where, width, source = column[_AT], column[_WIDTH], column[_DATA]
    if width == 8:
        for row in range(begin, end):
            copy_from(data, starts[row] + where, source + 8 * row, 8)
    elif width == 4:
        for row in range(begin, end):
            copy_from(data, starts[row] + where, source + 4 * row, 4)
    elif width == 1:
        for row in range(begin, end):
            copy_from(data, starts[row] + where, source + row, 1)
    else:
        for row in range(begin, end):
            copy_from(data, starts[row] + where, source + width * row, width)


@numba.njit(cache=True, nogil=True)
def _put_texts(column, starts, begin, end, cursor, data):  # type: ignore[no-untyped-def]
    where = column[_AT]
    slot = np.empty(1, np.uint32).view(np.uint8)
    for row in range(begin, end):
        first, last = _offset(column, row)
        slot.view(np.uint32)[0] = last - first
        copy_bytes(data, starts[row] + where, slot, 0, 4)
        copy_from(data, cursor[row - begin], column[_DATA] + first, last - first)
        cursor[row - begin] += last - first


@numba.njit(cache=True, nogil=True)
def _length(data, at):  # type: ignore[no-untyped-def]
    """The length of a text, as it stands in the head of its row."""
    length = np.int64(data[at]) | np.int64(data[at + 1]) << 8
    return length | np.int64(data[at + 2]) << 16 | np.int64(data[at + 3]) << 24


@numba.njit(cache=True, nogil=True)
def _sum_lengths(columns, data, starts, begin):  # type: ignore[no-untyped-def]
    """Write the offsets of the texts of some rows, of which ``begin`` is the first."""
    offset = np.empty(1, np.int64)
    for c in range(columns.shape[0]):
        size = columns[c, _OFFSET_WIDTH]
        offset[0] = _offset(columns[c], begin)[0]
        for i in range(starts.size):
            offset[0] += _length(data, starts[i] + columns[c, _AT])
            at = columns[c, _OFFSETS] + size * (begin + i + 1)
            copy_to(at, offset.view(np.uint8), 0, size)


@numba.njit(cache=True, nogil=True)
def _unpack(columns, missing_at, head, data, starts, begin):  # type: ignore[no-untyped-def]
    """Copy rows into columns, where row ``begin`` is the first; some at a time, as in packing."""
    cursor = np.empty(_TOGETHER, np.int64)
    for first in range(0, starts.size, _TOGETHER):
        some = starts[first : first + _TOGETHER]
        for i in range(some.size):
            cursor[i] = some[i] + head
        for c in range(columns.shape[0]):
            column = columns[c]
            if column[_FILLED] != 0:
                _read_filled(column, missing_at, data, some, begin + first)
            if column[_OFFSETS] != 0:
                _get_texts(column, data, some, cursor, begin + first)
            else:
                _get(column, data, some, begin + first)


@numba.njit(cache=True, nogil=True)
def _read_filled(column, missing_at, data, starts, begin):  # type: ignore[no-untyped-def]
    place = missing_at + column[_PLACE] // 8
    shift = np.uint8(column[_PLACE] % 8)
    filled = np.empty(starts.size, np.uint8)
    for i in range(starts.size):
        filled[i] = (data[starts[i] + place] >> shift & 1) ^ 1
    copy_to(column[_FILLED] + begin, filled, 0, starts.size)


@numba.njit(cache=True, nogil=True)
def _get(column, data, starts, begin):  # type: ignore[no-untyped-def]
    where, width = column[_AT], column[_WIDTH]
    target = column[_DATA] + width * begin
    if width == 8:
        for i in range(starts.size):
            copy_to(target + 8 * i, data, starts[i] + where, 8)
    elif width == 4:
        for i in range(starts.size):
            copy_to(target + 4 * i, data, starts[i] + where, 4)
    elif width == 1:
        for i in range(starts.size):
            copy_to(target + i, data, starts[i] + where, 1)
    else:
        for i in range(starts.size):
            copy_to(target + width * i, data, starts[i] + where, width)


@numba.njit(cache=True, nogil=True)
def _get_texts(column, data, starts, cursor, begin):  # type: ignore[no-untyped-def]
    for i in range(starts.size):
        first, last = _offset(column, begin + i)
        copy_to(column[_DATA] + first, data, cursor[i], last - first)
        cursor[i] += last - first


@numba.njit(cache=True, nogil=True)
def _column(data, starts, where, out):  # type: ignore[no-untyped-def]
    to = out.view(np.uint8)
    for i in range(starts.size):
        copy_bytes(to, 8 * i, data, starts[i] + where, 8)


@numba.njit(cache=True, nogil=True)
def _sizes(slots, starts):  # type: ignore[no-untyped-def]
    out = np.empty(starts.size, np.int64)
    for i in range(starts.size):
        out[i] = slots[starts[i] >> 2]
    return out


@numba.njit(cache=True, nogil=True)
def _gather(data, starts, sizes, out):  # type: ignore[no-untyped-def]
    at = np.int64(0)
    for i in range(starts.size):
        copy_bytes(out, at, data, starts[i], sizes[i])
        at += sizes[i]


@numba.njit(cache=True, nogil=True)
def _walk(slots, starts):  # type: ignore[no-untyped-def]
    """Note where the rows begin that lie in ``slots`` as a whole; how many do."""
    at, count = np.int64(0), 0
    while at < slots.size:
        behind = at + (np.int64(slots[at]) >> 2)
        if behind > slots.size or behind == at:
            break
        starts[count] = at << 2
        count += 1
        at = behind
    return count
