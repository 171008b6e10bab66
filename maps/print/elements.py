"""What a printed map is made of: filled shapes, names, scale bar, north arrow, legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import shapely
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Polygon, Rectangle
from matplotlib.path import Path as DrawnPath
from matplotlib.text import Text
from matplotlib_scalebar.scalebar import ScaleBar

from layout.core.crs import require_metric
from layout.core.texts import Lang, text
from maps.views.palettes import BORDER, NO_DATA

DASHES: Final = (0, (3, 2))
"""Line style of shapes that are approximate."""
HATCH: Final = "////"
INK: Final = "#1c2733"
QUIET: Final = "#51606d"

_HALO: Final = [patheffects.withStroke(linewidth=2.2, foreground="white")]


@dataclass(frozen=True)
class Line:
    """One line of a printed legend.

    Attributes
    ----------
    label
        What it says.
    colour
        Fill or line colour.
    kind
        ``fill``, ``hatch`` ('no data'), ``dashed`` or ``solid`` line.
    """

    label: str
    colour: str
    kind: Literal["fill", "hatch", "dashed", "solid"] = "fill"


def drawn_path(shape: Any) -> DrawnPath:
    """A polygon with its holes as one path; holes run the other way, so that they stay empty."""
    parts = []
    for polygon in getattr(shapely.orient_polygons(shape), "geoms", [shape]):
        for ring in (polygon.exterior, *polygon.interiors):
            corners = np.asarray(ring.coords)[:, :2]
            codes = np.full(len(corners), DrawnPath.LINETO, dtype=DrawnPath.code_type)
            codes[0], codes[-1] = DrawnPath.MOVETO, DrawnPath.CLOSEPOLY
            parts.append(DrawnPath(corners, codes))
    return DrawnPath.make_compound_path(*parts)


def draw_shapes(
    axes: Axes, frame: gpd.GeoDataFrame, *, fills: Sequence[str | None], **style: Any
) -> None:
    """Polygons in a metric CRS, each with its fill; None is the hatching of 'no data'.

    Parameters
    ----------
    axes
        Where to draw.
    frame
        Polygons in a projected CRS, metres.
    fills
        Colour of each.
    **style
        Line style of the borders, as of a matplotlib patch.

    Raises
    ------
    CrsError
        The frame is not in a metric CRS.
    """
    require_metric(frame)
    for shape, fill in zip(frame.geometry, fills, strict=True):
        if shape.is_empty:
            continue
        given: dict[str, Any] = {"edgecolor": BORDER, "linewidth": 0.6, **style}
        path = drawn_path(shape)
        if fill is None:
            hatched = {"facecolor": "white", "hatch": HATCH, "linewidth": 0, "edgecolor": NO_DATA}
            axes.add_patch(PathPatch(path, zorder=given.get("zorder", 1), **hatched))
            axes.add_patch(PathPatch(path, facecolor="none", **given))
        else:
            axes.add_patch(PathPatch(path, facecolor=fill, **given))


def draw_names(
    axes: Axes, x: np.ndarray, y: np.ndarray, names: Sequence[str], *, size: float
) -> None:
    """Names with a white rim at points in the CRS of the axes; outside the frame none is drawn."""
    for a, b, name in zip(x, y, names, strict=True):
        label = axes.text(
            a,
            b,
            name,
            fontsize=size,
            ha="center",
            va="center",
            color=INK,
            zorder=8,
            linespacing=1.25,
            clip_on=True,
            path_effects=_HALO,
        )
        label.set_clip_path(axes.patch)


def add_scale_bar(axes: Axes) -> None:
    """A scale bar in metres or kilometres; the axes must be in metres."""
    axes.add_artist(
        ScaleBar(
            1.0,
            units="m",
            location="lower left",
            length_fraction=0.2,
            box_alpha=0.0,
            color=INK,
            width_fraction=0.008,
            font_properties={"size": 9},
            pad=0.6,
        )
    )


def add_north_arrow(axes: Axes, lang: Lang, *, x: float, y: float, size: float) -> None:
    """An arrow to grid north.

    Parameters
    ----------
    x, y
        Its foot, fractions of the axes.
    size
        Height, fraction of the axes.
    """
    box = axes.get_window_extent()
    half = size * 0.28 * box.height / box.width
    for side, colour in ((-1, INK), (1, "white")):
        corners = [(x, y + size), (x + side * half, y), (x, y + size * 0.28)]
        axes.add_patch(
            Polygon(
                corners,
                transform=axes.transAxes,
                facecolor=colour,
                edgecolor=INK,
                linewidth=0.8,
                zorder=9,
                clip_on=False,
            )
        )
    axes.text(
        x,
        y + size * 1.08,
        text("print.north", lang),
        transform=axes.transAxes,
        ha="center",
        va="bottom",
        fontsize=10,
        color=INK,
    )


def draw_legend(axes: Axes, *, title: str, unit: str, lines: Sequence[Line], top: float) -> float:
    """A legend from ``top`` downwards in axes of points; returns where it ends.

    Parameters
    ----------
    axes
        Axes without frame whose coordinates are points (1/72 inch), origin at the lower left.
    top
        Where it begins, in points.
    """
    y, width = top, axes.get_xlim()[1]
    for wrapped in wrap(title, limit=width / 11.5):
        axes.text(0, y, wrapped, fontsize=11, color=INK, va="top")
        y -= 15
    if unit:
        axes.text(0, y, unit, fontsize=9, color=QUIET, va="top")
        y -= 15
    for line in lines:
        y -= 4
        _draw_swatch(axes, line, y)
        pieces = wrap(line.label, limit=(width - 32) / 9.3)
        for k, piece in enumerate(pieces):
            axes.text(32, y - 6 - 11 * k, piece, fontsize=9, color=INK, va="center")
        y -= 13 + 11 * (len(pieces) - 1)
    return y


def _draw_swatch(axes: Axes, line: Line, y: float) -> None:
    if line.kind in ("dashed", "solid"):
        style = DASHES if line.kind == "dashed" else "solid"
        axes.add_line(
            Line2D([0, 24], [y - 6, y - 6], color=line.colour, linewidth=1.2, linestyle=style)
        )
        return
    if line.kind == "hatch":
        axes.add_patch(
            Rectangle(
                (0, y - 12), 24, 12, facecolor="white", edgecolor=NO_DATA, hatch=HATCH, linewidth=0
            )
        )
    fill = "none" if line.kind == "hatch" else line.colour
    axes.add_patch(Rectangle((0, y - 12), 24, 12, facecolor=fill, edgecolor=BORDER, linewidth=0.6))


def fit(words: Text, limit: float) -> None:
    """Make a text smaller until it is at most ``limit`` of the figure wide."""
    canvas = words.get_figure()
    width = words.get_window_extent().width / canvas.bbox.width
    if width > limit:
        words.set_fontsize(words.get_fontsize() * limit / width)


def wrap(words: str, *, limit: float) -> list[str]:
    """Lines of about ``limit`` hanzi; a Latin letter counts half. Latin words stay whole."""
    lines, line, width = [], "", 0.0
    for piece in _pieces(words):
        size = sum(1.0 if ord(ch) >= 0x2E80 else 0.5 for ch in piece)
        # Closing marks never begin a line.
        if line and width + size > limit and piece not in "，。；、）”":
            lines.append(line.rstrip())
            line, width = "", 0.0
            piece = piece.lstrip()
        line += piece
        width += size
    return [*lines, line] if line else lines


def _pieces(words: str) -> list[str]:
    """Hanzi one by one, other runs word by word with the space that follows."""
    pieces: list[str] = []
    for ch in words:
        latin = ord(ch) < 0x2E80
        if latin and pieces and ord(pieces[-1][-1]) < 0x2E80 and not pieces[-1].endswith(" "):
            pieces[-1] += ch
        else:
            pieces.append(ch)
    return pieces
