"""Specialisation against EconGeo, values worked out by hand, and what must not change them."""

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
from layout.core.texts import catalogue
from layout.measures import specialization as sp
from layout.measures.specialization import location_quotient
from layout.measures.undefined import explain, undefined

TABLE = pd.DataFrame(
    {"a": [10, 20, 30], "b": [40, 10, 10], "c": [50, 70, 60]}, index=["r1", "r2", "r3"]
)
BY_REGION: tuple[Callable[[pd.DataFrame], pd.Series], ...] = (
    sp.krugman_index,
    sp.specialization_coefficient,
    sp.herfindahl,
    sp.hachman_index,
    sp.entropy,
)
tables = st.integers(2, 6).flatmap(
    lambda columns: st.lists(
        st.lists(st.integers(0, 50), min_size=columns, max_size=columns), min_size=2, max_size=6
    )
)


def frame(rows: list[list[float]]) -> pd.DataFrame:
    return pd.DataFrame(
        rows,
        index=[f"r{i}" for i in range(len(rows))],
        columns=[f"s{i}" for i in range(len(rows[0]))],
    )


def test_known_answer() -> None:
    # r1: 10/100 over 60/300 = 0.5; r3: 30/100 over 60/300 = 1.5
    quotient = location_quotient(TABLE)
    assert quotient["a"].tolist() == pytest.approx([0.5, 1.0, 1.5])


@pytest.mark.parametrize("case", ["A", "B"])
def test_econgeo(case: str, known: Callable[[str], Any]) -> None:
    file = known("specialization")
    tolerance, expected = file["tolerance"], file["cases"][case]["expected"]
    table = frame(file["cases"][case]["table"])

    def same(values: object, name: str) -> None:
        np.testing.assert_allclose(values, expected[name], rtol=0, atol=tolerance, err_msg=name)

    same(location_quotient(table), "location_quotient")
    same(sp.revealed_comparative_advantage(table), "location_quotient")
    same(sp.presence(table), "lq_binary")
    same(sp.krugman_index(table), "krugman")
    same(sp.specialization_coefficient(table), "hoover_spec_coeff")
    same(sp.herfindahl(table), "herfindahl")
    same(1 / sp.hachman_index(table), "avg_lq")
    same(sp.hachman_index(table), "hachman")
    same(sp.entropy(table), "entropy_bits_exact")


def test_related_variety_adds_up(known: Callable[[str], Any]) -> None:
    file = known("related_variety")
    table = frame(file["input"]["counts"])
    groups = dict(zip(table.columns, file["input"]["group"], strict=True))
    result = sp.related_variety(table, groups)
    pd.testing.assert_frame_equal(
        result, pd.DataFrame(file["expected"], index=table.index), rtol=0, atol=file["tolerance"]
    )


def test_flat_sectors_have_no_related_variety() -> None:
    result = sp.related_variety(TABLE, {name: name for name in TABLE.columns})
    assert result[names.RELATED].tolist() == pytest.approx([0, 0, 0], abs=1e-15)


def test_sector_without_group_is_named() -> None:
    with pytest.raises(MeasureError, match="groups missing for: c"):
        sp.related_variety(TABLE, pd.Series({"a": 1, "b": 1, "c": None}))


def test_weighted_mean_by_region_size_is_one() -> None:
    size = TABLE.sum(axis=1) / TABLE.to_numpy().sum()
    assert location_quotient(TABLE).mul(size, axis=0).sum().tolist() == pytest.approx([1, 1, 1])


def test_merging_two_equal_regions_changes_nothing() -> None:
    twice = pd.concat([TABLE, TABLE.loc[["r1"]].rename(index={"r1": "twin"})])
    merged = TABLE.copy()
    merged.loc["r1"] *= 2
    for measure in (location_quotient, *BY_REGION):
        one, two = measure(twice).loc[["r1", "r2"]], measure(merged).loc[["r1", "r2"]]
        np.testing.assert_allclose(one, two, rtol=1e-12)


