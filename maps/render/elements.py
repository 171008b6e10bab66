"""Elements of folium that call ``map.js``, with every value made safe for where it is written."""

from __future__ import annotations

import html
import json
import math
from functools import lru_cache
from importlib import resources
from typing import Any, Final

import folium
from branca.element import MacroElement
from folium.elements import JSCSSMixin
from folium.plugins import MarkerCluster
from folium.template import Template

FAMILY: Final = "Layout Sans SC"
"""Family of the bundled font, as :mod:`maps.assets.font` names it and ``map.css`` asks for it."""

_SCRIPT_ESCAPES: Final = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "'": "\\u0027",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}


def script_json(value: Any) -> str:
    """A value as JSON that may stand inside ``<script>`` of a page that is a template.

    ``<``, ``>``, ``&`` and ``'`` and the line separators of JavaScript are written as escapes, so
    that no text can end the script or begin a comment or a tag. Folium renders scripts as
    templates: ``{{``, ``{%`` and ``{#`` can only stand inside texts in JSON and are written so
    too. NaN becomes null.
    """
    form: dict[str, Any] = {"ensure_ascii": False, "separators": (",", ":"), "allow_nan": False}
    try:
        plain = json.dumps(value, **form)
    except ValueError:  # NaN is rare, and looking for it in every number is slow
        plain = json.dumps(_without_nan(value), **form)
    for character, escape in _SCRIPT_ESCAPES.items():
        plain = plain.replace(character, escape)
    return _without_template_marks(plain, "\\u007b")


def safe_html(value: object) -> str:
    """A text for markup of a page that is a template; also safe inside quoted attributes."""
    return html.escape(str(value), quote=True).replace("{", "&#123;")


def _without_template_marks(code: str, brace: str) -> str:
    for mark in ("{{", "{%", "{#"):
        code = code.replace(mark, brace + (brace if mark == "{{" else mark[1]))
    return code


def _without_nan(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return value


@lru_cache(maxsize=4)
def _resource(name: str) -> str:
    return resources.files("maps.render").joinpath(name).read_text("utf-8")


def font_face(source: str) -> str:
    """The rule of a stylesheet that names the bundled font."""
    return (
        f"@font-face {{ font-family: '{FAMILY}'; font-display: block;"
        " unicode-range: U+2E80-9FFF, U+F900-FAFF, U+FF00-FFEF;"
        f" src: url({safe_html(source)}) format('woff'); }}\n"
    )


class Library(JSCSSMixin, MacroElement):
    """``map.js`` and ``map.css``, and the links of the plugin that clusters firms.

    It stands in the base map, as a layer that is added later cannot bring scripts of its own.
    """

    _template = Template(
        "{% macro header(this, kwargs) %}<style>{{ this.font_face }}{{ this.css }}</style>"
        "{% endmacro %}"
        "{% macro script(this, kwargs) %}{{ this.js }}{% endmacro %}"
    )
    default_js = MarkerCluster.default_js
    default_css = MarkerCluster.default_css

    def __init__(self) -> None:
        super().__init__()
        self._name = "Library"
        self.css = _resource("map.css")
        self.js = _resource("map.js")
        self.font_face = ""

    def use_font(self, source: str) -> None:
        """Let texts that the machine has no font for be drawn in the bundled one.

        Parameters
        ----------
        source
            Address of the font file, or a data URI.
        """
        self.font_face = font_face(source)


class Call(MacroElement):
    """A call of one function of ``map.js`` on the map or the layer that this is added to.

    Parameters
    ----------
    function
        Its name.
    payload
        What it is given, plain values.
    """

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "layoutMaps.{{ this.function }}({{ this._parent.get_name() }}, {{ this.payload }});\n"
        "{% endmacro %}"
    )

    def __init__(self, function: str, payload: dict[str, Any]) -> None:
        super().__init__()
        self._name = "Call"
        self.function = function
        self.payload = script_json(payload)


def layer(name: str, *calls: Call, show: bool = True, base: bool = False) -> folium.FeatureGroup:
    """A layer that a reader can switch, made of calls in order.

    Parameters
    ----------
    name
        What the list of layers calls it.
    calls
        What it draws.
    show
        Whether it is on at first.
    base
        One of the layers of which one is shown at a time.
    """
    group = folium.FeatureGroup(name=safe_html(name), show=show, overlay=not base)
    for call in calls:
        group.add_child(call)
    return group
