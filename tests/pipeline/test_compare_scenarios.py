"""Scenarios compared: every figure is measured anew and the ledger balances."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from layout.core.errors import ParameterError
from layout.core.result import Result
from layout.core.study import Study
from layout.pipeline.compare_scenarios import BASE, compare_scenarios, layer_names, near_carriers
from layout.pipeline.export_result import export_result
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
def base(module_at: Callable[[str], ModuleType], tmp_path_factory: pytest.TempPathFactory) -> Study:
    made: Study = module_at("analyses/planted_study.py").planted_study(
        tmp_path_factory.mktemp("compare"), firms=4_000
    )
    return made


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


def test_names_with_signs_are_written_as_layers(base: Study, tmp_path: Path) -> None:
    alike = [parse_scenario(ADD.replace("grow", name)) for name in ("a-1", "A.1")]
    assert layer_names(alike) == ["scenario_a_1_1", "scenario_A_1_2"]
    assert layer_names([parse_scenario(MOVE), *alike[:1]]) == ["scenario_spread", "scenario_a_1"]
    made = compare_scenarios(base, alike, draws=20)
    written = export_result(made, tmp_path, lang="zh", formats=("gpkg",))
    assert [part.part for part in written] == layer_names(alike)
