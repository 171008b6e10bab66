"""Words for ids that tables of several analyses hold."""

from __future__ import annotations

from layout.core import facts
from layout.core.result import Bilingual
from layout.core.study import NO_COORDINATES, NO_ZONE, OUTSIDE, Study


def zone_words(study: Study, kind: str = "district") -> dict[str, Bilingual]:
    """Names of the zones of one kind by id, and what lies in none."""
    frame = study.zones[kind]
    names = zip(frame["id"], frame["name_zh"], frame["name_en"], strict=True)
    fixed = {key: Bilingual.of(f"zone.{key}") for key in (OUTSIDE, NO_COORDINATES, NO_ZONE)}
    return {str(i): Bilingual(str(zh), str(en or zh)) for i, zh, en in names} | fixed


def sector_words() -> dict[str, Bilingual]:
    """Names of the plan's sectors by id."""
    return table_words("sectors", key="code", name="name")


def table_words(table: str, *, key: str = "id", name: str = "name") -> dict[str, Bilingual]:
    """Words of a reference table: ``<name>_zh`` and ``<name>_en`` by ``key``."""
    rows = facts.reference(table)
    pairs = zip(rows[key], rows[f"{name}_zh"], rows[f"{name}_en"], strict=True)
    return {str(i): Bilingual(str(zh), str(en)) for i, zh, en in pairs}


def choice_words(prefix: str, values: tuple[str, ...]) -> dict[str, Bilingual]:
    """Words of fixed values: the texts ``<prefix>.<value>``."""
    return {value: Bilingual.of(f"{prefix}.{value}") for value in values}
