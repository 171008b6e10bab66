"""Synthetic cities of several seeds, run the whole way and compared with their truth files.

A planted fault is found if its row is treated as the truth says and carries its code. A row with
a code that was not planted and does not follow from a planted one is a false alarm. Districts and
sectors are compared on the accepted rows without a planted fault; sectors by the set of each firm.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from benchmarks.trials.figure import Figure
from layout.core.columns import DISTRICT, FLAGS, LINE, SECTORS
from layout.demo.city import write_city
from layout.pipeline.inputs import read_inputs
from layout.pipeline.run import run
from layout.readers.study import read_study

QUESTION = "Are planted faults, districts and sectors found again in other synthetic cities?"
SEEDS = (11, 12, 13, 14, 15)
FIRMS = 20_000
FOLLOWS = {
    "datum_contradicts_address": {
        *("outside_city", "in_sea", "near_border_assigned", "district_mismatch"),
    },
    "swapped_coordinates": {"impossible_coordinates", "outside_city"},
}
"""Codes that a planted fault brings with it: its rows lie elsewhere."""


def figures() -> Iterator[Figure]:
    """What each city gave."""
    for seed in SEEDS:
        with tempfile.TemporaryDirectory(prefix="layout-trial-") as scratch:
            yield from _city(Path(scratch), seed)


def _city(folder: Path, seed: int) -> Iterator[Figure]:
    write_city(folder / "in", firms=FIRMS, seed=seed)
    run(read_inputs(folder / "in"), folder / "study")
    accepted, rejected = _treated(folder / "study")
    planted = pd.read_csv(folder / "in" / "truth" / "faults.csv")
    truth = pd.read_csv(folder / "in" / "truth" / "firms.csv", dtype=str)
    yield _found(seed, planted, accepted, rejected)
    yield _alarms(seed, planted, accepted, rejected)
    sound = accepted.loc[~accepted.index.isin(planted["source_line"])]
    told = truth.set_index(truth["source_line"].astype(int)).loc[sound.index]
    same = (sound[DISTRICT].astype(object).fillna("") == told["district_id"].fillna("")).mean()
    yield Figure(
        f"city {seed}: districts as planted", f"{same:.4%}", "at least 99.9 %", same >= 0.999
    )
    sets = sound[list(SECTORS)].astype(object).apply(lambda row: frozenset(row.dropna()), axis=1)
    wanted = told["true_sectors"].fillna("").map(lambda s: frozenset(filter(None, s.split(";"))))
    exact = (sets == wanted).mean()
    yield Figure(
        f"city {seed}: sets of sectors as planted", f"{exact:.4%}", "at least 88 %", exact >= 0.88
    )


def _treated(study: Path) -> tuple[pd.DataFrame, dict[int, set[str]]]:
    """Accepted rows by source line, and the reasons of the rejected ones."""
    firms = read_study(study).firms([LINE, FLAGS, DISTRICT, *SECTORS]).to_pandas()
    rejects = pd.read_csv(study / "rejects.csv", dtype=str)
    lines = rejects[LINE].astype(int)
    reasons = {
        line: set(codes.split(";")) for line, codes in zip(lines, rejects["reasons"], strict=True)
    }
    return firms.set_index(LINE), reasons


def _codes(accepted: pd.DataFrame, rejected: dict[int, set[str]]) -> dict[int, set[str]]:
    flagged = accepted[FLAGS].astype(object).fillna("")
    flagged = flagged[flagged != ""]
    return {int(line): set(codes.split(";")) for line, codes in flagged.items()} | rejected


def _found(
    seed: int, planted: pd.DataFrame, accepted: pd.DataFrame, rejected: dict[int, set[str]]
) -> Figure:
    codes = _codes(accepted, rejected)
    good = sum(
        row.fault in codes.get(row.source_line, ())
        and (row.source_line in rejected) == (row.expected == "reject")
        for row in planted.itertuples()
    )
    return Figure(
        f"city {seed}: planted faults found",
        f"{good} of {len(planted)}",
        "all",
        good == len(planted),
    )


def _alarms(
    seed: int, planted: pd.DataFrame, accepted: pd.DataFrame, rejected: dict[int, set[str]]
) -> Figure:
    truth = dict(zip(planted["source_line"], planted["fault"], strict=True))
    false = 0
    for line, codes in _codes(accepted, rejected).items():
        fault = truth.get(line)
        meant = {fault} | FOLLOWS.get(fault, set()) if fault else set()
        false += bool(codes - meant)
    return Figure(f"city {seed}: false alarms", str(false), "none", false == 0)
