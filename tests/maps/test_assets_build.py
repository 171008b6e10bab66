"""Building the assets: whole or not at all, again only when there is a reason."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from layout.core.errors import AssetError
from maps.assets import build as building
from maps.assets import characters
from maps.assets.font import FAMILY, cut
from maps.assets.font import characters as drawn_characters
from maps.assets.libraries import FONT_FILE, FONT_LICENCE, FONT_PACKAGE, LIBRARIES
from maps.assets.manifest import FONT_TTF, FONT_WOFF, read_manifest

ALPHABET = "AB深圳磡㘵"


def make_font(path: Path, alphabet: str = ALPHABET) -> None:
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.lineTo((500, 0))
    pen.lineTo((500, 500))
    pen.closePath()
    names = [".notdef", *(f"g{ord(ch):x}" for ch in alphabet)]
    font = FontBuilder(1000, isTTF=True)
    font.updateHead(created=0, modified=0)  # not the second in which the test runs
    font.font.recalcTimestamp = False
    font.setupGlyphOrder(names)
    font.setupCharacterMap({ord(ch): f"g{ord(ch):x}" for ch in alphabet})
    font.setupGlyf(dict.fromkeys(names, pen.glyph()))
    font.setupHorizontalMetrics(dict.fromkeys(names, (600, 0)))
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": "Noto Source Sans", "styleName": "Regular", "version": "1"})
    font.setupOS2()
    font.setupPost()
    font.save(path)


@pytest.fixture
def npm(monkeypatch: pytest.MonkeyPatch):
    """Packages made here instead of fetched; counts how often they were asked for."""
    calls: list[Path] = []

    def fetch(scratch: Path) -> Path:
        calls.append(scratch)
        modules = scratch / "node_modules"
        for library in LIBRARIES:
            folder = modules / library.package
            for name in (*library.links.values(), *library.also, library.licence):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(f"/* {name} */")
            about = {"version": "1.2.3", "license": "MIT"}
            (folder / "package.json").write_text(json.dumps(about))
        folder = modules / FONT_PACKAGE
        (folder / FONT_FILE).parent.mkdir(parents=True)
        make_font(folder / FONT_FILE)
        (folder / FONT_LICENCE).write_text("OFL")
        (folder / "package.json").write_text('{"version": "1", "license": "MIT AND OFL-1.1"}')
        return modules

    monkeypatch.setattr(building, "_fetch", fetch)
    return calls


def test_a_build_is_complete_checked_and_told(npm, tmp_path: Path) -> None:
    told: list[str] = []
    manifest = building.build(tmp_path / "static", echo=told.append)
    assert building.is_current(tmp_path / "static")
    for record in (*manifest.links.values(), *manifest.fonts.values()):
        content = (manifest.folder / record["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == record["sha256"]
    assert (tmp_path / "static/fonts/OFL.txt").read_text() == "OFL"
    assert (tmp_path / "static/vendor/leaflet/LICENSE").is_file()
    assert "60 MB" in told[0]
    assert " s)" in told[-1]


def test_the_same_packages_give_the_same_bytes(npm, tmp_path: Path) -> None:
    for name in ("a", "b"):
        building.build(tmp_path / name)
    for name in (FONT_TTF, FONT_WOFF, "manifest.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_nothing_is_fetched_twice(npm, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(building, "static_dir", lambda: tmp_path / "static")
    building.ensure_assets()
    building.ensure_assets()
    assert len(npm) == 1


def test_a_missing_file_or_another_lock_means_a_new_build(npm, tmp_path, monkeypatch) -> None:
    target = tmp_path / "static"
    building.build(target)
    (target / "vendor/leaflet/dist/leaflet.js").unlink()
    assert not building.is_current(target)
    building.build(target)
    monkeypatch.setattr(building, "_recipe", lambda: "other")
    assert not building.is_current(target)


def test_a_failure_leaves_what_was_there(npm, tmp_path: Path, monkeypatch) -> None:
    target = tmp_path / "static"
    building.build(target)
    before = (target / "manifest.json").read_bytes()

    def broken(scratch: Path) -> Path:
        raise AssetError("error.assets_failed", reason="connect ECONNREFUSED")

    monkeypatch.setattr(building, "_fetch", broken)
    with pytest.raises(AssetError, match=r"python -m maps\.assets"):
        building.build(target)
    assert (target / "manifest.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["static"]


def test_new_hanzi_ask_for_a_new_font_but_do_not_stop_the_app(npm, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(building, "static_dir", lambda: tmp_path / "static")
    building.ensure_assets()
    monkeypatch.setattr(characters, "wanted", lambda: frozenset({ord("龘")}))
    assert not building.is_current(tmp_path / "static")

    def broken(scratch: Path) -> Path:
        raise AssetError("error.no_npm")

    monkeypatch.setattr(building, "_fetch", broken)
    told: list[str] = []
    building.ensure_assets(echo=told.append)
    assert "the one of before is used" in told[-1]


def test_without_any_build_the_remedy_is_told(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match=r"python -m maps\.assets"):
        read_manifest(tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(AssetError):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (subprocess.CompletedProcess([], 1, "", "npm error code E1\nnpm error no way\n"), "no way"),
        (subprocess.TimeoutExpired("npm", 1), "longer than"),
        (FileNotFoundError(2, "No such file"), "No such file"),
    ],
)
def test_faults_of_npm_become_messages(outcome, words: str, tmp_path, monkeypatch) -> None:
    def npm(folder: Path):
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(building, "_npm", npm)
    with pytest.raises(AssetError, match=words):
        building._fetch(tmp_path)


def test_a_cut_font_has_the_letters_asked_for_and_a_name_of_its_own(tmp_path: Path) -> None:
    from fontTools.ttLib import TTFont

    make_font(tmp_path / "font.ttf")
    small = cut(tmp_path / "font.ttf", map(ord, "A深"), "ttf")
    assert drawn_characters(small) == frozenset(map(ord, "A深"))
    (tmp_path / "cut.ttf").write_bytes(small)
    with TTFont(tmp_path / "cut.ttf") as font:
        assert font["name"].getDebugName(1) == FAMILY
        assert not any("Source" in record.toUnicode() for record in font["name"].names)
    assert cut(small, map(ord, "深"), "woff")[:4] == b"wOFF"


def test_the_font_is_asked_for_every_hanzi_of_the_project() -> None:
    wanted = characters.wanted()
    assert set(map(ord, "磡㘵坂坪圳涌沥")) <= wanted
    assert len(characters.gb2312()) == 7445
    assert characters.own() <= wanted


def test_the_built_font_draws_every_hanzi_of_the_project(assets: Path) -> None:
    drawn = drawn_characters(assets / FONT_TTF)
    hanzi = {point for point in characters.own() if 0x4E00 <= point <= 0x9FFF}
    missing = "".join(sorted(map(chr, hanzi - drawn)))
    assert not missing, f"python -m maps.assets builds a font with {missing}"
    assert {ord("磡"), ord("㘵")} <= drawn
    assert drawn_characters(assets / FONT_WOFF) == drawn
