"""Settings of the targets, figures that a planner types in, and what may not be mixed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from layout.core import facts
from layout.core.config import Params
from layout.core.errors import ParameterError, raise_all

Price = Literal["unstated", "nominal", "real"]
Counting = Literal["primary", "fractional", "full"]


class Figure(BaseModel):
    """A published figure that a planner types in, with what makes it comparable."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    target: str = Field(pattern=r"T-\d\d", title="目标 | Target")
    year: int = Field(ge=2000, le=2100, title="年份 | Year")
    value: float = Field(ge=0, allow_inf_nan=False, title="数值 | Value")
    basis: str = Field(title="口径 | Statistical definition", description="id of a 口径")
    price: Price = Field("unstated", title="价格 | Prices")
    source: str = Field(min_length=1, max_length=300, title="出处 | Source")


class TargetsParams(Params):
    """Settings of the plan's targets."""

    base_year: Literal[2020, 2019] = Field(
        2020,
        title="基期 | Base year",
        description="year from which the growth rates run; the plan prints none",
    )
    price: Price = Field(
        "unstated",
        title="增速口径 | Growth in prices",
        description="whether growth is nominal or real; the plan does not say",
    )
    year: int = Field(
        0, ge=0, le=2100, title="年份 | Year", description="year of the counts; 0: the latest"
    )
    nested: bool = Field(
        True,
        title="重点企业含龙头企业 | Key firms include leading ones",
        description="firms over 50 亿元 count among those over 10 亿元 (T-12)",
    )
    larger_counts: bool = Field(
        False,
        title="百亿级含千亿级 | Larger clusters count as smaller ones",
        description="clusters of 1,000 亿元 and more count among those of 100 亿元 (T-14)",
    )
    population: Literal["tagged", "industry"] = Field(
        "tagged",
        title="企业范围 | Firms",
        description="tagged: firms of the twelve sectors; industry: these and all core firms",
    )
    counting: Counting = Field(
        "primary",
        title="领域营收计数 | Revenue by sector",
        description="how the revenue of a firm with several sectors is counted",
    )
    new_since: int = Field(
        2021,
        ge=2000,
        le=2100,
        title="新建起始年 | New from year",
        description="carriers established from this year on are new (T-07)",
    )
    figures: tuple[Figure, ...] = Field(
        (),
        title="录入数据 | Typed figures",
        description="published figures: target, year, value, basis, price, source",
    )


def require_comparable(params: TargetsParams) -> None:
    """Refuse figures of another 口径 or price than their target, and figures that stand twice.

    Raises
    ------
    ParameterError, FaultsError
        Every such figure, told together.
    """
    raise_all([*_unknown(params), *_mixed(params), *_twice(params)])


def _unknown(params: TargetsParams) -> Iterator[ParameterError]:
    targets = tuple(facts.reference("plan_targets")["id"])
    for what, known, found in (
        ("figures.target", targets, [f.target for f in params.figures]),
        ("figures.basis", tuple(bases()), [f.basis for f in params.figures]),
    ):
        if odd := [name for name in dict.fromkeys(found) if name not in known]:
            yield ParameterError(
                "error.unknown_ids", what=what, found=", ".join(odd), known=", ".join(known)
            )


def bases() -> dict[str, dict[str, str]]:
    """The statistical definitions (口径) by id."""
    rows = facts.reference("statistical_bases").to_dict("records")
    return {str(row["id"]): {str(k): str(v) for k, v in row.items()} for row in rows}


def bases_of(target: str) -> list[dict[str, str]]:
    """The definitions that figures of a target may have; the first is its own."""
    return [row for row in bases().values() if target in row["targets"].split(";")]


def _mixed(params: TargetsParams) -> Iterator[ParameterError]:
    known = bases()
    for figure in params.figures:
        fits = bases_of(figure.target)
        if figure.basis in known and known[figure.basis] not in fits:
            yield ParameterError(
                "error.mixed_basis",
                target=figure.target,
                year=figure.year,
                found=known[figure.basis]["name_zh"],
                found_en=known[figure.basis]["name_en"],
                expected="、".join(row["name_zh"] for row in fits),
                expected_en=", ".join(row["name_en"] for row in fits),
            )
        if len({params.price, figure.price} - {"unstated"}) > 1:
            yield ParameterError(
                "error.mixed_price",
                target=figure.target,
                year=figure.year,
                found=figure.price,
                expected=params.price,
            )


def _twice(params: TargetsParams) -> Iterator[ParameterError]:
    seen: dict[tuple[str, int], float] = {}
    for figure in params.figures:
        key = (figure.target, figure.year)
        if key in seen and seen[key] != figure.value:
            yield ParameterError(
                "error.figure_twice",
                target=figure.target,
                year=figure.year,
                first=f"{seen[key]:g}",
                second=f"{figure.value:g}",
            )
        seen.setdefault(key, figure.value)
