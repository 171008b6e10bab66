"""Chance that repeats: one stream for each part of the work, numbers from uniform draws alone.

A stream belongs to a seed, a purpose and a part (the number of a block of firms), so that a block
comes out the same whatever was made before it and on whatever thread. Only
``Generator.random`` is used: its bits are the same on every machine.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Purpose(IntEnum):
    """What a stream is for; the numbers are part of the format and never reused."""

    BUILDINGS = 1
    RANKS = 2
    FAULTS = 3
    FIRMS = 4
    FIGURES = 5
    SCOPES = 6
    ADDRESSES = 7
    PLANTING = 8
    STATIONS = 31


class Chances:
    """Uniform draws for ``size`` items, a fresh vector a call.

    Parameters
    ----------
    seed
        The city's seed.
    purpose
        What the draws are for.
    part
        Number of the block; 0 where the work is done once.
    size
        Length of every vector drawn.
    """

    def __init__(self, seed: int, purpose: Purpose, part: int, size: int) -> None:
        sequence = np.random.SeedSequence(entropy=seed, spawn_key=(int(purpose), part))
        self._generator = np.random.Generator(np.random.PCG64(sequence))
        self.size = size

    def uniform(self) -> Floats:
        """Numbers in [0, 1)."""
        return self._generator.random(self.size)

    def below(self, limit: int | npt.NDArray[np.integer]) -> Ints:
        """Whole numbers from 0 to below ``limit`` (one limit, or one an item)."""
        return (self.uniform() * limit).astype(np.int64)

    def true(self, probability: float | Floats) -> Bools:
        """True with ``probability``."""
        return self.uniform() < probability

    def pick(self, weights: npt.ArrayLike) -> Ints:
        """Positions in ``weights``, as often as they weigh."""
        return np.searchsorted(shares_of(weights)[:-1], self.uniform(), side="right")


def shares_of(weights: npt.ArrayLike) -> Floats:
    """Cumulative shares of ``weights``; the last is 1."""
    total = np.cumsum(np.asarray(weights, dtype=np.float64))
    shares: Floats = total / total[-1]
    shares[-1] = 1.0
    return shares


class Grouped:
    """Weighted choices, a list of its own for each group.

    Parameters
    ----------
    weights
        For each group the weights of its items; items are numbered through over all groups.
    """

    def __init__(self, weights: list[list[float]]) -> None:
        self.first = np.cumsum([0, *map(len, weights)])
        parts = [shares_of(part) + number for number, part in enumerate(weights)]
        self._shares = np.concatenate(parts)

    def pick(self, groups: Ints, uniform: Floats) -> Ints:
        """The item that ``uniform`` points to in each of ``groups``."""
        found = np.searchsorted(self._shares, groups + uniform, side="right")
        items: Ints = np.minimum(found, self.first[groups + 1] - 1)
        return items
