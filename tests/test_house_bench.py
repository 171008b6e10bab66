"""Benchmarks and trials have the form that their runners expect, and keep to what they measure."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from benchmarks.case import Case
from benchmarks.page import cells, line, page
from benchmarks.run import MODULES, kept_rows, measured, promise
from benchmarks.validate import REPORT, TRIALS, kept_sections
from benchmarks.validate import page as validation

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


def test_a_bar_that_is_not_met_is_told() -> None:
    case = Case("x", lambda: None, lambda _: None, at_most_s=0.5, at_least_ratio=10)
    met = "at most 0.5 s: met; at least 10 times less: met"
    assert promise(case, 0.4, 12.0, 90) == (met, True)
    assert promise(case, 0.6, 12.0, 90)[1] is False
    assert promise(case, 0.4, 9.0, 90) == (
        "at most 0.5 s: met; at least 10 times less: SHORT, it is 9", False
    )  # fmt: skip
    assert promise(case, 0.4, None, 90)[1] is False
    floor = Case("x", lambda: None, lambda _: None, at_most_times=5, at_most_mb=100)
    assert promise(floor, 4, 0.25, 90)[1] is True
    assert promise(floor, 4, 0.1, 90)[1] is False
    assert promise(floor, 4, 0.25, 110)[1] is False


def test_a_row_is_measured_in_its_own_process() -> None:
    (case,) = __import__("benchmarks.startup", fromlist=["CASES"]).CASES
    row, well = measured("startup", 0, case, {})
    told = cells(row)
    assert told[0] == case.name
    assert float(told[1]) > 0
    assert well == (row["ours_s"] <= case.at_most_s)
    assert line(told).count("|") == len(told) + 1


def test_the_page_has_every_row_that_is_kept() -> None:
    text = page(kept_rows())
    for row in kept_rows():
        assert line(cells(row)) in text


def test_the_page_of_validation_is_what_is_kept() -> None:
    assert REPORT.read_text("utf-8") == validation(kept_sections())
