"""Cleaning of batches: every fault found, nothing lost, the same answer in any order."""

import datetime
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from layout.core import columns as c
from layout.core.crs import parse_datum, wgs84_to_bd09, wgs84_to_gcj02
from layout.core.faults import FAULTS, Policy, codes_of, mask_of
from layout.core.sources import SourceBatch, SourceInfo, UnreadableRow
from layout.exports.dictionary_codes import DictionaryCodes
from layout.exports.packed_rows import RowFormat
from layout.prepare.clean_batch import count_faults
from layout.prepare.cleaning import Cleaner, CleaningPlan, CleaningSettings
from layout.prepare.duplicates import SeenCodes
from layout.prepare.headers import map_headers
from layout.prepare.positions import read_positions
from layout.readers.columnar import ParquetTable

CODES = ("91440300MA5EXAMP0", "91440300MA5EXAMP1")
SOUND = {
    "统一社会信用代码": "91990000MA003Q6R32",
    "企业名称": "深圳市某某科技有限公司",
    "注册地址": "深圳市南山区",
    "行业代码": "6513",
    "经营范围": "软件开发",
    "成立日期": "2019年3月5日",
    "登记状态": "存续",
    "注册资本(万元)": "1,000",
    "营业收入2023(万元)": "12.5",
    "从业人数2023": "30",
    "高新技术企业": "是",
    "经度": "114.05",
    "纬度": "22.54",
    "数据批次": "一",
    "备注": "x",
}
GOOD_CODES = ("91990000MA003Q6R32", "91990000MADGKC8X80")


def source(*rows, unreadable=(), undecodable=None, first=2):
    headers = list(SOUND)
    full = [{**SOUND, **row} for row in rows]
    arrays = [pa.array([row[header] for row in full], pa.string()) for header in headers]
    return SourceBatch(
        columns=pa.RecordBatch.from_arrays(arrays, names=headers),
        lines=pa.array(range(first, first + len(rows)), pa.int64()),
        unreadable=unreadable,
        undecodable=None if undecodable is None else pa.array(undecodable),
    )


def plan(datum="wgs84", **options):
    mapping = map_headers(SourceInfo(None, "csv", tuple(SOUND)))
    chosen = CleaningSettings(policy=options.pop("policy", {}), repairs=options.pop("repairs", ()))
    return CleaningPlan(mapping, chosen, parse_datum(datum), **options)


def clean(*rows, **options):
    given = {name: options.pop(name) for name in ("unreadable", "undecodable") if name in options}
    return Cleaner(plan(**options)).clean(source(*rows, **given))


def flags(batch):
    return [codes_of(int(mask)) for mask in batch.flags]


def reasons(batch):
    return [codes_of(int(mask)) for mask in batch.rejected.reasons]


def originals(batch):
    texts = batch.columns.column(c.ORIGINALS).to_pylist()
    return [json.loads(text) if text else None for text in texts]


def values(batch, name):
    return batch.columns.column(name).to_pylist()


def test_a_sound_row_is_typed():
    batch = clean({})
    (row,) = batch.columns.to_pylist()
    assert row == {
        c.CODE: "91990000MA003Q6R32",
        c.NAME: "深圳市某某科技有限公司",
        c.REGISTERED_ADDRESS: "深圳市南山区",
        c.INDUSTRY_CODE: "6513",
        c.BUSINESS_SCOPE: "软件开发",
        c.ESTABLISHED: datetime.date(2019, 3, 5),
        c.STATUS: "active",
        c.CAPITAL: 10_000_000,
        c.HIGH_TECH: True,
        c.LON: 114.05,
        c.LAT: 22.54,
        c.BATCH: "一",
        c.EMPLOYEES.of(2023): 30,
        c.REVENUE.of(2023): 125_000,
        c.LINE: 2,
        c.ORIGINALS: None,
        "备注": "x",
    }
    for name, column in c.COLUMNS.items():
        if name in batch.columns.schema.names:
            assert batch.columns.schema.field(name).type == column.type, name
    assert flags(batch) == [()]
    assert len(batch.rejected) == 0
    assert batch.read == 1


