"""Columns are worded from the one place where each stands."""

from __future__ import annotations

import pytest

from layout.core.headings import heading, worded


@pytest.mark.parametrize(
    ("column", "zh"),
    [("credit_code", "统一社会信用代码"), ("kd", "距离密度"), ("racks", "标准机架数"),
     ("S02", "人工智能产业"), ("revenue_cny_2023", "营业收入 2023"), ("id", "编号")],
)  # fmt: skip
def test_a_column_is_found_wherever_it_stands(column: str, zh: str) -> None:
    assert heading(column, "zh") == zh


def test_an_unknown_column_keeps_its_name() -> None:
    assert heading("no_such_column", "en") == "no_such_column"
    assert not worded("no_such_column")
