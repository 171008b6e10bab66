"""A scenario applied: Study -> Study, every firm and every yuan accounted for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import shapely

from layout.core import columns as col
from layout.core.errors import ParameterError
from layout.core.study import Study
from layout.prepare.cube import Cube, ZoneCodes
from layout.prepare.dimensions import DIMENSIONS, MEASURES, tiers
from layout.scenarios.check import require_fits
from layout.scenarios.model import (
    AddFirms,
    MoveFirms,
    OpenPark,
    Scenario,
    SetLeads,
    SetPath,
    scenario_text,
)
from layout.scenarios.places import (
    PLACE_COLUMNS,
    Ints,
    Objects,
    new_park,
    place_row,
    text_column,
    zone_point,
)

SCENARIO: str = "scenario"
"""Key of the manifest's parameters under which a study tells what was changed."""


@dataclass(frozen=True)
class ChangedStudy(Study):
    """A study whose firms are held in memory, as a scenario left them."""

    table: pa.Table | None = None

    def firm_dataset(self) -> ds.Dataset:
        """The changed firm table as a dataset."""
        return ds.dataset(self.table)


def apply_scenario(study: Study, scenario: Scenario) -> Study:
    """The study after the changes of a scenario, in their order.

    Moves change no total; added firms are copies of firms of the sector (and size) the city has, so
    that totals grow by exactly what was added. The base study stays as it is.

    Raises
    ------
    ParameterError
        The scenario does not fit the study, or there are fewer firms than it moves or copies.
    """
    require_fits(study, scenario)
    work = _Work(study, scenario)
    for place, change in enumerate(scenario.changes, start=1):
        work.change(change, place)
    return work.study()


def scenario_of(study: Study) -> Mapping[str, Any]:
    """What a scenario set in a study: ``name``, ``paths``, ``leads``, ``added``, ``moved``."""
    told: Mapping[str, Any] = study.manifest.parameters.get(SCENARIO, {})
    return told


