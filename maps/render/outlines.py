"""Borders of single zones, each in a colour of its own, without a legend."""

from __future__ import annotations

from collections.abc import Mapping

import folium
import geopandas as gpd

from layout.core.texts import Lang, text
from maps.render.elements import Call, layer
from maps.render.layers import shapes


def outline_group(
    zones: gpd.GeoDataFrame, colours: Mapping[str, str], lang: Lang
) -> folium.FeatureGroup:
    """The borders of the zones named, in EPSG:4326.

    Parameters
    ----------
    zones
        Zones with ``id``.
    colours
        Colour of each zone that is outlined, by id.
    lang
        Language of the layer's name.
    """
    calls = []
    for name, colour in colours.items():
        own = zones[zones["id"] == name]
        options = {"shapes": shapes(own, [{}] * len(own)), "colour": colour, "weight": 3}
        calls.append(Call("borders", options))
    return layer(text("paths.layer.chosen", lang), *calls)
