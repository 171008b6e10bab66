"""``layout app``: starts the server with safe settings, says where it is, ends when told to."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from layout.cli.app import SETTINGS, app_url, command, streamlit_arguments
from layout.core.errors import ParameterError, StudyError

SERVER = """
import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"ok")
    def log_message(self, *args): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""
CALLER = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background shell ignores it
from layout.cli.app import _serve
sys.exit(_serve([sys.executable, "-c", os.environ["CODE"], sys.argv[1]], dict(os.environ),
                url=f"http://127.0.0.1:{sys.argv[1]}", show=False))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_server_keeps_to_itself_by_default() -> None:
    arguments = streamlit_arguments(Path("app.py"), port=8501, address="127.0.0.1")
    assert arguments[:4] == [sys.executable, "-m", "streamlit", "run"]
    assert "--server.address=127.0.0.1" in arguments
    assert "--browser.gatherUsageStats=false" in arguments
    assert "--server.headless=true" in arguments
    assert "--client.showErrorDetails=none" in arguments


def test_every_setting_is_one_of_streamlit() -> None:
    from streamlit import config

    known = config.get_config_options()
    assert {*SETTINGS, "server.port", "server.address"} <= set(known)


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8501"),
        ("0.0.0.0", "http://127.0.0.1:8501"),
        ("::1", "http://[::1]:8501"),
    ],
)
def test_addresses_can_be_typed(address: str, url: str) -> None:
    assert app_url(address, 8501) == url


def test_a_wrong_study_is_told_before_anything_starts(tmp_path: Path) -> None:
    outcome = CliRunner().invoke(command, ["--study", str(tmp_path / "nothing")])
    assert isinstance(outcome.exception, StudyError)


def test_a_taken_port_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("layout.cli.app._study", lambda folder: tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        outcome = CliRunner().invoke(command, ["--port", str(port)])
    assert isinstance(outcome.exception, ParameterError)
    assert str(port) in str(outcome.exception)
    assert "--port" in str(outcome.exception)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_server_and_command_cleanly(number: signal.Signals) -> None:
    port = free_port()
    caller = subprocess.Popen(
        [sys.executable, "-c", CALLER, str(port)], env={**os.environ, "CODE": SERVER},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    assert caller.stdout is not None
    first = caller.stdout.readline()
    assert f"http://127.0.0.1:{port}" in first
    caller.send_signal(number)
    assert caller.wait(20) == 0
    caller.communicate()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return
        time.sleep(0.1)
    pytest.fail("the server outlived the command")


@pytest.mark.skipif(os.name == "nt", reason="codes of POSIX")
def test_the_code_of_a_failing_server_is_passed_on() -> None:
    port = free_port()
    done = subprocess.run(
        [sys.executable, "-c", CALLER, str(port)],
        env={**os.environ, "CODE": "raise SystemExit(3)"}, check=False, timeout=30,
    )  # fmt: skip
    assert done.returncode == 3
