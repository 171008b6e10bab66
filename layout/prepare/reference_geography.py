"""What the facts of a city must say together in space: outlines, points, sea, totals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely

from layout.prepare.reference_schema import (
    SCHEMA_FILE,
    ColumnRule,
    FactTables,
    Finding,
    Table,
    parse_schema,
    schema_name,
)

OUTLINES: Final = "district_outlines.geojson"
SEA: Final = "sea_sketch.geojson"
SETTINGS: Final = "city.yaml"
DISTRICTS: Final = "districts.csv"
SUBDISTRICTS: Final = "subdistricts.csv"
OVERLAP_M2: Final = 1.0
"""Shapes that share a border exactly still cut each other by rounding; this much is no overlap."""
TOTALS: Final = MappingProxyType({"area_km2": 0.005, "pop_2020_census": 0.5})
"""Columns with a prescribed sum, and how far rounding may move it."""


def check_outlines(facts: FactTables, city: str) -> Iterator[Finding]:
    """One valid outline a unit, overlays marked; the others do not overlap."""
    file = city + OUTLINES
    frame, shapes = facts.tables[file], _metric(facts, city, file)
    units, overlays = set(facts.tables[city + DISTRICTS]["id"]), _listed(facts, city, "overlay")
    if missing := sorted(units - set(frame["id"])):
        yield Finding("incomplete", file, column="id", found="–", expected=", ".join(missing))
    yield from _invalid(file, frame, shapes)
    for unit, flag in zip(frame["id"], frame["overlay"], strict=True):
        if (flag == "1") != (unit in overlays):
            yield Finding("bad_shape", file, row=unit, found=f"overlay={flag}", expected=SETTINGS)
    plain = shapes[~frame["id"].isin(overlays).to_numpy() & shapes.is_valid]
    left, right = plain.sindex.query(plain, predicate="intersects")
    for first, second in zip(left, right, strict=True):
        area = plain.iloc[first].intersection(plain.iloc[second]).area if first < second else 0.0
        if area > OVERLAP_M2:
            names = frame["id"].loc[plain.index]
            yield Finding(
                "overlap",
                file,
                row=names.iloc[first],
                found=f"{area:.0f} m²",
                expected=names.iloc[second],
            )


def check_sea(facts: FactTables, city: str) -> Iterator[Finding]:
    """Sea areas are valid and lie outside every outline."""
    file = city + SEA
    if file not in facts.shapes:
        return
    sea, land = _metric(facts, city, file), _metric(facts, city, city + OUTLINES)
    yield from _invalid(file, facts.tables[file], sea)
    union = shapely.union_all(land[land.is_valid].to_numpy())
    for name, shape in zip(facts.tables[file]["id"], sea, strict=True):
        area = shape.intersection(union).area if shape.is_valid else 0.0
        if area > OVERLAP_M2:
            yield Finding("overlap", file, row=name, found=f"{area:.0f} m²", expected=OUTLINES)


def check_points(facts: FactTables, city: str) -> Iterator[Finding]:
    """Points lie in their district, give or take their own and the outline's uncertainty."""
    for file, rules in _city_rules(facts, city):
        columns = {rule.type: rule.column for rule in rules}
        if "longitude" in columns and "latitude" in columns:
            district = next((r.column for r in rules if r.refers_to == f"{DISTRICTS}:id"), "id")
            table = facts.table(file)
            yield from _points_outside(
                facts, city, table, (columns["longitude"], columns["latitude"], district)
            )


def _points_outside(
    facts: FactTables, city: str, table: Table, columns: tuple[str, str, str]
) -> Iterator[Finding]:
    if not set(columns) <= set(table.frame):
        return
    lon_name, lat_name, district_name = columns
    lon, lat = (_number(table.frame[name]) for name in (lon_name, lat_name))
    for index in table.rows_where(lon.isna() != lat.isna()):
        yield table.finding("half_point", index, lon_name)
    outlines = facts.tables[city + OUTLINES]
    shapes = dict(zip(outlines["id"], _metric(facts, city, city + OUTLINES), strict=True))
    reach = dict(zip(outlines["id"], _number(outlines["accuracy_m"]), strict=True))
    points = gpd.GeoSeries(gpd.points_from_xy(lon, lat), index=table.frame.index, crs="EPSG:4326")
    points = points.to_crs(_metric_crs(facts, city))
    own = pd.Series(0.0, index=table.frame.index)
    if "position_uncertainty_m" in table.frame:
        own = _number(table.frame["position_uncertainty_m"]).fillna(0.0)
    slack = own.to_numpy(dtype="float64")
    for index in table.rows_where(lon.notna() & lat.notna()):
        unit = table.cell(index, district_name)
        if unit not in shapes:
            continue
        distance = points[index].distance(shapes[unit])
        if distance > reach[unit] + slack[index]:
            yield table.finding(
                "outside_district", index, lon_name, found=f"{distance:.0f} m", expected=unit
            )


