"""The characters that the bundled font must hold."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Final

from layout.core.resources import root

_PACKAGES: Final = tuple(Path(__file__).resolve().parents[2] / name for name in ("layout", "maps"))

NAME_CHARACTERS: Final = (
    "㘵佺倢偲傃凃勍啟喆垚堃姮婳嬅峂崀嵚弢彣彧惇揚旸昇昉晞暐曌朸榳沄洺湉湜炘烜焜燊燚犇獴玙玥珅珺琎瑀瑄璘璟璠甦皝磡祎禛禤穎粵綝"
    "翀翃芃莀衎褀谞赟鋆鑱钖镕镠闇闿霨韡頔頫颋飏駃骉骙鬘鹍鹔鹮齉龑龢"
)
"""Hanzi of names of places, firms and people in and around the Pearl River that GB 2312 lacks."""


def gb2312() -> frozenset[int]:
    """Code points of GB 2312: 6,763 hanzi, punctuation, Greek, Cyrillic and kana."""
    points = set()
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                points.add(ord(bytes((high, low)).decode("gb2312")))
            except UnicodeDecodeError:  # an empty place of the standard
                continue
    return frozenset(points)


def latin() -> frozenset[int]:
    """Latin letters with accents, and the marks that texts and scales use."""
    ranges = (
        range(0x20, 0x7F),
        range(0xA0, 0x180),
        range(0x2010, 0x2028),
        range(0x2030, 0x203F),
        range(0x2070, 0x20A0),
        range(0x2190, 0x2194),
        range(0x3000, 0x3020),
        range(0xFF01, 0xFF5F),
    )
    marks = "€™℃ⅠⅡⅢⅣⅤ−≈≠≤≥■□▲△▼▽◆◇○●★☆　"
    return frozenset(chain(*ranges, map(ord, marks)))


@lru_cache(maxsize=1)
def own() -> frozenset[int]:
    """Code points of every text of the project: facts, catalogues, sources."""
    files = [
        path
        for suffix in ("csv", "yaml", "geojson")
        for path in (root() / "data").rglob(f"*.{suffix}")
    ]
    for package in _PACKAGES:
        if package.is_dir():
            files += package.rglob("*.py")
            files += package.rglob("*.csv")
    points: set[int] = set()
    for path in files:
        points.update(map(ord, set(path.read_text("utf-8"))))
    return frozenset(point for point in points if point >= 0x20)


def wanted() -> frozenset[int]:
    """Code points that the bundled font must hold, as far as its source has them."""
    return gb2312() | latin() | own() | frozenset(map(ord, NAME_CHARACTERS))
