"""How many firms the benchmarks of a city have, and where their table lies."""

from __future__ import annotations

import os
from pathlib import Path

from layout.demo.city import write_city

ENTRY = "LAYOUT_BENCH_FIRMS"
USUAL = 1_000_000
SEED = 20260102
FOLDER = Path(__file__).resolve().parents[1] / "var" / "bench"


def firms() -> int:
    """Firms of the city: 1,000,000 unless ``--firms`` says otherwise."""
    return int(os.environ.get(ENTRY, USUAL))


def city(number: int) -> Path:
    """The folder of a synthetic city, made once and kept."""
    folder = FOLDER / f"city-{number}"
    if not folder.is_dir():
        write_city(folder, firms=number, seed=SEED)
    return folder
