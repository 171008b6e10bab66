"""One catalogue of every text a person reads, in Chinese and English.

The catalogue is the set of CSV files in ``layout/core/catalogue`` with the columns ``key``, ``zh``
and ``en``; values in braces are filled in by name. A key stands in one file only.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path
from typing import Literal

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")
CATALOGUE_DIR = Path(__file__).parent / "catalogue"


@lru_cache(maxsize=1)
def catalogue() -> dict[str, dict[Lang, str]]:
    """All texts by key: ``{key: {"zh": …, "en": …}}``.

    Raises
    ------
    ValueError
        A key stands twice, or a text is empty.
    """
    texts: dict[str, dict[Lang, str]] = {}
    for path in sorted(CATALOGUE_DIR.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as handle:
            for row in csv.DictReader(handle):
                key = row["key"]
                if key in texts or not row["zh"] or not row["en"]:
                    raise ValueError(f"{path.name}: text {key!r} stands twice or is empty")
                texts[key] = {"zh": row["zh"], "en": row["en"]}
    return texts


def text(key: str, lang: Lang, /, **values: object) -> str:
    """The text of ``key`` in ``lang``, with ``values`` filled in.

    Raises
    ------
    KeyError
        The catalogue has no such key.
    """
    template = catalogue()[key][lang]
    return template.format(**values) if values else template
