"""Charts of the comparison: nothing cut, unknown apart from zero, a district and the city."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from layout.analyses.mix import MixParams, run
from layout.core import facts
from layout.core.result import Result
from layout.core.study import Study
from maps.render.charts import mix_bars, quotient_classes, quotient_heat
from maps.views.classes import QUOTIENT_EDGES, classify
from maps.views.comparison import CITY, city_amounts, profile, shares_with_city
from maps.views.palettes import DIVERGING, PALETTES


def spec(chart: Any) -> dict[str, Any]:
    return dict(json.loads(chart.to_json()))


def rows(made: dict[str, Any]) -> list[dict[str, Any]]:
    return list(next(iter(made["datasets"].values())))


@pytest.fixture(scope="module")
def result(study: Study) -> Result:
    return run(study, MixParams())


@pytest.fixture(scope="module")
def labels(result: Result) -> dict[str, str]:
    return {i: f"name {i}" for i in result.tables["share"].index}


def test_every_sector_is_in_the_legend(result: Result, labels: dict[str, str]) -> None:
    made = spec(mix_bars(result.tables["share"], labels, "zh", title="比重"))
    colour = made["encoding"]["color"]
    assert len(colour["scale"]["domain"]) == len(set(colour["scale"]["domain"])) == 12
    assert colour["legend"]["symbolLimit"] >= 12


def test_a_bar_is_the_whole_of_its_zone(result: Result, labels: dict[str, str]) -> None:
    made = rows(spec(mix_bars(result.tables["share"], labels, "en", title="share")))
    totals = pd.DataFrame(made).groupby("zone")["share"].sum()
    assert len(totals)
    assert (totals - 1).abs().max() < 1e-12


def test_stressed_zones_stand_out(result: Result, labels: dict[str, str]) -> None:
    own = next(iter(labels))
    shares = result.tables["share"]
    for stressed, strengths in (((), {1.0}), ([own], {1.0, 0.45})):
        made = spec(mix_bars(shares, labels, "zh", title="比重", stressed=stressed))
        assert {row["strength"] for row in rows(made)} == strengths
        test = made["encoding"]["y"]["axis"]["labelFontWeight"]["condition"]["test"]
        assert (labels[own] in test) == bool(stressed)


def test_quotients_have_the_classes_and_colours_of_the_map() -> None:
    ours = classify(pd.Series([0.1, 3.0]), palette=DIVERGING)
    assert tuple(quotient_classes()) == ours.labels
    assert PALETTES[DIVERGING] == ours.colours


def test_a_quotient_on_an_edge_is_in_the_upper_class() -> None:
    sector = facts.sector_ids()[0]
    values = (0.0, 0.49, *QUOTIENT_EDGES, float("nan"))
    table = pd.DataFrame({sector: values}, index=[f"z{i}" for i in range(len(values))])
    made = rows(spec(quotient_heat(table, {i: i for i in table.index}, "zh")))
    low, *rest = quotient_classes()
    assert [row["class"] for row in made[:-1]] == [low, low, *rest]
    assert made[-1]["lq"] is None
    assert made[-1]["shown"].startswith("不显示")


def test_the_city_is_all_firms_inside_it(study: Study, result: Result) -> None:
    matrix = result.tables["matrix"]
    inside = matrix.loc[list(study.zones["district"]["id"])].sum()
    assert city_amounts(matrix).equals(inside.rename(CITY))
    one = str(result.tables["share"].index[0])
    filtered = run(study, MixParams(districts=(one,)))
    assert city_amounts(filtered.tables["matrix"]).equals(inside.rename(CITY))
    assert list(shares_with_city(filtered).index) == [CITY, one]


def test_a_profile_sets_a_district_beside_the_city(result: Result) -> None:
    own = str(result.tables["matrix"].loc[result.tables["share"].index, "total"].idxmax())
    table = profile(result, own)
    assert list(table.index) == list(facts.sector_ids())
    assert table["share"].sum() == pytest.approx(1)
    assert table["city_share"].sum() == pytest.approx(1)
    assert table["difference"].sum() == pytest.approx(0)
    assert table.loc[table["amount"] == 0, "rank"].isna().all()
    assert (table.loc[table["amount"] > 0, "rank"] >= 1).all()


def test_a_district_without_firms_has_no_shares_and_no_rank(result: Result) -> None:
    amounts = result.tables["matrix"].loc[result.tables["share"].index]
    empty = str(amounts.index[amounts["total"] == 0][0])
    table = profile(result, empty)
    assert table[["share", "difference", "lq", "rank"]].isna().all(axis=None)
    assert (table["amount"] == 0).all()
