"""Compiled formulas of the Chinese web-map datums; :mod:`layout.core.crs` is their front.

GCJ-02 has no official publication. The formula is the one that public converters have carried since
2010 and that agrees with what map services return to within about a metre; BD-09 is a further
shift of GCJ-02 in polar form. Both are invertible by fixed-point iteration: the shift of a point
changes by less than 2.5 % (GCJ-02: 0.5 %) of the distance moved, so each step divides the error
by more than 40.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

WEST, EAST, SOUTH, NORTH = 72.004, 137.8347, 0.8293, 55.8271
"""The rough box of China of the public formula; outside of it GCJ-02 equals WGS 84."""

_SEMI_MAJOR_M = 6378245.0  # Krasovsky 1940, as in the formula
_ECCENTRICITY_2 = 0.00669342162296594323
_ORIGIN_LON, _ORIGIN_LAT = 105.0, 35.0
_BD_ANGLE = math.pi * 3000.0 / 180.0
_BD_LON, _BD_LAT = 0.0065, 0.006

# A step below 1e-9 degree leaves an error below 2.5e-11 degree (3 micrometres).
_STEP_DEG = 1e-9
_MAX_STEPS = 30


@numba.njit(cache=True, nogil=True)
def _in_box(lon: float, lat: float) -> bool:
    return WEST <= lon <= EAST and SOUTH <= lat <= NORTH


@numba.njit(cache=True, nogil=True)
def _gcj_shift(lon: float, lat: float) -> tuple[float, float]:
    """East and north shift in degrees of GCJ-02 against WGS 84 at a WGS 84 point."""
    x, y = lon - _ORIGIN_LON, lat - _ORIGIN_LAT
    px, py = math.pi * x, math.pi * y
    root = math.sqrt(abs(x))
    # sin 6a = sin 3(2a) = 3 sin 2a - 4 sin^3 2a, and sin a likewise from sin a/3: fewer sines
    double = math.sin(2.0 * px)
    waves = 20.0 * (4.0 - 4.0 * double * double) * double
    third_x, third_y = math.sin(px / 3.0), math.sin(py / 3.0)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (
        waves
        + 20.0 * (5.0 - 4.0 * third_y * third_y) * third_y
        + 160.0 * math.sin(py / 12.0)
        + 320.0 * math.sin(py / 30.0)
    ) * (2.0 / 3.0)
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (
        waves
        + 20.0 * (5.0 - 4.0 * third_x * third_x) * third_x
        + 150.0 * math.sin(px / 12.0)
        + 300.0 * math.sin(px / 30.0)
    ) * (2.0 / 3.0)
    radians = math.radians(lat)
    sine = math.sin(radians)
    square = 1.0 - _ECCENTRICITY_2 * sine * sine
    meridian = _SEMI_MAJOR_M * (1.0 - _ECCENTRICITY_2) / (square * math.sqrt(square))
    parallel = _SEMI_MAJOR_M / math.sqrt(square) * math.sqrt(1.0 - sine * sine)
    return math.degrees(east / parallel), math.degrees(north / meridian)


@numba.njit(cache=True, nogil=True)
def _bd_point(lon: float, lat: float) -> tuple[float, float]:
    """BD-09 of a GCJ-02 point."""
    radius = math.sqrt(lon * lon + lat * lat) + 0.00002 * math.sin(lat * _BD_ANGLE)
    angle = math.atan2(lat, lon) + 0.000003 * math.cos(lon * _BD_ANGLE)
    return radius * math.cos(angle) + _BD_LON, radius * math.sin(angle) + _BD_LAT


@numba.njit(cache=True, nogil=True)
def _gcj_inverse(lon: float, lat: float) -> tuple[float, float]:
    """WGS 84 of a GCJ-02 point; the point itself where no point of the box is shifted to it."""
    if not math.isfinite(lon + lat):
        return lon, lat
    found_lon, found_lat = lon, lat
    for _ in range(_MAX_STEPS):
        east, north = _gcj_shift(found_lon, found_lat)
        step = max(abs(lon - east - found_lon), abs(lat - north - found_lat))
        found_lon, found_lat = lon - east, lat - north
        if step < _STEP_DEG:
            break
    if _in_box(found_lon, found_lat):
        return found_lon, found_lat
    return lon, lat


@numba.njit(cache=True, nogil=True)
def _bd_inverse(lon: float, lat: float) -> tuple[float, float]:
    """GCJ-02 of a BD-09 point."""
    found_lon, found_lat = lon - _BD_LON, lat - _BD_LAT
    for _ in range(_MAX_STEPS):
        reached_lon, reached_lat = _bd_point(found_lon, found_lat)
        east, north = lon - reached_lon, lat - reached_lat
        found_lon, found_lat = found_lon + east, found_lat + north
        if not max(abs(east), abs(north)) >= _STEP_DEG:  # also ends for NaN
            break
    return found_lon, found_lat


@numba.njit(cache=True, nogil=True)
def wgs84_to_gcj02(lon: Floats, lat: Floats, out_lon: Floats, out_lat: Floats) -> None:
    """Fill ``out_*`` with GCJ-02."""
    for i in range(lon.size):
        out_lon[i], out_lat[i] = lon[i], lat[i]
        if _in_box(lon[i], lat[i]):
            east, north = _gcj_shift(lon[i], lat[i])
            out_lon[i] += east
            out_lat[i] += north


@numba.njit(cache=True, nogil=True)
def gcj02_to_wgs84(lon: Floats, lat: Floats, out_lon: Floats, out_lat: Floats) -> None:
    """Fill ``out_*`` with WGS 84."""
    for i in range(lon.size):
        out_lon[i], out_lat[i] = _gcj_inverse(lon[i], lat[i])


@numba.njit(cache=True, nogil=True)
def gcj02_to_bd09(lon: Floats, lat: Floats, out_lon: Floats, out_lat: Floats) -> None:
    """Fill ``out_*`` with BD-09."""
    for i in range(lon.size):
        out_lon[i], out_lat[i] = _bd_point(lon[i], lat[i])


@numba.njit(cache=True, nogil=True)
def bd09_to_gcj02(lon: Floats, lat: Floats, out_lon: Floats, out_lat: Floats) -> None:
    """Fill ``out_*`` with GCJ-02."""
    for i in range(lon.size):
        out_lon[i], out_lat[i] = _bd_inverse(lon[i], lat[i])
