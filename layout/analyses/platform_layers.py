"""What the platforms' maps show."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core.crs import STORED_CRS
from layout.core.result import Bilingual, LayerSpec
from layout.core.study import Study
from layout.geometry.tessellation import hexagons

_COLOURS: Final = {
    "key_technology": "#0072b2",
    "resources": "#009e73",
    "services": "#e69f00",
    "think_tank": "#cc79a7",
    "financing": "#d55e00",
}


def layers_of(
    study: Study,
    gaps: pd.DataFrame,
    cells: pd.DataFrame,
    at: npt.NDArray[np.int64],
    located: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    width_m: float,
    crs: str,
) -> tuple[LayerSpec, ...]:
    """Shortfall by subdistrict and hexagon, the platforms by type, the proposed sites."""
    zones = study.zones["subdistrict"]
    frame = zones.merge(gaps, left_on="id", right_index=True, how="left")
    grid = gpd.GeoDataFrame(
        cells.reset_index(drop=True),
        geometry=hexagons(at[:, 0], at[:, 1], width_m=width_m), crs=crs,
    ).to_crs(STORED_CRS)  # fmt: skip
    details = ("firms", "access_per_1000", "nearest_km", "beyond_reach")
    unit = Bilingual.of("platforms.unit.firms")
    return (
        LayerSpec(
            name="platform_gaps", kind="choropleth", frame=frame, column="shortfall",
            title=Bilingual.of("platforms.layer.gaps"), unit=unit, palette="cividis",
            details=details, id_column="id", approximate=bool(zones["approximate"].any()),
        ),
        LayerSpec(
            name="platform_gap_cells", kind="choropleth", frame=grid, column="shortfall",
            title=Bilingual.of("platforms.layer.cells"), unit=unit, palette="cividis",
            details=details, id_column="cell",
        ),
        LayerSpec(
            name="platforms", kind="points", frame=located, column="platform_type",
            title=Bilingual.of("platforms.layer.platforms"),
            categories={
                kind: (Bilingual.of(f"platform.{kind}"), colour)
                for kind, colour in _COLOURS.items()
            },
            details=("level", "position_uncertainty_m"), id_column="id",
        ),
        LayerSpec(
            name="platform_sites", kind="points", frame=sites.assign(proposal="new"),
            column="proposal", title=Bilingual.of("platforms.layer.sites"),
            categories={"new": (Bilingual.of("platforms.layer.sites"), "#d62728")},
            details=("rank", "firms_served"), id_column="candidate_id",
        ),
    )  # fmt: skip
