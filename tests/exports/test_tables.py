"""Spreadsheets: text stays text, unknown stays empty, and each file says where it comes from."""

from __future__ import annotations

import csv
import datetime as dt
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layout.core.errors import FaultsError, OutputError, ParameterError
from layout.core.result import Bilingual, Provenance
from layout.exports import tables
from layout.exports.tables import Sheet, companion, neutralised, write_csv, write_xlsx

TRICKS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "#N/A", "=cmd|'/c calc'!A0", "正常文字"]


def frame() -> pd.DataFrame:
    n = len(TRICKS)
    return pd.DataFrame(
        {
            "名称": TRICKS,
            "数": np.arange(n),
            "营收": [1.5, np.nan, np.inf, *range(n - 3)],
            "可空": pd.array([1, None, *range(n - 2)], dtype="Int64"),
            "日期": [dt.date(2020, 1, 31), None, *[dt.date(2021, 12, 1)] * (n - 2)],
            "真假": [True, False, *[None] * (n - 2)],
        }
    )


def test_no_text_is_a_formula_in_a_workbook(tmp_path: Path, provenance: Provenance) -> None:
    path = tmp_path / "t.xlsx"
    assert write_xlsx(path, {"表": frame()}, provenance) == {"表": len(TRICKS)}
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["数据来源与方法", "表"]
    cells = [row[0] for row in book["表"].iter_rows(min_row=2)]
    # Plain XML turns a carriage return into a line feed; with lxml it comes back as it was.
    plain = [str(cell.value).replace("\r", "\n") for cell in cells]
    assert plain == [t.replace("\r", "\n") for t in TRICKS]
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(c.quotePrefix for c in cells if str(c.value).startswith(tables.FORMULA_SIGNS))
    assert not any(
        cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row
    )


def test_headers_and_names_of_sheets_are_no_formulas_either(
    tmp_path: Path, provenance: Provenance
) -> None:
    table = pd.DataFrame({"=A1": ["x"]})
    write_xlsx(tmp_path / "t.xlsx", {"a/b:[很长的名字]" * 4: table, "A/b": table}, provenance)
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert all(len(name) <= 31 for name in book.sheetnames)
    assert book.worksheets[1]["A1"].data_type == "s"


def test_unknown_is_an_empty_cell_and_types_have_formats(
    tmp_path: Path, provenance: Provenance
) -> None:
    write_xlsx(tmp_path / "t.xlsx", {"表": frame()}, provenance)
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["表"]
    assert [sheet.cell(r, 3).value for r in (2, 3, 4)] == [1.5, None, None]
    assert [sheet.cell(r, 4).value for r in (2, 3)] == [1, None]
    assert sheet["B2"].number_format == "#,##0"
    assert sheet["C2"].number_format == "#,##0.00"
    assert sheet["D2"].number_format == "#,##0"
    assert sheet["E2"].value == dt.datetime(2020, 1, 31)  # noqa: DTZ001 - openpyxl gives naive times
    assert sheet["E3"].value is None
    assert [sheet.cell(r, 6).value for r in (2, 3, 4)] == [True, False, None]
    assert sheet.freeze_panes == "B2"


def test_totals_stand_out_and_the_first_sheet_explains(
    tmp_path: Path, provenance: Provenance
) -> None:
    matrix = pd.DataFrame({"区": ["南山区", "合计"], "S05": [0.5, 0.5]})
    sheet = Sheet(matrix, about="企业数", decimal_format="0.00", total_rows=1)
    notes = [Bilingual("口径说明", "Convention")]
    write_xlsx(tmp_path / "t.xlsx", {"矩阵": sheet}, provenance, notes=notes)
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    page = book["矩阵"]
    assert [page["A3"].font.bold, page["B3"].font.bold, page["B2"].font.bold] == [True, True, False]
    assert page["B2"].number_format == "0.00"
    told = " ".join(str(row[1].value) for row in book["数据来源与方法"].iter_rows())
    for part in (
        "合成数据",
        "企业.csv",
        "ab" * 32,
        "口径说明",
        "矩阵：企业数",
        "空值表示不详",
        "审图号",
    ):
        assert part in told
    write_xlsx(tmp_path / "e.xlsx", {"m": sheet}, provenance, lang="en", notes=notes)
    page = openpyxl.load_workbook(tmp_path / "e.xlsx")["Sources and method"]
    told = " ".join(str(row[1].value) for row in page.iter_rows())
    assert "Synthetic data" in told
    assert "Convention" in told


def batches(rows: int, size: int = 3) -> Iterator[pa.RecordBatch]:
    for start in range(0, rows, size):
        values = list(range(start, min(start + size, rows)))
        yield pa.RecordBatch.from_pydict({"n": values, "t": [f"={v}" for v in values]})


