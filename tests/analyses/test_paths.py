"""Paths of districts: planted ones come out, unknown stays out, what is set is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from layout.analyses.paths import MODEL, PATHS, PathsParams, answer, gather, run
from layout.analyses.paths.cells import count_cells, resampled
from layout.analyses.paths.evidence import Evidence
from layout.core import facts
from layout.core.config import parse_params
from layout.core.errors import FaultsError, ParameterError
from layout.core.result import Result
from layout.core.study import Study
from layout.measures.quotient_inference import location_quotient_inference
from layout.measures.relatedness import relatedness_density

PARAMS = PathsParams(draws=60)


@pytest.fixture(scope="module")
def study(planted_city: Study) -> Study:
    return planted_city


@pytest.fixture(scope="module")
def evidence(study: Study) -> Evidence:
    return gather(study, PARAMS)


@pytest.fixture(scope="module")
def result(study: Study, evidence: Evidence) -> Result:
    return answer(study, PARAMS, evidence)


def test_planted_orientations_come_out(result: Result) -> None:
    scores = result.tables["scores"]
    expected = facts.city_table("shenzhen", "districts").set_index("id")["expected_path_primary"]
    words = {"前沿创新": "frontier", "应用融合": "fusion", "新兴领域拓展": "emerging"}
    expected = expected.map(words)[scores.index]
    clear = scores["path"] != "mixed"
    assert (scores.loc[clear, "path"] == expected[clear]).all()
    assert clear.sum() >= 9
    assert (scores.loc[~clear, "reason"] == "margin").all()
    assert (scores.loc[~clear, "margin"] < PARAMS.margin).all()


def test_every_active_firm_is_in_one_cell(study: Study) -> None:
    cells = count_cells(study, units="subdistrict", counting="fractional")
    firms = study.firms(["status", "district_id", "sector_1"]).to_pandas()
    active = firms[firms["status"] == "active"]
    assert cells.count.sum() == len(active)
    by_district = np.bincount(cells.district, cells.count)
    known = active["district_id"].value_counts()[list(cells.districts)]
    assert by_district.tolist() == known.tolist()
    tagged = (cells.shares.sum(axis=1) * cells.count).sum()
    assert tagged == pytest.approx(active["sector_1"].notna().sum())


def test_resampled_counts_keep_mean_and_spread(study: Study) -> None:
    cells = count_cells(study, units="subdistrict", counting="primary")
    drawn = resampled(cells, draws=200, seed=3)
    assert (drawn[0] == cells.count).all()
    totals = drawn[1:].sum(axis=1)
    n = cells.count.sum()
    assert totals.mean() == pytest.approx(n, abs=4 * np.sqrt(n / 200))
    assert totals.std() == pytest.approx(np.sqrt(n), rel=0.2)


def test_indicators_are_the_measures_of_the_firm_table(study: Study, result: Result) -> None:
    firms = study.firms(
        ["status", "district_id", "sector_1", "industry_code", "established"]
    ).to_pandas()
    firms = firms[firms["status"] == "active"]
    counts = pd.crosstab(firms["district_id"], firms["sector_1"].fillna("untagged"))
    shrunk = location_quotient_inference(counts)["shrunk"].unstack()[list(facts.sector_ids())]
    priors = facts.reference("path_priors").set_index("sector")[list(PATHS)].astype(float)
    value = result.tables["indicators"]["value"].unstack()
    weighted = shrunk @ priors / priors.sum()
    for name, path in (("FR1", "frontier"), ("FU1", "fusion"), ("EM1", "emerging")):
        assert value[name].to_numpy() == pytest.approx(weighted.loc[value.index, path].to_numpy())
    code = firms["industry_code"].astype(str)
    research = code.isin(["6511", "6512", "6520"]) | code.str.startswith("73")
    share = research.groupby(firms["district_id"]).mean()[value.index]
    assert value["FR3"].to_numpy() == pytest.approx(share.to_numpy())
    tagged = firms[firms["sector_1"].notna()]
    young = pd.to_datetime(tagged["established"]) > pd.Timestamp("2018-12-31")
    share = young.groupby(tagged["district_id"]).mean()[value.index]
    assert value["EM2"].to_numpy() == pytest.approx(share.to_numpy())


def test_density_is_that_of_the_measure(result: Result) -> None:
    plane, phi = result.tables["plane"], result.tables["proximity"]
    table = plane["firms"].unstack()[list(facts.sector_ids())]
    density = relatedness_density(table, phi)
    assert plane["ease"].unstack()[list(table)].to_numpy() == pytest.approx(density.to_numpy())


def test_unknown_indicator_stays_out_and_is_said(result: Result) -> None:
    indicators = result.tables["indicators"]
    space = indicators.xs("EM4", level="indicator_id")
    assert space["value"].isna().all()
    assert not space["known"].any()
    findings = result.tables["findings"]
    caution = findings[findings["rule"] == "finding.caution"]
    assert caution["zh"].str.contains("新增空间").all()
    assert result.tables["scores"]["emerging"].notna().all()


def test_without_carriers_the_indicator_is_unknown_and_not_zero(study: Study) -> None:
    bare = run(replace(study, layers={}), PathsParams(draws=20))
    rate = bare.tables["indicators"]["value"].xs("FR2", level="indicator_id")
    assert rate.isna().all()
    assert bare.tables["scores"]["frontier"].notna().all()


def test_override_stands_and_is_said(study: Study, evidence: Evidence) -> None:
    params = PARAMS.model_copy(update={"overrides": ("LH=fusion",)})
    found = answer(study, params, evidence).tables
    row = found["scores"].loc["LH"]
    assert (row["path"], row["override"], row["scored"]) == ("fusion", "fusion", "emerging")
    said = found["findings"].loc["LH"]
    assert "应用融合" in said.loc[said["rule"] == "finding.override", "zh"].iloc[0]
    assert "stands" in said.loc[said["rule"] == "finding.override", "en"].iloc[0]


def test_weights_of_all_on_one_indicator_follow_it(study: Study, evidence: Evidence) -> None:
    weights = ("FR1=0", "FR2=1", "FR3=0")
    params = PARAMS.model_copy(update={"weights": weights})
    tables = answer(study, params, evidence).tables
    scaled = tables["indicators"]["scaled"].xs("FR2", level="indicator_id")
    assert tables["scores"]["frontier"].to_numpy() == pytest.approx(scaled.to_numpy())
    assert any("FR2" in note.zh for note in answer(study, params, evidence).notes)


def test_faults_of_settings_are_told_together(study: Study) -> None:
    params = PathsParams(
        weights=("FR1=0.9", "XX=0.1", "FU1=two", "EM1"), priors=("S01=0.5/0.5", "S99=1/0/0"),
        overrides=("LH=best", "ZZ=fusion"),
    )  # fmt: skip
    with pytest.raises(FaultsError) as caught:
        run(study, params)
    said = caught.value.message("en")
    for part in ("XX", "two", "EM1", "S01", "S99", "best", "ZZ"):
        assert part in said
    with pytest.raises(ParameterError, match=r"sum to 1\.4 .*FR1=0\.9"):
        run(study, PathsParams(weights=("FR1=0.9",)))
    with pytest.raises(ParameterError, match=r"S01 should sum to 1 but sum to 0\.9"):
        run(study, PathsParams(priors=("S01=0.8/0.1/0",)))


def test_chance_has_a_seed(study: Study, evidence: Evidence, result: Result) -> None:
    again = answer(study, PARAMS, gather(study, PARAMS))
    for name, table in result.tables.items():
        pd.testing.assert_frame_equal(table, again.tables[name])
    other = answer(study, PARAMS.model_copy(update={"seed": 2}), evidence)
    assert not other.tables["cloud"].equals(result.tables["cloud"])
    assert result.provenance.seed == 1


def test_figures_of_findings_stand_where_they_are_said_to_stand(result: Result) -> None:
    for _, row in result.tables["findings"].iterrows():
        for place in row["trace"].split("; "):
            if "[" not in place:
                continue
            head, _, said = place.partition(" = ")
            table, _, rest = head.partition("[")
            label, _, column = rest.partition("].")
            key = tuple(label.split(", ")) if ", " in label else label
            value = result.tables[table].loc[key, column]
            assert said == (f"{value:.4g}" if isinstance(value, float) else str(value))


def test_findings_are_whole_in_both_languages(result: Result) -> None:
    for column in ("zh", "en"):
        words = result.tables["findings"][column]
        assert not words.str.contains(r"[{}]|nan|None", regex=True).any()
    assert result.tables["findings"]["zh"].str.contains("[\u4e00-\u9fff]").all()


def test_map_says_whose_proposal_it_is(result: Result) -> None:
    layer = result.layers[0]
    assert "分析建议" in layer.title.zh
    assert set(layer.categories) == {*PATHS, "mixed"}
    assert len(layer.frame) == 11
    assert any("方案" in note.zh and "分析建议" in note.zh for note in result.notes)


def test_a_city_without_firms_says_unknown(study: Study, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    empty = study.firms().slice(0, 0)
    pq.write_table(empty, tmp_path / "firms.parquet")
    found = run(replace(study, root=tmp_path), PathsParams(draws=20)).tables
    assert (found["scores"]["reason"] == "unknown").sum() >= 9
    assert (found["plane"]["action"] == "unknown").all()


def test_settings_are_parsed_by_name() -> None:
    assert parse_params(MODEL, {"margin": 0.2}).margin == 0.2
    with pytest.raises(ParameterError):
        parse_params(MODEL, {"margin": 2})
