"""Layers, legends and pages: nothing from a file becomes markup or code, nothing is remote."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import branca.colormap
import folium
import geopandas as gpd
import pytest
from branca.element import Element
from folium.plugins import HeatMap
from shapely import box

from layout.analyses.mix import MixParams, run
from layout.core.errors import AssetError
from layout.core.result import Bilingual, LayerSpec
from layout.core.study import Study
from maps.render import elements
from maps.render.elements import Call, safe_html, script_json
from maps.render.layers import choropleth_layer, outline_layer, place_layer
from maps.render.legends import Legend, LegendItem
from maps.render.map import base_map, city_map, map_layers
from maps.render.offline import localize, require_local, standalone_html, static_base


def calls(element, function: str) -> list[dict]:
    """What the calls of one function in an element and its children are given."""
    found = []
    if isinstance(element, Call) and element.function == function:
        found.append(json.loads(element.payload))
    for child in element._children.values():
        found += calls(child, function)
    return found


@pytest.fixture(scope="module")
def page(study: Study, explain, assets: Path) -> str:
    return standalone_html(city_map(study, run(study, MixParams()), "zh", explain=explain))


# ---------------------------------------------------------------- escaping


def test_json_for_scripts_survives_everything(hostile) -> None:
    value = {
        "names": list(hostile),
        "odd": ["}}", "{{{", "</SCRIPT>", "]]>", "\\"],
        "n": [1.5, None],
    }
    code = script_json(value)
    assert json.loads(code) == value
    assert not re.search(r"[<>&'\u2028\u2029]|\{\{|\{%|\{#", code)
    assert json.loads(script_json({"x": float("nan"), "y": (float("inf"),)})) == {
        "x": None,
        "y": [None],
    }


def test_text_for_markup_survives_everything(hostile) -> None:
    class Collect(HTMLParser):
        tags: list[str]
        text: str

        def handle_starttag(self, tag, attrs):
            self.tags.append(tag)
            self.attrs = attrs

        def handle_data(self, data):
            self.text += data

    for name in hostile:
        reader = Collect()
        reader.tags, reader.text = [], ""
        reader.feed(f'<p title="{safe_html(name)}">{safe_html(name)}</p>')
        reader.close()
        assert reader.tags == ["p"]
        assert reader.attrs == [("title", name)]
        assert reader.text == name
        assert "{" not in safe_html(name)


@pytest.mark.parametrize("name", ["map.js", "map.css"])
def test_own_files_hold_no_marks_of_templates(name: str) -> None:
    content = elements._resource(name)
    assert not re.search(r"\{\{|\{%|\{#|\}\}", content)
    assert "</" not in content.replace("</style>", "</")
    if name == "map.js":
        # The one use of innerHTML is for legends, whose markup is made and escaped in Python.
        assert content.count("innerHTML") == 1
        assert "document.write" not in content
        assert "eval(" not in content


def test_hostile_names_are_text_in_the_page(page: str, hostile) -> None:
    scripts: list[str] = []

    class Reader(HTMLParser):
        tags: list[str]

        def handle_starttag(self, tag, attrs):
            self.tags.append(tag)
            assert not any(name.startswith("on") for name, _ in attrs)

        def handle_data(self, data):
            if self.tags and self.tags[-1] == "script":
                scripts.append(data)

    reader = Reader()
    reader.tags = []
    reader.feed(page)
    assert "img" not in reader.tags
    assert "b" in reader.tags  # our own, in the notes
    assert not any("window.hacked=1</" in script for script in scripts)
    assert "7*7" in page
    assert "49{" not in page
    firms = re.search(r"layoutMaps\.firms\(\w+, (.*)\);\n", page)
    assert firms is not None
    names = json.loads(firms[1])["name"]
    # Firms without a sector or without a place are not drawn.
    assert set(hostile[:5]) <= set(names)


def test_texts_of_the_frame_are_escaped(page: str) -> None:
    assert "企业&lt;b&gt;.csv" in page
    assert "企业<b>.csv" not in page


# ---------------------------------------------------------------- layers and legends


def frame(values: list[float | None]) -> gpd.GeoDataFrame:
    number = len(values)
    return gpd.GeoDataFrame(
        {
            "id": [f"Z{i}" for i in range(number)],
            "name_zh": ["<b>甲</b>", *["乙"] * (number - 1)],
            "name_en": [None] * number,
            "approximate": [True, *[False] * (number - 1)],
            "synthetic": False,
            "value": values,
        },
        geometry=[box(i, 22, i + 1, 23) for i in range(number)],
        crs="EPSG:4326",
    )


def spec(values: list[float | None]) -> LayerSpec:
    return LayerSpec("x", "choropleth", frame(values), Bilingual("数", "Number"), column="value",
                     unit=Bilingual("家", "firms"))  # fmt: skip


def test_null_is_no_data_and_zero_is_zero() -> None:
    layer = choropleth_layer(spec([None, 0.0, 7.0]), "zh")
    (zones,) = calls(layer, "zones")
    drawn = [feature["properties"] for feature in zones["shapes"]["features"]]
    assert [p["c"] for p in drawn] == [-1, 0, 1]
    assert [p["t"][0][1] for p in drawn] == ["无数据", "0家", "7家"]
    assert zones["colours"][0] == "#ffffff"
    (legend,) = calls(layer, "legend")
    assert "无数据" in legend["html"]
    assert "lm-hatch" in legend["html"]


def test_no_data_is_in_the_legend_only_where_it_occurs() -> None:
    (legend,) = calls(choropleth_layer(spec([1.0, 2.0]), "en"), "legend")
    assert "lm-hatch" not in legend["html"]


def test_approximate_shapes_are_dashed_and_say_so() -> None:
    (zones,) = calls(choropleth_layer(spec([1.0, 2.0]), "zh"), "zones")
    rough, sure = (feature["properties"] for feature in zones["shapes"]["features"])
    assert (rough["a"], sure["a"]) == (True, False)
    assert any("近似" in value for _, value in rough["t"])
    (outline,) = calls(outline_layer(frame([1.0]), "en", kind="park"), "outlines")
    assert outline["shapes"]["features"][0]["properties"]["a"] is True
    assert outline["shapes"]["features"][0]["properties"]["n"] == "<b>甲</b>"


def test_legends_escape_their_texts() -> None:
    legend = Legend("<i>t</i>", "{{ u }}", (LegendItem("<b>", '"red;"', "dot"),), "<script>")
    assert not re.search(r"<i>|<b>|<script>|\{\{", legend.html())
    assert "&lt;script&gt;" in legend.html()


def test_the_map_of_a_study_has_its_layers(study: Study, explain) -> None:
    layers = map_layers(study, run(study, MixParams()), "zh", explain=explain)
    names = [layer.layer_name for layer in layers]
    assert names == ["数字经济企业数", "产业园区（近似范围）", "企业", "区名"]
    crowded = map_layers(study, run(study, MixParams()), "zh", explain=explain, max_points=10)
    assert [layer.layer_name for layer in crowded][2] == "企业密度"
    # Two layers of classes are shown in turn.
    assert [layer.overlay for layer in crowded] == [False, True, False, True]
    assert not calls(crowded[2], "firms")
    # Whoever asks for layers sees the firms; a page opens on the zones of its heading.
    assert [layer.show for layer in crowded if not layer.overlay] == [False, True]
    page = city_map(study, run(study, MixParams()), "zh", explain=explain, max_points=10)
    turns = [c for c in page._children.values() if getattr(c, "overlay", True) is False]
    assert [layer.show for layer in turns] == [True, False]


def test_unknown_revenue_of_a_district_is_not_zero(study: Study, explain) -> None:
    """Firms of the second district state no revenue of 2023; the last district has no firm."""
    result = run(study, MixParams(measure="revenue", year=2023))
    layer = map_layers(study, result, "zh", explain=explain)[0]
    (zones,) = calls(layer, "zones")
    shown = {f["properties"]["n"]: f["properties"]["t"][0][1] for f in zones["shapes"]["features"]}
    assert shown["大鹏新区"] == "无数据"
    assert shown["盐田区"] == "0亿元"


def test_a_popup_tells_the_firm(study: Study, explain) -> None:
    layers = map_layers(study, run(study, MixParams()), "zh", explain=explain)
    (firms,) = calls(layers[2], "firms")
    i = firms["name"].index("深圳第9号磡科技有限公司")
    told = {}
    for row in firms["rows"]:
        place = row["index"][i] if "index" in row else i
        told[row["label"]] = row["values"][place] if place >= 0 else None
    assert told["统一社会信用代码"] == "91440300X000000009"
    assert told["行业"] == "6513 应用软件开发"
    assert told["所在区"] == "深汕特别合作区"
    assert told["营业收入 2023"] == "1.11亿元"
    assert told["质量标记"] is None
    assert firms["groups"][firms["group"][i]]["name"] == "金融科技"
    assert [(firms["groups"][s]["name"], share) for s, share, _ in firms["sectors"][i]] == [
        ("金融科技", 600),
        ("人工智能", 400),
    ]
    evidence = [firms["evidence"][k] for k in firms["sectors"][i][1][2]]
    assert evidence == ["“人工智能<b>”", "行业代码 6513"]
    flagged = next(row for row in firms["rows"] if row["label"] == "质量标记")
    assert flagged["values"][0]
    assert len(firms["lat"]) == len(firms["lon"]) == len(firms["name"]) == len(firms["sectors"])


def test_landmarks_say_that_they_do_not_count() -> None:
    points = gpd.GeoDataFrame(
        {"name_zh": ["某公司"], "name_en": ["Some firm"]},
        geometry=gpd.points_from_xy([113.9], [22.5]), crs="EPSG:4326",
    )  # fmt: skip
    (places,) = calls(place_layer(points, "en"), "places")
    assert places["places"][0]["name"] == "Some firm"
    assert "in no statistic" in places["places"][0]["lines"][0][1]


def test_the_stamp_of_synthetic_data_is_on_the_map_itself(study: Study) -> None:
    assert "合成数据" in calls(base_map(study, "zh"), "stamp")[0]["text"]
    real = study.manifest.model_copy(update={"synthetic": False})
    plain = base_map(type(study)(study.root, real, study.zones, study.cubes, study.quality), "zh")
    assert not calls(plain, "stamp")


def test_the_base_map_asks_for_no_tiles(study: Study) -> None:
    drawn = base_map(study, "zh")
    assert drawn.options["maxZoom"] == 18
    assert not [c for c in drawn._children.values() if isinstance(c, folium.TileLayer)]


# ---------------------------------------------------------------- without a network


def test_a_page_holds_everything(page: str) -> None:
    require_local(page)
    assert "Content-Security-Policy" in page
    assert "L.markerClusterGroup" in page
    assert "jQuery" not in page  # our layers do without
    assert page.startswith("<!DOCTYPE html>")
    assert '<html lang="zh-CN">' in page
    assert "data:font/woff;base64," in page
    for words in ("深圳市各区数字经济企业数", "演示数据", "数据质量", "公开界线概化", "审图号"):
        assert words in page
    # Before data: Leaflet, clusters, styles and the hanzi in use.
    assert len(page.encode()) < 700_000


def test_the_page_carries_the_font_of_its_own_hanzi_only(study, explain, assets) -> None:
    import base64

    from maps.assets.font import characters

    page = standalone_html(
        city_map(study, run(study, MixParams()), "en", explain=explain), lang="en"
    )
    font = re.search(r"data:font/woff;base64,([A-Za-z0-9+/=]+)", page)
    assert font is not None
    held = characters(base64.b64decode(font[1]))
    used = {ord(ch) for ch in set(page) if 0x4E00 <= ord(ch) <= 0x9FFF}
    assert used <= held
    assert len(held) < len(used) + 200


@pytest.mark.parametrize(
    "markup",
    [
        '<script src="https://example.org/a.js"></script>',
        '<img src="//example.org/a.png">',
        '<link rel="stylesheet" href="http://example.org/a.css">',
        "<style>@import 'https://example.org/a.css';</style>",
        "<style>p { background: url(https://example.org/a.png) }</style>",
        "<p style=\"background:url('https://example.org/a.png')\">",
        '<iframe src="HTTPS://example.org"></iframe>',
    ],
)
def test_anything_remote_is_refused(markup: str) -> None:
    with pytest.raises(AssetError, match=r"example\.org"):
        require_local(f"<html><body>{markup}</body></html>")


def test_links_to_follow_and_names_of_formats_are_no_fetches() -> None:
    require_local(
        '<a href="https://example.org">x</a><script>var a = "https://example.org";</script>'
        "<style>p { background: url(\"data:image/svg+xml,xmlns='http://www.w3.org'\") }</style>"
    )


@pytest.mark.parametrize(
    ("prefix", "base"),
    [("", "/app/static"), ("/plan/", "/plan/app/static"), ("a/b", "/a/b/app/static")],
)
def test_links_know_the_base_path(prefix: str, base: str, study: Study, assets: Path) -> None:
    drawn = localize(base_map(study, "zh"), static_base(prefix))
    links = [link for part in (drawn, *drawn._children.values())
             for name in ("default_js", "default_css")
             for _, link in getattr(part, name, [])]  # fmt: skip
    assert links
    for link in links:
        assert link.startswith(base + "/vendor/")
        assert (assets / link.removeprefix(base + "/")).is_file()
    assert f"{base}/fonts/" in drawn.get_root().render()


def test_localizing_twice_changes_nothing_and_classes_stay_as_they_are(study, assets) -> None:
    drawn = localize(base_map(study, "zh"), "/app/static")
    before = list(drawn.default_js)
    assert localize(drawn, "/app/static").default_js == before
    assert folium.Map.default_js[0][1].startswith("https://")


def test_a_plain_folium_map_keeps_what_it_needs(assets: Path) -> None:
    plain = folium.Map(tiles=None)
    plain.add_child(folium.Marker([22, 114], popup="x"))
    names = [name for name, _ in localize(plain, "/s").default_js]
    assert {"jquery", "bootstrap", "awesome_markers"} <= set(names)
    require_local(standalone_html(folium.Map(tiles=None).add_child(folium.Marker([22, 114]))))


def test_what_is_not_shipped_is_named(study: Study, assets: Path) -> None:
    for work in (lambda drawn: localize(drawn, "/app/static"), standalone_html):
        with pytest.raises(AssetError, match="leaflet_heat"):
            work(folium.Map(tiles=None).add_child(HeatMap([[22, 114]])))
    legend = folium.Map(tiles=None).add_child(branca.colormap.LinearColormap(["red", "blue"]))
    with pytest.raises(AssetError, match="d3"):
        localize(legend, "/app/static")


def test_a_page_that_would_fetch_is_not_handed_out(study: Study, assets: Path) -> None:
    drawn = base_map(study, "zh")
    logo = Element('<img src="https://example.org/logo.png">')
    drawn.get_root().html.add_child(logo)
    with pytest.raises(AssetError, match=r"example\.org/logo"):
        standalone_html(drawn)


def test_tiles_are_refused_in_a_page_for_use_without_a_network(study: Study, assets: Path) -> None:
    tiles = folium.TileLayer("https://example.org/{z}/{x}/{y}.png", attr="x")
    drawn = base_map(study, "zh", basemap=tiles)
    assert not calls(drawn, "ground")
    with pytest.raises(AssetError, match=r"example\.org"):
        standalone_html(drawn)


def test_hidden_layers_stay_hidden_where_the_page_adds_all(study: Study) -> None:
    points = gpd.GeoDataFrame({"name_zh": []}, geometry=[], crs="EPSG:4326")
    shown = localize(elements.layer("a"), "/s")
    hidden = localize(place_layer(points, "zh"), "/s")
    assert not calls(shown, "startHidden")
    assert len(calls(localize(hidden, "/s"), "startHidden")) == 1
