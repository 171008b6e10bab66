"""Settings of the analysis of clusters."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from layout.core.config import Params

SizeMeasure = Literal["revenue", "revenue_tagged", "revenue_all"]


class ClusterParams(Params):
    """What is looked for, how, and what makes a cluster large."""

    sectors: tuple[str, ...] = Field(
        (), title="细分领域 | Sectors", description="ids, S01 to S12; empty: all"
    )
    together: bool = Field(
        False,
        title="合并为一组 | As one group",
        description="look for clusters of the chosen sectors together instead of each by itself",
    )
    counting: Literal["primary", "full"] = Field(
        "primary",
        title="计数方式 | Counting",
        description="primary: firms whose first sector it is; full: also second and third",
    )
    statuses: tuple[str, ...] = Field(
        (),
        title="登记状态 | Status",
        description="active, moved, cancelled, revoked, unknown; empty: all",
    )
    source: Literal["auto", "firms", "cells"] = Field(
        "auto",
        title="数据 | Data",
        description="firms one by one, or their counts by cells of 100 m (of a shared run); auto: "
        "cells above 2,000,000 firms",
    )
    method: Literal["relative", "dbscan", "hdbscan"] = Field(
        "relative",
        title="识别方法 | Method",
        description="relative: many firms of the sector and a share well above the city's; dbscan: "
        "dense firms of the sector; hdbscan: the same, split where parts hold together longer",
    )
    scale_m: float = Field(
        300.0,
        ge=50,
        le=3000,
        title="尺度（米） | Scale (m)",
        description="firms this near each other are neighbours",
    )
    min_firms: int = Field(
        10,
        ge=3,
        le=1000,
        title="最少企业数 | Minimum firms",
        description="firms of the sector within the scale that make a place dense, and that a "
        "cluster has at least",
    )
    min_quotient: float = Field(
        2.0,
        ge=0,
        le=100,
        title="最低集中倍数 | Minimum quotient",
        description="share within the scale over the share in the city (relative only)",
    )
    alpha: float = Field(
        0.05,
        gt=0,
        le=0.5,
        title="显著性水平 | Level",
        description="false discovery rate over the sectors: clusters with q up to this are shown",
    )
    simulations: int = Field(
        299,
        ge=99,
        le=9999,
        title="模拟次数 | Simulations",
        description="cities with the sector's label dealt anew; a lone cluster among twelve "
        "sectors takes at least 240 to be told from chance at 5 %",
    )
    seed: int = Field(0, ge=0, title="随机种子 | Seed", description="of the simulations")
    size_measure: SizeMeasure = Field(
        "revenue",
        title="规模口径 | Size measure",
        description="annual revenue of: the sector's firms in the cluster (revenue), all firms of "
        "the plan's sectors there (revenue_tagged), all firms there (revenue_all)",
    )
    thousand_yi: float = Field(
        1000.0,
        gt=0,
        title="千亿级下限（亿元） | Lower bound, 千亿 class (100 million yuan)",
        description="at least so much",
    )
    hundred_yi: float = Field(
        100.0,
        gt=0,
        title="百亿级下限（亿元） | Lower bound, 百亿 class (100 million yuan)",
        description="at least so much, and below the bound of the class above",
    )
    nested: bool = Field(
        False,
        title="千亿级计入百亿级 | Larger class counts in the smaller",
        description="whether clusters of the 千亿 class count towards the 百亿 target as well",
    )
    stars_measure: Literal["employees", "firms"] = Field(
        "employees",
        title="星级口径 | Star measure",
        description="what size, specialisation and focus are measured by",
    )
