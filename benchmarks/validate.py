"""Run the long seeded trials and write ``docs/validation.md``: ``python -m benchmarks.validate``.

Takes names of trials to run only those; what the others found the last time is kept in
``benchmarks/validation.json``, with its day. Fails where a promise is not kept.
"""

from __future__ import annotations

import datetime
import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.run import line
from layout.core.files import replacing

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "benchmarks" / "validation.json"
REPORT = ROOT / "docs" / "validation.md"
MACHINERY = {"__init__", "figure"}
TRIALS = tuple(
    sorted({path.stem for path in (ROOT / "benchmarks/trials").glob("*.py")} - MACHINERY)
)
"""Files of ``benchmarks/trials``: each has ``QUESTION`` and ``figures()``."""
HEADS = ("Measured", "Result", "Promise", "Kept")


Section = dict[str, Any]


def section(name: str) -> Section:
    """What a trial asked, did and found."""
    trial = importlib.import_module(f"benchmarks.trials.{name}")
    print(trial.QUESTION, flush=True)
    start, rows = time.process_time(), []
    for figure in trial.figures():
        kept = "yes" if figure.kept else "NO"
        rows.append([figure.what, figure.value, figure.promise, kept])
        print(
            f"  {figure.what}: {figure.value} (promise: {figure.promise}; kept: {kept})", flush=True
        )
    print(f"  {time.process_time() - start:.0f} CPU s", flush=True)
    day = datetime.datetime.now(datetime.UTC).date().isoformat()
    told = trial.__doc__.strip()
    return {"trial": name, "day": day, "question": trial.QUESTION, "text": told, "rows": rows}


def kept_sections() -> dict[str, Section]:
    """What every trial found the last time, by name."""
    found: list[Section] = json.loads(KEPT.read_text("utf-8")) if KEPT.is_file() else []
    return {one["trial"]: one for one in found if one["trial"] in TRIALS}


def page(sections: dict[str, Section]) -> str:
    """``docs/validation.md``."""
    parts = ["# Validation\n\nWritten by `make validate`; the trials have fixed seeds.\n"]
    for name in TRIALS:
        if name not in sections:
            parts.append(f"Not run yet: {name}.\n")
            continue
        one = sections[name]
        body = "\n".join(line(row) for row in (HEADS, ("---",) * len(HEADS), *one["rows"]))
        parts.append(f"## {one['question']}\n\n{one['text']} Run on {one['day']}.\n\n{body}\n")
    return "\n".join(parts)


def keep(new: Section) -> None:
    """Put what a trial found in place of what it found before, and write the page."""
    sections = kept_sections() | {new["trial"]: new}
    with replacing(KEPT) as partial:
        ordered = [sections[name] for name in TRIALS if name in sections]
        text = json.dumps(ordered, ensure_ascii=False, indent=1)
        partial.write_text(text + "\n", encoding="utf-8")
    with replacing(REPORT) as partial:
        partial.write_text(page(sections), encoding="utf-8")


def main(chosen: list[str]) -> int:
    """Run ``chosen`` trials, or all, and write the page; 1 where a promise is not kept."""
    if unknown := set(chosen) - set(TRIALS):
        sys.exit(f"No trial {', '.join(sorted(unknown))}; there are: {', '.join(TRIALS)}")
    well = True
    for name in chosen or TRIALS:
        found = section(name)
        keep(found)
        well &= all(row[-1] == "yes" for row in found["rows"])
    print(f"Written to {REPORT.relative_to(ROOT)}")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
