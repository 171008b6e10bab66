"""Settings of the district profile."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from layout.core.config import Params


class ProfileParams(Params):
    """Settings of the profile."""

    year: int = Field(
        0, ge=0, le=2100, title="年份 | Year", description="0: all accepted firms, latest figures"
    )
    measure: Literal["firms", "revenue", "employees"] = Field(
        "revenue", title="增长指标 | Growth of",
        description="what shift-share is of; firms: those founded by the end of each year",
    )  # fmt: skip
    start: int = Field(
        0,
        ge=0,
        le=2100,
        title="起始年 | First year",
        description="of growth; 0: first of the panel",
    )
    end: int = Field(
        0, ge=0, le=2100, title="结束年 | Last year", description="of growth; 0: last of the panel"
    )
    special_from: float = Field(
        1.2, ge=0.5, le=5, title="专业化门槛 | Specialised from",
        description="location quotient from which on a district is specialised",
    )  # fmt: skip
    min_firms: int = Field(
        5, ge=0, le=1000, title="最少企业数 | Minimum firms",
        description="a quotient of fewer firms is masked (small numbers)",
    )  # fmt: skip
    alpha: float = Field(
        0.1, gt=0, lt=0.5, title="显著性水平 | Alpha",
        description="one minus the level of intervals, and the false discovery rate",
    )  # fmt: skip


MODEL = ProfileParams
