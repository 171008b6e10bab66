"""Dates, revenue, employees and capital of a block of firms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from layout.core.columns import YEARS
from layout.demo.chances import Bools, Chances, Floats, Ints, Purpose
from layout.demo.firms import GIANT_RANKS, City, Firms
from layout.demo.words import groups

UNITS: Final = 100
"""Money is counted in hundredths of 10,000 yuan, that is in 100 yuan."""

LARGEST: Final = 1.8e9
"""Revenue of the largest firm in 2023: 180 billion yuan, in 100 yuan. Our assumption."""

RANK_POWER: Final = -1.05

YEAR_EFFECT: Final = {2020: -0.05, 2021: 0.05, 2022: -0.01, 2023: 0.02}
"""Added to every firm's growth in a year: our assumption."""

OLDEST_DAYS: Final = 13_000
"""Age of the oldest firms at the end of the last year, days."""

AGE_POWER: Final = 2.2
GIANT_AGE_DAYS: Final = 3_300

STATUSES: Final = ("存续", "在业", "开业", "迁出", "注销", "吊销")
_STATUS_WEIGHTS: Final = (81, 11, 3, 1, 3, 1)
_GOING: Final = 3
"""The first statuses are those of firms at work."""

CAPITALS: Final = (1, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000, 2000, 3000, 5000, 10000)
_CAPITALS: Final = np.array([*CAPITALS, 20000, 50000, 100000, 500000, 1000000])

UNREPORTED: Final = 0.06
"""Part of the firms that report no revenue; as many again report no employees."""


@dataclass(frozen=True)
class Figures:
    """Figures of a block.

    Attributes
    ----------
    age_days
        Days from the founding to the end of the last year.
    status
        Position in ``STATUSES``.
    revenue, employees
        In 100 yuan and persons, -1 where unknown; shape (n, years).
    capital
        Registered capital, 10,000 yuan.
    high_tech
        Holds the designation.
    """

    age_days: Ints
    status: Ints
    revenue: Ints
    employees: Ints
    capital: Ints
    high_tech: Bools


def draw_figures(city: City, firms: Firms, block: int) -> Figures:
    """The figures of the firms of a block."""
    chances = Chances(city.seed, Purpose.FIGURES, block, len(firms))
    giant = firms.rank < GIANT_RANKS
    status = np.where(giant, 0, chances.pick(_STATUS_WEIGHTS))
    age_days = _age(city, firms, giant, chances)
    turnover = _turnover(firms, chances)
    known = _working(age_days, status, chances)
    revenue = np.where(known > 0, np.maximum(1, np.rint(turnover * known)), -1)
    employees = _employees(firms, turnover, chances)
    told = (giant | ~chances.true(UNREPORTED))[:, None]
    counted = (giant | ~chances.true(UNREPORTED))[:, None]
    latest = turnover[:, -1] / UNITS
    return Figures(
        age_days=age_days,
        status=status,
        revenue=np.where(told, revenue, -1).astype(np.int64),
        employees=np.where(counted & (known > 0), employees, -1).astype(np.int64),
        capital=_capital(latest, chances),
        high_tech=_high_tech(city, firms, chances),
    )


def _age(city: City, firms: Firms, giant: Bools, chances: Chances) -> Ints:
    """Ages in days, many young and few old; districts that are new have younger firms."""
    young = city.plan.districts.young[city.cells.district[firms.cell]]
    days = (OLDEST_DAYS * chances.uniform() ** (AGE_POWER * young)).astype(np.int64)
    return np.where(giant, np.maximum(days, GIANT_AGE_DAYS), days)


def _turnover(firms: Firms, chances: Chances) -> Floats:
    """Revenue of full years, in 100 yuan, by year: the rank's size, and growth backwards."""
    size = LARGEST * (firms.rank + 1.0) ** RANK_POWER * (0.92 + 0.16 * chances.uniform())
    years = [size]
    for year in reversed(YEARS[1:]):
        growth = groups().growth[firms.group] + YEAR_EFFECT[year]
        growth = growth + 0.4 * (chances.uniform() - 0.5)
        years.append(years[-1] / (1.0 + growth))
    return np.stack(years[::-1], axis=1)


def _working(age_days: Ints, status: Ints, chances: Chances) -> Floats:
    """Part of each year that a firm was at work; closed firms end one or two years early."""
    years = np.arange(len(YEARS))[::-1]
    worked = np.clip((age_days[:, None] - 365.25 * years + 1) / 365.25, 0.0, 1.0)
    lost = np.where(status >= _GOING, 1 + chances.below(2), 0)
    still: Floats = np.where(years < lost[:, None], 0.0, worked)
    return still


def _employees(firms: Firms, turnover: Floats, chances: Chances) -> Floats:
    """Persons employed: revenue by revenue a head, which is higher in large firms."""
    money = turnover / UNITS
    per_head = groups().per_head[firms.group][:, None] * (1.0 + 2.0 * np.minimum(1.0, money / 1e5))
    spread = (0.5 + chances.uniform())[:, None]
    people: Floats = np.maximum(1.0, np.rint(money / per_head * spread))
    return people


def _capital(latest: Floats, chances: Chances) -> Ints:
    """A round sum near a fifth of the revenue, give or take two steps."""
    step = np.searchsorted(_CAPITALS, latest / 5.0) + chances.below(5) - 2
    sums: Ints = _CAPITALS[np.clip(step, 0, len(_CAPITALS) - 1)]
    return sums


def _high_tech(city: City, firms: Firms, chances: Chances) -> Bools:
    """Designations, more often among the larger half."""
    larger = firms.rank < city.firms // 2
    return chances.true(groups().high_tech[firms.group] * np.where(larger, 1.4, 0.6))
