"""What a run does to each batch of clean rows, and what it counts in them.

Both are the same whether the batches of a table come one after the other in one process, or parts
of it are worked on in several: counts are whole numbers and merge in any grouping.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from layout.core import columns as c
from layout.core import facts
from layout.core.resources import cache_dir
from layout.core.study import ZoneLayer
from layout.pipeline.datum_pass import address_districts
from layout.pipeline.ingest_report import Tally
from layout.prepare.clean_batch import CleanBatch
from layout.prepare.cube import CubeSet, ZoneCodes
from layout.prepare.headers import HeaderMapping
from layout.prepare.joining import Joiner
from layout.prepare.tagging import Tagger

_ZONE_COLUMN: Final = {
    "district": c.DISTRICT,
    "subdistrict": c.SUBDISTRICT,
    "park": c.PARK,
    "overlay": c.OVERLAYS,
}
_MOST_YEARS: Final = 15
_SYNTHETIC: Final = ("合成", "synthetic")
"""Words of the column NATURE that make a study synthetic, whatever its inputs are said to be."""


class CityWork:
    """Tags and joins clean batches.

    Parameters
    ----------
    zones
        The zone layers by kind.
    city
        Slug of the city.
    """

    def __init__(self, zones: Mapping[str, ZoneLayer], city: str) -> None:
        self._city = city
        self._tagger = Tagger.load()
        self._joiner = Joiner(zones, city=city, cache=cache_dir() / "grids")

    def placed(self, batch: CleanBatch) -> CleanBatch:
        """A batch with sectors and zones."""
        columns = batch.columns
        n = columns.num_rows
        tags = self._tagger.tag(
            _column(columns, c.BUSINESS_SCOPE, n), _column(columns, c.INDUSTRY_CODE, n)
        )
        stated = address_districts(
            columns, {name: name for name in columns.schema.names}, city=self._city
        )
        lon, lat = _coordinates(columns, c.LON), _coordinates(columns, c.LAT)
        joined = self._joiner.join(lon, lat, stated)
        return batch.with_columns(tags).with_columns(joined.columns).with_flags(joined.flags)


class CityCounts:
    """Rows, faults, places, sectors and the cubes of the batches that were added.

    Parameters
    ----------
    zones
        The zone layers by kind.
    years
        Years of the panel, ascending.
    """

    def __init__(self, zones: Mapping[str, ZoneLayer], years: tuple[int, ...]) -> None:
        self.years = years
        codes = {k: ZoneCodes(tuple(layer.frame["id"].astype(str))) for k, layer in zones.items()}
        self.cubes = CubeSet(codes, years)
        self.tally = Tally()
        self.location: Counter[str] = Counter()
        self.sectors: Counter[str] = Counter()
        self.invented = 0

    def add(self, batch: CleanBatch) -> None:
        """Count a batch that was tagged and joined."""
        self.tally.add(batch)
        firms = batch.columns
        if c.NATURE in firms.schema.names:
            named = pc.is_in(firms[c.NATURE], value_set=pa.array(_SYNTHETIC))
            self.invented += int(pc.sum(named).as_py() or 0)
        zones = {kind: firms[name] for kind, name in _ZONE_COLUMN.items()}
        zones["overlay"] = _first_listed(zones["overlay"])
        self.cubes.add(firms, zones, firms[c.LOCATION])
        for counter, name in ((self.location, c.LOCATION), (self.sectors, c.SECTOR_1)):
            found = firms[name].value_counts()
            counter.update(
                {str(row["values"]): row["counts"] for row in found.to_pylist() if row["values"]}
            )

    def merge(self, other: CityCounts) -> CityCounts:
        """These counts with those of another part added."""
        self.tally.merge(other.tally)
        self.cubes.merge(other.cubes)
        self.location.update(other.location)
        self.sectors.update(other.sectors)
        self.invented += other.invented
        return self


def panel_years(mapping: HeaderMapping, city: str) -> tuple[int, ...]:
    """Years of which a table has revenue or employees; the city's last year where it has none."""
    stems = {family.stem for family in c.FAMILIES}
    parted = (name.rpartition("_") for name in mapping.columns)
    years = sorted({int(year) for stem, _, year in parted if stem in stems})
    return tuple(years[-_MOST_YEARS:]) or tuple(facts.city_settings(city)["panel_years"][-1:])


def _column(columns: pa.RecordBatch, name: str, rows: int) -> pa.Array:
    return columns[name] if name in columns.schema.names else pa.nulls(rows, pa.string())


def _coordinates(columns: pa.RecordBatch, name: str) -> Any:
    if name not in columns.schema.names:
        return pa.nulls(columns.num_rows, pa.float64()).to_numpy(zero_copy_only=False)
    return columns[name].cast(pa.float64()).to_numpy(zero_copy_only=False)


def _first_listed(ids: pa.DictionaryArray) -> pa.DictionaryArray:
    """The first of the ids joined by ``;``, null for none."""
    firsts = [(word or "").split(";")[0] or None for word in ids.dictionary.to_pylist()]
    # Two sets may have the same first id: no dictionary to store, but one to look up in.
    return pa.DictionaryArray.from_arrays(ids.indices, pa.array(firsts, pa.string()))
