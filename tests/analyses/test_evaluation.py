"""The index on firms that can be counted by hand; unknown values, refusals, firmness of ranks."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from shapely.geometry import Point, box

from layout.analyses.evaluation import DIMENSIONS, EvaluationParams, run
from layout.core import facts
from layout.core.config import parse_params
from layout.core.errors import LayoutError, MeasureError, ParameterError
from layout.core.result import Result
from layout.core.study import Manifest, Study

YI = 100_000_000
IDS = ("NS", "LH", "DP")


def firm_rows() -> pd.DataFrame:
    """NS: 60 firms, LH: 30, DP: 10; one firm without a sector and one outside."""
    rows = [
        {
            "district_id": district,
            "sector_1": f"S{i % 10 + 1:02d}",
            "scope": "fusion" if i % 5 == 0 else "core",
            "park_id": "P1" if i % 2 == 0 else None,
            "industry_code": "6513" if i % 3 else "6520",
            "high_tech": None if i % 4 == 3 else i % 4 == 0,
            "revenue_cny_2021": 1 * YI,
            "revenue_cny_2023": int(1.21 * YI) if district == "NS" else 1 * YI,
        }
        for district, number in zip(IDS, (60, 30, 10), strict=True)
        for i in range(number)
    ]
    rows.append({**rows[0], "sector_1": None})
    rows.append({**rows[0], "district_id": None})
    return pd.DataFrame(rows)


def build(folder: Path, *, years: tuple[int, ...] = (2021, 2023), **layers: Any) -> Study:
    table = pa.Table.from_pandas(firm_rows(), preserve_index=False)
    pq.write_table(table, folder / "firms.parquet")
    zones = gpd.GeoDataFrame(
        {"id": IDS, "name_zh": IDS, "name_en": IDS, "approximate": False, "area_km2": [10.0] * 3},
        geometry=[box(i, 0, i + 1, 1) for i in range(3)],
        crs="EPSG:4326",
    )
    manifest = Manifest(
        schema_version=1, version="0", created="2026-01-01T00:00:00+00:00", city="shenzhen",
        synthetic=True, years=years, inputs=(), parameters={}, counts={}, files={},
    )  # fmt: skip
    return Study(folder, manifest, {"district": zones}, {}, {}, layers=layers)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return build(tmp_path_factory.mktemp("evaluation"))


def answer(study: Study, **settings: Any) -> Result:
    return run(study, parse_params(EvaluationParams, {"draws": 0} | settings))


def test_indicators_of_districts_by_hand(study: Study) -> None:
    table = answer(study).tables["indicators"]
    assert table["D-SC1"].to_list() == pytest.approx([60, 30, 10])
    assert table.loc["NS", "D-SC2"] == pytest.approx(100 * 72.6 / 112.6)
    assert table["D-SC3"].to_list() == pytest.approx([10, 0, 0])
    assert table.loc["NS", "D-IN2"] == pytest.approx(100 * 15 / 45)
    assert table["D-AP1"].to_list() == pytest.approx([20] * 3)
    assert table["D-CL1"].to_list() == pytest.approx([50] * 3)
    assert table["D-AP2"].to_list() == pytest.approx([30] * 3)
    assert table["D-IF1"].isna().all()
    carriers = facts.city_table("shenzhen", "carriers")
    kinds = ("研究院", "实验室", "创新中心", "攻关基地")
    mine = carriers["type"].isin(kinds) & (carriers["district_id"] == "NS")
    assert table.loc["NS", "D-IN1"] == pytest.approx(mine.sum() / 60 * 1000)


def test_indicators_of_sectors_by_hand(study: Study) -> None:
    table = answer(study, subject="sector").tables["indicators"]
    assert table.loc["S01", "S-SC1"] == pytest.approx(10)
    assert np.isnan(table.loc["S11", "S-IN1"])  # no firm: nothing to divide by
    assert table.loc["S11", "S-SC1"] == 0
    assert table.loc["S01", "S-CL2"] == pytest.approx(0)  # spread as all digital firms are
    assert table.loc["S01", "S-AP1"] == 100
    assert table.loc["S02", "S-AP1"] == 0


def test_scores_are_the_weighted_mean_of_scaled_indicators(study: Study) -> None:
    tables = answer(study).tables
    used = tables["weights"].dropna(subset="weight")
    assert used["weight"].sum() == pytest.approx(1)
    values, scaled = tables["indicators"], tables["scaled"]
    low, high = used["low"], used["high"]
    by_hand = ((values[used.index] - low) / (high - low)).clip(0, 1)
    pd.testing.assert_frame_equal(scaled[used.index], by_hand, check_names=False)
    known = by_hand.notna() * used["weight"]
    expected = (by_hand.fillna(0) * known).sum(axis=1) / known.sum(axis=1)
    assert tables["scores"]["score"].to_list() == pytest.approx(expected.to_list())


def test_what_is_unknown_stays_out_and_says_so(study: Study) -> None:
    result = answer(study)
    about = result.tables["weights"]
    assert about.loc["D-IF1", "left_out"] == "unknown"
    assert about.loc["D-AP1", "left_out"] == "constant"
    assert np.isnan(about.loc["D-IF1", "weight"])
    assert any("5G基站密度" in note.zh for note in result.notes)
    for column in ("basis_zh", "source_zh", "basis_en", "source_en"):
        assert about[column].ne("").all()
    dimensions = result.tables["dimensions"]
    assert dimensions["application"].isna().all()  # not 0
    assert any("应用" in note.zh for note in result.notes)


def test_missing_values_exclude_or_rescale(study: Study) -> None:
    rescaled = answer(study, subject="sector")
    excluded = answer(study, subject="sector", missing="exclude")
    assert excluded.tables["scores"].loc[["S11", "S12"], "score"].isna().all()
    assert rescaled.tables["scores"].loc["S11", "score"] >= 0
    assert rescaled.tables["scores"].loc["S11", "known_pct"] < 50
    assert rescaled.tables["scores"].loc["S01", "known_pct"] == pytest.approx(100)


def test_stations_count_where_the_layer_is_loaded(tmp_path: Path) -> None:
    points = gpd.GeoDataFrame(geometry=[Point(0.5, 0.5), Point(0.6, 0.5), Point(1.5, 0.5)],
                              crs="EPSG:4326")  # fmt: skip
    result = answer(build(tmp_path, stations=points))
    assert result.tables["indicators"]["D-IF1"].to_list() == pytest.approx([0.2, 0.1, 0])
    assert result.tables["weights"].loc["D-IF1", "weight"] > 0


def test_growth_is_undefined_with_one_year(tmp_path: Path) -> None:
    result = answer(build(tmp_path, years=(2023,)))
    assert result.tables["indicators"]["D-SC3"].isna().all()
    assert result.tables["weights"].loc["D-SC3", "left_out"] == "one_year"
    assert any("增速未定义" in note.zh for note in result.notes)


@pytest.mark.parametrize("weighting", ["equal", "entropy", "critic"])
@pytest.mark.parametrize("aggregation", ["additive", "geometric", "topsis"])
@pytest.mark.parametrize("normaliser", ["bounds", "minmax", "rank"])
def test_every_way_gives_scores(
    study: Study, weighting: str, aggregation: str, normaliser: str
) -> None:
    result = answer(study, weighting=weighting, aggregation=aggregation, normaliser=normaliser)
    assert result.tables["scores"]["score"].notna().all()
    assert result.tables["scores"]["rank"].min() == 1


def judgments(weights: dict[str, float]) -> dict[str, float]:
    return {f"{a}/{b}": weights[a] / weights[b] for a, b in combinations(DIMENSIONS, 2)}


def test_judgments_give_weights_and_their_consistency(study: Study) -> None:
    wanted = dict(zip(DIMENSIONS, (7.0, 5.0, 3.0, 3.0, 2.0, 1.0, 1.0), strict=True))
    result = answer(study, weighting="ahp", judgments=judgments(wanted))
    consistency = result.tables["consistency"].iloc[0]
    assert consistency["ratio"] == pytest.approx(0, abs=1e-9)
    assert consistency["random_index"] == "saaty"
    about = result.tables["weights"]
    shares = about.groupby("dimension")["weight"].sum()
    assert shares["scale"] / shares["innovation"] == pytest.approx(7 / 5)


def test_judgments_that_contradict_each_other_are_refused_with_the_worst(study: Study) -> None:
    wrong = judgments(dict.fromkeys(DIMENSIONS, 1.0)) | {"scale/chain": 9.0}
    wrong |= {"innovation/scale": 1.0, "scale/platforms": 1 / 9, "platforms/chain": 1 / 9}
    wrong.pop("scale/innovation")
    wrong.pop("chain/platforms")
    with pytest.raises(MeasureError, match="consistency ratio") as fault:
        answer(study, weighting="ahp", judgments=wrong)
    assert fault.value.values["first"] in DIMENSIONS


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"weighting": "set", "weights": dict.fromkeys(DIMENSIONS, 0.2)}, "1.4"),
        ({"weighting": "set", "weights": {"scale": 1.0}}, "innovation"),
        ({"weighting": "ahp", "judgments": {"scale/innovation": 2.0}}, "scale/application"),
        ({"aggregation": "geometric", "normaliser": "z"}, "geometric"),
    ],
)
def test_settings_that_make_no_sense_are_refused(
    study: Study, settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(LayoutError) as fault:
        answer(study, **settings)
    assert words in fault.value.message("en")
    assert fault.value.message("zh")


def test_a_study_without_digital_firms_is_told(tmp_path: Path) -> None:
    study = build(tmp_path)
    rows = firm_rows().assign(sector_1=None).astype({"sector_1": "str"})
    rows["sector_1"] = None
    schema = pq.read_schema(tmp_path / "firms.parquet")
    table = pa.Table.from_pandas(rows, schema=schema, preserve_index=False)
    pq.write_table(table, tmp_path / "firms.parquet")
    with pytest.raises(MeasureError) as fault:
        answer(study)
    assert fault.value.key == "error.evaluation_nothing"


def test_rank_intervals_hold_the_rank_and_repeat_with_the_seed(study: Study) -> None:
    first = answer(study, draws=60).tables["scores"]
    again = answer(study, draws=60).tables["scores"]
    pd.testing.assert_frame_equal(first, again)
    other = answer(study, draws=60, seed=7).tables["scores"]
    assert not first.equals(other)
    for kind in ("weights", "firms", "rank"):
        assert (first[f"{kind}_low"] <= first[f"{kind}_high"]).all()
    assert (first["rank_low"] >= 1).all()
    assert (first["rank_high"] <= 3).all()
    assert first["first_share"].sum() == pytest.approx(1)
    firm = answer(study, draws=60, concentration=10_000).tables["scores"]
    width = first["weights_high"] - first["weights_low"]
    assert ((firm["weights_high"] - firm["weights_low"]) <= width).all()


def test_unknown_settings_are_told() -> None:
    with pytest.raises(ParameterError):
        parse_params(EvaluationParams, {"normaliser": "sum"})
