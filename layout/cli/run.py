"""``layout run``: from a firm table to a study in one command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from layout.cli.reading import reading_options, said_settings, zone_files, zone_options

if TYPE_CHECKING:
    from layout.pipeline.inputs import Inputs, LayerInput
    from layout.pipeline.run import RunSummary
    from layout.pipeline.shared_run import Engine

_STAGES = {
    "survey": "Checking the datum",
    "codes": "Comparing codes",
    "firms": "Cleaning, tagging and joining firms",
    "order": "Putting firms in the order of places",
    "results": "Counting and writing",
}


@click.command(
    help="Go the whole way: read INPUT, clean, tag and join it, and write a study to --out. INPUT "
    "is a firm table, or the folder (or inputs.yaml) that `layout demo` wrote. Without INPUT the "
    "synthetic demonstration city is made and run."
)
@click.argument("given", metavar="[INPUT]", required=False, type=click.Path(path_type=Path))
@click.option("--inputs", "inputs_file", type=click.Path(path_type=Path), help="An inputs.yaml.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder of the study.")
@reading_options
@click.option("--synthetic", is_flag=True, help="The firms are synthetic: say so everywhere.")
@zone_options
@click.option(
    "--add", "added", multiple=True, metavar="NAME=FILE",
    help="An optional layer (stations, terrain, …; `layout layer` lists them); repeatable.",
)  # fmt: skip
@click.option(
    "--add-datum", "added_datums", multiple=True, metavar="NAME=DATUM",
    help="Datum of an optional layer; repeatable.",
)  # fmt: skip
@click.option(
    "--engine", type=click.Choice(["local", "dask"]), default="local", show_default=True,
    help="local: one process; dask: parts of a Parquet table in several processes or machines.",
)  # fmt: skip
@click.option(
    "--scheduler", metavar="ADDRESS",
    help="A running dask scheduler, as tcp://host:8786; this machine's own processes without.",
)  # fmt: skip
@click.option(
    "--workers", type=click.IntRange(min=1),
    help="Processes on this machine for --engine dask; one a core without.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def command(
    given: Path | None, inputs_file: Path | None, out: Path, as_json: bool, **options: Any
) -> None:
    """Make a study."""
    import tempfile

    from layout.pipeline.run import run

    with tempfile.TemporaryDirectory(prefix="layout-demo-") as scratch:
        inputs = _inputs(given or inputs_file, Path(scratch), options)
        engine = _engine(options)
        with _Bars(_megabytes(inputs.firms.path)) as bars:
            summary = run(
                inputs, out, _settings(inputs, options), progress=bars.told, engine=engine
            )
    if as_json:
        click.echo(json.dumps(summary.as_plain(), ensure_ascii=False, indent=1))
    else:
        _print(summary)


def _engine(options: dict[str, Any]) -> Engine | None:
    """Who shares the work, None for this process alone."""
    from layout.core.errors import ParameterError
    from layout.pipeline.shared_run import Engine

    if options["engine"] == "dask":
        return Engine(scheduler=options["scheduler"], workers=options["workers"])
    if options["scheduler"] or options["workers"]:
        raise ParameterError("error.scheduler_without_engine")
    return None


def _inputs(given: Path | None, scratch: Path, options: dict[str, Any]) -> Inputs:
    from layout.pipeline.inputs import INPUTS_FILE, Inputs, TableInput, ZoneInput, read_inputs

    if given is None:
        from layout.demo.city import write_city
        from layout.pipeline.demonstration import FIRMS, SEED

        click.echo(
            f"No input: making the synthetic demonstration city ({FIRMS:,} firms).", err=True
        )
        write_city(scratch, firms=FIRMS, seed=SEED)
        given = scratch
    if (given / INPUTS_FILE).is_file() or given.name == INPUTS_FILE or _is_no_table(given):
        inputs = read_inputs(given)
    else:
        inputs = Inputs(firms=TableInput(path=given), city=options["city"])
    zones = {
        f"{file.kind}s": ZoneInput(
            path=file.path,
            id_column=file.id_column,
            name_column=file.name_column,
            datum=file.datum,
        )
        for file in zone_files(options)
    }
    synthetic = inputs.synthetic or options["synthetic"]
    layers = {**inputs.layers, **_layers(options)}
    return inputs.model_copy(update={**zones, "layers": layers, "synthetic": synthetic})


def _is_no_table(given: Path) -> bool:
    """A folder without Parquet files; what it lacks is told by the reader of inputs."""
    return given.is_dir() and not any(given.glob("*.parquet"))


def _layers(options: dict[str, Any]) -> dict[str, LayerInput]:
    """The optional layers that the options name."""
    from layout.cli.options import pairs_of
    from layout.core.errors import ParameterError
    from layout.pipeline.inputs import LayerInput

    files = pairs_of("--add", options["added"])
    datums = pairs_of("--add-datum", options["added_datums"])
    if unknown := ", ".join(name for name in datums if name not in files):
        raise ParameterError("error.no_layer_type", found=unknown, known=", ".join(files) or "–")
    return {
        name: LayerInput(path=Path(path), datum=datums.get(name)) for name, path in files.items()
    }


def _settings(inputs: Inputs, options: dict[str, Any]) -> Any:
    """What ``inputs.yaml`` says of the table, overruled by the options."""
    from layout.core.config import parse_params
    from layout.pipeline.ingest_settings import IngestSettings
    from layout.pipeline.run import ingest_settings

    told = ingest_settings(inputs).model_dump()
    return parse_params(IngestSettings, {**told, **said_settings(options)})


class _Bars:
    """Progress on standard error: a bar a stage, with rate and time left.

    Parameters
    ----------
    size
        Megabytes of the table; the rate is told in them.
    """

    def __init__(self, size: float) -> None:
        self._size = size

    def __enter__(self) -> _Bars:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
        from rich.progress import TimeRemainingColumn as Remaining

        self._progress = Progress(
            TextColumn("{task.description:38}"), BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"), TextColumn("{task.fields[rate]:>9}"),
            TimeElapsedColumn(), TextColumn("left"), Remaining(), console=Console(stderr=True),
            transient=False,
        )  # fmt: skip
        self._tasks: dict[str, Any] = {}
        self._progress.__enter__()
        return self

    def told(self, stage: str, share: float | None) -> None:
        """Show how far a stage is."""
        for other in self._tasks:
            if other != stage:
                self._progress.update(self._tasks[other], completed=1.0)
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(_STAGES[stage], total=1.0, rate="")
        if share is not None:
            spent = next(t.elapsed for t in self._progress.tasks if t.id == self._tasks[stage])
            rate = f"{share * self._size / spent:,.1f} MB/s" if spent else ""
            self._progress.update(self._tasks[stage], completed=share, rate=rate)

    def __exit__(self, *error: Any) -> None:
        if error[0] is None:
            for task in self._tasks.values():
                self._progress.update(task, completed=1.0)
        self._progress.__exit__(*error)


def _megabytes(path: Path) -> float:
    files = [path] if path.is_file() else path.glob("*")
    return sum(one.stat().st_size for one in files if one.is_file()) / 1e6


def _print(summary: RunSummary) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    counts, quality = summary.manifest.counts, summary.quality
    if summary.manifest.synthetic:
        console.print("Synthetic firms: nothing here stands for a real firm.", style="bold")
    console.print(
        f"read {counts['read']:,} = accepted {counts['accepted']:,} "
        f"+ rejected {counts['rejected']:,}"
    )
    faults = Table("fault", "rejected", "flagged", title="Faults")
    for code, found in quality["faults"].items():
        faults.add_row(code, f"{found['rejected']:,}", f"{found['flagged']:,}")
    console.print(faults)
    where = ", ".join(f"{name} {count:,}" for name, count in quality["location"].items())
    console.print(f"location: {where}")
    totals = Table("measure", "primary", "fractional", "full", "excess of full", title="Totals")
    for row in summary.totals:
        totals.add_row(
            row["measure"],
            *(f"{row[name]:,.0f}" for name in ("primary", "fractional", "full", "excess")),
        )
    console.print(totals)
    for row in summary.plan_counts:
        console.print(
            f"{row['target_id']}: {row['firms']} tagged firms with revenue over "
            f"{row['above_yi']} 亿元 (the plan's target: {row['target']})"
        )
    for note in [*quality["notes"], *quality["zone_notes"]]:
        console.print(f"- {note['en']}")
    if summary.spilled_bytes:
        console.print(f"Waited on disk: {summary.spilled_bytes / 1e6:,.0f} MB")
    console.print(f"Study written to {summary.folder}")
