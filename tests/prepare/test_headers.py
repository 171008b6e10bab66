"""Headers of files to the columns of the project."""

from pathlib import Path

import pytest

from layout.core import columns as c
from layout.core.errors import ColumnError, LayoutError
from layout.core.sources import SourceInfo
from layout.prepare.headers import known_columns, map_headers


def info(*headers, repeated=None, point=None):
    return SourceInfo(Path("t.csv"), "csv", headers, repeated=repeated or {}, point=point)


def columns(*headers, **options):
    return dict(map_headers(info(*headers), **options).columns)


def message(*headers, told=None, **options):
    with pytest.raises(LayoutError) as caught:
        map_headers(info(*headers, **options.pop("info", {})), told=told, **options)
    return str(caught.value)


@pytest.mark.parametrize("column", [col for col in c.COLUMNS.values() if col.given])
def test_every_name_and_alias_of_a_column_is_known(column):
    for alias in (column.name, column.zh, *column.aliases):
        others = {"lon": "lat", "lat": "lon"}
        headers = [f" {alias}（注）", "企业名称" if column.name != c.NAME else "经营范围"]
        if column.name in others:
            headers.append(others[column.name])
        found = map_headers(info(*headers), capital_unit="元")
        assert found.columns[column.name] == headers[0], alias


@pytest.mark.parametrize(
    ("header", "column", "yuan"),
    [
        ("营业收入2023(万元)", "revenue_cny_2023", 10_000),
        ("2023年营业收入（亿元）", "revenue_cny_2023", 100_000_000),
        ("2023年度营业收入[千元]", "revenue_cny_2023", 1_000),
        ("营业收入_元_2021", "revenue_cny_2021", 1),
        ("营业收入（2023年，万元）", "revenue_cny_2023", 10_000),
        ("营业收入(2023)(单位：万元)", "revenue_cny_2023", 10_000),
        ("2022年营收万元", "revenue_cny_2022", 10_000),
        ("revenue_cny_2023", "revenue_cny_2023", 1),
        ("Turnover 2020 (万元)", "revenue_cny_2020", 10_000),
        ("注册资本(万元)", "registered_capital_cny", 10_000),
        ("注册资本（人民币万元）", "registered_capital_cny", 10_000),
        ("registered_capital_cny", "registered_capital_cny", 1),
    ],
)
def test_years_and_units_of_money(header, column, yuan):
    found = map_headers(info(header, "企业名称"))
    assert found.columns[column] == header
    assert found.yuan[column] == yuan


@pytest.mark.parametrize(
    "header", ["从业人数2019", "2019年从业人员期末人数(人)", "employees_2019", "2019年末从业人数"]
)
def test_years_of_employees(header):
    assert columns(header, "企业名称")["employees_2019"] == header


def test_units_that_are_said():
    found = map_headers(info("2023年营业收入", "注册资本"), revenue_unit="亿元", capital_unit="元")
    assert dict(found.yuan) == {"revenue_cny_2023": 100_000_000, "registered_capital_cny": 1}
    same = map_headers(info("营业收入2023(万元)"), revenue_unit="万元")
    assert same.yuan["revenue_cny_2023"] == 10_000


def test_units_are_never_guessed_and_never_overruled():
    assert "--revenue-unit" in message("2023年营业收入")
    assert "--capital-unit" in message("注册资本")
    told = message("营业收入2023(万元)", revenue_unit="元")
    assert "营业收入2023(万元)" in told
    assert "--revenue-unit 元" in told
    assert "Unknown unit" in message("注册资本(万美元)")
    several = message("营业收入2022", "营业收入2023(万元)", "注册资本(港元)", revenue_unit="亿元")
    assert "2 problems" in several


def test_revenue_without_a_year_is_kept_and_listed():
    found = map_headers(info("企业名称", "营业收入(万元)"))
    assert list(found.columns) == [c.NAME]
    (one,) = found.unrecognised
    assert one.header == "营业收入(万元)"
    assert "revenue_cny_2023" in one.candidates
    told = map_headers(
        info("企业名称", "营业收入(万元)"), told={"revenue_cny_2021": "营业收入(万元)"}
    )
    assert told.yuan == {"revenue_cny_2021": 10_000}


def test_what_is_not_recognised_is_kept_with_candidates():
    found = map_headers(info("企业名称", "登记状况", "zzz", "经营范围 "))
    assert found.extras == {"登记状况": "登记状况", "zzz": "zzz"}
    near = {one.header: one.candidates for one in found.unrecognised}
    assert c.STATUS in near["登记状况"]
    assert near["zzz"] == ()


