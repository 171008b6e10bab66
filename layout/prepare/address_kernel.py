"""Finding the names of a city's units in address texts, on UTF-8 bytes.

Nothing here knows a city: the names come in as patterns. Each text becomes a short list of tokens
(names and the words that change their meaning), and the tokens are judged. Chinese characters are
three bytes long; all others are passed over.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

UNIT: Final = 0
"""A district in full: 南山区, 龙华新区. Evidence wherever it stands."""
ZONE: Final = 1
"""A cooperation zone in full; evidence even behind the name of another city."""
PART: Final = 2
"""A subdistrict or town in full."""
CITY: Final = 3
"""The city itself; a bare district name right behind it is evidence."""
STEM: Final = 4
"""A bare district name: 南山."""
THING: Final = 5
"""What makes a bare name a road or a building: 大道, 商业城."""
MODIFIER: Final = 6
"""A word that may stand between a name and such a thing: 南, 第, 二."""
REGION: Final = 7
"""A region that stands alone at the head of an address: 香港."""
PROVINCE: Final = 8
"""The last word of a province's name."""
TOWN: Final = 9
"""The last word of a city's name."""
MARKET: Final = 10
"""A word that looks like it: 超市. Behind a province it is a city after all: 成都市."""
OTHER: Final = 11
"""A word that must not be taken for one of these."""

BEGIN, END, KIND, UNIT_OF = range(4)
"""Columns of tokens (places in the text) and of patterns (places in the letters)."""

_COUNT_BITS: Final = 8
_COUNT_MASK: Final = 255
_CHARACTER: Final = 3  # bytes
_BLOCK: Final = 4096  # rows
_SHORTEST, _LONGEST = 2, 4  # characters of a city's name before 市
_MODIFIERS: Final = 3  # at most


class Lexicon(NamedTuple):
    """Patterns by their first character, the longest first.

    Attributes
    ----------
    heads
        int32 ``(65536,)``: for each character the first pattern that begins with it, shifted by
        eight bits, and how many do; 0 where none does.
    entries
        int32 ``(n, 4)``: where a pattern begins and ends in ``letters``, its kind, and the unit it
        speaks of (-1 none).
    letters
        uint8: UTF-8 of the patterns.
    """

    heads: npt.NDArray[np.int32]
    entries: npt.NDArray[np.int32]
    letters: npt.NDArray[np.uint8]


def lexicon(patterns: Iterable[tuple[str, int, int]]) -> Lexicon:
    """The lexicon of ``(text, kind, unit)``; texts are Chinese characters."""
    ordered = sorted(set(patterns), key=lambda p: (ord(p[0][0]), -len(p[0]), p))
    heads = np.zeros(1 << 16, np.int32)
    entries, letters = [], b""
    for number, (text, kind, unit) in enumerate(ordered):
        code = ord(text[0])
        heads[code] = (heads[code] or number << _COUNT_BITS) + 1
        begin, letters = len(letters), letters + text.encode()
        entries.append((begin, len(letters), kind, unit))
    return Lexicon(heads, np.array(entries, np.int32), np.frombuffer(letters, np.uint8))


@numba.njit(cache=True, nogil=True)
def find_units(offsets, text, words, out):  # type: ignore[no-untyped-def]
    """Write the unit that each text names into ``out``, where that is below 0.

    Parameters
    ----------
    offsets, text
        Arrow buffers of a string column.
    words
        The lexicon.
    out
        int16 ``(n,)``: a unit that is known stays, and its text is not read; -1 stays where a text
        names none.
    """
    held = np.empty(_BLOCK + 1, np.int64)
    tokens = np.empty((0, 4), np.int32)
    for begin in range(0, out.shape[0], _BLOCK):
        end = min(begin + _BLOCK, out.shape[0])
        room = (offsets[end] - offsets[begin]) // _CHARACTER + 1
        if tokens.shape[0] < room:
            tokens = np.empty((2 * room, 4), np.int32)
        _tokenise(offsets[begin : end + 1], text, words, out[begin:end], tokens, held)
        for row in range(begin, end):
            first, last = held[row - begin], held[row - begin + 1]
            if first < last:
                out[row] = _judge(tokens, first, last, offsets[row])


