"""One side of one benchmark, in a process of its own.

``python -m benchmarks.measure MODULE ROW SIDE``, where SIDE is ``ours``, ``peer`` or ``same``.

Prints JSON: CPU seconds of each repeat (user and system, all threads and child processes) and the
highest memory of the process in MB. The side ``same`` compares the results of both instead.

``python -m benchmarks.measure MODULE quick`` measures every row once, all in one process: CPU
seconds of both sides and whether the results are equal, but no memory of its own.
"""

from __future__ import annotations

import importlib
import json
import resource
import statistics
import sys
from collections.abc import Callable
from typing import Any

from benchmarks.case import Case

MB = 1e6 if sys.platform == "darwin" else 1e3
"""Units of ``ru_maxrss`` in a megabyte: bytes on macOS, kilobytes on Linux."""


def cases(module: str) -> tuple[Case, ...]:
    """The benchmarks of ``benchmarks/<module>.py``."""
    found: tuple[Case, ...] = importlib.import_module(f"benchmarks.{module}").CASES
    return found


def timed(case: Case, side: str) -> dict[str, Any]:
    """CPU seconds of each repeat and peak memory of ``ours`` or ``peer``."""
    work = case.ours if side == "ours" else case.peer
    assert work is not None
    given = case.prepare()
    work(given)
    seconds = []
    for _ in range(case.repeats):
        start = case.clock()
        work(given)
        seconds.append(case.clock() - start)
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peak = max(resource.getrusage(one).ru_maxrss for one in who)
    return {"cpu_s": seconds, "peak_mb": peak / MB}


def compared(case: Case) -> dict[str, Any]:
    """Whether both sides give the same."""
    assert case.peer is not None
    assert case.same is not None
    given = case.prepare()
    return {"same": bool(case.same(case.ours(given), case.peer(given)))}


def _once(
    work: Callable[[Any], Any], given: Any, clock: Callable[[], float], *, warm: bool
) -> tuple[Any, float]:
    """A result and its seconds; work of less than a second is done again, three times."""
    if warm:
        work(given)
    start = clock()
    result = work(given)
    seconds = [clock() - start]
    if seconds[0] < 1:
        seconds.clear()
        for _ in range(3):
            start = clock()
            work(given)
            seconds.append(clock() - start)
    return result, statistics.median(seconds)


def quick(module: str) -> list[dict[str, Any]]:
    """Every row once: what is asked for twice is made once; ours is called before, to compile."""
    made: dict[Any, Any] = {}
    rows = []
    for case in cases(module):
        if case.prepare not in made:
            made[case.prepare] = case.prepare()
        given, row = made[case.prepare], {}
        for side, work in (("ours", case.ours), ("theirs", case.peer)):
            if work is None:
                continue
            key = (case.prepare, work, case.wall)
            if key not in made:
                made[key] = _once(work, given, case.clock, warm=side == "ours")
            row[f"{side}_s"] = made[key][1]
        if case.peer is not None and case.same is not None:
            both = (made[case.prepare, work, case.wall][0] for work in (case.ours, case.peer))
            row["same"] = bool(case.same(*both))
        rows.append(row)
    return rows


def main(module: str, row: str, side: str = "") -> None:
    """Measure and print."""
    if row == "quick":
        print(json.dumps(quick(module)))
        return
    case = cases(module)[int(row)]
    print(json.dumps(compared(case) if side == "same" else timed(case, side)))


if __name__ == "__main__":
    main(*sys.argv[1:])
