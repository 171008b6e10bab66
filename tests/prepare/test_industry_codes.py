"""Industry codes of files against the standard."""

import pyarrow as pa
import pytest

from layout.core.facts import reference
from layout.prepare.industry_codes import read_industry_codes


def read(*texts, **options):
    found = read_industry_codes(pa.array(texts, pa.string()), **options)
    values = found.reading.values.to_pylist()
    odd = found.reading.unreadable
    return ["?" if o else x for x, o in zip(values, odd, strict=True)], found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("6513", "6513"),
        (" I6513 ", "6513"),
        ("i6513", "6513"),
        ("6513.0", "6513"),
        ("0111", "0111"),
        ("65", "65"),
        ("651", "651"),
        ("I", "I"),
        ("I65", "65"),
        ("111", "?"),
        ("B111", "111"),
        ("C131", "131"),
        ("A6513", "?"),
        ("9999", "?"),
        ("0000", "?"),
        ("6588", "?"),
        ("4099", "?"),
        ("6", "?"),
        ("65134", "?"),
        ("U", "?"),
        ("Z99", "?"),
        ("软件开发", "?"),
        ("６５１３", "?"),
        ("6 513", "?"),
        ("", None),
        ("  ", None),
        (None, None),
    ],
)
def test_forms_of_codes(text, code):
    assert read(text)[0] == [code]


def test_every_code_of_the_standard_is_known():
    frame = reference("gbt4754_2017")
    codes = frame["code"].tolist()
    classes = [code for code in codes if len(code) == 4]
    assert len(classes) > 1300
    assert read(*classes)[0] == classes
    pairs = zip(frame["section"], codes, strict=True)
    assert read(*(s + c if c.isdigit() else c for s, c in pairs))[0] == codes


def test_coarse_codes_are_counted():
    assert read("I", "65", "651", "6513", "x", None)[1].coarse.tolist() == [True] * 3 + [False] * 3


def test_full_width_only_when_asked():
    codes, found = read("６５１３", "6513", "Ｉ６５", full_width=True)
    assert codes == ["6513", "6513", "65"]
    assert found.reading.repaired.tolist() == [True, False, True]


def test_numbers_of_a_typed_column():
    found = read_industry_codes(pa.array([6513.0, None, 111.0]))
    assert found.reading.values.to_pylist() == ["6513", None, None]
    assert found.reading.unreadable.tolist() == [False, False, True]
