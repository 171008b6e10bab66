"""The profile of a district: parts that sum, known figures, and what one year cannot tell."""

from __future__ import annotations

from dataclasses import fields, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from layout.analyses.profile import MODEL, run
from layout.core import columns as col
from layout.core import facts
from layout.core.errors import ParameterError
from layout.core.result import Result
from layout.core.study import Study
from layout.measures.quotient_inference import location_quotient_inference
from layout.scenarios.apply import ChangedStudy


@pytest.fixture(scope="module")
def result(planted_city: Study) -> Result:
    return run(planted_city, MODEL())


def test_planted_strengths_are_strong(result: Result) -> None:
    table = result.tables["specialisation"]
    for district, sector in (("FT", "S10"), ("BA", "S08"), ("LH", "S11"), ("NS", "S03")):
        assert table.loc[(district, sector), "standing"] == "strong"
    assert table.loc[("LH", "S08"), "standing"] == "weak"


def test_quotients_are_those_of_the_inference_and_small_ones_masked(
    result: Result, planted_city: Study
) -> None:
    cube = planted_city.cubes["district"]
    cube = cube[cube["year"] == 0]
    counts = cube.groupby(["zone_id", "sector"])["firms"].sum().unstack(fill_value=0)
    known = location_quotient_inference(counts, alpha=0.1)
    table = result.tables["specialisation"]
    one = ("NS", "S02")
    for name in ("location_quotient", "low", "high"):
        assert table.loc[one, name] == pytest.approx(known.loc[one, name])
    small = table["firms"] < MODEL().min_firms
    assert small.any()
    assert table.loc[small, "location_quotient"].isna().all()


def test_shift_share_parts_sum_to_growth(result: Result) -> None:
    table = result.tables["shift_share"]
    parts = table["national_share"] + table["industrial_mix"] + table["regional_share"]
    assert parts.to_numpy() == pytest.approx(table["growth"].to_numpy())
    assert (table["end"] - table["start"]).to_numpy() == pytest.approx(table["growth"].to_numpy())
    # The reference is the districts together: their own parts cancel out.
    assert table["regional_share"].sum() == pytest.approx(0, abs=1e-3 * table["growth"].abs().sum())
    by_sector = result.tables["sector_growth"]["growth"].groupby(level="district_id").sum()
    assert by_sector[table.index].to_numpy() == pytest.approx(table["growth"].to_numpy())


def test_variety_is_its_two_parts_and_shares_sum(result: Result) -> None:
    table = result.tables["structure"]
    assert (table["core_share"] + table["fusion_share"]).le(1 + 1e-12).all()
    lines = table[["line_supply_share", "line_use_share", "line_both_share"]].sum(axis=1)
    assert lines.to_numpy() == pytest.approx(np.ones(len(table)))
    assert (table[["related_variety", "unrelated_variety"]] >= 0).all(axis=None)
    tiers = result.tables["tiers"].sum(axis=1)
    assert tiers.tolist() == table["tagged"].tolist()


def test_one_year_has_no_growth_and_says_so(planted_city: Study) -> None:
    manifest = planted_city.manifest.model_copy(update={"years": (2023,)})
    found = run(replace(planted_city, manifest=manifest), MODEL())
    assert found.tables["shift_share"].isna().all(axis=None)
    assert found.tables["sector_growth"].isna().all(axis=None)
    assert found.tables["specialisations_moved"].empty
    assert any("增长无定义" in note.zh for note in found.notes)
    assert found.tables["structure"]["tagged"].gt(0).all()


def test_years_that_are_not_there_or_turned_are_refused(planted_city: Study) -> None:
    with pytest.raises(ParameterError, match="1999"):
        run(planted_city, MODEL(start=1999))
    with pytest.raises(ParameterError, match="after the first"):
        run(planted_city, MODEL(start=2022, end=2020))
    with pytest.raises(ParameterError, match="1998"):
        run(planted_city, MODEL(year=1998))


def test_moves_of_specialisations_are_by_the_threshold(result: Result) -> None:
    table = result.tables["specialisations_moved"]
    least = MODEL().special_from
    kept = table[table["move"] == "kept"]
    assert (kept[["location_quotient_start", "location_quotient_end"]] >= least).all(axis=None)
    left = table[(table["move"] == "left") & (table["firms"] >= MODEL().min_firms)]
    assert (left["location_quotient_end"] < least).all()


def test_named_projects_with_unknown_place_stay_without_a_point(result: Result) -> None:
    table = result.tables["projects"].set_index("name_zh")
    assert np.isnan(table.loc["中国鲲鹏产业源头创新中心", "lon"])
    assert pd.isna(table.loc["中国鲲鹏产业源头创新中心", "district_id"])
    assert table.loc["鹏城实验室", "district_id"] == "NS"
    assert table.loc["“互联网+”未来科技城（大铲湾）", "district_id"] == "BA"
    assert (table["kind"] == "pilot").sum() == 2
    assert len(result.layers[1].frame) == table["lon"].notna().sum()


