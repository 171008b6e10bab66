"""The set of sites: exact location-allocation on the shortlist, and how often each site stays in.

Whom sites serve are the linked firms on squares of a kilometre. Costs are kilometres along the
route. Capacity of a substation is counted once over the chosen set: where two chosen sites would
take the same capacity, the one of lower rank is barred and the set is chosen anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.analyses.siting.connect import Ways
from layout.analyses.siting.demand import Demand
from layout.analyses.siting.ground import Ground
from layout.analyses.siting.models import Problem, allocation_of, capacity_of, solve
from layout.analyses.siting.params import SitingParams
from layout.analyses.siting.table import spare_of
from layout.core.errors import LayoutError
from layout.core.progress import tell
from layout.measures import location
from layout.measures.least_cost import share_out
from layout.measures.suitability_draws import rank_acceptability

Floats = npt.NDArray[np.float64]

MOST_RECHOSEN = 12
MOST_DRAWN_CHOICES = 60
"""Draws for which the whole choice is repeated."""

DRAWN_SHARE = 0.05
"""Of the time limit, for each repeated choice: all together take three times the limit at most."""


@dataclass(frozen=True)
class Choice:
    """A chosen set.

    Attributes
    ----------
    sites
        Ids, in the order of rank.
    found
        What the model says: bounds, gap, proof; None where nothing could be chosen.
    allocation
        By square of demand: position in ``facilities`` of the site that serves it, -1 for none.
    facilities
        Ids of the sites and existing facilities the model knew.
    cost
        Demand × facilities, kilometres along the route.
    barred
        Sites that could not be chosen, and why: ``gate``, ``power``, ``shared_power``.
    supply
        By chosen site: the substation that feeds it and what is left there.
    fault
        Why nothing was chosen.
    """

    sites: tuple[str, ...]
    found: location.Location | None
    allocation: npt.NDArray[np.int64]
    facilities: tuple[str, ...]
    cost: Floats
    barred: dict[str, str]
    supply: pd.DataFrame = field(default_factory=pd.DataFrame)
    fault: LayoutError | None = None


@dataclass(frozen=True)
class Task:
    """What a set is chosen from.

    Attributes
    ----------
    table
        Candidates that may be on a shortlist, by site, with ``rank``.
    shapes
        Their outlines, metres, same order.
    existing
        Facilities that serve already, metres.
    grid
        Ways to substations; None where power plays no part.
    """

    ground: Ground
    table: pd.DataFrame
    shapes: gpd.GeoSeries
    demand: Demand
    existing: gpd.GeoDataFrame
    grid: Ways | None
    params: SitingParams


def choose(
    task: Task, shortlist: list[str], barred: dict[str, str], *, limit_s: float | None = None
) -> Choice:
    """The best set among the shortlist under capacities that are counted once.

    Parameters
    ----------
    task
        What is chosen from.
    shortlist
        Ids of the candidates.
    barred
        Candidates that may not be chosen, and why.
    limit_s
        Wall seconds of each solving; by default those of the settings.
    """
    barred = dict(barred)
    limit = task.params.time_limit_s if limit_s is None else limit_s
    for _ in range(MOST_RECHOSEN):
        choice = _solve(task, shortlist, barred, limit)
        if task.grid is None or not choice.sites:
            return choice
        supply = _supply(task, choice.sites)
        short = supply.index[supply["source"] < 0]
        if not len(short):
            return replace(choice, supply=supply)
        barred[str(short[-1])] = "shared_power"
    return replace(choice, supply=supply)


def _solve(task: Task, shortlist: list[str], barred: dict[str, str], limit_s: float) -> Choice:
    params = task.params
    cost, facilities = route_km(task, shortlist)
    fixed = tuple(range(len(shortlist), len(facilities)))
    forbidden = tuple(at for at, site in enumerate(shortlist) if site in barred)
    count = min(int(str(params.asked("count"))), len(shortlist) - len(forbidden))
    none = Choice((), None, np.full(len(cost), -1), tuple(facilities), cost, barred)
    if count < 1 or not len(cost):
        return none
    problem = Problem(
        cost, task.demand.firms, _apart_km(task, shortlist), _room(task, shortlist),
        len(shortlist), fixed, forbidden, count + len(fixed), limit_s,
    )  # fmt: skip
    try:
        found = solve(problem, params)
    except LayoutError as error:
        return replace(none, fault=error)
    ranks = task.table["rank"]
    chosen = [shortlist[at] for at in found.sites if at < len(shortlist)]
    chosen.sort(key=ranks.to_dict().__getitem__)
    return replace(
        none, sites=tuple(chosen), found=found, allocation=allocation_of(problem, found, params)
    )


def places_of(task: Task, sites: Sequence[str]) -> npt.NDArray[np.int64]:
    """Rows of sites in the task's table."""
    found: npt.NDArray[np.int64] = task.table.index.get_indexer(pd.Index(list(sites)))
    return found


