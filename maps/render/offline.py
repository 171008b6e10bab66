"""Maps that need no network: links to files that the app serves, or everything in one page."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

import folium
from branca.colormap import ColorMap
from branca.element import Element
from folium.elements import ElementAddToElement, JSCSSMixin
from folium.plugins import Fullscreen

from layout.core.errors import AssetError
from layout.core.texts import Lang
from maps.assets.manifest import FONT_WOFF, font_file, read_manifest
from maps.render.elements import Call, Library, font_face

_REMOTE: Final = re.compile(r"\s*(https?:)?//", re.IGNORECASE)
_MEDIA: Final = {
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".woff": "font/woff",
}
_FIRST_HANZI: Final = 0x2E80
"""First code point that the bundled font answers for (see ``unicode-range`` in its rule)."""
_POLICY: Final = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data:; font-src data:"
)
"""Content policy of an exported page: the browser itself refuses whatever is not in the file."""

_PLAIN: Final = (
    folium.Map,
    folium.FeatureGroup,
    folium.LayerControl,
    folium.TileLayer,
    Fullscreen,
    Library,
    Call,
    ElementAddToElement,
)
"""Elements that lean on Leaflet alone, not on the jQuery, Bootstrap and icons of a folium map."""


def static_base(base_url_path: str = "") -> str:
    """Where Streamlit serves the assets, given its option ``server.baseUrlPath``."""
    prefix = base_url_path.strip("/")
    return f"/{prefix}/app/static" if prefix else "/app/static"


def localize(element: folium.Map | folium.FeatureGroup, base: str) -> Any:
    """The map or layer with every link pointed at the files that the app serves.

    Call it on the base map and on each layer that is added by ``st_folium``.

    Parameters
    ----------
    element
        What ``st_folium`` will draw; its links are changed in place. Links that are local already
        stay.
    base
        Address of the folder of assets, see :func:`static_base`.

    Returns
    -------
    Map or FeatureGroup
        The same object.

    Raises
    ------
    AssetError
        The element asks for a file that is not shipped; ``st_folium`` would show nothing at all.
    """
    trim = isinstance(element, folium.Map) and _is_plain(element)
    for part in _walk(element):
        if isinstance(part, ColorMap):
            raise AssetError("error.asset_not_vendored", link="d3 (branca.colormap)")
        if isinstance(part, JSCSSMixin):
            part.default_js = [(n, _served(u, base)) for n, u in _links(part, "default_js", trim)]
            part.default_css = [(n, _served(u, base)) for n, u in _links(part, "default_css", trim)]
        if isinstance(part, Library):
            part.use_font(f"{base.rstrip('/')}/{FONT_WOFF}")
    if isinstance(element, folium.FeatureGroup) and not element.show:
        element.add_child(Call("startHidden", {}), name="start_hidden")
    return element


def standalone_html(city_map: folium.Map, *, lang: Lang = "zh") -> str:
    """One page that holds the whole map: scripts, styles, icons, and the hanzi it uses.

    Raises
    ------
    AssetError
        The map asks for a file that is not shipped, or for something on the network.
    """
    parts = list(_walk(city_map))
    tiles = [part for part in parts if isinstance(part, folium.TileLayer)]
    if tiles:
        raise AssetError("error.asset_remote", links=", ".join(str(t.tiles) for t in tiles))
    page = city_map.get_root().render()
    dropped = _unneeded(city_map) if _is_plain(city_map) else frozenset[str]()
    page = re.sub(
        r'<script src="([^"]+)"></script>',
        lambda found: "" if found[1] in dropped else f"<script>{_script(found[1])}</script>",
        page,
    )
    page = re.sub(
        r'<link rel="stylesheet" href="([^"]+)"\s*/>',
        lambda found: "" if found[1] in dropped else f"<style>{_style(found[1])}</style>",
        page,
    )
    head = (
        f'<html lang="{"zh-CN" if lang == "zh" else "en"}">\n<head>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<style>{_font_for(page)}</style>"
    )
    page = re.sub(r"<html>\s*<head>", lambda _: head, page, count=1)
    require_local(page)
    return page


def require_local(page: str) -> None:
    """Refuse a page that would fetch anything from the network.

    Links that a reader may follow (``<a href>``) are no fetches.

    Raises
    ------
    AssetError
        It names what would be fetched.
    """
    finder = _Fetches()
    finder.feed(page)
    if finder.found:
        raise AssetError("error.asset_remote", links=", ".join(sorted(set(finder.found))[:5]))


class _Fetches(HTMLParser):
    """Addresses on the network that a browser would fetch by itself."""

    _ATTRIBUTES = frozenset({"src", "href", "srcset", "data", "poster", "action", "xlink:href"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        for name, value in attrs:
            if value and name in self._ATTRIBUTES and tag != "a" and _REMOTE.match(value):
                self.found.append(value)
            if value and name == "style":
                self._look_into(value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "style":
            self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self._look_into(data)

    def _look_into(self, style: str) -> None:
        fetched = re.findall(r"url\(\s*[\"']?([^\"')]+)|@import\s+[\"']([^\"']+)", style)
        self.found += [a or b for a, b in fetched if _REMOTE.match(a or b)]


def _walk(element: Element) -> Iterator[Element]:
    yield element
    for name in ("m1", "m2"):  # a DualMap keeps its maps beside its children
        if hasattr(element, name):
            yield from _walk(getattr(element, name))
    for child in tuple(element._children.values()):
        yield from _walk(child)


def _is_plain(element: Element) -> bool:
    return all(type(part) in _PLAIN for part in _walk(element))


def _links(part: Any, attribute: str, trim: bool) -> list[tuple[str, str]]:
    links: list[tuple[str, str]] = getattr(part, attribute)
    if trim and isinstance(part, folium.Map):
        return [(name, link) for name, link in links if name.startswith("leaflet")]
    return links


def _unneeded(city_map: folium.Map) -> frozenset[str]:
    """Links of a folium map that a map of Leaflet alone does without."""
    every = [link for _, link in (*city_map.default_js, *city_map.default_css)]
    kept = [
        link
        for attribute in ("default_js", "default_css")
        for _, link in _links(city_map, attribute, trim=True)
    ]
    return frozenset(every) - frozenset(kept)


def _file(link: str) -> Path:
    manifest = read_manifest()
    if link not in manifest.links:
        raise AssetError("error.asset_not_vendored", link=link)
    return manifest.folder / str(manifest.links[link]["file"])


def _served(link: str, base: str) -> str:
    if not _REMOTE.match(link):
        return link
    file = _file(link).relative_to(read_manifest().folder)
    return f"{base.rstrip('/')}/{file.as_posix()}"


@lru_cache(maxsize=32)
def _read(path: Path) -> str:
    return path.read_text("utf-8")


def _script(link: str) -> str:
    code = re.sub(r"\n//# sourceMappingURL=.*", "", _read(_file(link)))
    return code.replace("</script", "<\\/script")


def _style(link: str) -> str:
    path = _file(link)

    def inline(found: re.Match[str]) -> str:
        target = found[1].strip("\"'")
        if target.startswith(("data:", "#")):
            return found[0]
        file = (path.parent / re.split(r"[?#]", target)[0]).resolve()
        # What is not shipped (fonts for old browsers) must not become a request.
        return f"url({_data_uri(file)})" if file.is_file() else "url(data:,)"

    return re.sub(r"url\(([^)]+)\)", inline, _read(path))


def _data_uri(path: Path) -> str:
    content = base64.b64encode(path.read_bytes()).decode("ascii")
    return f"data:{_MEDIA.get(path.suffix, 'application/octet-stream')};base64,{content}"


def _font_for(page: str) -> str:
    """The bundled font with the characters of this page that a plain machine may lack."""
    from maps.assets.font import cut

    points = {ord(character) for character in set(page)}
    points |= {int(code, 16) for code in set(re.findall(r"\\u([0-9a-fA-F]{4})", page))}
    points = {point for point in points if point >= _FIRST_HANZI}
    if not points:
        return ""
    content = base64.b64encode(cut(font_file(), points, "woff")).decode("ascii")
    return font_face(f"data:font/woff;base64,{content}")
