"""Location quotients against values worked out by hand, and what must not change them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from layout.measures.specialization import location_quotient

TABLE = pd.DataFrame(
    {"a": [10, 20, 30], "b": [40, 10, 10], "c": [50, 70, 60]}, index=["r1", "r2", "r3"]
)


def test_known_answer() -> None:
    # r1: 10/100 over 60/300 = 0.5; r3: 30/100 over 60/300 = 1.5
    quotient = location_quotient(TABLE)
    assert quotient["a"].tolist() == pytest.approx([0.5, 1.0, 1.5])


def test_weighted_mean_by_region_size_is_one() -> None:
    size = TABLE.sum(axis=1) / TABLE.to_numpy().sum()
    assert location_quotient(TABLE).mul(size, axis=0).sum().tolist() == pytest.approx([1, 1, 1])


def test_merging_two_equal_regions_changes_nothing() -> None:
    twice = pd.concat([TABLE, TABLE.loc[["r1"]].rename(index={"r1": "twin"})])
    merged = TABLE.copy()
    merged.loc["r1"] *= 2
    one, two = location_quotient(twice), location_quotient(merged)
    pd.testing.assert_frame_equal(one.loc[["r1", "r2"]], two.loc[["r1", "r2"]])


def test_empty_region_and_sector_have_no_quotient() -> None:
    table = pd.DataFrame({"a": [1, 0], "b": [0, 0]}, index=["r", "empty"])
    quotient = location_quotient(table)
    assert quotient.loc["r", "a"] == 1
    assert np.isnan(quotient.loc["empty"]).all()
    assert np.isnan(quotient["b"]).all()


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_impossible_amounts_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="finite amounts"):
        location_quotient(pd.DataFrame({"a": [bad, 1.0]}))
