"""A smooth loss over a block of cells as a polynomial of fourth degree in both directions."""

from __future__ import annotations

from typing import Final

import numba
import numpy as np

from layout.measures.coverage_compile import INNER
from layout.measures.coverage_tables import SHIFT

NODES: Final = np.cos((2 * np.arange(5) + 1) * np.pi / 10)
"""Chebyshev's places on -1 to 1: a polynomial through values there is nearly the best one."""
_TO_POWERS: Final = np.linalg.inv(np.vander(NODES, 5, increasing=True)).astype(np.float32)
"""Coefficients of 1, u, … u⁴ from the values at the nodes."""


@numba.njit(**INNER)
def fit(r0, r1, c0, c1, x, y, cell, base, slope, shift, power, fitted):  # type: ignore[no-untyped-def]
    """Coefficients ``fitted[0, j, i]`` of vʲ uⁱ; u and v are -1 and 1 in the outer cell centres."""
    half_x, half_y = (c1 - c0 - 1) * cell / 2, (r1 - r0 - 1) * cell / 2
    x, y = x + c0 * cell, y - r0 * cell
    values, part = fitted[1], fitted[2]
    for j in range(5):
        dy = y - half_y * (1 + NODES[j])
        for i in range(5):
            dx = x + half_x * (1 + NODES[i])
            squared = np.float32(dx * dx + dy * dy)
            at = (squared.view(np.int32) >> SHIFT) + shift
            values[j, i] = power - (base[at] + slope[at] * squared)
    for j in range(5):
        for i in range(5):
            total = np.float32(0.0)
            for k in range(5):
                total += _TO_POWERS[i, k] * values[j, k]
            part[j, i] = total
    for j in range(5):
        for i in range(5):
            total = np.float32(0.0)
            for k in range(5):
                total += _TO_POWERS[j, k] * part[k, i]
            fitted[0, j, i] = total


@numba.njit(**INNER, fastmath={"contract"})
def far_values(r0, r1, c0, c1, fitted, value):  # type: ignore[no-untyped-def]
    """The polynomial in the cells of a block."""
    step_u, step_v = np.float32(2.0 / (c1 - c0 - 1)), np.float32(2.0 / (r1 - r0 - 1))
    one = np.float32(1.0)
    for r in range(r0, r1):
        v = np.float32(r - r0) * step_v - one
        a, b, c = _row(fitted, 0, v), _row(fitted, 1, v), _row(fitted, 2, v)
        d, e = _row(fitted, 3, v), _row(fitted, 4, v)
        line = value[r, c0:c1]
        for k in range(len(line)):
            u = np.float32(k) * step_u - one
            line[k] = (((e * u + d) * u + c) * u + b) * u + a


@numba.njit(**INNER, fastmath={"contract"})
def _row(fitted, i, v):  # type: ignore[no-untyped-def]
    """Coefficient of uⁱ in the row at v."""
    high = (fitted[0, 4, i] * v + fitted[0, 3, i]) * v + fitted[0, 2, i]
    return (high * v + fitted[0, 1, i]) * v + fitted[0, 0, i]


@numba.njit(cache=True, nogil=True)
def smooth_from(base, slope, first, steps, rows, width, reach):  # type: ignore[no-untyped-def]
    """Distance from which blocks of a width are within 0.01 dB of each table, metres.

    Judged along the radius, where the loss bends most, at eight places between the nodes, for the
    first ``rows`` rows of a table.
    """
    found = np.empty(len(base))
    values, powers = np.empty(5), np.empty(5)
    for t in range(len(base)):
        least = 0.75 * width
        d = max(reach - width, 0.0)
        while d > least:
            worst = 0.0
            for row in range(rows):
                for k in range(5):
                    at_d = d + width / 2 * (1 + NODES[k])
                    values[k] = _at(base[t], slope[t], first, row * steps, at_d * at_d)
                for i in range(5):
                    powers[i] = 0.0
                    for k in range(5):
                        powers[i] += _TO_POWERS[i, k] * values[k]
                for k in range(9):
                    u = -1.0 + k / 4.0
                    guess = (((powers[4] * u + powers[3]) * u + powers[2]) * u + powers[1]) * u
                    at_d = d + width / 2 * (1 + u)
                    true = _at(base[t], slope[t], first, row * steps, at_d * at_d)
                    worst = max(worst, abs(guess + powers[0] - true))
            if worst > 0.008:
                break
            d *= 0.95
        found[t] = d / 0.95 if d > least else least
    return found


@numba.njit(**INNER)
def _at(base, slope, first, row, squared):  # type: ignore[no-untyped-def]
    value = np.float32(max(squared, 100.0))
    at = (value.view(np.int32) >> SHIFT) - first + row
    return base[at] + slope[at] * value
