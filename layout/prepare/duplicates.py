"""Codes that stood before: exact, in one pass, with 16 bytes a code and no object a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from layout.prepare.text_arrays import Flags, text_buffers

Words = npt.NDArray[np.uint64]
Hashes = npt.NDArray[np.uint64]
"""Of codes, of 64 bits: equal codes have equal ones, others only by chance."""

_FIRST_SLOTS: Final = 1 << 16
_FULLEST: Final = 0.6
_ASKED: Final = 64
_HALF = 9
_BASE = np.uint64(37)
_OTHER = np.uint64(1) << np.uint64(63)
_SEEDS = (np.uint64(0xCBF29CE484222325), np.uint64(0x9AE16A3B2F90404F))
_PRIME = np.uint64(0x100000001B3)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


class CodeMemory(Protocol):
    """Tells which codes of a table stood before."""

    def repeats(self, codes: pa.Array, keep: Flags) -> Flags:
        """Which codes stood before; ``keep`` are the rows that stay in the table."""
        ...


class SeenCodes:
    """Which codes a table has had so far.

    A code of up to 18 digits and capital letters is kept as it is, packed in 16 bytes, so that two
    of them are never taken for one. Other texts are kept as 128-bit hashes.

    Parameters
    ----------
    among
        Hashes of all codes that can be repeats (:mod:`layout.prepare.code_census`); only those
        are kept. None: all may be.
    """

    def __init__(self, among: Hashes | None = None) -> None:
        self._among = None if among is None else _table_of(among)
        self._slots = np.zeros((_FIRST_SLOTS, 2), dtype=np.uint64)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def repeats(self, codes: pa.Array, keep: Flags) -> Flags:
        """Which codes stood before, in this batch or an earlier one.

        Parameters
        ----------
        codes
            Strings; nulls and empty ones are never repeats.
        keep
            Rows that stay in the table. A row that goes for another reason is compared but not
            kept, so that the next one with its code can stay.

        Returns
        -------
        numpy.ndarray
            Bool, ``(n,)``.
        """
        keys = _keys(codes)
        if self._among is not None:
            _leave_out(keys, self._among)
        return self.repeated_keys(keys, keep)

    def repeated_keys(self, keys: Words, keep: Flags) -> Flags:
        """The same for codes that are keys already (:class:`RecordedCodes`)."""
        self._make_room(int(np.count_nonzero(keys[:, 0])))
        repeated = np.zeros(len(keys), dtype=np.bool_)
        self._count += _mark(keys, keep, self._slots, repeated)[0]
        return repeated

    def _make_room(self, more: int) -> None:
        slots = len(self._slots)
        while self._count + more > _FULLEST * slots:
            slots *= 2
        if slots > len(self._slots):
            larger = np.zeros((slots, 2), dtype=np.uint64)
            _move(self._slots, larger)
            self._slots = larger


class RecordedCodes:
    """Notes the codes of a part of a table, so that they can be compared with those of others."""

    def __init__(self) -> None:
        self._keys: list[Words] = []
        self._keep: list[Flags] = []

    def repeats(self, codes: pa.Array, keep: Flags) -> Flags:
        """None, so far."""
        self._keys.append(_keys(codes))
        self._keep.append(keep.copy())
        return np.zeros(len(codes), dtype=np.bool_)

    def parted(self, buckets: int) -> list[CodeBucket]:
        """The codes in as many buckets; equal codes of any part fall into the same one."""
        keys = np.concatenate([np.zeros((0, 2), np.uint64), *self._keys])
        keep = np.concatenate([np.zeros(0, np.bool_), *self._keep])
        mixed = (keys[:, 0] * _SPREAD) ^ (keys[:, 1] * _SEEDS[1])
        home = (mixed >> np.uint64(33)) % np.uint64(buckets)
        filled = keys[:, 0] != 0
        places = [np.flatnonzero(filled & (home == np.uint64(n))) for n in range(buckets)]
        return [CodeBucket(rows, keys[rows], keep[rows]) for rows in places]


class KnownRepeats:
    """Gives the repeats of a part of a table that were found by comparing all parts.

    Parameters
    ----------
    rows
        Places of the repeats among the rows of the part.
    """

    def __init__(self, rows: npt.NDArray[np.int64]) -> None:
        self._rows = np.sort(rows)
        self._begin = 0

    def repeats(self, codes: pa.Array, keep: Flags) -> Flags:
        """Which rows of the next batch are repeats."""
        del keep
        found = np.zeros(len(codes), dtype=np.bool_)
        first, last = np.searchsorted(self._rows, [self._begin, self._begin + len(codes)])
        found[self._rows[first:last] - self._begin] = True
        self._begin += len(codes)
        return found


class CodeBucket(NamedTuple):
    """Codes of a part of a table: places among its rows, keys, and whether the rows stay."""

    rows: npt.NDArray[np.int64]
    keys: Words
    keep: Flags


def find_repeats(parts: Sequence[CodeBucket]) -> list[npt.NDArray[np.int64]]:
    """Places of the rows of each part whose code stood before, parts in the order of the table."""
    seen = SeenCodes()
    return [one.rows[seen.repeated_keys(one.keys, one.keep)] for one in parts]


@numba.njit(cache=True, nogil=True)
def _value(byte: int) -> int:
    """1 to 36 for a digit or capital letter, 0 for anything else."""
    if 48 <= byte <= 57:
        return byte - 47
    if 65 <= byte <= 90:
        return byte - 54
    return 0


@numba.njit(cache=True, nogil=True)
def _key(data: npt.NDArray[np.uint8], first: int, last: int) -> tuple[np.uint64, np.uint64]:
    """The code as two words; the first has its highest bit set for a hash."""
    high, low = np.uint64(0), np.uint64(0)
    plain = last - first <= 2 * _HALF
    if plain:
        for place in range(first, last):
            value = np.uint64(_value(data[place]))
            if value == 0:
                plain = False
                break
            if place - first < _HALF:
                high = high * _BASE + value
            else:
                low = low * _BASE + value
    if plain:
        return high, low
    high, low = _SEEDS
    for place in range(first, last):
        byte = np.uint64(data[place])
        high = (high ^ byte) * _PRIME
        low = (low + byte + np.uint64(1)) * _SPREAD
        low ^= low >> np.uint64(29)
    return high | _OTHER, low


def code_hashes(codes: pa.Array) -> Hashes:
    """Hashes of codes, never 0; nulls and empty ones have none."""
    keys = _keys(codes)
    return _hashes(keys[keys[:, 0] != 0])


@numba.njit(cache=True, nogil=True)
def _hash(high: np.uint64, low: np.uint64) -> np.uint64:
    mixed = (high * _SPREAD) ^ (low * _SEEDS[1])
    mixed ^= mixed >> np.uint64(32)
    return mixed * _SPREAD


@numba.njit(cache=True, nogil=True)
def _hashes(keys: Words) -> Hashes:
    found = np.empty(len(keys), dtype=np.uint64)
    for row in range(len(keys)):
        found[row] = _hash(keys[row, 0], keys[row, 1]) | np.uint64(1)
    return found


def _table_of(hashes: Hashes) -> Hashes:
    """A table in which a hash is found by its bits; 0 where it is empty."""
    slots = 1 << max(int(2 * len(hashes)).bit_length(), 4)
    table = np.zeros(slots, dtype=np.uint64)
    _enter(hashes, table)
    return table


@numba.njit(cache=True, nogil=True)
def _slot(table: Hashes, value: np.uint64) -> np.uint64:
    """Where a hash stands in a table, or the free place for it."""
    mask = np.uint64(len(table) - 1)
    place = value >> np.uint64(20) & mask
    while table[place] != 0 and table[place] != value:
        place = (place + np.uint64(1)) & mask
    return place


@numba.njit(cache=True, nogil=True)
def _enter(hashes: Hashes, table: Hashes) -> None:
    for row in range(len(hashes)):
        table[_slot(table, hashes[row])] = hashes[row]


@numba.njit(cache=True, nogil=True)
def _leave_out(keys: Words, table: Hashes) -> None:
    """Make those keys none whose hash does not stand in a table."""
    for row in range(len(keys)):
        value = _hash(keys[row, 0], keys[row, 1]) | np.uint64(1)
        if table[_slot(table, value)] == 0:
            keys[row, 0] = keys[row, 1] = 0


@numba.njit(cache=True, nogil=True)
def _home(slots: Words, high: np.uint64, low: np.uint64) -> np.uint64:
    """The slot where the search for a key begins."""
    return _hash(high, low) >> np.uint64(20) & np.uint64(len(slots) - 1)


@numba.njit(cache=True, nogil=True)
def _place(slots: Words, home: np.uint64, high: np.uint64, low: np.uint64) -> np.uint64:
    """The slot that holds a key, or the free one for it."""
    place, mask = home, np.uint64(len(slots) - 1)
    while slots[place, 0] != 0 and (slots[place, 0] != high or slots[place, 1] != low):
        place = (place + np.uint64(1)) & mask
    return place


@numba.njit(cache=True, nogil=True)
def _mark(keys: Words, keep: Flags, slots: Words, repeated: Flags) -> tuple[int, np.uint64]:
    """Mark the keys that are in ``slots`` and put the others in; the number of new ones.

    The table is larger than the caches. The slots of some keys are looked at before the first of
    them is needed, so that the memory is asked for all of them at once; what was seen is handed
    back, or the compiler would leave that out.
    """
    new, seen = 0, np.uint64(0)
    homes = np.empty(_ASKED, dtype=np.uint64)
    for begin in range(0, len(keys), _ASKED):
        end = min(begin + _ASKED, len(keys))
        for row in range(begin, end):
            home = _home(slots, keys[row, 0], keys[row, 1])
            homes[row - begin] = home
            seen |= slots[home, 0]
        for row in range(begin, end):
            high, low = keys[row, 0], keys[row, 1]
            if high == 0:
                continue
            place = _place(slots, homes[row - begin], high, low)
            if slots[place, 0] != 0:
                repeated[row] = True
            elif keep[row]:
                slots[place, 0], slots[place, 1] = high, low
                new += 1
    return new, seen


@numba.njit(cache=True, nogil=True)
def _move(old: Words, new: Words) -> None:
    for row in range(len(old)):
        high, low = old[row, 0], old[row, 1]
        if high != 0:
            place = _place(new, _home(new, high, low), high, low)
            new[place, 0], new[place, 1] = high, low


def _keys(codes: pa.Array) -> Words:
    """The key of each code, ``(n, 2)``; zeros where there is none."""
    keys = np.zeros((len(codes), 2), dtype=np.uint64)
    _note(*text_buffers(codes), keys)
    return keys


@numba.njit(cache=True, nogil=True)
def _note(offsets: npt.NDArray[np.int32], data: npt.NDArray[np.uint8], keys: Words) -> None:
    for row in range(len(keys)):
        if offsets[row] < offsets[row + 1]:
            keys[row, 0], keys[row, 1] = _key(data, offsets[row], offsets[row + 1])
