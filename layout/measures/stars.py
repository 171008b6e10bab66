"""Stars of regional clusters after the rule of the European Cluster Observatory."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core import measure_columns as names
from layout.core.errors import MeasureError
from layout.measures.tables import Floats, aligned, amounts, option, ratio


def cluster_stars(
    table: pd.DataFrame,
    totals: pd.Series | None = None,
    *,
    reference: pd.Series | None = None,
    top_share: float = 0.1,
    min_quotient: float = 2.0,
) -> pd.DataFrame:
    """Stars, 0 to 3, of every region in every sector: one each for size, specialisation and focus.

    - size: the region is among the top ``top_share`` of regions by the amount in the sector;
    - specialisation: its location quotient is at least ``min_quotient``;
    - focus: it is among the top ``top_share`` of regions by the sector's share in its own total.

    The number of top regions is rounded up. Ties at the last place all count. With ten regions
    the top tenth is one region: the rule then says little; use parks or subdistricts.

    Parameters
    ----------
    table
        Regions × sectors, usually employees.
    totals
        Total of every region where the table does not hold all sectors; otherwise row sums.
    reference
        Each sector's share (0 to 1) in the economy that quotients compare with; otherwise that in
        the regions together, which should then be the whole economy.
    top_share
        Share of regions that is the top, above 0 and at most 1.
    min_quotient
        Quotient that earns the star of specialisation.

    Returns
    -------
    DataFrame
        Indexed by (region, sector): ``size_star``, ``quotient_star``, ``focus_star`` (booleans)
        and ``stars``. Where there is nothing, there is no star.

    Raises
    ------
    MeasureError
        An amount is negative or not finite, or a total is less than its sectors.

    References
    ----------
    European Cluster Observatory (2007). *Evaluation of regional cluster strength*.
    """
    if not 0 < top_share <= 1:
        option("top_share", top_share, ("0 < top_share ≤ 1",))
    values = amounts(table, "cluster stars")
    total = region_totals(table, values, totals, "cluster stars")
    focus = ratio(values, total[:, None])
    if reference is None:
        share = ratio(values.sum(axis=0), total.sum())
    else:
        share = aligned(reference, table.columns, "reference", "cluster stars")
    quotient = ratio(focus, share[None, :])
    stars = {
        names.SIZE_STAR: _top(values, top_share),
        names.QUOTIENT_STAR: np.nan_to_num(quotient) >= min_quotient,
        names.FOCUS_STAR: _top(np.nan_to_num(focus), top_share),
    }
    index = pd.MultiIndex.from_product([table.index, table.columns])
    result = pd.DataFrame({name: star.ravel() for name, star in stars.items()}, index=index)
    result[names.STARS] = result.sum(axis=1).astype("int64")
    return result


def region_totals(
    table: pd.DataFrame, values: Floats, totals: pd.Series | None, measure: str
) -> Floats:
    """Totals of regions: those given, if they hold the table's sectors, else its row sums."""
    sums: Floats = values.sum(axis=1)
    if totals is None:
        return sums
    given = aligned(totals, table.index, "totals", measure)
    short = given < sums * (1 - 1e-12)
    if short.any():
        first = int(np.argmax(short))
        raise MeasureError(
            "error.measure_totals",
            first=f"{table.index[first]}: {given[first]:g} < {sums[first]:g}",
        )
    return given


def _top(values: Floats, share: float) -> npt.NDArray[np.bool_]:
    """Whether each region is among the top ``share`` of its column, with something in it."""
    if not len(values):
        return np.zeros(values.shape, dtype=bool)
    # 0.1 * 30 regions is 3.0000000000000004: not a reason for a fourth one
    places = math.ceil(round(share * len(values), 9))
    last = np.sort(values, axis=0)[-places]
    top: npt.NDArray[np.bool_] = (values >= last) & (values > 0)
    return top
