"""One synthetic city of two blocks, written once and read by all tests of the room."""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from layout.demo.city import City, build_city, write_city
from layout.demo.firms import BLOCK

FIRMS = BLOCK + 2_000
SEED = 7


def read_text(path: Path) -> pd.DataFrame:
    return pd.read_csv(
        path, dtype=str, keep_default_na=False, encoding_errors="replace", quoting=csv.QUOTE_NONE
    )


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The city on disk, and its files as tables of text; ``sound`` rows carry no fault."""
    folder = tmp_path_factory.mktemp("city")
    write_city(folder, firms=FIRMS, seed=SEED)
    truth = read_text(folder / "truth/firms.csv")
    faults = read_text(folder / "truth/faults.csv")
    return SimpleNamespace(
        folder=folder,
        size=FIRMS,
        seed=SEED,
        lines=(folder / "firms.csv").read_bytes().splitlines(),
        firms=read_text(folder / "firms.csv"),
        truth=truth,
        faults=faults,
        clusters=read_text(folder / "truth/clusters.csv"),
        sound=~truth["source_line"].isin(set(faults["source_line"])),
    )


@pytest.fixture(scope="session")
def city() -> City:
    """What the city on disk was drawn from."""
    return build_city("shenzhen", firms=FIRMS, seed=SEED)
