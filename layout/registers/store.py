"""The register beside a study, safe when several people write at once.

Every change carries the version of the entry it was made on. Where someone else changed other
fields meanwhile the two changes are joined; where the same field was changed, the later one is
refused with both values, and nothing is lost. Every change is kept in the history and can be
taken back.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from layout.core import facts
from layout.core.errors import LayoutError, raise_all
from layout.core.study import Study
from layout.core.texts import Lang, text
from layout.registers import steps
from layout.registers.entries import (
    FIELDS,
    NAMES,
    RegisterError,
    Value,
    choices,
    cleaned,
    missing,
)
from layout.registers.files import TABLES, connection_to, is_new, transaction

SYSTEM: Final = "system"
"""Who wrote the first entries."""


class LineError(LayoutError, ValueError):
    """A fault in a line of a file that is taken in."""

    def __init__(self, line: int, fault: LayoutError) -> None:
        super().__init__("error.register_line", line=line)
        self.fault = fault

    def message(self, lang: Lang = "en") -> str:
        """The fault with its line."""
        return text(self.key, lang, fault=self.fault.message(lang), **self.values)


class Register:
    """A register file; every call opens its own connection, so that threads may share it.

    Parameters
    ----------
    path
        The file; made, and filled with the first entries, where there is none.
    city
        City whose districts entries name.

    Raises
    ------
    InputFileError
        The file is not a register.
    """

    def __init__(self, path: Path, *, city: str) -> None:
        self.path = Path(path)
        self.lists = choices(city)
        with transaction(self.path) as connection:
            if is_new(connection, self.path):
                for statement in TABLES:
                    connection.execute(statement)
                for entry_id, values in seeds():
                    steps.insert(connection, entry_id, values, by=SYSTEM, action="seed")

    def entries(self, *, deleted: bool = False) -> pd.DataFrame:
        """All entries by id, with ``version``, ``changed_at`` and ``changed_by``."""
        names = ["id", "version", "changed_at", "changed_by", *NAMES]
        with connection_to(self.path) as connection:
            rows = connection.execute(
                f"SELECT {', '.join(names)} FROM entries WHERE deleted = ? ORDER BY rowid",
                (int(deleted),),
            ).fetchall()
        frame = pd.DataFrame([tuple(row) for row in rows], columns=names).set_index("id")
        numbers = [f.name for f in FIELDS if f.kind in ("number", "year")]
        return frame.astype(dict.fromkeys(numbers, "float64"))

    def add(self, values: Mapping[str, Any], *, by: str) -> str:
        """A new entry; returns its id.

        Raises
        ------
        RegisterError, FaultsError
            Values that do not fit, or required ones that are empty.
        """
        stored = cleaned(values, self.lists)
        raise_all(missing(stored))
        with transaction(self.path) as connection:
            entry_id = steps.next_id(connection)
            steps.insert(connection, entry_id, stored, by=by, action="add")
        return entry_id

    def change(self, entry_id: str, values: Mapping[str, Any], *, version: int, by: str) -> int:
        """Change fields of an entry as it was at ``version``; returns the new version.

        Parameters
        ----------
        entry_id
            The entry.
        values
            Fields; those that are as they were at ``version`` are not touched.
        version
            Version that the change was made on.
        by
            Who changes.

        Raises
        ------
        ConflictError
            Someone gave one of these fields another value meanwhile, or removed the entry.
        RegisterError, FaultsError
            Values that do not fit, or no such entry.
        """
        stored = cleaned(values, self.lists)
        with transaction(self.path) as connection:
            row = steps.row_of(connection, entry_id)
            return _changed(connection, row, stored, version=version, by=by, action="change")

    def remove(self, entry_id: str, *, version: int, by: str) -> int:
        """Take an entry out; it stays in the history and can be brought back.

        Raises
        ------
        ConflictError
            Someone changed or removed it meanwhile.
        """
        with transaction(self.path) as connection:
            row = steps.row_of(connection, entry_id)
            state, since = steps.state_at(connection, row, version)
            steps.require_current(row, since, state)
            return steps.save(connection, row, {}, by=by, action="remove", deleted=1)

    def undo(self, entry_id: str, *, version: int, by: str) -> int:
        """Take back the last change of an entry; the next time the one before.

        Raises
        ------
        ConflictError
            Someone changed the entry meanwhile: look at it first.
        RegisterError
            There is nothing to take back.
        """
        with transaction(self.path) as connection:
            row = steps.row_of(connection, entry_id)
            state, since = steps.state_at(connection, row, version)
            if since and not row["deleted"]:
                steps.require_current(row, since, state)
            last = steps.last_step(connection, entry_id)
            if last["action"] == "add":
                return steps.save(connection, row, {}, by=by, action="undo", deleted=1)
            before: dict[str, Value] = json.loads(last["before"])
            return steps.save(connection, row, before, by=by, action="undo")

    def history(self, entry_id: str | None = None) -> pd.DataFrame:
        """Every change, newest first: ``id``, ``version``, ``at``, ``by``, ``action``, values.

        ``before`` and ``after`` hold the fields that changed, as JSON.
        """
        names = ["id", "version", "at", "by", "action", "before", "after"]
        where, given = ("WHERE id = ?", (entry_id,)) if entry_id else ("", ())
        with connection_to(self.path) as connection:
            rows = connection.execute(
                f"SELECT {', '.join(names)} FROM history {where} ORDER BY seq DESC", given
            ).fetchall()
        return pd.DataFrame([tuple(row) for row in rows], columns=names)

    def merge(self, rows: Iterable[Mapping[str, Any]], *, by: str) -> dict[str, int]:
        """Take rows of a file in, all or none; rows that say nothing new change nothing.

        Parameters
        ----------
        rows
            Fields by name; ``id`` and ``version`` where the row comes from an export, ``line``
            for messages.
        by
            Who takes them in.

        Returns
        -------
        dict of str to int
            How many were ``added``, ``changed`` and ``unchanged``.

        Raises
        ------
        LineError, FaultsError
            Everything that is wrong, told together; nothing was written.
        """
        told = {"added": 0, "changed": 0, "unchanged": 0}
        faults: list[LayoutError] = []
        with transaction(self.path) as connection:
            for row in rows:
                try:
                    told[self._merge_row(connection, row, by)] += 1
                except LayoutError as fault:
                    line = int(row.get("line", 0))
                    faults += [LineError(line, f) for f in getattr(fault, "faults", (fault,))]
            raise_all(faults)
        return told

    def _merge_row(self, connection: sqlite3.Connection, row: Mapping[str, Any], by: str) -> str:
        values = {name: value for name, value in row.items() if name in NAMES}
        stored = cleaned(values, self.lists)
        entry_id = str(row.get("id") or "").strip()
        if not entry_id:
            raise_all(missing(stored))
            steps.insert(connection, steps.next_id(connection), stored, by=by, action="add")
            return "added"
        now = steps.row_of(connection, entry_id)
        version = _whole(row.get("version"), default=int(now["version"]))
        new = _changed(connection, now, stored, version=version, by=by, action="import")
        return "changed" if new != now["version"] else "unchanged"


def register_path(study: Study) -> Path:
    """Where the register of a study lies: beside its folder, which a new run replaces."""
    return study.root.with_name(f"{study.root.name}.register.sqlite")


def open_register(study: Study) -> Register:
    """The register beside a study; made where there is none."""
    return Register(register_path(study), city=study.manifest.city)


def seeds() -> Iterator[tuple[str, dict[str, Value]]]:
    """The first entries: what the plan asks to be kept on record, with owner and status."""
    for row in facts.reference("register_seed").to_dict("records"):
        entry_id = str(row["id"])
        yield (
            entry_id,
            {
                "kind": row["kind"],
                "item_id": row["item_id"],
                "department_id": row["department_id"],
                "title": row["title_zh"],
                "title_en": row["title_en"],
                "measure": row["measure_zh"],
                "measure_en": row["measure_en"],
                "status": row["status"],
                "requirement": entry_id.rstrip("abc"),
                "source": f"方案 {row['plan_ref']}",
            },
        )


def _changed(
    connection: sqlite3.Connection,
    row: sqlite3.Row,
    values: Mapping[str, Value],
    *,
    version: int,
    by: str,
    action: str,
) -> int:
    """Write what differs from the entry as it was at ``version``; returns the version then."""
    state, since = steps.state_at(connection, row, version)
    mine = {name: value for name, value in values.items() if state[name] != value}
    steps.require_current(row, set(mine) & since, mine)
    new = {name: value for name, value in mine.items() if row[name] != value}
    if not new:
        return int(row["version"])
    raise_all(missing({**{name: row[name] for name in NAMES}, **new}))
    return steps.save(connection, row, new, by=by, action=action)


def _whole(raw: Any, *, default: int) -> int:
    plain = "" if raw is None else str(raw).strip()
    try:
        return int(float(plain)) if plain and plain.lower() != "nan" else default
    except ValueError:
        raise RegisterError(
            "error.register_number", column="version", found=plain, low=1, high="…"
        ) from None