@pytest.mark.parametrize(
    ("change", "fault", "kept"),
    [
        ({"统一社会信用代码": "91990000MA003Q6R33"}, "bad_check_character", None),
        ({"统一社会信用代码": "91990000ma003q6r32"}, "bad_check_character", None),
        ({"统一社会信用代码": " "}, "missing_code", None),
        ({"营业收入2023(万元)": "-3.5"}, "negative_revenue", {"营业收入2023(万元)": "-3.5"}),
        ({"从业人数2023": "-1"}, "negative_employees", {"从业人数2023": "-1"}),
        ({"注册资本(万元)": "-1"}, "unreadable_value", {"注册资本(万元)": "-1"}),
        ({"注册资本(万元)": "百万"}, "unreadable_value", {"注册资本(万元)": "百万"}),
        ({"从业人数2023": "1.5"}, "unreadable_value", {"从业人数2023": "1.5"}),
        ({"成立日期": "2019-02-30"}, "unreadable_value", {"成立日期": "2019-02-30"}),
        ({"登记状态": "?"}, "unreadable_value", {"登记状态": "?"}),
        ({"高新技术企业": "也许"}, "unreadable_value", {"高新技术企业": "也许"}),
        ({"行业代码": "9999"}, "unknown_industry_code", {"行业代码": "9999"}),
        ({"经度": ""}, "missing_coordinates", {"纬度": "22.54"}),
        ({"经度": None, "纬度": None}, "missing_coordinates", None),
        ({"经度": "113°56′"}, "unreadable_value", {"经度": "113°56′", "纬度": "22.54"}),
        ({"经度": "0", "纬度": "0.0"}, "impossible_coordinates", {"经度": "0", "纬度": "0.0"}),
        ({"经度": "1140.5"}, "impossible_coordinates", {"经度": "1140.5", "纬度": "22.54"}),
        (
            {"经度": "22.54", "纬度": "114.05"},
            "swapped_coordinates",
            {"经度": "22.54", "纬度": "114.05"},
        ),
    ],
)
def test_faults_that_are_flagged(change, fault, kept):
    batch = clean({}, {**change, "企业名称": "甲"})
    if "统一社会信用代码" not in change:
        batch = clean({"统一社会信用代码": GOOD_CODES[1]}, change)
    assert flags(batch) == [(), (fault,)]
    assert originals(batch) == [None, kept]
    assert len(batch.rejected) == 0
    changed = [n for n, h in plan().mapping.columns.items() if kept and h in kept]
    for name in changed:
        assert values(batch, name)[1] in (None, "unknown"), name


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"企业名称": "深圳市锟斤拷有限公司"}, "undecodable_text"),
        ({"注册地址": "娣卞湷甯傚崡灞卞尯"}, "undecodable_text"),
        ({"经营范围": "软件\ufffd开发"}, "undecodable_text"),
        ({"经度": "NaN"}, "non_finite_coordinates"),
        ({"经度": "inf", "纬度": "-Infinity"}, "non_finite_coordinates"),
        ({"统一社会信用代码": GOOD_CODES[1]}, "duplicate_code"),
    ],
)
def test_faults_that_are_rejected(change, fault):
    batch = clean({"统一社会信用代码": GOOD_CODES[1]}, change)
    assert reasons(batch) == [(fault,)]
    assert batch.rejected.lines.to_pylist() == [3]
    assert batch.rejected.values.to_pylist() == [{**SOUND, **change}]
    assert values(batch, c.LINE) == [2]
    assert batch.read == 2


def test_records_that_are_no_rows_are_rejected():
    bad = UnreadableRow(7, "wrong_field_count", "a,b")
    batch = clean({}, unreadable=(bad,), undecodable=[True])
    assert reasons(batch) == [("undecodable_text",)]
    assert batch.rejected.unreadable == (bad,)
    assert batch.rejected.counts() == {"undecodable_text": 1, "wrong_field_count": 1}
    assert (batch.read, len(batch.flags)) == (2, 0)