def check_totals(facts: FactTables, city: str) -> Iterator[Finding]:
    """Area and census of the units, overlays and those named apart left out, sum as prescribed."""
    frame, settings = facts.tables[city + DISTRICTS], facts.tables[city + SETTINGS]
    apart = _listed(facts, city, "overlay") | _listed(facts, city, "outside")
    counted = frame[~frame["id"].isin(apart)]
    for column, tolerance in TOTALS.items():
        name = f"totals.{column}"
        if name not in settings:
            continue
        expected = float(_number(settings[name]).iloc[0])
        found = _number(counted[column]).sum()
        if abs(found - expected) > tolerance:
            yield Finding(
                "sum",
                city + DISTRICTS,
                row=", ".join(counted["id"]),
                column=column,
                found=f"{found:.10g}",
                expected=f"{expected:.10g}",
            )


def check_subdistricts(facts: FactTables, city: str) -> Iterator[Finding]:
    """The lists of the district table and the subdistrict table say the same."""
    table, towns = facts.table(city + DISTRICTS), facts.tables[city + SUBDISTRICTS]
    for index, line in enumerate(table.frame.to_dict("records")):
        own = towns[towns["district_id"] == line["id"]]
        lists = {
            "subdistricts_zh": ("、", own["name_zh"]),
            "subdistrict_codes": (",", own["code"]),
        }
        for column, (sign, expected) in lists.items():
            if sorted(filter(None, line[column].split(sign))) != sorted(expected):
                yield table.finding(
                    "disagrees",
                    index,
                    column,
                    expected=sign.join(expected),
                )
        if line["n_subdistricts"] != str(len(own)):
            yield table.finding(
                "disagrees",
                index,
                "n_subdistricts",
                expected=str(len(own)),
            )


GEOGRAPHY: Final[tuple[Callable[[FactTables, str], Iterator[Finding]], ...]] = (
    check_outlines,
    check_sea,
    check_points,
    check_totals,
    check_subdistricts,
)


def _city_rules(facts: FactTables, city: str) -> Iterator[tuple[str, tuple[ColumnRule, ...]]]:
    rules = parse_schema(facts.tables[SCHEMA_FILE])
    for file in facts.tables:
        if file.startswith(city) and schema_name(file) in rules:
            yield file, rules[schema_name(file)]


def _metric_crs(facts: FactTables, city: str) -> str:
    return str(facts.tables[city + SETTINGS]["metric_crs"].iat[0])


def _metric(facts: FactTables, city: str, file: str) -> gpd.GeoSeries:
    return facts.shapes[file].geometry.to_crs(_metric_crs(facts, city))


def _listed(facts: FactTables, city: str, what: str) -> set[str]:
    key = {"overlay": "overlay_districts", "outside": "totals.outside"}[what]
    settings = facts.tables[city + SETTINGS]
    return set(str(settings[key].iat[0]).split(";")) if key in settings else set()


def _invalid(file: str, frame: pd.DataFrame, shapes: gpd.GeoSeries) -> Iterator[Finding]:
    for name, shape in zip(frame["id"], shapes, strict=True):
        if not shape.is_valid or shape.is_empty or "Polygon" not in shape.geom_type:
            yield Finding(
                "bad_shape",
                file,
                row=name,
                found=f"{shape.geom_type}, {shapely.is_valid_reason(shape)}",
                expected="valid polygon",
            )


def _number(values: pd.Series) -> pd.Series:
    return pd.to_numeric(values, errors="coerce")
