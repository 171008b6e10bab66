"""Headers of a file to the columns of the project, by exact names and what the user says.

Nothing is guessed: a header that is not an alias is kept as it is and listed with the columns it
looks like; ``--map`` settles it. Two headers for one column are an error that names both.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal

from layout.core import columns as c
from layout.core.errors import ColumnError, LayoutError, raise_all
from layout.core.money import UNITS, unit_of
from layout.core.sources import SourceInfo

Kind = Literal["firms", "points"]

_GENERIC: Final = frozenset(
    {
        *("code", "name", "namezh", "名称", "地址", "address", "status", "scope", "industry"),
        *("staff", "capital", "turnover", "employment", "established", "x", "y", "long"),
    }
)
"""Aliases that also head tables of other things: they say nothing of firms by themselves, and give
way to a header that is not among them."""

_NEUTRAL: Final = frozenset({c.LON, c.LAT, c.BATCH, c.NATURE})
"""Columns that tables of any points have."""

_ANY_TABLE: Final = _NEUTRAL | {c.NAME, c.REGISTERED_ADDRESS, c.OPERATING_ADDRESS}
"""Columns that a generic header may name in a table of any points."""

_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
_YEAR_WORDS = re.compile(r"(?:19|20)\d{2}(?:年度|年末|年|末)?")
_BRACKETS = re.compile(r"[（(\[【]([^）)\]】]*)[）)\]】]")
_CANDIDATES: Final = 3
_LIKENESS: Final = 0.7
_EARLIEST, _LATEST = 1990, 2100


@dataclass(frozen=True)
class Unrecognised:
    """A header that is kept as it is, and the columns it looks like."""

    header: str
    name: str
    candidates: tuple[str, ...]


@dataclass(frozen=True)
class HeaderMapping:
    """What the columns of a file are.

    Attributes
    ----------
    kind
        ``firms``, or ``points`` where no column tells of firms: such rows have no firm faults.
    columns
        Header in the file by column of the project.
    yuan
        Yuan that a unit of a money column is worth, by column of the project.
    extras
        The other headers and the names they are kept under.
    unrecognised
        Those of ``extras`` that no rule knows, for the user to look at.
    """

    kind: Kind
    columns: Mapping[str, str]
    yuan: Mapping[str, int]
    extras: Mapping[str, str]
    unrecognised: tuple[Unrecognised, ...]

    @property
    def has_coordinates(self) -> bool:
        """The file has positions."""
        return c.LON in self.columns


@dataclass(frozen=True)
class _Named:
    """A header that an alias knows."""

    header: str
    column: str
    generic: bool


def map_headers(
    info: SourceInfo,
    *,
    told: Mapping[str, str] | None = None,
    revenue_unit: str | None = None,
    capital_unit: str | None = None,
) -> HeaderMapping:
    """The columns of a file.

    Parameters
    ----------
    info
        What is known of the file.
    told
        Header by column, as the user says; an empty header says that there is no such column.
    revenue_unit, capital_unit
        Unit of revenue and of registered capital where their headers name none: 元, 千元, 万元,
        百万元 or 亿元.

    Raises
    ------
    ColumnError
        No usable column; two headers for one column; a told name that does not exist; money
        without a unit, or with two. All faults together.
    """
    told = told or {}
    faults: list[LayoutError] = list(_told_faults(info, told))
    named = list(_recognise(info, told))
    kind: Kind = "firms" if _tells_of_firms(named, told) else "points"
    found, clashes = _choose(named, kind)
    faults += clashes
    found |= {ours: theirs for ours, theirs in told.items() if theirs in info.headers}
    found = {ours: theirs for ours, theirs in found.items() if is_column(ours)}
    if not any(theirs and theirs not in info.headers for theirs in told.values()):
        faults += _coordinate_faults(info, found)
    if not set(found) - {c.BATCH, c.NATURE} and not faults:
        faults.append(ColumnError("error.no_usable_column", found=_listed(info.headers)))
    units = {"revenue": revenue_unit, "capital": capital_unit}
    yuan, unit_faults = _units(found, units)
    raise_all([*faults, *unit_faults])
    extras = _names_of_extras([h for h in info.headers if h not in found.values()])
    return HeaderMapping(
        kind=kind,
        columns=MappingProxyType(_in_order(found)),
        yuan=MappingProxyType(yuan),
        extras=MappingProxyType(extras),
        unrecognised=tuple(
            Unrecognised(header, name, _nearest(header)) for header, name in extras.items()
        ),
    )


def known_columns(years: Sequence[int] = c.YEARS) -> tuple[str, ...]:
    """Every column a user's file may have."""
    plain = [name for name, column in c.COLUMNS.items() if column.given]
    return (*plain, *(family.of(year) for family in c.FAMILIES for year in years))


