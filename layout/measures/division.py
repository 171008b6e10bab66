r"""Best division of work: which regions lead which sectors, as an integer programme.

.. math::
    \max \sum_{rs} v_{rs} x_{rs} - \lambda \sum_s \tbinom{n_s}{2}, \quad n_s = \sum_r x_{rs},
    \quad x_{rs} \in \{0, 1\}

with at most (and at least) so many sectors a region, at least and at most so many regions a
sector, and pairs that are fixed or forbidden. The second term counts the pairs of regions that
lead the same sector. It is convex in n, so that its steps are further columns of a linear
programme; the matrix is that of a flow, and HiGHS proves the optimum at the root of its search.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from layout.core.errors import LayoutError, MeasureError, raise_all
from layout.measures.tables import Floats

Pair = tuple[int, int]
Assignment = npt.NDArray[np.bool_]

_OPTIMAL: Final = 0
_INFEASIBLE: Final = 2
"""Status of the solver (HiGHS, as SciPy tells it)."""

_EPS: Final = 1e-9


@dataclass(frozen=True)
class Limits:
    """The planner's limits; regions and sectors by their place.

    Attributes
    ----------
    most, least
        Lead sectors of each region.
    sector_most, sector_least
        Leading regions of each sector.
    fixed, forbidden
        Pairs (region, sector) that must or must not be.
    """

    most: tuple[int, ...]
    least: tuple[int, ...]
    sector_most: tuple[int, ...]
    sector_least: tuple[int, ...]
    fixed: frozenset[Pair] = field(default_factory=frozenset)
    forbidden: frozenset[Pair] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Limit:
    """One limit, to be named: ``kind`` and the place of its region and sector (-1: none)."""

    kind: str
    region: int
    sector: int
    value: int


@dataclass(frozen=True)
class Division:
    """A division of work.

    Attributes
    ----------
    leads
        (regions, sectors).
    value
        Of the objective.
    bound
        No division is better than this.
    gap
        (bound − value) / |value|; 0 where the optimum is proven.
    """

    leads: Assignment
    value: float
    bound: float
    gap: float


class ContradictionError(MeasureError):
    """Limits that no division meets.

    Attributes
    ----------
    limits
        A smallest set of them: without any one, the others can be met.
    """

    def __init__(self, limits: tuple[Limit, ...], named: str) -> None:
        super().__init__("error.division_contradiction", limits=named)
        self.limits = limits


def objective(values: Floats, overlap: float, leads: Assignment) -> float:
    """Value of a division: what is led, less ``overlap`` for every pair leading the same sector."""
    n = leads.sum(axis=0)
    return float(values[leads].sum() - overlap * (n * (n - 1) / 2).sum())


def divide(values: Floats, limits: Limits, *, overlap: float, seconds: float = 10.0) -> Division:
    """The best division of work.

    Parameters
    ----------
    values
        (regions, sectors), what is gained if the region leads the sector; any sign, finite.
    limits
        The planner's limits.
    overlap
        Cost of a pair of regions that lead the same sector, zero or more.
    seconds
        After which the best one found so far is returned with its gap.

    Raises
    ------
    ContradictionError
        No division meets the limits; it names a smallest set that contradicts itself.
    MeasureError
        A value is not finite, a limit is out of bounds, or nothing was found in the time.
    """
    checked = _checked(values, limits, overlap)
    found = _solve(checked, limits, overlap, (), seconds)
    if found is None:
        core = contradiction(checked.shape, limits)
        raise ContradictionError(core, "; ".join(map(_plain, core)))
    return found


def alternatives(
    values: Floats, limits: Limits, best: Division, *, overlap: float, within: float,
    most: int = 5, seconds: float = 10.0,
) -> tuple[Division, ...]:  # fmt: skip
    """The next best divisions, each different, whose value is within a share of the best.

    Parameters
    ----------
    best
        The optimum.
    within
        Share of the optimum's value that may be lost, such as 0.05.
    most
        At most so many.
    """
    found: list[Division] = []
    floor = best.value - abs(best.value) * within
    while len(found) < most:
        cuts = tuple(one.leads for one in (best, *found))
        following = _solve(values, limits, overlap, cuts, seconds)
        if following is None or following.value < floor - _EPS:
            break
        found.append(following)
    return tuple(found)


def costs(
    values: Floats, limits: Limits, best: Division, *, overlap: float, seconds: float = 10.0
) -> tuple[tuple[Limit, float], ...]:
    """What each limit costs: the gain in value if it alone were relaxed by one, or dropped.

    Caps are raised and floors lowered by one; fixed and forbidden pairs are set free. Limits that
    do not bind cost 0. The dearest come first.
    """
    told = []
    for limit in every_limit(limits):
        freed = _relaxed(limits, limit)
        if freed is None:
            continue
        other = _solve(values, freed, overlap, (), seconds)
        gain = 0.0 if other is None else max(0.0, other.value - best.value)
        told.append((limit, gain if gain > _EPS else 0.0))
    return tuple(sorted(told, key=lambda pair: -pair[1]))


def every_limit(limits: Limits) -> Iterator[Limit]:
    """All limits one by one, in a fixed order."""
    for region, (most, least) in enumerate(zip(limits.most, limits.least, strict=True)):
        yield Limit("most", region, -1, most)
        yield Limit("least", region, -1, least)
    for sector, (most, least) in enumerate(
        zip(limits.sector_most, limits.sector_least, strict=True)
    ):
        yield Limit("sector_most", -1, sector, most)
        yield Limit("sector_least", -1, sector, least)
    for kind, pairs in (("fixed", limits.fixed), ("forbidden", limits.forbidden)):
        for region, sector in sorted(pairs):
            yield Limit(kind, region, sector, 1)


def contradiction(shape: tuple[int, int], limits: Limits) -> tuple[Limit, ...]:
    """A smallest set of limits that no division meets; empty where there is one.

    Limits are dropped one by one for as long as the rest cannot be met (deletion filter).

    References
    ----------
    Chinneck, J. W. (2008). *Feasibility and Infeasibility in Optimization*. Springer, ch. 6.
    """
    zero = np.zeros(shape)
    if _solve(zero, limits, 0.0, (), 10.0) is not None:
        return ()
    kept = limits
    core = []
    for limit in every_limit(limits):
        freed = _dropped(kept, limit, shape)
        if _solve(zero, freed, 0.0, (), 10.0) is None:
            kept = freed
        else:
            core.append(limit)
    return tuple(core)


def brute_force(values: Floats, limits: Limits, *, overlap: float) -> Division:
    """The best division by looking at every one: only for a dozen of pairs, as a check."""
    regions, sectors = values.shape
    best: tuple[float, Assignment] | None = None
    for bits in product((False, True), repeat=regions * sectors):
        leads = np.array(bits).reshape(regions, sectors)
        if not meets(leads, limits):
            continue
        value = objective(values, overlap, leads)
        if best is None or value > best[0] + _EPS:
            best = value, leads
    if best is None:
        core = contradiction((regions, sectors), limits)
        raise ContradictionError(core, "; ".join(map(_plain, core)))
    return Division(best[1], best[0], best[0], 0.0)


def meets(leads: Assignment, limits: Limits) -> bool:
    """Whether a division meets all limits."""
    rows, columns = leads.sum(axis=1), leads.sum(axis=0)
    return bool(
        (rows <= limits.most).all()
        and (rows >= limits.least).all()
        and (columns <= limits.sector_most).all()
        and (columns >= limits.sector_least).all()
        and all(leads[pair] for pair in limits.fixed)
        and not any(leads[pair] for pair in limits.forbidden)
    )


def _solve(
    values: Floats, limits: Limits, overlap: float, cuts: tuple[Assignment, ...], seconds: float
) -> Division | None:
    """The best division other than ``cuts``, or None where there is none."""
    if limits.fixed & limits.forbidden:
        return None
    from scipy import optimize  # slow to import

    regions, sectors = values.shape
    matrix, low, high = _rows(regions, sectors, limits, cuts)
    bounds = _bounds(regions, sectors, limits)
    steps = np.tile(np.arange(regions) * overlap, sectors)
    answer = optimize.milp(
        np.concatenate([-values.ravel(), steps]),
        constraints=optimize.LinearConstraint(matrix, low, high),
        bounds=optimize.Bounds(*bounds),
        integrality=np.repeat([1, 0], [regions * sectors, regions * sectors]),
        options={"mip_rel_gap": 0.0, "time_limit": seconds},
    )
    if answer.x is None and answer.status == _INFEASIBLE:
        return None
    if answer.x is None:
        raise MeasureError("error.division_time", seconds=f"{seconds:g}", status=answer.message)
    leads = answer.x[: regions * sectors].reshape(regions, sectors) > 0.5
    value = objective(values, overlap, leads)
    # Proven: the bound differs from the value by rounding alone.
    bound = value if answer.status == _OPTIMAL else max(value, -float(answer.mip_dual_bound))
    return Division(leads, value, bound, (bound - value) / max(abs(value), _EPS))


def _rows(
    regions: int, sectors: int, limits: Limits, cuts: tuple[Assignment, ...]
) -> tuple[Any, Floats, Floats]:
    """Rows of the programme: sectors of a region, regions of a sector, its steps, cuts.

    Columns: the pairs, region by region; then the steps, sector by sector. The k-th region of a
    sector takes its k-th step, which costs k − 1 overlaps.
    """
    from scipy import sparse

    pairs = regions * sectors
    by_region = sparse.kron(sparse.eye(regions), np.ones((1, sectors)))
    by_sector = sparse.kron(np.ones((1, regions)), sparse.eye(sectors))
    steps = sparse.kron(sparse.eye(sectors), np.ones((1, regions)))
    blocks = [[by_region, None], [by_sector, None], [by_sector, -steps]]
    low: list[float] = [*limits.least, *limits.sector_least, *([0.0] * sectors)]
    high: list[float] = [*limits.most, *limits.sector_most, *([0.0] * sectors)]
    for cut in cuts:
        flat = cut.reshape(1, pairs)
        blocks.append([sparse.csr_matrix(np.where(flat, 1.0, -1.0)), None])
        low.append(-np.inf)
        high.append(float(flat.sum()) - 1.0)
    return sparse.block_array(blocks, format="csr"), np.array(low), np.array(high)


def _bounds(regions: int, sectors: int, limits: Limits) -> tuple[Floats, Floats]:
    """Least and most of every column: 0 to 1, pairs as they are fixed or forbidden."""
    low, high = np.zeros(2 * regions * sectors), np.ones(2 * regions * sectors)
    for region, sector in limits.fixed:
        low[region * sectors + sector] = 1.0
    for region, sector in limits.forbidden:
        high[region * sectors + sector] = 0.0
    return low, high


def _relaxed(limits: Limits, limit: Limit) -> Limits | None:
    """The limits with one of them relaxed by one; None where it cannot be."""
    pair = (limit.region, limit.sector)
    if limit.kind in ("fixed", "forbidden"):
        pairs = limits.fixed if limit.kind == "fixed" else limits.forbidden
        return _with(limits, limit.kind, pairs - {pair})
    step = 1 if limit.kind.endswith("most") else -1
    place = limit.sector if limit.kind.startswith("sector") else limit.region
    now: list[int] = list(getattr(limits, limit.kind))
    if now[place] + step < 0:
        return None
    now[place] += step
    return _with(limits, limit.kind, tuple(now))


def _with(limits: Limits, name: str, value: Any) -> Limits:
    changed: dict[str, Any] = {name: value}
    return replace(limits, **changed)


def _dropped(limits: Limits, limit: Limit, shape: tuple[int, int]) -> Limits:
    """The limits without one of them."""
    if limit.kind in ("fixed", "forbidden"):
        freed = _relaxed(limits, limit)
        return limits if freed is None else freed
    place = limit.sector if limit.kind.startswith("sector") else limit.region
    now: list[int] = list(getattr(limits, limit.kind))
    now[place] = max(shape) if limit.kind.endswith("most") else 0
    return _with(limits, limit.kind, tuple(now))


def _checked(values: Floats, limits: Limits, overlap: float) -> Floats:
    faults: list[LayoutError] = []
    v = np.asarray(values, dtype="float64")
    if v.ndim != 2 or not np.isfinite(v).all():
        faults.append(MeasureError("error.division_values", found=int((~np.isfinite(v)).sum())))
    if not (np.isfinite(overlap) and overlap >= 0):
        faults.append(MeasureError("error.division_overlap", found=overlap))
    for name, size in (("most", 0), ("least", 0), ("sector_most", 1), ("sector_least", 1)):
        given = getattr(limits, name)
        if len(given) != v.shape[size] or min(given, default=0) < 0:
            faults.append(MeasureError("error.division_limits", name=name, expected=v.shape[size]))
    raise_all(faults)
    return v


def _plain(limit: Limit) -> str:
    """A limit for a message where no names are known."""
    where = [f"region {limit.region}"] * (limit.region >= 0)
    where += [f"sector {limit.sector}"] * (limit.sector >= 0)
    return f"{limit.kind} {limit.value} ({', '.join(where)})"
