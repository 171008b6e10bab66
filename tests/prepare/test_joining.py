"""Every point lands in exactly one district or in a counted list, by fixed rules."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pytest
import shapely
from shapely.geometry import Point, box

from layout.core import columns as c
from layout.core.faults import codes_of
from layout.core.study import ZoneLayer
from layout.prepare.joining import LOCATIONS, Joiner
from layout.prepare.zone_frames import zone_frame
from layout.prepare.zones import district_ids, shipped_zones

METRIC = "EPSG:4547"
NAN = np.nan


def layer(kind, rows):
    """A layer of ``(id, shape, columns)``."""
    names = sorted({name for row in rows for name in row[2]})
    columns = {name: [row[2].get(name) for row in rows] for name in names}
    ids = [row[0] for row in rows]
    made = {"id": ids, "name_zh": ids, "kind": kind, "area_km2": 1.0, **columns}
    return ZoneLayer(kind, zone_frame(np.array([row[1] for row in rows], object), made))


@pytest.fixture(scope="module")
def small():
    """Two districts side by side, split into three subdistricts; parks that overlap."""
    zones = {
        "district": layer(
            "district",
            [("FT", box(114, 22.5, 114.1, 22.6), {}), ("LH", box(114.1, 22.5, 114.2, 22.6), {})],
        ),
        "subdistrict": layer(
            "subdistrict",
            [
                ("a", box(114.1, 22.5, 114.2, 22.6), {"parent_id": "LH"}),
                ("b", box(114, 22.5, 114.1, 22.55), {"parent_id": "FT"}),
                ("c", box(114, 22.55, 114.1, 22.6), {"parent_id": "FT"}),
            ],
        ),
        "park": layer(
            "park",
            [
                ("p1", box(114.04, 22.53, 114.05, 22.54), {"kind": "area"}),
                ("p2", box(114.03, 22.52, 114.06, 22.545), {"kind": "site"}),
                ("p3", box(114.02, 22.51, 114.07, 22.549), {"kind": "site"}),
                ("p4", box(114.15, 22.51, 114.18, 22.55), {"kind": "area"}),
            ],
        ),
        "overlay": layer("overlay", [("QH", box(114.09, 22.5, 114.12, 22.51), {})]),
    }
    return Joiner(zones, city="shenzhen")


def joined(joiner, points, stated=None):
    lon, lat = np.array(points, float).reshape(-1, 2).T
    given = None if stated is None else np.array(stated, np.int16)
    batch = joiner.join(lon.copy(), lat.copy(), given)
    rows = batch.columns.to_pylist()
    return rows, [set(codes_of(int(mask))) for mask in batch.flags]


def test_inside_a_district_and_its_parts(small):
    (row,), (flags,) = joined(small, [(114.045, 22.535)])
    assert row[c.DISTRICT] == "FT"
    assert row[c.LOCATION] == "inside"
    assert row[c.SUBDISTRICT] == "b"
    assert flags == set()


def test_all_parks_are_kept_and_the_smallest_site_is_primary(small):
    rows, _ = joined(small, [(114.045, 22.535), (114.16, 22.53), (114.01, 22.505)])
    assert [(row[c.PARK], row[c.PARKS]) for row in rows] == [
        ("p2", "p1;p2;p3"),
        (None, "p4"),
        (None, ""),
    ]


def test_overlay_does_not_touch_the_district(small):
    rows, _ = joined(small, [(114.095, 22.505), (114.11, 22.505), (114.11, 22.55)])
    assert [(row[c.DISTRICT], row[c.OVERLAYS]) for row in rows] == [
        ("FT", "QH"),
        ("LH", "QH"),
        ("LH", ""),
    ]


def test_shared_borders_go_to_the_first_and_its_own_part(small):
    points = [(114.1, 22.53), (114.1, 22.55), (114.05, 22.55), (114.1, 22.6)]
    rows, flags = joined(small, points)
    assert [(r[c.DISTRICT], r[c.SUBDISTRICT]) for r in rows] == [
        ("FT", "b"),  # "a" of LH stands before it
        ("FT", "b"),
        ("FT", "b"),
        ("FT", "c"),
    ]
    assert flags == [set()] * 4


def test_just_outside_is_taken_to_the_nearest(small):
    metre = 1 / 111_000
    points = [
        (114.05, 22.6 + 290 * metre),
        (114.05, 22.6 + 320 * metre),
        (114.15, 22.5 - 100 * metre),
        (114.1, 22.6 + 50 * metre),  # both are equally near: the first
    ]
    rows, flags = joined(small, points)
    assert [(r[c.LOCATION], r[c.DISTRICT], r[c.SUBDISTRICT]) for r in rows] == [
        ("snapped", "FT", "c"),
        ("outside", None, None),
        ("snapped", "LH", "a"),
        ("snapped", "FT", "c"),
    ]
    assert flags == [
        {"near_border_assigned"},
        {"outside_city"},
        {"near_border_assigned"},
        {"near_border_assigned"},
    ]


def test_missing_coordinates_and_the_sea(small):
    rows, flags = joined(small, [(NAN, NAN), (114.0, NAN), (113.75, 22.4), (113.0, 23.5)])
    assert [r[c.LOCATION] for r in rows] == [
        "no_coordinates",
        "no_coordinates",
        "outside",
        "outside",
    ]
    assert flags == [{"missing_coordinates"}] * 2 + [{"in_sea"}, {"outside_city"}]
    assert all(r[c.DISTRICT] is None and r[c.PARKS] == "" for r in rows)


def test_stated_district_is_compared(small):
    units = district_ids("shenzhen")
    ft, lh = units.index("FT"), units.index("LH")
    points = [(114.05, 22.53)] * 3 + [(NAN, NAN), (113.0, 23.5)]
    rows, flags = joined(small, points, [ft, lh, -1, lh, lh])
    assert [r[c.STATED_DISTRICT] for r in rows] == ["FT", "LH", None, "LH", "LH"]
    assert ["district_mismatch" in f for f in flags] == [False, True, False, False, False]


def test_a_zone_that_is_no_unit_is_not_compared():
    zones = {"district": layer("district", [("own", box(114, 22.5, 114.1, 22.6), {})])}
    (row,), (flags,) = joined(Joiner(zones, city="shenzhen"), [(114.05, 22.53)], [3])
    assert row[c.DISTRICT] == "own"
    assert flags == set()


def test_columns_have_the_types_of_the_catalogue(small):
    batch = small.join(np.array([114.05, NAN]), np.array([22.53, NAN]))
    for name in (c.DISTRICT, c.LOCATION, c.SUBDISTRICT, c.PARK, c.PARKS, c.OVERLAYS):
        assert batch.columns.column(name).type == c.COLUMNS[name].type, name
    assert batch.columns.column(c.STATED_DISTRICT).null_count == 2
    assert batch.flags.dtype == np.uint32


def test_no_rows(small):
    batch = small.join(np.empty(0), np.empty(0), np.empty(0, np.int16))
    assert batch.columns.num_rows == 0
    assert sum(batch.counts().values()) == 0


@pytest.fixture(scope="module")
def city():
    return Joiner(shipped_zones("shenzhen"), city="shenzhen")


@pytest.fixture(scope="module")
def scattered():
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform([113.7, 22.38], [115.25, 23.0], (30_000, 2)).T
    lon[:40] = NAN
    return lon, lat


def test_shipped_city_equals_exact_predicates(city, scattered):
    lon, lat = scattered
    zones = shipped_zones("shenzhen")
    points = gpd.GeoSeries.from_xy(lon, lat, crs=4326)
    frame = zones["district"].frame
    point, zone = shapely.STRtree(frame.geometry).query(points, predicate="intersects")
    expected = np.full(len(lon), None, object)
    expected[point[::-1]] = frame["id"].to_numpy(object)[zone[::-1]]
    batch = city.join(lon, lat)
    found = np.array(batch.columns.column(c.DISTRICT).to_pylist(), object)
    where = np.array(batch.columns.column(c.LOCATION).to_pylist())
    inside = where == "inside"
    assert inside.sum() > 5000
    np.testing.assert_array_equal(found[inside], expected[inside])
    assert all(name is None for name in expected[~inside])
    metric = points.to_crs(METRIC)
    shapes = frame.geometry.to_crs(METRIC)
    for row in np.flatnonzero(where == "snapped"):
        distance = shapes.distance(metric[row])
        assert distance.min() <= 300
        assert frame["id"][distance.argmin()] == found[row]
    far = metric[where == "outside"][::20]
    assert shapely.distance(far.to_numpy(), shapely.union_all(shapes.to_numpy())).min() > 300


def test_every_located_point_has_a_subdistrict_of_its_district(city, scattered):
    batch = city.join(*scattered).columns
    parent = shipped_zones("shenzhen")["subdistrict"].frame.set_index("id")["parent_id"]
    for district, part in zip(
        batch.column(c.DISTRICT).to_pylist(), batch.column(c.SUBDISTRICT).to_pylist(), strict=True
    ):
        assert (part is None) == (district is None)
        assert part is None or parent[part] == district


def test_rows_in_are_rows_out_and_order_does_not_matter(city, scattered):
    lon, lat = scattered
    order = np.random.default_rng(1).permutation(len(lon))
    plain, mixed = city.join(lon, lat), city.join(lon[order], lat[order])
    assert plain.columns.num_rows == len(lon)
    counts = plain.counts()
    assert sum(counts[name] for name in LOCATIONS) == len(lon)
    assert counts == mixed.counts()
    assert plain.columns.take(pa.array(order)).to_pylist() == mixed.columns.to_pylist()
    np.testing.assert_array_equal(plain.flags[order], mixed.flags)


def test_batches_share_their_dictionaries(city, scattered):
    lon, lat = scattered
    corner = shipped_zones("shenzhen")["park"].frame.geometry.iloc[50].exterior.coords[3]
    first = city.join(lon[:9], lat[:9]).columns
    other = city.join(np.array([corner[0]]), np.array([corner[1]])).columns
    for name in (c.DISTRICT, c.SUBDISTRICT, c.PARK, c.STATED_DISTRICT):
        assert first.column(name).dictionary.equals(other.column(name).dictionary)
    for name in (c.PARKS, c.OVERLAYS):
        grown = other.column(name).dictionary.to_pylist()
        before = first.column(name).dictionary.to_pylist()
        assert grown[: len(before)] == before


def test_pickle_and_threads_change_nothing(city, scattered, tmp_path):
    lon, lat = scattered
    again = pickle.loads(pickle.dumps(city))
    kept = Joiner(shipped_zones("shenzhen"), city="shenzhen", cache=tmp_path)
    expected = city.join(lon, lat).columns.to_pylist()
    assert again.join(lon, lat).columns.to_pylist() == expected
    with ThreadPoolExecutor(2) as pool:
        halves = list(
            pool.map(lambda s: kept.join(lon[s], lat[s]), (slice(0, 15_000), slice(15_000, None)))
        )
    assert [row for half in halves for row in half.columns.to_pylist()] == expected
    assert list(tmp_path.glob("*.npz"))


def test_inputs_stay_as_they_are(city):
    lon, lat = np.array([114.05, NAN]), np.array([22.6, NAN])
    lon.flags.writeable = lat.flags.writeable = False
    stated = np.array([0, 1], np.int16)
    stated.flags.writeable = False
    city.join(lon, lat, stated)
    assert Point(lon[0], lat[0]).x == 114.05
