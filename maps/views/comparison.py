"""One district against the others and against the city."""

from __future__ import annotations

import pandas as pd

from layout.analyses.mix import TOTAL, shares
from layout.core import facts
from layout.core.result import Result
from layout.core.study import NO_COORDINATES, OUTSIDE

CITY = "city"
"""Id of the row of the whole city."""


def city_amounts(matrix: pd.DataFrame) -> pd.Series:
    """Amounts of the firms inside the city by sector, whichever districts the matrix shows.

    The base of location quotients: the total without the firms outside and without coordinates.
    """
    beyond = matrix.reindex([OUTSIDE, NO_COORDINATES]).fillna(0).sum()
    return (matrix.loc[TOTAL] - beyond).rename(CITY)


def shares_with_city(result: Result) -> pd.DataFrame:
    """Share of each sector in the tagged amount: a row for the city, then one for each district."""
    city = shares(city_amounts(result.tables["matrix"]).to_frame().T)
    return pd.concat([city, result.tables["share"]])


def profile(result: Result, own: str) -> pd.DataFrame:
    """A district by sector, beside the city.

    Parameters
    ----------
    result
        Sector mix by district, of all districts.
    own
        Id of the district.

    Returns
    -------
    DataFrame
        By sector: ``amount`` (units of the measure), ``share`` and ``city_share`` (of the tagged
        amount), ``difference`` (of the two), ``lq`` and ``rank`` (place of the amount among the
        districts, 1 the largest; null where the amount is null or zero).
    """
    sectors = list(facts.sector_ids())
    table = result.tables["share"]
    amounts = result.tables["matrix"].loc[table.index, sectors].astype("float64")
    both = shares_with_city(result)
    places = amounts.where(amounts > 0).rank(ascending=False, method="min")
    return pd.DataFrame(
        {
            "amount": amounts.loc[own],
            "share": both.loc[own, sectors],
            "city_share": both.loc[CITY, sectors],
            "difference": both.loc[own, sectors] - both.loc[CITY, sectors],
            "lq": result.tables["location_quotient"].loc[own, sectors],
            "rank": places.loc[own].astype("Int64"),
        }
    )