def test_all_faults_of_a_row_are_found():
    batch = clean(
        {"统一社会信用代码": GOOD_CODES[1]},
        {
            "统一社会信用代码": GOOD_CODES[1],
            "企业名称": "锟斤拷",
            "行业代码": "x",
            "营业收入2023(万元)": "-1",
            "经度": "inf",
        },
    )
    assert set(reasons(batch)[0]) == {
        "undecodable_text",
        "non_finite_coordinates",
        "duplicate_code",
        "negative_revenue",
        "unknown_industry_code",
    }


def test_the_first_row_that_stays_keeps_the_code():
    rows = [{"企业名称": "锟斤拷"}, {"企业名称": "甲"}, {"企业名称": "乙"}]
    batch = clean(*rows)
    assert values(batch, c.NAME) == ["甲"]
    assert reasons(batch) == [("undecodable_text",), ("duplicate_code",)]


def test_doubles_are_found_across_batches():
    cleaner = Cleaner(plan())
    assert len(cleaner.clean(source({})).rejected) == 0
    later = cleaner.clean(source({}, first=3))
    assert reasons(later) == [("duplicate_code",)]


def test_policies():
    rows = [{"行业代码": "x"}, {}]
    batch = clean(*rows, policy={"unknown_industry_code": "reject", "duplicate_code": "flag"})
    assert reasons(batch) == [("unknown_industry_code",)]
    assert flags(batch) == [()]
    both = clean(*rows, policy={"duplicate_code": Policy.FLAG})
    assert flags(both) == [("unknown_industry_code",), ("duplicate_code",)]


@pytest.mark.parametrize(
    "policy", [{"no_such_fault": "reject"}, {"wrong_field_count": "flag"}, {"in_sea": "ignore"}]
)
def test_policies_that_cannot_be(policy):
    with pytest.raises(ValidationError):
        CleaningSettings(policy=policy)


def test_repairs():
    rows = [
        {"经度": "22.54", "纬度": "114.05"},
        {"统一社会信用代码": "９１990000MADGKC8X80", "营业收入2023(万元)": "１２．５"},
        {"统一社会信用代码": "", "行业代码": "Ｉ６５１３", "经度": "１１４．０５"},
    ]
    plain = clean(*rows)
    assert flags(plain) == [
        ("swapped_coordinates",),
        ("bad_check_character", "unreadable_value"),
        ("missing_code", "unreadable_value", "unknown_industry_code"),
    ]
    mended = clean(*rows, repairs=("swapped", "full_width"))
    assert flags(mended) == [
        ("repaired_swapped",),
        ("repaired_full_width",),
        ("missing_code", "repaired_full_width"),
    ]
    assert values(mended, c.LON) == [114.05] * 3
    assert values(mended, c.CODE)[1] == GOOD_CODES[1]
    assert values(mended, c.REVENUE.of(2023))[1] == 125_000
    assert values(mended, c.INDUSTRY_CODE)[2] == "6513"
    assert originals(mended)[0] == {"经度": "22.54", "纬度": "114.05"}
    assert originals(mended)[1]["营业收入2023(万元)"] == "１２．５"


@pytest.mark.parametrize(("datum", "shift"), [("gcj02", wgs84_to_gcj02), ("bd09", wgs84_to_bd09)])
def test_positions_are_brought_to_wgs_84(datum, shift):
    lon, lat = shift([114.05], [22.54])
    batch = clean({"经度": repr(float(lon[0])), "纬度": repr(float(lat[0]))}, datum=datum)
    assert values(batch, c.LON)[0] == pytest.approx(114.05, abs=1e-9)
    assert values(batch, c.LAT)[0] == pytest.approx(22.54, abs=1e-9)


def test_projected_positions():
    options = {"datum": "EPSG:4547", "box": (4e5, 2.4e6, 6e5, 2.6e6)}
    rows = [
        {"经度": "505147.3", "纬度": "2493733.5"},
        {"经度": "2493733.5", "纬度": "505147.3", "统一社会信用代码": ""},
        {"经度": "1e30", "纬度": "1e30", "统一社会信用代码": ""},
    ]
    batch = clean(*rows, **options)
    assert values(batch, c.LON)[0] == pytest.approx(114.05, abs=0.001)
    assert flags(batch)[1:] == [
        ("missing_code", "swapped_coordinates"),
        ("missing_code", "impossible_coordinates"),
    ]
    mended = clean(*rows, **options, repairs=("swapped",))
    assert values(mended, c.LON)[1] == values(mended, c.LON)[0]


