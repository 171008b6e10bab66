"""Text of files to typed values, column by column, without an object per row.

Every reader of a value gives a :class:`Reading`: the values, where they could not be read, and
where they could only be read after a repair. What is missing is null and no fault.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from layout.core.money import UNITS
from layout.prepare import value_kernels as kernels
from layout.prepare.text_arrays import as_text, is_filled, text_buffers, trimmed, unwide

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

MISSING_WORDS: Final = (
    "-",
    "--",
    "—",
    "——",
    "/",
    "\\n",
    "null",
    "none",
    "na",
    "n/a",
    "#n/a",
    "无",
    "空",
)
"""Ways to write that there is no value (compared in lower case)."""

STATUSES: Final = ("active", "moved", "cancelled", "revoked", "unknown")
_UNKNOWN: Final = STATUSES.index("unknown")
_STATUS_WORDS: Final = (
    ("已注销", "cancelled"),
    ("吊销", "revoked"),
    ("撤销", "revoked"),
    ("注销", "cancelled"),
    ("迁出", "moved"),
    ("存续", "active"),
    ("在营", "active"),
    ("在业", "active"),
    ("在册", "active"),
    ("开业", "active"),
    ("正常", "active"),
    ("迁入", "active"),
    ("登记成立", "active"),
)
"""Status by the first of these words that a text holds: 吊销，未注销 is revoked, not cancelled."""

_YES: Final = frozenset({"是", "有", "√", "✓", "y", "yes", "true", "t", "1", "高新技术企业"})
_NO: Final = frozenset({"否", "无", "非", "×", "n", "no", "false", "f", "0"})

_AMOUNT: Final = (
    r"^[¥￥]?\s*(?P<number>[-+]?[0-9][0-9,]*\.?[0-9]*)\s*"
    r"(?P<unit>人|元|千元|万|万元|百万元|亿|亿元)?\s*(?:人民币|整)?$"
)
_EXACT_MANTISSA: Final = 2**53
_EXACT_POWER: Final = 22
_POWERS: Final[Floats] = np.power(10.0, np.arange(_EXACT_POWER + 1), dtype=np.float64)


@dataclass(frozen=True)
class Reading:
    """A column that was read.

    Attributes
    ----------
    values
        Typed values, null where missing or unreadable.
    unreadable
        Where a text stands that is no value of the column.
    repaired
        Where full-width characters were read as usual ones.
    not_finite
        Where a number is infinite or says that it is none.
    """

    values: pa.Array
    unreadable: Flags
    repaired: Flags
    not_finite: Flags


@dataclass(frozen=True)
class _Decimals:
    """Numbers as ``mantissa / 10**scale`` with a state each; ``power`` of a unit that stood by."""

    mantissa: npt.NDArray[np.int64]
    scale: npt.NDArray[np.int16]
    state: npt.NDArray[np.uint8]
    power: npt.NDArray[np.int16] = field(repr=False)


def read_coordinate(array: pa.Array, *, full_width: bool = False) -> Reading:
    """Coordinates as float64; ``not_finite`` where one says NaN or infinity."""
    if pa.types.is_floating(array.type) or pa.types.is_integer(array.type):
        values = array.cast(pa.float64())
        finite = pc.fill_null(pc.is_finite(values), True).to_numpy(zero_copy_only=False)
        none = np.zeros(len(array), dtype=np.bool_)
        return Reading(pc.if_else(pa.array(finite), values, None), none, none, ~finite)
    text = as_text(array)
    state, values = _states(text), np.zeros(len(text))
    kernels.read_plain_floats(*text_buffers(text), _POWERS, state, values)
    repaired, odd = np.zeros(len(text), np.bool_), np.flatnonzero(state == kernels.ODD)
    if odd.size:
        some = text.take(pa.array(odd))
        decimals = _decimals(some)
        repaired[odd] = _look_again(some, decimals.state, full_width, _number_again(decimals))
        values[odd], state[odd] = _floats(some, decimals), decimals.state
    return _reading(values, state, repaired)


def read_amount(array: pa.Array, *, unit: int = 1, full_width: bool = False) -> Reading:
    """Amounts as whole numbers of int64, halves away from zero.

    Parameters
    ----------
    array
        Text or numbers.
    unit
        What one is worth, a power of ten: 10,000 where yuan are wanted of 万元. A unit of money
        behind a number (``500万元``) is its own.
    full_width
        Read full-width digits too.
    """
    power = round(math.log10(unit))
    if pa.types.is_integer(array.type):
        array = array.cast(pa.int64())
        values = pc.multiply_checked(array, unit) if array.null_count < len(array) else array
        return _sound(values)
    if pa.types.is_floating(array.type):
        return _float_amounts(array, unit)
    return _text_amounts(as_text(array), power, full_width)[0]


def read_count(array: pa.Array, *, full_width: bool = False) -> Reading:
    """Numbers of persons or things: amounts that must be whole."""
    if pa.types.is_integer(array.type):
        return _sound(array.cast(pa.int64()))
    if pa.types.is_floating(array.type):
        found = _float_amounts(array, 1)
        given = array.cast(pa.float64()).to_numpy(zero_copy_only=False)
        broken = np.isfinite(given) & (given != np.floor(given))
    else:
        found, broken = _text_amounts(as_text(array), 0, full_width)
    if not broken.any():
        return found
    kept = pc.if_else(pa.array(~broken), found.values, None)
    return Reading(kept, found.unreadable | broken, found.repaired, found.not_finite)


def _text_amounts(text: pa.Array, power: int, full_width: bool) -> tuple[Reading, Flags]:
    """Amounts, and where there was a fraction before ``10**power`` was applied."""
    state, out = _states(text), np.zeros(len(text), dtype=np.int64)
    kernels.read_plain_amounts(*text_buffers(text), power, state, out)
    repaired, broken = np.zeros((2, len(text)), dtype=np.bool_)
    odd = np.flatnonzero(state == kernels.ODD)
    if odd.size:
        some = text.take(pa.array(odd))
        decimals = _decimals(some)
        decimals.power[:] = power
        repaired[odd] = _look_again(some, decimals.state, full_width, _number_again(decimals))
        parts = np.power(10, np.clip(decimals.scale, 0, 18), dtype=np.int64)
        broken[odd] = (decimals.state == kernels.GOOD) & (decimals.mantissa % parts != 0)
        out[odd], state[odd] = _whole(decimals)
    return _reading(out, state, repaired), broken


def _whole(decimals: _Decimals) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Amounts and their states; of an amount, infinity and the like say that there is none."""
    state, out = decimals.state, np.empty(len(decimals.state), dtype=np.int64)
    state[state == kernels.NOT_FINITE] = kernels.EMPTY
    kernels.whole_amounts(decimals.mantissa, decimals.scale, decimals.power, state, out)
    return out, state


