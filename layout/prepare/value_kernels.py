"""Compiled reading of numbers, dates and industry codes from the bytes of text."""

from __future__ import annotations

from typing import Final

import numba
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
Int16s = npt.NDArray[np.int16]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]

EMPTY: Final = 0
GOOD: Final = 1
NOT_FINITE: Final = 2
ODD: Final = 3  # not of the usual form: to be looked at again, or not readable

_MOST_DIGITS = 18
_EXACT = 2**53
_LARGEST = np.int64(2**63 - 1)
_SPACE, _TAB = 32, 9
_PLUS, _COMMA, _MINUS, _POINT, _SLASH, _ZERO, _NINE, _COLON = 43, 44, 45, 46, 47, 48, 57, 58
_UPPER_T, _LOWER = 84, 32
_GROUP = 3
_MOST_EXPONENT = 40


@numba.njit(cache=True, nogil=True)
def _trim(data: Bytes, first: int, last: int) -> tuple[int, int]:
    while first < last and (data[first] == _SPACE or data[first] == _TAB):
        first += 1
    while last > first and (data[last - 1] == _SPACE or data[last - 1] == _TAB):
        last -= 1
    return first, last


@numba.njit(cache=True, nogil=True)
def _says_not_finite(data: Bytes, first: int, last: int) -> bool:
    """``nan``, ``inf`` or ``infinity`` in any case, with or without a sign."""
    if first < last and (data[first] == _MINUS or data[first] == _PLUS):
        first += 1
    size = last - first
    if size != 3 and size != 8:
        return False
    a, b, d = data[first] | _LOWER, data[first + 1] | _LOWER, data[first + 2] | _LOWER
    if size == 3 and a == ord("n") and b == ord("a") and d == ord("n"):
        return True
    if not (a == ord("i") and b == ord("n") and d == ord("f")):
        return False
    return size == 3 or (data[last - 1] | _LOWER) == ord("y")


@numba.njit(cache=True, nogil=True)
def _exponent(data: Bytes, pos: int, last: int) -> int:
    """The number behind an ``e``, beyond ``_MOST_EXPONENT`` where it is none."""
    minus = pos < last and data[pos] == _MINUS
    if pos < last and (data[pos] == _MINUS or data[pos] == _PLUS):
        pos += 1
    value = 0
    if pos >= last or last - pos > 3:
        return _MOST_EXPONENT + 1
    for i in range(pos, last):
        if data[i] < _ZERO or data[i] > _NINE:
            return _MOST_EXPONENT + 1
        value = value * 10 + data[i] - _ZERO
    return -value if minus else value


@numba.njit(cache=True, nogil=True)
def _decimal(data: Bytes, first: int, last: int) -> tuple[int, int, int]:
    """Mantissa, decimals and state of one number."""
    pos, minus = first, data[first] == _MINUS
    if minus or data[first] == _PLUS:
        pos += 1
    mantissa, digits, significant, scale = 0, 0, 0, 0
    point, group, grouped = False, 0, False
    while pos < last:
        byte = data[pos]
        if _ZERO <= byte <= _NINE:
            digits += 1
            if significant or byte != _ZERO:
                significant += 1
            if significant > _MOST_DIGITS:
                return 0, 0, ODD
            mantissa = mantissa * 10 + (byte - _ZERO)
            if point:
                scale += 1
            else:
                group += 1
        elif byte == _COMMA and not point:
            if group == 0 or group > _GROUP or (grouped and group != _GROUP):
                return 0, 0, ODD
            grouped, group = True, 0
        elif byte == _POINT and not point:
            point = True
        else:
            break
        pos += 1
    if digits == 0 or (grouped and group != _GROUP):
        return 0, 0, ODD
    if pos < last:
        if data[pos] | _LOWER != ord("e"):
            return 0, 0, ODD
        exponent = _exponent(data, pos + 1, last)
        if abs(exponent) > _MOST_EXPONENT:
            return 0, 0, ODD
        scale -= exponent
    return -mantissa if minus else mantissa, scale, GOOD


@numba.njit(cache=True, nogil=True)
def _plain_decimal(data: Bytes, first: int, last: int) -> tuple[int, int]:
    """Mantissa and decimals of up to 18 digits and a point; decimals -1 for anything else."""
    mantissa, point = 0, last
    for pos in range(first, last):
        byte = data[pos]
        if _ZERO <= byte <= _NINE:
            mantissa = mantissa * 10 + (byte - _ZERO)
        elif byte == _POINT and point == last:
            point = pos + 1
        else:
            return 0, -1
    return mantissa, last - point


