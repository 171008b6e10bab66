"""Names and addresses of a block of firms; streets and buildings are invented.

The operating address always tells the truth. It may be left empty; then the registered address
tells it. Where it is given, the registered address may be anywhere in the city.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from layout.demo.chances import Bools, Chances, Ints
from layout.demo.firms import City, Firms
from layout.demo.plan import CityPlan
from layout.demo.strings import Pool, Text, choose, join
from layout.demo.words import parts, profiles

EMPTY_OPERATING: Final = 0.25
ELSEWHERE: Final = 0.12
"""Part of the firms with an operating address that are registered elsewhere in the city."""

NO_DISTRICT: Final = 0.08
"""Part of the addresses that leave the district out."""

NO_SUBDISTRICT: Final = 0.1
STREETS_PER_SUBDISTRICT: Final = 24
PARK_NAMED: Final = 0.6
LARGEST_NUMBER: Final = 400


def write_names(city: City, firms: Firms, chances: Chances) -> Text:
    """Firm names: city, an invented brand of two or three characters, a trade, the legal form."""
    brand = parts("names")
    first = Pool(brand["first"]).take(chances.below(len(brand["first"])))
    second = Pool(brand["second"]).take(chances.below(len(brand["second"])))
    third = chances.below(len(brand["third"]))
    third = np.where(chances.true(0.7), third, -1)
    trade = Pool(profiles().names).take(profiles().name_of.pick(firms.profile, chances.uniform()))
    after = chances.true(0.15)
    large = firms.rank < city.firms // 25
    form = np.where(large & chances.true(0.5), 1, 0) + np.where(after, 2, 0)
    short = city.plan.name.removesuffix("市")
    forms = ("有限公司", "股份有限公司", f"（{short}）有限公司", f"（{short}）股份有限公司")
    head = Pool([city.plan.name]).take(np.where(after, -1, 0))
    return join(
        head, first, second, Pool(brand["third"]).take(third), trade, Pool(forms).take(form)
    )


@dataclass(frozen=True)
class Addresses:
    """Registered and operating address of each firm; the latter may be empty."""

    registered: Text
    operating: Text


def write_addresses(city: City, firms: Firms, chances: Chances) -> Addresses:
    """The addresses of a block."""
    true = _own(city, firms, chances)
    elsewhere = chances.below(len(city.plan.subdistricts.names))
    other = _anywhere(city.plan, elsewhere, chances)
    empty = chances.true(EMPTY_OPERATING)
    moved = ~empty & chances.true(ELSEWHERE)
    return Addresses(
        registered=choose(moved, other, true),
        operating=choose(empty, Pool([]).take(np.full(len(firms), -1)), true),
    )


def write_wrong_addresses(city: City, district: Ints, chances: Chances) -> tuple[Text, Ints]:
    """An address that names another district than ``district``, and the district it names."""
    home = city.plan.subdistricts.district
    subdistrict = chances.below(len(home))
    for _ in range(len(home)):
        subdistrict = np.where(
            home[subdistrict] == district, (subdistrict + 1) % len(home), subdistrict
        )
    always = np.zeros(len(district), dtype=bool)
    return _anywhere(city.plan, subdistrict, chances, bare=always), home[subdistrict]


@dataclass(frozen=True)
class _Pools:
    districts: Pool
    subdistricts: Pool
    streets: Pool
    numbers: Pool
    buildings: Pool
    blocks: Pool
    rooms: Pool
    parks: Pool
    prefixes: Pool


@lru_cache(maxsize=4)
def _pools(
    districts: tuple[str, ...],
    subdistricts: tuple[str, ...],
    parks: tuple[str, ...],
    prefixes: tuple[str, ...],
) -> _Pools:
    words = parts("places")
    rooms = [f"{floor}{room:02}室" for floor in range(1, 31) for room in range(1, 17)]
    return _Pools(
        districts=Pool(districts),
        subdistricts=Pool(subdistricts),
        streets=Pool([stem + kind for stem in words["street"] for kind in words["suffix"]]),
        numbers=Pool([f"{number}号" for number in range(1, LARGEST_NUMBER + 1)]),
        buildings=Pool([stem + kind for stem in words["building"] for kind in words["kind"]]),
        blocks=Pool(words["block"]),
        rooms=Pool([*rooms, *(f"{floor}楼" for floor in range(1, 13))]),
        parks=Pool(parks),
        prefixes=Pool(prefixes),
    )


def _pools_of(plan: CityPlan) -> _Pools:
    prefixes = (plan.name, plan.province + plan.name, "")
    return _pools(plan.districts.names, plan.subdistricts.names, plan.parks.names, prefixes)


def _own(city: City, firms: Firms, chances: Chances) -> Text:
    """The address of the firm's own place: firms of one building share all but the room."""
    pools, cells = _pools_of(city.plan), city.cells
    subdistrict, park = cells.subdistrict[firms.cell], cells.park[firms.cell]
    named = (park >= 0) & (_fixed(firms, 5, chances) < PARK_NAMED * _FINE)
    name = _fixed(firms, 3, chances) % pools.buildings.size
    return join(
        _area(city.plan, subdistrict, chances, bare=chances.true(NO_DISTRICT)),
        pools.streets.take(_street(pools, subdistrict, _fixed(firms, 1, chances))),
        pools.numbers.take(_fixed(firms, 2, chances) % LARGEST_NUMBER),
        choose(named, pools.parks.take(park), pools.buildings.take(name)),
        pools.blocks.take(_fixed(firms, 4, chances) % pools.blocks.size),
        pools.rooms.take(chances.below(pools.rooms.size)),
    )


def _anywhere(
    plan: CityPlan, subdistrict: Ints, chances: Chances, *, bare: Bools | None = None
) -> Text:
    """An address in a subdistrict; the district is named unless ``bare``."""
    pools = _pools_of(plan)
    bare = chances.true(NO_DISTRICT) if bare is None else bare
    return join(
        _area(plan, subdistrict, chances, bare=bare),
        pools.streets.take(_street(pools, subdistrict, chances.below(_FINE))),
        pools.numbers.take(chances.below(LARGEST_NUMBER)),
        pools.buildings.take(chances.below(pools.buildings.size)),
        pools.rooms.take(chances.below(pools.rooms.size)),
    )


def _area(plan: CityPlan, subdistrict: Ints, chances: Chances, *, bare: Bools) -> Text:
    """Province, city, district and subdistrict; one of the last two may be left out."""
    pools = _pools_of(plan)
    district = np.where(bare, -1, plan.subdistricts.district[subdistrict])
    silent = ~bare & chances.true(NO_SUBDISTRICT)
    prefix = np.where(bare, 0, chances.pick((70, 20, 10)))
    return join(
        pools.prefixes.take(prefix),
        pools.districts.take(district),
        pools.subdistricts.take(np.where(silent, -1, subdistrict)),
    )


_FINE: Final = 1 << 20


def _fixed(firms: Firms, purpose: int, chances: Chances) -> Ints:
    """A whole number below 2**20: the building's own where it is shared, else by chance."""
    mixed = (firms.building * 8 + purpose) * 2_654_435_761 % (1 << 32)
    return np.where(firms.building < 0, chances.below(_FINE), mixed >> 12)


def _street(pools: _Pools, subdistrict: Ints, number: Ints) -> Ints:
    """One of the streets that belong to a subdistrict."""
    return (subdistrict * 53 + number % STREETS_PER_SUBDISTRICT * 7) % pools.streets.size
