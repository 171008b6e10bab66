"""Decisions by several criteria against pymcdm and textbooks, by hand, and in what must hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from layout.core.errors import MeasureError
from layout.measures import multicriteria as mc
from layout.measures.undefined import undefined

TABLES = arrays(
    "float64",
    st.tuples(st.integers(3, 7), st.integers(2, 5)),
    elements=st.integers(1, 60).map(float),
)


def frame(values: Any) -> pd.DataFrame:
    array = np.asarray(values, dtype=float)
    return pd.DataFrame(
        array,
        index=[f"A{i}" for i in range(len(array))],
        columns=[f"c{j}" for j in range(array.shape[1])],
    )


@pytest.fixture
def case(known: Callable[[str], Any]) -> Callable[[str], Any]:
    """The case of ``mcdm.json`` whose name begins so."""
    cases = known("mcdm")["cases"]
    return lambda start: next(c for c in cases if c["name"].startswith(start))


def test_entropy_weights_and_topsis_equal_pymcdm(known: Callable[[str], Any]) -> None:
    file = known("entropy_topsis")
    table, expected = frame(file["input"]["X"]), file["expected"]
    weights = mc.entropy_weights(table)
    assert weights.to_list() == pytest.approx(expected["entropy_weights"], abs=1e-9)
    assert list(weights.attrs["entropy"].values()) == pytest.approx(expected["entropy"], abs=1e-9)
    for normaliser, key in (
        ("vector", "topsis_closeness_vector_norm"),
        ("minmax", "topsis_pymcdm_minmax"),
    ):
        closeness = mc.topsis(
            table, weights, normaliser=normaliser, directions=file["input"]["types"]
        )
        assert closeness.to_list() == pytest.approx(expected[key], abs=1e-9), normaliser


def test_entropy_weights_allow_zeros(known: Callable[[str], Any]) -> None:
    zero = known("entropy_topsis")["zero_case"]
    weights = mc.entropy_weights(frame(zero["input"]))
    assert weights.to_list() == pytest.approx(zero["expected_entropy_weights"], abs=1e-9)


def test_entropy_is_over_the_log_of_the_alternatives(case: Callable[[str], Any]) -> None:
    entropy = case("Entropy weights 2x2")
    weights = mc.entropy_weights(frame(entropy["input"]["matrix"])).to_list()
    assert weights == pytest.approx(entropy["expected"], abs=1e-5)
    assert weights != pytest.approx(entropy["run_here"]["numpy_base10"], abs=1e-2)


def test_the_normaliser_of_topsis_turns_the_order(case: Callable[[str], Any]) -> None:
    topsis = case("TOPSIS Opricovic")
    table, given_ = frame(topsis["input"]["matrix"]), topsis["input"]
    for normaliser, key, first in (
        ("minmax", "numpy_minmax", "A1"),
        ("vector", "numpy_vector", "A0"),
    ):
        closeness = mc.topsis(
            table, given_["weights"], normaliser=normaliser, directions=given_["types"]
        )
        assert closeness.to_list() == pytest.approx(topsis["run_here"][key], abs=1e-9)
        assert closeness.idxmax() == first
    with pytest.raises(TypeError):
        mc.topsis(table, given_["weights"])  # type: ignore[call-arg]


def test_promethee_ii_equals_the_example(case: Callable[[str], Any]) -> None:
    example = case("PROMETHEE II")
    flows = mc.promethee_ii(frame(example["input"]["matrix"]), example["input"]["weights"])
    assert flows["net"].to_list() == pytest.approx(example["run_here"]["pymcdm"], abs=1e-12)
    assert flows["net"].sum() == pytest.approx(0, abs=1e-12)


def test_merec_equals_the_paper(case: Callable[[str], Any]) -> None:
    merec = case("MEREC")
    weights = mc.merec_weights(
        frame(merec["input"]["matrix"]), directions=merec["input"]["types"]
    ).to_list()
    assert weights == pytest.approx(merec["expected"], abs=5e-5)
    assert weights == pytest.approx(merec["run_here"]["pymcdm"], abs=1e-9)


def judgments(values: Any) -> pd.DataFrame:
    names = [f"c{i}" for i in range(len(values))]
    return pd.DataFrame(values, index=names, columns=names, dtype=float)


def test_ahp_equals_the_worked_example(case: Callable[[str], Any]) -> None:
    example = case("AHP 3x3 worked")
    expected = example["run_here"]
    for table, key in (("saaty", "CR_saaty"), ("tummala_ling", "CR_tummala_ling")):
        ahp = mc.ahp_weights(judgments(example["input"]["matrix"]), random_index=table)
        assert ahp.weights.to_list() == pytest.approx(expected["weights"], abs=1e-9)
        assert ahp.lambda_max == pytest.approx(expected["lambda_max"], abs=1e-9)
        assert ahp.index == pytest.approx(expected["CI"], abs=1e-9)
        assert ahp.ratio == pytest.approx(expected[key], abs=1e-6)
        assert ahp.random_index == table


def test_ahp_refuses_a_circle(case: Callable[[str], Any]) -> None:
    with pytest.raises(MeasureError) as fault:
        mc.ahp_weights(judgments(case("AHP 3x3 cyclic")["input"]["matrix"]))
    assert fault.value.values["ratio"] == "1.149"


def test_ahp_names_the_worst_judgment() -> None:
    weights = np.array([0.4, 0.3, 0.2, 0.1])
    table = weights[:, None] / weights[None, :]
    table[0, 3], table[3, 0] = 1 / 5, 5.0  # 4 as all others say; given the other way round
    with pytest.raises(MeasureError) as fault:
        mc.ahp_weights(judgments(table))
    assert {fault.value.values["first"], fault.value.values["second"]} == {"c0", "c3"}
    assert float(str(fault.value.values["ratio"])) >= 0.1
    assert "c3" in fault.value.message("zh")


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ((0, 1, 4.0), "error.ahp_reciprocal"),
        ((1, 1, 2.0), "error.ahp_reciprocal"),
        ((0, 1, -3.0), "error.ahp_reciprocal"),
        ((0, 1, float("nan")), "error.ahp_reciprocal"),
    ],
)
def test_ahp_refuses_what_is_no_judgment(change: tuple[int, int, float], key: str) -> None:
    table = judgments([[1, 2], [0.5, 1]])
    table.iat[change[0], change[1]] = change[2]
    with pytest.raises(MeasureError) as fault:
        mc.ahp_weights(table)
    assert fault.value.key == key


def test_ahp_refuses_more_criteria_than_the_random_index_has() -> None:
    with pytest.raises(MeasureError, match="5"):
        mc.ahp_weights(judgments(np.ones((6, 6))), random_index="tummala_ling")


def test_random_index_is_the_mean_of_random_judgments() -> None:
    """Seeded simulation; 2,000 matrices of size 5 have a standard error of about 0.013."""
    random = np.random.default_rng(5)
    scale = np.concatenate([1 / np.arange(9.0, 1.0, -1.0), np.arange(1.0, 10.0)])
    upper = np.triu_indices(5, 1)
    found = []
    for _ in range(2000):
        table = np.ones((5, 5))
        table[upper] = random.choice(scale, len(upper[0]))
        table[upper[::-1]] = 1 / table[upper]
        found.append((np.linalg.eigvals(table).real.max() - 5) / 4)
    assert np.mean(found) == pytest.approx(mc.RANDOM_INDEX["alonso_lamata"][4], abs=0.04)


def test_critic_weights_by_hand() -> None:
    # c0 and c1 are the same, c2 is their opposite: r = 1, −1, −1 and equal deviations,
    # so the conflicts are 0 + 2, 0 + 2 and 2 + 2
    table = frame([[1, 10, 9], [2, 20, 8], [3, 30, 7]])
    assert mc.critic_weights(table).to_list() == pytest.approx([0.25, 0.25, 0.5])
    turned = mc.critic_weights(table, directions=[1, 1, -1])
    assert undefined(turned)[0] == dict.fromkeys(table.columns, "undefined.no_variation")


def test_spotis_by_hand() -> None:
    table = frame([[10, 3], [5, 1]])
    distance = mc.spotis(
        table, [0.6, 0.4], bounds={"c0": (0, 20), "c1": (1, 5)}, directions=[1, -1]
    )
    assert distance.to_list() == pytest.approx([0.6 * 0.5 + 0.4 * 0.5, 0.6 * 0.75])
    with pytest.raises(MeasureError, match="A0 × c0 = 10"):
        mc.spotis(table, [0.6, 0.4], bounds={"c0": (0, 9), "c1": (1, 5)})


def test_owa_between_best_and_worst() -> None:
    table = frame([[0.2, 0.9, 0.4], [0.5, 0.5, 0.5]])
    assert mc.owa(table, [1, 0, 0]).to_list() == pytest.approx([0.9, 0.5])
    assert mc.owa(table, [0, 0, 1]).to_list() == pytest.approx([0.2, 0.5])
    third = [1 / 3] * 3
    mean = mc.owa(table, third, weights=[0.5, 0.25, 0.25])
    assert mean.to_list() == pytest.approx(mc.additive(table, [0.5, 0.25, 0.25]).to_list())
    assert [mc.owa(table, w).attrs["orness"] for w in ([1, 0, 0], third, [0, 0, 1])] == (
        pytest.approx([1, 0.5, 0])
    )


def test_normalisers_by_hand() -> None:
    table = frame([[0, 4], [5, 2], [10, np.nan]])
    down = {"c0": 1, "c1": -1}
    bounds = {"c0": (0.0, 20.0), "c1": (2.0, 3.0)}
    shown = mc.normalised(table, normaliser="bounds", directions=down, bounds=bounds)
    assert shown.to_numpy() == pytest.approx(
        np.array([[0, 0], [0.25, 1], [0.5, np.nan]]), nan_ok=True
    )
    shown = mc.normalised(table, normaliser="minmax", directions=down)
    assert shown.to_numpy() == pytest.approx(np.array([[0, 0], [0.5, 1], [1, np.nan]]), nan_ok=True)
    shown = mc.normalised(table, normaliser="rank", directions=down)
    assert shown.to_numpy() == pytest.approx(np.array([[0, 0], [0.5, 1], [1, np.nan]]), nan_ok=True)
    shown = mc.normalised(table, normaliser="z", directions=down)
    deviation = np.sqrt(2 / 3) * 5
    assert shown["c0"].to_list() == pytest.approx([-5 / deviation, 0, 5 / deviation])
    assert shown["c1"].to_list() == pytest.approx([-1, 1, np.nan], nan_ok=True)


def test_a_criterion_that_does_not_vary_says_so() -> None:
    table = frame([[3, 1], [3, 2]])
    for normaliser in ("minmax", "z", "rank"):
        shown = mc.normalised(table, normaliser=normaliser)
        assert shown["c0"].isna().all()
        assert undefined(shown)[1] == {"c0": "undefined.no_variation"}
    assert mc.entropy_weights(table).to_list() == [0, 1]
    assert mc.critic_weights(table).to_list() == [0, 1]
    assert mc.merec_weights(table).to_list() == [0, 1]
    assert mc.topsis(frame([[3, 1], [3, 1]]), [0.5, 0.5], normaliser="vector").isna().all()


def test_unknown_stays_out_or_is_made_up_for_by_the_known() -> None:
    table = frame([[0.2, 0.8], [0.5, np.nan]])
    score = mc.additive(table, [0.25, 0.75])
    assert score.to_list() == pytest.approx([0.65, np.nan], nan_ok=True)
    assert undefined(score)[0] == {"A1": "undefined.missing_value"}
    assert mc.additive(table, [0.25, 0.75], missing="rescale").to_list() == pytest.approx(
        [0.65, 0.5]
    )
    geometric = mc.geometric(table, [0.25, 0.75], missing="rescale")
    assert geometric.to_list() == pytest.approx([0.2**0.25 * 0.8**0.75, 0.5])


def test_a_zero_makes_a_geometric_mean_zero_unless_it_is_lifted() -> None:
    table = frame([[0.0, 1.0]])
    assert mc.geometric(table, [0.5, 0.5])["A0"] == 0
    assert mc.geometric(table, [0.5, 0.5], floor=0.01)["A0"] == pytest.approx(0.1)
    with pytest.raises(MeasureError, match="geometric"):
        mc.geometric(frame([[-1.0, 1.0]]), [0.5, 0.5])


@pytest.mark.parametrize("weights", [[0.5, 0.6], [0.0, 0.0], [1.5, -0.5], [np.nan, 1.0], [1.0]])
def test_weights_that_do_not_sum_are_refused(weights: list[float]) -> None:
    table = frame([[1, 2], [3, 1]])
    for method in (
        lambda: mc.topsis(table, weights, normaliser="vector"),
        lambda: mc.promethee_ii(table, weights),
        lambda: mc.additive(table, weights),
        lambda: mc.geometric(table, weights),
    ):
        with pytest.raises(MeasureError):
            method()


def test_rescaling_weights_is_asked_for_and_not_silent() -> None:
    assert mc.rescaled_weights({"a": 2.0, "b": 6.0}).to_dict() == {"a": 0.25, "b": 0.75}
    with pytest.raises(MeasureError):
        mc.rescaled_weights({"a": 0.0, "b": 0.0})


@pytest.mark.parametrize(
    "preference", ["usual", "u_shape", "v_shape", "level", "linear", "gaussian"]
)
def test_promethee_flows_by_brute_force(preference: str) -> None:
    values = np.random.default_rng(3).uniform(0, 10, (6, 3))
    weights, low, high = [0.2, 0.5, 0.3], [1.0, 0.5, 0.0], [3.0, 2.0, 4.0]
    degree: dict[str, Callable[[float, float, float], float]] = {
        "usual": lambda d, q, p: float(d > 0),
        "u_shape": lambda d, q, p: float(d > q),
        "v_shape": lambda d, q, p: min(max(d / p, 0), 1),
        "level": lambda d, q, p: 0.0 if d <= q else 0.5 if d <= p else 1.0,
        "linear": lambda d, q, p: min(max((d - q) / (p - q), 0), 1),
        "gaussian": lambda d, q, p: 1 - np.exp(-(d**2) / (2 * p**2)) if d > 0 else 0.0,
    }
    pairs = np.array(
        [
            [
                sum(
                    w * degree[preference](a - b, q, p)
                    for w, a, b, q, p in zip(weights, one, other, low, high, strict=True)
                )
                for other in values
            ]
            for one in values
        ]
    )
    flows = mc.promethee_ii(
        frame(values), weights, preference=preference, indifference=low, full=high
    )
    assert flows["net"].to_list() == pytest.approx((pairs.sum(1) - pairs.sum(0)) / 5)
    with pytest.raises(MeasureError):
        mc.promethee_ii(frame(values), weights, preference="linear")


@settings(max_examples=40, deadline=None)
@given(TABLES)
def test_weights_sum_to_one_and_forget_the_unit(values: np.ndarray) -> None:
    table = frame(values)
    for method in (mc.entropy_weights, mc.critic_weights, mc.merec_weights):
        weights = method(table)
        if weights.isna().any():
            assert set(undefined(weights)[0]) == set(table.columns)
            continue
        assert weights.sum() == pytest.approx(1)
        assert (weights >= 0).all()
        again = method(table * 7.0)
        assert weights.to_list() == pytest.approx(again.to_list(), abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(TABLES, st.randoms(use_true_random=False))
def test_order_of_rows_and_columns_does_not_matter(values: np.ndarray, chance: Any) -> None:
    table = frame(values)
    weights = mc.equal_weights(table.columns)
    rows, columns = list(table.index), list(table.columns)
    chance.shuffle(rows)
    chance.shuffle(columns)
    for method in (
        lambda t: mc.topsis(t, weights, normaliser="vector"),
        lambda t: mc.topsis(t, weights, normaliser="minmax"),
        lambda t: mc.promethee_ii(t, weights)["net"],
        lambda t: mc.additive(mc.by_rank(t), weights, missing="rescale"),
    ):
        pd.testing.assert_series_equal(
            method(table).loc[rows], method(table.loc[rows, columns]), check_exact=False, atol=1e-9
        )


def test_a_dominating_alternative_is_first_and_bounds_keep_ranks() -> None:
    table = frame([[3, 9], [2, 5], [2.5, 7]])
    bounds = {"c0": (0.0, 10.0), "c1": (0.0, 10.0)}
    weights = [0.5, 0.5]
    assert mc.topsis(table, weights, normaliser="bounds", bounds=bounds).idxmax() == "A0"
    assert mc.spotis(table, weights, bounds=bounds).idxmin() == "A0"
    more = pd.concat([table, pd.DataFrame([[9.0, 0.1]], index=["new"], columns=table.columns)])
    for method in (
        lambda t: mc.topsis(t, weights, normaliser="bounds", bounds=bounds),
        lambda t: mc.spotis(t, weights, bounds=bounds),
    ):
        pd.testing.assert_series_equal(method(more)[table.index], method(table))


def test_shaken_weights_have_the_set_ones_as_their_mean() -> None:
    weights = {"a": 0.6, "b": 0.4, "c": 0.0}
    draws = mc.weight_draws(
        weights, draws=4000, concentration=50, seed=1, columns=pd.Index(["a", "b", "c"])
    )
    assert draws.sum(axis=1) == pytest.approx(1)
    assert (draws[:, 2] == 0).all()
    # standard error of the mean: sqrt(0.24 / 51 / 4000) = 0.0011
    assert draws.mean(axis=0) == pytest.approx([0.6, 0.4, 0], abs=0.005)
    assert draws[:, 0].std() == pytest.approx(np.sqrt(0.24 / 51), rel=0.05)


def test_rank_intervals_by_hand() -> None:
    scores = np.array([[3.0, 2.0, np.nan]] * 8 + [[1.0, 2.0, np.nan]] * 2)
    ranks = mc.rank_intervals(scores, labels=pd.Index(["x", "y", "z"]), level=0.9)
    assert ranks.loc["x"].to_list() == pytest.approx([1, 2, 1.2, 0.8])
    assert ranks.loc["z"].isna().all()
    assert undefined(ranks)[0] == {"z": "undefined.missing_value"}
