"""The vocabulary of the demonstration city: trades, clauses, stock items, names of streets.

The tables in ``words/`` are ours. ``{a|b|c}`` in a text stands for one of the alternatives.
"""

from __future__ import annotations

import csv
import itertools
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from layout.demo.chances import Floats, Grouped

FOLDER = Path(__file__).parent / "words"
LIST_MARK = "；"
_BRACES = re.compile(r"\{([^}]*)\}")


def read_words(name: str) -> list[dict[str, str]]:
    """A table of the vocabulary, every value text."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def expand(template: str) -> list[str]:
    """Every text a template stands for: ``"{甲|乙}的生产"`` gives two."""
    pieces = _BRACES.split(template)
    options = [piece.split("|") if place % 2 else [piece] for place, piece in enumerate(pieces)]
    return ["".join(choice) for choice in itertools.product(*options)]


@dataclass(frozen=True)
class Groups:
    """Groups of trades: the 12 sectors first, then generic ICT, look-alikes, ordinary trades.

    Attributes
    ----------
    ids
        ``S01`` … ``AGR``.
    sectors
        How many of the first are sectors of the plan.
    share
        Share of the city's firms before the orientation of districts.
    per_head
        Revenue a person employed, 10,000 yuan.
    growth
        Yearly growth of revenue.
    high_tech
        Share of designated high-tech enterprises.
    spread_m
        How far the firms keep about the subdistrict centres, metres.
    """

    ids: tuple[str, ...]
    sectors: int
    share: Floats
    per_head: Floats
    growth: Floats
    high_tech: Floats
    spread_m: Floats


@lru_cache(maxsize=1)
def groups() -> Groups:
    """The groups of ``words/groups.csv``."""
    rows = read_words("groups")

    def numbers(column: str, unit: float = 1.0) -> Floats:
        return np.array([float(row[column]) / unit for row in rows])

    ids = tuple(row["group"] for row in rows)
    return Groups(
        ids=ids,
        sectors=sum(name[1:].isdigit() for name in ids),
        share=numbers("share", 10_000),
        per_head=numbers("per_head"),
        growth=numbers("growth", 1000),
        high_tech=numbers("high_tech", 1000),
        spread_m=numbers("spread_m"),
    )


@dataclass(frozen=True)
class Profiles:
    """Trades with their industry codes, name words and licences.

    Attributes
    ----------
    ids
        Profile ids; the first are the sectors.
    of_group
        Weighted choice of a profile within a group.
    codes, code_of
        Industry codes, and the weighted choice of one within a profile.
    names, name_of
        Name words, and the choice of one within a profile.
    licences
        Texts of licence items, empty for none.
    licence_first
        Where the licences of each profile start; shape (profiles + 1,).
    """

    ids: tuple[str, ...]
    of_group: Grouped
    codes: tuple[str, ...]
    code_of: Grouped
    names: tuple[str, ...]
    name_of: Grouped
    licences: tuple[str, ...]
    licence_first: npt.NDArray[np.int64]


@lru_cache(maxsize=1)
def profiles() -> Profiles:
    """The profiles of ``words/profiles.csv``, in the order of the groups."""
    order = {name: number for number, name in enumerate(groups().ids)}
    rows = sorted(read_words("profiles"), key=lambda row: order[row["group"]])
    weights: list[list[float]] = [[] for _ in order]
    for row in rows:
        weights[order[row["group"]]].append(float(row["weight"]))
    codes = [[item.split("*") for item in row["codes"].split(";")] for row in rows]
    names = [row["names"].split(LIST_MARK) for row in rows]
    licences = _by_profile(rows, read_words("licences"))
    return Profiles(
        ids=tuple(row["profile"] for row in rows),
        of_group=Grouped(weights),
        codes=tuple(code for items in codes for code, _ in items),
        code_of=Grouped([[float(weight) for _, weight in items] for items in codes]),
        names=tuple(itertools.chain.from_iterable(names)),
        name_of=Grouped([[1.0] * len(items) for items in names]),
        licences=tuple(itertools.chain.from_iterable(licences)),
        licence_first=np.cumsum([0, *map(len, licences)]),
    )


def _by_profile(rows: list[dict[str, str]], texts: list[dict[str, str]]) -> list[list[str]]:
    return [[t["text"] for t in texts if t["profile"] == row["profile"]] for row in rows]


@dataclass(frozen=True)
class Clauses:
    """Clauses of business scopes: profile → templates → texts.

    Attributes
    ----------
    texts
        Every expanded clause.
    text_first
        Where the texts of each template start; shape (templates + 1,).
    template_first
        Where the templates of each profile start; shape (profiles + 1,).
    """

    texts: tuple[str, ...]
    text_first: npt.NDArray[np.int64]
    template_first: npt.NDArray[np.int64]


@lru_cache(maxsize=1)
def clauses() -> Clauses:
    """The clauses of ``words/clauses.csv``, in the order of the profiles."""
    rows = read_words("clauses")
    templates = [[r["text"] for r in rows if r["profile"] == name] for name in profiles().ids]
    texts = [expand(text) for items in templates for text in items]
    return Clauses(
        texts=tuple(itertools.chain.from_iterable(texts)),
        text_first=np.cumsum([0, *map(len, texts)]),
        template_first=np.cumsum([0, *map(len, templates)]),
    )


@lru_cache(maxsize=1)
def companions() -> Floats:
    """Weight of each second sector, by first sector; shape (sectors, sectors)."""
    place = {name: number for number, name in enumerate(groups().ids)}
    weights = np.zeros((groups().sectors, groups().sectors))
    for row in read_words("companions"):
        weights[place[row["sector"]], place[row["second"]]] = float(row["weight"])
    return weights


@lru_cache(maxsize=4)
def parts(table: str) -> dict[str, tuple[str, ...]]:
    """The lists of ``names`` (single characters) or ``places`` (words)."""
    rows = read_words(table)
    return {
        row["part"]: tuple(
            row["text"].split(LIST_MARK) if LIST_MARK in row["text"] else row["text"]
        )
        for row in rows
    }
