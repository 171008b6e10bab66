"""The figures of the benchmarks as a page."""

from __future__ import annotations

from typing import Any

HEADS = (
    *("What", "CPU s", "Peak MB"),
    *("Peer", "CPU s", "Peak MB", "Times less CPU", "Same result"),
    *("Bar", "Day"),
)
NAMES = {
    "city_run": "From a table to a study",
    "grid_join": "Points to zones",
    "keywords": "Business scopes to sectors",
    "measures": "Cluster statistics",
    "reading": "Reading and cleaning",
    "scale": "More rows, more processes",
    "startup": "Start of the program",
    "whole_process": "Whole processes, imports and all",
}
INTRODUCTION = """# Speed

Written by `make bench` from its last figures (`benchmarks/results.json`); each row tells its day.
`python -m benchmarks.run MODULE` runs one part anew.

CPU seconds (user and system, all threads and child processes) are medians of the repeats after one
that is not counted, each side in a process of its own. Peak MB is the highest memory of that
process, with the packages it loads and the input. The results of both sides are compared for
equality before anything is measured; what is compared stands in the module of the benchmark. Times
less CPU is the peer's CPU time by ours. A bar that is not met says SHORT and by how much. CPU time
depends on what else a machine does (caches and memory are shared): on a busy one only the ratios of
one run say anything, and wall time says nothing. Only a row that says "on the clock" is wall time,
for what threads do side by side; it holds for an idle machine. Rows without memory are of
`--quick`: measured once, in one process for all.
"""
LIMITS = """## What the figures mean, and the limit

**Join.** A grid made once from the borders answers a point in an inner cell by one look-up; in a
border cell the few edges there are tested, and what floating point cannot decide goes to exact
predicates. The floor is the look-up alone (*gather of cells alone*): it waits for memory, which is
why points in spatial order are two to three times faster. Above it stand the edge tests of the few
per cent of points in border cells. Geopandas makes a point object and a tree of all points first.

**From a table to a study.** The floor is polars reading the same file into columns, several cores
at a time, and nothing more. Ours reads it twice (the datum check comes before a row is written, and
a datum cannot be told from a sample that leaves deliveries out), checks the encoding, reads units,
dates and codes, finds doubles, tags with evidence, joins four layers, counts four cubes, moves
every row twice to bring the firms into the order of a Hilbert curve with bounded memory, and
compresses. Delimiters and faults of UTF-8 are found 64 bytes at a time; a row on its way to its
place is one run of bytes, so that moving it does not touch dozens of columns. What is left is
mostly writing Parquet, looking for phrases and moving text: over half of the bytes are business
scopes.

**Tagging.** One pass over the UTF-8 bytes turns characters into classes and follows a double array
of all phrases at once; a plain search for each sector reads the text twelve times. Clauses that
registers repeat are looked up by their hash.

**Memory** does not grow with the table: some batches, and files beside the output; codes are kept
in memory up to 6 million rows, of larger tables only those that stand more than once. Several
processes add starting them, a second cleaning and moving parts; the bars of 20 and 60 million rows
are held against fewer rows here, as each row says (see `benchmarks/scale.py`).
"""


def cells(row: dict[str, Any]) -> tuple[str, ...]:
    """The cells of a row of the table."""
    if row.get("missing"):
        return (row["name"], "-", "-", row["peer"], *["-"] * 4, "peer not installed", row["day"])
    mine = (row["name"], f"{row['ours_s']:.3g}", _megabytes(row, "ours_mb"))
    if "theirs_s" not in row:
        return (*mine, *["-"] * 5, row["bar"], row["day"])
    theirs = (row["peer"], f"{row['theirs_s']:.3g}", _megabytes(row, "theirs_mb"))
    same = "yes" if row["same"] else "NO"
    return (*mine, *theirs, f"{row['ratio']:.3g}", same, row["bar"], row["day"])


def _megabytes(row: dict[str, Any], name: str) -> str:
    return f"{row[name]:.0f}" if name in row else "-"


def line(values: tuple[str, ...]) -> str:
    """A row of a Markdown table."""
    return "| " + " | ".join(value.replace("|", "\\|") for value in values) + " |"


def page(rows: list[dict[str, Any]], modules: tuple[str, ...] = ()) -> str:
    """The whole page; ``modules`` are all there are, with figures or not."""
    parts = [INTRODUCTION]
    measured = {row["module"] for row in rows}
    if missing := [name for name in modules if name not in measured]:
        parts.append(f"Not measured yet: {', '.join(missing)}.\n")
    for module in dict.fromkeys(row["module"] for row in rows):
        some = [row for row in rows if row["module"] == module]
        table = [line(HEADS), line(("---",) * len(HEADS)), *(line(cells(row)) for row in some)]
        machines = dict.fromkeys(f"{row['machine']}; {row['versions']}." for row in some)
        told = "\n".join(machines)
        title = NAMES.get(module, module.replace("_", " ").capitalize())
        repeats = ", ".join(str(n) for n in dict.fromkeys(row["repeats"] for row in some))
        parts.append(f"## {title}\n\n" + "\n".join(table) + f"\n\nRepeats: {repeats}. {told}\n")
    return "\n".join([*parts, LIMITS])
