"""``layout register show|board|export|import``: the register beside a study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import pandas as pd

    from layout.core.texts import Lang
    from layout.registers.store import Register

_STUDY = click.option("--study", "folder", required=True, type=click.Path(path_type=Path))
_LANG = click.option(
    "--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language."
)


@click.group(help="Keep the register of actions, achievements and funding of a study.")
def command() -> None:
    """The register."""


@command.command(help="Print the entries.")
@_STUDY
@click.option("--department", help="Only entries of this unit (id, such as DEP01).")
@click.option("--kind", help="Only entries of this kind.")
@_LANG
def show(folder: Path, department: str | None, kind: str | None, lang: Lang) -> None:
    """Print entries."""
    from layout.registers.words import field_name, worded

    register, city = _open(folder)
    entries = register.entries()
    for name, wanted in (("department_id", department), ("kind", kind)):
        if wanted is not None:
            entries = entries[entries[name] == wanted]
    names = ["kind", "item_id", "district_id", "department_id", "title", "due", "status"]
    table = entries[names].copy()
    for name in names:
        table[name] = [worded(name, v, lang, city) if v else "–" for v in table[name]]
    _print(table.rename(columns={name: field_name(name, lang) for name in names}).reset_index())


@command.command(help="Print entries by status, for every district or unit.")
@_STUDY
@click.option("--by", type=click.Choice(["district", "department"]), default="district")
@_LANG
def board(folder: Path, by: str, lang: Lang) -> None:
    """Print the progress board."""
    import datetime as dt

    from layout.registers import board as boards
    from layout.registers.words import labels

    register, city = _open(folder)
    today = dt.datetime.now(dt.UTC).date()
    table = boards.board(register.entries(), f"{by}_id", today=today)
    table.index = table.index.map(lambda code: labels(by, lang, city).get(code, "–"))
    words = labels("status", lang, city)
    _print(table.rename(columns=words).reset_index())


@command.command("export", help="Write the register to FILE (.xlsx or .csv).")
@click.argument("file", type=click.Path(path_type=Path))
@_STUDY
@_LANG
def export_(file: Path, folder: Path, lang: Lang) -> None:
    """Write a file."""
    from layout.pipeline.register_files import export_register

    register, city = _open(folder)
    click.echo(f"{file}: {export_register(register, file, lang=lang, city=city)}")


@command.command("import", help="Take FILE (.xlsx or .csv) into the register, all or nothing.")
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@_STUDY
@click.option("--by", required=True, help="Who takes it in; written into the history.")
def import_(file: Path, folder: Path, by: str) -> None:
    """Take a file in."""
    from layout.pipeline.register_files import import_register

    register, city = _open(folder)
    for name, number in import_register(register, file, by=by, city=city).items():
        click.echo(f"{name}: {number}")


def _open(folder: Path) -> tuple[Register, str]:
    from layout.readers.study import read_study
    from layout.registers.store import open_register

    study = read_study(folder)
    return open_register(study), study.manifest.city


def _print(table: pd.DataFrame) -> None:
    from rich.console import Console
    from rich.table import Table

    shown = Table()
    for column in table.columns:
        shown.add_column(str(column))
    for row in table.itertuples(index=False):
        shown.add_row(*(_cell(value) for value in row))
    Console().print(shown)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "–" if value != value else f"{value:.2f}"
    return str(value)
