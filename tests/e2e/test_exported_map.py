"""The exported map in a real browser: from a file, without a network, with hostile names."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from layout.analyses.mix import MixParams, run
from maps.render.map import city_map
from maps.render.offline import standalone_html

pytestmark = pytest.mark.browser

OPEN_FIRM = """async (name) => {
  const map = Object.values(window).find((v) => v instanceof L.Map);
  let found = null;
  map.eachLayer((layer) => {
    if (layer instanceof L.MarkerClusterGroup) {
      layer.getLayers().forEach((marker) => {
        if (marker.getTooltip().getContent()(marker).textContent === name) {
          found = [layer, marker];
        }
      });
    }
  });
  if (!found) { return false; }
  map.setView(found[1].getLatLng(), 18, { animate: false });
  await new Promise((done) => setTimeout(done, 300));
  found[1].openPopup();
  return true;
}"""


def explain(scope: str, code: str) -> tuple[Any, ...]:
    return (SimpleNamespace(sector="S02", kind="phrase", value="<i>人工智能</i>"),)


@pytest.fixture(scope="module")
def exported(small: Any, assets: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("exported")
    study = small.build_study(folder)
    addresses = {}
    for name, settings, lang, limit in (
        ("zh", {}, "zh", 1000),
        ("en", {"measure": "revenue", "year": 2023}, "en", 1000),
        ("crowd", {}, "zh", 10),
    ):
        result = run(study, MixParams(**settings))
        drawn = city_map(study, result, lang, explain=explain, max_points=limit)
        path = folder / f"{name}.html"
        path.write_text(standalone_html(drawn, lang=lang), encoding="utf-8")
        addresses[name] = path.as_uri()
    return addresses


def opened(page: Any, address: str) -> Any:
    page.goto(address)
    page.locator("path.lm-zone").first.wait_for(state="attached")
    page.wait_for_timeout(600)
    return page


def test_the_map_draws_without_a_network(page: Any, exported: dict[str, str]) -> None:
    opened(page, exported["zh"])
    assert page.locator("path.lm-zone").count() == 11
    assert page.locator("path.lm-outline").count() == 2
    assert page.locator(".lm-cluster").count() >= 4
    assert page.locator(".lm-label").count() == 11
    assert page.get_by_role("heading", name="深圳市各区数字经济企业数").is_visible()
    assert page.get_by_role("alert").inner_text().startswith("演示数据")
    assert page.locator(".lm-stamp").inner_text() == "合成数据 · 仅作演示"
    assert "km" in page.locator(".leaflet-control-scale").inner_text()
    legend = page.locator(".lm-legend").first.inner_text()
    assert "数字经济企业数" in legend
    assert "0" in legend


def test_a_hostile_name_is_shown_as_text(page: Any, exported: dict[str, str], small: Any) -> None:
    opened(page, exported["zh"])
    for name in small.HOSTILE[:5]:
        assert page.evaluate(OPEN_FIRM, name), name
        popup = page.locator(".lm-popup")
        popup.wait_for()
        assert popup.locator("h4").evaluate("node => node.textContent") == name
        assert popup.locator("h4 *").count() == 0
        page.locator(".leaflet-popup-close-button").click()
        popup.wait_for(state="detached")
    assert page.evaluate("window.hacked") is None


def test_a_popup_tells_tags_evidence_and_flags(page: Any, exported: dict[str, str]) -> None:
    opened(page, exported["zh"])
    assert page.evaluate(OPEN_FIRM, "深圳第7号磡科技有限公司")
    popup = page.locator(".lm-popup")
    popup.wait_for()
    told = popup.inner_text()
    labels = ("细分领域", "统一社会信用代码", "质量标记", "所在区", "营业收入 2023")
    values = ("工业互联网 60%", "人工智能 40%", "依据：“<i>人工智能</i>”", "6513 应用软件开发")
    assert [words for words in (*labels, *values) if words not in told] == []


def test_unknown_is_hatched_not_zero(page: Any, exported: dict[str, str]) -> None:
    opened(page, exported["en"])
    hatched = page.locator("path.lm-no-data")
    assert hatched.count() == 1
    assert hatched.get_attribute("fill") == "url(#layout-no-data)"
    assert page.locator("#layout-no-data").count() == 1
    assert "No data" in page.locator(".lm-legend").first.inner_text()


def test_layers_and_legends_come_and_go_together(page: Any, exported: dict[str, str]) -> None:
    opened(page, exported["zh"])
    legends = page.locator(".lm-legend")
    assert legends.count() == 2
    page.get_by_role("checkbox", name="企业", exact=True).uncheck()
    assert page.locator(".lm-cluster").count() == 0
    assert legends.count() == 1
    page.get_by_role("checkbox", name="企业", exact=True).check()
    assert legends.count() == 2


def test_a_crowd_is_shown_as_hexagons_in_turn_with_zones(page: Any, exported) -> None:
    opened(page, exported["crowd"])
    assert page.locator("path.lm-zone").count() == 11
    page.get_by_role("radio", name="企业密度").check()
    page.wait_for_timeout(300)
    assert page.locator(".lm-legend").count() == 1
    assert "企业密度" in page.locator(".lm-legend").inner_text()
    assert page.locator("path.lm-zone").count() > 11
    page.get_by_role("radio", name="数字经济企业数").check()
    assert page.locator("path.lm-zone").count() == 11


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080), (1024, 600), (390, 780)])
def test_controls_do_not_cover_each_other(page: Any, exported, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    opened(page, exported["zh"])
    boxes = [b for item in page.locator(".leaflet-control").all() if (b := item.bounding_box())]
    assert len(boxes) >= 6
    for i, a in enumerate(boxes):
        for b in boxes[i + 1 :]:
            assert not overlap(a, b), (a, b)


def overlap(a: dict[str, float], b: dict[str, float]) -> bool:
    """Whether two boxes share more than a pixel's rim."""
    return (
        min(a["x"] + a["width"], b["x"] + b["width"]) - max(a["x"], b["x"]) > 1
        and min(a["y"] + a["height"], b["y"] + b["height"]) - max(a["y"], b["y"]) > 1
    )


def test_hanzi_are_drawn_without_a_chinese_font(page: Any, exported: dict[str, str]) -> None:
    """A box for a missing letter is one and the same picture; different hanzi are not."""
    opened(page, exported["zh"])
    page.evaluate("document.fonts.ready.then(() => true)")
    pictures = page.evaluate(
        """() => Array.from("深圳数字", (ch) => {
          const canvas = document.createElement("canvas");
          const pen = canvas.getContext("2d");
          pen.font = "32px 'Layout Machine SC', 'Layout Sans SC'";
          pen.fillText(ch, 4, 40);
          return canvas.toDataURL();
        })"""
    )
    assert len(set(pictures)) == 4
