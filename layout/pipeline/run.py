"""The whole way: read, clean, tag, join, count, write a study. Batch by batch, in one pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from layout.analyses import mix
from layout.core import columns as c
from layout.core import facts
from layout.core.errors import ColumnError
from layout.core.files import sha256
from layout.core.resources import cache_dir
from layout.core.result import Bilingual
from layout.core.study import ZONE_KINDS, Manifest, ZoneLayer
from layout.exports import study as folder_of
from layout.exports.firm_order import OrderedFirmWriter
from layout.exports.rejects import RejectWriter
from layout.pipeline.ingest import IngestSession, open_ingest
from layout.pipeline.ingest_report import Tally, describe
from layout.pipeline.ingest_settings import IngestSettings
from layout.pipeline.inputs import Inputs
from layout.pipeline.layers import Made, layer_provenance, read_layers, write_layers
from layout.prepare.clean_batch import CleanBatch
from layout.prepare.cube import Cube, ZoneCodes, encode_firms
from layout.prepare.joining import Joiner
from layout.prepare.tagging import Tagger
from layout.prepare.zone_parents import with_parents
from layout.prepare.zones import shipped_zones
from layout.readers.study import read_study
from layout.readers.zones import read_zones

Progress = Callable[[str, float | None], None]
"""Told the key of the stage and the share of it that is done, None where unknown."""

_ZONE_COLUMN: Final = {
    "district": c.DISTRICT,
    "subdistrict": c.SUBDISTRICT,
    "park": c.PARK,
    "overlay": c.OVERLAYS,
}
_MEASURES: Final[tuple[mix.Measure, ...]] = ("firms", "revenue", "employees")
_COUNTINGS: Final[tuple[mix.Counting, ...]] = ("primary", "fractional", "full")
_MOST_YEARS: Final = 15
_SYNTHETIC: Final = ("合成", "synthetic")
"""Words of the column NATURE that make a study synthetic, whatever its inputs are said to be."""


@dataclass(frozen=True)
class RunSummary:
    """What a run did.

    Attributes
    ----------
    folder
        The study.
    manifest
        Its ``study.yaml``.
    quality
        Its quality report.
    totals
        Totals by measure and counting mode, with the excess of full counting.
    plan_counts
        The plan's counts of firms by revenue.
    spilled_bytes
        Bytes that waited on disk while the firms were put in the order of their places.
    """

    folder: Path
    manifest: Manifest
    quality: Mapping[str, Any]
    totals: list[dict[str, Any]]
    plan_counts: list[dict[str, Any]]
    spilled_bytes: int = 0

    def as_plain(self) -> dict[str, Any]:
        """The summary as JSON values."""
        return {
            "study": str(self.folder),
            "version": self.manifest.version,
            "synthetic": self.manifest.synthetic,
            "counts": self.manifest.counts,
            "faults": self.quality["faults"],
            "datum": self.quality["datum"],
            "location": self.quality["location"],
            "zones": self.quality["zones"],
            "totals": self.totals,
            "plan_counts": self.plan_counts,
            "notes": self.quality["notes"],
            "spilled_bytes": self.spilled_bytes,
        }


def run(
    inputs: Inputs,
    out: Path | str,
    settings: IngestSettings | None = None,
    *,
    progress: Progress | None = None,
) -> RunSummary:
    """Make a study of a firm table and boundaries.

    Parameters
    ----------
    inputs
        The files and what is said of them.
    out
        Folder of the study; an older study there is replaced when all went well.
    settings
        How the table is read and cleaned; what ``inputs`` says of it counts where this is None.
    progress
        Told how far the run has come.

    Raises
    ------
    LayoutError
        The input cannot be used, or the folder cannot be written; nothing is left behind.
    """
    out, told = Path(out), progress or _silent
    chosen = settings or ingest_settings(inputs)
    zones = city_zones(inputs)
    layers = read_layers(inputs.layers, city=inputs.city)
    session = open_ingest(
        inputs.firms.path,
        chosen,
        districts=zones["district"],
        progress=lambda share: told("survey", share),
    )
    _require_firms(session)
    with folder_of.study_folder(out) as folder:
        done = _Run(inputs, session, zones, layers, folder, told)
        manifest = done.write()
    study = read_study(out)
    result = mix.run(study, mix.MixParams())
    return RunSummary(
        folder=out,
        manifest=manifest,
        quality=study.quality,
        totals=_records(result.tables["check"]),
        plan_counts=_records(result.tables["counts"]),
        spilled_bytes=done.spilled_bytes,
    )


def ingest_settings(inputs: Inputs) -> IngestSettings:
    """What ``inputs.yaml`` says of the firm table, as settings of reading."""
    table = inputs.firms
    return IngestSettings(
        datum=table.datum,
        city=inputs.city,
        mapping=table.mapping,
        encoding=table.encoding,
        delimiter=table.delimiter,
        sheet=table.sheet,
        revenue_unit=table.revenue_unit,
    )


def city_zones(inputs: Inputs) -> dict[str, ZoneLayer]:
    """The planner's own boundaries where given, the shipped ones otherwise.

    Shipped subdistricts partition the shipped districts; beside other districts they would
    contradict them, so then there are none.
    """
    zones = dict(shipped_zones(inputs.city))
    given = inputs.zone_inputs()
    for kind, zone in given.items():
        zones[kind] = read_zones(
            zone.path,
            kind,
            city=inputs.city,
            id_column=zone.id_column,
            name_column=zone.name_column,
            datum=zone.datum,
        )
    if "district" in given and "subdistrict" not in given:
        empty = zones["subdistrict"].frame.iloc[:0]
        zones["subdistrict"] = ZoneLayer("subdistrict", empty)
    return with_parents({kind: zones[kind] for kind in ZONE_KINDS})


class _Run:
    """One run into one folder."""

    def __init__(
        self,
        inputs: Inputs,
        session: IngestSession,
        zones: Mapping[str, ZoneLayer],
        layers: Mapping[str, Made],
        folder: Path,
        told: Progress,
    ) -> None:
        self.inputs, self.session, self.zones = inputs, session, zones
        self.layers = layers
        self.folder, self.told = folder, told
        self.years = panel_years(session, inputs.city)
        self.tagger = Tagger.load()
        self.joiner = Joiner(zones, city=inputs.city, cache=cache_dir() / "grids")
        self.cubes = {
            kind: Cube(ZoneCodes(tuple(layer.frame["id"].astype(str))), self.years)
            for kind, layer in zones.items()
        }
        self.tally = Tally()
        self.location: Counter[str] = Counter()
        self.sectors: Counter[str] = Counter()
        self.invented = 0
        self.spilled_bytes = 0

    def write(self) -> Manifest:
        """Fill the folder."""
        headers = self.session.source.info.headers
        with (
            OrderedFirmWriter(
                self.folder / "firms.parquet", self._bounds(), self.folder / "waiting"
            ) as firms,
            RejectWriter(self.folder / "rejects.csv", headers) as rejects,
        ):
            for batch in self.session.worked_batches(self.placed, self.counted):
                firms.write(batch.columns, batch.flags, batch.done)
                rejects.write(batch.rejected)
                self.told("firms", batch.done)
            self.told("order", None)
        self.spilled_bytes = firms.spilled_bytes
        self.told("results", None)
        self._write_layers()
        draft = self._draft()
        write_layers(self.folder, self.layers, layer_provenance(draft))
        self._write_tables()
        return folder_of.write_manifest(self.folder, draft)

    def _bounds(self) -> tuple[float, float, float, float]:
        """The box of the city's districts."""
        west, south, east, north = self.zones["district"].frame.total_bounds.tolist()
        return west, south, east, north

    def placed(self, batch: CleanBatch) -> CleanBatch:
        """A batch with sectors and zones."""
        columns = batch.columns
        n = columns.num_rows
        tags = self.tagger.tag(
            _column(columns, c.BUSINESS_SCOPE, n), _column(columns, c.INDUSTRY_CODE, n)
        )
        joined = self.joiner.join(
            _coordinates(columns, c.LON), _coordinates(columns, c.LAT), self.session.stated(batch)
        )
        return batch.with_columns(tags).with_columns(joined.columns).with_flags(joined.flags)

    def counted(self, batch: CleanBatch) -> CleanBatch:
        """The batch as it is, entered in the tally and the cubes."""
        self.tally.add(batch)
        self._count(batch.columns)
        return batch

    def _count(self, firms: pa.RecordBatch) -> None:
        if c.NATURE in firms.schema.names:
            named = pc.is_in(firms[c.NATURE], value_set=pa.array(_SYNTHETIC))
            self.invented += int(pc.sum(named).as_py() or 0)
        encoded = encode_firms(firms, self.years)
        for kind, cube in self.cubes.items():
            column = firms[_ZONE_COLUMN[kind]]
            if kind == "overlay":
                column = _first_listed(column)
            cube.add_encoded(encoded, cube.zones.encode(column, firms[c.LOCATION]))
        for counter, name in ((self.location, c.LOCATION), (self.sectors, c.SECTOR_1)):
            found = firms[name].value_counts()
            counter.update(
                {str(row["values"]): row["counts"] for row in found.to_pylist() if row["values"]}
            )

    def _write_layers(self) -> None:
        folder_of.write_zones(self.folder, self.zones)
        folder_of.write_layer(self.folder, "landmarks", landmarks(self.inputs.city))
        folder_of.write_cubes(self.folder, {k: cube.frame() for k, cube in self.cubes.items()})
        folder_of.write_quality(self.folder, self._quality())

    def _write_tables(self) -> None:
        ids = tuple(self.zones["district"].frame["id"])
        cube = mix.select(self.cubes["district"].frame(), mix.MixParams())
        number = mix.matrix(cube, ids, "firms_full")
        for measure in _MEASURES:
            for counting in _COUNTINGS:
                params = mix.MixParams(measure=measure, counting=counting)
                table = mix.amounts(cube, ids, number, params)
                folder_of.write_table(self.folder, f"district_{measure}_{counting}", table)
        usual = mix.MixParams()
        table = mix.amounts(cube, ids, number, usual)
        quotients = mix.quotients(table, number, ids, usual.min_firms)
        folder_of.write_table(self.folder, "district_location_quotient", quotients)

    def _quality(self) -> dict[str, Any]:
        report = describe(self.session, self.tally)
        notes = [note for layer in self.zones.values() for note in layer.notes]
        return {
            **report,
            "location": dict(self.location),
            "primary_sectors": dict(sorted(self.sectors.items())),
            "zones": {kind: len(layer.frame) for kind, layer in self.zones.items()},
            "zone_notes": [_plain_note(note) for note in notes],
        }

    def _draft(self) -> Manifest:
        files = {"firms": self.inputs.firms.path}
        files |= {kind: zone.path for kind, zone in self.inputs.zone_inputs().items()}
        files |= {f"layer:{name}": given.path for name, given in self.inputs.layers.items()}
        settings = self.session.settings.model_dump(mode="json")
        entries = [_input_entry(role, path) for role, path in files.items()]
        entries[0] |= {"rows": self.tally.read, "datum": settings["datum"]}
        return folder_of.draft_manifest(
            city=self.inputs.city,
            synthetic=self.inputs.synthetic or self.invented > 0,
            years=self.years,
            inputs=tuple(entries),
            parameters={**settings, "seed": self.inputs.seed},
            counts=self.tally.counts(),
        )


