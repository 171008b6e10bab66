"""The page Platforms without a browser: a full run, platforms without places, wrong input."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import pytest
from shapely import Point
from streamlit.testing.v1 import AppTest

from layout.core.crs import STORED_CRS
from layout.core.study import Study

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def script() -> None:
    import streamlit as st

    from layout.core.errors import LayoutError
    from maps.pages import address, platforms

    address.restore()
    address.allow("lang", ("zh", "en"))
    try:
        platforms.render()
    except LayoutError as error:  # as the shell does
        st.error(error.message("zh"))
    address.keep()


def carriers(places: list[Point | None]) -> gpd.GeoDataFrame:
    """Two service platforms for all sectors, one for S03; a university, which is no platform."""
    return gpd.GeoDataFrame(
        {
            "id": ["C1", "C2", "C3", "C4"],
            "name_zh": ["甲平台", "乙平台", "丙平台", "丁大学"],
            "name_en": ["A", "B", "C", "D"],
            "type": ["科技服务平台", "科技服务平台", "关键技术平台", "大学"],
            "level": ["国家级", "市级", "市级", ""],
            "sectors": [None, None, "S03", None],
            "position_uncertainty_m": [100.0, 100.0, 100.0, 100.0],
            "synthetic": [True] * 4,
            "source": ["t.csv"] * 4,
        },
        geometry=places,
        crs=STORED_CRS,
    )


HERE = [Point(113.95, 22.54), Point(114.06, 22.55), Point(114.2, 22.7), Point(113.97, 22.59)]


@pytest.fixture
def opened(study: Study, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Opens the page on the small study with a facility table, or without any."""

    def open_page(lang: str = "zh", *, table: gpd.GeoDataFrame | None, **chosen: str) -> AppTest:
        of = study if table is None else replace(study, layers={"carriers": table})
        for place in ("platforms", "analysis", "state"):
            monkeypatch.setattr(f"maps.pages.{place}.current_study", lambda: of)
        monkeypatch.setattr("maps.pages.platforms.show_result_map", lambda *_, **__: None)
        app = AppTest.from_function(script, default_timeout=120)
        app.query_params["lang"] = lang
        for name, value in chosen.items():
            app.query_params[name] = value
        return app.run()

    return open_page


def table_with(app: AppTest, column: str) -> Any:
    return next(one.value for one in app.dataframe if column in one.value.columns)


@pytest.mark.parametrize(
    ("lang", "proven"), [("zh", "该选址已证明为最优"), ("en", "The choice is proven best")]
)
def test_a_full_run_says_who_is_reached_and_where_new_ones_would_help(
    opened: Any, lang: str, proven: str
) -> None:
    app = opened(lang, table=carriers(HERE))
    assert not app.exception
    assert not app.error
    supply = table_with(app, "unlocated")
    assert supply["platforms"].sum() == 3
    sites = table_with(app, "replace_cost")
    assert sites["rank"].tolist() == [1, 2, 3]
    choice = table_with(app, "upper_bound").iloc[0]
    assert choice["mean_km_after"] < choice["mean_km_before"]
    assert choice["lower_bound"] <= choice["objective"] <= choice["upper_bound"]
    assert any(one.value.startswith(proven) for one in app.caption)
    bands = table_with(app, "band_from")
    assert bands["share"].sum() == pytest.approx(100)


def test_platforms_of_unknown_place_are_no_data(opened: Any) -> None:
    app = opened(table=carriers([None, None, HERE[2], HERE[3]]), platforms_type="services")
    assert not app.exception
    assert "科技服务平台共 2 个，位置均未知，可达性无数据" in app.info[0].value
    assert table_with(app, "shortfall")["shortfall"].isna().all()
    assert len(table_with(app, "replace_cost")) == 3


def test_a_type_that_serves_nobody_of_the_sector_is_said_to_be_none(opened: Any) -> None:
    app = opened(table=carriers(HERE), platforms_type="key_technology", platforms_sector="S05")
    assert not app.exception
    assert app.info[0].value.startswith("没有关键技术平台服务于该领域")
    assert "共 0 个" not in app.info[0].value


def test_a_study_without_the_facility_table_says_how_to_add_one(opened: Any) -> None:
    app = opened(table=None)
    assert not app.exception
    assert ["layout layer carriers" in one.value for one in app.error] == [True]
    assert not app.dataframe


def test_the_model_can_be_chosen(opened: Any) -> None:
    app = opened(table=carriers(HERE))
    model = next(one for one in app.selectbox if one.key == "platforms-model")
    assert len(model.options) == 3
    model.set_value("center").run()
    assert not app.exception
    assert any("目标值为最远企业的公里数" in one.value for one in app.caption)
