"""From a file to clean rows: open, map the headers, check the datum, clean batch by batch.

:func:`open_ingest` does all that needs the whole file before a row can be written (a first pass
over coordinates and addresses) and refuses what cannot be read; the session then gives clean
batches as often as they are asked for. :func:`ingest` writes them.
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from layout import __version__
from layout.core import columns as c
from layout.core.crs import Datum, parse_datum
from layout.core.errors import InputFileError, LayoutError, ParameterError, raise_all
from layout.core.files import replacing
from layout.core.resources import cache_dir
from layout.core.result import Bilingual
from layout.core.sources import TableSource
from layout.core.study import ZoneLayer
from layout.exports.firms import FirmWriter
from layout.exports.rejects import RejectWriter
from layout.pipeline.datum_pass import (
    Progress,
    address_districts,
    box_about,
    contradiction,
    survey_datum,
    survey_notes,
)
from layout.pipeline.ingest_report import Tally, describe
from layout.pipeline.ingest_settings import IngestSettings
from layout.pipeline.stages import in_stages
from layout.prepare.clean_batch import CleanBatch
from layout.prepare.cleaning import Cleaner, CleaningPlan
from layout.prepare.code_census import CodeCensus, is_large
from layout.prepare.datum import DatumSurvey, resolve_datum
from layout.prepare.datum_counts import SurveyCounts
from layout.prepare.duplicates import Hashes, SeenCodes
from layout.prepare.headers import HeaderMapping, map_headers
from layout.prepare.joining import Joiner
from layout.prepare.zones import shipped_zones
from layout.readers.tables import open_table

Gathered = Callable[[TableSource, CleaningPlan, ZoneLayer, str, bool], SurveyCounts]
"""Counts of a datum survey of a table in a city; the last argument: addresses are compared."""


@dataclass(frozen=True)
class IngestSession:
    """A file that was opened, mapped and surveyed.

    Attributes
    ----------
    source
        The file.
    settings
        What the user said.
    mapping
        What its columns are.
    plan
        What cleaning does.
    survey
        What positions and addresses say of the datum, None for a file without coordinates.
    notes
        What the user must know.
    repeated
        Hashes of the codes that stand more than once; None where that is not known before.
    spilled_bytes
        Bytes that waited on disk to find them.
    """

    source: TableSource
    settings: IngestSettings
    mapping: HeaderMapping
    plan: CleaningPlan
    survey: DatumSurvey | None
    notes: tuple[Bilingual, ...]
    repeated: Hashes | None = None
    spilled_bytes: int = 0

    def clean_batches(self) -> Iterator[CleanBatch]:
        """The rows in the order of the file, cleaned, in WGS 84.

        Raises
        ------
        InputFileError
            The file has no rows, or is cut off.
        """
        return self.worked_batches()

    def worked_batches(self, *steps: Callable[[CleanBatch], CleanBatch]) -> Iterator[CleanBatch]:
        """Clean batches after ``steps``; reading, cleaning and each step in a thread of its own.

        Raises
        ------
        InputFileError
            As in :meth:`clean_batches`.
        """
        cleaner = Cleaner(self.plan, SeenCodes(self.repeated))
        read = 0
        for batch in in_stages(self.source.batches(), cleaner.clean, *steps):
            read += batch.read
            yield batch
        if not read:
            raise InputFileError("error.no_rows", path=self.source.info.path)

    def stated(self, batch: CleanBatch) -> npt.NDArray[np.int16] | None:
        """The district that each row's addresses name, for the joiner.

        Returns
        -------
        ndarray or None
            int16 ``(n,)``, -1 unknown; None where the file has no addresses.
        """
        names = {name: name for name in batch.columns.schema.names}
        return address_districts(batch.columns, names, city=self.settings.city)

    def report(self, tally: Tally) -> dict[str, Any]:
        """The report as JSON values, with the counts of the rows that were written."""
        return describe(self, tally)


def open_ingest(
    path: Path,
    settings: IngestSettings,
    *,
    districts: ZoneLayer | None = None,
    progress: Progress | None = None,
    gathered: Gathered | None = None,
) -> IngestSession:
    """Open a file, map its headers and check its datum.

    Parameters
    ----------
    path
        A table of firms or points, of any format that can be read.
    settings
        What the user says of it.
    districts
        Districts of the city, WGS 84; the shipped ones where None.
    progress
        Told how far the first pass has come.
    gathered
        Counts for the datum check in another way than by reading the file here.

    Raises
    ------
    InputFileError, ColumnError, DatumError, ParameterError
        The file cannot be read as what it is said to be.
    """
    source = open_table(Path(path), settings.table)
    mapping = map_headers(
        source.info,
        told=settings.mapping,
        revenue_unit=settings.revenue_unit,
        capital_unit=settings.capital_unit,
    )
    datum = resolve_datum(settings.datum, source.info) if mapping.has_coordinates else None
    plan = CleaningPlan(
        mapping=mapping,
        settings=settings.cleaning,
        datum=datum,
        batch_datum=_batch_datum(settings, mapping),
        serials=source.info.format == "xlsx",
    )
    if datum is None:
        return IngestSession(source, settings, mapping, plan, None, source.info.notes)
    layer = districts or shipped_zones(settings.city)["district"]
    if datum.projected:
        plan = replace(plan, box=box_about(layer, datum))
    gather = None if gathered is None else partial(gathered, source, plan, layer, settings.city)
    known, spilled = None, 0
    with CodeCensus(cache_dir() / "waiting") as census:
        large = gathered is None and c.CODE in mapping.columns and is_large(source.info)
        survey = survey_datum(
            source,
            plan,
            layer,
            city=settings.city,
            progress=progress,
            gathered=gather,
            codes=census if large else None,
        )
        if large:
            known, spilled = census.repeated(), census.spilled_bytes
    if survey.fits is not None and not settings.force_datum:
        raise contradiction(source, survey)
    plan = replace(plan, contradicted=survey.contradicted)
    notes = (*source.info.notes, *survey_notes(survey))
    return IngestSession(source, settings, mapping, plan, survey, notes, known, spilled)


def _batch_datum(settings: IngestSettings, mapping: HeaderMapping) -> dict[str, Datum]:
    found: dict[str, Datum] = {}
    faults: list[LayoutError] = []
    if settings.batch_datum and c.BATCH not in mapping.columns:
        faults.append(ParameterError("error.no_batch_column", column=c.BATCH))
    for name, text in settings.batch_datum.items():
        try:
            found[name] = parse_datum(text)
        except LayoutError as error:
            faults.append(error)
    raise_all(faults)
    return found


def ingest(
    path: Path,
    settings: IngestSettings,
    *,
    out: Path,
    rejects: Path,
    zones: Mapping[str, ZoneLayer] | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Read, check and clean a table; write GeoParquet, the rejects and a report beside it.

    Parameters
    ----------
    path, settings
        The table and what is said of it.
    out
        The GeoParquet file; the report is ``<out>.report.json``.
    rejects
        The CSV file of rejected rows.
    zones
        Layers to join the rows to, by kind; the shipped districts where they have none. Nothing is
        joined where None.
    progress
        Told how far each of the two passes has come.

    Returns
    -------
    dict
        The report.

    Raises
    ------
    InputFileError, ColumnError, DatumError, ParameterError, OutputError
        Nothing is written then; what stood there before is untouched.
    """
    layers = dict(zones) if zones else None
    if layers is not None:
        layers.setdefault("district", shipped_zones(settings.city)["district"])
    session = open_ingest(
        path, settings, districts=layers["district"] if layers else None, progress=progress
    )
    tally, join = Tally(), _Join(session, layers)
    with contextlib.ExitStack() as stack:
        report_file = stack.enter_context(replacing(report_path(out)))
        rejected = stack.enter_context(RejectWriter(rejects, session.source.info.headers))
        firms = stack.enter_context(FirmWriter(out))
        for batch in session.clean_batches():
            joined = join.add(batch)
            firms.write(joined.columns, joined.flags)
            rejected.write(joined.rejected)
            tally.add(joined)
            if progress is not None:
                progress(batch.done)
        report = {**session.report(tally), "join": join.report(), "version": __version__}
        firms.metadata["layout"] = report
        report_file.write_text(json.dumps(report, ensure_ascii=False, indent=1), "utf-8")
    return report


