"""What a cube counts by and what it counts, as words and bounds."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import pandas as pd

from layout.core import facts

SCOPES: Final = ("core", "fusion", "outside")
STATUSES: Final = ("active", "moved", "cancelled", "revoked", "unknown")
ALL_YEARS: Final = 0
"""Year key of the rows that count every accepted firm with the figures of the latest year."""

DIMENSIONS: Final = ("zone_id", "sector", "scope", "tier", "status", "year")
MEASURES: Final = (
    "firms",
    "firms_milli",
    "firms_full",
    "revenue_cny",
    "revenue_milli",
    "revenue_full_cny",
    "employees",
    "employees_milli",
    "employees_full",
    "revenue_known",
    "employees_known",
)
_YUAN_PER_YI: Final = 100_000_000


@lru_cache(maxsize=1)
def tiers() -> pd.DataFrame:
    """Size tiers, largest first, with ``above_cny`` (strictly above; -1 for the smallest)."""
    table = facts.reference("size_tiers").sort_values("order", key=lambda s: s.astype(int))
    above = pd.to_numeric(table["above_yi"].where(table["above_yi"] != "", None))
    table["above_cny"] = (above.astype(float) * _YUAN_PER_YI).round().fillna(-1).astype("int64")
    return table.reset_index(drop=True)
