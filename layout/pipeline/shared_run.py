"""A run whose parts are worked on by several processes or machines, with the same result.

Four rounds over the parts of a Parquet table: positions and addresses for the datum check; a first
cleaning that tells which codes come again (a row is a repeat or not because of rows in other
parts); the work itself, whose rows wait on disk by stretches of the Hilbert curve; and the
stretches, each put in order and written as one file of the dataset.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from layout.core.errors import EngineError
from layout.core.sources import TableSource
from layout.core.study import ZoneLayer
from layout.engines.dask import Machines, machines
from layout.exports import study as folder_of
from layout.pipeline import part_work as parts_of
from layout.pipeline.city_files import CityRun
from layout.pipeline.city_work import CityCounts, panel_years
from layout.pipeline.datum_pass import count_positions
from layout.prepare.cleaning import CleaningPlan
from layout.prepare.datum_counts import SurveyCounts
from layout.readers.columnar import ParquetTable

Progress = Callable[[str, float | None], None]
"""Told the key of the stage and the share of it that is done, None where unknown."""

PART_ROWS: Final = 500_000
FILE_ROWS: Final = 1_000_000
"""Rows of a part, and of a file of the result, about."""
_MOST_BUCKETS: Final = 64


@dataclass(frozen=True)
class Engine:
    """Who shares the work.

    Attributes
    ----------
    scheduler
        Address of a running scheduler; None starts processes on this machine.
    workers
        Processes on this machine, one a core where None.
    part_rows, file_rows
        Rows of a part, and of a file of the result, about.
    """

    scheduler: str | None = None
    workers: int | None = None
    part_rows: int = PART_ROWS
    file_rows: int = FILE_ROWS


@contextlib.contextmanager
def shared_work(engine: Engine, told: Progress) -> Iterator[SharedWork]:
    """The machines of an engine, ready while the block lasts.

    Raises
    ------
    EngineError
        They cannot be reached.
    """
    with machines(engine.scheduler, workers=engine.workers) as ready:
        yield SharedWork(engine, ready, told)


class SharedWork:
    """The rounds of a run on machines that are ready."""

    def __init__(self, engine: Engine, ready: Machines, told: Progress) -> None:
        self._engine, self._machines, self._told = engine, ready, told

    def gathered(
        self,
        source: TableSource,
        plan: CleaningPlan,
        districts: ZoneLayer,
        city: str,
        compare: bool,
    ) -> SurveyCounts:
        """What :func:`layout.pipeline.datum_pass.count_positions` counts, part by part."""
        shared = self._machines.share((plan, districts))
        parts = [one for _, one in self._parts(source)]
        promises = self._machines.start(_counted, parts, shared, city, compare)
        found = self._machines.gathered(promises, partial(self._told, "survey"))
        whole: SurveyCounts = found[0]
        for one in found[1:]:
            whole.merge(one)
        return whole

    def work(self, city: CityRun) -> tuple[CityCounts, int]:
        """Write the firms and the rejects of a run; its counts, and the bytes that waited."""
        session, parts = city.session, self._parts(city.session.source)
        waiting = city.folder / folder_of.WAITING
        job = parts_of.Job(
            plan=session.plan,
            zones=dict(city.zones),
            city=city.inputs.city,
            years=panel_years(session.mapping, city.inputs.city),
            headers=session.source.info.headers,
            folder=waiting.resolve(),
            bounds=city.bounds(),
        )
        shared = self._machines.share(job)
        repeats, places = self._look(parts, shared)
        cuts = even_cuts(places, session.source.info.rows or 0, self._engine.file_rows)
        counts, cells = self._work(parts, shared, cuts, repeats)
        _join_rejects([job.rejects_of(n) for n, _ in parts], city.folder / folder_of.REJECTS)
        spilled = self._order(city.folder / folder_of.FIRMS, shared, len(cuts) + 1, len(parts))
        folder_of.write_cells(city.folder, cells.frame())
        shutil.rmtree(waiting, ignore_errors=True)
        return counts, spilled

    def _parts(self, source: TableSource) -> list[tuple[int, ParquetTable]]:
        if not isinstance(source, ParquetTable):
            info = source.info
            raise EngineError("error.dask_needs_parquet", path=info.path, found=info.format)
        return list(enumerate(source.parts(self._engine.part_rows)))

    def _look(
        self, parts: list[tuple[int, ParquetTable]], job: Any
    ) -> tuple[list[list[npt.NDArray[np.int64]]], npt.NDArray[np.int64]]:
        """The repeats of each part, and the places of some rows of all."""
        buckets = min(2 * self._machines.workers, _MOST_BUCKETS)
        looked = self._machines.start(parts_of.look, parts, job, buckets)
        compared = []
        for bucket in range(buckets):
            first, *others = self._machines.start(parts_of.bucket_of, looked, bucket)
            compared += self._machines.start(parts_of.compare_codes, [first], *others)
        sampled = self._machines.start(parts_of.places_of, looked)
        self._machines.watch(looked, partial(self._told, "codes"))
        by_bucket = self._machines.gathered(compared)
        places = np.concatenate(self._machines.gathered(sampled))
        return [[found[n] for found in by_bucket] for n, _ in parts], places

    def _work(
        self,
        parts: list[tuple[int, ParquetTable]],
        job: Any,
        cuts: npt.NDArray[np.int64],
        repeats: list[list[npt.NDArray[np.int64]]],
    ) -> tuple[CityCounts, Any]:
        done = [
            self._machines.start(parts_of.work, [part], job, cuts, some)[0]
            for part, some in zip(parts, repeats, strict=True)
        ]
        whole = self._machines.merged(done, parts_of.merge)
        self._machines.watch(done, partial(self._told, "firms"))
        found: tuple[CityCounts, Any] = self._machines.gathered([whole])[0]
        return found

    def _order(self, target: Path, job: Any, areas: int, parts: int) -> int:
        target.mkdir()
        promises = [
            self._machines.start(
                parts_of.order, [area], job, parts, target.resolve() / f"part-{area:05d}.parquet"
            )[0]
            for area in range(areas)
        ]
        return sum(self._machines.gathered(promises, partial(self._told, "order")))


def even_cuts(places: npt.NDArray[np.int64], rows: int, file_rows: int) -> npt.NDArray[np.int64]:
    """First places of all stretches of the curve but the lowest, of about ``file_rows`` rows each.

    Parameters
    ----------
    places
        Places of some rows, drawn evenly.
    rows
        Rows in all.
    """
    wanted = max(-(-rows // file_rows), 1)
    if wanted == 1 or not len(places):
        return np.empty(0, dtype=np.int64)
    ranks = np.linspace(0, len(places), wanted + 1)[1:-1].astype(np.int64)
    return np.unique(np.sort(places)[ranks])


def _counted(
    part: ParquetTable, shared: tuple[CleaningPlan, ZoneLayer], city: str, compare: bool
) -> SurveyCounts:
    plan, districts = shared
    return count_positions(part, plan, districts, city=city, compare=compare)


def _join_rejects(parts: list[Path], target: Path) -> None:
    """One rejects file of those of the parts, in their order; each begins with the same header."""
    with target.open("wb") as out:
        for number, path in enumerate(parts):
            with path.open("rb") as given:
                head = given.readline()
                if number == 0:
                    out.write(head)
                shutil.copyfileobj(given, out)
