"""What must be said of a siting run: why nothing is left, what was not considered, cautions."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from layout.analyses.siting.choose import Choice, Task
from layout.analyses.siting.criteria import CRITERIA, Judged
from layout.analyses.siting.exclusion import Exclusion, heaviest
from layout.analyses.siting.models import reach_km, uncovered_of
from layout.analyses.siting.rules import NUCLEAR, Rule
from layout.core.result import Bilingual
from layout.core.texts import LANGS, text

_JOINTS: Final = {"zh": "、", "en": ", "}


def notes_of(
    exclusion: Exclusion,
    rules: tuple[Rule, ...],
    judged: Judged,
    task: Task,
    table: pd.DataFrame,
    choice: Choice,
    uncovered: pd.DataFrame,
) -> tuple[Bilingual, ...]:
    """Notes of a result: first why there is no set, or a smaller one, where that is so."""
    params = task.params
    notes = [
        *_short_of(exclusion, rules, task, table, choice, uncovered),
        *_not_considered(exclusion, judged),
    ]
    if params.nuclear == "flag" and any(r.id.startswith(NUCLEAR) for r in rules):
        notes.append(Bilingual.of("siting.note.nuclear"))
    notes.append(Bilingual.of("siting.note.rules"))
    notes.append(Bilingual.of("siting.note.cells", cell=f"{params.cell_m:g}"))
    if params.asked("model") == "capacitated_p_median":
        notes.append(Bilingual.of("siting.note.capacity", share=f"{params.load_share:.0%}"))
    if params.use.powered:
        notes.append(Bilingual.of("siting.note.estimates"))
    return tuple(notes)


def _short_of(
    exclusion: Exclusion,
    rules: tuple[Rule, ...],
    task: Task,
    table: pd.DataFrame,
    choice: Choice,
    uncovered: pd.DataFrame,
) -> list[Bilingual]:
    """Why no set was chosen, or fewer sites than were asked for."""
    params = task.params
    most = heaviest(exclusion.table)
    if not exclusion.allowed.any() and most:
        return [_nothing_left(exclusion, {rule.id: rule for rule in rules}[most])]
    if table.empty:
        return [Bilingual.of("siting.note.no_sites", area=params.asked("min_area_ha"),
                             site=params.asked("site_ha"))]  # fmt: skip
    if uncovered_of(choice.fault):
        return [_uncovered(task, uncovered)]
    if not choice.sites and choice.fault is not None:
        fault = choice.fault
        return [_both("siting.note.model_fault", fault=(fault.message("zh"), fault.message("en")))]
    if not choice.sites:
        return [Bilingual.of("siting.note.no_choice")]
    asked = int(str(params.asked("count")))
    if len(choice.sites) < asked and params.asked("model") != "set_covering":
        return [Bilingual.of(
            "siting.note.fewer", asked=asked, count=len(choice.sites), barred=len(choice.barred),
            sites=int(table["shortlisted"].sum()),
        )]  # fmt: skip
    return []


def _nothing_left(exclusion: Exclusion, rule: Rule) -> Bilingual:
    share = float(exclusion.table["excluded_share"].to_dict()[rule.id]) * 100
    return _both("siting.note.nothing_left", object=(rule.object.zh, rule.object.en),
                 rule=(rule.id, rule.id), share=(f"{share:.0f}", f"{share:.0f}"))  # fmt: skip


def _uncovered(task: Task, uncovered: pd.DataFrame) -> Bilingual:
    """Where the firms stand that no candidate reaches."""
    zones = task.ground.study.zones["district"].set_index("id")
    by_district = uncovered.groupby("district")["firms"].sum().sort_values(ascending=False)
    named = []
    for lang in LANGS:
        names = [zones[f"name_{lang}"].fillna(zones["name_zh"])[i] for i in by_district.index]
        named.append(_JOINTS[lang].join(
            f"{name} {count:,.0f}" for name, count in zip(names, by_district, strict=True)
        ))  # fmt: skip
    count, firms = f"{len(uncovered):,}", f"{uncovered['firms'].sum():,.0f}"
    reach, need = f"{reach_km(task.params):g}", f"{_needed_km(uncovered):.1f}"
    return _both("siting.note.uncovered", count=(count, count), firms=(firms, firms),
                 reach=(reach, reach), need=(need, need), places=(named[0], named[1]))  # fmt: skip


def _needed_km(uncovered: pd.DataFrame) -> float:
    """The least reach that would cover all: rounded up to 0.1 km."""
    return float(np.ceil(uncovered["nearest_route_km"].max() * 10) / 10)


def _not_considered(exclusion: Exclusion, judged: Judged) -> list[Bilingual]:
    notes = []
    lost = exclusion.table[exclusion.table["status"] == "no_layer"]
    if len(lost):
        names = (_JOINTS["zh"].join(lost.index), _JOINTS["en"].join(lost.index))
        notes.append(_both("siting.note.rules_not_considered", rules=names))
    if judged.missing:
        titles = [CRITERIA[name].title for name in judged.missing]
        words = (_JOINTS["zh"].join(t.zh for t in titles), _JOINTS["en"].join(t.en for t in titles))
        notes.append(_both("siting.note.criteria_not_considered", names=words))
    return notes


def _both(key: str, **values: tuple[str, str]) -> Bilingual:
    """A text whose values differ by language: (zh, en)."""
    zh = {name: pair[0] for name, pair in values.items()}
    en = {name: pair[1] for name, pair in values.items()}
    return Bilingual(text(key, "zh", **zh), text(key, "en", **en))