@settings(max_examples=50, deadline=None)
@given(tables, st.randoms(use_true_random=False))
def test_order_and_names_of_regions_do_not_matter(rows: list[list[int]], random: Any) -> None:
    table = frame(rows)
    shuffled = list(table.index)
    random.shuffle(shuffled)
    for measure in (location_quotient, *BY_REGION):
        original, other = measure(table), measure(table.loc[shuffled])
        np.testing.assert_allclose(original.loc[shuffled], other, rtol=1e-12, atol=1e-12)
        np.testing.assert_array_equal(measure(table.rename(index=str.upper)), original)


@settings(max_examples=50, deadline=None)
@given(tables)
def test_bounds(rows: list[list[int]]) -> None:
    table = frame(rows)
    krugman, hachman = sp.krugman_index(table), sp.hachman_index(table)
    assert krugman.dropna().between(0, 2).all()
    assert hachman.dropna().between(0, 1 + 1e-12).all()
    assert (sp.entropy(table).dropna() <= np.log2(table.shape[1]) + 1e-12).all()
    empty = table.sum(axis=1) == 0
    for measure in BY_REGION:
        assert (measure(table).isna() == empty).all()


def test_empty_region_and_sector_have_no_quotient() -> None:
    table = pd.DataFrame({"a": [1, 0], "b": [0, 0]}, index=["r", "empty"])
    quotient = location_quotient(table)
    assert quotient.loc["r", "a"] == 1
    assert np.isnan(quotient.loc["empty"]).all()
    assert np.isnan(quotient["b"]).all()
    rows, columns = undefined(quotient)
    assert rows == {"empty": "undefined.empty_region"}
    assert columns == {"b": "undefined.empty_sector"}
    assert explain(quotient, "r", "a") is None
    assert explain(quotient, "empty", "a", "zh") == catalogue()["undefined.empty_region"]["zh"]


def test_reasons_survive_parquet(tmp_path: Any) -> None:
    quotient = location_quotient(pd.DataFrame({"a": [1, 0], "b": [2, 0]}, index=["r", "empty"]))
    quotient.to_parquet(tmp_path / "lq.parquet")
    again = pd.read_parquet(tmp_path / "lq.parquet")
    assert undefined(again) == undefined(quotient)


def test_table_of_nothing() -> None:
    nothing = pd.DataFrame({"a": [0.0], "b": [0.0]}, index=["r"])
    for measure in (location_quotient, *BY_REGION):
        assert np.isnan(measure(nothing)).all(axis=None)
        assert undefined(measure(nothing))[0] == {"r": "undefined.empty_region"}
    assert location_quotient(TABLE.iloc[:0]).empty


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_impossible_amounts_are_refused(bad: float) -> None:
    for measure in (location_quotient, *BY_REGION):
        with pytest.raises(ValueError, match="finite amounts"):
            measure(pd.DataFrame({"a": [bad, 1.0]}))


def test_repeated_labels_are_refused() -> None:
    with pytest.raises(MeasureError, match="Repeated labels among the regions: r"):
        location_quotient(pd.DataFrame({"a": [1, 2]}, index=["r", "r"]))


def test_inputs_stay_as_they_are() -> None:
    before = TABLE.copy(deep=True)
    for measure in (location_quotient, sp.presence, *BY_REGION):
        measure(TABLE)
    pd.testing.assert_frame_equal(TABLE, before)
    assert not TABLE.attrs


def test_stars(known: Callable[[str], Any]) -> None:
    file = known("stars")
    table = frame(file["input"]["emp"])
    totals = pd.Series(file["input"]["total"], index=table.index)
    stars = sp.cluster_stars(table, totals)[names.STARS].unstack(sort=False)
    assert stars.to_numpy().tolist() == file["expected"]["stars"]


def test_stars_of_nothing_and_of_too_small_totals() -> None:
    nothing = pd.DataFrame({"a": [0, 0], "b": [0, 3]}, index=["r", "t"])
    stars = sp.cluster_stars(nothing)[names.STARS].unstack(sort=False)
    assert stars["a"].tolist() == [0, 0]
    assert stars.loc["t", "b"] == 2  # quotient 1: all of the city's total is in that region
    with pytest.raises(MeasureError, match=r"t: 2 < 3"):
        sp.cluster_stars(nothing, pd.Series({"r": 1, "t": 2}))
    with pytest.raises(MeasureError, match="top_share"):
        sp.cluster_stars(nothing, top_share=0.0)
