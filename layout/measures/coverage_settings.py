"""What a coverage estimate is made with."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

from layout.measures.propagation import o2i_loss_38901
from layout.measures.tables import option

BLOCK_M: Final = 320.0
"""Aimed width of the blocks of cells that are judged and fitted as one, metres."""
BLOCK_CELLS: Final = (8, 32)
"""Least and most cells along a side of a block."""
TILE_BLOCKS: Final = 4
"""Blocks along a side of a tile, the work of one thread."""


@dataclass(frozen=True)
class CoverageSettings:
    """Choices of a coverage estimate.

    Attributes
    ----------
    threshold_dbm
        Expected level per resource element (SS-RSRP) from which a cell is covered. -105 dBm is a
        planner's habit, not a rule: no official text for it was found.
    margin_db
        Signals are followed to this much below the threshold; the radius of a station ends there.
    max_radius_m
        No station is followed farther; the model itself ends at 5 km.
    h_ut_m
        Height of the terminal above ground, metres.
    terrain_cap_db
        Most that an edge of terrain adds to the loss without line of sight, which already holds the
        bending over roofs.
    earth_factor
        Effective over true radius of the earth; infinite for a flat one.
    building
        Loss of walls: ``"low"`` (plain glass), ``"high"`` (coated glass) or the share of buildings
        with high loss, 0 to 1; the mean in dB.
    depth_m
        Way inside the building, metres, 0.5 dB each.
    sure
        Probability from which a cell counts as surely covered.
    products
        ``"all"``, or ``"basic"``: best server, its level and the number of servers alone.
    threads
        Threads to use; None: one a core.
    """

    threshold_dbm: float = -105.0
    margin_db: float = 10.0
    max_radius_m: float = 5000.0
    h_ut_m: float = 1.5
    terrain_cap_db: float = 20.0
    earth_factor: float = 4.0 / 3.0
    building: Literal["low", "high"] | float = "low"
    depth_m: float = 0.0
    sure: float = 0.9
    products: Literal["basic", "all"] = "all"
    threads: int | None = None

    def __post_init__(self) -> None:
        option("products", self.products, ("basic", "all"))
        bounds = {
            "threshold_dbm": (-150.0, 0.0),
            "margin_db": (0.0, 60.0),
            "max_radius_m": (10.0, 5000.0),
            "terrain_cap_db": (0.0, 100.0),
            "earth_factor": (0.1, math.inf),
            "depth_m": (0.0, 25.0),
            "sure": (0.0, 1.0),
        }
        for name, (least, most) in bounds.items():
            if not least <= getattr(self, name) <= most:
                option(name, getattr(self, name), (f"{least:g} … {most:g}",))
        if isinstance(self.building, str):
            option("building", self.building, ("low", "high"))
        elif not 0 <= self.building <= 1:
            option("building", self.building, ("low", "high", "0 … 1"))

    @property
    def floor_dbm(self) -> float:
        """Level to which signals are followed."""
        return self.threshold_dbm - self.margin_db

    def indoor_loss(self, frequency_ghz: float) -> float:
        """Mean loss into buildings, dB."""
        low = float(o2i_loss_38901(frequency_ghz, "low", depth_m=self.depth_m))
        high = float(o2i_loss_38901(frequency_ghz, "high", depth_m=self.depth_m))
        share = {"low": 0.0, "high": 1.0}.get(str(self.building))
        part = float(self.building) if share is None else share
        return (1 - part) * low + part * high
