"""Registered and operating addresses, and crowds at one address."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from layout.analyses import headquarters as check
from layout.core.columns import LAT, LON, OPERATING_ADDRESS, REGISTERED_ADDRESS

IDS = ("A", "B", "C")


def test_both_countings_hold_the_same_firms() -> None:
    registered = np.array([0, 0, 1, 2, -1])
    operating = np.array([1, -1, 1, 0, 2])
    revenue = np.array([10.0, np.nan, 5.0, 1.0, 99.0])
    found = check.net_change(registered, operating, revenue, IDS)
    assert found["registered_firms"].tolist() == [2, 1, 1]
    assert found["operating_firms"].tolist() == [2, 2, 0]
    assert found["net_firms"].sum() == 0
    assert found["net_revenue_cny"].sum() == 0
    assert found["net_share"].tolist() == [0, 100, -100]


def test_a_district_without_registered_firms_has_no_share() -> None:
    found = check.net_change(np.array([0]), np.array([1]), np.array([1.0]), IDS)
    assert np.isnan(found.loc["B", "net_share"])


def test_moves_count_only_firms_that_name_both() -> None:
    found = check.moves(np.array([0, 0, 1, -1]), np.array([1, 0, -1, 2]), IDS)
    assert found.to_numpy().tolist() == [[1, 1, 0], [0, 0, 0], [0, 0, 0]]


def test_crowding_by_hand() -> None:
    spots = np.array([0] * 6 + [1] * 3 + [2])
    found = check.crowding(spots).set_index("crowd")
    assert found.loc[1].tolist() == [6, 0.6, 6]
    assert found.loc[10].tolist() == [10, 1.0, 1]
    assert check.crowding(np.array([], dtype=np.int64)).empty


def test_one_room_of_shells_turns_a_finding() -> None:
    # Of A's 30 firms 20 of sector 0 sit in one room; in B sector 0 has 10 of 30, spread out.
    sectors = np.array([0] * 20 + [1] * 10 + [0] * 10 + [1] * 20)
    spots = np.array([0] * 20 + list(range(1, 41)))
    districts = np.array([0] * 30 + [1] * 30)
    found = check.quotients_by_address(spots, districts, sectors, IDS, cap=5, min_firms=5)
    row = found[(found["zone_id"] == "A") & (found["sector"] == "S01")].iloc[0]
    assert (row["firms"], row["firms_collapsed"], row["firms_capped"]) == (20, 1, 5)
    assert row["lq"] > 1 > row["lq_collapsed"]
    assert row["verdict"] == "turned"
    assert found[found["zone_id"] == "C"]["verdict"].eq("small").all()


def test_every_firm_alone_at_its_address_changes_nothing() -> None:
    rng = np.random.default_rng(1)
    sectors, districts = rng.integers(0, 13, 500), rng.integers(0, 3, 500)
    found = check.quotients_by_address(np.arange(500), districts, sectors, IDS, cap=5, min_firms=1)
    np.testing.assert_array_equal(found["lq"], found["lq_collapsed"])
    assert not found["verdict"].eq("turned").any()


def test_addresses_a_metre_apart_are_one_and_unknown_ones_none() -> None:
    table = pa.table({LON: [114.0, 114.000001, 114.001, None], LAT: [22.5, 22.5, 22.5, None]})
    spots = check._spots(table)
    assert spots[0] == spots[1] != spots[2]
    assert spots[3] == check.NOWHERE


def test_summary_adds_up() -> None:
    table = pa.table({REGISTERED_ADDRESS: ["x", "y", None], OPERATING_ADDRESS: ["x", None, None]})
    found = check.summary(np.array([0, 1, -1]), np.array([1, -1, -1]), table)
    counts = found.set_index("address_item")["firms"]
    assert counts["both_named"] == counts["same_district"] + counts["other_district"] == 1
    assert counts["registered_given"] == 2
    assert counts["firms"] == 3


def test_a_study_without_addresses_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    registered, operating = check._named(pa.table({LON: [1.0]}), "shenzhen")
    assert registered.tolist() == operating.tolist() == [check.NOWHERE]
