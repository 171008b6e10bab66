"""Datum formulas: known points, round trips, the box, and the check on measures."""

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point

from layout.core import crs
from layout.core.errors import CrsError, DatumError

METRE_DEG = 1 / 111_320
# Points that public converters of the same formula carry as their tests (WGS 84 -> GCJ-02).
KNOWN = [
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
]


@pytest.mark.parametrize(("wgs", "gcj"), KNOWN)
def test_known_points(wgs, gcj):
    lon, lat = crs.wgs84_to_gcj02([wgs[0]], [wgs[1]])
    assert (lon[0], lat[0]) == pytest.approx(gcj, abs=1e-9)


def test_offset_in_shenzhen():
    lon, lat = crs.wgs84_to_gcj02([114.05], [22.54])
    assert lon[0] - 114.05 == pytest.approx(0.0051, abs=2e-4)
    assert lat[0] - 22.54 == pytest.approx(-0.0027, abs=2e-4)
    east, north = crs.gcj02_to_bd09([114.05], [22.54])
    assert np.hypot(east[0] - 114.05, north[0] - 22.54) == pytest.approx(0.0088, abs=1e-3)


@settings(deadline=None)  # the first example compiles
@given(st.floats(73, 137), st.floats(1.5, 55))
def test_inverses_are_exact(lon, lat):
    for there, back in (
        (crs.wgs84_to_gcj02, crs.gcj02_to_wgs84),
        (crs.gcj02_to_bd09, crs.bd09_to_gcj02),
        (crs.wgs84_to_bd09, crs.bd09_to_wgs84),
    ):
        again = back(*there([lon], [lat]))
        assert abs(again[0][0] - lon) < 1e-10
        assert abs(again[1][0] - lat) < 1e-10
        # and the other way round: what comes back from the inverse is shifted to where it was
        there_again = there(*back([lon], [lat]))
        assert abs(there_again[0][0] - lon) < 1e-10
        assert abs(there_again[1][0] - lat) < 1e-10


def test_round_trip_below_a_millimetre_on_a_city():
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(113.7, 114.7, 20_000), rng.uniform(22.3, 22.9, 20_000)
    for datum in (crs.parse_datum("gcj02"), crs.parse_datum("bd09"), crs.parse_datum("EPSG:4547")):
        again = crs.to_wgs84(*crs.from_wgs84(lon, lat, datum), datum)
        assert max(np.abs(again[0] - lon).max(), np.abs(again[1] - lat).max()) < 0.001 * METRE_DEG


def test_outside_the_box_nothing_moves():
    lon, lat = np.array([0.0, -122.4, 139.7, 113.0]), np.array([51.5, 37.8, 35.7, 0.5])
    for function in (crs.wgs84_to_gcj02, crs.gcj02_to_wgs84):
        moved = function(lon, lat)
        assert np.array_equal(moved[0], lon)
        assert np.array_equal(moved[1], lat)


def test_nan_stays_nan_and_inputs_stay():
    lon, lat = np.array([np.nan, np.inf, 114.0]), np.array([22.5, 22.5, 22.5])
    lon.setflags(write=False)
    before = lon.copy(), lat.copy()
    for function in (
        crs.wgs84_to_gcj02,
        crs.gcj02_to_wgs84,
        crs.gcj02_to_bd09,
        crs.bd09_to_gcj02,
        crs.bd09_to_wgs84,
    ):
        moved = function(lon, lat)
        assert not np.isfinite(moved[0][:2]).any()
        assert np.isfinite(moved[0][2])
    assert np.array_equal(lon, before[0], equal_nan=True)
    assert np.array_equal(lat, before[1])


def test_shapes_must_agree():
    with pytest.raises(ValueError, match="shapes differ"):
        crs.gcj02_to_wgs84([114.0, 114.1], [22.5])
    assert crs.gcj02_to_wgs84([], [])[0].shape == (0,)


@pytest.mark.parametrize(
    ("text", "name", "projected"),
    [
        ("WGS84", "wgs84", False),
        ("wgs-84", "wgs84", False),
        ("GCJ-02", "gcj02", False),
        ("bd09", "bd09", False),
        ("CGCS2000", "cgcs2000", False),
        ("EPSG:4326", "wgs84", False),
        ("4490", "cgcs2000", False),
        ("epsg:4547", "EPSG:4547", True),
    ],
)
def test_names_of_datums(text, name, projected):
    datum = crs.parse_datum(text)
    assert (datum.name, datum.projected) == (name, projected)


@pytest.mark.parametrize("text", ["", "mars", "EPSG:99999", "EPSG:", "wgs84;", "5773"])
def test_unknown_datums_are_refused(text):
    with pytest.raises(DatumError, match="gcj02"):
        crs.parse_datum(text)


def test_what_a_projection_cannot_undo_is_nan():
    lon, lat = crs.to_wgs84([506_000.0, np.nan], [2_493_000.0, 1.0], crs.parse_datum("4547"))
    assert (lon[0], lat[0]) == pytest.approx((114.058, 22.534), abs=0.01)
    assert np.isnan(lon[1])
    assert np.isnan(lat[1])


@pytest.mark.parametrize("code", [None, 4326, 3857, 2263])
def test_measures_refuse_other_units(code):
    frame = gpd.GeoDataFrame(geometry=[Point(0, 0)], crs=code)
    with pytest.raises(CrsError, match="projected CRS in metres"):
        crs.require_metric(frame)


def test_measures_accept_the_metric_crs():
    crs.require_metric(gpd.GeoDataFrame(geometry=[Point(0, 0)], crs=4547))
