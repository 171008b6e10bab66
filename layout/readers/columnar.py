"""Parquet and GeoParquet as record batches."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from layout.core.errors import InputFileError
from layout.core.sources import SourceBatch, SourceInfo
from layout.readers.points import POINT_X, POINT_Y, point_columns

_BATCH_ROWS: Final = 60_000
_DEFAULT_CRS: Final = "EPSG:4326"  # OGC:CRS84, which GeoParquet means where it names none


class ParquetTable:
    """A Parquet file, its point geometry as two columns where it has one.

    Raises
    ------
    InputFileError
        The file is cut off or damaged.
    """

    info: SourceInfo

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._open() as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
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
            rows=rows,
            point=point,
        )

    def batches(self, columns: tuple[str, ...] | None = None) -> Iterator[SourceBatch]:
        """The rows in order, only ``columns`` where given."""
        wanted = self.info.headers if columns is None else columns
        stored = [name for name in wanted if name in self._stored]
        needs_points = self._geometry is not None and len(stored) < len(wanted)
        read = [*stored, self._geometry] if needs_points else stored
        first, rows = 1, self.info.rows or 0
        with self._open() as file:
            batches = file.iter_batches(batch_size=_BATCH_ROWS, columns=read)
            while (batch := self._next(batches)) is not None:
                count = batch.num_rows if read else min(_BATCH_ROWS, rows - first + 1)
                yield SourceBatch(
                    columns=self._with_points(batch, wanted),
                    lines=pa.array(range(first, first + count), pa.int64()),
                    done=(first + count - 1) / rows,
                )
                first += count

    def _open(self) -> Any:
        try:
            return pq.ParquetFile(self._path)
        except (pa.ArrowException, OSError) as error:
            raise InputFileError("error.damaged_file", path=self._path) from error

    def _next(self, batches: Iterator[pa.RecordBatch]) -> pa.RecordBatch | None:
        try:
            return next(batches, None)
        except (pa.ArrowException, OSError) as error:
            raise InputFileError("error.damaged_file", path=self._path) from error

    def _with_points(self, batch: pa.RecordBatch, wanted: tuple[str, ...]) -> pa.RecordBatch:
        made: dict[str, pa.Array] = {}
        if self._geometry in batch.schema.names:
            x, y = point_columns(batch.column(self._geometry), self._path)
            made = {POINT_X: x, POINT_Y: y}
        arrays = [made[name] if name in made else batch.column(name) for name in wanted]
        return pa.RecordBatch.from_arrays(arrays, names=list(wanted))


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