@numba.njit(cache=True, nogil=True)
def _tokenise(offsets, text, words, known, tokens, held):  # type: ignore[no-untyped-def]
    """Write the tokens of some texts, and where those of each text begin into ``held``.

    A text whose unit is known has none.

    A token ends behind the blanks that follow it, so that the next one is seen to adjoin.
    """
    heads, entries, letters = words
    n = np.int64(0)
    for row in range(offsets.shape[0] - 1):
        held[row] = n
        if known[row] >= 0:
            continue
        at, end = np.int64(offsets[row]), np.int64(offsets[row + 1])
        while at < end:
            code = _code(text, at, end)
            if code == 0:
                at += 1
                continue
            found = _match(text, at, end, code, heads, entries, letters)
            if found < 0:
                at += _CHARACTER
                continue
            tokens[n, BEGIN] = at
            at += entries[found, END] - entries[found, BEGIN]
            while at < end and (text[at] == 0x20 or _code(text, at, end) == 0x3000):
                at += 1 if text[at] == 0x20 else _CHARACTER
            tokens[n, END] = at
            tokens[n, KIND], tokens[n, UNIT_OF] = entries[found, KIND], entries[found, UNIT_OF]
            n += 1
    held[offsets.shape[0] - 1] = n


@numba.njit(cache=True, nogil=True)
def _judge(tokens, first, last, begin):  # type: ignore[no-untyped-def]
    """The unit of one address: a district in full, else a subdistrict, else a bare name."""
    away = _begins_elsewhere(tokens, first, last, begin)
    part = bare = np.int32(-1)
    for t in range(first, last):
        kind, unit = tokens[t, KIND], tokens[t, UNIT_OF]
        if kind == ZONE or (kind == UNIT and not away):
            # Old addresses name the district that a unit was part of before it became one.
            while t + 1 < last and tokens[t + 1, KIND] <= PART and _adjoin(tokens, t):
                t += 1
            return tokens[t, UNIT_OF]
        if kind == PART and not away and part < 0:
            part = unit
        if kind == CITY:
            away = False
            if bare < 0:
                bare = _bare_unit(tokens, t, last)
    return part if part >= 0 else bare


@numba.njit(cache=True, nogil=True)
def _bare_unit(tokens, t, last):  # type: ignore[no-untyped-def]
    """The unit whose bare name adjoins token ``t``, unless it begins a road's or building's name.

    Between the bare name and 路 or 大厦 may stand words such as 南 or 第二.
    """
    if t + 1 >= last or tokens[t + 1, KIND] != STEM or not _adjoin(tokens, t):
        return np.int32(-1)
    unit = tokens[t + 1, UNIT_OF]
    t += 1
    for _ in range(_MODIFIERS + 1):
        if t + 1 >= last or not _adjoin(tokens, t):
            return unit
        t += 1
        if tokens[t, KIND] == THING:
            return np.int32(-1)
        if tokens[t, KIND] != MODIFIER:
            return unit
    return unit


@numba.njit(cache=True, nogil=True)
def _begins_elsewhere(tokens, first, last, begin):  # type: ignore[no-untyped-def]
    """Whether the address begins with another region, or with a province and another city."""
    governed = False
    for t in range(first, last):
        kind = tokens[t, KIND]
        characters = (tokens[t, BEGIN] - begin) // _CHARACTER
        if characters == 0 and kind == REGION:
            return True
        if characters == 0 and kind <= STEM:
            return False
        if kind == PROVINCE:
            governed, begin = True, tokens[t, END]
        if kind == MARKET:
            characters += 1  # the character before 市 is part of the token
        if kind == TOWN or (kind == MARKET and governed):
            return _SHORTEST <= characters <= _LONGEST
    return False


@numba.njit(cache=True, nogil=True)
def _adjoin(tokens, t):  # type: ignore[no-untyped-def]
    return tokens[t, END] == tokens[t + 1, BEGIN]


@numba.njit(cache=True, nogil=True)
def _code(text, at, end):  # type: ignore[no-untyped-def]
    """Code point of the three-byte character at ``at``; 0 where there is none."""
    if at + _CHARACTER > end or text[at] & 0xF0 != 0xE0:
        return np.int64(0)
    high, middle, low = np.int64(text[at]), np.int64(text[at + 1]), np.int64(text[at + 2])
    return ((high & 15) << 12) | ((middle & 63) << 6) | (low & 63)


@numba.njit(cache=True, nogil=True)
def _match(text, at, end, code, heads, entries, letters):  # type: ignore[no-untyped-def]
    """The longest pattern that stands at ``at``, where ``code`` does; -1 for none."""
    head = heads[code]
    number = np.int64(head >> _COUNT_BITS)
    last = number + (head & _COUNT_MASK)
    while number < last:
        begin, length = entries[number, BEGIN], entries[number, END] - entries[number, BEGIN]
        if at + length <= end:
            i = np.int64(_CHARACTER)
            while i < length and letters[begin + i] == text[at + i]:
                i += 1
            if i == length:
                return number
        number += 1
    return np.int64(-1)
