"""Rows packed and unpacked are the rows that were given, whatever their columns."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layout.exports.packed_rows import PackedRows, RowFormat, rows_in

ROWS = 1_300  # more than are packed together
KINDS: dict[str, Any] = {
    "bool": (pa.bool_(), lambda i: i % 3 == 0),
    "int8": (pa.int8(), lambda i: i % 100 - 50),
    "int16": (pa.int16(), lambda i: i - 600),
    "int32": (pa.int32(), lambda i: i * 1_000),
    "int64": (pa.int64(), lambda i: -i * 10**12),
    "double": (pa.float64(), lambda i: i / 7),
    "date": (pa.date32(), lambda i: i),
    "time": (pa.timestamp("ms"), lambda i: i * 10**9),
    "decimal": (pa.decimal128(12, 2), lambda i: Decimal(i) / 4),
    "three": (pa.binary(3), lambda i: i.to_bytes(3, "big")),
    "text": (pa.string(), lambda i: "深圳" * (i % 9) + str(i)),
    "bytes": (pa.binary(), lambda i: bytes(i % 40)),
    "large": (pa.large_string(), lambda i: "市" * (i % 5)),
    "none": (pa.null(), lambda i: None),
    "uuid": (pa.uuid(), lambda i: i.to_bytes(16, "big")),
}


def table(rows: int = ROWS, missing: int = 0) -> pa.RecordBatch:
    """Every kind of column; every ``missing``-th value is null."""
    columns = {}
    for shift, (name, (kind, make)) in enumerate(KINDS.items()):
        lacks = [bool(missing) and (i + shift) % missing == 0 for i in range(rows)]
        values = [None if lack else make(i) for i, lack in enumerate(lacks)]
        stored = kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind
        made = pa.array(values, stored)
        columns[name] = made if stored == kind else pa.ExtensionArray.from_storage(kind, made)
    return pa.RecordBatch.from_pydict({"key": pa.array(np.arange(rows)), **columns})


@pytest.mark.parametrize("missing", [0, 1, 5])
@pytest.mark.parametrize("cut", [slice(0, ROWS), slice(3, 1_002), slice(7, 7)])
def test_rows_come_back_as_they_went(missing: int, cut: slice) -> None:
    # a part of a larger batch begins within the bytes of bits and offsets
    batch = table(missing=missing)[cut]
    form = RowFormat(batch.schema)
    order = np.random.default_rng(1).permutation(batch.num_rows)
    packed = form.pack(batch, order)
    assert form.unpack([packed]).equals(batch.take(pa.array(order)))
    back = packed.take(np.argsort(order))
    made = form.unpack([back.take(slice(0, 100)), back.take(slice(100, None))])
    made.validate(full=True)
    assert made.equals(batch)
    np.testing.assert_array_equal(form.column(back, "key"), batch.column("key").to_numpy())


def test_rows_are_found_again_in_their_bytes() -> None:
    batch = table(missing=4)
    form = RowFormat(batch.schema)
    packed = form.pack(batch, np.arange(ROWS))
    turned = packed.take(slice(None, None, -1))
    data = turned.together()
    assert len(data) == turned.size() == len(packed.data)
    again = rows_in(data[: len(data) - 8])  # the last row is cut, and is none
    assert form.unpack([again]).equals(batch.take(pa.array(np.arange(ROWS - 1, 0, -1))))
    joined = PackedRows.joined([packed, again])
    assert len(joined) == 2 * ROWS - 1
    assert form.unpack([joined]).slice(ROWS).equals(form.unpack([again]))


def test_room_is_used_again_and_nothing_is_left_in_it() -> None:
    full, gaps = table(), table(missing=2)
    form = RowFormat(full.schema)
    room = form.pack(full, np.arange(ROWS)).data
    packed = form.pack(gaps, np.arange(ROWS), room)
    assert np.shares_memory(packed.data, room)
    assert form.unpack([packed]).equals(gaps)
    small = np.empty(8, dtype=np.uint8)
    assert not np.shares_memory(form.pack(full, np.arange(ROWS), small).data, small)


@given(st.integers(0, 100_000))
def test_as_many_rows_as_fit(most: int) -> None:
    batch = table(200)
    packed = RowFormat(batch.schema).pack(batch, np.arange(200))
    some = packed.up_to(most)
    assert some.size() <= most or len(some) == 1
    assert len(some) == 200 or packed.take(slice(0, len(some) + 1)).size() > most
