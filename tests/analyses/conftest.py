"""Studies that several analyses look at."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

from layout.core.study import Study


@pytest.fixture(scope="session")
def planted(module_at: Callable[[str], ModuleType]) -> Callable[..., Study]:
    """The function that makes such a study, with settings of its own."""
    made: Callable[..., Study] = module_at("analyses/planted_study.py").planted_study
    return made


@pytest.fixture(scope="session")
def planted_city(planted: Callable[..., Study], tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The demonstration city of 20,000 firms, straight from what was planted."""
    return planted(tmp_path_factory.mktemp("planted"), firms=20_000)