def read_date(array: pa.Array, *, serials: bool = False, full_width: bool = False) -> Reading:
    """Days as date32; numbers of five digits are Excel's days where ``serials``."""
    if pa.types.is_temporal(array.type):
        return _sound(array.cast(pa.date32(), safe=False))
    text = as_text(array)
    days, state = np.zeros(len(text), dtype=np.int32), np.zeros(len(text), dtype=np.uint8)
    kernels.read_dates(*text_buffers(text), serials, days, state)

    def again(places: npt.NDArray[np.int64], plain: pa.Array) -> None:
        found = np.zeros(len(plain), dtype=np.int32), np.zeros(len(plain), dtype=np.uint8)
        kernels.read_dates(*text_buffers(plain), serials, *found)
        days[places], state[places] = found

    repaired = _look_again(text, state, full_width, again)
    return _reading(days, state, repaired, pa.date32())


def read_status(array: pa.Array) -> Reading:
    """Registration status as a dictionary of ``STATUSES``; nothing and the unknown are unknown."""
    found = _choices(as_text(array), _status_of)
    unreadable = found == _ODD_WORD
    values = np.where((found == _ODD_WORD) | (found == _NO_WORD), _UNKNOWN, found).astype(np.int8)
    none = np.zeros(len(array), dtype=np.bool_)
    made = pa.DictionaryArray.from_arrays(pa.array(values), pa.array(STATUSES))
    return Reading(made, unreadable, none, none)


def read_yes_no(array: pa.Array) -> Reading:
    """Yes and no as bool."""
    if pa.types.is_boolean(array.type):
        return _sound(array)
    found = _choices(as_text(array), _yes_or_no)
    none = np.zeros(len(array), dtype=np.bool_)
    return Reading(pa.array(found == 1, mask=found < 0), found == _ODD_WORD, none, none)


_NO_WORD: Final = -1
_ODD_WORD: Final = -2


def _choices(text: pa.Array, choose: Callable[[str], int]) -> npt.NDArray[np.int64]:
    """The choice of each text: made once for each different text."""
    encoded = text.dictionary_encode()
    words = encoded.dictionary.to_pylist()
    table = np.array([*(choose(word.strip().lower()) for word in words), _NO_WORD])
    places = pc.fill_null(encoded.indices, len(words)).to_numpy(zero_copy_only=False)
    chosen: npt.NDArray[np.int64] = table[places]
    return chosen


def _status_of(word: str) -> int:
    if not word or word in MISSING_WORDS:
        return _NO_WORD
    if word in STATUSES:
        return STATUSES.index(word)
    plain = word.replace("未注销", "")
    for part, status in _STATUS_WORDS:
        if part in plain:
            return STATUSES.index(status)
    return _ODD_WORD


def _yes_or_no(word: str) -> int:
    if word in _YES or word in _NO:
        return int(word in _YES)
    return _NO_WORD if not word or word in MISSING_WORDS else _ODD_WORD


