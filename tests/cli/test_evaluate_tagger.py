"""The tagger reaches its bars on firms that an annotator wrote who never saw its rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from layout.cli import group
from layout.core.errors import LayoutError

DATA = Path(__file__).parents[1] / "data"
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "facts"


def evaluate(path: Path, *options: str) -> dict[str, Any]:
    done = CliRunner().invoke(
        group, ["evaluate-tagger", str(path), "--json", "--bootstrap", "50", *options],
        catch_exceptions=False,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_bars_hold_on_independent_cases() -> None:
    scores = evaluate(DATA / "scope_cases_independent.csv")
    assert scores["n"] == 300
    assert scores["micro_f1"] >= 0.95
    assert scores["exact_match"] >= 0.88
    assert scores["hard_negative_fpr"] <= 0.03
    assert len(scores["per_sector"]) == 12


@pytest.mark.shared_data
def test_bars_hold_on_the_sample() -> None:
    path = SHARED / "labelled_scopes_dev.csv"
    if not path.is_file():
        pytest.skip("the labelled sample lies in shared/, which is not beside this checkout")
    scores = evaluate(path)
    assert scores["micro_f1"] >= 0.95
    assert scores["exact_match"] >= 0.88


def test_errors_are_listed_with_evidence(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text(
        "business_scope,industry_code,true_sectors\n区块链底层平台研发,6513,S12\n", "utf-8-sig"
    )
    (error,) = evaluate(path, "--errors")["errors"]
    assert error["expected"] == ["S12"]
    assert error["tagged"] == ["S03"]
    assert any(e["sector"] == "S03" for e in error["evidence"])


def test_the_report_is_printed() -> None:
    done = CliRunner().invoke(
        group, ["evaluate-tagger", str(DATA / "scope_cases_independent.csv"), "--bootstrap", "5"]
    )
    assert done.exit_code == 0
    assert "Micro F1" in done.output
    assert "S12" in done.output


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"a,b\n1,2\n", "business_scope"),
        (b"business_scope,industry_code,true_sectors\n", "no rows"),
        (b"", "labelled file"),
        ("business_scope,industry_code,true_sectors\n软件,6513,\n".encode("gb18030"), "UTF-8"),
        (b"business_scope,industry_code,true_sectors\nx,6513,S13\n", "S13"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "odd.csv"
    path.write_bytes(content)
    done = CliRunner().invoke(group, ["evaluate-tagger", str(path)])
    assert isinstance(done.exception, LayoutError)
    assert word in str(done.exception)
