"""A block of firms as numbers: group, trade, place, sectors, codes (texts and figures follow)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from layout.core.credit_codes import (
    ALPHABET,
    MODULUS,
    check_character,
    organisation_check,
)
from layout.demo.chances import Chances, Floats, Ints, Purpose
from layout.demo.mix import SHARED, Buildings, Mix
from layout.demo.plan import CityPlan
from layout.demo.terrain import Cells
from layout.demo.words import companions, groups, profiles

BLOCK: Final = 32_768
"""Firms made at a time; part of the format, as every block has random streams of its own."""

DEGREE: Final = 1_000_000
"""Coordinates are whole millionths of a degree."""

GIANT_RANKS: Final = 150
"""Largest firms of the city, of which most belong to the plan's sectors."""

GIANT_DIGITAL: Final = 0.75

SECOND: Final = 0.30
"""Part of the sector firms with a second sector."""

THIRD: Final = 0.18
"""Part of those with a third."""

CODE_PREFIX: Final = b"91990000MA"
"""Registration authority 9, category 1, division 990000 (GB/T 2260 has none), serial from MA."""

SERIAL_LENGTH: Final = 6
_SERIALS: Final = MODULUS**SERIAL_LENGTH
_STEP: Final = 387_420_489
"""Steps through all serials without repeating one, as it has no factor 31."""


@dataclass(frozen=True)
class City:
    """All that a block is drawn from.

    Attributes
    ----------
    firms, seed
        Size and seed of the city.
    plan, cells, mix, buildings
        Zones, places and chances.
    ranks
        Rank by size of every firm, 0 for the largest.
    """

    firms: int
    seed: int
    plan: CityPlan
    cells: Cells
    mix: Mix
    buildings: Buildings
    ranks: npt.NDArray[np.int32]

    @property
    def blocks(self) -> int:
        """How many blocks the city has."""
        return -(-self.firms // BLOCK)

    def rows(self, block: int) -> range:
        """Rows of a block, counted from 0."""
        return range(block * BLOCK, min(self.firms, (block + 1) * BLOCK))


@dataclass(frozen=True)
class Firms:
    """A block of firms, arrays of one length.

    Attributes
    ----------
    row
        Row in the file, from 0.
    rank
        Rank by size in the city, from 0.
    group, profile
        Positions in the vocabulary.
    code
        Position of the industry code in ``profiles().codes``.
    sectors
        True sectors, primary first, -1 for none; shape (n, 3).
    cell
        Position of the cell.
    building
        Position of the shared building, -1 for none.
    east, north
        Coordinates, WGS 84, millionths of a degree.
    """

    row: Ints
    rank: Ints
    group: Ints
    profile: Ints
    code: Ints
    sectors: Ints
    cell: Ints
    building: Ints
    east: Ints
    north: Ints

    def __len__(self) -> int:
        return len(self.row)


def draw_ranks(firms: int, seed: int) -> npt.NDArray[np.int32]:
    """A rank by size for every firm, each rank once."""
    keys = Chances(seed, Purpose.RANKS, 0, firms).uniform()
    return np.argsort(keys, kind="stable").astype(np.int32)


def draw_firms(city: City, block: int) -> Firms:
    """The firms of a block."""
    rows = city.rows(block)
    chances = Chances(city.seed, Purpose.FIRMS, block, len(rows))
    row = np.arange(rows.start, rows.stop, dtype=np.int64)
    rank = city.ranks[rows.start : rows.stop].astype(np.int64)
    group, cell = city.mix.draw(_favour_digital(city.mix, rank, chances))
    profile = profiles().of_group.pick(group, chances.uniform())
    building, cell = _shared_building(city, cell, chances)
    east, north = _position(city, cell, building, chances)
    return Firms(
        row=row,
        rank=rank,
        group=group,
        profile=profile,
        code=profiles().code_of.pick(profile, chances.uniform()),
        sectors=_sectors(group, chances),
        cell=cell,
        building=building,
        east=east,
        north=north,
    )


def _favour_digital(mix: Mix, rank: Ints, chances: Chances) -> Floats:
    """Draws of group and cell; those of giants mostly fall among the plan's sectors."""
    uniform = chances.uniform()
    favoured = (rank < GIANT_RANKS) & chances.true(GIANT_DIGITAL)
    return np.where(favoured, uniform * mix.digital, uniform)


def _shared_building(city: City, cell: Ints, chances: Chances) -> tuple[Ints, Ints]:
    """A building of the same unit for firms that share one, the first buildings most often."""
    shares = chances.true(SHARED)
    first = city.buildings.first
    unit = city.cells.unit[cell]
    count = first[unit + 1] - first[unit]
    building = first[unit] + (chances.uniform() ** 2 * count).astype(np.int64)
    return np.where(shares, building, -1), np.where(shares, city.buildings.cell[building], cell)


def _position(city: City, cell: Ints, building: Ints, chances: Chances) -> tuple[Ints, Ints]:
    cells, buildings = city.cells, city.buildings
    east, north = chances.uniform(), chances.uniform()
    own = building < 0
    east = np.where(own, east, buildings.east[building])
    north = np.where(own, north, buildings.north[building])
    lon = cells.west[cell] + cells.width[cell] * east
    lat = cells.south[cell] + cells.height[cell] * north
    return np.rint(lon * DEGREE).astype(np.int64), np.rint(lat * DEGREE).astype(np.int64)


def _sectors(group: Ints, chances: Chances) -> Ints:
    """True sectors: that of the group, and for some a second and a third that go with it."""
    weights = np.cumsum(companions() / companions().sum(axis=1, keepdims=True), axis=1)
    digital = group < groups().sectors
    first = np.where(digital, group, 0)
    second = _companion(weights, first, chances)
    third = _companion(weights, second, chances)
    has_second = digital & chances.true(SECOND)
    has_third = has_second & chances.true(THIRD) & (third != first)
    return np.stack(
        [
            np.where(digital, group, -1),
            np.where(has_second, second, -1),
            np.where(has_third, third, -1),
        ],
        axis=1,
    )


def _companion(weights: Floats, sector: Ints, chances: Chances) -> Ints:
    beyond = chances.uniform()[:, None] >= weights[sector]
    place: Ints = np.minimum(beyond.sum(axis=1), weights.shape[1] - 1)
    return place


def credit_codes(row: Ints, seed: int) -> npt.NDArray[np.uint8]:
    """The code of each row: valid, unique, from a range no authority issues; shape (n, 18).

    The serial of a row is ``(offset + row * step) mod 31**6``: 887 million rows without a repeat.
    """
    serial = ((seed * 7919 + 104_729) % _SERIALS + row * _STEP) % _SERIALS
    letters = np.frombuffer(ALPHABET.encode("ascii"), dtype=np.uint8)
    codes = np.empty((len(row), 18), dtype=np.uint8)
    codes[:, : len(CODE_PREFIX)] = np.frombuffer(CODE_PREFIX, dtype=np.uint8)
    for place in range(SERIAL_LENGTH):
        serial, digit = np.divmod(serial, MODULUS)
        codes[:, 15 - place] = letters[digit]
    codes[:, 16] = organisation_check(codes[:, 8:16])
    codes[:, 17] = check_character(codes[:, :17])
    return codes
