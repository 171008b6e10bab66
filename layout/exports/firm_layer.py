"""Firms of a study as people read them: names beside ids, shares as fractions, flags in words.

Works on batches, so that the layer of a city of millions of firms is never in memory at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import shapely

from layout.core import columns as c
from layout.core import facts
from layout.core.faults import FAULTS
from layout.core.result import Bilingual
from layout.core.study import SHARE_UNIT
from layout.core.texts import Lang, catalogue, text
from layout.exports.vectors import VectorLayer

BATCH_ROWS: Final = 16_384
SYNTHETIC: Final = "synthetic"
_HIDDEN: Final = frozenset({c.GEOMETRY, "bbox"})
"""Columns of the stored table that say nothing to a reader."""
_NAMED: Final = MappingProxyType(
    {
        c.DISTRICT: "district",
        c.STATED_DISTRICT: "district",
        c.SUBDISTRICT: "subdistrict",
        c.PARK: "park",
        c.PARKS: "park",
        c.OVERLAYS: "overlay",
    }
)
"""Columns of ids and the kind of zone whose names they stand for."""
_WORDED: Final = MappingProxyType(
    {c.STATUS: "status", c.SCOPE: "scope", c.FLAGS: "fault", c.LOCATION: "export.location"}
)
"""Columns of codes whose words are texts ``<prefix>.<code>``."""


@dataclass(frozen=True)
class _Output:
    """A column of the export: header, type, and how it comes from a batch."""

    header: str
    type: pa.DataType
    make: Callable[[pa.RecordBatch], pa.Array]


@dataclass(frozen=True)
class FirmTable:
    """The firms of a study, ready for writing.

    Attributes
    ----------
    dataset
        Accepted firms as stored.
    outputs
        The columns of the export.
    rows
        Number of firms.
    """

    dataset: ds.Dataset
    outputs: tuple[_Output, ...]
    rows: int

    @property
    def schema(self) -> pa.Schema:
        """Columns as exported, without geometry."""
        return pa.schema([pa.field(out.header, out.type) for out in self.outputs])

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows, anew each time."""
        for batch in self._stored():
            yield pa.RecordBatch.from_arrays(self._made(batch), schema=self.schema)

    def points(self, *, notes: tuple[Bilingual, ...] = ()) -> VectorLayer:
        """The firms as points in EPSG:4326; those without coordinates have no geometry."""
        schema = self.schema.append(pa.field(c.GEOMETRY, pa.binary()))

        def batches() -> Iterator[pa.RecordBatch]:
            for batch in self._stored():
                arrays = [*self._made(batch), _points(batch)]
                yield pa.RecordBatch.from_arrays(arrays, schema=schema)

        return VectorLayer(schema, batches, "Point", notes=notes)

    def _stored(self) -> Iterator[pa.RecordBatch]:
        batches = self.dataset.to_batches(batch_size=BATCH_ROWS)
        return (batch for batch in batches if batch.num_rows)

    def _made(self, batch: pa.RecordBatch) -> list[pa.Array]:
        return [out.make(batch).cast(out.type) for out in self.outputs]


def firm_table(
    dataset: ds.Dataset,
    zone_names: Mapping[str, Mapping[str, str]],
    *,
    lang: Lang,
    synthetic: bool,
) -> FirmTable:
    """The firm table with names, in the words of ``lang``.

    Parameters
    ----------
    dataset
        Accepted firms, columns of :mod:`layout.core.columns`; further columns stay as they are.
    zone_names
        Names in ``lang`` by id, for each kind of zone.
    synthetic
        All firms are synthetic, whatever their own column says.
    """
    outputs = _outputs(dataset.schema, zone_names, lang=lang, synthetic=synthetic)
    return FirmTable(dataset, tuple(outputs), dataset.count_rows())


def _points(place: pa.RecordBatch) -> pa.Array:
    lon, lat = (
        place.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False)
        for name in (c.LON, c.LAT)
    )
    known = np.isfinite(lon) & np.isfinite(lat)
    points = np.full(len(lon), None, dtype=object)
    points[known] = shapely.to_wkb(shapely.points(lon[known], lat[known]))
    return pa.array(points, pa.binary())


