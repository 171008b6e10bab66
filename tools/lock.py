"""Write ``requirements.lock`` and ``requirements-bench.lock`` from ``pyproject.toml``.

``make lock`` runs this. Versions that are locked already stay where they still fit;
``make lock UPGRADE=1`` takes the newest. Needs ``uv`` (installed by ``make lock``).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = "requirements.lock"
BENCH = "requirements-bench.lock"
COMPILE = (
    *(sys.executable, "-m", "uv", "--no-config", "pip", "compile", "--quiet"),
    *("--universal", "--python-version", "3.11", "--generate-hashes"),
    *("--fork-strategy", "fewest", "--no-emit-index-url", "--no-emit-find-links"),
    *("--custom-compile-command", "make lock"),
)


PLUGINS = (
    *("pytest-arraydiff", "pytest-astropy", "pytest-astropy-header", "pytest-cov"),
    *("pytest-doctestplus", "pytest-filter-subpackage", "pytest-mock", "pytest-remotedata"),
    *("pytest-skip-slow",),
)
"""What a peer asks for only to test itself; installed, it would change how our tests run."""


def environment() -> dict[str, str]:
    """The environment without local wheel folders, whose files have hashes of their own."""
    local = {"UV_FIND_LINKS", "UV_NO_INDEX", "UV_INDEX", "UV_EXTRA_INDEX_URL"}
    return {name: value for name, value in os.environ.items() if name not in local}


def lock(sources: list[str], target: str, stdin: str | None = None) -> None:
    """Lock ``sources`` (files or options of uv) into ``target``."""
    upgrade = ["--upgrade"] if os.environ.get("UPGRADE") else []
    command = [*COMPILE, *upgrade, *sources, "--output-file", target]
    subprocess.run(command, cwd=ROOT, env=environment(), input=stdin, text=True, check=True)
    print(f"wrote {target}")


def main() -> None:
    """Both files: what runs and tests the program, and the peers it is compared with."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    system = "\n".join(project["build-system"]["requires"])
    lock(["pyproject.toml", "-", "--extra", "assets", "--extra", "test"], LOCK, system)
    peers = "\n".join(project["project"]["optional-dependencies"]["bench"])
    left_out = [part for name in PLUGINS for part in ("--no-emit-package", name)]
    lock(["-", "--constraint", LOCK, *left_out], BENCH, peers)


if __name__ == "__main__":
    main()