class _Work:
    """A study being changed: which row each firm is copied from, and where it stands."""

    def __init__(self, study: Study, scenario: Scenario) -> None:
        self.base = study
        self.scenario = scenario
        self.rng = np.random.default_rng(scenario.seed)
        self.pool: pa.Table = study.firms()
        rows = self.pool.num_rows
        self.source: Ints = np.arange(rows)
        self.place: Ints = np.arange(rows)
        self.zones = dict(study.zones)
        self.district = text_column(self.pool, col.DISTRICT)
        self.park = text_column(self.pool, col.PARK)
        self.parks = text_column(self.pool, col.PARKS)
        self.sector = text_column(self.pool, col.SECTOR_1)
        self.active = _at_work(text_column(self.pool, col.STATUS))
        self.tier = _tiers_of(self.pool, study.manifest.years[-1])
        self.paths: dict[str, str] = {}
        self.leads: dict[str, tuple[str, ...]] = {}
        self.moved = 0

    def change(self, change: object, place: int) -> None:
        """Apply one change."""
        if isinstance(change, MoveFirms):
            self._move(change, place)
        elif isinstance(change, AddFirms):
            self._add(change, place)
        elif isinstance(change, OpenPark):
            self._open(change)
        elif isinstance(change, SetPath):
            self.paths[change.district] = change.path
        elif isinstance(change, SetLeads):
            self.leads[change.district] = change.sectors

    def _move(self, change: MoveFirms, place: int) -> None:
        here = self._in(change.origin)[self.place] & self._like(change)
        found = np.flatnonzero(here)
        if len(found) < change.firms:
            raise ParameterError(
                "error.scenario_few", place=place, asked=change.firms, found=len(found),
                sector=change.sector, zone=change.origin,
            )  # fmt: skip
        chosen = self.rng.choice(found, change.firms, replace=False)
        self.place = self.place.copy()
        self.place[chosen] = self._hosts(change.to, change.firms)
        self.moved += change.firms

    def _add(self, change: AddFirms, place: int) -> None:
        templates = np.flatnonzero(self._like(change))
        if not len(templates):
            raise ParameterError(
                "error.scenario_few", place=place, asked=1, found=0, sector=change.sector,
                zone="–",
            )  # fmt: skip
        chosen = self.source[self.rng.choice(templates, change.firms, replace=True)]
        self.source = np.concatenate([self.source, chosen])
        self.place = np.concatenate([self.place, self._hosts(change.to, change.firms)])

    def _open(self, park: OpenPark) -> None:
        self.zones["park"] = new_park(replace(self.base, zones=self.zones), park)
        shape = self.zones["park"].geometry.iloc[0]
        lon, lat = (
            self.pool.column(name).to_numpy(zero_copy_only=False) for name in (col.LON, col.LAT)
        )
        inside = shapely.contains_xy(shape, np.nan_to_num(lon), np.nan_to_num(lat))
        inside &= self.district == park.district
        self.park = np.where(inside & (self.park == None), park.id, self.park)  # noqa: E711
        self._prototype(shape.representative_point(), park.district, park.id)

    def _prototype(self, point: shapely.Point, district: str, park: str | None) -> int:
        """A place that no firm has had; its row in the pool."""
        study = replace(self.base, zones=self.zones)
        row = place_row(study, point, district, self.pool.schema)
        self.pool = pa.concat_tables(
            [self.pool.replace_schema_metadata(None).unify_dictionaries(), row]
        ).unify_dictionaries()
        self.district = _longer(self.district, district)
        self.park = _longer(self.park, park)
        self.parks = _longer(self.parks, park or "")
        self.sector = _longer(self.sector, None)
        self.active = np.append(self.active, False)
        self.tier = _longer(self.tier, None)
        return len(self.district) - 1

    def _in(self, zone: str) -> npt.NDArray[np.bool_]:
        """Rows of the pool that lie in a district or park."""
        districts = set(self.base.zones["district"]["id"])
        column = self.district if zone in districts else self.park
        return np.asarray(column == zone)

    def _like(self, change: AddFirms | MoveFirms) -> npt.NDArray[np.bool_]:
        """Firms at work of the sector and size that a change names."""
        own = (self.sector[self.source] == change.sector) & self.active[self.source]
        if change.tier is not None:
            own &= self.tier[self.source] == change.tier
        return np.asarray(own)

    def _hosts(self, zone: str, number: int) -> Ints:
        """Places in a zone for so many firms: those that firms there have."""
        there = np.flatnonzero(self._in(zone))
        if not len(there):
            point, district = zone_point(replace(self.base, zones=self.zones), zone)
            is_park = zone not in set(self.base.zones["district"]["id"])
            there = np.array([self._prototype(point, district, zone if is_park else None)])
        return self.rng.choice(there, number, replace=True).astype("int64")

    def study(self) -> Study:
        """The study as the changes left it."""
        before = self.base.firms()
        table = self._table()
        rows = before.num_rows
        cubes = {
            kind: _changed_cube(self.base, kind, self.zones[kind]["id"], before, table)
            for kind in self.base.cubes
        }
        told = {
            "name": self.scenario.name, "title_zh": self.scenario.title("zh"),
            "title_en": self.scenario.title("en"), "paths": self.paths,
            "leads": {k: list(v) for k, v in self.leads.items()},
            "added": table.num_rows - rows, "moved": self.moved,
            "text": scenario_text(self.scenario),
        }  # fmt: skip
        manifest = self.base.manifest
        counts = {**manifest.counts}
        if "accepted" in counts:
            counts["accepted"] += table.num_rows - rows
        changed = manifest.model_copy(
            update={
                "parameters": {**manifest.parameters, SCENARIO: told},
                "inputs": (*manifest.inputs, {"role": SCENARIO, "file": self.scenario.name}),
                "counts": counts, "synthetic": manifest.synthetic or table.num_rows > rows,
            }
        )  # fmt: skip
        own = {one.name: getattr(self.base, one.name) for one in fields(Study)}
        own |= {"manifest": changed, "zones": self.zones, "cubes": cubes}
        return ChangedStudy(**own, table=table)

    def _table(self) -> pa.Table:
        """The firm table: each row's own columns, and the columns of the place it stands in."""
        own = self.pool.take(pa.array(self.source))
        places = self.pool.select(
            [name for name in PLACE_COLUMNS if name in self.pool.schema.names]
        ).take(pa.array(self.place))
        columns = {name: own.column(name) for name in own.schema.names}
        columns |= {name: places.column(name) for name in places.schema.names}
        for name, values in ((col.PARK, self.park), (col.PARKS, self.parks)):
            if name in columns:
                columns[name] = pa.array(values[self.place], pa.string()).cast(
                    own.schema.field(name).type
                )
        added = len(self.source) - self.base.firms([col.CODE]).num_rows
        if added:
            codes = np.array(columns[col.CODE].to_pylist(), dtype=object)
            codes[-added:] = [f"{self.scenario.name}-{n}" for n in range(1, added + 1)]
            columns[col.CODE] = pa.array(codes, own.schema.field(col.CODE).type)
        return pa.table(columns)


