"""Concentration against EconGeo, REAT and PySAL, by hand, and under a dartboard."""

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
from layout.measures import concentration as co
from layout.measures.undefined import explain, undefined


def test_hoover_gini(known: Callable[[str], Any]) -> None:
    file = known("hoover_gini")
    given_, expected, tolerance = file["input"], file["expected"], file["tolerance"]
    table = pd.DataFrame(given_["matrix"], columns=["I1", "I2", "I3", "I4"], dtype=float)
    table["vector"] = given_["ind"]
    gini = co.hoover_gini(table, given_["pop"])
    index = co.hoover_index(table, given_["pop"])
    plain = co.hoover_gini(table, np.ones(5))
    wanted = [*expected["hoover_gini_cols"], expected["hoover_gini_vec"]]
    np.testing.assert_allclose(gini, np.array(wanted, dtype=float), atol=tolerance)
    wanted = [*expected["hoover_index_cols_pct"], expected["hoover_index_vec_pct"]]
    np.testing.assert_allclose(index * 100, np.array(wanted, dtype=float), atol=5e-3)
    assert plain["vector"] == pytest.approx(expected["gini_vec"], abs=tolerance)
    columns = expected["gini_cols_of_01"][2:]
    np.testing.assert_allclose(plain[["I3", "I4"]], columns, atol=tolerance)
    assert explain(gini, "I1") == "the sector has no amount anywhere"


def test_gini_takes_a_reference_by_label() -> None:
    table = pd.DataFrame({"s": [0.0, 1.0]}, index=["a", "b"])
    assert co.hoover_gini(table, pd.Series({"b": 1.0, "a": 3.0}))["s"] == pytest.approx(0.75)
    with pytest.raises(MeasureError, match="reference missing for: b"):
        co.hoover_gini(table, pd.Series({"a": 3.0}))
    with pytest.raises(MeasureError, match="3 values where 2"):
        co.hoover_gini(table, [1.0, 2.0, 3.0])
    nothing = co.hoover_gini(table, [0.0, 0.0])
    assert np.isnan(nothing["s"])
    assert undefined(nothing)[0] == {"s": "undefined.empty_reference"}


def test_region_without_reference_counts_in_full() -> None:
    table = pd.DataFrame({"s": [4.0, 0.0]})
    assert co.hoover_gini(table, [0.0, 1.0])["s"] == 1
    assert co.hoover_index(table, [0.0, 1.0])["s"] == 1


@pytest.mark.parametrize("case", ["A", "B"])
def test_locational_gini(case: str, known: Callable[[str], Any]) -> None:
    file = known("specialization")
    result = co.locational_gini(pd.DataFrame(file["cases"][case]["table"]))
    expected = file["cases"][case]["expected"]["locational_gini"]
    np.testing.assert_allclose(result, expected, rtol=0, atol=file["tolerance"])


def test_theil_by_hand() -> None:
    result = co.theil([1.0, 3.0])
    assert result.total == pytest.approx((0.5 * np.log(0.5) + 1.5 * np.log(1.5)) / 2)
    assert (result.between, result.within) == (0.0, result.total)
    assert co.theil([2.0, 2.0, 0.0, 0.0]).total == pytest.approx(np.log(2))
    assert co.theil([5.0, 5.0]).total == 0


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.sampled_from("abc")), min_size=1, max_size=30).filter(
        lambda rows: sum(v for v, _ in rows) > 1e-3
    )
)
def test_theil_adds_up(rows: list[tuple[float, str]]) -> None:
    values, groups = np.array([v for v, _ in rows]), np.array([g for _, g in rows])
    result = co.theil(values, groups)
    within = 0.0
    for group in set(groups):
        part = values[groups == group]
        within += part.sum() / values.sum() * np.nan_to_num(co.theil(part).total)
    assert result.within == pytest.approx(within, abs=1e-9)
    assert result.total == pytest.approx(result.between + result.within, abs=1e-12)
    assert result.between >= -1e-9


