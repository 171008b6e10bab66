"""Which location model chooses the set, and whom each chosen site serves.

The capacitated p-median counts what a site can serve in standard racks where power is told, in
hectares of the site otherwise. p-dispersion asks nothing of demand: it keeps sites apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.analyses.siting.params import SitingParams
from layout.core.errors import LayoutError, ParameterError
from layout.measures import location

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Problem:
    """What a location model is asked.

    Attributes
    ----------
    cost
        Demand × facilities, kilometres along the route.
    firms
        Firms of each demand.
    apart
        Facilities × facilities, kilometres along the route.
    room
        What each facility holds, in the unit of :func:`capacity_of`; NaN unknown.
    sites
        How many of the facilities (the first ones) are candidates; the rest serve already.
    fixed, forbidden
        Facilities that must and may not be chosen.
    places
        Facilities to be chosen, fixed ones included.
    limit_s
        Wall seconds for the model.
    """

    cost: Floats
    firms: Floats
    apart: Floats
    room: Floats
    sites: int
    fixed: tuple[int, ...]
    forbidden: tuple[int, ...]
    places: int
    limit_s: float

    @property
    def limits(self) -> dict[str, Any]:
        """Arguments that every model takes."""
        return {"fixed": self.fixed, "forbidden": self.forbidden, "time_limit_s": self.limit_s}


def solve(problem: Problem, params: SitingParams) -> location.Location:
    """What the model of the settings says.

    Raises
    ------
    MeasureError
        The model has no answer: what stands against it is told.
    """
    return _MODELS[str(params.asked("model"))](problem, params)


def allocation_of(problem: Problem, found: location.Location, params: SitingParams) -> Ints:
    """Facility that serves each demand, -1 for none.

    Within capacities that is what the model says; otherwise the nearest chosen one, none beyond
    the reach of a covering model.
    """
    if found.model == "capacitated_p_median":
        return found.allocation
    chosen = np.array(found.sites, np.int64)
    result: Ints = chosen[problem.cost[:, chosen].argmin(axis=1)]
    if "covering" in found.model:
        far = problem.cost[np.arange(len(result)), result] > reach_km(params) + 1e-9
        result[far] = location.NOBODY
    return result


def reach_km(params: SitingParams) -> float:
    """Reach of a service along the route."""
    return float(str(params.asked("radius_km")))


def capacity_of(table: pd.DataFrame) -> Floats:
    """What each site holds: standard racks where they are told, hectares otherwise."""
    column = "racks" if "racks" in table else "area_ha"
    found: Floats = table[column].to_numpy(np.float64)
    return found


def need_of_a_firm(problem: Problem, params: SitingParams) -> float:
    """Racks (or hectares) that a linked firm takes: as given, or so much that the sites asked for,
    of mean size, are used to the load share.

    Raises
    ------
    ParameterError
        No candidate has a known capacity.
    """
    if params.need_per_firm is not None:
        return params.need_per_firm
    room = problem.room[: problem.sites]
    if np.isnan(room).all():
        raise ParameterError("error.siting_room")
    held = float(np.nanmean(room)) * (problem.places - len(problem.fixed)) * params.load_share
    return held / float(problem.firms.sum())


def _p_median(problem: Problem, params: SitingParams) -> location.Location:
    return location.p_median(problem.cost, problem.places, weights=problem.firms, **problem.limits)


def _capacitated(problem: Problem, params: SitingParams) -> location.Location:
    # A facility of unknown capacity serves nobody.
    firms = np.nan_to_num(problem.room, nan=0.0) / need_of_a_firm(problem, params)
    return location.capacitated_p_median(
        problem.cost, problem.places, capacity=firms, weights=problem.firms, **problem.limits
    )


def _p_center(problem: Problem, params: SitingParams) -> location.Location:
    return location.p_center(problem.cost, problem.places, **problem.limits)


def _p_dispersion(problem: Problem, params: SitingParams) -> location.Location:
    return location.p_dispersion(problem.apart, problem.places, **problem.limits)


def _maximal_covering(problem: Problem, params: SitingParams) -> location.Location:
    return location.maximal_covering(
        problem.cost, reach_km(params), problem.places, weights=problem.firms, **problem.limits
    )


def _set_covering(problem: Problem, params: SitingParams) -> location.Location:
    return location.set_covering(
        problem.cost, reach_km(params), weights=problem.firms, **problem.limits
    )


_MODELS: dict[str, Callable[[Problem, SitingParams], location.Location]] = {
    "p_median": _p_median,
    "capacitated_p_median": _capacitated,
    "p_center": _p_center,
    "p_dispersion": _p_dispersion,
    "maximal_covering": _maximal_covering,
    "set_covering": _set_covering,
}


def uncovered_of(fault: LayoutError | None) -> tuple[int, ...]:
    """Demand that no candidate reaches, where that is the fault of a covering."""
    if fault is None or fault.key != "error.location_uncovered":
        return ()
    listed = fault.values["demand"]
    assert isinstance(listed, tuple)
    return listed
