r"""Make ``.venv`` what ``requirements.lock`` says; do nothing where it is that already.

Every ``make`` command runs this first; on Windows run it by hand: ``py -3.12 tools\set_up.py``.
It needs Python 3.11 to 3.14 with ``venv``, and an index that pip can reach (pip's own settings
are respected, a mirror for example). Every file is checked against its hash.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / "set-up.json"
LOCK = ROOT / "requirements.lock"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def wanted() -> dict[str, str]:
    """What the environment depends on: Python, the locked packages, our own metadata."""
    return {
        "python": ".".join(map(str, sys.version_info[:2])),
        "lock": hashlib.sha256(LOCK.read_bytes()).hexdigest(),
        "project": hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest(),
        "place": str(ROOT),
    }


def present() -> dict[str, str]:
    """What the environment was made from; empty where there is none."""
    try:
        stamp: dict[str, str] = json.loads(STAMP.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if PYTHON.exists() else {}


def usable(have: dict[str, str]) -> bool:
    """Whether ``.venv`` is of this Python and was not moved here from elsewhere."""
    if have.get("place", str(ROOT)) != str(ROOT):
        return False
    question = [PYTHON, "-c", "import sys; print(*sys.version_info[:2], sep='.')"]
    try:
        answer = subprocess.run(question, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return answer.stdout.strip() == wanted()["python"]


def pip(arguments: list[str], packages: int = 0) -> None:
    """Run pip; tell how far it is; show what it printed only where it fails."""
    command = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-deps"]
    printed: list[str] = []
    seen = 0
    with subprocess.Popen(
        [*command, "--progress-bar", "off", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            printed.append(line)
            seen += (new := line.startswith(("Collecting ", "Processing ")))
            if new and packages and seen % 20 == 0:
                print(f"  {seen} of about {packages} packages", flush=True)
            elif packages and line.startswith("Installing collected"):
                print("  all fetched and checked; installing", flush=True)
    if process.returncode:
        sys.exit(
            "".join(printed[-40:])
            + "\npip could not install what requirements.lock names. If the package index cannot "
            "be reached\nfrom here, name a mirror with 'pip config set global.index-url ...' and "
            "repeat the command."
        )


def main() -> None:
    """Compare, and install what differs."""
    if sys.version_info < (3, 11):  # noqa: UP036 - somebody may try it with an older one
        sys.exit(f"Python 3.11 to 3.14 is needed; this is {sys.version.split()[0]}.")
    want, have = wanted(), present()
    if want == have:
        return
    start = time.monotonic()
    if any(want[key] != have.get(key) for key in ("python", "lock", "place")):
        packages = len(re.findall(r"^\S+==", LOCK.read_text("utf-8"), flags=re.MULTILINE))
        print(f"Setting up .venv with Python {sys.version.split()[0]}: about {packages} packages.")
        print("The first time this fetches about 500 MB; the line decides how long it takes,")
        print("mostly between one minute and ten.", flush=True)
        if VENV.is_symlink():  # what it leads to is another's, and would be cleared
            VENV.unlink()
        STAMP.unlink(missing_ok=True)
        fresh = [] if usable(have) else ["--clear"]
        # Not sys.executable: that may be the Python of the environment to be made anew.
        base = getattr(sys, "_base_executable", sys.executable)
        subprocess.run([base, "-m", "venv", *fresh, VENV], check=True)
        # Byte code is made when a module is first imported: that halves the time taken here.
        pip(["--no-compile", "--require-hashes", "-r", str(LOCK)], packages)
        if sys.dont_write_bytecode:  # then nothing would be kept: every start compiled all anew
            compileall = [PYTHON, "-m", "compileall", "-q", "-j", "0", VENV / "lib"]
            subprocess.run(compileall, check=False, stdout=subprocess.DEVNULL)
    pip(["--no-build-isolation", "--editable", "."])
    STAMP.write_text(json.dumps(want, indent=1) + "\n", encoding="utf-8")
    print(f"The environment is ready after {time.monotonic() - start:.0f} s.", flush=True)


if __name__ == "__main__":
    main()
