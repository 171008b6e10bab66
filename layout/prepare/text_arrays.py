"""Arrow columns as text, and their buffers for compiled code."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Final

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Bytes = npt.NDArray[np.uint8]
Int32s = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

_FEW: Final = 20
_SPACE = 0x20  # and the control characters before it
_WIDE_SPACES = 0xC2


def as_text(array: pa.Array) -> pa.Array:
    """Any column as text: dates in ISO form, lists and structs as JSON, null where null."""
    if pa.types.is_string(array.type):
        return array
    if pa.types.is_nested(array.type) or pa.types.is_binary(array.type):
        values = [None if v is None else json.dumps(v, default=str) for v in array.to_pylist()]
        return pa.array(values, pa.string())
    return array.cast(pa.string())


def text_buffers(array: pa.Array) -> tuple[Int32s, Bytes]:
    """Offsets, ``(n + 1,)``, and bytes of a string array; a null has no bytes."""
    _, offsets, data = array.buffers()
    if offsets is None or not len(array):
        return np.zeros(len(array) + 1, dtype=np.int32), np.empty(0, dtype=np.uint8)
    places = np.frombuffer(offsets, dtype=np.int32)[array.offset : array.offset + len(array) + 1]
    letters = np.frombuffer(data, dtype=np.uint8) if data is not None else np.empty(0, np.uint8)
    if array.null_count:
        bits = np.frombuffer(array.buffers()[0], dtype=np.uint8)
        if _null_has_bytes(places, bits, array.offset):
            return text_buffers(pc.fill_null(array, ""))
    return places, letters


@numba.njit(cache=True, nogil=True)
def _null_has_bytes(offsets: Int32s, bits: Bytes, first: int) -> bool:
    """Whether a text that the bitmap says is null has bytes."""
    for row in range(offsets.size - 1):
        bit = first + row
        if offsets[row] != offsets[row + 1] and not (bits[bit >> 3] >> (bit & 7)) & 1:
            return True
    return False


def is_filled(array: pa.Array) -> Flags:
    """Where a column is not null, ``(n,)``."""
    filled: Flags = array.is_valid().to_numpy(zero_copy_only=False)
    return filled


def trimmed(array: pa.Array) -> pa.Array:
    """Text without white space about it, null where nothing is left."""
    if not array.offset and pa.types.is_string(array.type):
        filled = is_filled(array) if array.null_count else np.ones(len(array), dtype=np.bool_)
        if not _may_be_trimmed(*text_buffers(array), filled):
            return array
    stripped = pc.utf8_trim_whitespace(array)
    return pc.if_else(pc.equal(stripped, ""), None, stripped)


@numba.njit(cache=True, nogil=True)
def _may_be_trimmed(offsets: Int32s, data: Bytes, filled: Flags) -> bool:
    """Whether a text is empty, or begins or ends with what may be white space.

    White space beyond ASCII is in UTF-8 of two bytes from C2, or of three from E1, E2 or E3 80.
    """
    for row in range(filled.size):
        first, last = offsets[row], offsets[row + 1]
        if first == last:
            if filled[row]:
                return True
            continue
        if _may_be_space(data, first, last) or data[last - 1] <= _SPACE:
            return True
        for size in (2, 3):
            wide = last - first >= size and data[last - size] >= _WIDE_SPACES
            if wide and _may_be_space(data, last - size, last):
                return True
    return False


@numba.njit(cache=True, nogil=True)
def _may_be_space(data: Bytes, first: int, last: int) -> bool:
    byte = int(data[first])
    ideographic = byte == 0xE3 and first + 1 < last and data[first + 1] == 0x80
    return byte <= _SPACE or byte == _WIDE_SPACES or byte == 0xE1 or byte == 0xE2 or ideographic


def unwide(array: pa.Array) -> pa.Array:
    """Text with full-width letters, digits and signs as usual ones (Unicode NFKC)."""
    return pc.utf8_normalize(array, form="NFKC")


def without_rows(batch: pa.RecordBatch, gone: Flags) -> pa.RecordBatch:
    """The other rows of a batch; six times faster than ``filter`` where few rows go."""
    places = np.flatnonzero(gone)
    if len(places) > len(gone) // _FEW:
        return batch.filter(pa.array(~gone))
    edges = pairwise((-1, *places.tolist(), len(gone)))
    parts = [batch.slice(a + 1, b - a - 1) for a, b in edges if b > a + 1]
    return pa.concat_batches(parts) if parts else batch.slice(0, 0)