def test_batches_are_written_as_one_table(tmp_path: Path, provenance: Provenance) -> None:
    rows = write_xlsx(tmp_path / "t.xlsx", {"f": Sheet(lambda: batches(7))}, provenance)
    assert rows == {"f": 7}
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["f"]
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == [f"={n}" for n in range(7)]
    assert write_csv(tmp_path / "t.csv", lambda: batches(7), provenance) == 7
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as handle:
        assert list(csv.reader(handle))[7] == ["6", "'=6"]


def test_too_many_rows_are_refused_and_nothing_is_written(
    tmp_path: Path, provenance: Provenance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "XLSX_ROWS", 5)
    path = tmp_path / "t.xlsx"
    big = pd.DataFrame({"n": range(6)})
    with pytest.raises(FaultsError, match="2 problems") as caught:
        write_xlsx(path, {"a": big, "b": Sheet(lambda: batches(9), rows=9)}, provenance)
    assert "gpkg" in str(caught.value)
    with pytest.raises(ParameterError, match="at most 5"):
        write_xlsx(path, {"b": Sheet(lambda: batches(9))}, provenance)
    assert list(tmp_path.iterdir()) == []


def test_a_text_longer_than_a_cell_is_refused_with_its_place(
    tmp_path: Path, provenance: Provenance
) -> None:
    table = pd.DataFrame({"经营范围": ["短", "长" * 32_768]})
    with pytest.raises(ParameterError, match=r"row 3, 经营范围, has 32,768"):
        write_xlsx(tmp_path / "t.xlsx", {"企业": table}, provenance)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path, provenance: Provenance) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError):
        write_csv(tmp_path / "file" / "t.csv", frame(), provenance)
    with pytest.raises(OutputError):
        write_xlsx(tmp_path / "file" / "t.xlsx", {"a": frame()}, provenance)


def test_csv_has_a_mark_safe_text_and_a_companion(tmp_path: Path, provenance: Provenance) -> None:
    path = tmp_path / "企业.csv"
    assert write_csv(path, frame(), provenance) == len(TRICKS)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert [row["名称"] for row in rows] == [f"'{t}" for t in TRICKS[:6]] + [
        "#N/A",
        "'=cmd|'/c calc'!A0",
        "正常文字",
    ]
    assert [row["营收"] for row in rows[:3]] == ["1.5", "", ""]
    assert [row["可空"] for row in rows[:2]] == ["1", ""]
    assert [row["日期"] for row in rows[:2]] == ["2020-01-31", ""]
    assert [row["真假"] for row in rows[:3]] == ["1", "0", ""]
    told = json.loads(companion(path).read_text("utf-8"))
    assert told["synthetic"] is True
    assert told["inputs"][0]["sha256"] == "ab" * 32
    assert told["columns"] == list(frame().columns)
    assert told["rows"] == len(TRICKS)
    assert any("7 cells" in note for note in told["notes"]["en"])
    assert not path.read_text("utf-8-sig").startswith("#")


def test_an_empty_table_still_has_its_header(tmp_path: Path, provenance: Provenance) -> None:
    empty = frame().head(0)
    assert write_csv(tmp_path / "t.csv", empty, provenance) == 0
    assert (tmp_path / "t.csv").read_text("utf-8-sig").strip() == ",".join(frame().columns)
    write_xlsx(tmp_path / "t.xlsx", {"空": empty}, provenance)
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["空"]
    assert [cell.value for cell in sheet[1]] == list(frame().columns)


@given(st.text(max_size=40))
def test_neutralised_text_never_begins_like_a_formula(value: str) -> None:
    safe = neutralised(value)
    assert not safe.startswith(tables.FORMULA_SIGNS)
    assert safe.removeprefix("'") == value.removeprefix("'") or safe == value


def test_inputs_stay_as_they_were(tmp_path: Path, provenance: Provenance) -> None:
    table = frame()
    write_csv(tmp_path / "t.csv", table, provenance)
    write_xlsx(tmp_path / "t.xlsx", {"表": table}, provenance)
    pd.testing.assert_frame_equal(table, frame())


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_the_workbook(tmp_path: Path, provenance: Provenance) -> None:
    write_xlsx(tmp_path / "t.xlsx", {"企业表": frame()}, provenance)
    every_sheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", every_sheet, "t.xlsx"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=120,
    )
    with (tmp_path / "t-企业表.csv").open(encoding="utf-8", newline="") as handle:
        names = [row[0] for row in csv.reader(handle)][1:]
    assert [name.strip() for name in names] == [t.strip() for t in TRICKS]
    assert "合成数据" in (tmp_path / "t-数据来源与方法.csv").read_text("utf-8")
