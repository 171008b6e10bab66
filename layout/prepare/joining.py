"""Points to the zones they lie in: district, subdistrict, parks, overlays, or a counted reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from layout.core import columns as c
from layout.core import zone_columns as z
from layout.core.facts import city_settings
from layout.core.faults import mask_of
from layout.core.study import NO_COORDINATES, OUTSIDE, ZoneLayer
from layout.geometry.grid_join import GridIndex
from layout.prepare.snapping import NearestZone, surroundings
from layout.prepare.zone_sets import ORDER, SetTable, ZoneSets
from layout.prepare.zones import district_ids, sea_areas

Float64 = npt.NDArray[np.float64]
Int16 = npt.NDArray[np.int16]
Int32 = npt.NDArray[np.int32]

INSIDE: Final = "inside"
SNAPPED: Final = "snapped"
LOCATIONS: Final = (INSIDE, SNAPPED, OUTSIDE, NO_COORDINATES)

_MISSING: Final = mask_of("missing_coordinates")
_OUTSIDE: Final = mask_of("outside_city")
_IN_SEA: Final = mask_of("in_sea")
_NEAR: Final = mask_of("near_border_assigned")
_MISMATCH: Final = mask_of("district_mismatch")


@dataclass(frozen=True)
class JoinedBatch:
    """Where the rows of a batch lie, row by row in their order.

    Attributes
    ----------
    columns
        DISTRICT, LOCATION, SUBDISTRICT, PARK, PARKS, OVERLAYS and STATED_DISTRICT with the types of
        :mod:`layout.core.columns`. PARKS and OVERLAYS are empty texts where there is none; the
        other ids are null.
    flags
        uint32: bits of :mod:`layout.core.faults`.
    """

    columns: pa.RecordBatch
    flags: npt.NDArray[np.uint32]

    def counts(self) -> dict[str, int]:
        """Rows by location, rows with a subdistrict and a park, and rows with each flag."""
        location = self.columns.column(c.LOCATION)
        codes = np.bincount(location.indices.to_numpy(), minlength=len(LOCATIONS))
        found = {name: int(n) for name, n in zip(LOCATIONS, codes, strict=True)}
        for name in (c.SUBDISTRICT, c.PARK):
            found[name] = len(self.columns) - self.columns.column(name).null_count
        for name in ("in_sea", "district_mismatch"):
            found[name] = int(np.count_nonzero(self.flags & np.uint32(mask_of(name))))
        return found


class Joiner:
    """Joins batches of points to the zones of a city.

    Built once; may be used by several threads and can be pickled.

    Rules: the boundary belongs to a zone. A point on a shared boundary goes to the zone that stands
    first in its layer, and of the subdistricts there to the first one of that district. A point
    outside all districts but within ``snap_tolerance_m`` of ``city.yaml`` is taken to the nearest
    one (metric CRS) and flagged; its subdistrict is the nearest of that district. A point farther
    off is outside: in the sea where a sea area covers it. A point in several parks keeps all,
    smallest first; its primary one is the first of kind ``site``.

    Parameters
    ----------
    zones
        Layers by kind, EPSG:4326; ``district`` is needed.
    city
        Slug of the city, for its settings, units and sea.
    cache
        Folder in which the grid of the borders is kept; None keeps nothing.
    """

    def __init__(
        self, zones: Mapping[str, ZoneLayer], *, city: str, cache: Path | None = None
    ) -> None:
        settings = city_settings(city)
        sea = sea_areas(city)
        layers = [zones[kind].frame.geometry.to_numpy() for kind in ORDER if kind in zones]
        reach = (settings["metric_crs"], float(settings["snap_tolerance_m"]))
        layers.append(surroundings(zones["district"].frame.geometry, *reach))
        self._index = GridIndex.build(
            np.concatenate([*layers, sea.geometry.to_numpy()]), cache=cache
        )
        self._sets = ZoneSets(zones, len(sea))
        self._table = self._sets.table(*self._index.sets)
        self._ids = {kind: zones[kind].frame[z.ID].astype(str).tolist() for kind in zones}
        self._nearest = NearestZone(zones["district"].frame.geometry, *reach)
        self._nearest_part = None
        if "subdistrict" in zones and len(zones["subdistrict"].frame):
            self._nearest_part = NearestZone(zones["subdistrict"].frame.geometry, *reach)
        self._units = district_ids(city)
        position = {name: i for i, name in enumerate(self._units)}
        self._unit_of = np.array([position.get(i, -1) for i in self._ids["district"]], np.int32)

    def join(self, lon: Float64, lat: Float64, stated: Int16 | None = None) -> JoinedBatch:
        """Where each point lies.

        Parameters
        ----------
        lon, lat
            WGS 84 degrees; NaN means that the row has no coordinates.
        stated
            Position of the district in the row's address among the ids of ``districts.csv`` without
            overlays, -1 unknown (:func:`layout.prepare.addresses.stated_districts`).

        Returns
        -------
        JoinedBatch
            One row a point, in their order.
        """
        codes, table = self._match(lon, lat)
        district, subdistrict = table.district[codes], table.subdistrict[codes]
        missing = ~(np.isfinite(lon) & np.isfinite(lat))
        location = np.where(district >= 0, 0, np.where(missing, 3, 2)).astype(np.int8)
        near = np.flatnonzero((location == 2) & (table.near[codes] > 0))
        self._snap(near, lon, lat, location=location, district=district, subdistrict=subdistrict)
        given = np.full(len(district), -1, np.int16) if stated is None else stated
        outside = location == 2
        in_sea = outside & (table.sea[codes] > 0)
        flags = np.zeros(len(district), np.uint32)
        flags[missing] |= _MISSING
        flags[outside & ~in_sea] |= _OUTSIDE
        flags[in_sea] |= _IN_SEA
        flags[location == 1] |= _NEAR
        flags[self._contradicted(district, given)] |= _MISMATCH
        made = {
            c.DISTRICT: _named(district, self._ids["district"]),
            c.LOCATION: pa.DictionaryArray.from_arrays(location, list(LOCATIONS)),
            c.SUBDISTRICT: _named(subdistrict, self._ids.get("subdistrict", [])),
            c.PARK: _named(table.park[codes], self._ids.get("park", [])),
            c.PARKS: _named(table.parks[codes], self._sets.parks.dictionary()),
            c.OVERLAYS: _named(table.overlays[codes], self._sets.overlays.dictionary()),
            c.STATED_DISTRICT: _named(given, self._units),
        }
        return JoinedBatch(pa.RecordBatch.from_pydict(made), flags)

    def _match(self, lon: Float64, lat: Float64) -> tuple[Int32, SetTable]:
        """The set of zones of each point, and what the sets mean."""
        matches = self._index.match(lon, lat)
        known = len(self._table.district)
        if len(matches.sizes) == known:
            return matches.codes, self._table
        start = matches.start[known:]
        more = self._sets.table(start - start[0], matches.members[start[0] :])
        return matches.codes, self._table.followed_by(more)

    def _snap(
        self,
        rows: npt.NDArray[np.intp],
        lon: Float64,
        lat: Float64,
        *,
        location: npt.NDArray[np.int8],
        district: Int32,
        subdistrict: Int32,
    ) -> None:
        """Take the points ``rows`` to the nearest district; changes the last three arrays."""
        if not len(rows):
            return
        found = self._nearest.find(lon[rows], lat[rows])
        rows, found = rows[found >= 0], found[found >= 0]
        location[rows], district[rows] = 1, found
        if self._nearest_part is not None and len(rows):
            loose = subdistrict[rows] < 0
            rows, found = rows[loose], found[loose]
            subdistrict[rows] = self._nearest_part.find(
                lon[rows], lat[rows], group=self._sets.subdistrict_home, within=found
            )

    def _contradicted(self, district: Int32, stated: Int16) -> npt.NDArray[np.bool_]:
        """Rows whose address names another unit than the one found, both being known."""
        unit = np.append(self._unit_of, np.int32(-1))[district]
        contradicted: npt.NDArray[np.bool_] = (stated >= 0) & (unit >= 0) & (unit != stated)
        return contradicted


def _named(
    positions: npt.NDArray[np.signedinteger], words: pa.Array | list[str] | tuple[str, ...]
) -> pa.Array:
    """Positions as a dictionary column, -1 as null."""
    codes = pa.array(positions.astype(np.int32), mask=positions < 0)
    return pa.DictionaryArray.from_arrays(codes, pa.array(words, pa.string()))