def test_facilities_are_counted_and_missing_layers_have_no_column(
    result: Result, planted_city: Study
) -> None:
    table = result.tables["facilities"]
    assert table["carriers"].sum() <= len(planted_city.layers["carriers"])
    assert "racks" not in table
    assert "carriers" not in run(replace(planted_city, layers={}), MODEL()).tables["facilities"]
    sites = planted_city.zones["park"]
    assert table["parks"].sum() == (sites["kind"] == "site").sum()


def test_internet_firms_by_the_plans_host_areas(result: Result) -> None:
    fields = facts.reference("sub_fields")
    wanted = list(fields.loc[fields["sector"] == "S07", "sub_field_id"])
    assert list(result.tables["internet"].columns)[: len(wanted)] == wanted


def points(rows: list[tuple[str, float, float]], **columns: list[object]) -> gpd.GeoDataFrame:
    """A layer of points by id, longitude, latitude."""
    names, lon, lat = zip(*rows, strict=True)
    return gpd.GeoDataFrame(
        {"id": names, **columns}, geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326"
    )


def test_stations_on_air_are_counted_by_land_and_firms(planted_city: Study) -> None:
    inside = planted_city.zones["district"].set_index("id").geometry["NS"].representative_point()
    here = (inside.x, inside.y)
    layer = points(
        [("a", *here), ("b", here[0] + 1e-4, here[1]), ("c", *here), ("d", 0.0, 0.0)],
        network_operator=["移动", "电信", "联通", "移动"], band=["n41", "n78", "n78", "n41"],
        station_type=["宏站"] * 4, service_status=["在用", "在用", "规划", "在用"],
        antenna_height_m=[900.0] * 4,
    )  # fmt: skip
    study = replace(planted_city, layers={**planted_city.layers, "stations": layer})
    table = run(study, MODEL()).tables["facilities"]
    structure = run(study, MODEL()).tables["structure"]
    assert table["stations_5g"].sum() == 2
    area = study.zones["district"].set_index("id").at["NS", "area_km2"]
    assert table.at["NS", "stations_per_km2"] == pytest.approx(2 / area)
    assert table.at["NS", "stations_per_1000"] == pytest.approx(2000 / structure.at["NS", "firms"])


def test_reported_stations_stand_in_and_unknown_ones_stay_unknown(planted_city: Study) -> None:
    told = pd.DataFrame({"district_id": ["NS"], "stations_5g": [7000.0]})
    study = replace(planted_city, layers={**planted_city.layers, "network_rates": told})
    table = run(study, MODEL()).tables["facilities"]
    assert table.at["NS", "stations_5g"] == 7000
    assert np.isnan(table.at["FT", "stations_per_km2"])


def test_places_are_counted_by_district_type_and_status(planted_city: Study) -> None:
    inside = planted_city.zones["district"].set_index("id").geometry["LH"].representative_point()
    layer = points(
        [("a", inside.x, inside.y), ("b", 0.0, 0.0), ("c", 0.0, 0.0)],
        type=["智慧医疗", "智慧医疗", None], status=["在用", "在用", None],
        district_id=[None, "NS", None],
    )  # fmt: skip
    study = replace(planted_city, layers={**planted_city.layers, "ai_scenes": layer})
    result = run(study, MODEL())
    table = result.tables["facilities"]["ai_scenes"]
    assert (table["LH"], table["NS"], table.sum()) == (1, 1, 2)
    places = result.tables["places"]
    assert places.loc[("ai_scenes", "智慧医疗", "在用"), "number"] == 2
    assert places.loc[("ai_scenes", "–", "–"), "unplaced"] == 1


def test_layers_that_are_not_loaded_are_named(result: Result, planted_city: Study) -> None:
    (words,) = [note.zh for note in result.notes if "未载入" in note.zh]
    assert "人工智能示范场景" in words
    assert "移动通信基站" in words
    assert "科研载体" not in words
    bare = run(replace(planted_city, layers={}), MODEL())
    assert any("科研载体" in note.zh for note in bare.notes)
    assert "stations_5g" not in bare.tables["facilities"]


def test_chains_are_those_of_their_own_analysis(planted_city: Study) -> None:
    from layout.analyses import chains

    firms = planted_city.firms()
    size = firms.num_rows
    made = {
        col.BUSINESS_SCOPE: pa.array(["数据库产品研发"] * size),
        col.INDUSTRY_CODE: pa.array(["6511"] * size),
    }
    for name, values in made.items():
        if name in firms.schema.names:
            firms = firms.drop_columns([name])
        firms = firms.append_column(name, values)
    held = {one.name: getattr(planted_city, one.name) for one in fields(Study)}
    study = ChangedStudy(**held, table=firms)
    own = chains.run(study, chains.MODEL()).tables["completeness"].reset_index()
    told = run(study, MODEL()).tables["chains"].reset_index()
    assert told["completeness"].max() > 0
    assert told["completeness"].tolist() == own["completeness"].tolist()
    assert told["missing_nodes"].tolist() == own["missing_nodes"].tolist()


def test_chains_need_what_firms_make(result: Result) -> None:
    assert result.tables["chains"].empty
    assert any("产业链完整度不计算" in note.zh for note in result.notes)
