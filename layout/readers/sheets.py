"""Spreadsheets as record batches of text.

A sheet holds numbers, dates and text in one column as people typed them; all of it becomes text, so
that one set of rules reads it: whole numbers without a point, dates in ISO form.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from layout.core.errors import InputFileError
from layout.core.result import Bilingual
from layout.core.sources import SourceBatch, SourceInfo
from layout.readers.headings import distinct_headers

_BATCH_ROWS: Final = 20_000
_EXACT_WHOLE: Final = 2**53


class SheetTable:
    """A sheet of an XLSX workbook; its header is the first row that holds anything.

    Parameters
    ----------
    path
        The workbook.
    sheet
        Name of the sheet; the first that holds anything where None.

    Raises
    ------
    InputFileError
        The workbook is cut off or protected, or has no such sheet.
    """

    info: SourceInfo

    def __init__(self, path: Path, *, sheet: str | None = None) -> None:
        self._path = path
        book = _open(path)
        filled = [name for name in book.sheet_names if book.get_sheet_by_name(name).end]
        chosen = sheet if sheet is not None else next(iter(filled), None)
        if chosen is None:
            raise InputFileError("error.empty_file", path=path)
        if chosen not in book.sheet_names:
            known = ", ".join(book.sheet_names)
            raise InputFileError("error.no_sheet", path=path, found=chosen, known=known)
        self._sheet = book.get_sheet_by_name(chosen)
        self._header_row, header = next(
            ((number, row) for number, row in enumerate(self._rows(), start=1) if _holds(row)),
            (0, []),
        )
        if not header:
            raise InputFileError("error.empty_file", path=path)
        names, repeated = distinct_headers([_text(cell) or "" for cell in header])
        others = ", ".join(name for name in filled if name != chosen)
        self.info = SourceInfo(
            path=path,
            format="xlsx",
            headers=names,
            notes=(Bilingual.of("note.sheet", sheet=chosen, others=others),) if others else (),
            repeated=repeated,
        )

    def batches(self, columns: tuple[str, ...] | None = None) -> Iterator[SourceBatch]:
        """The rows in order, only ``columns`` where given."""
        wanted = self.info.headers if columns is None else columns
        places = [self.info.headers.index(name) for name in wanted]
        last = self._sheet.end[0] + 1
        numbered = enumerate(self._rows(), start=1)
        for _ in islice(numbered, self._header_row):
            pass
        while rows := list(islice(numbered, _BATCH_ROWS)):
            full = [(number, row) for number, row in rows if _holds(row)]
            arrays = [pa.array([_text(row[p]) for _, row in full], pa.string()) for p in places]
            yield SourceBatch(
                columns=pa.RecordBatch.from_arrays(arrays, names=list(wanted)),
                lines=pa.array([number for number, _ in full], pa.int64()),
                blank=len(rows) - len(full),
                done=min(rows[-1][0] / last, 1.0),
            )

    def _rows(self) -> Iterator[list[Any]]:
        rows: Iterator[list[Any]] = self._sheet.iter_rows()
        return rows


def _open(path: Path) -> Any:
    import python_calamine

    try:
        return python_calamine.CalamineWorkbook.from_path(path)
    except python_calamine.PasswordError as error:
        raise InputFileError("error.protected_file", path=path) from error
    except (python_calamine.CalamineError, OSError) as error:
        raise InputFileError("error.damaged_file", path=path) from error


def _holds(row: list[Any]) -> bool:
    return any(cell != "" for cell in row)


def _text(cell: object) -> str | None:
    """A cell as text, None where it is empty."""
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        whole = cell.is_integer() and abs(cell) < _EXACT_WHOLE
        return str(int(cell)) if whole else repr(cell)
    if isinstance(cell, datetime.datetime):
        midnight = cell.time() == datetime.time.min
        return cell.date().isoformat() if midnight else cell.isoformat(sep=" ")
    return str(cell)
