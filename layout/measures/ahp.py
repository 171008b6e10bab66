"""Weights from pairwise judgments (analytic hierarchy process), with their consistency."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from layout.core.errors import MeasureError
from layout.measures.tables import Floats, option, unique

RANDOM_INDEX: Final = MappingProxyType(
    {
        # Saaty (1980): the usual table
        "saaty": (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49),
        # Alonso and Lamata (2006): 100,000 random matrices a size
        "alonso_lamata": (
            *(0.0, 0.0, 0.5245, 0.8815, 1.1086, 1.2479, 1.3417, 1.4056, 1.4499, 1.4854),
        ),
        # Tummala and Ling (1998): for up to five criteria
        "tummala_ling": (0.0, 0.0, 0.5799, 0.8921, 1.1159),
    }
)
"""Mean consistency index of random judgments by number of criteria, by name of the table."""

MAX_RATIO: Final = 0.1
_RECIPROCAL_TOLERANCE: Final = 1e-3


@dataclass(frozen=True)
class AhpWeights:
    """Weights from judgments, and how far the judgments agree with each other.

    Attributes
    ----------
    weights
        Principal eigenvector by criterion, sum 1.
    lambda_max
        Principal eigenvalue; the number of criteria where the judgments agree entirely.
    index, ratio
        Consistency index and ratio; below 0.1.
    random_index
        Name of the table that the ratio rests on.
    worst
        The judgment that fits the weights least: (criterion, criterion).
    """

    weights: pd.Series
    lambda_max: float
    index: float
    ratio: float
    random_index: str
    worst: tuple[str, str]


def ahp_weights(judgments: pd.DataFrame, *, random_index: str = "saaty") -> AhpWeights:
    """Weights of criteria from pairwise judgments on Saaty's scale of 1 to 9.

    ``a_ij`` says how many times criterion i is as important as j. The weights are the principal
    eigenvector; ``CI = (λ_max − n) / (n − 1)`` and ``CR = CI / RI(n)``.

    Parameters
    ----------
    judgments
        Criteria × criteria: positive, 1 on the diagonal, ``a_ji = 1 / a_ij``.
    random_index
        Table that gives RI: ``saaty`` (1980; up to 10 criteria), ``alonso_lamata`` (2006; up to
        10) or ``tummala_ling`` (1998; up to 5).

    Returns
    -------
    AhpWeights
        Weights with their consistency.

    Raises
    ------
    MeasureError
        The table is not a matrix of judgments, has more criteria than the random index, or its
        consistency ratio is 0.1 or more; the message names the judgment that fits least.

    References
    ----------
    Saaty, T. L. (1980). *The Analytic Hierarchy Process*. McGraw-Hill.
    Alonso, J. A. and Lamata, M. T. (2006). Consistency in the analytic hierarchy process: a new
    approach. *International Journal of Uncertainty, Fuzziness and Knowledge-Based Systems*
    14(4):445–459.
    Tummala, V. M. R. and Ling, H. (1998). A note on the computation of the mean random consistency
    index of the analytic hierarchy process. *Theory and Decision* 44:221–230.
    """
    option("random_index", random_index, RANDOM_INDEX)
    values = _judgments(judgments, len(RANDOM_INDEX[random_index]))
    vector, largest = _principal(values)
    size = len(values)
    index = max(0.0, (largest - size) / (size - 1)) if size > 2 else 0.0
    expected = RANDOM_INDEX[random_index][size - 1]
    ratio = index / expected if expected else 0.0
    row, column = _worst(values, vector)
    names = judgments.index
    if ratio >= MAX_RATIO:
        raise MeasureError(
            "error.ahp_inconsistent",
            ratio=f"{ratio:.3f}",
            limit=MAX_RATIO,
            table=random_index,
            first=names[row],
            second=names[column],
            given=f"{values[row, column]:.3g}",
            implied=f"{vector[row] / vector[column]:.3g}",
        )
    return AhpWeights(
        weights=pd.Series(vector, index=names, name="weight"),
        lambda_max=largest,
        index=index,
        ratio=ratio,
        random_index=random_index,
        worst=(str(names[row]), str(names[column])),
    )


def _judgments(judgments: pd.DataFrame, limit: int) -> Floats:
    """The table as numbers, if it is a matrix of judgments."""
    unique(judgments.index, "criteria")
    values: Floats = judgments.to_numpy(dtype="float64", na_value=np.nan)
    size = len(values)
    if values.shape != (size, size) or not 1 <= size <= limit:
        found = f"{values.shape[0]} × {values.shape[1]}"
        raise MeasureError("error.ahp_shape", found=found, limit=limit)
    if list(judgments.index) != list(judgments.columns):
        raise MeasureError("error.ahp_labels")
    good = np.isfinite(values) & (values > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        good &= np.abs(values * values.T - 1.0) <= _RECIPROCAL_TOLERANCE
    if not good.all():
        row, column = np.argwhere(~good)[0]
        raise MeasureError(
            "error.ahp_reciprocal",
            first=judgments.index[row],
            second=judgments.index[column],
            given=f"{values[row, column]:g}",
            back=f"{values[column, row]:g}",
        )
    return values


def _principal(values: Floats) -> tuple[Floats, float]:
    """Principal eigenvector (sum 1) and eigenvalue of a positive matrix."""
    eigenvalues, vectors = np.linalg.eig(values)
    first = int(np.argmax(eigenvalues.real))
    vector = np.abs(vectors[:, first].real)
    return vector / vector.sum(), float(eigenvalues[first].real)


def _worst(values: Floats, weights: Floats) -> tuple[int, int]:
    """The judgment above 1 that departs most from the ratio of the weights."""
    departure = np.abs(np.log(values) - np.log(weights[:, None] / weights[None, :]))
    row, column = np.unravel_index(int(np.argmax(np.round(departure, 9))), values.shape)
    return (int(row), int(column)) if values[row, column] >= 1 else (int(column), int(row))
