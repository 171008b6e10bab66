"""Points to the polygons that cover them, through a uniform grid made once from the borders.

A polygon covers the points inside it and on its boundary (the predicate ``covers`` of shapely). The
answer equals that of exact predicates: see :mod:`layout.geometry.grid_query` for what is certain in
floating point; the rest is asked of GEOS. Coordinates are planar; edges are straight in them.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from layout.geometry.grid_build import build_cells, choose_cell, make_frame
from layout.geometry.grid_cache import Grid, grid_key, load_grid, store_grid
from layout.geometry.grid_query import expand, locate
from layout.geometry.polygon_edges import as_polygons, polygon_edges

Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

_SHARE = 1 << 17  # points that one thread takes at a time


@dataclass(frozen=True)
class Matches:
    """All polygons that cover each point, as numbers of distinct sets.

    Attributes
    ----------
    codes
        int32 ``(n,)``: the set of each point; set 0 is empty.
    start
        int64 ``(s + 1,)``: where each set begins in ``members``.
    members
        int32: positions of polygons, ascending within a set.
    """

    codes: Int32
    start: Int64
    members: Int32

    @property
    def sizes(self) -> Int64:
        """Polygons in each set, int64 ``(s,)``."""
        return np.diff(self.start)

    def first(self) -> Int32:
        """The first polygon of each point, -1 for none, int32 ``(n,)``."""
        table = np.full(len(self.sizes), -1, np.int32)
        some = self.sizes > 0
        table[some] = self.members[self.start[:-1][some]]
        return table[self.codes]

    def pairs(self) -> tuple[Int64, Int32]:
        """Every match: position of the point (int64, ascending) and of the polygon (int32)."""
        points = np.bincount(self.codes, minlength=len(self.sizes))
        total = int(points @ self.sizes)
        point, polygon = np.empty(total, np.int64), np.empty(total, np.int32)
        expand(self.codes, self.start, self.members, point, polygon)
        return point, polygon

    def counts(self, polygons: int) -> Int64:
        """How many points each of the ``polygons`` covers, int64."""
        points = np.bincount(self.codes, minlength=len(self.sizes))
        weights = np.repeat(points, self.sizes).astype(np.float64)
        return np.bincount(self.members, weights, minlength=polygons).astype(np.int64)


class GridIndex:
    """A layer of polygons, ready to be asked by many points at once.

    Made by :meth:`build`. It does not change, may be used by several threads and can be pickled.
    Several layers may share one index (polygons one layer after the other): a point then costs one
    look-up for all of them.
    """

    def __init__(self, polygons: npt.NDArray[np.object_], grid: Grid) -> None:
        self.polygons = polygons
        self._grid = grid
        self._prepare()

    @classmethod
    def build(
        cls,
        polygons: Sequence[object] | npt.NDArray[np.object_],
        *,
        cell: float | None = None,
        cache: Path | None = None,
    ) -> GridIndex:
        """The index of valid polygons and multipolygons, overlapping or not.

        Parameters
        ----------
        polygons
            Shapely geometries (a GeoSeries too).
        cell
            Width of a cell in their units; chosen from the layer where None.
        cache
            Folder in which the grid is kept by the content of the polygons, and found again.

        Raises
        ------
        ZoneError
            A shape is missing, no polygon, or invalid.
        """
        shapes = as_polygons(polygons)
        key = grid_key(shapes, cell) if cache is not None else ""
        grid = load_grid(cache, key) if cache is not None else None
        if grid is not None:
            return cls(shapes, grid)
        edges = polygon_edges(shapes)
        frame = make_frame(edges, choose_cell(edges) if cell is None else cell)
        grid = (frame, *build_cells(edges, frame))
        if cache is not None:
            store_grid(cache, key, grid)
        return cls(shapes, grid)

    def match(self, lon: Float64, lat: Float64, *, threads: int = 1) -> Matches:
        """The polygons that cover each point; none where a coordinate is not finite.

        Parameters
        ----------
        lon, lat
            float64 ``(n,)`` in the CRS of the polygons.
        threads
            Threads that share the points; the answer does not depend on it.
        """
        x, y = _frozen(lon), _frozen(lat)
        frame, cells, start, members = self._grid
        codes = np.empty(len(x), np.int32)

        def part(begin: int) -> Int64 | None:
            end = begin + _SHARE
            if not locate(x[begin:end], y[begin:end], frame, cells, codes[begin:end]):
                return None
            return np.flatnonzero(codes[begin:end] < 0) + begin

        begins = range(0, len(x), _SHARE)
        if threads > 1 and len(begins) > 1:
            with ThreadPoolExecutor(threads) as pool:
                parts = list(pool.map(part, begins))
        else:
            parts = list(map(part, begins))
        left = [one for one in parts if one is not None]
        if left:
            return self._resolved(x, y, codes, np.concatenate(left))
        return Matches(codes, start, members)

    @property
    def sets(self) -> tuple[Int64, Int32]:
        """``start`` and ``members`` of the sets that the grid speaks of: the first of any match."""
        _, _, start, members = self._grid
        return start, members

    def first(self, lon: Float64, lat: Float64) -> Int32:
        """Position of the first polygon that covers each point, -1 for none, int32 ``(n,)``."""
        return self.match(lon, lat).first()

    def all(self, lon: Float64, lat: Float64) -> tuple[Int64, Int32]:
        """Every match: position of the point (int64, ascending) and of the polygon (int32)."""
        return self.match(lon, lat).pairs()

    def _resolved(self, x: Float64, y: Float64, codes: Int32, left: Int64) -> Matches:
        """Ask exact predicates for the points that are left; sets not seen before are added."""
        start, members = self.sets
        point, polygon = self._exact(x[left], y[left])
        bounds = np.searchsorted(point, np.arange(len(left) + 1))
        added: list[tuple[int, ...]] = []
        new: dict[tuple[int, ...], int] = {}
        for i, at in enumerate(left):
            found = tuple(polygon[bounds[i] : bounds[i + 1]].tolist())
            code = self._known.get(found)
            if code is None and (code := new.get(found)) is None:
                code = new[found] = len(start) - 1 + len(added)
                added.append(found)
            codes[at] = code
        ends = start[-1] + np.cumsum([len(s) for s in added], dtype=np.int64)
        more = np.array([p for s in added for p in s], np.int32)
        return Matches(codes, np.append(start, ends), np.append(members, more))

    def _exact(self, x: Float64, y: Float64) -> tuple[Int64, Int64]:
        """Pairs by the predicates of GEOS, ordered by point and polygon."""
        with self._lock:  # a prepared polygon builds its own index at first use
            point, polygon = self._tree.query(shapely.points(x, y))
            covered = shapely.intersects_xy(self.polygons[polygon], x[point], y[point])
        order = np.lexsort((polygon[covered], point[covered]))
        return point[covered][order], polygon[covered][order]

    @cached_property
    def _known(self) -> dict[tuple[int, ...], int]:
        """Number of each set the grid speaks of."""
        start, members = self.sets
        parts = np.split(members, start[1:-1])
        return {tuple(part.tolist()): code for code, part in enumerate(parts)}

    def _prepare(self) -> None:
        self._lock = threading.Lock()
        self._tree = shapely.STRtree(self.polygons)
        shapely.prepare(self.polygons)

    def __getstate__(self) -> dict[str, Any]:
        return {"polygons": self.polygons, "grid": self._grid}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.polygons, self._grid = state["polygons"], state["grid"]
        self._prepare()


def _frozen(values: npt.ArrayLike) -> Float64:
    """A read-only view: Arrow hands out such arrays, and one kind means one compilation."""
    array = np.ascontiguousarray(values, np.float64).view()
    array.flags.writeable = False
    return array
