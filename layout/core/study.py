"""A study: the validated city that every analysis, map, page and export starts from.

On disk it is a folder::

    study.yaml                 Manifest: version, inputs with checksums, parameters, counts
    firms.parquet              GeoParquet, EPSG:4326, one row an accepted firm
    rejects.csv                rejected rows with line, reasons and original values
    quality.json               the quality report of reading and joining
    zones/<kind>.parquet       GeoParquet of ``district``, ``subdistrict``, ``park``, ``overlay``
    layers/landmarks.parquet   landmark firms (in no statistic)
    layers/<name>.parquet|tif  optional layers (see :mod:`layout.core.layer_types`)
    results/cube_<kind>.parquet  counts by zone × sector × scope × tier × status × year
    results/cells.parquet      firms by cell of 100 m and primary sector (shared runs)
    results/*.csv              matrices written by the run
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
from pydantic import BaseModel, ConfigDict

from layout.core.result import Bilingual
from layout.core.sources import RasterSource

SCHEMA_VERSION: Final = 1
ZONE_KINDS: Final = ("district", "subdistrict", "park", "overlay")

ZONE_COLUMNS: Final = (
    "id",
    "name_zh",
    "name_en",
    "kind",
    "parent_id",
    "area_km2",
    "area_source",
    "accuracy_m",
    "approximate",
    "synthetic",
    "source",
    "geometry",
)
"""Columns of every zone layer; rows are sorted by the rule of precedence (see ``ZoneLayer``)."""

OUTSIDE: Final = "outside"
NO_COORDINATES: Final = "no_coordinates"
NO_ZONE: Final = "none"
UNTAGGED: Final = "untagged"

CELL_M: Final = 100.0
"""Width of the cells of ``results/cells.parquet``, metres."""

SHARE_UNIT: Final = 1000
"""Shares of sectors are whole thousandths, so that sums do not depend on their order."""


class Manifest(BaseModel):
    """``study.yaml``."""

    model_config = ConfigDict(extra="forbid")

    schema_version: int
    version: str
    created: str
    city: str
    synthetic: bool
    years: tuple[int, ...]
    inputs: tuple[dict[str, Any], ...]
    parameters: dict[str, Any]
    counts: dict[str, int]
    files: dict[str, str]


@dataclass(frozen=True)
class ZoneLayer:
    """Zones of one kind.

    Attributes
    ----------
    kind
        ``district``, ``subdistrict``, ``park`` or ``overlay``.
    frame
        GeoDataFrame in EPSG:4326 with ``ZONE_COLUMNS``, valid polygons. A point on a shared
        boundary or in several zones belongs first to the zone that stands first: rows are in the
        order of their ids, parks smallest first.
    notes
        What a reader must know: repairs, overlaps, names that match no unit.
    """

    kind: str
    frame: gpd.GeoDataFrame
    notes: tuple[Bilingual, ...] = ()


@dataclass(frozen=True)
class Study:
    """A study in memory; the firm table stays on disk and is read on demand.

    Attributes
    ----------
    root
        The folder.
    manifest
        What ``study.yaml`` says.
    zones
        GeoDataFrame by kind, columns ``ZONE_COLUMNS``.
    cubes
        Counts by zone kind. Columns: zone_id, sector, scope, tier, status (text), year (int, 0 =
        all accepted firms with the figures of the latest year), and whole numbers: firms,
        firms_milli, firms_full; revenue_cny, revenue_milli, revenue_full_cny; employees,
        employees_milli, employees_full. The plain ones count each firm once under its primary
        sector, ``_milli`` ones count thousandths of its sectors (fractional), ``_full`` ones count
        it under each of its sectors; revenue_known and employees_known count, under each of its
        sectors, the firms whose figure is known.
    quality
        The quality report.
    layers
        Optional layers of features by name, read when they are asked for: EPSG:4326, the columns of
        their type, ``synthetic`` and ``source``. A layer that was not loaded is not there.
    rasters
        Optional rasters by name, in the city's metric CRS.
    """

    root: Path
    manifest: Manifest
    zones: Mapping[str, gpd.GeoDataFrame]
    cubes: Mapping[str, pd.DataFrame]
    quality: Mapping[str, Any]
    layers: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    rasters: Mapping[str, RasterSource] = field(default_factory=dict)

    def firms(
        self, columns: list[str] | None = None, where: ds.Expression | None = None
    ) -> pa.Table:
        """Accepted firms that meet ``where``, only ``columns`` where given."""
        return self.firm_dataset().to_table(columns=columns, filter=where)

    def firm_dataset(self) -> ds.Dataset:
        """The firm table as a dataset, to be read in batches."""
        return ds.dataset(self.root / "firms.parquet", format="parquet")
