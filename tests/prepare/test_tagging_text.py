"""One spelling for every scope."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layout.prepare.tagging_text import fold, folded, folded_with_places, splits_word


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ＣＡＤ／ＣＡＥ软件", "cad、cae软件"),
        ("A；B;C。D", "a;b;c;d"),
        ("“互联网＋”平台", "互联网+平台"),
        ("工业 APP 的 研发", "工业app的研发"),
        ("open harmony 5 G", "open harmony 5 g"),
        ("a\x00b\tc", "a b c"),
        ("一\u200b二\u3000三\ufeff", "一二三"),
        ("【含】[甲]{乙}", "(含)(甲)(乙)"),
        ("甲\r\n乙", "甲;;乙"),
        ("软件开发（不含许可类项目）", "软件开发()"),
        ("（除依法须经批准的项目外，凭营业执照；自主经营）", "()"),
        ("（不含X光机）", "(不含x光机)"),
        ("（不含甲（乙））", "(不含甲(乙))"),
        ("（不含甲", "(不含甲"),
        ("（不锈钢）", "(不锈钢)"),
        ("", ""),
    ],
)
def test_folding(text: str, expected: str) -> None:
    assert folded(text) == expected


@given(st.text())
def test_places_lead_back_to_the_text(text: str) -> None:
    short, places = folded_with_places(text)
    assert len(short) == len(places)
    assert places == sorted(places)
    for char, place in zip(short, places, strict=True):
        assert char == " " or fold(text[place]) == char


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)


def test_cuts_through_words() -> None:
    assert splits_word("mesh", 3)
    assert splits_word("2023年", 2)
    assert not splits_word("mes系统", 3)
    assert not splits_word("cad2023", 3)
    assert not splits_word("mes", 0)
    assert not splits_word("mes", 3)
