"""Words for the ids and codes in the tables of the estimate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from layout.analyses.coverage.figures import CITY, KINDS
from layout.core import facts
from layout.core import station_columns as c
from layout.core.columns import DISTRICT, PARK, SECTOR_1, SUBDISTRICT
from layout.core.result import Bilingual
from layout.core.study import Study
from layout.core.texts import catalogue

PREFIX: Final = "value."
CODED: Final = frozenset(
    {
        "reason", "candidate", "method", "height_from", "eirp_from", c.TYPE, "problem", "variant",
        "people_method", "value_kind", "band", c.OPERATOR,
    }
)  # fmt: skip
"""Columns whose values are worded in the catalogue as ``value.<column>.<value>``."""


def labels_of(study: Study) -> dict[str, Mapping[Any, Bilingual]]:
    """Words by column and value."""
    words: dict[str, dict[Any, Bilingual]] = {column: {} for column in CODED}
    for key, texts in catalogue().items():
        column, _, value = key.removeprefix(PREFIX).partition(".")
        if key.startswith(PREFIX) and column in CODED:
            words[column][value] = Bilingual(texts["zh"], texts["en"])
    zones = {kind: _names(study, kind) for kind in KINDS}
    sectors = _sectors()
    every = {**zones["park"], **zones["subdistrict"], **zones["district"]}
    return {
        **words,
        "zone_id": {**every, CITY: Bilingual.of("coverage.city")},
        DISTRICT: zones["district"],
        SUBDISTRICT: zones["subdistrict"],
        PARK: zones["park"],
        "sector": {**sectors, "total": Bilingual.of("coverage.total")},
        SECTOR_1: sectors,
    }


def _names(study: Study, kind: str) -> dict[Any, Bilingual]:
    zones = study.zones[kind]
    return {
        str(zone): Bilingual(str(zh), str(en) if isinstance(en, str) and en else str(zh))
        for zone, zh, en in zip(zones["id"], zones["name_zh"], zones["name_en"], strict=True)
    }


def _sectors() -> dict[Any, Bilingual]:
    table = facts.reference("sectors")
    words = {
        code: Bilingual(zh, en)
        for code, zh, en in zip(table["code"], table["name_zh"], table["name_en"], strict=True)
    }
    return {**words, "untagged": Bilingual.of("coverage.untagged")}
