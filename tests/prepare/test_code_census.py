"""Codes that stand more than once are known before, and the second pass finds the same repeats."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layout.core.errors import OutputError
from layout.core.sources import SourceInfo
from layout.prepare import code_census
from layout.prepare.code_census import CodeCensus, is_large
from layout.prepare.duplicates import SeenCodes, code_hashes

CODES = st.sampled_from(["91440300MA5000000W", "9" * 19, "0", "A" * 18, "深", "", None]) | st.text(
    st.sampled_from("01A"), max_size=3
)


def counted(codes: list[str | None], folder: Path, held: int, step: int = 3) -> np.ndarray:
    with CodeCensus(folder, held_codes=held) as census:
        for begin in range(0, len(codes), step):
            census.add(pa.array(codes[begin : begin + step], pa.string()))
        found = census.repeated()
        assert (census.spilled_bytes > 0) == (sum(map(bool, codes)) > held)
    return found


@given(rows=st.lists(st.tuples(CODES, st.booleans())), held=st.sampled_from([1, 5, 1000]))
def test_the_same_repeats_are_found(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str | None, bool]], held: int
) -> None:
    codes, keep = [row[0] for row in rows], np.array([row[1] for row in rows], dtype=bool)
    found = counted(codes, tmp_path_factory.getbasetemp() / "waiting", held)
    twice = [code for code, times in Counter(filter(None, codes)).items() if times > 1]
    assert set(code_hashes(pa.array(twice, pa.string()))) == set(found)
    few, all_of_them = SeenCodes(found), SeenCodes()
    for begin in range(0, len(codes), 4):
        part, kept = pa.array(codes[begin : begin + 4], pa.string()), keep[begin : begin + 4]
        assert few.repeats(part, kept).tolist() == all_of_them.repeats(part, kept).tolist()
    assert len(few) <= len(twice)


def test_many_codes_wait_on_disk_and_leave_nothing(tmp_path: Path) -> None:
    numbers = np.random.default_rng(2).permutation(30_000) // 2  # each stands twice
    codes: list[str | None] = [f"91440300MA5{n:07d}" for n in numbers]
    found = counted([*codes[:20_000], "once", None], tmp_path, 1_000, 700)
    twice = [code for code, times in Counter(codes[:20_000]).items() if times > 1]
    np.testing.assert_array_equal(np.sort(code_hashes(pa.array(twice))), np.sort(found))
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with (
        pytest.raises(OutputError, match="file"),
        CodeCensus(tmp_path / "file", held_codes=1) as census,
    ):
        census.add(pa.array(["1", "2"]))


def test_large_tables_by_rows_or_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "firms.csv"
    path.write_bytes(b"")
    os.truncate(path, code_census.MANY_BYTES + 1)  # sparse: no room is taken
    assert is_large(SourceInfo(path, "csv", ()))
    assert not is_large(SourceInfo(path, "parquet", (), rows=code_census.MANY_ROWS))
    assert is_large(SourceInfo(path, "parquet", (), rows=code_census.MANY_ROWS + 1))
    os.truncate(path, 10)
    assert not is_large(SourceInfo(path, "csv", ()))
