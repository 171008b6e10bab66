"""Compiled checks and conversions of text in Arrow buffers."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from layout.core.gb18030 import FIRST_LEAD, FIRST_TRAIL, LAST_LEAD, TRAILS

Bytes = npt.NDArray[np.uint8]
Int32s = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


@numba.njit(cache=True, nogil=True)
def _sequence(data: Bytes, pos: int, stop: int) -> int:
    """Length of the valid UTF-8 character at ``pos``, 0 where there is none or a NUL."""
    lead = data[pos]
    if lead < 0x80:
        return 1 if lead else 0
    if lead < 0xC2 or lead > 0xF4:
        return 0
    length = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    if pos + length > stop:
        return 0
    low, high = 0x80, 0xBF
    if lead == 0xE0:
        low = 0xA0
    elif lead == 0xED:
        high = 0x9F
    elif lead == 0xF0:
        low = 0x90
    elif lead == 0xF4:
        high = 0x8F
    if data[pos + 1] < low or data[pos + 1] > high:
        return 0
    for i in range(2, length):
        if data[pos + i] < 0x80 or data[pos + i] > 0xBF:
            return 0
    return length


@numba.njit(cache=True, nogil=True)
def mark_unsound(offsets: Int32s, data: Bytes, unsound: Flags) -> None:
    """Mark the texts that are not valid UTF-8 or hold a NUL."""
    for row in range(unsound.size):
        pos, stop = offsets[row], offsets[row + 1]
        while pos < stop:
            length = _sequence(data, pos, stop)
            if length == 0:
                unsound[row] = True
                break
            pos += length


@numba.njit(cache=True, nogil=True)
def find_unsound(data: Bytes, found: npt.NDArray[np.int64]) -> int:
    """Places of the bytes that are no part of valid UTF-8, and of NUL; the number of them."""
    pos, count = 0, 0
    while pos < data.size:
        length = _sequence(data, pos, data.size)
        if length == 0:
            found[count] = pos
            count += 1
            length = 1
        pos += length
    return count


@numba.njit(cache=True, nogil=True)
def gb_to_utf8(
    source: tuple[Int32s, Bytes],
    letters: npt.NDArray[np.uint16],
    target: tuple[Int32s, Bytes],
    left: Flags,
) -> None:
    """Convert GB 18030 to UTF-8.

    Parameters
    ----------
    source
        Arrow offsets and bytes.
    letters
        Code point of each two-byte character, 0 where there is none.
    target
        Filled with offsets and text; the text needs three bytes for two.
    left
        Set for texts with anything else (four-byte characters, errors, NUL), which stay empty.
    """
    offsets, data = source
    new_offsets, out = target
    end = 0
    new_offsets[0] = 0
    for row in range(left.size):
        start, pos, stop = end, offsets[row], offsets[row + 1]
        while pos < stop:
            lead = data[pos]
            if 0 < lead < 0x80:
                out[end] = lead
                end += 1
                pos += 1
                continue
            code = 0
            if FIRST_LEAD <= lead <= LAST_LEAD and pos + 1 < stop and data[pos + 1] >= FIRST_TRAIL:
                code = letters[(lead - FIRST_LEAD) * TRAILS + data[pos + 1] - FIRST_TRAIL]
            if code < 0x80:
                left[row] = True
                end = start
                break
            if code < 0x800:
                out[end] = 0xC0 | (code >> 6)
                end += 1
            else:
                out[end] = 0xE0 | (code >> 12)
                out[end + 1] = 0x80 | ((code >> 6) & 0x3F)
                end += 2
            out[end] = 0x80 | (code & 0x3F)
            end += 1
            pos += 2
        new_offsets[row + 1] = end
