"""Localised sectors are called so, with distances; odd cities have an answer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from layout.analyses.localization import LocalizationParams, run, verdict
from layout.core import columns as c
from layout.core import facts
from layout.core.errors import FaultsError
from layout.core.headings import worded
from layout.core.result import Result
from layout.core.study import Study


def small(**more: object) -> LocalizationParams:
    given = {"sectors": ("S03", "S06"), "distance_m": 1000.0, "steps": 5, "simulations": 39}
    return LocalizationParams.model_validate(given | more)


@pytest.fixture(scope="module")
def result(planted_city: Study) -> Result:
    return run(planted_city, small())


def test_planted_sectors_are_localised(result: Result) -> None:
    table = result.tables["sectors"]
    assert list(table.index) == ["S03", "S06"]
    assert table["kd_verdict"].isin(["clustered", "both"]).all()
    assert (table["m_verdict"] == "clustered").all()
    assert (table["kd_from_m"] <= table["kd_to_m"]).all()
    assert (table["m_peak"] > 1).all()
    assert (table["gamma"] > 0.02).all()


def test_curves_hold_their_bands(result: Result) -> None:
    for name in ("kd", "m"):
        frame = result.tables[name]
        assert (frame["low_global"] <= frame["mean"]).all()
        assert (frame["mean"] <= frame["high_global"]).all()
        assert ((frame["observed"] > frame["high_global"]) == frame["clustered"]).all()


def test_pairs_and_matrix_agree(result: Result) -> None:
    pairs, matrix = result.tables["pairs"], result.tables["attraction"]
    assert len(pairs) == 144
    assert matrix.loc["S01", "S06"] == pairs.loc[("S01", "S06"), "m"]
    assert list(matrix.columns) == list(facts.sector_ids())
    sure = pairs["verdict"].isin(["attract", "repel"])
    assert (pairs.loc[sure, "q"] <= 0.05).all()
    together = result.tables["coagglomeration"]
    assert together.loc["S01", "S02"] == pytest.approx(together.loc["S02", "S01"])


def test_columns_have_words(result: Result) -> None:
    for name in ("sectors", "kd", "m", "pairs"):
        assert not [col for col in result.tables[name].columns if not worded(str(col))], name


def test_an_empty_sector_and_missing_sizes(planted_city: Study, tmp_path: Path) -> None:
    table = planted_city.firms().slice(0, 4_000)
    sector = table[c.SECTOR_1].to_pandas().astype(object)
    sector[sector == "S03"] = None
    place = table.column_names.index(c.SECTOR_1)
    table = table.set_column(place, c.SECTOR_1, pa.array(sector, type=pa.string()))
    year = c.EMPLOYEES.of(planted_city.manifest.years[-1])
    unknown = pa.nulls(table.num_rows, pa.int64())
    table = table.set_column(table.column_names.index(year), year, unknown)
    pq.write_table(table, tmp_path / "firms.parquet")
    study = replace(planted_city, root=tmp_path)
    found = run(study, small(weight="employees")).tables["sectors"]
    assert (found["kd_verdict"] == "unknown").all()
    assert found["undefined"].notna().all()
    assert found.loc["S06", "kd_missing"] > 0
    assert np.isnan(found.loc["S03", "gamma"])


def test_bad_settings_and_verdicts(planted_city: Study) -> None:
    with pytest.raises(FaultsError):
        run(planted_city, small(sectors=("S99",), statuses=("gone",)))
    assert verdict(0.01, 0.5, 0.05, None) == "clustered"
    assert verdict(0.5, 0.01, 0.05, None) == "dispersed"
    assert verdict(0.01, 0.01, 0.05, None) == "both"
    assert verdict(0.5, 0.5, 0.05, None) == "chance"
    assert verdict(np.nan, np.nan, 0.05, "undefined.no_points") == "unknown"
