"""How long a person waits before the program says anything."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.case import Case


def help_text(_: None) -> bytes:
    command = [sys.executable, "-m", "layout.cli", "--help"]
    return subprocess.run(command, capture_output=True, check=True).stdout


CASES = (Case("layout --help", lambda: None, help_text, at_most_s=0.5),)
