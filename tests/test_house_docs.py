"""The pages that are written from the code say what the code says."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_conventions_hold_the_tables_of_the_code() -> None:
    page = (ROOT / "docs" / "conventions.md").read_text("utf-8")
    filled = runpy.run_path(str(ROOT / "tools" / "refresh_docs.py"))["filled"]
    assert page == filled(page), "run python tools/refresh_docs.py"


def test_every_page_stands_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    linked = set(re.findall(r"\]\(([^)#]+)\)", index))
    pages = {path.name for path in (ROOT / "docs").iterdir() if path.is_file()} - {"README.md"}
    assert pages <= linked
    made_by_commands = {"performance.md"}  # not there before its first run
    assert [one for one in linked - made_by_commands if not (ROOT / "docs" / one).exists()] == []
