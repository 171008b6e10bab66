"""What crosses from computing to showing: results, layers worth seeing, their origin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import pandas as pd

from layout.core.texts import Lang, text

LayerKind = Literal["points", "polygons", "choropleth", "raster", "lines"]


@dataclass(frozen=True)
class Bilingual:
    """A short text in both languages."""

    zh: str
    en: str

    def __call__(self, lang: Lang) -> str:
        """The text in ``lang``."""
        return self.zh if lang == "zh" else self.en

    @classmethod
    def of(cls, key: str, /, **values: object) -> Self:
        """A text of the catalogue, its values filled in, in both languages."""
        return cls(text(key, "zh", **values), text(key, "en", **values))


@dataclass(frozen=True)
class Provenance:
    """Where a result comes from; it goes into every export.

    Attributes
    ----------
    inputs
        One mapping an input: role, file name, sha256, rows, datum.
    parameters
        What was set.
    seed
        Seed of whatever was drawn by chance, None where nothing was.
    version
        Version of the program.
    created
        Time in UTC, ISO 8601.
    synthetic
        The figures come from synthetic firms.
    method
        How it was computed, in a sentence.
    """

    inputs: tuple[Mapping[str, Any], ...]
    parameters: Mapping[str, Any]
    seed: int | None
    version: str
    created: str
    synthetic: bool
    method: Bilingual


@dataclass(frozen=True)
class LayerSpec:
    """A layer worth seeing, as plain data.

    Attributes
    ----------
    name
        Unique within a result; also the layer's name in exported files.
    kind
        What is drawn.
    frame
        GeoDataFrame in EPSG:4326, or a raster.
    column
        The column that is drawn, None for plain shapes.
    title, unit
        For legend and report.
    palette
        Name of a colour-blind-safe palette.
    classes
        Number of classes of a choropleth.
    approximate
        Shapes are rough and say so wherever they are shown.
    categories
        Words and colour of each value of ``column`` where values are categories, in the order of
        the legend.
    edges
        Class limits of numbers where they are fixed: lower edge and colour of each class,
        ascending. Values below the first edge belong to the first class.
    details
        Further columns of ``frame`` that a tooltip tells (worded by
        :func:`layout.core.headings.heading`).
    id_column
        Column that names a feature when it is clicked.
    size_column
        Column that the area of points goes with; None: all of one size.
    opacity
        Of fills, 0 to 1.
    note
        A caution below the legend.
    """

    name: str
    kind: LayerKind
    frame: Any
    title: Bilingual
    column: str | None = None
    unit: Bilingual = field(default_factory=lambda: Bilingual("", ""))
    palette: str = "viridis"
    classes: int = 5
    approximate: bool = False
    categories: Mapping[Any, tuple[Bilingual, str]] = field(default_factory=dict)
    edges: tuple[tuple[float, str], ...] = ()
    details: tuple[str, ...] = ()
    id_column: str | None = None
    size_column: str | None = None
    opacity: float = 0.85
    note: Bilingual = field(default_factory=lambda: Bilingual("", ""))


@dataclass(frozen=True)
class Result:
    """The answer of an analysis.

    Attributes
    ----------
    name
        Name of the analysis.
    tables
        Tables by name; columns named after :mod:`layout.core.columns` or explained in ``notes``.
    layers
        What is worth seeing.
    notes
        Conventions, excesses and cautions a reader must know.
    provenance
        Where it comes from.
    labels
        Words for the values of a column that holds ids, by column: screens show the words, files
        both.
    """

    name: str
    tables: Mapping[str, pd.DataFrame]
    layers: tuple[LayerSpec, ...]
    notes: tuple[Bilingual, ...]
    provenance: Provenance
    labels: Mapping[str, Mapping[Any, Bilingual]] = field(default_factory=dict)
