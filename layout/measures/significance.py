"""Many tests at once, and p-values from simulated values: one place for both."""

from __future__ import annotations

from typing import Any, Final, Literal, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.measures.tables import option

Floats = npt.NDArray[np.float64]
Method = Literal["bh", "by"]
P = TypeVar("P", pd.Series, Floats)

METHODS: Final = ("bh", "by")
REFINE_BELOW: Final = 5
"""A p-value below this many units of 1/(R+1) rests on too few of R simulations."""


def adjust_fdr(p_values: P, *, method: Method = "bh") -> P:
    r"""Adjusted p-values (q): rejecting all :math:`q \le \alpha` keeps the false discovery rate.

    .. math:: q_{(i)} = \min_{j \ge i} \min\Big(1, \frac{m}{j} c\, p_{(j)}\Big)

    with :math:`c = 1` for Benjamini–Hochberg (independent or positively dependent tests) and
    :math:`c = \sum_{k=1}^m 1/k` for Benjamini–Yekutieli (any dependence).

    Parameters
    ----------
    p_values
        Any shape; NaN (a test that could not be made) is left out of m and stays NaN.
    method
        ``"bh"`` or ``"by"``.

    Returns
    -------
    Same type, shape and index as ``p_values``.

    Raises
    ------
    MeasureError
        The method is unknown.

    References
    ----------
    Benjamini, Y., & Hochberg, Y. (1995). Controlling the false discovery rate. *Journal of the
    Royal Statistical Society B* 57(1), 289–300. Benjamini, Y., & Yekutieli, D. (2001). The control
    of the false discovery rate in multiple testing under dependency. *Annals of Statistics* 29(4),
    1165–1188.
    """
    option("method", method, METHODS)
    values = np.asarray(p_values, dtype="float64")
    adjusted = np.full(values.shape, np.nan)
    known = ~np.isnan(values)
    adjusted[known] = _step_up(values[known], method)
    if isinstance(p_values, pd.Series):
        return pd.Series(adjusted, index=p_values.index, name=p_values.name)
    return adjusted


def adjust_grouped(p_values: P, groups: Any, *, tests: int) -> P:
    r"""Adjusted p-values of findings in groups, where p already allows for the whole group.

    A p-value against the maximum over a group (a sector) is good for all of the group's findings
    at once. What is left to adjust for are the groups: with ``r(p)`` groups that have a finding of
    at most p,

    .. math:: q(p) = \min_{p' \ge p} \min\Big(1, \frac{m}{r(p')} p'\Big)

    which is Benjamini–Hochberg for the groups' smallest p-values.

    Parameters
    ----------
    p_values
        One a finding.
    groups
        Group of every finding.
    tests
        m, the number of groups that were tested, those without findings included.

    Returns
    -------
    Same type, shape and index as ``p_values``.
    """
    values = np.asarray(p_values, dtype="float64")
    smallest = pd.Series(values).groupby(np.asarray(groups)).min().to_numpy()
    ordered = np.sort(smallest)
    levels = np.unique(values)
    reached = np.searchsorted(ordered, levels, side="right")
    adjusted = np.minimum(1.0, levels * tests / np.maximum(reached, 1))
    q = np.minimum.accumulate(adjusted[::-1])[::-1]
    result: Any = q[np.searchsorted(levels, values)]
    if isinstance(p_values, pd.Series):
        return pd.Series(result, index=p_values.index, name=p_values.name)
    return np.asarray(result)


def _step_up(p: Floats, method: Method) -> Floats:
    m = p.size
    if not m:
        return p
    ranks = np.arange(1, m + 1)
    factor = m / ranks * (np.sum(1.0 / ranks) if method == "by" else 1.0)
    order = np.argsort(p, kind="stable")
    q = np.minimum.accumulate((p[order] * factor)[::-1])[::-1]
    result = np.empty(m)
    result[order] = np.minimum(q, 1.0)
    return result


def two_sided_p(below: Any, above: Any, replicates: Any) -> Floats:
    r"""Two-sided p-value from how many simulated values lie at or beyond the observed one.

    .. math:: p = \min\Big(1, 2\,\frac{\min(b, a) + 1}{R + 1}\Big)

    Doubling the smaller tail needs no symmetry; the observed value counts as one of the R + 1, so
    that p is never 0 and never too small (Davison & Hinkley 1997, *Bootstrap Methods*, §4.2).

    Parameters
    ----------
    below, above
        Numbers of simulated values at most and at least the observed one (ties in both).
    replicates
        R, the number of simulations.
    """
    tail = (np.minimum(below, above) + 1.0) / (np.asarray(replicates) + 1.0)
    return np.asarray(np.minimum(1.0, 2.0 * tail))


def upper_p(above: Any, replicates: Any) -> Floats:
    """One-sided p-value, :math:`(a + 1)/(R + 1)`."""
    return np.asarray((np.asarray(above) + 1.0) / (np.asarray(replicates) + 1.0))


def needs_refinement(p: Floats, replicates: int) -> npt.NDArray[np.bool_]:
    """Which p-values lie below 5/(R+1), too coarse to carry an FDR over thousands of tests.

    They are replaced (not pooled) by p-values of fresh, ten times as many simulations. The result
    is still valid: for u below the threshold only the fresh value can be at most u, and above it
    the event is contained in that of the first value.
    """
    return np.asarray(p < REFINE_BELOW / (replicates + 1.0))
