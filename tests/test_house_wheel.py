"""The wheel works by itself: installed elsewhere, it never reads the checkout."""

from __future__ import annotations

import json
import os
import re
import runpy
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

from layout import __version__
from layout.core.resources import static_dir
from maps.assets.build import is_current

ROOT = Path(__file__).resolve().parents[1]
DEPENDENCIES = Path(sysconfig.get_path("purelib"))
SCRIPTS = "Scripts" if os.name == "nt" else "bin"

GUARD = """
import os, sys
def guard(event, arguments):
    if event not in ("open", "os.listdir", "os.scandir"):
        return
    if isinstance(arguments[0], (str, os.PathLike)):
        path = os.path.abspath(arguments[0])
        if path.startswith({root!r}) and not path.startswith({dependencies!r}):
            raise RuntimeError("the checkout was read: " + path)
sys.addaudithook(guard)
"""
"""Put into the wheel's environment: fails whatever opens a file of the checkout."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree, with the assets that were built already."""
    if not is_current(static_dir()):
        pytest.skip("the browser assets are not built: make assets")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel; the other packages are lent from the one that runs this."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home, with_pip=True)
    python = home / SCRIPTS / "python"
    packages = Path(
        subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    )
    install = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel]
    subprocess.run(install, check=True, capture_output=True)
    (packages / "lent.pth").write_text(f"{DEPENDENCIES}\n", encoding="utf-8")
    guard = GUARD.format(root=str(ROOT) + os.sep, dependencies=sys.prefix)
    (packages / "sitecustomize.py").write_text(guard, encoding="utf-8")
    return home / SCRIPTS


def environment(installed: Path) -> dict[str, str]:
    """The environment of a user of the wheel, with a cache of its own (kernels compile once)."""
    mine = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "LAYOUT_STUDY")}
    return mine | {"LAYOUT_CACHE": str(installed.parent / "cache")}


def run(installed: Path, folder: Path, *arguments: str) -> str:
    """Run a command of the environment in ``folder``; returns what it printed."""
    program, *rest = arguments
    done = subprocess.run(
        [installed / program, *rest],
        cwd=folder,
        env=environment(installed),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_wheel_carries_facts_assets_licences_and_no_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    shipped = "layout/_shipped/"
    assert f"{shipped}streamlit_app.py" in names
    assert f"{shipped}.streamlit/config.toml" in names
    for folder in ("data", "static"):
        files = {p for p in (ROOT / folder).rglob("*") if p.is_file()}
        assert files
        assert {f"{shipped}{p.relative_to(ROOT).as_posix()}" for p in files} <= names
    assert any(name.endswith("/OFL.txt") for name in names)
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"layout", "maps", f"industrial_layout-{__version__}.dist-info"}


def test_editable_installation_ships_nothing() -> None:
    hook_type = runpy.run_path(str(ROOT / "hatch_build.py"))["ShippedFiles"]
    data: dict[str, dict[str, str]] = {"force_include": {}}
    hook = hook_type(str(ROOT), {}, None, None, "", "wheel")
    hook.initialize("editable", data)
    assert data == {"force_include": {}}


@pytest.mark.slow
def test_installed_wheel_stands_alone(installed: Path, tmp_path: Path) -> None:
    assert "demo" in run(installed, tmp_path, "layout", "--help")
    assert __version__ in run(installed, tmp_path, "layout", "--version")
    told = run(
        installed,
        tmp_path,
        "python",
        "-c",
        "import layout.core.resources as r; print(r.app_script()); print(r.cities())",
    )
    place, cities = told.splitlines()
    assert Path(place).is_relative_to(installed.parent)
    assert "shenzhen" in cities


@pytest.mark.slow
def test_installed_wheel_goes_the_whole_way(installed: Path, tmp_path: Path) -> None:
    run(installed, tmp_path, "layout", "validate", "--reference")
    run(installed, tmp_path, "layout", "demo", "--out", "demo", "--firms", "600")
    told = json.loads(run(installed, tmp_path, "layout", "run", "demo", "--out", "study", "--json"))
    counts = told["counts"]
    assert counts["read"] == counts["accepted"] + counts["rejected"] == 600
    run(installed, tmp_path, "layout", "map", "--study", "study", "--out", "map.html")
    page = (tmp_path / "map.html").read_text("utf-8")
    assert "leaflet" in page
    assert not re.search(r"""<(script|link|img)[^>]+(src|href)=["']?(https?:)?//""", page)
    run(installed, tmp_path, "layout", "export", "--study", "study", "--out", "export")
    assert {p.suffix for p in (tmp_path / "export").iterdir()} >= {".gpkg", ".xlsx"}


@pytest.mark.slow
def test_installed_wheel_serves_the_app_and_its_files(installed: Path, tmp_path: Path) -> None:
    run(installed, tmp_path, "layout", "demo", "--out", "demo", "--firms", "600")
    run(installed, tmp_path, "layout", "run", "demo", "--out", "study")
    port = free_port()
    command = [installed / "layout", "app", "--study", "study", "--port", str(port), "--headless"]
    log = tmp_path / "app.log"
    with log.open("wb") as handle:
        server = subprocess.Popen(
            command, cwd=tmp_path, env=environment(installed), stdout=handle, stderr=handle
        )
        try:
            address = f"http://127.0.0.1:{port}"
            assert answer(f"{address}/_stcore/health", server) == b"ok"
            manifest = json.loads(answer(f"{address}/app/static/manifest.json", server))
            font = next(iter(manifest["fonts"]))
            assert len(answer(f"{address}/app/static/{font}", server)) > 100_000
            assert is_told(address, log)
        finally:
            server.terminate()
            server.wait(20)


def is_told(address: str, log: Path) -> bool:
    """Whether the program prints its address, which it does soon after the server answers."""
    for _ in range(100):
        if address in log.read_text("utf-8", "replace"):
            return True
        time.sleep(0.2)
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answer(url: str, server: subprocess.Popen[bytes]) -> bytes:
    """What the server says, once it is there."""
    for _ in range(300):
        assert server.poll() is None, "the app ended"
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                body: bytes = response.read()
                return body
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"no answer at {url}")


@pytest.mark.slow
def test_guard_sees_a_read_of_the_checkout(installed: Path, tmp_path: Path) -> None:
    code = f"open({str(ROOT / 'README.md')!r})"
    with pytest.raises(AssertionError, match="the checkout was read"):
        run(installed, tmp_path, "python", "-c", code)
