"""The Streamlit pages: widgets and page text, and nothing that computes."""

from __future__ import annotations


def run() -> None:
    """Draw the app; called by the entry script at every rerun."""
    from maps.pages.shell import run as run_shell

    run_shell()
