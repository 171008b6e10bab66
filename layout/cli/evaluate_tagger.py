"""``layout evaluate-tagger FILE.csv [--json] [--errors]``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    import pandas as pd

    from layout.prepare.tagger_scores import TaggerScores

SCOPE: Final = "business_scope"
CODE: Final = "industry_code"
TRUTH: Final = "true_sectors"
DIFFICULTY: Final = "difficulty"
_NEEDED: Final = (SCOPE, CODE, TRUTH)
_NAMES: Final = {
    "micro_f1": "Micro F1",
    "macro_f1": "Macro F1",
    "exact_match": "Exact match",
    "hard_negative_fpr": "False positives among hard negatives",
}


@click.command(
    help="Compare the sector tagger with FILE: a CSV with the columns business_scope, "
    "industry_code, true_sectors (joined by ';') and, where there are hard negatives, difficulty."
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the scores as JSON.")
@click.option("--errors", is_flag=True, help="List the firms whose sectors differ, with evidence.")
@click.option("--bootstrap", type=click.IntRange(1, 100_000), default=1000, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
def command(file: Path, as_json: bool, errors: bool, bootstrap: int, seed: int) -> None:
    """Evaluate the tagger."""
    import numpy as np
    import pyarrow as pa

    from layout.core import facts
    from layout.core.columns import SECTORS
    from layout.prepare.tagger_scores import as_plain, score_tags
    from layout.prepare.tagging import Tagger

    rows = read_labelled(file)
    tagger, sectors = Tagger.load(), facts.sector_ids()
    tags = tagger.tag(pa.array(rows[SCOPE]), pa.array(rows[CODE])).to_pylist()
    got = [{row[name] for name in SECTORS if row[name]} for row in tags]
    want = [set(filter(None, text.split(";"))) for text in rows[TRUTH]]
    tagged = np.array([[s in marks for s in sectors] for marks in got])
    labelled = np.array([[s in marks for s in sectors] for marks in want])
    hard = (rows[DIFFICULTY] == "hard_negative").to_numpy(dtype=bool)
    scores = score_tags(labelled, tagged, hard, sectors, draws=bootstrap, seed=seed)
    wrong = _errors(rows, want, got, tagger) if errors else []
    if as_json:
        found = {**as_plain(scores), **({"errors": wrong} if errors else {})}
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        _print(file, scores, wrong)


def read_labelled(file: Path) -> pd.DataFrame:
    """The labelled firms, every value text.

    Raises
    ------
    InputFileError, ColumnError
        It is no CSV in UTF-8, has no rows or lacks a column, or labels an unknown sector.
    """
    import pandas as pd

    from layout.core import facts
    from layout.core.errors import ColumnError, InputFileError

    try:
        rows = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise InputFileError("error.no_file", path=file) from error
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise InputFileError("error.not_labelled", path=file, reason=str(error)) from error
    missing = [name for name in _NEEDED if name not in rows.columns]
    if missing:
        raise ColumnError(
            "error.labelled_columns", path=file, missing=", ".join(missing),
            found=", ".join(rows.columns),
        )  # fmt: skip
    if rows.empty:
        raise InputFileError("error.not_labelled", path=file, reason="no rows")
    known = set(facts.sector_ids())
    odd = sorted({s for text in rows[TRUTH] for s in text.split(";") if s} - known)
    if odd:
        raise ColumnError("error.labelled_sectors", path=file, found=", ".join(odd))
    return rows if DIFFICULTY in rows else rows.assign(**{DIFFICULTY: ""})


def _errors(rows: pd.DataFrame, want: list[set[str]], got: list[set[str]], tagger: Any) -> Any:
    found = []
    for i, (expected, tags) in enumerate(zip(want, got, strict=True)):
        if expected == tags:
            continue
        scope, code = rows[SCOPE].iloc[i], rows[CODE].iloc[i]
        evidence = [
            {"sector": e.sector, "kind": e.kind, "value": e.value, "rule": e.rule_id}
            for e in tagger.explain(scope, code)
        ]
        found.append(
            {
                "row": i + 2,
                "expected": sorted(expected),
                "tagged": sorted(tags),
                "industry_code": code,
                "business_scope": scope,
                "evidence": evidence,
            }
        )
    return found


def _print(file: Path, scores: TaggerScores, wrong: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    table = Table("Score", "Value", "95 % interval (bootstrap)", title=f"{file.name}: "
                  f"{scores.rows} firms, {scores.hard_negatives} hard negatives")  # fmt: skip
    for name, words in _NAMES.items():
        low, high = scores.intervals[name]
        table.add_row(words, _number(getattr(scores, name)), f"{_number(low)} to {_number(high)}")
    console.print(table)
    by_sector = Table("Sector", "Labelled", "Precision", "Recall", "F1")
    for sector, row in scores.per_sector.iterrows():
        figures = (_number(float(row[name])) for name in ("precision", "recall", "f1"))
        by_sector.add_row(str(sector), f"{row['support']:.0f}", *figures)
    console.print(by_sector)
    for one in wrong:
        console.print(
            f"line {one['row']}: expected {one['expected']}, tagged {one['tagged']} "
            f"({one['industry_code']}) {one['business_scope']}"
        )
        for e in one["evidence"]:
            console.print(f"    {e['sector']} {e['kind']} {e['value']} ({e['rule']})")


def _number(value: float) -> str:
    return "–" if value != value else f"{value:.3f}"
