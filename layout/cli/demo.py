"""``layout demo``: write the input files of a synthetic city."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("demo")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder to write to.",
)
@click.option("--firms", type=int, default=20_000, show_default=True, help="Rows, from 500.")
@click.option("--seed", type=int, default=1, show_default=True, help="Whole number from 0.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def command(out: Path, firms: int, seed: int, as_json: bool) -> None:
    """Write the input files of a synthetic city, the same bytes for the same seed.

    Everything in them is invented. Planted clusters and faults are told in the folder truth.
    """
    import sys

    from layout.core.texts import text
    from layout.demo.city import write_city

    with click.progressbar(
        length=max(firms, 0), label=text("demo.progress", "en"), file=sys.stderr
    ) as bar:
        summary = write_city(out, firms=firms, seed=seed, progress=bar.update)
    click.echo(summary.as_json() if as_json else summary.in_words())
