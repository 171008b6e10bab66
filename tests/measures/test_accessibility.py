import numpy as np
import pytest

from layout.core.errors import LayoutError
from layout.measures.accessibility import Catchment, decay_weights, in_bands, two_step_catchment

STEP = Catchment((10.0,), "step")


def test_two_facilities_and_three_places_by_hand() -> None:
    # facility 0 reaches places 0 and 1 (30 of demand), facility 1 reaches 1 and 2 (50)
    distance = [[5.0, 99.0], [5.0, 10.0], [99.0, 0.0]]
    access, ratio = two_step_catchment(distance, [10, 20, 30], [3, 5], STEP)
    assert ratio.tolist() == pytest.approx([3 / 30, 5 / 50])
    assert access.tolist() == pytest.approx([0.1, 0.2, 0.1])


def test_bands_by_hand() -> None:
    bands = Catchment((10.0, 20.0, 30.0))
    assert decay_weights([[0, 10, 10.1, 20, 30, 30.1]], bands).tolist() == [
        [1, 1, 0.68, 0.68, 0.22, 0]
    ]
    access, _ = two_step_catchment([[5.0], [15.0]], [100, 100], [2], bands)
    assert access.tolist() == pytest.approx([2 / 168, 2 * 0.68 / 168])


def test_the_gaussian_falls_from_one_to_nothing() -> None:
    curve = decay_weights([[0, 5, 10, 10.5]], Catchment((10.0,), "gaussian"))[0]
    middle = (np.exp(-0.125) - np.exp(-0.5)) / (1 - np.exp(-0.5))
    assert curve.tolist() == pytest.approx([1, middle, 0, 0])


@pytest.mark.parametrize("decay", ["step", "gaussian", "bands"])
@pytest.mark.parametrize("seed", range(5))
def test_supply_is_shared_out_to_the_last_unit(decay: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    distance, demand = rng.uniform(0, 40, (30, 6)), rng.integers(0, 9, 30)
    supply = rng.uniform(0, 5, 6)
    access, ratio = two_step_catchment(
        distance, demand, supply, Catchment((10.0, 20.0, 30.0), decay)
    )
    assert (access * demand).sum() == pytest.approx(supply[ratio.notna()].sum())
    order = rng.permutation(30)
    again, _ = two_step_catchment(
        distance[order], demand[order], supply, Catchment((10.0, 20.0, 30.0), decay)
    )
    assert np.allclose(again, access[order])


def test_nothing_within_reach_is_none_and_a_facility_without_demand_unknown() -> None:
    access, ratio = two_step_catchment([[50.0], [60.0]], [1, 1], [1], STEP)
    assert access.tolist() == [0, 0]
    assert ratio.isna().all()


def test_demand_by_band_of_the_nearest() -> None:
    table = in_bands([[3.0, 30.0], [15.0, 12.0], [99.0, 99.0]], [5, 3, 2], [10, 20])
    assert table["demand"].tolist() == [5, 3, 2]
    assert table["share"].tolist() == [0.5, 0.3, 0.2]
    none = in_bands(np.empty((2, 0)), [1, 1], [10])
    assert none["demand"].tolist() == [0, 2]


def test_what_cannot_be_used_is_refused() -> None:
    for catchment in (
        Catchment(()), Catchment((2.0, 1.0), "step"), Catchment((1.0,), "none"),
        Catchment((1.0, 2.0), "bands", (0.5, 0.9)), Catchment((1.0, 2.0), "bands", (1.0,)),
    ):  # fmt: skip
        with pytest.raises(LayoutError):
            decay_weights([[1.0]], catchment)
    with pytest.raises(LayoutError):
        decay_weights([[np.nan]], STEP)
    with pytest.raises(LayoutError):
        two_step_catchment([[1.0]], [-1], [1], STEP)
    with pytest.raises(LayoutError):
        two_step_catchment([[1.0]], [1, 2], [1], STEP)
