"""Marked firms by zone against a plain count, and what has a mark."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layout.analyses.marks import MARKS, MarkParams, by_zone, run, totals
from layout.core.study import Study
from layout.demo.city import write_city
from layout.pipeline.inputs import read_inputs
from layout.pipeline.run import run as run_city
from layout.readers.study import read_study

FIRM = st.tuples(st.integers(0, 3), st.booleans(), st.none() | st.integers(0, 1000))
IDS = ("a", "b", "c")


@given(rows=st.lists(FIRM, max_size=40), least=st.integers(1, 4))
def test_firms_are_counted_as_by_hand(rows: list[tuple[int, bool, int | None]], least: int) -> None:
    zone = np.array([row[0] for row in rows], dtype=np.int64)
    marked = np.array([row[1] for row in rows], dtype=bool)
    revenue = pd.Series([row[2] for row in rows], dtype=float)
    table = by_zone({"m": marked}, zone, revenue, IDS, min_firms=least).set_index("zone_id")
    inside = [row for row in rows if row[0] < 3]
    of_all = sum(row[1] for row in inside) / len(inside) if inside else 0
    for place, name in enumerate(IDS):
        here = [row for row in rows if row[0] == place]
        with_mark = [row for row in here if row[1]]
        found = table.loc[name]
        assert found["firms"] == len(with_mark)
        if len(with_mark) < least:
            assert found[["per_thousand", "lq", "revenue_cny"]].isna().all()
            continue
        share = len(with_mark) / len(here)
        assert found["per_thousand"] == pytest.approx(1000 * share)
        assert found["lq"] == pytest.approx(share / of_all)
        known = [row[2] for row in with_mark if row[2] is not None]
        assert found["revenue_cny"] == sum(known) if known else np.isnan(found["revenue_cny"])
    whole = totals({"m": marked}, zone, revenue, 3, min_firms=least).iloc[0]
    assert marked.sum() >= least or np.isnan(whole["revenue_cny"])
    assert whole["firms"] == marked.sum()
    assert whole["firms_in_zones"] == table["firms"].sum()


def test_design_of_integrated_circuits_is_one_class() -> None:
    codes = ["6520", "I6520", "652", "6521", "6512", "16520", "3973", "", None]
    column, read = MARKS["ic_design"]
    found = read(pa.table({column: pa.array(codes, pa.string())})).to_pylist()
    assert found == [True, True, True, True, False, False, False, False, None]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("marks")
    write_city(folder / "in", firms=600, seed=5)
    run_city(read_inputs(folder / "in").model_copy(update={"layers": {}}), folder / "study")
    return read_study(folder / "study")


@pytest.mark.parametrize("zones", ["district", "subdistrict", "park"])
def test_every_kind_of_zone(study: Study, zones: str) -> None:
    result = run(study, MarkParams.model_validate({"zones": zones}))
    table, whole = result.tables["marks"], result.tables["mark_totals"].set_index("mark")
    assert set(table["mark"]) == set(MARKS) == {spec.name for spec in result.layers}
    sums = table.groupby("mark")["firms"].sum()
    assert (sums.loc[whole.index] == whole["firms_in_zones"]).all()
    assert (whole["firms"] >= whole["firms_in_zones"]).all()
    assert whole["firms"].min() > 0
    assert len(table) == len(MARKS) * len(study.zones[zones])
