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

from layout.core.errors import InputFileError
from layout.core.sources import SourceBatch, SourceInfo, UnreadableRow
from layout.readers import csv_kernels as kernels
from layout.readers.csv_heads import HEAD_BYTES, Head, find_head
from layout.readers.decoding import decode_bytes, decode_column
from layout.readers.encodings import GB_18030, UTF_8, find_encoding
from layout.readers.headings import distinct_headers

_CHUNK_BYTES: Final = 1 << 24
_RECORD_BYTES: Final = 1 << 25
_BATCH_ROWS: Final = 60_000  # no power of two: columns would lie in the same lines of the cache
_CUT_AS_IT_IS: Final = (UTF_8, GB_18030)


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
        fields = kernels.make_fields(len(self.info.headers), _BATCH_ROWS)
        rest, line, read = b"", self._head.line, 0
        for chunk, final in self._chunks(_CHUNK_BYTES):
            block = self._block(rest + chunk[0 if read else self._head.size :], final)
            read += len(chunk)
            start, state = (0, 0, line), kernels.FULL
            while state == kernels.FULL:
                following, state = kernels.cut_fields(block, start, fields)
                if following[1] > start[1]:
                    behind = block.data.size - following[1]
                    yield self._batch(block.data, fields, places, read - behind)
                start = following
            rest, line = block.data[start[1] :].tobytes(), start[2]
            if (final and rest) or len(rest) > _RECORD_BYTES:
                raise InputFileError("error.open_quote", path=self._path, line=line)
            if final:
                self._check_end(block.data, fields)

    def _block(self, data: bytes, final: bool) -> kernels.Block:
        array = np.frombuffer(data, dtype=np.uint8)
        marks = np.empty(array.size + 1, dtype=np.int64)
        delimiter, newline = np.uint8(ord(self._head.delimiter)), np.uint8(self._head.newline)
        count = kernels.find_marks(array, delimiter, newline, marks)
        marks[count] = array.size << 2 | 1
        return kernels.Block(array, marks[: count + 1], final)

    def _find_head(self, delimiter: str | None) -> Head:
        raw, _ = next(self._chunks(HEAD_BYTES))
        return find_head(self._path, raw, self._cut_encoding, delimiter)

    def _chunks(self, size: int) -> Iterator[tuple[bytes, bool]]:
        """The file from behind its byte-order mark in the encoding for cutting, and the last."""
        decoder = codecs.getincrementaldecoder(self._encoding.name)("replace")
        with self._path.open("rb") as handle:
            handle.seek(self._encoding.mark)
            chunk = handle.read(size)
            while True:
                following = handle.read(size)
                if self._cut_encoding != self._encoding.name:
                    chunk = decoder.decode(chunk, not following).encode(UTF_8)
                yield chunk, not following
                if not following:
                    return
                chunk = following

    def _batch(
        self,
        block: npt.NDArray[np.uint8],
        fields: kernels.Fields,
        places: dict[str, int],
        read: int,
    ) -> SourceBatch:
        good, bad, blank, _ = (int(count) for count in fields.counts)
        arrays, undecodable = [], np.zeros(good, dtype=np.bool_)
        for place in places.values():
            array, unsound = decode_column(_column(block, fields, place, good), self._cut_encoding)
            arrays.append(array)
            if unsound is not None:
                undecodable |= unsound
        return SourceBatch(
            columns=pa.RecordBatch.from_arrays(arrays, names=list(places)),
            lines=pa.array(fields.lines[:good]),
            unreadable=tuple(self._unreadable(block, fields, bad)),
            undecodable=pa.array(undecodable) if undecodable.any() else None,
            blank=blank,
            done=min(read / self._size, 1.0),
        )

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


def _column(
    block: npt.NDArray[np.uint8], fields: kernels.Fields, place: int, count: int
) -> pa.Array:
    """Column number ``place`` of the first ``count`` records, as bytes."""
    first = place * fields.lines.size
    starts, ends = fields.starts[first : first + count], fields.ends[first : first + count]
    kinds = fields.kinds[first : first + count]
    offsets = np.empty(count + 1, dtype=np.int32)
    text = np.empty(kernels.measure_column(starts, ends), dtype=np.uint8)
    valid = np.zeros((count + 7) // 8, dtype=np.uint8)
    nulls = kernels.fill_column(block, starts, ends, kinds, (offsets, text, valid))
    buffers = [pa.py_buffer(valid) if nulls else None, pa.py_buffer(offsets), pa.py_buffer(text)]
    return pa.Array.from_buffers(pa.binary(), count, buffers, nulls)
