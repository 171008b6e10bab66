"""Rasters as pictures on a map: in Web Mercator, coloured by class, transparent elsewhere."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import rasterio
from matplotlib.image import imsave
from rasterio.transform import array_bounds
from rasterio.warp import Resampling, calculate_default_transform, reproject, transform_bounds

from layout.core.raster import Raster
from layout.core.result import LayerSpec
from layout.core.texts import Lang
from maps.views.classes import NO_DATA_CODE
from maps.views.spec_classes import Drawn, drawn

MOST_PIXELS: Final = 1_600
"""Longer side of a picture."""
_MERCATOR: Final = "EPSG:3857"


@dataclass(frozen=True)
class Picture:
    """A raster as a map shows it.

    Attributes
    ----------
    png
        Data URI.
    bounds
        South-west and north-east corner, degrees latitude and longitude.
    classes
        Its classes.
    """

    png: str
    bounds: list[list[float]]
    classes: Drawn


def picture(spec: LayerSpec, lang: Lang) -> Picture:
    """The raster of a layer as a picture; cells without data are transparent."""
    raster: Raster = spec.frame
    values, bounds = in_mercator(raster)
    flat = values.ravel()
    known = ~np.isnan(flat)
    shown = drawn(spec, flat[known], lang)
    codes = np.full(flat.shape, NO_DATA_CODE, dtype=np.int16)
    codes[known] = shown.codes
    pixels = _coloured(codes.reshape(values.shape), shown.colours)
    return Picture(_data_uri(pixels), bounds, shown)


def in_mercator(
    raster: Raster, *, most: int = MOST_PIXELS
) -> tuple[npt.NDArray[np.float32], list[list[float]]]:
    """Values in Web Mercator, NaN where there is no data, and their corners in degrees."""
    source = raster.values.astype(np.float32)
    source = np.where(raster.known(), source, np.float32(np.nan))
    west, south, east, north = raster.grid.bounds
    transform, width, height = calculate_default_transform(
        raster.grid.crs, _MERCATOR, raster.grid.cols, raster.grid.rows, west, south, east, north
    )
    scale = max(width, height) / most
    if scale > 1:
        transform = transform @ rasterio.Affine.scale(scale)
        width, height = int(np.ceil(width / scale)), int(np.ceil(height / scale))
    target = np.full((height, width), np.nan, dtype=np.float32)
    reproject(
        source,
        target,
        src_transform=rasterio.Affine(*raster.grid.transform),
        src_crs=raster.grid.crs,
        src_nodata=np.nan,
        dst_transform=transform,
        dst_crs=_MERCATOR,
        dst_nodata=np.nan,
        # Classes and ids must not be averaged.
        resampling=Resampling.nearest,
    )
    left, bottom, right, top = transform_bounds(
        _MERCATOR, "EPSG:4326", *array_bounds(height, width, transform)
    )
    return target, [[bottom, left], [top, right]]


def _coloured(codes: npt.NDArray[np.int16], colours: tuple[str, ...]) -> npt.NDArray[np.uint8]:
    """Red, green, blue and opacity of each pixel."""
    table = np.zeros((len(colours) + 1, 4), dtype=np.uint8)
    for place, colour in enumerate(colours):
        table[place] = [*bytes.fromhex(colour.lstrip("#")), 255]
    return table[np.where(codes == NO_DATA_CODE, len(colours), codes)]


def _data_uri(pixels: npt.NDArray[np.uint8]) -> str:
    memory = io.BytesIO()
    imsave(memory, pixels, format="png")
    return "data:image/png;base64," + base64.b64encode(memory.getvalue()).decode("ascii")
