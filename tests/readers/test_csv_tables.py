"""Delimited text: what Python's csv module reads, in any encoding, cut at any place."""

import csv
import io

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from layout.core.errors import InputFileError
from layout.readers import csv_tables
from layout.readers.csv_tables import CsvTable
from layout.readers.encodings import Encoding

LENIENT = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def write(tmp_path, data, name="t.csv"):
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def read(path, columns=None, **options):
    """Headers, rows, lines, unreadable rows (line, reason, raw), rows with bad bytes, blanks."""
    table = CsvTable(path, **options)
    rows, lines, unreadable, bad, blank = [], [], [], [], 0
    for batch in table.batches(columns):
        batch.columns.validate(full=True)
        rows += zip(*(column.to_pylist() for column in batch.columns.columns), strict=True)
        lines += batch.lines.to_pylist()
        unreadable += [(row.line, row.reason, row.raw) for row in batch.unreadable]
        marks = batch.undecodable
        bad += marks.to_pylist() if marks is not None else [False] * len(batch.lines)
        blank += batch.blank
    return table.info.headers, rows, lines, unreadable, bad, blank


CELL = st.text(st.sampled_from(list('ab1 ,;|\t"\n\r，中文企\u20ac\U00020000é')), max_size=6).filter(
    lambda text: "\r" not in text.replace("\r\n", "")
)


@LENIENT
@given(
    rows=st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    newline=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    chunk=st.integers(40, 90),
)
@example([['"', "\n", ""]], "|", "\r\n", "gb18030", csv.QUOTE_ALL, 40)
def test_reads_what_the_csv_module_writes(
    tmp_path, monkeypatch, rows, delimiter, newline, encoding, quoting, chunk
):
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=newline, quoting=quoting)
    writer.writerow(["甲", "乙", "丙"])
    writer.writerows(rows)
    path = write(tmp_path, text.getvalue().encode(encoding))
    monkeypatch.setattr(csv_tables, "_CHUNK_BYTES", chunk)
    declared = "utf-16-le" if encoding == "utf-16-le" else encoding.replace("-sig", "")
    headers, got, lines, unreadable, bad, blank = read(path, encoding=declared, delimiter=delimiter)
    full = [row for row in rows if any(row)]
    assert headers == ("甲", "乙", "丙")
    assert [[cell or "" for cell in row] for row in got] == full
    assert unreadable == []
    assert not any(bad)
    assert blank == len(rows) - len(full)
    places = [2 + sum(c.count("\n") for r in rows[:i] for c in r) + i for i in range(len(rows))]
    assert lines == [line for line, row in zip(places, rows, strict=True) if any(row)]


def test_empty_is_null_and_quoted_empty_is_text(tmp_path):
    _, rows, *_ = read(write(tmp_path, 'a,b\n1,\n2,""\n'))
    assert rows == [("1", None), ("2", "")]


def test_empty_is_null_behind_a_quoted_field_of_no_row(tmp_path):
    _, rows, *_ = read(write(tmp_path, 'a,b,c\n"x",2\n,1,1\n""\n,2,2\n'))
    assert rows == [(None, "1", "1"), (None, "2", "2")]


def test_only_named_columns_in_their_order(tmp_path):
    path = write(tmp_path, "a,b,c\n1,2,3\n4,5,6\n")
    _, rows, lines, *_ = read(path, ("c", "a"))
    assert rows == [("3", "1"), ("6", "4")]
    assert lines == [2, 3]
    assert [len(b.lines) for b in CsvTable(path).batches(())] == [2]


def test_ragged_rows_keep_their_text_and_line(tmp_path):
    path = write(tmp_path, 'a,b\n1,"x\ny"\n1,2,3\n\n only\n3,4\n')
    _, rows, lines, unreadable, _, blank = read(path)
    assert rows == [("1", "x\ny"), ("3", "4")]
    assert lines == [2, 7]
    assert unreadable == [(4, "wrong_field_count", "1,2,3"), (6, "wrong_field_count", " only")]
    assert blank == 1


def test_batches_end_at_any_row(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_tables, "_BATCH_ROWS", 3)
    body = "".join(f"{i},{i}\n" if i % 4 else f"{i}\n" for i in range(50))
    path = write(tmp_path, "a,b\n" + body)
    _, rows, lines, unreadable, _, _ = read(path)
    assert len(rows) + len(unreadable) == 50
    assert lines == [i + 2 for i in range(50) if i % 4]
    done = [batch.done for batch in CsvTable(path).batches()]
    assert done == sorted(done)
    assert done[-1] == 1.0


