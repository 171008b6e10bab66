import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from layout.analyses.platform_tables import bands_table, gap_table
from layout.analyses.platforms import (
    MAPPING,
    TYPES,
    WIDER,
    PlatformParams,
    platforms_of,
    run,
    serving,
)
from layout.core.errors import ParameterError
from layout.core.study import Study


def some_platforms() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "type": ["智库", "融资服务平台", "实验室", "关键技术平台"],
            "platform_type": ["think_tank", "financing", "key_technology", "key_technology"],
            "sectors": ["S01;S02", None, "S03", "S01"],
        },
        geometry=[Point(114, 22.5), None, Point(114, 22.6), Point(114, 22.7)],
        crs="EPSG:4326",
    )


def test_a_platform_serves_its_type_and_sectors_and_all_where_it_names_none() -> None:
    every = some_platforms()
    assert serving(every, "all", "S01").index.tolist() == [0, 1, 3]
    assert serving(every, "key_technology", "S03").index.tolist() == [2]
    assert serving(every, "financing", "S12").index.tolist() == [1]


def test_the_five_types_are_those_of_the_plan() -> None:
    assert set(MAPPING.values()) == set(TYPES)
    assert len(TYPES) == 5
    assert not set(MAPPING) & set(WIDER)
    assert WIDER["工程中心"] == WIDER["企业技术中心"] == "resources"


def test_gaps_rank_by_shortfall() -> None:
    far = np.array([[1000.0], [2000.0], [20_000.0]])
    demand, access = np.array([10.0, 10.0, 5.0]), np.array([0.05, 0.05, 0.0])
    table = gap_table(np.array([0, 0, 1]), demand, access, far, 9.0)
    mean = (0.05 * 20) / 25
    assert table.index.tolist() == [1, 0]
    assert table.loc[1, "shortfall"] == 5
    assert table.loc[1, "beyond_reach"] == 5
    assert table.loc[0, "shortfall"] == pytest.approx(20 * max(0.0, 1 - 0.05 / mean))
    assert table.loc[0, "nearest_km"] == 1.5


def test_unknown_places_are_no_gap() -> None:
    far = np.empty((2, 0))
    table = gap_table(np.array([0, 1]), np.array([3.0, 4.0]), np.full(2, np.nan), far, 9.0)
    assert table["shortfall"].isna().all()
    assert table["firms"].tolist() == [4, 3]
    assert bands_table(far, np.ones(2), np.full(2, np.nan), 9.0)["demand"].isna().all()


@pytest.fixture(scope="module")
def city(planted_city: Study) -> Study:
    return planted_city


def test_the_demonstration_city_has_platforms_gaps_and_sites(city: Study) -> None:
    if "carriers" not in city.layers:
        pytest.skip("the planted study has no facility table")
    result = run(city, PlatformParams())
    supply = result.tables["supply"]
    assert (supply["platforms"] == supply["located"] + supply["unlocated"]).all()
    assert supply["unlocated"].sum() > 0
    gaps = result.tables["platform_gaps"]
    assert gaps["rank"].tolist() == list(range(1, len(gaps) + 1))
    assert gaps["shortfall"].is_monotonic_decreasing
    carriers = result.tables["platform_carriers"].set_index("type")
    assert carriers["carriers"].sum() >= supply["platforms"].sum()
    assert (carriers["located"] <= carriers["carriers"]).all()
    assert carriers["mean_km"].isna().equals(carriers["located"] == 0)
    sites = result.tables["sites"]
    assert len(sites) == 3
    assert bool(result.tables["platform_choice"]["proven"][0])
    choice = result.tables["platform_choice"].iloc[0]
    assert choice["mean_km_after"] < choice["mean_km_before"]
    assert pd.Series([layer.name for layer in result.layers]).is_unique


def test_the_centre_shortens_the_longest_way(city: Study) -> None:
    if "carriers" not in city.layers:
        pytest.skip("the planted study has no facility table")
    longest = {}
    for model in ("median", "center"):
        result = run(city, PlatformParams(model=model))
        assert len(result.tables["sites"]) == 3
        longest[model] = result.tables["platform_choice"].iloc[0]
        served = result.tables["sites"]["firms_served"]
        assert (served <= result.tables["platform_gaps"]["firms"].sum()).all()
    assert longest["center"]["objective"] < 60
    assert longest["center"]["mean_km_after"] >= longest["median"]["mean_km_after"] - 1e-9


def test_a_type_without_known_places_says_no_data(city: Study) -> None:
    if "carriers" not in city.layers:
        pytest.skip("the planted study has no facility table")
    result = run(city, PlatformParams(type="financing", model="covering"))
    assert not result.tables["platforms"]["located"].any()
    assert result.tables["platform_gaps"]["access_per_1000"].isna().all()
    assert len(result.tables["sites"]) == 3


def test_what_is_not_there_is_refused(city: Study) -> None:
    with pytest.raises(ParameterError):
        run(city, PlatformParams(sector="S99"))
    if "carriers" not in city.layers:
        with pytest.raises(ParameterError):
            platforms_of(city)
