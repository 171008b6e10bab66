"""A planner's morning in headless Chromium: the first page, filters, languages, an own table."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from layout.cli import group
from layout.core.crs import wgs84_to_bd09
from layout.prepare.zones import shipped_zones
from layout.registers.store import Register

pytestmark = pytest.mark.browser
FIRMS = 800


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("app")
    runner = CliRunner()
    for arguments in (
        ["demo", "--out", str(folder / "in"), "--firms", str(FIRMS)],
        ["run", str(folder / "in"), "--out", str(folder / "study"), "--json"],
    ):
        done = runner.invoke(group, arguments, catch_exceptions=False)
        assert done.exit_code == 0, done.output
    return folder


@pytest.fixture(scope="module")
def url(city: Path, assets: Path) -> Iterator[str]:
    del assets
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "layout.cli", "app", "--study", str(city / "study")]
    with (city / "app.log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "--port", str(port), "--headless"], stdout=log, stderr=subprocess.STDOUT
        )
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(f"{address}/_stcore/health", server, city / "app.log")
            yield address
        finally:
            server.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGINT)
            server.wait(30)


def _wait_for(health: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert server.poll() is None, log.read_text("utf-8")
        try:
            urllib.request.urlopen(health, timeout=1).read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text("utf-8"))


def idle(page: Any) -> None:
    """Wait until the script has run; a traceback or an error box on the page fails the test."""
    page.wait_for_timeout(300)
    page.wait_for_selector(
        '[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=90_000
    )
    assert page.get_by_test_id("stException").count() == 0


def open_page(page: Any, address: str) -> None:
    page.goto(address)
    page.wait_for_selector('[data-testid="stMetric"], [data-testid="stFileUploader"]',
                           timeout=90_000)  # fmt: skip
    idle(page)


def map_frame(page: Any) -> Any:
    frame = page.frame_locator('iframe[title*="st_folium"]').first
    frame.locator("path.leaflet-interactive").first.wait_for(timeout=60_000)
    return frame


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ["深圳市数字经济产业布局", "合成", "企业数（家）", "区域层级", "本区与全市"]),
        ("en", ["layout of Shenzhen", "synthetic", "Digital firms", "Zones", "Specialisation"]),
    ],
)
def test_first_page_shows_map_legend_and_figures(
    page: Any, url: str, lang: str, words: list[str]
) -> None:
    open_page(page, f"{url}/?lang={lang}")
    frame = map_frame(page)
    page.locator(".stVegaLiteChart svg, .stVegaLiteChart canvas").first.wait_for()
    shown = page.locator("body").inner_text() + frame.locator("body").inner_text()
    assert [word for word in words if word not in shown] == []
    assert frame.locator("path.leaflet-interactive").count() >= 11
    assert re.search(r"\d", frame.locator(".lm-legend").first.inner_text())
    assert page.get_by_test_id("stMetric").count() == 5
    figures = page.get_by_test_id("stMetricValue").all_inner_texts()
    assert all(re.search(r"\d", figure) for figure in figures), figures
    box = page.locator('iframe[title*="st_folium"]').first.bounding_box()
    assert box["y"] + 200 < 800, "the map begins below the fold"
    if lang == "zh":
        loaded = "document.fonts.load('16px \"Layout Sans SC\"', '深圳').then(f => f.length)"
        assert page.evaluate(loaded) == 1, "the bundled font is not there"


def leaflet(page: Any, expression: str) -> Any:
    """Evaluate with ``map``, the Leaflet map of the page."""
    frame = next(frame for frame in page.frames if "streamlit_folium" in frame.url)
    return frame.evaluate(f"(() => {{ const map = window.map; return {expression}; }})()")


def test_filters_change_figures_keep_the_map_and_are_shared_by_address(page: Any, url: str) -> None:
    open_page(page, url)
    frame = map_frame(page)
    page.evaluate("document.querySelector('iframe[title*=st_folium]').dataset.mark = 'same'")
    frame.locator(".leaflet-control-zoom-in").click()
    page.wait_for_timeout(600)
    zoom = leaflet(page, "map.getZoom()")
    for shown in ("区位商", "营收", "企业数"):
        page.get_by_role("radio", name=shown, exact=True).click()
        idle(page)
        page.get_by_text("深圳市各区数字经济").first.wait_for()
        assert frame.locator("path.lm-zone").count() == 11, shown
    before = page.get_by_test_id("stMetricValue").nth(1).inner_text()
    page.get_by_role("button", name="前沿领域").click()
    page.wait_for_function(
        "before => document.querySelectorAll('[data-testid=\"stMetricValue\"]')[1].innerText"
        " !== before",
        arg=before,
    )
    idle(page)
    after = page.get_by_test_id("stMetricValue").nth(1).inner_text()
    assert int(after.replace(",", "")) < int(before.replace(",", ""))
    mark = page.evaluate("document.querySelector('iframe[title*=st_folium]').dataset.mark")
    assert mark == "same", "the map was drawn anew"
    assert leaflet(page, "map.getZoom()") == zoom
    assert page.url.count("sectors=") == 5
    shared = page.url
    page.goto("about:blank")
    open_page(page, shared)
    assert page.get_by_test_id("stMetricValue").nth(1).inner_text() == after


def test_an_address_with_nonsense_shows_the_defaults(page: Any, url: str) -> None:
    open_page(page, f"{url}/?sectors=S99&year=1066&zones=moon&lang=xx&own=moon")
    assert page.get_by_test_id("stMetric").count() == 5
    assert page.get_by_test_id("stAlert").count() == 1


def choose_datum(page: Any, name: str) -> None:
    page.get_by_test_id("stSelectbox").first.locator("input").click()
    page.get_by_role("option", name=re.compile(re.escape(name))).click()
    idle(page)


def upload(page: Any, url: str, path: Path) -> None:
    open_page(page, f"{url}/data")
    page.locator("input[type=file]").set_input_files(str(path))
    page.get_by_text(path.name).first.wait_for()
    idle(page)


def test_own_table_is_checked_and_shown(page: Any, url: str, city: Path) -> None:
    upload(page, url, city / "in" / "firms.csv")
    page.get_by_role("button", name="检查并清洗").click()
    page.get_by_text("请先在上方选择坐标系").wait_for()
    choose_datum(page, "WGS 84")
    page.get_by_role("button", name="检查并清洗").click()
    page.get_by_text(re.compile("读入 .* 行 = 采用 .* 行 \\+ 剔除")).wait_for(timeout=60_000)
    with page.expect_download() as rejects:
        page.get_by_role("button", name="被剔除的行（CSV）").click()
    assert rejects.value.suggested_filename == "rejects.csv"
    page.get_by_role("button", name="在总览中查看").click()
    page.get_by_text("正在显示您上传的数据：firms.csv").wait_for(timeout=90_000)
    page.get_by_test_id("stMetric").first.wait_for()
    page.get_by_role("button", name="返回演示数据").click()
    page.get_by_text("正在显示您上传的数据").wait_for(state="detached")


def test_a_wrong_datum_is_named(page: Any, url: str, tmp_path: Path) -> None:
    path = tmp_path / "百度坐标.csv"
    # Points just inside the border of the city: in another datum half of them lie outside.
    outline = shipped_zones("shenzhen")["district"].frame.geometry.union_all().buffer(-0.001)
    border = max(outline.geoms, key=lambda part: part.area).exterior
    points = [border.interpolate(share, normalized=True) for share in np.linspace(0, 1, 300)]
    lon, lat = (np.array([getattr(point, axis) for point in points]) for axis in ("x", "y"))
    shifted = zip(*wgs84_to_bd09(lon, lat), strict=True)
    rows = [f"企业{i},{x:.6f},{y:.6f}" for i, (x, y) in enumerate(shifted)]
    path.write_text("\n".join(["企业名称,经度,纬度", *rows]), "utf-8")
    upload(page, url, path)
    choose_datum(page, "WGS 84")
    page.get_by_role("button", name="检查并清洗").click()
    page.get_by_test_id("stAlert").filter(has_text="BD-09").first.wait_for(timeout=60_000)
    assert page.get_by_text(re.compile("读入 .* 行")).count() == 0
    page.get_by_test_id("stCheckbox").locator("label").click()
    idle(page)
    page.get_by_role("button", name="检查并清洗").click()
    page.get_by_text(re.compile("读入 .* 行")).wait_for(timeout=60_000)
    page.get_by_text("按要求使用 WGS 84").wait_for()


def test_a_bad_file_gets_one_clear_message(page: Any, url: str, tmp_path: Path) -> None:
    path = tmp_path / "坏[x](y).xlsx"
    path.write_bytes(b"PK\x03\x04rubbish")
    upload(page, url, path)
    alert = page.get_by_test_id("stAlert")
    alert.first.wait_for()
    assert alert.count() == 1
    assert path.name in alert.inner_text()
    assert alert.locator("a").count() == 0


def test_tables_and_map_can_be_taken_away(page: Any, url: str, tmp_path: Path) -> None:
    import openpyxl

    open_page(page, url)
    page.get_by_role("tab", name="数据表").click()
    for button, name in (
        ("下载数据表", "tables.xlsx"),
        ("下载图层", "layers.gpkg"),
        ("下载离线地图", "map.html"),
    ):
        with page.expect_download(timeout=90_000) as taken:
            page.get_by_role("button", name=re.compile(button)).click()
        taken.value.save_as(tmp_path / name)
    assert openpyxl.load_workbook(tmp_path / "tables.xlsx").sheetnames
    assert (tmp_path / "layers.gpkg").read_bytes()[:15] == b"SQLite format 3"
    assert "合成" in (tmp_path / "map.html").read_text("utf-8")


def open_entry(page: Any, address: str, entry: str, who: str) -> None:
    """Open an entry of the register in the form, signed."""
    page.goto(f"{address}/actions")
    page.get_by_role("tab", name="行动台账").wait_for(timeout=90_000)
    idle(page)
    page.get_by_role("tab", name="行动台账").click()
    chosen = page.get_by_test_id("stSelectbox").filter(has_text="条目").get_by_role("combobox")
    chosen.first.click()
    page.keyboard.type(entry)
    page.keyboard.press("Enter")
    idle(page)
    signed = page.get_by_role("textbox", name="姓名或单位")
    signed.fill(who)
    signed.press("Tab")
    idle(page)


def save_entry(page: Any, field: str, words: str) -> None:
    page.get_by_role("textbox", name=field, exact=True).fill(words)
    page.get_by_role("button", name="保存", exact=True).click()
    idle(page)


def test_two_browsers_editing_the_register_lose_nothing(
    page: Any, browser: Any, url: str, city: Path
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    context.set_default_timeout(20_000)
    other = context.new_page()
    open_entry(page, url, "G1-02", "甲")
    open_entry(other, url, "G1-02", "乙")
    save_entry(page, "依据", "甲的依据")
    page.get_by_text("已保存。").wait_for()
    save_entry(other, "措施", "乙的措施")
    other.get_by_text("合并").first.wait_for()
    row = Register(city / "study.register.sqlite", city="shenzhen").entries().loc["G1-02"]
    assert (row["evidence"], row["measure"]) == ("甲的依据", "乙的措施")
    save_entry(page, "措施", "甲的措施")  # opened before the other one saved: told, not lost
    page.get_by_text("乙的措施").first.wait_for()
    assert page.get_by_role("textbox", name="措施", exact=True).input_value() == "甲的措施"
    context.close()