def test_deliveries_in_another_datum():
    lon, lat = wgs84_to_bd09([114.05], [22.54])
    bd = {"经度": repr(float(lon[0])), "纬度": repr(float(lat[0])), "统一社会信用代码": ""}
    rows = [{}, {**bd, "数据批次": "五"}, {**bd, "数据批次": None}]
    batch = clean(*rows, batch_datum={"五": parse_datum("bd09")})
    assert values(batch, c.LON)[1] == pytest.approx(114.05, abs=1e-9)
    assert values(batch, c.LON)[2] == pytest.approx(float(lon[0]))
    told = clean(*rows, contradicted=frozenset({"五"}))
    assert ["datum_contradicts_address" in codes for codes in flags(told)] == [False, True, False]
    whole = clean(*rows, contradicted=frozenset({None}))
    assert all("datum_contradicts_address" in codes for codes in flags(whole))


def test_flags_of_joining_are_added_and_can_reject():
    batch = clean(
        {},
        {"统一社会信用代码": "", "企业名称": "乙"},
        policy={"outside_city": "reject"},
        contradicted=frozenset(),
    )
    found = np.array([mask_of("district_mismatch"), mask_of("outside_city")], np.uint32)
    joined = batch.with_columns(pa.RecordBatch.from_pydict({c.DISTRICT: ["NS", None]}))
    settled = joined.with_flags(found)
    assert flags(settled) == [("district_mismatch",)]
    assert values(settled, c.DISTRICT) == ["NS"]
    assert reasons(settled) == [("missing_code", "outside_city")]
    assert settled.rejected.values.to_pylist()[0]["企业名称"] == "乙"
    assert settled.rejected.lines.to_pylist() == [3]
    assert settled.read == batch.read == 2
    assert flags(batch) == [(), ("missing_code",)]


def test_the_cause_of_a_wrong_place_is_said_once():
    batch = clean({}, contradicted=frozenset({None}))
    found = np.array([mask_of("outside_city", "district_mismatch")], np.uint32)
    assert flags(batch.with_flags(found)) == [("datum_contradicts_address",)]
    swapped = clean({"经度": "22.54", "纬度": "114.05"})
    missing = np.array([mask_of("missing_coordinates")], np.uint32)
    assert flags(swapped.with_flags(missing)) == [("swapped_coordinates",)]


def test_a_table_without_coordinates():
    mapping = map_headers(SourceInfo(None, "csv", tuple(SOUND)), told={c.LON: "", c.LAT: ""})
    batch = Cleaner(CleaningPlan(mapping, CleaningSettings())).clean(source({}))
    assert flags(batch) == [("missing_coordinates",)]
    assert values(batch, c.LON) == [None]
    assert values(batch, "经度") == ["114.05"]


def test_codes_are_remembered_where_told():
    seen = SeenCodes()
    cleaner = Cleaner(plan(), seen)
    cleaner.clean(source({}))
    assert len(seen) == 1
    none = SeenCodes(np.empty(0, np.uint64))
    assert flags(Cleaner(plan(), none).clean(source({}))) == [()]
    assert len(none) == 0


def test_further_columns_of_any_kind_are_kept(tmp_path):
    # what Parquet files hold; each must find its way through the files that rows wait in
    further = {
        "a": pa.array(["x", None], pa.string_view()),
        "b": pa.array([b"\xff", None], pa.binary_view()),
        "c": pa.array([[1, 2], None]),
        "d": pa.array([{"e": 1}, None]),
        "g": pa.array([1.5, None], pa.float16()),
        "h": pa.array(["y", None], pa.large_string()).dictionary_encode(),
        "i": pa.array([None, None]),
        "j": pa.array([datetime.time(1), None]),
    }
    known = source({}, {"统一社会信用代码": GOOD_CODES[1]}).columns
    headers = (*SOUND, *further)
    given = pa.RecordBatch.from_arrays([*known.columns, *further.values()], names=headers)
    pq.write_table(pa.Table.from_batches([given]), tmp_path / "firms.parquet")
    table = ParquetTable(tmp_path / "firms.parquet")
    plan = CleaningPlan(map_headers(table.info), CleaningSettings(), parse_datum("wgs84"))
    (batch,) = table.batches()
    kept = Cleaner(plan).clean(batch).columns
    expected = {name: column.to_pylist() for name, column in further.items()}
    expected |= {"c": ["[1, 2]", None], "d": ['{"e": 1}', None]}
    assert kept.select(list(further)).to_pydict() == expected
    plain = DictionaryCodes().encoded(kept)
    form = RowFormat(plain.schema)
    assert form.unpack([form.pack(plain, np.arange(2))]).equals(plain)


