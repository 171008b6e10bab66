"""Any layer of any result as a printed map: A4 landscape in the city's metric CRS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from layout.core import facts
from layout.core.raster import Raster
from layout.core.result import LayerSpec, Result
from layout.core.study import Study
from layout.core.texts import Lang, text
from maps.print.elements import (
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
from maps.print.template import A4_LANDSCAPE, far_units, frame_of
from maps.views.classes import NO_DATA_CODE
from maps.views.geometry import label_points, short_names
from maps.views.palettes import BORDER, GROUND, SEA
from maps.views.spec_classes import Drawn, drawn

_MAP_BOX: Final = (0.025, 0.13, 0.745, 0.765)
_PANEL_BOX: Final = (0.785, 0.13, 0.195, 0.765)
_MOST_PIXELS: Final = 2_400
_ONE_COLOUR: Final = "#1d91c0"


def print_layers(study: Study, result: Result, lang: Lang, *, names: Sequence[str] = ()) -> Figure:
    """The layers of a result on one sheet, ready for :func:`maps.print.template.write_map`.

    Parameters
    ----------
    study, result
        What is drawn.
    lang
        Language.
    names
        Layers to draw, in order from below; the first one of the result where none is named.
    """
    wanted = [spec for spec in result.layers if spec.name in names] or list(result.layers[:1])
    with print_settings():
        sheet = Figure(figsize=A4_LANDSCAPE, facecolor="white")
        FigureCanvasAgg(sheet)
        _ResultSheet(sheet, study, result, wanted, lang).draw()
    return sheet


class _ResultSheet:
    """A sheet being drawn."""

    def __init__(
        self, sheet: Figure, study: Study, result: Result, specs: list[LayerSpec], lang: Lang
    ) -> None:
        self.sheet, self.study, self.result, self.lang = sheet, study, result, lang
        self.specs = specs
        self.crs = str(facts.city_settings(study.manifest.city)["metric_crs"])
        self.districts = study.zones["district"].to_crs(self.crs)

    def draw(self) -> None:
        """Everything, from top to bottom."""
        self._heading()
        axes = self.sheet.add_axes(_MAP_BOX)
        near = self.districts[~far_units(self.districts)]
        west, south, east, north = frame_of(near, axes)
        axes.set(xlim=(west, east), ylim=(south, north), xticks=[], yticks=[], facecolor=SEA)
        axes.set_aspect("equal")
        draw_shapes(axes, self.districts, fills=[GROUND] * len(self.districts), zorder=1)
        legends = [self._layer(axes, spec, zorder=2 + k) for k, spec in enumerate(self.specs)]
        none = ["none"] * len(self.districts)
        draw_shapes(axes, self.districts, fills=none, zorder=20, linewidth=0.8)
        x, y = label_points(self.districts)
        draw_names(axes, x, y, short_names(self.districts, self.lang), size=9.5)
        add_scale_bar(axes)
        add_north_arrow(axes, self.lang, x=0.045, y=0.86, size=0.08)
        self._panel(legends)
        self._foot()

    def _heading(self) -> None:
        title = self.specs[0].title(self.lang) if self.specs else self.result.name
        synthetic = self.result.provenance.synthetic
        words = self.sheet.text(0.025, 0.965, title, fontsize=20, color=INK, va="top")
        fit(words, 0.70 if synthetic else 0.95)
        if synthetic:
            self.sheet.text(
                0.98, 0.96, text("map.stamp.synthetic", self.lang), fontsize=12, color="#8a1c1c",
                ha="right", va="top",
                bbox={"boxstyle": "square,pad=0.45", "facecolor": "white", "edgecolor": "#8a1c1c"},
            )  # fmt: skip

    def _layer(self, axes: Axes, spec: LayerSpec, *, zorder: int) -> Drawn:
        if spec.kind == "raster":
            return _draw_raster(axes, spec, self.lang, zorder)
        frame: gpd.GeoDataFrame = spec.frame[~spec.frame.geometry.isna()].to_crs(self.crs)
        if spec.column is None:
            codes = np.zeros(len(frame), dtype=np.int16)
            classes = Drawn((_ONE_COLOUR,), (spec.title(self.lang),), codes)
        else:
            classes = drawn(spec, frame[spec.column].to_numpy(), self.lang)
        colours = [None if c == NO_DATA_CODE else classes.colours[c] for c in classes.codes]
        if spec.kind == "points":
            axes.scatter(
                frame.geometry.x, frame.geometry.y, c=[c or "white" for c in colours], s=22,
                edgecolors="white", linewidths=0.5, zorder=zorder + 5,
            )  # fmt: skip
        elif spec.kind == "lines":
            for shape, colour in zip(frame.geometry, colours, strict=True):
                for part in getattr(shape, "geoms", [shape]):
                    axes.plot(*part.xy, color=colour or BORDER, linewidth=1.4, zorder=zorder + 4)
        else:
            draw_shapes(axes, frame, fills=colours, zorder=zorder, linewidth=0.4)
        return classes

    def _panel(self, legends: list[Drawn]) -> None:
        _, _, width, height = _PANEL_BOX
        points = (width * A4_LANDSCAPE[0] * 72, height * A4_LANDSCAPE[1] * 72)
        panel = self.sheet.add_axes(_PANEL_BOX)
        panel.set(xlim=(0, points[0]), ylim=(0, points[1]))
        panel.set_axis_off()
        y = points[1]
        for spec, classes in zip(self.specs, legends, strict=True):
            pairs = zip(classes.labels, classes.colours, strict=True)
            lines = [Line(label, colour) for label, colour in pairs]
            if not spec.categories:
                lines.reverse()
            if spec.kind != "raster" and classes.unknown:
                lines.append(Line(text("map.no_data", self.lang), "", "hatch"))
            y = draw_legend(
                panel, title=spec.title(self.lang), unit=spec.unit(self.lang), lines=lines, top=y
            )
            for line in wrap(spec.note(self.lang), limit=points[0] / 9.0):
                y -= 12
                panel.text(0, y, line, fontsize=8.5, color=QUIET, va="top")
            y -= 18

    def _foot(self) -> None:
        lang, origin = self.lang, self.result.provenance
        files = "、".join(str(entry.get("file", "?")) for entry in origin.inputs[:6]) or "–"
        notes = [
            (text("word.method", lang), origin.method(lang)),
            (text("map.foot.source", lang), f"{files}（{origin.created[:10]}）"),
            (text("print.crs", lang), text("print.crs_value", lang, crs=self.crs)),
            (text("map.foot.use", lang), text("map.approval", lang)),
        ]
        y = 0.112
        for name, note in notes:
            self.sheet.text(0.025, y, name, fontsize=8.5, color=INK, va="top")
            for line in wrap(note, limit=82.0)[:2]:
                self.sheet.text(0.095, y, line, fontsize=8.5, color=QUIET, va="top")
                y -= 0.0205


def _draw_raster(axes: Axes, spec: LayerSpec, lang: Lang, zorder: int) -> Drawn:
    raster: Raster = spec.frame
    step = max(1, -(-max(raster.grid.shape) // _MOST_PIXELS))
    values = raster.values[::step, ::step].astype(np.float64)
    known = raster.known()[::step, ::step]
    classes = drawn(spec, values[known], lang)
    pixels = np.zeros((*values.shape, 4))
    table = np.array([to_rgba(colour) for colour in classes.colours] or [(0, 0, 0, 0)])
    pixels[known] = table[classes.codes]
    west, south, east, north = raster.grid.bounds
    axes.imshow(
        pixels, extent=(west, east, south, north), origin="upper", zorder=zorder,
        interpolation="nearest", alpha=spec.opacity,
    )  # fmt: skip
    return classes
