"""Specialisation of regions in sectors."""

from __future__ import annotations

import numpy as np
import pandas as pd


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
        Same index and columns. A region or sector without any amount has no quotient: NaN.

    Raises
    ------
    ValueError
        An amount is negative or not finite.

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
    values = table.to_numpy(dtype="float64")
    if not np.isfinite(values).all() or (values < 0).any():
        raise ValueError("a location quotient needs finite amounts of zero or more")
    with np.errstate(invalid="ignore", divide="ignore"):
        within = values / values.sum(axis=1, keepdims=True)
        overall = values.sum(axis=0, keepdims=True) / values.sum()
        quotient = within / overall
    return pd.DataFrame(quotient, index=table.index, columns=table.columns)
