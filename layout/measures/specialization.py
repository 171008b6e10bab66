"""Specialisation of regions in sectors.

A table is regions × sectors, amounts of zero or more. Undefined values are NaN with a reason (see
:mod:`layout.measures.undefined`). Logarithms of entropies are to base 2 (bits).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Final

import numpy as np
import pandas as pd

from layout.core import measure_columns as names
from layout.measures.quotient_inference import location_quotient_inference
from layout.measures.stars import cluster_stars
from layout.measures.tables import Floats, aligned, amounts, ratio
from layout.measures.undefined import Reasons, mark, where

__all__ = [
    "cluster_stars",
    "entropy",
    "hachman_index",
    "herfindahl",
    "krugman_index",
    "location_quotient",
    "location_quotient_inference",
    "presence",
    "related_variety",
    "revealed_comparative_advantage",
    "specialization_coefficient",
]

EMPTY_REGION: Final = "undefined.empty_region"
EMPTY_SECTOR: Final = "undefined.empty_sector"


def location_quotient(table: pd.DataFrame) -> pd.DataFrame:
    r"""Location quotient of every region in every sector.

    .. math:: LQ_{rs} = \frac{x_{rs} / x_{r\cdot}}{x_{\cdot s} / x_{\cdot\cdot}}

    Parameters
    ----------
    table
        Regions × sectors, non-negative amounts (firms, employees, revenue), without totals. All of
        a region's amount must be in it (also a column of untagged firms), as its row sum is the
        base.

    Returns
    -------
    DataFrame
        Same index and columns. A region or sector without any amount has no quotient: NaN, with
        the reason.

    Raises
    ------
    MeasureError
        An amount is negative or not finite (a ValueError).

    References
    ----------
    Florence, P. S. (1939). *Report on the location of industry*. Political and Economic Planning.
    Isserman, A. M. (1977). The location quotient approach to estimating regional economic
    impacts. *Journal of the American Institute of Planners* 43(1), 33–41.

    Examples
    --------
    >>> import pandas as pd
    >>> location_quotient(pd.DataFrame({"a": [2, 1], "b": [2, 3]}, index=["r", "t"])).loc["r", "a"]
    1.3333333333333333
    """
    values = amounts(table, "location quotient")
    quotient = ratio(_shares(values), _reference_shares(values)[None, :])
    result = pd.DataFrame(quotient, index=table.index, columns=table.columns)
    return mark(result, _empty_regions(table, values), _empty_sectors(table, values))


def revealed_comparative_advantage(table: pd.DataFrame) -> pd.DataFrame:
    """Balassa's revealed comparative advantage: the location quotient under its trade name.

    A region has the advantage where the value is at least 1 (see :func:`presence`).

    References
    ----------
    Balassa, B. (1965). Trade liberalisation and "revealed" comparative advantage. *The Manchester
    School* 33(2), 99–123.
    """
    return location_quotient(table)


def presence(table: pd.DataFrame, *, threshold: float = 1.0) -> pd.DataFrame:
    """Where a region is specialised in a sector: quotient of at least ``threshold`` (not above it).

    Returns
    -------
    DataFrame
        Booleans. Regions and sectors without any amount are nowhere present, with the reason.
    """
    quotient = location_quotient(table)
    result = quotient >= threshold
    result.attrs.update(quotient.attrs)
    return result


def krugman_index(table: pd.DataFrame) -> pd.Series:
    r"""Krugman specialisation index of every region, 0 (as the whole) to 2 (nothing in common).

    .. math:: K_r = \sum_s |s_{rs} - s_s|

    where :math:`s_s` is the share of the sector in all regions together, the region included.
    Twice the coefficient of specialisation; other authors halve it or leave the region out.

    References
    ----------
    Krugman, P. (1991). *Geography and Trade*. MIT Press.
    """
    values = amounts(table, "Krugman index")
    distance = np.abs(_shares(values) - _reference_shares(values)).sum(axis=1)
    return _by_region(distance, table, values, names.KRUGMAN)


def specialization_coefficient(table: pd.DataFrame) -> pd.Series:
    """Hoover's coefficient of specialisation, 0 to 1: half of the Krugman index.

    References
    ----------
    Hoover, E. M., & Giarratani, F. (1985). *An Introduction to Regional Economics* (3rd ed.).
    """
    result = krugman_index(table) / 2.0
    return result.rename(names.SPECIALIZATION)


def herfindahl(table: pd.DataFrame) -> pd.Series:
    r"""Herfindahl index of every region, :math:`\sum_s s_{rs}^2`: 1/sectors (even) to 1.

    References
    ----------
    Herfindahl, O. C. (1950). *Concentration in the U.S. Steel Industry*. Columbia University.
    """
    values = amounts(table, "Herfindahl index")
    return _by_region((_shares(values) ** 2).sum(axis=1), table, values, names.HERFINDAHL)


def hachman_index(table: pd.DataFrame) -> pd.Series:
    r"""Hachman index of every region, 0 (specialised) to 1 (sectors in the shares of the whole).

    .. math:: H_r = 1 \Big/ \sum_s \frac{s_{rs}^2}{s_s}

    the inverse of the region's mean location quotient, weighted by its own shares.

    References
    ----------
    Hachman, F. (1994). Bureau of Economic and Business Research, University of Utah.
    """
    values = amounts(table, "Hachman index")
    own = _shares(values)
    mean = np.nansum(ratio(own**2, _reference_shares(values)[None, :]), axis=1)
    return _by_region(ratio(1.0, mean), table, values, names.HACHMAN)


def entropy(table: pd.DataFrame) -> pd.Series:
    r"""Shannon entropy of every region's sectors in bits, :math:`-\sum_s s_{rs} \log_2 s_{rs}`.

    0 (one sector) to :math:`\log_2` of the number of sectors (even).

    References
    ----------
    Shannon, C. E. (1948). A mathematical theory of communication. *Bell System Technical Journal*
    27, 379–423.
    """
    values = amounts(table, "entropy")
    return _by_region(_bits(_shares(values)), table, values, names.ENTROPY)


def related_variety(
    table: pd.DataFrame, groups: Mapping[Hashable, Hashable] | pd.Series
) -> pd.DataFrame:
    r"""Variety of every region's sectors, split into unrelated and related variety, in bits.

    .. math:: H = \sum_g P_g \log_2 \frac{1}{P_g} + \sum_g P_g \sum_{s \in g} \frac{p_s}{P_g}
        \log_2 \frac{P_g}{p_s}

    The first sum, over groups, is unrelated variety; the second, within groups, is related
    variety. Sectors must be nested in broader groups for it to mean anything: a flat list of
    sectors, each its own group, has related variety 0.

    Parameters
    ----------
    table
        Regions × detailed sectors.
    groups
        Group of every sector.

    Returns
    -------
    DataFrame
        By region: ``total``, ``unrelated``, ``related``; total = unrelated + related.

    Raises
    ------
    MeasureError
        A sector has no group, or an amount is negative or not finite.

    References
    ----------
    Frenken, K., Van Oort, F., & Verburg, T. (2007). Related variety, unrelated variety and
    regional economic growth. *Regional Studies* 41(5), 685–697.
    """
    values = amounts(table, "related variety")
    codes = group_codes(table.columns, groups)
    shares = _shares(values)
    of_groups = np.zeros((len(table), codes.max(initial=-1) + 1))
    np.add.at(of_groups.T, codes, shares.T)
    total, unrelated = _bits(shares), _bits(of_groups)
    result = pd.DataFrame(
        {names.TOTAL: total, names.UNRELATED: unrelated, names.RELATED: total - unrelated},
        index=table.index,
    )
    return mark(result, _empty_regions(table, values))


def group_codes(
    labels: pd.Index, groups: Mapping[Hashable, Hashable] | pd.Series
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Number of the group of every label, 0, 1, … in order of appearance."""
    given = groups if isinstance(groups, pd.Series) else pd.Series(dict(groups))
    known = given.dropna()
    aligned(pd.Series(0.0, index=known.index), labels, "groups", "groups")
    codes, _ = pd.factorize(known.reindex(labels))
    return codes


def _shares(values: Floats) -> Floats:
    """Shares of sectors in each region; NaN in an empty region."""
    return ratio(values, values.sum(axis=1, keepdims=True))


def _reference_shares(values: Floats) -> Floats:
    """Shares of sectors in all regions together."""
    return ratio(values.sum(axis=0), values.sum())


def _bits(shares: Floats) -> Floats:
    """Entropy of rows of shares; NaN where a row is."""
    logs = np.log2(shares, out=np.zeros_like(shares), where=shares > 0)
    bits: Floats = -(shares * logs).sum(axis=1) + 0.0  # no minus zero
    return bits


def _by_region(values: Floats, table: pd.DataFrame, of: Floats, name: str) -> pd.Series:
    empty = _empty_regions(table, of)
    result = pd.Series(values, index=table.index, name=name, dtype="float64")
    result[of.sum(axis=1) == 0] = np.nan
    return mark(result, empty)


def _empty_regions(table: pd.DataFrame, values: Floats) -> Reasons:
    return where(table.index, values.sum(axis=1) == 0, EMPTY_REGION)


def _empty_sectors(table: pd.DataFrame, values: Floats) -> Reasons:
    return where(table.columns, values.sum(axis=0) == 0, EMPTY_SECTOR)
