"""Vector files: GeoPackage, GeoJSON and GeoParquet, streamed in batches, each with provenance.

A layer is a stream of Arrow batches whose column ``geometry`` holds WKB, so that a city of millions
of firms is never in memory at once. Points without coordinates keep their row, with no geometry.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio.raw
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from layout.core.columns import GEOMETRY
from layout.core.errors import ColumnError, CrsError, ParameterError
from layout.core.files import replacing
from layout.core.result import Bilingual, Provenance
from layout.core.texts import Lang, text
from layout.exports.provenance import as_json, as_lines, as_record, as_sentence

WGS84: Final = "EPSG:4326"
GEOJSON_DIGITS: Final = 7
"""Decimal places of a degree, about a centimetre (RFC 7946, section 11.2)."""
GPKG_VERSION: Final = "1.3"
"""Older GIS programs warn about 1.4 and later."""
_NAME = re.compile(r"(?!gpkg)[^\W\d_]\w*", re.IGNORECASE)


@dataclass(frozen=True)
class VectorLayer:
    """A layer to be written.

    Attributes
    ----------
    schema
        Attributes and, last, ``geometry`` (binary, WKB).
    batches
        Gives the batches anew each time it is called.
    geometry_type
        ``Point``, ``MultiPolygon``, … or ``Unknown`` where several types occur.
    crs
        CRS of the geometries, ``"EPSG:…"``.
    notes
        What a reader of the layer must know.
    """

    schema: pa.Schema
    batches: Callable[[], Iterator[pa.RecordBatch]]
    geometry_type: str
    crs: str = WGS84
    notes: tuple[Bilingual, ...] = ()


Layers = Mapping[str, VectorLayer | gpd.GeoDataFrame]


def layer_of(
    frame: gpd.GeoDataFrame, *, name: str = "", notes: tuple[Bilingual, ...] = ()
) -> VectorLayer:
    """A frame as a layer; polygons become multipolygons, so that a layer has one type.

    Raises
    ------
    CrsError
        The frame has no CRS.
    ColumnError
        Two columns have the same name.
    """
    if frame.crs is None:
        raise CrsError("error.export_no_crs", name=name)
    twice = sorted({str(column) for column in frame.columns[frame.columns.duplicated()]})
    if twice:
        raise ColumnError("error.export_columns", name=name, found=", ".join(twice))
    shapes, kind = _one_type(frame.geometry.to_numpy())
    attributes = frame.drop(columns=frame.geometry.name)
    table = pa.Table.from_pandas(attributes, preserve_index=False).replace_schema_metadata(None)
    table = table.append_column(GEOMETRY, pa.array(shapely.to_wkb(shapes), pa.binary()))
    table = table.cast(pa.schema([_plain(field) for field in table.schema]))
    return VectorLayer(
        schema=table.schema,
        batches=lambda: iter(table.to_batches(max_chunksize=65_536)),
        geometry_type=kind,
        crs=_authority(frame.crs),
        notes=notes,
    )


def in_crs(layer: VectorLayer, crs: str) -> VectorLayer:
    """The layer with its geometries in ``crs``, converted batch by batch.

    Raises
    ------
    ParameterError
        There is no such CRS.
    """
    try:
        target = CRS.from_user_input(crs)
    except CRSError as error:
        raise ParameterError("error.export_crs", found=crs) from error
    if target == CRS.from_user_input(layer.crs):
        return layer
    transformer = Transformer.from_crs(layer.crs, target, always_xy=True)

    def moved() -> Iterator[pa.RecordBatch]:
        for batch in layer.batches():
            shapes = shapely.from_wkb(np.asarray(batch.column(GEOMETRY), dtype=object))
            shapes = shapely.transform(shapes, transformer.transform, interleaved=False)
            wkb = pa.array(shapely.to_wkb(shapes), pa.binary())
            yield batch.set_column(layer.schema.get_field_index(GEOMETRY), GEOMETRY, wkb)

    return replace(layer, batches=moved, crs=_authority(target))


def write_gpkg(
    path: Path, layers: Layers, provenance: Provenance, *, lang: Lang = "zh"
) -> dict[str, int]:
    """Layers as one GeoPackage, with provenance as metadata, description and table.

    Each layer has the record as metadata and a sentence as its description; the table
    ``sources_and_method`` has the same for people who open the file in a GIS.

    Returns
    -------
    dict of str to int
        Rows written by layer.

    Raises
    ------
    ParameterError
        A name cannot be that of a layer (GeoPackage keeps names that begin with ``gpkg``).
    OutputError
        The file cannot be written; what stood there is untouched.
    """
    made = _prepared(layers)
    rows: dict[str, int] = {}
    with replacing(path) as partial:
        for name, layer in made.items():
            record = as_json(as_record(provenance, layer.notes, crs=layer.crs))
            counted = _Counted(layer)
            pyogrio.raw.write_arrow(
                counted.reader(),
                partial,
                layer=name,
                driver="GPKG",
                geometry_name=GEOMETRY,
                geometry_type=layer.geometry_type,
                crs=CRS.from_user_input(layer.crs).to_wkt(),
                layer_metadata={"provenance": record},
                dataset_metadata={"provenance": record},
                dataset_options={"VERSION": GPKG_VERSION},
                layer_options={"DESCRIPTION": as_sentence(provenance, lang)},
            )
            rows[name] = counted.rows
        _write_lines(partial, made, provenance, lang)
    return rows


def write_geojson(
    path: Path,
    layer: VectorLayer | gpd.GeoDataFrame,
    provenance: Provenance,
    *,
    name: str = "",
) -> int:
    """A layer as GeoJSON after RFC 7946, provenance in the foreign member ``provenance``.

    Positions are WGS 84 with seven decimal places, outer rings run anticlockwise.

    Returns
    -------
    int
        Features written.

    Raises
    ------
    ParameterError
        The layer is in another CRS.
    OutputError
        The file cannot be written; what stood there is untouched.
    """
    ((name, made),) = _prepared({name or path.stem: layer}).items()
    if CRS.from_user_input(made.crs) != CRS.from_user_input(WGS84):
        raise ParameterError("error.export_geojson_crs", found=made.crs)
    record = as_json(as_record(provenance, made.notes))
    rows = 0
    with replacing(path) as partial, partial.open("w", encoding="utf-8", newline="\n") as out:
        head = f'"type":"FeatureCollection","name":{json.dumps(name, ensure_ascii=False)}'
        out.write(f'{{{head},"provenance":{record},"features":[')
        for batch in made.batches():
            lines = _features(batch)
            out.write(",\n" if rows and lines else "\n" if lines else "")
            out.write(",\n".join(lines))
            rows += len(lines)
        out.write("\n]}\n")
    return rows


def write_geoparquet(
    path: Path,
    layer: VectorLayer | gpd.GeoDataFrame,
    provenance: Provenance,
    *,
    name: str = "",
) -> int:
    """A layer as GeoParquet 1.1, provenance as the schema's metadata ``provenance``.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    OutputError
        The file cannot be written; what stood there is untouched.
    """
    ((_, made),) = _prepared({name or path.stem: layer}).items()
    record = as_json(as_record(provenance, made.notes))
    schema = made.schema.with_metadata({"geo": json.dumps(_geo(made)), "provenance": record})
    rows = 0
    with replacing(path) as partial, pq.ParquetWriter(partial, schema, compression="zstd") as out:
        for batch in made.batches():
            out.write_batch(batch.replace_schema_metadata(schema.metadata))
            rows += batch.num_rows
    return rows


class _Counted:
    """A stream of a layer's batches that counts the rows that pass."""

    def __init__(self, layer: VectorLayer) -> None:
        self.rows = 0
        self._layer = layer

    def reader(self) -> pa.RecordBatchReader:
        return pa.RecordBatchReader.from_batches(self._layer.schema, self._batches())

    def _batches(self) -> Iterator[pa.RecordBatch]:
        for batch in self._layer.batches():
            self.rows += batch.num_rows
            yield batch


