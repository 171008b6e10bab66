"""Synthetic stations and terrain: about as many as reported, mostly indoors, hills in place."""

from __future__ import annotations

import numpy as np
import pytest

from layout.core import station_columns as c
from layout.core.crs import from_wgs84, parse_datum
from layout.core.facts import city_table
from layout.demo.layers_network import make_stations
from layout.demo.layers_terrain import make_terrain
from layout.demo.plan import CityPlan, build_plan
from layout.demo.zones import read_city_zones
from layout.prepare.stations import in_service, prepare_stations


@pytest.fixture(scope="module")
def plan() -> CityPlan:
    return build_plan("shenzhen", read_city_zones("shenzhen"))


def test_stations_are_about_as_many_as_reported_and_mostly_indoors(plan: CityPlan) -> None:
    made = make_stations(plan, 1)
    assert made["synthetic"].all()
    assert made["id"].is_unique
    judged = prepare_stations(made)
    five_g = judged[in_service(judged) & ~judged["nb_iot"]]
    # The city reported 64,000 to 65,000 for the end of 2022 (network_facts.csv N024).
    assert 62_000 <= len(five_g) <= 67_000
    assert (five_g[c.TYPE] == c.INDOOR).mean() > 0.5
    assert set(five_g[c.OPERATOR]) == {"CMCC", "CTCC;CUCC", "CMCC;CBN"}
    by_2019 = in_service(judged, 2019) & ~judged["nb_iot"].to_numpy()
    assert by_2019.sum() == pytest.approx(15_500, rel=0.1)


def test_the_same_stations_come_out_for_a_seed(plan: CityPlan) -> None:
    assert make_stations(plan, 3).head(50).equals(make_stations(plan, 3).head(50))


def test_terrain_goes_through_the_known_peaks(plan: CityPlan) -> None:
    terrain = make_terrain(plan, 1)
    assert terrain.grid.crs == "EPSG:4547"
    assert terrain.grid.cell_m == 30.0
    assert terrain.known().all()
    peaks = city_table("shenzhen", "terrain_peaks")
    hills = peaks[peaks["kind"] == "peak"]
    x, y = from_wgs84(
        hills["lon"].astype(float), hills["lat"].astype(float), parse_datum("EPSG:4547")
    )
    found = terrain.at(x, y)
    assert (found >= hills["elevation_m"].astype(float).to_numpy() - 5.0).all()
    assert np.nanmax(terrain.values) == pytest.approx(944.0, abs=1.0)
