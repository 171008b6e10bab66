"""A study folder back into memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import yaml
from pydantic import ValidationError

from layout.core.errors import StudyError
from layout.core.layer_types import LAYER_TYPES
from layout.core.study import SCHEMA_VERSION, ZONE_KINDS, Manifest, Study


def read_study(folder: Path | str) -> Study:
    """The study in ``folder``; its firms stay on disk.

    Raises
    ------
    StudyError
        There is no study, it is incomplete, or another version of the program wrote it.
    """
    root = Path(folder)
    manifest = _manifest(root)
    missing = [name for name in manifest.files if not (root / name).is_file()]
    if missing:
        raise StudyError("error.study_incomplete", folder=root, missing=", ".join(missing))
    return Study(
        root=root,
        manifest=manifest,
        zones={kind: gpd.read_parquet(root / "zones" / f"{kind}.parquet") for kind in ZONE_KINDS},
        cubes={
            kind: pd.read_parquet(root / "results" / f"cube_{kind}.parquet") for kind in ZONE_KINDS
        },
        quality=json.loads((root / "quality.json").read_text("utf-8")),
        layers=LayerShelf(root, rasters=False),
        rasters=LayerShelf(root, rasters=True),
    )


class LayerShelf(Mapping[str, Any]):
    """The optional layers of a study folder, each read when it is first asked for."""

    def __init__(self, root: Path, *, rasters: bool) -> None:
        self._root = root
        self._read: dict[str, Any] = {}
        self._names = tuple(
            name
            for name, kind in LAYER_TYPES.items()
            if (kind.shape == "raster") == rasters and (root / kind.file).is_file()
        )

    def __getitem__(self, name: str) -> Any:
        """The layer, or the source of the raster."""
        if name not in self._names:
            raise KeyError(name)
        if name not in self._read:
            path = self._root / LAYER_TYPES[name].file
            if LAYER_TYPES[name].shape == "raster":
                from layout.readers.rasters import open_raster

                self._read[name] = open_raster(path)
            else:
                self._read[name] = gpd.read_parquet(path)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        """Names of the layers that are there."""
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def read_landmarks(study: Study) -> gpd.GeoDataFrame:
    """The landmark firms of a study's city; they are in no statistic."""
    return gpd.read_parquet(study.root / "layers" / "landmarks.parquet")


def _manifest(root: Path) -> Manifest:
    path = root / "study.yaml"
    if not path.is_file():
        raise StudyError("error.no_study", folder=root)
    try:
        values = yaml.safe_load(path.read_text("utf-8"))
        version = values.get("schema_version") if isinstance(values, dict) else None
        if version != SCHEMA_VERSION:
            raise StudyError(
                "error.study_version", folder=root, found=version, expected=SCHEMA_VERSION
            )
        return Manifest.model_validate(values)
    except (yaml.YAMLError, ValidationError, UnicodeDecodeError) as error:
        raise StudyError("error.study_broken", folder=root, reason=str(error)) from error
