"""Colours that stay apart under the common forms of colour blindness, and in grey print."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from layout.core.colours import SECTOR_COLOURS, UNTAGGED_COLOUR, sector_colours

__all__ = ["SECTOR_COLOURS", "UNTAGGED_COLOUR", "sector_colours"]

SEQUENTIAL: Final = "ylgnbu"
"""Palette of amounts and shares: light enough below labels and points."""

DIVERGING: Final = "diverging"
"""Palette of ratios around 1; its classes are fixed (see :func:`maps.views.classes.classify`)."""

PALETTES: Final = MappingProxyType(
    {
        "ylgnbu": ("#ffffcc", "#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0"),
        "viridis": ("#fde725", "#5ec962", "#21918c", "#3b528b", "#440154"),
        "cividis": ("#fee838", "#bcae6c", "#7c7b78", "#414d6b", "#00224e"),
        DIVERGING: ("#0571b0", "#92c5de", "#f7f7f7", "#f4a582", "#ca0020"),
    }
)
"""Five colours each, from low to high. YlGnBu and RdBu after Brewer (2003), *Cartography and
Geographic Information Science* 30(1), YlGnBu without its darkest colours, as names and points lie
on it; viridis and cividis (Nuñez, Anderton and Renslow 2018,
*PLoS ONE* 13(7)) sampled at equal steps, turned so that more is darker."""

ZERO: Final = "#ffffff"
NO_DATA: Final = "#bdbdbd"
"""Colour of the hatching of 'no data'."""
GROUND: Final = "#f4f2ec"
SEA: Final = "#dde7ee"
BORDER: Final = "#5f6b76"
PARK: Final = "#7a3b00"
OVERLAY: Final = "#5b2a86"
LANDMARK: Final = "#111111"


def ramp(name: str, number: int) -> tuple[str, ...]:
    """``number`` colours (1 to 5) of a palette, from low to high, as far apart as it allows.

    Raises
    ------
    KeyError
        There is no such palette.
    """
    colours = PALETTES[name]
    if number >= len(colours):
        return colours
    if number == 1:
        return (colours[len(colours) // 2],)
    step = (len(colours) - 1) / (number - 1)
    return tuple(colours[round(i * step)] for i in range(number))


def palette_for(draw: str) -> str:
    """The palette of what a sector mix draws: ``amount``, ``share`` or ``lq``."""
    return DIVERGING if draw == "lq" else SEQUENTIAL
