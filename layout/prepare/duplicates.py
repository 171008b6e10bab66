"""Codes that stood before: exact, in one pass, with 16 bytes a code and no object a row."""

from __future__ import annotations

from typing import Final

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from layout.prepare.text_arrays import Flags, text_buffers

Words = npt.NDArray[np.uint64]

_FIRST_SLOTS: Final = 1 << 16
_FULLEST: Final = 0.6
_HALF = 9
_BASE = np.uint64(37)
_OTHER = np.uint64(1) << np.uint64(63)
_SEEDS = (np.uint64(0xCBF29CE484222325), np.uint64(0x9AE16A3B2F90404F))
_PRIME = np.uint64(0x100000001B3)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


class SeenCodes:
    """Which codes a table has had so far.

    A code of up to 18 digits and capital letters is kept as it is, packed in 16 bytes, so that two
    of them are never taken for one. Other texts are kept as 128-bit hashes.
    """

    def __init__(self) -> None:
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
        self._make_room(len(codes))
        repeated = np.zeros(len(codes), dtype=np.bool_)
        self._count += _mark(*text_buffers(codes), keep, self._slots, repeated)
        return repeated

    def _make_room(self, more: int) -> None:
        slots = len(self._slots)
        while self._count + more > _FULLEST * slots:
            slots *= 2
        if slots > len(self._slots):
            larger = np.zeros((slots, 2), dtype=np.uint64)
            _move(self._slots, larger)
            self._slots = larger


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


@numba.njit(cache=True, nogil=True)
def _place(slots: Words, high: np.uint64, low: np.uint64) -> np.uint64:
    """The slot that holds a key, or the free one for it."""
    mask = np.uint64(len(slots) - 1)
    mixed = (high * _SPREAD) ^ (low * _SEEDS[1])
    mixed ^= mixed >> np.uint64(32)
    place = mixed * _SPREAD >> np.uint64(20) & mask
    while slots[place, 0] != 0 and (slots[place, 0] != high or slots[place, 1] != low):
        place = (place + np.uint64(1)) & mask
    return place


@numba.njit(cache=True, nogil=True)
def _mark(
    offsets: npt.NDArray[np.int32],
    data: npt.NDArray[np.uint8],
    keep: Flags,
    slots: Words,
    repeated: Flags,
) -> int:
    """Mark the codes that are in ``slots`` and put the others in; the number of new ones."""
    new = 0
    for row in range(keep.size):
        if offsets[row] == offsets[row + 1]:
            continue
        high, low = _key(data, offsets[row], offsets[row + 1])
        place = _place(slots, high, low)
        if slots[place, 0] != 0:
            repeated[row] = True
        elif keep[row]:
            slots[place, 0], slots[place, 1] = high, low
            new += 1
    return new


@numba.njit(cache=True, nogil=True)
def _move(old: Words, new: Words) -> None:
    for row in range(len(old)):
        if old[row, 0] != 0:
            place = _place(new, old[row, 0], old[row, 1])
            new[place, 0], new[place, 1] = old[row, 0], old[row, 1]
