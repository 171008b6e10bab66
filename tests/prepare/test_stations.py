"""Tables of stations: filled by class and flagged, faults named and counted, nothing guessed."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from geopandas.testing import assert_geodataframe_equal

from layout.core import station_columns as c
from layout.core.errors import InputFileError, MeasureError
from layout.measures.radiated_power import eirp_per_re, resource_blocks
from layout.prepare.station_heights import looks_above_sea
from layout.prepare.station_words import azimuths_of, bands_of, operators_of, types_of
from layout.prepare.stations import (
    EIRP_DBM,
    EIRP_FROM,
    FREQUENCY_GHZ,
    HEIGHT_FROM,
    PROBLEM,
    in_service,
    prepare_stations,
)


def layer(count: int = 1, **columns: Any) -> gpd.GeoDataFrame:
    """Stations 100 m apart; scalars stand for every station."""
    usual: dict[str, Any] = {
        "id": [f"T{i}" for i in range(count)],
        c.OPERATOR: "中国移动",
        c.BAND: "2.6GHz",
        c.TYPE: "宏站",
    }
    points = gpd.points_from_xy(114 + np.arange(count) * 0.001, np.full(count, 22.55))
    return gpd.GeoDataFrame({**usual, **columns}, geometry=points, crs="EPSG:4326")


def test_conversion_of_total_power_is_the_published_one() -> None:
    # 53 dBm over 273 blocks is 17.85 dBm an element (network_facts.csv N049); 20 dBi more.
    assert float(eirp_per_re(53.0, 100.0, 0.0)) == pytest.approx(17.85, abs=0.005)
    assert float(eirp_per_re(53.0, 100.0, 20.0)) == pytest.approx(37.85, abs=0.005)
    # An NB-IoT carrier is one block of 12 subcarriers.
    assert float(eirp_per_re(43.0, 0.2, 15.0, spacing_khz=15)) == pytest.approx(47.21, abs=0.005)


def test_a_bandwidth_that_no_carrier_has_is_an_error() -> None:
    with pytest.raises(MeasureError, match="99 MHz"):
        resource_blocks([100.0, 99.0], 30)
    assert np.isnan(resource_blocks([99.0], 30, strict=False)[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("中国移动", "CMCC"), ("China Unicom", "CUCC"), ("电信联通共享", "CTCC;CUCC"),
        ("广电", "CBN"), ("某公司", ""), ("CTCC", "CTCC"), (None, ""),
    ],
)  # fmt: skip
def test_operators(text: str | None, expected: str) -> None:
    assert operators_of(gpd.pd.Series([text], dtype=object)).tolist() == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.6GHz", "n41"), ("n78", "n78"), ("3.5G", "n78"), ("700M", "n28"), ("N79", "n79"),
        ("2.1 GHz", "n1"), ("NB-IoT", "nb8"), ("NB 800M", "nb5"), ("900MHz", "n8"), ("?", ""),
    ],
)  # fmt: skip
def test_bands(text: str, expected: str) -> None:
    assert bands_of(gpd.pd.Series([text], dtype=object)).tolist() == [expected]


def test_types_and_azimuths() -> None:
    words = gpd.pd.Series(["宏基站", "微站", "室内分布", "pRRU", "macro", "", "塔"], dtype=object)
    assert types_of(words).tolist() == ["macro", "micro", "indoor", "indoor", "macro", "", ""]
    assert azimuths_of("0/120/240") == (0.0, 120.0, 240.0)
    assert azimuths_of("全向") == ()
    assert azimuths_of(None) is None
    with pytest.raises(ValueError, match="400"):
        azimuths_of("400")


def test_what_is_not_said_is_of_the_class_and_flagged() -> None:
    found = prepare_stations(layer(2, **{c.TYPE: ["宏站", "微站"]}))
    assert found[c.HEIGHT].tolist() == [25.0, 10.0]
    assert found[EIRP_DBM].tolist() == [38.0, 16.0]
    assert set(found[HEIGHT_FROM]) == set(found[EIRP_FROM]) == {"class"}
    assert found[FREQUENCY_GHZ].tolist() == [2.565, 2.565]
    assert in_service(found).all()


def test_total_power_with_bandwidth_is_converted_and_says_so() -> None:
    found = prepare_stations(layer(**{c.POWER: 53.0, c.BANDWIDTH: 100.0, c.GAIN: 20.0}))
    assert found[EIRP_DBM][0] == pytest.approx(37.85, abs=0.005)
    assert found[EIRP_FROM][0] == "power"


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({c.TYPE: "塔"}, "unknown_type"),
        ({c.BAND: "频段"}, "unknown_band"),
        ({c.FREQUENCY: 2.6}, "bad_frequency"),
        ({c.FREQUENCY: 260000.0}, "bad_frequency"),
        ({c.HEIGHT: 0.0}, "bad_height"),
        ({c.HEIGHT: 300.0}, "bad_height"),
        ({c.EIRP: 73.0}, "bad_eirp"),
        ({c.POWER: 200.0, c.BANDWIDTH: 100.0, c.GAIN: 20.0}, "bad_eirp"),
        ({c.POWER: 53.0, c.BANDWIDTH: 99.0, c.GAIN: 20.0}, "bad_carrier"),
        ({c.AZIMUTHS: "东南"}, "bad_azimuth"),
    ],
)
def test_what_is_said_wrongly_is_named_and_left_out(columns: dict[str, Any], problem: str) -> None:
    found = prepare_stations(layer(**columns))
    assert found[PROBLEM].tolist() == [problem]
    assert not in_service(found).any()


def test_an_empty_table_is_an_error() -> None:
    with pytest.raises(InputFileError) as error:
        prepare_stations(layer(1).iloc[:0])
    assert "row" in error.value.message("en")


def test_duplicates_are_counted_and_the_first_stays() -> None:
    twice = gpd.pd.concat([layer(1), layer(1)], ignore_index=True)
    assert prepare_stations(twice)[PROBLEM].tolist() == ["", "duplicate"]
    sectors = twice.assign(**{c.AZIMUTHS: ["0", "120"]})
    assert prepare_stations(sectors)[PROBLEM].tolist() == ["", ""]


def test_indoor_systems_at_one_point_are_no_duplicates_unless_their_id_is_one() -> None:
    twice = gpd.pd.concat([layer(1, **{c.TYPE: "室分"})] * 2, ignore_index=True)
    assert prepare_stations(twice.assign(id=["A", "B"]))[PROBLEM].tolist() == ["", ""]
    assert prepare_stations(twice.assign(id=["A", "A"]))[PROBLEM].tolist() == ["", "duplicate"]


def test_a_table_of_heights_above_sea_is_found_by_the_terrain() -> None:
    terrain = np.linspace(5.0, 120.0, 40)
    mast = np.tile([22.0, 30.0, 26.0, 35.0], 10)
    assert looks_above_sea(terrain + mast, terrain)
    assert not looks_above_sea(mast, terrain)
    with pytest.raises(InputFileError) as error:
        prepare_stations(layer(40, **{c.HEIGHT: terrain + mast}), terrain_m=terrain)
    assert c.ALTITUDE in error.value.message("zh")
    told = prepare_stations(layer(40, **{c.ALTITUDE: terrain + mast}), terrain_m=terrain)
    np.testing.assert_allclose(told[c.HEIGHT], mast)
    assert set(told[HEIGHT_FROM]) == {"altitude"}


def test_single_heights_above_sea_are_named() -> None:
    found = prepare_stations(
        layer(2, **{c.HEIGHT: [140.0, 30.0]}), terrain_m=np.array([110.0, 110.0])
    )
    assert found[PROBLEM].tolist() == ["height_above_sea", ""]


def test_planned_and_later_stations_do_not_count() -> None:
    found = prepare_stations(
        layer(4, **{c.STATUS: ["在网", "规划", "", "退网"], c.YEAR: [2022, 2022, 2021, 2019]})
    )
    assert in_service(found).tolist() == [True, False, True, False]
    assert in_service(found, 2021).tolist() == [False, False, True, False]


def test_input_is_untouched_and_order_does_not_matter() -> None:
    given = layer(6, **{c.HEIGHT: [20, None, 30, 300, 25, None]})
    before = given.copy()
    found = prepare_stations(given)
    assert_geodataframe_equal(given, before)
    mixed = prepare_stations(given.iloc[::-1]).sort_index()
    assert_geodataframe_equal(found, mixed)
