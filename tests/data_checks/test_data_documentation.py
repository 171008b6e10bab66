"""Schema, README, list of sources and files say the same."""

from __future__ import annotations

import importlib.util
import re
from types import ModuleType

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from layout.core import facts
from layout.core.resources import cities, city_file, root
from layout.prepare.reference_schema import parse_schema, schema_name
from layout.readers.facts import read_facts

DATA = root() / "data"


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(DATA / name, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def refresh() -> ModuleType:
    path = root() / "tools" / "refresh_facts.py"
    spec = importlib.util.spec_from_file_location("refresh_facts", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_checksums_and_rows_of_the_sources_are_those_of_the_files(refresh: ModuleType) -> None:
    written = (DATA / "sources.csv").read_text("utf-8")
    assert written == refresh.refreshed_sources(DATA), (
        "data/sources.csv is out of date: run python tools/refresh_facts.py and commit the result"
    )


def test_the_readme_is_generated_from_the_schema(refresh: ModuleType) -> None:
    written = (DATA / "README.md").read_text("utf-8")
    assert written == refresh.refreshed_readme(DATA), (
        "data/README.md is out of date: run python tools/refresh_facts.py and commit the result"
    )


def test_the_readme_has_each_file_column_for_column() -> None:
    sections = re.split(r"^### ", (DATA / "README.md").read_text("utf-8"), flags=re.M)[1:]
    told = {
        section.split("\n", 1)[0]: re.findall(r"^\| `([^`]+)` \|", section, flags=re.M)
        for section in sections
    }
    held = {file: list(frame.columns) for file, frame in read_facts(DATA)[0].tables.items()}
    assert told == held


def test_every_table_of_every_city_is_described() -> None:
    rules = parse_schema(table("schema.csv"))
    for city in cities():
        for path in city_file(city, "city.yaml").parent.iterdir():
            assert schema_name(path.relative_to(DATA).as_posix()) in rules


def test_sources_say_how_to_get_what_is_not_shipped() -> None:
    sources = table("sources.csv")
    shipped = sources["kind"] == "shipped"
    assert (sources.loc[shipped, "sha256"] != "").all()
    assert (sources.loc[~shipped, ["file", "sha256", "rows"]] == "").all(axis=None)
    assert {"user-firms", "user-districts", "user-subdistricts", "user-parks"} <= set(sources["id"])
    assert (sources["how_to_get"] != "").all()


def test_files_are_utf8_without_mark_and_end_lines_with_lf() -> None:
    for path in DATA.rglob("*.csv"):
        raw = path.read_bytes()
        assert not raw.startswith(b"\xef\xbb\xbf"), path
        assert b"\r" not in raw, path
        assert raw.endswith(b"\n"), path


def test_the_words_of_a_table_stay_text() -> None:
    tables = (facts.reference("gbt4754_2017"), facts.city_table("shenzhen", "districts"))
    for frame in tables:
        assert all(isinstance(value, str) for value in frame.to_numpy().ravel())
    assert "0111" in set(facts.reference("gbt4754_2017")["code"])
    assert facts.sector_ids() == tuple(f"S{n:02d}" for n in range(1, 13))


LAND = {
    "香港 屯门": (113.97, 22.39),
    "香港 流浮山": (113.985, 22.467),
    "香港 下白泥": (113.93, 22.425),
    "香港 米埔": (114.035, 22.49),
    "香港 沙头角": (114.223, 22.545),
    "香港 吉澳": (114.30, 22.545),
    "香港 东平洲": (114.434, 22.545),
    "香港 西贡": (114.36, 22.43),
    "东莞 长安": (113.80, 22.80),
    "东莞 虎门": (113.67, 22.80),
    "惠州 澳头": (114.54, 22.715),
    "惠州 霞涌": (114.67, 22.775),
    "惠州 巽寮": (114.74, 22.69),
    "惠州 三门岛": (114.63, 22.455),
    "惠州 盐洲": (114.94, 22.71),
    "中山 翠亨": (113.57, 22.50),
    "广州 龙穴岛": (113.65, 22.63),
    "珠海 淇澳岛": (113.645, 22.42),
    "汕尾 海丰": (115.20, 22.80),
    "内伶仃岛": (113.80, 22.415),
}
WATER = {
    "SEA1": (113.73, 22.50),
    "SEA2": (113.96, 22.485),
    "SEA3": (114.42, 22.50),
    "SEA4": (114.68, 22.52),
    "SEA5": (115.12, 22.70),
}


def test_the_sea_is_water_and_touches_no_land() -> None:
    sea = gpd.read_file(city_file("shenzhen", "sea_sketch.geojson")).set_index("id")
    assert sea.crs == "EPSG:4326"
    assert set(sea.index) == set(WATER)
    for area, place in WATER.items():
        assert sea.loc[area, "geometry"].contains(shapely.Point(place)), area
    for name, place in LAND.items():
        assert not sea.contains(shapely.Point(place)).any(), name
    outlines = gpd.read_file(city_file("shenzhen", "district_outlines.geojson"))
    assert not sea.union_all().intersects(outlines.union_all())
    assert (sea["accuracy_m"] == 1000).all()
    assert sea["approximate"].all()


def test_the_sea_sketch_is_what_its_program_draws() -> None:
    path = root() / "tools" / "build_sea_sketch.py"
    spec = importlib.util.spec_from_file_location("build_sea_sketch", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert city_file("shenzhen", "sea_sketch.geojson").read_text("utf-8") == module.build()
