"""What a reader gives: record batches as the file holds them, and what is known of the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

import pyarrow as pa

from layout.core.raster import Grid, Raster
from layout.core.result import Bilingual


@dataclass(frozen=True)
class UnreadableRow:
    r"""A row that is no row of the table: it goes straight to the rejects.

    Attributes
    ----------
    line
        Line in the source file, first line 1.
    reason
        Code of :mod:`layout.core.faults`.
    raw
        The row as text, undecodable bytes written ``\\xNN``.
    """

    line: int
    reason: str
    raw: str


@dataclass(frozen=True)
class SourceBatch:
    r"""Some rows of a table.

    Attributes
    ----------
    columns
        The values, headers as in the file. Text formats give text only.
    lines
        Line (or record) of each row in the source, first line 1, int64.
    unreadable
        Rows between these that could not be read.
    undecodable
        One bool a row: some text of it could not be decoded; it holds the bytes as ``\\xNN``, or
        U+FFFD for them.
    blank
        Records between these without any character: no rows, only counted.
    done
        Share of the file read when the batch ends, None where unknown.
    """

    columns: pa.RecordBatch
    lines: pa.Int64Array
    unreadable: tuple[UnreadableRow, ...] = ()
    undecodable: pa.BooleanArray | None = None
    blank: int = 0
    done: float | None = None


@dataclass(frozen=True)
class SourceInfo:
    """What is known of a file before its rows are read.

    Attributes
    ----------
    path
        The file.
    format
        ``csv``, ``xlsx``, ``parquet``, ``geojson``, ``gpkg`` or ``shapefile``.
    headers
        Column names in the order of the file.
    crs
        CRS the file states (``"EPSG:…"`` or WKT), None where it states none.
    encoding
        Encoding of its text, None where the format fixes it.
    rows
        Number of rows where the format tells it.
    notes
        What a user must know of the file.
    delimiter
        Delimiter of delimited text.
    repeated
        Headers that stood more than once: the name given here and the header in the file.
    point
        Headers of longitude (or easting) and latitude (or northing) that were made from the
        geometry of the file, None where it has none.
    """

    path: Path
    format: str
    headers: tuple[str, ...]
    crs: str | None = None
    encoding: str | None = None
    rows: int | None = None
    notes: tuple[Bilingual, ...] = ()
    delimiter: str | None = None
    repeated: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    point: tuple[str, str] | None = None


class TableSource(Protocol):
    """A table that can be read from its start any number of times, larger than memory or not."""

    info: SourceInfo

    def batches(self, columns: tuple[str, ...] | None = None) -> Iterator[SourceBatch]:
        """The rows in order, only ``columns`` where given (names as in the file)."""
        ...


Window = tuple[int, int, int, int]
"""First row, row after the last, first column, column after the last."""


class RasterSource(Protocol):
    """A raster on disk that is read by windows, larger than memory or not."""

    grid: Grid
    nodata: float | None
    unit: str

    def read(self, window: Window | None = None) -> Raster:
        """The values of ``window``, of the whole grid where None."""
        ...
