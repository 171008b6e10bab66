"""Weights from pairwise judgments in two levels: the plan's groups, and the criteria of each.

A matrix of all criteria would ask for up to 66 judgments and be larger than the random index is
known for; the hierarchy asks for some twenty, and each matrix has a consistency of its own.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.analyses.siting.criteria import CRITERIA, GROUPS
from layout.core.errors import ParameterError
from layout.measures.multicriteria import AhpWeights, ahp_weights

Floats = npt.NDArray[np.float64]

TOP: Final = "groups"
"""Name of the matrix that compares the groups."""

MOST: Final = 9.0
"""Of Saaty's scale."""


def matrices(weights: dict[str, float], pairs: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    """Matrices of judgments: of the groups (``groups``), and of the criteria in each group.

    Parameters
    ----------
    weights
        Weight of each criterion, above zero; pairs without a judgment follow it, within Saaty's
        scale.
    pairs
        ``first/second=times``: two criteria of one group, or two groups.

    Raises
    ------
    ParameterError
        A judgment is not readable, names what is not judged, or compares criteria of different
        groups.
    """
    of_group = {str(group): [n for n in weights if CRITERIA[n].group == group] for group in GROUPS}
    groups = [group for group in of_group if of_group[group]]
    total = {group: float(sum(weights[name] for name in of_group[group])) for group in groups}
    found = {TOP: _ratios(groups, total)}
    found |= {group: _ratios(of_group[group], weights) for group in groups}
    for pair in pairs:
        first, second, times = _read(pair, [*groups, *weights])
        table = next((t for t in found.values() if {first, second} <= set(t.index)), None)
        if table is None:
            raise ParameterError("error.siting_judged_apart", found=pair)
        table.loc[first, second], table.loc[second, first] = times, 1 / times
    return found


def _ratios(names: list[str], weights: dict[str, float]) -> pd.DataFrame:
    own = np.array([weights[name] for name in names])
    return pd.DataFrame(np.clip(own[:, None] / own, 1 / MOST, MOST), index=names, columns=names)


def _read(pair: str, known: list[str]) -> tuple[str, str, float]:
    left, _, number = pair.partition("=")
    first, _, second = (part.strip() for part in left.partition("/"))
    try:
        times = float(number)
    except ValueError:
        times = -1.0
    good = first in known and second in known and first != second and 0 < times < float("inf")
    if not good:
        raise ParameterError("error.siting_weight", found=pair, known=", ".join(known))
    return first, second, times


def judged(weights: dict[str, float], pairs: tuple[str, ...]) -> tuple[Floats, pd.DataFrame]:
    """Weights of the criteria from the judgments, and how far these agree.

    Returns
    -------
    array
        In the order of ``weights``, sum 1: weight of the group × weight in the group.
    DataFrame
        By ``matrix`` (``groups`` or a group of two or more): ``criteria_count``, ``lambda_max``,
        ``consistency_index``, ``consistency_ratio``, ``random_index``, ``worst`` (the judgment
        that fits least).

    Raises
    ------
    ParameterError
        A judgment is not readable.
    MeasureError
        Judgments contradict each other (consistency ratio of 0.1 or more); the worst is named.
    """
    solved = {name: ahp_weights(table) for name, table in matrices(weights, pairs).items()}
    top = solved[TOP].weights
    final = [
        float(top[CRITERIA[name].group] * solved[CRITERIA[name].group].weights[name])
        for name in weights
    ]
    rows = [_row(name, found) for name, found in solved.items() if len(found.weights) > 1]
    return np.array(final), pd.DataFrame(rows, columns=_COLUMNS).set_index("matrix")


_COLUMNS: Final = (
    "matrix", "criteria_count", "lambda_max", "consistency_index", "consistency_ratio",
    "random_index", "worst",
)  # fmt: skip


def _row(name: str, found: AhpWeights) -> tuple[object, ...]:
    return (name, len(found.weights), found.lambda_max, found.index, found.ratio,
            found.random_index, "/".join(found.worst))  # fmt: skip