def is_column(name: str) -> bool:
    """Whether a user's file may have the column, of any year."""
    stem, _, year = name.rpartition("_")
    of_year = year.isdigit() and _EARLIEST <= int(year) <= _LATEST
    return name in known_columns() or (of_year and stem in {f.stem for f in c.FAMILIES})


def is_revenue(name: str) -> bool:
    """Whether a column is a year's revenue."""
    return name.rpartition("_")[0] == c.REVENUE.stem


@lru_cache(maxsize=1)
def _aliases() -> dict[str, str]:
    """Column by normalised alias."""
    found: dict[str, str] = {}
    for name, column in c.COLUMNS.items():
        if column.given:
            found |= dict.fromkeys((c.normalise_header(name), *column.aliases), name)
    return found


@lru_cache(maxsize=1)
def _family_aliases() -> dict[str, c.ColumnFamily]:
    found: dict[str, c.ColumnFamily] = {}
    for family in c.FAMILIES:
        found |= dict.fromkeys((c.normalise_header(family.stem), *family.aliases), family)
    return found


def _column_of(header: str) -> tuple[str, bool] | None:
    """The column a header names, and whether the alias is a generic one."""
    plain = c.normalise_header(header)
    for shorter in (plain, _without_unit(plain)):
        if shorter in _aliases():
            return _aliases()[shorter], shorter in _GENERIC
    years = _YEAR.findall(header)
    if len(years) == 1:
        rest = _without_year(c.normalise_header(_outside_brackets(header)))
        for shorter in (rest, _without_unit(rest)):
            if shorter in _family_aliases():
                return _family_aliases()[shorter].of(int(years[0])), False
    return None


def _outside_brackets(header: str) -> str:
    return _BRACKETS.sub("", header)


def _without_year(plain: str) -> str:
    return _YEAR_WORDS.sub("", plain)


def _without_unit(plain: str) -> str:
    unit = max((u for u in UNITS if plain.endswith(u)), key=len, default="")
    return plain.removesuffix(unit)


def _recognise(info: SourceInfo, told: Mapping[str, str]) -> Iterator[_Named]:
    """Headers that aliases know, but for those and for the columns the user has settled."""
    if info.point:
        for column, header in zip((c.LON, c.LAT), info.point, strict=True):
            if column not in told:
                yield _Named(header, column, generic=False)
    for header in info.headers:
        known = _column_of(info.repeated.get(header, header))
        if known is None or header in told.values() or known[0] in told:
            continue
        if not (info.point and known[0] in {c.LON, c.LAT}):
            yield _Named(header, *known)


def _tells_of_firms(named: Sequence[_Named], told: Mapping[str, str]) -> bool:
    by_alias = any(not n.generic and n.column not in _NEUTRAL for n in named)
    return by_alias or any(theirs and ours not in _ANY_TABLE for ours, theirs in told.items())


def _choose(named: Sequence[_Named], kind: Kind) -> tuple[dict[str, str], list[LayoutError]]:
    """One header a column: a generic one only where there is no other."""
    by_column: dict[str, list[_Named]] = defaultdict(list)
    for one in named:
        if kind == "firms" or not one.generic or one.column in _ANY_TABLE:
            by_column[one.column].append(one)
    found: dict[str, str] = {}
    faults: list[LayoutError] = []
    for column, all_of_them in by_column.items():
        best = [n for n in all_of_them if not n.generic] or all_of_them
        found[column] = best[0].header
        if len(best) > 1:
            names = _listed([n.header for n in best])
            faults.append(ColumnError("error.two_headers", column=column, found=names))
    return found, faults


