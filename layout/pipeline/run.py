"""The whole way: read, clean, tag, join, count, write a study. Batch by batch, in one pass."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from layout.analyses import mix
from layout.core.errors import ColumnError
from layout.core.study import ZONE_KINDS, Manifest, ZoneLayer
from layout.exports import study as folder_of
from layout.exports.firm_order import OrderedFirmWriter
from layout.exports.rejects import RejectWriter
from layout.pipeline.city_files import CityRun
from layout.pipeline.city_work import CityCounts, CityWork, panel_years
from layout.pipeline.ingest import IngestSession, open_ingest
from layout.pipeline.ingest_settings import IngestSettings
from layout.pipeline.inputs import Inputs
from layout.pipeline.layers import read_layers
from layout.pipeline.shared_run import Engine, Progress, shared_work
from layout.prepare.clean_batch import CleanBatch
from layout.prepare.zone_parents import with_parents
from layout.prepare.zones import shipped_zones
from layout.readers.study import read_study
from layout.readers.zones import read_zones


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
        Bytes that waited on disk while repeated codes were found and the firms put in the order of
        their places.
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
    engine: Engine | None = None,
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
    engine
        The processes or machines that share the work; this process alone where None.

    Raises
    ------
    LayoutError
        The input cannot be used, the machines cannot be reached, or the folder
        cannot be written; nothing is left behind.
    """
    out, told = Path(out), progress or _silent
    chosen = settings or ingest_settings(inputs)
    zones = city_zones(inputs)
    layers = read_layers(inputs.layers, city=inputs.city)
    with contextlib.ExitStack() as stack:
        shared = None if engine is None else stack.enter_context(shared_work(engine, told))
        session = open_ingest(
            inputs.firms.path,
            chosen,
            districts=zones["district"],
            progress=lambda share: told("survey", share),
            gathered=None if shared is None else shared.gathered,
        )
        _require_firms(session)
        folder = stack.enter_context(folder_of.study_folder(out))
        city = CityRun(inputs, session, zones, layers, folder)
        counts, spilled = _one_process(city, told) if shared is None else shared.work(city)
        told("results", None)
        manifest = city.write(counts)
    study = read_study(out)
    result = mix.counted(study, mix.MixParams())
    return RunSummary(
        folder=out,
        manifest=manifest,
        quality=study.quality,
        totals=_records(result.tables["check"]),
        plan_counts=_records(result.tables["counts"]),
        spilled_bytes=spilled + session.spilled_bytes,
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


def _one_process(city: CityRun, told: Progress) -> tuple[CityCounts, int]:
    """Write the firms and the rejects in one pass; the counts, and the bytes that waited."""
    session, folder = city.session, city.folder
    work = CityWork(city.zones, city.inputs.city)
    counts = CityCounts(city.zones, panel_years(session.mapping, city.inputs.city))

    def counted(batch: CleanBatch) -> CleanBatch:
        counts.add(batch)
        return batch

    firms_path, headers = folder / folder_of.FIRMS, session.source.info.headers
    with (
        OrderedFirmWriter(firms_path, city.bounds(), folder / folder_of.WAITING) as firms,
        RejectWriter(folder / folder_of.REJECTS, headers) as rejects,
    ):
        for batch in session.worked_batches(work.placed, counted):
            firms.write(batch.columns, batch.flags, batch.done)
            rejects.write(batch.rejected)
            told("firms", batch.done)
        told("order", None)
    return counts, firms.spilled_bytes


def _require_firms(session: IngestSession) -> None:
    if session.mapping.kind != "firms":
        raise ColumnError(
            "error.no_firm_columns",
            path=session.source.info.path,
            headers=", ".join(session.source.info.headers),
        )


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _silent(stage: str, share: float | None) -> None:
    del stage, share
