"""The pages that are written from the code say what the code says."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_conventions_hold_the_tables_of_the_code() -> None:
    page = (ROOT / "docs" / "conventions.md").read_text("utf-8")
    filled = runpy.run_path(str(ROOT / "tools" / "refresh_docs.py"))["filled"]
    assert page == filled(page), "run python tools/refresh_docs.py"
