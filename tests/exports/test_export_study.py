"""A study as files: every layer in every format, figures that can be done by hand."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
from click.testing import CliRunner

from layout.analyses.mix import MixParams
from layout.cli.export import command
from layout.core.errors import FaultsError, LayoutError, ParameterError
from layout.core.study import Study
from layout.pipeline import export
from layout.pipeline.export import FORMATS, LAYERS, ExportParams, export_study

ZONES = ("districts", "subdistricts", "parks", "overlays")


@pytest.fixture(scope="module")
def exported(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out")
    layers = ("firms", "districts", "overlays", "landmarks")
    written = export_study(study, folder, ExportParams(formats=FORMATS, layers=layers))
    assert {item.path for item in written} | {
        path for path in folder.iterdir() if path.name.endswith(".provenance.json")
    } == set(folder.iterdir())
    return folder


def test_every_vector_format_has_all_rows_and_the_same_figures(exported: Path) -> None:
    gpkg = exported / "shenzhen.gpkg"
    assert [name for name, _ in pyogrio.list_layers(gpkg)] == [
        "firms",
        "districts",
        "overlays",
        "landmarks",
        "sources_and_method",
    ]
    for name, rows in (("firms", 7), ("districts", 11), ("overlays", 1), ("landmarks", 1)):
        frames = [
            pyogrio.read_dataframe(gpkg, layer=name),
            pyogrio.read_dataframe(exported / f"{name}.geojson"),
            gpd.read_parquet(exported / f"{name}.parquet"),
        ]
        for frame in frames:
            assert len(frame) == rows
            assert frame.crs == "EPSG:4326"
            assert list(frame.columns) == list(frames[0].columns)
    districts = pyogrio.read_dataframe(gpkg, layer="districts").set_index("代码")
    assert districts.loc["NS", "企业数（家）"] == 2
    assert districts.loc["NS", "企业数_云计算产业"] == 2
    assert districts.loc["NS", "营业收入（亿元）"] == pytest.approx(61.00000008)
    assert districts["企业数（家）"].sum() == 5


def test_unknown_revenue_is_empty_and_no_firm_is_zero(exported: Path) -> None:
    with (exported / "districts.csv").open(encoding="utf-8-sig", newline="") as handle:
        rows = {row["代码"]: row for row in csv.DictReader(handle)}
    assert rows["FT"]["企业数（家）"] == "1"
    assert rows["FT"]["营业收入（亿元）"] == ""
    assert rows["DP"]["企业数（家）"] == "0"


def test_workbooks_hold_every_matrix_with_totals(exported: Path) -> None:
    book = openpyxl.load_workbook(exported / "districts.xlsx")
    assert book.sheetnames[0] == "数据来源与方法"
    counted = [
        f"{m}-{k}" for m in ("企业数", "营业收入", "从业人数") for k in ("主领域", "分摊", "全计")
    ]
    assert book.sheetnames[1:10] == counted
    assert sum(name.startswith("区位商") for name in book.sheetnames) == 5
    totals = {}
    for name in counted:
        last = [cell.value for cell in list(book[name].iter_rows())[-1]]
        assert last[1] == "合计"
        assert book[name].freeze_panes == "B2"
        totals[name] = last[-1]
    assert totals["企业数-主领域"] == totals["企业数-分摊"] == 7
    assert totals["企业数-全计"] == 9
    assert totals["营业收入-主领域"] == pytest.approx(73.00000014)
    assert totals["营业收入-分摊"] == pytest.approx(totals["营业收入-主领域"], abs=1e-9)
    names = [row[1].value for row in book["企业数-主领域"].iter_rows()]
    assert names[-3:] == ["市域外", "无坐标", "合计"]


def test_the_list_of_firms_has_no_formula(exported: Path) -> None:
    sheet = openpyxl.load_workbook(exported / "firms.xlsx")["企业"]
    names = [row[1] for row in sheet.iter_rows(min_row=2)]
    assert names[1].value.startswith("=HYPERLINK")
    assert names[1].data_type == "s"
    text = (exported / "firms.csv").read_text("utf-8-sig")
    assert "'=HYPERLINK" in text
    assert ",=HYPERLINK" not in text


def test_the_long_table_has_every_zone_sector_and_counting(exported: Path) -> None:
    table = pd.read_csv(exported / "districts_matrix.csv", encoding="utf-8-sig")
    assert len(table) == (11 + 3) * (12 + 2) * 3
    one = table[(table["名称"] == "南山区") & (table["细分领域"] == "S04 大数据产业")]
    figures = dict(zip(one["计数方式"], one["企业数（家）"], strict=True))
    assert figures == {"主领域": 0, "分摊": 0.4, "全计": 1}


def test_every_file_says_where_it_comes_from(exported: Path) -> None:
    records = [
        json.loads((exported / "firms.geojson").read_text("utf-8"))["provenance"],
        json.loads((exported / "districts.provenance.json").read_text("utf-8")),
        json.loads(
            pyogrio.read_info(exported / "shenzhen.gpkg", layer="firms")["layer_metadata"][
                "provenance"
            ]
        ),
    ]
    for record in records:
        assert record["synthetic"] is True
        assert record["seed"] == 7
        assert record["inputs"][0]["sha256"] == "ab" * 32
        assert record["created"] == "2026-11-23T00:00:00+00:00"
        assert record["parameters"]["run"]["policy"] == {"duplicate_code": "reject"}
        assert any("accepted 7, rejected 2" in note for note in record["notes"]["en"])
        assert len(set(record["notes"]["zh"])) == len(record["notes"]["zh"])
    assert any("约" in note or "近似" in note for note in records[1]["notes"]["zh"])


def test_the_default_is_a_geopackage_and_workbooks_of_figures(study: Study, tmp_path: Path) -> None:
    written = export_study(study, tmp_path, ExportParams(lang="en"))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["shenzhen.gpkg", "landmarks.xlsx", *(f"{name}.xlsx" for name in ZONES)]
    )
    assert {item.layer for item in written if item.path.suffix == ".gpkg"} == set(LAYERS)
    book = openpyxl.load_workbook(tmp_path / "parks.xlsx", read_only=True)
    assert book.sheetnames[0] == "Sources and method"


def test_figures_follow_the_settings_and_shapes_the_crs(study: Study, tmp_path: Path) -> None:
    params = ExportParams(
        formats=("gpkg",),
        layers=("districts",),
        crs="EPSG:4547",
        figures=MixParams(counting="full", districts=("NS", "BA"), scope="core"),
    )
    export_study(study, tmp_path, params)
    frame = pyogrio.read_dataframe(tmp_path / "shenzhen.gpkg", layer="districts")
    assert frame.crs == "EPSG:4547"
    assert set(frame["代码"]) == {"NS", "BA"}
    assert frame.set_index("代码").loc["NS", "企业数_大数据产业"] == 1
    assert frame.set_index("代码").loc["NS", "企业数_云计算产业"] == 1


def test_all_faults_are_told_before_anything_is_written(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "XLSX_ROWS", 5)
    params = ExportParams(formats=("geojson", "xlsx"), layers=("firms",), crs="EPSG:4547")
    with pytest.raises(FaultsError) as caught:
        export_study(study, tmp_path / "out", params)
    assert "RFC 7946" in str(caught.value)
    assert "at most 5" in str(caught.value)
    with pytest.raises(ParameterError, match="Unknown CRS"):
        export_study(study, tmp_path / "out", ExportParams(crs="moon"))
    assert not (tmp_path / "out").exists()


def run(study: Study, out: Path, *options: str) -> tuple[int, str]:
    arguments = ["--study", str(study.root), "--out", str(out), *options]
    try:
        outcome = CliRunner().invoke(command, arguments, catch_exceptions=False)
    except LayoutError as error:
        return error.exit_code, str(error)
    return outcome.exit_code, outcome.output


def test_the_command_lists_what_it_wrote(study: Study, tmp_path: Path) -> None:
    code, out = run(study, tmp_path, "--format", "csv", "--layer", "districts,overlays", "--json")
    assert code == 0
    assert [item["rows"] for item in json.loads(out)] == [11, 588, 1, 210]
    code, out = run(study, tmp_path, "--format", "geojson", "--layer", "overlays", "--lang", "en")
    assert code == 0
    assert "overlays" in out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--format", "shp"), "shp"),
        (("--layer", "roads"), "roads"),
        (("--set", "counting=twice"), "counting"),
        (("--set", "counting"), "KEY=VALUE"),
        (("--format", "geojson", "--crs", "EPSG:4547"), "RFC 7946"),
    ],
)
def test_the_command_refuses_what_it_does_not_know(
    study: Study, tmp_path: Path, options: tuple[str, ...], told: str
) -> None:
    code, out = run(study, tmp_path / "out", *options)
    assert code == 2
    assert told in out
    assert not (tmp_path / "out").exists()
