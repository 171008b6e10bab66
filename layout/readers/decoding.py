"""The text of columns that were cut as bytes, without an object per row where the text is sound."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from layout.core.gb18030 import two_byte_letters
from layout.readers import encoding_kernels as kernels
from layout.readers.encodings import UTF_8, can_read

Flags = npt.NDArray[np.bool_]


def is_sound(block: npt.NDArray[np.uint8]) -> bool:
    """Whether some bytes are valid UTF-8 without a NUL, so that any fields of them are."""
    if not block.size:
        return True
    if not block.min():
        return False
    ends = np.array([0, block.size], dtype=np.int64)
    whole = pa.Array.from_buffers(
        pa.large_string(), 1, [None, pa.py_buffer(ends), pa.py_buffer(block)]
    )
    try:
        whole.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def decode_column(
    column: pa.Array, encoding: str, *, sound: bool = False
) -> tuple[pa.Array, Flags | None]:
    r"""The text of a column of bytes.

    Parameters
    ----------
    column
        Binary array, not sliced.
    encoding
        ``utf-8`` or ``gb18030``.
    sound
        It is known to be sound UTF-8.

    Returns
    -------
    tuple
        The strings, with each undecodable byte (and NUL, which no text holds) written ``\xNN``;
        and one bool a row that held such bytes, None where no row did.
    """
    count = len(column)
    if encoding == UTF_8:
        validity, offsets, data = column.buffers()
        text = pa.Array.from_buffers(pa.string(), count, [validity, offsets, data])
        if sound or _is_sound(text):
            return text, None
        left = np.zeros(count, dtype=np.bool_)
        kernels.mark_unsound(*_arrays(column), left)
    else:
        text, left = _gb_text(column)
    return _rewrite(text, column, left, encoding)


def decode_bytes(raw: bytes, encoding: str) -> str:
    r"""Text of some bytes, what cannot be decoded and NUL written ``\xNN``."""
    return raw.decode(encoding, "backslashreplace").replace("\0", "\\x00")


def _is_sound(text: pa.StringArray) -> bool:
    """Whether all texts are sound: together they are, and none begins within a character."""
    places, data = _arrays(text)
    if not is_sound(data):
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
    if not left.any():
        return text, None
    marked = pa.array(left)
    raws: list[bytes] = column.filter(marked).to_pylist()
    texts = [decode_bytes(raw, encoding) for raw in raws]
    bad = left.copy()
    bad[left] = [b"\0" in raw or not can_read(raw, encoding) for raw in raws]
    fixed = pc.replace_with_mask(text, marked, pa.array(texts, pa.string()))
    return fixed, bad if bad.any() else None
