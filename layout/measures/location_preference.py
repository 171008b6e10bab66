"""Preferred candidates of models whose objective is one distance: they decide between equals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from layout.measures.location_highs import Program, solve
from layout.measures.location_input import Demand
from layout.measures.location_kernels import Floats, Ints


def worth(demand: Demand, preferred: Mapping[int, float] | Sequence[int]) -> Floats:
    """What choosing each candidate is worth: as given, or 1 for each of a plain list."""
    if isinstance(preferred, Mapping):
        return demand.bonus
    value = np.zeros_like(demand.bonus)
    value[list(preferred)] = 1.0
    return value


def at_best(program: Program, sites: Ints, deadline: float) -> Ints:
    """The sites of least cost that a programme allows; those given if time runs out before."""
    start = np.zeros(program.cost.size)
    start[sites] = 1.0
    solved = solve(program, deadline=deadline, start=start)
    if solved.values is None:
        return sites
    found = np.flatnonzero(solved.values > 0.5)
    better = program.cost[found].sum() < program.cost[sites].sum() - 1e-9
    return found if better else sites
