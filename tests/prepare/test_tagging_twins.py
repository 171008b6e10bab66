"""The compiled tagger and the plain reading say the same, whatever the text."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout.core import columns as c
from layout.prepare import tagging_kernel, tagging_totals
from layout.prepare.tagging import Tagger, industry_digits
from layout.prepare.tagging_memory import reading_memory
from layout.prepare.tagging_reading import KEPT, read_scope
from layout.prepare.tagging_scoring import best_sectors, score_sectors, shares
from layout.prepare.tagging_text import folded

CASES = Path(__file__).parents[1] / "data" / "scope_cases.csv"
TAGGER = Tagger.load()
PHRASES = sorted(TAGGER.book.phrases)
MARKS = [
    *"；。，、：（）();:,/ \n“”0129.x外A ",
    "\x00",
    "😀",
    "é",
    "ß",
    "　",
    "除",
    "通过",
    "的",
    "和",
]
MARKS += [
    "（除",
    "（不含",
    "不含",
    "除外",
    "除外）",
    "（不得从事",
    "一般项目：",
    "许可项目：",
    "园",
    "云",
]
CODES = [*sorted(TAGGER.book.codes), "I6513", " 6513 ", "65", "643", "", "abc", "12345", "６５１３"]
CODES += ["6210", "8391", "5176", "7040", "7212"]


def plain(scope: str | None, code: str | None) -> dict[str, Any]:
    """What the plain modules say of one firm."""
    digits = industry_digits(code or "")
    text = folded(scope or "")
    reading = read_scope(text, TAGGER.book, code_act=TAGGER.book.act_of_code(digits))
    scores = score_sectors(reading, digits, TAGGER.book)
    best = best_sectors(scores)
    evidence = {rule.sub_field for sector in best for rule, _ in scores[sector].evidence}
    core = digits[:2] in ("63", "64", "65")
    return {
        "sectors": best,
        "shares": shares([scores[sector].score for sector in best]) if best else [],
        c.SCOPE: "core" if core else "fusion" if best else "outside",
        c.SUB_FIELDS: ";".join(sub for sub in TAGGER.sub_fields if sub in evidence),
        c.XINCHUANG: any(hit.xinchuang and hit.gate == KEPT for hit in reading.hits),
        c.PLATFORM: digits[:3] == "643",
    }


def compiled(scopes: list[str | None], codes: list[str | None]) -> Iterator[dict[str, Any]]:
    """What the compiled tagger says of many firms."""
    for row in TAGGER.tag(pa.array(scopes, pa.string()), pa.array(codes, pa.string())).to_pylist():
        yield {
            "sectors": [row[name] for name in c.SECTORS if row[name] is not None],
            "shares": [row[name] for name in c.SHARES if row[name] is not None],
            **{name: row[name] for name in (c.SCOPE, c.SUB_FIELDS, c.XINCHUANG, c.PLATFORM)},
        }


def assert_same(scopes: list[str | None], codes: list[str | None]) -> None:
    for scope, code, fast in zip(scopes, codes, compiled(scopes, codes), strict=True):
        assert fast == plain(scope, code), (scope, code)


def random_text(rng: random.Random) -> str:
    parts = []
    for _ in range(rng.randrange(40)):
        kind = rng.random()
        if kind < 0.5:
            phrase = rng.choice(PHRASES)
            if rng.random() < 0.1:
                phrase = phrase[: rng.randrange(len(phrase)) + 1]
            parts.append(phrase.upper() if rng.random() < 0.1 else phrase)
        elif kind < 0.9:
            parts.append(rng.choice(MARKS))
        else:
            parts.append(chr(rng.randrange(0x4E00, 0x9FA5)))
    return "".join(parts)


def test_on_the_cases() -> None:
    with CASES.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert_same([r["business_scope"] for r in rows], [r["industry_code"] for r in rows])


def test_on_random_texts() -> None:
    rng = random.Random(20210104)
    scopes = [None if rng.random() < 0.02 else random_text(rng) for _ in range(3000)]
    assert_same(scopes, [None if rng.random() < 0.02 else rng.choice(CODES) for _ in scopes])


def test_on_clauses_that_come_again_in_other_company() -> None:
    """A clause that was read is looked up: what stands around it must not matter."""
    rng = random.Random(20231231)
    bare = str.maketrans("", "", "；，")
    pool = [random_text(rng).translate(bare)[: rng.randrange(1, 30)] for _ in range(200)]
    ends = ["；", "，", "。", ";", ",", "（；", "）；", "（，", "；", "，", "一般项目："]
    scopes = [
        "".join(rng.choice(pool) + rng.choice(ends) for _ in range(rng.randrange(1, 9)))
        for _ in range(3000)
    ]
    assert_same([*scopes], [rng.choice(CODES) for _ in scopes])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(st.sampled_from(PHRASES), st.sampled_from(MARKS), st.characters(codec="utf-8")),
        max_size=25,
    ),
    st.sampled_from(CODES),
)
def test_on_what_is_found_to_break_it(parts: list[str], code: str) -> None:
    assert_same(["".join(parts)], [code])


def test_many_rows_and_memory_that_fills() -> None:
    """More rows than are read at once, among them one that needs most of the memory."""
    scopes: list[str | None] = ["区块链研发", None, "人脸识别算法，" * 2000, "大数据服务"] * 1500
    codes: list[str | None] = ["6513", "6450", "6210", None] * 1500
    want = [plain(scope, code) for scope, code in zip(scopes[:4], codes[:4], strict=True)]
    assert list(compiled(scopes, codes)) == want * 1500


def test_hits_stay_within_their_memory() -> None:
    """The text with the most hits for its bytes that the rules allow."""
    lefts = sorted({left for left, _, _ in TAGGER.book.gaps}, key=len)[:4]
    rights = sorted({right for _, right, _ in TAGGER.book.gaps}, key=len)
    dense = "；".join("".join(lefts) + right * 3 for right in rights) * 20
    longest = len(dense.encode())
    memory = reading_memory(longest)
    text = TAGGER._automaton
    buffers = (
        np.frombuffer(dense.encode(), np.uint8),
        np.array([0, longest], np.int64),
        np.array([True]),
    )
    tagging_kernel.read_rows(0, buffers, np.zeros(1, np.uint8), text, memory)
    assert 0 < memory.ends[0] <= len(memory.gates)


def test_sets_are_numbered_in_the_order_they_come() -> None:
    rng = np.random.default_rng(1)
    sets = rng.integers(0, 50, (5000, 2)).astype(np.uint64)
    numbers, distinct = np.zeros(5000, np.int32), np.zeros(4096, np.int64)
    table = np.full(1 << 14, -1, np.int32)
    count = tagging_totals.number_sets(sets, numbers, table, distinct)
    assert count == len(np.unique(sets, axis=0))
    assert (sets[distinct[:count]][numbers] == sets).all()
    assert (np.diff(distinct[:count]) > 0).all()
    short = np.zeros(10, np.int64)
    table[:] = -1
    assert tagging_totals.number_sets(sets, numbers, table, short) == -1


def test_more_sets_of_sub_fields_than_fit_at_first() -> None:
    rng = random.Random(3)
    sets = np.array([[rng.getrandbits(64), rng.getrandbits(40)] for _ in range(6000)], np.uint64)
    column = TAGGER._sub_fields(sets)
    assert len(column) == 6000
    assert len(column.dictionary) == len(np.unique(sets, axis=0))


@pytest.mark.parametrize(
    ("scores", "expected"),
    [([1], [1000]), ([1, 1], [500, 500]), ([1, 1, 1], [334, 333, 333]), ([2, 1], [667, 333])],
)
def test_shares_are_whole_and_sum_to_1000(scores: list[int], expected: list[int]) -> None:
    assert shares(scores) == expected


@given(st.lists(st.integers(650_000, 1_000_000), min_size=1, max_size=3))
def test_shares_are_near_their_proportion(scores: list[int]) -> None:
    found = shares(scores)
    assert sum(found) == 1000
    for share, score in zip(found, scores, strict=True):
        assert abs(share - 1000 * score / sum(scores)) < 1
