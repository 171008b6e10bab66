"""``layout map``: options become settings, faults end with code 2 and no file."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from layout.cli.map import COLUMNS, command, map_params
from layout.core.errors import LayoutError, ParameterError, StudyError


def test_help_names_every_option() -> None:
    shown = CliRunner().invoke(command, ["--help"]).output
    for option in ("--study", "--out", "--png", "--column", "--sector", "--counting", "--zones",
                   "--lang", "--max-points"):  # fmt: skip
        assert option in shown


@pytest.mark.parametrize("column", COLUMNS)
def test_columns_become_measures_or_figures(column: str) -> None:
    params = map_params(column=column, sectors=("s02",), measure="employees")
    if column in ("share", "lq"):
        assert (params.draw, params.measure) == (column, "employees")
    else:
        assert (params.draw, params.measure) == ("amount", column)
    assert params.sectors == ("S02",)


def test_the_preset_stands_for_its_sectors_once() -> None:
    params = map_params(column="firms", sectors=("S03", "frontier"))
    assert params.sectors == ("S03", "S02", "S04", "S05", "S06")


def test_a_quotient_of_everything_is_refused() -> None:
    with pytest.raises(ParameterError, match="--sector"):
        map_params(column="lq")


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["--study", "nowhere"], StudyError),
        (["--study", "nowhere", "--png", "map.bmp"], ParameterError),
    ],
)
def test_faults_leave_no_file(arguments, fault: type[LayoutError], tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = CliRunner().invoke(command, arguments)
    assert isinstance(outcome.exception, fault)
    assert outcome.exception.exit_code == 2
    assert not list(Path(tmp_path).iterdir())
