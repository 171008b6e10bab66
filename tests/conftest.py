"""Rules for the whole test run."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import hypothesis
import pytest

from layout.core.study import Study

SHARED = Path(__file__).resolve().parents[2] / "shared"
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

# Programs that the tests start should keep their byte code: without it each compiles all anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A test that is timed fails where the machine is busy.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, None, None]:
    """Streamlit's test of a page leaves its script as ``__main__``; worker processes run that."""
    main = sys.modules["__main__"]
    try:
        return (yield)
    finally:
        sys.modules["__main__"] = main


def _required(report: Report) -> Report:
    """Under ``REQUIRE_TOOLS=1`` what would be skipped for want of a program is a failure."""
    expected = hasattr(report, "wasxfail")
    if report.skipped and not expected and os.environ.get("REQUIRE_TOOLS") == "1":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"REQUIRE_TOOLS=1, and this was to be skipped. {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test may skip only where the public files beside the checkout are not there."""
    report = yield
    if item.get_closest_marker("shared_data") is not None and not SHARED.is_dir():
        return report
    return _required(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A whole module may not skip."""
    return _required((yield))


@pytest.fixture(scope="session")
def module_at() -> Callable[[str], ModuleType]:
    """Loads a file below ``tests`` that several tests build their cities with."""

    def load(path: str) -> ModuleType:
        file = Path(__file__).parent / path
        spec = importlib.util.spec_from_file_location(file.stem, file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


@pytest.fixture(scope="session")
def siting_study(
    module_at: Callable[[str], ModuleType], tmp_path_factory: pytest.TempPathFactory
) -> Study:
    """A small city with the layers that siting looks at."""
    made: Study = module_at("analyses/siting_city.py").build_city(tmp_path_factory.mktemp("siting"))
    return made
