"""What the demonstration city is built on: zones, shares and orientation of a city, as arrays."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layout.core.facts import city_settings, city_table
from layout.demo.chances import Bools, Floats, Ints
from layout.demo.words import groups
from layout.demo.zones import CityZones

FOLDER = Path(__file__).parent / "cities"

POPULATION_SHARE: Final = 0.6
"""A district's firms go by population to this part and by GDP for the rest: our assumption."""

LEAST_SHARE: Final = 0.01
"""No district has less of the firms, so that each has figures to look at: our assumption."""


@dataclass(frozen=True)
class Districts:
    """Districts in the order of the facts, overlays left out.

    Attributes
    ----------
    ids, names
        Ids and Chinese names.
    polygons
        Outlines, EPSG:4326.
    share
        Share of the city's firms.
    orientation
        Multiplier of each group's share; shape (districts, groups).
    young
        How young firms are; 1 is the city's usual.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    polygons: npt.NDArray[np.object_]
    share: Floats
    orientation: Floats
    young: Floats


@dataclass(frozen=True)
class Subdistricts:
    """Subdistricts: Chinese names, district, points in degrees (WGS 84), synthetic outlines."""

    names: tuple[str, ...]
    district: Ints
    lon: Floats
    lat: Floats
    polygons: npt.NDArray[np.object_]


@dataclass(frozen=True)
class Parks:
    """Parks: ids, Chinese names, district, outlines, kind ``site`` or not, lead sectors."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    district: Ints
    polygons: npt.NDArray[np.object_]
    area_ha: Floats
    site: Bools
    leads: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Overlays:
    """Overlay zones: outlines and the multiplier of each group's share (overlays, groups)."""

    polygons: npt.NDArray[np.object_]
    orientation: Floats


@dataclass(frozen=True)
class Clusters:
    """Planted clusters: a sector's firms in a disc; ``firms`` for a city of 20,000 firms."""

    ids: tuple[str, ...]
    sector: Ints
    lon: Floats
    lat: Floats
    radius_m: Floats
    firms: Floats
    park: Ints
    district: Ints


@dataclass(frozen=True)
class CityPlan:
    """Everything of the city that firms are drawn from."""

    slug: str
    name: str
    province: str
    districts: Districts
    subdistricts: Subdistricts
    parks: Parks
    overlays: Overlays
    clusters: Clusters
    sea: npt.NDArray[np.object_]

    @property
    def latitude(self) -> float:
        """Mean latitude of the subdistricts."""
        return float(self.subdistricts.lat.mean())


def build_plan(city: str, zones: CityZones) -> CityPlan:
    """The plan of a city that has a folder in ``demo/cities``."""
    settings = city_settings(city)
    table = city_table(city, "districts").set_index("id")
    orientation = _read(city, "orientation").set_index("district_id")
    overlay_ids = set(settings["overlay_districts"])
    ids = tuple(name for name in table.index if name not in overlay_ids)
    place = {name: number for number, name in enumerate(ids)}
    multiplier = orientation[list(groups().ids)].astype(float)
    districts = Districts(
        ids=ids,
        names=tuple(table.loc[list(ids), "name_zh"]),
        polygons=_polygons(zones.districts, ids),
        share=_district_share(table.loc[list(ids)]),
        orientation=multiplier.loc[list(ids)].to_numpy(),
        young=orientation.loc[list(ids), "young"].astype(float).to_numpy(),
    )
    overlays = [name for name in zones.overlays["id"] if name in multiplier.index]
    parks = _parks(city, zones.parks, place)
    return CityPlan(
        slug=city,
        name=settings["name_zh"],
        province=settings["address_prefixes"][0],
        districts=districts,
        subdistricts=_subdistricts(city, zones.subdistricts, place),
        parks=parks,
        overlays=Overlays(_polygons(zones.overlays, overlays), multiplier.loc[overlays].to_numpy()),
        clusters=_clusters(city, parks, districts),
        sea=zones.sea.geometry.to_numpy(),
    )


def _read(city: str, name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / city / f"{name}.csv", dtype=str, keep_default_na=False)


def _polygons(frame: Any, ids: tuple[str, ...] | list[str]) -> npt.NDArray[np.object_]:
    polygons: npt.NDArray[np.object_] = frame.set_index("id").geometry.loc[list(ids)].to_numpy()
    return polygons


def _numbers(table: pd.DataFrame, column: str) -> Floats:
    return np.array([float(text) for text in table[column]])


def _places(table: pd.DataFrame, place: dict[str, int]) -> Ints:
    """Position of the district each row belongs to."""
    return np.array([place[name] for name in table["district_id"]], dtype=np.int64)


def _district_share(table: pd.DataFrame) -> Floats:
    people = pd.to_numeric(table["pop_2020_census"]).fillna(0).to_numpy()
    product = pd.to_numeric(table["gdp_2021_yi"]).fillna(0).to_numpy()
    share = POPULATION_SHARE * people / people.sum()
    share = share + (1 - POPULATION_SHARE) * product / product.sum()
    share = np.maximum(share, LEAST_SHARE)
    even: Floats = share / share.sum()
    return even


def _subdistricts(city: str, frame: Any, place: dict[str, int]) -> Subdistricts:
    table = city_table(city, "subdistricts")
    return Subdistricts(
        names=tuple(table["name_zh"]),
        district=_places(table, place),
        lon=_numbers(table, "lon"),
        lat=_numbers(table, "lat"),
        polygons=_polygons(frame, list(table["code"])),
    )


def _parks(city: str, frame: Any, place: dict[str, int]) -> Parks:
    table = city_table(city, "parks")
    table = table[table["id"].isin(set(frame["id"]))]
    sectors = groups().ids[: groups().sectors]
    leads = [[name in row.split(";") for name in sectors] for row in table["lead_sectors"]]
    return Parks(
        ids=tuple(table["id"]),
        names=tuple(table["name_zh"]),
        district=_places(table, place),
        polygons=_polygons(frame, list(table["id"])),
        area_ha=_numbers(table, "area_ha"),
        site=(table["kind"] == "site").to_numpy(),
        leads=np.array(leads),
    )


def _clusters(city: str, parks: Parks, districts: Districts) -> Clusters:
    with (FOLDER / city / "clusters.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    park_place = {name: number for number, name in enumerate(parks.ids)}
    park = np.array([park_place.get(row["park_id"], -1) for row in rows])
    centre = [
        parks.polygons[where].centroid.coords[0]
        if where >= 0
        else (float(row["lon"]), float(row["lat"]))
        for row, where in zip(rows, park, strict=True)
    ]
    lon, lat = np.array(centre).round(5).T
    return Clusters(
        ids=tuple(row["cluster_id"] for row in rows),
        sector=np.array([groups().ids.index(row["sector"]) for row in rows]),
        lon=lon,
        lat=lat,
        radius_m=np.array([float(row["radius_m"]) for row in rows]),
        firms=np.array([float(row["firms_per_20000"]) for row in rows]),
        park=park,
        district=_district_at(districts, lon, lat),
    )


def _district_at(districts: Districts, lon: Floats, lat: Floats) -> Ints:
    held = [shapely.contains_xy(polygon, lon, lat) for polygon in districts.polygons]
    place: Ints = np.argmax(np.array(held), axis=0)
    return place
