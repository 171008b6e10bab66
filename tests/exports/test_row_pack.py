"""Packed rows come back as they were, mixed or not."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from layout.exports.row_pack import RowPack


def batch() -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict(
        {
            "text": pa.array(["a", None, "中", ""]),
            "whole": pa.array([1, None, -3, 2**62]),
            "small": pa.array([1, 2, None, -4], pa.int8()),
            "real": pa.array([0.5, None, float("nan"), -0.0]),
            "yes": pa.array([True, None, False, True]),
            "day": pa.array([dt.date(2020, 2, 29), None, dt.date(1970, 1, 1), None]),
            "time": pa.array([1, None, 3, 4], pa.timestamp("us")),
            "list": pa.array([[1], None, [], [2, 3]]),
            "key": pa.array([4, 3, 2, 1]),
            "none": pa.nulls(4, pa.int16()),
        }
    )


@pytest.mark.parametrize("begin", [0, 1])
def test_rows_come_back_as_they_were(begin: int) -> None:
    given, pack = batch().slice(begin), RowPack(("key",))
    packed = pack.packed(given)
    assert packed.schema.names == ["text", "list", "key", "#packed"]
    again = pack.unpacked(packed)
    assert again.schema.equals(given.schema)
    assert again.slice(0, 1).to_pylist() == given.slice(0, 1).to_pylist()
    for name in given.schema.names:
        one, other = again.column(name), given.column(name)
        assert one.is_null().equals(other.is_null())
        assert str(one.to_pylist()) == str(other.to_pylist())
    order = pa.array(np.arange(given.num_rows)[::-1])
    mixed = pack.unpacked(packed.take(order))
    assert str(mixed.to_pylist()) == str(given.take(order).to_pylist())


def test_text_alone_is_left_alone() -> None:
    given = batch().select(["text", "list"])
    pack = RowPack()
    assert pack.unpacked(pack.packed(given)).equals(given)
