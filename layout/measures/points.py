"""Checks that measures on points share: metres, weights, sectors, radii, study area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core.crs import require_metric
from layout.core.errors import MeasureError

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_LON: Final = (73.0, 136.0)
_LAT: Final = (3.0, 54.0)
"""Longitudes and latitudes of China; no plane in metres has a city there."""


def as_points(points: Any) -> Floats:
    """Points as a contiguous float array ``(n, 2)`` in metres.

    Parameters
    ----------
    points
        GeoSeries or GeoDataFrame of points in a projected CRS in metres, or an array or frame of
        two columns, x and y.

    Raises
    ------
    CrsError
        A geographic or missing CRS.
    MeasureError
        Another shape, coordinates that are not finite, or bare numbers that are degrees: all of
        them within the longitudes and latitudes of China (in either order).
    """
    if hasattr(points, "crs"):
        require_metric(points)
        array = np.column_stack([points.geometry.x, points.geometry.y])
    else:
        array = np.asarray(points, dtype="float64")
    if array.size == 0:
        return np.empty((0, 2))
    if array.ndim != 2 or array.shape[1] != 2:
        raise MeasureError("error.points_shape", found=f"{array.shape}")
    finite = np.isfinite(array).all(axis=1)
    if not finite.all():
        raise MeasureError("error.points_shape", found=f"{int((~finite).sum())} × NaN/∞")
    if _are_degrees(array):
        first = f"{array[0, 0]:.6g}, {array[0, 1]:.6g}"
        raise MeasureError("error.points_degrees", first=first)
    return np.ascontiguousarray(array, dtype="float64")


def as_weights(weights: Any, n: int) -> tuple[Floats, Bools]:
    """Weights of n points, and which of them are known; without weights all are 1.

    Missing weights are 0 and not known: the caller leaves the points out and counts them.

    Raises
    ------
    MeasureError
        A weight is negative or infinite, or the number differs.
    """
    if weights is None:
        return np.ones(n), np.ones(n, dtype=bool)
    array = np.asarray(weights, dtype="float64")
    same_length(array, n, "weights")
    bad = (array < 0) | np.isinf(array)
    if bad.any():
        raise MeasureError(
            "error.weights_negative", count=int(bad.sum()), first=float(array[bad][0])
        )
    known = ~np.isnan(array)
    return np.where(known, array, 0.0), known


def as_mask(mask: Any, n: int) -> Bools:
    """Which of n points are of the sector; None means all."""
    if mask is None:
        return np.ones(n, dtype=bool)
    array = np.asarray(mask)
    same_length(array, n, "mask")
    if array.dtype != bool and not np.isin(array, (0, 1)).all():
        raise MeasureError("error.measure_option", name="mask", found=array[0], allowed="bool")
    return array.astype(bool)


def as_types(types: Any, n: int) -> tuple[npt.NDArray[np.int64], pd.Index]:
    """Number of each point's sector, and the sectors in sorted order; none may be missing."""
    codes, labels = pd.factorize(pd.Series(types), sort=True)
    same_length(codes, n, "types")
    if (codes < 0).any():
        first = int(np.argmax(codes < 0))
        raise MeasureError("error.measure_labels", what="types", missing=f"point {first}")
    return np.asarray(codes, dtype=np.int64), pd.Index(labels)


def as_radii(radii: Any) -> Floats:
    """Radii as increasing metres of zero or more.

    Raises
    ------
    MeasureError
        None given, not finite, negative or not increasing.
    """
    array = np.atleast_1d(np.asarray(radii, dtype="float64"))
    fine = array.ndim == 1 and array.size and np.isfinite(array).all()
    if not fine or array[0] < 0 or (np.diff(array) <= 0).any():
        raise MeasureError("error.radii", found=np.array2string(array, threshold=6))
    return array


def as_window(window: Any, measure: str) -> BaseGeometry:
    """The study area as a polygon or multipolygon in metres.

    Raises
    ------
    MeasureError
        None, not a valid polygon, or without area. CrsError for a layer that is not in metres.
    """
    import shapely

    if window is None:
        raise MeasureError("error.window_needed", measure=measure)
    if hasattr(window, "crs"):
        require_metric(window)
        window = window.geometry.union_all()
    polygonal = getattr(window, "geom_type", None) in ("Polygon", "MultiPolygon")
    if not polygonal or not window.is_valid or not window.area > 0:
        raise MeasureError("error.window_shape", found=str(window)[:60])
    return shapely.normalize(window)


def position_of(labels: pd.Index, sector: Any) -> int:
    """Number of a sector, -1 if no point is of it."""
    return int(labels.get_indexer(pd.Index([sector]))[0])


def require_inside(xy: Floats, window: Any) -> None:
    """Refuse points outside the study area (its border belongs to it)."""
    import shapely

    outside = ~shapely.intersects_xy(window, xy[:, 0], xy[:, 1])
    if outside.any():
        raise MeasureError("error.points_outside", count=int(outside.sum()))


def same_length(array: npt.NDArray[Any], n: int, what: str) -> None:
    """Refuse another number of values than there are points."""
    if array.shape != (n,):
        raise MeasureError("error.measure_lengths", what=what, found=array.size, expected=n)


def _are_degrees(array: Floats) -> bool:
    low, high = array.min(axis=0), array.max(axis=0)
    boxes = ((_LON, _LAT), (_LAT, _LON))
    return any(
        bool(x[0] <= low[0] and high[0] <= x[1] and y[0] <= low[1] and high[1] <= y[1])
        for x, y in boxes
    )
