"""Shift-share: growth of a region as that of the whole, of its mix, and its own.

Additive forms throughout, so that a sector that begins at zero needs no growth rate. The choice of
the whole (nation, province, city) changes signs: say which it is. A register of living firms shows
growth that is survival.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from layout.core import measure_columns as names
from layout.core.errors import MeasureError
from layout.measures.tables import Floats, aligned, amounts, option, ratio
from layout.measures.undefined import Reasons, mark, where

Form = Literal["dunn", "esteban_marquillas"]
Table = pd.DataFrame | pd.Series

NO_BASE: Final = "undefined.no_base"


@dataclass(frozen=True)
class ShiftShare:
    """Components of growth, in the unit of the table.

    Attributes
    ----------
    total
        By region: ``growth``, ``national_share``, ``industrial_mix``, ``regional_share``,
        (``allocation_effect``,) ``net_total_shift``. Growth is the sum of the shares, mix and
        effect; the net shift is growth without the national share.
    by_sector
        The same by (region, sector); ``total`` is its sum.
    periods
        For the dynamic form, the same totals by (period, region); otherwise None.
    """

    total: pd.DataFrame
    by_sector: pd.DataFrame
    periods: pd.DataFrame | None = None


def dunn(
    start: Table, end: Table, reference_start: pd.Series, reference_end: pd.Series
) -> ShiftShare:
    r"""Dunn's shift-share: national share, industrial mix, regional share.

    .. math:: \Delta x_{rs} = x_{rs} g + x_{rs} (g_s - g) + (x'_{rs} - x_{rs} (1 + g_s))

    with growth rates g of the reference as a whole and :math:`g_s` of its sectors.

    Parameters
    ----------
    start, end
        Regions × sectors (or one region as a Series by sector), amounts.
    reference_start, reference_end
        The reference's amounts by sector; the regions are usually part of it.

    Returns
    -------
    ShiftShare
        A sector that begins at zero in the reference has no rate: it takes the overall one, which
        leaves its industrial mix 0 and its growth to the regional share. A reference of zero is
        undefined, with the reason.

    Raises
    ------
    MeasureError
        An amount is negative or not finite, or labels differ.

    References
    ----------
    Dunn, E. S. (1960). A statistical and analytical technique for regional analysis. *Papers in
    Regional Science* 6(1), 97–112.
    """
    data = _data(start, end, reference_start, reference_end)
    return _assembled(data, {**_common(data), names.REGIONAL: _competitive(data)})


def esteban_marquillas(
    start: Table, end: Table, reference_start: pd.Series, reference_end: pd.Series
) -> ShiftShare:
    r"""Dunn's form with the regional share split into a competitive and an allocation effect.

    .. math:: x_{rs}(g_{rs} - g_s) = h_{rs} (g_{rs} - g_s) + (x_{rs} - h_{rs})(g_{rs} - g_s),
        \quad h_{rs} = x_{r\cdot} \frac{X_s}{X_\cdot}

    h is the amount the sector would have if the region had the reference's mix. A sector that
    begins at zero in the region has no rate :math:`g_{rs}`: its growth is all regional share and
    it has no allocation effect.

    Parameters, Returns, Raises
    ---------------------------
    As :func:`dunn`, with ``allocation_effect``.

    References
    ----------
    Esteban-Marquillas, J. M. (1972). A reinterpretation of shift-share analysis. *Regional and
    Urban Economics* 2(3), 249–255.
    """
    data = _data(start, end, reference_start, reference_end)
    own = _competitive(data)
    expected = data.start.sum(axis=1, keepdims=True) * ratio(data.base, data.base.sum())
    weight = np.where(data.start > 0, ratio(expected, data.start), 1.0)
    parts = {names.REGIONAL: own * weight, names.ALLOCATION: own * (1 - weight)}
    return _assembled(data, {**_common(data), **parts})


def gerfin(
    start: Table, end: Table, reference_start: pd.Series, reference_end: pd.Series
) -> pd.DataFrame:
    r"""Gerfin's multiplicative form: factors of mix and of the region, and their product.

    .. math:: \frac{x' / x}{X' / X} = \frac{\sum_s x_s X'_s / X_s}{x X' / X} \cdot
        \frac{x'}{\sum_s x_s X'_s / X_s}

    Parameters, Raises
    ------------------
    As :func:`dunn`.

    Returns
    -------
    DataFrame
        By region: ``industrial_mix``, ``regional_share``, ``net_total_shift`` as factors, 1 being
        the growth of the reference. A region that begins at zero is undefined, with the reason.

    References
    ----------
    Gerfin, H. (1964). Gesamtwirtschaftliches Wachstum und regionale Entwicklung. *Kyklos* 17(4),
    565–593.
    """
    data = _data(start, end, reference_start, reference_end)
    size, now = data.start.sum(axis=1), data.end.sum(axis=1)
    as_sectors = (data.start * (1 + data.sector_growth)).sum(axis=1)
    as_whole = size * (1 + data.growth)
    factors = {
        names.MIX: ratio(as_sectors, as_whole),
        names.REGIONAL: ratio(now, as_sectors),
        names.NET_SHIFT: ratio(now, as_whole),
    }
    result = pd.DataFrame(factors, index=data.regions)
    return mark(result, where(data.regions, result.isna().any(axis=1).to_numpy(), NO_BASE))


def dynamic(
    tables: Sequence[Table], references: Sequence[pd.Series], *, form: Form = "dunn"
) -> ShiftShare:
    """Sum of the components of every pair of neighbouring periods.

    Rates and mix follow the years, so that the result does not hang on the first one.

    Parameters
    ----------
    tables
        The regions' amounts at two or more times, as ``start`` in :func:`dunn`.
    references
        The reference's amounts at the same times.
    form
        ``"dunn"`` or ``"esteban_marquillas"``.

    Returns
    -------
    ShiftShare
        With ``periods``, numbered from 0.

    Raises
    ------
    MeasureError
        Fewer than two times, or as :func:`dunn`.

    References
    ----------
    Barff, R. A., & Knight, P. L. (1988). Dynamic shift-share analysis. *Growth and Change* 19(2),
    1–10.
    """
    option("form", form, ("dunn", "esteban_marquillas"))
    if len(tables) < 2 or len(tables) != len(references):
        raise MeasureError("error.measure_periods", tables=len(tables), references=len(references))
    method = dunn if form == "dunn" else esteban_marquillas
    steps = [
        method(tables[i], tables[i + 1], references[i], references[i + 1])
        for i in range(len(tables) - 1)
    ]
    total, by_sector = steps[0].total.copy(), steps[0].by_sector.copy()
    for step in steps[1:]:
        total += step.total.loc[total.index]
        by_sector += step.by_sector.loc[by_sector.index]
    periods = pd.concat({number: step.total for number, step in enumerate(steps)})
    return ShiftShare(total, by_sector, periods)


@dataclass(frozen=True)
class _Data:
    regions: pd.Index
    sectors: pd.Index
    start: Floats
    end: Floats
    base: Floats  # the reference at the start
    growth: float
    sector_growth: Floats


def _data(start: Table, end: Table, base: pd.Series, later: pd.Series) -> _Data:
    before, after = _table(start), _table(end)
    for what, axis in (("regions", "index"), ("sectors", "columns")):
        labels: pd.Index = getattr(before, axis)
        other: pd.Index = getattr(after, axis)
        odd = labels.symmetric_difference(other)
        if len(odd):
            raise MeasureError("error.measure_labels", what=what, missing=str(odd[0]))
    x = amounts(before, "shift-share")
    y = amounts(after.loc[before.index, before.columns], "shift-share")
    reference = aligned(base, before.columns, "reference", "shift-share")
    reference_end = aligned(later, before.columns, "reference", "shift-share")
    growth = float(ratio(reference_end.sum(), reference.sum())) - 1
    rates = ratio(reference_end, reference) - 1
    rates = np.where(reference > 0, rates, growth)
    return _Data(before.index, before.columns, x, y, reference, growth, rates)


def _table(table: Table) -> pd.DataFrame:
    if isinstance(table, pd.Series):
        return table.to_frame("region").T
    return table


def _common(data: _Data) -> dict[str, Floats]:
    return {
        names.GROWTH: data.end - data.start,
        names.NATIONAL: data.start * data.growth,
        names.MIX: data.start * (data.sector_growth - data.growth),
    }


def _competitive(data: _Data) -> Floats:
    return data.end - data.start * (1 + data.sector_growth)


def _assembled(data: _Data, parts: dict[str, Floats]) -> ShiftShare:
    index = pd.MultiIndex.from_product([data.regions, data.sectors])
    by_sector = pd.DataFrame({name: part.ravel() for name, part in parts.items()}, index=index)
    by_sector[names.NET_SHIFT] = by_sector[names.GROWTH] - by_sector[names.NATIONAL]
    cells = by_sector.to_numpy().reshape(len(data.regions), len(data.sectors), -1)
    total = pd.DataFrame(cells.sum(axis=1), index=data.regions, columns=by_sector.columns)
    reasons: Reasons = {}
    if np.isnan(data.growth):
        reasons = where(data.regions, np.ones(len(data.regions), dtype=bool), NO_BASE)
    return ShiftShare(mark(total, reasons), by_sector)
