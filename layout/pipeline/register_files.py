"""The register as files that districts fill in: workbook or CSV, out and in again."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pandas as pd

from layout import __version__
from layout.core.errors import InputFileError, LayoutError, raise_all
from layout.core.result import Bilingual, Provenance
from layout.core.texts import LANGS, Lang, text
from layout.exports.tables import FORMULA_SIGNS, Sheet, write_csv, write_xlsx
from layout.readers.sheets import SheetTable
from layout.registers.entries import FIELDS, NAMES
from layout.registers.store import Register
from layout.registers.words import EXTRA, code_of, field_name, fields_by_heading, worded

_NEEDED: Final = ("kind", "title", "status")
_WHOLE: Final = "0"


def register_table(register: Register, lang: Lang, *, city: str) -> pd.DataFrame:
    """The entries in words, headings too; ``id`` and ``version`` first."""
    entries = register.entries().reset_index()
    table = entries[["id", "version", *NAMES, "changed_at", "changed_by"]].copy()
    for field in FIELDS:
        if field.choices:
            table[field.name] = [
                None if code is None else worded(field.name, code, lang, city)
                for code in table[field.name]
            ]
    table["year"] = table["year"].astype("Int64")
    return table.rename(columns={name: field_name(name, lang) for name in table.columns})


def export_register(register: Register, path: Path, *, lang: Lang, city: str) -> int:
    """Write the register to an XLSX or CSV file; returns the rows written.

    Raises
    ------
    InputFileError
        The name ends neither in .xlsx nor in .csv.
    OutputError
        The file cannot be written; what stood there is untouched.
    """
    table = register_table(register, lang, city=city)
    notes = (Bilingual.of("register.note.file"),)
    provenance = Provenance(
        inputs=(),
        parameters={"register": register.path.name},
        seed=None,
        version=__version__,
        created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        synthetic=False,
        method=Bilingual.of("register.method"),
    )
    if path.suffix.lower() == ".csv":
        return write_csv(path, table, provenance, notes=notes)
    if path.suffix.lower() != ".xlsx":
        raise InputFileError("error.register_file", path=path.name, reason=path.suffix or "?")
    sheet = Sheet(
        table,
        about=text("register.about", lang),
        formats={field_name(name, lang): _WHOLE for name in ("version", "year")},
    )
    return sum(
        write_xlsx(
            path, {text("register.sheet", lang): sheet}, provenance, lang=lang, notes=notes
        ).values()
    )


def import_register(register: Register, path: Path, *, by: str, city: str) -> dict[str, int]:
    """Take a filled-in file into the register, all of it or nothing.

    Rows without an id are new; rows with one change the fields that differ from the entry as it
    was at the version of the row. Empty cells empty a field; columns that are not there leave
    theirs alone.

    Returns
    -------
    dict of str to int
        How many entries were ``added``, ``changed`` and ``unchanged``.

    Raises
    ------
    InputFileError, LineError, FaultsError
        Everything that is wrong with the file, told together; the register is unchanged.
    """
    headers, rows = _xlsx_rows(path) if path.suffix.lower() == ".xlsx" else _csv_rows(path)
    known = fields_by_heading()
    fields = [known.get(heading.strip()) for heading in headers]
    if missing := [name for name in _NEEDED if name not in fields]:
        raise InputFileError(
            "error.register_columns",
            path=path.name,
            missing=", ".join(field_name(name, "zh") for name in missing),
            known=", ".join(field_name(name, "zh") for name in (*EXTRA, *NAMES)),
        )
    filled = [
        {"line": line, **_coded(dict(zip(fields, cells, strict=True)), city)}
        for line, cells in rows
        if any(cell.strip() for cell in cells)
    ]
    return register.merge(filled, by=by)


def _coded(row: dict[str | None, str], city: str) -> dict[str, Any]:
    """Fields of a row with codes for words, without columns that are not understood."""
    values: dict[str, Any] = {}
    for name, cell in row.items():
        if name is None:
            continue
        plain = cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA_SIGNS) else cell
        values[name] = code_of(name, plain, city) if name in NAMES else plain.strip()
    return values


def _xlsx_rows(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    try:
        table = _sheet(path)
        rows: list[tuple[int, list[str]]] = []
        for batch in table.batches():
            columns = [column.to_pylist() for column in batch.columns.columns]
            cells = zip(*columns, strict=True)
            rows += [
                (line, [cell or "" for cell in row])
                for line, row in zip(batch.lines.to_pylist(), cells, strict=True)
            ]
    except InputFileError as error:
        reason = error.message("zh")
        raise InputFileError("error.register_file", path=path.name, reason=reason) from error
    return list(table.info.headers), rows


def _sheet(path: Path) -> SheetTable:
    """The sheet of the register, by its name in either language; else the first."""
    for lang in LANGS:
        try:
            return SheetTable(path, sheet=text("register.sheet", lang))
        except InputFileError as error:
            if error.key != "error.no_sheet":
                raise
    return SheetTable(path)


def _csv_rows(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    lines = csv.reader(io.StringIO(_decoded(path), newline=""), strict=True)
    faults: list[LayoutError] = []
    try:
        header = next(lines, [])
        rows = [(lines.line_num, cells) for cells in _of_width(lines, header, faults)]
    except csv.Error as error:
        raise InputFileError(
            "error.register_file", path=path.name, reason=f"{lines.line_num}: {error}"
        ) from error
    raise_all(faults)
    return header, rows


def _of_width(lines: Any, header: list[str], faults: list[LayoutError]) -> Iterator[list[str]]:
    for cells in lines:
        if not cells:
            continue
        if len(cells) == len(header):
            yield cells
        else:
            faults.append(
                InputFileError(
                    "error.register_row_length",
                    line=lines.line_num,
                    found=len(cells),
                    expected=len(header),
                )
            )


def _decoded(path: Path) -> str:
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            decoded = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in decoded:
            return decoded
    raise InputFileError("error.register_file", path=path.name, reason="UTF-8, GB 18030: ✗")
