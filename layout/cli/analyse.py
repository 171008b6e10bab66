"""``layout analyse NAME --study DIR [--set key=value …] [--json]``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from layout.core.result import Result
    from layout.core.study import Study
    from layout.core.texts import Lang

ROWS_PRINTED: Final = 40
"""Of a table; the rest is in ``--json`` and ``--out``."""


def parse_assignments(pairs: tuple[str, ...]) -> dict[str, Any]:
    """``("year=2023", "tiers=[leading,key]")`` as values, read as YAML.

    Raises
    ------
    ParameterError
        A pair has no ``=``.
    """
    import yaml

    from layout.core.errors import ParameterError

    values: dict[str, Any] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise ParameterError("error.no_assignment", found=pair)
        parsed = yaml.safe_load(value) if value else ""
        values[name.strip()] = tuple(parsed) if isinstance(parsed, list) else parsed
    return values


@click.command(help="Run analysis NAME on a study and print its tables.")
@click.argument("name")
@click.option("--study", "folder", required=True, type=click.Path(path_type=Path))
@click.option("--set", "pairs", multiple=True, metavar="KEY=VALUE", help="A setting; repeatable.")
@click.option("--preset", help="Short for --set preset=…, for analyses that have presets.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder for a workbook, layers (GeoPackage, GeoTIFF), a map and a Word section.",
)
@click.option("--lang", type=click.Choice(["zh", "en"]), default="en", show_default=True)
def command(
    name: str,
    folder: Path,
    pairs: tuple[str, ...],
    preset: str | None,
    as_json: bool,
    out: Path | None,
    lang: Lang,
) -> None:
    """Run an analysis."""
    from layout.analyses.registry import find
    from layout.core.config import parse_params
    from layout.readers.study import read_study

    analysis = find(name)
    given = {**({"preset": preset} if preset else {}), **parse_assignments(pairs)}
    params = parse_params(analysis.params, given)
    study = read_study(folder)
    result = analysis.run(study, params)
    if out is not None:
        for path in write_files(study, result, out, lang):
            click.echo(str(path), err=True)
    if as_json:
        click.echo(json.dumps(as_plain(result), ensure_ascii=False, indent=1))
    else:
        _print(result, lang)


def write_files(study: Study, result: Result, out: Path, lang: Lang) -> tuple[Path, ...]:
    """Every file that the result fills: tables, layers, map, report section."""
    from layout.core.files import replacing
    from layout.pipeline.export_result import export_result
    from maps.assets import ensure_assets
    from maps.render.offline import standalone_html
    from maps.render.result_map import result_map
    from maps.reports.word import write_section

    written = [part.path for part in export_result(result, out, lang=lang)]
    ensure_assets(echo=lambda line: click.echo(line, err=True))
    if result.layers:
        with replacing(out / f"{result.name}.html") as target:
            page = standalone_html(result_map(study, result, lang), lang=lang)
            target.write_text(page, encoding="utf-8")
        written.append(out / f"{result.name}.html")
    write_section(study, [result], out / f"{result.name}.docx", lang)
    return tuple(dict.fromkeys([*written, out / f"{result.name}.docx"]))


def as_plain(result: Result) -> dict[str, Any]:
    """A result as JSON values: tables by row, NaN as null."""
    from dataclasses import asdict

    return {
        "name": result.name,
        "tables": {
            name: json.loads(table.reset_index().to_json(orient="records", force_ascii=False))
            for name, table in result.tables.items()
        },
        "notes": [asdict(note) for note in result.notes],
        "provenance": json.loads(json.dumps(asdict(result.provenance), default=str)),
    }


def _print(result: Result, lang: Lang) -> None:
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table

    from layout.core.texts import text
    from layout.pipeline.export_result import table_title

    console = Console()
    for name, table in result.tables.items():
        frame = table.reset_index().head(ROWS_PRINTED)
        rows = [[cell(value) for value in row] for row in frame.itertuples(index=False)]
        columns = [[str(head), *(row[at] for row in rows)] for at, head in enumerate(frame.columns)]
        kept = fitting([max(map(cell_len, column)) for column in columns], console.width)
        left = len(columns) - kept
        more = {"cli.more_columns": left, "cli.more_rows": len(table) - len(frame)}
        told = [text(key, lang, count=f"{count:,}") for key, count in more.items() if count]
        shown = Table(title=table_title(name, lang, result.name))
        for column in columns[:kept]:
            shown.add_column(column[0], justify="right")
        for row in rows:
            shown.add_row(*row[:kept])
        console.print(shown)
        if told:
            console.print(" ".join(told), style="dim italic", highlight=False)
    for note in result.notes:
        console.print(note.zh if lang == "zh" else note.en, highlight=False)


def fitting(widths: list[int], room: int) -> int:
    """How many columns are printed: those that fit, one at least, if two thirds of them do not.

    A table that nearly fits is left whole: the console wraps its cells.
    """
    ends = [sum(widths[: at + 1]) + 3 * (at + 1) + 1 for at in range(len(widths))]
    fit = sum(end <= room for end in ends)
    return len(widths) if 3 * fit >= len(widths) else max(fit, 1)


def cell(value: object) -> str:
    """A value as it is printed."""
    if isinstance(value, float):
        if value != value:
            return "–"
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
