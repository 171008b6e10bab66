"""The rule book as flat arrays that compiled code walks: a trie over characters, and its answers.

Every character that stands in a phrase has a class; the rest share one. The trie of phrases is a
double array: the child of node ``s`` by class ``c`` is ``t = base[s] + c``, valid where ``c`` is
the class that leads to ``t``; as no two nodes have the same base, that is enough (after Aoe, J.: An
efficient digital search algorithm by using a double-array structure, IEEE Transactions on Software
Engineering 15(9), 1989). At each place of a text the longest phrase is taken, so that no failure
links are needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from layout.core.facts import reference
from layout.prepare import tagging_rules as roles
from layout.prepare import tagging_text as marks
from layout.prepare.tagging_reading import DROPPED, KEPT, RENTED, SOLD
from layout.prepare.tagging_rules import Phrase, Rule, RuleBook

Int32 = npt.NDArray[np.int32]

DROP: Final = 0
SPACE: Final = 1
HARD: Final = 2
COMMA: Final = 3
ENUM: Final = 4
COLON: Final = 5
OPEN: Final = 6
CLOSE: Final = 7
DOT: Final = 8
DIGIT_0: Final = 9
LETTER_A: Final = 19
OUTSIDE: Final = 45
OTHER: Final = 46
WIDE_OPEN: Final = 0xFF08
"""The full-width opening bracket."""
ASTRAL: Final = 0xE000
"""Stands for characters beyond the basic plane: a private one, in no phrase."""
_FIXED: Final = (
    *(marks.SPACE, marks.HARD, marks.COMMA, marks.ENUM, marks.COLON, marks.OPEN, marks.CLOSE),
    *".0123456789abcdefghijklmnopqrstuvwxyz",
    "外",
)
"""Characters of the classes 1 to 45, in order."""

ROOT: Final = 1
SYMBOL_BITS: Final = 16
NO_SYMBOL: Final = (1 << SYMBOL_BITS) - 1
"""A link is the base of a node, then the class that leads to it (no class where there is none)."""
SAYS: Final = 0
LENGTH: Final = 1
"""Columns of the endings. What a phrase says is packed: role, then the bits below, acts, number."""
ROLE: Final = 31
OPENS: Final = 32
CLOSES: Final = 64
SPEAKS: Final = 128
ACTS_SHIFT: Final = 8
ACTS: Final = 255
FORM: Final = 1 << 16
NUMBER_SHIFT: Final = 17

RULE_FROM: Final = 0
RULE_TO: Final = 1
LEFT: Final = 2
RIGHT: Final = 3
XINCHUANG: Final = 4
"""Columns of the phrases."""

SECTOR: Final = 31
SOLID_FULL: Final = 5
SOLID_SPECIFIC: Final = 6
SPECIFIC: Final = 7
"""What a rule says is packed: sector, then bits: not ambiguous; the same and specific; specific."""


class Automaton(NamedTuple):
    """All arrays of a rule book.

    Attributes
    ----------
    classes
        Class of each character of the basic plane, uint16[65536].
    disclaimers
        UTF-8 bytes of the beginnings of disclaimers, uint8[n, 9], 0 after the end.
    first
        Node of each class at the start of a phrase, 0 for none.
    links
        Of each node: base and class, packed.
    endings
        int32[n, 2]: what the longest phrase says that ends at the node or on the way to it (0 for
        none), and its length (1 for none).
    phrases
        int32[n, 5]: rules from–to, numbers as left and as right part of a gap, sign of xinchuang.
        Row 0 is no phrase.
    character_roles
        Role of a character of each class that begins no phrase.
    character_kinds
        1 for a Latin letter, 2 for a digit, 0 for all else: two of a kind make one word.
    gaps
        int32[n, 2]: rules from–to of each phrase with a gap; row 0 is none.
    gap_of
        int16[lefts, rights, 2]: the gap of two parts, closed and open to phrases between.
    rule_number
        Rows of the arrays below that a phrase, a gap or a code points to: the rule it is.
    rule_says, rule_miss, rule_subs
        Of each rule: packed sector and marks; 1 − weight as part of all evidence and of specific
        evidence; sub-field as a bit of two words.
    code_rules
        int32[10000, 2]: rules from–to of a 4-digit code.
    code_acts
        uint8[3, 10000]: activity implied by a code of 2, 3 and 4 digits.
    yields
        int32[n, 2]: a sector and those (bits) that take its generic evidence, in order.
    spared
        Sectors (bits) that keep a phrase, by what becomes of it.
    sub_mask
        uint64[sectors, 2]: sub-fields (bits) of each sector.
    lowest
        Lowest bit of each set of sectors.
    """

    classes: npt.NDArray[np.uint16]
    disclaimers: npt.NDArray[np.uint8]
    first: npt.NDArray[np.uint32]
    links: npt.NDArray[np.uint64]
    endings: Int32
    phrases: Int32
    character_roles: npt.NDArray[np.uint8]
    character_kinds: npt.NDArray[np.uint8]
    gaps: Int32
    gap_of: npt.NDArray[np.int16]
    rule_number: Int32
    rule_says: Int32
    rule_miss: npt.NDArray[np.float64]
    rule_subs: npt.NDArray[np.uint64]
    code_rules: Int32
    code_acts: npt.NDArray[np.uint8]
    yields: Int32
    spared: Int32
    sub_mask: npt.NDArray[np.uint64]
    lowest: npt.NDArray[np.int8]


def sub_field_ids() -> tuple[str, ...]:
    """Ids of ``sub_fields.csv`` in their order; their places are the bits of a set."""
    return tuple(reference("sub_fields")["sub_field_id"])


def compile_book(book: RuleBook, sub_fields: Sequence[str]) -> Automaton:
    """The arrays of a book; ``sub_fields`` gives the bits of sub-fields (at most 128)."""
    classes, class_of = _classes(book.phrases)
    texts = sorted(book.phrases)
    links, endings, first = _double_array(
        [[class_of[char] for char in text] for text in texts], int(classes.max()) + 1
    )
    rules = _RuleRows(book, sub_fields)
    gaps, gap_of, lefts, rights = _gap_tables(book, rules)
    phrases = np.zeros((len(texts) + 1, 5), np.int32)
    says = np.zeros(len(texts) + 1, np.int64)
    for number, text in enumerate(texts, start=1):
        phrase = book.phrases[text]
        left, right = lefts.get(text, -1), rights.get(phrase.right, -1)
        phrases[number] = (*rules.rows(phrase.rules), left, right, phrase.xinchuang)
        says[number] = (
            number << NUMBER_SHIFT
            | phrase.acts << ACTS_SHIFT
            | (OPENS if left >= 0 else 0)
            | (CLOSES if right >= 0 else 0)
            | (SPEAKS if phrase.speaks else 0)
            | (FORM if phrase.form else 0)
            | phrase.role
        )
    endings = np.column_stack([says[endings[:, SAYS]], endings[:, LENGTH]]).astype(np.int32)
    code_rules = np.zeros((10_000, 2), np.int32)
    for code, found in book.codes.items():
        code_rules[int(code)] = rules.rows(found)
    order = {sector: i for i, sector in enumerate(book.sectors)}
    return Automaton(
        classes=classes,
        disclaimers=np.array(
            [list(text.encode().ljust(9, b"\0")) for text in marks.DISCLAIMERS], np.uint8
        ),
        first=first,
        links=links,
        endings=endings,
        phrases=phrases,
        character_roles=_character_roles(int(classes.max()) + 1),
        character_kinds=_character_kinds(int(classes.max()) + 1),
        gaps=gaps,
        gap_of=gap_of,
        rule_number=np.array(rules.numbers, np.int32),
        rule_says=rules.says(),
        rule_miss=rules.misses(),
        rule_subs=rules.sub_bits(),
        code_rules=code_rules,
        code_acts=_code_acts(book),
        yields=np.array(
            [
                (order[loser], _bits(order[winner] for winner in winners))
                for loser, winners in book.yields.items()
            ]
            or [(0, 0)],
            np.int32,
        ),
        spared=_spared(book, order),
        sub_mask=_sub_masks(book.sectors, sub_fields),
        lowest=np.array(
            [(i & -i).bit_length() - 1 for i in range(1 << len(book.sectors))], np.int8
        ),
    )


def _spared(book: RuleBook, order: Mapping[str, int]) -> Int32:
    spared = np.zeros(DROPPED + 1, np.int32)
    spared[KEPT] = _bits(order.values())
    spared[SOLD] = _bits(order[sector] for sector in book.sells)
    spared[RENTED] = _bits(order[sector] for sector in book.lets)
    return spared


def _bits(numbers: Iterable[int]) -> int:
    return sum(1 << number for number in numbers)


def _classes(phrases: Mapping[str, Phrase]) -> tuple[npt.NDArray[np.uint16], dict[str, int]]:
    """Class of each code unit as written, and of each folded character."""
    class_of = {char: number for number, char in enumerate(_FIXED, start=1)}
    for char in sorted(set("".join(phrases))):
        class_of.setdefault(char, len(class_of) + 2)
    classes = np.full(1 << 16, OTHER, np.uint16)
    for point in range(1 << 16):
        char = marks.fold(chr(point))
        classes[point] = class_of.get(char, OTHER) if char else DROP
    return classes, class_of


def _character_roles(class_count: int) -> npt.NDArray[np.uint8]:
    found = np.full(class_count, roles.PLAIN, np.uint8)
    found[SPACE:LETTER_A] = roles.IGNORED
    found[[HARD, COMMA, COLON]] = roles.HARD, roles.COMMA, roles.COLON
    found[[OPEN, CLOSE, ENUM]] = roles.OPEN, roles.CLOSE, roles.ITEM
    return found


def _character_kinds(class_count: int) -> npt.NDArray[np.uint8]:
    found = np.zeros(class_count, np.uint8)
    found[DIGIT_0:LETTER_A], found[LETTER_A:OUTSIDE] = 2, 1
    return found


def _trie(keys: list[list[int]]) -> tuple[list[dict[int, int]], dict[int, int]]:
    """Children of each node by symbol (node 0 is the root), and the key that ends at a node."""
    children: list[dict[int, int]] = [{}]
    ends: dict[int, int] = {}
    for number, key in enumerate(keys, start=1):
        node = 0
        for symbol in key:
            if symbol not in children[node]:
                children[node][symbol] = len(children)
                children.append({})
            node = children[node][symbol]
        ends[node] = number
    return children, ends


def _double_array(
    keys: list[list[int]], class_count: int
) -> tuple[npt.NDArray[np.uint64], Int32, npt.NDArray[np.uint32]]:
    """Links, endings (key number and length) and children of the root of the trie of ``keys``.

    Children are placed depth first, so that what is walked one after the other lies together.
    """
    children, ends = _trie(keys)
    size = 2 * len(children) + 4 * class_count
    base, symbol_of = np.zeros(size, np.uint64), np.full(size, NO_SYMBOL, np.uint64)
    endings = np.tile(np.array([0, 1], np.int32), (size, 1))
    taken, bases = bytearray(size), {0}
    taken[0] = taken[ROOT] = 1
    free, stack = 0, [(0, ROOT, 0)]
    while stack:
        node, slot, depth = stack.pop()
        if not children[node]:
            continue
        low = min(children[node])
        free = taken.index(0, free)
        start = taken.index(0, max(free, low + 1))
        while start - low in bases or any(taken[start - low + s] for s in children[node]):
            start = taken.index(0, start + 1)
        bases.add(start - low)
        base[slot] = start - low
        for symbol, child in children[node].items():
            place = start - low + symbol
            taken[place], symbol_of[place] = 1, symbol
            endings[place] = (ends[child], depth + 1) if child in ends else endings[slot]
            stack.append((child, place, depth + 1))
    first = np.zeros(class_count, np.uint32)
    for symbol in children[0]:
        first[symbol] = int(base[ROOT]) + symbol
    return base << np.uint64(SYMBOL_BITS) | symbol_of, endings, first


class _RuleRows:
    """Rules as rows; phrases, gaps and codes point to runs of rows."""

    def __init__(self, book: RuleBook, sub_fields: Sequence[str]) -> None:
        self.sectors = {sector: i for i, sector in enumerate(book.sectors)}
        self.subs = {sub: i for i, sub in enumerate(sub_fields)}
        self.rules: dict[str, tuple[int, Rule]] = {}
        self.numbers: list[int] = [0]

    def rows(self, rules: Sequence[Rule]) -> tuple[int, int]:
        """Run of rows of ``rules``."""
        start = len(self.numbers)
        for rule in rules:
            number, _ = self.rules.setdefault(rule.rule_id, (len(self.rules), rule))
            self.numbers.append(number)
        return start, len(self.numbers)

    def says(self) -> Int32:
        """Sector and marks of each rule, packed."""
        packed = [
            self.sectors[rule.sector]
            | (not rule.ambiguous) << SOLID_FULL
            | (not rule.ambiguous and not rule.generic) << SOLID_SPECIFIC
            | (not rule.generic) << SPECIFIC
            for _, rule in self.rules.values()
        ]
        return np.array(packed, np.int32)

    def misses(self) -> npt.NDArray[np.float64]:
        """1 − weight of each rule as part of all evidence and of specific evidence."""
        return np.array(
            [(1.0 - r.weight, 1.0 if r.generic else 1.0 - r.weight) for _, r in self.rules.values()]
        )

    def sub_bits(self) -> npt.NDArray[np.uint64]:
        """Sub-field of each rule as a bit of two words."""
        bits = np.zeros((len(self.rules), 2), np.uint64)
        for number, rule in self.rules.values():
            if rule.sub_field in self.subs:
                word, bit = divmod(self.subs[rule.sub_field], 64)
                bits[number, word] = 1 << bit
        return bits


def _gap_tables(
    book: RuleBook, rules: _RuleRows
) -> tuple[Int32, npt.NDArray[np.int16], dict[str, int], dict[str, int]]:
    """Rule runs of gaps, the gap of each pair of parts, and numbers of left and right parts."""
    lefts = {left: i for i, left in enumerate(dict.fromkeys(key[0] for key in book.gaps))}
    rights = {right: i for i, right in enumerate(dict.fromkeys(key[1] for key in book.gaps))}
    rows = [(0, 0)]
    pairs = np.zeros((max(1, len(lefts)), max(1, len(rights)), 2), np.int16)
    for (left, right, through), found in book.gaps.items():
        pairs[lefts[left], rights[right], int(through)] = len(rows)
        rows.append(rules.rows(found))
    return np.array(rows, np.int32), pairs, lefts, rights


def _code_acts(book: RuleBook) -> npt.NDArray[np.uint8]:
    acts = np.zeros((3, 10_000), np.uint8)
    for digits in (2, 3, 4):
        for value in range(10**digits):
            acts[digits - 2, value] = book.act_of_code(f"{value:0{digits}d}")
    return acts


def _sub_masks(sectors: Sequence[str], sub_fields: Sequence[str]) -> npt.NDArray[np.uint64]:
    masks = np.zeros((len(sectors), 2), np.uint64)
    for number, sector in enumerate(sectors):
        bits = _bits(i for i, sub in enumerate(sub_fields) if sub.partition("-")[0] == sector)
        masks[number] = (bits & (1 << 64) - 1, bits >> 64)
    return masks