def test_theil_of_nothing_and_of_bad_groups() -> None:
    nothing = co.theil([0.0, 0.0])
    assert np.isnan(nothing.total)
    assert nothing.undefined == "undefined.no_total"
    with pytest.raises(MeasureError, match="groups has 1"):
        co.theil([1.0, 2.0], ["a"])
    with pytest.raises(MeasureError, match="finite amounts"):
        co.theil([1.0, np.nan])
    series, groups = pd.Series([1.0, 3.0], ["x", "y"]), pd.Series(["b", "a"], ["y", "x"])
    assert co.theil(series, groups).within == pytest.approx(0)


def test_ellison_glaeser_of_one_sector(known: Callable[[str], Any]) -> None:
    file = known("ellison_glaeser")
    given_, expected = file["single"]["input"], file["single"]["expected"]
    result = co.ellison_glaeser(
        given_["firm_emp"],
        ["s"] * len(given_["firm_emp"]),
        given_["firm_region"],
        reference=pd.Series(given_["region_emp"]),
    ).loc["s"]
    for ours, theirs in (
        (names.GAMMA, "gamma"),
        (names.RAW, "G"),
        (names.Z, "z"),
        (names.HERFINDAHL, "HHI"),
        (names.FIRMS, "K"),
    ):
        assert result[ours] == pytest.approx(expected[theirs], abs=file["tolerance"])
    assert result[names.GAMMA] == pytest.approx(expected["doc_value"], abs=5e-9)


def test_ellison_glaeser_and_maurel_sedillot_of_many(known: Callable[[str], Any]) -> None:
    file = known("ellison_glaeser")
    given_, expected = file["multi"]["input"], file["multi"]["expected"]
    firms = given_["firm_emp"], given_["industry"], given_["region"]
    glaeser = co.ellison_glaeser(*firms)
    assert list(glaeser.index) == expected["industries"]
    for ours, theirs in (
        (names.GAMMA, "gamma"),
        (names.GAMMA, "pysal_inequality_egg"),
        (names.RAW, "G"),
        (names.Z, "z"),
        (names.FIRMS, "K"),
        (names.HERFINDAHL, "HHI"),
    ):
        np.testing.assert_allclose(glaeser[ours], expected[theirs], atol=file["tolerance"])
    sedillot = co.maurel_sedillot(*firms)[names.GAMMA]
    for theirs in ("maurel_sedillot", "pysal_inequality_maurel_sedillot"):
        np.testing.assert_allclose(sedillot, expected[theirs], atol=file["tolerance"])


@pytest.mark.parametrize("reference", ["mean", "total"])
def test_coagglomeration_of_pairs(reference: Any, known: Callable[[str], Any]) -> None:
    file = known("ellison_glaeser")
    given_ = file["multi"]["input"]
    table = pd.crosstab(
        pd.Series(given_["region"]),
        pd.Series(given_["industry"]),
        values=pd.Series(given_["firm_emp"]),
        aggfunc="sum",
    ).fillna(0)
    pairs = co.coagglomeration_pairs(table, reference=reference)
    expected = np.array(file["multi"]["expected"][f"egk_x_{reference}_share"], dtype=float)
    np.testing.assert_allclose(pairs, expected, rtol=0, atol=file["tolerance"])
    assert list(pairs.columns) == file["multi"]["expected"]["industries"]


def test_coagglomeration_of_a_group(known: Callable[[str], Any]) -> None:
    file = known("ellison_glaeser")
    given_, expected = file["coagglomeration"]["input"], file["coagglomeration"]["expected"]
    reference = pd.Series(given_["region_emp"], index=given_["regions"])
    result = co.coagglomeration(
        given_["firm_emp"], given_["industry"], given_["region"], reference=reference
    )
    assert result.gamma_c == pytest.approx(expected["gamma_c"], abs=1e-12)
    np.testing.assert_allclose(result.gamma, expected["gamma_i"], atol=1e-12)
    assert result.undefined is None


