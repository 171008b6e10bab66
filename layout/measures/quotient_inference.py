"""How sure a location quotient is: exact tails, interval, false discovery rate, shrinkage."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from layout.core import measure_columns as names
from layout.core.errors import MeasureError
from layout.measures.significance import METHODS, adjust_fdr
from layout.measures.stars import region_totals
from layout.measures.tables import Floats, amounts, ratio
from layout.measures.undefined import Reasons, mark, where

ZERO_COUNT: Final = "undefined.zero_count"
NO_SPREAD: Final = "undefined.no_spread"


def location_quotient_inference(
    table: pd.DataFrame, totals: pd.Series | None = None, *, alpha: float = 0.05
) -> pd.DataFrame:
    r"""Location quotients of firm counts with tests, intervals and shrunken values.

    With x firms of the sector in a region of n firms, K firms of the sector and N firms in all:

    - exact tails, given n, K and N: :math:`P(X \ge x)` and :math:`P(X \le x)` for X hypergeometric
      (N, K, n), which is Fisher's exact test and the dartboard for firm counts; and for X binomial
      (n, K/N), which takes the city's share as known;
    - q-values after Benjamini–Hochberg and –Yekutieli over all cells of the table, each tail apart;
    - standard error of log LQ, the region being part of the city (multinomial, delta method):
      :math:`\sqrt{1/x - 1/n - 1/K - 1/N + 2x/(nK)}`, undefined at x = 0, and the interval
      :math:`LQ \exp(\pm z\,se)`. At x = 0 the interval is 0 to the upper Clopper–Pearson bound of
      the rate over K/N: four firms without a hit say nothing of weakness;
    - empirical-Bayes rate: x/n drawn towards K/N by :math:`A/(A + (K/N)/n)`, where the variance
      between regions A is truncated at 0 (untruncated it would push rates away from the mean), and
      the shrunken LQ;
    - Assunção–Reis z of the rate, :math:`(x/n - K/N)/\sqrt{A' + (K/N)/n}` with their untruncated
      :math:`A'` (and without it where the sum is not positive).

    Parameters
    ----------
    table
        Regions × sectors, whole counts of firms (primary or full counting).
    totals
        Firms of every region where the table does not hold all of them; otherwise row sums.
    alpha
        One minus the level of the interval.

    Returns
    -------
    DataFrame
        Indexed by (region, sector), columns of :mod:`layout.core.measure_columns`: counts,
        quotient, ``log_se``, ``low``, ``high``, ``p_over``, ``p_under`` (hypergeometric), the same
        with ``_binomial``, ``q_…``, ``shrunk_rate``, ``shrunk``, ``prior_variance``, ``rate_z``.
        Regions and sectors without firms are NaN, with the reason.

    Raises
    ------
    MeasureError
        Counts are not whole, negative or missing, or totals are less than their sectors.

    References
    ----------
    Moineddin, R., Beyene, J., & Boyle, E. (2003). On the location quotient confidence interval.
    *Geographical Analysis* 35(3), 249–256. Marshall, R. J. (1991). Mapping disease and mortality
    rates using empirical Bayes estimators. *Applied Statistics* 40(2), 283–294. Assunção, R. M., &
    Reis, E. A. (1999). A new proposal to adjust Moran's I for population density. *Statistics in
    Medicine* 18(16), 2147–2162.
    """
    x = amounts(table, "location quotient inference")
    total = region_totals(table, x, totals, "location quotient inference")
    _require_counts(x)
    _require_counts(total)
    n, sector = np.broadcast_to(total[:, None], x.shape), np.broadcast_to(x.sum(axis=0), x.shape)
    columns = {names.COUNT: x, names.REGION_TOTAL: n, names.SECTOR_TOTAL: sector}
    columns |= _interval(x, n, sector, float(total.sum()), alpha)
    columns |= _tails(x, n, sector, float(total.sum()))
    columns |= _shrunken(x, n, sector, float(total.sum()))
    index = pd.MultiIndex.from_product([table.index, table.columns])
    result = pd.DataFrame({name: value.ravel() for name, value in columns.items()}, index=index)
    return mark(result, _reasons(result))


def _require_counts(values: Floats) -> None:
    whole = values == np.floor(values)
    if not whole.all():
        raise MeasureError(
            "error.measure_counts",
            measure="location quotient inference",
            first=float(values[~whole].flat[0]),
        )


def _interval(x: Floats, n: Floats, k: Floats, total: float, alpha: float) -> dict[str, Floats]:
    from scipy import special  # slow to import

    quotient = ratio(ratio(x, n), ratio(k, total))
    variance = ratio(1, x) - ratio(1, n) - ratio(1, k) - ratio(1, total) + ratio(2 * x, n * k)
    # where the region or the sector is everything, rounding leaves a hair of variance
    certain = (n == total) | (k == total)
    se = np.sqrt(np.where(certain | (variance < 0), np.nan, variance))
    z = float(special.ndtri(1 - alpha / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        ceiling = ratio(1 - (alpha / 2) ** (1 / n), ratio(k, total))
    zero = (x == 0) & (n > 0) & (k > 0)
    low = np.where(zero, 0.0, quotient * np.exp(-z * se))
    high = np.where(zero, ceiling, quotient * np.exp(z * se))
    return {names.LQ: quotient, names.LOG_SE: se, names.LOW: low, names.HIGH: high}


def _tails(x: Floats, n: Floats, k: Floats, total: float) -> dict[str, Floats]:
    from scipy import special  # slow to import, as is numba

    from layout.measures.hypergeometric import hypergeometric_tails

    known = (n > 0) & (k > 0)
    share = ratio(k, total)
    over, under = hypergeometric_tails(x.ravel(), total, k.ravel(), n.ravel())
    with np.errstate(invalid="ignore"):
        tails = {
            names.P_OVER: over.reshape(x.shape),
            names.P_UNDER: under.reshape(x.shape),
            names.P_OVER_BINOMIAL: np.where(x == 0, 1.0, special.betainc(x, n - x + 1, share)),
            names.P_UNDER_BINOMIAL: np.where(x == n, 1.0, special.betainc(n - x, x + 1, 1 - share)),
        }
    tails = {name: np.where(known, np.clip(p, 0.0, 1.0), np.nan) for name, p in tails.items()}
    for name in (names.P_OVER, names.P_UNDER):
        for method in METHODS:
            tails[names.q_of(name, method)] = adjust_fdr(tails[name], method=method)
    return tails


def _shrunken(x: Floats, n: Floats, k: Floats, total: float) -> dict[str, Floats]:
    mean, rate = ratio(k, total), ratio(x, n)
    regions = (n > 0).sum(axis=0)
    between = ratio(np.nansum(n * (rate - mean) ** 2, axis=0), total)
    raw = between - ratio(ratio(x.sum(axis=0), total) * regions, total)
    prior = np.maximum(raw, 0.0)
    noise = ratio(mean, n)
    shrunk = mean + ratio(prior, prior + noise) * (rate - mean)
    spread = np.where(raw + noise > 0, raw + noise, noise)
    known = (n > 0) & (k > 0)
    columns = {
        names.SHRUNK_RATE: shrunk,
        names.SHRUNK: ratio(shrunk, mean),
        names.PRIOR_VARIANCE: np.broadcast_to(prior, x.shape),
        names.RATE_Z: ratio(rate - mean, np.sqrt(spread)),
    }
    return {name: np.where(known, value, np.nan) for name, value in columns.items()}


def _reasons(result: pd.DataFrame) -> Reasons:
    """Why whole cells, or their standard errors, are undefined."""
    count, n, k = (
        result[name].to_numpy() for name in (names.COUNT, names.REGION_TOTAL, names.SECTOR_TOTAL)
    )
    reasons = where(result.index, n == 0, "undefined.empty_region")
    reasons = where(result.index, k == 0, "undefined.empty_sector", reasons)
    reasons = where(result.index, count == 0, ZERO_COUNT, reasons)
    return where(result.index, result[names.LOG_SE].isna().to_numpy(), NO_SPREAD, reasons)
