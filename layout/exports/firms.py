"""The firm table as GeoParquet, written batch by batch.

GeoParquet 1.1: points as WKB in EPSG:4326, a ``bbox`` column with its covering, zstd. A firm
without coordinates has no geometry.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from pyproj import CRS

from layout.core.columns import (
    BBOX,
    BUSINESS_SCOPE,
    CODE,
    DISTRICT,
    FLAGS,
    GEOMETRY,
    LAT,
    LINE,
    LON,
    NAME,
    OPERATING_ADDRESS,
    OVERLAYS,
    PARK,
    PARKS,
    REGISTERED_ADDRESS,
    SUB_FIELDS,
    SUBDISTRICT,
)
from layout.core.faults import codes_of
from layout.core.files import replacing

_CORNERS: Final = ("xmin", "ymin", "xmax", "ymax")
_BBOX_TYPE: Final = pa.struct([pa.field(name, pa.float64()) for name in _CORNERS])
_WKB_POINT: Final = np.dtype([("order", "u1"), ("type", "<u4"), ("x", "<f8"), ("y", "<f8")])
_ROW_GROUP: Final = 1 << 17
_ALL_DIFFERENT: Final = (
    *(CODE, NAME, REGISTERED_ADDRESS, OPERATING_ADDRESS, BUSINESS_SCOPE, LON, LAT, LINE),
    *(SUB_FIELDS, GEOMETRY, BBOX),
)
"""Columns in which few values come twice: looking for repeats costs time and saves nothing."""
_OF_PLACE: Final = (LON, LAT, DISTRICT, SUBDISTRICT, PARK, PARKS, OVERLAYS)
"""Columns of which a row group tells its least and largest value, so that it can be passed over.
Rows are in the order of their places: of all other columns each group has values of all kinds."""


class FirmWriter:
    """A GeoParquet file that takes its place when the block ends well.

    Parameters
    ----------
    path
        The file. What stands there stays until the end, and for good where the block fails.
    metadata
        Further entries of the file's metadata, written at the end; values are made JSON.

    Raises
    ------
    OutputError
        The file cannot be written.
    """

    def __init__(self, path: Path, metadata: Mapping[str, Any] | None = None) -> None:
        self.path = Path(path)
        self.rows = 0
        self.metadata: dict[str, Any] = dict(metadata or {})
        self._extent = np.array([np.inf, np.inf, -np.inf, -np.inf])
        self._stack = contextlib.ExitStack()
        self._writer: pq.ParquetWriter | None = None
        self._partial = self.path

    def __enter__(self) -> Self:
        self._partial = self._stack.enter_context(replacing(self.path))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if self._writer is not None:
                if kind is None:
                    self._writer.add_key_value_metadata(self._closing_metadata())
                self._writer.close()
        finally:
            self._stack.__exit__(kind, error, trace)

    def write(self, batch: pa.RecordBatch, flags: npt.NDArray[np.uint32] | None = None) -> None:
        """Append firms; ``flags`` are masks of :mod:`layout.core.faults` of each row."""
        lon, lat = (_floats(batch, name) for name in (LON, LAT))
        known = np.isfinite(lon) & np.isfinite(lat)
        arrays, fields = list(batch.columns), list(batch.schema)
        if flags is not None:
            arrays.append(flag_texts(flags))
            fields.append(pa.field(FLAGS, arrays[-1].type))
        arrays += [points_wkb(lon, lat), _boxes(lon, lat, known)]
        fields += [pa.field(GEOMETRY, pa.binary()), pa.field(BBOX, _BBOX_TYPE)]
        table = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
        if self._writer is None:
            repeating = [name for name in table.schema.names if name not in _ALL_DIFFERENT]
            sides = [f"{BBOX}.{corner}" for corner in _CORNERS]
            told = [name for name in table.schema.names if name in _OF_PLACE]
            self._writer = pq.ParquetWriter(
                self._partial,
                table.schema,
                compression="zstd",
                write_statistics=[*told, *sides],
                use_dictionary=repeating,
            )
        self._writer.write_table(table, row_group_size=_ROW_GROUP)
        self.rows += batch.num_rows
        if known.any():
            x, y = lon[known], lat[known]
            low, high = np.array([x.min(), y.min()]), np.array([x.max(), y.max()])
            self._extent[:2] = np.minimum(self._extent[:2], low)
            self._extent[2:] = np.maximum(self._extent[2:], high)

    def _closing_metadata(self) -> dict[str, str]:
        geo = geo_metadata(None if np.isinf(self._extent).any() else self._extent.tolist())
        entries = {"geo": geo, **self.metadata}
        return {name: json.dumps(value, ensure_ascii=False) for name, value in entries.items()}


def geo_metadata(extent: list[float] | None) -> dict[str, Any]:
    """The entry ``geo`` of GeoParquet 1.1 for points with a covering ``bbox``."""
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": ["Point"],
        "crs": CRS.from_epsg(4326).to_json_dict(),
        "covering": {"bbox": {name: [BBOX, name] for name in _CORNERS}},
    }
    if extent is not None:
        column["bbox"] = extent
    return {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}


def points_wkb(lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> pa.Array:
    """Points as well-known binary; null where a coordinate is not finite."""
    record = np.empty(len(lon), _WKB_POINT)
    record["order"], record["type"], record["x"], record["y"] = 1, 1, lon, lat
    size = _WKB_POINT.itemsize
    known = np.isfinite(lon) & np.isfinite(lat)
    ends = np.concatenate([[0], np.cumsum(np.where(known, size, 0))]).astype("int32")
    valid = pa.array(known).buffers()[1] if not known.all() else None
    data = pa.py_buffer(record[known].tobytes())
    return pa.Array.from_buffers(pa.binary(), len(lon), [valid, pa.py_buffer(ends), data])


def flag_texts(flags: npt.NDArray[np.uint32]) -> pa.DictionaryArray:
    """Masks as codes joined by ``;`` (an empty text where there is none)."""
    encoded = pa.array(flags).dictionary_encode()
    words = [";".join(codes_of(mask)) for mask in encoded.dictionary.to_pylist()]
    return pa.DictionaryArray.from_arrays(encoded.indices, pa.array(words, pa.string()))


def _boxes(
    lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64], known: npt.NDArray[np.bool_]
) -> pa.StructArray:
    sides = [pa.array(lon), pa.array(lat), pa.array(lon), pa.array(lat)]
    return pa.StructArray.from_arrays(sides, fields=list(_BBOX_TYPE), mask=pa.array(~known))


def _floats(batch: pa.RecordBatch, name: str) -> npt.NDArray[np.float64]:
    values: npt.NDArray[np.float64] = (
        batch.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False)
    )
    return values