def test_text_with_quotation_marks_stays(tmp_path):
    path = write(tmp_path, 'a,b\n"龙华"牌,x\ny"z,"say ""hi"""\n"q" ,"r"\r\n')
    assert read(path)[1] == [('"龙华"牌', "x"), ('y"z', 'say "hi"'), ('"q" ', "r")]


def test_classic_mac_line_ends(tmp_path):
    _, rows, lines, *_ = read(write(tmp_path, "a,b\r1,2\r3,4"))
    assert rows == [("1", "2"), ("3", "4")]
    assert lines == [2, 3]


def test_undecodable_rows_do_not_change_the_encoding(tmp_path):
    lines = [f"{i},深圳市企业{i}".encode() for i in range(200)]
    lines[50] = "50,深圳市".encode("gb18030")
    lines[60] = b"60,a\x00b"
    path = write(tmp_path, b"id,name\n" + b"\n".join(lines) + b"\n")
    assert CsvTable(path).info.encoding == "utf-8"
    _, rows, _, _, bad, _ = read(path)
    assert len(rows) == 200
    assert [i for i, mark in enumerate(bad) if mark] == [50, 60]
    assert rows[50] == ("50", "\\xc9\\xee\\xdb\\xda\\xca\\xd0")
    assert rows[60] == ("60", "a\\x00b")


ODD = st.sampled_from(
    [b"1", b"", b'""', '"中,""é"'.encode(), b"\xe4\xb8", b"\xad\xff", b'"\xe4""\n\xad"', b"a\0"]
)


@LENIENT
@given(
    rows=st.lists(st.lists(ODD, min_size=1, max_size=4), min_size=1, max_size=12),
    newline=st.sampled_from([b"\n", b"\r\n"]),
    chunk=st.integers(50, 90),
    batch=st.integers(1, 4),
)
def test_bad_bytes_are_told_cell_by_cell(tmp_path, monkeypatch, rows, newline, chunk, batch):
    lines = [b",".join(row) for row in [[b"a", b"b", b"c"], *rows, [b"1", b"2", b"3"]]]
    path = write(tmp_path, newline.join(lines) + newline)
    monkeypatch.setattr(csv_tables, "_CHUNK_BYTES", chunk)
    monkeypatch.setattr(csv_tables, "_BATCH_ROWS", batch)
    monkeypatch.setattr("layout.readers.csv_tables.find_encoding", lambda *_: Encoding("utf-8"))
    _, got, _, unreadable, bad, blank = read(path)
    full = [row for row in rows if len(row) == 3 and any(cell.strip(b'"') for cell in row)]
    texts = [[_as_read(raw) for raw in row] for row in full]
    assert [list(row) for row in got] == [*[[cell for cell, _ in row] for row in texts], [*"123"]]
    assert bad == [*[any(is_bad for _, is_bad in row) for row in texts], False]
    assert len(unreadable) + len(got) + blank == len(rows) + 1
    assert read(path, ("a", "b", "c")) == read(path)


def _as_read(raw):
    """Text of a cell, and whether bytes of it cannot be decoded."""
    if raw.startswith(b'"'):
        raw = raw[1:-1].replace(b'""', b'"')
    elif not raw:
        return None, False
    text = raw.decode("utf-8", "backslashreplace").replace("\0", "\\x00")
    return text, text.encode() != raw


def test_undecodable_rows_in_gb18030(tmp_path):
    lines = [f"{i},深圳市企业𠀀{i}".encode("gb18030") for i in range(100)]
    lines[7] = b"7,\xff\xd6\xd0"
    path = write(tmp_path, b"id,name\n" + b"\n".join(lines) + b"\n")
    info = CsvTable(path).info
    assert info.encoding == "gb18030"
    _, rows, _, _, bad, _ = read(path)
    assert [i for i, mark in enumerate(bad) if mark] == [7]
    assert rows[7] == ("7", "\\xff中")
    assert rows[8] == ("8", "深圳市企业𠀀8")


def test_ragged_row_with_bad_bytes(tmp_path):
    path = write(tmp_path, b"a,b\n1,2\n\xff,2,3\n")
    assert read(path)[3] == [(3, "wrong_field_count", "\\xff,2,3")]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-16", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-16-le", "utf-16-le"),
    ],
)
def test_encoding_is_found(tmp_path, encoding, found):
    text = "名称,行业代码\n" + "深圳市某某科技有限公司,6513\n" * 3
    path = write(tmp_path, text.encode(encoding))
    assert CsvTable(path).info.encoding == found
    assert read(path)[1] == [("深圳市某某科技有限公司", "6513")] * 3


