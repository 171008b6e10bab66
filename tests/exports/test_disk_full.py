"""A disk that fills up ends with a message; what stood there stays as it was."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from layout.core.columns import LAT, LINE, LON, NAME
from layout.core.errors import OutputError
from layout.exports.firm_order import OrderedFirmWriter

ROWS = 20_000


@pytest.fixture
def little_room() -> Iterator[None]:
    """No file of this process may grow beyond 100 kB, which the system refuses as a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def batch() -> pa.RecordBatch:
    rng = np.random.default_rng(1)
    return pa.RecordBatch.from_pydict(
        {
            NAME: pa.array([rng.bytes(20).hex() for _ in range(ROWS)]),
            LON: rng.uniform(113.8, 114.5, ROWS),
            LAT: rng.uniform(22.5, 22.8, ROWS),
            LINE: np.arange(ROWS),
        }
    )


def fill(writer: OrderedFirmWriter) -> None:
    with writer as firms:
        whole = batch()
        for begin in range(0, ROWS, 2_000):
            part = whole.slice(begin, 2_000)
            firms.write(part, np.zeros(part.num_rows, np.uint32))


@pytest.mark.usefixtures("little_room")
@pytest.mark.parametrize("held_rows", [ROWS, 1_000])
def test_the_old_file_stays_where_the_new_one_has_no_room(tmp_path: Path, held_rows: int) -> None:
    target = tmp_path / "firms.parquet"
    target.write_bytes(b"old")
    writer = OrderedFirmWriter(
        target, (113.7, 22.4, 114.7, 22.9), tmp_path / "waiting", held_rows=held_rows
    )
    with pytest.raises(OutputError, match=r"firms\.parquet"):
        fill(writer)
    assert target.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["firms.parquet"]
