"""Dictionary columns of a stream as numbers of one growing list of texts, and back."""

from __future__ import annotations

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
        numbers = self._numbers.setdefault(name, {})
        words = column.dictionary.to_pylist()
        new = [numbers.setdefault(word, len(numbers)) for word in words]
        return pa.array(new, pa.int32()).take(column.indices)

    def _decoded(self, field: pa.Field, numbers: pa.Array) -> pa.Array:
        codes = numbers.fill_null(-1).to_numpy(zero_copy_only=False)
        words = self._all_words(field)
        used = np.zeros(len(words) + 1, np.bool_)
        used[codes] = True
        kept = np.flatnonzero(used[:-1])
        rank = np.zeros(len(words) + 1, np.int32)
        rank[kept] = np.arange(len(kept))
        indices = pa.array(rank[codes], mask=codes < 0).cast(field.type.index_type)
        return pa.DictionaryArray.from_arrays(indices, words.take(pa.array(kept)))

    def _all_words(self, field: pa.Field) -> pa.Array:
        """The texts of a column by number."""
        known = self._words.get(field.name)
        if known is None or len(known) < len(self._numbers[field.name]):
            known = pa.array(list(self._numbers[field.name]), field.type.value_type)
            self._words[field.name] = known
        return known