def report_path(out: Path) -> Path:
    """Where the report of an output lies."""
    return out.with_name(f"{out.name}.report.json")


class _Join:
    """Joins clean batches to zones, and counts; does nothing without zones."""

    def __init__(self, session: IngestSession, zones: Mapping[str, ZoneLayer] | None) -> None:
        self._session = session
        self._zones = zones or {}
        self._joiner = (
            Joiner(zones, city=session.settings.city, cache=cache_dir() / "grids")
            if zones
            else None
        )
        self._rows = 0
        self._matched: Counter[str] = Counter()

    def add(self, batch: CleanBatch) -> CleanBatch:
        """The batch with the zones of its rows."""
        if self._joiner is None:
            return batch
        lon, lat = (
            batch.columns.column(name).to_numpy(zero_copy_only=False) for name in (c.LON, c.LAT)
        )
        found = self._joiner.join(lon, lat, self._session.stated(batch))
        joined = batch.with_columns(found.columns).with_flags(found.flags)
        self._rows += len(joined.flags)
        places = joined.columns.column(c.LOCATION).value_counts()
        self._matched.update({one["values"].as_py(): one["counts"].as_py() for one in places})
        for kind, name in (("subdistrict", c.SUBDISTRICT), ("park", c.PARK)):
            if kind not in self._zones:
                continue
            column = joined.columns.column(name)
            self._matched[name] += len(column) - column.null_count
        return joined

    def report(self) -> dict[str, Any] | None:
        """Rows by location and by layer, and what is to be known of the layers."""
        if self._joiner is None:
            return None
        share = {name: n / self._rows if self._rows else None for name, n in self._matched.items()}
        notes = [_plain(note) for layer in self._zones.values() for note in layer.notes]
        return {"rows": self._rows, "matched": dict(self._matched), "share": share, "notes": notes}


def _plain(note: object) -> dict[str, str]:
    """A note of a layer in both languages."""
    if isinstance(note, Bilingual):
        return {"zh": note.zh, "en": note.en}
    return {"zh": str(note), "en": str(note)}
