"""The vocabulary: complete, harmless in a CSV file, and no word that misleads a reader."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layout.core.facts import city_table, reference
from layout.demo.chances import Chances, Grouped, Purpose, shares_of
from layout.demo.firms import credit_codes
from layout.demo.planters import GARBLED, GARBLED_NOTES, UNKNOWN_CODES
from layout.demo.scopes import _lexicon
from layout.demo.strings import Pool, hundredths, millionths, whole_numbers
from layout.demo.words import (
    LIST_MARK,
    clauses,
    companions,
    expand,
    groups,
    parts,
    profiles,
    read_words,
)

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
CONTESTED = {"S01-2"}
"""Cloud operating systems: the plan names them in S01 and in S05, so no clause has one truth."""


REGISTER_WORDING = {
    "人工智能应用软件开发",
    "人工智能行业应用系统集成服务",
    "云计算装备技术服务",
    "动产质押典当业务",
    "室内装饰设计与施工",
    "建筑装饰材料销售",
    "接受金融机构委托从事信息技术和流程外包服务",
    "投资兴办实业（具体项目另行申报）",
    "数字内容制作服务（不含出版发行）",
    "房地产抵押典当业务",
    "货物及技术进出口",
    "信息系统运行维护服务",
    "信息技术咨询服务",
    "以自有资金从事投资活动",
    "互联网销售（除销售需要许可的商品）",
    "集成电路芯片设计及服务",
}
"""Items that the registers themselves word so."""


def all_texts() -> list[str]:
    places = [word for words in parts("places").values() for word in words]
    stock = [row["text"] for row in (*read_words("stock"), *read_words("asides"))]
    return [*clauses().texts, *profiles().names, *profiles().licences, *places, *stock]


def test_texts_need_no_quoting() -> None:
    for text in all_texts():
        assert text == text.strip()
        assert text
        assert not set(',"\r\n{}|') & set(text)


def test_expand() -> None:
    assert expand("{甲|乙}的{丙|丁}") == ["甲的丙", "甲的丁", "乙的丙", "乙的丁"]
    assert expand("无") == ["无"]


def test_every_sub_field_has_a_clause() -> None:
    written = {row["sub_field"] for row in read_words("clauses")} - {""}
    assert written == set(reference("sub_fields")["sub_field_id"]) - CONTESTED
    for row in read_words("clauses"):
        sector = row["sub_field"].split("-")[0]
        assert sector in ("", row["profile"])


def test_every_sector_has_several_dozen_clauses() -> None:
    book = clauses()
    for place in range(groups().sectors):
        first, last = book.template_first[place : place + 2]
        assert book.text_first[last] - book.text_first[first] >= 36


def test_industry_codes_exist_and_the_unknown_do_not() -> None:
    table = reference("gbt4754_2017")
    known = set(table.loc[table["level"] == "4", "code"])
    assert set(profiles().codes) <= known
    assert not set(UNKNOWN_CODES) & set(table["code"])


def test_codes_of_other_trades_never_tag() -> None:
    """A code that tags by itself stands only with its own sector."""
    rules = reference("sector_rules")
    strong = rules[(rules["kind"] == "code") & (rules["weight"].astype(float) >= 0.65)]
    sectors = strong.groupby("value")["sector"].agg(set).to_dict()
    for row in read_words("profiles"):
        for item in row["codes"].split(";"):
            assert sectors.get(item.split("*")[0], {row["profile"]}) >= {row["profile"]}


def test_shares_of_groups_sum_to_one() -> None:
    assert groups().share.sum() == pytest.approx(1, abs=1e-12)
    assert 0.25 < groups().share[: groups().sectors].sum() < 0.30
    assert (companions().sum(axis=1) > 0).all()
    assert (np.diag(companions()) == 0).all()


def test_streets_and_buildings_name_no_place() -> None:
    """Nothing in an address but district, subdistrict and park tells where it is."""
    words = parts("places")
    streets = [stem + kind for stem in words["street"] for kind in words["suffix"]]
    buildings = [stem + kind for stem in words["building"] for kind in words["kind"]]
    table = city_table("shenzhen", "subdistricts")
    places = {name for row in table["places_zh"] for name in row.split(LIST_MARK)}
    for name in [*table["name_zh"], *city_table("shenzhen", "districts")["name_zh"]]:
        places |= {name, name.removesuffix("街道").removesuffix("镇"), name.removesuffix("区")}
    places |= set(city_table("shenzhen", "parks")["name_zh"])
    for text in [*streets, *buildings, *words["block"]]:
        assert not [place for place in places if len(place) > 1 and place in text]


def test_no_brand_is_a_known_firm() -> None:
    brand = parts("names")
    known = "|".join(city_table("shenzhen", "landmark_firms")["name_zh"])
    pairs = {first + second for first in brand["first"] for second in brand["second"]}
    assert not [pair for pair in pairs if pair in known]


@pytest.mark.shared_data
def test_no_scope_of_the_labelled_sample_is_copied() -> None:
    path = SHARED / "facts" / "labelled_scopes_dev.csv"
    if not path.is_file():
        pytest.skip("the labelled sample lies beside the checkout and is not there")
    with path.open(encoding="utf-8-sig", newline="") as handle:
        scopes = [row["business_scope"] for row in csv.DictReader(handle)]
    own = {text for text in clauses().texts if len(text) >= 8} - REGISTER_WORDING
    assert not [text for text in own if any(text in scope for scope in scopes)]


def test_garbled_texts_cannot_be_read() -> None:
    assert len(GARBLED) == len(GARBLED_NOTES)
    for text, note in zip(GARBLED, GARBLED_NOTES, strict=True):
        if note == "GBK bytes":
            with pytest.raises(UnicodeDecodeError):
                text.decode("utf-8")
        else:
            assert {"\ufffd", "锟"} & set(text.decode("utf-8"))
        assert not set(b',"\n\r') & set(text)


def test_scopes_say_nothing_twice() -> None:
    alike = _lexicon().alike
    assert alike[-1] == -1
    assert (alike[:-1] <= np.arange(len(alike) - 1)).all()


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=20))
def test_numbers_as_texts(numbers: list[int]) -> None:
    column = np.array(numbers, dtype=np.int64)
    known = column % 3 > 0
    expected = [str(number) if number % 3 else "" for number in numbers]
    assert whole_numbers(column, known).to_pylist() == expected
    assert [float(text) for text in millionths(column).to_pylist()] == [n / 1e6 for n in numbers]
    decimals = hundredths(column, known).to_pylist()
    assert decimals == [f"{n // 100}.{n % 100:02}" if n % 3 else "" for n in numbers]


def test_pool_gives_nothing_for_minus_one() -> None:
    assert Pool(["甲", "乙"]).take(np.array([1, -1, 0])).to_pylist() == ["乙", "", "甲"]


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=8), st.integers(0, 2**32))
def test_grouped_choices_stay_in_their_group(weights: list[float], seed: int) -> None:
    grouped = Grouped([[1.0, 2.0], weights, [3.0]])
    chances = Chances(seed, Purpose.FIRMS, 0, 200)
    group = chances.below(3)
    picked = grouped.pick(group, chances.uniform())
    assert (picked >= grouped.first[group]).all()
    assert (picked < grouped.first[group + 1]).all()


def test_picks_follow_their_weights() -> None:
    picked = Chances(1, Purpose.FIRMS, 0, 100_000).pick((1, 3))
    assert picked.mean() == pytest.approx(0.75, abs=0.006)  # four standard errors
    assert shares_of((1, 3)).tolist() == [0.25, 1.0]


def test_serials_do_not_repeat() -> None:
    rows = np.concatenate([np.arange(100_000), 31**6 - 1 - np.arange(100_000)])
    codes = credit_codes(rows, seed=5).view("S18").ravel()
    assert len(np.unique(codes)) == len(rows)
