"""A firm table from CSV to clean, typed batches in WGS 84, against only reading it.

The peer gives columns of text and numbers; ours also checks the encoding, reads units, dates and
codes, finds doubles and garbled text, checks the datum in a pass of its own and shifts coordinates.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from benchmarks.case import Case
from layout.demo.city import write_city
from layout.pipeline.ingest import open_ingest
from layout.pipeline.ingest_settings import IngestSettings

FIRMS = 200_000


@lru_cache(maxsize=1)
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="layout-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    write_city(folder, firms=FIRMS, seed=1)
    return folder


def table() -> Path:
    """A synthetic firm table in UTF-8."""
    return _folder() / "firms.csv"


def gb_table() -> Path:
    """The same in GB 18030."""
    path = _folder() / "gb.csv"
    path.write_bytes(table().read_bytes().decode("utf-8", "ignore").encode("gb18030"))
    return path


def both_tables() -> tuple[Path, Path]:
    """The table in GB 18030 and in UTF-8."""
    return gb_table(), table()


def clean_gb_rows(paths: tuple[Path, Path]) -> int:
    """Rows read of the first."""
    return clean_rows(paths[0])


def clean_utf_rows(paths: tuple[Path, Path]) -> int:
    """Rows read of the second."""
    return clean_rows(paths[1])


def clean_rows(path: Path) -> int:
    """Rows read by the program."""
    session = open_ingest(path, IngestSettings(datum="wgs84"))
    return sum(batch.read for batch in session.clean_batches())


def polars_rows(path: Path) -> int:
    """Rows read by polars."""
    import polars

    encoding: Any = "utf8-lossy"
    return polars.read_csv(path, encoding=encoding, infer_schema_length=10_000).height


def equal(ours: int, peer: int) -> bool:
    """Both read every row."""
    return ours == peer == FIRMS


CASES = (
    Case(
        f"CSV to clean rows, {FIRMS:,} firms",
        table,
        clean_rows,
        polars_rows,
        "polars.read_csv, no checks",
        equal,
    ),
    Case(
        f"The same in GB 18030, {FIRMS:,} firms",
        both_tables,
        clean_gb_rows,
        clean_utf_rows,
        "ours in UTF-8",
        equal,
        at_most_times=2.2,
    ),
)
