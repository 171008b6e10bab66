"""The columns of fixed width of a batch as one, so that mixing its rows moves each row once."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

_PACKED: Final = "#packed"
_VALID: Final = "valid"
_MOST: Final = 256
"""Columns that are packed; what a table has beyond that stays as it is."""


class RowPack:
    """Packs batches of one schema and unpacks them.

    Parameters
    ----------
    kept
        Columns that are left as they are.
    """

    def __init__(self, kept: tuple[str, ...] = ()) -> None:
        self._kept = kept
        self._schema: pa.Schema | None = None
        self._fields: list[pa.Field] = []
        self._record = np.dtype([])

    def packed(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch with one binary column in place of those of fixed width."""
        if self._schema is None:
            self._begin(batch.schema)
        if not self._fields:
            return batch
        rows = np.zeros(batch.num_rows, self._record)
        for number, field in enumerate(self._fields):
            column = batch.column(field.name)
            rows[f"{number}"] = _numbers(column)
            if column.null_count:
                gone = column.is_null().to_numpy(zero_copy_only=False)
                rows[_VALID][:, number >> 3] |= gone.astype(np.uint8) << np.uint8(number & 7)
        kind = pa.binary(self._record.itemsize)
        whole = pa.Array.from_buffers(kind, len(rows), [None, pa.py_buffer(rows)])
        names = {field.name for field in self._fields}
        left = [name for name in batch.schema.names if name not in names]
        return pa.RecordBatch.from_arrays(
            [*(batch.column(name) for name in left), whole], names=[*left, _PACKED]
        )

    def unpacked(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The reverse of :meth:`packed`; columns that were left out meanwhile stay out."""
        assert self._schema is not None
        if not self._fields:
            return batch
        column = batch.column(_PACKED)
        rows = np.frombuffer(
            column.buffers()[1], self._record, len(column), column.offset * self._record.itemsize
        )
        made = {
            field.name: self._column(rows, number, field)
            for number, field in enumerate(self._fields)
        }
        made |= {name: batch.column(name) for name in batch.schema.names if name != _PACKED}
        names = [name for name in self._schema.names if name in made]
        return pa.RecordBatch.from_arrays([made[name] for name in names], names=names)

    def _begin(self, schema: pa.Schema) -> None:
        self._schema = schema
        able = [one for one in schema if one.name not in self._kept and _is_packable(one.type)]
        self._fields = able[:_MOST]
        parts: list[tuple[str, object, int]] = [
            (f"{number}", _number_type(field.type), 1) for number, field in enumerate(self._fields)
        ]
        parts.sort(key=lambda one: -np.dtype(one[1]).itemsize)  # type: ignore[call-overload]
        self._record = np.dtype(
            [(name, kind) for name, kind, _ in parts]
            + [(_VALID, np.uint8, (-(-len(self._fields) // 8),))]
        )

    def _column(self, rows: npt.NDArray[np.void], number: int, field: pa.Field) -> pa.Array:
        values = np.ascontiguousarray(rows[f"{number}"])
        gone = rows[_VALID][:, number >> 3] >> np.uint8(number & 7) & np.uint8(1) != 0
        mask = gone if gone.any() else None
        if pa.types.is_boolean(field.type):
            return pa.array(values.astype(np.bool_), mask=mask)
        plain = pa.array(values, mask=mask)
        return plain if plain.type == field.type else plain.view(field.type)


def _is_packable(kind: pa.DataType) -> bool:
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
    return bool(is_number or pa.types.is_temporal(kind))


def _number_type(kind: pa.DataType) -> object:
    """The numpy type that holds the bits of a value."""
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return kind.to_pandas_dtype()
    return np.dtype(f"i{max(kind.bit_width // 8, 1)}")


def _numbers(column: pa.Array) -> npt.NDArray[np.generic]:
    """The bits of the values as numbers; anything for a null."""
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    width = column.type.bit_width // 8
    kind = np.dtype(_number_type(column.type))  # type: ignore[call-overload]
    data = column.buffers()[1]
    if data is None:
        return np.zeros(len(column), kind)
    return np.frombuffer(data, kind, len(column), column.offset * width)
