"""Run the long seeded trials and write ``docs/validation.md``: ``python -m benchmarks.validate``.

Takes names of trials to run only those (the page is then left as it is); fails where a promise is
not kept.
"""

from __future__ import annotations

import importlib
import sys
import time
from pathlib import Path

from benchmarks.run import line
from layout.core.files import replacing

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "docs" / "validation.md"
MACHINERY = {"__init__", "figure"}
TRIALS = tuple(
    sorted({path.stem for path in (ROOT / "benchmarks/trials").glob("*.py")} - MACHINERY)
)
"""Files of ``benchmarks/trials``: each has ``QUESTION`` and ``figures()``."""
HEADS = ("Measured", "Result", "Promise", "Kept")


def section(name: str) -> tuple[str, bool]:
    """The part of the page about one trial, and whether all its promises are kept."""
    trial = importlib.import_module(f"benchmarks.trials.{name}")
    print(trial.QUESTION, flush=True)
    start = time.process_time()
    rows, well = [line(HEADS), line(("---",) * len(HEADS))], True
    for figure in trial.figures():
        kept = "yes" if figure.kept else "NO"
        rows.append(line((figure.what, figure.value, figure.promise, kept)))
        print(
            f"  {figure.what}: {figure.value} (promise: {figure.promise}; kept: {kept})", flush=True
        )
        well &= figure.kept
    print(f"  {time.process_time() - start:.0f} CPU s", flush=True)
    body = "\n".join(rows)
    return f"## {trial.QUESTION}\n\n{trial.__doc__.strip()}\n\n{body}\n", well


def main(chosen: list[str]) -> int:
    """Run ``chosen`` trials, or all and write the page; 1 where a promise is not kept."""
    if unknown := set(chosen) - set(TRIALS):
        sys.exit(f"No trial {', '.join(sorted(unknown))}; there are: {', '.join(TRIALS)}")
    parts = [section(name) for name in chosen or TRIALS]
    if not chosen:
        head = "# Validation\n\nWritten by `make validate`; the trials have fixed seeds.\n"
        with replacing(REPORT) as partial:
            partial.write_text("\n".join([head, *(text for text, _ in parts)]), encoding="utf-8")
        print(f"Written to {REPORT.relative_to(ROOT)}")
    return 0 if all(well for _, well in parts) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
