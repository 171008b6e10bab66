"""Put into the wheel what the program reads at run time: facts, the app's entry, browser assets.

Only a real wheel carries them (in ``layout/_shipped``, where ``layout.core.resources`` looks). An
editable installation reads the checkout, and a source distribution fetches the assets when it is
built.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = ("data", "static", "streamlit_app.py", ".streamlit/config.toml")


class ShippedFiles(BuildHookInterface):
    """Build the assets if they are missing, then include :data:`SHIPPED`."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before each wheel; ``version`` is ``standard`` or ``editable``."""
        if version != "standard":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root))
        try:
            from maps.assets.build import build, is_current
        finally:
            sys.path.remove(str(root))
        if not is_current(root / "static"):
            build(root / "static", echo=self.app.display_info)
        for name in SHIPPED:
            build_data["force_include"][str(root / name)] = f"layout/_shipped/{name}"
