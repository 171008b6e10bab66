"""Rasters as Cloud Optimized GeoTIFF, with provenance in the file's tags."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
import rasterio

from layout.core.files import replacing
from layout.core.raster import Raster
from layout.core.result import Bilingual, Provenance
from layout.core.texts import Lang
from layout.exports.provenance import as_json, as_record, as_sentence

BLOCK: Final = 512
_WIDER: Final = {"bool": "uint8", "int64": "int32", "float64": "float32"}
"""Types that GeoTIFF lacks or that are wider than these values need."""


def write_cog(
    path: Path,
    raster: Raster,
    provenance: Provenance,
    *,
    name: str = "",
    notes: Iterable[Bilingual] = (),
    lang: Lang = "zh",
) -> int:
    """A raster as a Cloud Optimized GeoTIFF (DEFLATE, tiles of 512, overviews).

    Parameters
    ----------
    raster
        Its values; booleans become 0 and 1, float64 becomes float32, int64 becomes int32.
    name
        Description of the band.
    notes
        Conventions and cautions, beside those that every export has.

    Returns
    -------
    int
        Cells with data.

    Raises
    ------
    OutputError
        The file cannot be written; what stood there is untouched.
    """
    values = _storable(raster.values)
    nodata = raster.nodata
    if nodata is None and np.issubdtype(values.dtype, np.floating):
        nodata = float("nan")
    record = as_record(provenance, notes, unit=raster.unit)
    options: dict[str, Any] = {
        "driver": "COG",
        "dtype": values.dtype.name,
        "count": 1,
        "height": raster.grid.rows,
        "width": raster.grid.cols,
        "crs": raster.grid.crs,
        "transform": rasterio.Affine(*raster.grid.transform),
        "nodata": nodata,
        "compress": "DEFLATE",
        "predictor": "YES",
        "blocksize": BLOCK,
        "num_threads": "ALL_CPUS",
        # Averages of ids and classes would be ids and classes of something else.
        "overview_resampling": "NEAREST",
    }
    with replacing(path) as partial, rasterio.open(partial, "w", **options) as out:
        out.write(values, 1)
        out.set_band_description(1, name or path.stem)
        out.set_band_unit(1, raster.unit)
        out.update_tags(
            provenance=as_json(record),
            TIFFTAG_IMAGEDESCRIPTION=as_sentence(provenance, lang),
        )
    return int(raster.known().sum())


def _storable(values: np.ndarray) -> np.ndarray:
    wanted = _WIDER.get(values.dtype.name)
    return values.astype(wanted) if wanted else values
