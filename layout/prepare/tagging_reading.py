"""How a scope is read, said plainly: the slow twin of the compiled kernel.

A scope is cut into clauses at ；。， and headings. In a clause the phrases that speak for a sector
wait until a word of activity follows (研发与销售); the group of activities decides over all phrases
that wait, as an enumeration shares its verb. A clause that begins with its activity (销售：…)
governs what follows. Denied parts are skipped. The kernel does the same over flat arrays; a test
holds the two equal. Evidence for people comes from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from layout.prepare import tagging_text as marks
from layout.prepare.tagging_rules import (
    ACTIVITY,
    EXCEPT,
    EXCEPTED,
    GAP_CHARACTERS,
    HEAD,
    INSTALL,
    INVEST,
    JOIN,
    LEFTS_AT_ONCE,
    LET,
    MAKE,
    NEGATION,
    SECTION,
    SELL,
    SKIP,
    TOPIC,
    TRAIN,
    USE,
    USER,
    Phrase,
    Rule,
    RuleBook,
)

OPEN_GATE: Final = -1
KEPT: Final = 0
SOLD: Final = 1
RENTED: Final = 2
DROPPED: Final = 3
NEGATION_REACH: Final = 400
"""Characters within which a denied bracket must close; otherwise it ends with its clause."""
DEEPEST: Final = 15
"""Brackets inside brackets that are told apart."""
TRADES: Final = SELL | LET | INSTALL | TRAIN | INVEST


class Token(NamedTuple):
    """A phrase of the book, or a single character (``phrase`` None), at ``start:end``."""

    phrase: Phrase | None
    start: int
    end: int


@dataclass
class Hit:
    """A phrase met in the text, the clause it stands in, and what becomes of it.

    ``begin`` is where its left part begins, ``start`` where its right part or all of it begins.
    """

    rules: tuple[Rule, ...]
    begin: int
    start: int
    end: int
    clause: int
    xinchuang: bool
    gate: int = OPEN_GATE


@dataclass(frozen=True)
class Reading:
    """All hits of a scope, and its clauses as ranges of the folded text."""

    hits: tuple[Hit, ...]
    clauses: tuple[tuple[int, int], ...]


def token_at(text: str, place: int, book: RuleBook) -> Token:
    """The longest phrase of the book that begins at ``place``, else the character there.

    A phrase never cuts through a Latin word or a number.
    """
    if not marks.splits_word(text, place):
        for end in range(min(len(text), place + book.longest), place, -1):
            phrase = book.phrases.get(text[place:end])
            if phrase is not None and not marks.splits_word(text, end):
                return Token(phrase, place, end)
    return Token(None, place, place + 1)


def gate_of(acts: int, code_act: int) -> int:
    """What becomes of a phrase under a group of activities, in a firm of ``code_act``."""
    if not acts & (MAKE | TRADES):
        acts |= code_act
    if acts & MAKE:
        return KEPT
    if acts & (INSTALL | TRAIN | INVEST | USE):
        return DROPPED
    if acts & LET:
        return DROPPED if acts & SELL or code_act else RENTED
    if acts & SELL:
        return DROPPED if code_act & ~SELL else SOLD
    return KEPT


def read_scope(text: str, book: RuleBook, *, code_act: int) -> Reading:
    """Read folded ``text`` of a firm whose code implies ``code_act``."""
    reader = _Reader(text, book, code_act)
    place = 0
    while place < len(text):
        place = reader.take(token_at(text, place, book))
    reader.end_clause(len(text))
    return Reading(tuple(reader.hits), tuple(reader.clauses))


class _Reader:
    """The state of reading one scope."""

    def __init__(self, text: str, book: RuleBook, code_act: int) -> None:
        self.text = text
        self.code_act = code_act
        self.hits: list[Hit] = []
        self.clauses: list[tuple[int, int]] = []
        self.clause_start = 0
        self.depth = 0
        self.hits_at_bracket = [0] * (DEEPEST + 1)
        self.rule_phrases = 0
        self.spoken = -1
        self.book = book
        self.lefts = {left for left, _, _ in book.gaps}
        self._begin_clause()

    def _begin_clause(self) -> None:
        self.first = self.waiting = len(self.hits)
        self.grouped = self.leading = False
        self.acts = self.acts_before = self.prefix = 0
        self.worded = self.user = False
        self.after_act = self.after_open = False
        self._begin_item()

    def _begin_item(self) -> None:
        self.opened: list[tuple[str, int, int]] = []
        self.item = self.rule_phrases

    def end_clause(self, place: int) -> None:
        """The clause ends before ``place``: what still waits is decided."""
        self._close_group()
        self._decide(self.prefix)
        self.clauses.append((self.clause_start, place))
        self._begin_clause()

    def take(self, token: Token) -> int:
        """Read one token; the place where reading goes on."""
        after_open, self.after_open = self.after_open, False
        if token.phrase is None:
            self._take_character(token.start)
            return token.end
        role = token.phrase.role
        if role == NEGATION or (role == EXCEPT and (after_open or not self.worded)):
            self.after_act = False
            return self._end_of_denial(token.end, exception=role == EXCEPT)
        if role in (SKIP, JOIN):
            self.after_act = False
        elif role == SECTION:
            self.end_clause(token.start)
            self.clause_start, self.depth = token.end, 0
        elif role == EXCEPTED:
            self._deny_back()
        elif role == USER:
            self._close_group()
            self.user, self.after_act = True, False
        elif role == ACTIVITY:
            met = self._meet_gaps(token, token.phrase.right)
            self._add_act(token.phrase.acts)
            self._open_gaps(token, met)
        else:
            self._take_noun(token, token.phrase)
        return token.end

    def _take_character(self, place: int) -> None:
        char = self.text[place]
        if char in (marks.HARD, marks.COMMA):
            self.end_clause(place)
            self.clause_start = place + 1
            self.depth = 0 if char == marks.HARD else self.depth
        elif char == marks.COLON:
            acts = self.acts if self.grouped else self.prefix
            self._close_group()
            self.prefix, self.after_act = acts, False
        elif char == marks.OPEN:
            self.depth = min(self.depth + 1, DEEPEST)
            self.hits_at_bracket[self.depth] = len(self.hits)
            self.after_open, self.after_act = True, False
        elif char == marks.CLOSE:
            self.depth, self.after_act = max(0, self.depth - 1), False
        elif char == marks.ENUM:
            self.after_act = False
            self._begin_item()
        elif not (marks.is_digit(char) or char in (marks.SPACE, ".")):
            self._close_group()
            self.worded, self.after_act = True, False

    def _take_noun(self, token: Token, phrase: Phrase) -> None:
        if phrase.role == HEAD and self.grouped and self.after_act and not self.leading:
            self.acts = self.acts_before
            self.grouped = self.acts != 0
        self._close_group()
        if phrase.role == TOPIC:
            self._settle(self.waiting, DROPPED)
            self._begin_item()
        met = self._meet_gaps(token, phrase.right)
        speaks = phrase.speaks and not (phrase.form and token.start == self.spoken)
        if speaks:
            self._hit(token, phrase.rules, phrase.xinchuang)
            self.rule_phrases += 1
            self.spoken = token.end
        self.worded, self.after_act = True, False
        if phrase.acts:
            if speaks and phrase.acts & TRADES:
                self.hits[-1].gate = KEPT
            self._add_act(phrase.acts)
        self._open_gaps(token, met)

    def _hit(
        self, token: Token, rules: tuple[Rule, ...], xinchuang: bool = False, begin: int = -1
    ) -> None:
        begin = token.start if begin < 0 else begin
        self.hits.append(Hit(rules, begin, token.start, token.end, len(self.clauses), xinchuang))

    def _meet_gaps(self, token: Token, right: str) -> bool:
        met = False
        for left, begin, end in self.opened if right else ():
            if token.start - end > GAP_CHARACTERS:
                continue
            for through in (False, True):
                rules = self.book.gaps.get((left, right, through))
                if rules and (through or self.item == self.rule_phrases):
                    self._hit(token, rules, begin=begin)
                    met = True
        return met

    def _open_gaps(self, token: Token, met: bool) -> None:
        text = self.text[token.start : token.end]
        if not met and text in self.lefts:
            self.opened = [*self.opened, (text, token.start, token.end)][-LEFTS_AT_ONCE:]

    def _add_act(self, acts: int) -> None:
        if not self.grouped:
            self.grouped, self.leading = True, not self.worded
            self.acts = 0
        self.acts_before = self.acts
        if self.after_act and acts & (TRAIN | INVEST):
            self.acts = 0
        self.acts |= acts
        self.after_act = True

    def _close_group(self) -> None:
        if not self.grouped:
            return
        self._decide(self.acts | self.prefix)
        self.prefix = self.acts if self.leading else 0
        if not self.leading:
            self._begin_item()
        self.grouped = self.leading = False

    def _decide(self, acts: int) -> None:
        self._settle(self.waiting, gate_of(acts | (USE if self.user else 0), self.code_act))

    def _settle(self, start: int, gate: int) -> None:
        for hit in self.hits[start:]:
            if hit.gate == OPEN_GATE:
                hit.gate = gate
        self.waiting = len(self.hits)

    def _deny_back(self) -> None:
        start = self.hits_at_bracket[self.depth] if self.depth else self.first
        for hit in self.hits[start:]:
            hit.gate = DROPPED
        self.grouped = self.after_act = False

    def _end_of_denial(self, place: int, *, exception: bool) -> int:
        if self.depth:
            inner = 0
            for end in range(place, min(len(self.text), place + NEGATION_REACH)):
                char = self.text[end]
                inner += (char == marks.OPEN) - (char == marks.CLOSE)
                if inner < 0:
                    return end
        inner = 0
        for end in range(place, len(self.text)):
            char = self.text[end]
            inner += (char == marks.OPEN) - (char == marks.CLOSE)
            if inner < 0 or char == marks.HARD or (inner == 0 and char == marks.COMMA):
                return end
            if exception and inner == 0 and char == "外":
                return end + 1
        return len(self.text)
