"""Dictionary columns of a stream as numbers of one growing list of texts, and back."""

from __future__ import annotations

import numba
import numpy as np
import pyarrow as pa


class DictionaryCodes:
    """Gives every text of a dictionary column one number, in the order in which they first come.

    Batches carry dictionaries of their own; rows of several batches can be mixed once all of them
    count in the same list.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, dict[object, int]] = {}
        self._words: dict[str, pa.Array] = {}
        self._last: dict[str, tuple[pa.Array, pa.Array]] = {}
        self._schema: pa.Schema | None = None

    def encoded(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch with int32 numbers in place of dictionary columns."""
        if self._schema is None:
            self._schema = batch.schema
        arrays = [
            self._encoded(name, column) if pa.types.is_dictionary(column.type) else column
            for name, column in zip(batch.schema.names, batch.columns, strict=True)
        ]
        return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)

    def decoded(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The reverse of :meth:`encoded`; each dictionary holds the texts of its rows only."""
        assert self._schema is not None
        arrays = [
            self._decoded(field, batch.column(field.name))
            if pa.types.is_dictionary(field.type)
            else batch.column(field.name)
            for field in self._schema
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)

    def _encoded(self, name: str, column: pa.DictionaryArray) -> pa.Array:
        words = column.dictionary
        last = self._last.get(name)
        if last is None or not words.equals(last[0]):  # many columns have one list in all batches
            numbers = self._numbers.setdefault(name, {})
            new = [numbers.setdefault(word, len(numbers)) for word in words.to_pylist()]
            last = self._last[name] = words, pa.array(new, pa.int32())
        return last[1].take(column.indices)

    def _decoded(self, field: pa.Field, numbers: pa.Array) -> pa.Array:
        words = self._all_words(field)
        codes = numbers.fill_null(-1).to_numpy(zero_copy_only=False)
        rank = np.full(len(words), -1, np.int32)
        indices = np.empty(len(codes), field.type.index_type.to_pandas_dtype())
        _renumber(codes, rank, indices)
        valid = None
        if numbers.null_count:
            valid = pa.py_buffer(np.packbits(codes >= 0, bitorder="little"))
        places = pa.Array.from_buffers(
            field.type.index_type, len(codes), [valid, pa.py_buffer(indices)]
        )
        kept = words.take(pa.array(np.flatnonzero(rank >= 0)))
        return pa.DictionaryArray.from_arrays(places, kept)

    def _all_words(self, field: pa.Field) -> pa.Array:
        """The texts of a column by number."""
        known = self._words.get(field.name)
        if known is None or len(known) < len(self._numbers[field.name]):
            known = pa.array(list(self._numbers[field.name]), field.type.value_type)
            self._words[field.name] = known
        return known


@numba.njit(cache=True, nogil=True)
def _renumber(codes, rank, indices):  # type: ignore[no-untyped-def]
    """Number the codes that occur, below 0 none, from 0; ``rank`` gets the number of each code."""
    for i in range(codes.size):
        if codes[i] >= 0:
            rank[codes[i]] = 0
    count = 0
    for code in range(rank.size):
        if rank[code] == 0:
            rank[code] = count
            count += 1
    for i in range(codes.size):
        indices[i] = rank[codes[i]] if codes[i] >= 0 else 0
