"""Text of files to typed values."""

import datetime
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout.prepare import values as v

QUICK = settings(deadline=None)


def strings(*texts):
    return pa.array(texts, pa.string())


def both(reading):
    """Values, with ``'?'`` where one could not be read."""
    return [
        "?" if odd else value
        for value, odd in zip(reading.values.to_pylist(), reading.unreadable, strict=True)
    ]


@QUICK
@given(st.lists(st.floats(1e-20, 1e20) | st.floats(-1e6, -1e-9) | st.just(0.0)))
def test_coordinates_are_the_nearest_floats(numbers):
    assert v.read_coordinate(strings(*map(repr, numbers))).values.to_pylist() == numbers


@QUICK
@given(
    st.lists(st.decimals(-(10**9), 10**9, places=6), min_size=1),
    st.sampled_from([1, 1000, 10_000, 100_000_000]),
)
def test_amounts_are_exact(numbers, unit):
    got = v.read_amount(strings(*map(str, numbers)), unit=unit).values.to_pylist()
    want = [int((n * unit).quantize(Decimal(1), rounding=ROUND_HALF_UP)) for n in numbers]
    assert got == want


@QUICK
@given(st.lists(st.integers(-(10**18) + 1, 10**18 - 1), min_size=1))
def test_whole_numbers_are_exact(numbers):
    assert v.read_amount(strings(*map(str, numbers))).values.to_pylist() == numbers


@QUICK
@given(st.lists(st.integers(-(10**17), 10**17), min_size=1))
def test_thousands_between_commas(numbers):
    assert v.read_amount(strings(*(f" {n:,}\t" for n in numbers))).values.to_pylist() == numbers


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 120_000),
        ("+1.50", 15_000),
        (".5", 5_000),
        ("-3.2", -32_000),
        ("1,234.56", 12_345_600),
        ("1.2E+3", 12_000_000),
        ("12e-4", 12),
        ("0.00005", 1),
        ("0.00004999", 0),
        ("-0.00005", -1),
        ("500万元", 5_000_000),
        ("500万人民币", 5_000_000),
        ("1.5亿元", 150_000_000),
        ("￥1,000元", "?"),
        ("¥1,000元", 1_000),
        ("", None),
        ("  ", None),
        (None, None),
        ("-", None),
        ("N/A", None),
        ("NULL", None),
        ("nan", None),
        ("无", None),
        ("1,23", "?"),
        ("1,2345", "?"),
        (",123", "?"),
        ("1.2.3", "?"),
        ("12abc", "?"),
        ("=1+1", "?"),
        ("100万美元", "?"),
        ("１２", "?"),
        ("9" * 19, "?"),
        ("9" * 17, "?"),
        ("1e400", "?"),
        ("e5", "?"),
        ("<script>", "?"),
    ],
)
def test_forms_of_amounts(text, value):
    assert both(v.read_amount(strings(text, "1"), unit=10_000))[0] == value


def test_full_width_digits_only_when_asked():
    texts = strings("１２３．５", "１，２３４", "甲", "7", "８人")
    assert both(v.read_count(texts)) == ["?", "?", "?", 7, "?"]
    repaired = v.read_amount(texts, full_width=True)
    assert both(repaired) == [124, 1234, "?", 7, 8]
    assert repaired.repaired.tolist() == [True, True, False, False, True]
    lon = v.read_coordinate(strings("１１３．９４２７", "113.5"), full_width=True)
    assert lon.values.to_pylist() == [113.9427, 113.5]
    days = v.read_date(strings("２０１９年３月５日"), full_width=True)
    assert days.values.to_pylist() == [datetime.date(2019, 3, 5)]
    assert days.repaired.tolist() == [True]


def test_coordinates_that_are_no_numbers():
    reading = v.read_coordinate(
        strings("NaN", "-inf", "Infinity", "INF", "", "-", "113.9", "113°56′", "infinitx", "na")
    )
    assert reading.not_finite.tolist() == [True] * 4 + [False] * 6
    assert reading.unreadable.tolist() == [False] * 7 + [True, True, False]
    assert reading.values.to_pylist() == [None] * 6 + [113.9, None, None, None]


