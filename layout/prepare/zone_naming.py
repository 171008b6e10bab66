"""Ids and names of the zones of a file, and the units of the city they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Final

import numpy as np
import pandas as pd

from layout.core import zone_columns as z
from layout.core.columns import normalise_header
from layout.core.errors import ColumnError, LayoutError, ZoneError, raise_all
from layout.core.facts import city_settings, city_table
from layout.core.result import Bilingual
from layout.core.study import NO_COORDINATES, NO_ZONE, OUTSIDE, UNTAGGED
from layout.prepare.zone_shapes import shortened

OPTIONS: Final = {
    "district": "--districts",
    "subdistrict": "--subdistricts",
    "park": "--parks",
    "overlay": "--overlays",
}
"""Option of the command line that gives a layer of each kind."""

_ID_HEADERS: Final = (
    "id", "adcode", "code", "gb", "区划代码", "行政区划代码", "行政区代码", "代码", "编码", "编号",
    "街道代码", "园区编号", "districtid", "subdistrictid", "parkid", "zoneid", "unitid",
)  # fmt: skip
_NAME_HEADERS: Final = (
    "name", "namezh", "名称", "qh", "区", "行政区", "区名", "区名称", "行政区名称", "街道",
    "街道名称", "园区", "园区名称", "xzqmc", "xzqhmc", "mc",
)  # fmt: skip
_RESERVED: Final = (OUTSIDE, NO_COORDINATES, NO_ZONE, UNTAGGED)
_ENDINGS: Final = ("特别合作区", "合作区", "新区", "区")


@dataclass(frozen=True)
class Naming:
    """Ids and names of zones, row by row.

    Attributes
    ----------
    ids, names_zh
        Text, one of each a row; ids are unique.
    units
        Row of the city's unit in ``districts.csv`` for rows that stand for one, else -1.
    notes
        What a reader must know.
    """

    ids: tuple[str, ...]
    names_zh: tuple[str, ...]
    units: tuple[int, ...]
    notes: tuple[Bilingual, ...] = ()


def name_zones(
    table: pd.DataFrame,
    kind: str,
    *,
    city: str,
    id_column: str | None = None,
    name_column: str | None = None,
) -> Naming:
    """Ids and names of the rows of ``table``.

    Columns that are not given are taken where one header alone says what it is. Districts and
    overlays that stand for a unit of the city, by id, administrative code or name (罗湖 = 罗湖区),
    get the unit's id and name. Without ids the names serve; without either the rows are numbered in
    the order of the file.

    Raises
    ------
    ColumnError
        A given column is not there, or several could be meant.
    ZoneError
        Ids are missing, stand twice, or cannot be used as ids.
    """
    id_header, name_header = _columns(table, kind, id_column, name_column)
    ids = _texts(table[id_header]) if id_header else [""] * len(table)
    names = _texts(table[name_header]) if name_header else [""] * len(table)
    if id_column is None and not any(ids):
        id_header = None
    naming = _plain(ids, names, kind, has_ids=id_header is not None, headers=list(table.columns))
    if kind in ("district", "overlay"):
        naming = _matched(naming, ids, names, city=city, kind=kind)
    raise_all(_id_faults(naming.ids, kind))
    return naming


def row_labels(table: pd.DataFrame, *columns: str | None) -> list[str]:
    """What to call each row in a message: its number in the file and what the columns say."""
    shown = [_texts(table[name]) for name in columns if name is not None and name in table]
    return [
        " ".join([f"#{i + 1}", *(texts[i] for texts in shown if texts[i])])
        for i in range(len(table))
    ]


def _columns(
    table: pd.DataFrame, kind: str, id_column: str | None, name_column: str | None
) -> tuple[str | None, str | None]:
    faults: list[LayoutError] = []
    found: list[str | None] = []
    roles = (("id", id_column, _ID_HEADERS, z.ID), ("name", name_column, _NAME_HEADERS, z.NAME_ZH))
    for role, given, known, ours in roles:
        option = f"{OPTIONS[kind]}-{role}-column"
        if given is not None and given not in table.columns:
            near = get_close_matches(given, [str(c) for c in table.columns], cutoff=0.4)
            faults.append(_no_column(option, given, near, table.columns))
        fits = [c for c in table.columns if normalise_header(str(c)) in known]
        if given is None and len(fits) > 1 and ours not in fits:
            columns = ", ".join(map(str, fits))
            faults.append(ColumnError("error.zones_which_column", columns=columns, option=option))
        found.append(given or (ours if ours in fits else fits[0] if fits else None))
    raise_all(faults)
    return found[0], found[1]


def _no_column(option: str, given: str, near: Sequence[str], columns: Iterable[Any]) -> ColumnError:
    known = ", ".join(map(str, columns))
    shown = ", ".join(near) or "–"
    return ColumnError(
        "error.zones_no_column", option=option, column=given, near=shown, known=known
    )


def _plain(
    ids: Sequence[str], names: Sequence[str], kind: str, *, has_ids: bool, headers: Sequence[str]
) -> Naming:
    """Naming by what the file says alone."""
    unknown = (-1,) * len(ids)
    if has_ids:
        shown = tuple(name or i for i, name in zip(ids, names, strict=True))
        return Naming(tuple(ids), shown, unknown)
    if all(names) and len(set(names)) == len(names):
        return Naming(tuple(names), tuple(names), unknown)
    numbers = tuple(str(i + 1) for i in range(len(ids)))
    shown = tuple(name or number for number, name in zip(numbers, names, strict=True))
    columns = ", ".join(map(str, headers)) or "–"
    option = f"{OPTIONS[kind]}-id-column"
    note = Bilingual.of("zones.numbered", count=len(ids), columns=columns, option=option)
    return Naming(numbers, shown, unknown, (note,))


def _matched(
    naming: Naming, ids: Sequence[str], names: Sequence[str], *, city: str, kind: str
) -> Naming:
    """The naming with ids and names of the city's units where rows stand for one."""
    units = _units(city, kind)
    aliases = _aliases(units, tuple(city_settings(city)["address_prefixes"]))
    by_id = [aliases.get(i, -1) for i in ids]
    by_name = [aliases.get(n, -1) for n in names]
    contrary = [
        ZoneError("error.zones_contradiction", id=ids[i], name=names[i])
        for i, (a, b) in enumerate(zip(by_id, by_name, strict=True))
        if a >= 0 <= b and a != b
    ]
    raise_all(contrary)
    rows = tuple(max(a, b) for a, b in zip(by_id, by_name, strict=True))
    own = [i for i, row in zip(naming.ids, rows, strict=True) if row < 0]
    absent = [f"{units[z.ID][i]} {units[z.NAME_ZH][i]}" for i in units.index if i not in rows]
    notes = [note for note in naming.notes if own]
    if own:
        notes.append(Bilingual.of("zones.unmatched", count=len(own), labels=shortened(own)))
    if absent and kind == "district":
        notes.append(Bilingual.of("zones.absent", count=len(absent), labels=shortened(absent)))
    pairs = list(zip(rows, naming.ids, naming.names_zh, strict=True))
    return replace(
        naming,
        ids=tuple(str(units[z.ID][row]) if row >= 0 else i for row, i, _ in pairs),
        names_zh=tuple(str(units[z.NAME_ZH][row]) if row >= 0 else n for row, _, n in pairs),
        units=rows,
        notes=tuple(notes),
    )