def _longer(values: Objects, last: object) -> Objects:
    """One value more."""
    return np.concatenate([values, np.array([last], dtype=object)])


def _at_work(status: Objects) -> npt.NDArray[np.bool_]:
    """Firms that are neither moved away nor closed; a table without a status has none closed."""
    return np.array([value in ("active", "unknown", None) for value in status], dtype=np.bool_)


def _tiers_of(table: pa.Table, year: int) -> Objects:
    """Size tier of every firm by its revenue of the latest year."""
    steps = tiers()
    revenue = table.column(col.REVENUE.of(year)).to_numpy(zero_copy_only=False).astype("float64")
    above = steps["above_cny"].to_numpy()[:-1]
    place = (revenue[:, None] <= above[None, :-1]).sum(axis=1)
    ids = steps["id"].to_numpy(dtype=object)
    found: Objects = np.where(np.isnan(revenue), ids[-1], ids[np.minimum(place, len(ids) - 2)])
    return found


def _changed_cube(
    base: Study, kind: str, ids: pd.Series, before: pa.Table, after: pa.Table
) -> pd.DataFrame:
    """The cube of a kind: what changed place is taken off where it was and added where it is."""
    column = {
        "district": col.DISTRICT, "subdistrict": col.SUBDISTRICT, "park": col.PARK,
        "overlay": col.OVERLAYS,
    }[kind]  # fmt: skip
    rows = before.num_rows
    old, new = text_column(before, column), text_column(after, column)
    differs = np.flatnonzero(_plain(old) != _plain(new[:rows]))
    added = np.arange(rows, after.num_rows)
    zones = ZoneCodes(tuple(ids))
    parts = [base.cubes[kind]]
    if len(differs):
        gone = _counted(before.take(pa.array(differs)), zones, column, base.manifest.years)
        gone[list(MEASURES)] *= -1
        parts.append(gone)
    come = np.concatenate([differs, added])
    if len(come):
        parts.append(_counted(after.take(pa.array(come)), zones, column, base.manifest.years))
    if len(parts) == 1:
        return parts[0]
    joined = pd.concat([part.astype(dict.fromkeys(DIMENSIONS[:-1], object)) for part in parts])
    total = joined.groupby(list(DIMENSIONS), sort=False, observed=True)[list(MEASURES)].sum()
    return total[(total != 0).any(axis=1)].reset_index()


def _plain(values: Objects) -> Objects:
    return np.where(values == None, "", values)  # noqa: E711


def _counted(
    table: pa.Table, zones: ZoneCodes, column: str, years: tuple[int, ...]
) -> pd.DataFrame:
    cube = Cube(zones, years)
    for batch in table.combine_chunks().to_batches():
        zone = pa.array(_first(text_column(pa.Table.from_batches([batch]), column)), pa.string())
        place = pa.array(text_column(pa.Table.from_batches([batch]), col.LOCATION), pa.string())
        cube.add(batch, zones.encode(zone.dictionary_encode(), place.dictionary_encode()))
    return cube.frame()


def _first(values: Objects) -> list[str | None]:
    """The first id of a list of ids, None where there is none."""
    return [str(value).partition(";")[0] or None if value else None for value in values]
