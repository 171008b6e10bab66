"""Who is whose neighbour: weights graphs for local statistics.

All return a :class:`libpysal.graph.Graph` with the index of the zones or points as its ids. Weights
are as they come (binary or inverse distance); nothing is row-standardised here. Libpysal is slow to
import and is imported when a graph is built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from layout.core.crs import require_metric
from layout.core.errors import MeasureError
from layout.measures.points import Floats, as_points

if TYPE_CHECKING:
    import geopandas as gpd
    from libpysal.graph import Graph

NEAREST_METRE: Final = 1.0
"""ArcGIS gives places less than a unit apart the weight of one unit; so an inverse is finite."""


def queen(zones: gpd.GeoDataFrame | gpd.GeoSeries) -> Graph:
    """Zones that share a border or a corner (vertices must match exactly)."""
    return _contiguity(zones, rook=False)


def rook(zones: gpd.GeoDataFrame | gpd.GeoSeries) -> Graph:
    """Zones that share a border."""
    return _contiguity(zones, rook=True)


def k_nearest(points: Any, k: int = 8) -> Graph:
    """The k nearest others of each point, ties broken by order; points at one place are neighbours.

    Parameters
    ----------
    points
        In metres, as :func:`layout.measures.points.as_points`.
    k
        From 1 to the number of points less one.

    Raises
    ------
    MeasureError
        k is out of bounds. CrsError for points in degrees.
    """
    from scipy import spatial

    xy, ids = as_points(points), _ids(points)
    if not 1 <= k < len(xy):
        raise MeasureError("error.measure_option", name="k", found=k, allowed=f"1…{len(xy) - 1}")
    _, found = spatial.cKDTree(xy).query(xy, k=k + 1)
    # among points of one place the query may not return the point itself: then drop the last
    itself = found == np.arange(len(xy))[:, None]
    itself[~itself.any(axis=1), -1] = True
    others = found[~itself].reshape(len(xy), k)
    focal = np.repeat(np.arange(len(xy)), k)
    return _graph(ids, focal, others.ravel(), np.ones(focal.size))


def distance_band(points: Any, distance_m: float) -> Graph:
    """All points up to ``distance_m`` away (metres, the bound included), with weight 1."""
    focal, others, _ = _pairs(points, distance_m)
    return _graph(_ids(points), focal, others, np.ones(focal.size))


def inverse_distance(points: Any, cutoff_m: float, *, power: float = 1.0) -> Graph:
    r"""All points up to ``cutoff_m`` away, weighted :math:`\max(d, 1)^{-power}`; each itself by 1.

    As ArcGIS: nothing is row-standardised, places less than a metre apart have weight 1, and so
    has a point itself where a statistic includes it (G*).
    """
    focal, others, distance = _pairs(points, cutoff_m)
    weight = np.maximum(distance, NEAREST_METRE) ** -power
    n = len(_ids(points))
    own = np.arange(n)
    return _graph(
        _ids(points),
        np.concatenate([focal, own]),
        np.concatenate([others, own]),
        np.concatenate([weight, np.ones(n)]),
        islands=False,
    )


def _contiguity(zones: gpd.GeoDataFrame | gpd.GeoSeries, *, rook: bool) -> Graph:
    from libpysal.graph import Graph

    require_metric(zones)
    return Graph.build_contiguity(zones.geometry, rook=rook)


def _pairs(points: Any, distance_m: float) -> tuple[Any, Any, Floats]:
    """Ordered pairs up to a distance, and their distances."""
    from scipy import spatial

    xy = as_points(points)
    if not (np.isfinite(distance_m) and distance_m > 0):
        raise MeasureError("error.radii", found=distance_m)
    pairs = spatial.cKDTree(xy).query_pairs(distance_m, output_type="ndarray")
    both = np.concatenate([pairs, pairs[:, ::-1]]) if len(pairs) else np.empty((0, 2), dtype=int)
    gaps = xy[both[:, 0]] - xy[both[:, 1]]
    return both[:, 0], both[:, 1], np.hypot(gaps[:, 0], gaps[:, 1])


def _ids(points: Any) -> pd.Index:
    return points.index if hasattr(points, "index") else pd.RangeIndex(len(points))


def _graph(
    ids: pd.Index, focal: Any, others: Any, weights: Floats, *, islands: bool = True
) -> Graph:
    """A graph from positions; a point without neighbours is an island (weight 0 with itself)."""
    from libpysal.graph import Graph

    if islands:
        alone = np.setdiff1d(np.arange(len(ids)), focal)
        focal, others = np.concatenate([focal, alone]), np.concatenate([others, alone])
        weights = np.concatenate([weights, np.zeros(alone.size)])
    order = np.lexsort((others, focal))
    return Graph.from_arrays(ids[focal[order]], ids[others[order]], weights[order])
