"""Optional layers as a file holds them: features of a vector file, or rows with coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import pyarrow as pa

from layout.readers.tables import TableOptions, open_table
from layout.readers.zone_files import read_zone_file

_VECTORS: Final = (".geojson", ".json", ".gpkg", ".shp", ".zip", ".parquet", ".geoparquet")


@dataclass(frozen=True)
class LayerFile:
    """What a file of features holds.

    Attributes
    ----------
    path
        The file.
    table
        Its rows: columns as in the file; a GeoDataFrame where it has geometries.
    crs
        CRS that the file states; None where it states none or only by its format's standard.
    """

    path: Path
    table: pd.DataFrame
    crs: str | None


def read_layer_file(path: Path | str, *, options: TableOptions | None = None) -> LayerFile:
    """The rows of a vector file or of a table, all of them, as text where the format is text.

    Raises
    ------
    InputFileError
        There is no such file, its format is unknown, it is damaged or empty.
    """
    file = Path(path)
    if file.suffix.lower() in _VECTORS:
        read = read_zone_file(file)
        crs = None if read.crs_assumed or read.frame.crs is None else read.frame.crs.to_string()
        return LayerFile(file, read.frame, crs)
    source = open_table(file, options or TableOptions())
    batches = [batch.columns for batch in source.batches()]
    table = pa.Table.from_batches(batches).to_pandas() if batches else pd.DataFrame()
    return LayerFile(file, table, source.info.crs)


def read_layers_folder(root: Path, name: str) -> gpd.GeoDataFrame:
    """A layer of a study folder: EPSG:4326."""
    return gpd.read_parquet(root / "layers" / f"{name}.parquet")
