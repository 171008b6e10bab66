"""Run the benchmarks: ``python -m benchmarks.run [--firms N] [--quick] [--page] [MODULE ...]``.

Prints a row a benchmark and keeps it in ``benchmarks/results.json``, with the day and the machine;
``docs/performance.md`` is written anew from there, so that modules can be run one at a time
(``--page`` only writes it). ``--quick`` measures every row once, and no memory: for a machine with
little time. ``--firms`` is the size of the city, 1,000,000 where it is not said.
The command fails where results differ or a bar is not met.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.case import Case
from benchmarks.measure import cases
from benchmarks.page import HEADS, cells, line, page
from benchmarks.sizes import ENTRY
from layout.core.files import replacing

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "docs" / "performance.md"
RESULTS = ROOT / "benchmarks" / "results.json"
MACHINERY = {"__init__", "case", "measure", "page", "places", "run", "sizes", "validate"}
MODULES = tuple(sorted({path.stem for path in Path(__file__).parent.glob("*.py")} - MACHINERY))
"""Files of this folder that hold benchmarks: each has ``CASES``."""
TOLD = ("numpy", "numba", "pandas", "geopandas", "shapely", "pyarrow", "polars", "sedonadb")
Row = dict[str, Any]


def in_process(module: str, row: int, side: str) -> dict[str, Any]:
    """One side, measured in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.measure", module, str(row), side]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def promise(
    case: Case, cpu_s: float, ratio: float | None, peak_mb: float, peer_mb: float = 0.0
) -> tuple[str, bool]:
    """The bars of a case in words, and whether all of them are met."""
    bars: list[tuple[str, bool, str]] = []
    if case.at_most_s is not None:
        bars.append((f"at most {case.at_most_s:g} s", cpu_s <= case.at_most_s, f"{cpu_s:.3g} s"))
    if case.at_least_ratio is not None:
        met = ratio is not None and ratio >= case.at_least_ratio
        bars.append((f"at least {case.at_least_ratio:g} times less", met, f"{ratio or 0:.3g}"))
    if case.at_most_times is not None:
        times = 1 / ratio if ratio else float("inf")
        bars.append(
            (f"at most {case.at_most_times:g} times the peer", times <= case.at_most_times,
             f"{times:.3g}")
        )  # fmt: skip
    if case.at_most_mb is not None:
        met = peak_mb <= case.at_most_mb
        bars.append((f"at most {case.at_most_mb:g} MB", met, f"{peak_mb:.0f} MB"))
    if case.at_most_peer_mb is not None:
        more = peak_mb / peer_mb if peer_mb else float("inf")
        met = more <= case.at_most_peer_mb
        bars.append((f"at most {case.at_most_peer_mb:g} times its memory", met, f"{more:.3g}"))
    said = [f"{bar}: {'met' if met else f'SHORT, it is {found}'}" for bar, met, found in bars]
    return "; ".join(said) or "-", all(met for _, met, _ in bars)


def measured(module: str, row: int, case: Case, known: dict[Any, Any]) -> tuple[Row, bool]:
    """What a benchmark found, and whether all is well; ``known`` keeps sides measured before."""
    found: Row = {"module": module, "name": case.name, "peer": case.peer_name, **told()}
    found["repeats"] = case.repeats
    if case.peer is not None and not found_package(case):
        return {**found, "missing": True}, True
    same, ratio = True, None
    if case.peer is not None:
        same = in_process(module, row, "same")["same"]
        found["same"] = same
    sides: dict[str, Any] = {"ours": case.ours, "theirs": case.peer}
    for side, work in sides.items():
        if work is None:
            continue
        key = (module, work, case.prepare, case.repeats)
        if key not in known:
            known[key] = in_process(module, row, "ours" if side == "ours" else "peer")
        found[f"{side}_s"] = statistics.median(known[key]["cpu_s"])
        found[f"{side}_mb"] = known[key]["peak_mb"]
    if "theirs_s" in found:
        ratio = found["theirs_s"] / max(found["ours_s"], 1e-9)
        found["ratio"] = ratio
    found["bar"], kept = promise(
        case, found["ours_s"], ratio, found["ours_mb"], found.get("theirs_mb", 0.0)
    )
    return found, same and kept


