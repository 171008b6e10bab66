"""Places along a Hilbert curve: points near each other on the curve are near each other on the map.

The curve is the one of D. Hilbert, "Über die stetige Abbildung einer Linie auf ein Flächenstück",
Mathematische Annalen 38 (1891), 459–460; a place on it is found bit by bit.
"""

from __future__ import annotations

from typing import Final

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]
Bounds = tuple[float, float, float, float]

BITS: Final = 16
"""Bits of each axis: over a city of 100 km a step of the curve is 1.5 m."""
NOWHERE: Final = 1 << (2 * BITS)
"""Place of points that are not finite: behind all others."""
_STEPS = 1 << BITS


def hilbert_places(x: Floats, y: Floats, bounds: Bounds) -> Int64s:
    """The place of each point on the Hilbert curve that fills a box.

    Parameters
    ----------
    x, y
        Coordinates, ``(n,)``, in the units of ``bounds``.
    bounds
        West, south, east, north. Points outside take the place of the nearest point of the box.

    Returns
    -------
    numpy.ndarray
        int64, ``(n,)``: 0 to ``4**BITS - 1``, and ``NOWHERE`` where a coordinate is not finite.
    """
    west, south, east, north = (float(side) for side in bounds)
    per_x = _STEPS / (east - west) if east > west else 0.0
    per_y = _STEPS / (north - south) if north > south else 0.0
    places = np.empty(len(x), np.int64)
    _fill(np.require(x, np.float64), np.require(y, np.float64), west, south, per_x, per_y, places)
    return places


@numba.njit(cache=True, nogil=True)
def _fill(  # type: ignore[no-untyped-def]
    x, y, west, south, per_x, per_y, places
):
    last = _STEPS - 1.0
    for i in range(x.size):
        if not (np.isfinite(x[i]) and np.isfinite(y[i])):
            places[i] = NOWHERE
            continue
        column = np.int64(min(max((x[i] - west) * per_x, 0.0), last))
        row = np.int64(min(max((y[i] - south) * per_y, 0.0), last))
        places[i] = _place(column, row)


@numba.njit(cache=True, nogil=True)
def _place(column, row):  # type: ignore[no-untyped-def]
    """Quarter by quarter: each is the whole curve again, turned so that its ends meet."""
    place = np.int64(0)
    half = np.int64(_STEPS >> 1)
    while half > 0:
        right = np.int64((column & half) > 0)
        upper = np.int64((row & half) > 0)
        place += half * half * ((3 * right) ^ upper)
        if upper == 0:
            if right == 1:
                column, row = _STEPS - 1 - column, _STEPS - 1 - row
            column, row = row, column
        half >>= 1
    return place
