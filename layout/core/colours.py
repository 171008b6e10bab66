"""The colour of each sector, wherever it is drawn."""

from __future__ import annotations

from typing import Final

from layout.core import facts
from layout.core.result import Bilingual
from layout.core.study import UNTAGGED

SECTOR_COLOURS: Final = (
    "#332288",
    "#88CCEE",
    "#AA4499",
    "#117733",
    "#6699CC",
    "#882255",
    "#DDCC77",
    "#44AA99",
    "#999933",
    "#CC6677",
    "#EE8866",
    "#661100",
)
"""One colour a sector in the plan's order; after the palettes of Paul Tol (SRON/EPS/TN/09-002)."""

UNTAGGED_COLOUR: Final = "#9a9a9a"


def sector_colours() -> dict[str, str]:
    """Colour of each sector by id, and of what is untagged."""
    colours = dict(zip(facts.sector_ids(), SECTOR_COLOURS, strict=True))
    return {**colours, UNTAGGED: UNTAGGED_COLOUR}


def sector_words() -> dict[str, Bilingual]:
    """Short name of each sector by id."""
    table = facts.reference("sectors")
    words = (
        Bilingual(z.removesuffix("产业"), e)
        for z, e in zip(table["name_zh"], table["short_en"], strict=True)
    )
    return dict(zip(table["code"], words, strict=True))
