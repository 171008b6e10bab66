"""Siting rules as data: which hold, what they are measured on, and what each does.

A rule is a row of ``siting_rules.csv``. A prohibition (不应) excludes, a recommendation (不宜)
lowers the score; the table says so in ``hard_or_penalty``, and a planner can switch each. The
nuclear clause is a flag by default: read literally it removes the east of the city, where approved
centres stand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final, Literal

import pandas as pd

from layout.core import facts
from layout.core.errors import ParameterError, raise_all
from layout.core.result import Bilingual

Operator = Literal["at_least", "between", "outside", "return_period", "at_most"]
Effect = Literal["exclude", "penalty", "flag", "off"]
Grade = Literal["A", "B"]

MOST_RULES: Final = 32
"""Bits of a reason mask."""

NUCLEAR: Final = "GB07"

_OPERATORS: Final[dict[str, Operator]] = {
    ">=": "at_least",
    "range": "between",
    "outside": "outside",
    "return_period>=": "return_period",
    "<=": "at_most",
}
_TARGET: Final = re.compile(r"([a-z_]+)(?:\[([a-z_]+)=([a-z_|]+)\])?")


@dataclass(frozen=True)
class Target:
    """Features of a layer that a rule is measured on: all, or those with one of some values."""

    layer: str
    column: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes
    ----------
    id
        Id in ``siting_rules.csv``.
    clause
        Where it stands: document and part.
    object
        What it speaks of.
    operator
        ``at_least``: no nearer than ``low`` metres; ``between``: from ``low`` to ``high`` metres;
        ``outside``; ``return_period``: outside flood zones up to ``low`` years; ``at_most``: a
        value of the ground up to ``low``.
    low, high
        Metres, years or the unit of the value.
    targets
        What it is measured on; empty where no layer can tell.
    effect
        What happens where it is not met.
    wording
        不应, 不宜 or 不应设置.
    checked
        Whether the row was checked against a copy of the document.
    """

    id: str
    clause: str
    object: Bilingual
    operator: Operator | None
    low: float
    high: float
    unit: str
    targets: tuple[Target, ...]
    effect: Effect
    wording: str
    source: str
    note: str
    checked: str

    @property
    def hard(self) -> bool:
        """Whether ground that breaks it is excluded."""
        return self.effect == "exclude"


def site_rules(
    sets: tuple[str, ...],
    grade: Grade,
    *,
    nuclear: Effect = "flag",
    exclude: tuple[str, ...] = (),
    penalty: tuple[str, ...] = (),
    off: tuple[str, ...] = (),
) -> tuple[Rule, ...]:
    """The rules of the chosen sets and grade that speak of ground (policy gates are apart).

    Parameters
    ----------
    sets
        Beginnings of ``set`` in the table: ``GB50174``, ``PLANNING``, ``TIA-942``.
    grade
        Of GB 50174; rules without a grade hold for both.
    nuclear
        Effect of the nuclear clause.
    exclude, penalty, off
        Ids whose effect the planner changes.

    Raises
    ------
    ParameterError
        An id is not among the rules.
    """
    table = facts.reference("siting_rules")
    table = table[(table["set"] != "POLICY") & (table["wording"] != "gate")]
    rules = [_rule({str(k): str(v) for k, v in row.items()}) for row in table.to_dict("records")]
    _require_known({rule.id for rule in rules}, exclude, penalty, off)
    changed: dict[str, Effect] = dict.fromkeys(off, "off")
    changed |= dict.fromkeys(penalty, "penalty")
    changed |= dict.fromkeys(exclude, "exclude")
    keep = []
    for rule, grades in zip(rules, table["grade"], strict=True):
        if not rule.clause.startswith(sets) or not _holds(grades, grade):
            continue
        effect = nuclear if rule.id.startswith(NUCLEAR) else rule.effect
        keep.append(replace(rule, effect=changed.get(rule.id, effect)))
    return tuple(keep)


def _require_known(known: set[str], *named: tuple[str, ...]) -> None:
    raise_all(
        ParameterError(
            "error.unknown_ids", what="rules", found=name, known=", ".join(sorted(known))
        )
        for names in named
        for name in names
        if name not in known
    )


def _holds(grades: str, grade: Grade) -> bool:
    """Grades of the code hold as written; rules of other documents hold for all."""
    named = [name for name in grades.split(";") if name in ("A", "B", "C")]
    return not named or grade in named


def _rule(row: dict[str, str]) -> Rule:
    operator = _OPERATORS.get(row["operator"])
    measured = row["measured_on"]
    on_distance = row["distance_m"] != ""
    low = row["distance_m"] if on_distance else row["value"]
    if operator == "at_least" and not on_distance:
        operator = None  # counts (roads from the station) that no layer tells
    return Rule(
        id=row["rule_id"],
        clause=row["set"],
        object=Bilingual(row["object"], row["object_en"]),
        operator=operator if measured else None,
        low=float(low or "nan"),
        high=float(row["distance_max_m"] or "nan"),
        unit=row["value_unit"],
        targets=targets(measured),
        effect="exclude" if row["hard_or_penalty"] == "hard" else "penalty",
        wording=row["wording"],
        source=row["source"],
        note=row["note"],
        checked=row["checked"],
    )


def targets(measured_on: str) -> tuple[Target, ...]:
    """``railways;roads[class=motorway]`` as targets."""
    found = []
    for part in filter(None, measured_on.split(";")):
        match = _TARGET.fullmatch(part)
        if match is None:
            raise ParameterError("error.siting_target", found=part)
        layer, column, values = match.groups()
        found.append(Target(layer, column or "", tuple(values.split("|")) if values else ()))
    return tuple(found)


def requirement(rule: Rule) -> Bilingual:
    """What a rule asks, in words."""
    key = f"siting.ask.{rule.operator or 'none'}"
    return Bilingual.of(key, low=f"{rule.low:g}", high=f"{rule.high:g}", unit=rule.unit)


def rule_table(rules: tuple[Rule, ...]) -> pd.DataFrame:
    """The rules as a table: id, clause, object, what is asked, effect, source, note, checked."""
    rows = [
        {
            "rule": rule.id,
            "clause": rule.clause,
            "object_zh": rule.object.zh,
            "object_en": rule.object.en,
            "wording": rule.wording,
            "operator": rule.operator or "",
            "low": rule.low,
            "high": rule.high,
            "unit": rule.unit,
            "ask_zh": requirement(rule).zh,
            "ask_en": requirement(rule).en,
            "effect": rule.effect,
            "checked": rule.checked,
            "source": rule.source,
            "note": rule.note,
        }
        for rule in rules
    ]
    return pd.DataFrame(rows).set_index("rule")