def measured_quickly(module: str) -> tuple[list[Row], bool]:
    """What the benchmarks of a module find when each is measured once, and whether all is well."""
    command = [sys.executable, "-m", "benchmarks.measure", module, "quick"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    rows, well = [], True
    for case, found in zip(cases(module), json.loads(done.stdout.splitlines()[-1]), strict=True):
        row: Row = {"module": module, "name": case.name, "peer": case.peer_name, **told(), **found}
        row["repeats"] = 1
        ratio = row["theirs_s"] / max(row["ours_s"], 1e-9) if "theirs_s" in row else None
        if ratio is not None:
            row["ratio"] = ratio
        row["bar"], kept = promise(
            replace(case, at_most_mb=None, at_most_peer_mb=None), row["ours_s"], ratio, 0.0
        )
        well &= kept and row.get("same", True)
        rows.append(row)
    return rows, well


def found_package(case: Case) -> bool:
    """Whether the package of a peer is there: they are an extra."""
    names = {
        "polars": "polars", "SedonaDB": "sedonadb", "esda": "esda", "sklearn": "sklearn",
        "py-ecomplexity": "ecomplexity",
    }  # fmt: skip
    needed = [module for word, module in names.items() if case.peer_name.startswith(word)]
    return all(importlib.util.find_spec(module) for module in needed)


def told() -> Row:
    """The day, and the machine and the versions that a figure holds for."""
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
    return {
        "day": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": f"{model}, {os.cpu_count()} cores",
        "versions": f"Python {platform.python_version()}, {', '.join(versions)}",
    }


def kept_rows() -> list[Row]:
    """The last figures of every benchmark that was ever run and still is one."""
    rows: list[Row] = json.loads(RESULTS.read_text("utf-8")) if RESULTS.is_file() else []
    return [row for row in rows if row["module"] in MODULES]


def keep(new: list[Row]) -> None:
    """Put the figures of one module in place of its old ones, and write the page."""
    modules = {row["module"] for row in new}
    rows = [row for row in kept_rows() if row["module"] not in modules] + new
    rows.sort(key=lambda row: row["module"])
    with replacing(RESULTS) as partial:
        text = json.dumps(rows, ensure_ascii=False, indent=1)
        partial.write_text(text + "\n", encoding="utf-8")
    write_page()


def write_page() -> None:
    """``docs/performance.md`` from the figures that are kept."""
    with replacing(REPORT) as partial:
        partial.write_text(page(kept_rows(), MODULES), encoding="utf-8")


def main(chosen: list[str], *, quick: bool = False) -> int:
    """Run ``chosen`` modules, or all; 1 where something is not as promised."""
    if unknown := set(chosen) - set(MODULES):
        sys.exit(f"No benchmark {', '.join(sorted(unknown))}; there are: {', '.join(MODULES)}")
    print(line(HEADS))
    well: bool = True
    known: dict[Any, Any] = {}
    for module in chosen or MODULES:
        rows: list[Row] = []
        if quick:
            rows, good = measured_quickly(module)
            well &= good
            print("\n".join(line(cells(row)) for row in rows), flush=True)
        for number, case in enumerate(() if quick else cases(module)):
            row, good = measured(module, number, case, known)
            rows.append(row)
            well &= good
            print(line(cells(row)), flush=True)
        keep(rows)
    print(f"Written to {REPORT.relative_to(ROOT)}")
    return 0 if well else 1


def arguments() -> argparse.Namespace:
    """The modules asked for; the size of the city goes to the processes that measure."""
    parser = argparse.ArgumentParser(description="Measure against other tools.")
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    parser.add_argument("--firms", type=int, help="firms of the city (default 1,000,000)")
    parser.add_argument("--page", action="store_true", help="only write docs/performance.md anew")
    parser.add_argument("--quick", action="store_true", help="every row once, without memory")
    given = parser.parse_args()
    if given.firms is not None:
        os.environ[ENTRY] = str(given.firms)
    return given


if __name__ == "__main__":
    asked = arguments()
    if asked.page:
        write_page()
    else:
        sys.exit(main(asked.modules, quick=asked.quick))
