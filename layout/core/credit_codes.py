"""The check character of unified social credit codes (GB 32100-2015), for whole columns.

A code has 18 characters of a 31-letter alphabet: registration authority (1), category (1),
administrative division (6), organisation code (9), check character (1). The check character makes
the weighted sum of all values divisible by 31; the weight of place ``i`` (from 0) is
``3**i mod 31``. The ninth character of the organisation code is a check character of its own
(GB 11714-1997, modulus 11); it is made here for invented codes and not asked of given ones.
"""

from __future__ import annotations

from typing import Final

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Digits and capital letters without I, O, S, V and Z; a character's value is its place."""

CODE_LENGTH: Final = 18
BODY_LENGTH: Final = 17
MODULUS: Final = 31
WEIGHTS: Final = tuple(pow(3, place, MODULUS) for place in range(BODY_LENGTH))
ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)

_LETTERS: Final = np.frombuffer(ALPHABET.encode("ascii"), dtype=np.uint8)
_NO_VALUE: Final = 255
_VALUES: Final = np.full(256, _NO_VALUE, dtype=np.uint8)
_VALUES[_LETTERS] = np.arange(MODULUS, dtype=np.uint8)


def check_character(bodies: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The check character of each 17-character body.

    Parameters
    ----------
    bodies
        ASCII bytes, shape ``(n, 17)``.

    Returns
    -------
    numpy.ndarray
        ASCII bytes, shape ``(n,)``; 0 where a body holds a character outside the alphabet.

    References
    ----------
    GB 32100-2015, annex A (check characters after GB/T 17710-2008, MOD 31, radix 3).
    """
    values = _VALUES[bodies]
    readable = (values != _NO_VALUE).all(axis=1)
    total = _weighted(values)
    letters = _LETTERS[(-total) % MODULUS]
    return np.where(readable, letters, np.uint8(0)).astype(np.uint8)


def organisation_check(bodies: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The check character of each 8-character organisation code.

    Parameters
    ----------
    bodies
        ASCII digits and capital letters, shape ``(n, 8)``.

    Returns
    -------
    numpy.ndarray
        ASCII bytes, shape ``(n,)``: a digit or ``X``.

    References
    ----------
    GB 11714-1997: ``11 - sum(value * weight) mod 11``, 10 written ``X`` and 11 written ``0``;
    letters count from A = 10 to Z = 35.
    """
    values = np.where(bodies >= ord("A"), bodies - np.uint8(ord("A") - 10), bodies - np.uint8(48))
    total = values.astype(np.int64) @ np.asarray(ORGANISATION_WEIGHTS, dtype=np.int64)
    digits = np.frombuffer(b"0123456789X", dtype=np.uint8)
    return digits[(-total) % 11]


def has_valid_check(codes: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Whether each code has 18 characters of the alphabet and the right check character.

    Parameters
    ----------
    codes
        Strings; lower case letters and codes with spaces are not valid.

    Returns
    -------
    numpy.ndarray
        Shape ``(n,)``; False for a null.
    """
    if isinstance(codes, pa.ChunkedArray):
        codes = codes.combine_chunks()
    valid = np.zeros(len(codes), dtype=np.bool_)
    if codes.null_count < len(codes):
        text = codes.cast(pa.large_string())
        _, offsets, data = text.buffers()
        places = np.frombuffer(offsets, np.int64)[text.offset : text.offset + len(text) + 1]
        _check(places, np.frombuffer(data, np.uint8), _VALUES, np.array(WEIGHTS), _LETTERS, valid)
    if codes.null_count:
        valid &= codes.is_valid().to_numpy(zero_copy_only=False)
    return valid


@numba.njit(cache=True, nogil=True)
def _check(
    places: npt.NDArray[np.int64],
    data: npt.NDArray[np.uint8],
    values: npt.NDArray[np.uint8],
    weights: npt.NDArray[np.int64],
    letters: npt.NDArray[np.uint8],
    valid: npt.NDArray[np.bool_],
) -> None:
    """:func:`check_character` code by code, of texts between ``places``."""
    for row in range(valid.size):
        first = places[row]
        if places[row + 1] - first != CODE_LENGTH:
            continue
        total, readable = 0, True
        for place in range(BODY_LENGTH):
            value = values[data[first + place]]
            readable &= value != _NO_VALUE
            total += weights[place] * np.int64(value)
        valid[row] = readable and letters[-total % MODULUS] == data[first + BODY_LENGTH]


def _weighted(values: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
    """``sum(value * weight)`` of each row; place by place, so that no wide copy is made."""
    total = np.zeros(len(values), dtype=np.int32)
    for place, weight in enumerate(WEIGHTS):
        total += values[:, place].astype(np.int32) * weight
    return total
