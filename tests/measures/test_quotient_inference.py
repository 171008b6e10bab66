"""Tests and intervals of location quotients against scipy, esda and brute force."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout.core import measure_columns as names
from layout.core.errors import MeasureError
from layout.measures.hypergeometric import hypergeometric_tails
from layout.measures.significance import adjust_fdr, needs_refinement, two_sided_p
from layout.measures.specialization import location_quotient_inference
from layout.measures.undefined import explain


def infer(x: list[int], n: list[int]) -> pd.DataFrame:
    labels = [f"r{i}" for i in range(len(x))]
    table = pd.DataFrame({"s": x}, index=labels)
    return location_quotient_inference(table, pd.Series(n, index=labels)).xs("s", level=1)


def test_reference(known: Callable[[str], Any]) -> None:
    file = known("lq_inference")
    expected, tolerance = file["expected"], file["tolerance"]
    result = infer(file["input"]["x"], file["input"]["n"])
    pairs = {
        names.LQ: "lq",
        names.P_OVER: "p_over_hypergeom",
        names.P_UNDER: "p_under_hypergeom",
        names.P_OVER_BINOMIAL: "p_over_binom",
        "q_over_bh": "p_bh",
        "q_over_by": "p_by",
        names.RATE_Z: "assuncao_z",
        names.LOG_SE: "log_lq_se",
        names.SHRUNK_RATE: "eb_rate",
        names.SHRUNK: "eb_lq",
    }
    for ours, theirs in pairs.items():
        wanted = np.array(expected[theirs], dtype="float64")  # null: undefined
        np.testing.assert_allclose(result[ours], wanted, rtol=0, atol=tolerance, err_msg=ours)
    assert (result[names.PRIOR_VARIANCE] == 0).all()  # raw variance is negative: truncated
    assert expected["eb_prior_variance_raw"] < 0


def test_reference_with_overdispersion(known: Callable[[str], Any]) -> None:
    case = known("lq_inference")["overdispersed"]
    result = infer(case["input"]["x"], case["input"]["n"])
    for ours, theirs in ((names.SHRUNK_RATE, "eb_rate"), (names.SHRUNK, "eb_lq")):
        np.testing.assert_allclose(result[ours], case["expected"][theirs], rtol=0, atol=1e-9)
    np.testing.assert_allclose(result[names.SHRUNK_RATE], case["expected"]["esda_eb_rate"])
    assert result[names.PRIOR_VARIANCE].iloc[0] == pytest.approx(
        case["expected"]["eb_prior_variance"], abs=1e-12
    )


def test_fdr_reference(known: Callable[[str], Any]) -> None:
    file = known("lq_inference")
    p = np.array(file["input"]["fdr_p"])
    q = adjust_fdr(p)
    np.testing.assert_allclose(q, file["expected"]["bh_adjusted_of_fdr_p"], rtol=1e-12)
    # esda gives the highest line i/m·alpha that some p keeps: 4/10 · 0.05
    alpha = file["input"]["alpha"]
    rejected = int((q <= alpha).sum())
    assert rejected / len(p) * alpha == pytest.approx(file["expected"]["esda_fdr_threshold"])


def test_fdr_by_brute_force() -> None:
    rng = np.random.default_rng(3)
    p = rng.random(40) ** 3
    for method, factor in (("bh", 1.0), ("by", sum(1 / k for k in range(1, 41)))):
        order = np.sort(p)
        brute = [min(1, min(factor * 40 / (j + 1) * order[j] for j in range(40) if order[j] >= v))
                 for v in p]  # fmt: skip
        np.testing.assert_allclose(adjust_fdr(p, method=method), brute, rtol=1e-12)


def test_fdr_leaves_out_what_was_not_tested() -> None:
    series = pd.Series([0.01, np.nan, 0.04], index=["a", "b", "c"])
    q = adjust_fdr(series)
    assert q["a"] == pytest.approx(0.02)
    assert q["c"] == pytest.approx(0.04)
    assert np.isnan(q["b"])
    assert adjust_fdr(np.array([])).size == 0
    with pytest.raises(MeasureError, match="bh, by"):
        adjust_fdr(series, method="holm")  # type: ignore[arg-type]


def test_fdr_is_kept_under_the_null() -> None:
    rng = np.random.default_rng(11)
    trials = [float((adjust_fdr(rng.random(200)) <= 0.1).any()) for _ in range(400)]
    # under the global null, FDR is the share of trials with a rejection: 0.1 ± 3 sd (0.015)
    assert 0.055 < np.mean(trials) < 0.145


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=2, max_size=5).filter(
        lambda rows: sum(a for a, _ in rows) > 0
    )
)
def test_hypergeometric_tails_by_counting(rows: list[tuple[int, int]]) -> None:
    x, n = [a for a, _ in rows], [a + b for a, b in rows]
    total, sector = sum(n), sum(x)
    result = infer(x, n)
    for i, (a, size) in enumerate(zip(x, n, strict=True)):
        if size == 0:
            assert np.isnan(result[names.P_OVER].iloc[i])
            continue
        ways = [math.comb(sector, k) * math.comb(total - sector, size - k) for k in range(size + 1)]
        every = math.comb(total, size)
        assert result[names.P_OVER].iloc[i] == pytest.approx(sum(ways[a:]) / every, abs=1e-12)
        assert result[names.P_UNDER].iloc[i] == pytest.approx(sum(ways[: a + 1]) / every, abs=1e-12)


def test_hypergeometric_tails_of_large_tables() -> None:
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(1)
    drawn = rng.integers(0, 5000, 200)
    good = rng.integers(0, 900_000, 200)
    x = np.clip(rng.poisson(drawn * good / 1e6) + rng.integers(-40, 40, 200), 0, None)
    x = np.minimum(np.minimum(x, drawn), good)
    tails = hypergeometric_tails(*(np.asarray(v, dtype=float) for v in (x, 1e6, good, drawn)))
    np.testing.assert_allclose(tails[0], stats.hypergeom.sf(x - 1, 10**6, good, drawn), rtol=1e-7)
    np.testing.assert_allclose(tails[1], stats.hypergeom.cdf(x, 10**6, good, drawn), rtol=1e-7)


def test_hypergeometric_tail_is_never_zero() -> None:
    one = np.array([5000.0])
    upper, lower = hypergeometric_tails(one, 1e6, one, one)[:, 0]
    assert 0 < upper < 1e-300
    assert lower == 1


def test_interval_covers_at_its_level() -> None:
    rng = np.random.default_rng(5)
    chances = rng.dirichlet([5.0] * 6)
    inside = []
    for _ in range(150):
        cells = rng.multinomial(2000, np.concatenate([0.2 * chances, 0.8 * chances]))
        result = infer(list(cells[:6]), list(cells[:6] + cells[6:]))
        inside.append((result[names.LOW] <= 1) & (result[names.HIGH] >= 1))
    assert 0.93 < np.mean(inside) < 0.97


def test_few_firms_without_a_hit_are_not_weak() -> None:
    result = infer([0, 53], [4, 442])
    assert result[names.LQ].iloc[0] == 0
    assert result[names.P_UNDER].iloc[0] > 0.5
    assert result[names.LOW].iloc[0] == 0
    assert result[names.HIGH].iloc[0] > 3
    assert np.isnan(result[names.LOG_SE].iloc[0])


def test_reasons() -> None:
    table = pd.DataFrame({"s": [3, 0, 0], "none": [0, 0, 0], "t": [5, 4, 0]}, index=list("abc"))
    result = location_quotient_inference(table)
    assert explain(result, ("c", "s")) == "the region has no amount at all"
    assert explain(result, ("a", "none")) == "the sector has no amount anywhere"
    assert explain(result, ("b", "s")).startswith("no firm of the sector")
    assert explain(result, ("a", "s")) is None
    assert result.loc[("c", "s"), [names.LQ, names.P_OVER, names.SHRUNK]].isna().all()


def test_one_region_holds_everything() -> None:
    result = infer([3], [9])
    assert result[names.LQ].iloc[0] == 1
    assert result[names.P_OVER].iloc[0] == 1
    assert np.isnan(result[names.LOG_SE].iloc[0])
    assert infer([3, 0], [3, 0])[names.SHRUNK].iloc[0] == pytest.approx(1)


def test_fractional_counts_have_no_exact_test() -> None:
    with pytest.raises(MeasureError, match=r"whole counts.* 0\.5"):
        location_quotient_inference(pd.DataFrame({"s": [0.5, 2.0]}))


def test_p_values_of_simulations() -> None:
    assert two_sided_p(0, 999, 999) == pytest.approx(0.002)
    assert two_sided_p(600, 500, 999) == 1
    assert needs_refinement(np.array([0.002, 0.004, 0.006]), 999).tolist() == [True, True, False]
