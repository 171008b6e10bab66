"""Rules on the ground: which cells break which rule, and what is left.

A cell is excluded where any part of it may break a hard rule: distances are measured from cell to
cell, and half a cell's diagonal is added at each end. Penalties and flags are taken from centre to
centre. The reason mask has a bit for each rule that was evaluated.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.analyses.siting.ground import Ground, Values
from layout.analyses.siting.rules import MOST_RULES, Rule, Target
from layout.core.errors import ParameterError
from layout.core.progress import tell

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Exclusion:
    """What the rules say of each cell of the city.

    Attributes
    ----------
    reasons
        Bit ``bits[rule]`` is set where the rule is broken.
    allowed
        No hard rule is broken.
    penalties
        Number of penalty rules broken.
    bits
        Bit of each evaluated rule, by id.
    table
        By rule: ``status`` (``evaluated``, ``off``, ``no_layer``, ``no_measure``), ``missing``
        (layers that are not there), ``bit`` of the reason mask (NaN where not evaluated),
        ``broken_share`` and ``excluded_share`` of the city's cells,
        ``only_share`` (cells that no other hard rule excludes).
    """

    reasons: npt.NDArray[np.uint32]
    allowed: Bools
    penalties: npt.NDArray[np.uint8]
    bits: dict[str, int]
    table: pd.DataFrame


def apply_rules(ground: Ground, rules: Iterable[Rule]) -> Exclusion:
    """Evaluate the rules; those without data are listed and nothing is assumed.

    Raises
    ------
    ParameterError
        More rules than a reason mask has bits.
    """
    every = tuple(rules)
    status = {rule.id: _status(ground, rule) for rule in every}
    ready = [rule for rule in every if status[rule.id][0] == "evaluated"]
    if len(ready) > MOST_RULES:
        raise ParameterError("error.siting_rules", found=len(ready), limit=MOST_RULES)
    reasons = np.zeros(ground.cells.size, np.uint32)
    penalties = np.zeros(ground.cells.size, np.uint8)
    bits: dict[str, int] = {}
    for number, rule in enumerate(ready):
        tell("siting_rules", 0.05 + 0.35 * number / max(len(ready), 1))
        bits[rule.id] = number
        broken = breaks(ground, rule)
        reasons |= broken.astype(np.uint32) << np.uint32(number)
        if rule.effect == "penalty":
            penalties += broken
    hard = sum(1 << bits[rule.id] for rule in ready if rule.hard)
    allowed = (reasons & np.uint32(hard)) == 0
    table = _table(every, status, reasons, bits, hard)
    return Exclusion(reasons, allowed, penalties, bits, table)


def breaks(ground: Ground, rule: Rule) -> Bools:
    """Which cells of the city break a rule that can be evaluated."""
    margin = ground.grid.cell_m * math.sqrt(2) if rule.hard else 0.0
    if rule.operator == "at_most":
        return _steeper(ground, rule)
    broken = np.zeros(ground.cells.size, dtype=bool)
    for target in rule.targets:
        if not ground.has(target):
            continue
        if rule.operator in ("outside", "return_period"):
            broken |= _within(ground, rule, target)
            continue
        distance = ground.distance(target)
        assert distance is not None  # has() said so
        broken |= distance < rule.low + margin
        if rule.operator == "between":
            broken |= distance > rule.high - margin
    return broken


def _steeper(ground: Ground, rule: Rule) -> Bools:
    values = ground.slope
    if values is None:
        return np.zeros(ground.cells.size, dtype=bool)
    # No height is unknown, not flat: such cells break no rule here and are counted elsewhere.
    return np.asarray(values > rule.low)


def _within(ground: Ground, rule: Rule, target: Target) -> Bools:
    features = ground.features(target)
    assert features is not None
    if rule.operator == "return_period":
        years = pd.to_numeric(features["return_period_years"], errors="coerce")
        # A zone of unknown return period may be one of the common ones.
        features = features[years.isna() | (years <= rule.low)]
    return ground.inside(features.geometry)


def _status(ground: Ground, rule: Rule) -> tuple[str, str]:
    """Whether a rule is evaluated, and the layers it lacks."""
    lacking = [t.layer if t.layer != "slope" else "terrain" for t in rule.targets
               if not ground.has(t)]  # fmt: skip
    missing = ";".join(dict.fromkeys(lacking))
    if rule.effect == "off":
        return "off", missing
    if rule.operator is None or not rule.targets:
        return "no_measure", ""
    if len(lacking) == len(rule.targets):
        return "no_layer", missing
    return "evaluated", missing


def _table(
    rules: tuple[Rule, ...],
    status: dict[str, tuple[str, str]],
    reasons: npt.NDArray[np.uint32],
    bits: dict[str, int],
    hard: int,
) -> pd.DataFrame:
    excluded_by = reasons & np.uint32(hard)
    cells = max(reasons.size, 1)
    rows = []
    for rule in rules:
        broken = only = excluded = float("nan")
        if rule.id in bits:
            bit = np.uint32(1 << bits[rule.id])
            broken = float(((reasons & bit) > 0).sum() / cells)
            if rule.hard:
                excluded, only = broken, float((excluded_by == bit).sum() / cells)
        state, missing = status[rule.id]
        bit_at = bits.get(rule.id)
        rows.append((rule.id, state, missing, bit_at, broken, excluded, only))
    names = ["rule", "status", "missing", "bit", "broken_share", "excluded_share", "only_share"]
    return pd.DataFrame(rows, columns=names).astype({"bit": "Int64"}).set_index("rule")


def heaviest(table: pd.DataFrame) -> str | None:
    """The rule that alone excludes most; None where none excludes anything."""
    excluded = table["excluded_share"].dropna()
    return None if excluded.empty or excluded.max() <= 0 else str(excluded.idxmax())


def reason_ids(mask: int, bits: dict[str, int]) -> tuple[str, ...]:
    """Ids of the rules whose bits are set."""
    return tuple(name for name, bit in bits.items() if mask >> bit & 1)


def nearest_m(values: Values | None, at: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """Least distance over some cells; NaN where nothing was measured."""
    if values is None or at.size == 0:
        return np.full(1, np.nan, np.float32)
    return np.array([values[at].min()], np.float32)
