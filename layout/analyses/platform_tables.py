"""Tables of platforms that rest on numbers alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.measures.accessibility import in_bands

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def gap_table(
    unit: Ints, demand: Floats, access: Floats, far: Floats, reach_km: float
) -> pd.DataFrame:
    """Units by shortfall: firms, accessibility a thousand firms, nearest platform, rank.

    The shortfall is an analyst's proposal: firms times the share by which their accessibility
    lies below the city's mean (by firms).
    """
    mean = float((access * demand).sum() / demand.sum())
    lack = demand * (1 - np.minimum(access / mean, 1)) if mean != 0 else demand
    nearest = far.min(axis=1, initial=np.inf) / 1000
    low = int(unit.min(initial=0))
    size = int(unit.max(initial=-1)) - low + 1

    def total(values: Floats) -> Floats:
        return np.bincount(unit - low, values, minlength=size).astype(np.float64)

    firms = total(demand)
    known = np.where(np.isfinite(nearest), nearest, np.nan)
    beyond = np.where(np.isnan(access), np.nan, demand * (nearest > reach_km))
    with np.errstate(invalid="ignore", divide="ignore"):
        table = pd.DataFrame(
            {
                "firms": firms.astype(np.int64),
                "access_per_1000": total(access * demand) / firms * 1000,
                "nearest_km": total(known * demand) / firms,
                "beyond_reach": total(beyond),
                "shortfall": total(lack),
            },
            index=np.arange(size) + low,
        )
    table = table[table["firms"] > 0].sort_values(
        ["shortfall", "firms"], ascending=False, kind="stable"
    )
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    return table


def bands_table(far: Floats, demand: Floats, access: Floats, reach_km: float) -> pd.DataFrame:
    """Firms by distance of the nearest platform; unknown where no place is known."""
    table = in_bands(far / 1000, demand, [reach_km * k / 3 for k in (1, 2, 3)])
    if np.isnan(access).any():
        table[["demand", "share"]] = np.nan
    return table


def supply_table(platforms: pd.DataFrame, types: tuple[str, ...]) -> pd.DataFrame:
    """Platforms by type: all, located, and without a known place."""
    kind, located = platforms["platform_type"], platforms["located"]
    rows = [
        {
            "platform_type": name,
            "platforms": int((kind == name).sum()),
            "located": int((located & (kind == name)).sum()),
            "unlocated": int((~located & (kind == name)).sum()),
        }
        for name in types
    ]
    return pd.DataFrame(rows)
