"""Text that was decoded wrongly before it came here; nobody can read it.

Found are the replacement character U+FFFD; 锟斤拷 (U+FFFD in UTF-8, read as GBK) and the 烫烫烫
and 屯屯屯 of uninitialised memory; UTF-8 or GBK read as Latin-1 or Windows-1252 (``æ·±åœ³``,
``ÉîÛÚ``); and UTF-8 read as GBK (``娣卞湷甯``). Each sign is such that sound text does not have it:
several odd letters in a row, or most of a text turning back into UTF-8.
"""

from __future__ import annotations

import re
from typing import Final

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from layout.core.gb18030 import two_byte_codes
from layout.prepare.text_arrays import Bytes, Flags, Int32s, text_buffers

_CP_1252: Final = "ŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™"
_PLAIN_SIGNS: Final = re.compile(
    "\ufffd|锟斤拷|烫烫烫|屯屯屯"
    f"|(?:[à-ï][\u0080-\u00ff{_CP_1252}]{{2}}){{2}}"  # two characters of UTF-8, a letter a byte
)
_LATIN_RUN: Final = re.compile("[¡-ÿ]{4,}")  # two characters of GBK, a letter a byte
_LETTERS_OF_RUN: Final = 2

# Lead bytes in UTF-8 of U+FFFD, 锟, 烫 and 屯, of Latin-1 letters, and of the first signs that
# Windows-1252 has in place of control characters.
_B: Final = tuple(
    np.uint8(byte)
    for byte in (0xEF, 0xBF, 0xE9, 0x94, 0x9F, 0xE7, 0x83, 0xE5, 0xB1, 0xC2, 0xC3, 0xC5, 0xE2)
)
_WINDOW = 4096
_REACH = 5
_CHECKED_BYTES = 96
_LEAST_CHARACTERS = 3


def is_garbled(text: pa.Array) -> Flags:
    """Which texts were decoded wrongly, ``(n,)``; a null is not."""
    offsets, data = text_buffers(text)
    garbled = np.zeros(len(text), dtype=np.bool_)
    used = data[offsets[0] : offsets[-1]]
    _mark_turned_utf_8(offsets, data, two_byte_codes(), garbled)
    suspects = np.empty(max(used.size, 1), dtype=np.int64)
    count = _find_suspects(used, suspects)
    rows = np.unique(np.searchsorted(offsets, suspects[:count] + offsets[0], side="right") - 1)
    for row, one in zip(rows, text.take(pa.array(rows)).to_pylist(), strict=True):
        garbled[row] |= _has_sign(one)
    return garbled


def _has_sign(text: str) -> bool:
    if _PLAIN_SIGNS.search(text):
        return True
    runs = _LATIN_RUN.findall(text)
    return any(sum(letter >= "À" for letter in run) >= _LETTERS_OF_RUN for run in runs)


@numba.njit(cache=True, nogil=True)
def _find_suspects(data: Bytes, found: npt.NDArray[np.int64]) -> int:
    """Positions where a sign may begin (U+FFFD, 锟, 烫烫, 屯屯, Latin-1); the number of them.

    Written so that the compiler turns it into vector instructions: all is compared as bytes.
    """
    hit = np.zeros(_WINDOW, dtype=np.uint8)
    words = hit.view(np.uint64)
    count, whole = 0, max(data.size - _REACH, 0)
    for start in range(0, whole, _WINDOW):
        size = min(_WINDOW, whole - start)
        first = data[start : start + size + _REACH]
        second, third, fourth, fifth = first[1:], first[2:], first[3:], first[4:]
        for i in range(size):
            a, b, c, d, e = first[i], second[i], third[i], fourth[i], fifth[i]
            hit[i] = (
                np.uint8((a == _B[0]) & (b == _B[1]))
                | np.uint8((a == _B[2]) & (b == _B[3]) & (c == _B[4]))
                | np.uint8((a == _B[5]) & (b == _B[6]) & (d == _B[5]) & (e == _B[6]))
                | np.uint8((a == _B[7]) & (b == _B[8]) & (d == _B[7]) & (e == _B[8]))
                | np.uint8(((a == _B[9]) | (a == _B[10])) & ((c == _B[9]) | (c == _B[10])))
                | np.uint8(((a == _B[9]) | (a == _B[10])) & ((c >= _B[11]) & (c <= _B[12])))
            )
        hit[size:] = 0
        if words.any():
            for i in range(size):
                if hit[i]:
                    found[count] = start + i
                    count += 1
    for i in range(whole, data.size):  # too near the end
        if data[i] >= _B[9]:
            found[count] = i
            count += 1
    return count


@numba.njit(cache=True, nogil=True)
def _letter(data: Bytes, pos: int, stop: int) -> int:
    """Code point of the three-byte character at ``pos``, 0 where there is none."""
    if pos + 2 < stop and data[pos] >> 4 == 0xE:
        first, second, third = int(data[pos]), int(data[pos + 1]), int(data[pos + 2])
        return (first & 0x0F) << 12 | (second & 0x3F) << 6 | third & 0x3F
    return 0


@numba.njit(cache=True, nogil=True)
def _mark_turned_utf_8(
    offsets: Int32s, data: Bytes, codes: npt.NDArray[np.uint16], garbled: Flags
) -> None:
    """Mark texts whose GBK bytes are mostly the UTF-8 of Chinese characters.

    Such a text nearly always begins with a character whose first GBK byte is that of a Chinese
    character in UTF-8 (E4 to E9), which few sound texts do.
    """
    turned = np.empty(_CHECKED_BYTES, dtype=np.uint8)
    for row in range(garbled.size):
        pos, stop = offsets[row], offsets[row + 1]
        while pos < stop and data[pos] < 0x80:
            pos += 1
        lead = codes[_letter(data, pos, stop)] >> 8
        if lead < 0xE4 or lead > 0xE9:
            continue
        size = 0
        while pos < stop and size + 2 <= _CHECKED_BYTES:
            letter = _letter(data, pos, stop)
            if letter and codes[letter]:
                turned[size], turned[size + 1] = codes[letter] >> 8, codes[letter] & 0xFF
                size += 2
            pos += 3 if letter else 1
        matched = _matched(turned, size)
        garbled[row] |= matched >= 3 * _LEAST_CHARACTERS and 10 * matched >= 6 * size


@numba.njit(cache=True, nogil=True)
def _matched(data: Bytes, size: int) -> int:
    """Bytes that are part of Chinese characters and signs of UTF-8."""
    matched, pos = 0, 0
    while pos + 2 < size:
        tails = data[pos + 1] & 0xC0 == 0x80 and data[pos + 2] & 0xC0 == 0x80
        if tails and (0xE3 <= data[pos] <= 0xE9 or data[pos] == 0xEF):
            matched += 3
            pos += 3
        else:
            pos += 1
    return matched
