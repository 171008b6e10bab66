"""Industry codes of GB/T 4754-2017 in files: with or without the section letter, of any level."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from layout.core.facts import reference
from layout.prepare import value_kernels as kernels
from layout.prepare.text_arrays import as_text, text_buffers, trimmed, unwide
from layout.prepare.values import Flags, Reading

_KEYS: Final = 11_100
_FIRST_KEY: Final = {4: 0, 3: 10_000, 2: 11_000}
_CLASS_DIGITS: Final = 4


@dataclass(frozen=True)
class _Table:
    """The codes of the standard: places by key and letter, section letters and levels by place."""

    codes: pa.Array
    by_key: npt.NDArray[np.int16]
    by_letter: npt.NDArray[np.int16]
    letters: npt.NDArray[np.uint8]
    ambiguous: Flags
    coarse: Flags


@dataclass(frozen=True)
class CodeReading:
    """Industry codes that were read, and which of them are coarser than a class of four digits."""

    reading: Reading
    coarse: Flags


def read_industry_codes(array: pa.Array, *, full_width: bool = False) -> CodeReading:
    """Codes that the standard has, as it writes them; what it has not is unreadable.

    A section letter before the digits (``I6513``) must be the section of the code and is left out;
    a letter alone is a section. Codes of two and three digits are taken, and are coarse; but three
    digits without a letter that could be a class whose zero a spreadsheet ate (131 is 谷物磨制,
    0131 is 棉花种植) are unreadable.
    """
    text = as_text(array)
    place, state = _look_up(text)
    repaired = np.zeros(len(text), dtype=np.bool_)
    odd = np.flatnonzero(state == kernels.ODD)
    if odd.size:
        given = trimmed(text.take(pa.array(odd)))
        plain = unwide(given)
        wide = pc.fill_null(pc.not_equal(plain, given), False).to_numpy(zero_copy_only=False)
        # A column of numbers with gaps is often written as 6513.0.
        again, new_state = _look_up(pc.replace_substring_regex(plain, r"\.0+$", ""))
        taken = (new_state != kernels.ODD) & (full_width | ~wide)
        place[odd[taken]], state[odd[taken]] = again[taken], new_state[taken]
        repaired[odd] = taken & wide
    table = _table()
    good = state == kernels.GOOD
    values = table.codes.take(pa.array(place.astype(np.int32), mask=~good))
    none = np.zeros(len(text), dtype=np.bool_)
    reading = Reading(values, state == kernels.ODD, repaired, none)
    return CodeReading(reading, good & table.coarse[place])


def _look_up(text: pa.Array) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.uint8]]:
    """Place in the table of each code, and its state; ``ODD`` where the standard has none."""
    size = len(text)
    key, letter = np.empty(size, dtype=np.int32), np.empty(size, dtype=np.uint8)
    state = np.empty(size, dtype=np.uint8)
    kernels.read_codes(*text_buffers(text), key, letter, state)
    table = _table()
    place = np.where(key >= 0, table.by_key[key], table.by_letter[letter])
    wrong = (place < 0) | ((key >= 0) & (letter > 0) & (table.letters[place] != letter))
    wrong |= (key >= 0) & (letter == 0) & table.ambiguous[key]
    state[(state == kernels.GOOD) & wrong] = kernels.ODD
    return place.astype(np.int16), state


@lru_cache(maxsize=1)
def _table() -> _Table:
    frame = reference("gbt4754_2017")
    codes: list[str] = frame["code"].tolist()
    by_key = np.full(_KEYS, -1, dtype=np.int16)
    by_letter = np.full(256, -1, dtype=np.int16)
    for place, code in enumerate(codes):
        if code.isdigit():
            by_key[_FIRST_KEY[len(code)] + int(code)] = place
        else:
            by_letter[ord(code)] = place
    groups = slice(_FIRST_KEY[3], _FIRST_KEY[3] + 1000)
    ambiguous = np.zeros(_KEYS, dtype=np.bool_)
    ambiguous[groups] = (by_key[groups] >= 0) & (by_key[:1000] >= 0)
    letters = [ord(section or code) for section, code in zip(frame["section"], codes, strict=True)]
    return _Table(
        codes=pa.array(codes),
        by_key=by_key,
        by_letter=by_letter,
        letters=np.array(letters, dtype=np.uint8),
        ambiguous=ambiguous,
        coarse=np.array([len(code) < _CLASS_DIGITS for code in codes]),
    )
