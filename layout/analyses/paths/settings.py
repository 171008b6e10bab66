"""Settings of the paths: indicators and priors of the shipped tables, and the planner's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field

from layout.core import facts
from layout.core.config import Params
from layout.core.errors import LayoutError, ParameterError, raise_all

Floats = npt.NDArray[np.float64]

PATHS: Final = ("frontier", "fusion", "emerging")
MIXED: Final = "mixed"
PATH_COLOURS: Final = {
    "frontier": "#2166ac",
    "fusion": "#1b9e77",
    "emerging": "#e08214",
    MIXED: "#9a9a9a",
}
"""Colours that stay apart for colour-blind eyes, and in grey print by their words."""

_SUM_TOLERANCE: Final = 1e-6


class PathsParams(Params):
    """Settings of the district paths."""

    counting: Literal["primary", "fractional", "full"] = Field(
        "primary", title="计数方式 | Counting",
        description="primary: once, under the first sector; fractional: by shares that sum to 1; "
        "full: once in each of its sectors",
    )  # fmt: skip
    units: Literal["subdistrict", "park"] = Field(
        "subdistrict", title="关联度估计单元 | Units of relatedness",
        description="zones on which proximities are estimated: districts are too few",
    )  # fmt: skip
    weights: tuple[str, ...] = Field(
        (), title="指标权重 | Weights",
        description="own weights as ID=value, such as FR1=0.5; those of one path sum to 1; empty: "
        "path_indicators.csv",
    )  # fmt: skip
    priors: tuple[str, ...] = Field(
        (), title="领域先验权重 | Sector priors",
        description="own priors as SECTOR=frontier/fusion/emerging, such as S01=0.8/0.2/0, summing "
        "to 1; empty: path_priors.csv",
    )  # fmt: skip
    overrides: tuple[str, ...] = Field(
        (), title="人工指定路径 | Overrides",
        description="the planner's own choice as DISTRICT=path, such as LH=fusion; kept and said",
    )  # fmt: skip
    normalisation: Literal["minmax", "zscore", "rank"] = Field(
        "minmax", title="归一化 | Normalisation",
        description="how indicators are brought to one scale over the districts",
    )  # fmt: skip
    margin: float = Field(
        0.1, ge=0, le=1, title="最小领先幅度 | Margin",
        description="lead of the largest score over the second below which a district is mixed",
    )  # fmt: skip
    concentration: float = Field(
        50, ge=5, le=5000, title="权重集中度 | Concentration",
        description="of the Dirichlet around the set weights; 50 shakes a weight of 0.3 by a fifth",
    )  # fmt: skip
    draws: int = Field(
        300, ge=20, le=5000, title="抽样次数 | Draws", description="of weights and of firms"
    )
    level: float = Field(
        0.9, gt=0.5, lt=1, title="区间水平 | Level", description="of the intervals"
    )
    special_from: float = Field(
        1.0, ge=0.5, le=3, title="专业化门槛 | Specialised from",
        description="location quotient among the plan's sectors from which on a zone is "
        "specialised",
    )  # fmt: skip
    min_firms: int = Field(
        5, ge=1, le=1000, title="最少企业数 | Minimum firms",
        description="a unit or a sector of a district with fewer firms is said to be small",
    )  # fmt: skip
    seed: int = Field(1, ge=0, title="随机种子 | Seed", description="of all draws")


@dataclass(frozen=True)
class Setting:
    """The tables that scores are made with.

    Attributes
    ----------
    indicators
        Ids of the indicators.
    groups
        Place in ``PATHS`` of each.
    weights
        Weight of each; those of a path sum to 1.
    priors
        (sectors, paths); each sector's sum to 1.
    overrides
        Path by district.
    own
        Ids of indicators and sectors whose numbers are the planner's.
    """

    indicators: tuple[str, ...]
    groups: tuple[int, ...]
    weights: Floats
    priors: Floats
    overrides: dict[str, str]
    own: tuple[str, ...]


def indicator_table() -> pd.DataFrame:
    """``path_indicators.csv`` with numeric weights, by id."""
    table = facts.reference("path_indicators").set_index("indicator_id")
    table["default_weight"] = table["default_weight"].astype(float)
    return table


def prior_table() -> pd.DataFrame:
    """``path_priors.csv``: sectors × paths."""
    table = facts.reference("path_priors").set_index("sector")
    return table.loc[list(facts.sector_ids()), list(PATHS)].astype(float)


def read_setting(
    params: PathsParams, districts: tuple[str, ...], told: Mapping[str, str] | None = None
) -> Setting:
    """The shipped tables with the planner's changes.

    Parameters
    ----------
    params
        The settings.
    districts
        Ids of the districts.
    told
        Paths that a scenario sets; those of ``params`` come before them.

    Raises
    ------
    ParameterError
        An id is unknown, a value is no number of zero or more, or weights do not sum to 1; all
        faults at once.
    """
    faults: list[LayoutError] = []
    table = indicator_table()
    weights = table["default_weight"].copy()
    for name, value in _pairs(params.weights, tuple(weights.index), "weights", faults).items():
        weights[name] = _number(name, value, faults)
    priors = prior_table()
    for name, value in _pairs(params.priors, tuple(priors.index), "priors", faults).items():
        priors.loc[name] = _three(name, value, faults)
    overrides = _pairs(params.overrides, districts, "overrides", faults)
    overrides = {**(told or {}), **overrides}
    for name, path in overrides.items():
        if path not in (*PATHS, MIXED):
            faults.append(
                ParameterError(
                    "error.path_unknown", district=name, found=path, known=", ".join(PATHS)
                )
            )
    if not faults:
        faults += _sums(weights, table["path"], priors)
    raise_all(faults)
    return Setting(
        indicators=tuple(weights.index),
        groups=tuple(PATHS.index(path) for path in table["path"]),
        weights=weights.to_numpy(),
        priors=priors.to_numpy(),
        overrides=overrides,
        own=tuple(p.partition("=")[0].strip() for p in (*params.weights, *params.priors)),
    )


def _pairs(
    given: tuple[str, ...], known: tuple[str, ...], what: str, faults: list[LayoutError]
) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for item in given:
        name, sign, value = (part.strip() for part in item.partition("="))
        if not sign or not value:
            faults.append(ParameterError("error.path_pair", what=what, found=item))
        elif name not in known:
            faults.append(
                ParameterError("error.unknown_ids", what=what, found=name, known=", ".join(known))
            )
        elif name in pairs:
            faults.append(ParameterError("error.path_twice", what=what, found=name))
        else:
            pairs[name] = value
    return pairs


def _number(name: str, value: str, faults: list[LayoutError]) -> float:
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not 0 <= number <= 1:
        faults.append(ParameterError("error.path_weight", name=name, found=value))
    return number


def _three(name: str, value: str, faults: list[LayoutError]) -> list[float]:
    parts = value.split("/")
    if len(parts) != len(PATHS):
        faults.append(ParameterError("error.path_prior", name=name, found=value))
        return [float("nan")] * len(PATHS)
    return [_number(name, part, faults) for part in parts]


def _sums(weights: pd.Series, path: pd.Series, priors: pd.DataFrame) -> list[LayoutError]:
    found: list[LayoutError] = [
        ParameterError(
            "error.path_sum", path=name, found=f"{total:.4g}",
            parts=", ".join(f"{i}={weights[i]:g}" for i in weights.index[path == name]),
        )
        for name, total in weights.groupby(path, sort=False).sum().items()
        if abs(total - 1) > _SUM_TOLERANCE
    ]  # fmt: skip
    found += [
        ParameterError("error.path_prior_sum", name=name, found=f"{total:.4g}")
        for name, total in priors.sum(axis=1).items()
        if abs(total - 1) > _SUM_TOLERANCE
    ]
    return found
