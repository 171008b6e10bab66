"""The division of work equals brute force, proves its optimum, and names contradictions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout.core.errors import FaultsError, MeasureError
from layout.measures.division import (
    ContradictionError,
    Limits,
    alternatives,
    brute_force,
    contradiction,
    costs,
    divide,
    meets,
    objective,
)


def limits(regions: int, sectors: int, **other: object) -> Limits:
    given = {
        "most": (2,) * regions, "least": (0,) * regions,
        "sector_most": (2,) * sectors, "sector_least": (1,) * sectors,
    }  # fmt: skip
    return Limits(**{**given, **other})  # type: ignore[arg-type]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.1, 0.7]), st.booleans())
def test_optimum_equals_brute_force(seed: int, overlap: float, pinned: bool) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(3, 4))
    cell = (int(rng.integers(3)), int(rng.integers(4)))
    other = (int(rng.integers(3)), int(rng.integers(4)))
    bound = limits(
        3, 4, least=(1, 0, 0),
        fixed=frozenset({cell}) if pinned else frozenset(),
        forbidden=frozenset({other} - {cell}),
    )  # fmt: skip
    try:
        expected = brute_force(values, bound, overlap=overlap)
    except ContradictionError:
        with pytest.raises(ContradictionError):
            divide(values, bound, overlap=overlap)
        return
    found = divide(values, bound, overlap=overlap)
    assert found.value == pytest.approx(expected.value, abs=1e-9)
    assert meets(found.leads, bound)
    assert found.gap == 0.0
    assert found.value == pytest.approx(objective(values, overlap, found.leads))


def test_twelve_sectors_and_eleven_districts_are_proven() -> None:
    values = np.random.default_rng(5).normal(size=(11, 12))
    bound = limits(11, 12, most=(3,) * 11, least=(1,) * 11, sector_most=(3,) * 12)
    found = divide(values, bound, overlap=0.25)
    assert found.gap == 0.0
    assert meets(found.leads, bound)


def test_alternatives_are_the_next_best_of_all() -> None:
    values = np.random.default_rng(2).normal(size=(3, 3))
    bound = limits(3, 3)
    best = divide(values, bound, overlap=0.2)
    found = alternatives(values, bound, best, overlap=0.2, within=0.5, most=4)
    every = sorted(
        {
            round(objective(values, 0.2, leads), 9)
            for bits in np.ndindex(*(2,) * 9)
            if meets(leads := np.array(bits, dtype=bool).reshape(3, 3), bound)
        },
        reverse=True,
    )
    assert best.value == pytest.approx(every[0])
    assert [one.value for one in found] == pytest.approx(
        [v for v in every[1:5] if v >= best.value - abs(best.value) * 0.5]
    )
    shapes = {one.leads.tobytes() for one in (best, *found)}
    assert len(shapes) == len(found) + 1


def test_cost_of_a_limit_is_the_gain_without_it() -> None:
    values = np.array([[5.0, 4.0], [1.0, 0.5]])
    bound = limits(2, 2, most=(1, 2), forbidden=frozenset({(0, 0)}))
    best = divide(values, bound, overlap=0.0)
    assert best.value == pytest.approx(4 + 1 + 0.5)
    told = {(limit.kind, limit.region, limit.sector): cost for limit, cost in
            costs(values, bound, best, overlap=0.0)}  # fmt: skip
    free = brute_force(values, limits(2, 2, most=(1, 2)), overlap=0.0)
    assert told["forbidden", 0, 0] == pytest.approx(free.value - best.value)
    assert told["most", 1, -1] == 0.0


def test_overlap_spreads_the_leads() -> None:
    values = np.array([[1.0], [0.9], [0.8]])
    bound = limits(3, 1, sector_most=(3,))
    assert divide(values, bound, overlap=0.0).leads.sum() == 3
    assert divide(values, bound, overlap=0.85).leads.sum() == 2
    assert divide(values, bound, overlap=2.0).leads.sum() == 1


def test_contradictory_limits_are_named() -> None:
    bound = limits(
        2, 3, most=(1, 1), fixed=frozenset({(0, 0)}), forbidden=frozenset({(1, 2), (1, 0)})
    )
    with pytest.raises(ContradictionError) as caught:
        divide(np.ones((2, 3)), bound, overlap=0.0)
    core = caught.value.limits
    # Two regions with one lead each cannot lead three sectors.
    assert {"most", "sector_least"} <= {limit.kind for limit in core}
    assert contradiction((2, 3), limits(2, 3)) == ()


def test_a_smallest_contradiction_leaves_out_what_has_no_part_in_it() -> None:
    pair = frozenset({(0, 1)})
    core = contradiction((3, 3), limits(3, 3, fixed=pair, forbidden=pair | {(2, 2)}))
    assert {limit.kind for limit in core} == {"fixed", "forbidden"}
    assert all((limit.region, limit.sector) == (0, 1) for limit in core)


def test_bad_input_is_told_together() -> None:
    with pytest.raises(FaultsError) as caught:
        divide(np.array([[np.nan, 1.0]]), limits(2, 2), overlap=-1)
    assert len(caught.value.faults) >= 3
    with pytest.raises(MeasureError):
        divide(np.ones((2, 2)), limits(2, 2, most=(1, -1)), overlap=0.0)