def _outputs(
    schema: pa.Schema,
    zone_names: Mapping[str, Mapping[str, str]],
    *,
    lang: Lang,
    synthetic: bool,
) -> Iterator[_Output]:
    names = _names(zone_names, lang)
    for field in schema:
        name, header = field.name, _header(field.name, lang)
        if name in _HIDDEN:
            continue
        if name in c.SHARES:
            yield _Output(header, pa.float64(), _fraction(name))
        elif name in _WORDED:
            yield _Output(header, pa.string(), _listed(name, _words(name, lang)))
        else:
            kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
            if name in names and name != c.INDUSTRY_CODE:
                header = text("export.id", lang, label=header)
            yield _Output(header, kind, _plain(name))
        if name in names:
            yield _named(name, names[name], lang)
    yield _Output(text("export.synthetic_column", lang), pa.bool_(), _synthetic(synthetic))


def _names(zone_names: Mapping[str, Mapping[str, str]], lang: Lang) -> dict[str, Mapping[str, str]]:
    """Names by id, for each column of ids; industries have Chinese names only."""

    def column(table: str, key: str) -> dict[str, str]:
        frame = facts.reference(table)
        return dict(zip(frame[key], frame[f"name_{lang}"], strict=True))

    names: dict[str, Mapping[str, str]] = dict.fromkeys(c.SECTORS, column("sectors", "code"))
    names[c.SUB_FIELDS] = column("sub_fields", "sub_field_id")
    names |= {name: zone_names.get(kind, {}) for name, kind in _NAMED.items()}
    if lang == "zh":
        names[c.INDUSTRY_CODE] = column("gbt4754_2017", "code")
    return names


def _header(name: str, lang: Lang) -> str:
    """Chinese labels, with unit; in English the names of :mod:`layout.core.columns`."""
    if lang == "en":
        return name
    unit = "（元）" if name == c.CAPITAL or name.startswith(f"{c.REVENUE.stem}_") else ""
    return c.label(name, lang) + unit


def _named(name: str, names: Mapping[str, str], lang: Lang) -> _Output:
    """The column of names beside a column of ids."""
    if name == c.INDUSTRY_CODE:
        header = text("export.industry_name", lang)
    elif lang == "zh":
        header = _header(name, lang)
    else:
        several = name.endswith("_ids") or name == c.SUB_FIELDS
        stem = name.removesuffix("_ids").removesuffix("_id")
        header = f"{stem}_names" if several else f"{stem}_name"
    return _Output(header, pa.string(), _listed(name, names))


def _words(name: str, lang: Lang) -> dict[str, str]:
    prefix = f"{_WORDED[name]}."
    known = {
        key.removeprefix(prefix): t[lang]
        for key, t in catalogue().items()
        if key.startswith(prefix)
    }
    return {**{code: code for code in FAULTS}, **known} if name == c.FLAGS else known


def _column(batch: pa.RecordBatch, name: str) -> pa.Array:
    column = batch.column(name)
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _plain(name: str) -> Callable[[pa.RecordBatch], pa.Array]:
    return lambda batch: _column(batch, name)


def _fraction(name: str) -> Callable[[pa.RecordBatch], pa.Array]:
    return lambda batch: pc.divide(_column(batch, name).cast(pa.float64()), float(SHARE_UNIT))


def _listed(name: str, names: Mapping[str, str]) -> Callable[[pa.RecordBatch], pa.Array]:
    """Each of the ids joined by ``;`` under its name; an id without a name stays as it is."""

    def made(batch: pa.RecordBatch) -> pa.Array:
        codes = batch.column(name)
        if not pa.types.is_dictionary(codes.type):
            codes = codes.dictionary_encode()
        told = pa.array(
            [_told(value, names) for value in codes.dictionary.to_pylist()], pa.string()
        )
        return told.take(codes.indices)

    return made


def _told(value: str | None, names: Mapping[str, str]) -> str | None:
    if not value:
        return None
    return "；".join(names.get(code, code) for code in value.split(";"))


def _synthetic(every: bool) -> Callable[[pa.RecordBatch], pa.Array]:
    def made(batch: pa.RecordBatch) -> pa.Array:
        if every or c.NATURE not in batch.schema.names:
            return pa.array(np.full(batch.num_rows, every))
        nature = _column(batch, c.NATURE)
        said = pc.or_(pc.starts_with(nature, "合成"), pc.equal(nature, SYNTHETIC))
        return pc.fill_null(said, fill_value=False)

    return made
