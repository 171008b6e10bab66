"""The pages without a browser: messages, and a first start that fails with a clear word."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from layout.core import columns as c
from layout.core.errors import AssetError, ColumnError, DatumError, FaultsError
from layout.core.texts import catalogue, text
from maps.pages.cleaned import as_csv, as_xlsx
from maps.pages.messages import note_words, plain, told, without_commands

ENTRY = str(Path(__file__).parents[2] / "streamlit_app.py")
PATH = Path("/somewhere/own/企业[1](x).csv")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def test_text_of_files_is_no_markup() -> None:
    words = plain("![x](http://remote/x.png) **b** :red[a] `c` $d$ <b> {e}")
    for sign in "![]*`$<>{}:":
        assert words.count(sign) == words.count(f"\\{sign}"), sign


@pytest.mark.parametrize(
    ("message", "left"),
    [
        ("没有可用的列。请用 --map 我方列名=文件列名 指明。", "没有可用的列。"),
        ("Half of it. Name it with --map lat=header.", "Half of it."),
        ("单位 1.5 亿元，无命令。", "单位 1.5 亿元，无命令。"),
    ],
)
def test_a_page_names_no_options_of_the_command_line(message: str, left: str) -> None:
    assert without_commands(message) == left


def test_faults_are_told_by_name_without_folder_or_option() -> None:
    faults = FaultsError(
        [
            ColumnError("error.two_headers", column="lon", found="“经度”, “lng”"),
            ColumnError("error.no_unit", header="营业收入*", option="revenue"),
            DatumError("error.no_datum", path=PATH, found="–"),
        ]
    )
    words = told(faults, PATH)
    assert words.count("\n") == 2
    assert "经度" in words
    assert "--" not in words
    assert str(PATH.parent) not in words
    assert "营业收入\\*" in words


def test_datums_are_named_in_notes() -> None:
    assert (
        note_words("按 bd09 更吻合；可用 --batch-datum 甲=bd09 转换。")
        == "按 BD-09（百度）更吻合；"
    )


def cleaned(folder: Path, nature: str | None) -> Path:
    names = {c.CODE: ["0123"], c.NAME: ["=HYPERLINK(1)"], c.LON: [114.0], c.LAT: [22.5]}
    table = pa.table({**names, **({c.NATURE: [nature]} if nature else {})})
    pq.write_table(table, folder / "firms.parquet")
    return folder / "firms.parquet"


REPORT = {
    "counts": {"read": 2, "accepted": 1, "rejected": 1, "blank": 0},
    "input": {"file": "甲.csv"},
    "settings": {"datum": "wgs84"},
}


@pytest.mark.parametrize(("nature", "word"), [("合成数据", "合成"), (None, "用户")])
def test_cleaned_workbook_says_where_it_comes_from(
    tmp_path: Path, nature: str | None, word: str
) -> None:
    out = tmp_path / "out.xlsx"
    out.write_bytes(as_xlsx(cleaned(tmp_path, nature), REPORT, "zh"))
    book = openpyxl.load_workbook(out)
    about = {row[0]: str(row[1]) for row in book.worksheets[0].iter_rows(values_only=True)}
    assert any(word in value for value in about.values())
    assert "甲.csv" in " ".join(about.values())
    head, row = book.worksheets[1].iter_rows()
    assert [cell.value for cell in head][:2] == ["统一社会信用代码", "企业名称"]
    assert [cell.data_type for cell in row[:2]] == ["s", "s"]


def test_cleaned_csv_holds_no_formula(tmp_path: Path) -> None:
    made = as_csv(cleaned(tmp_path, None), REPORT, "en").decode("utf-8-sig")
    assert made.splitlines()[1].startswith("0123,'=HYPERLINK(1)")


def test_missing_assets_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise AssetError("error.no_npm")

    monkeypatch.setattr("maps.pages.start.ensure_assets", fail)
    app = AppTest.from_file(ENTRY, default_timeout=60).run()
    assert not app.exception
    assert ["npm" in error.value for error in app.error] == [True]


def test_a_missing_study_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, assets: Path
) -> None:
    monkeypatch.setenv("LAYOUT_STUDY", str(tmp_path / "gone"))
    app = AppTest.from_file(ENTRY, default_timeout=60).run()
    assert not app.exception
    assert ["study.yaml" in error.value for error in app.error] == [True]


def test_the_page_about_the_tool_records_the_plan() -> None:
    for words in catalogue()["about.plan_text"].values():
        assert "2021-01-04" in words
        assert "GB/T 4754" in words
    zh = text("about.plan_text", "zh")
    assert "国家数字经济创新发展试验区" in zh
    assert "电信、广播电视和卫星传输服务" in zh
    assert "信息安全产业" in zh


def test_names_of_techniques_are_spelt_in_one_way() -> None:
    wrong = ("NB-IOT", "IPV6", "NBIoT")
    bare = [
        key for key, words in catalogue().items() for word in words.values()
        if any(one in word for one in wrong)
    ]  # fmt: skip
    assert bare == []