def test_map_settles_it():
    headers = ("企业名称", "登记状况", "经度", "纬度")
    assert columns(*headers, told={c.STATUS: "登记状况"})[c.STATUS] == "登记状况"
    swapped = columns(*headers, told={c.LON: "纬度", c.LAT: "经度"})
    assert (swapped[c.LON], swapped[c.LAT]) == ("纬度", "经度")
    without = map_headers(info(*headers), told={c.LON: "", c.LAT: ""})
    assert not without.has_coordinates
    assert set(without.extras) == {"登记状况", "经度", "纬度"}


def test_map_is_checked():
    told = {"revenue": "a", "lon": "nowhere", c.NAME: "企业名称", c.STATUS: "企业名称"}
    words = message("企业名称", "经度", "纬度", told=told)
    assert "4 problems" in words
    assert "no column “revenue”" in words
    assert "revenue_cny" in words
    assert "no header “nowhere”" in words
    assert "credit_code" not in words
    assert "“企业名称” is used for several columns (name, status)" in words


def test_two_headers_for_one_column():
    words = message("经度", "longitude", "纬度", "企业名称", "公司名称")
    assert "2 problems" in words
    assert "“经度”, “longitude”" in words
    assert "“企业名称”, “公司名称”" in words
    settled = columns("经度", "longitude", "纬度", told={c.LON: "longitude"})
    assert settled[c.LON] == "longitude"


def test_a_repeated_header_is_two_headers():
    headers = ("经度", "纬度", "经度_2")
    words = message(*headers, info={"repeated": {"经度_2": "经度"}})
    assert "“经度”, “经度_2”" in words
    found = map_headers(info(*headers, repeated={"经度_2": "经度"}), told={c.LON: "经度_2"})
    assert found.extras == {"经度": "经度"}


def test_half_a_position():
    assert "there is no lat" in message("企业名称", "经度")
    assert "there is no lat" in message("企业名称", "经度", "纬度", told={c.LAT: ""})


def test_no_usable_column():
    words = message("a", "b")
    assert "“a”, “b”" in words
    assert "--map" in words


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        (("station_id", "latitude", "longitude", "fast", "slow", "count"), "points"),
        (("code", "name", "status", "lon", "lat"), "points"),
        (("名称", "地址", "x", "y"), "points"),
        (("统一社会信用代码", "经度", "纬度"), "firms"),
        (("企业名称", "经度", "纬度"), "firms"),
        (("code", "name", "industry_code"), "firms"),
        (("name", "revenue_cny_2023"), "firms"),
    ],
)
def test_points_and_firms(headers, kind):
    assert map_headers(info(*headers)).kind == kind


def test_generic_headers_of_points_name_no_firm_columns():
    found = map_headers(info("code", "name", "status", "lon", "lat"))
    assert set(found.columns) == {c.NAME, c.LON, c.LAT}
    assert set(found.extras) == {"code", "status"}
    told = map_headers(info("code", "lon", "lat"), told={c.CODE: "code"})
    assert told.kind == "firms"
    firms = map_headers(info("code", "name", "行业代码"))
    assert firms.columns[c.CODE] == "code"


def test_generic_headers_give_way():
    found = map_headers(info("x", "y", "经度", "纬度", "name", "企业名称"))
    assert found.columns[c.LON] == "经度"
    assert found.columns[c.NAME] == "企业名称"
    assert set(found.extras) == {"x", "y", "name"}


def test_geometry_gives_the_coordinates():
    point = ("geometry.x", "geometry.y")
    found = map_headers(info("企业名称", "经度", "纬度", *point, point=point))
    assert (found.columns[c.LON], found.columns[c.LAT]) == point
    assert set(found.extras) == {"经度", "纬度"}
    told = map_headers(
        info("企业名称", "经度", "纬度", *point, point=point), told={c.LON: "经度", c.LAT: "纬度"}
    )
    assert told.columns[c.LON] == "经度"


def test_names_of_our_own_are_left_free():
    found = map_headers(
        info("企业名称", "flags", "source_flags", "district_id", "geometry", "bbox")
    )
    assert found.extras["flags"] == "source_flags"
    assert len(set(found.extras.values())) == len(found.extras)
    assert not set(found.extras.values()) & {*c.COLUMNS, c.GEOMETRY, c.BBOX}


def test_known_columns_name_each_year():
    names = known_columns((2020, 2021))
    assert "revenue_cny_2020" in names
    assert "employees_2021" in names
    assert c.FLAGS not in names


def test_an_error_lists_headers_within_reason():
    with pytest.raises(ColumnError) as caught:
        map_headers(info(*(f"h{i}" for i in range(500))))
    assert len(str(caught.value)) < 1000