@numba.njit(cache=True, nogil=True)
def read_plain_amounts(offsets: Int32s, data: Bytes, power: int, state: Bytes, out: Int64s) -> None:
    """Read the usual form of an amount at once: digits and a point, times ``10**power``.

    What is of another form, or may round or be too large, is ``ODD`` and left to the general way:
    :func:`read_decimals` and :func:`whole_amounts`.
    """
    for row in range(state.size):
        first, last = offsets[row], offsets[row + 1]
        size = last - first
        if size == 0:
            continue
        state[row] = ODD
        if size > _MOST_DIGITS or data[last - 1] == _POINT:
            continue
        mantissa, scale = _plain_decimal(data, first, last)
        if 0 <= scale <= power and size + power - scale <= _MOST_DIGITS:
            for _ in range(power - scale):
                mantissa *= 10
            out[row], state[row] = mantissa, GOOD


@numba.njit(cache=True, nogil=True)
def read_plain_floats(
    offsets: Int32s, data: Bytes, powers: Floats, state: Bytes, out: Floats
) -> None:
    """The same for real numbers whose nearest float64 is one division away.

    ``powers`` are those of ten; mantissa and power are exact in float64 (Clinger 1990).
    """
    for row in range(state.size):
        first, last = offsets[row], offsets[row + 1]
        size = last - first
        if size == 0:
            continue
        state[row] = ODD
        minus = data[first] == _MINUS
        if minus:
            first += 1
        if not 0 < last - first <= _MOST_DIGITS or data[last - 1] == _POINT:
            continue
        mantissa, scale = _plain_decimal(data, first, last)
        if scale >= 0 and mantissa <= _EXACT:
            out[row], state[row] = (-mantissa if minus else mantissa) / powers[scale], GOOD


@numba.njit(cache=True, nogil=True)
def read_decimals(
    offsets: Int32s, data: Bytes, mantissa: Int64s, scale: Int16s, state: Bytes
) -> None:
    """Read numbers as ``mantissa / 10**scale``.

    Signs, a decimal point, thousands in groups of three between commas and an exponent are read;
    anything else is ``ODD``, also more than 18 significant digits.
    """
    for row in range(state.size):
        first, last = offsets[row], offsets[row + 1]
        if 0 < last - first <= _MOST_DIGITS and data[last - 1] != _POINT:
            mantissa[row], scale[row] = _plain_decimal(data, first, last)
            if scale[row] >= 0:
                state[row] = GOOD
                continue
        first, last = _trim(data, first, last)
        if first == last:
            state[row] = EMPTY
            continue
        mantissa[row], scale[row], state[row] = _decimal(data, first, last)
        if state[row] == ODD and _says_not_finite(data, first, last):
            state[row] = NOT_FINITE


