"""What is to be placed: each use as settings of the same machinery.

Weights, sizes and reaches are proposals of this tool to start from, not the plan's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from layout.core.result import Bilingual

PresetName = Literal[
    "data-centre", "edge-exchange", "identifier-node", "digital-park", "service-platform",
    "research-carrier",
]  # fmt: skip
Candidates = Literal["ground", "parcels", "parks"]
Model = Literal[
    "p_median", "capacitated_p_median", "maximal_covering", "set_covering", "p_center",
    "p_dispersion",
]  # fmt: skip


@dataclass(frozen=True)
class Preset:
    """Settings of a use.

    Attributes
    ----------
    sets
        Rule sets (beginnings of ``set`` in the table of rules).
    weights
        Weight by criterion.
    candidates
        Where sites come from: ``ground`` (regions that are found, and candidate parcels where
        there are any), ``parcels`` or ``parks``.
    site_ha, min_area_ha
        Size of a site and least area of its contiguous ground.
    sectors
        Linked demand; empty: all digital sectors.
    model, count
        How the set is chosen, and how many sites.
    radius_km
        Reach of a service by cable or road, for covering models.
    powered
        Whether power, racks and PUE are told.
    existing
        Layer of facilities that serve already; empty: none.
    platform
        Whether those are platforms, told apart by type.
    """

    sets: tuple[str, ...]
    weights: Mapping[str, float]
    candidates: Candidates
    site_ha: float
    min_area_ha: float
    sectors: tuple[str, ...]
    model: Model
    count: int
    radius_km: float
    powered: bool = False
    existing: str = ""
    platform: bool = False
    title: Bilingual = field(default_factory=lambda: Bilingual("", ""))


def _preset(name: str, **settings: object) -> tuple[str, Preset]:
    return name, Preset(title=Bilingual.of(f"siting.preset.{name}"), **settings)  # type: ignore[arg-type]


PRESETS: Final = MappingProxyType(
    dict(
        (
            _preset(
                "data-centre",
                sets=("GB50174", "PLANNING"),
                weights={"power": 0.22, "expansion": 0.12, "parks": 0.10, "slope": 0.08,
                         "roads": 0.06, "centres": 0.04, "fibre": 0.14, "latency": 0.06,
                         "demand": 0.06, "coolness": 0.05, "water": 0.04, "quiet": 0.03},
                candidates="ground", site_ha=4.0, min_area_ha=5.0, sectors=("S05",),
                model="p_median", count=5, radius_km=20.0, powered=True, existing="data_centres",
            ),
            _preset(
                "edge-exchange",
                sets=("GB50174", "PLANNING"),
                weights={"demand": 0.35, "fibre": 0.25, "power": 0.20, "latency": 0.10,
                         "roads": 0.05, "quiet": 0.05},
                candidates="parks", site_ha=0.5, min_area_ha=0.5, sectors=("S05", "S02", "S07"),
                model="maximal_covering", count=8, radius_km=8.0, powered=True,
                existing="exchange_points",
            ),
            _preset(
                "identifier-node",
                sets=("PLANNING",),
                weights={"demand": 0.55, "fibre": 0.20, "parks": 0.15, "carriers": 0.10},
                candidates="parks", site_ha=0.5, min_area_ha=0.5, sectors=("S08",),
                model="p_median", count=3, radius_km=15.0,
            ),
            _preset(
                "digital-park",
                sets=("PLANNING",),
                weights={"demand": 0.25, "expansion": 0.20, "metro": 0.20, "roads": 0.10,
                         "slope": 0.10, "carriers": 0.10, "water": 0.05},
                candidates="ground", site_ha=10.0, min_area_ha=12.0, sectors=(),
                model="p_median", count=5, radius_km=10.0,
            ),
            _preset(
                "service-platform",
                sets=("PLANNING",),
                weights={"demand": 0.50, "metro": 0.20, "parks": 0.15, "carriers": 0.15},
                candidates="parks", site_ha=0.5, min_area_ha=0.5, sectors=("S01",),
                model="maximal_covering", count=5, radius_km=6.0, existing="carriers",
                platform=True,
            ),
            _preset(
                "research-carrier",
                sets=("PLANNING",),
                weights={"carriers": 0.30, "demand": 0.30, "parks": 0.20, "metro": 0.15,
                         "quiet": 0.05},
                candidates="parks", site_ha=2.0, min_area_ha=2.0, sectors=("S02",),
                model="p_median", count=4, radius_km=10.0, existing="carriers",
            ),
        )
    )
)  # fmt: skip
