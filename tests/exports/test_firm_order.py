"""The firm table in the order of places: nothing lost, ties as they came, whatever the batches."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from layout.core.columns import FLAGS, LAT, LINE, LON, PARKS
from layout.core.faults import mask_of
from layout.exports import key_partitions
from layout.exports.firm_order import OrderedFirmWriter
from layout.exports.key_partitions import KeyPartitions
from layout.geometry.hilbert import hilbert_places

BOUNDS = (113.7, 22.4, 114.7, 22.9)
ROWS = 5_000


def firms(rows: int = ROWS) -> pa.RecordBatch:
    """Many firms at few places, some nowhere."""
    rng = np.random.default_rng(7)
    place = rng.integers(0, 400, rows)
    lon, lat = 113.7 + place % 20 / 20, 22.4 + place // 20 / 40
    lost = rng.random(rows) < 0.02
    lon[lost] = np.nan
    return pa.RecordBatch.from_pydict(
        {
            LON: pa.array(lon, from_pandas=True),
            LAT: pa.array(lat, from_pandas=True),
            LINE: pa.array(np.arange(rows)),
        }
    )


def with_parks(batch: pa.RecordBatch) -> pa.RecordBatch:
    """A dictionary column that each batch begins anew."""
    lines = batch.column(LINE).to_pylist()
    words = pa.array([None if n % 5 == 0 else f"P{n % 7}" for n in lines], pa.string())
    return batch.append_column(PARKS, words.dictionary_encode())


def written(path: Path, batch_rows: int, held_rows: int, rows: int = ROWS) -> OrderedFirmWriter:
    whole = firms(rows)
    writer = OrderedFirmWriter(
        path, BOUNDS, path.parent / "waiting", held_rows=held_rows, row_group=1000
    )
    with writer as out:
        for begin in range(0, rows, batch_rows):
            batch = with_parks(whole.slice(begin, batch_rows))
            flags = np.where(np.asarray(batch.column(LINE)) % 2, mask_of("in_sea"), 0)
            out.write(batch, flags.astype("uint32"), (begin + batch.num_rows) / rows)
    return writer


@pytest.mark.parametrize(("batch_rows", "held_rows"), [(ROWS, ROWS), (300, ROWS), (300, 700)])
def test_rows_follow_the_curve_and_keep_what_belongs_to_them(
    tmp_path: Path, batch_rows: int, held_rows: int
) -> None:
    writer = written(tmp_path / "firms.parquet", batch_rows, held_rows)
    table = pq.read_table(tmp_path / "firms.parquet")
    lon, lat, line = (table[name].to_numpy() for name in (LON, LAT, LINE))
    keys = hilbert_places(lon, lat, BOUNDS)
    assert (np.diff(keys) >= 0).all()
    assert (np.diff(line)[np.diff(keys) == 0] > 0).all()
    assert sorted(line) == list(range(ROWS))
    given = firms()
    assert np.array_equal(lon, given.column(LON).to_numpy(zero_copy_only=False)[line], True)
    parks = [None if n % 5 == 0 else f"P{n % 7}" for n in line.tolist()]
    assert table[PARKS].to_pylist() == parks
    assert table[FLAGS].to_pylist() == ["in_sea" if n % 2 else "" for n in line.tolist()]
    assert (writer.spilled_bytes > 0) == (held_rows < ROWS)
    assert [one.name for one in tmp_path.iterdir()] == ["firms.parquet"]


def test_the_file_does_not_depend_on_batches_and_memory(tmp_path: Path) -> None:
    made = set()
    for place, (batch_rows, held_rows) in enumerate([(ROWS, ROWS), (250, 600), (999, 120)]):
        path = tmp_path / str(place) / "firms.parquet"
        written(path, batch_rows, held_rows)
        made.add(path.read_bytes())
    assert len(made) == 1


def test_groups_are_tight_and_the_order_is_told(tmp_path: Path) -> None:
    written(tmp_path / "firms.parquet", 500, 1000)
    file = pq.ParquetFile(tmp_path / "firms.parquet")
    assert [file.metadata.row_group(i).num_rows for i in range(5)] == [1000] * 5
    told = json.loads(file.metadata.metadata[b"row_order"])
    assert (told["curve"], told["bounds"]) == ("hilbert", list(BOUNDS))
    group = file.read_row_group(0, [LON, LAT]).to_pandas()
    assert np.ptp(group[LON]) < 0.6
    assert np.ptp(group[LAT]) < 0.3


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with OrderedFirmWriter(
            tmp_path / "firms.parquet", BOUNDS, tmp_path / "waiting", held_rows=10
        ) as out:
            out.write(firms(100), np.zeros(100, "uint32"))
            assert (tmp_path / "waiting").is_dir()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["sorted", "falling", "equal", "half equal", "random"])
def test_keys_of_any_kind_are_sorted_with_bounded_memory(tmp_path: Path, kind: str) -> None:
    rng = np.random.default_rng(3)
    n = 20_000
    keys = {
        "sorted": np.arange(n),
        "falling": np.arange(n)[::-1],
        "equal": np.full(n, 5),
        "half equal": np.where(rng.random(n) < 0.5, 77, rng.integers(0, 1000, n)),
        "random": rng.integers(0, 10**9, n),
    }[kind].astype("int64")
    parts = KeyPartitions(tmp_path / "parts", "key", held_rows=200)
    for begin in range(0, n, 150):
        rows = slice(begin, begin + 150)
        given = {"key": keys[rows], "row": np.arange(n)[rows]}
        parts.add(pa.RecordBatch.from_pydict(given))
    batches = list(parts.sorted_batches(300))
    order = np.concatenate([batch.column("row").to_numpy() for batch in batches])
    assert np.array_equal(order, np.argsort(keys, kind="stable"))
    assert {batch.num_rows for batch in batches[:-1]} == {300}
    assert parts.spilled_bytes > 0
    assert not list((tmp_path / "parts").rglob("*.rows"))


@pytest.mark.parametrize("rows", [150, 1_000])
def test_rows_that_the_disk_lost_are_told(tmp_path: Path, rows: int) -> None:
    parts = KeyPartitions(tmp_path / "parts", "key", held_rows=100)
    for begin in range(0, rows, 50):  # all of one key in one file, cut behind its last row but one
        parts.add(pa.RecordBatch.from_pydict({"key": np.full(50, 7), "row": np.arange(50) + begin}))
    for one in parts._ranges:
        one.file.flush()
    largest = max((tmp_path / "parts").iterdir(), key=lambda path: path.stat().st_size)
    os.truncate(largest, largest.stat().st_size - 8)
    with pytest.raises(OSError, match=f"{rows - 1} of {rows} rows"):
        list(parts.sorted_batches(100))
    parts.close()


def test_batches_of_long_rows_are_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # about as many bytes as the offsets of text can count with room for one more row
    monkeypatch.setattr(key_partitions, "_MOST_BYTES", 20_000)
    rng = np.random.default_rng(4)
    keys, sizes = rng.integers(0, 50, 900), rng.integers(0, 9, 900) ** 4
    parts = KeyPartitions(tmp_path / "parts", "key", held_rows=100)
    for begin in range(0, 900, 90):
        texts = ["x" * size for size in sizes[begin : begin + 90].tolist()]
        parts.add(pa.RecordBatch.from_pydict({"key": keys[begin : begin + 90], "text": texts}))
    batches = list(parts.sorted_batches(200))
    assert max(batch.nbytes for batch in batches) <= 20_000 + sizes.max()
    assert max(batch.num_rows for batch in batches) > 1
    found = np.concatenate([pc.binary_length(one.column("text")) for one in batches])
    assert np.array_equal(found, sizes[np.argsort(keys, kind="stable")])


def test_no_rows_at_all(tmp_path: Path) -> None:
    parts = KeyPartitions(tmp_path / "parts", "key")
    assert list(parts.sorted_batches(10)) == []
    assert parts.spilled_bytes == 0


def test_a_table_without_firms_has_its_columns(tmp_path: Path) -> None:
    with OrderedFirmWriter(tmp_path / "firms.parquet", BOUNDS, tmp_path / "waiting") as out:
        out.write(with_parks(firms(0)), np.zeros(0, "uint32"))
    table = pq.read_table(tmp_path / "firms.parquet")
    assert len(table) == 0
    assert {LON, LAT, LINE, PARKS, FLAGS} <= set(table.column_names)
