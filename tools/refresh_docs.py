"""Write the tables of ``docs/conventions.md`` from the code: ``python tools/refresh_docs.py``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

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


def columns() -> str:
    """Every column of the stored firm table."""
    plain = ((c.name, str(c.type), c.zh, c.en, c.meaning) for c in COLUMNS.values())
    families = (
        (f.of(YEARS[0]), str(f.type), f"{f.zh} {YEARS[0]}", f"{f.en} {YEARS[0]}", f.meaning)
        for f in FAMILIES
    )
    rows = ((f"`{name}`", f"`{kind}`", *rest) for name, kind, *rest in (*plain, *families))
    return table(("Name", "Type", "中文", "English", "Meaning"), rows)


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
