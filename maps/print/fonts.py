"""The bundled Chinese font for matplotlib, and settings that embed it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import matplotlib as mpl
from matplotlib import font_manager

from maps.assets.manifest import FONT_TTF, font_file

_LOCK = threading.RLock()


@contextlib.contextmanager
def print_settings() -> Iterator[None]:
    """Draw with the bundled font, one map at a time.

    Settings of matplotlib hold for the whole process and a server draws for several people, so
    drawing and saving wait for each other. PDF embeds the letters (type 42); SVG draws them as
    outlines, so that no reader's machine needs the font.

    Raises
    ------
    AssetError
        The font was not built.
    """
    path = str(font_file(FONT_TTF))
    with _LOCK:
        known = {entry.fname for entry in font_manager.fontManager.ttflist}
        if path not in known:
            font_manager.fontManager.addfont(path)
        family = font_manager.FontProperties(fname=path).get_name()
        settings = {
            "font.family": [family, "DejaVu Sans"],  # the second for what the first lacks
            "text.parse_math": False,  # a dollar sign in a name is a dollar sign
            "axes.unicode_minus": False,
            "pdf.fonttype": 42,
            "svg.fonttype": "path",
            "hatch.linewidth": 0.6,
        }
        with mpl.rc_context(settings):
            yield
