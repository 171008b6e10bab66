"""What follows from the best server of a cell: probability of coverage, and why there is none."""

from __future__ import annotations

import math
from enum import IntEnum

import numba
import numpy as np

from layout.measures.coverage_blocks import pattern
from layout.measures.coverage_compile import INNER
from layout.measures.coverage_tables import SHIFT


class Reason(IntEnum):
    """Why a cell is not covered at the expected level."""

    COVERED = 0
    NO_STATION = 1
    TERRAIN = 2
    RANGE = 3
    NO_DATA = 4


@numba.njit(**INNER)
def _above(threshold, level, sigma):  # type: ignore[no-untyped-def]
    """Probability that a signal that varies by ``sigma`` dB about its level meets the threshold."""
    return 0.5 * math.erfc((threshold - level) / (sigma * 1.4142135623730951))


@numba.njit(cache=True, nogil=True)
def finish(masts, place, loss, built, frame, r0, r1, c0, c1, threshold, out, probability, reason):  # type: ignore[no-untyped-def]
    """Fill probability and reason of a window from what the kernel has found.

    ``place`` is the row of ``masts`` of each station number.
    """
    gain, none = np.zeros((1, 1), np.float32), np.float32(0.0)
    for r in range(r0, r1):
        for c in range(c0, c1):
            number, level = out.server[r, c], out.rsrp[r, c]
            opened = out.open_rsrp[r, c]
            if number < 0:
                probability[r, c] = 0.0 if np.isnan(opened) else np.nan
                reason[r, c] = 1 if np.isnan(opened) else 4
                continue
            if level >= threshold:
                reason[r, c] = 0
            else:
                reason[r, c] = 2 if opened >= threshold else 3
            s = place[number]
            x = frame.x0 + c * frame.cell - masts.x[s]
            y = frame.y0 - r * frame.cell - masts.y[s]
            squared = np.float32(max(x * x + y * y, 100.0))
            if masts.sectors[s]:
                pattern(1, 1, np.float32(x), np.float32(y), none, masts.azimuths[s], gain)
            power = masts.eirp[s] + gain[0, 0] * masts.sectors[s]
            at = (np.float32(squared).view(np.int32) >> SHIFT) - loss.first
            t = masts.table[s]
            clear = at + (2 * loss.steps if built else 0)
            open_level = power - (loss.base[t, clear] + loss.slope[t, clear] * squared)
            seen_sigma, hidden_sigma = masts.sigma[s, 0], masts.sigma[s, 1]
            if level < open_level - np.float32(0.02):
                probability[r, c] = _above(threshold, level, hidden_sigma)
                continue
            if built:
                probability[r, c] = _above(threshold, level, seen_sigma)
                continue
            hidden, seen = at + loss.steps, at + 2 * loss.steps
            share = loss.base[t, seen + loss.steps] + loss.slope[t, seen + loss.steps] * squared
            in_sight = power - (loss.base[t, seen] + loss.slope[t, seen] * squared)
            out_of_sight = power - (loss.base[t, hidden] + loss.slope[t, hidden] * squared)
            probability[r, c] = share * _above(threshold, in_sight, seen_sigma) + (
                1 - share
            ) * _above(threshold, out_of_sight, hidden_sigma)
