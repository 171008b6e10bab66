"""``python -m maps.assets [FOLDER]``: build the assets, by default where the app serves them."""

from __future__ import annotations

import sys
from pathlib import Path

from layout.core.errors import LayoutError
from layout.core.resources import static_dir
from maps.assets.build import build, is_current


def main(arguments: list[str]) -> int:
    """Build unless everything is there; returns the exit code."""
    target = Path(arguments[0]) if arguments else static_dir()
    try:
        if not is_current(target):
            build(target, echo=print)
    except LayoutError as error:
        print(f"maps.assets: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
