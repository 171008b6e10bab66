"""The division of work on a study: proven, within its limits, contradictions named in words."""

from __future__ import annotations

import pytest

from layout.analyses.division import MODEL, NamedContradictionError, run
from layout.core.errors import FaultsError, ParameterError
from layout.core.result import Result
from layout.core.study import Study


@pytest.fixture(scope="module")
def result(planted_city: Study) -> Result:
    return run(planted_city, MODEL())


def test_optimum_is_proven_and_within_limits(result: Result) -> None:
    summary = result.tables["summary"].iloc[0]
    assert summary["proven"]
    assert summary["gap"] == 0
    matrix = result.tables["matrix"]
    assert matrix.shape == (11, 12)
    assert matrix.sum(axis=1).between(1, 3).all()
    assert matrix.sum(axis=0).between(1, 2).all()


def test_planted_strengths_are_led(result: Result) -> None:
    leads = result.tables["leads"]["sectors"]
    assert "S10" in leads["FT"]
    assert {"S11", "S12"} & set(leads["LH"].split(";"))


def test_alternatives_are_worse_and_near(result: Result) -> None:
    found = result.tables["alternatives"]
    assert len(found) == 5
    assert found["objective"].is_monotonic_decreasing
    assert found["loss"].between(0, 0.05).all()
    assert found["changes"].str.len().gt(0).all()


def test_fixed_and_forbidden_pairs_hold_and_cost(planted_city: Study, result: Result) -> None:
    params = MODEL(fixed=("DP=S01",), forbidden=("FT=S10",), alternatives=0)
    found = run(planted_city, params).tables
    assert found["matrix"].loc["DP", "S01"] == 1
    assert found["matrix"].loc["FT", "S10"] == 0
    priced = found["limit_costs"].set_index("kind")
    assert priced.loc["fixed", "cost"] > 0
    assert priced.loc["forbidden", "cost"] > 0
    assert "大鹏新区" in priced.loc["fixed", "zh"]
    free = result.tables["summary"]["objective"].iloc[0]
    assert found["summary"]["objective"].iloc[0] < free


def test_contradictions_are_named_in_both_languages(planted_city: Study) -> None:
    with pytest.raises(NamedContradictionError) as caught:
        run(planted_city, MODEL(fixed=("NS=S02",), forbidden=("NS=S02",)))
    assert "指定南山区牵头人工智能" in caught.value.message("zh")
    assert "Nanshan must not lead AI" in str(caught.value)
    with pytest.raises(NamedContradictionError, match="12 sectors are each led by at least 1"):
        run(planted_city, MODEL(most=1))


def test_unknown_ids_are_told_together(planted_city: Study) -> None:
    with pytest.raises(FaultsError) as caught:
        run(planted_city, MODEL(fixed=("XX=S02", "NS=S99", "nonsense")))
    assert len(caught.value.faults) == 3
    with pytest.raises(ParameterError):
        run(planted_city, MODEL(forbidden=("NS",)))
