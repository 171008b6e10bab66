"""The rules of tagging as one book: what each phrase says, how a clause is read, what a code says.

Two tables make the book. ``sector_rules.csv`` says which phrases and industry codes speak for a
sector, and how strongly. ``scope_context.csv`` says how a scope is read: words of activity (made,
sold, let, taught), words that only name a place or an event, negations, headings. Its kinds:

==========  =====================================================================================
make        making or running: 研发, 制造, 运营; it keeps everything it governs
serve       service, advice, support: neither keeps nor drops
sell        selling; the phrases it governs are dropped unless the sector's trade is selling
let         letting: the phrases it governs are dropped unless the sector's trade is letting
install     repairing, installing, agency: dropped
train       teaching a topic: dropped
invest      putting money into a topic: dropped
topic       park, fair, report: what stands before only names it and is dropped
head        平台, 系统 …: makes an activity before it part of a name (销售平台)
join        和, 与, 及: holds activities together
skip        从事, 提供: not read
use         通过, 利用: what follows is a tool of the trade
negation    不含, 不得: what follows is denied, to the end of the bracket or the item
except      除 at the start of a bracket or clause: the same, to 外
excepted    除外: denies what stands before it in the bracket or clause
section     一般项目： and other headings
form        云平台, 大数据 …: directly after another phrase it only names that one's form
xinchuang   sign of IT application innovation (信创)
code_…      what a firm of that industry code does with things where the clause does not say
sells       sectors whose trade is selling
lets        sectors whose trade is letting
yield       ``S07:S11``: code and phrases with a gap speak for S07 only where S11 is no tag;
            the sectors on the left one after the other, in the order of the table
==========  =====================================================================================
"""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import pandas as pd

from layout.core.errors import ReferenceDataError
from layout.core.facts import reference, sector_ids
from layout.prepare.tagging_text import GAP, folded

MAKE: Final = 1
SERVE: Final = 4
SELL: Final = 8
LET: Final = 2
INSTALL: Final = 16
TRAIN: Final = 32
INVEST: Final = 64
USE: Final = 128
ACTIVITIES: Final = MappingProxyType(
    {
        "make": MAKE,
        "serve": SERVE,
        "sell": SELL,
        "let": LET,
        "install": INSTALL,
        "train": TRAIN,
        "invest": INVEST,
    }
)
CODE_ACTIVITIES: Final = MappingProxyType(
    {
        "code_free": 0,
        "code_sell": SELL,
        "code_let": INSTALL,
        "code_train": TRAIN,
        "code_invest": INVEST,
        "code_use": USE,
    }
)

HARD: Final = 0
COMMA: Final = 1
SECTION: Final = 2
COLON: Final = 3
USER: Final = 4
PLAIN: Final = 5
HEAD: Final = 6
TOPIC: Final = 7
ACTIVITY: Final = 8
JOIN: Final = 9
SKIP: Final = 10
OPEN: Final = 11
CLOSE: Final = 12
NEGATION: Final = 13
EXCEPT: Final = 14
EXCEPTED: Final = 15
IGNORED: Final = 16
ITEM: Final = 17
"""Roles of phrases and characters; up to SECTION they end a clause."""
FIRST_THAT_STAYS: Final = ACTIVITY
"""Roles below end a group of activities."""
ROLES: Final = MappingProxyType(
    {
        "topic": TOPIC,
        "head": HEAD,
        "join": JOIN,
        "skip": SKIP,
        "use": USER,
        "negation": NEGATION,
        "except": EXCEPT,
        "excepted": EXCEPTED,
        "section": SECTION,
    }
)
GAP_CHARACTERS: Final = 12
"""Most characters between the two parts of a phrase with a gap."""
LEFTS_AT_ONCE: Final = 4
"""Left parts of an item that are remembered, the last ones."""
THRESHOLD: Final = 0.65
"""Least score of a tag (requirements, 'Tag semantics')."""
MOST_TAGS: Final = 3


@dataclass(frozen=True)
class Rule:
    """One row of ``sector_rules.csv`` that speaks for a sector.

    ``generic`` marks codes and phrases with a gap: they yield (kind ``yield``) to other sectors.
    """

    rule_id: str
    sector: str
    value: str
    weight: float
    ambiguous: bool
    sub_field: str
    generic: bool


