"""The page Siting without a browser: a full run, nothing to show, and every wrong input."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import pytest
from shapely import Point
from streamlit.testing.v1 import AppTest

from layout.core.study import Study

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

USE = "data-centre"
APPLIED = f"siting_applied_{USE}"
QUICK: dict[str, Any] = {"draws": 4, "shortlist": 6, "count": 2, "spacing_m": 500.0}


@pytest.fixture(scope="module")
def study(siting_study: Study) -> Study:
    return siting_study


def script() -> None:
    from maps.pages import address, siting

    address.restore()
    address.allow("lang", ("zh", "en"))
    siting.render()
    address.keep()


@pytest.fixture
def opened(study: Study, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Opens the page on a study with settings applied; clicks on the map may be given."""

    def open_page(
        lang: str = "zh",
        *,
        spot: tuple[float, float] | None = None,
        of: Study = study,
        **settings: Any,
    ) -> AppTest:
        for place in ("siting", "analysis", "state"):
            monkeypatch.setattr(f"maps.pages.{place}.current_study", lambda: of)
        monkeypatch.setattr("maps.pages.siting.show_result_map", lambda *_, **__: spot)
        app = AppTest.from_function(script, default_timeout=120)
        app.query_params["lang"] = lang
        app.session_state[APPLIED] = {**QUICK, **settings}
        return app.run()

    return open_page


def words(app: AppTest) -> str:
    parts = (app.markdown, app.caption, app.info, app.error, app.warning, app.success)
    return "\n".join(str(one.value) for part in parts for one in part)


def tables(app: AppTest) -> list[list[str]]:
    return [list(map(str, one.value.columns)) for one in app.dataframe]


@pytest.mark.parametrize(
    ("lang", "proven", "ranking"), [("zh", "已证明最优", "备选排名"), ("en", "proven", "Ranking")]
)
def test_a_full_run_ranks_chooses_and_says_how_sure(
    opened: Any, lang: str, proven: str, ranking: str
) -> None:
    app = opened(lang)
    assert not app.exception
    assert not app.error
    figures = {one.label: one.value for one in app.metric}
    assert list(figures.values())[3] == "2"
    assert proven in figures.values()
    assert ranking in words(app)
    ranked = next(one.value for one in app.dataframe if "p_chosen" in one.value)
    assert ranked["state"].tolist()[:2] == ["✓", "✓"]
    assert ranked["rank"].tolist()[2:] == sorted(ranked["rank"].tolist()[2:])
    model = next(one.value for one in app.dataframe if "lower_bound" in one.value).iloc[0]
    assert model["lower_bound"] <= model["objective"] <= model["upper_bound"]
    assert {"gap", "proven"} <= set(model.index)
    assert len(app.get("vega_lite_chart")) >= 3


def test_a_layer_that_is_missing_is_named(opened: Any) -> None:
    app = opened()
    assert any(one.value.startswith(":material/layers_clear:") for one in app.caption)
    assert "水域" in words(app)


def test_a_run_that_was_stopped_can_be_begun_anew(
    opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("maps.pages.siting.run_long", lambda *_: None)
        app = opened()
        assert not app.exception
        assert not app.metric
    button = next(one for one in app.button if one.label == "重新计算")
    button.click().run()
    assert app.metric


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"weights": tuple(f"{n}=0" for n in (
            "power", "expansion", "parks", "slope", "roads", "centres", "fibre", "latency",
            "demand", "coolness", "water", "quiet"))}, "全部权重为零"),
        ({"count": 7}, "要选 7 处，多于备选数 6"),
        ({"weights": ("power=nan",)}, "power=nan"),
        ({"districts": ("ZZ",)}, "ZZ"),
        ({"candidates": "parks", "park_type": "小村"}, "小村"),
        ({"weights_from": "ahp", "judgments": (
            "scale/intensive=9", "intensive/green=9", "green/scale=9")}, "一致性比率"),
    ],
)  # fmt: skip
def test_wrong_settings_are_told_where_the_result_would_stand(
    opened: Any, settings: dict[str, Any], told: str
) -> None:
    app = opened(**settings)
    assert not app.exception
    assert [told in one.value for one in app.error] == [True]
    assert not app.metric


