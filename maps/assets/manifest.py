"""What was built, and where it lies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from layout.core.errors import AssetError
from layout.core.resources import static_dir

MANIFEST: Final = "manifest.json"
FONT_TTF: Final = "fonts/LayoutSansSC-Regular.ttf"
FONT_WOFF: Final = "fonts/LayoutSansSC-Regular.woff"


@dataclass(frozen=True)
class Manifest:
    """What ``static/manifest.json`` says.

    Attributes
    ----------
    folder
        The folder it stands in; files are named relative to it.
    recipe
        Checksum of all that decides the content but the characters.
    characters
        Hanzi beyond GB 2312 that the font was asked for.
    links
        By link: file, package, version, licence, licence_file and sha256.
    fonts
        By file: the same.
    """

    folder: Path
    recipe: str
    characters: str
    links: Mapping[str, Mapping[str, Any]]
    fonts: Mapping[str, Mapping[str, Any]]

    def files(self) -> tuple[Path, ...]:
        """Every file that must be there."""
        names = [record["file"] for record in self.links.values()]
        return tuple(self.folder / name for name in [*names, *self.fonts])


def read_manifest(folder: Path | None = None) -> Manifest:
    """The manifest of the assets that were built.

    Parameters
    ----------
    folder
        Where they were built, by default where the app serves them from.

    Raises
    ------
    AssetError
        They were not built, or not to the end.
    """
    place = folder or static_dir()
    path = place / MANIFEST
    if not path.is_file():
        raise AssetError("error.assets_missing", folder=place)
    return _parse(place, path.read_text("utf-8"))


@lru_cache(maxsize=4)
def _parse(folder: Path, content: str) -> Manifest:
    try:
        return Manifest(folder=folder, **json.loads(content))
    except (TypeError, ValueError) as error:
        raise AssetError("error.assets_missing", folder=folder) from error


def font_file(name: str = FONT_TTF) -> Path:
    """The bundled Chinese font.

    Raises
    ------
    AssetError
        It was not built.
    """
    path = static_dir() / name
    if not path.is_file():
        raise AssetError("error.assets_missing", folder=static_dir())
    return path
