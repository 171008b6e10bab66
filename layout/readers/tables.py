"""Which reader reads a table: by what the file holds, and by its name where text could be both."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from layout.core.errors import InputFileError
from layout.core.sources import TableSource

_TEXT_SUFFIXES: Final = MappingProxyType(
    {
        ".csv": "csv",
        ".tsv": "csv",
        ".txt": "csv",
        ".geojson": "geojson",
        ".json": "geojson",
        ".shp": "shapefile",
    }
)
_OFFICE_FILE: Final = b"\xd0\xcf\x11\xe0"  # OLE: XLS, and any encrypted XLSX
_BINARY_SUFFIXES: Final = MappingProxyType(
    {".xlsx": "xlsx", ".xlsm": "xlsx", ".parquet": "parquet", ".gpkg": "gpkg", ".zip": "shapefile"}
)
READABLE: Final = "CSV, XLSX, Parquet, GeoParquet, GeoJSON, GeoPackage, zipped Shapefile"


@dataclass(frozen=True)
class TableOptions:
    """What a user says of a file, each only where the format has it and it must be said."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    layer: str | None = None


def open_table(path: Path, options: TableOptions | None = None) -> TableSource:
    """A table of any of the formats that can be read.

    Raises
    ------
    InputFileError
        There is no such file, its format is unknown, or it is cut off, protected or empty.
    """
    path, options = Path(path), options or TableOptions()
    found = _format_of(path)
    try:
        return _OPENERS[found](path, found, options)
    except PermissionError as error:
        raise InputFileError("error.unreadable_file", path=path, reason=error.strerror) from error


def _open_csv(path: Path, _: str, options: TableOptions) -> TableSource:
    from layout.readers.csv_tables import CsvTable

    return CsvTable(path, encoding=options.encoding, delimiter=options.delimiter)


def _open_sheet(path: Path, _: str, options: TableOptions) -> TableSource:
    from layout.readers.sheets import SheetTable

    return SheetTable(path, sheet=options.sheet)


def _open_parquet(path: Path, _: str, __: TableOptions) -> TableSource:
    from layout.readers.columnar import ParquetTable

    return ParquetTable(path)


def _open_vectors(path: Path, found: str, options: TableOptions) -> TableSource:
    from layout.readers.vectors import VectorTable

    return VectorTable(path, found, layer=options.layer, encoding=options.encoding)


_OPENERS: Final[dict[str, Callable[[Path, str, TableOptions], TableSource]]] = {
    "csv": _open_csv,
    "xlsx": _open_sheet,
    "parquet": _open_parquet,
    "geojson": _open_vectors,
    "gpkg": _open_vectors,
    "shapefile": _open_vectors,
}
"""One line a format."""


def _format_of(path: Path) -> str:
    if path.is_dir():
        from layout.readers.columnar import parquet_files

        if parquet_files(path):
            return "parquet"
        raise InputFileError("error.is_folder", path=path)
    if not path.exists():
        raise InputFileError("error.no_file", path=path)
    try:
        with path.open("rb") as handle:
            head = handle.read(16)
    except OSError as error:
        raise InputFileError("error.unreadable_file", path=path, reason=error.strerror) from error
    suffix = path.suffix.lower()
    if not head and suffix in {*_TEXT_SUFFIXES, *_BINARY_SUFFIXES}:
        raise InputFileError("error.empty_file", path=path)
    if head.startswith(_OFFICE_FILE):
        raise InputFileError("error.protected_file", path=path)
    if (found := _by_content(path, head)) is not None:
        return found
    if suffix in _BINARY_SUFFIXES:
        raise InputFileError("error.damaged_file", path=path)
    if suffix not in _TEXT_SUFFIXES:
        raise InputFileError("error.unknown_format", path=path, known=READABLE)
    return _TEXT_SUFFIXES[suffix]


def _by_content(path: Path, head: bytes) -> str | None:
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"SQLite format 3"):
        return "gpkg"
    if not head.startswith(b"PK\x03\x04"):
        return None
    try:
        with zipfile.ZipFile(path) as packed:
            names = [name.lower() for name in packed.namelist()]
    except zipfile.BadZipFile as error:
        raise InputFileError("error.damaged_file", path=path) from error
    if "xl/workbook.xml" in names:
        return "xlsx"
    if any(name.endswith(".shp") for name in names):
        return "shapefile"
    raise InputFileError("error.unknown_format", path=path, known=READABLE)
