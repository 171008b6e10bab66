"""The SQLite file of a register: tables, connections, transactions."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from layout.core.errors import InputFileError, OutputError
from layout.registers.entries import FIELDS

WAIT_S: Final = 20.0
"""Seconds to wait for another writer."""
SCHEMA_VERSION: Final = 1
_TYPES: Final = {"number": "REAL", "year": "INTEGER"}
_COLUMNS: Final = ", ".join(f"{field.name} {_TYPES.get(field.kind, 'TEXT')}" for field in FIELDS)
TABLES: Final = (
    f"""CREATE TABLE entries (
        id TEXT PRIMARY KEY, version INTEGER NOT NULL, deleted INTEGER NOT NULL DEFAULT 0,
        changed_at TEXT NOT NULL, changed_by TEXT NOT NULL, {_COLUMNS})""",
    """CREATE TABLE history (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, version INTEGER NOT NULL,
        at TEXT NOT NULL, by TEXT NOT NULL, action TEXT NOT NULL, before TEXT, after TEXT)""",
    "CREATE UNIQUE INDEX history_of ON history (id, version)",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)


@contextlib.contextmanager
def connection_to(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection of its own, in write-ahead mode: readers never wait for a writer.

    Raises
    ------
    InputFileError
        The file is no database.
    OutputError
        The file cannot be opened or written, or another writer holds it for too long.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=WAIT_S, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise OutputError("error.output_failed", path=path, reason=error) from error
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        yield connection
    except sqlite3.OperationalError as error:
        raise OutputError("error.output_failed", path=path, reason=error) from error
    except sqlite3.DatabaseError as error:
        raise InputFileError("error.register_damaged", path=path.name, reason=error) from error
    finally:
        connection.close()


@contextlib.contextmanager
def transaction(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection no other writer can come between; all of it is undone where anything fails."""
    with connection_to(path) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def is_new(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the file is still empty.

    Raises
    ------
    InputFileError
        It is a database of something else, or of another version.
    """
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    if found == 0 and tables == 0:
        return True
    if found != SCHEMA_VERSION:
        raise InputFileError(
            "error.register_version", path=path.name, found=found, known=SCHEMA_VERSION
        )
    return False
