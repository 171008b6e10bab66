"""A folder of facts as it lies on disk, for checking: all as text, and what cannot be read."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import yaml

from layout.core.files import sha256
from layout.prepare.reference_schema import FactTables, Finding

_KINDS: Final = ("*.csv", "*.geojson", "*.yaml")


@dataclass
class _Folder:
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    shapes: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    checksums: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def read_facts(root: Path) -> tuple[FactTables, tuple[Finding, ...]]:
    """The tables, shapes and settings of ``root`` (a folder such as ``data/``).

    Returns
    -------
    FactTables
        What could be read; shapes in EPSG:4326, as GeoJSON is.
    tuple of Finding
        Files and lines that could not be read.
    """
    folder = _Folder()
    for path in sorted(path for kind in _KINDS for path in root.rglob(kind)):
        name = path.relative_to(root).as_posix()
        folder.checksums[name] = sha256(path)
        try:
            _READERS[path.suffix](folder, name, path)
        except (ValueError, KeyError, OSError, csv.Error, yaml.YAMLError) as error:
            folder.findings.append(Finding("file_unreadable", name, found=str(error)))
    facts = FactTables(folder.tables, folder.shapes, folder.checksums)
    return facts, tuple(folder.findings)


def _read_table(folder: _Folder, name: str, path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as handle:
        lines = csv.reader(handle, strict=True)
        header = next(lines, [])
        rows = []
        for row in lines:
            if len(row) == len(header):
                rows.append(row)
            else:
                folder.findings.append(
                    Finding(
                        "row_length",
                        name,
                        lines.line_num,
                        found=str(len(row)),
                        expected=str(len(header)),
                    )
                )
    folder.tables[name] = pd.DataFrame(rows, columns=header, dtype=object)


def _read_shapes(folder: _Folder, name: str, path: Path) -> None:
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    properties = [
        {key: _as_text(value) for key, value in (feature["properties"] or {}).items()}
        for feature in features
    ]
    folder.tables[name] = pd.DataFrame(properties, dtype=object).fillna("")
    folder.shapes[name] = gpd.GeoDataFrame.from_features(features, crs="EPSG:4326")


def _read_settings(folder: _Folder, name: str, path: Path) -> None:
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(settings, dict):
        raise ValueError("no key: value lines")
    values = dict(_flat(settings))
    folder.tables[name] = pd.DataFrame([values], dtype=object)


def _flat(values: dict[str, Any], stem: str = "") -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{stem}{key}.")
        else:
            yield f"{stem}{key}", _as_text(value)


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, list):
        return ";".join(map(_as_text, value))
    return "" if value is None else str(value)


_READERS: Final = {".csv": _read_table, ".geojson": _read_shapes, ".yaml": _read_settings}
