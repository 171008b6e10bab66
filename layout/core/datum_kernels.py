"""Compiled formulas of the Chinese web-map datums; :mod:`layout.core.crs` is their front.

GCJ-02 has no official publication. The formula is the one that public converters have carried since
2010 and that agrees with what map services return to within about a metre; BD-09 is a further
shift of GCJ-02 in polar form. Both are invertible by fixed-point iteration: the shift of a point
changes by less than 2.5 % (GCJ-02: 0.75 %) of the distance moved, so each step divides the error
by more than 40 (GCJ-02: 130).

The loops of GCJ-02 are written without branches and calls, sines included, so that the compiler
turns them into vector instructions: five times faster than one point at a time.
"""

from __future__ import annotations

import math
from typing import Final

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

WEST, EAST, SOUTH, NORTH = 72.004, 137.8347, 0.8293, 55.8271
"""The rough box of China of the public formula; outside of it GCJ-02 equals WGS 84."""

_SEMI_MAJOR_M = 6378245.0  # Krasovsky 1940, as in the formula
_ECCENTRICITY_2 = 0.00669342162296594323
_ORIGIN_LON, _ORIGIN_LAT = 105.0, 35.0
_DEGREE = 180.0 / math.pi

# The shift is below 0.013 degree in the box: five steps leave less than 1e-12 degree.
_GCJ_STEPS: Final = 5
_BLOCK: Final = 512

_BD_ANGLE = math.pi * 3000.0 / 180.0
_BD_LON, _BD_LAT = 0.0065, 0.006
# A step below 1e-9 degree leaves an error below 2.5e-11 degree (3 micrometres).
_BD_STEP_DEG = 1e-9
_BD_MOST_STEPS = 30

# sin(pi f) for |f| <= 1/2 by its series to f**19: the rest is below 1e-16.
_S = tuple((-1) ** k * math.pi ** (2 * k + 1) / math.factorial(2 * k + 1) for k in range(10))


@numba.njit(cache=True, nogil=True, inline="always")
def _sin_pi(turns: float) -> float:
    """The sine of ``pi * turns``."""
    whole = np.floor(turns + 0.5)
    part = turns - whole
    odd = whole - 2.0 * np.floor(whole * 0.5)
    z = part * part
    upper = (((_S[9] * z + _S[8]) * z + _S[7]) * z + _S[6]) * z + _S[5]
    series = ((((upper * z + _S[4]) * z + _S[3]) * z + _S[2]) * z + _S[1]) * z + _S[0]
    sine: float = (1.0 - 2.0 * odd) * series * part
    return sine


@numba.njit(cache=True, nogil=True, inline="always")
def _gcj_shift(lon: float, lat: float) -> tuple[float, float]:
    """East and north shift in degrees of GCJ-02 against WGS 84 at a WGS 84 point."""
    x, y = lon - _ORIGIN_LON, lat - _ORIGIN_LAT
    root = math.sqrt(abs(x))
    # sin 6a = sin 3(2a) = 3 sin 2a - 4 sin^3 2a, and sin a likewise from sin a/3: fewer sines
    double = _sin_pi(2.0 * x)
    waves = 20.0 * (4.0 - 4.0 * double * double) * double
    third_x, third_y = _sin_pi(x / 3.0), _sin_pi(y / 3.0)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (
        waves
        + 20.0 * (5.0 - 4.0 * third_y * third_y) * third_y
        + 160.0 * _sin_pi(y / 12.0)
        + 320.0 * _sin_pi(y / 30.0)
    ) * (2.0 / 3.0)
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (
        waves
        + 20.0 * (5.0 - 4.0 * third_x * third_x) * third_x
        + 150.0 * _sin_pi(x / 12.0)
        + 300.0 * _sin_pi(x / 30.0)
    ) * (2.0 / 3.0)
    sine = _sin_pi(lat / 180.0)
    square = 1.0 - _ECCENTRICITY_2 * sine * sine
    flat = math.sqrt(square)
    meridian = _SEMI_MAJOR_M * (1.0 - _ECCENTRICITY_2) / (square * flat)
    parallel = _SEMI_MAJOR_M / flat * math.sqrt(1.0 - sine * sine)
    return east / parallel * _DEGREE, north / meridian * _DEGREE


# The error model of numpy: a test for division by zero would keep the loops from being vectors.
@numba.njit(cache=True, nogil=True, error_model="numpy")
def wgs84_to_gcj02(lon: Floats, lat: Floats, out_lon: Floats, out_lat: Floats) -> None:
    """Fill ``out_*`` with GCJ-02."""
    for i in range(lon.size):
        east, north = _gcj_shift(lon[i], lat[i])
        out_lon[i] = lon[i] + east
        out_lat[i] = lat[i] + north
    for i in range(lon.size):
        if not (WEST <= lon[i] <= EAST and SOUTH <= lat[i] <= NORTH):
            out_lon[i], out_lat[i] = lon[i], lat[i]


@numba.njit(cache=True, nogil=True, error_model="numpy")
def gcj02_to_wgs84(lon: Floats, lat: Floats, out_lon: Floats, out_lat: Floats) -> None:
    """Fill ``out_*`` with WGS 84; a point to which no point of the box is shifted stays."""
    for start in range(0, lon.size, _BLOCK):
        x, y = lon[start : start + _BLOCK], lat[start : start + _BLOCK]
        found_x, found_y = out_lon[start : start + _BLOCK], out_lat[start : start + _BLOCK]
        found_x[:] = x
        found_y[:] = y
        for _ in range(_GCJ_STEPS):
            for i in range(x.size):
                east, north = _gcj_shift(found_x[i], found_y[i])
                found_x[i] = x[i] - east
                found_y[i] = y[i] - north
        for i in range(x.size):
            if not (WEST <= found_x[i] <= EAST and SOUTH <= found_y[i] <= NORTH):
                found_x[i], found_y[i] = x[i], y[i]


@numba.njit(cache=True, nogil=True)
def _bd_point(lon: float, lat: float) -> tuple[float, float]:
    """BD-09 of a GCJ-02 point."""
    radius = math.sqrt(lon * lon + lat * lat) + 0.00002 * math.sin(lat * _BD_ANGLE)
    angle = math.atan2(lat, lon) + 0.000003 * math.cos(lon * _BD_ANGLE)
    return radius * math.cos(angle) + _BD_LON, radius * math.sin(angle) + _BD_LAT


@numba.njit(cache=True, nogil=True)
def _bd_inverse(lon: float, lat: float) -> tuple[float, float]:
    """GCJ-02 of a BD-09 point."""
    found_lon, found_lat = lon - _BD_LON, lat - _BD_LAT
    for _ in range(_BD_MOST_STEPS):
        reached_lon, reached_lat = _bd_point(found_lon, found_lat)
        east, north = lon - reached_lon, lat - reached_lat
        found_lon, found_lat = found_lon + east, found_lat + north
        if not max(abs(east), abs(north)) >= _BD_STEP_DEG:  # also ends for NaN
            break
    return found_lon, found_lat


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
