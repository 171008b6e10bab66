"""The rule book: what the tables say, and what they may not say."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pandas as pd
import pytest

from layout.core.errors import ReferenceDataError
from layout.core.facts import reference, sector_ids
from layout.prepare import tagging_rules as rules
from layout.prepare.tagging import Tagger
from layout.prepare.tagging_automaton import NO_SYMBOL, SYMBOL_BITS, compile_book
from layout.prepare.tagging_reading import token_at
from layout.prepare.tagging_text import folded

COLUMNS = ("rule_id", "sector", "kind", "value", "weight", "ambiguous", "sub_field")


def book(*rows: tuple[str, ...], context: tuple[tuple[str, str], ...] = ()) -> rules.RuleBook:
    """A book of rows (sector, kind, value, weight, ambiguous) and of context (kind, value)."""
    table = pd.DataFrame(
        [(f"R{i:04d}", *row, "") for i, row in enumerate(rows)], columns=list(COLUMNS)
    )
    words = pd.DataFrame(list(context), columns=["kind", "value"])
    return rules.rule_book(table, words, sectors=("S01", "S02"))


def test_shipped_rules_say_each_thing_once() -> None:
    table = reference("sector_rules")
    keys = Counter(
        (row.sector, row.kind, folded(row.value))
        for row in table.itertuples()
        if row.kind != "strip"
    )
    assert [key for key, count in keys.items() if count > 1] == []
    assert table["rule_id"].is_unique
    for sector in sector_ids():
        mine = table[(table["sector"] == sector) & (table["kind"] != "code")]
        spoken = set(mine.loc[mine["kind"] == "include", "value"].str.lower())
        assert spoken.isdisjoint(mine.loc[mine["kind"] == "exclude", "value"].str.lower())


def test_every_sub_field_has_a_phrase() -> None:
    table = reference("sector_rules")
    reached = set(table.loc[table["kind"] == "include", "sub_field"])
    assert set(reference("sub_fields")["sub_field_id"]) <= reached


def test_every_kind_of_context_is_documented_and_used() -> None:
    assert rules.__doc__ is not None
    for kind in reference("scope_context")["kind"].unique():
        assert kind in rules.__doc__ or (kind.startswith("code_") and "code_…" in rules.__doc__)


def test_no_word_of_context_has_two_roles() -> None:
    table = reference("scope_context")
    roles = table[table["kind"].isin([*rules.ACTIVITIES, *rules.ROLES])]
    assert not roles["value"].map(folded).duplicated().any()


def test_no_activity_speaks_for_a_sector() -> None:
    """A word of activity is not read as a hit; a rule for it would never hold."""
    shipped = rules.shipped_rules()
    assert [p.text for p in shipped.phrases.values() if p.role == rules.ACTIVITY and p.rules] == []


@pytest.mark.parametrize(
    "row",
    [
        ("S01", "maybe", "数据库", "0.5", "0"),
        ("S13", "include", "数据库", "0.5", "0"),
        ("*", "include", "数据库", "0.5", "0"),
        ("S01", "include", "“”", "0.5", "0"),
        ("S01", "include", "x", "0.5", "0"),
        ("S01", "include", "😀😀", "0.5", "0"),
        ("S01", "include", "数据库", "much", "0"),
        ("S01", "include", "数据库", "1.5", "0"),
        ("S01", "include", "数据库…", "0.5", "0"),
    ],
)
def test_faulty_rules_are_refused(row: tuple[str, ...]) -> None:
    with pytest.raises(ReferenceDataError, match="cannot be used"):
        book(row)


def test_faulty_context_is_refused() -> None:
    with pytest.raises(ReferenceDataError, match="cannot be used"):
        book(context=(("nonsense", "研发"),))


def test_the_longest_phrase_is_read_as_one() -> None:
    found = book(
        ("S01", "include", "供应链金融区块链", "0.9", "0"),
        ("S01", "exclude", "供应链", "1", "0"),
        ("S02", "include", "区块链", "0.9", "0"),
    )
    assert token_at("供应链金融区块链", 0, found).end == 8
    assert token_at("供应链金融", 0, found).end == 3
    phrase = token_at("供应链金融", 0, found).phrase
    assert phrase is not None
    assert phrase.rules == ()


def test_phrases_inherit_their_ending() -> None:
    found = book(
        ("S01", "include", "游戏开发", "0.9", "0"),
        ("S01", "include", "云平台", "0.9", "0"),
        ("S01", "include", "工作平台", "0.9", "0"),
        ("S01", "include", "银行|证券……平台|系统", "0.7", "0"),
        ("S01", "exclude", "升降平台", "1", "0"),
        context=(("make", "开发"), ("head", "平台"), ("form", "云平台")),
    )
    assert found.phrases["游戏开发"].acts == rules.MAKE
    assert found.phrases["工作平台"].right == "平台"
    assert found.phrases["云平台"].right == ""  # a form names another thing's form
    assert found.phrases["升降平台"].right == ""
    assert found.phrases["平台"].right == "平台"
    assert {key[:2] for key in found.gaps} == {
        ("银行", "平台"), ("银行", "系统"), ("证券", "平台"), ("证券", "系统"),
    }  # fmt: skip


def test_stock_wording_that_is_denied_anyway_is_not_kept() -> None:
    found = book(
        ("*", "strip", "（除依法须经批准的项目外，凭营业执照）", "0", "0"),
        ("*", "strip", "国内贸易", "0", "0"),
        context=(("except", "除"),),
    )
    assert "国内贸易" in found.phrases
    assert not any(text.startswith("(") for text in found.phrases)


def test_activity_of_a_code_goes_by_the_longest_prefix() -> None:
    found = book(context=(("code_sell", "52"), ("code_free", "5292"), ("code_train", "839")))
    assert found.act_of_code("5211") == rules.SELL
    assert found.act_of_code("5292") == 0
    assert found.act_of_code("8391") == rules.TRAIN
    assert found.act_of_code("83") == 0
    assert found.act_of_code("") == 0


def test_links_of_the_automaton_lead_to_one_parent() -> None:
    """No two nodes have the same base, so a class is enough to check a link."""
    shipped = Tagger.load()
    automaton = compile_book(shipped.book, shipped.sub_fields)
    bases = automaton.links >> SYMBOL_BITS
    used = bases[bases > 0]
    assert len(used) == len(set(used.tolist()))
    assert (automaton.links & NO_SYMBOL).max() == NO_SYMBOL


def test_weights_are_used_as_they_stand() -> None:
    found = book(("S02", "code", "6513", "0.25", "1"), ("S01", "include", "数据库", "0.75", "0"))
    assert [(r.weight, r.ambiguous) for r in found.codes["6513"]] == [(0.25, True)]
    (rule,) = found.phrases["数据库"].rules
    assert rule == replace(rule, weight=0.75, ambiguous=False, generic=False, sector="S01")
