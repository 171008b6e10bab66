"""The first pass over a file: its coordinates, addresses and deliveries, to check the datum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from layout.core import columns as c
from layout.core import zone_columns as z
from layout.core.crs import Datum, from_wgs84
from layout.core.errors import DatumError, InputFileError
from layout.core.resources import cache_dir
from layout.core.result import Bilingual
from layout.core.sources import SourceBatch, TableSource
from layout.core.study import ZoneLayer
from layout.pipeline.stages import in_stages
from layout.prepare.addresses import stated_districts
from layout.prepare.cleaning import Box, CleaningPlan, read_codes
from layout.prepare.code_census import CodeCensus
from layout.prepare.datum import DatumSurvey, DatumSurveyor
from layout.prepare.datum_counts import SurveyCounts
from layout.prepare.positions import read_positions
from layout.prepare.text_arrays import as_text
from layout.prepare.zones import district_ids

Progress = Callable[[float | None], None]
"""Told the share of the file that is done, None where unknown."""

Gather = Callable[[bool], SurveyCounts]

_AROUND_M: Final = 100_000.0
_FEW_INSIDE: Final = 0.5
_ADDRESSES: Final = (c.REGISTERED_ADDRESS, c.OPERATING_ADDRESS)


def survey_datum(
    source: TableSource,
    plan: CleaningPlan,
    districts: ZoneLayer,
    *,
    city: str,
    progress: Progress | None = None,
    gathered: Gather | None = None,
    codes: CodeCensus | None = None,
) -> DatumSurvey:
    """What positions and addresses of a file say of its datum.

    Addresses are compared by delivery where the file has them; where it has none, only if the
    positions cannot decide (then the file is read once more). ``gathered`` counts in another way
    than by reading the file here, as :func:`count_positions` does; it is told whether addresses are
    compared. ``codes`` takes the codes on the way.

    Raises
    ------
    InputFileError
        The file has no rows, or is cut off.
    """
    has_addresses = any(name in plan.mapping.columns for name in _ADDRESSES)
    by_delivery = has_addresses and c.BATCH in plan.mapping.columns

    def counted(compare: bool, codes: CodeCensus | None = None) -> SurveyCounts:
        if gathered is not None:
            return gathered(compare)
        return count_positions(
            source, plan, districts, city=city, compare=compare, progress=progress, codes=codes
        )

    survey = _judged(source, plan, districts, city, counted(by_delivery, codes))
    if survey.decided or by_delivery or not has_addresses:
        return survey
    return _judged(source, plan, districts, city, counted(True))


def count_positions(
    source: TableSource,
    plan: CleaningPlan,
    districts: ZoneLayer,
    *,
    city: str,
    compare: bool,
    progress: Progress | None = None,
    codes: CodeCensus | None = None,
) -> SurveyCounts:
    """What a survey counts in a file, or in a part of it; ``compare``: addresses as well.

    ``codes`` takes the codes as cleaning will read them.
    """
    surveyor = _surveyor(plan, districts, city)
    needed = (c.LON, c.LAT, *((c.BATCH, *_ADDRESSES) if compare else ()))
    needed += () if codes is None else (c.CODE,)
    full_width = "full_width" in plan.settings.repairs
    headers = {n: plan.mapping.columns[n] for n in needed if n in plan.mapping.columns}
    for batch in in_stages(source.batches(tuple(headers.values()))):
        surveyor.counts.rows_read += len(batch.lines) + len(batch.unreadable)
        _add(surveyor, plan, batch, headers, city if compare else None)
        if codes is not None:
            given = batch.columns.column(headers[c.CODE])
            codes.add(read_codes(given, full_width=full_width).values)
        if progress is not None:
            progress(batch.done)
    return surveyor.counts


def address_districts(
    columns: pa.RecordBatch, headers: dict[str, str], *, city: str
) -> npt.NDArray[np.int16] | None:
    """The district that the addresses of each row name, None where there are no addresses.

    Parameters
    ----------
    columns
        Rows.
    headers
        Name in ``columns`` of each address column of the project.
    """
    found = [
        as_text(columns.column(headers[name])) if name in headers else None for name in _ADDRESSES
    ]
    if all(one is None for one in found):
        return None
    stated: npt.NDArray[np.int16] = stated_districts(*found, city=city)
    return stated


def box_about(districts: ZoneLayer, datum: Datum) -> Box:
    """Where points are expected in a projected CRS: the city and 100 km about it."""
    west, south, east, north = districts.frame.total_bounds
    x, y = from_wgs84([west, west, east, east], [south, north, south, north], datum)
    around = (x.min() - _AROUND_M, y.min() - _AROUND_M, x.max() + _AROUND_M, y.max() + _AROUND_M)
    return tuple(float(side) for side in around)  # type: ignore[return-value]


def contradiction(source: TableSource, survey: DatumSurvey) -> DatumError:
    """The error that names the datum that fits."""
    comparison = next(one for one in survey.comparisons if one.other == survey.fits)
    return DatumError(
        "error.datum_contradicted",
        path=source.info.path,
        declared=survey.declared,
        fits=survey.fits,
        changed=f"{comparison.changed:,}",
        favour=f"{comparison.favour_other:,}",
        shares=", ".join(f"{n} {k / survey.points:.2%}" for n, k in survey.inside.items()),
    )


def survey_notes(survey: DatumSurvey) -> tuple[Bilingual, ...]:
    """What the user must know of the datum check."""
    notes = []
    if survey.fits is not None:
        notes.append(Bilingual.of("note.datum_forced", declared=survey.declared, fits=survey.fits))
    elif not survey.decided and survey.points:
        key = "note.datum_addresses" if survey.deliveries else "note.datum_undecided"
        notes.append(Bilingual.of(key, declared=survey.declared))
    if survey.points and max(survey.inside.values()) < _FEW_INSIDE * survey.points:
        share = f"{max(survey.inside.values()) / survey.points:.1%}"
        notes.append(Bilingual.of("note.few_inside", share=share))
    for one in survey.deliveries:
        if one.fits:
            fits = "/".join(one.fits)
            values: dict[str, Any] = {"datum": one.datum, "fits": fits, "name": one.name}
            key = "note.file_contradicted" if one.name is None else "note.delivery_contradicted"
            notes.append(Bilingual.of(key, **values))
    return tuple(notes)


def _surveyor(plan: CleaningPlan, districts: ZoneLayer, city: str) -> DatumSurveyor:
    assert plan.datum is not None
    units = {name: place for place, name in enumerate(district_ids(city))}
    frame = districts.frame
    return DatumSurveyor(
        frame.geometry.to_numpy(),
        np.array([units.get(str(name), -1) for name in frame[z.ID]], dtype=np.int32),
        plan.datum,
        plan.batch_datum,
        cache=cache_dir() / "grids",
    )


def _judged(
    source: TableSource, plan: CleaningPlan, districts: ZoneLayer, city: str, counts: SurveyCounts
) -> DatumSurvey:
    if not counts.rows_read:
        raise InputFileError("error.no_rows", path=source.info.path)
    surveyor = _surveyor(plan, districts, city)
    surveyor.counts = counts
    return surveyor.result()


def _add(
    surveyor: DatumSurveyor,
    plan: CleaningPlan,
    batch: SourceBatch,
    headers: dict[str, str],
    city: str | None,
) -> None:
    """Count a batch; its addresses are compared where a ``city`` is given."""
    found = read_positions(
        batch.columns.column(headers[c.LON]),
        batch.columns.column(headers[c.LAT]),
        box=plan.box,
        degrees=plan.datum is None or not plan.datum.projected,
        swap_back="swapped" in plan.settings.repairs,
        full_width="full_width" in plan.settings.repairs,
    )
    if city is None:
        surveyor.add(found.x, found.y)
        return
    addresses = batch.columns.select([headers[n] for n in _ADDRESSES if n in headers])
    names = as_text(batch.columns.column(headers[c.BATCH])) if c.BATCH in headers else None

    def stated(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int16]:
        some = addresses.take(pa.array(rows))
        said = address_districts(some, headers, city=city)
        return np.full(len(rows), -1, dtype=np.int16) if said is None else said

    surveyor.add(found.x, found.y, stated=stated, batch=names)