def test_typed_coordinates():
    reading = v.read_coordinate(pa.array([1.5, None, np.nan, np.inf]))
    assert reading.values.to_pylist() == [1.5, None, None, None]
    assert reading.not_finite.tolist() == [False, False, True, True]
    assert v.read_coordinate(pa.array([1, None])).values.to_pylist() == [1.0, None]


def test_typed_amounts():
    floats = pa.array([805.26, 0.12345, -0.00005, None, np.nan, np.inf, 1e18])
    assert both(v.read_amount(floats, unit=10_000)) == [8052600, 1235, -1, None, None, "?", "?"]
    assert both(v.read_amount(pa.array([3, None], pa.int16()), unit=1000)) == [3000, None]
    assert both(v.read_count(pa.array([3.0, 2.5, None]))) == [3, "?", None]


@pytest.mark.parametrize(
    ("text", "count"),
    [("12", 12), ("12.0", 12), ("12.5", "?"), ("1,200", 1200), ("30人", 30), ("-4", -4)],
)
def test_counts_are_whole(text, count):
    assert both(v.read_count(strings(text))) == [count]


@QUICK
@given(st.dates(datetime.date(1800, 1, 1), datetime.date(2200, 12, 31)))
def test_every_day_in_every_form(day):
    y, m, d = day.year, day.month, day.day
    forms = (
        day.isoformat(),
        f"{y}/{m}/{d}",
        f"{y}{m:02}{d:02}",
        f"{y}年{m}月{d}日",
        f"{y}.{m:02}.{d:02} 08:30:00",
        f"{day.isoformat()}T00:00:00Z",
    )
    assert v.read_date(strings(*forms)).values.to_pylist() == [day] * len(forms)


@pytest.mark.parametrize(
    "text",
    [
        "2019-02-29",
        "2019-13-01",
        "2019-3",
        "5/3/2019",
        "2019-03-051",
        "201903",
        "今天",
        "0000-00-00",
    ],
)
def test_what_is_no_day(text):
    assert both(v.read_date(strings(text))) == ["?"]


def test_days_of_spreadsheets_only_where_wanted():
    assert (
        both(v.read_date(strings("43529", "43529.5"), serials=True))
        == [datetime.date(2019, 3, 5)] * 2
    )
    assert both(v.read_date(strings("43529"))) == ["?"]


def test_typed_days():
    stamps = pa.array([datetime.datetime.fromisoformat("2019-03-05 10:00"), None])
    assert v.read_date(stamps).values.to_pylist() == [datetime.date(2019, 3, 5), None]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("存续", "active"),
        ("存续（在营、开业、在册）", "active"),
        ("在业", "active"),
        ("迁出", "moved"),
        ("注销", "cancelled"),
        ("已注销", "cancelled"),
        ("吊销", "revoked"),
        ("吊销，未注销", "revoked"),
        ("吊销，已注销", "cancelled"),
        ("Active", "active"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_status_words(word, status):
    reading = v.read_status(strings(word))
    assert reading.values.to_pylist() == [status]
    assert not reading.unreadable.any()
    assert reading.values.type == pa.dictionary(pa.int8(), pa.string())


def test_unknown_status_words_are_told():
    reading = v.read_status(strings("inactive", "存续"))
    assert reading.unreadable.tolist() == [True, False]
    assert reading.values.to_pylist() == ["unknown", "active"]


def test_yes_and_no():
    reading = v.read_yes_no(strings("是", "否", "Y", "0", "", None, "maybe"))
    assert both(reading) == [True, False, True, False, None, None, "?"]
    assert both(v.read_yes_no(pa.array([True, None]))) == [True, None]


def test_slices_and_nulls_are_read_in_place():
    texts = strings("9", "1", None, "2", "x").slice(1, 3)
    assert both(v.read_amount(texts)) == [1, None, 2]
    hidden = pa.Array.from_buffers(
        pa.string(),
        2,
        [pa.py_buffer(b"\x02"), pa.py_buffer(np.array([0, 2, 3], np.int32)), pa.py_buffer(b"557")],
    )
    assert both(v.read_amount(hidden)) == [None, 7]
    assert both(v.read_amount(strings())) == []
