"""Power, racks and policy gates of a data centre.

PUE is all power over IT power. Without a meter it is an estimate from climate and cooling; the
estimate says so and gives a range.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from layout.core.errors import MeasureError

Gate = Literal["priority", "supported", "no_new", "forbidden"]
Cooling = Literal["air", "water", "evaporative", "cold_plate", "immersion"]
RackClass = Literal["super", "large", "medium", "small"]

HOURS: Final = 8760
"""Hours of a year."""

STANDARD_RACK_KW: Final = 2.5
"""IT power of a standard rack (Guangdong plan of 2021–2025)."""

PUE_GATES: Final[tuple[tuple[float, Gate], ...]] = (
    (1.25, "priority"),
    (1.30, "supported"),
    (1.50, "no_new"),
)
"""Upper bounds, included, of the Guangdong plan; above the last it is forbidden."""

OPEN_GATES: Final = ("priority", "supported")
"""Gates that let new building and expansion pass."""

RACK_CLASSES: Final[tuple[tuple[float, RackClass], ...]] = (
    (10_000, "super"),
    (3_000, "large"),
    (1_000, "medium"),
)
"""Lower bounds, included, in standard racks (Guangdong plan); below the last it is small."""


@dataclass(frozen=True)
class CoolingEstimate:
    """PUE of a cooling system at a yearly mean of 22 °C, and how it changes.

    Attributes
    ----------
    pue
        At 22 °C.
    per_degree
        Change for each degree warmer.
    half_range
        Half-width of what would not surprise.
    """

    pue: float
    per_degree: float
    half_range: float


COOLING: Final = MappingProxyType(
    {
        "air": CoolingEstimate(1.50, 0.010, 0.10),
        "water": CoolingEstimate(1.32, 0.008, 0.08),
        "evaporative": CoolingEstimate(1.26, 0.007, 0.06),
        "cold_plate": CoolingEstimate(1.18, 0.004, 0.05),
        "immersion": CoolingEstimate(1.10, 0.002, 0.04),
    }
)
"""Our estimates, not measured: set about the yearly figures disclosed for centres of a subtropical
city (1.21, 1.228, 1.244 with modern systems; 1.31 with water cooling in 2019)."""


def energy_gwh(
    it_mw: npt.ArrayLike, pue: npt.ArrayLike, *, load_share: npt.ArrayLike = 1.0
) -> npt.NDArray[np.float64]:
    r"""Electricity of a year: :math:`P_{IT} \cdot u \cdot PUE \cdot 8760 / 1000`, GWh.

    Parameters
    ----------
    it_mw
        Installed IT power, MW.
    pue
        1 or more.
    load_share
        Mean IT load over installed IT power, 0 to 1.

    Raises
    ------
    MeasureError
        A PUE is below 1, a power is negative or a share is not within 0 to 1.
    """
    power, factor, share = (np.asarray(v, np.float64) for v in (it_mw, pue, load_share))
    wrong = (factor < 1).any() or (power < 0).any() or (share < 0).any() or (share > 1).any()
    if wrong:
        raise MeasureError("error.energy", power=it_mw, pue=pue, share=load_share)
    result: npt.NDArray[np.float64] = power * share * factor * HOURS / 1000
    return result


def load_share(
    energy: npt.ArrayLike, it_mw: npt.ArrayLike, pue: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """Mean IT load over installed IT power, from a year's electricity in GWh.

    1,760 racks of 4 kW that take 48.47 GWh at PUE 1.228 are 64 % loaded.
    """
    full = energy_gwh(it_mw, pue)
    if (full <= 0).any():
        raise MeasureError("error.energy", power=it_mw, pue=pue, share="")
    result: npt.NDArray[np.float64] = np.asarray(energy, np.float64) / full
    return result


def pue_estimate(cooling: Cooling, mean_celsius: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Estimated PUE of a cooling system in a climate: low, middle, high in the last axis.

    Parameters
    ----------
    cooling
        Kind of cooling.
    mean_celsius
        Yearly mean air temperature, °C; NaN gives NaN.

    Raises
    ------
    MeasureError
        The kind is unknown.
    """
    if cooling not in COOLING:
        raise MeasureError("error.cooling", found=cooling, known=", ".join(COOLING))
    figures = COOLING[cooling]
    middle = figures.pue + figures.per_degree * (np.asarray(mean_celsius, np.float64) - 22.0)
    spread = np.array([-figures.half_range, 0.0, figures.half_range])
    result: npt.NDArray[np.float64] = np.maximum(middle[..., None] + spread, 1.0)
    return result


def pue_gate(pue: float) -> Gate | None:
    """What the provincial plan allows at a PUE; None where it is unknown.

    1.25 and below: priority; to 1.30: supported; to 1.50: no new building or expansion; above:
    forbidden. Bounds are included; 1.251 is above 1.25.

    Raises
    ------
    MeasureError
        The PUE is below 1.
    """
    if np.isnan(pue):
        return None
    if pue < 1:
        raise MeasureError("error.energy", power="", pue=pue, share="")
    for bound, gate in PUE_GATES:
        # sums of hundredths come out a last bit high; nobody measures a PUE to a billionth
        if pue <= bound + 1e-9:
            return gate
    return "forbidden"


def may_build(gate: Gate | None) -> bool | None:
    """Whether new building or expansion passes the gate; None where it cannot be said."""
    return None if gate is None else gate in OPEN_GATES


def standard_racks(it_mw: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """IT power in standard racks of 2.5 kW."""
    racks: npt.NDArray[np.float64] = np.asarray(it_mw, np.float64) * 1000 / STANDARD_RACK_KW
    return racks


def rack_class(racks: float) -> RackClass | None:
    """Size class of the provincial plan by standard racks; None where they are unknown."""
    if np.isnan(racks):
        return None
    for bound, name in RACK_CLASSES:
        if racks >= bound - 1e-9:
            return name
    return "small"
