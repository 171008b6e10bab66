"""Loss of stations by distance as tables the kernel can read, and the radius they reach.

Stations of one scenario, carrier and height (rounded to 2 cm) share a table over the square of the
distance. Its steps are bits of the floating-point number: 64 an octave, linear between, within
0.02 dB of :func:`layout.measures.propagation.path_loss_38901` everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from layout.measures.coverage_sites import Sites
from layout.measures.propagation import (
    SCENARIOS,
    VALIDITY,
    both_losses,
    los_probability_38901,
)

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

HEIGHT_STEP_M: Final = 0.02
NEAR_M: Final = 10.0
"""The model begins here; nearer is taken as this far."""
FAR_M: Final = 5000.0
MANTISSA_BITS: Final = 6
SHIFT: Final = 23 - MANTISSA_BITS
CLEAR, HIDDEN, SEEN, SHARE = 0, 1, 2, 3
"""Rows of a table: expected loss where terrain is clear, loss without line of sight and with it,
probability of line of sight."""


class Key(NamedTuple):
    """What stations share a table by; several of a scenario as arrays."""

    scenario: int
    frequency_ghz: float | Floats
    height_m: float | Floats


@dataclass(frozen=True)
class Tables:
    """Loss by squared distance.

    Attributes
    ----------
    keys
        What each table is of.
    of_site
        Table of each station.
    base, slope
        ``(tables, 4 · steps)``, the four rows in turn, dB and dB/m²: base + slope · d².
    first
        Bits of the first step.
    steps
        Length of a row.
    """

    keys: tuple[Key, ...]
    of_site: npt.NDArray[np.int32]
    base: Singles
    slope: Singles
    first: int
    steps: int


def expected_loss(key: Key, d2d_m: Floats, h_ut_m: float) -> tuple[Floats, ...]:
    """Expected loss under open terrain, loss without and with line of sight, and its probability.

    The expected loss is the mean in dB of both, by the probability of line of sight.
    """
    name = SCENARIOS[key.scenario]
    d = np.maximum(d2d_m, NEAR_M)
    given = (np.asarray(v) for v in (key.frequency_ghz, key.height_m, h_ut_m))
    seen, hidden = both_losses(name, d, *given)
    share = los_probability_38901(name, d, h_ut_m=h_ut_m)
    return share * seen + (1 - share) * hidden, hidden, seen, share


def build_tables(sites: Sites, h_ut_m: float, reach_m: float) -> Tables:
    """Tables for all stations, up to a distance."""
    keys, of_site = _keys(sites)
    first = int(np.float32(NEAR_M**2).view(np.int32) >> SHIFT)
    last = int(np.float32(max(reach_m, 2 * NEAR_M) ** 2).view(np.int32) >> SHIFT) + 1
    bits = np.arange(first, last + 2, dtype=np.int32) << SHIFT
    edges = bits.view(np.float32).astype(np.float64)
    steps = len(edges) - 1
    shape = (len(keys), 4, steps)
    base, slope = np.empty(shape, np.float32), np.empty(shape, np.float32)
    for place, key in enumerate(keys):
        for row, loss in enumerate(expected_loss(key, np.sqrt(edges), h_ut_m)):
            steep = np.diff(loss) / np.diff(edges)
            slope[place, row] = steep
            base[place, row] = loss[:-1] - steep * edges[:-1]
    flat = (len(keys), 4 * steps)
    return Tables(keys, of_site, base.reshape(flat), slope.reshape(flat), first, steps)


def _keys(sites: Sites) -> tuple[tuple[Key, ...], npt.NDArray[np.int32]]:
    """Distinct tables, and the one of each station."""
    height = _rounded(sites)
    rows = np.column_stack([sites.scenario.astype(np.float64), sites.frequency_ghz, height])
    distinct, of_site = np.unique(rows, axis=0, return_inverse=True)
    keys = tuple(Key(int(s), float(f), float(h)) for s, f, h in distinct)
    return keys, of_site.ravel().astype(np.int32)


def _rounded(sites: Sites) -> Floats:
    """Heights to the step of the tables, not beyond the validity of the scenario."""
    height = np.round(np.round(sites.height_m / HEIGHT_STEP_M) * HEIGHT_STEP_M, 2)
    for code, name in enumerate(SCENARIOS):
        own = sites.scenario == code
        height[own] = np.clip(height[own], *VALIDITY[name].h_bs_m)
    return np.asarray(height)


def cutoff_radius(sites: Sites, *, floor_dbm: float, h_ut_m: float, max_radius_m: float) -> Floats:
    """Distance at which the expected signal over open terrain falls to a level, metres.

    It is exact to a centimetre, at most ``max_radius_m`` and the 5 km the model is valid for; 0 for
    a station that is too weak even at 10 m, or is off the air.
    """
    limit = min(max_radius_m, FAR_M)
    found = np.zeros(len(sites))
    height = _rounded(sites)
    for code in range(len(SCENARIOS)):
        own = np.flatnonzero((sites.scenario == code) & sites.on_air)
        if own.size:
            asked = np.column_stack(
                [sites.frequency_ghz[own], height[own], sites.eirp_dbm[own] - floor_dbm]
            )
            distinct, inverse = np.unique(asked, axis=0, return_inverse=True)
            frequency, high, allowed = distinct.T
            reach = _reach(code, frequency, high, allowed, h_ut_m, limit)
            found[own] = reach[inverse.ravel()]
    return found


def _reach(
    code: int, frequency: Floats, height: Floats, allowed_db: Floats, h_ut_m: float, limit: float
) -> Floats:
    """Distance up to which the expected loss stays within each allowance, by halving."""

    def within(d: Floats, rows: Ints) -> Bools:
        key = Key(code, frequency[rows], height[rows])
        return np.asarray(expected_loss(key, d, h_ut_m)[0] <= allowed_db[rows])

    every = np.arange(len(allowed_db))
    found = np.where(within(np.full(len(every), limit), every), limit, 0.0)
    # neither all the way nor nowhere: somewhere between
    open_ = np.flatnonzero((found == 0) & within(np.full(len(every), NEAR_M), every))
    low, high = np.full(len(open_), NEAR_M), np.full(len(open_), limit)
    while (high - low).max(initial=0.0) > 0.005:
        middle = (low + high) / 2
        reached = within(middle, open_)
        low, high = np.where(reached, middle, low), np.where(reached, high, middle)
    found[open_] = low
    return found
