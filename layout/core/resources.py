"""Where shipped data, browser assets and the app's entry script lie.

In a checkout they stand beside the packages; in an installed wheel inside ``layout/_shipped``.
Nothing else in the program looks for files of its own.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from layout.core.errors import InputFileError

_PACKAGE = Path(__file__).resolve().parents[1]


@lru_cache(maxsize=1)
def root() -> Path:
    """The folder that holds ``data/``, ``static/`` and ``streamlit_app.py``."""
    shipped = _PACKAGE / "_shipped"
    return shipped if shipped.is_dir() else _PACKAGE.parent


def reference_file(name: str) -> Path:
    """A table of the plan or the nation, e.g. ``sectors.csv``.

    Raises
    ------
    InputFileError
        There is no such file.
    """
    return _existing(root() / "data" / "reference" / name)


def city_file(city: str, name: str) -> Path:
    """A file of a city's folder, e.g. ``city_file("shenzhen", "districts.csv")``.

    Raises
    ------
    InputFileError
        There is no such file.
    """
    return _existing(root() / "data" / "cities" / city / name)


def cities() -> tuple[str, ...]:
    """Slugs of the cities that are shipped."""
    folder = root() / "data" / "cities"
    return tuple(sorted(p.name for p in folder.iterdir() if (p / "city.yaml").is_file()))


def static_dir() -> Path:
    """The folder of browser assets and fonts (it may not have been built yet)."""
    return root() / "static"


def app_script() -> Path:
    """The entry script of the planner's app."""
    return _existing(root() / "streamlit_app.py")


def cache_dir() -> Path:
    """A folder for what can be made again: ``LAYOUT_CACHE`` or the user's cache folder."""
    if chosen := os.environ.get("LAYOUT_CACHE"):
        return Path(chosen)
    base = os.environ.get("LOCALAPPDATA") if os.name == "nt" else os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "industrial-layout"


def _existing(path: Path) -> Path:
    if not path.exists():
        raise InputFileError("error.no_resource", name=path.name)
    return path
