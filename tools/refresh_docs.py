"""Write the tables of ``docs/conventions.md`` from the code: ``python tools/refresh_docs.py``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from layout.core.columns import COLUMNS, FAMILIES, YEARS
from layout.core.faults import FAULTS
from layout.core.files import replacing
from layout.core.texts import text

PAGE = Path(__file__).resolve().parents[1] / "docs" / "conventions.md"


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def faults() -> str:
    """Every fault a row can have."""
    rows = (
        (
            f"`{code}`",
            fault.policy.value + (", fixed" if fault.fixed else ""),
            text(f"fault.{code}", "zh"),
            text(f"fault.{code}", "en"),
        )
        for code, fault in FAULTS.items()
    )
    return table(("Code", "Default", "中文", "English"), rows)


def kind(type_: pa.DataType) -> str:
    """An Arrow type in words."""
    if pa.types.is_dictionary(type_):
        return f"{type_.value_type} (dictionary)"
    return str(type_)


def columns() -> str:
    """Every column of the stored firm table, and the headers that readers know."""
    plain = [(column.name, column) for column in COLUMNS.values()]
    families = [(family.of(YEARS[0]), family) for family in FAMILIES]
    rows = (
        (f"`{name}`", kind(c.type), c.zh, c.en, c.meaning, ", ".join(c.aliases))
        for name, c in (*plain, *families)
    )
    return table(("Name", "Type", "中文", "English", "Meaning", "Headers that are known"), rows)


def filled(page: str) -> str:
    """``page`` with both tables as the code has them."""
    for name, body in (("faults", faults()), ("columns", columns())):
        start = page.index(f"<!-- {name}:")
        start = page.index("-->", start) + len("-->")
        end = page.index(f"<!-- end of {name} -->")
        page = f"{page[:start]}\n{body}\n{page[end:]}"
    return page


if __name__ == "__main__":
    with replacing(PAGE) as partial:
        partial.write_text(filled(PAGE.read_text("utf-8")), encoding="utf-8")
