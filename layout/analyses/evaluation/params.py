"""Settings of the evaluation index."""

from __future__ import annotations

from itertools import combinations
from typing import Final, Literal

import pandas as pd
from pydantic import Field

from layout.core import facts
from layout.core.config import Params
from layout.core.errors import ParameterError, raise_all
from layout.measures.multicriteria import AhpWeights, ahp_weights

DIMENSIONS: Final = (
    "scale", "innovation", "application", "infrastructure", "clustering", "chain", "platforms",
)  # fmt: skip
"""The seven dimensions, in order."""

Subject = Literal["district", "sector"]
Normaliser = Literal["bounds", "minmax", "z", "rank"]
Weighting = Literal["equal", "set", "entropy", "critic", "ahp"]


class EvaluationParams(Params):
    """Settings of the composite index."""

    subject: Subject = Field(
        "district", title="评价对象 | What is evaluated", description="districts or sectors"
    )
    normaliser: Normaliser = Field(
        "bounds",
        title="标准化 | Scale",
        description="bounds: between fixed bounds set by policy; minmax: between the least and the "
        "largest; z: standard deviations from the mean; rank: places",
    )
    weighting: Weighting = Field(
        "equal",
        title="赋权 | Weights",
        description="equal by dimension; set: typed by dimension; entropy or CRITIC from the "
        "indicators; ahp: from judgments",
    )
    weights: dict[str, float] = Field(
        {}, title="各维度权重 | Weights of dimensions", description="for set; all seven, sum 1"
    )
    judgments: dict[str, float] = Field(
        {},
        title="两两判断 | Judgments",
        description="for ahp: 'scale/innovation: 3' says scale is three times as important; every "
        "pair of dimensions once",
    )
    random_index: Literal["saaty", "alonso_lamata"] = Field(
        "saaty", title="随机指数表 | Random index", description="table behind the consistency ratio"
    )
    aggregation: Literal["additive", "geometric", "topsis"] = Field(
        "additive",
        title="合成 | Aggregation",
        description="additive: strengths make up for weaknesses; geometric: less so; topsis: "
        "closeness to the ideal",
    )
    topsis_normaliser: Literal["vector", "minmax", "bounds"] = Field(
        "vector",
        title="TOPSIS 标准化 | Scale of TOPSIS",
        description="it can turn the order around, so it is a setting of its own",
    )
    missing: Literal["exclude", "rescale"] = Field(
        "rescale",
        title="缺数处理 | Unknown values",
        description="exclude: no score where an indicator is unknown; rescale: its weight goes to "
        "the known ones",
    )
    floor: float = Field(
        0.01,
        ge=0,
        le=0.5,
        title="几何合成下限 | Floor of the geometric mean",
        description="scaled values below are lifted to it",
    )
    draws: int = Field(
        200, ge=0, le=5000, title="扰动次数 | Draws", description="0: no rank intervals"
    )
    concentration: float = Field(
        50,
        ge=1,
        le=10_000,
        title="权重集中度 | Firmness of weights",
        description="of the Dirichlet distribution around the weights; more shakes them less",
    )
    level: float = Field(
        0.9, gt=0, lt=1, title="区间水平 | Level", description="share of draws in rank intervals"
    )
    seed: int = Field(20260301, ge=0, title="随机种子 | Seed", description="of the draws")


def indicator_table(subject: Subject) -> pd.DataFrame:
    """The indicators of districts or of sectors by id, numbers as numbers."""
    table = facts.reference("evaluation_indicators")
    table = table[table["subject"] == subject].set_index("id")
    for name in ("low", "high"):
        table[name] = table[name].astype("float64")
    table["direction"] = table["direction"].astype("int64")
    table.index.name = "indicator_id"
    return table


def require_weights(params: EvaluationParams) -> AhpWeights | None:
    """Check what was set before anything is computed; the judgments' weights where asked for.

    Raises
    ------
    ParameterError, MeasureError, FaultsError
        Weights of unknown dimensions or that do not sum to 1, judgments that are missing or
        contradict each other, or a scale that has no geometric mean.
    """
    faults = []
    if params.aggregation == "geometric" and params.normaliser == "z":
        faults.append(ParameterError("error.evaluation_geometric"))
    if params.weighting == "set":
        faults += _set_faults(params)
    raise_all(faults)
    if params.weighting != "ahp":
        return None
    return ahp_weights(_judgments(params), random_index=params.random_index)


def _set_faults(params: EvaluationParams) -> list[ParameterError]:
    faults = []
    odd = [name for name in params.weights if name not in DIMENSIONS]
    short = [name for name in DIMENSIONS if name not in params.weights]
    if odd or short:
        faults.append(
            ParameterError(
                "error.evaluation_dimensions",
                unknown=", ".join(odd) or "–",
                missing=", ".join(short) or "–",
            )
        )
    total = sum(params.weights.values())
    if min(params.weights.values(), default=0.0) < 0 or abs(total - 1) > 1e-6:
        faults.append(ParameterError("error.weights_sum", total=f"{total:.6g}"))
    return faults


def _judgments(params: EvaluationParams) -> pd.DataFrame:
    """The judgments as a matrix.

    Raises
    ------
    ParameterError
        A pair has no judgment, has two, or names no dimension.
    """
    table = pd.DataFrame(1.0, index=list(DIMENSIONS), columns=list(DIMENSIONS))
    given: set[frozenset[str]] = set()
    odd = []
    for key, value in params.judgments.items():
        first, _, second = key.partition("/")
        pair = frozenset((first, second))
        known = first in DIMENSIONS and second in DIMENSIONS and first != second
        if not known or pair in given or not value > 0:
            odd.append(f"{key}: {value:g}")
            continue
        given.add(pair)
        table.loc[first, second], table.loc[second, first] = value, 1 / value
    short = [f"{a}/{b}" for a, b in combinations(DIMENSIONS, 2) if frozenset((a, b)) not in given]
    if odd or short:
        raise ParameterError(
            "error.evaluation_judgments",
            wrong=", ".join(odd) or "–",
            missing=", ".join(short) or "–",
        )
    return table
