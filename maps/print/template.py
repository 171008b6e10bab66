"""The printed map of a study: A4 landscape in the city's metric CRS, whole and honest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from shapely import box
from shapely.geometry.base import BaseGeometry

from layout.analyses.mix import MixParams
from layout.core import facts
from layout.core.errors import ParameterError
from layout.core.files import replacing
from layout.core.result import LayerSpec, Result
from layout.core.study import Study
from layout.core.texts import Lang, text
from maps.print.elements import (
    DASHES,
    INK,
    QUIET,
    Line,
    add_north_arrow,
    add_scale_bar,
    draw_legend,
    draw_names,
    draw_shapes,
    fit,
    wrap,
)
from maps.print.fonts import print_settings
from maps.views import wording
from maps.views.classes import NO_DATA_CODE, Classes, classify, figure
from maps.views.geometry import counted_zones, label_points, outlined_parks, short_names
from maps.views.palettes import BORDER, GROUND, PARK, SEA, palette_for

A4_LANDSCAPE: Final = (11.69, 8.27)
FORMATS: Final = (".png", ".pdf", ".svg")
DPI: Final = 200

_MAP_BOX: Final = (0.025, 0.165, 0.745, 0.715)
_PANEL_BOX: Final = (0.785, 0.165, 0.195, 0.715)
_FOOT_HANZI: Final = 82.0
"""Width of the notes below the map, in letters of their size."""
_FAR_M: Final = 5_000.0
_WORTH: Final = 1.2
"""An inset is made for units farther than this from the rest, where the map gains this scale."""


def print_map(study: Study, result: Result, lang: Lang) -> Figure:
    """The picture, ready to be written with :func:`write_map`.

    Parameters
    ----------
    study
        The study.
    result
        Sector mix of the study; its first layer is drawn.
    lang
        Language.

    Returns
    -------
    Figure
        Title, map with names, legend with 'no data', scale bar, north arrow, sources, date,
        quality of the data, CRS, the line on map approval, and the stamp of synthetic data.
    """
    with print_settings():
        sheet = Figure(figsize=A4_LANDSCAPE, facecolor="white")
        FigureCanvasAgg(sheet)
        _Sheet(sheet, study, result, lang).draw()
    return sheet


def write_map(sheet: Figure, path: Path, *, dpi: int = DPI) -> None:
    """Write a printed map as PNG, PDF or SVG, by the ending of ``path``.

    Raises
    ------
    ParameterError
        Another ending.
    OutputError
        The file cannot be written; what stood there is untouched.
    """
    if path.suffix.lower() not in FORMATS:
        raise ParameterError("error.map_format", found=path.name, known=", ".join(FORMATS))
    with print_settings(), replacing(path) as target:
        sheet.savefig(target, dpi=dpi)


class _Sheet:
    """A sheet being drawn."""

    def __init__(self, sheet: Figure, study: Study, result: Result, lang: Lang) -> None:
        self.sheet, self.study, self.lang = sheet, study, lang
        self.params = MixParams.model_validate(dict(result.provenance.parameters))
        self.crs = str(facts.city_settings(study.manifest.city)["metric_crs"])
        drawn = replace(result.layers[0], palette=palette_for(self.params.draw))
        self.spec: LayerSpec = counted_zones(drawn)
        self.zones = self.spec.frame.to_crs(self.crs)
        self.districts = study.zones["district"].to_crs(self.crs)
        self.values: pd.Series = self.zones[self.spec.column]
        self.classes: Classes = classify(
            self.values, palette=self.spec.palette, classes=self.spec.classes
        )
        self.codes = self.classes.codes(self.values)

    def draw(self) -> None:
        """Everything, from top to bottom."""
        self._heading()
        axes = self.sheet.add_axes(_MAP_BOX)
        far = far_units(self.districts)
        near = self.districts[~far]
        self._map(axes, frame_of(near, axes))
        add_scale_bar(axes)
        add_north_arrow(axes, self.lang, x=0.045, y=0.86, size=0.08)
        if far.any():
            self._inset(axes, self.districts[far])
        self._panel()
        self._foot()

    def _heading(self) -> None:
        title = wording.title(self.study, self.params, self.lang)
        settings = wording.settings(self.study, self.params, self.lang)
        limit = 0.70 if self.study.manifest.synthetic else 0.95
        heading = self.sheet.text(0.025, 0.965, title, fontsize=20, color=INK, va="top")
        fit(heading, limit)
        line = self.sheet.text(0.025, 0.917, settings, fontsize=10.5, color=QUIET, va="top")
        fit(line, 0.95)
        if self.study.manifest.synthetic:
            self.sheet.text(
                0.98, 0.96, text("map.stamp.synthetic", self.lang), fontsize=12, color="#8a1c1c",
                ha="right", va="top",
                bbox={"boxstyle": "square,pad=0.45", "facecolor": "white", "edgecolor": "#8a1c1c"},
            )  # fmt: skip

    def _map(self, axes: Axes, limits: tuple[float, float, float, float]) -> None:
        west, south, east, north = limits
        axes.set(xlim=(west, east), ylim=(south, north), xticks=[], yticks=[], facecolor=SEA)
        axes.set_aspect("equal")
        for spine in axes.spines.values():
            spine.set(color=BORDER, linewidth=0.8)
        draw_shapes(axes, self.districts, fills=[GROUND] * len(self.districts), zorder=1)
        fills = [
            None if code == NO_DATA_CODE else self.classes.colours[code] for code in self.codes
        ]
        width = {"district": 0.0, "subdistrict": 0.4}.get(self.params.zones, 0.7)
        draw_shapes(axes, self.zones, fills=fills, zorder=2, linewidth=width)
        self._borders(axes)
        parks = outlined_parks(self.study.zones["park"], self.params.zones).to_crs(self.crs)
        if len(parks):
            draw_shapes(
                axes, parks, fills=["none"] * len(parks), zorder=4, edgecolor=PARK,
                linestyle=DASHES, linewidth=0.8,
            )  # fmt: skip
        self._names(axes)

    def _borders(self, axes: Axes) -> None:
        """District borders on top of the fills, dashed where they are sketches."""
        rough = self.districts["approximate"].astype(bool)
        for part, style in ((self.districts[~rough], "solid"), (self.districts[rough], DASHES)):
            none = ["none"] * len(part)
            draw_shapes(axes, part, fills=none, zorder=3, linewidth=0.9, linestyle=style)

    def _names(self, axes: Axes) -> None:
        names = short_names(self.districts, self.lang)
        if self.params.zones == "district":
            unknown = "–" if self.params.draw == "lq" else text("map.no_data", self.lang)
            shown = {
                zone: unknown if pd.isna(value) else figure(float(value))
                for zone, value in zip(self.zones["id"], self.values, strict=True)
            }
            names = [
                f"{name}\n{shown[zone]}" if zone in shown else name
                for name, zone in zip(names, self.districts["id"], strict=True)
            ]
        x, y = label_points(self.districts)
        draw_names(axes, x, y, names, size=9.5)

    def _inset(self, axes: Axes, far: gpd.GeoDataFrame) -> None:
        """Units far away in a corner where they hide least, at a scale of their own."""
        corner = _best_corner(axes, self.districts.drop(far.index))
        inset = axes.inset_axes(corner, zorder=7)
        self._map(inset, frame_of(far, inset, margin=0.12))
        inset.set_title(text("print.inset", self.lang), fontsize=8.5, color=INK, pad=3, loc="left")
        add_scale_bar(inset)

    def _panel(self) -> None:
        """Legend and cautions beside the map."""
        _, _, width, height = _PANEL_BOX
        points = (width * A4_LANDSCAPE[0] * 72, height * A4_LANDSCAPE[1] * 72)
        panel = self.sheet.add_axes(_PANEL_BOX)
        panel.set(xlim=(0, points[0]), ylim=(0, points[1]))
        panel.set_axis_off()
        end = draw_legend(
            panel,
            title=wording.heading(self.params, self.lang),
            unit=self.spec.unit(self.lang),
            lines=self._legend_lines(),
            top=points[1],
        )
        y = end - 10
        for caution in wording.cautions(self.study, self.params, self.lang):
            for line in wrap(caution, limit=points[0] / 9.0):
                panel.text(0, y, line, fontsize=8.5, color=QUIET, va="top")
                y -= 12

    def _legend_lines(self) -> list[Line]:
        pairs = zip(self.classes.labels, self.classes.colours, strict=True)
        lines = [Line(label, colour) for label, colour in pairs][::-1]
        # Every map explains the hatching, so that its absence is told, not guessed.
        lines.append(Line(wording.no_data(self.params, self.lang), "", "hatch"))
        lines.append(Line(text("print.district_border", self.lang), BORDER, "solid"))
        if len(outlined_parks(self.study.zones["park"], self.params.zones)):
            key = "map.layer.area" if self.params.zones == "park" else "map.layer.park"
            lines.append(Line(text(key, self.lang), PARK, "dashed"))
        return lines

    def _foot(self) -> None:
        study, lang = self.study, self.lang
        warning = wording.synthetic(study, lang)
        notes = [
            (text("map.foot.quality", lang), wording.quality(study, self.params, lang)),
            (text("map.foot.source", lang), wording.sources(study, self.params, lang)),
            (text("print.crs", lang), text("print.crs_value", lang, crs=self.crs)),
            (text("map.foot.use", lang), text("map.approval", lang)),
        ]
        if warning:
            notes.insert(0, (text("print.warning", lang), warning))
        y = 0.148
        for name, note in notes:
            lines = wrap(note, limit=_FOOT_HANZI)
            self.sheet.text(0.025, y, name, fontsize=8.5, color=INK, va="top")
            for line in lines:
                self.sheet.text(0.095, y, line, fontsize=8.5, color=QUIET, va="top")
                y -= 0.0215


def far_units(districts: gpd.GeoDataFrame) -> np.ndarray:
    """Which units lie so far from the others that the map is better without them.

    Parameters
    ----------
    districts
        Units in a metric CRS.

    Returns
    -------
    ndarray of bool
        All False where leaving them out gains little.
    """
    shapes = districts.geometry
    away = np.zeros(len(districts), dtype=bool)
    for i, shape in enumerate(shapes):
        rest: BaseGeometry = shapes.drop(shapes.index[i]).union_all()
        away[i] = not rest.is_empty and shape.distance(rest) > _FAR_M
    if not away.any() or away.all():
        return np.zeros(len(districts), dtype=bool)
    west, south, east, north = districts.total_bounds
    near_west, near_south, near_east, near_north = districts[~away].total_bounds
    width = (east - west) / (near_east - near_west)
    height = (north - south) / (near_north - near_south)
    return away if max(width, height) >= _WORTH else np.zeros(len(districts), dtype=bool)


def frame_of(
    frame: gpd.GeoDataFrame, axes: Axes, *, margin: float = 0.03
) -> tuple[float, float, float, float]:
    """Limits around ``frame`` with a margin that fill the axes at one scale."""
    west, south, east, north = (float(v) for v in frame.total_bounds)
    extent = axes.get_window_extent()
    wanted = extent.width / extent.height
    width = (east - west) * (1 + 2 * margin)
    height = (north - south) * (1 + 2 * margin)
    width, height = max(width, height * wanted), max(height, width / wanted)
    x, y = (west + east) / 2, (south + north) / 2
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _best_corner(axes: Axes, near: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    """The right-hand corner (fractions of the axes) where an inset covers least of the city."""
    width, height, gap = 0.215, 0.28, 0.015
    corners = [
        (1 - width - gap, 1 - height - 0.05, width, height),
        (1 - width - gap, gap, width, height),
    ]
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    city = near.geometry.union_all()

    def hidden(corner: tuple[float, float, float, float]) -> float:
        x, y, w, h = corner
        patch = box(
            west + x * (east - west), south + y * (north - south),
            west + (x + w) * (east - west), south + (y + h) * (north - south),
        )  # fmt: skip
        return float(city.intersection(patch).area)

    return min(corners, key=hidden)
