"""The command line: a lazy group of commands, one module a command, errors in one place."""

from __future__ import annotations

import importlib
import sys
from types import MappingProxyType
from typing import Final

import click

from layout import __version__

COMMANDS: Final = MappingProxyType(
    {
        "analyse": "Run an analysis on a study.",
        "app": "Open the planner's app.",
        "demo": "Write the input files of a synthetic city.",
        "evaluate-tagger": "Compare the sector tagger with a labelled file.",
        "export": "Write layers and tables of a study for other programs.",
        "ingest": "Read, check and clean one table of firms or points.",
        "layer": "List the optional layers of a study, or add one.",
        "map": "Write a self-contained map of a study.",
        "register": "Keep the register of actions, achievements and funding.",
        "run": "Go the whole way from a firm table to a study.",
        "scenario": "Compare scenarios with a study as it is.",
        "tag": "Tag firms with the plan's sectors.",
        "validate": "Check the shipped facts.",
    }
)
"""Every command with its help line; its code is ``layout.cli.<name>`` (``-`` written ``_``)."""


class LazyGroup(click.Group):
    """A group that imports a command's module only when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in alphabetical order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The ``command`` of the module, None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"layout.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="layout")
def group() -> None:
    """Plan a city's industrial layout: firms, sectors, districts and parks on one map."""


def main(args: list[str] | None = None) -> None:
    """Run the command line; a :class:`~layout.core.errors.LayoutError` ends it with code 2."""
    from layout.core.errors import LayoutError

    try:
        group.main(args=args, prog_name="layout", standalone_mode=True)
    except LayoutError as error:
        click.echo(f"layout: {error.message('en')}", err=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
