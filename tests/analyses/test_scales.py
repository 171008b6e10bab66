"""The scale check: the same firms on several sets of zones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from layout.analyses.firm_points import FirmPoints
from layout.analyses.scales import (
    OTHER,
    ScaleParams,
    _gamma,
    _hexagon_codes,
    _measured,
    _quotients,
    _require,
    agreement,
    counts_by_unit,
    dependence,
)
from layout.core import facts
from layout.core.errors import ParameterError


def firms(n: int = 3_000, *, clustered: bool = False) -> FirmPoints:
    """Firms over 20 × 20 km; sector 0 either everywhere or in one corner."""
    rng = np.random.default_rng(5)
    xy = 500_000 + rng.uniform(0, 20_000, (n, 2))
    xy[:, 1] += 2_000_000
    primary = rng.integers(-1, 12, n)
    if clustered:
        corner = (xy[:, 0] < 504_000) & (xy[:, 1] < 2_504_000)
        primary[primary == 0] = 1
        primary[corner & (rng.random(n) < 0.7)] = 0
    sectors = np.column_stack([primary, np.full((n, 2), -1)])
    unknown = np.full(n, np.nan)
    zones = {"district": (xy[:, 0] > 510_000).astype(np.int64)}
    return FirmPoints(
        xy, sectors, unknown, unknown, zones, {"district": ("A", "B")}, "EPSG:4547", 0
    )


def test_counts_hold_every_firm_of_a_unit_once() -> None:
    some = firms()
    table = counts_by_unit(some, some.zones["district"], 2)
    assert table.to_numpy().sum() == len(some)
    assert table[OTHER].sum() == (some.sectors[:, 0] < 0).sum()
    half = some.zones["district"].copy()
    half[:100] = -1
    assert counts_by_unit(some, half, 2).to_numpy().sum() == len(some) - 100


def test_labels_dealt_at_random_are_not_concentrated_at_any_scale() -> None:
    some = firms()
    for width in (1_000.0, 2_000.0, 5_000.0):
        codes, _ = _hexagon_codes(some, width, (0.0, 0.0))
        assert np.abs(_gamma(some, codes)).max() < 0.02


def test_a_planted_corner_is_found_at_every_scale() -> None:
    some = firms(clustered=True)
    first = facts.sector_ids()[0]
    for width in (1_000.0, 2_000.0, 5_000.0):
        codes, number = _hexagon_codes(some, width, (0.5, 0.0))
        found = _measured(some, codes, number, "x").set_index("sector")
        assert found.loc[first, "gamma"] > 0.02
        assert found.loc[first, "gamma"] == found["gamma"].max()
    special = found["special_units"]
    assert special[first] >= 1
    assert special.drop(first).sum() <= 1


def test_dependence_and_agreement_by_hand() -> None:
    table = pd.DataFrame(
        {"sector": ["a", "b", "a", "b"], "zone_scale": ["s", "s", "t", "t"],
         "gamma": [0.3, 0.1, 0.1, 0.2]}
    )  # fmt: skip
    shifted = pd.DataFrame(
        {"width_m": [1.0] * 4, "gamma": [0.1, 0.3, 0.2, 0.2]}, index=["a", "a", "b", "b"]
    )
    found = dependence(table, shifted)
    assert found.loc["a"].tolist() == pytest.approx([0.1, 0.3, 0.2, 0.1, 1, 2])
    assert found.loc["b", "shift_sd"] == 0
    assert agreement(table).loc["s", "t"] == -1


def test_a_small_unit_shows_no_quotient() -> None:
    sectors = [*facts.sector_ids(), OTHER]
    table = pd.DataFrame(0, index=[0, 1], columns=sectors)
    table.loc[0, "S02"], table.loc[0, OTHER] = 2, 8
    table.loc[1, "S02"] = 4
    found = _quotients(table, ScaleParams(sector="S02", min_firms=5))
    assert found["lq"].tolist()[0] == pytest.approx(0.2 / (6 / 14))
    assert np.isnan(found["lq"].tolist()[1])


@pytest.mark.parametrize("given", [{"sector": "S99"}, {"widths_m": (5.0,)}, {"widths_m": ()}])
def test_settings_that_cannot_be_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(ParameterError):
        _require(ScaleParams.model_validate(given))