def _units(city: str, kind: str) -> pd.DataFrame:
    """The units of the city that a layer of this kind may hold, by their row in the table."""
    table = city_table(city, "districts")
    overlay = table[z.ID].isin(city_settings(city)["overlay_districts"])
    return table[overlay if kind == "overlay" else ~overlay]


def _aliases(units: pd.DataFrame, prefixes: Sequence[str]) -> Mapping[str, int]:
    """Row of a unit by everything it is called."""
    aliases: dict[str, int] = {}
    for row, unit in units.iterrows():
        name = str(unit[z.NAME_ZH])
        stem = name.removesuffix(next((e for e in _ENDINGS if name.endswith(e)), ""))
        called = {name, stem, *(stem + ending for ending in _ENDINGS)}
        called |= {prefix + word for prefix in prefixes for word in set(called)}
        called |= {str(unit[z.ID]), str(unit["adcode"]), str(unit[z.NAME_EN])}
        aliases |= dict.fromkeys(called - {""}, int(str(row)))
    return aliases


def _id_faults(ids: Sequence[str], kind: str) -> list[LayoutError]:
    counts = pd.Series(ids, dtype=object).value_counts(sort=False)
    twice = [str(i) for i in counts.index[counts > 1] if i]
    missing = [f"#{row + 1}" for row, i in enumerate(ids) if not i]
    unfit = [i for i in counts.index if ";" in i or i in _RESERVED]
    option = f"{OPTIONS[kind]}-id-column"
    found = (("zones_twice", twice), ("zones_no_id", missing), ("zones_unfit_id", unfit))
    return [
        ZoneError(f"error.{key}", count=len(names), labels=shortened(names), option=option)
        for key, names in found
        if names
    ]


def _texts(column: pd.Series) -> list[str]:
    """Values as ids and names are written: whole numbers without a point, empty where missing."""
    texts = []
    for value in column:
        if value is None or (isinstance(value, (float, np.floating)) and not np.isfinite(value)):
            texts.append("")
        elif isinstance(value, (float, np.floating)) and float(value).is_integer():
            texts.append(str(int(value)))
        else:
            texts.append("" if value is pd.NA or value is pd.NaT else str(value).strip())
    return texts
