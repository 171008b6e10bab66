"""Known answers of other programs, with source and tolerance in each file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def known() -> Callable[[str], Any]:
    """Loads ``known/<name>.json``."""
    folder = Path(__file__).parent / "known"
    return lambda name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
