"""The study that scenarios change."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from layout.core.study import Study


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A planted city of 4,000 firms."""
    path = Path(__file__).parents[1] / "analyses" / "planted_study.py"
    spec = importlib.util.spec_from_file_location("planted_study", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    study: Study = module.planted_study(tmp_path_factory.mktemp("base"), firms=4_000)
    return study
