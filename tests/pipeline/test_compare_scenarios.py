"""Scenarios compared: every figure is measured anew and the ledger balances."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from layout.core.errors import ParameterError
from layout.core.result import Result
from layout.core.study import Study
from layout.pipeline.compare_scenarios import BASE, compare_scenarios, near_carriers
from layout.scenarios.model import parse_scenario

MOVE = """
name: spread
changes:
  - {action: move, sector: S08, firms: 15, from: BA, to: LH}
  - {action: set_path, district: YT, path: emerging}
"""
ADD = """
name: grow
changes:
  - {action: add, sector: S12, firms: 25, to: DP}
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Study:
    path = Path(__file__).parents[1] / "analyses" / "planted_study.py"
    spec = importlib.util.spec_from_file_location("planted_study", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    study: Study = module.planted_study(tmp_path_factory.mktemp("compare"), firms=4_000)
    return study


@pytest.fixture(scope="module")
def result(base: Study) -> Result:
    return compare_scenarios(base, [parse_scenario(MOVE), parse_scenario(ADD)], draws=20)


def test_ledger_balances_to_the_last_yuan(result: Result) -> None:
    ledger = result.tables["ledger"]
    assert (ledger["firms_before"] + ledger["firms_added"] == ledger["firms_after"]).all()
    total = ledger["revenue_before_cny"] + ledger["revenue_added_cny"]
    assert (total == ledger["revenue_after_cny"]).all()
    assert ledger.loc["spread", "revenue_added_cny"] == 0
    assert ledger.loc["spread", "firms_moved"] == 15
    assert ledger.loc["grow", "firms_added"] == 25


def test_figures_move_as_the_changes_say(result: Result) -> None:
    figures = result.tables["figures"]
    assert figures.loc["tagged", "spread"] == figures.loc["tagged", BASE]
    assert figures.loc["tagged", "grow"] == figures.loc["tagged", BASE] + 25
    assert figures.loc["differentiation", "spread"] != figures.loc["differentiation", BASE]


def test_who_gains_and_who_loses(result: Result) -> None:
    districts = result.tables["districts"]
    assert districts.loc[("spread", "BA"), "tagged_change"] == -15
    assert districts.loc[("spread", "LH"), "tagged_change"] == 15
    assert districts.loc[("grow", "DP"), "tagged_change"] == 25
    assert districts.loc["spread"]["tagged_change"].sum() == 0
    assert districts.loc[("spread", "YT"), "path"] == "emerging"
    assert districts.loc[("spread", "YT"), "scored"] == districts.loc[(BASE, "YT"), "scored"]


def test_reach_needs_carriers(base: Study) -> None:
    from dataclasses import replace

    assert 0 < near_carriers(base) < 1
    assert near_carriers(replace(base, layers={})) != near_carriers(replace(base, layers={}))


def test_two_of_one_name_are_refused(base: Study) -> None:
    with pytest.raises(ParameterError, match="grow"):
        compare_scenarios(base, [parse_scenario(ADD), parse_scenario(ADD)])
