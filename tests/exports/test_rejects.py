"""The rejects file: every rejected row as it stood, safe to open in a spreadsheet."""

import csv

import numpy as np
import pyarrow as pa
import pytest

from layout.core.errors import OutputError
from layout.core.faults import mask_of
from layout.core.sources import UnreadableRow
from layout.exports.rejects import RejectWriter
from layout.prepare.clean_batch import RejectedRows

HEADERS = ("企业名称", "经度")


def rejected(*rows, unreadable=()):
    columns = [pa.array([row[1 + i] for row in rows], pa.string()) for i in range(2)]
    return RejectedRows(
        lines=pa.array([row[0] for row in rows], pa.int64()),
        reasons=np.full(len(rows), mask_of("duplicate_code", "undecodable_text"), np.uint32),
        values=pa.RecordBatch.from_arrays(columns, names=list(HEADERS)),
        unreadable=unreadable,
    )


def read(path):
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.reader(handle))


def test_rows_with_line_reasons_and_values(tmp_path):
    path = tmp_path / "r.csv"
    nasty = '<script>alert(1)</script>,"\n'
    bad = UnreadableRow(4, "wrong_field_count", '=a,"b\nc')
    with RejectWriter(path, HEADERS) as writer:
        writer.write(rejected((3, nasty, None), (5, "长" * 400_000, "-113.5"), unreadable=(bad,)))
        writer.write(rejected())
        writer.write(rejected((9, "乙", "")))
    assert writer.rows == 4
    reasons = "undecodable_text;duplicate_code"
    assert read_large(path) == [
        ["source_line", "reasons", *HEADERS, "unparsed_record"],
        ["3", reasons, nasty, "", ""],
        ["4", "wrong_field_count", "", "", "'=a,\"b\nc"],
        ["5", reasons, "长" * 400_000, "-113.5", ""],
        ["9", reasons, "乙", "", ""],
    ]


def read_large(path):
    limit = csv.field_size_limit(1 << 30)
    try:
        return read(path)
    finally:
        csv.field_size_limit(limit)


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-1+1", "@SUM(A1)", "\t=1", "\r=1"])
def test_formulas_are_neutralised(tmp_path, text):
    with RejectWriter(tmp_path / "r.csv", HEADERS) as writer:
        writer.write(rejected((2, text, "1")))
    assert read(tmp_path / "r.csv")[1][2] == f"'{text}"


@pytest.mark.parametrize("text", ["-113.5", "+8675512345678", "-1,234.5", "-1e-5", "a=1", "'=x"])
def test_other_values_stand_as_they_stood(tmp_path, text):
    with RejectWriter(tmp_path / "r.csv", HEADERS) as writer:
        writer.write(rejected((2, text, "1")))
    assert read(tmp_path / "r.csv")[1][2] == text


def test_no_rejects_give_a_header(tmp_path):
    with RejectWriter(tmp_path / "r.csv", ("reasons", "=x")):
        pass
    assert read(tmp_path / "r.csv") == [
        ["source_line", "reasons", "reasons", "'=x", "unparsed_record"]
    ]


def test_a_failure_leaves_the_old_file(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("old")
    with pytest.raises(TypeError), RejectWriter(path, HEADERS) as writer:
        writer.write(None)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["r.csv"]


def test_an_output_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError), RejectWriter(tmp_path / "file" / "r.csv", HEADERS):
        pass
