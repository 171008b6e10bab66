"""Tables for spreadsheets: CSV with a byte-order mark, and XLSX workbooks, each with provenance.

Text from files is never a formula: in a workbook it is stored as text, whatever it begins with; in
CSV, which knows no types, an apostrophe is put before it. Unknown values are empty cells.
"""

from __future__ import annotations

import contextlib
import csv
import io
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import pyarrow as pa
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from layout.core.errors import ParameterError, raise_all
from layout.core.files import replacing
from layout.core.result import Bilingual, Provenance
from layout.core.texts import Lang, text
from layout.exports.provenance import as_json, as_lines, as_record

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

XLSX_ROWS: Final = 1_000_000
"""Rows of a sheet at most; the format ends at 1,048,576 with its header."""
CELL_LENGTH: Final = 32_767
"""Characters of a cell at most (limit of the format)."""
SHEET_NAME_LENGTH: Final = 31
FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")
"""First characters that spreadsheets take for the start of a formula in a CSV file."""
INTEGER_FORMAT: Final = "#,##0"
DECIMAL_FORMAT: Final = "#,##0.00"
DATE_FORMAT: Final = "yyyy-mm-dd"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_SPECIAL = re.compile("^[=+@#\t\r-]|[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""Text that the workbook's writer would read as a formula or an error, or refuse."""
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\]")
_HEADER = Font(bold=True, color="FFFFFF")
_HEADER_FILL = PatternFill("solid", fgColor="305496")
_BOLD = Font(bold=True)


Rows = pd.DataFrame | Callable[[], Iterator[pa.RecordBatch]]
"""A table: a frame (its index is not written), or a function that gives Arrow batches anew."""


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook.

    Attributes
    ----------
    table
        Its rows. Column names are the header.
    about
        What the sheet holds, with unit and counting, for the first sheet.
    decimal_format
        Number format of columns of real numbers.
    formats
        Number formats of single columns, by name.
    total_rows
        That many last rows of a frame are totals and stand out.
    rows
        Number of rows of batches, where it is known.
    """

    table: Rows
    about: str = ""
    decimal_format: str = DECIMAL_FORMAT
    formats: Mapping[str, str] = field(default_factory=dict)
    total_rows: int = 0
    rows: int | None = None

    def row_count(self) -> int:
        """Rows, 0 where batches do not tell."""
        return len(self.table) if isinstance(self.table, pd.DataFrame) else self.rows or 0


def write_xlsx(
    path: Path,
    sheets: Mapping[str, Sheet | pd.DataFrame],
    provenance: Provenance,
    *,
    lang: Lang = "zh",
    notes: Iterable[Bilingual] = (),
) -> dict[str, int]:
    """A workbook; its first sheet says where the figures come from and what each sheet holds.

    Parameters
    ----------
    sheets
        Frames or sheets by name; names are cut to 31 characters.

    Returns
    -------
    dict of str to int
        Rows written by sheet.

    Raises
    ------
    ParameterError
        A table has more than a million rows, or a cell more characters than the format takes; all
        such faults are told, and nothing is written.
    OutputError
        The file cannot be written; what stood there is untouched.
    """
    made = {
        name: sheet if isinstance(sheet, Sheet) else Sheet(sheet) for name, sheet in sheets.items()
    }
    raise_all(_too_many(name, n) for name, s in made.items() if (n := s.row_count()) > XLSX_ROWS)
    named = dict(
        zip(_sheet_names([text("export.sheet", lang), *made])[1:], made.values(), strict=True)
    )
    with replacing(path) as partial, _workbook() as book:
        _write_first(book, named, as_lines(provenance, lang, notes), lang)
        rows: dict[str, int] = {}
        faults: list[ParameterError] = []
        for name, sheet in named.items():
            rows[name], found = _write_sheet(book.create_sheet(name), sheet)
            faults += found
        raise_all(faults)
        book.save(partial)
    return rows


@contextlib.contextmanager
def _workbook() -> Iterator[Workbook]:
    """A streaming workbook, whose temporary files are gone even if it is never saved."""
    book = Workbook(write_only=True)
    try:
        yield book
    except BaseException:
        with contextlib.suppress(Exception):
            book.save(io.BytesIO())
        raise


def write_csv(
    path: Path,
    table: Rows,
    provenance: Provenance,
    *,
    notes: Iterable[Bilingual] = (),
) -> int:
    """A table as CSV (UTF-8 with byte-order mark) and ``<name>.provenance.json`` beside it.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    OutputError
        The file cannot be written; what stood there is untouched.
    """
    rows = guarded = 0
    names: list[str] = []
    with (
        replacing(path) as partial,
        partial.open("w", encoding="utf-8-sig", newline="") as out,
    ):
        writer = csv.writer(out, lineterminator="\r\n")
        for batch in _batches(table):
            if not names:
                names = list(batch.schema.names)
                writer.writerow([neutralised(name) for name in names])
            columns = []
            for column in batch.columns:
                values, count = _csv_values(column)
                columns.append(values)
                guarded += count
            writer.writerows(zip(*columns, strict=True))
            rows += batch.num_rows
    told = (*notes, Bilingual.of("export.csv_text", count=guarded))
    record = as_record(provenance, told, file=path.name, rows=rows, columns=names)
    with replacing(companion(path)) as partial:
        partial.write_text(as_json(record, indent=1) + "\n", encoding="utf-8", newline="\n")
    return rows


def companion(path: Path) -> Path:
    """Where the provenance of a CSV file lies: ``firms.csv`` has ``firms.provenance.json``."""
    return path.with_name(f"{path.stem}.provenance.json")


def neutralised(value: str) -> str:
    """A text with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{value}" if value.startswith(FORMULA_SIGNS) else value


