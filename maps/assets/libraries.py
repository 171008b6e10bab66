"""Which file of which npm package stands for which link that folium writes into a page."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_JSDELIVR: Final = "https://cdn.jsdelivr.net/npm/"
_CDNJS: Final = "https://cdnjs.cloudflare.com/ajax/libs/"


@dataclass(frozen=True)
class Library:
    """What is taken from one npm package.

    Attributes
    ----------
    package
        Name of the package; its version stands in ``package-lock.json`` alone.
    licence
        File of the package with its licence.
    links
        Link that folium writes, and the file of the package that stands for it.
    also
        Files that those files refer to, relative to the package.
    """

    package: str
    licence: str
    links: MappingProxyType[str, str]
    also: tuple[str, ...] = ()


LIBRARIES: Final = (
    Library(
        "leaflet",
        "LICENSE",
        MappingProxyType(
            {
                f"{_JSDELIVR}leaflet@1.9.3/dist/leaflet.js": "dist/leaflet.js",
                f"{_JSDELIVR}leaflet@1.9.3/dist/leaflet.css": "dist/leaflet.css",
            }
        ),
        (
            "dist/images/layers.png",
            "dist/images/layers-2x.png",
            "dist/images/marker-icon.png",
            "dist/images/marker-icon-2x.png",
            "dist/images/marker-shadow.png",
        ),
    ),
    Library(
        "leaflet.markercluster",
        "MIT-LICENCE.txt",
        MappingProxyType(
            {
                f"{_CDNJS}leaflet.markercluster/1.1.0/leaflet.markercluster.js": (
                    "dist/leaflet.markercluster.js"
                ),
                f"{_CDNJS}leaflet.markercluster/1.1.0/MarkerCluster.css": "dist/MarkerCluster.css",
                f"{_CDNJS}leaflet.markercluster/1.1.0/MarkerCluster.Default.css": (
                    "dist/MarkerCluster.Default.css"
                ),
            }
        ),
    ),
    Library(
        "leaflet.fullscreen",
        "LICENSE",
        MappingProxyType(
            {
                # The link is to a minified copy that the CDN makes of the file in the package.
                f"{_JSDELIVR}leaflet.fullscreen@3.0.0/Control.FullScreen.min.js": (
                    "Control.FullScreen.js"
                ),
                f"{_JSDELIVR}leaflet.fullscreen@3.0.0/Control.FullScreen.css": (
                    "Control.FullScreen.css"
                ),
            }
        ),
        ("icon-fullscreen.svg",),
    ),
    Library(
        "jquery",
        "LICENSE.txt",
        MappingProxyType({"https://code.jquery.com/jquery-3.7.1.min.js": "dist/jquery.min.js"}),
    ),
    Library(
        "bootstrap",
        "LICENSE",
        MappingProxyType(
            {
                f"{_JSDELIVR}bootstrap@5.2.2/dist/js/bootstrap.bundle.min.js": (
                    "dist/js/bootstrap.bundle.min.js"
                ),
                f"{_JSDELIVR}bootstrap@5.2.2/dist/css/bootstrap.min.css": (
                    "dist/css/bootstrap.min.css"
                ),
            }
        ),
    ),
    Library(
        "leaflet.awesome-markers",
        "LICENSE",
        MappingProxyType(
            {
                f"{_CDNJS}Leaflet.awesome-markers/2.0.2/leaflet.awesome-markers.js": (
                    "dist/leaflet.awesome-markers.js"
                ),
                f"{_CDNJS}Leaflet.awesome-markers/2.0.2/leaflet.awesome-markers.css": (
                    "dist/leaflet.awesome-markers.css"
                ),
            }
        ),
        (
            "dist/images/markers-soft.png",
            "dist/images/markers-soft@2x.png",
            "dist/images/markers-shadow.png",
            "dist/images/markers-shadow@2x.png",
        ),
    ),
    Library(
        "@fortawesome/fontawesome-free",
        "LICENSE.txt",
        MappingProxyType(
            {f"{_JSDELIVR}@fortawesome/fontawesome-free@6.2.0/css/all.min.css": "css/all.min.css"}
        ),
        ("webfonts/fa-solid-900.woff2", "webfonts/fa-regular-400.woff2"),
    ),
)
"""Everything that a plain ``folium.Map`` and the plugins of :mod:`maps.render` ask for."""

EMPTY: Final = (
    "https://netdna.bootstrapcdn.com/bootstrap/3.0.0/css/bootstrap-glyphicons.css",
    "https://cdn.jsdelivr.net/gh/python-visualization/folium/folium/templates/"
    "leaflet.awesome.rotate.min.css",
)
"""Links of a ``folium.Map`` that an empty stylesheet answers: icons by glyphicon and rotated
icons are not used, and neither file comes as an npm package."""

FONT_PACKAGE: Final = "@expo-google-fonts/noto-sans-sc"
FONT_FILE: Final = "400Regular/NotoSansSC_400Regular.ttf"
FONT_LICENCE: Final = "LICENSE_FONT"
