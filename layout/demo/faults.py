"""Faults planted in the firm table: which rows carry them, each on a row of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from layout.demo.chances import Chances, Floats, Ints, Purpose
from layout.demo.plan import CityPlan
from layout.demo.terrain import Scale

FIRST_FAULT: Final = 10
"""The first rows are always sound, so that every double has a sound original before it."""

LEAST: Final = 5

RATES: Final = {
    "missing_coordinates": 0.004,
    "swapped_coordinates": 0.001,
    "datum_contradicts_address": 0.025,
    "in_sea": 0.0005,
    "outside_city": 0.001,
    "duplicate_code": 0.001,
    "bad_check_character": 0.001,
    "negative_revenue": 0.001,
    "unknown_industry_code": 0.001,
    "undecodable_text": 0.001,
    "non_finite_coordinates": 0.0005,
    "district_mismatch": 0.001,
}
"""Part of the rows that carry each fault (codes of ``layout.core.faults``), at least ``LEAST``."""

KINDS: Final = tuple(RATES)


@dataclass(frozen=True)
class FaultPlan:
    """Which rows are faulty.

    Attributes
    ----------
    rows
        Rows in the file, from 0, ascending.
    kinds
        Position of each row's fault in ``KINDS``.
    sea, outside
        Points, WGS 84 degrees, to put firms at; shape (n, 2).
    """

    rows: Ints
    kinds: Ints
    sea: Floats
    outside: Floats

    def within(self, rows: range) -> tuple[Ints, Ints]:
        """Faulty rows of a block and their kinds."""
        start, stop = np.searchsorted(self.rows, [rows.start, rows.stop])
        return self.rows[start:stop], self.kinds[start:stop]


def plan_faults(plan: CityPlan, *, firms: int, seed: int) -> FaultPlan:
    """The faulty rows of a city: rates of ``RATES``, at least ``LEAST`` of each kind."""
    counts = [max(LEAST, round(rate * firms)) for rate in RATES.values()]
    keys = Chances(seed, Purpose.FAULTS, 0, firms - FIRST_FAULT).uniform()
    chosen = np.argsort(keys, kind="stable")[: sum(counts)] + FIRST_FAULT
    kinds = np.repeat(np.arange(len(counts)), counts)
    order = np.argsort(chosen)
    sea, outside = _spots(plan)
    return FaultPlan(rows=chosen[order], kinds=kinds[order], sea=sea, outside=outside)


SPOT_M: Final = 900.0
SEA_CLEAR_M: Final = 2_700.0
"""A point in the sea is at least so far from every district, less the jitter."""

OUTSIDE_M: Final = (3_500.0, 9_000.0)
"""Points outside are on land this near and this far from the city, and farther from the sea."""

JITTER_M: Final = 300.0


def _spots(plan: CityPlan) -> tuple[Floats, Floats]:
    """Points well in the sea, and points on land well outside the city."""
    scale = Scale.at(plan.latitude)
    size = np.array([scale.east_m, scale.north_m])
    city = shapely.union_all(shapely.transform(plan.districts.polygons, lambda at: at * size))
    sea = shapely.union_all(shapely.transform(plan.sea, lambda at: at * size))
    west, south, east, north = shapely.total_bounds([city, sea])
    reach = OUTSIDE_M[1]
    x, y = np.meshgrid(
        np.arange(west - reach, east + reach, SPOT_M),
        np.arange(south - reach, north + reach, SPOT_M),
    )
    points = shapely.points(x.ravel(), y.ravel())
    to_city, to_sea = shapely.distance(points, city), shapely.distance(points, sea)
    deep = shapely.distance(points, sea.boundary) > 2 * JITTER_M
    in_sea = (to_sea == 0) & deep & (to_city > SEA_CLEAR_M)
    near, far = OUTSIDE_M
    outside = (to_sea > np.maximum(to_city, near)) & (to_city > near) & (to_city < far)
    where = shapely.get_coordinates(points) / size
    return where[in_sea], where[outside]