@dataclass(frozen=True)
class Phrase:
    """A phrase that is read as one term; what stands inside it is not read again.

    Attributes
    ----------
    text
        The phrase, folded.
    role
        How the reading takes it.
    acts
        Activities (bits) it is, or ends in (游戏开发).
    rules
        What it speaks for.
    xinchuang
        It is a sign of IT application innovation.
    form
        Directly after another phrase it only names that one's form.
    right
        Right part of phrases with a gap that it is, or ends in (云平台 ends in 平台).
    """

    text: str
    role: int = PLAIN
    acts: int = 0
    rules: tuple[Rule, ...] = ()
    xinchuang: bool = False
    form: bool = False
    right: str = ""

    @property
    def speaks(self) -> bool:
        """It is a hit where it stands."""
        return self.role != ACTIVITY and (bool(self.rules) or self.xinchuang)


GapKey = tuple[str, str, bool]
"""Left part, right part, whether other phrases with rules may stand in the item."""


@dataclass(frozen=True)
class RuleBook:
    """Everything the reading of a scope needs.

    Attributes
    ----------
    sectors
        Sector ids in the plan's order.
    phrases
        Every phrase by its folded text.
    gaps
        Rules of phrases of two parts within one item of an enumeration, by left part, right part
        and whether other phrases with rules may stand in the item (written ``……``) or not (``…``).
    codes
        Rules of each 4-digit code.
    code_acts
        Activity of a firm by code prefix; the longest prefix counts.
    sells, lets
        Sectors whose trade is selling, or letting.
    yields
        For a sector, those that take its generic evidence from it.
    longest
        Characters of the longest phrase.
    """

    sectors: tuple[str, ...]
    phrases: Mapping[str, Phrase]
    gaps: Mapping[GapKey, tuple[Rule, ...]]
    codes: Mapping[str, tuple[Rule, ...]]
    code_acts: Mapping[str, int]
    sells: frozenset[str]
    lets: frozenset[str]
    yields: Mapping[str, frozenset[str]]
    longest: int

    def act_of_code(self, code: str) -> int:
        """What a firm of ``code`` does with things where the clause does not say."""
        for length in range(len(code), 1, -1):
            if code[:length] in self.code_acts:
                return self.code_acts[code[:length]]
        return 0


@dataclass
class _Draft:
    role: int = PLAIN
    acts: int = 0
    own_act: bool = False
    stock: bool = False
    rules: list[Rule] = field(default_factory=list)
    xinchuang: bool = False
    form: bool = False


@lru_cache(maxsize=1)
def shipped_rules() -> RuleBook:
    """The book of the shipped tables."""
    return rule_book(reference("sector_rules"), reference("scope_context"), sectors=sector_ids())


def rule_book(rules: pd.DataFrame, context: pd.DataFrame, *, sectors: tuple[str, ...]) -> RuleBook:
    """The book of two tables.

    Parameters
    ----------
    rules
        Rows of ``sector_rules.csv`` as text.
    context
        Rows of ``scope_context.csv`` as text.
    sectors
        Sector ids in the plan's order.

    Raises
    ------
    ReferenceDataError
        A row has an unknown kind, sector or number, or folds to nothing.
    """
    drafts: dict[str, _Draft] = {}
    gaps: dict[GapKey, list[Rule]] = {}
    codes: dict[str, list[Rule]] = {}
    for row in rules.to_dict("records"):
        _add_rule({str(k): str(v) for k, v in row.items()}, drafts, gaps, codes, sectors)
    plain: dict[str, list[str]] = {}
    for row in context.to_dict("records"):
        _add_context(str(row["kind"]), str(row["value"]), drafts, plain)
    _forget_denied(drafts)
    for left, right, _ in gaps:
        drafts.setdefault(left, _Draft())
        drafts.setdefault(right, _Draft())
    phrases = _phrases(drafts, {right for _, right, _ in gaps})
    return RuleBook(
        sectors=sectors,
        phrases=MappingProxyType(phrases),
        gaps=MappingProxyType({key: tuple(found) for key, found in gaps.items()}),
        codes=MappingProxyType({code: tuple(found) for code, found in codes.items()}),
        code_acts=MappingProxyType(
            {value: act for kind, act in CODE_ACTIVITIES.items() for value in plain.get(kind, ())}
        ),
        sells=frozenset(plain.get("sells", ())),
        lets=frozenset(plain.get("lets", ())),
        yields=MappingProxyType(_yields(plain.get("yield", ()))),
        longest=max(map(len, phrases), default=0),
    )


