"""Any layer of any result on a map: with legend, tooltips and what is unknown."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

import folium
import geopandas as gpd
import numpy as np

from layout.core import facts
from layout.core.headings import heading
from layout.core.result import LayerSpec, Result
from layout.core.study import Study
from layout.core.texts import Lang, text
from maps.render.elements import Call, layer
from maps.render.layers import label_call, shapes
from maps.render.legends import Legend, LegendItem
from maps.render.map import base_map, framed
from maps.render.rasters import picture
from maps.views.geometry import names
from maps.views.palettes import BORDER
from maps.views.spec_classes import Drawn, drawn, shown_cell, shown_value

_ONE_COLOUR: Final = "#1d91c0"
_DIGITS: Final = 5
_SMALLEST, _LARGEST = 3.0, 12.0
"""Radii of points whose area tells an amount, pixels."""
_RADII: Final = ((300, 5.5), (1_500, 4.0), (float("inf"), 2.8))
"""Radius of points, pixels, by how many there are at the most."""

_SMALL_DEGREES: Final = 0.01
_BORDERS: Final = ((150, 0.8), (float("inf"), 0.2))
"""Width of borders, pixels, by how many shapes there are: many small ones would be all border."""


def result_groups(
    result: Result,
    lang: Lang,
    *,
    only: Collection[str] | None = None,
    show: Collection[str] | None = None,
) -> list[folium.FeatureGroup]:
    """The layers of a result, ready to be added to a map.

    Parameters
    ----------
    result
        Its layers are drawn in their order.
    lang
        Language of titles, legends and tooltips.
    only
        Names of the layers wanted; all where None.
    show
        Names of the layers that are on at first; all where None.
    """
    wanted = [spec for spec in result.layers if only is None or spec.name in only]
    groups, told, first = [], [], True
    for spec in wanted:
        shown = show is None or spec.name in show
        folded = spec.categories in told
        groups.append(spec_group(spec, lang, show=shown, first=first and shown, folded=folded))
        first = first and not shown
        if shown and spec.categories:
            told.append(spec.categories)
    return groups


def spec_group(
    spec: LayerSpec, lang: Lang, *, show: bool = True, first: bool = True, folded: bool = False
) -> folium.FeatureGroup:
    """One layer with its legend.

    Parameters
    ----------
    spec, lang
        What is shown, and the language of its words.
    show
        Whether it is on at first.
    first
        Whether its legend is open on a narrow map, too.
    folded
        Whether its legend is folded everywhere, as another one tells the same colours.
    """
    if spec.kind == "raster":
        shown = picture(spec, lang)
        payload = {"png": shown.png, "bounds": shown.bounds, "opacity": spec.opacity}
        call, classes = Call("image", payload), shown.classes
    else:
        classes = _classes(spec, lang)
        call = _feature_call(spec, classes, lang)
    legend = _legend(spec, classes, lang)
    told = {"html": legend.html(), "first": first, "folded": folded}
    calls = [call, Call("legend", told)]
    return layer(spec.title(lang), *calls, show=show)


def border_group(study: Study, lang: Lang) -> folium.FeatureGroup:
    """Borders and names of the districts, above what is drawn."""
    districts = study.zones["district"]
    crs = str(facts.city_settings(study.manifest.city)["metric_crs"])
    plain: list[dict[str, Any]] = [{} for _ in range(len(districts))]
    lines = Call("borders", {"shapes": shapes(districts, plain), "colour": BORDER})
    return layer(
        text("map.layer.borders", lang), lines, label_call(districts, lang, metric_crs=crs)
    )


def result_map(study: Study, result: Result, lang: Lang, *, title: str = "") -> folium.Map:
    """A whole page with all layers of a result: heading, warning, map, notes and sources."""
    page = base_map(study, lang)
    first = {spec.name for spec in result.layers[:1]} | {
        spec.name for spec in result.layers if spec.kind in ("points", "lines")
    }
    for group in result_groups(result, lang, show=first):
        page.add_child(group)
    page.add_child(border_group(study, lang))
    control = folium.LayerControl(position="topright", collapsed=False)
    page.add_child(control)
    control.add_child(Call("fold", {}))
    heading_text = title or (result.layers[0].title(lang) if result.layers else result.name)
    notes = [(text("map.foot.note", lang), " ".join(note(lang) for note in result.notes))]
    method = result.provenance.method(lang)
    framed(
        page,
        lang,
        title=heading_text,
        settings=method,
        synthetic=result.provenance.synthetic,
        notes=[*notes, (text("map.foot.use", lang), text("map.approval", lang))],
    )
    return page


def _classes(spec: LayerSpec, lang: Lang) -> Drawn:
    if spec.column is None:
        return Drawn((_ONE_COLOUR,), (spec.title(lang),), np.zeros(len(spec.frame), np.int16))
    return drawn(spec, spec.frame[spec.column].to_numpy(), lang)


def _feature_call(spec: LayerSpec, classes: Drawn, lang: Lang) -> Call:
    frame: gpd.GeoDataFrame = spec.frame
    present = ~frame.geometry.isna().to_numpy()
    kept = frame[present]
    properties = [
        properties
        for properties, there in zip(_properties(spec, classes, lang), present, strict=True)
        if there
    ]
    if spec.kind == "points":
        points = [
            {"lat": round(p.y, _DIGITS), "lon": round(p.x, _DIGITS), **given, **size}
            for p, given, size in zip(kept.geometry, properties, _sizes(spec, kept), strict=True)
        ]
        radius = next(r for most, r in _RADII if len(points) <= most)
        return Call("points", {"points": points, "colours": classes.colours, "radius": radius})
    options = {
        "shapes": shapes(kept, properties, simplify=spec.kind != "lines"),
        "colours": classes.colours,
    }
    if spec.kind == "lines":
        return Call("lines", options)
    return Call(
        "zones",
        {
            **options,
            "border": None if _small(kept) else BORDER,
            "weight": next(w for most, w in _BORDERS if len(kept) <= most),
            "opacity": 0.9,
            "smooth": 0.5,
            "fillOpacity": spec.opacity,
        },
    )


def _small(frame: gpd.GeoDataFrame) -> bool:
    """Most shapes are no wider than a kilometre or so."""
    bounds = frame.geometry.bounds
    return bool((bounds["maxx"] - bounds["minx"]).median() < _SMALL_DEGREES)


def _sizes(spec: LayerSpec, frame: gpd.GeoDataFrame) -> list[dict[str, float]]:
    """Radius of every point in pixels, its area going with a column; none where all are alike."""
    if spec.size_column is None or not len(frame):
        return [{}] * len(frame)
    values = frame[spec.size_column].to_numpy(dtype="float64")
    share = np.sqrt(np.nan_to_num(values) / max(float(np.nanmax(values)), 1e-300))
    return [{"r": round(float(_SMALLEST + (_LARGEST - _SMALLEST) * part), 1)} for part in share]


def _properties(spec: LayerSpec, classes: Drawn, lang: Lang) -> Iterable[dict[str, Any]]:
    frame = spec.frame
    titles = names(frame, lang) if "name_zh" in frame else [""] * len(frame)
    values = [None] * len(frame) if spec.column is None else frame[spec.column].tolist()
    rough = frame["approximate"].fillna(False).tolist() if "approximate" in frame else None
    columns = {name: frame[name].tolist() for name in spec.details}
    for row in range(len(frame)):
        told = [] if spec.column is None else [
            (spec.title(lang), shown_value(values[row], spec, lang))
        ]  # fmt: skip
        told += [
            (heading(name, lang), shown_cell(cells[row], "", lang))
            for name, cells in columns.items()
        ]
        yield {
            "n": titles[row],
            "c": int(classes.codes[row]),
            "a": bool(rough[row]) if rough else spec.approximate,
            "t": told,
        }


def _legend(spec: LayerSpec, classes: Drawn, lang: Lang, *, folded: bool = False) -> Legend | None:
    swatch = "dot" if spec.kind == "points" else "fill"
    items = [
        LegendItem(label, colour, swatch)
        for label, colour in zip(classes.labels, classes.colours, strict=True)
    ]
    if not spec.categories:
        items.reverse()
    if spec.kind != "raster" and classes.unknown:
        items.append(LegendItem(text("map.no_data", lang), "", "hatch"))
    return Legend(spec.title(lang), spec.unit(lang), tuple(items), spec.note(lang))
