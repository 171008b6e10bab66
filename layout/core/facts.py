"""The shipped tables of facts, as text, and the few readings of them that every room needs."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from layout.core.resources import city_file, reference_file, root
from layout.core.texts import Lang


@lru_cache(maxsize=64)
def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")


def reference(name: str) -> pd.DataFrame:
    """A table of the plan or the nation: every value text, empty where unknown.

    ``reference("sectors")`` reads ``data/reference/sectors.csv``.
    """
    return _read(reference_file(f"{name}.csv")).copy()


def city_table(city: str, name: str) -> pd.DataFrame:
    """A table of a city: every value text, empty where unknown."""
    return _read(city_file(city, f"{name}.csv")).copy()


def source_titles(lang: Lang) -> dict[str, str]:
    """What each dataset of ``data/sources.csv`` is, in words, by its id."""
    table = _read(root() / "data" / "sources.csv")
    return dict(zip(table["id"], table[f"what_{lang}"], strict=True))


@lru_cache(maxsize=8)
def city_settings(city: str) -> dict[str, Any]:
    """``city.yaml`` of a city: names, metric CRS, overlay units, tolerances."""
    with city_file(city, "city.yaml").open(encoding="utf-8") as handle:
        settings: dict[str, Any] = yaml.safe_load(handle)
    return settings


@lru_cache(maxsize=1)
def sector_ids() -> tuple[str, ...]:
    """The plan's sectors in the plan's order: S01 to S12."""
    return tuple(reference("sectors")["code"])
