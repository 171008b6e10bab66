"""Point geometries of Arrow columns as two columns of coordinates."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from layout.core.errors import InputFileError

Floats = npt.NDArray[np.float64]

POINT_X: Final = "geometry.x"
POINT_Y: Final = "geometry.y"

_WKB_POINT: Final = np.dtype([("order", "u1"), ("kind", "<u4"), ("x", "<f8"), ("y", "<f8")])
_LITTLE_ENDIAN, _POINT = 1, 1


def point_columns(geometry: pa.Array, path: Path) -> tuple[pa.Array, pa.Array]:
    """Coordinates of point geometries; null where a geometry is missing or empty.

    Parameters
    ----------
    geometry
        WKB, or the ``point`` encoding of GeoParquet (a struct of x and y, or pairs).
    path
        Named in errors.

    Raises
    ------
    InputFileError
        A geometry is no point.
    """
    if pa.types.is_struct(geometry.type):
        x, y = pc.struct_field(geometry, "x"), pc.struct_field(geometry, "y")
        return _nan_as_null(x.cast(pa.float64())), _nan_as_null(y.cast(pa.float64()))
    if pa.types.is_fixed_size_list(geometry.type):
        flat = pc.list_flatten(geometry).to_numpy(zero_copy_only=False)
        pairs = flat.reshape(-1, geometry.type.list_size)
        valid = geometry.is_valid().to_numpy(zero_copy_only=False)
        return _scatter(pairs[:, 0], valid), _scatter(pairs[:, 1], valid)
    return _from_wkb(geometry, path)


def _from_wkb(geometry: pa.Array, path: Path) -> tuple[pa.Array, pa.Array]:
    plain = pc.fill_null(pc.equal(pc.binary_length(geometry), _WKB_POINT.itemsize), False)
    usual = plain.to_numpy(zero_copy_only=False).copy()
    x, y = np.full(len(geometry), np.nan), np.full(len(geometry), np.nan)
    if usual.any():
        points = _fixed_points(geometry.filter(plain))
        fits = (points["order"] == _LITTLE_ENDIAN) & (points["kind"] == _POINT)
        usual[usual] = fits
        x[usual], y[usual] = points["x"][fits], points["y"][fits]
    other = ~usual & geometry.is_valid().to_numpy(zero_copy_only=False)
    if other.any():
        x[other], y[other] = _unusual_points(geometry.filter(pa.array(other)), path)
    return pa.array(x, from_pandas=True), pa.array(y, from_pandas=True)


def _fixed_points(wkb: pa.Array) -> npt.NDArray[np.void]:
    fixed = wkb.cast(pa.large_binary()).cast(pa.binary(_WKB_POINT.itemsize))
    start = fixed.offset * _WKB_POINT.itemsize
    return np.frombuffer(fixed.buffers()[1], dtype=_WKB_POINT, count=len(fixed), offset=start)


def _unusual_points(wkb: pa.Array, path: Path) -> tuple[Floats, Floats]:
    """Points with heights, in the other byte order, empty, or alone in a multipoint."""
    import shapely

    shapes = shapely.from_wkb(wkb.to_numpy(zero_copy_only=False))
    single = (shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOINT) & (
        shapely.get_num_geometries(shapes) == 1
    )
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    kinds = shapely.get_type_id(shapes)
    wrong = (kinds != shapely.GeometryType.POINT) & ~shapely.is_empty(shapes)
    if wrong.any():
        found = shapely.GeometryType(int(kinds[wrong][0])).name.capitalize()
        raise InputFileError("error.not_points", path=path, found=found)
    points = np.where(shapely.is_empty(shapes), shapely.Point(), shapes)
    return shapely.get_x(points), shapely.get_y(points)


def _scatter(values: Floats, valid: npt.NDArray[np.bool_]) -> pa.Array:
    full = np.full(valid.size, np.nan)
    full[valid] = values
    return pa.array(full, from_pandas=True)


def _nan_as_null(values: pa.Array) -> pa.Array:
    return pc.if_else(pc.is_nan(values), None, values)
