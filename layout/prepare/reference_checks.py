"""All checks of the shipped facts in one: what is wrong with them, said at once.

Facts in, faults out; nothing is read and nothing is mended here. A fault that is meant stands in
``data/exceptions.csv`` with its reason; an exception that is needed no longer is a fault itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pandas as pd

from layout.core.errors import ReferenceDataError
from layout.prepare.reference_geography import GEOGRAPHY
from layout.prepare.reference_relations import RELATIONS
from layout.prepare.reference_schema import (
    ABOUT_FILES,
    EXCEPTIONS_FILE,
    SOURCES_FILE,
    FactTables,
    Finding,
    check_schema,
)

STRUCTURAL: Final = frozenset({"file_missing", "file_unreadable", "row_length", "column_missing"})
"""Findings after which tables cannot be compared with each other."""


def check_reference(
    facts: FactTables, *, unread: tuple[Finding, ...] = ()
) -> list[ReferenceDataError]:
    """Every fault of the facts: files, columns, values, references, sums, places, checksums.

    Parameters
    ----------
    facts
        The tables, shapes in EPSG:4326.
    unread
        What the reader could not read.

    Returns
    -------
    list of ReferenceDataError
        In the order of the checks, empty where nothing is wrong. Tables are compared with each
        other only where each can be understood by itself.
    """
    findings = [*unread, *check_schema(facts)]
    if not any(finding.rule in STRUCTURAL for finding in findings):
        for relation in RELATIONS:
            findings.extend(relation(facts))
        for city in facts.cities():
            for check in GEOGRAPHY:
                findings.extend(check(facts, city))
    findings.extend(check_sources(facts))
    return [_as_error(finding) for finding in _without_exceptions(facts, findings)]


def check_sources(facts: FactTables) -> Iterator[Finding]:
    """Every file stands in the list of sources with its rows and checksum, and the other way."""
    if SOURCES_FILE not in facts.tables or not {"file", "sha256", "rows"} <= set(
        facts.tables[SOURCES_FILE]
    ):
        return
    listed = facts.tables[SOURCES_FILE].query("file != ''")
    for file, checksum, rows in zip(listed["file"], listed["sha256"], listed["rows"], strict=True):
        if file not in facts.checksums:
            yield Finding("file_missing", file)
            continue
        if facts.checksums[file] != checksum:
            yield Finding(
                "checksum", file, found=facts.checksums[file][:12], expected=checksum[:12] or "–"
            )
        elif file in facts.tables and str(len(facts.tables[file])) != rows:
            yield Finding(
                "row_count", file, found=str(len(facts.tables[file])), expected=rows or "–"
            )
    for file in facts.checksums:
        if file not in set(listed["file"]) and file not in ABOUT_FILES:
            yield Finding("file_undocumented", file, expected=SOURCES_FILE)


def summary(facts: FactTables) -> pd.DataFrame:
    """Files with their rows and columns, in order of path."""
    return pd.DataFrame(
        [(file, *facts.tables[file].shape) for file in sorted(facts.tables)],
        columns=["file", "rows", "columns"],
    )


def _without_exceptions(facts: FactTables, findings: list[Finding]) -> Iterator[Finding]:
    table = facts.tables.get(EXCEPTIONS_FILE)
    names = ["file", "row", "column", "rule"]
    if table is None or not set(names) <= set(table):
        yield from findings
        return
    excepted = {tuple(line) for line in table[names].itertuples(index=False)}
    met = set()
    for finding in findings:
        key = (finding.file, finding.row, finding.column, finding.rule)
        if key in excepted:
            met.add(key)
        else:
            yield finding
    if any(finding.rule in STRUCTURAL for finding in findings):
        return
    for index, line in enumerate(table[names].itertuples(index=False)):
        if tuple(line) not in met:
            yield Finding("stale_exception", EXCEPTIONS_FILE, index + 2, line[1], line[2])


def _as_error(finding: Finding) -> ReferenceDataError:
    return ReferenceDataError(
        f"error.reference.{finding.rule}",
        file=finding.file,
        line=finding.line,
        row=finding.row,
        column=finding.column,
        found=finding.found,
        expected=finding.expected,
    )
