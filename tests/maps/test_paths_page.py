"""The page of paths without a browser: what a planner sees, moves and is told."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from layout.analyses import paths
from layout.core.result import Result
from layout.core.study import Study
from layout.exports.study import write_cubes, write_layer, write_manifest, write_quality
from layout.scenarios.model import parse_scenario
from maps.render.outlines import outline_group
from maps.render.path_charts import mix_dots, plane, plane_limits, score_bars, ternary
from maps.views.path_views import district_at, first_districts, strongest, with_clicked

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
NAMES = {"NS": "南山区", "BA": "宝安区", "LH": "罗湖区"}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    path = Path(__file__).parents[1] / "analyses" / "planted_study.py"
    spec = importlib.util.spec_from_file_location("planted_study", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    root = tmp_path_factory.mktemp("paths")
    made: Study = module.planted_study(root, firms=3_000)
    for name in ("zones", "layers", "results"):
        (root / name).mkdir()
    for kind, frame in made.zones.items():
        frame.to_parquet(root / "zones" / f"{kind}.parquet")
    write_cubes(root, made.cubes)
    write_layer(root, "landmarks", made.zones["district"].iloc[:0])
    write_quality(root, {})
    write_manifest(root, made.manifest)
    return made


@pytest.fixture(scope="module")
def result(study: Study) -> Result:
    return paths.run(study, paths.MODEL(draws=30))


@pytest.fixture
def app(study: Study, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("LAYOUT_STUDY", str(study.root))
    script = (
        "import streamlit as st\n"
        "from maps.pages import address, paths\n"
        "address.restore()\n"
        "paths.render()\n"
        "address.keep()\n"
    )
    return AppTest.from_string(script, default_timeout=120)


def words(app: AppTest) -> str:
    shown = [*app.markdown, *app.caption, *app.info, *app.error]
    html = [block.proto.body for block in app.get("html")]
    return "\n".join([*(one.value for one in shown), *html])


def test_first_sight_says_whose_proposal_and_compares_districts(app: AppTest) -> None:
    app.run()
    assert not app.exception
    assert "分析建议（非方案规定）" in words(app)
    chosen = app.multiselect(key="paths_districts").value
    assert 2 <= len(chosen) <= 4
    assert len(app.slider) == 10


def test_a_weight_moves_the_scores_and_is_kept(app: AppTest) -> None:
    app.run()
    app.slider(key="paths_w_FR1").set_value(0)
    app.slider(key="paths_w_FR3").set_value(0).run()
    assert not app.exception
    kept = dict(item.split("=") for item in app.session_state["paths_weights"])
    assert float(kept["FR2"]) == 1.0
    assert float(kept["FR1"]) == 0.0
    assert sum(float(kept[i]) for i in ("EM1", "EM2", "EM3", "EM4")) == pytest.approx(1)


def test_weights_that_are_all_nothing_are_told(app: AppTest) -> None:
    app.run()
    for name in ("FU1", "FU2", "FU3"):
        app.slider(key=f"paths_w_{name}").set_value(0)
    app.run()
    assert not app.exception
    assert any("应用融合" in one.value for one in app.warning)


def test_an_override_stands(app: AppTest) -> None:
    app.run()
    district = app.multiselect(key="paths_districts").value[0]
    app.selectbox(key=f"paths_o_{district}").set_value("mixed").run()
    assert not app.exception
    assert app.session_state["paths_overrides"] == [f"{district}=mixed"]
    assert "人工指定" in words(app)


@pytest.mark.parametrize(
    ("tab", "language"),
    [
        ("mix", "zh"),
        ("plane", "en"),
        ("differentiation", "en"),
        ("division", "en"),
        ("tables", "zh"),
    ],
)
def test_every_section_is_drawn(app: AppTest, tab: str, language: str) -> None:
    app.session_state["paths_tab"], app.session_state["lang"] = tab, language
    app.run()
    assert not app.exception
    assert not [one.value for one in app.error]
    if language == "en":
        shown = words(app).replace("小微园区", "").replace("小镇", "").replace("产业园", "")
        assert not [line for line in shown.splitlines() if "路径" in line]


def test_a_scenario_is_compared_and_a_bad_one_told(app: AppTest) -> None:
    app.session_state["paths_tab"] = "scenarios"
    app.run()
    assert not app.exception
    app.text_area(key="paths_draft_text").set_value(
        "name: s\nchanges: [{action: move, sector: S08, firms: 3, from: BA, to: LH}]"
    )
    next(b for b in app.button if b.label == "加入对比").click().run()
    assert not app.exception
    assert not [one.value for one in app.error]
    assert len(app.session_state["paths_scenarios"]) == 1
    assert "变化的区" in words(app)
    app.text_area(key="paths_draft_text").set_value(
        "name: t\nchanges: [{action: move, sector: S99, firms: 3, from: BA, to: XX}]"
    )
    next(b for b in app.button if b.label == "加入对比").click().run()
    assert not app.exception
    assert "S99" in app.error[0].value
    assert "XX" in app.error[0].value


def test_the_form_opens_a_park_and_sends_firms_there(app: AppTest) -> None:
    app.session_state["paths_tab"] = "scenarios"
    app.run()
    app.selectbox(key="paths_f_action").set_value("open_park").run()
    app.text_input(key="paths_f_name").set_value("试验园").run()
    add = "添加到文件"
    next(b for b in app.button if b.label == add).click().run()
    app.selectbox(key="paths_f_action").set_value("add").run()
    app.selectbox(key="paths_f_to").set_value("X1").run()
    next(b for b in app.button if b.label == add).click().run()
    assert not app.exception
    assert not [one.value for one in app.error]
    next(b for b in app.button if b.label == "加入对比").click().run()
    assert not app.exception
    assert not [one.value for one in app.error]
    kept = parse_scenario(app.session_state["paths_scenarios"][0])
    assert [one.action for one in kept.changes][-2:] == ["open_park", "add"]
    assert kept.changes[-1].to == "X1"


def test_a_park_without_a_name_is_told(app: AppTest) -> None:
    app.session_state["paths_tab"] = "scenarios"
    app.run()
    app.selectbox(key="paths_f_action").set_value("open_park").run()
    next(b for b in app.button if b.label == "添加到文件").click().run()
    assert not app.exception
    assert app.error


def test_charts_hold_every_district_and_sector(result: Result) -> None:
    tables = result.tables
    chosen = list(NAMES)
    names = {i: NAMES.get(i, i) for i in tables["scores"].index}
    for lang in ("zh", "en"):
        chart = ternary(tables["scores"], tables["cloud"], names, chosen, lang).to_json()
        assert all(name in chart for name in names.values())
        dots = mix_dots(tables["mix"], names, chosen, lang).to_json()
        assert "人工智能" in dots if lang == "zh" else "Blockchain" in dots
        own = tables["plane"].loc["NS"]
        assert plane(own, lang, name="X", limits=plane_limits([own])).to_dict()
        assert score_bars(tables["scores"].loc["NS"], lang).to_dict()


def test_a_click_finds_its_district(study: Study) -> None:
    zones = study.zones["district"]
    point = zones.set_index("id").geometry["LH"].representative_point()
    assert district_at(zones, point.y, point.x) == "LH"
    assert district_at(zones, 0, 0) is None


def test_the_clicked_district_comes_first_and_no_more_than_four_stay() -> None:
    assert with_clicked(["A", "B"], "B") == ["B", "A"]
    assert with_clicked(["A", "B", "C", "D"], "E") == ["E", "A", "B", "C"]


def test_first_comparison_shows_one_district_a_path() -> None:
    scores = pd.DataFrame(
        {"path": ["frontier", "frontier", "fusion", "mixed"], "tagged": [3, 9, 4, 5]},
        index=list("ABCD"),
    )
    assert first_districts(scores) == ["B", "C"]
    assert first_districts(scores.assign(path="mixed")) == ["B", "D"]


def test_strongest_sectors_and_outlines(study: Study, result: Result) -> None:
    own = result.tables["plane"].loc["NS"]
    found = strongest(own, "deepen")
    assert [value for _, value in found] == sorted((v for _, v in found), reverse=True)
    group = outline_group(study.zones["district"], {"LH": "#000000"}, "zh")
    assert group.layer_name == "对比的区"
