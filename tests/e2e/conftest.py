"""One headless Chromium for the run; a page that may speak to this machine only."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from layout.core.resources import static_dir
from maps.assets.manifest import MANIFEST

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
_OWN = re.compile(
    r"(https?|wss?)://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?/|(file|data|blob|about):"
)


@dataclass
class Watched:
    """A page, and what it did that it should not.

    Attributes
    ----------
    page
        The page of Playwright.
    remote
        Addresses outside this machine that it asked for; every such request was refused.
    errors
        Uncaught errors of its scripts.
    """

    page: Any
    remote: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium of this machine; tests without it skip."""
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as tools:
        # Without --no-sandbox Chromium refuses to run as root, as in a container.
        opened = tools.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--no-proxy-server"]
        )
        yield opened
        opened.close()


@pytest.fixture
def watched(browser: Any) -> Iterator[Watched]:
    """A page of 1280 × 800; the test fails if it asked for anything remote or a script failed."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="zh-CN", accept_downloads=True
    )
    context.set_default_timeout(20_000)
    watch = Watched(context.new_page())

    def guard(route: Any) -> None:
        if _OWN.match(route.request.url):
            route.continue_()
        else:
            watch.remote.append(route.request.url)
            route.abort("internetdisconnected")

    context.route("**/*", guard)
    watch.page.on("pageerror", lambda error: watch.errors.append(str(error)))
    yield watch
    context.close()
    assert not watch.remote, f"the page asked the network for {watch.remote[:3]}"
    assert not watch.errors, watch.errors[:3]


@pytest.fixture
def page(watched: Watched) -> Any:
    """The page alone."""
    return watched.page


@pytest.fixture(scope="session")
def assets() -> Path:
    """The folder of browser assets; tests that need them skip where they are not built."""
    if not (static_dir() / MANIFEST).is_file():
        pytest.skip("the browser assets are not built; run python -m maps.assets")
    return static_dir()


@pytest.fixture(scope="session")
def small() -> Any:
    """The module that builds a small study with hostile names."""
    path = Path(__file__).parents[1] / "maps" / "small_study.py"
    spec = importlib.util.spec_from_file_location("small_study", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
