"""Every stage that a run tells of has words on the page and in the command."""

from __future__ import annotations

import re
from pathlib import Path

from layout.cli.run import _STAGES
from layout.core.texts import catalogue


def test_every_stage_has_words() -> None:
    code = "\n".join(
        p.read_text("utf-8")
        for p in (Path(__file__).parents[2] / "layout" / "pipeline").glob("*.py")
    )
    told = set(re.findall(r'told\(\s*"(\w+)"', code))
    assert {"survey", "firms", "results"} <= told
    assert told <= set(_STAGES)
    for stage in _STAGES:
        assert f"stage.{stage}" in catalogue()
