"""Files of features as layers of a study: words of headers, datums, and all faults at once."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point, box

from layout.core.crs import from_wgs84, parse_datum
from layout.core.errors import DatumError, LayoutError
from layout.core.layer_types import LAYER_TYPES, SHIPPED, LayerColumn, LayerType
from layout.core.result import Bilingual
from layout.prepare.layer_frames import layer_frame, shipped_layers

MASTS = LayerType(
    "masts", "points", Bilingual("杆塔", "Masts"),
    (
        LayerColumn("height_m", "number", "高度", "Height", "metres", ("挂高",), True, 1.0, 200.0),
        LayerColumn("indoor", "flag", "室分", "Indoor", "yes or no", ("室内",)),
        LayerColumn("year", "integer", "年份", "Year", "year", ("年份",)),
    ),
)  # fmt: skip


def table(**changes: list[object]) -> pd.DataFrame:
    rows = {
        "编号": ["a", "b", "c"], "站名": ["甲", "乙", None], "经度": [114.0, 114.1, None],
        "纬度": [22.5, 22.6, None], "挂高（米）": ["25", "30.5", "12"], "室内": ["是", "否", ""],
        "年份": ["2021", "", "2023"],
    }  # fmt: skip
    return pd.DataFrame({**rows, **changes})


def test_headers_are_known_by_their_words_and_units_are_dropped() -> None:
    frame = layer_frame(table(), MASTS, datum="wgs84", source="甲.csv", synthetic=True)
    assert frame["id"].tolist() == ["a", "b", "c"]
    assert frame["height_m"].tolist() == [25.0, 30.5, 12.0]
    assert frame["indoor"].tolist()[:2] == [True, False]
    assert frame["indoor"].isna().tolist() == [False, False, True]
    assert frame["year"].tolist()[0] == 2021
    assert frame["synthetic"].all()
    assert set(frame["source"]) == {"甲.csv"}
    assert str(frame.crs) == "EPSG:4326"


def test_a_row_without_a_place_is_kept_and_has_no_point() -> None:
    frame = layer_frame(table(), MASTS, datum="wgs84")
    assert len(frame) == 3
    assert frame.geometry.isna().tolist() == [False, False, True]


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_web_datums_come_back_to_where_they_were(datum: str) -> None:
    lon, lat = from_wgs84(np.array([114.0]), np.array([22.5]), parse_datum(datum))
    given = table(经度=[lon[0], None, None], 纬度=[lat[0], None, None])
    frame = layer_frame(given, MASTS, datum=datum)
    metres = np.hypot(
        (frame.geometry.x[0] - 114.0) * 102_900, (frame.geometry.y[0] - 22.5) * 110_700
    )
    assert metres < 1.0


def test_the_datum_is_never_guessed() -> None:
    with pytest.raises(DatumError):
        layer_frame(table(), MASTS, datum=None)


def test_all_faults_are_told_at_once() -> None:
    bad = table(编号=["a", "a", "c"], **{"挂高（米）": ["tall", "500", ""]}, 年份=["x", "", ""])
    with pytest.raises(LayoutError) as caught:
        layer_frame(bad, MASTS, datum="wgs84", source="乙.csv")
    words = caught.value.message("zh")
    for part in ("height_m", "1: tall", "2: 500", "year", "1: x", "重复", "为空"):
        assert part in words, part


def test_a_missing_column_is_named_with_the_headers_there_are() -> None:
    with pytest.raises(LayoutError, match=r"height_m.*站名"):
        layer_frame(table().drop(columns="挂高（米）"), MASTS, datum="wgs84")


def test_a_header_can_be_pointed_at() -> None:
    given = table().rename(columns={"挂高（米）": "H"})
    frame = layer_frame(given, MASTS, datum="wgs84", columns={"height_m": "H"})
    assert frame["height_m"].tolist() == [25.0, 30.5, 12.0]
    with pytest.raises(LayoutError, match="nowhere"):
        layer_frame(given, MASTS, datum="wgs84", columns={"height_m": "nowhere"})


def test_shapes_of_another_kind_are_refused() -> None:
    frame = gpd.GeoDataFrame(
        {"height_m": [10, 20]}, geometry=[Point(114, 22.5), box(114, 22, 115, 23)], crs=4326
    )
    with pytest.raises(LayoutError, match=r"not points; rows: 2"):
        layer_frame(frame, MASTS, datum="wgs84")


def test_a_projected_file_needs_no_datum() -> None:
    frame = gpd.GeoDataFrame({"height_m": [10]}, geometry=[Point(114, 22.5)], crs=4326)
    metric = frame.to_crs("EPSG:4547")
    made = layer_frame(metric, MASTS, datum=None, crs="EPSG:4547")
    assert made.geometry.x[0] == pytest.approx(114, abs=1e-7)


def test_shipped_layers_keep_every_row() -> None:
    layers = shipped_layers("shenzhen", SHIPPED)
    assert set(layers) == set(SHIPPED)
    assert len(layers["carriers"]) == 63
    assert layers["carriers"].geometry.notna().sum() == 41
    for name, frame in layers.items():
        assert {column.name for column in LAYER_TYPES[name].columns} <= set(frame.columns)
        assert not frame["synthetic"].any()
