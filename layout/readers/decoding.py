"""The text of columns that were cut as bytes, without an object per row where the text is sound."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from layout.core.gb18030 import two_byte_letters
from layout.readers import encoding_kernels as kernels
from layout.readers.encodings import UTF_8, can_read

Flags = npt.NDArray[np.bool_]

_PART_ROWS: Final = 512
_PLACES: Final = 1 << 12
_FEW: Final = 20


def is_sound(block: npt.NDArray[np.uint8]) -> bool:
    """Whether some bytes are valid UTF-8 without a NUL, so that any fields of them are."""
    return bool(kernels.find_unsound(block, 0, np.empty(1, dtype=np.int64))[1] == 0)


def unsound_places(block: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Places of bytes that are no part of valid UTF-8, and of NUL."""
    found, pos = [np.empty(0, dtype=np.int64)], 0
    while pos < block.size:
        places = np.empty(_PLACES, dtype=np.int64)
        pos, count = kernels.find_unsound(block, pos, places)
        found.append(places[:count])
    return np.concatenate(found)


def decode_column(column: pa.Array, encoding: str) -> tuple[pa.Array, Flags | None]:
    r"""The text of a column of bytes.

    Parameters
    ----------
    column
        Binary array, not sliced.
    encoding
        ``utf-8`` or ``gb18030``.

    Returns
    -------
    tuple
        The strings, with each undecodable byte (and NUL, which no text holds) written ``\xNN``;
        and one bool a row that held such bytes, None where no row did.
    """
    if encoding == UTF_8:
        text = column.view(pa.string())
        if _are_sound(*_arrays(column)):
            return text, None
        left = _unsound_rows(column)
    else:
        text, left = _gb_text(column)
    return _rewrite(text, column, left, encoding)


def _unsound_rows(column: pa.Array) -> Flags:
    """Rows that are not sound UTF-8; parts of the column that are sound are not looked at twice."""
    places, data = _arrays(column)
    unsound = np.zeros(len(column), dtype=np.bool_)
    for start in range(0, len(column), _PART_ROWS):
        part = places[start : start + _PART_ROWS + 1]
        if not _are_sound(part, data):
            kernels.mark_unsound(part, data, unsound[start : start + _PART_ROWS])
    return unsound


def decode_bytes(raw: bytes, encoding: str) -> str:
    r"""Text of some bytes, what cannot be decoded and NUL written ``\xNN``."""
    return raw.decode(encoding, "backslashreplace").replace("\0", "\\x00")


def _are_sound(places: npt.NDArray[np.int32], data: npt.NDArray[np.uint8]) -> bool:
    """Whether all texts are sound: together they are, and none begins within a character."""
    if not is_sound(data[places[0] : places[-1]]):
        return False
    firsts = data[places[:-1][places[1:] > places[:-1]]]
    return not ((firsts & 0xC0) == 0x80).any()


def _arrays(column: pa.Array) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Offsets and the bytes they reach."""
    _, offsets, data = column.buffers()
    places = np.frombuffer(offsets, dtype=np.int32, count=len(column) + 1)
    return places, np.frombuffer(data, dtype=np.uint8, count=places[-1])


def _gb_text(column: pa.Array) -> tuple[pa.Array, Flags]:
    offsets, data = _arrays(column)
    new_offsets = np.empty_like(offsets)
    out = np.empty(data.size // 2 * 3 + data.size % 2, dtype=np.uint8)
    left = np.zeros(len(column), dtype=np.bool_)
    kernels.gb_to_utf8((offsets, data), two_byte_letters(), (new_offsets, out), left)
    buffers = [column.buffers()[0], pa.py_buffer(new_offsets), pa.py_buffer(out)]
    return pa.Array.from_buffers(pa.string(), len(column), buffers), left


def _rewrite(
    text: pa.StringArray, column: pa.Array, left: Flags, encoding: str
) -> tuple[pa.Array, Flags | None]:
    """Decode the marked rows one by one; the marks that stay are those with bad bytes."""
    places = np.flatnonzero(left)
    raws: list[bytes | None] = column.take(pa.array(places)).to_pylist()
    odd = [raw is not None and (b"\0" in raw or not can_read(raw, encoding)) for raw in raws]
    if encoding == UTF_8:  # only they are not decoded yet
        places, raws = places[odd], [raw for raw, is_odd in zip(raws, odd, strict=True) if is_odd]
    if not places.size:
        return text, None
    texts = [None if raw is None else decode_bytes(raw, encoding) for raw in raws]
    bad = np.zeros(len(column), dtype=np.bool_)
    bad[np.flatnonzero(left)[odd]] = True
    return _with_texts(text, places, pa.array(texts, pa.string())), bad if bad.any() else None


def _with_texts(
    text: pa.StringArray, places: npt.NDArray[np.int64], texts: pa.StringArray
) -> pa.StringArray:
    """Other texts in some rows; cut and joined, which is faster where they are few."""
    if len(places) > len(text) // _FEW:
        where = np.zeros(len(text), dtype=np.bool_)
        where[places] = True
        return pc.replace_with_mask(text, pa.array(where), texts)
    parts = []
    for number, (before, place) in enumerate(pairwise((-1, *places.tolist(), len(text)))):
        parts += [text.slice(before + 1, place - before - 1), texts.slice(number, 1)]
    return pa.concat_arrays(parts)
