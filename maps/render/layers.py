"""Layers of a map on the screen: zones by class, outlines, firms, hexagons, places."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import folium
import geopandas as gpd
import pandas as pd
import shapely

from layout.analyses.mix import MixParams
from layout.core.crs import parse_datum, to_wgs84
from layout.core.result import LayerSpec
from layout.core.study import Study
from layout.core.texts import Lang, text
from maps.render.elements import Call, layer
from maps.render.legends import Legend, LegendItem, class_legend
from maps.render.popups import firm_payload, popup_columns
from maps.views.classes import NO_DATA_CODE, Classes, classify, figure
from maps.views.firms import DENSITY, Explain, read_firms
from maps.views.geometry import label_points, names, short_names
from maps.views.palettes import BORDER, LANDMARK, OVERLAY, PARK

_DIGITS: Final = 5
_SIMPLE_DEGREES: Final = 0.0001
"""Shapes are drawn to about 10 m, well below what the outlines know."""

Pairs = list[tuple[str, str]]


def shapes(
    frame: gpd.GeoDataFrame, properties: Sequence[dict[str, Any]], *, simplify: bool = True
) -> dict[str, Any]:
    """Polygons as GeoJSON with short coordinates.

    Parameters
    ----------
    frame
        Polygons in EPSG:4326.
    properties
        Of each row: ``n`` its name, ``t`` lines of its tooltip, ``a`` whether it is approximate,
        ``c`` its class.
    simplify
        Drop corners that nobody sees. Zones that share borders keep them: shapes are simplified
        together.
    """
    geometry = frame.geometry
    if simplify and len(frame):
        geometry = geometry.simplify_coverage(_SIMPLE_DEGREES) if _partition(frame) else geometry
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": given, "geometry": shape}
            for given, shape in zip(properties, _rounded(geometry), strict=True)
        ],
    }


def choropleth_layer(
    spec: LayerSpec,
    lang: Lang,
    *,
    title: str = "",
    note: str = "",
    unknown: str = "",
    base: bool = False,
) -> folium.FeatureGroup:
    """Zones filled by the class of their figure; what is unknown is hatched, never zero.

    Parameters
    ----------
    spec
        A choropleth of :mod:`layout.analyses`: frame in EPSG:4326 with names, figures in
        ``spec.column``.
    title
        Heading of legend and tooltips, by default the title of the layer.
    note
        A caution below the legend.
    unknown
        What the hatching means, by default 'no data'.
    base
        Only one layer of this kind is shown at a time, this one first.
    """
    values = spec.frame[spec.column]
    classes = classify(values, palette=spec.palette, classes=spec.classes)
    codes = classes.codes(values)
    title, unit = title or spec.title(lang), spec.unit(lang)
    unknown = unknown or text("map.no_data", lang)
    properties = [
        {"n": name, "c": int(code), "a": approximate, "t": [(title, shown), *extra]}
        for name, code, approximate, shown, extra in zip(
            names(spec.frame, lang),
            codes,
            _flag(spec.frame, "approximate"),
            [_shown(value, unit, lang, unknown) for value in values],
            _remarks(spec.frame, lang),
            strict=True,
        )
    ]
    legend = class_legend(
        classes,
        title=title,
        unit=unit,
        unknown=unknown if (codes == NO_DATA_CODE).any() else "",
        note=note,
    )
    drawn = _zone_call(spec.frame, properties, classes)
    return layer(title, drawn, _legend_call(legend, first=True), base=base)


def hexagon_layer(spec: LayerSpec, lang: Lang) -> folium.FeatureGroup:
    """Firms counted in hexagons, for more firms than can be drawn one by one.

    It is shown in turn with the zones: two layers of classes on top of each other tell nothing.
    """
    values = spec.frame[DENSITY]
    classes = classify(values, palette=spec.palette, classes=spec.classes, steps="geometric")
    unit = text("map.unit.firms", lang)
    title = spec.title(lang)
    properties = [
        {"n": f"{int(value):,} {unit}", "c": int(code), "a": False, "t": []}
        for value, code in zip(values, classes.codes(values), strict=True)
    ]
    legend = class_legend(classes, title=title, unit=spec.unit(lang))
    call = _zone_call(spec.frame, properties, classes, weight=0.3, opacity=0.6, smooth=0.0)
    return layer(title, call, _legend_call(legend, first=True), base=True)


def outline_layer(
    frame: gpd.GeoDataFrame, lang: Lang, *, kind: str, show: bool = True
) -> folium.FeatureGroup:
    """Parks or overlay zones as lines, dashed where their shape is approximate.

    Parameters
    ----------
    kind
        ``park``, ``area`` (parks that are context only) or ``overlay``.
    """
    colour = OVERLAY if kind == "overlay" else PARK
    title = text(f"map.layer.{kind}", lang)
    rough = _flag(frame, "approximate")
    properties = [
        {"n": name, "a": approximate, "t": lines}
        for name, approximate, lines in zip(
            names(frame, lang), rough, _remarks(frame, lang), strict=True
        )
    ]
    call = Call(
        "outlines",
        {
            "shapes": shapes(frame, properties, simplify=False),
            "colour": colour,
            "weight": 1.6,
            "fillOpacity": 0.06,
        },
    )
    return layer(title, call, show=show)


def firm_layer(
    study: Study, params: MixParams, lang: Lang, *, explain: Explain, show: bool = True
) -> folium.FeatureGroup:
    """The firms that the figures count, clustered, each with its tags and the evidence for them."""
    table = read_firms(study, params, popup_columns(study, params.year))
    payload = firm_payload(study, table, year=params.year, lang=lang, explain=explain)
    title = text("map.layer.firms", lang)
    shown = sorted(set(payload["group"]))
    items = tuple(
        LegendItem(payload["groups"][g]["name"], payload["groups"][g]["colour"], "dot")
        for g in shown
    )
    legend = Legend(title, text("map.firms.by_primary", lang), items)
    return layer(title, Call("firms", payload), _legend_call(legend), show=show)


def place_layer(places: gpd.GeoDataFrame, lang: Lang, *, show: bool = False) -> folium.FeatureGroup:
    """Landmark firms: real, named, and in no statistic.

    Parameters
    ----------
    places
        Points in EPSG:4326 with the columns of ``landmark_firms.csv``.
    """
    remark = (text("map.places.kind", lang), text("map.places.no_statistic", lang))
    payload = {
        "colour": LANDMARK,
        "places": [
            {
                "name": name,
                "lat": round(p.y, _DIGITS),
                "lon": round(p.x, _DIGITS),
                "lines": [remark],
            }
            for name, p in zip(names(places, lang), places.geometry, strict=True)
        ],
    }
    return layer(text("map.layer.landmarks", lang), Call("places", payload), show=show)


def label_layer(frame: gpd.GeoDataFrame, lang: Lang, *, metric_crs: str) -> folium.FeatureGroup:
    """Names of zones in the middle of their largest part."""
    return layer(text("map.layer.labels", lang), label_call(frame, lang, metric_crs=metric_crs))


def label_call(frame: gpd.GeoDataFrame, lang: Lang, *, metric_crs: str) -> Call:
    """The call that draws the names of zones."""
    x, y = to_wgs84(*label_points(frame.to_crs(metric_crs)), parse_datum(metric_crs))
    payload = {
        "labels": [
            [round(b, _DIGITS), round(a, _DIGITS), name]
            for a, b, name in zip(x, y, short_names(frame, lang), strict=True)
        ]
    }
    return Call("labels", payload)


def _zone_call(
    frame: gpd.GeoDataFrame,
    properties: list[dict[str, Any]],
    classes: Classes,
    *,
    weight: float = 1.0,
    opacity: float = 0.9,
    smooth: float = 1.0,
) -> Call:
    return Call(
        "zones",
        {
            "shapes": shapes(frame, properties),
            "colours": classes.colours,
            "border": BORDER,
            "weight": weight,
            "opacity": opacity,
            "smooth": smooth,
            "fillOpacity": 0.85,
        },
    )


def _legend_call(legend: Legend, *, first: bool = False) -> Call:
    return Call("legend", {"html": legend.html(), "first": first})


def _shown(value: float, unit: str, lang: Lang, unknown: str) -> str:
    if pd.isna(value):
        return unknown
    space = "" if unit == "%" or (lang == "zh" and unit) else " "
    return f"{figure(float(value))}{space}{unit}".rstrip()


def _remarks(frame: gpd.GeoDataFrame, lang: Lang) -> list[Pairs]:
    """What a tooltip adds where a shape is rough or invented."""
    found = []
    for rough, invented in zip(_flag(frame, "approximate"), _flag(frame, "synthetic"), strict=True):
        key = "map.shape.synthetic" if invented else "map.shape.approximate" if rough else ""
        found.append([(text("map.shape", lang), text(key, lang))] if key else [])
    return found


def _flag(frame: gpd.GeoDataFrame, column: str) -> list[bool]:
    if column not in frame:
        return [False] * len(frame)
    return [bool(value) for value in frame[column].fillna(False)]


def _partition(frame: gpd.GeoDataFrame) -> bool:
    return bool(frame.geometry.is_valid_coverage())


def _rounded(geometry: gpd.GeoSeries) -> list[dict[str, Any]]:
    """GeoJSON of every shape, its coordinates rounded."""
    flat = shapely.force_2d(geometry.to_numpy())
    short = shapely.transform(flat, lambda corners: corners.round(_DIGITS))
    return [json.loads(words) for words in shapely.to_geojson(short)]
