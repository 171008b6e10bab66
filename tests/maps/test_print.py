"""Printed maps: every element is there, every letter has a glyph, every format opens."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.text import Text
from matplotlib_scalebar.scalebar import ScaleBar
from PIL import Image
from shapely import MultiPolygon, Polygon, box

from layout.analyses.mix import MixParams, run
from layout.core.errors import AssetError, CrsError, ParameterError
from layout.core.study import Study
from maps.print import fonts
from maps.print.elements import draw_shapes, drawn_path, fit, wrap
from maps.print.template import far_units, print_map, write_map

COMMON = ("EPSG:4547", "审图号", "2026-11-23", "公开界线概化")
EXPECTED = {
    "zh": (
        *COMMON,
        *(
            "深圳市各区数字经济企业营业收入",
            "合成数据 · 仅作演示",
            "亿元",
            "无数据",
            "北",
            "南山区",
        ),
        *("无坐标 3 家", "产业园区（近似范围）", "虚线者仅为示意", "飞地"),
    ),
    "en": (
        *COMMON,
        *("Shenzhen: revenue of digital-economy firms", "Synthetic data", "No data", "N"),
        *("without coordinates", "Nanshan", "Enclave"),
    ),
}


def words(sheet: Figure) -> list[str]:
    return [t.get_text() for t in sheet.findobj(Text) if t.get_text().strip()]


@pytest.fixture(scope="module", params=["zh", "en"])
def sheet(request: pytest.FixtureRequest, study: Study, assets: Path) -> Figure:
    figure = print_map(study, run(study, MixParams(measure="revenue", year=2023)), request.param)
    figure.lang = request.param
    return figure


def test_every_element_is_on_the_sheet(sheet: Figure) -> None:
    said = "\n".join(words(sheet))
    expected = EXPECTED[sheet.lang]
    for piece in expected:
        assert piece in said
    assert len(sheet.findobj(ScaleBar)) == 2  # the map and its inset
    assert [round(v, 2) for v in sheet.get_size_inches()] == [11.69, 8.27]


def test_no_letter_lacks_a_glyph_and_every_format_opens(sheet: Figure, tmp_path: Path) -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for name in ("map.png", "map.pdf", "map.svg"):
            write_map(sheet, tmp_path / name, dpi=100)
    assert not [w for w in told if "Glyph" in str(w.message) or "font" in str(w.message).lower()]
    with Image.open(tmp_path / "map.png") as picture:
        assert picture.size == (1169, 827)
    assert (tmp_path / "map.pdf").read_bytes().startswith(b"%PDF")
    assert b"LayoutSansSC" in (tmp_path / "map.pdf").read_bytes()
    assert "<text" not in (tmp_path / "map.svg").read_text("utf-8")  # letters are outlines


def test_texts_stay_on_the_sheet_and_apart(sheet: Figure, tmp_path: Path) -> None:
    write_map(sheet, tmp_path / "map.png", dpi=100)
    page = sheet.bbox
    boxes = {t: t.get_window_extent() for t in sheet.texts}
    for text, extent in boxes.items():
        assert extent.x0 >= 0, text
        assert extent.x1 <= page.x1, text
        assert extent.y0 >= 0, text
        assert extent.y1 <= page.y1, text
    placed = list(boxes.items())
    for i, (one, a) in enumerate(placed):
        for other, b in placed[i + 1 :]:
            assert not a.shrunk(0.98, 0.9).overlaps(b.shrunk(0.98, 0.9)), (one, other)


def test_unknown_is_hatched_and_told(sheet: Figure) -> None:
    hatched = [p for p in sheet.findobj(PathPatch) if p.get_hatch()]
    assert hatched
    no_data = "无数据" if sheet.lang == "zh" else "No data"
    assert any(label.endswith(f"\n{no_data}") for label in words(sheet))


def test_a_dollar_sign_in_a_name_is_a_dollar_sign(study: Study, assets: Path, tmp_path) -> None:
    frame = study.zones["district"].copy()
    frame["name_zh"] = [r"$\frac{1}$区", *frame["name_zh"][1:]]
    odd = replace(study, zones={**study.zones, "district": frame})
    figure = print_map(odd, run(odd, MixParams()), "zh")
    write_map(figure, tmp_path / "map.png", dpi=50)
    assert any("$" in text for text in words(figure))


@pytest.mark.parametrize(
    "settings",
    [
        {"zones": "park"},
        {"zones": "subdistrict"},
        {"draw": "lq", "sectors": ("S02",), "counting": "full"},
    ],
)
def test_other_zones_and_figures_can_be_printed(study, assets, tmp_path, settings) -> None:
    write_map(print_map(study, run(study, MixParams(**settings)), "en"), tmp_path / "m.png", dpi=50)
    assert (tmp_path / "m.png").stat().st_size > 10_000


def test_long_titles_become_smaller(assets: Path) -> None:
    with fonts.print_settings():
        figure = Figure(figsize=(8, 2))
        text = figure.text(0, 0.5, "很长的标题" * 8, fontsize=20)
        fit(text, 0.9)
        assert text.get_window_extent().width <= 0.91 * figure.bbox.width


def test_settings_of_matplotlib_are_as_before(assets: Path) -> None:
    before = dict(mpl.rcParams)
    with fonts.print_settings():
        assert mpl.rcParams["pdf.fonttype"] == 42
    assert dict(mpl.rcParams) == before


def test_another_ending_is_refused_and_nothing_is_written(sheet: Figure, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"\.png, \.pdf, \.svg"):
        write_map(sheet, tmp_path / "map.docx")
    assert not list(tmp_path.iterdir())


def test_without_the_font_the_remedy_is_told(study, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("maps.assets.manifest.static_dir", lambda: tmp_path)
    with pytest.raises(AssetError, match=r"python -m maps\.assets"):
        print_map(study, run(study, MixParams()), "zh")


def test_far_units_go_into_an_inset_only_where_it_pays() -> None:
    def frame(*shapes: Polygon) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame(geometry=list(shapes), crs="EPSG:4547")

    near = [box(0, 0, 40e3, 30e3), box(40e3, 0, 80e3, 30e3)]
    assert far_units(frame(*near, box(120e3, 0, 140e3, 20e3))).tolist() == [False, False, True]
    assert not far_units(frame(*near)).any()
    assert not far_units(frame(*near, box(86e3, 0, 90e3, 20e3))).any()  # far, but little is won
    assert not far_units(frame(box(0, 0, 1e3, 1e3), box(90e3, 0, 91e3, 1e3))).any()


def test_holes_stay_empty() -> None:
    ring = Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(3, 3), (6, 3), (6, 6), (3, 6)]])
    path = drawn_path(MultiPolygon([ring, box(20, 0, 21, 1)]))
    # Non-zero winding: outer and inner rings run opposite ways.
    assert np.isclose(abs(sum(_signed(p) for p in path.to_polygons())), ring.area + 1)
    assert len(path.to_polygons()) == 3


def _signed(corners: np.ndarray) -> float:
    x, y = corners[:, 0], corners[:, 1]
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2)


def test_shapes_in_degrees_are_refused() -> None:
    frame = gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1)], crs="EPSG:4326")
    with pytest.raises(CrsError):
        draw_shapes(Figure().add_subplot(), frame, fills=["red"])


@pytest.mark.parametrize(
    ("text", "limit", "lines"),
    [
        ("一二三四五六", 3, ["一二三", "四五六"]),
        ("一二三，四", 3, ["一二三，", "四"]),
        ("one two three", 4, ["one two", "three"]),
        ("", 5, []),
    ],
)
def test_wrapping(text: str, limit: float, lines: list[str]) -> None:
    assert wrap(text, limit=limit) == lines
