"""What the location models are given, checked; and what they give back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core.errors import LayoutError, MeasureError, raise_all
from layout.measures.location_kernels import FREE, OPEN, SHUT, Floats, Ints, States

NOBODY: Final = -1
"""Site of a demand that no chosen site serves."""

_PROVEN: Final = 1e-6
_LISTED: Final = 20


@dataclass(frozen=True)
class Location:
    """A choice of sites.

    Attributes
    ----------
    model
        Name of the model.
    sites
        Columns of the chosen candidates, ascending; fixed ones included.
    objective
        What the model asks for: weighted cost, longest cost, covered weight, number of sites or
        smallest distance; bonuses of preferred candidates are taken off a weighted cost and added
        to a covered weight.
    lower_bound, upper_bound
        The best possible objective lies between the two.
    gap
        Difference of the bounds, relative to the objective.
    proven
        No choice is better (by more than a millionth).
    allocation
        Site of every demand: the nearest chosen one within reach, -1 if there is none. For a
        dispersion: the nearest other site of every chosen one.
    alternatives
        One row a chosen site: ``site``, ``fixed``, ``demand`` (weight it serves), ``drop_cost``
        (how much worse the objective is without it), ``replace_by`` (the best other candidate,
        -1 if there is none) and ``replace_cost`` (how much worse the objective is with that one).
        For covering models both are weights of demand that is no longer covered.
    method
        How the optimum was sought.
    """

    model: str
    sites: tuple[int, ...]
    objective: float
    lower_bound: float
    upper_bound: float
    allocation: Ints
    alternatives: pd.DataFrame
    method: str

    @property
    def gap(self) -> float:
        """Difference of the bounds, relative to the objective."""
        wide = self.upper_bound - self.lower_bound
        if wide <= 0:
            return 0.0
        return float(wide / abs(self.objective)) if self.objective else float("inf")

    @property
    def proven(self) -> bool:
        """No choice is better by more than a millionth."""
        return self.gap <= _PROVEN


@dataclass(frozen=True)
class Demand:
    """Checked input of a model.

    Attributes
    ----------
    cost
        Demand × candidates, finite and of zero or more.
    weights
        One a demand, of zero or more, not all zero.
    state
        FREE, OPEN (fixed) or SHUT (forbidden), one a candidate.
    bonus
        What choosing each candidate is worth, zero or more.
    """

    cost: Floats
    weights: Floats
    state: States
    bonus: Floats

    @property
    def fixed(self) -> Ints:
        """Candidates that must be chosen."""
        return np.flatnonzero(self.state == OPEN)

    @property
    def allowed(self) -> npt.NDArray[np.bool_]:
        """Candidates that may be chosen."""
        return np.asarray(self.state != SHUT)


def as_demand(
    cost: Any,
    *,
    weights: Any = None,
    fixed: Sequence[int] = (),
    forbidden: Sequence[int] = (),
    preferred: Mapping[int, float] | Sequence[int] = (),
    places: int | None = None,
) -> Demand:
    """The input of a model, checked; every fault is told at once.

    Raises
    ------
    MeasureError
        A cost is missing, infinite or negative; a weight likewise, or all are zero; a candidate
        is unknown, or both fixed and forbidden; ``places`` cannot be filled.
    """
    matrix = _matrix(cost)
    n, m = matrix.shape
    faults: list[LayoutError] = [*_cost_faults(matrix)]
    given = _weights(weights, n, faults)
    bonuses = dict(preferred) if isinstance(preferred, Mapping) else dict.fromkeys(preferred, 0.0)
    for what, asked in (("fixed", fixed), ("forbidden", forbidden), ("preferred", bonuses)):
        faults += _index_faults(what, asked, m)
    both = sorted({int(j) for j in fixed} & {int(j) for j in forbidden})
    if both:
        faults.append(MeasureError("error.location_both", found=_some(both)))
    if any(not (np.isfinite(value) and value >= 0) for value in bonuses.values()):
        faults.append(MeasureError("error.location_bonus"))
    if places is not None:
        faults += _place_faults(places, m, {int(j) for j in fixed}, {int(j) for j in forbidden})
    raise_all(faults)
    state = np.full(m, FREE, dtype=np.int8)
    state[list(forbidden)], state[list(fixed)] = SHUT, OPEN
    bonus = np.zeros(m)
    bonus[list(bonuses)] = list(bonuses.values())
    return Demand(matrix, given, state, bonus)


def as_radius(radius: Any, n: int, model: str) -> Floats:
    """A reach of zero or more for every demand.

    Raises
    ------
    MeasureError
        It is missing, infinite or negative, or there is not one for every demand.
    """
    values = np.asarray(radius, dtype="float64")
    if values.ndim and values.shape != (n,):
        raise MeasureError("error.measure_lengths", what="radius", found=values.size, expected=n)
    if not (np.isfinite(values) & (values >= 0)).all():
        raise MeasureError("error.location_radius", model=model)
    return np.broadcast_to(values, n).astype(np.float64)


def uncovered(demand: Ints) -> MeasureError:
    """The error that lists demand no allowed candidate can cover."""
    return MeasureError(
        "error.location_uncovered",
        count=len(demand),
        found=_some(demand.tolist()),
        demand=tuple(demand.tolist()),
    )


def allocate(cost: Floats, sites: Ints, radius: Floats | None = None) -> Ints:
    """Nearest site of every demand, -1 where it is beyond the radius."""
    near = cost[:, sites].argmin(axis=1)
    served: Ints = sites[near]
    if radius is None:
        return served
    reach = cost[np.arange(len(cost)), served] <= radius
    return np.where(reach, served, NOBODY)


def rows_of_sites(
    demand: Demand, sites: Ints, allocation: Ints, drop: Floats, by: Ints, replace: Floats
) -> pd.DataFrame:
    """The table of alternatives."""
    load = np.bincount(
        allocation[allocation >= 0],
        demand.weights[allocation >= 0],
        minlength=demand.state.size,
    )
    return pd.DataFrame(
        {
            "site": sites,
            "fixed": demand.state[sites] == OPEN,
            "demand": load[sites],
            "drop_cost": drop,
            "replace_by": by,
            "replace_cost": replace,
        }
    )


def _matrix(cost: Any) -> Floats:
    matrix = np.ascontiguousarray(cost, dtype="float64")
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise MeasureError("error.location_shape", found=" × ".join(map(str, matrix.shape)) or "1")
    return matrix


def _cost_faults(matrix: Floats) -> list[LayoutError]:
    if np.isfinite(matrix.sum()) and matrix.min() >= 0:
        return []
    bad = ~(np.isfinite(matrix) & (matrix >= 0))
    if not bad.any():
        return []
    row, column = (int(i) for i in np.argwhere(bad)[0])
    return [
        MeasureError(
            "error.location_cost",
            count=int(bad.sum()),
            row=row,
            column=column,
            first=float(matrix[row, column]),
        )
    ]


def _weights(weights: Any, n: int, faults: list[LayoutError]) -> Floats:
    if weights is None:
        return np.ones(n)
    given = np.asarray(weights, dtype="float64")
    if given.shape != (n,):
        faults.append(
            MeasureError("error.measure_lengths", what="weights", found=given.size, expected=n)
        )
        return np.ones(n)
    bad = ~(np.isfinite(given) & (given >= 0))
    if bad.any():
        faults.append(
            MeasureError(
                "error.location_weights",
                count=int(bad.sum()),
                row=int(np.flatnonzero(bad)[0]),
                first=float(given[bad][0]),
            )
        )
    elif not given.any():
        faults.append(MeasureError("error.location_no_weight"))
    return given


def _index_faults(what: str, asked: Any, m: int) -> list[LayoutError]:
    odd = [j for j in asked if not (float(j).is_integer() and 0 <= j < m)]
    if not odd:
        return []
    return [MeasureError("error.location_unknown", what=what, found=_some(odd), last=m - 1)]


def _place_faults(places: int, m: int, fixed: set[int], forbidden: set[int]) -> list[LayoutError]:
    allowed = m - len(forbidden)
    if not float(places).is_integer() or places < 1:
        return [MeasureError("error.location_places", found=places)]
    if places > allowed:
        return [
            MeasureError(
                "error.location_too_many",
                p=places,
                candidates=m,
                forbidden=len(forbidden),
                allowed=allowed,
            )
        ]
    if places < len(fixed):
        return [MeasureError("error.location_fixed", p=places, fixed=len(fixed))]
    return []


def _some(items: Sequence[Any]) -> str:
    """The first few of a list."""
    head = ", ".join(str(item) for item in items[:_LISTED])
    return f"{head}, …" if len(items) > _LISTED else head