def _geo(layer: VectorLayer) -> dict[str, Any]:
    column = {
        "encoding": "WKB",
        "geometry_types": [] if layer.geometry_type == "Unknown" else [layer.geometry_type],
        "crs": CRS.from_user_input(layer.crs).to_json_dict(),
    }
    return {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}


def _prepared(layers: Layers) -> dict[str, VectorLayer]:
    made = {}
    for name, layer in layers.items():
        if not _NAME.fullmatch(name):
            raise ParameterError("error.export_layer_name", found=name)
        made[name] = layer if isinstance(layer, VectorLayer) else layer_of(layer, name=name)
    return made


def _write_lines(
    path: Path, layers: Mapping[str, VectorLayer], provenance: Provenance, lang: Lang
) -> None:
    notes = {note.en: note for layer in layers.values() for note in layer.notes}
    lines = as_lines(provenance, lang, notes.values())
    table = pa.table(
        {
            text("export.item", lang): [item for item, _ in lines],
            text("export.value", lang): [value for _, value in lines],
        }
    )
    pyogrio.raw.write_arrow(
        table, path, layer=text("export.table", lang), driver="GPKG", geometry_type=None
    )


def _features(batch: pa.RecordBatch) -> list[str]:
    shapes = shapely.from_wkb(np.asarray(batch.column(GEOMETRY), dtype=object))
    shapes = shapely.transform(shapes, lambda xy: np.round(xy, GEOJSON_DIGITS))
    geometries = shapely.to_geojson(shapely.orient_polygons(shapes))
    names = [name for name in batch.schema.names if name != GEOMETRY]
    columns = [_plain_values(batch.column(name)) for name in names]
    rows = zip(*columns, strict=True) if columns else iter([()] * batch.num_rows)
    encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
    return [
        f'{{"type":"Feature","properties":{encode(dict(zip(names, row, strict=True)))},'
        f'"geometry":{geometry or "null"}}}'
        for row, geometry in zip(rows, geometries, strict=True)
    ]


def _plain_values(column: pa.Array) -> list[Any]:
    """Values as JSON has them: not-a-number is null, dates are ISO 8601."""
    if pa.types.is_temporal(column.type):
        column = column.cast(pa.string())
    values: list[Any] = column.to_pylist()
    if pa.types.is_floating(column.type):
        return [value if value is not None and math.isfinite(value) else None for value in values]
    return values


def _one_type(shapes: np.ndarray) -> tuple[np.ndarray, str]:
    types = shapely.GeometryType
    kinds = set(shapely.get_type_id(shapes).tolist()) - {types.MISSING}
    if kinds and kinds <= {types.POLYGON, types.MULTIPOLYGON}:
        single = shapely.get_type_id(shapes) == types.POLYGON
        several = shapes.copy()
        several[single] = [shapely.MultiPolygon([shape]) for shape in shapes[single]]
        return several, "MultiPolygon"
    return shapes, "Point" if kinds <= {types.POINT} else "Unknown"


def _plain(field: pa.Field) -> pa.Field:
    """A type that every format has: dictionaries and long texts become text."""
    kind = field.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) or pa.types.is_null(kind):
        kind = pa.string()
    return pa.field(field.name, kind)


def _authority(crs: Any) -> str:
    found = CRS.from_user_input(crs)
    authority = found.to_authority()
    return ":".join(authority) if authority else str(found.to_wkt())
