"""`layout analyse siting` on a small city: what it prints, and code 2 for wrong input."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from layout.cli import main
from layout.cli.analyse import ROWS_PRINTED, _print, fitting
from layout.core.result import Bilingual, Provenance, Result
from layout.core.study import Study

QUICK = ("cell_m=100", "draws=2", "shortlist=6", "count=2", "spacing_m=500")


@pytest.fixture(scope="module")
def study(siting_study: Study) -> Study:
    return siting_study


def analyse(study: Study, monkeypatch: pytest.MonkeyPatch, *pairs: str) -> int:
    """The exit code of the command; settings of ``pairs`` come after the quick ones."""
    monkeypatch.setattr("layout.readers.study.read_study", lambda folder: study)
    given = [part for pair in (*QUICK, *pairs) for part in ("--set", pair)]
    with pytest.raises(SystemExit) as left:
        main(["analyse", "siting", "--study", "any", "--preset", "data-centre", *given])
    return int(left.value.code or 0)


ZERO = ",".join(f"{n}=0" for n in (
    "power", "expansion", "parks", "slope", "roads", "centres", "fibre", "latency", "demand",
    "coolness", "water", "quiet"))  # fmt: skip


@pytest.mark.parametrize(
    ("pair", "told"),
    [
        (f"weights=[{ZERO}]", "All weights are zero"),
        ("weights=[power=nan]", "must be a finite number"),
        ("count=7", "7 sites were asked for but the shortlist holds 6"),
        ("cell_m=nan", "cell_m"),
        ("cell_m=inf", "cell_m"),
        ("model=p_mean", "model"),
    ],
)
def test_wrong_settings_end_with_code_2(
    study: Study,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    pair: str,
    told: str,
) -> None:
    assert analyse(study, monkeypatch, pair) == 2
    assert told in capsys.readouterr().err


def test_a_layer_in_no_crs_ends_with_code_2(
    study: Study, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = study.layers["roads"].set_crs(None, allow_override=True)
    assert analyse(replace(study, layers={**study.layers, "roads": bare}), monkeypatch) == 2
    assert "“roads” has no CRS; expected EPSG:4326" in capsys.readouterr().err


def test_wide_tables_print_the_columns_that_fit() -> None:
    assert fitting([10, 10, 10], 80) == 3
    assert fitting([10] * 40, 80) == 6
    # what nearly fits is left to the console, which wraps
    assert fitting([10] * 9, 80) == 9
    assert fitting([200] * 5, 80) == 1


def test_long_tables_print_their_head_and_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    method = Bilingual("", "")
    origin = Provenance(
        inputs=(), parameters={}, seed=None, version="0", created="", synthetic=True, method=method
    )
    rows = ROWS_PRINTED + 1_234
    long = Result("mix", {"gaps": pd.DataFrame({"n": range(rows)})}, (), (), origin)
    _print(long, "en")
    printed = capsys.readouterr().out
    assert "Missing nodes" in printed
    assert "1,234 more rows" in printed
    assert f" {ROWS_PRINTED - 1} " in printed
    assert f" {ROWS_PRINTED} " not in printed


@pytest.mark.parametrize(
    ("pairs", "told"),
    [
        (("nuclear=exclude",), "The rules exclude all ground. GB07A"),
        (("model=set_covering", "radius_km=1"), "have no site to choose within 1 km"),
        (("model=capacitated_p_median", "need_per_firm=1000"), "largest sites can serve"),
    ],
)
def test_a_result_without_a_set_says_why(
    study: Study,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    pairs: tuple[str, ...],
    told: str,
) -> None:
    """The map and the tables are still worth having, so that this is no error."""
    assert analyse(study, monkeypatch, *pairs) == 0
    assert told in " ".join(capsys.readouterr().out.split())
