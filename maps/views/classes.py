"""Values into a few classes with honest labels; what is unknown stays apart from zero."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from maps.views.palettes import DIVERGING, SEQUENTIAL, ZERO, ramp

Codes = npt.NDArray[np.int16]

Steps = Literal["quantiles", "geometric"]

NO_DATA_CODE: Final = -1
QUOTIENT_EDGES: Final = (0.5, 0.8, 1.25, 2.0)
"""Inner edges of classes of ratios around 1: symmetric as ratios (1/2, 4/5, 5/4, 2)."""


@dataclass(frozen=True)
class Classes:
    """Classes of a choropleth from low to high.

    Attributes
    ----------
    edges
        Lower edge of each class; a class reaches up to the next one's edge, which is not in it.
    labels
        What a legend says of each, without a unit.
    colours
        Fill of each.
    """

    edges: tuple[float, ...]
    labels: tuple[str, ...]
    colours: tuple[str, ...]

    def codes(self, values: pd.Series) -> Codes:
        """Class of each value, ``NO_DATA_CODE`` where it is null.

        Parameters
        ----------
        values
            The values the classes were made of.
        """
        numbers = values.astype("float64").to_numpy()
        found = np.searchsorted(np.asarray(self.edges), numbers, side="right") - 1
        return np.where(np.isnan(numbers), NO_DATA_CODE, np.maximum(found, 0)).astype("int16")


def classify(
    values: pd.Series, *, palette: str, classes: int = 5, steps: Steps = "quantiles"
) -> Classes:
    """Classes for the known values.

    Amounts fall into classes of about equal number (quantiles) or of equal ratio (geometric, for
    counts of which most are small), their edges rounded to two figures, and zero is a class of its
    own. Changes, that is amounts of which some are below zero, fall into at most two classes on
    either side of it. Ratios (palette ``diverging``) fall into the fixed classes around 1.

    Parameters
    ----------
    values
        Numbers, null where unknown.
    palette
        Name in :data:`maps.views.palettes.PALETTES`.
    classes
        How many at the most, without that of zero; 1 to 5.
    steps
        How the edges of amounts are found.
    """
    known = values.dropna().astype("float64")
    if palette == DIVERGING:
        return _quotient_classes()
    if known.empty:
        return Classes((), (), ())
    if known.min() < 0:
        return _change_classes(known, steps)
    whole = bool((known == known.round()).all())
    zero = bool((known == 0).any())
    edges = _edges(known[known > 0], classes, steps)
    colours = ramp(palette, max(len(edges), 1))[: len(edges)]
    labels = _labels(edges, float(known.max()), whole)
    if zero:
        return Classes((0.0, *edges), ("0", *labels), (ZERO, *colours))
    return Classes(edges, labels, colours)


def _quotient_classes() -> Classes:
    low, *middle, high = QUOTIENT_EDGES
    inner = [f"{a:g}–{b:g}" for a, b in zip((low, *middle), (*middle, high), strict=True)]
    labels = (f"< {low:g}", *inner, f"≥ {high:g}")
    return Classes((0.0, *QUOTIENT_EDGES), labels, ramp(DIVERGING, 5))


def _change_classes(known: pd.Series, steps: Steps) -> Classes:
    """Losses from the largest on, no change, gains; losses are red, gains blue."""
    loss = classify(-known[known < 0], palette=SEQUENTIAL, classes=2, steps=steps)
    gain = classify(known[known > 0], palette=SEQUENTIAL, classes=2, steps=steps)
    # A loss of exactly an edge belongs to the larger loss, so the next class begins just above it.
    *above, zero = (math.nextafter(-edge, 0.0) for edge in reversed(loss.edges))
    much, little, _, less, more = ramp(DIVERGING, 5)[::-1]
    unchanged = bool((known == 0).any())
    return Classes(
        (float(known.min()), *above, *((zero,) if unchanged else ()), *gain.edges),
        (*map(_loss, reversed(loss.labels)), *(("0",) if unchanged else ()), *gain.labels),
        (
            *(much, little)[-len(loss.edges) :],
            *((ZERO,) if unchanged else ()),
            *(less, more)[: len(gain.edges)],
        ),
    )


def _loss(label: str) -> str:
    """The words of a class of amounts as those of a loss: ``11–50`` becomes ``−50…−11``."""
    low, _, high = label.partition("–")
    return f"−{high}…−{low}" if high else f"−{low}"


def _edges(known: pd.Series, classes: int, steps: Steps) -> tuple[float, ...]:
    """Lower edges of classes, ascending; the first is the smallest value itself."""
    if known.empty:
        return ()
    smallest, largest = float(known.min()), float(known.max())
    places = np.linspace(0, 1, classes + 1)[1:-1]
    if steps == "geometric":
        low, high = math.log(smallest), math.log(largest)
        wanted = np.exp(low + (high - low) * places)
    else:
        wanted = np.quantile(known.to_numpy(), places)
    inner = {_two_figures(edge) for edge in wanted}
    edges = sorted(edge for edge in inner if smallest < edge <= largest)
    # An edge with no value between it and its neighbour would promise an empty class.
    kept = [smallest]
    for edge in edges:
        if ((known >= kept[-1]) & (known < edge)).any():
            kept.append(edge)
    return tuple(kept)


def _two_figures(value: float, *, down: bool | None = None) -> float:
    """``value`` rounded to two figures: to the nearest, or down or up as asked."""
    near = float(f"{value:.1e}")
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    if down is True and near > value:
        return near - step
    if down is False and near < value:
        return near + step
    return near


def _labels(edges: tuple[float, ...], largest: float, whole: bool) -> tuple[str, ...]:
    if not edges:
        return ()
    if whole:
        uppers = [*(edge - 1 for edge in map(np.ceil, edges[1:])), largest]
        lowers = [np.ceil(edge) for edge in edges]
        return tuple(
            f"{low:,.0f}" if low == up else f"{low:,.0f}–{up:,.0f}"
            for low, up in zip(lowers, uppers, strict=True)
        )
    bounds = [_two_figures(edges[0], down=True), *edges[1:], _two_figures(largest, down=False)]
    return tuple(f"{_edge(low)}–{_edge(up)}" for low, up in pairwise(bounds))


def _edge(value: float) -> str:
    """An edge of two figures, no more digits than it has."""
    return f"{value:,.0f}" if value >= 10 else f"{value:g}"


def figure(value: float) -> str:
    """A number for people: whole from a hundred, one decimal from ten, else two."""
    size = abs(value)
    digits = 0 if size >= 100 or value == round(value) else 1 if size >= 10 else 2
    return f"{value:,.{digits}f}"
