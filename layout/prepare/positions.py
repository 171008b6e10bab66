"""Coordinates of a batch as the file has them: read, judged, swapped back where that is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from layout.prepare.values import Reading, read_coordinate

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

CHINA: Final = (72.0, 0.8, 137.9, 55.9)
"""West, south, east, north of a rough box. Its longitudes are no latitudes of it, so that a point
that lies in it only with its coordinates exchanged has them exchanged."""


@dataclass(frozen=True)
class Positions:
    """Coordinates in the datum of the file, and what is wrong with them.

    Attributes
    ----------
    x, y
        Longitude and latitude, or easting and northing; NaN where there is no usable position.
    not_finite, missing, unreadable, impossible, swapped
        Why there is none. Half a position is missing. Impossible are longitudes beyond 180 and
        latitudes beyond 90 degrees, and 0, 0: the usual filler for no position.
    repaired_swapped, repaired_full_width
        Which ones were read after a repair.
    """

    x: Floats
    y: Floats
    not_finite: Flags
    missing: Flags
    unreadable: Flags
    impossible: Flags
    swapped: Flags
    repaired_swapped: Flags
    repaired_full_width: Flags

    def faults(self) -> dict[str, Flags]:
        """Rows by fault code."""
        return {
            "non_finite_coordinates": self.not_finite,
            "missing_coordinates": self.missing,
            "unreadable_value": self.unreadable,
            "impossible_coordinates": self.impossible,
            "swapped_coordinates": self.swapped,
            "repaired_swapped": self.repaired_swapped,
            "repaired_full_width": self.repaired_full_width,
        }

    @property
    def changed(self) -> Flags:
        """Rows whose values are not kept as they stood."""
        lost = self.missing | self.unreadable | self.impossible | self.swapped
        changed: Flags = lost | self.repaired_swapped | self.repaired_full_width
        return changed


def read_positions(
    x: pa.Array,
    y: pa.Array,
    *,
    box: tuple[float, float, float, float] = CHINA,
    degrees: bool = True,
    swap_back: bool = False,
    full_width: bool = False,
) -> Positions:
    """Coordinates of a batch.

    Parameters
    ----------
    x, y
        The two columns of the file, text or numbers.
    box
        Where points are expected: west, south, east, north in the CRS of the file. A point that is
        in it only with its coordinates exchanged is swapped.
    degrees
        They are degrees, not metres.
    swap_back, full_width
        Repairs that are wanted.
    """
    read_x, read_y = (read_coordinate(a, full_width=full_width) for a in (x, y))
    not_finite = read_x.not_finite | read_y.not_finite
    unreadable = ~not_finite & (read_x.unreadable | read_y.unreadable)
    px, py = _floats(read_x), _floats(read_y)
    usable = np.isfinite(px) & np.isfinite(py)
    swapped = usable & ~_within(px, py, box) & _within(py, px, box)
    repaired = swapped if swap_back else np.zeros_like(swapped)
    px, py = np.where(repaired, py, px), np.where(repaired, px, py)
    left = swapped & ~repaired
    impossible = usable & ~left & _is_impossible(px, py, degrees)
    lost = ~usable | left | impossible
    return Positions(
        x=np.where(lost, np.nan, px),
        y=np.where(lost, np.nan, py),
        not_finite=not_finite,
        missing=~usable & ~not_finite & ~unreadable,
        unreadable=unreadable,
        impossible=impossible,
        swapped=left,
        repaired_swapped=repaired,
        repaired_full_width=(read_x.repaired | read_y.repaired) & ~lost,
    )


def _floats(reading: Reading) -> Floats:
    values: Floats = reading.values.to_numpy(zero_copy_only=False)
    return values


def _within(x: Floats, y: Floats, box: tuple[float, float, float, float]) -> Flags:
    west, south, east, north = box
    within: Flags = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    return within


def _is_impossible(x: Floats, y: Floats, degrees: bool) -> Flags:
    impossible: Flags = (x == 0) & (y == 0)
    if degrees:
        impossible |= (np.abs(x) > 180) | (np.abs(y) > 90)
    return impossible
