"""Benchmarks and trials have the form that their runners expect, and keep to what they measure."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from benchmarks.case import Case
from benchmarks.run import MODULES, line, measured, promise
from benchmarks.validate import TRIALS

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"


def assigned(path: Path) -> set[str]:
    """Names that a module binds at its top level, without importing it."""
    names: set[str] = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names


@pytest.mark.parametrize("name", MODULES)
def test_a_benchmark_has_cases(name: str) -> None:
    assert "CASES" in assigned(FOLDER / f"{name}.py")


@pytest.mark.parametrize("name", TRIALS)
def test_a_trial_has_a_question_and_figures(name: str) -> None:
    assert {"QUESTION", "figures"} <= assigned(FOLDER / "trials" / f"{name}.py")


def test_a_broken_promise_is_told() -> None:
    case = Case("x", lambda: None, lambda _: None, at_most_s=0.5, at_least_ratio=10)
    assert promise(case, 0.4, 12.0) == ("at most 0.5 s, at least 10 times: kept", True)
    assert promise(case, 0.6, 12.0)[1] is False
    assert promise(case, 0.4, 9.0)[1] is False
    assert promise(case, 0.4, None)[1] is False


def test_a_row_is_measured_in_its_own_process() -> None:
    (case,) = __import__("benchmarks.startup", fromlist=["CASES"]).CASES
    cells, well = measured("startup", 0, case)
    assert cells[0] == case.name
    assert float(cells[1]) > 0
    assert well == (float(cells[1]) <= case.at_most_s)
    assert line(cells).count("|") == len(cells) + 1
