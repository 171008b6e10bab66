"""What a worker does with a part of a firm table; each function can be done again at any time.

The parts write what waits into a folder that all workers see, each into files of its own that
appear whole: a part that is done twice writes the same again.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from layout.core import columns as c
from layout.core.files import replacing
from layout.core.sources import TableSource
from layout.core.study import ZoneLayer
from layout.exports.firm_order import OrderedFirmWriter
from layout.exports.rejects import RejectWriter
from layout.geometry.hilbert import Bounds, hilbert_places
from layout.pipeline.cell_counts import CellCounts
from layout.pipeline.city_work import CityCounts, CityWork
from layout.prepare.clean_batch import CleanBatch
from layout.prepare.cleaning import Cleaner, CleaningPlan
from layout.prepare.duplicates import CodeBucket, KnownRepeats, RecordedCodes, find_repeats

_FLAGS: Final = "#flags"
_SAMPLED: Final = 64
"""Of so many rows one is looked at to part the city evenly."""
_TYPES: Final = b"types"


@dataclass(frozen=True)
class Job:
    """What all parts of a run share.

    Attributes
    ----------
    plan, zones, city, years, headers
        As in a run of one process; ``headers`` are the columns of the source.
    folder
        Where rows wait; all workers see it.
    bounds
        Box of the Hilbert curve.
    token
        Names the run, so that a process sets up its tagger and its joiner once.
    """

    plan: CleaningPlan
    zones: dict[str, ZoneLayer]
    city: str
    years: tuple[int, ...]
    headers: tuple[str, ...]
    folder: Path
    bounds: Bounds
    token: str = field(default_factory=lambda: uuid.uuid4().hex)

    def rows_of(self, area: int, part: int) -> Path:
        """Where the rows of a part wait that lie in an area."""
        return self.folder / f"area-{area:05d}" / f"{part:06d}.arrows"

    def rejects_of(self, part: int) -> Path:
        """Where the rejects of a part wait."""
        return self.folder / "rejects" / f"{part:06d}.csv"


@dataclass(frozen=True)
class Looked:
    """What a first look at a part found: its codes in buckets, and the places of some rows."""

    codes: list[CodeBucket]
    places: npt.NDArray[np.int64]


def look(item: tuple[int, TableSource], job: Job, buckets: int) -> Looked:
    """Clean a part only to know its codes, which of its rows stay, and where they lie."""
    codes = RecordedCodes()
    cleaner = Cleaner(job.plan, codes)
    places = [np.empty(0, dtype=np.int64)]
    for batch in item[1].batches():
        lon, lat = _positions(cleaner.clean(batch).columns)
        places.append(hilbert_places(lon[::_SAMPLED], lat[::_SAMPLED], job.bounds))
    return Looked(codes.parted(buckets), np.concatenate(places))


def bucket_of(looked: Looked, bucket: int) -> CodeBucket:
    """One bucket of the codes of a part."""
    return looked.codes[bucket]


def places_of(looked: Looked) -> npt.NDArray[np.int64]:
    """The places that were looked at."""
    return looked.places


def compare_codes(*parts: CodeBucket) -> list[npt.NDArray[np.int64]]:
    """Places of the repeats of one bucket, by part."""
    return find_repeats(parts)


def work(
    item: tuple[int, TableSource],
    job: Job,
    cuts: npt.NDArray[np.int64],
    repeats: Sequence[npt.NDArray[np.int64]],
) -> tuple[CityCounts, CellCounts]:
    """Clean, tag, join and count a part; its rows wait on disk by the areas between ``cuts``."""
    number, source = item
    cleaner = Cleaner(job.plan, KnownRepeats(np.concatenate([np.empty(0, np.int64), *repeats])))
    at_work, counts = _city_work(job), CityCounts(job.zones, job.years)
    cells = CellCounts(job.city)
    with contextlib.ExitStack() as stack:
        areas = stack.enter_context(_Areas(job, number, cuts))
        rejects = stack.enter_context(RejectWriter(job.rejects_of(number), job.headers))
        for batch in source.batches():
            placed = at_work.placed(cleaner.clean(batch))
            counts.add(placed)
            cells.add(placed.columns)
            areas.write(placed)
            rejects.write(placed.rejected)
    return counts, cells


def merge(
    one: tuple[CityCounts, CellCounts], other: tuple[CityCounts, CellCounts]
) -> tuple[CityCounts, CellCounts]:
    """The counts of two neighbouring parts as those of one; both arguments are left alone."""
    import copy

    return copy.deepcopy(one[0]).merge(other[0]), one[1].merged(other[1])


def order(area: int, job: Job, parts: int, target: Path) -> int:
    """Put the rows of an area in their order into a file; the bytes that waited."""
    files = [path for part in range(parts) if (path := job.rows_of(area, part)).is_file()]
    scratch = job.folder / f"order-{area:05d}-{uuid.uuid4().hex}"
    size = sum(path.stat().st_size for path in files)
    with OrderedFirmWriter(target, job.bounds, scratch) as firms:
        for path in files:
            for batch, flags in _waiting(path):
                firms.write(batch, flags)
    return size + firms.spilled_bytes


class _Areas:
    """The files of a part by area, all of them in place when the block ends well."""

    def __init__(self, job: Job, part: int, cuts: npt.NDArray[np.int64]) -> None:
        self._job, self._part, self._cuts = job, part, cuts
        self._stack = contextlib.ExitStack()
        self._writers: dict[int, Any] = {}

    def __enter__(self) -> _Areas:
        return self

    def __exit__(self, *error: Any) -> None:
        self._stack.__exit__(*error)

    def write(self, batch: CleanBatch) -> None:
        """Append the rows of a batch, each to the file of its area."""
        lon, lat = _positions(batch.columns)
        area = np.searchsorted(self._cuts, hilbert_places(lon, lat, self._job.bounds), side="right")
        plain = _plain(batch)
        order = np.argsort(area, kind="stable")
        ends = np.searchsorted(area[order], np.arange(len(self._cuts) + 2))
        rows = plain.take(pa.array(order))
        for number in range(len(self._cuts) + 1):
            begin, end = int(ends[number]), int(ends[number + 1])
            if end > begin or (number == 0 and not self._writers):
                self._writer(number, plain.schema).write_batch(rows.slice(begin, end - begin))

    def _writer(self, area: int, schema: pa.Schema) -> Any:
        if area not in self._writers:
            partial = self._stack.enter_context(replacing(self._job.rows_of(area, self._part)))
            self._writers[area] = self._stack.enter_context(pa.ipc.new_stream(partial, schema))
        return self._writers[area]


@lru_cache(maxsize=1)
def _prepared(token: str, holder: _Holder) -> CityWork:
    del token
    return CityWork(holder.job.zones, holder.job.city)


@dataclass(frozen=True)
class _Holder:
    """A job that hashes by its token."""

    job: Job

    def __hash__(self) -> int:
        return hash(self.job.token)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Holder) and other.job.token == self.job.token


def _city_work(job: Job) -> CityWork:
    return _prepared(job.token, _Holder(job))


def _positions(
    firms: pa.RecordBatch,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    lon, lat = (firms.column(name).to_numpy(zero_copy_only=False) for name in (c.LON, c.LAT))
    return lon, lat


def _plain(batch: CleanBatch) -> pa.RecordBatch:
    """The rows without dictionaries, their flags, and the types that they had."""
    firms = batch.columns
    arrays = [
        column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
        for column in firms.columns
    ]
    made = pa.RecordBatch.from_arrays(
        [*arrays, pa.array(batch.flags)], names=[*firms.schema.names, _FLAGS]
    )
    return made.replace_schema_metadata({_TYPES: firms.schema.serialize().to_pybytes()})


def _waiting(path: Path) -> Iterator[tuple[pa.RecordBatch, npt.NDArray[np.uint32]]]:
    """The reverse of :func:`_plain` for the rows of a file."""
    with pa.OSFile(str(path)) as file, pa.ipc.open_stream(file) as reader:
        schema = pa.ipc.read_schema(pa.py_buffer(reader.schema.metadata[_TYPES]))
        for batch in reader:
            arrays = [_typed(batch.column(one.name), one.type) for one in schema]
            firms = pa.RecordBatch.from_arrays(arrays, schema=schema)
            yield firms, batch.column(_FLAGS).to_numpy()


def _typed(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if not pa.types.is_dictionary(kind):
        return column
    encoded = column.dictionary_encode()
    return pa.DictionaryArray.from_arrays(encoded.indices.cast(kind.index_type), encoded.dictionary)
