"""The targets on a cube small enough to count by hand, and figures that may not be mixed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from layout.analyses.targets import TargetsParams, run
from layout.core import facts
from layout.core.config import parse_params
from layout.core.errors import LayoutError, ParameterError
from layout.core.result import Result
from layout.core.study import Manifest, Study
from layout.prepare.dimensions import DIMENSIONS, MEASURES

YI = 100_000_000


def cube_row(zone: str, sector: str, firms: int, revenue: int = 0, **other: object) -> dict:
    row = {"zone_id": zone, "sector": sector, "scope": "core", "tier": "small"}
    row |= {"status": "active", "year": 0}
    row |= dict.fromkeys(MEASURES, 0)
    row |= {"firms": firms, "firms_milli": firms * 1000, "firms_full": firms}
    row |= {"revenue_cny": revenue, "revenue_milli": revenue * 1000, "revenue_full_cny": revenue}
    row |= {"revenue_known": firms if revenue else 0}
    return row | other


def rows_of(year: int, growth: float) -> list[dict]:
    return [
        cube_row("A", "S01", 2, int(1000 * YI * growth), tier="leading", year=year),
        cube_row("A", "S02", 3, int(60 * YI), tier="key", year=year),
        cube_row("B", "S02", 1, int(90 * YI * growth), tier="leading", year=year),
        cube_row("B", "S03", 1, 99 * YI, tier="leading", year=year),
        cube_row("B", "untagged", 5, 700 * YI, tier="leading", year=year),
        cube_row("B", "untagged", 1, 700 * YI, tier="key", year=year, scope="outside"),
        cube_row("A", "S04", 7, tier="unknown", year=year),
    ]


def build(years: tuple[int, ...] = (2020, 2021)) -> Study:
    rows = [row for i, year in enumerate(years) for row in rows_of(year, 1 + 0.2 * i)]
    rows += rows_of(0, 1 + 0.2 * (len(years) - 1))
    cube = pd.DataFrame(rows)[[*DIMENSIONS, *MEASURES]]
    zones = gpd.GeoDataFrame(
        {"id": ["A", "B"], "name_zh": ["甲", "乙"], "name_en": ["A", "B"], "approximate": False},
        geometry=[box(i, 0, i + 1, 1) for i in range(2)],
        crs="EPSG:4326",
    )
    manifest = Manifest(
        schema_version=1, version="0", created="2026-01-01T00:00:00+00:00", city="shenzhen",
        synthetic=True, years=years, inputs=(), parameters={}, counts={}, files={},
    )  # fmt: skip
    return Study(Path("nowhere"), manifest, {"district": zones}, {"district": cube}, {})


def answer(study: Study | None = None, **settings: Any) -> Result:
    return run(study or build(), parse_params(TargetsParams, settings))


def figure(**other: Any) -> dict[str, Any]:
    return {
        "target": "T-01", "year": 2021, "value": 1700.0, "basis": "stat_industry",
        "source": "公报",
    } | other  # fmt: skip


@pytest.mark.parametrize(
    ("base_year", "bases"),
    [(2020, (1572.9, 5871.6, 7351.6)), (2019, (1476.9, 5092.4, 6635.0))],
)
def test_the_table_reproduces_the_bases_and_recomputes_with_the_base_year(
    base_year: int, bases: tuple[float, ...]
) -> None:
    table = answer(base_year=base_year).tables["targets"]
    assert tuple(table["implied_base"].head(3).round(1)) == bases
    assert (table["base_year"].head(3) == base_year).all()
    assert len(table) == 16
    assert (table.loc[["T-01", "T-02", "T-03"], "standing"] == "unknown").all()
    assert table.loc[["T-01", "T-02", "T-03"], "attainment"].isna().all()


def test_typed_figures_give_attainment_path_and_flag_equality() -> None:
    result = answer(
        figures=(figure(), figure(target="T-03", year=2023, value=10000.0, basis="miit_software"))
    )
    table = result.tables["targets"]
    assert table.loc["T-01", "attainment"] == pytest.approx(1700 / 1900)
    assert table.loc["T-01", "path_value"] == pytest.approx(1675.2, abs=0.05)
    assert table.loc["T-01", "on_path"]
    assert table.loc["T-01", "standing"] == "short"
    assert table.loc["T-03", "standing"] == "met_equal"
    assert table.loc["T-03", "actual_source"] == "公报"
    paths = result.tables["paths"]
    assert paths.loc[("T-01", 2021), "actual"] == 1700
    assert paths.loc[("T-01", 2022), "path_value"] == pytest.approx(1784.0, abs=0.05)


def test_growth_needs_the_figure_of_the_year_before() -> None:
    paths = answer(figures=(figure(year=2020, value=1601.03), figure(value=1700.0))).tables["paths"]
    assert pd.isna(paths.loc[("T-01", 2020), "growth_pct"])
    assert paths.loc[("T-01", 2021), "growth_pct"] == pytest.approx((1700 / 1601.03 - 1) * 100)


@pytest.mark.parametrize(
    ("figures", "keys"),
    [
        ((figure(basis="stat_section_i"),), ["error.mixed_basis"]),
        ((figure(basis="draft_2020"),), ["error.mixed_basis"]),
        ((figure(target="T-02", basis="core_industries_2021"),), ["error.mixed_basis"]),
        ((figure(), figure(value=1800.0)), ["error.figure_twice"]),
        ((figure(price="real"),), ["error.mixed_price"]),
        ((figure(basis="rumour"), figure(target="T-99")), ["error.unknown_ids"] * 2),
    ],
)
def test_figures_of_another_definition_are_refused(
    figures: tuple[dict[str, Any], ...], keys: list[str]
) -> None:
    with pytest.raises(LayoutError) as fault:
        answer(figures=figures, price="nominal")
    found = [one.key for one in getattr(fault.value, "faults", (fault.value,))]
    assert found[: len(keys)] == keys
    for lang in ("zh", "en"):
        assert fault.value.message(lang)


def test_the_refusal_names_both_definitions() -> None:
    with pytest.raises(ParameterError, match="value added of the digital economy") as fault:
        answer(figures=(figure(basis="stat_section_i"),))
    assert "市统计局·门类I营业收入" in fault.value.message("zh")


def test_large_firms_are_nested_or_not() -> None:
    nested = answer().tables
    assert nested["large_firms"].loc[0].to_dict() == {
        "over_50": 4, "over_10": 7, "revenue_unknown": 7,
    }  # fmt: skip
    assert nested["targets"].loc["T-12", "actual"] == 7
    apart = answer(nested=False).tables
    assert apart["targets"].loc["T-12", "actual"] == 3
    assert apart["targets"].loc["T-11", "actual"] == 4
    assert answer(population="industry").tables["targets"].loc["T-11", "actual"] == 9
    assert nested["large_by_district"].loc["B", "over_50"] == 2
    assert nested["targets"].loc["T-11", "actual_kind"] == "synthetic"


def test_clusters_of_a_thousand_count_once_or_twice() -> None:
    table = answer(year=2020).tables["clusters"]
    # S01 is exactly 1,000 亿元; S03 with 99 亿元 is below a hundred; S04 is not known
    assert table["size_class"].to_dict() | {} == {
        **dict.fromkeys(facts.sector_ids(), "unknown"),
        "S01": "thousand", "S02": "hundred", "S03": "smaller",
    }  # fmt: skip
    for larger, hundred in ((False, 1), (True, 2)):
        targets = answer(year=2020, larger_counts=larger).tables["targets"]
        assert targets.loc["T-13", "actual"] == 1
        assert targets.loc["T-14", "actual"] == hundred


def test_series_alert_where_they_fall_below_their_path() -> None:
    series = answer().tables["sector_series"]
    assert not series.loc[("S01", 2021), "below"]  # grew by 20 %, asked for 15.3 %
    assert series.loc[("S02", 2021), "below"]  # (60 + 108) / 150 = 1.12
    assert series.loc[("S02", 2021), "ratio"] == pytest.approx(1.12 / 1.153)
    assert pd.isna(series.loc[("S04", 2021), "below"])
    districts = answer().tables["district_series"]
    assert not districts.loc[("A", 2021), "below"]
    assert districts.loc[("B", 2021), "below"]


@pytest.mark.parametrize(
    ("years", "reason"),
    [((2020,), "只有一个年份"), ((2021, 2022), "没有基期年份")],
)
def test_growth_is_undefined_without_a_base(years: tuple[int, ...], reason: str) -> None:
    result = answer(build(years))
    assert result.tables["sector_series"]["path_cny"].isna().all()
    assert result.tables["sector_series"]["below"].isna().all()
    assert any(reason in note.zh for note in result.notes)


def test_new_carriers_and_facilities_are_counted_and_lie_on_the_map() -> None:
    result = answer()
    carriers = result.tables["carriers"]
    layer = result.layers[0].frame
    assert result.tables["targets"].loc["T-07", "actual"] == carriers["new"].sum()
    assert carriers.to_numpy().sum() == len(
        [t for t in facts.city_table("shenzhen", "carriers")["type"]
         if t in ("研究院", "实验室", "创新中心", "攻关基地")]
    )  # fmt: skip
    assert layer.geometry.is_empty.sum() == 0
    facilities = result.tables["facilities"]
    assert facilities.loc["关键技术平台", "number"] >= facilities.loc["关键技术平台", "located"]


def test_a_year_the_study_does_not_have_is_refused() -> None:
    with pytest.raises(ParameterError, match="2019"):
        answer(year=2019)


def test_figures_do_not_depend_on_the_order_of_rows() -> None:
    study = build()
    shuffled = replace(
        study, cubes={"district": study.cubes["district"].sample(frac=1, random_state=3)}
    )
    again = answer(shuffled).tables
    for name, table in answer(study).tables.items():
        pd.testing.assert_frame_equal(table, again[name])
