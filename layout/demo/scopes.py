"""Business scopes in the two forms that Shenzhen registers use, as the labelling guide tells them.

A scope is clauses of the firm's trade and of its further sectors, stock items that stand in every
second scope and say nothing, now and then an aside (a sale, a letting, a course) that must not be
taken for a sector, and licence items.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from layout.demo.chances import Bools, Chances, Floats, Ints, Purpose
from layout.demo.firms import City, Firms
from layout.demo.strings import Pool, Text, join
from layout.demo.words import clauses, groups, profiles, read_words

SEPARATORS: Final = ("", "；", "，")
"""Before the first clause; between clauses of most scopes; of some older ones."""

FREE: Final = "（除依法须经批准的项目外，凭营业执照依法自主开展经营活动）"
LICENSED: Final = (
    "（依法须经批准的项目，经相关部门批准后方可开展经营活动，"
    "具体经营项目以相关部门批准文件或许可证件为准）"
)
LIMITS: Final = "（法律、行政法规、国务院决定禁止的项目除外，限制的项目须取得许可后方可经营）"

NEW_FORM: Final = 0.55
"""Part of the scopes in the form “一般项目：…许可项目：…”."""

COMMAS: Final = 0.3
"""Part of the older ones that separate clauses by commas."""

SECOND_CLAUSE: Final = (0.85, 0.95)
THIRD_CLAUSE: Final = (0.4, 0.8)
"""A further clause of the trade: of a plan's sector, of another trade."""

STOCK: Final = (0.85, 0.85, 0.78, 0.7, 0.6)
"""Chance of a stock item, and of each further one after it."""

ASIDE: Final = 0.03
EARLY: Final = 0.25
"""Part of the scopes whose stock items stand first."""

LICENCE: Final = 0.4
"""Part of the firms with a licence item, of those whose trade has one."""

_TAILS: Final = 4
"""Ends of a scope: new form, and three older ones."""

_OLD_ENDS: Final = (1, 2, 1)


@dataclass(frozen=True)
class _Lexicon:
    """Clauses, stock items and asides in one list, each with every separator before it.

    ``alike`` gives phrases of the same wording one number.
    """

    pool: Pool
    size: int
    stock: int
    asides: int
    stock_shares: Floats
    tails: Pool
    alike: Ints


@lru_cache(maxsize=1)
def _lexicon() -> _Lexicon:
    stock = read_words("stock")
    asides = [row["text"] for row in read_words("asides")]
    phrases = [*clauses().texts, *(row["text"] for row in stock), *asides]
    weights = np.array([float(row["weight"]) for row in stock])
    tails = [tail for licence in (None, *profiles().licences) for tail in _ends(licence)]
    return _Lexicon(
        pool=Pool([mark + phrase for mark in SEPARATORS for phrase in phrases]),
        size=len(phrases),
        stock=len(clauses().texts),
        asides=len(clauses().texts) + len(stock),
        stock_shares=np.cumsum(weights / weights.sum()),
        tails=Pool(tails),
        alike=np.array([*map(phrases.index, phrases), -1]),
    )


def _ends(licence: str | None) -> list[str]:
    """How a scope ends with this licence item (None for no licence), one text a form."""
    if licence is None:
        return [f"。{FREE}", "。", f"{LIMITS}。", f"{LIMITS}。许可经营项目是：无。"]
    return [
        f"。{FREE}许可项目：{licence}。{LICENSED}",
        f"。许可经营项目是：{licence}。",
        f"{LIMITS}。许可经营项目是：{licence}。",
        f"。许可经营项目是：{licence}（{licence}凭有效许可经营）。",
    ]


def write_scopes(city: City, firms: Firms, block: int) -> Text:
    """The business scope of every firm of a block."""
    chances = Chances(city.seed, Purpose.SCOPES, block, len(firms))
    slots = _slots(firms, chances)
    new = chances.true(NEW_FORM)
    commas = ~new & chances.true(COMMAS)
    used = slots >= 0
    first = used & (np.cumsum(used, axis=1) == 1)
    mark = np.where(first, 0, np.where(commas[:, None], 2, 1))
    lexicon = _lexicon()
    places = np.where(used, mark * lexicon.size + slots, -1)
    head = _HEADS.take(new.astype(np.int64))
    tail = lexicon.tails.take(_tail(firms, new, chances))
    return join(head, *(lexicon.pool.take(column) for column in places.T), tail)


