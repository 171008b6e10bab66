"""``layout scenario FILE … --study DIR [--out FOLDER]``: scenarios beside the base."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from layout.core.result import Result
    from layout.core.study import Study
    from layout.core.texts import Lang

_SHOWN = ("figures", "moved", "ledger")


@click.command(help="Compare scenarios (YAML files) with a study as it is, and with each other.")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
@click.option("--study", "folder", required=True, type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder for a workbook, layers, a map and a Word section.",
)
@click.option("--draws", type=click.IntRange(20, 5000), default=60, show_default=True,
              help="Draws behind paths and intervals.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def command(
    files: tuple[Path, ...],
    folder: Path,
    out: Path | None,
    draws: int,
    seed: int,
    as_json: bool,
    lang: Lang,
) -> None:
    """Read all scenarios, compare them, and only then write."""
    from layout.cli.analyse import as_plain
    from layout.core.errors import LayoutError, raise_all
    from layout.pipeline.compare_scenarios import compare_scenarios
    from layout.readers.study import read_study
    from layout.scenarios.model import Scenario, read_scenario

    scenarios: list[Scenario] = []
    faults: list[LayoutError] = []
    for file in files:
        try:
            scenarios.append(read_scenario(file))
        except LayoutError as error:
            faults.append(error)
    raise_all(faults)
    study = read_study(folder)
    result = compare_scenarios(study, scenarios, draws=draws, seed=seed)
    if out is not None:
        _write(study, result, out, lang)
    if as_json:
        click.echo(json.dumps(as_plain(result), ensure_ascii=False, indent=1))
    else:
        _print(result, lang)


def _write(study: Study, result: Result, out: Path, lang: Lang) -> None:
    """All files together: the folder has them all, or is as it was."""
    from layout.cli.analyse import write_files
    from layout.core.files import replacing

    with replacing(out / result.name) as made:
        made.mkdir()
        names = [path.name for path in write_files(study, result, made, lang)]
    for name in names:
        click.echo(str(out / result.name / name), err=True)


def _print(result: Result, lang: Lang) -> None:
    """The figures, who gains and loses, and the ledger, in words."""
    from rich.console import Console
    from rich.table import Table

    from layout.cli.analyse import cell
    from layout.pipeline.export_result import table_title, worded_table

    console = Console()
    for name in _SHOWN:
        frame = worded_table(result.tables[name], lang, result.labels, keep_ids=False)
        shown = Table(title=table_title(name, lang, result.name))
        for column in frame.columns:
            shown.add_column(str(column), justify="right")
        for row in frame.itertuples(index=False):
            shown.add_row(*(cell(value) for value in row))
        console.print(shown)
    for note in result.notes:
        console.print(note(lang), highlight=False)