def test_points_have_no_faults_of_firms():
    headers = ("station_id", "latitude", "longitude", "code")
    mapping = map_headers(SourceInfo(None, "csv", headers))
    given = pa.RecordBatch.from_pydict(
        {"station_id": [1, 1], "latitude": [22.5, None], "longitude": [114.0, None], "code": [1, 1]}
    )
    batch = SourceBatch(given, pa.array([1, 2], pa.int64()))
    cleaned = Cleaner(CleaningPlan(mapping, CleaningSettings(), parse_datum("wgs84"))).clean(batch)
    assert flags(cleaned) == [(), ("missing_coordinates",)]
    assert values(cleaned, "station_id") == [1, 1]


def test_originals_are_json_whatever_they_hold():
    nasty = 'a"b\\c\nd\x01</script>'
    batch = clean({"成立日期": nasty, "登记状态": '"'})
    assert originals(batch) == [{"成立日期": nasty, "登记状态": '"'}]


def test_nested_columns_of_typed_files_become_text():
    given = pa.RecordBatch.from_pydict({"lon": [114.0], "lat": [22.5], "tags": [["a", "b"]]})
    mapping = map_headers(SourceInfo(None, "parquet", ("lon", "lat", "tags")))
    cleaner = Cleaner(CleaningPlan(mapping, CleaningSettings(), parse_datum("wgs84")))
    cleaned = cleaner.clean(SourceBatch(given, pa.array([1], pa.int64())))
    assert values(cleaned, "tags") == ['["a", "b"]']


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "统一社会信用代码": st.sampled_from(["", "x", *GOOD_CODES]),
        "企业名称": st.sampled_from(["甲", "锟斤拷", ""]),
        "行业代码": st.sampled_from(["6513", "9999", ""]),
        "营业收入2023(万元)": st.sampled_from(["1", "-1", "x", ""]),
        "经度": st.sampled_from(["114.05", "22.5", "nan", "", "x", "500"]),
        "纬度": st.sampled_from(["22.54", "114.05", "inf", ""]),
    },
)


@settings(deadline=None, max_examples=50)
@given(st.lists(CHANGES, max_size=12), st.randoms(use_true_random=False))
def test_rows_are_conserved_and_their_order_does_not_matter(rows, random):
    batch = clean(*rows)
    assert batch.read == len(rows) == len(batch.flags) + len(batch.rejected)
    lines = values(batch, c.LINE) + batch.rejected.lines.to_pylist()
    assert sorted(lines) == list(range(2, 2 + len(rows)))
    order = list(range(len(rows)))
    random.shuffle(order)
    again = clean(*(rows[i] for i in order))
    doubles = np.uint32(~mask_of("duplicate_code") & 0xFFFFFFFF)
    before = sorted(int(m & doubles) for m in [*batch.flags, *batch.rejected.reasons])
    after = sorted(int(m & doubles) for m in [*again.flags, *again.rejected.reasons])
    assert before == after


def test_counting_of_faults():
    masks = np.array([0, 5, 4, 1 << 19], np.uint32)
    names = list(FAULTS)
    assert count_faults(masks) == {names[0]: 1, names[2]: 2, names[19]: 1}
    assert count_faults(np.empty(0, np.uint32)) == {}


def test_positions_in_degrees_and_metres():
    lon = pa.array(["114", "22", "5", "-75"])
    lat = pa.array(["22", "114", "5", "40"])
    found = read_positions(lon, lat)
    assert found.swapped.tolist() == [False, True, False, False]
    assert not found.impossible.any()
    assert np.isfinite(found.x).tolist() == [True, False, True, True]