_HEADS = Pool(["一般经营项目是：", "一般项目："])


def _slots(firms: Firms, chances: Chances) -> npt.NDArray[np.int64]:
    """Phrases in the order they stand, -1 for an empty slot; shape (n, slots)."""
    digital = firms.group < groups().sectors
    trade = _trade_clauses(firms, digital, chances)
    further = [_sector_clause(firms.sectors[:, place], chances) for place in (1, 2)]
    lexicon = _lexicon()
    aside = lexicon.asides + chances.below(lexicon.size - lexicon.asides)
    asides = np.where(chances.true(ASIDE), aside, -1)
    stock = _stock_items(chances)
    alike = lexicon.alike
    said = (alike[trade][:, None, :] == alike[stock][:, :, None]).any(axis=2)
    stock = np.where(said, -1, stock)
    early = chances.true(EARLY)[:, None]
    before = np.where(early, stock, -1)
    after = np.where(early, -1, stock)
    return np.concatenate([before, trade, *further, asides[:, None], after], axis=1)


def _trade_clauses(firms: Firms, digital: Bools, chances: Chances) -> npt.NDArray[np.int64]:
    """One to three clauses of the firm's trade, no template twice."""
    book = clauses()
    start = book.template_first[firms.profile]
    count = book.template_first[firms.profile + 1] - start
    opening = chances.below(count)
    step = 1 + chances.below(np.maximum(count - 1, 1))
    wanted = [np.ones(len(firms), dtype=bool)]
    for shares in (SECOND_CLAUSE, THIRD_CLAUSE):
        wanted.append(wanted[-1] & chances.true(np.where(digital, *shares)))
    placed = [_text_of(start + (opening + turn * step) % count, chances) for turn in range(3)]
    placed[2] = np.where((2 * step) % count == 0, -1, placed[2])
    return np.stack(
        [np.where(use, text, -1) for use, text in zip(wanted, placed, strict=True)], axis=1
    )


def _text_of(template: Ints, chances: Chances) -> Ints:
    first = clauses().text_first
    return first[template] + chances.below(first[template + 1] - first[template])


def _sector_clause(sector: Ints, chances: Chances) -> npt.NDArray[np.int64]:
    """A clause of a further sector, -1 where there is none; shape (n, 1)."""
    start = clauses().template_first[np.maximum(sector, 0)]
    count = clauses().template_first[np.maximum(sector, 0) + 1] - start
    text = _text_of(start + chances.below(count), chances)
    return np.where(sector >= 0, text, -1)[:, None]


def _stock_items(chances: Chances) -> npt.NDArray[np.int64]:
    """None to five stock items; shape (n, 5)."""
    lexicon = _lexicon()
    count = lexicon.asides - lexicon.stock
    opening = np.searchsorted(lexicon.stock_shares[:-1], chances.uniform(), side="right")
    items = [opening]
    for _ in STOCK[1:]:
        items.append((items[-1] + 1 + chances.below(count // len(STOCK))) % count)
    wanted = np.ones(chances.size, dtype=bool)
    slots = []
    for item, share in zip(items, STOCK, strict=True):
        wanted = wanted & chances.true(share)
        slots.append(np.where(wanted, lexicon.stock + item, -1))
    return np.stack(slots, axis=1)


def _tail(firms: Firms, new: Bools, chances: Chances) -> Ints:
    """Position of the end of each scope: licence item, then form."""
    start = profiles().licence_first[firms.profile]
    count = profiles().licence_first[firms.profile + 1] - start
    has = (count > 0) & chances.true(LICENCE)
    licence = np.where(has, 1 + start + chances.below(np.maximum(count, 1)), 0)
    form = np.where(new, 0, 1 + chances.pick(_OLD_ENDS))
    return licence * _TAILS + form
