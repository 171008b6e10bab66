"""A planner's own table: upload, columns, datum check, rejects, the cleaned file."""

from __future__ import annotations


def render() -> None:
    """Draw the page."""
