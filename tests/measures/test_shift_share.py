"""Shift-share against REAT, and sums that must hold whatever the numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout.core import measure_columns as names
from layout.core.errors import MeasureError
from layout.measures import shift_share as ss
from layout.measures.undefined import undefined

OURS = {
    "Growth (t1-t)": names.GROWTH,
    "National share": names.NATIONAL,
    "Industrial mix": names.MIX,
    "Regional share": names.REGIONAL,
    "Allocation effect": names.ALLOCATION,
    "Net total shift": names.NET_SHIFT,
}
PARTS = [names.NATIONAL, names.MIX, names.REGIONAL]


@pytest.fixture
def example(known: Callable[[str], Any]) -> Any:
    return known("shift_share")


def same(row: pd.Series, expected: dict[str, float], tolerance: float) -> None:
    for theirs, value in expected.items():
        assert row[OURS[theirs]] == pytest.approx(value, abs=tolerance), theirs


@pytest.mark.parametrize("region", ["A", "B", "C"])
def test_reference(region: str, example: Any) -> None:
    case, tolerance = example["regions"][region], example["tolerance"]
    data = [pd.Series(v) for v in (case["input"]["t0"], case["input"]["t1"], *example["nation"])]
    same(ss.dunn(*data).total.iloc[0], case["dunn"], tolerance)
    same(ss.esteban_marquillas(*data).total.iloc[0], case["esteban_marquillas"], tolerance)
    same(ss.gerfin(*data).iloc[0], case["gerfin"], tolerance)


def test_all_regions_at_once(example: Any) -> None:
    start = pd.DataFrame({r: c["input"]["t0"] for r, c in example["regions"].items()}).T
    end = pd.DataFrame({r: c["input"]["t1"] for r, c in example["regions"].items()}).T
    nation = [pd.Series(v) for v in example["nation"]]
    # rows in another order belong together by their labels
    total = ss.dunn(start, end.iloc[::-1], *nation).total
    for region, case in example["regions"].items():
        same(total.loc[region], case["dunn"], example["tolerance"])


def test_dynamic_reference(example: Any) -> None:
    case, tolerance = example["dynamic"], example["tolerance"]
    tables = [pd.Series(v) for v in case["input"]["region"]]
    nation = [pd.Series(v) for v in case["input"]["nation"]]
    result = ss.dynamic(tables, nation)
    same(result.total.iloc[0], case["dunn"], tolerance)
    assert result.periods is not None
    columns = [names.GROWTH, *PARTS, names.NET_SHIFT]
    np.testing.assert_allclose(result.periods[columns].T, case["dunn_yearly"], atol=tolerance)
    esteban = ss.dynamic(tables, nation, form="esteban_marquillas")
    same(esteban.total.iloc[0], case["esteban"], tolerance)


cells = st.lists(
    st.tuples(*[st.integers(0, 30)] * 4, st.integers(0, 5), st.integers(0, 5)),
    min_size=1,
    max_size=5,
)


@settings(max_examples=80, deadline=None)
@given(cells)
def test_components_add_up_even_from_zero(rows: list[tuple[int, ...]]) -> None:
    data = np.array(rows, dtype=float)
    start, end = pd.DataFrame(data[:, :2].T), pd.DataFrame(data[:, 2:4].T)
    # the reference holds the regions and something else
    base = pd.Series(data[:, :2].sum(axis=1) + data[:, 4])
    later = pd.Series(data[:, 2:4].sum(axis=1) + data[:, 5])
    simple, split = ss.dunn(start, end, base, later), ss.esteban_marquillas(start, end, base, later)
    if base.sum() == 0:
        assert set(undefined(simple.total)[0].values()) == {"undefined.no_base"}
        return
    for result, parts in ((simple, PARTS), (split, [*PARTS, names.ALLOCATION])):
        for frame in (result.total, result.by_sector):
            np.testing.assert_allclose(frame[parts].sum(axis=1), frame[names.GROWTH], atol=1e-9)
    np.testing.assert_allclose(
        split.total[[names.REGIONAL, names.ALLOCATION]].sum(axis=1), simple.total[names.REGIONAL],
        atol=1e-9,
    )  # fmt: skip
    factors = ss.gerfin(start, end, base, later)
    product = factors[names.MIX] * factors[names.REGIONAL]
    known = factors.notna().all(axis=1)
    np.testing.assert_allclose(product[known], factors[names.NET_SHIFT][known])


def test_growth_rates_of_the_reference_leave_no_shift() -> None:
    base = pd.Series([100.0, 50.0])
    later = base * 1.2
    table = pd.DataFrame([[10.0, 5.0], [3.0, 20.0]])
    result = ss.dunn(table, table * 1.2, base, later).total
    np.testing.assert_allclose(result[names.NET_SHIFT], 0, atol=1e-12)


def test_new_sector_is_regional_growth() -> None:
    start, end = pd.Series({"a": 10.0, "new": 0.0}), pd.Series({"a": 10.0, "new": 4.0})
    result = ss.esteban_marquillas(start, end, start * 2, end * 2)
    row = result.by_sector.loc[("region", "new")]
    assert row[names.REGIONAL] == 4
    assert row[names.ALLOCATION] == 0
    assert row[names.MIX] == 0


def test_bad_input() -> None:
    a = pd.Series({"a": 1.0})
    with pytest.raises(MeasureError, match="sectors missing for: a"):
        ss.dunn(a, pd.Series({"b": 1.0}), a, a)
    with pytest.raises(MeasureError, match="finite amounts"):
        ss.dunn(a, pd.Series({"a": np.nan}), a, a)
    with pytest.raises(MeasureError, match="reference missing for: a"):
        ss.dunn(a, a, pd.Series({"b": 1.0}), a)
    with pytest.raises(MeasureError, match="two periods"):
        ss.dynamic([a], [a])
    nothing = ss.gerfin(a * 0, a, a, a)
    assert nothing.isna().any(axis=None)
    assert undefined(nothing)[0] == {"region": "undefined.no_base"}
