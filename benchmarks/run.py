"""Run the benchmarks: ``python -m benchmarks.run [--firms N] [MODULE ...]``.

Prints a row a benchmark; ``--firms`` is the size of the city, 1,000,000 where it is not said. A run
of all modules also writes ``docs/performance.md``; the command fails where results differ or a
promise is not kept.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.case import Case
from benchmarks.measure import REPEATS, cases
from benchmarks.sizes import ENTRY
from layout.core.files import replacing

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "docs" / "performance.md"
MACHINERY = {"__init__", "case", "measure", "run", "sizes", "validate"}
MODULES = tuple(sorted({path.stem for path in Path(__file__).parent.glob("*.py")} - MACHINERY))
"""Files of this folder that hold benchmarks: each has ``CASES``."""
TOLD = ("numpy", "numba", "pandas", "geopandas", "shapely", "pyarrow", "polars", "sedonadb")
HEADS = (
    *("What", "CPU s", "Peak MB"),
    *("Peer", "CPU s", "Peak MB", "Times faster", "Same result"),
    "Promise",
)


def in_process(module: str, row: int, side: str) -> dict[str, Any]:
    """One side, measured in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.measure", module, str(row), side]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def promise(case: Case, cpu_s: float, ratio: float | None) -> tuple[str, bool]:
    """What was promised in words, and whether it is kept."""
    said, kept = [], True
    if case.at_most_s is not None:
        said.append(f"at most {case.at_most_s:g} s")
        kept &= cpu_s <= case.at_most_s
    if case.at_least_ratio is not None:
        said.append(f"at least {case.at_least_ratio:g} times")
        kept &= ratio is not None and ratio >= case.at_least_ratio
    return f"{', '.join(said)}: {'kept' if kept else 'BROKEN'}" if said else "-", kept


def measured(module: str, row: int, case: Case) -> tuple[tuple[str, ...], bool]:
    """The cells of a benchmark's row, and whether all is well."""
    ours = in_process(module, row, "ours")
    cpu_s = statistics.median(ours["cpu_s"])
    cells = [case.name, f"{cpu_s:.3g}", f"{ours['peak_mb']:.0f}"]
    ratio, same = None, True
    if case.peer is None:
        cells += ["-"] * 5
    else:
        peer = in_process(module, row, "peer")
        peer_s = statistics.median(peer["cpu_s"])
        ratio = peer_s / cpu_s
        same = in_process(module, row, "same")["same"]
        cells += [case.peer_name, f"{peer_s:.3g}", f"{peer['peak_mb']:.0f}"]
        cells += [f"{ratio:.2g}", "yes" if same else "NO"]
    said, kept = promise(case, cpu_s, ratio)
    return (*cells, said), same and kept


def line(cells: tuple[str, ...]) -> str:
    """A row of a Markdown table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def machine() -> str:
    """The processor and the versions that the figures hold for."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [s for s in info.read_text("utf-8").splitlines() if s.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else model
    versions = []
    for name in TOLD:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"{name} not installed")
    python = platform.python_version()
    return f"{model}, {os.cpu_count()} cores; Python {python}; {', '.join(versions)}."


def report(rows: list[tuple[str, ...]]) -> str:
    """The page with the figures of this run."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    head = (
        "# Speed\n\n"
        f"Written by `make bench` on {today}; every run replaces it.\n\n"
        f"{machine()}\n\n"
        f"CPU seconds (user and system, all threads) are medians of {REPEATS} repeats after one "
        "that is not counted, each side in a process of its own. Peak MB is the highest memory of "
        "that process, with the packages it loads and the input.\n\n"
    )
    table = [line(HEADS), line(("---",) * len(HEADS)), *map(line, rows)]
    return head + "\n".join(table) + "\n"


def main(chosen: list[str]) -> int:
    """Run ``chosen`` modules, or all and write the page; 1 where something is not as promised."""
    if unknown := set(chosen) - set(MODULES):
        sys.exit(f"No benchmark {', '.join(sorted(unknown))}; there are: {', '.join(MODULES)}")
    print(line(HEADS))
    rows, well = [], True
    for module in chosen or MODULES:
        for row, case in enumerate(cases(module)):
            cells, good = measured(module, row, case)
            rows.append(cells)
            well &= good
            print(line(cells), flush=True)
    if not chosen:
        with replacing(REPORT) as partial:
            partial.write_text(report(rows), encoding="utf-8")
        print(f"Written to {REPORT.relative_to(ROOT)}")
    return 0 if well else 1


def arguments() -> list[str]:
    """The modules asked for; the size of the city goes to the processes that measure."""
    parser = argparse.ArgumentParser(description="Measure against other tools.")
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    parser.add_argument("--firms", type=int, help="firms of the city (default 1,000,000)")
    given = parser.parse_args()
    if given.firms is not None:
        os.environ[ENTRY] = str(given.firms)
    modules: list[str] = given.modules
    return modules


if __name__ == "__main__":
    sys.exit(main(arguments()))
