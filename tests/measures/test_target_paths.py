"""The printed bases and paths of the plan (requirements 1.1), and what must hold of any."""

from __future__ import annotations

import math

import pytest

from layout.core.errors import MeasureError
from layout.measures.target_paths import implied_base, standing, target_path, yearly_growth_pct

PRINTED = {
    "T-01": (1900, 6.5, 1572.9, (1675.2, 1784.0), 1476.9),
    "T-02": (9000, 15.3, 5871.6, (6769.9, 7805.7), 5092.4),
    "T-03": (10000, 10.8, 7351.6, (8145.6, 9025.3), 6635.0),
}


@pytest.mark.parametrize("target", PRINTED)
def test_bases_and_paths_are_those_of_the_requirements_to_a_decimal(target: str) -> None:
    value, growth, base_2020, between, base_2019 = PRINTED[target]
    for base_year, expected in ((2020, base_2020), (2019, base_2019)):
        base = implied_base(value, growth, base_year=base_year, target_year=2023)
        assert round(base, 1) == expected
    path = target_path(value, growth, base_year=2020, target_year=2023)
    assert tuple(round(path[year], 1) for year in (2021, 2022)) == between
    assert path[2023] == pytest.approx(value)
    assert list(path.index) == [2020, 2021, 2022, 2023]


def test_the_base_lies_before_the_target() -> None:
    with pytest.raises(MeasureError):
        implied_base(100, 5, base_year=2023, target_year=2023)
    with pytest.raises(MeasureError):
        implied_base(100, -100, base_year=2020, target_year=2023)


def test_equality_with_a_break_through_is_met_and_flagged() -> None:
    assert standing(1900.0, 1900.0) == "met_equal"
    assert standing(1900.0, 1900.0, beyond=False) == "met"
    assert standing(1900.1, 1900.0) == "met"
    assert standing(1899.9, 1900.0) == "short"
    assert standing(math.nan, 1900.0) == "unknown"


def test_growth_is_undefined_without_two_years_or_a_base() -> None:
    assert yearly_growth_pct(100, 121, years=2) == pytest.approx(10)
    for first, last, years in ((100, 121, 0), (0, 5, 1), (math.nan, 5, 1), (5, math.nan, 1)):
        assert math.isnan(yearly_growth_pct(first, last, years=years))
