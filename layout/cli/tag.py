"""``layout tag firms.parquet --out tagged.parquet``."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command(
    help="Tag the firms of FILE (Parquet as `layout ingest` writes it) with the plan's sectors."
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="en", show_default=True)
def command(file: Path, out: Path, as_json: bool, lang: str) -> None:
    """Tag a table."""
    from layout.core import facts
    from layout.pipeline.tag import tag_file

    counts = tag_file(file, out)
    if as_json:
        click.echo(json.dumps(counts, ensure_ascii=False, indent=1))
        return
    from rich.console import Console
    from rich.table import Table

    names = facts.reference("sectors").set_index("code")["name_zh" if lang == "zh" else "name_en"]
    table = Table("Sector", "Primary", "Any", title=f"{counts['firms']:,} firms")
    for sector, found in counts["sectors"].items():
        table.add_row(f"{sector} {names[sector]}", f"{found['primary']:,}", f"{found['any']:,}")
    table.add_row("untagged", f"{counts['untagged']:,}", "")
    console = Console(highlight=False)
    console.print(table)
    scopes = ", ".join(f"{name} {count:,}" for name, count in counts["scopes"].items())
    console.print(f"scope: {scopes}")
    console.print(f"Wrote {out}")
