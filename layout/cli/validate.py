"""``layout validate --reference [--json]``: are the facts whole and do they agree?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from layout.core.errors import LayoutError
    from layout.core.texts import Lang


@click.command(help="Check the shipped facts: tables, codes, references, places, sums, checksums.")
@click.option("--reference", is_flag=True, help="Check the tables of facts (data/).")
@click.option(
    "--data",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Another folder of facts of the same form, e.g. with a city of your own.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="en", show_default=True)
def command(reference: bool, folder: Path | None, as_json: bool, lang: Lang) -> None:
    """Print a table of files and rows, or every fault with exit code 2."""
    if not reference:
        raise click.UsageError("say what to check: --reference")
    from layout.core.resources import root
    from layout.prepare.reference_checks import check_reference, summary
    from layout.readers.facts import read_facts

    facts, unread = read_facts(folder or root() / "data")
    faults = check_reference(facts, unread=unread)
    files = summary(facts)
    if as_json:
        click.echo(_as_json(files, faults, lang))
    elif faults:
        click.echo("\n".join(fault.message(lang) for fault in faults), err=True)
    else:
        _print(files, lang)
    if faults:
        raise SystemExit(faults[0].exit_code)


def _as_json(files: pd.DataFrame, faults: Sequence[LayoutError], lang: Lang) -> str:
    outcome = {
        "ok": not faults,
        "files": files.to_dict("records"),
        "faults": [
            {"key": fault.key, **fault.values, "message": fault.message(lang)} for fault in faults
        ],
    }
    return json.dumps(outcome, ensure_ascii=False, indent=1)


def _print(files: pd.DataFrame, lang: Lang) -> None:
    from rich.console import Console
    from rich.table import Table

    from layout.core.texts import text

    shown = Table(title=text("validate.title", lang))
    shown.add_column(text("validate.file", lang))
    for key in ("rows", "columns"):
        shown.add_column(text(f"validate.{key}", lang), justify="right")
    for file, rows, columns in files.itertuples(index=False):
        shown.add_row(file, f"{rows:,}", str(columns))
    console = Console()
    console.print(shown)
    total = f"{files['rows'].sum():,}"
    console.print(text("validate.passed", lang, files=len(files), rows=total), highlight=False)
