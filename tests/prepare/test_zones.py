"""The shipped zones: who is in, in which order, how exact, and that nothing overlaps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from layout.core import facts
from layout.core.study import ZONE_COLUMNS, ZONE_KINDS
from layout.prepare import zones
from layout.prepare.zone_frames import area_km2, empty_zones, natural_key

UNITS = ["BA", "DP", "FT", "GM", "LG", "LH", "LHU", "NS", "PS", "SS", "YT"]
METRIC = "EPSG:4547"


@pytest.fixture(scope="module")
def layers():
    return zones.shipped_zones("shenzhen")


@pytest.mark.parametrize("kind", ZONE_KINDS)
def test_every_layer_is_whole(layers, kind):
    frame = layers[kind].frame
    assert layers[kind].kind == kind
    assert tuple(frame.columns[: len(ZONE_COLUMNS)]) == ZONE_COLUMNS
    assert frame.crs.to_epsg() == 4326
    assert frame.is_valid.all()
    assert not frame.is_empty.any()
    assert frame["id"].is_unique
    assert frame[["id", "name_zh", "name_en", "kind", "area_source", "source"]].notna().all().all()
    assert (frame["area_km2"] > 0).all()
    assert frame.index.tolist() == list(range(len(frame)))


def test_districts_are_the_eleven_units_without_overlay(layers):
    frame = layers["district"].frame
    assert frame["id"].tolist() == UNITS
    assert frame.loc[frame["id"] != "SS", "area_km2"].sum() == pytest.approx(1997.40, abs=0.005)
    assert set(frame["area_source"]) == {"official"}
    assert frame.loc[frame["approximate"], "id"].tolist() == ["SS"]
    assert frame["parent_id"].isna().all()
    assert set(zones.district_ids("shenzhen")) == set(UNITS)


def test_overlay_keeps_both_dated_extents(layers):
    (row,) = layers["overlay"].frame.itertuples()
    assert row.id == "QH"
    assert row.approximate
    assert row.area_km2 == 14.92
    assert "2010" in row.extent_version
    assert "120.56" in row.area_km2_other_extent


def test_parks_have_their_stated_area_unless_the_border_cuts_them(layers):
    frame = layers["park"].frame
    assert len(frame) == 104
    assert frame["approximate"].all()
    assert set(frame["kind"]) == {"site", "area"}
    assert frame["area_km2"].is_monotonic_increasing
    drawn = area_km2(frame, METRIC)
    homes = layers["district"].frame.set_index("id").geometry
    borders = homes[frame["parent_id"]].boundary.to_numpy()
    cut = shapely.distance(borders, frame.geometry.to_numpy()) < 1e-9
    np.testing.assert_allclose(drawn[~cut], frame["area_km2"][~cut], rtol=1e-9)
    assert (drawn[cut] <= frame["area_km2"][cut] + 1e-9).all()
    assert 0 < cut.sum() < 40
    outside = frame.geometry.difference(homes[frame["parent_id"]].reset_index(drop=True))
    assert outside.to_crs(METRIC).area.max() < 1e-3
    assert frame["lead_sectors"].str.fullmatch(r"S\d\d(;S\d\d)*").all()
    assert set(frame["park_type"]) >= {"产业园", "小镇", "小微园区"}


def test_subdistricts_partition_their_district(layers):
    frame, districts = layers["subdistrict"].frame, layers["district"].frame
    table = facts.city_table("shenzhen", "subdistricts").set_index("code")
    assert sorted(frame["id"]) == sorted(table.index)
    assert frame["synthetic"].all()
    assert frame["approximate"].all()
    for unit, outline in zip(districts["id"], districts.geometry, strict=True):
        own = frame[frame["parent_id"] == unit]
        assert shapely.coverage_is_valid(own.geometry.to_numpy())
        whole = shapely.union_all(own.geometry.to_numpy())
        assert whole.symmetric_difference(outline).area < 1e-13  # degrees²: 0.001 m²
        assert shapely.area(own.geometry.to_numpy()).sum() == pytest.approx(outline.area, rel=1e-12)
    lon, lat = (pd.to_numeric(table.loc[frame["id"], name]).to_numpy() for name in ("lon", "lat"))
    assert shapely.contains_xy(frame.geometry.to_numpy(), lon, lat).all()


def test_frames_belong_to_the_caller(layers):
    layers["park"].frame["id"] = "changed"
    assert zones.shipped_zones("shenzhen")["park"].frame["id"].iloc[0] != "changed"


def test_sea_lies_outside_the_districts():
    sea = zones.sea_areas("shenzhen")
    assert len(sea) > 0
    assert sea.crs.to_epsg() == 4326
    land = shapely.union_all(zones.shipped_zones("shenzhen")["district"].frame.geometry.to_numpy())
    assert sea.geometry.intersection(land).to_crs(METRIC).area.max() < 1.0


def test_a_city_without_sea_has_an_empty_frame(tmp_path, monkeypatch):
    monkeypatch.setattr("layout.core.resources.root", lambda: tmp_path)
    sea = zones.sea_areas("inland")
    assert len(sea) == 0
    assert sea.crs.to_epsg() == 4326


def test_empty_layer_keeps_its_types(tmp_path):
    empty_zones(("park_type",)).to_parquet(tmp_path / "empty.parquet")
    frame = empty_zones()
    assert frame["approximate"].dtype == bool
    assert frame["area_km2"].dtype == "float64"


def test_natural_order():
    names = ["Z10", "Z2", "10", "9", "Z2b"]
    assert sorted(names, key=natural_key) == ["9", "10", "Z2", "Z2b", "Z10"]
