"""What the READMEs tell people to type exists, and both say the same."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from layout import __version__
from layout.cli import COMMANDS, group

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("README.md", "README.zh-CN.md")
PAGES = {name: (ROOT / name).read_text("utf-8") for name in NAMES}
BLOCKS = {
    name: [
        [line.partition("  #")[0].rstrip() for line in block.splitlines()]
        for block in re.findall(r"^```\w+\n(.*?)^```", page, flags=re.M | re.S)
    ]
    for name, page in PAGES.items()
}
LINES = [line for block in BLOCKS["README.md"] for line in block]


def test_both_give_the_same_commands_figures_and_links() -> None:
    assert BLOCKS["README.md"] == BLOCKS["README.zh-CN.md"]
    english, chinese = PAGES.values()
    assert re.findall(r"^#+", english, flags=re.M) == re.findall(r"^#+", chinese, flags=re.M)
    for pattern in (r"\]\(((?!README|docs/images)[^)]+)\)", r"\d[\d.]*\d", r"`[^`\n]+`"):
        assert sorted(set(re.findall(pattern, english))) == sorted(
            set(re.findall(pattern, chinese))
        )


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith("layout ")])
def test_command_lines_are_understood(line: str) -> None:
    _, name, *arguments = shlex.split(line)
    command = group.get_command(click.Context(group), name)
    assert command is not None
    known = {option for parameter in command.params for option in parameter.opts}
    given = {argument for argument in arguments if argument.startswith("--")}
    assert given <= known
    required = {p.opts[0] for p in command.params if isinstance(p, click.Option) and p.required}
    assert required <= given


@pytest.mark.parametrize("name", NAMES)
def test_every_command_is_listed(name: str) -> None:
    assert set(re.findall(r"^\| `layout ([a-z-]+)`", PAGES[name], flags=re.M)) == set(COMMANDS)


def test_make_commands_exist() -> None:
    rules = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), flags=re.M))
    for page in PAGES.values():
        told = set(re.findall(r"(?:^|`)make ([a-z]+)", page, flags=re.M))
        assert told
        assert told <= rules


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    made_by_commands = {"docs/performance.md"}  # not there before its first run
    links = set(re.findall(r"\]\(([^)#:]+)", PAGES[name])) - made_by_commands
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("name", NAMES)
def test_version_is_the_one_of_the_program(name: str) -> None:
    assert f"version {__version__}*" in PAGES[name]
