"""Arrow columns as text, and their buffers for compiled code."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Bytes = npt.NDArray[np.uint8]
Int32s = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

_FEW: Final = 20


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
    if array.null_count and (np.diff(places)[~is_filled(array)] != 0).any():
        return text_buffers(pc.fill_null(array, ""))
    return places, letters


def is_filled(array: pa.Array) -> Flags:
    """Where a column is not null, ``(n,)``."""
    filled: Flags = array.is_valid().to_numpy(zero_copy_only=False)
    return filled


def trimmed(array: pa.Array) -> pa.Array:
    """Text without white space about it, null where nothing is left."""
    stripped = pc.utf8_trim_whitespace(array)
    return pc.if_else(pc.equal(stripped, ""), None, stripped)


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
