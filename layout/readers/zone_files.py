"""Boundary files as they are: GeoJSON, GeoPackage, Shapefile (zipped or not), GeoParquet."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd

from layout.core.errors import InputFileError
from layout.readers.vectors import _dbf_encoding as dbf_encoding
from layout.readers.vectors import _unpacked as unpacked


@dataclass(frozen=True)
class ZoneFile:
    """What a boundary file holds.

    Attributes
    ----------
    name
        File name.
    frame
        Its features in their order, CRS as the file states it.
    crs_assumed
        The file states no CRS and has one by its format's standard only (GeoJSON: EPSG:4326).
    """

    name: str
    frame: gpd.GeoDataFrame
    crs_assumed: bool


def read_zone_file(path: Path | str) -> ZoneFile:
    """The features of a boundary file.

    Raises
    ------
    InputFileError
        There is no such file, its format is unknown, it is damaged, has no geometry, several
        layers, or no features.
    """
    file = Path(path)
    if not file.exists():
        raise InputFileError("error.zones_no_file", path=file)
    read = _READERS.get(file.suffix.lower())
    if read is None or file.is_dir():
        known = ", ".join(_READERS)
        raise InputFileError("error.zones_format", path=file, known=known)
    frame = read(file)
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputFileError("error.zones_no_geometry", path=file)
    if frame.empty:
        raise InputFileError("error.zones_empty", path=file)
    assumed = file.suffix.lower() in (".geojson", ".json") and not _states_crs(file)
    return ZoneFile(file.name, frame.reset_index(drop=True), assumed)


def _read_vector(file: Path, *, shown: Path | None = None, encoding: str | None = None) -> Any:
    import pyogrio

    shown = shown or file
    try:
        layers = pyogrio.list_layers(file)
        drawn = [str(name) for name, kind in layers if kind is not None]
        if len(drawn) > 1:
            raise InputFileError("error.zones_layers", path=shown, known=", ".join(drawn))
        layer = drawn[0] if drawn else None
        return pyogrio.read_dataframe(file, layer=layer, encoding=encoding)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise InputFileError("error.zones_damaged", path=shown) from error
    except (OSError, UnicodeError, LookupError, RuntimeError) as error:
        raise InputFileError("error.zones_damaged", path=shown) from error


def _read_shapefile(file: Path) -> Any:
    return _read_vector(file, encoding=dbf_encoding(file))


def _read_zip(file: Path) -> Any:
    with tempfile.TemporaryDirectory(prefix="layout-") as folder:
        inside = unpacked(file, Path(folder), None)
        return _read_vector(inside, shown=file, encoding=dbf_encoding(inside))


def _read_parquet(file: Path) -> Any:
    try:
        return gpd.read_parquet(file)
    except ValueError as error:
        raise InputFileError("error.zones_no_geometry", path=file) from error
    except OSError as error:
        raise InputFileError("error.zones_damaged", path=file) from error


def _states_crs(file: Path) -> bool:
    """Whether a GeoJSON file has the member ``crs`` of the format's first edition (2008)."""
    try:
        return isinstance(json.loads(file.read_text("utf-8-sig")).get("crs"), dict)
    except (ValueError, AttributeError):
        return False


_READERS: Final[dict[str, Callable[[Path], Any]]] = {
    ".geojson": _read_vector,
    ".json": _read_vector,
    ".gpkg": _read_vector,
    ".shp": _read_shapefile,
    ".zip": _read_zip,
    ".parquet": _read_parquet,
    ".geoparquet": _read_parquet,
}
