"""The Chinese font cut down to what is needed, under a name of its own."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal

from fontTools import subset
from fontTools.ttLib import TTFont

FAMILY: Final = "Layout Sans SC"
"""Family name of the subset. A changed font under the OFL may not carry a reserved name, and the
name of its origin would let it hide a complete font on the reader's machine."""

_POSTSCRIPT: Final = "LayoutSansSC-Regular"
_COPYRIGHT, _FAMILY, _STYLE, _UNIQUE, _FULL, _VERSION, _PS = 0, 1, 2, 3, 4, 5, 6
_LICENCE, _LICENCE_URL = 13, 14
_EPOCH: Final = 3_786_912_000  # 2024-01-01 in seconds since 1904: the same bytes at every build


def cut(source: Path | bytes, points: Iterable[int], flavour: Literal["ttf", "woff"]) -> bytes:
    """``source`` with only the characters ``points``, unhinted, renamed to :data:`FAMILY`.

    Parameters
    ----------
    source
        A TrueType font, or its bytes.
    points
        Unicode code points; those that the font lacks are left out.
    flavour
        ``ttf`` for matplotlib, ``woff`` (compressed with zlib) for browsers.

    Returns
    -------
    bytes
        The font file.
    """
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    # The hanzi need no shaping, so no layout tables; screens of today need no hints.
    options = subset.Options(
        layout_features=[],
        hinting=False,
        notdef_outline=True,
        name_IDs=[_COPYRIGHT, _FAMILY, _STYLE, _UNIQUE, _FULL, _VERSION, _PS, _LICENCE, 14],
        drop_tables=["GSUB", "GPOS", "GDEF", "BASE", "STAT", "vhea", "vmtx", "DSIG", "gasp"],
    )
    with TTFont(stream, lazy=True, recalcTimestamp=False) as font:
        worker = subset.Subsetter(options)
        worker.populate(unicodes=points)
        worker.subset(font)
        _rename(font)
        font.flavor = "woff" if flavour == "woff" else None
        out = io.BytesIO()
        font.save(out, reorderTables=True)
    return out.getvalue()


def characters(font: Path | bytes) -> frozenset[int]:
    """Code points that a font file can draw."""
    stream = io.BytesIO(font) if isinstance(font, bytes) else font
    with TTFont(stream, lazy=True) as opened:
        return frozenset(opened.getBestCmap())


def _rename(font: TTFont) -> None:
    names = font["name"]
    names.names = [record for record in names.names if record.langID in (0, 0x409)]
    version = names.getDebugName(_VERSION)
    for number, value in (
        (_FAMILY, FAMILY),
        (_STYLE, "Regular"),
        (_UNIQUE, f"{_POSTSCRIPT};{version}"),
        (_FULL, f"{FAMILY} Regular"),
        (_PS, _POSTSCRIPT),
    ):
        names.setName(value, number, 3, 1, 0x409)
    font["head"].modified = _EPOCH
