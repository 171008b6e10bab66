"""What ground is judged by: each criterion once, with fixed bounds and its group of the plan.

Groups are the plan's: 规模化 (scale), 集约化 (intensive use), 智能化 (intelligence) and
绿色化 (green). Bounds are proposals of this tool, fixed in advance so that ranks do not hang on
what else is looked at. A criterion whose layer is missing is listed and left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import ndimage

from layout.analyses.siting.demand import Demand
from layout.analyses.siting.ground import Ground, Values
from layout.analyses.siting.rules import Target
from layout.core.result import Bilingual
from layout.measures.suitability import Transform

Group = Literal["scale", "intensive", "intelligent", "green"]
GROUPS: Final[tuple[Group, ...]] = ("scale", "intensive", "intelligent", "green")

FIBRE_US_PER_KM: Final = 4.9
"""Light in glass, microseconds a kilometre."""

MEAN_CELSIUS: Final = 23.0
"""Yearly mean at sea level that temperatures start from: an estimate for a coast at 22.5° N."""

LAPSE_PER_M: Final = 0.0065
"""Cooling with height, °C a metre (international standard atmosphere)."""

ANCHOR: Final = Target("exchange_points", "kind", ("anchor",))
"""The national exchange that latency is counted to."""


@dataclass(frozen=True)
class Site:
    """What criteria are measured with beside the ground.

    Attributes
    ----------
    demand
        Linked firms.
    allowed
        Cells that no hard rule excludes.
    route_factor
        Length of a cable over the straight line.
    contiguous_ha
        Hectares of contiguous allowed ground of each cell, where they are known already.
    """

    demand: Demand
    allowed: npt.NDArray[np.bool_]
    route_factor: float
    contiguous_ha: Values | None = None


Measure = Callable[[Ground, Site], Values | None]


@dataclass(frozen=True)
class Criterion:
    """One criterion.

    Attributes
    ----------
    id
        Its words are the texts ``siting.criterion.<id>`` and ``siting.measured.<id>``.
    group
        Group of the plan.
    transform
        From the unit to 0…1, bounds fixed.
    unit
        Of the measured value.
    needs
        Layers without which it cannot be measured.
    measure
        Value of each cell of the city; None where a layer is missing.
    """

    id: str
    group: Group
    transform: Transform
    unit: Bilingual
    needs: tuple[str, ...]
    measure: Measure

    @property
    def title(self) -> Bilingual:
        """Its name."""
        return Bilingual.of(f"siting.criterion.{self.id}")

    @property
    def column(self) -> str:
        """Its column in tables of sites: the score, 0 to 1."""
        return f"score_{self.id}"


_METRES, _HECTARES = Bilingual("米", "m"), Bilingual("公顷", "ha")
_PER_CENT, _MS = Bilingual("%", "%"), Bilingual("毫秒", "ms")
_CELSIUS = Bilingual("℃", "°C")


def _near(target: Target) -> Measure:
    def measure(ground: Ground, site: Site) -> Values | None:
        return ground.distance(target)

    return measure


def _power(ground: Ground, site: Site) -> Values | None:
    """Distance to a substation that is known to have capacity to spare."""
    frame = ground.frame("substations")
    if frame is None or "spare_mva" not in frame.columns:
        return None
    spare = pd.to_numeric(frame["spare_mva"], errors="coerce")
    return ground.measured(frame.geometry[spare > 0])


def _expansion(ground: Ground, site: Site) -> Values | None:
    """Hectares of the contiguous allowed ground that a cell belongs to."""
    if site.contiguous_ha is not None:
        return site.contiguous_ha
    labels, count = ndimage.label(ground.full(site.allowed, False), output=np.int32)
    cells = np.bincount(labels.ravel(), minlength=count + 1).astype(np.float32)
    cells[0] = 0
    flat: Values = (cells * np.float32(ground.grid.cell_m**2 / 1e4))[labels.ravel()[ground.cells]]
    return flat


def _slope(ground: Ground, site: Site) -> Values | None:
    return ground.slope


def _latency(ground: Ground, site: Site) -> Values | None:
    """Round trip in fibre to the anchor exchange, milliseconds, without equipment."""
    metres = ground.distance(ANCHOR)
    if metres is None or np.isinf(metres).all():
        return None
    return metres * np.float32(site.route_factor * 2 * FIBRE_US_PER_KM / 1e6)


def _temperature(ground: Ground, site: Site) -> Values | None:
    if ground.height is None:
        return None
    return np.float32(MEAN_CELSIUS) - np.float32(LAPSE_PER_M) * np.maximum(ground.height, 0)


def _demand(ground: Ground, site: Site) -> Values | None:
    """Per cent of the city's linked firms within 5 km."""
    return site.demand.share_within(ground, 5_000.0)


_ALL: Final = (
    Criterion("power", "scale", Transform("linear", 6_000, 300), _METRES, ("substations",), _power),
    Criterion("expansion", "scale", Transform("linear", 2, 60), _HECTARES, (), _expansion),
    Criterion("parks", "intensive", Transform("linear", 2_500, 0), _METRES, (),
              _near(Target("parks"))),
    Criterion("slope", "intensive", Transform("linear", 15, 2), _PER_CENT, ("terrain",), _slope),
    Criterion("roads", "intensive", Transform("linear", 4_000, 200), _METRES, ("roads",),
              _near(Target("roads"))),
    Criterion("centres", "intensive", Transform("linear", 12_000, 500), _METRES,
              ("data_centres",), _near(Target("data_centres"))),
    Criterion("metro", "intensive", Transform("linear", 2_000, 300), _METRES, ("metro_lines",),
              _near(Target("metro_lines"))),
    Criterion("carriers", "intelligent", Transform("linear", 8_000, 300), _METRES,
              ("carriers",), _near(Target("carriers"))),
    Criterion("fibre", "intelligent", Transform("linear", 10_000, 500), _METRES,
              ("exchange_points",), _near(Target("exchange_points"))),
    Criterion("latency", "intelligent", Transform("linear", 1.5, 0.1), _MS,
              ("exchange_points",), _latency),
    Criterion("demand", "intelligent", Transform("linear", 0, 10), _PER_CENT, (), _demand),
    Criterion("coolness", "green", Transform("linear", 23.5, 21), _CELSIUS, ("terrain",),
              _temperature),
    Criterion("water", "green", Transform("linear", 6_000, 200), _METRES, ("water",),
              _near(Target("water"))),
    Criterion("quiet", "green", Transform("linear", 50, 500), _METRES, ("housing",),
              _near(Target("housing"))),
)  # fmt: skip

CRITERIA: Final = MappingProxyType({criterion.id: criterion for criterion in _ALL})


@dataclass(frozen=True)
class Judged:
    """Criteria that could be measured.

    Attributes
    ----------
    criteria
        In order.
    scores
        Criteria × cells of the city, 0 to 1; NaN where there is no data.
    missing
        Layers that are lacking, by criterion that is not considered.
    """

    criteria: tuple[Criterion, ...]
    scores: npt.NDArray[np.float32]
    missing: dict[str, tuple[str, ...]]


def lacking(ground: Ground, criterion: Criterion) -> tuple[str, ...]:
    """Layers that a criterion needs and the study does not have."""
    return tuple(
        name
        for name in criterion.needs
        if name not in ground.study.layers and name not in ground.study.rasters
    )
