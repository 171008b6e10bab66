"""Figures of the estimate: area, people and firms that are covered, and stations by denominator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.analyses.coverage.zonal import KNOWN, SHARE, population_by_zone, zone_shares
from layout.analyses.firm_points import FirmPoints
from layout.core import facts
from layout.core import station_columns as c
from layout.core.raster import Raster
from layout.core.study import Study

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

KINDS: Final = ("district", "subdistrict", "park")
CITY: Final = "city"
"""Row of the whole city without the districts outside its usual sums (深汕)."""


@dataclass(frozen=True)
class Reached:
    """Firms at covered places.

    Attributes
    ----------
    points
        The located firms.
    covered
        At a covered place.
    known
        At a place where the estimate knows the answer.
    """

    points: FirmPoints
    covered: Flags
    known: Flags


def reached_firms(points: FirmPoints, covered: Raster) -> Reached:
    """Which firms stand at covered places."""
    value = covered.at(points.xy[:, 0], points.xy[:, 1])
    return Reached(points, np.nan_to_num(value) > 0, np.isfinite(value))


def firms_by_sector(reached: Reached) -> pd.DataFrame:
    """Covered firms of each sector and of all, by number, revenue and employees.

    Each firm counts once, under its primary sector; shares are of the firms whose place and whose
    figure are known.
    """
    sectors = facts.sector_ids()
    groups = [(name, reached.points.sectors[:, 0] == i) for i, name in enumerate(sectors)]
    groups.append(("untagged", reached.points.sectors[:, 0] < 0))
    groups.append(("total", np.ones(len(reached.points), dtype=bool)))
    rows = [{"sector": name, **firm_figures(reached, mask)} for name, mask in groups]
    return pd.DataFrame(rows)


def firm_figures(reached: Reached, mask: Flags) -> dict[str, Any]:
    """Covered firms of those in ``mask``, by number, revenue and employees."""
    own = mask & reached.known
    hit = own & reached.covered
    return {
        "firms": int(own.sum()),
        "firms_covered": int(hit.sum()),
        "firms_uncovered": int(own.sum() - hit.sum()),
        "firms_percent": _percent(float(hit.sum()), float(own.sum())),
        "revenue_percent": _weighted(reached.points.revenue, hit, own),
        "employees_percent": _weighted(reached.points.employees, hit, own),
    }


def _weighted(amount: Floats, hit: Flags, own: Flags) -> float:
    return _percent(float(np.nansum(amount[hit])), float(np.nansum(amount[own])))


def _percent(part: float, whole: float) -> float:
    return 100.0 * part / whole if whole > 0 else float("nan")


def zone_table(
    study: Study, kind: str, crs: str, covered: Raster, reached: Reached, people: Raster | None
) -> pd.DataFrame:
    """Covered area and firms of every zone of a kind; people too, where they are known.

    Returns
    -------
    pandas.DataFrame
        ``zone_id``, ``area_km2`` (of the outline), ``area_percent``, ``known_percent``,
        firm figures. Where people are known by zone: ``people``, ``people_covered`` and
        ``people_percent``; ``people_method`` tells ``raster`` or ``even`` (the zone's people spread
        evenly over its area: an estimate).
    """
    zones = study.zones[kind].to_crs(crs)
    table = pd.DataFrame({"zone_id": zones["id"]}).join(area_figures(zones, covered))
    place = reached.points.zones[kind]
    figures = [firm_figures(reached, place == number) for number in range(len(zones))]
    table = table.join(pd.DataFrame(figures, index=table.index))
    return _with_people(table, study, kind, zones, covered, people)


def area_figures(zones: gpd.GeoDataFrame, covered: Raster) -> pd.DataFrame:
    """Area of outlines in the CRS of the raster, and the shares covered and known, in percent."""
    shares = zone_shares(covered, zones)
    return pd.DataFrame(
        {
            "area_km2": zones.geometry.area / 1e6,
            "area_percent": 100.0 * shares[SHARE],
            "known_percent": 100.0 * shares[KNOWN],
        }
    )


def _with_people(
    table: pd.DataFrame,
    study: Study,
    kind: str,
    zones: gpd.GeoDataFrame,
    covered: Raster,
    people: Raster | None,
) -> pd.DataFrame:
    if people is not None:
        found = population_by_zone(covered, people, zones)
        total, reached = found["people"], found["covered_people"]
        method = "raster"
    elif kind == "district":
        total = zones["id"].map(census(study.manifest.city))
        reached = total * table["area_percent"] / 100.0
        method = "even"
    else:
        return table
    return table.assign(
        people=total,
        people_covered=reached,
        people_percent=100.0 * reached / total.where(total > 0),
        people_method=method,
    )


def census(city: str) -> pd.Series:
    """People of each district at the 2020 census; NaN where not published."""
    table = facts.city_table(city, "districts").set_index("id")
    people: pd.Series = pd.to_numeric(table["pop_2020_census"].replace("", None))
    return people


def city_figures(districts: pd.DataFrame, city: str, reached: Reached) -> pd.DataFrame:
    """One row: the whole city by area, people and firms; districts outside its sums apart."""
    outside = set(facts.city_settings(city)["totals"]["outside"])
    inside = ~districts["zone_id"].isin(outside)
    rows = []
    for name, mask in ((CITY, inside), *((z, districts["zone_id"] == z) for z in sorted(outside))):
        part = districts[mask.to_numpy()]
        if part.empty:
            continue
        area = part["area_km2"] * part["known_percent"] / 100.0
        people = part["people"].sum(min_count=1)
        row: dict[str, Any] = {
            "zone_id": name,
            "area_km2": float(part["area_km2"].sum()),
            "area_percent": _percent(
                float((area * part["area_percent"] / 100.0).sum()), float(area.sum())
            ),
            "people": people,
            "people_percent": _percent(
                float(part["people_covered"].sum()), float(part["people"].sum())
            ),
        }
        own = np.isin(reached.points.zones["district"], np.flatnonzero(mask.to_numpy()))
        rows.append({**row, **firm_figures(reached, own)})
    return pd.DataFrame(rows)


def densities(
    stations: gpd.GeoDataFrame, chosen: Flags, study: Study, official: pd.Series
) -> pd.DataFrame:
    """Stations by district, with the areas and people they are divided by.

    Parameters
    ----------
    stations
        Judged stations with ``place`` (position of the district).
    chosen
        Those that count, indoor systems included.
    study
        Its districts and census.
    official
        Official land area of each district, km², in the order of the districts.

    Returns
    -------
    pandas.DataFrame
        A row a district, then ``city`` (without the districts outside the usual sums) and those
        apart: ``stations``, ``stations_outdoor``, ``stations_indoor``, ``area_km2``, ``people``,
        ``per_km2``, ``per_10k``; NaN where a denominator is unknown.
    """
    city = study.manifest.city
    outside = set(facts.city_settings(city)["totals"]["outside"])
    zones = study.zones["district"]
    people = zones["id"].map(census(city)).to_numpy(float)
    place = stations["place"].to_numpy()
    indoor = (stations[c.TYPE] == c.INDOOR).to_numpy()
    size = len(zones)
    table = pd.DataFrame(
        {
            "zone_id": zones["id"].to_numpy(),
            "stations_outdoor": _counted(place[chosen & ~indoor], size),
            "stations_indoor": _counted(place[chosen & indoor], size),
            "area_km2": official.to_numpy(float),
            "people": people,
        }
    )
    inside = ~table["zone_id"].isin(outside)
    whole = table.loc[inside].drop(columns="zone_id").sum(min_count=1)
    table = pd.concat([table, pd.DataFrame([{"zone_id": CITY, **whole}])], ignore_index=True)
    table.insert(1, "stations", table["stations_outdoor"] + table["stations_indoor"])
    counts = ["stations", "stations_outdoor", "stations_indoor"]
    table[counts] = table[counts].astype("int64")
    table["per_km2"] = table["stations"] / table["area_km2"].where(table["area_km2"] > 0)
    table["per_10k"] = 1e4 * table["stations"] / table["people"].where(table["people"] > 0)
    return table


def _counted(place: npt.NDArray[Any], size: int) -> npt.NDArray[np.int64]:
    return np.bincount(place[place >= 0], minlength=size)


def network_table(
    found: dict[tuple[str, str], tuple[Raster, int]],
    study: Study,
    crs: str,
    points: FirmPoints,
) -> pd.DataFrame:
    """Covered area and firms by operator and band, each by itself."""
    settings = facts.city_settings(study.manifest.city)
    zones = study.zones["district"].to_crs(crs)
    inside = zones[~zones["id"].isin(settings["totals"]["outside"])]
    whole = gpd.GeoDataFrame(geometry=[inside.geometry.union_all()], crs=zones.crs)
    rows = []
    for (operator, band), (covered, count) in found.items():
        reached = reached_firms(points, covered)
        share = zone_shares(covered, whole)[SHARE].iloc[0]
        figures = firm_figures(reached, np.ones(len(points), dtype=bool))
        rows.append(
            {
                c.OPERATOR: operator,
                "band": band,
                "stations_outdoor": count,
                "area_percent": 100.0 * float(share),
                "firms_covered": figures["firms_covered"],
                "firms_percent": figures["firms_percent"],
            }
        )
    columns = [c.OPERATOR, "band", "stations_outdoor", "area_percent", "firms_covered"]
    return pd.DataFrame(rows, columns=[*columns, "firms_percent"])
