"""Synthetic base stations of the demonstration city, about as many as the city reported for 2022.

What is real: the city's count by year (the facts ``infrastructure``, rounded), the bounds by
district, the operators and their bands, and that most reported stations are indoor systems. Every
station is invented: places go by population and by the subdistrict centres, and around a few places
of the outer districts there are no outdoor stations at all, so that there are white spots to find.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layout.core import station_columns as c
from layout.core.facts import city_table
from layout.demo.chances import Bools, Chances, Floats, Ints, Purpose
from layout.demo.plan import CityPlan
from layout.demo.terrain import Scale

Texts = npt.NDArray[np.object_]

INDOOR_STATIONS: Final = 38_500
OUTDOOR_MASTS: Final = 13_500
MICRO_PLACES: Final = 3_500
"""About 64,500 stations of 5G on air, more than half of them indoors: a mast carries about two."""

BY_YEAR: Final = ((2019, 0.24), (2020, 0.71), (2021, 0.78), (2022, 0.97), (2023, 1.0))
"""Share of the stations built by the end of each year; those of 2023 are planned."""

PLANNED_FROM: Final = 2023

SPREAD_M: Final = 1_300.0
"""Standard deviation of stations about a subdistrict centre."""

GAPS: Final = (("SS", 3_200.0), ("DP", 3_200.0), ("PS", 2_600.0), ("GM", 2_600.0), ("LG", 2_900.0))
"""District and radius of each place without outdoor stations."""

GAP_OFFSET_M: Final = 1_500.0
TRIES: Final = 6
"""Draws of a place before it is put on the centre of its subdistrict."""


@dataclass(frozen=True)
class _Equipment:
    """One kind of station that a mast may carry: chance, operators, band, MHz, power, gain."""

    chance: float
    operator: str
    band: str
    bandwidth: float
    power: float
    gain: float


_MACRO: Final = (
    _Equipment(0.86, "中国移动", "2.6GHz", 100.0, 53.0, 20.0),
    _Equipment(0.76, "中国电信/中国联通", "3.5GHz", 100.0, 53.0, 20.0),
    _Equipment(0.24, "中国移动/中国广电", "700MHz", 30.0, 49.0, 15.0),
    _Equipment(0.05, "中国移动", "4.9GHz", 100.0, 53.0, 20.0),
    _Equipment(0.16, "中国移动", "NB-IoT 900MHz", 0.2, 40.0, 13.0),
    _Equipment(0.12, "中国电信", "NB-IoT 800MHz", 0.2, 40.0, 13.0),
)
_MICRO: Final = (
    _Equipment(0.60, "中国移动", "2.6GHz", 100.0, 40.0, 11.0),
    _Equipment(0.45, "中国电信/中国联通", "3.5GHz", 100.0, 40.0, 11.0),
)
_INDOOR: Final = (
    _Equipment(0.50, "中国移动", "2.6GHz", 100.0, 24.0, 2.0),
    _Equipment(0.50, "中国电信/中国联通", "3.5GHz", 100.0, 24.0, 2.0),
)


def make_stations(plan: CityPlan, seed: int) -> gpd.GeoDataFrame:
    """Stations of the layer type ``stations``, EPSG:4326, labelled synthetic.

    Parameters
    ----------
    plan
        The city.
    seed
        The same stations come out for the same seed.
    """
    centres = _district_weights(plan)
    macro = _places(plan, centres, OUTDOOR_MASTS, seed, 1)
    micro = _places(plan, centres, MICRO_PLACES, seed, 2)
    indoor = _places(plan, centres, INDOOR_STATIONS, seed, 3)
    macro, micro = (_outside_gaps(plan, at, seed) for at in (macro, micro))
    parts = [
        _carried(macro, _MACRO, "宏站", seed, 10),
        _carried(micro, _MICRO, "微站", seed, 20),
        _one_each(indoor, _INDOOR, "室分", seed, 30),
    ]
    table = pd.concat(parts, ignore_index=True)
    table.insert(0, "id", [f"JZ{number:06d}" for number in range(1, len(table) + 1)])
    table.insert(1, "name_zh", [f"示例站{number:06d}" for number in range(1, len(table) + 1)])
    points = gpd.points_from_xy(table.pop("lon"), table.pop("lat"))
    return gpd.GeoDataFrame(table.assign(synthetic=True), geometry=points, crs="EPSG:4326")


def _district_weights(plan: CityPlan) -> Floats:
    """Weight of each subdistrict: its district's people, shared evenly; a floor for small ones."""
    people = city_table(plan.slug, "districts").set_index("id")["pop_2020_census"]
    number = pd.to_numeric(people).reindex(list(plan.districts.ids)).fillna(0.0).to_numpy()
    share = np.maximum(number / number.sum(), 0.012)
    members = np.bincount(plan.subdistricts.district, minlength=len(share))
    weights: Floats = (share / members)[plan.subdistricts.district]
    return weights