def _sound(values: pa.Array) -> Reading:
    none = np.zeros(len(values), dtype=np.bool_)
    return Reading(values, none, none, none)


def _states(text: pa.Array) -> npt.NDArray[np.uint8]:
    return np.full(len(text), kernels.EMPTY, dtype=np.uint8)


def _reading(
    values: npt.NDArray[np.generic],
    state: npt.NDArray[np.uint8],
    repaired: Flags,
    kind: pa.DataType | None = None,
) -> Reading:
    """Values where they are good, as ``kind`` or the Arrow type of theirs."""
    good = np.packbits(state == kernels.GOOD, bitorder="little")
    made = pa.Array.from_buffers(
        kind or pa.from_numpy_dtype(values.dtype),
        len(values),
        [pa.py_buffer(good), pa.py_buffer(values)],
    )
    return Reading(made, state == kernels.ODD, repaired, state == kernels.NOT_FINITE)


def _decimals(text: pa.Array) -> _Decimals:
    size = len(text)
    made = _Decimals(
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=np.int16),
        np.zeros(size, dtype=np.uint8),
        np.zeros(size, dtype=np.int16),
    )
    kernels.read_decimals(*text_buffers(text), made.mantissa, made.scale, made.state)
    return made


def _number_again(decimals: _Decimals) -> Callable[[npt.NDArray[np.int64], pa.Array], None]:
    """Read texts with a sign of money or a unit about the number into ``decimals``."""

    def again(places: npt.NDArray[np.int64], plain: pa.Array) -> None:
        parts = pc.extract_regex(plain, _AMOUNT)
        number = pc.fill_null(pc.struct_field(parts, "number"), "?")
        found = _decimals(number)
        units = pc.struct_field(parts, "unit").to_pylist()
        power = [round(math.log10(UNITS[u])) if u in UNITS else None for u in units]
        own = decimals.power[places]
        decimals.mantissa[places], decimals.scale[places] = found.mantissa, found.scale
        decimals.state[places] = found.state
        decimals.power[places] = [o if p is None else p for o, p in zip(own, power, strict=True)]

    return again


def _look_again(
    text: pa.Array,
    state: npt.NDArray[np.uint8],
    full_width: bool,
    again: Callable[[npt.NDArray[np.int64], pa.Array], None],
) -> Flags:
    """Look again at odd texts: words for nothing, and full-width characters where wanted.

    Changes ``state``; returns where full-width characters were read.
    """
    repaired = np.zeros(len(text), dtype=np.bool_)
    places = np.flatnonzero(state == kernels.ODD)
    if not places.size:
        return repaired
    odd = trimmed(text.take(pa.array(places)))
    missing = pc.is_in(pc.utf8_lower(odd), pa.array(MISSING_WORDS), skip_nulls=False)
    nothing = (pc.or_(missing, pc.is_null(odd))).to_numpy(zero_copy_only=False)
    state[places[nothing]] = kernels.EMPTY
    places, odd = places[~nothing], odd.filter(pa.array(~nothing))
    plain = unwide(odd)
    wide = pc.not_equal(plain, odd).to_numpy(zero_copy_only=False)
    if not full_width:
        places, plain = places[~wide], plain.filter(pa.array(~wide))
    if places.size:
        again(places, plain)
    if full_width:
        repaired[places[wide]] = state[places[wide]] == kernels.GOOD
    return repaired


def _floats(text: pa.Array, decimals: _Decimals) -> Floats:
    """The nearest float64 of each number."""
    scale = decimals.scale.astype(np.int64)
    power = np.power(10.0, np.minimum(np.abs(scale), _EXACT_POWER))
    mantissa = decimals.mantissa.astype(np.float64)
    values: Floats = np.where(scale >= 0, mantissa / power, mantissa * power)
    # Both operands are exact up to here (Clinger 1990); the rest is left to the general parser.
    large = (np.abs(decimals.mantissa) > _EXACT_MANTISSA) | (np.abs(scale) > _EXACT_POWER)
    large &= decimals.state == kernels.GOOD
    if large.any():
        texts = unwide(trimmed(text.filter(pa.array(large)))).to_pylist()
        values[large] = [float(one.replace(",", "")) for one in texts]
    return values


def _float_amounts(array: pa.Array, unit: int) -> Reading:
    values = array.cast(pa.float64()).to_numpy(zero_copy_only=False)
    finite = np.isfinite(values)
    amounts = np.where(finite, values, 0.0) * unit
    # Halves away from zero, as for text; the rounding takes off the noise of the product.
    whole = np.copysign(np.floor(np.round(np.abs(amounts), 3) + 0.5), amounts)
    large = np.abs(whole) >= 2.0**63
    out = np.where(large, 0, whole).astype(np.int64)
    unreadable = large | (np.isinf(values) & is_filled(array))
    none = np.zeros(len(array), dtype=np.bool_)
    return Reading(pa.array(out, mask=~finite | large), unreadable, none, none)
