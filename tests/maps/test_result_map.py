"""Any layer of a result on the screen, in print, as files and in a Word document."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
from docx import Document
from shapely.geometry import LineString, Point, box

from layout.analyses import mix
from layout.core.headings import heading
from layout.core.raster import Grid, Raster
from layout.core.result import Bilingual, LayerSpec, Result
from layout.core.study import Study
from layout.pipeline.export_result import RESULT_FORMATS, export_result
from layout.readers.rasters import open_raster
from maps.print.result_map import print_layers
from maps.print.template import write_map
from maps.render.offline import require_local, standalone_html
from maps.render.rasters import in_mercator
from maps.render.result_map import _feature_call, result_groups, result_map
from maps.reports.word import section_bytes
from maps.views.classes import NO_DATA_CODE
from maps.views.spec_classes import drawn, edge_labels, shown_cell, shown_value

EDGES = ((-140.0, "#440154"), (-105.0, "#21918c"), (-85.0, "#fde725"))
CATEGORIES = {
    "a": (Bilingual("甲类", "Kind A"), "#882255"),
    "b": (Bilingual("乙类", "Kind B"), "#44AA99"),
}


def raster() -> Raster:
    grid = Grid.around((490_000, 2_490_000, 500_000, 2_500_000), 100, "EPSG:4547")
    values = np.linspace(-130, -70, grid.rows * grid.cols).reshape(grid.shape)
    values[:20] = np.nan
    return Raster(values, grid, None, "dBm")


def points(hostile: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"id": ["1", "2", "3"], "name_zh": [hostile, "乙", "丙"], "name_en": ["A", "B", "C"],
         "kind": ["a", "b", None], "value": [1.0, np.nan, 3.0]},
        geometry=[Point(114.0, 22.6), Point(114.1, 22.6), None], crs=4326,
    )  # fmt: skip


def result_of(study: Study, hostile: str = "甲") -> Result:
    zones = gpd.GeoDataFrame(
        {"id": ["1", "2"], "name_zh": ["东", "西"], "name_en": ["E", "W"], "kind": ["a", None]},
        geometry=[box(114, 22.5, 114.05, 22.6), box(113.9, 22.5, 113.95, 22.6)], crs=4326,
    )  # fmt: skip
    lines = gpd.GeoDataFrame(
        {"id": ["1"], "name_zh": ["线"], "name_en": ["line"], "value": [2.0]},
        geometry=[LineString([(114, 22.5), (114.1, 22.7)])], crs=4326,
    )  # fmt: skip
    title = Bilingual("图层", "Layer")
    layers = (
        LayerSpec("signal", "raster", raster(), Bilingual("信号", "Signal"), column="value",
                  unit=Bilingual("dBm", "dBm"), edges=EDGES),
        LayerSpec("places", "points", points(hostile), title, column="kind",
                  categories=CATEGORIES, details=("value",), id_column="id"),
        LayerSpec("areas", "polygons", zones, title, column="kind", categories=CATEGORIES),
        LayerSpec("ways", "lines", lines, title, column="value"),
        LayerSpec("plain", "polygons", zones, title),
    )  # fmt: skip
    made = mix.run(study, mix.MixParams())
    tables = {"few": pd.DataFrame({"id": ["=1+1", "b"], "lq": [1.5, np.nan]}), **made.tables}
    return replace(made, name="trial", layers=layers, tables=tables)


def test_only_the_first_layer_that_is_on_opens_its_legend_on_a_narrow_map(study: Study) -> None:
    groups = result_groups(result_of(study), "en", show=["places", "areas"])
    opened = [
        [json.loads(call.payload)["first"] for call in group._children.values()
         if getattr(call, "function", "") == "legend"]
        for group in groups
    ]  # fmt: skip
    assert opened[:3] == [[False], [True], [False]]


def test_fixed_classes_put_every_value_where_its_edges_say(study: Study) -> None:
    spec = result_of(study).layers[0]
    found = drawn(spec, [-200.0, -140.0, -105.0, -104.9, -85.0, 0.0, np.nan], "en")
    assert found.codes.tolist() == [0, 0, 1, 1, 2, 2, NO_DATA_CODE]
    assert found.labels == ("< −105", "−105 – −85", "≥ −85")
    assert edge_labels([0.0, 1.0]) == ("< 1", "≥ 1")


def test_categories_keep_their_words_and_order(study: Study) -> None:
    spec = result_of(study).layers[1]
    found = drawn(spec, ["b", "a", "other", None], "zh")
    assert found.labels == ("甲类", "乙类")
    assert found.codes.tolist() == [1, 0, NO_DATA_CODE, NO_DATA_CODE]
    assert shown_value("a", spec, "zh") == "甲类"
    assert shown_value(None, spec, "zh") == "无数据"


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [(-104.96, "dBm", "−105 dBm"), (12.5, "%", "12.5%"), (None, "", "No data"),
     (True, "", "yes"), ("x", "", "x"), (float("nan"), "m", "No data")],
)  # fmt: skip
def test_cells_are_told_as_people_read_them(value: object, unit: str, words: str) -> None:
    assert shown_cell(value, unit, "en") == words


def test_a_raster_lies_on_the_map_where_it_lies_on_the_ground() -> None:
    source = raster()
    values, ((south, west), (north, east)) = in_mercator(source)
    edge = gpd.GeoSeries([box(*source.grid.bounds)], crs=4547).to_crs(4326).total_bounds
    assert [west, south, east, north] == pytest.approx(edge.tolist(), abs=0.003)
    assert np.isnan(values).any()
    assert np.nanmax(values) <= np.nanmax(source.values)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_with_every_kind_of_layer_is_whole_and_safe(
    study: Study, assets: Path, hostile: tuple[str, ...], lang: str
) -> None:
    made = result_of(study, hostile[1])
    page = standalone_html(result_map(study, made, lang), lang=lang)  # type: ignore[arg-type]
    require_local(page)
    for call in ("image", "points", "zones", "lines", "borders", "labels"):
        assert f"layoutMaps.{call}(" in page
    assert "window.hacked=1</script>" not in page
    assert ("甲类" if lang == "zh" else "Kind A") in page
    assert ("合成" if lang == "zh" else "synthetic") in page


def test_only_the_layers_asked_for_are_drawn(study: Study) -> None:
    groups = result_groups(result_of(study), "en", only=("signal", "ways"), show=("ways",))
    assert [(group.layer_name, group.show) for group in groups] == [
        ("Signal", False), ("Layer", True)
    ]  # fmt: skip


def test_every_kind_is_printed(study: Study, assets: Path, tmp_path: Path) -> None:
    made = result_of(study)
    sheet = print_layers(study, made, "zh", names=[spec.name for spec in made.layers])
    write_map(sheet, tmp_path / "map.svg")
    write_map(print_layers(study, made, "en"), tmp_path / "map.png", dpi=40)
    assert (tmp_path / "map.png").stat().st_size > 5_000
    assert "<svg" in (tmp_path / "map.svg").read_text("utf-8")


def test_every_format_is_written_and_read_back(study: Study, tmp_path: Path) -> None:
    made = result_of(study)
    written = export_result(made, tmp_path, lang="zh", formats=RESULT_FORMATS)
    assert {part.path.suffix for part in written} == {".xlsx", ".csv", ".gpkg", ".geojson", ".tif"}
    book = openpyxl.load_workbook(tmp_path / "trial.xlsx")
    sheet = book["few"]
    assert [cell.value for cell in sheet[1]] == ["编号", heading("lq", "zh")]
    assert sheet["A2"].data_type == "s"
    assert sheet["B3"].value is None
    layers = pyogrio.list_layers(tmp_path / "trial.gpkg")[:, 0].tolist()
    assert {"places", "areas", "ways", "plain"} <= set(layers)
    back = gpd.read_file(tmp_path / "trial.gpkg", layer="places")
    assert len(back) == 3
    assert back.geometry.isna().sum() == 1
    source = open_raster(tmp_path / "signal.tif")
    assert source.grid == raster().grid
    assert source.unit == "dBm"


def test_the_word_section_holds_figures_tables_and_sources(study: Study, assets: Path) -> None:
    content = section_bytes(study, [result_of(study)], "zh", paragraphs={"trial": ["发现一句话。"]})
    document = Document(io.BytesIO(content))
    words = "\n".join(p.text for p in document.paragraphs)
    assert "发现一句话。" in words
    assert "演示数据" in words
    assert "数据来源与参数" in words
    assert len(document.tables) == len([t for t in result_of(study).tables.values() if len(t)])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        pictures = [n for n in archive.namelist() if re.search(r"media/.*\.png$", n)]
    assert len(pictures) == 3
    cells = [cell.text for cell in document.tables[0].rows[1].cells]
    assert cells == ["=1+1", "1.50"]


@pytest.mark.parametrize(("width", "border"), [(0.003, None), (0.05, "#5f6b76")])
def test_small_shapes_are_edged_in_their_own_colour(width: float, border: str | None) -> None:
    frame = gpd.GeoDataFrame({"v": [1.0]}, geometry=[box(114, 22.5, 114 + width, 22.6)], crs=4326)
    spec = LayerSpec("x", "choropleth", frame, Bilingual("图", "Map"), column="v", edges=EDGES)
    call = _feature_call(spec, drawn(spec, frame["v"], "zh"), "zh")
    assert json.loads(call.payload)["border"] == border
