"""Compiled copying between columns and packed rows (:mod:`layout.exports.packed_rows`).

Columns come by their addresses, a row of whole numbers each. All columns of a few rows are copied
before the next rows: what is read and written of them stays in the cache.
"""

from __future__ import annotations

from typing import Final

import numba
import numpy as np

from layout.core.copying import copy_bytes, copy_from, copy_to, int32_at, int64_at

_TOGETHER: Final = 512
"""Rows that all columns are copied of before the next ones."""

FIELDS: Final = 7
_PLACE, _AT, _WIDTH, _OFFSET_WIDTH, _DATA, _OFFSETS, _FILLED = range(FIELDS)
"""What compiled code is told of a column: its place in the schema, and where its value lies in a
row; bytes of a value and of an offset; addresses of data, offsets and marks of what is there, 0
for none."""


@numba.njit(cache=True, nogil=True)
def _offset(column, row):  # type: ignore[no-untyped-def]
    """Where the text of a row begins, and where it ends."""
    size = column[_OFFSET_WIDTH]
    at = column[_OFFSETS] + size * row
    if size == 4:
        return int32_at(at), int32_at(at + size)
    return int64_at(at), int64_at(at + size)


@numba.njit(cache=True, nogil=True)
def add_lengths(columns, sizes):  # type: ignore[no-untyped-def]
    """Add the bytes of its texts to the size of each row."""
    for c in range(columns.shape[0]):
        if columns[c, _OFFSETS] != 0:
            for row in range(sizes.size):
                first, last = _offset(columns[c], row)
                sizes[row] += last - first


@numba.njit(cache=True, nogil=True)
def pack(columns, missing_at, head, starts, sizes, data):  # type: ignore[no-untyped-def]
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
def sum_lengths(columns, data, starts, begin):  # type: ignore[no-untyped-def]
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
def unpack(columns, missing_at, head, data, starts, begin):  # type: ignore[no-untyped-def]
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
def whole_numbers(data, starts, where, out):  # type: ignore[no-untyped-def]
    """Fill ``out``, int64, with a value of each row."""
    to = out.view(np.uint8)
    for i in range(starts.size):
        copy_bytes(to, 8 * i, data, starts[i] + where, 8)


@numba.njit(cache=True, nogil=True)
def row_sizes(slots, starts):  # type: ignore[no-untyped-def]
    """The bytes of each row, as they stand at its beginning."""
    out = np.empty(starts.size, np.int64)
    for i in range(starts.size):
        out[i] = slots[starts[i] >> 2]
    return out


@numba.njit(cache=True, nogil=True)
def gather(data, starts, sizes, out):  # type: ignore[no-untyped-def]
    """Copy rows one behind the other."""
    at = np.int64(0)
    for i in range(starts.size):
        copy_bytes(out, at, data, starts[i], sizes[i])
        at += sizes[i]


@numba.njit(cache=True, nogil=True)
def walk(slots, starts):  # type: ignore[no-untyped-def]
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
