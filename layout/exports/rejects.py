"""Rejected rows as a CSV file that people open in a spreadsheet and mend.

UTF-8 with a byte-order mark. Columns: source line, reasons (codes joined by ``;``), the columns of
the file with their values as they stood, and the whole record where it could not be cut into
columns. A value that a spreadsheet would run as a formula gets an apostrophe before it; that is the
only change, and numbers (also negative ones) do not get it.
"""

from __future__ import annotations

import codecs
import contextlib
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from layout.core.columns import LINE, RAW_RECORD, REASONS
from layout.core.files import replacing
from layout.core.sources import UnreadableRow
from layout.exports.firms import flag_texts
from layout.prepare.clean_batch import RejectedRows

_HELD_ROWS: Final = 4096
_FORMULA: Final = "^[=+\\-@\\t\\r]"
_NUMBER: Final = "^[+-]?[0-9][0-9.,]*([eE][+-]?[0-9]+)?$"


class RejectWriter:
    """A rejects file that takes its place when the block ends well.

    Parameters
    ----------
    path
        The file.
    headers
        Columns of the source.

    Raises
    ------
    OutputError
        The file cannot be written.
    """

    def __init__(self, path: Path, headers: Sequence[str]) -> None:
        self.path = Path(path)
        self.rows = 0
        self._headers = tuple(headers)
        # Headers of the source may be the names of our own columns; a CSV file may repeat them.
        names = [
            LINE,
            REASONS,
            *_safe(pa.array(self._headers, pa.string())).to_pylist(),
            RAW_RECORD,
        ]
        self._schema = pa.schema([pa.field(name, pa.string()) for name in names])
        self._held: list[pa.Table] = []
        self._stack = contextlib.ExitStack()
        self._writer: Any = None

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            partial = stack.enter_context(replacing(self.path))
            handle = stack.enter_context(partial.open("wb"))
            handle.write(codecs.BOM_UTF8)
            self._writer = stack.enter_context(pacsv.CSVWriter(handle, self._schema))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._flush()
        except BaseException as failed:
            self._stack.__exit__(type(failed), failed, failed.__traceback__)
            raise
        self._stack.__exit__(kind, error, trace)

    def write(self, rejected: RejectedRows) -> None:
        """Append rows; those of all calls are in the order of their lines."""
        if not len(rejected):
            return
        self._held += [self._cut(rejected), self._uncut(rejected.unreadable)]
        self.rows += len(rejected)
        if sum(table.num_rows for table in self._held) >= _HELD_ROWS:
            self._flush()

    def _flush(self) -> None:
        """Write the rows that were held, as a few rows cost as much as many."""
        if not self._held:
            return
        table, self._held = pa.concat_tables(self._held), []
        order = np.argsort(table.column(0).to_numpy(), kind="stable")
        table = table.take(pa.array(order))
        lines = table.column(0).cast(pa.string())
        texts = [_safe(column.combine_chunks()) for column in table.columns[2:]]
        columns = [lines.combine_chunks(), table.column(1).combine_chunks(), *texts]
        self._writer.write(pa.Table.from_arrays(columns, schema=self._schema))

    def _cut(self, rejected: RejectedRows) -> pa.Table:
        count = len(rejected.reasons)
        reasons = flag_texts(rejected.reasons).cast(pa.string())
        columns = [rejected.lines, reasons, *rejected.values.columns, pa.nulls(count, pa.string())]
        return pa.Table.from_arrays(columns, schema=self._with_numbers)

    def _uncut(self, rows: Sequence[UnreadableRow]) -> pa.Table:
        lines = pa.array([row.line for row in rows], pa.int64())
        reasons = pa.array([row.reason for row in rows], pa.string())
        empty = [pa.nulls(len(rows), pa.string()) for _ in self._headers]
        raw = pa.array([row.raw for row in rows], pa.string())
        return pa.Table.from_arrays([lines, reasons, *empty, raw], schema=self._with_numbers)

    @property
    def _with_numbers(self) -> pa.Schema:
        return self._schema.set(0, pa.field(LINE, pa.int64()))


def _safe(text: pa.Array) -> pa.Array:
    """Text that no spreadsheet takes for a formula."""
    risky = pc.and_not(
        pc.match_substring_regex(text, _FORMULA), pc.match_substring_regex(text, _NUMBER)
    )
    return pc.if_else(pc.fill_null(risky, False), pc.binary_join_element_wise("'", text, ""), text)
