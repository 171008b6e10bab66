"""Invented addresses, plain and hard, and the district they name."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout.core import facts
from layout.prepare.addresses import named_districts, stated_districts
from layout.prepare.zones import district_ids

UNITS = district_ids("shenzhen")

CASES = {
    # districts in full
    "深圳市南山区粤海街道科技园社区科苑路15号": "NS",
    "广东省深圳市福田区沙头街道天安社区泰然九路": "FT",
    "深圳市罗湖区桂园街道红宝路139号": "LH",
    "深圳市盐田区沙头角街道深沙路18号": "YT",
    "深圳市龙岗区龙岗街道新生社区莱茵路": "LG",
    "深圳市光明区光明街道碧眼社区": "GM",
    "南山区西丽街道": "NS",
    "中国广东省深圳市宝安区新安街道": "BA",
    " 深圳市　南山区 粤海街道": "NS",
    "深圳市坪山区坪山街道六和社区": "PS",
    "深圳市大鹏新区葵涌街道": "DP",
    "深圳市深汕特别合作区鹅埠镇创新大道": "SS",
    "广东省深汕特别合作区赤石镇": "SS",
    "深汕合作区小漠镇": "SS",
    # as they were called
    "深圳市光明新区公明办事处": "GM",
    "深圳市龙华新区大浪办事处华荣路": "LHU",
    "深圳市坪山新区坑梓办事处": "PS",
    # the district of long ago, the subdistrict of today
    "深圳市宝安区龙华街道清祥路": "LHU",
    "深圳市宝安区公明街道上村": "GM",
    "深圳市龙岗区坪山街道": "PS",
    "深圳市龙岗区大鹏新区葵涌街道": "DP",
    "深圳市龙岗区 葵涌街道": "DP",
    # roads and buildings named after districts elsewhere
    "深圳市南山区宝安大道2001号": "NS",
    "深圳市宝安区福田路12号": "BA",
    "深圳市龙岗区南山大道北88号": "LG",
    "深圳市福田区罗湖商业城分店": "FT",
    "深圳市龙华区龙岗大道旁": "LHU",
    "深圳市罗湖区宝安南路1881号": "LH",
    "深圳市宝安大道1000号": None,
    "深圳市福田南路38号": None,
    "深圳市宝安北路2号": None,
    "深圳市南山第二大道": None,
    "深圳市罗湖商业城三楼": None,
    "深圳市宝安广场A座": None,
    "深圳市龙岗大厦": None,
    "宝安大道4018号": None,
    "福田路7号": None,
    "南山大道1124号": None,
    "罗湖商业城": None,
    "龙华人民路": None,
    # a bare name behind the city
    "深圳市南山科技园高新南七道": "NS",
    "深圳南山粤海": "NS",
    "深圳市龙华人民路221号": "LHU",
    "深圳市福田保税区市花路": "FT",
    "深圳市宝安中心区兴华一路": "BA",
    "深圳市 坪山 坑梓": "PS",
    "（集群注册）深圳市南山科技园": "NS",
    "深圳市宝安新安": "BA",
    "科技园南山店": None,
    # subdistricts alone
    "粤海街道高新区社区": "NS",
    "深圳市民治街道北站社区": "LHU",
    "深圳市西乡街道宝安大道": "BA",
    "鹅埠镇田寮村": "SS",
    "深圳市南山街道": "NS",
    "深圳市福田大道旁民治街道": "LHU",
    "民治街道办事处，深圳市福田区": "FT",
    # overlays
    "深圳市前海深港合作区前湾一路1号A栋201室": None,
    "深圳市前海深港合作区南山街道梦海大道": "NS",
    "深圳市南山区前海深港合作区桂湾五路": "NS",
    "深圳市前海商务秘书有限公司（入驻）": None,
    # elsewhere
    "东莞市凤岗镇": None,
    "广东省东莞市塘厦镇光明街道": None,
    "惠州市大亚湾区西区街道": None,
    "广东省惠州市惠阳区新圩镇": None,
    "海口市龙华区滨海大道": None,
    "黑龙江省鹤岗市南山区": None,
    "香港特别行政区九龙观塘": None,
    "香港中环南山区": None,
    "中国香港湾仔": None,
    "广西壮族自治区南宁市青秀区凤凰街道": None,
    "四川省成都市新安街道": None,
    "上海市浦东新区": None,
    "广东省汕尾市海丰县鹅埠镇": None,
    "广东省汕尾市深汕特别合作区鹅埠镇": "SS",
    "青岛市市南区香港中路，深圳市南山区": "NS",
    "广东深圳市南山区": "NS",
    "深圳市福田区东莞市商会大厦": "FT",
    "深圳市福田区香港中文大学": "FT",
    "沃尔玛超市南山区店": "NS",
    "新都市大厦 福田区": "FT",
    # nothing
    "": None,
    "  ": None,
    "深圳市": None,
    "深圳": None,
    "区": None,
    "Nanshan District": None,
    "A座1201": None,
    "不详": None,
}


@pytest.mark.parametrize(("address", "unit"), CASES.items())
def test_named_district(address, unit):
    (found,) = named_districts(pa.array([address]), city="shenzhen")
    assert (UNITS[found] if found >= 0 else None) == unit


def test_whole_column_equals_its_cells():
    array = pa.array([*CASES, None])
    expected = [-1 if unit is None else UNITS.index(unit) for unit in CASES.values()] + [-1]
    for given_as in (
        array,
        array.cast(pa.large_string()),
        array.dictionary_encode(),
        pa.chunked_array([array[:7], array[7:7], array[7:]]),
    ):
        found = named_districts(given_as, city="shenzhen")
        assert found.dtype == np.int16
        assert found.tolist() == expected
    sliced = named_districts(array.slice(5, 20), city="shenzhen")
    assert sliced.tolist() == expected[5:25]
    assert named_districts(pa.chunked_array([], pa.string()), city="shenzhen").shape == (0,)
    assert named_districts(pa.nulls(3), city="shenzhen").tolist() == [-1, -1, -1]


def test_operating_address_wins_where_it_names_a_district():
    registered = pa.array(["深圳市南山区", "深圳市南山区", None, "东莞市"])
    operating = pa.array(["深圳市福田区", "东莞市长安镇", "深圳市宝安大道", None])
    found = stated_districts(registered, operating, city="shenzhen")
    assert [UNITS[i] if i >= 0 else None for i in found] == ["FT", "NS", None, None]
    alone = stated_districts(registered, None, city="shenzhen")
    assert alone.tolist() == named_districts(registered, city="shenzhen").tolist()


def test_every_unit_and_part_is_known_by_its_own_name():
    table = facts.city_table("shenzhen", "districts").set_index("id")
    names = pa.array(["深圳市" + table.loc[unit, "name_zh"] for unit in UNITS])
    assert named_districts(names, city="shenzhen").tolist() == list(range(len(UNITS)))
    parts = facts.city_table("shenzhen", "subdistricts")
    found = named_districts(pa.array(parts["name_zh"].to_numpy(object)), city="shenzhen")
    assert [UNITS[i] for i in found] == parts["district_id"].tolist()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(), st.sampled_from(list(CASES))), max_size=8))
def test_any_text_is_read_and_rows_do_not_touch_each_other(texts):
    whole = named_districts(pa.array(texts, pa.string()), city="shenzhen").tolist()
    each = [named_districts(pa.array([t], pa.string()), city="shenzhen")[0] for t in texts]
    assert whole == each


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(list(CASES)), st.integers(0, 90))
def test_cut_off_bytes_are_no_danger(address, length):
    raw = pa.array([address.encode()[:length]], pa.binary())
    offsets, data = raw.buffers()[1:]
    cut = pa.StringArray.from_buffers(1, offsets, data)
    assert -1 <= named_districts(cut, city="shenzhen")[0] < len(UNITS)
