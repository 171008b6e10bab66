"""Cities that hardly are one: every analysis of clusters still has an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from layout.analyses.registry import ANALYSES
from layout.core import columns as c
from layout.core.result import Result
from layout.core.study import Study
from layout.pipeline.export_result import export_result

FIRMS = 1_000
QUICK: dict[str, dict[str, object]] = {
    "mix": {},
    "clusters": {"simulations": 99},
    "localization": {"simulations": 39, "steps": 5},
    "hotspots": {"permutations": 99, "width_m": 1000},
    "chains": {},
    "scales": {},
    "headquarters": {},
}


def _replaced(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)


def _one_building(table: pa.Table) -> pa.Table:
    for name in (c.LON, c.LAT):
        table = _replaced(table, name, pa.array(np.full(len(table), table[name][0].as_py())))
    for name in (c.DISTRICT, c.SUBDISTRICT, c.PARK):
        same = pa.array([table[name][0].as_py()] * len(table), table[name].type)
        table = _replaced(table, name, same)
    return table


def _without_sector(table: pa.Table) -> pa.Table:
    return table.filter(pc.fill_null(pc.not_equal(table[c.SECTOR_1], "S08"), True))


def _without_tags(table: pa.Table) -> pa.Table:
    return table.filter(pc.is_null(table[c.SECTOR_1]))


def _without_districts(table: pa.Table) -> pa.Table:
    kept = pc.is_in(table[c.DISTRICT], pa.array(["NS", "FT"], table[c.DISTRICT].type))
    return table.filter(kept)


def _without_revenue(table: pa.Table) -> pa.Table:
    for year in c.YEARS:
        name = c.REVENUE.of(year)
        table = _replaced(table, name, pa.nulls(len(table), table[name].type))
    return table


CHANGES: dict[str, Callable[[pa.Table], pa.Table]] = {
    "one firm": lambda table: table.slice(0, 1),
    "no firm": lambda table: table.slice(0, 0),
    "one building": _one_building,
    "a sector without firms": _without_sector,
    "no firm of any sector": _without_tags,
    "districts without firms": _without_districts,
    "revenue unknown": _without_revenue,
}


@pytest.fixture(scope="module", params=CHANGES)
def odd(
    request: pytest.FixtureRequest,
    planted: Callable[..., Study],
    tmp_path_factory: pytest.TempPathFactory,
) -> Study:
    def change(table: pa.Table) -> pa.Table:
        scope = pa.array(["数据库产品研发；机器人制造"] * len(table))
        return CHANGES[request.param](table.append_column(c.BUSINESS_SCOPE, scope))

    return planted(tmp_path_factory.mktemp("odd"), firms=FIRMS, change=change)


def numbers(result: Result) -> Iterator[tuple[str, np.ndarray]]:
    for name, table in result.tables.items():
        for column in table.select_dtypes("floating"):
            yield f"{name}.{column}", table[column].to_numpy(dtype="float64")


@pytest.mark.parametrize("name", QUICK)
def test_every_analysis_has_an_answer(odd: Study, name: str, tmp_path) -> None:
    analysis = ANALYSES[name]
    result = analysis.run(odd, analysis.params.model_validate(QUICK[name]))
    for column, values in numbers(result):
        assert not np.isinf(values).any(), column
    if name != "mix":  # the exports of a study word its tables
        written = export_result(result, tmp_path, lang="zh", formats=("xlsx",))
        assert written
