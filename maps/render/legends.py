"""Legends as plain markup: they need no script, so that nothing can blank the map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from maps.render.elements import safe_html
from maps.views.classes import Classes

_ONE_COLUMN: Final = 7
"""More lines than this stand in two columns, if all are short."""

_SHORT: Final = 20
"""Letters of a short line; a Chinese character counts twice."""

Swatch = Literal["fill", "dot", "dashed", "hatch"]


@dataclass(frozen=True)
class LegendItem:
    """One line of a legend.

    Attributes
    ----------
    label
        What it says.
    colour
        Colour of the swatch (hexadecimal); not used by ``hatch``.
    swatch
        How it is drawn; ``hatch`` means 'no data'.
    """

    label: str
    colour: str
    swatch: Swatch = "fill"


@dataclass(frozen=True)
class Legend:
    """What the colours of a layer mean.

    Attributes
    ----------
    title, unit
        Heading, and the unit below it (may be empty).
    items
        Lines, from high to low.
    note
        A caution below them (may be empty).
    """

    title: str
    unit: str
    items: tuple[LegendItem, ...]
    note: str = ""

    def html(self) -> str:
        """The legend as markup that a reader can fold, every text escaped."""
        unit = f'<div class="lm-unit">{safe_html(self.unit)}</div>' if self.unit else ""
        note = f'<div class="lm-note">{safe_html(self.note)}</div>' if self.note else ""
        lines = "".join(_line(item) for item in self.items)
        short = all(_width(item.label) <= _SHORT for item in self.items)
        columns = ' class="lm-two"' if len(self.items) > _ONE_COLUMN and short else ""
        title = safe_html(self.title)
        if len(self.items) == 1 and self.items[0].label == self.title and not unit:
            return f"<ul>{lines}</ul>{note}"  # nothing to fold: the line says it all
        return (
            f"<details open><summary>{title}</summary>{unit}<ul{columns}>{lines}</ul>{note}"
            "</details>"
        )


def class_legend(
    classes: Classes, *, title: str, unit: str, unknown: str = "", note: str = ""
) -> Legend:
    """The legend of a choropleth: highest class on top, ``unknown`` last where it is given."""
    items = [
        LegendItem(label, colour)
        for label, colour in zip(classes.labels, classes.colours, strict=True)
    ][::-1]
    if unknown:
        items.append(LegendItem(unknown, "", "hatch"))
    return Legend(title, unit, tuple(items), note)


def _width(label: str) -> int:
    return sum(1 if letter.isascii() else 2 for letter in label)


def _line(item: LegendItem) -> str:
    kind = {"fill": "", "dot": " lm-dotted", "dashed": " lm-dashed", "hatch": " lm-hatch"}
    colour = safe_html(item.colour)
    style = {
        "fill": f"background:{colour}",
        "dot": f"background:{colour}",
        "dashed": f"border-color:{colour}",
        "hatch": "",
    }[item.swatch]
    return (
        f'<li><span class="lm-swatch{kind[item.swatch]}" style="{style}"></span>'
        f"<span>{safe_html(item.label)}</span></li>"
    )
