"""Stations by district from a few bounds: the bounds hold and the table is an estimate (AC-08)."""

from __future__ import annotations

import numpy as np
import pytest

from layout.core.errors import ReferenceDataError
from layout.prepare.station_counts import CountBounds, estimate_counts

FIVE = ("FT", "NS", "LG", "LHU", "BA")
PEOPLE = {
    "FT": 1553225, "LH": 1143801, "NS": 1795826, "YT": 214225, "BA": 4476554, "LG": 3979037,
    "LHU": 2528872, "PS": 551333, "GM": 1095289, "DP": 156236,
}  # fmt: skip


def bounds(**other: object) -> CountBounds:
    usual = {
        "total": 50_000,
        "above": dict.fromkeys(FIVE, 5000),
        "share": 0.81,
        "most": "LG",
        "at_least": {"PS": 1329},
    }
    return CountBounds(**{**usual, **other})  # type: ignore[arg-type]


def test_the_five_districts_keep_their_bounds() -> None:
    table = estimate_counts(PEOPLE, bounds()).set_index("district_id")
    five = table.loc[list(FIVE), "stations"]
    assert (five > 5000).all()
    assert five.sum() == 40_500
    assert table["stations"].sum() == 50_000
    assert five.idxmax() == "LG"
    assert (five.drop("LG") < five["LG"]).all()
    assert table.loc["PS", "stations"] >= 1329
    assert set(table["value_kind"]) == {"estimate"}
    assert (table["stations_low"] <= table["stations"]).all()
    assert (table["stations"] <= table["stations_high"]).all()


def test_bounds_are_as_wide_as_they_are() -> None:
    table = estimate_counts(PEOPLE, bounds(most=None)).set_index("district_id")
    assert table.loc["FT", "stations_low"] == 5001
    assert table.loc["FT", "stations_high"] == 40_500 - 4 * 5001


@pytest.mark.parametrize("seed", range(20))
def test_any_population_keeps_the_bounds(seed: int) -> None:
    draws = np.random.default_rng(seed).uniform(1e4, 5e6, len(PEOPLE))
    people = dict(zip(PEOPLE, draws, strict=True))
    table = estimate_counts(people, bounds()).set_index("district_id")
    five = table.loc[list(FIVE), "stations"]
    assert (five > 5000).all()
    assert five.sum() == 40_500
    assert five.idxmax() == "LG"
    assert table["stations"].sum() == 50_000


def test_bounds_that_cannot_hold_are_an_error() -> None:
    with pytest.raises(ReferenceDataError):
        estimate_counts(PEOPLE, bounds(total=20_000))
