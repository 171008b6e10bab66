"""A study folder being written: whole at the end, or not there at all."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import yaml

from layout import __version__
from layout.core.errors import StudyError
from layout.core.files import replacing, sha256
from layout.core.study import SCHEMA_VERSION, Manifest, ZoneLayer

FIRMS: Final = "firms.parquet"
"""The accepted firms: one file, or a folder of files in their order."""
REJECTS: Final = "rejects.csv"
WAITING: Final = "waiting"
"""Rows that wait while a study is written; gone at the end."""


@contextlib.contextmanager
def study_folder(target: Path) -> Iterator[Path]:
    """A folder to fill that takes the place of ``target`` when the block ends well.

    Raises
    ------
    StudyError
        ``target`` holds something that is not a study.
    OutputError
        The folder cannot be written; what stood there is untouched.
    """
    target = Path(target)
    if target.exists() and not _replaceable(target):
        raise StudyError("error.study_occupied", folder=target)
    with replacing(target) as folder:
        for name in ("zones", "layers", "results"):
            (folder / name).mkdir(parents=True)
        yield folder


def _replaceable(target: Path) -> bool:
    return target.is_dir() and ((target / "study.yaml").is_file() or not any(target.iterdir()))


def write_zones(folder: Path, zones: Mapping[str, ZoneLayer]) -> None:
    """The zone layers as GeoParquet."""
    for kind, layer in zones.items():
        layer.frame.to_parquet(folder / "zones" / f"{kind}.parquet", compression="zstd")


def write_layer(folder: Path, name: str, frame: gpd.GeoDataFrame) -> None:
    """A layer of features, EPSG:4326."""
    frame.to_parquet(folder / "layers" / f"{name}.parquet", compression="zstd")


def write_cubes(folder: Path, cubes: Mapping[str, pd.DataFrame]) -> None:
    """The cubes by zone kind."""
    for kind, frame in cubes.items():
        frame.to_parquet(folder / "results" / f"cube_{kind}.parquet", compression="zstd")


def write_cells(folder: Path, cells: pd.DataFrame) -> None:
    """Firms by cell and sector, of a run that several machines shared."""
    cells.to_parquet(folder / "results" / "cells.parquet", compression="zstd", index=False)


def write_table(folder: Path, name: str, table: pd.DataFrame) -> None:
    """A result table as CSV (UTF-8 with BOM, so that spreadsheets read the Chinese)."""
    table.to_csv(folder / "results" / f"{name}.csv", encoding="utf-8-sig")


def write_quality(folder: Path, report: Mapping[str, Any]) -> None:
    """The quality report as JSON."""
    text = json.dumps(report, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "quality.json").write_text(text + "\n", encoding="utf-8")


def draft_manifest(*, created: datetime | None = None, **values: Any) -> Manifest:
    """``study.yaml`` as it will be, without the checksums of the files."""
    moment = created or datetime.now(UTC)
    return Manifest(
        schema_version=SCHEMA_VERSION,
        version=__version__,
        created=moment.isoformat(timespec="seconds"),
        files={},
        **values,
    )


def write_manifest(folder: Path, draft: Manifest) -> Manifest:
    """``study.yaml`` with the checksum of every file in the folder; written last."""
    files = {
        path.relative_to(folder).as_posix(): sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    manifest = draft.model_copy(update={"files": files})
    text = yaml.safe_dump(manifest.model_dump(mode="json"), allow_unicode=True, sort_keys=False)
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    return manifest
