"""The synthetic layers for siting: what each type asks, within the city, the same for a seed."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from layout.core.layer_types import LAYER_TYPES
from layout.demo import layers_places, layers_siting
from layout.demo.plan import CityPlan, build_plan
from layout.demo.zones import read_city_zones

MAKERS = {
    name[5:]: make
    for module in (layers_siting, layers_places)
    for name, make in vars(module).items()
    if name[:5] == "make_"
}


@pytest.fixture(scope="module")
def plan() -> CityPlan:
    return build_plan("shenzhen", read_city_zones("shenzhen"))


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_layers_fit_their_types_and_repeat(plan: CityPlan, name: str) -> None:
    kind = LAYER_TYPES[name]
    frame = MAKERS[name](plan, 1)
    assert isinstance(frame, gpd.GeoDataFrame)
    assert frame.crs == "EPSG:4326"
    assert len(frame) > 0
    assert frame["id"].is_unique
    assert {c.name for c in kind.columns} <= set(frame.columns)
    assert frame.geometry.is_valid.all()
    shapes = {"points": "Point", "lines": "LineString", "polygons": "Polygon"}[kind.shape]
    assert frame.geom_type.str.endswith(shapes).all()
    near = shapely.union_all(plan.districts.polygons).buffer(0.2)
    assert frame.geometry.intersects(near).all()
    assert_geodataframe_equal(frame, MAKERS[name](plan, 1))
    if len(frame) > 3:
        assert frame.geometry.to_wkt().tolist() != MAKERS[name](plan, 2).geometry.to_wkt().tolist()
