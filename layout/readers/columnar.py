"""Parquet and GeoParquet as record batches."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from layout.core.errors import InputFileError
from layout.core.sources import SourceBatch, SourceInfo
from layout.readers.points import POINT_X, POINT_Y, point_columns

_BATCH_ROWS: Final = 60_000
_DEFAULT_CRS: Final = "EPSG:4326"  # OGC:CRS84, which GeoParquet means where it names none


@dataclass(frozen=True)
class RowGroups:
    """Some row groups of one file of a table.

    Attributes
    ----------
    file
        The file.
    groups
        Numbers of the row groups.
    first
        Number of the first row among those of the table, from 1.
    rows
        Rows in them.
    """

    file: Path
    groups: tuple[int, ...]
    first: int
    rows: int


class ParquetTable:
    """A Parquet file or a folder of them, the point geometry as two columns where there is one.

    The files of a folder are read in the order of their names and have the same columns.

    Raises
    ------
    InputFileError
        A file is cut off or damaged, or has other columns than the first.
    """

    info: SourceInfo

    def __init__(self, path: Path) -> None:
        files = parquet_files(path) if path.is_dir() else (path,)
        self._groups = tuple(_row_groups(files))
        with _opened(files[0]) as file:
            schema = file.schema_arrow
            # Entries a writer adds at the end stand in the footer but not in the Arrow schema.
            geo = _geo_metadata(schema, file.metadata.metadata or {})
        self._geometry: str | None = geo.get("primary_column")
        covering = _covering_columns(geo)
        self._stored = tuple(
            name for name in schema.names if name != self._geometry and name not in covering
        )
        point = (POINT_X, POINT_Y) if self._geometry else None
        self.info = SourceInfo(
            path=path,
            format="geoparquet" if self._geometry else "parquet",
            headers=self._stored + (point or ()),
            crs=_crs_of(geo) if self._geometry else None,
            rows=sum(part.rows for part in self._groups),
            point=point,
        )

    def parts(self, rows: int) -> tuple[ParquetTable, ...]:
        """The table in parts of whole row groups, in order, each of about ``rows`` rows."""
        parts: list[list[RowGroups]] = [[]]
        for group in self._groups:
            if sum(one.rows for one in parts[-1]) + group.rows > rows and parts[-1]:
                parts.append([])
            parts[-1].append(group)
        return tuple(self._part(tuple(groups)) for groups in parts)

    def _part(self, groups: tuple[RowGroups, ...]) -> ParquetTable:
        part = copy.copy(self)
        part._groups = groups
        part.info = replace(self.info, rows=sum(one.rows for one in groups))
        return part

    def batches(self, columns: tuple[str, ...] | None = None) -> Iterator[SourceBatch]:
        """The rows in order, only ``columns`` where given."""
        wanted = self.info.headers if columns is None else columns
        stored = [name for name in wanted if name in self._stored]
        if self._geometry is not None and len(stored) < len(wanted):
            read = [*stored, self._geometry]
        else:
            read = stored
        before, rows = 0, self.info.rows or 0
        for part in _joined(self._groups):
            for batch, first, count in _rows_of(part, read):
                before += count
                yield SourceBatch(
                    columns=self._with_points(batch, wanted),
                    lines=pa.array(range(first, first + count), pa.int64()),
                    done=before / rows,
                )

    def _with_points(self, batch: pa.RecordBatch, wanted: tuple[str, ...]) -> pa.RecordBatch:
        made: dict[str, pa.Array] = {}
        if self._geometry in batch.schema.names:
            x, y = point_columns(batch.column(self._geometry), self.info.path)
            made = {POINT_X: x, POINT_Y: y}
        arrays = [made[name] if name in made else _plain(batch.column(name)) for name in wanted]
        return pa.RecordBatch.from_arrays(arrays, names=list(wanted))


def _plain(column: pa.Array) -> pa.Array:
    """Texts and bytes that are views as plain ones, which everything can work with."""
    if pa.types.is_string_view(column.type):
        return column.cast(pa.string())
    return column.cast(pa.binary()) if pa.types.is_binary_view(column.type) else column


def parquet_files(folder: Path) -> tuple[Path, ...]:
    """The Parquet files of a folder in the order of their names; none where it has others too."""
    found = sorted(one for one in folder.iterdir() if not one.name.startswith((".", "_")))
    if not found or any(one.suffix.lower() != ".parquet" or one.is_dir() for one in found):
        return ()
    return tuple(found)


def _opened(path: Path) -> Any:
    try:
        # Read ahead, a file would stay in memory as far as it was read.
        return pq.ParquetFile(path, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise InputFileError("error.damaged_file", path=path) from error


def _row_groups(files: Sequence[Path]) -> Iterator[RowGroups]:
    """Every row group of some files; raises where their columns differ."""
    first, names = 1, None
    for path in files:
        with _opened(path) as file:
            names = names or file.schema_arrow.names
            if file.schema_arrow.names != names:
                odd = sorted(set(names) ^ set(file.schema_arrow.names))
                raise InputFileError(
                    "error.other_columns", path=path, first=files[0].name, columns=", ".join(odd)
                )
            for number in range(file.num_row_groups):
                rows = file.metadata.row_group(number).num_rows
                yield RowGroups(path, (number,), first, rows)
                first += rows


def _joined(groups: Sequence[RowGroups]) -> Iterator[RowGroups]:
    """Runs of row groups of one file as one, so that batches may lie across them."""
    for _, run in itertools.groupby(groups, key=lambda one: one.file):
        some = tuple(run)
        numbers = tuple(number for one in some for number in one.groups)
        yield RowGroups(some[0].file, numbers, some[0].first, sum(one.rows for one in some))


def _rows_of(part: RowGroups, read: list[str]) -> Iterator[tuple[pa.RecordBatch, int, int]]:
    """The batches of some row groups, with the number of their first row and of their rows."""
    first, end = part.first, part.first + part.rows
    with _opened(part.file) as file:
        batches = file.iter_batches(
            batch_size=_BATCH_ROWS, row_groups=list(part.groups), columns=read
        )
        while (batch := _next(batches, part.file)) is not None:
            count = batch.num_rows if read else min(_BATCH_ROWS, end - first)
            yield batch, first, count
            first += count


def _next(batches: Iterator[pa.RecordBatch], path: Path) -> pa.RecordBatch | None:
    try:
        return next(batches, None)
    except (pa.ArrowException, OSError) as error:
        raise InputFileError("error.damaged_file", path=path) from error


def _geo_metadata(schema: pa.Schema, metadata: Mapping[bytes, bytes]) -> dict[str, Any]:
    raw = metadata.get(b"geo")
    try:
        geo = json.loads(raw) if raw else {}
    except ValueError:
        return {}
    known = isinstance(geo, dict) and geo.get("primary_column") in schema.names
    return geo if known else {}


def _covering_columns(geo: dict[str, Any]) -> set[str]:
    """The columns of bounding boxes, which only repeat the geometry."""
    column = geo.get("columns", {}).get(geo.get("primary_column"), {})
    return {path[0] for path in column.get("covering", {}).get("bbox", {}).values()}


def _crs_of(geo: dict[str, Any]) -> str | None:
    import pyproj

    column = geo.get("columns", {}).get(geo["primary_column"], {})
    stated = column.get("crs", _DEFAULT_CRS)
    if stated is None:
        return None
    crs = pyproj.CRS.from_user_input(stated)
    epsg = crs.to_epsg()
    if epsg is None and crs.to_authority() == ("OGC", "CRS84"):
        return _DEFAULT_CRS
    return f"EPSG:{epsg}" if epsg else crs.to_wkt()
