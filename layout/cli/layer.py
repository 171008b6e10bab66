"""``layout layer [NAME FILE] --study DIR``: the optional layers of a study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from layout.core.texts import Lang


@click.command(
    help="List the optional layers of a study; with NAME and FILE, add one (stations, substations, "
    "terrain, …) or put it in the place of the one that is there."
)
@click.argument("name", required=False)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--study", "folder", required=True, type=click.Path(path_type=Path))
@click.option("--datum", help="wgs84, cgcs2000, gcj02, bd09 or an EPSG code; not for rasters.")
@click.option(
    "--map", "mapping", multiple=True, metavar="OURS=THEIRS", help="Header of a column; repeatable."
)
@click.option("--synthetic", is_flag=True, help="The features are synthetic: say so everywhere.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="en", show_default=True)
def command(
    name: str | None,
    file: Path | None,
    folder: Path,
    datum: str | None,
    mapping: tuple[str, ...],
    synthetic: bool,
    lang: str,
) -> None:
    """Add a layer, or list them."""
    from layout.cli.options import pairs_of
    from layout.core.texts import text
    from layout.pipeline.inputs import LayerInput
    from layout.pipeline.layers import add_layer, layer_type

    language: Lang = "zh" if lang == "zh" else "en"
    if name is None:
        _list(folder, language)
        return
    if file is None:
        raise click.UsageError("FILE is missing: layout layer NAME FILE --study DIR")
    given = LayerInput(
        path=file, datum=datum, columns=pairs_of("--map", mapping), synthetic=synthetic
    )
    title = layer_type(name).title(language)
    added = add_layer(folder, name, given)
    click.echo(
        text(
            "layer.added", language,
            title=title, rows=f"{added.rows:,}", unplaced=f"{added.unplaced:,}",
        )
    )  # fmt: skip


def _list(folder: Path, language: Lang) -> None:
    from rich.console import Console
    from rich.table import Table

    from layout.core.texts import text
    from layout.pipeline.layers import listed_layers
    from layout.readers.study import read_study

    shown = Table(title=text("layer.listed", language))
    for head in ("name", "shape", "", "", "rows"):
        shown.add_column(head)
    for row in listed_layers(read_study(folder)):
        state = text("layer.loaded" if row.loaded else "layer.absent", language)
        number = "" if row.rows is None else f"{row.rows:,}"
        shown.add_row(row.kind.name, row.kind.shape, row.kind.title(language), state, number)
    Console().print(shown)
