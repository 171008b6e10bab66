"""Compiled parts of the CSV reader: where the fields of a block lie, and fields into columns.

As in simdjson (Langdale and Lemire 2019), a first pass over 64 bytes at a time finds the few bytes
that matter; the second goes from one to the next.

Nothing here makes a Python object per row. Positions are bytes; text is not decoded while it is
cut, which is right for UTF-8 and for GB18030 with any delimiter but ``|`` (its second bytes never
look like a quote, a comma, a semicolon, a tab or a line end).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from layout.core.byte_masks import BLOCK, equal_bytes, lowest_bit
from layout.core.copying import WIDE, copy_bytes, copy_wide, fetch

Bytes = npt.NDArray[np.uint8]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

QUOTE: Final = 34
LINE_FEED: Final = 10
RETURN: Final = 13

OPEN: Final = -1  # the block ends within the field
PLAIN: Final = 0
QUOTED: Final = 1
DOUBLED: Final = 2  # quoted, with doubled quotes inside
SPARE: Final = 3  # not in the block, but in an array of texts that were written anew

COMPLETE: Final = 0
NEED_MORE: Final = 1  # the block ends within a record
FULL: Final = 2  # the tables of this call are full

_DELIMITER, _LINE_END, _QUOTE_MARK = 0, 1, 2
_KIND_BITS = 2
_KIND_MASK = 3
_QUOTE = np.uint8(QUOTE)
_NO_MARK = np.uint8(0)
_ONE = np.uint64(1)
_TWO = np.uint64(2)
_WIDE = np.uint64(WIDE)
_AHEAD = np.uint64(16)  # records between a fetch and the use of its bytes; 8 and 32 are slower


class Block(NamedTuple):
    """Bytes that start at a record, and their marks in order: ``position << 2 | kind``.

    The marks end with one of a line end at the end of the block.
    """

    data: Bytes
    marks: Int32s
    final: bool


class Fields(NamedTuple):
    """Where the fields of some records lie in a block; column after column, ``capacity`` each.

    Cells are kept of the ``wanted`` columns only. ``bad_*`` are the records whose number of fields
    is not that of the header; ``lines`` count line ends, so that they are right after a quoted line
    break. ``counts`` holds the number of good records, bad records, blank records, and fields of
    the last record.
    """

    wanted: Flags
    starts: Int32s
    ends: Int32s
    kinds: npt.NDArray[np.uint8]
    lines: Int64s
    bad_starts: Int32s
    bad_ends: Int32s
    bad_lines: Int64s
    counts: Int64s


def make_fields(columns: int, capacity: int) -> Fields:
    """Empty tables for ``capacity`` records."""
    return Fields(
        np.zeros(columns, dtype=np.bool_),
        np.empty(columns * capacity, dtype=np.int32),
        np.empty(columns * capacity, dtype=np.int32),
        np.zeros(columns * capacity, dtype=np.uint8),
        np.empty(capacity, dtype=np.int64),
        np.empty(capacity, dtype=np.int32),
        np.empty(capacity, dtype=np.int32),
        np.empty(capacity, dtype=np.int64),
        np.zeros(4, dtype=np.int64),
    )


@numba.njit(cache=True, nogil=True)
def find_marks(data: Bytes, delimiter: np.uint8, newline: np.uint8, marks: Int32s) -> int:
    """Fill ``marks`` with every delimiter, line end and quote; the number of them."""
    found, whole = 0, data.size - data.size % BLOCK
    for start in range(0, whole, BLOCK):
        found = _put_marks((data, start), (delimiter, newline), start, marks, found)
    last = np.full(BLOCK, _NO_MARK, dtype=np.uint8)
    last[: data.size - whole] = data[whole:]
    return _put_marks((last, 0), (delimiter, newline), whole, marks, found)


@numba.njit(cache=True, nogil=True, inline="always")
def _put_marks(
    block: tuple[Bytes, int],
    signs: tuple[np.uint8, np.uint8],
    start: int,
    marks: Int32s,
    found: int,
) -> int:
    """Go on with :func:`find_marks` over 64 bytes, which stand at ``start``."""
    data, place = block
    line_ends, quotes = equal_bytes(data, place, signs[1]), equal_bytes(data, place, _QUOTE)
    left = equal_bytes(data, place, signs[0]) | line_ends | quotes
    while left:
        bit = lowest_bit(left)
        kind = (line_ends >> bit & _ONE) | (quotes >> bit & _ONE) << _ONE
        marks[found] = (np.uint64(start) + bit) << _TWO | kind
        found += 1
        left &= left - _ONE
    return found


@numba.njit(cache=True, nogil=True)
def _quoted_field(marks: Int32s, data: Bytes, place: int, final: bool) -> tuple[int, int, int, int]:
    """The field whose quote is at a mark: kind, last byte, mark that ends it, line ends in it.

    The kind is ``PLAIN`` where it is only text that begins with a quotation mark.
    """
    kind, line_ends, end = QUOTED, 0, marks.size - 1
    place += 1
    while place < end:
        mark = marks[place]
        if mark & _KIND_MASK != _QUOTE_MARK:
            line_ends += mark & _KIND_MASK
            place += 1
        elif marks[place + 1] == mark + (1 << _KIND_BITS):
            kind = DOUBLED
            place += 2
        else:
            break
    if place >= end or (place + 1 == end and not final):
        return OPEN, 0, place, 0
    last, behind = marks[place] >> _KIND_BITS, marks[place + 1]
    gap = (behind >> _KIND_BITS) - last
    if gap == 1 or (gap == 2 and data[last + 1] == RETURN and behind & _KIND_MASK == _LINE_END):
        return kind, last, place + 1, line_ends
    return PLAIN, 0, place, 0


@numba.njit(cache=True, nogil=True)
def _cut_record(
    block: Block,
    start: tuple[int, int],
    row: int,
    wanted: Flags,
    cells: tuple[Int32s, Int32s, Bytes],
) -> tuple[int, int, int, int]:
    """Cut the record at a mark and position: mark that ends it, line ends, fields, their bytes.

    The number of fields is ``OPEN`` where the block ends within the record.
    """
    marks, data, final = block.marks, block.data, block.final
    starts, ends, kinds = cells
    step = starts.size // wanted.size
    place, pos = start
    field, used, line_ends, end, cell = 0, 0, 0, marks.size - 1, row
    while True:
        first, kind, last = pos, PLAIN, 0
        if marks[place] == (pos << _KIND_BITS | _QUOTE_MARK):
            kind, last, after, inner = _quoted_field(marks, data, place, final)
            if kind > PLAIN:
                first, place = pos + 1, after
                line_ends += inner
        if kind == PLAIN:
            while marks[place] & _KIND_MASK == _QUOTE_MARK:
                place += 1
            last = marks[place] >> _KIND_BITS
            if last > pos and marks[place] & _KIND_MASK == _LINE_END and data[last - 1] == RETURN:
                last -= 1
        if kind == OPEN or (place == end and not final):
            return place, 0, OPEN, 0
        if field < wanted.size and wanted[field]:
            starts[cell], ends[cell] = first, last
            if kind != PLAIN:
                kinds[cell] = kind
        used += last - first
        field += 1
        cell += step
        mark = marks[place]
        if mark & _KIND_MASK == _LINE_END:
            return place, line_ends + 1, field, used
        pos = (mark >> _KIND_BITS) + 1
        place += 1


@numba.njit(cache=True, nogil=True)
def _cut_plain_records(
    block: Block, start: tuple[int, int, int], good: int, columns: Int64s, fields: Fields
) -> tuple[tuple[int, int, int], int]:
    """Go on with :func:`cut_fields` as long as records have all fields, some text and no quotes.

    These are nearly all of most files, and ten times faster to cut than the others. The first of a
    block, with no mark in front of it, and the last are left to the general way. Given back are
    where the next record begins and the number of good ones.
    """
    marks, data = block.marks, block.data
    starts, ends, lines = fields.starts, fields.ends, fields.lines
    place, pos, line = start
    between, stop = fields.wanted.size - 1, marks.size - 1
    ahead = int(_AHEAD) * fields.wanted.size
    while good < lines.size and 0 < place < stop - between:
        last = place + between
        fetch(data, marks[min(last + ahead, stop)] >> _KIND_BITS)
        kinds = _DELIMITER
        for other in range(np.uint64(place), np.uint64(last)):
            kinds |= marks[other]
        if kinds & _KIND_MASK != _DELIMITER or marks[last] & _KIND_MASK != _LINE_END:
            break
        end = marks[last] >> _KIND_BITS
        returns = data[end - 1] == RETURN and end > (marks[last - 1] >> _KIND_BITS) + 1
        if end - returns - pos == between:
            break
        for column in columns:
            cell, mark = np.uint64(column * lines.size + good), np.uint64(place + column)
            starts[cell] = (marks[mark - _ONE] >> _KIND_BITS) + 1
            ends[cell] = marks[mark] >> _KIND_BITS
        if returns:
            ends[between * lines.size + good] = end - 1
        lines[good] = line
        good += 1
        place, pos, line = last + 1, end + 1, line + 1
    return (place, pos, line), good


@numba.njit(cache=True, nogil=True)
def cut_fields(
    block: Block, start: tuple[int, int, int], fields: Fields
) -> tuple[tuple[int, int, int], int]:
    """Cut the records of a block into fields.

    Parameters
    ----------
    block
        The bytes and their marks.
    start
        Where to begin: number of the next mark, position, line.
    fields
        Filled in place.

    Returns
    -------
    tuple
        Where the next record begins, as ``start``; and ``COMPLETE``, ``NEED_MORE`` or ``FULL``.
        A quote that is never closed gives ``NEED_MORE`` even at the end of the file.
    """
    stop, capacity = block.data.size, fields.lines.size
    wanted, columns = fields.wanted, np.flatnonzero(fields.wanted)
    cells, counts = (fields.starts, fields.ends, fields.kinds), fields.counts
    fields.kinds[:] = PLAIN
    good, bad, blank = 0, 0, 0
    state = COMPLETE
    place, pos, line = start
    while pos < stop:
        if good == capacity or bad == capacity:
            state = FULL
            break
        start, good = _cut_plain_records(block, (place, pos, line), good, columns, fields)
        place, pos, line = start
        if pos >= stop or good == capacity:
            continue
        last, line_ends, found, used = _cut_record(block, (place, pos), good, wanted, cells)
        if found == OPEN:
            state = NEED_MORE
            break
        counts[3] = found
        end = block.marks[last] >> _KIND_BITS
        if used == 0 or found != wanted.size:  # the next record takes the cells of this one
            for column in columns:
                fields.kinds[column * capacity + good] = PLAIN
        if used == 0:
            blank += 1
        elif found == wanted.size:
            fields.lines[good] = line
            good += 1
        else:
            fields.bad_starts[bad], fields.bad_ends[bad], fields.bad_lines[bad] = pos, end, line
            bad += 1
        place, pos, line = last + 1, min(end + 1, stop), line + line_ends
    counts[0], counts[1], counts[2] = good, bad, blank
    return (place, pos, line), state


@numba.njit(cache=True, nogil=True)
def measure_column(starts: Int32s, ends: Int32s) -> int:
    """Bytes of a column's fields, doubled quotes counted twice."""
    total = 0
    for row in range(starts.size):
        total += ends[row] - starts[row]
    return total


