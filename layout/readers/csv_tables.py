"""Delimited text as record batches: any size, any of the encodings and delimiters in use.

A record that is no row of the table (wrong number of fields) is handed on as it stands; line
numbers count physical lines, also behind quoted line breaks. Records without any character are
blank and only counted.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from layout.core.copying import WIDE
from layout.core.errors import InputFileError
from layout.core.sources import SourceBatch, SourceInfo, UnreadableRow
from layout.readers import csv_kernels as kernels
from layout.readers.csv_blocks import BlockReader
from layout.readers.csv_heads import HEAD_BYTES, Head, find_head
from layout.readers.decoding import decode_bytes, decode_column, unsound_places
from layout.readers.encodings import GB_18030, UTF_8, find_encoding
from layout.readers.headings import distinct_headers

_CHUNK_BYTES: Final = 1 << 24
_RECORD_BYTES: Final = 1 << 25
_BATCH_CELLS: Final = 6_000_000
_BATCH_ROWS: Final = 60_000  # no power of two: columns would lie in the same lines of the cache
_CUT_AS_IT_IS: Final = (UTF_8, GB_18030)
_NOTHING: Final = np.empty(0, dtype=np.uint8)


class CsvTable:
    """A delimited text file.

    Parameters
    ----------
    path
        The file.
    encoding, delimiter
        What the user says they are; found where None.

    Raises
    ------
    InputFileError
        The file is empty or not in that encoding, or shows no header.
    """

    info: SourceInfo

    def __init__(
        self, path: Path, *, encoding: str | None = None, delimiter: str | None = None
    ) -> None:
        self._path = path
        self._size = path.stat().st_size
        if self._size == 0:
            raise InputFileError("error.empty_file", path=path)
        self._encoding = find_encoding(path, encoding)
        self._cut_encoding = self._encoding.name if self._encoding.name in _CUT_AS_IT_IS else UTF_8
        self._head = self._find_head(delimiter)
        if self._cut_encoding == GB_18030 and self._head.delimiter >= "@":
            # Second bytes of GB 18030 take in "|" and other signs from "@" to "~".
            self._cut_encoding = UTF_8
            self._head = self._find_head(delimiter)
        names, repeated = distinct_headers(self._head.headers)
        self.info = SourceInfo(
            path=path,
            format="csv",
            headers=names,
            encoding=self._encoding.name,
            delimiter=self._head.delimiter,
            repeated=repeated,
        )

    def batches(self, columns: tuple[str, ...] | None = None) -> Iterator[SourceBatch]:
        """The rows in order, only ``columns`` where given.

        Raises
        ------
        InputFileError
            The file ends within a record, or a quotation mark is never closed.
        """
        wanted = self.info.headers if columns is None else columns
        places = {name: self.info.headers.index(name) for name in wanted}
        width = len(self.info.headers)
        fields = kernels.make_fields(width, max(min(_BATCH_ROWS, _BATCH_CELLS // width), 1))
        fields.wanted[list(places.values())] = True
        line, used, final = self._head.line, self._head.size, False
        marks = np.empty(0, dtype=np.int32)
        with self._blocks(_CHUNK_BYTES) as blocks:
            while blocks.next(0)[0].size < used:
                pass
            while not final:
                data, final = blocks.next(used)
                if marks.size <= data.size:
                    marks = np.empty(data.size + data.size // 4 + 1, dtype=np.int32)
                block = self._mark(data, final, marks)
                unsound = self._unsound(data, columns)
                start, state = (0, 0, line), kernels.FULL
                while state == kernels.FULL:
                    following, state = kernels.cut_fields(block, start, fields)
                    if following[1] > start[1]:
                        done = min((blocks.read - data.size + following[1]) / self._size, 1.0)
                        yield self._batch(data, fields, places, unsound, done)
                    start = following
                _, used, line = start
                rest = data.size - used
                if (final and rest) or rest > _RECORD_BYTES:
                    raise InputFileError("error.open_quote", path=self._path, line=line)
                if final:
                    self._check_end(data, fields)

    def _find_head(self, delimiter: str | None) -> Head:
        with self._blocks(HEAD_BYTES) as blocks:
            raw = blocks.next(0)[0].tobytes()
        return find_head(self._path, raw, self._cut_encoding, delimiter)

    def _blocks(self, size: int) -> BlockReader:
        recode = self._cut_encoding != self._encoding.name
        return BlockReader(self._path, self._encoding, recode=recode, size=size)

    def _mark(
        self, data: npt.NDArray[np.uint8], final: bool, marks: npt.NDArray[np.int32]
    ) -> kernels.Block:
        """A block with its marks, in an array that is used again and again."""
        delimiter, newline = np.uint8(ord(self._head.delimiter)), np.uint8(self._head.newline)
        count = kernels.find_marks(data, delimiter, newline, marks)
        marks[count] = data.size << 2 | 1
        return kernels.Block(data, marks[: count + 1], final)

    def _unsound(
        self, data: npt.NDArray[np.uint8], columns: tuple[str, ...] | None
    ) -> npt.NDArray[np.int64] | None:
        """Places of unsound bytes in a block; None where the columns are to be checked instead.

        Checking the block is cheaper than checking its columns, if all of them are wanted. At its
        end a character may be cut: the record there is cut, and checked again, in the next block.
        """
        if columns is not None or self._cut_encoding != UTF_8:
            return None
        return unsound_places(data)

    def _batch(
        self,
        block: npt.NDArray[np.uint8],
        fields: kernels.Fields,
        places: dict[str, int],
        unsound: npt.NDArray[np.int64] | None,
        done: float,
    ) -> SourceBatch:
        good, bad, blank, _ = (int(count) for count in fields.counts)
        undecodable = np.zeros(good, dtype=np.bool_)
        arrays = list(self._texts(block, fields, places, unsound, undecodable))
        return SourceBatch(
            columns=pa.RecordBatch.from_arrays(arrays, names=list(places)),
            lines=pa.array(fields.lines[:good].copy()),  # Arrow would take the reused array
            unreadable=tuple(self._unreadable(block, fields, bad)),
            undecodable=pa.array(undecodable) if undecodable.any() else None,
            blank=blank,
            done=done,
        )

    def _texts(
        self,
        block: npt.NDArray[np.uint8],
        fields: kernels.Fields,
        places: dict[str, int],
        unsound: npt.NDArray[np.int64] | None,
        undecodable: npt.NDArray[np.bool_],
    ) -> Iterator[pa.StringArray]:
        """The columns one by one; records with undecodable bytes are marked."""
        spare = _NOTHING if unsound is None else _rewrite(block, fields, unsound, undecodable)
        for place in places.values():
            column = _column((block, spare), fields, place, undecodable.size)
            if unsound is not None:
                yield column.view(pa.string())
                continue
            text, odd = decode_column(column, self._cut_encoding)
            if odd is not None:
                undecodable |= odd
            yield text

    def _unreadable(
        self, block: npt.NDArray[np.uint8], fields: kernels.Fields, count: int
    ) -> Iterator[UnreadableRow]:
        for place in range(count):
            raw = block[fields.bad_starts[place] : fields.bad_ends[place]].tobytes()
            yield UnreadableRow(
                line=int(fields.bad_lines[place]),
                reason="wrong_field_count",
                raw=decode_bytes(raw, self._cut_encoding),
            )

    def _check_end(self, block: npt.NDArray[np.uint8], fields: kernels.Fields) -> None:
        """Refuse a file whose last record, without a line end, lacks fields or half a character."""
        if not block.size or block[-1] == self._head.newline:
            return
        tail = block.tobytes().rpartition(bytes([self._head.newline]))[2]
        decoder = codecs.getincrementaldecoder(self._cut_encoding)("replace")
        decoder.decode(tail)
        found, expected = int(fields.counts[3]), len(self.info.headers)
        if found < expected or decoder.getstate()[0]:
            raise InputFileError(
                "error.truncated_csv", path=self._path, found=found, expected=expected
            )


def _rewrite(
    block: npt.NDArray[np.uint8],
    fields: kernels.Fields,
    unsound: npt.NDArray[np.int64],
    undecodable: npt.NDArray[np.bool_],
) -> npt.NDArray[np.uint8]:
    """Decode the cells with unsound bytes and mark their records.

    As they are few, this spares making their columns twice.

    Returns
    -------
    ndarray
        Their text in UTF-8, to which the tables of fields now point.
    """
    spare, step = bytearray(), fields.lines.size
    for column, rows in enumerate(_unsound_cells(fields, undecodable.size, unsound)):
        undecodable[rows] = True
        for cell in (column * step + rows).tolist():
            raw = block[fields.starts[cell] : fields.ends[cell]].tobytes()
            if fields.kinds[cell] == kernels.DOUBLED:
                raw = raw.replace(b'""', b'"')
            fields.starts[cell] = len(spare)
            spare += decode_bytes(raw, UTF_8).encode()
            fields.ends[cell], fields.kinds[cell] = len(spare), kernels.SPARE
    return np.array(spare, dtype=np.uint8)


def _unsound_cells(
    fields: kernels.Fields, count: int, unsound: npt.NDArray[np.int64]
) -> list[npt.NDArray[np.int64]]:
    """Column by column, which of the first ``count`` records have an unsound byte in it."""
    starts, ends = (cells.reshape(fields.wanted.size, -1) for cells in (fields.starts, fields.ends))
    rows = np.unique(np.searchsorted(starts[0, :count], unsound, side="right") - 1)
    rows = rows[rows >= 0]
    before, until = (np.searchsorted(unsound, cells[:, rows]) for cells in (starts, ends))
    return [rows[some] for some in before < until]


def _column(
    source: tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]],
    fields: kernels.Fields,
    place: int,
    count: int,
) -> pa.Array:
    """Column number ``place`` of the first ``count`` records, as bytes."""
    first = place * fields.lines.size
    starts, ends = fields.starts[first : first + count], fields.ends[first : first + count]
    kinds = fields.kinds[first : first + count]
    offsets = np.empty(count + 1, dtype=np.int32)
    size = kernels.measure_column(starts, ends)
    text = np.empty(size + WIDE, dtype=np.uint8)
    valid = np.empty((count + 63) // 64, dtype=np.uint64)
    nulls = kernels.fill_column(source, starts, ends, kinds, (offsets, text, valid))
    buffers = (valid if nulls else None, offsets, text[:size])
    return pa.Array.from_buffers(
        pa.binary(), count, [None if one is None else pa.py_buffer(one) for one in buffers], nulls
    )
