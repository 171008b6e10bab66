"""Words for the columns of any result table, from the one place where each column stands."""

from __future__ import annotations

from functools import lru_cache

from layout.core import facts
from layout.core.columns import COLUMNS, label
from layout.core.layer_types import COMMON, LAYER_TYPES
from layout.core.measure_columns import COLUMNS as MEASURE_COLUMNS
from layout.core.texts import Lang, catalogue


def heading(column: str, lang: Lang) -> str:
    """What a column is called in ``lang``; its own name where nothing is known of it.

    A sector's id is worded by the sector's name. Texts ``column.<name>`` of the catalogue come
    first, then the columns of firms, measures and layers.
    """
    words = _words().get(column)
    return words[lang] if words else label(column, lang)


def worded(column: str) -> bool:
    """Whether a column has words."""
    return column in _words() or label(column, "zh") != column


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[Lang, str]]:
    known: dict[str, dict[Lang, str]] = {}
    for layer in LAYER_TYPES.values():
        known |= {c.name: {"zh": c.zh, "en": c.en} for c in (*COMMON, *layer.columns)}
    known |= {c.name: {"zh": c.zh, "en": c.en} for c in MEASURE_COLUMNS.values()}
    known |= {c.name: {"zh": c.zh, "en": c.en} for c in COLUMNS.values()}
    sectors = facts.reference("sectors")
    for code, zh, en in zip(sectors["code"], sectors["name_zh"], sectors["name_en"], strict=True):
        known[code] = {"zh": zh, "en": en}
    fields = facts.reference("sub_fields")
    for code, zh, en in zip(
        fields["sub_field_id"], fields["name_zh"], fields["name_en"], strict=True
    ):
        known[code] = {"zh": zh, "en": en or zh}
    prefix = "column."
    known |= {
        key.removeprefix(prefix): texts
        for key, texts in catalogue().items()
        if key.startswith(prefix)
    }
    return known
