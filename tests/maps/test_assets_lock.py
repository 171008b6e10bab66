"""The lock fixes every library that folium asks for, and names no address."""

from __future__ import annotations

import json
import re
from pathlib import Path

import folium
import pytest
from folium.plugins import Fullscreen, MarkerCluster

import maps.assets
from layout.core.resources import static_dir
from maps.assets.libraries import EMPTY, FONT_PACKAGE, LIBRARIES
from maps.assets.manifest import read_manifest
from maps.render.elements import Library

FOLDER = Path(maps.assets.__file__).parent
LOCK = json.loads((FOLDER / "package-lock.json").read_text("utf-8"))
PACKAGE = json.loads((FOLDER / "package.json").read_text("utf-8"))
USED = (folium.Map, MarkerCluster, Fullscreen, Library)
LINKS = {link for library in LIBRARIES for link in library.links} | set(EMPTY)


def locked(package: str) -> dict:
    return LOCK["packages"][f"node_modules/{package}"]


@pytest.mark.parametrize("element", USED, ids=lambda element: element.__name__)
def test_every_link_of_folium_has_a_file(element: type) -> None:
    asked = {link for _, link in (*element.default_js, *element.default_css)}
    assert asked <= LINKS


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.package)
def test_versions_in_links_are_the_locked_ones(library) -> None:
    version = locked(library.package)["version"]
    for link in library.links:
        named = re.search(r"[@/-](\d+\.\d+\.\d+)[./]", link)
        assert named is not None
        # folium's link names the upstream release; the package on npm is a maintained repackaging.
        if library.package != "leaflet.awesome-markers":
            assert named[1] == version


def test_the_lock_has_checksums_and_no_addresses() -> None:
    entries = {name: entry for name, entry in LOCK["packages"].items() if name}
    assert all(entry["integrity"].startswith("sha512-") for entry in entries.values())
    assert all("resolved" not in entry for entry in entries.values())
    text = (FOLDER / "package-lock.json").read_text("utf-8")
    assert not re.search(r"registry|tarball|npmjs|\.tgz", text)


def test_versions_are_exact_and_the_same_in_both_files() -> None:
    wanted = PACKAGE["dependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    assert LOCK["packages"][""]["dependencies"] == wanted
    assert set(wanted) == {library.package for library in LIBRARIES} | {FONT_PACKAGE}
    assert all(locked(name)["version"] == version for name, version in wanted.items())


def test_what_was_built_answers_every_link(assets: Path) -> None:
    manifest = read_manifest()
    assert set(manifest.links) == LINKS
    assert all(path.is_file() for path in manifest.files())
    for record in (*manifest.links.values(), *manifest.fonts.values()):
        if record["package"]:
            assert record["version"] == locked(record["package"])["version"]
            assert (static_dir() / record["licence_file"]).is_file()
            assert record["licence"]
