"""``layout app``: the planner's app on this machine, until it is stopped."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from types import FrameType

STUDY_VARIABLE: Final = "LAYOUT_STUDY"
"""Environment variable in which the pages find the study."""

SETTINGS: Final = {
    "server.enableStaticServing": "true",
    "server.headless": "true",  # otherwise the first start asks for an e-mail address
    "server.maxUploadSize": "2000",
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": "false",
    "client.showErrorDetails": "none",
    "client.toolbarMode": "minimal",
    "logger.hideWelcomeMessage": "true",
    "theme.base": "light",
    "theme.primaryColor": "#1f5fa8",
    "theme.font": '"Source Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", '
    '"Layout Sans SC", sans-serif',
}
"""Settings of Streamlit that hold wherever the app is started from; ``.streamlit/config.toml`` says
the same for whoever starts the entry script (a test compares the two)."""

_START_TIMEOUT_S: Final = 120
_STOP_TIMEOUT_S: Final = 10


@click.command(help="Open the planner's app in a browser on this machine.")
@click.option(
    "--study",
    "folder",
    type=click.Path(path_type=Path),
    help="Folder of a study.  [default: the synthetic demonstration city]",
)
@click.option("--port", type=click.IntRange(1, 65_535), default=8501, show_default=True)
@click.option(
    "--address",
    default="127.0.0.1",
    show_default=True,
    help="Where to listen; anything but this machine lets others see the firms.",
)
@click.option("--headless", is_flag=True, help="Do not open a browser.")
def command(folder: Path | None, port: int, address: str, headless: bool) -> None:
    """Serve the app until it is interrupted or terminated."""
    from layout.core.resources import app_script
    from maps.assets import ensure_assets

    study = _study(folder)
    _require_free(address, port)
    ensure_assets(echo=click.echo)
    arguments = streamlit_arguments(app_script(), port=port, address=address)
    environment = {**os.environ, STUDY_VARIABLE: str(study.resolve())}
    sys.exit(_serve(arguments, environment, url=app_url(address, port), show=not headless))


def streamlit_arguments(script: Path, *, port: int, address: str) -> list[str]:
    """The command that serves ``script``."""
    settings = {**SETTINGS, "server.port": str(port), "server.address": address}
    flags = [f"--{name}={value}" for name, value in settings.items()]
    return [sys.executable, "-m", "streamlit", "run", str(script), *flags]


def app_url(address: str, port: int) -> str:
    """The address to type into a browser on this machine."""
    everywhere = address in ("", "0.0.0.0", "::")
    host = "127.0.0.1" if everywhere else f"[{address}]" if ":" in address else address
    return f"http://{host}:{port}"


def _study(folder: Path | None) -> Path:
    """The folder of the study; that of the demonstration city is made if it is not there."""
    from layout.readers.study import read_study

    if folder is not None:
        read_study(folder)
        return folder
    from layout.core.resources import cache_dir
    from layout.pipeline.demonstration import ensure_demonstration

    return ensure_demonstration(cache_dir() / "demo-study", echo=click.echo)


def _require_free(address: str, port: int) -> None:
    from layout.core.errors import ParameterError

    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise ParameterError(
                "error.app_port", address=address, port=port, reason=error.strerror or error
            ) from error


def _serve(arguments: list[str], environment: dict[str, str], *, url: str, show: bool) -> int:
    """Run the server, say where it is, and pass on the signals that end it."""
    server = subprocess.Popen(arguments, env=environment)

    def stop(number: int, frame: FrameType | None) -> None:
        server.send_signal(signal.SIGTERM if os.name == "nt" else number)

    handlers: dict[int, Any] = {
        number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        if _answers(server, url):
            _announce(url, show=show)
        code = server.wait()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        _end(server)
    stopped = (-signal.SIGINT, -signal.SIGTERM, 128 + signal.SIGINT, 128 + signal.SIGTERM)
    return 0 if code in stopped else code


def _answers(server: subprocess.Popen[bytes], url: str) -> bool:
    """Wait until the server answers; False where it ended before."""
    limit = time.monotonic() + _START_TIMEOUT_S
    while server.poll() is None and time.monotonic() < limit:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    return False


def _announce(url: str, *, show: bool) -> None:
    from layout.core.texts import text

    click.echo(text("app.ready", "zh", url=url))
    click.echo(text("app.ready", "en", url=url))
    sys.stdout.flush()
    if show and _has_screen():
        import webbrowser

        webbrowser.open(url)


def _has_screen() -> bool:
    """Whether a browser with windows can be opened; a text browser would take over the terminal."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _end(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        server.terminate()
        try:
            server.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
