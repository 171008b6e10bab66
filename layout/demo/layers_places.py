"""Synthetic places with a type and a status: AI scenes, cross-border parks, creative venues.

Where they stand, their names, types and status are invented; no register of them is public with
places. Nothing here stands for a real scene, zone or venue.
"""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from layout.demo.layers_siting import Sheet
from layout.demo.plan import CityPlan

STATUSES: Final = (("在用", 0.6), ("在建", 0.25), ("规划", 0.15))
"""In use, being built, planned, with their shares: our assumption."""

SCENES: Final = ("智慧交通", "智慧医疗", "智慧政务", "智能制造", "智慧教育")
CROSS_BORDER: Final = ("跨境电商示范园区", "综合保税区")
VENUES: Final = ("博物馆", "美术馆", "图书馆", "文化馆", "创意设计园")


def make_ai_scenes(plan: CityPlan, seed: int) -> gpd.GeoDataFrame:
    """One AI demonstration scene in every second subdistrict."""
    return _places(plan, seed, 31, "AIS", "演示人工智能场景", SCENES, every=2)


def make_cross_border_parks(plan: CityPlan, seed: int) -> gpd.GeoDataFrame:
    """One cross-border park or bonded zone in every sixth subdistrict."""
    return _places(plan, seed, 32, "CBP", "演示跨境园区", CROSS_BORDER, every=6)


def make_creative_venues(plan: CityPlan, seed: int) -> gpd.GeoDataFrame:
    """One creative venue in every subdistrict."""
    return _places(plan, seed, 33, "CRV", "演示创意场所", VENUES, every=1)


def _places(
    plan: CityPlan, seed: int, part: int, prefix: str, name: str, types: tuple[str, ...], *,
    every: int,
) -> gpd.GeoDataFrame:  # fmt: skip
    sheet = Sheet(plan, seed, part)
    centres = sheet.centres[::every]
    points = centres + sheet.bell(len(centres), 2) * 600
    points = points[shapely.contains_xy(sheet.city, points[:, 0], points[:, 1])]
    steps = np.cumsum([share for _, share in STATUSES])[:-1]
    status = np.searchsorted(steps, sheet.draw(len(points)), side="right")
    kind = (sheet.draw(len(points)) * len(types)).astype(int)
    return sheet.frame(
        shapely.points(points), prefix,
        name_zh=[f"{name}{place + 1:03d}" for place in range(len(points))],
        type=[types[k] for k in kind],
        status=[STATUSES[k][0] for k in status],
        district_id=[None] * len(points),
    )  # fmt: skip
