"""``layout ingest FILE --datum DATUM --out firms.parquet --rejects rejects.csv``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from layout.core.study import ZoneLayer
    from layout.core.texts import Lang

ZONES: Final = {"districts": "district", "subdistricts": "subdistrict", "parks": "park"}


def zone_options(command: Any) -> Any:
    """Add ``--districts FILE`` and its companions, for each kind of boundary."""
    for name in reversed(ZONES):
        for part, help_text in (
            ("-datum", "Datum of the file; not needed where its CRS is projected."),
            ("-name-column", "Column with the names."),
            ("-id-column", "Column with the ids."),
        ):
            command = click.option(f"--{name}{part}", help=help_text)(command)
        command = click.option(
            f"--{name}", type=click.Path(path_type=Path), help=f"Boundary file of the {name}."
        )(command)
    return command


@click.command(help="Read, check and clean FILE: a table of firms or of any points.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--datum", help="wgs84, cgcs2000, gcj02, bd09 or an EPSG code.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("firms.parquet"),
              show_default=True, help="GeoParquet in EPSG:4326.")  # fmt: skip
@click.option("--rejects", type=click.Path(path_type=Path), default=Path("rejects.csv"),
              show_default=True, help="Rejected rows with line, reasons and values.")  # fmt: skip
@click.option("--map", "mapping", multiple=True, metavar="OURS=THEIRS",
              help="Header of a column; repeatable. OURS= says that there is none.")  # fmt: skip
@click.option("--encoding", help="Encoding of a text file; found where not given.")
@click.option("--delimiter", help="Delimiter of a CSV file; found where not given.")
@click.option("--sheet", help="Sheet of a workbook.")
@click.option("--layer", help="Layer of a vector file.")
@click.option("--revenue-unit", help="元, 千元, 万元, 百万元 or 亿元, where headers name none.")
@click.option("--capital-unit", help="The same for the registered capital.")
@click.option("--force-datum", is_flag=True, help="Go on though another datum fits better.")
@click.option("--repair", "repairs", multiple=True, metavar="NAME,…",
              help="swapped, full_width: mend these, with a flag.")  # fmt: skip
@click.option("--policy", "policies", multiple=True, metavar="FAULT=reject|flag",
              help="What is done with the rows of a fault; repeatable.")  # fmt: skip
@click.option("--batch-datum", "batches", multiple=True, metavar="BATCH=DATUM",
              help="Datum of a delivery that is in another one; repeatable.")  # fmt: skip
@click.option("--city", default="shenzhen", show_default=True)
@zone_options
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="en", show_default=True)
def command(file: Path, out: Path, rejects: Path, as_json: bool, lang: Lang, **given: Any) -> None:
    """Ingest a table."""
    from layout.core.config import parse_params
    from layout.pipeline.ingest import ingest
    from layout.pipeline.ingest_settings import IngestSettings

    settings = parse_params(IngestSettings, _settings(given))
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


def _settings(given: dict[str, Any]) -> dict[str, Any]:
    """The options as values of ``IngestSettings``."""
    from layout.cli.options import pairs_of

    plain = (
        *("datum", "city", "encoding", "delimiter", "sheet", "layer"),
        *("revenue_unit", "capital_unit", "force_datum"),
    )
    return {
        **{name: given[name] for name in plain},
        "mapping": pairs_of("--map", given["mapping"]),
        "policy": pairs_of("--policy", given["policies"]),
        "batch_datum": pairs_of("--batch-datum", given["batches"]),
        "repairs": tuple(
            dict.fromkeys(name for text in given["repairs"] for name in text.split(",") if name)
        ),
    }


def read_zone_files(given: dict[str, Any], city: str) -> dict[str, ZoneLayer]:
    """The boundary layers of the options that :func:`zone_options` adds, by kind."""
    found: dict[str, ZoneLayer] = {}
    for name, kind in ZONES.items():
        if given[name] is not None:
            from layout.readers.zones import read_zones

            found[kind] = read_zones(
                given[name],
                kind,
                city=city,
                id_column=given[f"{name}_id_column"],
                name_column=given[f"{name}_name_column"],
                datum=given[f"{name}_datum"],
            )
    return found


def _progress(quiet: bool) -> Any:
    from layout.cli.progress import reading_progress

    return reading_progress(quiet)
