"""Mean loss of radio paths by 3GPP TR 38.901 and ITU-R P.525, P.526 and P.2108, in dB.

Every function takes numbers or arrays, which broadcast, and gives an array of float64 (a number
stays an array without axes). A value outside the range a formula was made for is refused, never
extrapolated in silence. Losses are positive; shadow fading is not in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from layout.measures.propagation_itu import (
    SPEED_OF_LIGHT,
    clutter_loss_p2108,
    free_space_loss,
    height_gain_p2108,
    knife_edge_loss,
    knife_edge_parameter,
    require_range,
)
from layout.measures.tables import option

__all__ = [
    "SCENARIOS",
    "SHADOW_DB",
    "SPEED_OF_LIGHT",
    "VALIDITY",
    "Validity",
    "both_losses",
    "breakpoint_distance_38901",
    "clutter_loss_p2108",
    "element_gain_38901",
    "free_space_loss",
    "height_gain_p2108",
    "knife_edge_loss",
    "knife_edge_parameter",
    "los_probability_38901",
    "o2i_loss_38901",
    "path_loss_38901",
    "scenario_name",
    "site_gain_38901",
]

Floats = npt.NDArray[np.float64]
Building = Literal["low", "high"]

SCENARIOS: Final = ("uma", "umi", "rma")
"""Urban macro, urban micro in street canyons, rural macro; the position is the code in arrays."""

_C_38901: Final = 3.0e8
"""Speed of light as the text of TR 38.901 has it; the exact one moves the break point by 0.07 %."""
_H_E: Final = 1.0
"""Effective environment height, m; for UMa and terminals of 13 m and more it is drawn at random in
the report, here it stays 1 m."""
_BUILDING_M: Final = 5.0
_STREET_M: Final = 20.0
"""Average height of buildings and width of streets of RMa: the defaults of the report."""


@dataclass(frozen=True)
class Validity:
    """Where a scenario may be used: metres and GHz, both ends included."""

    d2d_m: tuple[float, float]
    frequency_ghz: tuple[float, float]
    h_bs_m: tuple[float, float]
    h_ut_m: tuple[float, float]


VALIDITY: Final = {
    "uma": Validity((10.0, 5000.0), (0.5, 100.0), (10.0, 150.0), (1.5, 22.5)),
    "umi": Validity((10.0, 5000.0), (0.5, 100.0), (3.0, 25.0), (1.5, 22.5)),
    "rma": Validity((10.0, 5000.0), (0.5, 30.0), (10.0, 150.0), (1.0, 10.0)),
}
"""Table 7.4.1-1. The report states UMa for masts of 25 m and UMi for 10 m only; the formulae hold
the height as a variable and are used here about these."""

SHADOW_DB: Final = {"uma": (4.0, 6.0), "umi": (4.0, 7.82), "rma": (4.0, 8.0)}
"""Standard deviation of shadow fading with and without line of sight (RMa: 6 dB beyond its break
point). Table 7.4.1-1."""


def path_loss_38901(
    scenario: str,
    d2d_m: Any,
    frequency_ghz: Any,
    *,
    h_bs_m: Any,
    h_ut_m: Any,
    los: bool,
) -> Floats:
    """Basic path loss with or without line of sight, dB.

    Parameters
    ----------
    scenario
        ``"uma"``, ``"umi"`` or ``"rma"``.
    d2d_m
        Distance on the ground, metres.
    frequency_ghz
        Carrier frequency, GHz.
    h_bs_m, h_ut_m
        Height of antenna and terminal above ground, metres.
    los
        Whether the terminal is seen. Without line of sight the loss is never below that with it.

    Raises
    ------
    MeasureError
        A value outside :data:`VALIDITY`.

    References
    ----------
    3GPP TR 38.901 V17, table 7.4.1-1.
    """
    name = scenario_name(scenario)
    seen, hidden = both_losses(name, *_checked(name, d2d_m, frequency_ghz, h_bs_m, h_ut_m))
    return seen if los else hidden


def both_losses(
    name: str, d: Floats, f: Floats, h_bs: Floats, h_ut: Floats
) -> tuple[Floats, Floats]:
    """Loss with and without line of sight, dB, without asking whether the formula is valid."""
    seen = _LOS[name](d, f, h_bs, h_ut)
    hidden = _NLOS[name](np.hypot(d, h_bs - h_ut), f, h_bs, h_ut)
    return seen, np.asarray(np.maximum(seen, hidden))


def breakpoint_distance_38901(
    scenario: str, frequency_ghz: Any, *, h_bs_m: Any, h_ut_m: Any
) -> Floats:
    """Distance on the ground from which the loss with line of sight grows twice as fast, metres.

    References
    ----------
    3GPP TR 38.901 V17, notes 1 and 5 of table 7.4.1-1.
    """
    h_bs, h_ut, f = (np.asarray(v, dtype=np.float64) for v in (h_bs_m, h_ut_m, frequency_ghz))
    if scenario_name(scenario) == "rma":
        return np.asarray(2 * np.pi * h_bs * h_ut * f * 1e9 / _C_38901)
    return np.asarray(4 * (h_bs - _H_E) * (h_ut - _H_E) * f * 1e9 / _C_38901)


def los_probability_38901(scenario: str, d2d_m: Any, *, h_ut_m: Any = 1.5) -> Floats:
    """Probability that a terminal outdoors is in line of sight, by distance on the ground.

    References
    ----------
    3GPP TR 38.901 V17, table 7.4.2-1.
    """
    name = scenario_name(scenario)
    d = np.asarray(d2d_m, dtype=np.float64)
    h_ut = np.asarray(h_ut_m, dtype=np.float64)
    least, most = VALIDITY[name].h_ut_m
    require_range("h_ut_m", h_ut, least, most)
    require_range("d2d_m", d, 0.0, np.inf)
    if name == "rma":
        return np.asarray(np.exp(-np.maximum(d - 10.0, 0.0) / 1000.0))
    far = np.maximum(d, 18.0)
    decay = 63.0 if name == "uma" else 36.0
    share = 18.0 / far + np.exp(-far / decay) * (1 - 18.0 / far)
    if name == "uma":
        high = np.clip((h_ut - 13.0) / 10.0, 0.0, None) ** 1.5
        share = share * (1 + high * 1.25 * (far / 100.0) ** 3 * np.exp(-far / 150.0))
    return np.asarray(share)


def o2i_loss_38901(frequency_ghz: Any, model: Building = "low", *, depth_m: Any = 0.0) -> Floats:
    """Mean loss from outdoors into a building, dB.

    Parameters
    ----------
    frequency_ghz
        Carrier frequency, GHz, 0.5 to 100.
    model
        ``"low"``: plain glass and concrete; ``"high"``: coated glass and concrete.
    depth_m
        Way inside the building, metres; 0.5 dB each.

    References
    ----------
    3GPP TR 38.901 V17, tables 7.4.3-1 and 7.4.3-2. The standard deviation about the mean is 4.4 dB
    (low) and 6.5 dB (high).
    """
    option("model", model, ("low", "high"))
    f = np.asarray(frequency_ghz, dtype=np.float64)
    depth = np.asarray(depth_m, dtype=np.float64)
    require_range("frequency_ghz", f, 0.5, 100.0)
    require_range("depth_m", depth, 0.0, 25.0)
    concrete = 10 ** (-(5 + 4 * f) / 10)
    if model == "low":
        passed = 0.3 * 10 ** (-(2 + 0.2 * f) / 10) + 0.7 * concrete
    else:
        passed = 0.7 * 10 ** (-(23 + 0.3 * f) / 10) + 0.3 * concrete
    return np.asarray(5 - 10 * np.log10(passed) + 0.5 * depth)


def element_gain_38901(angle_deg: Any) -> Floats:
    """Gain of an antenna element off its axis in the horizontal, dB: 0 on it, at least −30.

    References
    ----------
    3GPP TR 38.901 V17, table 7.3-1: 65° between the points of half power.
    """
    off = np.mod(np.asarray(angle_deg, dtype=np.float64) + 180.0, 360.0) - 180.0
    return np.asarray(-np.minimum(12 * (off / 65.0) ** 2, 30.0))


def site_gain_38901(bearing_deg: Any, azimuths_deg: Any) -> Floats:
    """Gain of the best sector of a site towards a bearing, dB; 0 where it has no sectors.

    Parameters
    ----------
    bearing_deg
        Clockwise from north, any shape.
    azimuths_deg
        Directions of the sectors; NaN for one that is not there.
    """
    bearing = np.asarray(bearing_deg, dtype=np.float64)
    sectors = np.asarray(azimuths_deg, dtype=np.float64).ravel()
    sectors = sectors[~np.isnan(sectors)]
    if not sectors.size:
        return np.zeros_like(bearing)
    return np.asarray(element_gain_38901(bearing[..., None] - sectors).max(axis=-1))


def scenario_name(scenario: str) -> str:
    """``"uma"``, ``"umi"`` or ``"rma"``, whatever its case."""
    name = str(scenario).lower()
    option("scenario", name, SCENARIOS)
    return name


def _checked(name: str, *values: Any) -> tuple[Floats, Floats, Floats, Floats]:
    """Distance, frequency and heights as arrays, within the validity of a scenario."""
    d, f, h_bs, h_ut = (np.asarray(v, dtype=np.float64) for v in values)
    limits = VALIDITY[name]
    require_range("d2d_m", d, *limits.d2d_m)
    require_range("frequency_ghz", f, *limits.frequency_ghz)
    require_range("h_bs_m", h_bs, *limits.h_bs_m)
    require_range("h_ut_m", h_ut, *limits.h_ut_m)
    return d, f, h_bs, h_ut


def _uma_los(d: Floats, f: Floats, h_bs: Floats, h_ut: Floats) -> Floats:
    return _two_slopes("uma", d, f, h_bs, h_ut, (28.0, 22.0, 9.0))


def _umi_los(d: Floats, f: Floats, h_bs: Floats, h_ut: Floats) -> Floats:
    return _two_slopes("umi", d, f, h_bs, h_ut, (32.4, 21.0, 9.5))


def _two_slopes(
    name: str, d: Floats, f: Floats, h_bs: Floats, h_ut: Floats, k: tuple[float, float, float]
) -> Floats:
    """PL1 up to the break point, PL2 from it."""
    edge = breakpoint_distance_38901(name, f, h_bs_m=h_bs, h_ut_m=h_ut)
    far = np.log10(np.hypot(d, h_bs - h_ut))
    base = k[0] + 20 * np.log10(f)
    beyond = base + 40 * far - k[2] * np.log10(edge**2 + (h_bs - h_ut) ** 2)
    return np.asarray(np.where(d <= edge, base + k[1] * far, beyond))


def _rma_los(d: Floats, f: Floats, h_bs: Floats, h_ut: Floats) -> Floats:
    edge = breakpoint_distance_38901("rma", f, h_bs_m=h_bs, h_ut_m=h_ut)
    d3d, edge3d = np.hypot(d, h_bs - h_ut), np.hypot(edge, h_bs - h_ut)
    near = _rma_near(np.minimum(d3d, edge3d), f)
    return np.asarray(near + 40 * np.log10(np.maximum(d3d / edge3d, 1.0)))


def _rma_near(d3d: Floats, f: Floats) -> Floats:
    h = _BUILDING_M
    return np.asarray(
        20 * np.log10(40 * np.pi * d3d * f / 3)
        + min(0.03 * h**1.72, 10.0) * np.log10(d3d)
        - min(0.044 * h**1.72, 14.77)
        + 0.002 * np.log10(h) * d3d
    )


def _uma_nlos(d3d: Floats, f: Floats, _h_bs: Floats, h_ut: Floats) -> Floats:
    return np.asarray(13.54 + 39.08 * np.log10(d3d) + 20 * np.log10(f) - 0.6 * (h_ut - 1.5))


def _umi_nlos(d3d: Floats, f: Floats, _h_bs: Floats, h_ut: Floats) -> Floats:
    return np.asarray(22.4 + 35.3 * np.log10(d3d) + 21.3 * np.log10(f) - 0.3 * (h_ut - 1.5))


def _rma_nlos(d3d: Floats, f: Floats, h_bs: Floats, h_ut: Floats) -> Floats:
    h, w = _BUILDING_M, _STREET_M
    return np.asarray(
        161.04
        - 7.1 * np.log10(w)
        + 7.5 * np.log10(h)
        - (24.37 - 3.7 * (h / h_bs) ** 2) * np.log10(h_bs)
        + (43.42 - 3.1 * np.log10(h_bs)) * (np.log10(d3d) - 3)
        + 20 * np.log10(f)
        - (3.2 * np.log10(11.75 * h_ut) ** 2 - 4.97)
    )


_LOS: Final = {"uma": _uma_los, "umi": _umi_los, "rma": _rma_los}
_NLOS: Final = {"uma": _uma_nlos, "umi": _umi_nlos, "rma": _rma_nlos}