@numba.njit(cache=True, nogil=True)
def fill_column(
    source: tuple[Bytes, Bytes],
    starts: Int32s,
    ends: Int32s,
    kinds: Bytes,
    arrow: tuple[Int32s, Bytes, npt.NDArray[np.uint64]],
) -> int:
    """Copy fields into Arrow offsets, text and validity bitmap; the number of nulls.

    A field without a character is null unless it stands in quotes. Doubled quotes become one. The
    text needs ``WIDE`` bytes more than the fields have. ``source`` is the block and the array of
    ``SPARE`` texts.
    """
    data, spare = source
    offsets, text, valid = arrow
    end, nulls = np.uint64(0), 0  # unsigned places spare a test for negative ones
    stop, last_row = np.uint64(data.size), np.uint64(starts.size - 1)
    offsets[0] = 0
    for word in range(valid.size):
        bits, bit = np.uint64(0), _ONE
        for row in range(word * 64, min(word * 64 + 64, starts.size)):
            place = np.uint64(row)
            fetch(data, starts[min(place + _AHEAD, last_row)])
            first, kind = np.uint64(starts[place]), kinds[place]
            size = np.uint64(ends[place]) - first
            if size or kind != PLAIN:
                bits |= bit
            else:
                nulls += 1
            bit <<= _ONE
            if kind == DOUBLED:
                end = _copy_doubled(text, end, data, (first, first + size))
            elif kind == SPARE:
                copy_bytes(text, end, spare, first, size)
                end += size
            else:
                if size <= _WIDE and first + _WIDE <= stop:
                    copy_wide(text, end, data, first)
                else:
                    copy_bytes(text, end, data, first, size)
                end += size
            offsets[place + _ONE] = end
        valid[word] = bits
    return nulls


@numba.njit(cache=True, nogil=True)
def _copy_doubled(
    text: Bytes, end: np.uint64, data: Bytes, span: tuple[np.uint64, np.uint64]
) -> np.uint64:
    """Copy a span with one quote for two; where it ends in the text."""
    first, last = span
    while first < last:
        text[end] = data[first]
        first += _TWO if data[first] == QUOTE else _ONE
        end += _ONE
    return end
