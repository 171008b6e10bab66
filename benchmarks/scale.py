"""More rows, and more processes: what they cost and whether they change anything.

A city four times as large against the city: CPU grows with the rows and memory does not. The same
table by one process and by two workers of the dask engine: the same study, at what overhead.
Tables are Parquet, all columns as text. ``--firms 15000000`` compares 60 million rows with 15, and
``--firms 20000000`` shares 20 million; those take hours and are not in the usual run.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds

from benchmarks.case import Case
from benchmarks.sizes import city, firms
from layout.core.columns import CODE, DISTRICT, SECTOR_1
from layout.pipeline.inputs import Inputs, TableInput, read_inputs
from layout.pipeline.run import run
from layout.pipeline.shared_run import Engine

TIMES = 4
WORKERS = 2


def parquet(number: int) -> Inputs:
    """The inputs of a city, its firm table as Parquet."""
    import polars

    folder = city(number)
    target = folder / "firms.parquet"
    if not target.is_file():
        frame = polars.read_csv(
            folder / "firms.csv", infer_schema=False, encoding="utf8-lossy",
            truncate_ragged_lines=True,
        )  # fmt: skip
        frame.write_parquet(target, row_group_size=100_000)
    return read_inputs(folder).model_copy(
        update={"firms": TableInput(path=target, datum="wgs84"), "layers": {}}
    )


def both_sizes() -> tuple[Inputs, Inputs]:
    return parquet(TIMES * firms()), parquet(firms())


def counted(inputs: Inputs) -> int:
    """Rows that a run reads."""
    with tempfile.TemporaryDirectory(prefix="layout-bench-") as scratch:
        return int(run(inputs, Path(scratch) / "study").manifest.counts["read"])


def larger(inputs: tuple[Inputs, Inputs]) -> int:
    return counted(inputs[0])


def smaller(inputs: tuple[Inputs, Inputs]) -> int:
    return counted(inputs[1])


def times_as_many(large: int, small: int) -> bool:
    # A few hostile lines of a table are not read as rows.
    return abs(large - TIMES * small) < 0.001 * large


def study_of(inputs: Inputs, engine: Engine | None) -> dict[str, Any]:
    """What a study says: its tables, and its firms in their order."""
    with tempfile.TemporaryDirectory(prefix="layout-bench-") as scratch:
        study = Path(scratch) / "study"
        run(inputs, study, engine=engine)
        table = ds.dataset(study / "firms.parquet", format="parquet")
        return {
            "tables": {p.name: p.read_bytes() for p in (study / "results").glob("*.csv")},
            "firms": table.to_table(columns=[CODE, DISTRICT, SECTOR_1]).to_pydict(),
        }


def shared(inputs: Inputs) -> dict[str, Any]:
    return study_of(inputs, Engine(workers=WORKERS))


def alone(inputs: Inputs) -> dict[str, Any]:
    return study_of(inputs, None)


def equal(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return one == other


CASES = (
    Case(
        f"{TIMES * firms():,} rows of Parquet to a study", both_sizes, larger, smaller,
        f"{firms():,} rows", times_as_many, at_most_times=1.1 * TIMES, at_most_peer_mb=1.2,
        repeats=1,
    ),
    Case(
        f"{firms():,} rows of Parquet to a study by {WORKERS} workers", lambda: parquet(firms()),
        shared, alone, "one process", equal, at_most_times=2, repeats=1,
    ),
)  # fmt: skip
