"""Sites that cover most, one after the other, and how much any choice could cover at best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from layout.core.errors import MeasureError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class GreedyCover:
    """A choice of sites.

    Attributes
    ----------
    sites
        Candidates in the order they were taken.
    gains
        Weight each of them adds.
    bound
        No choice of so many candidates covers more than this.
    """

    sites: Ints
    gains: Floats
    bound: float

    @property
    def covered(self) -> float:
        """Weight that is covered."""
        return float(self.gains.sum())

    @property
    def gap(self) -> float:
        """Share of the bound that is not reached, 0 to 1; 0 where nothing can be covered."""
        return 1.0 - self.covered / self.bound if self.bound > 0 else 0.0


def greedy_covering(
    covers: sparse.csr_array, number: int, *, weights: npt.ArrayLike | None = None
) -> GreedyCover:
    """Up to ``number`` candidates, each the one that adds most to those before it.

    A choice of this kind covers at least 1 − (1 − 1/n)ⁿ > 63 % of the best one. The bound told is
    sharper: what is covered after any step and the ``number`` largest gains that are left there,
    the least over all steps. Among equal gains the first candidate is taken; sites that add nothing
    are not.

    Parameters
    ----------
    covers
        ``(candidates, demands)``, true (non-zero) where a candidate covers a demand.
    number
        Most sites.
    weights
        Weight of each demand, 0 or more; 1 each where None.

    Raises
    ------
    MeasureError
        Weights are negative, missing or too few.

    References
    ----------
    Nemhauser, G. L., Wolsey, L. A., & Fisher, M. L. (1978). An analysis of approximations for
    maximizing submodular set functions I. *Mathematical Programming* 14, 265–294.
    """
    table = sparse.csr_array(covers).astype(bool)
    weight = np.ones(table.shape[1]) if weights is None else np.asarray(weights, dtype=np.float64)
    bad = ~(np.isfinite(weight) & (weight >= 0))
    if len(weight) != table.shape[1] or bad.any():
        first = weight[bad][0] if bad.any() else len(weight)
        raise MeasureError(
            "error.measure_amounts", measure="greedy covering", count=int(bad.sum()), first=first
        )
    left = weight.copy()
    sites: list[int] = []
    gains: list[float] = []
    bound = float("inf")
    while True:
        gain = table @ left
        best = np.sort(gain)[::-1][:number].sum() if len(gain) else 0.0
        bound = min(bound, sum(gains) + float(best), float(weight.sum()))
        if len(sites) >= number or not len(gain) or gain.max() <= 0:
            break
        chosen = int(gain.argmax())
        sites.append(chosen)
        gains.append(float(gain[chosen]))
        left[table.indices[table.indptr[chosen] : table.indptr[chosen + 1]]] = 0.0
    return GreedyCover(np.array(sites, dtype=np.int64), np.array(gains), bound)
