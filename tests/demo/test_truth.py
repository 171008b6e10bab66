"""The truth file tells every fault, and nothing else is wrong."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely

from layout.core import columns
from layout.core.columns import EMPLOYEES, REVENUE, YEARS
from layout.core.credit_codes import has_valid_check
from layout.core.crs import bd09_to_wgs84
from layout.core.facts import city_table, reference
from layout.core.faults import FAULTS
from layout.demo.faults import LEAST, RATES
from layout.demo.table import FOREIGN_BATCH, HEADERS
from layout.prepare.zones import sea_areas, shipped_zones

METRIC = "EPSG:4547"


def column(written: SimpleNamespace, name: str) -> pd.Series:
    return written.firms[HEADERS[name]]


def with_fault(written: SimpleNamespace, fault: str) -> pd.DataFrame:
    lines = written.faults.loc[written.faults["fault"] == fault, "source_line"].astype(int)
    return written.firms.iloc[lines - 2]


def positions(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    lon, lat = (frame[HEADERS[name]].replace("", "nan") for name in (columns.LON, columns.LAT))
    return lon.to_numpy(dtype=np.float64), lat.to_numpy(dtype=np.float64)


def test_truth_has_a_line_for_every_row(written: SimpleNamespace) -> None:
    assert len(written.lines) == written.size + 1
    assert written.truth["source_line"].astype(int).tolist() == list(range(2, written.size + 2))
    assert (written.truth["credit_code"] == column(written, columns.CODE)).all()


def test_every_fault_is_planted_and_no_row_twice(written: SimpleNamespace) -> None:
    counts = written.faults["fault"].value_counts()
    assert counts.to_dict() == {k: max(LEAST, round(r * written.size)) for k, r in RATES.items()}
    assert written.faults["source_line"].is_unique
    assert written.faults["source_line"].astype(int).is_monotonic_increasing
    expected = written.faults["fault"].map(lambda name: FAULTS[name].policy.value)
    assert (written.faults["expected"] == expected).all()


def test_codes(written: SimpleNamespace) -> None:
    codes = column(written, columns.CODE)
    invalid = written.firms[~has_valid_check(pa.array(codes))]
    assert invalid.index.equals(with_fault(written, "bad_check_character").index)
    doubles = written.firms[codes.duplicated()]
    assert doubles.index.equals(with_fault(written, "duplicate_code").index)
    assert (codes.str[:4] == "9199").all()


def test_a_double_comes_after_a_sound_original(written: SimpleNamespace) -> None:
    rows = with_fault(written, "duplicate_code")
    notes = written.faults.loc[written.faults["fault"] == "duplicate_code", "note"]
    original = notes.str.removeprefix("line ").astype(int).to_numpy() - 2
    assert (original < rows.index.to_numpy()).all()
    assert written.sound.iloc[original].all()
    assert written.firms.loc[original, HEADERS[columns.CODE]].tolist() == (
        rows[HEADERS[columns.CODE]].tolist()
    )


def test_undecodable_lines(written: SimpleNamespace) -> None:
    garbled = []
    for number, line in enumerate(written.lines[1:]):
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            garbled.append(number)
            continue
        if "\ufffd" in text or "锟斤拷" in text:
            garbled.append(number)
        assert text.count(",") == len(HEADERS) - 1
    assert garbled == with_fault(written, "undecodable_text").index.tolist()
    raw = b"\n".join(written.lines)
    assert b'"' not in raw
    assert b"\r" not in raw


def test_coordinates_that_cannot_be_used(written: SimpleNamespace) -> None:
    for fault in ("missing_coordinates", "non_finite_coordinates"):
        lon, lat = positions(with_fault(written, fault))
        assert not (np.isfinite(lon) & np.isfinite(lat)).any()
    lon, lat = positions(with_fault(written, "swapped_coordinates"))
    assert (lat > 100).all()
    assert (lon < 30).all()
    useless = {"missing_coordinates", "non_finite_coordinates", "swapped_coordinates"}
    sound = written.firms[
        ~written.truth["source_line"].isin(
            written.faults.loc[written.faults["fault"].isin(useless), "source_line"]
        )
    ]
    lon, lat = positions(sound)
    assert ((lon > 113) & (lon < 116) & (lat > 22) & (lat < 24)).all()


def test_points_in_the_sea_and_outside(written: SimpleNamespace) -> None:
    districts = shipped_zones("shenzhen")["district"].frame
    city = districts.to_crs(METRIC).union_all()
    sea = sea_areas("shenzhen").union_all()
    for fault, wet in (("in_sea", True), ("outside_city", False)):
        points = gpd.GeoSeries.from_xy(*positions(with_fault(written, fault)), crs="EPSG:4326")
        assert (points.within(sea) == wet).all()
        assert (points.to_crs(METRIC).distance(city) > 2_000).all()


def test_the_foreign_delivery_is_bd09(written: SimpleNamespace) -> None:
    foreign = column(written, columns.BATCH) == FOREIGN_BATCH
    rows = with_fault(written, "datum_contradicts_address")
    assert written.firms[foreign].index.equals(rows.index)
    lon, lat = bd09_to_wgs84(*positions(rows))
    truth = written.truth.loc[rows.index]
    # Six decimals of a degree are 0.06 m at most off; the inverse adds far less.
    assert np.abs(lon - truth["lon"].astype(float)).max() < 2e-6
    assert np.abs(lat - truth["lat"].astype(float)).max() < 2e-6
    assert truth["district_id"].nunique() >= 9


def test_figures_and_codes(written: SimpleNamespace) -> None:
    negative = column(written, REVENUE.of(YEARS[-1])).str.startswith("-")
    assert written.firms[negative].index.equals(with_fault(written, "negative_revenue").index)
    for year in YEARS[:-1]:
        assert not column(written, REVENUE.of(year)).str.startswith("-").any()
    for year in YEARS:
        people = pd.to_numeric(column(written, EMPLOYEES.of(year)))
        assert not (people < 1).any()
    known = set(reference("gbt4754_2017")["code"])
    unknown = ~column(written, columns.INDUSTRY_CODE).isin(known)
    assert written.firms[unknown].index.equals(with_fault(written, "unknown_industry_code").index)


def test_figures_start_with_the_firm(written: SimpleNamespace) -> None:
    founded = column(written, columns.ESTABLISHED).str[:4].astype(int)
    for year in YEARS:
        there = column(written, REVENUE.of(year)) != ""
        assert not (there & (founded > year) & written.sound).any()


def test_addresses_name_the_true_district(written: SimpleNamespace) -> None:
    table = city_table("shenzhen", "districts").set_index("id")["name_zh"]
    home = written.truth["district_id"].map(table)
    operating = column(written, columns.OPERATING_ADDRESS)
    registered = column(written, columns.REGISTERED_ADDRESS)
    stated = operating.where(operating != "", registered)
    names = "|".join(table)
    named = stated.str.extract(f"({names})", expand=False)
    wrong = named.notna() & (named != home)
    planted = with_fault(written, "district_mismatch").index
    assert written.firms[wrong].index.equals(planted)
    assert 0.9 < named.notna().mean() < 0.95


@pytest.fixture(scope="module")
def true_points(written: SimpleNamespace) -> gpd.GeoSeries:
    lon, lat = (written.truth[name].astype(float) for name in ("lon", "lat"))
    return gpd.GeoSeries.from_xy(lon, lat, crs="EPSG:4326")


def test_true_positions_are_well_inside_their_district(
    written: SimpleNamespace, true_points: gpd.GeoSeries
) -> None:
    outlines = shipped_zones("shenzhen")["district"].frame.set_index("id").to_crs(METRIC).geometry
    metric = true_points.to_crs(METRIC)
    for district, points in metric.groupby(written.truth["district_id"]):
        assert points.within(outlines[district]).all()
        assert (points.distance(outlines[district].boundary) > 50).all()


def test_parks_and_subdistricts_are_those_the_zones_say(
    written: SimpleNamespace, true_points: gpd.GeoSeries
) -> None:
    zones = shipped_zones("shenzhen")
    sites = zones["park"].frame.query("kind == 'site'")
    tree = shapely.STRtree(sites.geometry.to_numpy())
    point, park = tree.query(true_points.to_numpy(), predicate="within")
    first = pd.Series(park).groupby(point).min()  # layers stand smallest first
    found = pd.Series("", index=written.truth.index)
    found.loc[first.index] = sites["id"].to_numpy()[first.to_numpy()]
    assert (found == written.truth["park_id"]).all()


def test_scope_classes_follow_the_guide(written: SimpleNamespace) -> None:
    core = column(written, columns.INDUSTRY_CODE).str[:2].isin(["63", "64", "65"])
    tagged = written.truth["true_sectors"] != ""
    expected = pd.Series("outside", index=core.index).mask(tagged, "fusion").mask(core, "core")
    sound = written.sound
    assert (expected[sound] == written.truth["scope_class"][sound]).all()
