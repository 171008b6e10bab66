"""Settings of the differentiation of districts and the functions of parks."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from layout.core.config import Params


class DifferentiationParams(Params):
    """Settings of the comparison of mixes."""

    counting: Literal["primary", "full"] = Field(
        "primary", title="计数方式 | Counting",
        description="primary: once, under the first sector; full: once in each of its sectors",
    )  # fmt: skip
    year: int = Field(
        0, ge=0, le=2100, title="年份 | Year", description="0: all accepted firms, latest figures"
    )
    competing_from: float = Field(
        0.9, ge=0.5, le=1, title="同构门槛 | Alike from",
        description="cosine of two districts' mixes from which on they compete",
    )  # fmt: skip
    special_from: float = Field(
        1.2, ge=1, le=3, title="共同优势门槛 | Shared strength from",
        description="location quotient from which on a sector is a strength two districts share",
    )  # fmt: skip
    radius_km: float = Field(
        3.0, gt=0, le=50, title="园区距离 | Distance of parks",
        description="kilometres within which parks with like functions overlap",
    )  # fmt: skip
    overlap_from: float = Field(
        0.8, ge=0.3, le=1, title="园区功能重叠门槛 | Parks alike from",
        description="cosine of two parks' mixes from which on their functions overlap",
    )  # fmt: skip
    reach_km: float = Field(
        3.0, gt=0, le=50, title="园区服务半径 | Reach of a park",
        description="kilometres from a park's edge within which facilities are counted for it",
    )  # fmt: skip
    micro_max_ha: float = Field(
        10.0, gt=0, le=1000, title="小微园区面积上限 | Micro park up to",
        description="hectares up to which a park is a 小微园区",
    )  # fmt: skip
    town_min_ha: float = Field(
        100.0, gt=0, le=10_000, title="小镇面积下限 | Town from",
        description="hectares from which on a park is a 小镇; between the two it is a 产业园",
    )  # fmt: skip
    few_firms: int = Field(
        10, ge=1, le=1000, title="企业偏少 | Few firms",
        description="tagged firms below which a park has few and its observed lead is unknown",
    )  # fmt: skip
    leads: int = Field(
        2, ge=1, le=5, title="主导领域数 | Lead sectors",
        description="observed lead sectors told of a park",
    )  # fmt: skip
    near_km: float = Field(
        3.0, gt=0, le=30, title="前海周边距离 | Around the overlay",
        description="kilometres within which subdistricts are neighbours of the overlay",
    )  # fmt: skip
    draws: int = Field(300, ge=20, le=5000, title="抽样次数 | Draws", description="of firms")
    level: float = Field(
        0.9, gt=0.5, lt=1, title="区间水平 | Level", description="of the intervals"
    )
    seed: int = Field(1, ge=0, title="随机种子 | Seed", description="of all draws")

    @model_validator(mode="after")
    def _ordered(self) -> DifferentiationParams:
        if self.micro_max_ha >= self.town_min_ha:
            raise ValueError("micro_max_ha must be less than town_min_ha")
        return self
