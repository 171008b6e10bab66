"""One batch of a file to rows that can be trusted, and rows with the reasons why they cannot.

All faults of a row are found in one pass. What is done with a row is a setting of each fault:
reject, or keep and flag. A value that is not taken as it stood (unreadable, negative, impossible,
repaired) keeps its text in the column ``original_values``, so that nothing is lost on the way to
the output.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, field_validator

from layout.core import columns as c
from layout.core.config import Params
from layout.core.credit_codes import has_valid_check
from layout.core.crs import Datum, to_wgs84
from layout.core.faults import FAULTS, Policy, mask_of
from layout.core.sources import SourceBatch
from layout.prepare.clean_batch import CleanBatch, RejectedRows, split, text_columns
from layout.prepare.duplicates import CodeMemory, SeenCodes
from layout.prepare.headers import HeaderMapping, is_revenue
from layout.prepare.industry_codes import read_industry_codes
from layout.prepare.mojibake import is_garbled
from layout.prepare.originals import Originals
from layout.prepare.positions import CHINA, read_positions
from layout.prepare.text_arrays import as_text, is_filled, trimmed, unwide
from layout.prepare.values import (
    Reading,
    read_amount,
    read_count,
    read_date,
    read_status,
    read_yes_no,
)

Flags = npt.NDArray[np.bool_]
Masks = npt.NDArray[np.uint32]
Box = tuple[float, float, float, float]
Repair = Literal["swapped", "full_width"]

_TEXTS: Final = frozenset(
    {c.NAME, c.REGISTERED_ADDRESS, c.OPERATING_ADDRESS, c.BUSINESS_SCOPE, c.BATCH, c.NATURE}
)


class CleaningSettings(Params):
    """What is done about faults."""

    policy: dict[str, Policy] = Field(
        default_factory=dict,
        title="问题处理方式 | Treatment of faults",
        description="reject or flag, by fault code; the others as in layout.core.faults",
    )
    repairs: tuple[Repair, ...] = Field(
        default=(),
        title="修复 | Repairs",
        description="what is mended, with a flag: swapped coordinates, full_width characters",
    )

    @field_validator("policy")
    @classmethod
    def _known_and_free(cls, policy: dict[str, Policy]) -> dict[str, Policy]:
        for code, chosen in policy.items():
            if code not in FAULTS:
                raise ValueError(f"{code} is no fault; known are {', '.join(FAULTS)}")
            if FAULTS[code].fixed and chosen is not FAULTS[code].policy:
                raise ValueError(f"rows with {code} cannot be kept")
        return policy

    @property
    def rejecting(self) -> int:
        """Mask of the faults whose rows go."""
        chosen = {code: self.policy.get(code, fault.policy) for code, fault in FAULTS.items()}
        return mask_of(*(code for code, policy in chosen.items() if policy is Policy.REJECT))


@dataclass(frozen=True)
class CleaningPlan:
    """What cleaning needs to know of a file.

    Attributes
    ----------
    mapping
        Its columns.
    datum
        What its coordinates are in, None where it has none.
    batch_datum
        Deliveries in another datum, by the name in the batch column.
    contradicted
        Deliveries whose addresses contradict the datum; None stands for the whole file.
    box
        Where points are expected, in the CRS of the file.
    serials
        Numbers of five digits in date columns are a spreadsheet's days.
    """

    mapping: HeaderMapping
    settings: CleaningSettings
    datum: Datum | None = None
    batch_datum: Mapping[str, Datum] = field(default_factory=lambda: MappingProxyType({}))
    contradicted: frozenset[str | None] = frozenset()
    box: Box = CHINA
    serials: bool = False


class Cleaner:
    """Cleans the batches of one file in their order (it remembers the codes it has seen).

    Parameters
    ----------
    plan
        What is done.
    codes
        What tells repeated codes; the codes of the batches so far where None.
    """

    def __init__(self, plan: CleaningPlan, codes: CodeMemory | None = None) -> None:
        self._plan = plan
        self._seen = SeenCodes() if codes is None else codes  # an empty one is no None
        self._rejecting = np.uint32(plan.settings.rejecting)

    def clean(self, batch: SourceBatch) -> CleanBatch:
        """Type, judge and convert a batch, and part the rows that stay from those that go."""
        work = _Work(self._plan, batch)
        for name, header in self._plan.mapping.columns.items():
            if name not in (c.LON, c.LAT):
                work.read(name, header)
        work.read_positions()
        work.note("undecodable_text", _undecodable(batch))
        if c.CODE in work.made:
            keep = (work.faults & self._rejecting) == 0
            work.note("duplicate_code", self._seen.repeats(work.made[c.CODE], keep))
        whole = CleanBatch(
            columns=work.columns(),
            flags=work.faults,
            rejected=RejectedRows(
                lines=pa.array([], pa.int64()),
                reasons=np.empty(0, dtype=np.uint32),
                values=text_columns(batch.columns.slice(0, 0)),
                unreadable=batch.unreadable,
            ),
            given=batch.columns,
            kept=np.arange(len(batch.lines)),
            rejecting=int(self._rejecting),
            coarse=work.coarse,
            blank=batch.blank,
            done=batch.done,
        )
        gone = (work.faults & self._rejecting) != 0
        return split(whole, gone) if gone.any() else whole


def read_codes(given: pa.Array, *, full_width: bool = False) -> Reading:
    """Codes without white space about them; ``unreadable`` where the check character is wrong."""
    code = trimmed(as_text(given))
    wrong = is_filled(code) & ~has_valid_check(code)
    mended = np.zeros(len(code), dtype=np.bool_)
    if full_width and wrong.any():
        plain = unwide(code.filter(pa.array(wrong)))
        mended[wrong] = has_valid_check(plain)
        places = pa.array(mended)
        code = pc.replace_with_mask(code, places, plain.filter(places.filter(pa.array(wrong))))
    return Reading(code, wrong & ~mended, mended, np.zeros(len(code), dtype=np.bool_))


def _undecodable(batch: SourceBatch) -> Flags:
    if batch.undecodable is None:
        return np.zeros(len(batch.lines), dtype=np.bool_)
    marks: Flags = batch.undecodable.to_numpy(zero_copy_only=False)
    return marks


class _Work:
    """The columns of a batch as they are made, and the faults that are found on the way."""

    def __init__(self, plan: CleaningPlan, batch: SourceBatch) -> None:
        self._plan = plan
        self._batch = batch
        self._rows = len(batch.lines)
        self._wide = "full_width" in plan.settings.repairs
        self._originals = Originals(self._rows)
        self.faults: Masks = np.zeros(self._rows, dtype=np.uint32)
        self.made: dict[str, pa.Array] = {}
        self.coarse = 0

    def note(self, fault: str, where: Flags) -> None:
        """Give rows a fault."""
        if where.any():
            self.faults[where] |= np.uint32(mask_of(fault))

    def read(self, name: str, header: str) -> None:
        """Read a column and note what is wrong with it."""
        given = self._batch.columns.column(header)
        if name in _TEXTS:
            self.made[name] = as_text(given)
            self.note("undecodable_text", is_garbled(self.made[name]))
        elif name == c.CODE:
            self._read_code(given, header)
        elif name == c.INDUSTRY_CODE:
            found = read_industry_codes(given, full_width=self._wide)
            self.coarse = int(found.coarse.sum())
            self._take(name, header, found.reading, "unknown_industry_code")
        elif is_revenue(name) or name == c.CAPITAL or name.startswith(c.EMPLOYEES.stem):
            self._read_figure(name, header, given)
        else:
            self._take(name, header, self._reader(name)(given), "unreadable_value")

    def _reader(self, name: str) -> Callable[[pa.Array], Reading]:
        readers: dict[str, Callable[[pa.Array], Reading]] = {
            c.STATUS: read_status,
            c.HIGH_TECH: read_yes_no,
            c.ESTABLISHED: lambda given: read_date(
                given, serials=self._plan.serials, full_width=self._wide
            ),
        }
        return readers[name]

    def _take(self, name: str, header: str, reading: Reading, fault: str) -> None:
        """Take the values of a reading; unreadable and repaired ones keep their originals."""
        self.made[name] = reading.values
        self.note(fault, reading.unreadable)
        self.note("repaired_full_width", reading.repaired)
        changed = reading.unreadable | reading.repaired
        self._originals.keep(header, self._batch.columns.column(header), changed)

    def _read_figure(self, name: str, header: str, given: pa.Array) -> None:
        if name.startswith(c.EMPLOYEES.stem):
            reading, fault = read_count(given, full_width=self._wide), "negative_employees"
        else:
            unit = self._plan.mapping.yuan[name]
            reading = read_amount(given, unit=unit, full_width=self._wide)
            fault = "negative_revenue" if is_revenue(name) else "unreadable_value"
        self._take(name, header, reading, "unreadable_value")
        least = pc.min(reading.values).as_py()
        if least is not None and least < 0:
            negative = pc.fill_null(pc.less(reading.values, 0), False)
            where: Flags = negative.to_numpy(zero_copy_only=False)
            self.note(fault, where)
            self._originals.keep(header, given, where & ~reading.repaired)
            self.made[name] = pc.if_else(negative, None, reading.values)

    def _read_code(self, given: pa.Array, header: str) -> None:
        found = read_codes(given, full_width=self._wide)
        self.note("repaired_full_width", found.repaired)
        self._originals.keep(header, given, found.repaired)
        self.made[c.CODE] = found.values
        self.note("missing_code", ~is_filled(found.values))
        self.note("bad_check_character", found.unreadable)

    def read_positions(self) -> None:
        """Read the coordinates, note what is wrong with them and bring them to WGS 84."""
        mapping, settings = self._plan.mapping, self._plan.settings
        if not mapping.has_coordinates or self._plan.datum is None:
            self.made |= {name: pa.nulls(self._rows, pa.float64()) for name in (c.LON, c.LAT)}
            self.note("missing_coordinates", np.ones(self._rows, dtype=np.bool_))
            return
        headers = [mapping.columns[name] for name in (c.LON, c.LAT)]
        given = [self._batch.columns.column(header) for header in headers]
        found = read_positions(
            *given,
            box=self._plan.box,
            degrees=not self._plan.datum.projected,
            swap_back="swapped" in settings.repairs,
            full_width=self._wide,
        )
        for header, column in zip(headers, given, strict=True):
            self._originals.keep(header, column, found.changed & is_filled(column))
        for fault, where in found.faults().items():
            self.note(fault, where)
        self._convert(found.x, found.y)

    def _convert(self, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> None:
        plan = self._plan
        assert plan.datum is not None
        lon, lat = to_wgs84(x, y, plan.datum)
        names = self.made.get(c.BATCH)
        for name, datum in plan.batch_datum.items() if names is not None else ():
            rows = pc.fill_null(pc.equal(names, name), False).to_numpy(zero_copy_only=False)
            lon[rows], lat[rows] = to_wgs84(x[rows], y[rows], datum)
        lost = np.isfinite(x) & ~(np.isfinite(lon) & np.isfinite(lat))
        self.note("impossible_coordinates", lost)
        for name, values in ((c.LON, lon), (c.LAT, lat)):
            self.made[name] = pa.array(np.where(lost, np.nan, values), from_pandas=True)
        self.note("datum_contradicts_address", self._contradicted())

    def _contradicted(self) -> Flags:
        deliveries = self._plan.contradicted
        if None in deliveries:
            return np.ones(self._rows, dtype=np.bool_)
        if not deliveries or c.BATCH not in self.made:
            return np.zeros(self._rows, dtype=np.bool_)
        found = pc.is_in(self.made[c.BATCH], pa.array(sorted(str(one) for one in deliveries)))
        where: Flags = found.to_numpy(zero_copy_only=False)
        return where

    def columns(self) -> pa.RecordBatch:
        """All columns in the order of the project, then the file's other columns."""
        order = [name for name in self._plan.mapping.columns if name in self.made]
        order += [name for name in (c.LON, c.LAT) if name not in order]
        named = {name: self.made[name] for name in order}
        named[c.LINE] = self._batch.lines
        named[c.ORIGINALS] = self._originals.column()
        for header, name in self._plan.mapping.extras.items():
            column = self._batch.columns.column(header)
            named[name] = as_text(column) if pa.types.is_nested(column.type) else column
        return pa.RecordBatch.from_pydict(named)
