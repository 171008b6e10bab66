"""Polygons as a list of straight edges, each border that several polygons share kept once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from layout.core.errors import ZoneError

_POLYGONAL = (3, 6)  # shapely's type ids of Polygon and MultiPolygon
_MIXER = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], np.uint64
)
"""Odd constants that spread the bits of four coordinates (any odd numbers would do)."""


class Edges(NamedTuple):
    """Edges of a polygon layer.

    Attributes
    ----------
    ends
        float64 ``(m, 4)``: ``x, y`` of the lower end, ``x, y`` of the upper end; in a level edge
        the left end comes first. No edge has length zero.
    start
        int64 ``(m + 1,)``: where the owners of each edge begin in ``owners``.
    owners
        int32: positions of the polygons that have the edge on their boundary.
    """

    ends: npt.NDArray[np.float64]
    start: npt.NDArray[np.int64]
    owners: npt.NDArray[np.int32]


def as_polygons(shapes: Sequence[object] | npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """``shapes`` as an array of valid polygons.

    Raises
    ------
    ZoneError
        A shape is missing, is no polygon or is invalid; all of them are named by position.
    """
    polygons = np.asarray(shapes, dtype=object).reshape(-1)
    good = np.isin(shapely.get_type_id(polygons), _POLYGONAL)
    good[good] = shapely.is_valid(polygons[good])
    if not good.all():
        positions = np.flatnonzero(~good)
        shown = ", ".join(map(str, positions[:10])) + (", …" if len(positions) > 10 else "")
        raise ZoneError("error.grid_polygons", count=len(positions), positions=shown)
    return polygons


def polygon_edges(polygons: npt.NDArray[np.object_]) -> Edges:
    """The edges of valid polygons, in any planar coordinates."""
    parts, polygon_of = shapely.get_parts(polygons, return_index=True)
    rings, part_of = shapely.get_rings(parts, return_index=True)
    xy, ring_of = shapely.get_coordinates(rings, return_index=True)
    xy = xy + 0.0  # a negative zero becomes zero, so that equal numbers have equal bits
    joined = (ring_of[1:] == ring_of[:-1]) & (xy[1:] != xy[:-1]).any(axis=1)
    first, second = xy[:-1][joined], xy[1:][joined]
    owners = polygon_of[part_of[ring_of[:-1][joined]]].astype(np.int32)
    level = first[:, 1] == second[:, 1]
    swap = (first[:, 1] > second[:, 1]) | (level & (first[:, 0] > second[:, 0]))
    lower = np.where(swap[:, None], second, first)
    upper = np.where(swap[:, None], first, second)
    return _shared_once(np.hstack([lower, upper]), owners)


def _shared_once(ends: npt.NDArray[np.float64], owners: npt.NDArray[np.int32]) -> Edges:
    """Equal edges made one.

    Edges are brought together by a hash of their coordinates. Should two different edges have one
    hash, some equal ones stay apart, which costs time and changes no answer.
    """
    key = (ends.view(np.uint64) * _MIXER).sum(axis=1, dtype=np.uint64)
    order = np.argsort(key ^ (key >> np.uint64(29)), kind="stable")
    ends, owners = ends[order], owners[order]
    fresh = np.ones(len(ends), bool)
    fresh[1:] = (ends[1:] != ends[:-1]).any(axis=1)
    start = np.append(np.flatnonzero(fresh), len(ends)).astype(np.int64)
    return Edges(np.ascontiguousarray(ends[fresh]), start, owners)
