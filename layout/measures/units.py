"""Values of units and their weights graph as arrays, missing values taken out of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core.errors import MeasureError
from layout.measures.tables import Floats, listed, option, unique

if TYPE_CHECKING:
    from libpysal.graph import Graph

Transform = Literal["O", "B", "R"]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Units:
    """Units with a known value, and weights between them (rows in order of units).

    Attributes
    ----------
    ids
        All units, in the order of the result.
    known
        Which of them have a value; the arrays below are of these only.
    values
        Their values.
    focal, others, weights
        Links between different units, sorted by focal; weights above 0.
    own
        Weight of each unit with itself, NaN where the graph does not say.
    standardised
        The graph is row-standardised.
    """

    ids: pd.Index
    known: npt.NDArray[np.bool_]
    values: Floats
    focal: Ints
    others: Ints
    weights: Floats
    own: Floats
    standardised: bool

    @property
    def n(self) -> int:
        """Units with a value."""
        return len(self.values)

    def lag(self, values: Floats) -> Floats:
        """Weighted sum of the neighbours' values."""
        return _sums(self.focal, self.weights * values[self.others], self.n)

    def row_sums(self, power: int = 1) -> Floats:
        """Sum of (powers of) the weights of each unit."""
        return _sums(self.focal, self.weights**power, self.n)

    def cardinality(self) -> Ints:
        """Number of neighbours of each unit."""
        return np.bincount(self.focal, minlength=self.n)

    def spread(self, values: Floats) -> Floats:
        """One value a known unit, as one a unit: NaN for the others."""
        result = np.full(len(self.ids), np.nan)
        result[self.known] = values
        return result


def as_units(values: Any, graph: Graph, *, transform: Transform = "O") -> Units:
    """Values and graph, aligned.

    Parameters
    ----------
    values
        Series by the graph's ids, or an array in their order. NaN: the unit is left out, and is
        nobody's neighbour.
    graph
        Weights graph; a link of a unit with itself is its own weight (an island's, of weight 0,
        says nothing).
    transform
        ``"O"`` as the weights are, ``"B"`` all 1, ``"R"`` rows divided by their sums (after units
        without a value are taken out; without own weights).

    Raises
    ------
    MeasureError
        Units differ, a value is infinite, or a weight is negative or not finite.
    """
    option("transform", transform, ("O", "B", "R"))
    ids = pd.Index(graph.unique_ids)
    array = _in_order(values, ids)
    known = ~np.isnan(array)
    place = np.where(known, np.cumsum(known) - 1, -1)
    links = graph.adjacency
    focal = place[ids.get_indexer(links.index.get_level_values(0))]
    others = place[ids.get_indexer(links.index.get_level_values(1))]
    weights = links.to_numpy(dtype="float64")
    _check_weights(weights)
    n = int(known.sum())
    own = np.full(n, np.nan)
    itself = (focal == others) & (focal >= 0) & (weights > 0)
    own[focal[itself]] = weights[itself]
    kept = (focal != others) & (focal >= 0) & (others >= 0) & (weights > 0)
    order = np.argsort(focal[kept], kind="stable")
    focal, others, weights = (part[kept][order] for part in (focal, others, weights))
    if transform == "B":
        weights = np.ones_like(weights)
    if transform == "R":
        weights = weights / _sums(focal, weights, n)[focal]
    return Units(
        ids=ids,
        known=known,
        values=array[known],
        focal=focal,
        others=others,
        weights=weights,
        own=own,
        standardised=transform == "R" or graph.transformation == "R",
    )


def _in_order(values: Any, ids: pd.Index) -> Floats:
    if isinstance(values, pd.Series):
        unique(values.index, "units")
        odd = ids.symmetric_difference(values.index)
        if len(odd):
            raise MeasureError("error.graph_units", missing=listed(odd))
        values = values.reindex(ids).to_numpy(dtype="float64", na_value=np.nan)
    array = np.asarray(values, dtype="float64")
    if array.shape != (len(ids),):
        raise MeasureError(
            "error.measure_lengths", what="values", found=array.size, expected=len(ids)
        )
    if np.isinf(array).any():
        raise MeasureError(
            "error.measure_amounts",
            measure="local statistic",
            count=int(np.isinf(array).sum()),
            first=float(array[np.isinf(array)][0]),
        )
    return array


def _check_weights(weights: Floats) -> None:
    bad = ~(np.isfinite(weights) & (weights >= 0))
    if bad.any():
        raise MeasureError(
            "error.weights_negative", count=int(bad.sum()), first=float(weights[bad][0])
        )


def _sums(focal: Ints, values: Floats, n: int) -> Floats:
    return np.asarray(np.bincount(focal, values, minlength=n), dtype="float64")