def test_judgments_that_contradict_are_named_in_words(opened: Any) -> None:
    pairs = ("scale/intensive=9", "intensive/green=9", "green/scale=9")
    told = opened("en", weights_from="ahp", judgments=pairs).error[0].value
    assert "Scale over Intensive use" in told or "Green over Scale" in told
    assert "revise it first" in told


def test_judgments_are_edited_with_weights_and_consistency_at_once(opened: Any) -> None:
    app = opened()
    assert sum("一致性比率" in one.value for one in app.caption) >= 5
    good = opened(weights_from="ahp", judgments=("scale/green=3",))
    assert not good.error
    assert any("consistency_ratio" in names for names in tables(good))


def test_rules_that_exclude_everything_name_the_heaviest(opened: Any) -> None:
    app = opened(nuclear="exclude")
    assert not app.exception
    assert "GB07A" in app.warning[1].value
    assert "100%" in app.warning[1].value
    assert app.metric[1].value == "0%"
    rules = next(one.value for one in app.dataframe if "excluded_share" in one.value)
    assert rules["excluded_share"].iloc[0] == 1


def test_demand_out_of_reach_is_listed(opened: Any) -> None:
    app = opened("en", model="set_covering", radius_km=1.0)
    assert not app.exception
    assert "within 1 km" in app.warning[1].value
    lost = next(one.value for one in app.dataframe if "nearest_route_km" in one.value)
    assert (lost["nearest_route_km"] > 1).all()


def test_fewer_sites_than_asked_for_are_explained(opened: Any) -> None:
    app = opened(count=6, spacing_m=3_000.0)
    assert "要求选 6 处" in app.warning[1].value


def spot(x: float, y: float) -> tuple[float, float]:
    """Latitude and longitude of a place, metres from the corner of the city."""
    place = gpd.GeoSeries([Point(500_000 + x, 2_500_000 + y)], crs="EPSG:4547")
    degrees = place.to_crs("EPSG:4326").iloc[0]
    return degrees.y, degrees.x


def test_a_clicked_place_says_why_not(opened: Any) -> None:
    app = opened("en", spot=spot(3_000, 700))
    assert not app.exception
    assert "PL01" in app.error[0].value
    assert "Points come above all from" in words(app)
    rules = next(one.value for one in app.dataframe if "effect" in one.value
                 and "measured" in one.value)  # fmt: skip
    assert rules["state"].iloc[0] == "broken"


def test_a_clicked_place_says_how_good_it_is_and_how_sure(opened: Any) -> None:
    app = opened("en", spot=spot(2_200, 3_600))
    assert "This place can be used" in app.success[0].value
    said = words(app)
    assert "The place is in" in said or "Suitability" in said
    outside = opened("en", spot=spot(-900, 100))
    assert "outside the ground" in words(outside)


def test_two_runs_are_compared_in_words(opened: Any) -> None:
    app = opened()
    next(one for one in app.button if one.label == "保存为对照").click().run()
    assert "设置相同。" in words(app)
    # 4 ha is what the use has: only the model differs
    app.session_state[APPLIED] = {**QUICK, "model": "capacitated_p_median", "site_ha": 4.0}
    app.run()
    assert not app.exception
    changed = [one.value for one in app.dataframe if "对照" in one.value.columns][-1]
    assert changed.index.tolist() == ["布局模型"]
    assert changed["本次"].tolist() == ["带容量 p-中位：容量内总距离最小"]


def test_a_study_without_any_layer_still_answers(opened: Any, study: Study) -> None:
    bare = replace(study, layers={}, rasters={})
    app = opened("en", of=bare)
    assert not app.exception
    assert "not considered" in words(app)
