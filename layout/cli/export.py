"""``layout export --study DIR --out FOLDER``: layers and tables for other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from layout.core.texts import Lang
    from layout.pipeline.export import Written


@click.command(help="Write layers and tables of a study for GIS, spreadsheets and programs.")
@click.option("--study", "folder", required=True, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write to.")
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="NAME,…",
    help="gpkg, geojson, geoparquet, csv, xlsx; several with commas.  [default: gpkg,xlsx]",
)
@click.option(
    "--layer",
    "layers",
    multiple=True,
    metavar="NAME,…",
    help="firms, districts, subdistricts, parks, overlays, landmarks.  [default: all; firms go "
    "into a workbook only when named]",
)
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option("--crs", default="EPSG:4326", show_default=True, help="CRS of vector files.")
@click.option(
    "--set",
    "pairs",
    multiple=True,
    metavar="KEY=VALUE",
    help="Setting of the figures (scope, year, tiers, statuses, counting, …); repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
def command(
    folder: Path,
    out: Path,
    formats: tuple[str, ...],
    layers: tuple[str, ...],
    lang: Lang,
    crs: str,
    pairs: tuple[str, ...],
    as_json: bool,
) -> None:
    """Write the files and list them."""
    from layout.analyses.mix import MixParams
    from layout.cli.analyse import parse_assignments
    from layout.core.config import parse_params
    from layout.pipeline.export import ExportParams, export_study
    from layout.readers.study import read_study

    chosen = {
        "formats": _listed(formats) or ("gpkg", "xlsx"),
        "layers": _listed(layers),
        "lang": lang,
        "crs": crs,
        "figures": parse_params(MixParams, parse_assignments(pairs)),
    }
    params = parse_params(ExportParams, chosen)
    written = export_study(read_study(folder), out, params)
    if as_json:
        click.echo(
            json.dumps(
                [{"file": str(w.path), "layer": w.layer, "rows": w.rows} for w in written],
                ensure_ascii=False,
                indent=1,
            )
        )
    else:
        _print(written, lang)


def _listed(values: tuple[str, ...]) -> tuple[str, ...]:
    parts = (part.strip() for value in values for part in value.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def _print(written: tuple[Written, ...], lang: Lang) -> None:
    from rich.console import Console
    from rich.table import Table

    from layout.core.texts import text

    shown = Table(title=text("export.written.title", lang))
    shown.add_column(text("export.written.file", lang))
    shown.add_column(text("export.written.layer", lang))
    shown.add_column(text("export.written.rows", lang), justify="right")
    for item in written:
        shown.add_row(str(item.path), item.layer, f"{item.rows:,}")
    Console().print(shown)