def test_nothing_beyond_chance_on_a_dartboard() -> None:
    rng = np.random.default_rng(8)
    chances = np.array([0.4, 0.3, 0.2, 0.1])
    reference = pd.Series(chances * 1e6)
    sectors = np.repeat(np.arange(2000), 30)
    sizes = rng.pareto(2.0, sectors.size) + 1
    result = co.ellison_glaeser(
        sizes, sectors, rng.choice(4, sectors.size, p=chances), reference=reference
    )
    gamma, z = result[names.GAMMA], result[names.Z]
    assert abs(gamma.mean()) < 4 * gamma.std() / np.sqrt(2000)
    assert abs(z.mean()) < 0.1  # 4.5 standard errors
    assert z.std() == pytest.approx(1, abs=0.15)  # the variance is the right one
    sedillot = co.maurel_sedillot(
        sizes, sectors, rng.choice(4, sectors.size, p=chances), reference=reference
    )[names.GAMMA]
    assert abs(sedillot.mean()) < 4 * sedillot.std() / np.sqrt(2000)


def test_firms_of_one_place_and_order_do_not_matter() -> None:
    rng = np.random.default_rng(2)
    sizes, sectors, regions = rng.integers(1, 9, 60), rng.integers(0, 3, 60), rng.integers(0, 4, 60)
    order = rng.permutation(60)
    for measure in (co.ellison_glaeser, co.maurel_sedillot):
        one = measure(sizes, sectors, regions)
        two = measure(sizes[order], sectors[order], np.array(list("wxyz"))[regions[order]])
        pd.testing.assert_frame_equal(one, two)


def test_bad_firms() -> None:
    table = co.ellison_glaeser(
        [5.0, np.nan, 0.0, 2.0, 2.0],
        ["one", "one", "none", "two", "two"],
        ["a", "b", "a", "a", "b"],
    )
    assert undefined(table)[0] == {"one": "undefined.one_plant", "none": "undefined.empty_sector"}
    assert table.loc["one", names.MISSING] == 1
    assert table.loc[["one", "none"], names.GAMMA].isna().all()
    assert np.isfinite(table.loc["two", names.GAMMA])
    alone = co.ellison_glaeser([1.0, 2.0], ["s", "s"], ["a", "a"])
    assert undefined(alone)[0] == {"s": "undefined.one_region"}
    assert np.isnan(alone.loc["s", names.GAMMA])
    assert co.ellison_glaeser([], [], []).empty
    with pytest.raises(MeasureError, match="finite amounts"):
        co.ellison_glaeser([-1.0], ["s"], ["a"])
    with pytest.raises(MeasureError, match="regions has 1"):
        co.ellison_glaeser([1.0, 2.0], ["s", "s"], ["a"])
    with pytest.raises(MeasureError, match="sectors missing for: firm 1"):
        co.ellison_glaeser([1.0, 2.0], ["s", None], ["a", "b"])
    with pytest.raises(MeasureError, match="reference missing for: b"):
        co.ellison_glaeser([1.0], ["s"], ["b"], reference=pd.Series({"a": 1.0}))


def test_group_that_is_no_group() -> None:
    assert co.coagglomeration([1.0, 2.0], ["s", "s"], ["a", "b"]).undefined == (
        "undefined.one_sector"
    )
    assert co.coagglomeration([1.0, 2.0], ["s", "t"], ["a", "a"]).undefined == (
        "undefined.one_region"
    )
    assert co.coagglomeration([0.0], ["s"], ["a"]).undefined == "undefined.no_total"
    pairs = co.coagglomeration_pairs(pd.DataFrame({"s": [1, 2], "none": [0, 0], "t": [3, 1]}))
    assert pairs["none"].isna().all()
    assert undefined(pairs)[1] == {"none": "undefined.empty_sector"}
    assert np.isfinite(pairs.loc["s", "t"])
