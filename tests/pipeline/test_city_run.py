"""The whole way on a small synthetic city: every planted fault is found, and nothing else.

The run is made once; the tests look at what it left.
"""

from __future__ import annotations

import csv
import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml
from click.testing import CliRunner

from layout.analyses.mix import MixParams, run
from layout.analyses.registry import find
from layout.cli import group
from layout.core import facts
from layout.core.columns import (
    DISTRICT,
    FLAGS,
    LAT,
    LINE,
    LOCATION,
    LON,
    REVENUE,
    SECTORS,
    SHARES,
)
from layout.core.study import Study
from layout.geometry.hilbert import hilbert_places
from layout.pipeline import ingest
from layout.prepare.code_census import CodeCensus
from layout.readers.study import read_study

FIRMS = 20_000
CONSEQUENCES = {
    "datum_contradicts_address": {
        "outside_city",
        "in_sea",
        "near_border_assigned",
        "district_mismatch",
    },
    "swapped_coordinates": {"impossible_coordinates", "outside_city"},
}
"""Flags that follow from a planted one: rows read in a wrong datum or turned lie elsewhere."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("city")


@pytest.fixture(scope="module")
def outcome(folder: Path) -> dict[str, Any]:
    runner = CliRunner()
    made = runner.invoke(group, ["demo", "--out", str(folder / "in"), "--firms", str(FIRMS)])
    assert made.exit_code == 0, made.output
    ran = runner.invoke(
        group, ["run", str(folder / "in"), "--out", str(folder / "study"), "--json"],
        catch_exceptions=False,
    )  # fmt: skip
    assert ran.exit_code == 0, ran.output
    return json.loads(ran.stdout)


@pytest.fixture(scope="module")
def study(outcome: dict[str, Any], folder: Path) -> Study:
    return read_study(folder / "study")


@pytest.fixture(scope="module")
def found(study: Study) -> dict[int, tuple[str, set[str]]]:
    """What the run says of each faulty line: how it was treated and its codes."""
    said: dict[int, tuple[str, set[str]]] = {}
    with (study.root / "rejects.csv").open(encoding="utf-8-sig", newline="") as handle:
        for row in csv.DictReader(handle):
            said[int(row[LINE])] = ("reject", set(row["reasons"].split(";")))
    firms = study.firms([LINE, FLAGS])
    for line, flags in zip(firms[LINE].to_pylist(), firms[FLAGS].to_pylist(), strict=True):
        if flags:
            assert line not in said
            said[line] = ("flag", set(flags.split(";")))
    return said


@pytest.fixture(scope="module")
def planted(folder: Path, outcome: dict[str, Any]) -> pd.DataFrame:
    del outcome
    return pd.read_csv(folder / "in" / "truth" / "faults.csv")


def test_every_planted_fault_is_found_and_treated(
    planted: pd.DataFrame, found: dict[int, tuple[str, set[str]]]
) -> None:
    missed = [
        (row.source_line, row.fault, found.get(row.source_line))
        for row in planted.itertuples()
        if row.source_line not in found
        or found[row.source_line][0] != row.expected
        or row.fault not in found[row.source_line][1]
    ]
    assert not missed, missed[:10]
    assert set(planted["fault"]) >= {
        "missing_coordinates", "swapped_coordinates", "datum_contradicts_address", "in_sea",
        "outside_city", "duplicate_code", "bad_check_character", "negative_revenue",
        "unknown_industry_code", "undecodable_text", "non_finite_coordinates",
    }  # fmt: skip


def test_nothing_else_is_found(
    planted: pd.DataFrame, found: dict[int, tuple[str, set[str]]]
) -> None:
    truth = dict(zip(planted["source_line"], planted["fault"], strict=True))
    extra = [
        (line, codes, truth.get(line))
        for line, (_, codes) in found.items()
        if line not in truth or codes - {truth[line]} - CONSEQUENCES.get(truth[line], set())
    ]
    assert not extra, extra[:10]


def test_read_is_accepted_plus_rejected(outcome: dict[str, Any], study: Study) -> None:
    counts = outcome["counts"]
    assert counts["read"] == counts["accepted"] + counts["rejected"]
    assert counts["accepted"] == pq.read_metadata(study.root / "firms.parquet").num_rows
    with (study.root / "rejects.csv").open(encoding="utf-8-sig", newline="") as handle:
        assert sum(1 for _ in csv.DictReader(handle)) == counts["rejected"]
    assert counts == study.manifest.counts


def test_every_firm_has_a_district_or_a_reason(study: Study) -> None:
    firms = study.firms([DISTRICT, LOCATION]).to_pandas()
    located = firms[LOCATION].isin(["inside", "snapped"])
    assert (firms[DISTRICT].notna() == located).all()
    assert set(firms[LOCATION]) <= {"inside", "snapped", "outside", "no_coordinates"}


def test_firms_lie_along_a_hilbert_curve(outcome: dict[str, Any], study: Study) -> None:
    table = pq.read_table(study.root / "firms.parquet", columns=[LON, LAT, LINE])
    told = json.loads(pq.read_metadata(study.root / "firms.parquet").metadata[b"row_order"])
    lon, lat, line = (table[name].to_numpy() for name in (LON, LAT, LINE))
    places = hilbert_places(lon, lat, told["bounds"])
    assert np.array_equal(np.lexsort((line, places)), np.arange(len(line)))
    assert outcome["spilled_bytes"] == 0
    assert {path.name for path in study.root.iterdir() if path.is_dir()} == {
        "zones", "layers", "results",
    }  # fmt: skip


def test_codes_counted_before_find_the_same_repeats(
    study: Study, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # as of a table whose codes are too many for memory
    monkeypatch.setattr(ingest, "is_large", lambda info: True)
    monkeypatch.setattr(ingest, "CodeCensus", partial(CodeCensus, held_codes=3_000))
    again = CliRunner().invoke(
        group, ["run", str(folder / "in"), "--out", str(folder / "again"), "--json"],
        catch_exceptions=False,
    )  # fmt: skip
    assert json.loads(again.stdout)["spilled_bytes"] > 0
    for name in ("firms.parquet", "rejects.csv", "quality.json"):
        assert (folder / "again" / name).read_bytes() == (study.root / name).read_bytes(), name


@pytest.mark.parametrize("counting", ["primary", "fractional", "full"])
def test_totals_hold_to_the_firm_and_the_yuan(study: Study, counting: str) -> None:
    year = study.manifest.years[-1]
    firms = study.firms([REVENUE.of(year), *SECTORS, *SHARES]).to_pandas()
    tags = firms[list(SECTORS)].notna().sum(axis=1).to_numpy()
    times = np.maximum(tags, 1) if counting == "full" else np.ones(len(firms), dtype=int)
    for measure, expected in (
        ("firms", int(times.sum())),
        ("revenue", int((firms[REVENUE.of(year)].fillna(0).astype("int64") * times).sum())),
    ):
        result = run(study, MixParams(measure=measure, counting=counting))
        total = result.tables["matrix"].loc["total", "total"]
        assert total == pytest.approx(expected, abs=1e-9 if measure == "firms" else 0.5)
        check = result.tables["check"].set_index("measure").loc[measure]
        assert check["primary"] + check["excess"] == pytest.approx(check["full"])


def test_shares_of_a_tagged_firm_sum_to_one(study: Study) -> None:
    shares = study.firms(list(SHARES)).to_pandas().fillna(0).sum(axis=1)
    assert set(shares.astype(int)) == {0, 1000}


def test_overlay_is_not_in_the_totals(study: Study) -> None:
    table = run(study, MixParams()).tables["matrix"]
    assert "QH" not in table.index
    assert list(study.zones["overlay"]["id"]) == ["QH"]
    assert len(study.zones["district"]) == 11


def test_sectors_of_the_truth_are_recovered(study: Study, folder: Path) -> None:
    truth = pd.read_csv(folder / "in" / "truth" / "firms.csv", keep_default_na=False)
    firms = study.firms([LINE, *SECTORS]).to_pandas().set_index(LINE)
    wanted = truth.set_index("source_line")["true_sectors"].reindex(firms.index)
    hits = false = missed = 0
    for want, row in zip(wanted, firms[list(SECTORS)].itertuples(index=False), strict=True):
        expected, got = set(filter(None, want.split(";"))), {s for s in row if isinstance(s, str)}
        hits += len(expected & got)
        false += len(got - expected)
        missed += len(expected - got)
    assert 2 * hits / (2 * hits + false + missed) >= 0.95


def test_the_study_says_what_it_is_made_of(study: Study, folder: Path) -> None:
    manifest = yaml.safe_load((study.root / "study.yaml").read_text("utf-8"))
    roles = {entry["role"] for entry in manifest["inputs"]}
    assert {"firms", "district", "subdistrict", "park"} <= roles
    assert all(len(entry["sha256"]) == 64 for entry in manifest["inputs"])
    assert manifest["synthetic"] is True
    assert manifest["parameters"]["datum"] == "wgs84"


def test_a_second_run_gives_the_same_study(study: Study, folder: Path) -> None:
    ran = CliRunner().invoke(
        group, ["run", str(folder / "in"), "--out", str(folder / "again"), "--json"]
    )
    assert ran.exit_code == 0, ran.output
    again = read_study(folder / "again").manifest
    assert again.files == study.manifest.files


def test_planted_orientations_come_out_as_paths(study: Study) -> None:
    """From the files to the paths: nine districts of eleven at least, the others mixed."""
    scores = find("paths").run(study, find("paths").params()).tables["scores"]
    expected = facts.city_table("shenzhen", "districts").set_index("id")["expected_path_primary"]
    words = {"前沿创新": "frontier", "应用融合": "fusion", "新兴领域拓展": "emerging"}
    right = scores["path"] == expected[scores.index].map(words)
    assert right.sum() >= 9
    assert (scores.loc[~right, "path"] == "mixed").all()
    assert (scores.loc[~right, "reason"] == "margin").all()
    assert scores["stability"].between(0, 1).all()
