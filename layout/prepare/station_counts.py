"""Base stations by district where only a few bounds are known: an estimate that keeps them.

Published figures give the city's total, a lower bound for some districts, the share these have
together, and who has most. A table by district that is made of these is an estimate, is called one,
and never becomes points or a raster.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core.errors import ReferenceDataError

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

DISTRICT: Final = "district_id"
STATIONS: Final = "stations"
LOW: Final = "stations_low"
HIGH: Final = "stations_high"
KIND: Final = "value_kind"
ESTIMATE: Final = "estimate"


@dataclass(frozen=True)
class CountBounds:
    """What is known of the stations by district.

    Attributes
    ----------
    total
        Stations of the whole city.
    above
        Districts with more than so many stations.
    share
        Share of the total that the districts of ``above`` have together, 0 to 1; None: unknown.
    most
        The district with most stations; None: unknown.
    at_least
        Other districts with so many stations or more (an older count of their own).
    """

    total: int
    above: Mapping[str, int]
    share: float | None = None
    most: str | None = None
    at_least: Mapping[str, int] = field(default_factory=dict)


def estimate_counts(people: Mapping[str, float], bounds: CountBounds) -> pd.DataFrame:
    """Stations by district: by population within the known bounds, with what the bounds allow.

    Parameters
    ----------
    people
        Population of each district that the total covers.
    bounds
        What is known.

    Returns
    -------
    pandas.DataFrame
        One row a district: ``district_id``, ``stations`` (whole, summing to the total),
        ``stations_low`` and ``stations_high`` (the least and most that the bounds allow) and
        ``value_kind``, always ``estimate``.

    Raises
    ------
    ReferenceDataError
        The bounds contradict each other.
    """
    ids = tuple(people)
    weight = np.array([max(people[name], 0.0) for name in ids])
    named = np.array([name in bounds.above for name in ids])
    floor = np.array(
        [bounds.above[n] + 1 if n in bounds.above else bounds.at_least.get(n, 0) for n in ids],
        dtype=np.float64,
    )
    parts = _parts(bounds, named)
    stations, low, high = np.zeros(len(ids)), floor.copy(), np.zeros(len(ids))
    for members, amount in parts:
        if floor[members].sum() > amount or not members.any():
            raise ReferenceDataError("error.station_bounds", total=bounds.total)
        stations[members] = _shared(weight[members], floor[members], amount)
        high[members] = amount - floor[members].sum() + floor[members]
    if bounds.most in ids:
        _lift(stations, floor, named, ids.index(str(bounds.most)))
        _cap(low, high, floor, named, parts, ids.index(str(bounds.most)))
    for members, amount in parts:
        stations[members] = _whole(stations[members], amount)
    return pd.DataFrame(
        {
            DISTRICT: ids,
            STATIONS: stations.astype("int64"),
            LOW: np.ceil(low).astype("int64"),
            HIGH: np.floor(high).astype("int64"),
            KIND: ESTIMATE,
        }
    )


def _parts(bounds: CountBounds, named: Flags) -> list[tuple[Flags, int]]:
    """Groups of districts with the stations they have together."""
    if bounds.share is None or not named.any() or named.all():
        return [(np.ones(len(named), dtype=bool), bounds.total)]
    together = round(bounds.total * bounds.share)
    return [(named, together), (~named, bounds.total - together)]


def _shared(weight: Floats, floor: Floats, amount: float) -> Floats:
    """``amount`` in proportion to ``weight``, no part below its floor."""
    fixed = np.zeros(len(weight), dtype=bool)
    values = floor.astype(np.float64)
    while not fixed.all():
        rest = amount - floor[fixed].sum()
        open_weight = weight[~fixed]
        if open_weight.sum() == 0:
            values[~fixed] = rest / len(open_weight)
        else:
            values[~fixed] = rest * open_weight / open_weight.sum()
        below = ~fixed & (values < floor)
        if not below.any():
            break
        values[below] = floor[below]
        fixed |= below
    return values


def _lift(stations: Floats, floor: Floats, named: Flags, most: int) -> None:
    """Give the district with most as many as the next and one more, taken from those above it."""
    group = np.flatnonzero(named == named[most])
    while True:
        over = [i for i in group if i != most and stations[i] > stations[most] - 2.0]
        if not over:
            return
        level = (stations[over].sum() + stations[most] - 2.0) / (len(over) + 1)
        if any(level < floor[i] for i in over):
            raise ReferenceDataError("error.station_bounds", total=int(stations.sum()))
        stations[over] = level
        stations[most] = level + 2.0


def _cap(
    low: Floats,
    high: Floats,
    floor: Floats,
    named: Flags,
    parts: list[tuple[Flags, int]],
    most: int,
) -> None:
    """Bounds that follow from one district having most."""
    for members, amount in parts:
        if not members[most]:
            continue
        low[most] = max(low[most], amount / members.sum())
        for i in np.flatnonzero(members):
            if i != most:
                rest = floor[members].sum() - floor[i] - floor[most]
                high[i] = min(high[i], (amount - rest) / 2.0)
    outside = named != named[most]
    high[outside] = np.minimum(high[outside], high[most])


def _whole(values: Floats, total: int) -> Floats:
    """Whole numbers near ``values`` that sum to ``total``: largest remainders."""
    base = np.floor(values + 1e-9)
    missing = round(total - float(base.sum()))
    order = np.argsort(-(values - base), kind="stable")
    base[order[:missing]] += 1
    return base
