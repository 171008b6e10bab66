"""Studies that several analyses look at."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from layout.core.study import Study


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def planted() -> Callable[..., Study]:
    """The function that makes such a study, with settings of its own."""
    made: Callable[..., Study] = _load("planted_study").planted_study
    return made


@pytest.fixture(scope="session")
def planted_city(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The demonstration city of 20,000 firms, straight from what was planted."""
    study: Study = _load("planted_study").planted_study(
        tmp_path_factory.mktemp("planted"), firms=20_000
    )
    return study