def test_encoding_is_found_behind_megabytes_of_ascii(tmp_path):
    rows = b"1,abcdefghijklmnopqrstuvwxyz0123456789\n" * 500_000
    path = write(tmp_path, b"id,name\n" + rows + "2,深圳市企业\n".encode("gb18030"))
    assert CsvTable(path).info.encoding == "gb18030"


@pytest.mark.parametrize(("delimiter"), [",", ";", "\t", "|"])
def test_delimiter_is_found(tmp_path, delimiter):
    rows = [["名称", "经营范围", "a"], ["甲", "软件；硬件，服务;x", "1"], ["乙", '含"引号', "2"]]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path = write(tmp_path, text.getvalue().encode("gb18030"))
    assert CsvTable(path).info.delimiter == delimiter
    assert [list(row) for row in read(path)[1]] == rows[1:]


def test_one_column(tmp_path):
    headers, rows, *_ = read(write(tmp_path, "name\nx\n\ny\n"))
    assert headers == ("name",)
    assert rows == [("x",), ("y",)]


def test_repeated_and_missing_headers_are_named(tmp_path):
    table = CsvTable(write(tmp_path, "a,b,a,,a_2\n1,2,3,4,5\n"))
    assert table.info.headers == ("a", "b", "a_3", "column_4", "a_2")
    assert table.info.repeated == {"a_3": "a"}


def test_a_field_of_a_megabyte(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_tables, "_CHUNK_BYTES", 1 << 16)
    huge = "长" * 350_000
    _, rows, *_ = read(write(tmp_path, f'a,b\n1,2\n"{huge}",x\n3,4\n'))
    assert rows == [("1", "2"), (huge, "x"), ("3", "4")]


def test_header_only_gives_no_rows(tmp_path):
    for text in ("a,b", "a,b\n", "\n\na,b\n\n"):
        assert read(write(tmp_path, text))[1] == []


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (b"", {}, "is empty"),
        (b"\n\n", {}, "header line"),
        (b"a,b\n1,2\n3", {}, "1 of 2 fields"),
        ("a,b\n1,2\n3,深圳".encode()[:-1], {}, "cut off"),
        ("a,b\n1,2\n3,深圳".encode("gb18030")[:-1], {"encoding": "gb18030"}, "cut off"),
        (b'a,b\n1,2\n3,"x\n4,5\n', {}, "begins on line 3"),
        ("名称\n深圳市某某公司\n".encode("gb18030"), {"encoding": "utf-8"}, "looks like gb18030"),
        ("名称\n深圳市某某科技公司\n".encode(), {"encoding": "gbk"}, "looks like utf-8"),
        ("名称\n深圳\n".encode(), {"encoding": "utf-16"}, "looks like utf-8"),
        (b"a,b\n1,2\n", {"encoding": "klingon"}, "Unknown encoding"),
        (b"a,b\n1,2\n", {"encoding": "hex"}, "Unknown encoding"),
        (b"a,b\n1,2\n", {"delimiter": "ab"}, "cannot be a delimiter"),
        (b"a,b\n1,2\n", {"delimiter": '"'}, "cannot be a delimiter"),
        (bytes(range(128, 256)) * 9 + b"\n", {}, "Cannot tell the text encoding"),
    ],
)
def test_bad_files_are_told(tmp_path, data, options, message):
    with pytest.raises(InputFileError, match=message):
        read(write(tmp_path, data), **options)


def test_a_quote_that_is_never_closed_does_not_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_tables, "_CHUNK_BYTES", 1 << 10)
    monkeypatch.setattr(csv_tables, "_RECORD_BYTES", 1 << 12)
    path = write(tmp_path, 'a,b\n1,"x\n' + "1,2\n" * 5000)
    with pytest.raises(InputFileError, match="begins on line 2"):
        read(path)


def test_batches_stay_as_they_were_given(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_tables, "_BATCH_ROWS", 4)
    monkeypatch.setattr(csv_tables, "_CHUNK_BYTES", 64)
    path = write(tmp_path, "a,b\n" + "".join(f"{i},{i * i}\n" for i in range(100)))
    batches = list(CsvTable(path).batches())
    assert [line for b in batches for line in b.lines.to_pylist()] == list(range(2, 102))
    assert [v for b in batches for v in b.columns["a"].to_pylist()] == list(map(str, range(100)))
