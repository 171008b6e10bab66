"""Scenarios from the command line: compared, written together, and faults with exit code 2."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from layout.cli import main
from layout.core.study import Study

MOVE = """
name: spread
title_en: Spread
changes:
  - {action: set_path, district: YT, path: emerging}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is opened as a small study."""
    path = Path(__file__).parents[1] / "maps" / "small_study.py"
    spec = importlib.util.spec_from_file_location("small_study", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    root = tmp_path / "study"
    root.mkdir()
    study: Study = module.build_study(root)
    monkeypatch.setattr("layout.readers.study.read_study", lambda _: study)
    return root


def run(*args: object) -> int:
    try:
        main([str(arg) for arg in args])
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def scenario(folder: Path, words: str) -> Path:
    file = folder / "scenario.yaml"
    file.write_text(words, encoding="utf-8")
    return file


def test_the_comparison_is_printed_and_written(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    file = scenario(tmp_path, MOVE)
    args = ("scenario", file, "--study", folder, "--draws", 20, "--lang", "en")
    assert run(*args, "--out", out) == 0
    told = capsys.readouterr().out
    assert "Spread" in told
    assert "Ledger of firms" in told
    names = {path.name for path in (out / "scenarios").iterdir()}
    assert {"scenarios.xlsx", "scenarios.gpkg", "scenarios.html", "scenarios.docx"} == names
    assert [path.name for path in out.iterdir()] == ["scenarios"]


def test_every_fault_is_told_and_nothing_written(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    unknown = scenario(tmp_path, MOVE.replace("YT", "XX"))
    assert run("scenario", unknown, "--study", folder, "--draws", 20, "--out", out) == 2
    assert "XX" in capsys.readouterr().err
    broken = scenario(tmp_path, "name: [")
    missing = tmp_path / "missing.yaml"
    assert run("scenario", broken, missing, "--study", folder, "--out", out) == 2
    told = capsys.readouterr().err
    assert "missing.yaml" in told
    assert "scenario.yaml" in told
    assert not out.exists()


def test_a_fault_while_writing_leaves_what_was_there(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from layout.core.errors import OutputError

    kept = tmp_path / "out" / "scenarios"
    kept.mkdir(parents=True)
    (kept / "scenarios.xlsx").write_bytes(b"before")

    def refuse(study: Study, result: object, out: Path, lang: str) -> tuple[Path, ...]:
        (out / "scenarios.xlsx").write_bytes(b"half")
        raise OutputError("error.output_failed", path=out, reason="disk full")

    monkeypatch.setattr("layout.cli.analyse.write_files", refuse)
    file = scenario(tmp_path, MOVE)
    out = tmp_path / "out"
    assert run("scenario", file, "--study", folder, "--draws", 20, "--out", out) == 2
    assert (kept / "scenarios.xlsx").read_bytes() == b"before"
    assert [path.name for path in out.iterdir()] == ["scenarios"]
