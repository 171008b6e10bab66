"""A map of a study: light ground, zones by class, firms, parks, legend, scale and words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import folium
import geopandas as gpd
from branca.element import Element
from folium.plugins import Fullscreen

from layout.analyses.mix import MixParams
from layout.core import facts
from layout.core.result import Result
from layout.core.study import Study
from layout.core.texts import Lang, text
from maps.render.elements import Call, Library, safe_html
from maps.render.layers import (
    choropleth_layer,
    firm_layer,
    hexagon_layer,
    label_layer,
    outline_layer,
    place_layer,
    shapes,
)
from maps.views import wording
from maps.views.firms import MAX_POINTS, Explain, count_firms, firm_density
from maps.views.geometry import counted_zones, outlined_parks
from maps.views.palettes import BORDER, GROUND, NO_DATA, palette_for

MAX_ZOOM: Final = 18


def base_map(study: Study, lang: Lang, *, basemap: folium.TileLayer | None = None) -> folium.Map:
    """The part of a map that no filter changes: city, scale, stamp; no tiles unless asked for.

    Parameters
    ----------
    study
        Whose districts make the ground and the view.
    lang
        Language of controls.
    basemap
        Tiles below the layers; only on request, as they need the network.
    """
    city_map = folium.Map(
        tiles=None, control_scale=False, prefer_canvas=False, zoom_snap=0.25, zoom_delta=0.5
    )
    # Without tiles folium keeps no largest zoom, and clusters of markers need one.
    city_map.options["maxZoom"] = MAX_ZOOM
    city_map.options["minZoom"] = 8
    city_map.add_child(Library())
    districts = study.zones["district"]
    west, south, east, north = (float(v) for v in districts.total_bounds)
    bounds = [[south, west], [north, east]]
    city_map.add_child(Call("setUp", {"noData": NO_DATA, "bounds": bounds}))
    if basemap is not None:
        city_map.add_child(basemap)
    else:
        plain = [{} for _ in range(len(districts))]
        ground = {"shapes": shapes(districts, plain), "border": BORDER, "fill": GROUND}
        city_map.add_child(Call("ground", ground))
    if study.manifest.synthetic:
        city_map.add_child(Call("stamp", {"text": text("map.stamp.synthetic", lang)}))
    city_map.add_child(
        Fullscreen(
            position="topleft",
            title=text("map.fullscreen", lang),
            title_cancel=text("map.fullscreen_exit", lang),
        )
    )
    return city_map


def map_layers(
    study: Study,
    result: Result,
    lang: Lang,
    *,
    explain: Explain,
    max_points: int = MAX_POINTS,
    landmarks: gpd.GeoDataFrame | None = None,
    firms: bool = True,
) -> list[folium.FeatureGroup]:
    """What filters change: zones by class, firms or their density, parks, names.

    Parameters
    ----------
    study
        The study.
    result
        Sector mix of the study (:mod:`layout.analyses.mix`); its parameters choose the firms.
    lang
        Language.
    explain
        Evidence for a business scope and an industry code, for the popups.
    max_points
        Above this number of firms they are drawn as hexagons, which are shown in turn with the
        zones and before them.
    landmarks
        Landmark firms, where wanted.
    firms
        Whether firms, or their density, are a layer.
    """
    params = mix_params(result)
    crowd = firms and count_firms(study, params) > max_points
    layers = [_zone_layer(study, result, lang, base=crowd), *_context_layers(study, params, lang)]
    if crowd:
        layers.append(hexagon_layer(firm_density(study, params), lang))
        layers[0].show = False
    elif firms:
        layers.append(firm_layer(study, params, lang, explain=explain))
    if landmarks is not None and len(landmarks):
        layers.append(place_layer(landmarks, lang))
    crs = str(facts.city_settings(study.manifest.city)["metric_crs"])
    layers.append(label_layer(study.zones["district"], lang, metric_crs=crs))
    return layers


def _zone_layer(study: Study, result: Result, lang: Lang, *, base: bool) -> folium.FeatureGroup:
    """The zones by class; ``base``: in turn with another such layer."""
    params = mix_params(result)
    spec = counted_zones(replace(result.layers[0], palette=palette_for(params.draw)))
    return choropleth_layer(
        spec,
        lang,
        title=wording.heading(params, lang),
        note=("" if lang == "zh" else " ").join(wording.cautions(study, params, lang)),
        unknown=wording.no_data(params, lang),
        base=base,
    )


def _context_layers(study: Study, params: MixParams, lang: Lang) -> list[folium.FeatureGroup]:
    """Parks and overlay zones as lines, where there are any."""
    layers = []
    parks = outlined_parks(study.zones["park"], params.zones)
    if len(parks):
        kind = "area" if params.zones == "park" else "park"
        layers.append(outline_layer(parks, lang, kind=kind))
    if len(study.zones["overlay"]):
        layers.append(outline_layer(study.zones["overlay"], lang, kind="overlay", show=False))
    return layers


def city_map(
    study: Study,
    result: Result,
    lang: Lang,
    *,
    explain: Explain,
    max_points: int = MAX_POINTS,
    landmarks: gpd.GeoDataFrame | None = None,
) -> folium.Map:
    """A whole page: heading, warning, map with layers and legends, sources and quality of data.

    It opens on the zones that its heading names; a density of firms is one click away.

    Parameters
    ----------
    study, result, lang, explain, max_points, landmarks
        See :func:`map_layers`.
    """
    params = mix_params(result)
    page = base_map(study, lang)
    layers = map_layers(
        study, result, lang, explain=explain, max_points=max_points, landmarks=landmarks
    )
    turns = [group for group in layers if not group.overlay]
    for group in turns:
        group.show = group is turns[0]
    for group in layers:
        page.add_child(group)
    control = folium.LayerControl(position="topright", collapsed=False)
    page.add_child(control)
    control.add_child(Call("fold", {}))
    _frame(page, study, params, lang)
    return page


def mix_params(result: Result) -> MixParams:
    """The settings that a sector mix was computed with."""
    return MixParams.model_validate(dict(result.provenance.parameters))


def _frame(page: folium.Map, study: Study, params: MixParams, lang: Lang) -> None:
    notes = [
        (text("map.foot.quality", lang), wording.quality(study, params, lang)),
        (text("map.foot.source", lang), wording.sources(study, params, lang)),
        (text("map.foot.use", lang), text("map.approval", lang)),
    ]
    framed(
        page,
        lang,
        title=wording.title(study, params, lang),
        settings=wording.settings(study, params, lang),
        synthetic=study.manifest.synthetic,
        notes=notes,
    )


def framed(
    page: folium.Map,
    lang: Lang,
    *,
    title: str,
    settings: str,
    synthetic: bool,
    notes: Iterable[tuple[str, str]],
) -> None:
    """Heading above and notes below the map, beside it and not on it, so that nothing is hidden.

    Parameters
    ----------
    page
        The map.
    lang
        Language.
    title, settings
        What is shown, and how it was chosen.
    synthetic
        Whether the banner of synthetic data stands there.
    notes
        Heading and text of each line below the map.
    """
    root = page.get_root()
    root.title = safe_html(title)
    root.header.add_child(Element(_PAGE_STYLE), name="lm_page_style")
    warning = text("map.synthetic", lang) if synthetic else ""
    banner = f'<p class="lm-banner" role="alert">{safe_html(warning)}</p>' if warning else ""
    root.html.add_child(
        Element(
            f'<header class="lm-page"><h1>{safe_html(title)}</h1>'
            f"<p>{safe_html(settings)}</p>{banner}</header>"
        ),
        name="lm_heading",
    )
    root.html.add_child(
        Element(f'<footer class="lm-page">{_notes(notes)}</footer>'), name="lm_foot"
    )


def _notes(notes: Iterable[tuple[str, str]]) -> str:
    return "".join(f"<p><b>{safe_html(a)}</b>{safe_html(b)}</p>" for a, b in notes)


_PAGE_STYLE: Final = """<style>
body { display: flex; flex-direction: column; background: #ffffff; color: #1c2733; }
header.lm-page { order: 1; padding: 12px 20px 8px; }
.folium-map { order: 2; flex: 1 1 auto; height: auto !important; min-height: 340px; }
footer.lm-page { order: 3; padding: 7px 20px 9px; font-size: 12.5px; line-height: 1.5;
  color: #3b4854; border-top: 1px solid #c3ccd4; }
.lm-page h1 { margin: 0; font-size: 22px; line-height: 1.3; }
.lm-page p { margin: 2px 0 0; }
.lm-page p b { margin-right: 8px; }
header.lm-page p { font-size: 14px; color: #3b4854; }
header.lm-page p.lm-banner { margin-top: 6px; padding: 5px 12px; border-radius: 4px;
  background: #fff4d6; border: 1px solid #b98900; color: #5c4300; font-weight: 600; }
@media (max-width: 700px) { .lm-page h1 { font-size: 18px; } .lm-legend { max-width: 170px; } }
@media print { .leaflet-control-zoom, .leaflet-control-layers, .leaflet-control-fullscreen
  { display: none; } }
</style>"""