def route_km(task: Task, shortlist: list[str]) -> tuple[Floats, list[str]]:
    """Kilometres along the route from each square of demand to sites and existing facilities."""
    x, y = _positions(task, shortlist)
    names = list(shortlist) + [f"existing:{name}" for name in _kept(task)["id"]]
    straight = np.hypot(task.demand.x[:, None] - x, task.demand.y[:, None] - y)
    return straight / 1000 * task.params.route_factor, names


def _kept(task: Task) -> gpd.GeoDataFrame:
    """Existing facilities that stay."""
    return task.existing if task.params.keep_existing else task.existing.iloc[:0]


def _positions(task: Task, shortlist: list[str]) -> tuple[Floats, Floats]:
    """Metres of sites and existing facilities that stay."""
    middle = task.shapes.iloc[places_of(task, shortlist)].centroid
    kept = _kept(task).geometry
    return np.concatenate([middle.x, kept.x]), np.concatenate([middle.y, kept.y])


def _apart_km(task: Task, shortlist: list[str]) -> Floats:
    """Kilometres along the route between facilities."""
    x, y = _positions(task, shortlist)
    straight = np.hypot(x[:, None] - x, y[:, None] - y)
    apart: Floats = straight / 1000 * task.params.route_factor
    return apart


def _room(task: Task, shortlist: list[str]) -> Floats:
    """What each facility holds: racks or hectares; NaN unknown."""
    own = capacity_of(task.table)[places_of(task, shortlist)]
    kept = _kept(task)
    told = kept["racks"] if "racks" in kept else pd.Series(np.nan, index=kept.index)
    return np.concatenate([own, pd.to_numeric(told, errors="coerce").to_numpy(np.float64)])


def _supply(task: Task, sites: tuple[str, ...]) -> pd.DataFrame:
    """Substations of a set in the order of rank, each capacity taken once."""
    assert task.grid is not None
    stations = task.ground.frame("substations")
    assert stations is not None
    rows = places_of(task, sites)
    need = task.table["mva"].to_numpy(np.float64)[rows]
    supply = share_out(task.grid.cost[rows], need, spare_of(stations))
    supply.index = pd.Index(sites, name="site")
    return supply


@dataclass(frozen=True)
class Stability:
    """How sure a choice is over drawn weights.

    Attributes
    ----------
    table
        By site: ``p_first``, ``p_shortlist`` (share of draws on the shortlist), ``p_chosen``
        (share of repeated choices that take it), ``mean_rank``.
    choices
        How many choices were repeated.
    """

    table: pd.DataFrame
    choices: int


def stability(
    task: Task, scores: Floats, penalty: Floats, drawn: Floats, barred: dict[str, str]
) -> Stability:
    """Weights drawn → ranks → shortlist → chosen set, counted.

    Parameters
    ----------
    scores
        Sites × criteria, 0 to 1, in the order of ``task.table``.
    penalty
        Points taken from each site.
    drawn
        Draws × criteria.
    """
    size = task.params.shortlist
    judged = np.column_stack([scores, -penalty])
    full = np.column_stack([drawn, np.ones(len(drawn))])
    ranks = rank_acceptability(judged, full, best=size)
    names = list(task.table.index)
    repeated = full[:: max(1, -(-len(full) // MOST_DRAWN_CHOICES))]
    taken = np.zeros(len(names))
    for number, row in enumerate(repeated):
        tell("siting_stability", 0.85 + 0.12 * number / len(repeated))
        order = np.argsort(-(judged @ row), kind="stable")[:size]
        again = [names[at] for at in order]
        chosen = choose(task, again, barred, limit_s=DRAWN_SHARE * task.params.time_limit_s).sites
        taken[places_of(task, chosen)] += 1
    table = pd.DataFrame(
        {
            "p_first": ranks.ranks[:, 0] if len(names) else [],
            "p_shortlist": ranks.in_best,
            "p_chosen": taken / len(repeated),
            "mean_rank": ranks.mean_rank,
        },
        index=task.table.index,
    )
    return Stability(table, len(repeated))


def pareto(table: pd.DataFrame, less: tuple[str, ...], more: tuple[str, ...]) -> pd.Series:
    """Whether no other site is at least as good in everything and better in something.

    Sites with an unknown figure are not judged (NA).
    """
    if not (less or more):
        return pd.Series(pd.NA, index=table.index, dtype="boolean")
    values = np.column_stack(
        [table[name].to_numpy(np.float64) for name in less]
        + [-table[name].to_numpy(np.float64) for name in more]
    )
    known = ~np.isnan(values).any(axis=1)
    front = pd.Series(pd.NA, index=table.index, dtype="boolean")
    v = np.round(values[known], 9)
    no_worse = (v[None, :, :] <= v[:, None, :]).all(axis=2)
    better = (v[None, :, :] < v[:, None, :]).any(axis=2)
    front[known] = ~(no_worse & better).any(axis=1)
    return front
