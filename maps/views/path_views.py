"""What the paths page needs of results beyond drawing: who is compared, who was clicked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import pandas as pd
from shapely.geometry import Point

from layout.analyses.paths.settings import PATHS

MOST: Final = 4
"""Districts side by side."""


def district_at(zones: gpd.GeoDataFrame, lat: float, lon: float) -> str | None:
    """Id of the district that holds a point (WGS 84), None outside all."""
    found = zones.loc[zones.geometry.covers(Point(lon, lat)), "id"]
    return str(found.iloc[0]) if len(found) else None


def first_districts(scores: pd.DataFrame) -> list[str]:
    """One district a path, the one with most tagged firms: a comparison to start with."""
    chosen = []
    for path in PATHS:
        own = scores[scores["path"] == path]
        if len(own):
            chosen.append(str(own["tagged"].idxmax()))
    rest = scores["tagged"].sort_values(ascending=False, kind="stable").index
    for name in rest:
        if len(chosen) < 2 and name not in chosen:
            chosen.append(str(name))
    return chosen


def with_clicked(chosen: Sequence[str], clicked: str) -> list[str]:
    """The clicked district first, the others after it, no more than fit side by side."""
    return [clicked, *(name for name in chosen if name != clicked)][:MOST]


def strongest(plane: pd.DataFrame, action: str, number: int = 3) -> list[tuple[str, float]]:
    """Sectors of an action with their figure: quotient where present, gain where to be built."""
    own = plane[(plane["action"] == action) & (plane["action_share"] >= 0.5)]
    if action == "deepen":
        own = own[~own["small"]]
    column = "gain" if action == "build" else "quotient"
    own = own.sort_values(by=column, ascending=action == "leave", kind="stable").head(number)
    return [(str(code), float(value)) for code, value in zip(own.index, own[column], strict=True)]
