"""The page Coverage without stations, and with a table that has no row."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pytest
from streamlit.testing.v1 import AppTest

from layout.core.crs import STORED_CRS
from layout.core.study import Study

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def script() -> None:
    import streamlit as st

    from layout.core.errors import LayoutError
    from maps.pages import address, coverage

    address.restore()
    address.allow("lang", ("zh", "en"))
    try:
        coverage.render()
    except LayoutError as error:  # as the shell does
        st.error(error.message("zh"))
    address.keep()


def open_page(study: Study, monkeypatch: pytest.MonkeyPatch, lang: str) -> AppTest:
    for place in ("coverage", "analysis", "state"):
        monkeypatch.setattr(f"maps.pages.{place}.current_study", lambda: study)
    monkeypatch.setattr("maps.pages.state._study", lambda folder, stamp: study)
    app = AppTest.from_function(script, default_timeout=120)
    app.query_params["lang"] = lang
    return app.run()


@pytest.mark.parametrize(("lang", "model"), [("zh", "38.901"), ("en", "3GPP TR 38.901")])
def test_without_stations_the_page_shows_counts_and_names_the_model(
    study: Study, monkeypatch: pytest.MonkeyPatch, lang: str, model: str
) -> None:
    app = open_page(study, monkeypatch, lang)
    assert not app.exception
    assert not app.error
    assert len(app.warning) >= 1
    assert any(model in told.value for told in app.info)
    assert not app.metric


def test_an_empty_table_of_stations_is_refused_on_the_page(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = gpd.GeoDataFrame(
        {"id": ["T0"], "operator": ["中国移动"], "band": ["2.6GHz"], "station_type": ["宏站"],
         "built_year": [2021], "synthetic": [True]},
        geometry=gpd.points_from_xy([114.055], [22.543]), crs=STORED_CRS,
    ).iloc[:0]  # fmt: skip
    app = open_page(replace(study, layers={"stations": frame}), monkeypatch, "zh")
    assert not app.exception
    assert ["没有任何一行" in error.value for error in app.error] == [True]
    assert not app.metric
