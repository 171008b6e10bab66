"""What a layer of a result shows: the class of each value, its colour and its words."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout.core.result import LayerSpec
from layout.core.texts import Lang, text
from maps.views.classes import NO_DATA_CODE, Classes, classify, figure

Codes = npt.NDArray[np.int16]


@dataclass(frozen=True)
class Drawn:
    """Classes of a layer and the class of each of its values.

    Attributes
    ----------
    colours, labels
        Of each class, in the order of the legend from low to high.
    codes
        Class of each value, ``NO_DATA_CODE`` where unknown.
    """

    colours: tuple[str, ...]
    labels: tuple[str, ...]
    codes: Codes

    @property
    def unknown(self) -> bool:
        """Some value is unknown."""
        return bool((self.codes == NO_DATA_CODE).any())


def drawn(spec: LayerSpec, values: Any, lang: Lang) -> Drawn:
    """The classes of ``values`` as ``spec`` asks for them.

    Parameters
    ----------
    spec
        Its ``categories`` or ``edges`` where it has some, otherwise classes are found from the
        values.
    values
        One-dimensional, null where unknown.
    """
    series = pd.Series(values).reset_index(drop=True)
    if spec.categories:
        return _categories(spec, series, lang)
    if spec.edges:
        return _fixed(spec, series)
    classes: Classes = classify(series, palette=spec.palette, classes=spec.classes)
    return Drawn(classes.colours, classes.labels, classes.codes(series))


def _categories(spec: LayerSpec, values: pd.Series, lang: Lang) -> Drawn:
    places = {value: place for place, value in enumerate(spec.categories)}
    codes = values.map(places).fillna(NO_DATA_CODE).astype("int16").to_numpy()
    words = [(name(lang), colour) for name, colour in spec.categories.values()]
    return Drawn(tuple(c for _, c in words), tuple(w for w, _ in words), codes)


def _fixed(spec: LayerSpec, values: pd.Series) -> Drawn:
    edges = [edge for edge, _ in spec.edges]
    numbers = values.astype("float64").to_numpy()
    codes = np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, len(edges) - 1)
    codes = np.where(np.isnan(numbers), NO_DATA_CODE, codes).astype("int16")
    return Drawn(tuple(colour for _, colour in spec.edges), edge_labels(edges), codes)


def edge_labels(edges: list[float]) -> tuple[str, ...]:
    """Words of classes with fixed lower edges: the last is open above, the first below."""
    if len(edges) == 1:
        return (f"≥ {_number(edges[0])}",)
    inner = [f"{_number(low)} – {_number(high)}" for low, high in pairwise(edges[1:])]
    return (f"< {_number(edges[1])}", *inner, f"≥ {_number(edges[-1])}")


def _number(value: float) -> str:
    """A limit with a true minus sign."""
    return f"{value:g}".replace("-", "−")


def shown_value(value: Any, spec: LayerSpec, lang: Lang) -> str:
    """A value of the drawn column in words, with its unit."""
    if spec.categories:
        known = spec.categories.get(value)
        return known[0](lang) if known else text("map.no_data", lang)
    return shown_cell(value, spec.unit(lang), lang)


def shown_cell(value: Any, unit: str, lang: Lang) -> str:
    """A cell of a table in words: 'no data' where unknown, numbers as people read them."""
    if value is None or (np.isscalar(value) and pd.isna(value)):
        return text("map.no_data", lang)
    if isinstance(value, bool | np.bool_):
        return text("map.yes" if value else "map.no", lang)
    if isinstance(value, int | float | np.integer | np.floating):
        space = "" if unit in ("", "%") or lang == "zh" else " "
        return f"{figure(float(value)).replace('-', '−')}{space}{unit}"
    return str(value)