def _places(plan: CityPlan, weights: Floats, count: int, seed: int, part: int) -> Floats:
    """Places within their districts, longitude and latitude; shape (count, 2)."""
    chances = Chances(seed, Purpose.STATIONS, part, count)
    sub = chances.pick(weights)
    district = plan.subdistricts.district[sub]
    scale = Scale.at(plan.latitude)
    at = np.column_stack([plan.subdistricts.lon[sub], plan.subdistricts.lat[sub]])
    found = at.copy()
    wanting = np.ones(count, dtype=bool)
    for _ in range(TRIES):
        distance = SPREAD_M * np.sqrt(-2.0 * np.log1p(-chances.uniform()))
        angle = 2.0 * np.pi * chances.uniform()
        lon = at[:, 0] + distance * np.cos(angle) / scale.east_m
        lat = at[:, 1] + distance * np.sin(angle) / scale.north_m
        good = wanting & _inside(plan, district, lon, lat)
        found[good] = np.column_stack([lon, lat])[good]
        wanting &= ~good
    return found.round(6)


def _inside(plan: CityPlan, district: Ints, lon: Floats, lat: Floats) -> Bools:
    inside = np.zeros(len(lon), dtype=bool)
    for place, polygon in enumerate(plan.districts.polygons):
        own = district == place
        inside[own] = shapely.contains_xy(polygon, lon[own], lat[own])
    for polygon in plan.sea:
        inside &= ~shapely.contains_xy(polygon, lon, lat)
    return inside


def _outside_gaps(plan: CityPlan, at: Floats, seed: int) -> Floats:
    """The places that lie in no gap."""
    scale = Scale.at(plan.latitude)
    keep = np.ones(len(at), dtype=bool)
    chances = Chances(seed, Purpose.STATIONS, 4, len(GAPS))
    turn, choice = chances.uniform(), chances.uniform()
    for number, (name, radius) in enumerate(GAPS):
        if name not in plan.districts.ids:
            continue
        own = np.flatnonzero(plan.subdistricts.district == plan.districts.ids.index(name))
        sub = own[int(choice[number] * len(own))]
        angle = 2.0 * np.pi * turn[number]
        lon = plan.subdistricts.lon[sub] + GAP_OFFSET_M * np.cos(angle) / scale.east_m
        lat = plan.subdistricts.lat[sub] + GAP_OFFSET_M * np.sin(angle) / scale.north_m
        away = np.hypot((at[:, 0] - lon) * scale.east_m, (at[:, 1] - lat) * scale.north_m)
        keep &= away > radius
    return at[keep]


def _carried(
    at: Floats, kinds: tuple[_Equipment, ...], word: str, seed: int, part: int
) -> pd.DataFrame:
    """A row for each station that the places carry; a mast has one height and one direction."""
    mast = _masts(at, word, seed, part)
    chances = Chances(seed, Purpose.STATIONS, part + 1, len(at))
    parts = []
    for kind in kinds:
        has = chances.true(kind.chance)
        parts.append(_equipped(mast[has], kind, chances.true(0.72)[has]))
    return pd.concat(parts, ignore_index=True)


def _one_each(
    at: Floats, kinds: tuple[_Equipment, ...], word: str, seed: int, part: int
) -> pd.DataFrame:
    mast = _masts(at, word, seed, part)
    chances = Chances(seed, Purpose.STATIONS, part + 1, len(at))
    chosen = chances.pick([kind.chance for kind in kinds])
    told = chances.true(0.3)
    parts = [_equipped(mast[chosen == i], k, told[chosen == i]) for i, k in enumerate(kinds)]
    return pd.concat(parts, ignore_index=True)


def _masts(at: Floats, word: str, seed: int, part: int) -> pd.DataFrame:
    chances = Chances(seed, Purpose.STATIONS, part, len(at))
    low, high = {"宏站": (18.0, 42.0), "微站": (6.0, 14.0)}.get(word, (np.nan, np.nan))
    height = np.rint(low + (high - low) * chances.uniform())
    height[chances.true(0.3)] = np.nan
    first = chances.below(12) * 10
    azimuths = np.array([f"{a};{a + 120};{a + 240}" for a in first], dtype=object)
    azimuths[chances.true(0.35)] = ""
    if word != "宏站":
        azimuths[:] = "全向"
    years = [year for year, _ in BY_YEAR]
    built = np.array(years)[np.searchsorted([s for _, s in BY_YEAR[:-1]], chances.uniform())]
    return pd.DataFrame(
        {
            "lon": at[:, 0],
            "lat": at[:, 1],
            c.TYPE: word,
            c.HEIGHT: height,
            c.AZIMUTHS: azimuths,
            c.STATUS: np.where(built >= PLANNED_FROM, "规划", "在网"),
            c.YEAR: built,
        }
    )


def _equipped(mast: pd.DataFrame, kind: _Equipment, told: Bools) -> pd.DataFrame:
    """Stations of one kind; power is known for those that are ``told``."""
    known = np.where(told, 1.0, np.nan)
    equipped = mast.copy()
    equipped[c.OPERATOR], equipped[c.BAND] = kind.operator, kind.band
    equipped[c.POWER] = kind.power * known
    equipped[c.BANDWIDTH], equipped[c.GAIN] = kind.bandwidth * known, kind.gain * known
    return equipped