def _csv_values(column: pa.Array) -> tuple[list[Any], int]:
    """Values as CSV has them (unknown empty, dates ISO 8601), and how many were neutralised."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
    values = column.to_pylist()
    if pa.types.is_floating(kind):
        return ["" if v is None or not math.isfinite(v) else v for v in values], 0
    if pa.types.is_boolean(kind):
        return ["" if v is None else int(v) for v in values], 0
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return ["" if v is None else v for v in values], 0
    safe = ["" if v is None else neutralised(v) for v in values]
    return safe, sum(len(new) != len(old or "") for new, old in zip(safe, values, strict=True))


def _batches(table: Rows) -> Iterator[pa.RecordBatch]:
    """Batches of at most 65,536 rows; at least one, so that there is a header."""
    if not isinstance(table, pd.DataFrame):
        yield from table()
        return
    made = pa.Table.from_pandas(table, preserve_index=False)
    yield from made.to_batches(max_chunksize=65_536) or [
        pa.RecordBatch.from_pylist([], schema=made.schema)
    ]


def _too_many(name: str, rows: int) -> ParameterError:
    return ParameterError(
        "error.export_xlsx_rows", name=name, rows=f"{rows:,}", limit=f"{XLSX_ROWS:,}"
    )


def _sheet_names(sheets: Iterable[str]) -> list[str]:
    """Names as the format allows: 31 characters, some signs replaced, none twice."""
    names: list[str] = []
    for given in sheets:
        plain = _NOT_IN_SHEET_NAMES.sub("-", given).strip("'") or "-"
        name, number = plain[:SHEET_NAME_LENGTH], 2
        while name.lower() in {other.lower() for other in names}:
            tail = f"-{number}"
            name, number = plain[: SHEET_NAME_LENGTH - len(tail)] + tail, number + 1
        names.append(name)
    return names


def _write_first(
    book: Workbook, sheets: Mapping[str, Sheet], lines: list[tuple[str, str]], lang: Lang
) -> None:
    page = book.create_sheet(text("export.sheet", lang))
    page.column_dimensions["A"].width = 22
    page.column_dimensions["B"].width = 110
    page.freeze_panes = "A2"
    page.append(
        [_header(page, text("export.item", lang)), _header(page, text("export.value", lang))]
    )
    contents = [
        (text("export.contents", lang), f"{name}：{sheet.about}" if sheet.about else name)
        for name, sheet in sheets.items()
    ]
    for heading, value in [*lines, *contents]:
        told = _text_cell(page, value)
        told.alignment = Alignment(wrap_text=True, vertical="top")
        page.append([_cell(page, heading, "", bold=True), told])


def _write_sheet(page: Worksheet, sheet: Sheet) -> tuple[int, list[ParameterError]]:
    page.freeze_panes = "B2"
    faults: list[ParameterError] = []
    rows, first_total = 0, max(sheet.row_count() - sheet.total_rows, 0)
    for batch in _batches(sheet.table):
        columns = [column.to_pylist() for column in batch.columns]
        names = batch.schema.names
        if not rows:
            for position, (name, values) in enumerate(zip(names, columns, strict=True), start=1):
                width = _width([name, *map(str, values[:200])])
                page.column_dimensions[get_column_letter(position)].width = width
            page.append([_header(page, name) for name in names])
        formats = [_format(sheet, field) for field in batch.schema]
        for values in zip(*columns, strict=True):
            bold = sheet.total_rows > 0 and rows >= first_total
            cells = zip(values, formats, strict=True)
            page.append([_cell(page, value, form, bold=bold) for value, form in cells])
            faults += _too_long(page.title, rows, names, values)
            rows += 1
        if rows > XLSX_ROWS:
            raise _too_many(page.title, rows)
    return rows, faults


def _too_long(
    sheet: str, row: int, names: list[str], values: tuple[object, ...]
) -> list[ParameterError]:
    return [
        ParameterError(
            "error.export_cell_length",
            name=sheet,
            row=row + 2,
            column=name,
            length=f"{len(value):,}",
            limit=f"{CELL_LENGTH:,}",
        )
        for name, value in zip(names, values, strict=True)
        if isinstance(value, str) and len(value) > CELL_LENGTH
    ]


def _format(sheet: Sheet, column: pa.Field) -> str:
    if column.name in sheet.formats:
        return sheet.formats[column.name]
    if pa.types.is_temporal(column.type):
        return DATE_FORMAT
    return INTEGER_FORMAT if pa.types.is_integer(column.type) else sheet.decimal_format


def _width(values: list[str]) -> float:
    """A width that shows the header and most values; wide characters take two places."""
    longest = max(sum(2 if ord(sign) > 0x2E7F else 1 for sign in value) for value in values)
    return float(min(max(longest + 2, 8), 50))


def _header(page: Worksheet, value: str) -> Cell:
    cell = _text_cell(page, value)
    cell.font, cell.fill = _HEADER, _HEADER_FILL
    cell.alignment = Alignment(wrap_text=True, vertical="center")
    return cell


def _cell(page: Worksheet, value: Any, number_format: str, *, bold: bool = False) -> Any:
    """What is appended for a value: None (empty) for unknown, plain text as it is, or a cell."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, str):
        if not bold and not _SPECIAL.search(value):
            return value
        cell = _text_cell(page, value)
    else:
        cell = WriteOnlyCell(page, value)
        if not isinstance(value, bool):
            cell.number_format = number_format
    if bold:
        cell.font = _BOLD
    return cell


def _text_cell(page: Worksheet, value: str) -> Cell:
    """Text that stays text: typed as a string, marked so that editing it makes no formula."""
    cell = WriteOnlyCell(page, _CONTROL.sub("\N{REPLACEMENT CHARACTER}", value))
    cell.data_type = "s"
    if value.startswith(FORMULA_SIGNS):
        cell.quotePrefix = True
    return cell
