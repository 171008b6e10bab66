"""The columns of firms that a cube counts, as small numbers for compiled code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from layout.core import facts
from layout.core.columns import (
    EMPLOYEES,
    ESTABLISHED,
    REVENUE,
    SCOPE,
    SECTORS,
    SHARES,
    STATUS,
)
from layout.prepare.dimensions import SCOPES, STATUSES

Int8 = npt.NDArray[np.int8]
Int16 = npt.NDArray[np.int16]
Int32 = npt.NDArray[np.int32]

NO_DAY = int(np.iinfo(np.int32).min)
"""Founding day of the firms whose day is unknown: they exist in every year."""


class ArrowColumn(NamedTuple):
    """An Arrow array of numbers as it lies in memory, for compiled code.

    Attributes
    ----------
    values
        ``(n,)``; whatever stands where there is a null.
    valid
        uint8: the validity bitmap, one bit a row; empty where no row is null.
    start
        Bit of the first row in the bitmap; unsigned, like all places in compiled loops over many
        rows, which then need no test for negative ones.
    """

    values: npt.NDArray[Any]
    valid: npt.NDArray[np.uint8]
    start: np.uint64


@dataclass(frozen=True)
class EncodedFirms:
    """The columns of a batch that a cube counts.

    Attributes
    ----------
    sectors
        int8 ``(3, n)``: positions among the sectors, -1 for none.
    shares
        int16 ``(3, n)``: thousandths.
    scope, status
        int8 ``(n,)``: positions in ``SCOPES`` and ``STATUSES``.
    days
        int32 ``(n,)``: founding days since 1970-01-01, ``NO_DAY`` where unknown.
    revenue, employees
        By year, int64.
    """

    sectors: Int8
    shares: Int16
    scope: Int8
    status: Int8
    days: Int32
    revenue: tuple[ArrowColumn, ...]
    employees: tuple[ArrowColumn, ...]


def encode_firms(firms: pa.RecordBatch, years: Sequence[int]) -> EncodedFirms:
    """Encode a batch of tagged firms; columns that a table lacks are unknown everywhere."""
    n = firms.num_rows

    def column(name: str, kind: pa.DataType) -> pa.Array:
        return firms[name] if name in firms.schema.names else pa.nulls(n, kind)

    def figures(name: str) -> ArrowColumn:
        return arrow_column(column(name, pa.int64()).cast(pa.int64()))

    days = column(ESTABLISHED, pa.date32()).cast(pa.int32()).fill_null(NO_DAY)
    shares = [firms[name].cast(pa.int16()).fill_null(0) for name in SHARES]
    return EncodedFirms(
        sectors=np.stack([_codes(firms[name], facts.sector_ids(), -1) for name in SECTORS]),
        shares=np.stack([one.to_numpy(zero_copy_only=False) for one in shares]),
        scope=_codes(firms[SCOPE], SCOPES, SCOPES.index("outside")),
        status=_codes(column(STATUS, pa.string()), STATUSES, STATUSES.index("unknown")),
        days=days.to_numpy(zero_copy_only=False),
        revenue=tuple(figures(REVENUE.of(year)) for year in years),
        employees=tuple(figures(EMPLOYEES.of(year)) for year in years),
    )


def arrow_column(array: pa.Array) -> ArrowColumn:
    """The buffers of an array of whole numbers, without a copy."""
    kind = array.type.to_pandas_dtype()
    bits, data = array.buffers()
    valid, values = np.empty(0, np.uint8), np.empty(0, kind)
    if len(array):
        values = np.frombuffer(data, kind)[array.offset : array.offset + len(array)]
    if array.null_count:
        valid = np.frombuffer(bits, np.uint8)
    # Arrow memory may be writable or not; compiled code should see one kind of array.
    values.flags.writeable = valid.flags.writeable = False
    return ArrowColumn(values, valid, np.uint64(array.offset))


@numba.njit(cache=True, nogil=True)
def is_known(valid, bit):  # type: ignore[no-untyped-def]
    """Whether a bit, uint64, of the bitmap of an :class:`ArrowColumn` is set."""
    if valid.shape[0] == 0:
        return True
    return (valid[bit >> np.uint64(3)] >> (bit & np.uint64(7))) & np.uint64(1) != 0


@numba.njit(cache=True, nogil=True)
def _look_up(column, table, none, codes):  # type: ignore[no-untyped-def]
    """Fill ``codes`` with what the table says of each index, ``none`` for null."""
    values, valid, start = column
    for i in range(codes.shape[0]):
        codes[i] = table[values[i]] if is_known(valid, start + np.uint64(i)) else none


def _codes(array: pa.Array, words: Sequence[str], other: int) -> Int8:
    """Position of each value in ``words``; ``other`` for null and unknown words."""
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    position = {word: i for i, word in enumerate(words)}
    table = np.array([position.get(v, other) for v in encoded.dictionary.to_pylist()], np.int8)
    codes = np.empty(len(encoded), np.int8)
    _look_up(arrow_column(encoded.indices), table, other, codes)
    return codes
