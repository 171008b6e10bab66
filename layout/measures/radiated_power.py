"""Power that one resource element is sent with, from what tables of stations say."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from layout.core.errors import MeasureError

Floats = npt.NDArray[np.float64]

SUBCARRIERS: Final = 12
"""Of a resource block."""

BLOCKS: Final = MappingProxyType(
    {
        15: {5: 25, 10: 52, 15: 79, 20: 106, 25: 133, 30: 160, 40: 216, 50: 270},
        30: {
            5: 11, 10: 24, 15: 38, 20: 51, 25: 65, 30: 78, 40: 106, 50: 133, 60: 162, 70: 189,
            80: 217, 90: 245, 100: 273,
        },
    }
)  # fmt: skip
"""Resource blocks by subcarrier spacing (kHz) and carrier bandwidth (MHz): 3GPP TS 38.101-1,
table 5.3.2-1."""

NB_IOT_MHZ: Final = 0.2
"""Bandwidth of an NB-IoT carrier: one block at 15 kHz (3GPP TS 36.101)."""


def resource_blocks(
    bandwidth_mhz: npt.ArrayLike, spacing_khz: npt.ArrayLike, *, strict: bool = True
) -> Floats:
    """Resource blocks of carriers.

    Parameters
    ----------
    bandwidth_mhz
        Bandwidth of the carrier, MHz; 0.2 (or 0.18) is NB-IoT.
    spacing_khz
        Subcarrier spacing, 15 or 30 kHz.
    strict
        Raise on a bandwidth that no carrier has; otherwise give NaN there.

    Raises
    ------
    MeasureError
        No carrier has that bandwidth at that spacing.
    """
    width, spacing = np.broadcast_arrays(
        np.asarray(bandwidth_mhz, dtype=np.float64), np.asarray(spacing_khz, dtype=np.float64)
    )
    blocks = np.full(width.shape, np.nan)
    blocks[(width > 0.15) & (width <= NB_IOT_MHZ)] = 1.0
    for step, table in BLOCKS.items():
        for size, number in table.items():
            blocks[(spacing == step) & (width == size)] = number
    wrong = np.isnan(blocks) & ~np.isnan(width)
    if strict and wrong.any():
        first = f"{width[wrong].flat[0]:g} MHz, {spacing[wrong].flat[0]:g} kHz"
        raise MeasureError("error.no_such_carrier", count=int(wrong.sum()), first=first)
    return blocks


def eirp_per_re(
    power_dbm: npt.ArrayLike,
    bandwidth_mhz: npt.ArrayLike,
    gain_dbi: npt.ArrayLike,
    *,
    spacing_khz: npt.ArrayLike = 30,
    strict: bool = True,
) -> Floats:
    """EIRP of one resource element, dBm: total power − 10 log₁₀(12 blocks) + antenna gain.

    Parameters
    ----------
    power_dbm
        Total power of the carrier at the antenna, dBm.
    bandwidth_mhz
        Bandwidth of the carrier, MHz.
    gain_dbi
        Antenna gain less what is lost in feeders, dBi.
    spacing_khz
        Subcarrier spacing, 15 or 30 kHz.
    strict
        As for :func:`resource_blocks`.

    Examples
    --------
    >>> round(float(eirp_per_re(53, 100, 20)), 2)
    37.85
    """
    blocks = resource_blocks(bandwidth_mhz, spacing_khz, strict=strict)
    total = np.asarray(power_dbm, dtype=np.float64) + np.asarray(gain_dbi, dtype=np.float64)
    eirp: Floats = total - 10.0 * np.log10(SUBCARRIERS * blocks)
    return eirp
