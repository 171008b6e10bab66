"""The register from the command line: shown, exported, taken in, and faults with exit code 2."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from layout.cli import main
from layout.core.study import Study


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


def test_out_and_in_again(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "register.csv"
    assert run("register", "export", file, "--study", folder) == 0
    assert run("register", "import", file, "--study", folder, "--by", "甲") == 0
    assert "changed: 0" in capsys.readouterr().out
    assert (tmp_path / "study.register.sqlite").is_file()


def test_show_and_board(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("register", "show", "--study", folder, "--department", "DEP04") == 0
    assert "SC-05b" in capsys.readouterr().out
    assert run("register", "board", "--study", folder, "--by", "department") == 0
    assert capsys.readouterr().out


def test_a_damaged_file_ends_with_code_2(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "register.xlsx"
    file.write_bytes(b"PK broken")
    assert run("register", "import", file, "--study", folder, "--by", "甲") == 2
    assert "unchanged" in capsys.readouterr().err
