"""The register out to a file, edited as a district would, and in again."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from layout.core.errors import InputFileError, LayoutError
from layout.core.texts import Lang
from layout.pipeline.register_files import export_register, import_register
from layout.registers.store import Register

CITY = "shenzhen"


@pytest.fixture
def register(tmp_path: Path) -> Register:
    register = Register(tmp_path / "city.register.sqlite", city=CITY)
    register.add(
        {"kind": "funding", "title": "=1+1", "status": "under_way", "department_id": "DEP02",
         "district_id": "NS", "sector": "S08", "fund": "science", "year": 2022, "amount_yi": 1.25},
        by="甲",
    )  # fmt: skip
    return register


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_out_and_in_again_changes_nothing(
    register: Register, tmp_path: Path, suffix: str, lang: Lang
) -> None:
    path = tmp_path / f"register{suffix}"
    before = register.entries()
    assert export_register(register, path, lang=lang, city=CITY) == len(before)
    told = import_register(register, path, by="乙", city=CITY)
    assert told == {"added": 0, "changed": 0, "unchanged": len(before)}
    pd.testing.assert_frame_equal(register.entries(), before)


def test_a_workbook_edited_by_hand_is_taken_in(register: Register, tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    export_register(register, path, lang="zh", city=CITY)
    book = openpyxl.load_workbook(path)
    sheet = book["台账"]
    heads = {cell.value: cell.column for cell in sheet[1]}
    line = next(row for row in range(2, sheet.max_row + 1) if sheet.cell(row, 1).value == "G1-02")
    sheet.cell(line, heads["状态"], "进行中")
    sheet.cell(line, heads["完成时限"], "2023年12月31日")
    new = sheet.max_row + 1
    for head, value in (
        ("类别", "行动"),
        ("事项", "新增事项"),
        ("状态", "未开始"),
        ("区", "龙岗区"),
    ):
        sheet.cell(new, heads[head], value)
    book.save(path)
    assert import_register(register, path, by="龙岗区", city=CITY)["changed"] == 1
    entries = register.entries()
    assert entries.at["G1-02", "status"] == "under_way"
    assert entries.at["G1-02", "due"] == "2023-12-31"
    added = entries[entries["title"] == "新增事项"].iloc[0]
    assert (added["district_id"], added["changed_by"]) == ("LG", "龙岗区")


def test_a_damaged_file_tells_all_faults_and_changes_nothing(
    register: Register, tmp_path: Path
) -> None:
    path = tmp_path / "register.csv"
    export_register(register, path, lang="zh", city=CITY)
    with path.open(encoding="utf-8-sig", newline="") as handle:
        lines = list(csv.reader(handle))
    heads = lines[0]
    lines[1][heads.index("状态")] = "差不多了"
    lines[2][heads.index("完成时限")] = "某日"
    lines[3][heads.index("责任单位")] = "不存在局"
    lines[4][0] = "E-77777"
    before = register.entries()
    with path.open("w", encoding="gb18030", newline="") as handle:
        csv.writer(handle).writerows(lines)
    with pytest.raises(LayoutError) as fault:
        import_register(register, path, by="乙", city=CITY)
    told = fault.value.message("zh")
    for words in ("第 2 行", "差不多了", "第 3 行", "某日", "第 4 行", "不存在局", "E-77777"):
        assert words in told
    pd.testing.assert_frame_equal(register.entries(), before)


def test_rows_of_another_length_are_all_told(register: Register, tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_text("类别,事项,状态\n行动,甲,未开始\n行动,乙\n行动,丙,未开始,多余\n", "utf-8")
    with pytest.raises(LayoutError) as fault:
        import_register(register, path, by="乙", city=CITY)
    assert "line 3" in fault.value.message("en")
    assert "line 4" in fault.value.message("en")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", b"PK\x03\x04 not really a workbook"),
        ("b.csv", b"\xff\xfe\x00\x00\x01\x02"),
        ("c.csv", "名称,说明\n甲,乙\n".encode()),
        ("d.csv", '类别,事项,状态\n"行动,甲'.encode()),
        ("e.csv", b""),
    ],
)
def test_what_is_no_register_file_is_refused(
    register: Register, tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    before = register.entries()
    with pytest.raises(InputFileError) as fault:
        import_register(register, path, by="乙", city=CITY)
    assert fault.value.message("zh")
    pd.testing.assert_frame_equal(register.entries(), before)


def test_a_file_of_another_kind_is_not_written(register: Register, tmp_path: Path) -> None:
    with pytest.raises(InputFileError):
        export_register(register, tmp_path / "register.docx", lang="zh", city=CITY)
