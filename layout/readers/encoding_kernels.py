"""Compiled checks and conversions of text in Arrow buffers."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from layout.core.byte_masks import BLOCK, bytes_from, equal_bytes
from layout.core.gb18030 import FIRST_LEAD, FIRST_TRAIL, LAST_LEAD, TRAILS

Bytes = npt.NDArray[np.uint8]
Int32s = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

_WINDOW = 64 * BLOCK
_LOOKS_BACK = 3  # bytes before one that tell whether it has to go on with their character
_80, _90, _A0 = np.uint8(0x80), np.uint8(0x90), np.uint8(0xA0)
_C0, _C1, _C2 = np.uint8(0xC0), np.uint8(0xC1), np.uint8(0xC2)
_E0, _ED, _F0, _F4, _F5 = (np.uint8(byte) for byte in (0xE0, 0xED, 0xF0, 0xF4, 0xF5))
_NUL = np.uint8(0)


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


@numba.njit(cache=True, nogil=True, inline="always")
def _faults(data: Bytes, place: int) -> np.uint64:
    """Bit by bit, which of 64 bytes are NUL or no UTF-8 behind the three bytes before them.

    A byte goes on with a character if and only if one of those three begins a character so long.
    """
    begins = bytes_from(data, place, _C0)
    from_90, from_a0 = bytes_from(data, place, _90), bytes_from(data, place, _A0)
    before = place - 1
    needed = (
        bytes_from(data, before, _C0)
        | bytes_from(data, place - 2, _E0)
        | bytes_from(data, place - 3, _F0)
    )
    faults: np.uint64 = (
        (needed ^ (bytes_from(data, place, _80) & ~begins))
        | (equal_bytes(data, before, _E0) & ~from_a0)
        | (equal_bytes(data, before, _ED) & from_a0)
        | (equal_bytes(data, before, _F0) & ~from_90)
        | (equal_bytes(data, before, _F4) & from_90)
        | (begins & ~bytes_from(data, place, _C2))
        | bytes_from(data, place, _F5)
        | equal_bytes(data, place, _NUL)
    )
    return faults


@numba.njit(cache=True, nogil=True)
def _sound_end(data: Bytes, start: int) -> int:
    """Where a window from ``start`` ends if it is sound, in front of a character that goes beyond.

    ``start`` itself where it is not, or the bytes end too soon. The three bytes before are sound.
    """
    faults, end = np.uint64(0), start
    stop = min(start + _WINDOW, data.size)
    while end + BLOCK <= stop:
        faults |= _faults(data, end)
        end += BLOCK
    if faults or end == start:
        return start
    if data[end - 1] >= _C0:
        return end - 1
    if data[end - 2] >= _E0:
        return end - 2
    return end - 3 if data[end - 3] >= _F0 else end


@numba.njit(cache=True, nogil=True)
def _scan(
    data: Bytes, span: tuple[int, int], found: npt.NDArray[np.int64], count: int
) -> tuple[int, int]:
    """Go on with :func:`find_unsound` over characters that begin in a span, one by one."""
    pos, stop = span[0], min(span[1], data.size)
    while pos < stop and count < found.size:
        length = _sequence(data, pos, data.size)
        if length == 0:
            found[count] = pos
            count += 1
            length = 1
        pos += length
    return pos, count


@numba.njit(cache=True, nogil=True)
def find_unsound(data: Bytes, start: int, found: npt.NDArray[np.int64]) -> tuple[int, int]:
    """Places of the bytes that are no part of valid UTF-8, and of NUL.

    Parameters
    ----------
    data
        The bytes.
    start
        Where to begin: 0, or where the last call ended.
    found
        Filled with the places.

    Returns
    -------
    tuple
        Where the search ended, before the end of the bytes if ``found`` is full; and the number of
        places.
    """
    pos, count = start, 0
    while pos < data.size and count < found.size:
        before = count
        pos, count = _scan(data, (pos, pos + _LOOKS_BACK), found, count)
        end = _sound_end(data, pos) if count == before else pos
        if end == pos:
            pos, count = _scan(data, (pos, pos + _WINDOW), found, count)
        else:
            pos = end
    return pos, count


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