@numba.njit(cache=True, nogil=True)
def whole_amounts(
    mantissa: Int64s, scale: Int16s, power: Int16s, state: Bytes, out: Int64s
) -> None:
    """``mantissa * 10**(power - scale)``, halves away from zero; ``ODD`` where it is too large."""
    for row in range(state.size):
        out[row] = 0
        if state[row] != GOOD:
            continue
        value, shift = mantissa[row], np.int64(power[row]) - np.int64(scale[row])
        while shift > 0 and value != 0:
            if abs(value) > _LARGEST // 10:
                state[row] = ODD
                value = 0
                break
            value *= 10
            shift -= 1
        if shift < -_MOST_DIGITS:
            value = 0
        elif shift < 0:
            unit = np.int64(10) ** np.int64(-shift)
            sign = -1 if value < 0 else 1
            size = abs(value)
            value = sign * (size // unit + (1 if size % unit >= unit - size % unit else 0))
        out[row] = value


@numba.njit(cache=True, nogil=True)
def _days(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 (Hinnant, chrono-compatible low-level date algorithms)."""
    if month <= 2:
        year -= 1
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + (9 if month <= 2 else -3)) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


@numba.njit(cache=True, nogil=True)
def _is_day(year: int, month: int, day: int) -> bool:
    if not (1800 <= year <= 2200 and 1 <= month <= 12 and 1 <= day <= 31):
        return False
    if month == 2:
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return day <= (29 if leap else 28)
    return day <= 30 or month not in (4, 6, 9, 11)


@numba.njit(cache=True, nogil=True)
def _number(data: Bytes, pos: int, last: int) -> tuple[int, int]:
    """A whole number of up to 8 digits: value (-1 for none) and position after it."""
    value, start = 0, pos
    while pos < last and _ZERO <= data[pos] <= _NINE and pos - start < 8:
        value = value * 10 + data[pos] - _ZERO
        pos += 1
    return (value if pos > start else -1), pos


@numba.njit(cache=True, nogil=True)
def _separator(data: Bytes, pos: int, last: int, letter: tuple[int, int, int]) -> int:
    """Position after a date separator: one of ``-/.`` or the Chinese letter; -1 for none."""
    if pos < last and (data[pos] == _MINUS or data[pos] == _SLASH or data[pos] == _POINT):
        return pos + 1
    if (
        pos + 2 < last
        and data[pos] == letter[0]
        and data[pos + 1] == letter[1]
        and data[pos + 2] == letter[2]
    ):
        return pos + 3
    return -1


_NO_DAY = -(2**31)
_YEAR = (0xE5, 0xB9, 0xB4)  # 年
_MONTH = (0xE6, 0x9C, 0x88)  # 月
_DAY = (0xE6, 0x97, 0xA5)  # 日


@numba.njit(cache=True, nogil=True)
def _is_time(data: Bytes, pos: int, last: int) -> bool:
    """What follows a day is nothing, or a time of day."""
    if pos == last:
        return True
    if data[pos] != _SPACE and data[pos] != _UPPER_T:
        return False
    for i in range(pos + 1, last):
        byte = data[i]
        if not (_ZERO <= byte <= _COLON or byte in (_POINT, _PLUS, _MINUS, ord("Z"), _SPACE)):
            return False
    return True


@numba.njit(cache=True, nogil=True)
def _date(data: Bytes, first: int, last: int, serials: bool) -> tuple[int, int]:
    """Days from 1970-01-01 and state of one date."""
    year, pos = _number(data, first, last)
    size = pos - first
    if size == 8 and _is_time(data, pos, last):
        year, month, day = year // 10000, year // 100 % 100, year % 100
    elif size == 5 and serials and (pos == last or data[pos] == _POINT):
        return year - 25569, GOOD  # Excel counts days from 1899-12-30
    elif size == 4:
        pos = _separator(data, pos, last, _YEAR)
        if pos < 0:
            return 0, ODD
        month, pos = _number(data, pos, last)
        pos = _separator(data, pos, last, _MONTH)
        if pos < 0:
            return 0, ODD
        start = pos
        day, pos = _number(data, pos, last)
        if pos - start > 2:
            return 0, ODD
        if pos + 2 < last and data[pos] == _DAY[0] and data[pos + 1] == _DAY[1]:
            pos += 3
        if not _is_time(data, pos, last):
            return 0, ODD
    else:
        return 0, ODD
    return (_days(year, month, day), GOOD) if _is_day(year, month, day) else (0, ODD)


@numba.njit(cache=True, nogil=True)
def _iso_date(data: Bytes, first: int, last: int) -> int:
    """Days from 1970-01-01 of ``2019-03-05``, ``_NO_DAY`` for anything else."""
    if last - first != 10 or data[first + 4] != _MINUS or data[first + 7] != _MINUS:
        return _NO_DAY
    value = 0
    for place in (0, 1, 2, 3, 5, 6, 8, 9):
        digit = data[first + place] - np.uint8(_ZERO)
        if digit > 9:
            return _NO_DAY
        value = value * 10 + digit
    year, month, day = value // 10000, value // 100 % 100, value % 100
    return _days(year, month, day) if _is_day(year, month, day) else _NO_DAY


@numba.njit(cache=True, nogil=True)
def read_dates(offsets: Int32s, data: Bytes, serials: bool, days: Int32s, state: Bytes) -> None:
    """Read dates as days from 1970-01-01.

    Year, month and day between ``-``, ``/``, ``.`` or 年月日, or as eight digits, with or without a
    time of day; numbers of five digits as Excel's days where ``serials``.
    """
    for row in range(state.size):
        first, last = offsets[row], offsets[row + 1]
        days[row] = _iso_date(data, first, last)
        if days[row] != _NO_DAY:
            state[row] = GOOD
            continue
        first, last = _trim(data, first, last)
        if first == last:
            state[row] = EMPTY
            continue
        days[row], state[row] = _date(data, first, last, serials)


@numba.njit(cache=True, nogil=True)
def read_codes(offsets: Int32s, data: Bytes, key: Int32s, letter: Bytes, state: Bytes) -> None:
    """Read industry codes: a letter (0 for none), up to four digits as ``key``, and the state.

    ``key`` is the value of four digits, 10,000 more for three, 11,000 more for two; -1 for none.
    """
    for row in range(state.size):
        first, last = _trim(data, offsets[row], offsets[row + 1])
        key[row], letter[row], state[row] = -1, 0, GOOD
        if first == last:
            state[row] = EMPTY
            continue
        lead = data[first] & ~np.uint8(_LOWER)
        if ord("A") <= lead <= ord("T"):
            letter[row] = lead
            first += 1
        value, pos = _number(data, first, last)
        size = pos - first
        if pos != last or size > 4 or size == 1 or (size == 0 and letter[row] == 0):
            state[row] = ODD
        elif size:
            key[row] = value + (0 if size == 4 else 10_000 if size == 3 else 11_000)
