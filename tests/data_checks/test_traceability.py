"""Every requirement has its line in docs/traceability.csv, and every evidence exists."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from layout.cli import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT.parent / "shared" / "requirements.md"
ISSUES = {
    "2": "main job",
    "3": "scale",
    "4": "clusters",
    "5": "paths",
    "6": "siting",
    "7": "coverage",
}
CLASSES = {"M", "S", "R", "R/S", "-"}
STATUSES = {"done", "partial", "open"}
ROW = re.compile(r"^\| ((?:N|P|D|A|T|SC|C|AC)-\d\d|S\d\d|[KG]\d-\d\d) \|", re.MULTILINE)


def lines() -> list[dict[str, str]]:
    with (ROOT / "docs" / "traceability.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def known_ids() -> list[str]:
    return (Path(__file__).parent / "requirement_ids.txt").read_text("utf-8").split()


def test_no_requirement_is_missing_and_none_stands_twice() -> None:
    assert [line["id"] for line in lines()] == known_ids()
    assert len(set(known_ids())) == len(known_ids())


@pytest.mark.shared_data
def test_the_list_of_requirements_is_that_of_the_document() -> None:
    if not REQUIREMENTS.is_file():
        pytest.skip("requirements.md does not lie beside the checkout")
    text = REQUIREMENTS.read_text("utf-8")
    (quality,) = re.findall(r"^## 8\.[^\n]*\n(.*?)(?=^## )", text, flags=re.MULTILINE | re.DOTALL)
    rules = [f"Q-{number}" for number in re.findall(r"(?:^|\s)(\d)\. (?=[A-Z5])", quality)]
    assert rules == [f"Q-{number}" for number in range(1, len(rules) + 1)]
    assert {*ROW.findall(text), *rules, "PATH"} == set(known_ids())
    classes = dict(
        re.findall(r"^\| ([KGPDA]\d?-\d\d|SC-\d\d) \|[^|]*\|\s*\**([MSR/]+)", text, flags=re.M)
    )
    told = {line["id"]: line["class"] for line in lines()}
    assert {key: told[key] for key in classes} == classes


def test_lines_are_filled_and_use_the_known_words() -> None:
    for line in lines():
        assert all(line.values()), line["id"]
        assert line["class"] in CLASSES, line["id"]
        assert line["issue"] in ISSUES, line["id"]
        assert line["status"] in STATUSES, line["id"]
        assert (line["status"] == "open") == (line["evidence"] == "open"), line["id"]
        if line["status"] == "done":
            assert "tests/" in line["evidence"], f"{line['id']}: done without a test"


def faulty(evidence: str) -> Iterator[str]:
    """What is wrong with the evidence of a line."""
    for item in evidence.split("; "):
        if item == "open":
            continue
        if item.startswith("layout "):
            name = item.split()[1]
            if name not in COMMANDS:
                yield f"no command {item!r}"
            elif not (ROOT / "layout" / "cli" / f"{name.replace('-', '_')}.py").is_file():
                yield f"{item!r} is not built yet"
            continue
        path, _, name = item.partition("::")
        if not (ROOT / path).is_file():
            yield f"no file {path!r}"
        elif name and not re.search(rf"^\s*def {name}\b", (ROOT / path).read_text("utf-8"), re.M):
            yield f"no test {name!r} in {path}"


@pytest.mark.parametrize("line", lines(), ids=lambda line: line["id"])
def test_evidence_exists(line: dict[str, str]) -> None:
    assert list(faulty(line["evidence"])) == []


@pytest.mark.parametrize(
    "evidence",
    ["layout nonsense", "tests/nowhere.py::test_x", "tests/conftest.py::test_of_nothing", "later"],
)
def test_evidence_that_does_not_exist_is_found(evidence: str) -> None:
    assert list(faulty(evidence)) != []