def _add_rule(
    row: Mapping[str, str],
    drafts: dict[str, _Draft],
    gaps: dict[GapKey, list[Rule]],
    codes: dict[str, list[Rule]],
    sectors: tuple[str, ...],
) -> None:
    kind, value = row["kind"], row["value"]
    known = row["sector"] in sectors or (row["sector"] == "*" and kind in ("exclude", "strip"))
    if kind not in ("code", "include", "exclude", "strip") or not known:
        raise ReferenceDataError("error.bad_rule", rule=row["rule_id"], value=value)
    if kind in ("exclude", "strip"):
        drafts.setdefault(_folded(value), _Draft(stock=kind == "strip"))
        return
    rule = Rule(
        row["rule_id"],
        row["sector"],
        value,
        _weight(row),
        row["ambiguous"] == "1",
        row["sub_field"],
        kind == "code" or GAP in value,
    )
    if kind == "code":
        codes.setdefault(value, []).append(rule)
    elif GAP in value:
        for left, right in itertools.product(*_gap_parts(value)):
            gaps.setdefault((left, right, GAP + GAP in value), []).append(rule)
    else:
        drafts.setdefault(_folded(value), _Draft()).rules.append(rule)


def _weight(row: Mapping[str, str]) -> float:
    try:
        weight = float(row["weight"])
    except ValueError:
        weight = -1.0
    if not 0.0 <= weight <= 1.0:
        raise ReferenceDataError("error.bad_rule", rule=row["rule_id"], value=row["weight"])
    return weight


def _add_context(
    kind: str, value: str, drafts: dict[str, _Draft], plain: dict[str, list[str]]
) -> None:
    if kind in CODE_ACTIVITIES or kind in ("sells", "lets", "yield"):
        plain.setdefault(kind, []).append(value)
        return
    draft = drafts.setdefault(_folded(value), _Draft())
    if kind in ACTIVITIES:
        draft.role, draft.acts, draft.own_act = ACTIVITY, draft.acts | ACTIVITIES[kind], True
    elif kind in ROLES:
        draft.role = ROLES[kind]
    elif kind == "xinchuang":
        draft.xinchuang = True
    elif kind == "form":
        draft.form = True
    else:
        raise ReferenceDataError("error.bad_rule", rule=kind, value=value)


def _forget_denied(drafts: dict[str, _Draft]) -> None:
    """Drop stock wording that begins as a denial: it is skipped to the end of its bracket anyway.

    Walking through its forty characters would cost more than all that is read.
    """
    denials = [text for text, draft in drafts.items() if draft.role in (NEGATION, EXCEPT)]
    for text in [text for text, draft in drafts.items() if draft.stock]:
        inside = text.removeprefix("(")
        if inside == ")" or any(inside.startswith(d) and inside != d for d in denials):
            del drafts[text]


def _folded(value: str) -> str:
    text = folded(value)
    if len(text.encode()) < 2 or any(ord(char) > 0xFFFF for char in text):
        raise ReferenceDataError("error.bad_rule", rule="?", value=value)
    return text


def _gap_parts(value: str) -> tuple[list[str], list[str]]:
    """Left and right parts of ``银行|证券……系统|软件``."""
    left, right = value.split(GAP)[0], value.split(GAP)[-1]
    return [_folded(part) for part in left.split("|")], [_folded(part) for part in right.split("|")]


def _phrases(drafts: Mapping[str, _Draft], rights: Container[str]) -> dict[str, Phrase]:
    """Phrases; one that ends in a word of activity (游戏开发, 软件销售) is that activity too."""
    own = {text: draft.acts for text, draft in drafts.items() if draft.own_act}
    phrases = {}
    for text, draft in drafts.items():
        inherits = draft.role == ACTIVITY or (draft.rules and not draft.form)
        phrases[text] = Phrase(
            text,
            draft.role,
            draft.acts or own.get(_end_among(text, own), 0),
            tuple(draft.rules),
            draft.xinchuang,
            draft.form,
            text if text in rights else _end_among(text, rights) if inherits else "",
        )
    return phrases


def _end_among(text: str, known: Container[str]) -> str:
    """The longest proper ending of ``text`` that is known, empty where there is none."""
    return next((text[i:] for i in range(1, len(text)) if text[i:] in known), "")


def _yields(values: Iterable[str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for value in values:
        loser, _, winner = value.partition(":")
        found.setdefault(loser, set()).add(winner)
    return {loser: frozenset(winners) for loser, winners in found.items()}
