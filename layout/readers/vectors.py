"""Points of GeoJSON, GeoPackage and Shapefile as record batches, streamed through GDAL."""

from __future__ import annotations

import shutil
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, Final

import pyarrow as pa

from layout.core.errors import InputFileError
from layout.core.sources import SourceBatch, SourceInfo
from layout.readers.encodings import likely_encoding
from layout.readers.points import POINT_X, POINT_Y, point_columns

_BATCH_ROWS: Final = 60_000
_DBF_SAMPLE: Final = 1 << 20
_READABLE: Final = ("Point", "MultiPoint", "2.5D Point", "2.5D MultiPoint", "Unknown")


class VectorTable:
    """A layer of points.

    Parameters
    ----------
    path
        ``.geojson``, ``.gpkg``, ``.shp`` or a ``.zip`` with a Shapefile.
    kind
        ``geojson``, ``gpkg`` or ``shapefile``.
    layer
        Name of the layer, needed where the file has several.
    encoding
        Encoding of a Shapefile's texts; found where None.

    Raises
    ------
    InputFileError
        The file is cut off or damaged, or has no such layer.
    """

    info: SourceInfo

    def __init__(
        self, path: Path, kind: str, *, layer: str | None = None, encoding: str | None = None
    ) -> None:
        self._path = path
        self._opened = path
        if path.suffix.lower() == ".zip":
            folder = Path(tempfile.mkdtemp(prefix="layout-"))
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            self._opened = _unpacked(path, folder, layer)
            layer = None
        self._layer = self._choose_layer(layer)
        found = encoding or _dbf_encoding(self._opened) if kind == "shapefile" else None
        self._encoding = found
        about = self._about()
        geometry = about["geometry_type"]
        if geometry is not None and not geometry.startswith(_READABLE):
            raise InputFileError("error.not_points", path=path, found=geometry)
        point = (POINT_X, POINT_Y) if geometry is not None else None
        self.info = SourceInfo(
            path=path,
            format=kind,
            headers=(*(str(name) for name in about["fields"]), *(point or ())),
            crs=about["crs"],
            encoding=found,
            rows=about["features"] if about["features"] >= 0 else None,
            point=point,
        )

    def batches(self, columns: tuple[str, ...] | None = None) -> Iterator[SourceBatch]:
        """The rows in order, only ``columns`` where given."""
        import pyogrio

        wanted = self.info.headers if columns is None else columns
        stored = [name for name in wanted if name not in (self.info.point or ())]
        first = 1
        try:
            with pyogrio.open_arrow(
                self._opened,
                layer=self._layer,
                encoding=self._encoding,
                columns=stored,
                read_geometry=len(stored) < len(wanted),
                batch_size=_BATCH_ROWS,
                use_pyarrow=True,
            ) as (about, reader):
                for batch in reader:
                    geometry = about["geometry_name"] or "wkb_geometry"
                    yield self._batch(batch, wanted, geometry, first)
                    first += batch.num_rows
        except (pyogrio.errors.DataSourceError, pa.ArrowException, OSError, UnicodeError) as error:
            raise InputFileError("error.damaged_file", path=self._path) from error

    def _batch(
        self, batch: pa.RecordBatch, wanted: tuple[str, ...], geometry: str, first: int
    ) -> SourceBatch:
        made: dict[str, pa.Array] = {}
        if geometry in batch.schema.names and self.info.point:
            x, y = point_columns(batch.column(geometry), self._path)
            made = {POINT_X: x, POINT_Y: y}
        arrays = [made[name] if name in made else batch.column(name) for name in wanted]
        end = first + batch.num_rows
        return SourceBatch(
            columns=pa.RecordBatch.from_arrays(arrays, names=list(wanted)),
            lines=pa.array(range(first, end), pa.int64()),
            done=min((end - 1) / self.info.rows, 1.0) if self.info.rows else None,
        )

    def _choose_layer(self, wanted: str | None) -> str:
        import pyogrio

        try:
            layers = [str(name) for name, _ in pyogrio.list_layers(self._opened)]
        except (pyogrio.errors.DataSourceError, OSError) as error:
            raise InputFileError("error.damaged_file", path=self._path) from error
        if wanted in layers or (wanted is None and len(layers) == 1):
            return wanted or layers[0]
        key = "error.which_layer" if wanted is None else "error.no_layer"
        raise InputFileError(key, path=self._path, found=wanted, known=", ".join(layers))

    def _about(self) -> dict[str, Any]:
        import pyogrio

        try:
            about: dict[str, Any] = pyogrio.read_info(
                self._opened, layer=self._layer, encoding=self._encoding
            )
        except (pyogrio.errors.DataSourceError, OSError, LookupError, UnicodeError) as error:
            raise InputFileError("error.damaged_file", path=self._path) from error
        return about


def _unpacked(archive: Path, folder: Path, wanted: str | None) -> Path:
    """The Shapefile of an archive, unpacked.

    GDAL would need its parts in the root of the archive, and names in UTF-8.
    """
    try:
        with zipfile.ZipFile(archive) as packed:
            inside = [PurePosixPath(name) for name in packed.namelist()]
            stems = {name.with_suffix("") for name in inside if name.suffix.lower() == ".shp"}
            chosen = [stem for stem in stems if wanted in (None, stem.name)]
            if len(chosen) != 1:
                known = ", ".join(sorted(stem.name for stem in stems))
                key = "error.which_layer" if wanted is None else "error.no_layer"
                raise InputFileError(key, path=archive, found=wanted, known=known)
            for name in inside:
                if name.with_suffix("") == chosen[0]:
                    target = folder / f"layer{name.suffix.lower()}"
                    with packed.open(str(name)) as source, target.open("wb") as copy:
                        shutil.copyfileobj(source, copy)
    except (zipfile.BadZipFile, OSError, RuntimeError, zlib.error) as error:
        raise InputFileError("error.damaged_file", path=archive) from error
    return folder / "layer.shp"


def _dbf_encoding(shapefile: Path) -> str | None:
    """Encoding of a Shapefile's texts: found from them, None where a .cpg beside it says so."""
    if any(shapefile.with_suffix(suffix).exists() for suffix in (".cpg", ".CPG")):
        return None
    table = next((p for p in map(shapefile.with_suffix, (".dbf", ".DBF")) if p.exists()), None)
    if table is None:
        return None
    with table.open("rb") as handle:
        head = handle.read(_DBF_SAMPLE)
    start = int.from_bytes(head[8:10], "little")
    width = max(int.from_bytes(head[10:12], "little"), 1)
    records = [head[place : place + width] for place in range(start, len(head), width)]
    return likely_encoding([head[:start], *records])
