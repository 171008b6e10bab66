"""``layout ingest FILE --datum DATUM --out firms.parquet --rejects rejects.csv``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from layout.cli.reading import reading_options, said_settings, zone_files, zone_options

if TYPE_CHECKING:
    from layout.core.study import ZoneLayer
    from layout.core.texts import Lang


@click.command(help="Read, check and clean FILE: a table of firms or of any points.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), default=Path("firms.parquet"),
              show_default=True, help="GeoParquet in EPSG:4326.")  # fmt: skip
@click.option("--rejects", type=click.Path(path_type=Path), default=Path("rejects.csv"),
              show_default=True, help="Rejected rows with line, reasons and values.")  # fmt: skip
@reading_options
@zone_options
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="en", show_default=True)
def command(file: Path, out: Path, rejects: Path, as_json: bool, lang: Lang, **given: Any) -> None:
    """Ingest a table."""
    from layout.core.config import parse_params
    from layout.pipeline.ingest import ingest
    from layout.pipeline.ingest_settings import IngestSettings

    settings = parse_params(IngestSettings, {"city": given["city"], **said_settings(given)})
    zones = read_zone_files(given, settings.city)
    with _progress(as_json) as progress:
        report = ingest(
            file, settings, out=out, rejects=rejects, zones=zones or None, progress=progress
        )
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=1))
    else:
        from layout.cli.ingest_print import print_report

        print_report(report, lang, out=out, rejects=rejects)


def read_zone_files(given: dict[str, Any], city: str) -> dict[str, ZoneLayer]:
    """The boundary layers of the options that :func:`zone_options` adds, by kind."""
    from layout.readers.zones import read_zones

    return {
        file.kind: read_zones(
            file.path,
            file.kind,
            city=city,
            id_column=file.id_column,
            name_column=file.name_column,
            datum=file.datum,
        )
        for file in zone_files(given)
    }


def _progress(quiet: bool) -> Any:
    from layout.cli.progress import reading_progress

    return reading_progress(quiet)
