"""Coordinate systems: the datums of Chinese point files, their formulas, and a check on measures.

GCJ-02 and BD-09 are shifted coordinates of Chinese web maps. They have no EPSG code and hide in
files that say EPSG:4326, 500 to 1,200 m off; so the datum of a file is declared, never guessed.
CGCS2000 and WGS 84 are taken as one: they differ by less than a metre.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from layout.core.errors import CrsError, DatumError

if TYPE_CHECKING:
    import geopandas as gpd
    import pyproj

Floats = npt.NDArray[np.float64]
Point = tuple[Floats, Floats]

STORED_CRS: Final = "EPSG:4326"
"""CRS of every stored and exported vector: WGS 84, longitude first."""

NAMED_DATUMS: Final = ("wgs84", "cgcs2000", "gcj02", "bd09")
WEB_DATUMS: Final = ("wgs84", "gcj02", "bd09")
"""The datums a file of degrees may be in without saying so (CGCS2000 is WGS 84 here)."""

_EPSG = re.compile(r"^(?:epsg:?)?(\d{4,6})$")
_NAMED_EPSG: Final = {4326: "wgs84", 4490: "cgcs2000"}


@dataclass(frozen=True)
class Datum:
    """What coordinates are declared to be in.

    Attributes
    ----------
    name
        One of ``NAMED_DATUMS``, or ``EPSG:<code>``.
    epsg
        The code of another CRS, None for a named datum.
    """

    name: str
    epsg: int | None = None

    def __str__(self) -> str:
        return self.name

    @property
    def projected(self) -> bool:
        """Coordinates are metres on a plane, not degrees."""
        return self.epsg is not None and _crs(self.epsg).is_projected


def parse_datum(text: str) -> Datum:
    """The datum a user names: ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09`` or an EPSG code.

    Case, hyphens and spaces do not count (``GCJ-02``); ``EPSG:4326`` is ``wgs84`` and
    ``EPSG:4490`` is ``cgcs2000``.

    Raises
    ------
    DatumError
        No datum has that name.
    """
    plain = re.sub(r"[\s_-]", "", text).lower()
    if plain in NAMED_DATUMS:
        return Datum(plain)
    if match := _EPSG.match(plain):
        code = int(match[1])
        if code in _NAMED_EPSG:
            return Datum(_NAMED_EPSG[code])
        if _is_known(code):
            return Datum(f"EPSG:{code}", code)
    raise DatumError("error.unknown_datum", found=text, known=", ".join(NAMED_DATUMS))


def to_wgs84(x: npt.ArrayLike, y: npt.ArrayLike, datum: Datum) -> Point:
    """WGS 84 longitude and latitude of coordinates in ``datum``.

    Parameters
    ----------
    x, y
        Longitude and latitude in degrees, or easting and northing in the unit of the CRS; equal
        shapes. NaN gives NaN.
    datum
        What they are in.

    Returns
    -------
    tuple of numpy.ndarray
        New arrays of degrees. What a projection cannot undo is NaN.
    """
    if datum.epsg is not None:
        return _unproject(_array(x), _array(y), datum.epsg)
    inverse = {"gcj02": gcj02_to_wgs84, "bd09": bd09_to_wgs84}.get(datum.name)
    if inverse is not None:
        return inverse(x, y)
    return _array(x).copy(), _array(y).copy()


def from_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike, datum: Datum) -> Point:
    """The inverse of :func:`to_wgs84`."""
    if datum.epsg is not None:
        return _project(_array(lon), _array(lat), datum.epsg)
    forward = {"gcj02": wgs84_to_gcj02, "bd09": wgs84_to_bd09}.get(datum.name)
    if forward is not None:
        return forward(lon, lat)
    return _array(lon).copy(), _array(lat).copy()


def wgs84_to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Point:
    """GCJ-02 of WGS 84 points, in degrees.

    Inside the rough box of China (72.004 to 137.8347° E, 0.8293 to 55.8271° N) by the public
    formula; outside, as the formula says, a point stays where it is. The box takes in neighbours
    of China and the sea: a point there is shifted too.

    Parameters
    ----------
    lon, lat
        Degrees, equal shapes. NaN gives NaN.

    Returns
    -------
    tuple of numpy.ndarray
        New arrays, longitude and latitude.
    """
    return _apply("wgs84_to_gcj02", lon, lat)


def gcj02_to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Point:
    """WGS 84 of GCJ-02 points, in degrees: the exact inverse of :func:`wgs84_to_gcj02`.

    Iterated to below 1e-12 degree; a round trip is below 1 mm. Within about 700 m of the edge of
    the box, where the formula jumps, a point may have two originals or none: the one inside the
    box is taken, else the point stays.
    """
    return _apply("gcj02_to_wgs84", lon, lat)


def gcj02_to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Point:
    """BD-09 of GCJ-02 points, in degrees, by the public formula (which knows no box)."""
    return _apply("gcj02_to_bd09", lon, lat)


def bd09_to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Point:
    """GCJ-02 of BD-09 points, in degrees, iterated to below 1e-10 degree.

    The closed form that is passed around is only near (up to a metre); this is the inverse of
    :func:`gcj02_to_bd09`.
    """
    return _apply("bd09_to_gcj02", lon, lat)


def wgs84_to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Point:
    """BD-09 of WGS 84 points, in degrees."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Point:
    """WGS 84 of BD-09 points, in degrees."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def require_metric(frame: gpd.GeoDataFrame | gpd.GeoSeries) -> None:
    """Refuse to measure in anything but a projected CRS in metres.

    Web Mercator is refused too: its metre is 8 % too long in Shenzhen and grows northwards.

    Raises
    ------
    CrsError
        The frame has no CRS, degrees, feet, or Web Mercator.
    """
    crs = frame.crs
    if crs is None or not _measures_metres(crs):
        found = "no CRS" if crs is None else crs.to_string()
        raise CrsError("error.not_metric", found=found)


def _measures_metres(crs: Any) -> bool:
    if not crs.is_projected or any(axis.unit_conversion_factor != 1.0 for axis in crs.axis_info):
        return False
    operation = crs.coordinate_operation
    return operation is None or "Pseudo Mercator" not in operation.method_name


def _apply(name: str, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Point:
    # Compiled code is loaded at the first conversion: many who need a CRS convert nothing.
    from layout.core import datum_kernels

    kernel: Callable[[Floats, Floats, Floats, Floats], None] = getattr(datum_kernels, name)
    given_lon, given_lat = _array(lon), _array(lat)
    if given_lon.shape != given_lat.shape:
        raise ValueError(f"shapes differ: {given_lon.shape} and {given_lat.shape}")
    out_lon, out_lat = np.empty(given_lon.shape), np.empty(given_lat.shape)
    kernel(given_lon.ravel(), given_lat.ravel(), out_lon.reshape(-1), out_lat.reshape(-1))
    return out_lon, out_lat


def _array(values: npt.ArrayLike) -> Floats:
    # Arrow hands out read-only views and other orders; one kind of array means one compilation.
    array = np.require(values, dtype=np.float64, requirements="C")
    return array if array.flags.writeable else array.copy()


def _unproject(x: Floats, y: Floats, epsg: int) -> Point:
    lon, lat = _transformer(epsg).transform(x, y, errcheck=False)
    return _finite(lon, lat)


def _project(lon: Floats, lat: Floats, epsg: int) -> Point:
    x, y = _transformer(epsg).transform(lon, lat, errcheck=False, direction="INVERSE")
    return _finite(x, y)


def _finite(x: Floats, y: Floats) -> Point:
    bad = ~(np.isfinite(x) & np.isfinite(y))
    return np.where(bad, np.nan, x), np.where(bad, np.nan, y)


@lru_cache(maxsize=32)
def _crs(epsg: int) -> pyproj.CRS:
    import pyproj

    return pyproj.CRS.from_epsg(epsg)


@lru_cache(maxsize=32)
def _transformer(epsg: int) -> pyproj.Transformer:
    import pyproj

    return pyproj.Transformer.from_crs(epsg, STORED_CRS, always_xy=True)


def _is_known(epsg: int) -> bool:
    import pyproj

    try:
        crs = _crs(epsg)
    except pyproj.exceptions.CRSError:
        return False
    return crs.is_projected or crs.is_geographic
