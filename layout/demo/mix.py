"""The one table that firms are drawn from: how likely each pair of group and cell is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from layout.demo.chances import Chances, Floats, Ints, Purpose, shares_of
from layout.demo.plan import CityPlan
from layout.demo.terrain import Cells, Scale
from layout.demo.words import groups

CLUSTER_BASE: Final = 20_000
"""Firms of the city for which the sizes of clusters are given."""

CLUSTER_CAP: Final = 0.85
"""Largest part of a sector's firms of a district that clusters take."""

LEAD_PARK_SHARE: Final = 0.35
"""Part of a sector's other firms that are in parks naming the sector: our assumption."""

OTHER_PARK_SHARE: Final = 0.08
"""Part of any group's firms that are in any park: our assumption."""

FLOOR: Final = 0.004
"""Density far from every centre, where the density at a centre is about 1."""

SHARED: Final = 0.31
"""Part of the firms that are registered in a shared building."""

FIRMS_PER_BUILDING: Final = 6.0


@dataclass(frozen=True)
class Mix:
    """Chances of group and cell.

    Attributes
    ----------
    table
        Probability of each pair, shape (groups, cells); sums to 1.
    shares
        The same, flat and cumulated.
    digital
        Probability of the plan's sectors together; they are the first groups.
    """

    table: Floats
    shares: Floats
    digital: float

    def draw(self, uniform: Floats) -> tuple[Ints, Ints]:
        """Group and cell that each number in [0, 1) points to."""
        place = np.searchsorted(self.shares[:-1], uniform, side="right")
        group, cell = np.divmod(place, self.table.shape[1])
        return group, cell


def build_mix(plan: CityPlan, cells: Cells) -> Mix:
    """The table of a city."""
    density = _densities(plan, cells)
    pull = _overlay_pull(plan, cells)
    mass = _mass(plan)
    rows = [
        _spread(plan, cells, density[spread] * pull[:, number], number, mass[:, number])
        for number, spread in enumerate(groups().spread_m)
    ]
    table = np.stack(rows)
    table /= table.sum()
    digital = float(table[: groups().sectors].sum())
    return Mix(table=table, shares=shares_of(table.ravel()), digital=digital)


def _mass(plan: CityPlan) -> Floats:
    """Share of the city's firms by district and group; every district keeps its own share."""
    mix = plan.districts.orientation * groups().share
    mix /= mix.sum(axis=1, keepdims=True)
    mass: Floats = mix * plan.districts.share[:, None]
    return mass


def _densities(plan: CityPlan, cells: Cells) -> dict[float, Floats]:
    """For each spread (metres) the density of cells: high near a subdistrict's point, never 0."""
    scale = Scale.at(plan.latitude)
    found = {}
    for spread in np.unique(groups().spread_m):
        density = np.full(len(cells), FLOOR)
        for place, district in enumerate(plan.subdistricts.district):
            own = cells.district == district
            east = (cells.lon[own] - plan.subdistricts.lon[place]) * scale.east_m / spread
            north = (cells.lat[own] - plan.subdistricts.lat[place]) * scale.north_m / spread
            density[own] += 1.0 / (1.0 + east**2 + north**2) ** 2
        found[float(spread)] = density * cells.width * cells.height
    return found


def _overlay_pull(plan: CityPlan, cells: Cells) -> Floats:
    """Factor of each cell and group: an overlay's orientation in place of its district's."""
    pull = np.ones((len(cells), len(groups().ids)))
    for polygon, orientation in zip(plan.overlays.polygons, plan.overlays.orientation, strict=True):
        own = shapely.contains_xy(polygon, cells.lon, cells.lat)
        pull[own] = orientation / plan.districts.orientation[cells.district[own]]
    return pull


def _spread(plan: CityPlan, cells: Cells, density: Floats, group: int, mass: Floats) -> Floats:
    """A group's mass of each district over clusters, parks and background."""
    chance = np.zeros(len(cells))
    left = mass.copy()
    for place in np.flatnonzero(plan.clusters.sector == group):
        district = plan.clusters.district[place]
        part = min(
            plan.clusters.firms[place] / CLUSTER_BASE,
            left[district] - (1 - CLUSTER_CAP) * mass[district],
        )
        own = cells.cluster == place
        chance[own] = max(part, 0.0) * density[own] / density[own].sum()
        left[district] -= max(part, 0.0)
    free = cells.cluster < 0
    for district in range(len(mass)):
        own = free & (cells.district == district)
        chance[own] = left[district] * _in_district(plan, cells, density, group, own)
    return chance


def _in_district(
    plan: CityPlan, cells: Cells, density: Floats, group: int, own: npt.NDArray[np.bool_]
) -> Floats:
    """Shares of a district's cells: parks that lead the sector, other parks, background."""
    park = cells.park[own]
    weight = density[own]
    built = np.where(park >= 0, weight / np.sqrt(np.maximum(plan.parks.area_ha[park], 1.0)), 0.0)
    background = np.where(park < 0, weight, 0.0)
    if group < groups().sectors:
        lead = np.where(plan.parks.leads[park, group], built, 0.0)
    else:
        lead = np.zeros(len(park))
    parts = [(lead, LEAD_PARK_SHARE), (built, OTHER_PARK_SHARE)]
    used = [(part / part.sum(), share) for part, share in parts if part.sum() > 0]
    rest = 1.0 - sum(share for _, share in used)
    total: Floats = background / background.sum() * rest
    for part, share in used:
        total = total + part * share
    return total


@dataclass(frozen=True)
class Buildings:
    """Buildings that firms share.

    Attributes
    ----------
    first
        Where the buildings of each unit start; shape (units + 1,).
    cell
        The cell each stands in.
    east, north
        Place in the cell, 0 to 1.
    """

    first: Ints
    cell: Ints
    east: Floats
    north: Floats


def build_buildings(cells: Cells, mix: Mix, *, firms: int, seed: int) -> Buildings:
    """As many buildings in every unit as the firms that will share one there need."""
    weight = mix.table.sum(axis=0)
    units = int(cells.unit.max()) + 1
    sharing = SHARED * firms * np.bincount(cells.unit, weights=weight, minlength=units)
    count = np.maximum(1, np.rint(sharing / FIRMS_PER_BUILDING)).astype(np.int64)
    count[np.bincount(cells.unit, minlength=units) == 0] = 0
    order = np.argsort(cells.unit, kind="stable")
    total = np.cumsum(weight[order])
    held = np.searchsorted(cells.unit[order], np.arange(units + 1))
    bounds = np.concatenate([[0.0], total])[held]
    unit = np.repeat(np.arange(units), count)
    chances = Chances(seed, Purpose.BUILDINGS, 0, len(unit))
    point = bounds[unit] + chances.uniform() * (bounds[unit + 1] - bounds[unit])
    place = np.clip(np.searchsorted(total, point, side="right"), held[unit], held[unit + 1] - 1)
    return Buildings(
        first=np.concatenate([[0], np.cumsum(count)]),
        cell=order[place],
        east=chances.uniform(),
        north=chances.uniform(),
    )
