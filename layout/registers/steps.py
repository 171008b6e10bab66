"""Entries and their history inside a transaction: read, write, look back."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Mapping

from layout.registers.entries import NAMES, ConflictError, RegisterError, Value


def row_of(connection: sqlite3.Connection, entry_id: str) -> sqlite3.Row:
    """The entry as it is now, removed ones included.

    Raises
    ------
    RegisterError
        There is none.
    """
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM entries WHERE id = ?", (entry_id,)
    ).fetchone()
    if row is None:
        raise RegisterError("error.register_no_entry", id=entry_id)
    return row


def state_at(
    connection: sqlite3.Connection, row: sqlite3.Row, version: int
) -> tuple[dict[str, Value], set[str]]:
    """Fields as they were at a version, and those that changed since.

    Raises
    ------
    RegisterError
        The entry never had that version.
    """
    if not 1 <= version <= row["version"]:
        raise RegisterError("error.register_no_version", id=row["id"], found=version)
    state: dict[str, Value] = {name: row[name] for name in NAMES}
    steps = connection.execute(
        "SELECT before FROM history WHERE id = ? AND version > ? ORDER BY version DESC",
        (row["id"], version),
    )
    since: set[str] = set()
    for (before,) in steps:
        state |= json.loads(before)
        since |= set(json.loads(before))
    return state, since


def require_current(row: sqlite3.Row, fields: set[str], mine: Mapping[str, Value]) -> None:
    """Refuse a change of an entry that someone removed, or of fields that someone changed.

    Raises
    ------
    ConflictError
        With who, when, and both values.
    """
    told = {"id": row["id"], "by": row["changed_by"], "at": row["changed_at"]}
    if row["deleted"]:
        raise ConflictError("error.register_removed", **told)
    if both := sorted(name for name in fields if row[name] != mine.get(name)):
        values = "; ".join(f"{name}: {row[name] or '–'} ≠ {mine.get(name) or '–'}" for name in both)
        raise ConflictError("error.register_conflict", **told, fields=values)


def last_step(connection: sqlite3.Connection, entry_id: str) -> sqlite3.Row:
    """The last change that is not taken back yet.

    Raises
    ------
    RegisterError
        There is none: a first entry as the plan gives it is where undoing ends.
    """
    steps = connection.execute(
        "SELECT version, action, before, after FROM history WHERE id = ? ORDER BY version",
        (entry_id,),
    )
    standing: list[sqlite3.Row] = []
    for step in steps:
        if step["action"] == "undo":
            standing.pop()
        else:
            standing.append(step)
    if not standing or standing[-1]["action"] == "seed":
        raise RegisterError("error.register_no_undo", id=entry_id)
    return standing[-1]


def insert(
    connection: sqlite3.Connection,
    entry_id: str,
    values: Mapping[str, Value],
    *,
    by: str,
    action: str,
) -> None:
    """Write a new entry with its first line of history."""
    names = [name for name in NAMES if values.get(name) is not None]
    columns = ["id", "version", "changed_at", "changed_by", *names]
    now = _now()
    connection.execute(
        f"INSERT INTO entries ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
        [entry_id, 1, now, by, *(values[name] for name in names)],
    )
    _log(connection, entry_id, 1, now, by, action, {}, {name: values[name] for name in names})


def save(
    connection: sqlite3.Connection,
    row: sqlite3.Row,
    changed: Mapping[str, Value],
    *,
    by: str,
    action: str,
    deleted: int = 0,
) -> int:
    """Write changed fields with a line of history; returns the new version."""
    version, now = int(row["version"]) + 1, _now()
    sets = ["version = ?", "changed_at = ?", "changed_by = ?", "deleted = ?"]
    sets += [f"{name} = ?" for name in changed]
    connection.execute(
        f"UPDATE entries SET {', '.join(sets)} WHERE id = ?",
        [version, now, by, deleted, *changed.values(), row["id"]],
    )
    before = {name: row[name] for name in changed}
    _log(connection, row["id"], version, now, by, action, before, changed)
    return version


def next_id(connection: sqlite3.Connection) -> str:
    """Id of the next entry that people add."""
    (last,) = connection.execute(
        "SELECT COALESCE(MAX(CAST(SUBSTR(id, 3) AS INTEGER)), 0) FROM entries WHERE id GLOB 'E-*'"
    ).fetchone()
    return f"E-{last + 1:05d}"


def _log(
    connection: sqlite3.Connection,
    entry_id: str,
    version: int,
    at: str,
    by: str,
    action: str,
    before: Mapping[str, Value],
    after: Mapping[str, Value],
) -> None:
    connection.execute(
        "INSERT INTO history (id, version, at, by, action, before, after) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            entry_id,
            version,
            at,
            by,
            action,
            json.dumps(dict(before), ensure_ascii=False),
            json.dumps(dict(after), ensure_ascii=False),
        ),
    )


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
