"""Known answers of other programs, with source and tolerance in each file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest


@pytest.fixture(scope="session")
def known() -> Callable[[str], Any]:
    """Loads ``known/<name>.json``."""
    folder = Path(__file__).parent / "known"
    return lambda name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def points12(known: Callable[[str], Any]) -> dict[str, Any]:
    """Twelve points in the unit square, three types, weights, and what R's packages say of them."""
    file = known("points12")
    given = file["input"]
    return {
        "xy": np.column_stack([given["x"], given["y"]]),
        "types": np.array(given["type"]),
        "weights": np.array(given["weight"], dtype=float),
        "radii": np.array(given["r"]),
        "expected": file["expected"],
        "tolerance": file["tolerance"],
        "kd_tolerance": file["kd_tolerance"],
        "colocation": file["colocation"],
        "nearest": file["nearest"],
    }
