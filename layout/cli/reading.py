"""The options of every command that reads a table and boundaries, and what they say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

ZONES: Final = {
    "districts": "district",
    "subdistricts": "subdistrict",
    "parks": "park",
    "overlays": "overlay",
}
"""Kind of zone by the name of its option."""

_PLAIN: Final = (
    *("datum", "encoding", "delimiter", "sheet", "layer", "revenue_unit", "capital_unit"),
)


@dataclass(frozen=True)
class ZoneFile:
    """A boundary file as the options name it."""

    kind: str
    path: Path
    id_column: str | None
    name_column: str | None
    datum: str | None


def reading_options(command: Any) -> Any:
    """Add the options that say how a table is read and cleaned."""
    for option in reversed(
        (
            click.option("--datum", help="wgs84, cgcs2000, gcj02, bd09 or an EPSG code."),
            click.option(
                "--map", "mapping", multiple=True, metavar="OURS=THEIRS",
                help="Header of a column; repeatable. OURS= says that there is none.",
            ),
            click.option("--encoding", help="Encoding of a text file; found where not given."),
            click.option("--delimiter", help="Delimiter of a CSV file; found where not given."),
            click.option("--sheet", help="Sheet of a workbook."),
            click.option("--layer", help="Layer of a vector file."),
            click.option(
                "--revenue-unit", help="元, 千元, 万元, 百万元 or 亿元, where headers name none."
            ),
            click.option("--capital-unit", help="The same for the registered capital."),
            click.option(
                "--force-datum", is_flag=True, help="Go on though another datum fits better."
            ),
            click.option(
                "--repair", "repairs", multiple=True, metavar="NAME,…",
                help="swapped, full_width: mend these, with a flag.",
            ),
            click.option(
                "--policy", "policies", multiple=True, metavar="FAULT=reject|flag",
                help="What is done with the rows of a fault; repeatable.",
            ),
            click.option(
                "--batch-datum", "batches", multiple=True, metavar="BATCH=DATUM",
                help="Datum of a delivery that is in another one; repeatable.",
            ),
            click.option("--city", default="shenzhen", show_default=True),
        )
    ):  # fmt: skip
        command = option(command)
    return command


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
            f"--{name}",
            type=click.Path(path_type=Path),
            help=f"Boundary file of the {name} instead of the shipped ones.",
        )(command)
    return command


def said_settings(given: dict[str, Any]) -> dict[str, Any]:
    """What the options of :func:`reading_options` say, as values of ``IngestSettings``.

    Only what was said: whatever stands elsewhere (``inputs.yaml``, the defaults) holds otherwise.

    Raises
    ------
    ParameterError
        A pair is not understood.
    """
    from layout.cli.options import pairs_of

    said = {name: given[name] for name in _PLAIN if given[name] is not None}
    for name, option, texts in (
        ("mapping", "--map", given["mapping"]),
        ("policy", "--policy", given["policies"]),
        ("batch_datum", "--batch-datum", given["batches"]),
    ):
        if texts:
            said[name] = pairs_of(option, texts)
    if given["repairs"]:
        parts = (part.strip() for text in given["repairs"] for part in text.split(","))
        said["repairs"] = tuple(dict.fromkeys(part for part in parts if part))
    if given["force_datum"]:
        said["force_datum"] = True
    return said


def zone_files(given: dict[str, Any]) -> Iterator[ZoneFile]:
    """The boundary files that the options of :func:`zone_options` name."""
    for name, kind in ZONES.items():
        if given[name] is not None:
            yield ZoneFile(
                kind=kind,
                path=given[name],
                id_column=given[f"{name}_id_column"],
                name_column=given[f"{name}_name_column"],
                datum=given[f"{name}_datum"],
            )
