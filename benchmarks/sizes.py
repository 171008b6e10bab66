"""How many firms the benchmarks of a city have, and where their table lies."""

from __future__ import annotations

import os
from pathlib import Path

from layout.core.study import Study
from layout.demo.city import write_city
from layout.pipeline.inputs import read_inputs
from layout.pipeline.run import run
from layout.readers.study import read_study

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


def study(number: int) -> Study:
    """The study of that city, made once and kept."""
    folder = FOLDER / f"study-{number}"
    if not folder.is_dir():
        run(read_inputs(city(number)), folder)
    return read_study(folder)
