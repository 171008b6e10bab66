"""Districts and parks compared: planted likeness is found, the overlay enters no sum."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from layout.analyses.differentiation import MODEL, run
from layout.analyses.differentiation.parks import TYPES, _match
from layout.core import facts
from layout.core.config import parse_params
from layout.core.errors import ParameterError
from layout.core.result import Result
from layout.core.study import Study
from layout.measures.specialization import krugman_index

PARAMS = MODEL(draws=40)


@pytest.fixture(scope="module")
def result(planted_city: Study) -> Result:
    return run(planted_city, PARAMS)


def test_pairs_are_complete_and_ordered(result: Result) -> None:
    pairs = result.tables["pairs"]
    assert len(pairs) == 11 * 10 / 2
    assert pairs["cosine"].is_monotonic_decreasing
    assert (pairs["cosine_low"] <= pairs["cosine_high"]).all()


def test_districts_planted_alike_compete_in_what_was_planted(result: Result) -> None:
    competing = result.tables["pairs"].query("competing")
    found = {frozenset(pair) for pair in competing.index}
    assert frozenset({"BA", "LHU"}) in found
    assert frozenset({"LH", "GM"}) not in found
    shared = competing.loc[("BA", "LHU"), "shared_sectors"].split(";")
    assert "S08" in shared


def test_matrices_agree_with_the_measure(result: Result, planted_city: Study) -> None:
    krugman = result.tables["krugman"]
    assert np.diag(krugman).tolist() == [0] * 11
    cube = planted_city.cubes["district"]
    cube = cube[(cube["year"] == 0) & cube["sector"].isin(facts.sector_ids())]
    table = cube.pivot_table(index="zone_id", columns="sector", values="firms", aggfunc="sum")
    table = table.fillna(0).loc[["NS", "LH"]]
    own = table.div(table.sum(axis=1), axis=0)
    known = (own.loc["NS"] - own.loc["LH"]).abs().sum()
    assert krugman.loc["NS", "LH"] == pytest.approx(known)
    assert krugman_index(table).between(0, 2).all()


def test_index_has_an_interval(result: Result) -> None:
    index = result.tables["index"]
    assert (index["low"] <= index["high"]).all()
    assert index["index"].between(0.2, 0.6).all()


def test_parks_have_types_by_editable_rules(planted_city: Study) -> None:
    wide = run(planted_city, MODEL(draws=20, micro_max_ha=50, town_min_ha=51)).tables["parks"]
    assert (wide.loc[wide["area_ha"] <= 50, "type_by_size"] == TYPES[2]).all()
    assert (wide.loc[wide["area_ha"] >= 51, "type_by_size"] == TYPES[1]).all()
    with pytest.raises(ParameterError, match="micro_max_ha"):
        parse_params(MODEL, {"micro_max_ha": 200, "town_min_ha": 100})


def test_declared_and_observed_leads() -> None:
    assert _match("S01;S02", "S02;S05") == "match"
    assert _match("S01;S05", "S02;S05") == "part"
    assert _match("S01", "S02") == "differs"
    assert _match("", "S02") == _match("S01", "") == "unknown"


def test_planted_clusters_in_parks_are_their_observed_lead(result: Result) -> None:
    parks = result.tables["parks"]
    planted = {"P056": "S08", "P022": "S12", "P013": "S02"}
    for park, sector in planted.items():
        assert sector in parks.loc[park, "observed"].split(";")
        assert parks.loc[park, "match"] == "match"


def test_overlaps_lie_within_the_radius(result: Result, planted_city: Study) -> None:
    pairs = result.tables["park_pairs"]
    assert (pairs["distance_km"] <= PARAMS.radius_km).all()
    seen = pairs[pairs["basis"] == "observed"]
    assert ((seen["cosine"] >= PARAMS.overlap_from) == seen["overlap"]).all()
    near = run(planted_city, MODEL(draws=20, radius_km=0.5)).tables["park_pairs"]
    assert len(near) < len(pairs)


def test_candidates_have_two_reasons(result: Result) -> None:
    found = result.tables["consolidation"]
    assert len(found)
    assert (found["reasons"].str.count(";") >= 1).all()
    assert set(";".join(found["reasons"]).split(";")) <= {"overlap", "few", "differs"}


def test_overlay_has_two_extents_and_no_sum(result: Result) -> None:
    overlay = result.tables["overlay"]
    assert overlay["area_km2"].tolist() == [14.92, 120.56]
    assert overlay["outline"].tolist() == [True, False]
    assert np.isnan(overlay["firms"].iloc[1])
    assert any("前海" in note.zh and "不与任何合计相加" in note.zh for note in result.notes)
    near = result.tables["overlay_neighbours"]
    assert near["district_id"].isin(["NS", "BA"]).all()
    assert (near["inside_share"] <= 1).all()


def test_no_firms_is_undefined_and_not_zero(planted_city: Study) -> None:
    empty = {kind: cube.iloc[:0] for kind, cube in planted_city.cubes.items()}
    tables = run(replace(planted_city, cubes=empty), MODEL(draws=20)).tables
    assert tables["index"]["index"].isna().all()
    assert tables["pairs"]["cosine"].isna().all()
    assert not tables["pairs"]["competing"].any()


def test_year_of_no_panel_is_refused(planted_city: Study) -> None:
    with pytest.raises(ParameterError, match="1999"):
        run(planted_city, MODEL(year=1999))


def test_same_seed_same_answer(planted_city: Study, result: Result) -> None:
    again = run(planted_city, PARAMS)
    for name, table in result.tables.items():
        pd.testing.assert_frame_equal(table, again.tables[name])


def test_scorecard_counts_what_stands_in_and_near_a_park(planted_city: Study) -> None:
    shape = planted_city.zones["park"].set_index("id").geometry["P056"]
    point = shape.representative_point()
    size = 3
    layer = gpd.GeoDataFrame(
        {
            "id": ["a", "b", "c"], "network_operator": ["移动"] * size,
            "band": ["n41", "n78", "n41"], "station_type": ["宏站"] * size,
            "service_status": ["在用", "在用", "规划"],
        },
        geometry=gpd.points_from_xy([point.x] * size, [point.y] * size), crs="EPSG:4326",
    )  # fmt: skip
    centres = gpd.GeoDataFrame(
        {"id": ["d", "e"]}, geometry=[point, shapely.Point(0, 0)], crs="EPSG:4326"
    )
    layers = {**planted_city.layers, "stations": layer, "data_centres": centres}
    found = run(replace(planted_city, layers=layers), MODEL(draws=20)).tables
    card, parks = found["scorecard"], found["parks"]
    assert card["firms"].equals(parks["firms"])
    tiers = [name for name in card if name.startswith("tier_")]
    assert card[tiers].sum(axis=1).tolist() == card["tagged"].tolist()
    assert card.at["P056", "stations_5g"] == 2
    assert card["stations_5g"].max() == 2
    assert (card.at["P056", "data_centres_near"], card.at["P056", "data_centres_km"]) == (1, 0)
    near = card["data_centres_km"] <= MODEL().reach_km
    assert (card["data_centres_near"] == near).all()
    assert (card["carriers_near"] >= card["platforms_near"]).all()


def test_scorecard_has_no_column_of_what_is_not_loaded(planted_city: Study) -> None:
    card = run(replace(planted_city, layers={}), MODEL(draws=20)).tables["scorecard"]
    assert not [name for name in card if name.endswith(("_near", "_km")) or "stations" in name]
    assert card["revenue_yi"].gt(0).any()
