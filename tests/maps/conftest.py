"""A small study with hostile names, an invented tagger, and the assets where they are built."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from layout.core.resources import static_dir
from layout.core.study import Study
from maps.assets.manifest import MANIFEST


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


small = _load("small_study")


@dataclass(frozen=True)
class Evidence:
    """What the tagger tells, without a tagger."""

    sector: str
    kind: str
    value: str


def tell(scope: str, code: str) -> tuple[Evidence, ...]:
    """Evidence for S02 only."""
    return (Evidence("S02", "phrase", "人工智能<b>"), Evidence("S02", "code", code))


@pytest.fixture(scope="session")
def explain() -> Callable[[str, str], tuple[Evidence, ...]]:
    return tell


@pytest.fixture(scope="session")
def hostile() -> tuple[str, ...]:
    return small.HOSTILE


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return small.build_study(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="session")
def assets() -> Path:
    if not (static_dir() / MANIFEST).is_file():
        pytest.skip("the browser assets are not built; run python -m maps.assets")
    return static_dir()