def _told_faults(info: SourceInfo, told: Mapping[str, str]) -> Iterator[LayoutError]:
    for ours, theirs in told.items():
        if not is_column(ours):
            near = difflib.get_close_matches(ours, known_columns(), _CANDIDATES, 0.0)
            yield ColumnError("error.unknown_column", found=ours, near=", ".join(near))
        if theirs and theirs not in info.headers:
            yield ColumnError(
                "error.unknown_header", column=ours, found=theirs, known=_listed(info.headers)
            )
    used = [theirs for theirs in told.values() if theirs]
    for theirs in sorted({theirs for theirs in used if used.count(theirs) > 1}):
        ours = ", ".join(name for name, header in told.items() if header == theirs)
        yield ColumnError("error.header_used_twice", found=theirs, columns=ours)


def _coordinate_faults(info: SourceInfo, found: Mapping[str, str]) -> Iterator[LayoutError]:
    there = [name for name in (c.LON, c.LAT) if name in found]
    if len(there) == 1:
        missing = c.LAT if there == [c.LON] else c.LON
        yield ColumnError(
            "error.half_coordinates",
            header=found[there[0]],
            column=there[0],
            missing=missing,
            known=_listed(info.headers),
        )


def _units(
    found: Mapping[str, str], told: Mapping[str, str | None]
) -> tuple[dict[str, int], list[LayoutError]]:
    """Yuan a unit of each money column, from its header or from what the user says."""
    yuan: dict[str, int] = {}
    faults: list[LayoutError] = []
    for column, header in found.items():
        option = "revenue" if is_revenue(column) else "capital" if column == c.CAPITAL else None
        if option is None:
            continue
        own = _unit_in(column, header)
        said = told[option]
        if own == "?":
            faults.append(ColumnError("error.unknown_unit", header=header, known=" ".join(UNITS)))
        elif own and said and UNITS[own] != unit_of(said):
            faults.append(
                ColumnError("error.unit_conflict", header=header, option=option, told=said)
            )
        elif own or said:
            yuan[column] = UNITS[own] if own else unit_of(said or "")
        else:
            faults.append(ColumnError("error.no_unit", header=header, option=option))
    return yuan, faults


def _unit_in(column: str, header: str) -> str:
    """The unit a header names: a key of ``UNITS``, empty for none, ``?`` for one not known."""
    for inside in _BRACKETS.findall(header):
        plain = _without_year(c.normalise_header(inside)).removeprefix("单位")
        if plain in UNITS:
            return plain
        if plain.endswith(("元", "币")):
            return "?"
    plain = _without_year(c.normalise_header(_outside_brackets(header)))
    if column == c.CAPITAL and plain in c.COLUMNS[c.CAPITAL].aliases:
        return ""
    return max((u for u in UNITS if plain.endswith(u)), key=len, default="")


def _names_of_extras(headers: Sequence[str]) -> dict[str, str]:
    """The name each further column is kept under: its own, unless the project uses that one."""
    reserved = {*c.COLUMNS, c.GEOMETRY, c.BBOX}
    names: dict[str, str] = {}
    for header in headers:
        name = header
        while name in reserved or is_column(name):
            name = f"source_{name}"
        reserved.add(name)
        names[header] = name
    return names


def _nearest(header: str) -> tuple[str, ...]:
    """Columns whose names or aliases are most like a header."""
    plain = re.sub(r"\d", "", c.normalise_header(header))
    families = {
        alias: f"{family.stem}_{c.YEARS[-1]}" for alias, family in _family_aliases().items()
    }
    names = {**_aliases(), **families}
    close = difflib.get_close_matches(plain, names, n=3 * _CANDIDATES, cutoff=_LIKENESS)
    return tuple(dict.fromkeys(names[alias] for alias in close))[:_CANDIDATES]


def _in_order(found: Mapping[str, str]) -> dict[str, str]:
    """Columns in the order of the project, years ascending."""
    plain = {name: place for place, name in enumerate(c.COLUMNS)}
    return dict(sorted(found.items(), key=lambda item: (plain.get(item[0], len(plain)), item[0])))


def _listed(headers: Sequence[str]) -> str:
    shown = [f"“{header}”" for header in headers[:30]]
    return ", ".join([*shown, "…"] if len(headers) > 30 else shown)