def panel_years(session: IngestSession, city: str) -> tuple[int, ...]:
    """Years of which the table has revenue or employees; the city's last year where it has none."""
    stems = {family.stem for family in c.FAMILIES}
    parted = (name.rpartition("_") for name in session.mapping.columns)
    years = sorted({int(year) for stem, _, year in parted if stem in stems})
    return tuple(years[-_MOST_YEARS:]) or tuple(facts.city_settings(city)["panel_years"][-1:])


def landmarks(city: str) -> gpd.GeoDataFrame:
    """The landmark firms of a city as points in EPSG:4326."""
    table = facts.city_table(city, "landmark_firms")
    points = gpd.points_from_xy(
        table["lon_wgs84"].replace("", None).astype(float),
        table["lat_wgs84"].replace("", None).astype(float),
    )
    return gpd.GeoDataFrame(table, geometry=points, crs="EPSG:4326")


def _require_firms(session: IngestSession) -> None:
    if session.mapping.kind != "firms":
        raise ColumnError(
            "error.no_firm_columns",
            path=session.source.info.path,
            headers=", ".join(session.source.info.headers),
        )


def _column(columns: pa.RecordBatch, name: str, rows: int) -> pa.Array:
    return columns[name] if name in columns.schema.names else pa.nulls(rows, pa.string())


def _coordinates(columns: pa.RecordBatch, name: str) -> Any:
    if name not in columns.schema.names:
        return pa.nulls(columns.num_rows, pa.float64()).to_numpy(zero_copy_only=False)
    return columns[name].cast(pa.float64()).to_numpy(zero_copy_only=False)


def _first_listed(ids: pa.DictionaryArray) -> pa.DictionaryArray:
    """The first of the ids joined by ``;``, null for none."""
    firsts = [(word or "").split(";")[0] or None for word in ids.dictionary.to_pylist()]
    codes = pa.array(firsts, pa.string()).take(ids.indices)
    return codes.dictionary_encode()


def _input_entry(role: str, path: Path) -> dict[str, Any]:
    return {
        "role": role,
        "file": path.name,
        "sha256": sha256(path),
        "bytes": path.stat().st_size,
    }


def _plain_note(note: Any) -> dict[str, str]:
    if isinstance(note, Bilingual):
        return {"zh": note.zh, "en": note.en}
    return {"zh": str(note), "en": str(note)}


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _silent(stage: str, share: float | None) -> None:
    del stage, share
