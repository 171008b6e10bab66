"""The datum check: points at the border and addresses decide, or say that they cannot."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import shapely

from layout.core.crs import from_wgs84, parse_datum
from layout.core.errors import DatumError
from layout.core.sources import SourceInfo
from layout.prepare.datum import DatumSurveyor, resolve_datum

# Two districts of about 5 km about Shenzhen's middle, side by side.
WEST = shapely.box(114.00, 22.50, 114.05, 22.55)
EAST = shapely.box(114.05, 22.50, 114.10, 22.55)
UNITS = np.array([0, 1], np.int32)


def points(count=4000, seed=1, box=(114.0, 22.5, 114.1, 22.55)):
    rng = np.random.default_rng(seed)
    return rng.uniform(box[0], box[2], count), rng.uniform(box[1], box[3], count)


def survey(declared, true="wgs84", *, at=None, stated=None, batch=None, **options):
    lon, lat = points() if at is None else at
    x, y = from_wgs84(lon, lat, parse_datum(true))
    surveyor = DatumSurveyor([WEST, EAST], UNITS, parse_datum(declared), **options)
    half = len(x) // 2
    for part in (slice(None, half), slice(half, None)):
        surveyor.add(
            x[part],
            y[part],
            stated=None if stated is None else stated[part].__getitem__,
            batch=None if batch is None else batch[part],
        )
    return surveyor.result()


def district_of(lon):
    return (lon >= 114.05).astype(np.int16)


@pytest.mark.parametrize("true", ["wgs84", "gcj02", "bd09"])
@pytest.mark.parametrize("declared", ["wgs84", "cgcs2000", "gcj02", "bd09"])
def test_the_datum_that_fits_is_named(declared, true):
    found = survey(declared, true)
    same = declared == true or {declared, true} == {"cgcs2000", "wgs84"}
    assert found.fits == (None if same else true)
    assert found.decided
    assert found.inside[true] == found.points == 4000
    if not same:
        others = {one.other: one for one in found.comparisons}
        assert others[true].share == 1.0
        assert (
            others[true].changed
            == 4000 - found.inside["wgs84" if declared[0] in "wc" else declared]
        )


def test_a_projected_file_is_unprojected_first():
    found = survey("EPSG:4547", "EPSG:4547")
    assert found.fits is None
    assert found.inside["wgs84"] == 4000


def test_few_points_at_the_border_decide_nothing():
    found = survey("wgs84", "gcj02", at=points(300, box=(114.02, 22.51, 114.08, 22.54)))
    assert found.fits is None
    assert not found.decided
    assert found.deliveries == ()


def test_the_rule_of_twenty_points_and_95_percent():
    # Points just inside the eastern border in GCJ-02 are outside it when read as WGS 84;
    # points at the western border in WGS 84 are outside when read as GCJ-02.
    for gcj, wgs, stops in ((20, 0, True), (19, 0, False), (95, 5, True), (94, 6, False)):
        east = np.full(gcj, 114.0999), np.full(gcj, 22.52)
        west = np.full(wgs, 114.0001), np.full(wgs, 22.52)
        in_gcj = from_wgs84(*east, parse_datum("gcj02"))
        surveyor = DatumSurveyor([WEST, EAST], UNITS, parse_datum("wgs84"))
        surveyor.add(
            np.concatenate([in_gcj[0], west[0]]),
            np.concatenate([in_gcj[1], west[1]]),
        )
        found = surveyor.result()
        comparison = next(one for one in found.comparisons if one.other == "gcj02")
        assert (comparison.changed, comparison.favour_other) == (gcj + wgs, gcj)
        assert (found.fits == "gcj02") is stops


def test_missing_positions_do_not_count():
    lon, lat = points(100)
    lon[:40] = np.nan
    found = survey("wgs84", at=(lon, lat), stated=district_of(lon))
    assert found.points == 60
    assert found.deliveries[0].rows == 60


def test_addresses_decide_for_the_whole_file():
    at = points(600, box=(114.02, 22.51, 114.08, 22.54))
    found = survey("wgs84", "bd09", at=at, stated=district_of(at[0]))
    assert not found.decided
    assert found.contradicted == {None}
    assert found.deliveries[0].fits == ("bd09",)
    right = survey("bd09", "bd09", at=at, stated=district_of(at[0]))
    assert right.contradicted == frozenset()
    (whole,) = right.deliveries
    assert whole.agree["bd09"] == whole.telling
    assert 8 < whole.telling < whole.rows == 600


def mixed(bad, total=2000, noise=0.0):
    """A file in WGS 84 with ``bad`` rows of a delivery in BD-09 and some wrong addresses."""
    lon, lat = points(total, box=(114.01, 22.505, 114.09, 22.545))
    stated = district_of(lon)
    wrong = np.random.default_rng(2).random(total) < noise
    stated[wrong] = 1 - stated[wrong]
    names = np.array(["一", "二"])[np.arange(total) % 2].astype(object)
    names[:bad] = "五"
    x, y = lon.copy(), lat.copy()
    x[:bad], y[:bad] = from_wgs84(lon[:bad], lat[:bad], parse_datum("bd09"))
    return x, y, stated, pa.array(names.tolist())


def check(x, y, stated, names, **options):
    surveyor = DatumSurveyor([WEST, EAST], UNITS, parse_datum("wgs84"), **options)
    surveyor.add(x, y, stated=stated.__getitem__, batch=names)
    return surveyor.result()


@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_a_delivery_in_another_datum_is_found(noise):
    found = check(*mixed(300, noise=noise))
    assert found.contradicted == {"五"}
    names = [one.name for one in found.deliveries]
    assert sorted(names[:-1]) == ["一", "二", "五"]
    assert names[-1] is None
    five = next(one for one in found.deliveries if one.name == "五")
    assert five.rows == 300
    assert "bd09" in five.fits


def test_a_small_delivery_stands_out_from_the_others():
    found = check(*mixed(40))
    five = next(one for one in found.deliveries if one.name == "五")
    assert 3 <= five.comparisons[1].changed < 8
    assert found.contradicted == {"五"}


def test_a_tiny_delivery_cannot_be_judged():
    assert check(*mixed(8)).contradicted == frozenset()


def test_a_delivery_with_its_own_datum_is_no_contradiction():
    found = check(*mixed(300), delivery_datum={"五": parse_datum("bd09")})
    assert found.contradicted == frozenset()
    five = next(one for one in found.deliveries if one.name == "五")
    assert five.datum == "bd09"


def test_wrong_addresses_alone_contradict_nothing():
    x, y, stated, names = mixed(0, noise=0.3)
    assert check(x, y, stated, names).contradicted == frozenset()


def test_rows_without_a_delivery_are_one():
    x, y, stated, _ = mixed(0)
    names = pa.array([None] * 1000 + ["一"] * 1000, pa.string())
    found = check(x, y, stated, names)
    assert [one.name for one in found.deliveries] == ["", "一", None]


def info(crs, point=("x", "y")):
    return SourceInfo(Path("t"), "gpkg", (), crs=crs, point=point if crs else None)


@pytest.mark.parametrize(
    ("declared", "crs", "found"),
    [
        ("gcj02", None, "gcj02"),
        ("EPSG:4547", None, "EPSG:4547"),
        (None, "EPSG:4547", "EPSG:4547"),
        ("EPSG:4547", "EPSG:4547", "EPSG:4547"),
        ("gcj02", "EPSG:4326", "gcj02"),
        ("wgs84", "EPSG:4490", "wgs84"),
        ("EPSG:4214", "EPSG:4214", "EPSG:4214"),
    ],
)
def test_the_datum_of_a_file(declared, crs, found):
    assert str(resolve_datum(declared, info(crs))) == found


@pytest.mark.parametrize(
    ("declared", "crs", "words"),
    [
        (None, None, "not known"),
        (None, "EPSG:4326", "not known"),
        ("gcj02", "EPSG:4547", "contradicts --datum gcj02"),
        ("EPSG:4526", "EPSG:4547", "contradicts"),
        ("EPSG:4547", "EPSG:4326", "contradicts"),
        ("wgs84", "EPSG:4214", "contradicts"),
        ("mars", None, "Unknown datum"),
    ],
)
def test_a_datum_that_cannot_be(declared, crs, words):
    with pytest.raises(DatumError, match=words):
        resolve_datum(declared, info(crs))


def test_a_crs_without_a_code():
    odd = "+proj=tmerc +lat_0=0 +lon_0=114.3 +k=1 +x_0=12345 +ellps=krass +units=m"
    with pytest.raises(DatumError, match="no EPSG code"):
        resolve_datum(None, info(odd))
