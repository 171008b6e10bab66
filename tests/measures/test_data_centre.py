"""Power, racks and gates of data centres at their known figures."""

from __future__ import annotations

import numpy as np
import pytest

from layout.core.errors import MeasureError
from layout.measures.data_centre import (
    COOLING,
    energy_gwh,
    load_share,
    may_build,
    pue_estimate,
    pue_gate,
    rack_class,
    standard_racks,
)


def test_known_centre_is_64_percent_loaded() -> None:
    # 1,760 racks of 4 kW take 48.47 GWh a year at PUE 1.228 (exchange filing of phase III)
    share = float(load_share(48.47, 1760 * 4 / 1000, 1.228))
    assert share == pytest.approx(0.64, abs=0.001)
    assert float(energy_gwh(7.04, 1.228, load_share=share)) == pytest.approx(48.47)
    assert round(float(energy_gwh(7.04, 1.228, load_share=0.64)), 2) == pytest.approx(
        48.47, abs=0.02
    )


@pytest.mark.parametrize(
    ("pue", "gate", "passes"),
    [
        (1.0, "priority", True),
        (1.25, "priority", True),
        (1.25 + 1e-6, "supported", True),
        (1.30, "supported", True),
        (1.1 + 0.2, "supported", True),  # 1.3000000000000003 in floating point
        (1.300001, "no_new", False),
        (1.50, "no_new", False),
        (1.500001, "forbidden", False),
        (2.0, "forbidden", False),
        (np.nan, None, None),
    ],
)
def test_gates_at_their_bounds(pue: float, gate: str | None, passes: bool | None) -> None:
    assert pue_gate(pue) == gate
    assert may_build(pue_gate(pue)) is passes


@pytest.mark.parametrize(
    ("racks", "name"),
    [(10_000, "super"), (9_999, "large"), (3_000, "large"), (1_000, "medium"), (999, "small")],
)
def test_size_classes_at_their_bounds(racks: float, name: str) -> None:
    assert rack_class(racks) == name


def test_racks_are_of_two_and_a_half_kilowatts() -> None:
    assert float(standard_racks(545)) == 218_000  # Guangdong at the end of 2019
    assert rack_class(float("nan")) is None


def test_estimates_rise_with_warmth_and_say_their_range() -> None:
    for cooling in COOLING:
        cool, warm = pue_estimate(cooling, [15.0, 25.0])
        assert (warm >= cool).all()
        assert cool[0] < cool[1] < cool[2]
        assert cool[0] >= 1
    assert np.isnan(pue_estimate("air", np.nan)).all()
    with pytest.raises(MeasureError, match="no cooling"):
        pue_estimate("ice", 20.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(("power", "pue", "share"), [(1, 0.9, 1), (-1, 1.2, 1), (1, 1.2, 1.1)])
def test_impossible_figures_are_refused(power: float, pue: float, share: float) -> None:
    with pytest.raises(MeasureError, match="Energy figures"):
        energy_gwh(power, pue, load_share=share)
