"""The sector mix is arithmetic that can be done by hand on a small cube."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from layout.analyses.mix import MixParams, run
from layout.analyses.registry import ANALYSES, find
from layout.core.config import parse_params
from layout.core.errors import LayoutError, ParameterError
from layout.core.study import Manifest, Study
from layout.prepare.dimensions import DIMENSIONS, MEASURES

YI = 100_000_000


def zone_frame(ids: tuple[str, ...]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"id": ids, "name_zh": ids, "name_en": ids, "approximate": False},
        geometry=[box(i, 0, i + 1, 1) for i in range(len(ids))],
        crs="EPSG:4326",
    )


def cube_row(zone: str, sector: str, firms: int, revenue: int = 0, **other: object) -> dict:
    row = {"zone_id": zone, "sector": sector, "scope": "core", "tier": "small"}
    row |= {"status": "active", "year": 0}
    row |= dict.fromkeys(MEASURES, 0)
    row |= {"firms": firms, "firms_milli": firms * 1000, "firms_full": firms}
    row |= {"revenue_cny": revenue, "revenue_milli": revenue * 1000, "revenue_full_cny": revenue}
    return row | other


@pytest.fixture
def study() -> Study:
    rows = [
        cube_row("A", "S01", 30, 3 * YI),
        cube_row("A", "S02", 10, firms_full=14),
        cube_row("A", "untagged", 60),
        cube_row("B", "S01", 10),
        cube_row("B", "S02", 4),
        cube_row("B", "untagged", 86),
        cube_row("A", "S01", 2, 120 * YI, tier="leading"),
        cube_row("B", "S02", 3, 60 * YI, tier="key", scope="fusion"),
        cube_row("B", "untagged", 1, 90 * YI, tier="leading"),
        cube_row("outside", "S01", 5),
        cube_row("no_coordinates", "untagged", 7),
        cube_row("A", "S01", 20, year=2020),
    ]
    cube = pd.DataFrame(rows)[[*DIMENSIONS, *MEASURES]]
    manifest = Manifest(
        schema_version=1, version="0", created="2026-01-01T00:00:00+00:00", city="shenzhen",
        synthetic=True, years=(2020, 2021), inputs=(), parameters={}, counts={}, files={},
    )  # fmt: skip
    return Study(Path(), manifest, {"district": zone_frame(("A", "B"))}, {"district": cube}, {})


def test_matrix_keeps_every_firm(study: Study) -> None:
    table = run(study, MixParams()).tables["matrix"]
    assert list(table.index) == ["A", "B", "outside", "no_coordinates", "total"]
    assert list(table.columns[:2]) == ["S01", "S02"]
    assert list(table.columns[-2:]) == ["untagged", "total"]
    assert table.loc["A", ["S01", "S02", "untagged", "total"]].tolist() == [32, 10, 60, 102]
    assert table.loc["total", "total"] == 30 + 10 + 60 + 10 + 4 + 86 + 2 + 3 + 1 + 5 + 7
    assert table.loc["no_coordinates", "untagged"] == 7


def test_quotient_uses_all_firms_of_located_zones(study: Study) -> None:
    quotient = run(study, MixParams(min_firms=5)).tables["location_quotient"]
    assert quotient.loc["A", "S01"] == pytest.approx((32 / 102) / (42 / 206))
    assert quotient.loc["B", "S02"] == pytest.approx((7 / 104) / (17 / 206))
    assert np.isnan(quotient.loc["A", "S03"])


def test_quotients_of_few_firms_are_left_out(study: Study) -> None:
    quotient = run(study, MixParams(min_firms=8)).tables["location_quotient"]
    assert np.isnan(quotient.loc["B", "S02"])
    assert not np.isnan(quotient.loc["B", "S01"])


def test_plan_counts_count_tagged_firms_once_and_nested(study: Study) -> None:
    counts = run(study, MixParams(counting="full")).tables["counts"]
    assert counts.set_index("target_id")["firms"].to_dict() == {"T-11": 2, "T-12": 5}


def test_excess_of_full_counting_is_told(study: Study) -> None:
    check = run(study, MixParams()).tables["check"].set_index("measure")
    assert check.loc["firms", "excess"] == 4
    assert check.loc["firms", "primary"] == check.loc["firms", "fractional"]


@pytest.mark.parametrize(
    ("settings", "total"),
    [({"scope": "fusion"}, 3), ({"tiers": ("leading",)}, 3), ({"year": 2020}, 20)],
)
def test_filters_choose_rows(study: Study, settings: dict, total: int) -> None:
    table = run(study, MixParams(**settings)).tables["matrix"]
    assert table.loc["total", "total"] == total


def test_settings_out_of_bounds_are_told_together() -> None:
    with pytest.raises(ParameterError) as error:
        parse_params(MixParams, {"counting": "half", "min_firms": -1, "colour": 3})
    message = str(error.value)
    assert all(name in message for name in ("counting", "min_firms", "colour"))


def test_every_registered_analysis_has_documented_settings() -> None:
    for analysis in ANALYSES.values():
        assert callable(analysis.run)
        for field in analysis.params.model_fields.values():
            assert field.description
            assert "|" in str(field.title)


def test_unknown_analysis_is_refused() -> None:
    with pytest.raises(ParameterError, match="mix"):
        find("nothing")


def test_chosen_sectors_and_districts_are_drawn(study: Study) -> None:
    result = run(study, MixParams(sectors=("S02",), districts=("B",), draw="lq"))
    drawn = result.tables["drawn"]
    assert list(drawn.index) == ["B"]
    assert drawn.loc["B", "amount"] == 7
    assert drawn.loc["B", "share"] == pytest.approx(7 / 104)
    assert drawn.loc["B", "lq"] == pytest.approx((7 / 104) / (17 / 206))
    assert result.layers[0].column == "lq"
    assert list(result.layers[0].frame["id"]) == ["B"]
    assert result.tables["headline"].loc[0, ["firms", "tagged", "fusion"]].tolist() == [104, 7, 3]


def test_unknown_figures_are_not_zero(study: Study) -> None:
    cube = study.cubes["district"]
    cube["revenue_known"] = (cube["revenue_cny"] > 0).astype(int)
    table = run(study, MixParams(measure="revenue")).tables["matrix"]
    assert np.isnan(table.loc["B", "S01"])
    assert table.loc["A", "S01"] == 123 * YI
    assert table.loc["A", "S03"] == 0


def test_unknown_sector_and_district_are_told_together(study: Study) -> None:
    with pytest.raises(LayoutError) as error:
        run(study, MixParams(sectors=("S99",), districts=("X",)))
    assert "S99" in str(error.value)
    assert "X" in str(error.value)


def test_fractions_that_round_above_their_total_are_no_fault(study: Study) -> None:
    cube = study.cubes["district"].copy()
    tagged = (cube["sector"] != "untagged") & (cube["zone_id"] == "A")
    cube = cube[tagged | (cube["zone_id"] == "B")].reset_index(drop=True)
    cube["revenue_known"] = cube["firms"]
    for seed in range(40):
        cube["revenue_milli"] = np.random.default_rng(seed).integers(1, 10**15, len(cube))
        broken = replace(study, cubes={"district": cube})
        drawn = run(broken, MixParams(measure="revenue", counting="fractional")).tables["drawn"]
        assert (drawn["amount"] > 0).all()


def test_intervals_stand_beside_every_way_of_counting(study: Study) -> None:
    table = run(study, MixParams(min_firms=5)).tables["intervals"]
    row = table.loc[("A", "S01")]
    assert row["lq_primary"] == pytest.approx((32 / 102) / (42 / 206))
    assert row["low"] < row["lq_primary"] < row["high"]
    assert row["verdict"] == "over"
    assert row["firms_full"] == 32
    assert table.loc[("A", "S02"), "firms_full"] == 14
    assert 1 < row["shrunk"] < row["lq_primary"]
    small = table.loc[("B", "S03")]
    assert np.isnan(small["lq_primary"])
    assert small["verdict"] == "few"
