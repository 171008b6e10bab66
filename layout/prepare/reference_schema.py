"""Tables of facts against their schema: columns, types, forms, ranges, references.

The schema is itself a table, ``data/schema.csv``: one line a column. A table of a city stands in it
once, as ``cities/*/districts.csv``, whatever the city.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import pandas as pd

ANY_CITY: Final = "cities/*/"
SCHEMA_FILE: Final = "schema.csv"
SOURCES_FILE: Final = "sources.csv"
EXCEPTIONS_FILE: Final = "exceptions.csv"
ABOUT_FILES: Final = (SCHEMA_FILE, SOURCES_FILE, EXCEPTIONS_FILE)

FILE: Final = "file"
_NUMBER: Final = r"-?(\d+\.?\d*|\.\d+)"
_TYPES: Final = MappingProxyType(
    {
        "text": r"[^\x00-\x1f]+",
        "integer": r"-?\d+",
        "number": _NUMBER,
        "longitude": _NUMBER,
        "latitude": _NUMBER,
        "flag": r"[01]",
        "date": r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?",
    }
)


@dataclass(frozen=True)
class Finding:
    """Something that is wrong with the facts.

    Attributes
    ----------
    rule
        The check; its text is ``error.reference.<rule>``.
    file
        Table, as a path below ``data/``.
    line
        Line in the file, header line 1; 0 where the whole file is meant.
    row
        Value of the first column in that line.
    column
        Column, empty where the whole row or file is meant.
    found, expected
        For the text.
    """

    rule: str
    file: str
    line: int = 0
    row: str = ""
    column: str = ""
    found: str = ""
    expected: str = ""


@dataclass(frozen=True)
class Table:
    """A table and its path below ``data/``; every value is text, empty where unknown."""

    file: str
    frame: pd.DataFrame

    def cell(self, index: int, column: str) -> str:
        """The text at a position."""
        return str(self.frame[column].iat[index])

    def finding(
        self, rule: str, index: int, column: str, *, found: str | None = None, expected: str = ""
    ) -> Finding:
        """What is wrong in the row at position ``index``; found is the cell unless given."""
        row = str(self.frame.iat[index, 0])
        value = self.cell(index, column) if found is None else found
        return Finding(rule, self.file, index + 2, row, column, value, expected)

    def rows_where(self, mask: pd.Series) -> Iterator[int]:
        """Positions of the rows in which ``mask`` is true."""
        return (int(index) for index in mask.to_numpy().nonzero()[0])


@dataclass(frozen=True)
class FactTables:
    """Everything in a folder of facts.

    Attributes
    ----------
    tables
        Every table as text, by path below ``data/``; properties of shapes and keys of settings
        are tables too. Empty text is unknown.
    shapes
        GeoDataFrames in EPSG:4326 by path, rows as in the table of that path.
    checksums
        SHA-256 of each file by path.
    """

    tables: Mapping[str, pd.DataFrame]
    shapes: Mapping[str, gpd.GeoDataFrame]
    checksums: Mapping[str, str]

    def table(self, file: str) -> Table:
        """The table of that path."""
        return Table(file, self.tables[file])

    def cities(self) -> tuple[str, ...]:
        """Folders of the cities, e.g. ``cities/shenzhen/``."""
        paths = (path.split("/") for path in self.tables if path.startswith("cities/"))
        return tuple(sorted({f"cities/{parts[1]}/" for parts in paths}))


@dataclass(frozen=True)
class ColumnRule:
    """A line of the schema; attributes as the columns of ``schema.csv``."""

    file: str
    column: str
    type: str
    required: bool
    unique: str
    separator: str
    pattern: str
    minimum: str
    maximum: str
    values: str
    refers_to: str
    when: str
    copy_of: str

    def target(self, file: str) -> tuple[str, str]:
        """File and column that ``refers_to`` names, seen from ``file``."""
        path, _, column = self.refers_to.partition(":")
        return (path if "/" in path else file.rpartition("/")[0] + "/" + path), column

    def applies(self, frame: pd.DataFrame) -> pd.Series:
        """Which rows the reference and the copy hold in."""
        column, sign, value = self.when.partition("=")
        if not sign or column not in frame:
            return pd.Series(True, index=frame.index)
        return frame[column] == value


def parse_schema(schema: pd.DataFrame) -> dict[str, tuple[ColumnRule, ...]]:
    """The rules by file of the schema, in its order."""
    rules: dict[str, list[ColumnRule]] = {}
    names = ColumnRule.__dataclass_fields__
    for line in schema.to_dict("records"):
        values = {name: line[name] for name in names}
        values["required"] = values["required"] == "yes"
        rules.setdefault(line[FILE], []).append(ColumnRule(**values))
    return {file: tuple(columns) for file, columns in rules.items()}


def schema_name(file: str) -> str:
    """A file as the schema names it: ``cities/shenzhen/x.csv`` is ``cities/*/x.csv``."""
    parts = file.split("/")
    return ANY_CITY + parts[2] if parts[0] == "cities" and len(parts) == 3 else file


def check_schema(facts: FactTables) -> Iterator[Finding]:
    """Every table against the schema: files, columns, and each value."""
    if faults := tuple(_check_own_lines(facts)):
        yield from faults
        return
    rules = parse_schema(facts.tables[SCHEMA_FILE])
    for file in facts.tables:
        if schema_name(file) not in rules:
            yield Finding("file_undocumented", file, expected=SCHEMA_FILE)
    for name in rules:
        for file in _instances(name, facts):
            if file in facts.tables:
                yield from _check_table(facts, file, rules[name])
            else:
                yield Finding("file_missing", file)


def _check_own_lines(facts: FactTables) -> Iterator[Finding]:
    """What keeps the schema itself from being understood."""
    if SCHEMA_FILE not in facts.tables:
        yield Finding("file_missing", SCHEMA_FILE)
        return
    table = facts.table(SCHEMA_FILE)
    missing = [name for name in ColumnRule.__dataclass_fields__ if name not in table.frame]
    yield from (Finding("column_missing", SCHEMA_FILE, column=name) for name in missing)
    if missing:
        return
    for index, line in enumerate(table.frame.to_dict("records")):
        if line["type"] not in _TYPES:
            yield table.finding("values", index, "type", expected=", ".join(_TYPES))
        for name in ("minimum", "maximum"):
            if line[name] and not re.fullmatch(_NUMBER, line[name]):
                yield table.finding("type", index, name, found=line[name], expected="number")
        if not _compiles(line["pattern"]):
            yield table.finding("type", index, "pattern", expected="regular expression")


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _instances(name: str, facts: FactTables) -> tuple[str, ...]:
    if not name.startswith(ANY_CITY):
        return (name,)
    return tuple(city + name.removeprefix(ANY_CITY) for city in facts.cities())


def _check_table(facts: FactTables, file: str, rules: tuple[ColumnRule, ...]) -> Iterator[Finding]:
    table = facts.table(file)
    names = [rule.column for rule in rules]
    found = list(table.frame.columns)
    for column in names:
        if column not in found:
            yield Finding("column_missing", file, column=column)
    for column in found:
        if column not in names:
            yield Finding("column_undocumented", file, column=column)
    if set(names) == set(found) and names != found:
        yield Finding("column_order", file, expected=", ".join(names), found=", ".join(found))
    for rule in rules:
        if rule.column in found:
            yield from _check_column(table, rule)
            yield from _check_reference(facts, table, rule)
            yield from _check_copy(facts, table, rule, rules)
    yield from _check_unique(table, rules)


def _cells(frame: pd.DataFrame, rule: ColumnRule) -> Iterator[tuple[int, str]]:
    """Position of the row and value, one pair for each item of a list; empty cells give none."""
    for index, value in enumerate(frame[rule.column]):
        if value:
            for item in value.split(rule.separator) if rule.separator else (value,):
                yield index, item


def _check_column(table: Table, rule: ColumnRule) -> Iterator[Finding]:
    if rule.required and "" in set(table.frame[rule.column]):
        for index in table.rows_where(table.frame[rule.column] == ""):
            yield table.finding("empty", index, rule.column, found="")
    checks = _value_checks(rule)
    wrong = {
        value: fault
        for value in {value for _, value in _cells(table.frame, rule)}
        if (fault := next((c[:2] for c in checks if not c[2](value)), None))
    }
    if wrong:
        for index, value in _cells(table.frame, rule):
            if value in wrong:
                name, expected = wrong[value]
                yield table.finding(name, index, rule.column, found=value, expected=expected)


def _value_checks(rule: ColumnRule) -> list[tuple[str, str, Callable[[str], bool]]]:
    typed = re.compile(_TYPES[rule.type])
    checks: list[tuple[str, str, Callable[[str], bool]]] = [
        ("stray_space", "", lambda value: value == value.strip()),
        ("type", rule.type, lambda value: typed.fullmatch(value) is not None),
    ]
    if rule.pattern:
        form = re.compile(rule.pattern)
        checks.append(("pattern", rule.pattern, lambda value: form.fullmatch(value) is not None))
    if rule.minimum or rule.maximum:
        low = float(rule.minimum or "-inf")
        high = float(rule.maximum or "inf")
        checks.append(
            ("range", f"{rule.minimum}…{rule.maximum}", lambda value: low <= float(value) <= high)
        )
    if rule.values:
        known = frozenset(rule.values.split("|"))
        checks.append(("values", rule.values.replace("|", ", "), known.__contains__))
    return checks


def _check_unique(table: Table, rules: tuple[ColumnRule, ...]) -> Iterator[Finding]:
    groups: dict[str, list[str]] = {}
    for rule in rules:
        if rule.unique and rule.column in table.frame:
            key = rule.column if rule.unique == "yes" else f"({rule.unique})"
            groups.setdefault(key, []).append(rule.column)
    for columns in groups.values():
        keys = table.frame[columns]
        twice = keys.duplicated() & (keys != "").all(axis=1)
        for index in table.rows_where(twice):
            found = ", ".join(keys.iloc[index])
            yield table.finding("duplicate", index, ", ".join(columns), found=found)


def _check_reference(facts: FactTables, table: Table, rule: ColumnRule) -> Iterator[Finding]:
    if not rule.refers_to:
        return
    target, column = rule.target(table.file)
    if target not in facts.tables or column not in facts.tables[target]:
        return
    known = frozenset(facts.tables[target][column])
    applies = rule.applies(table.frame).to_numpy()
    for index, value in _cells(table.frame, rule):
        if applies[index] and value not in known:
            yield table.finding(
                "unknown_reference", index, rule.column, found=value, expected=target
            )


def _check_copy(
    facts: FactTables, table: Table, rule: ColumnRule, rules: tuple[ColumnRule, ...]
) -> Iterator[Finding]:
    if not rule.copy_of:
        return
    pointer, _, name = rule.copy_of.partition(":")
    by = next((other for other in rules if other.column == pointer), None)
    if by is None or pointer not in table.frame:
        return
    names = _names(facts, *by.target(table.file), name)
    applies = rule.applies(table.frame).to_numpy()
    pairs = zip(table.frame[pointer], table.frame[rule.column], strict=True)
    for index, (value, found) in enumerate(pairs):
        items = value.split(by.separator) if by.separator else [value]
        if not applies[index] or any(item not in names for item in items):
            continue
        expected = rule.separator.join(names[item] for item in items)
        if found != expected:
            yield table.finding("copy_differs", index, rule.column, found=found, expected=expected)


def _names(facts: FactTables, file: str, key: str, name: str) -> dict[str, str]:
    frame = facts.tables.get(file)
    if frame is None or key not in frame or name not in frame:
        return {}
    return dict(zip(frame[key], frame[name], strict=True))
