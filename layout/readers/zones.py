"""Boundaries that a user brings: files in, zone layers out."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layout.core import zone_columns as z
from layout.core.crs import STORED_CRS, WEB_DATUMS, Datum, parse_datum
from layout.core.errors import DatumError, ZoneError
from layout.core.facts import city_settings, city_table
from layout.core.study import ZoneLayer
from layout.prepare.zone_frames import area_km2, in_order, zone_frame
from layout.prepare.zone_naming import OPTIONS, Naming, name_zones, row_labels
from layout.prepare.zone_shapes import (
    moved,
    overlap_notes,
    repaired,
    require_areas,
    to_stored_crs,
)
from layout.prepare.zones import shipped_zones
from layout.readers.zone_files import ZoneFile, read_zone_file

_CARRIED: Final = (
    z.NAME_EN, z.PARENT_ID, z.ACCURACY_M, z.APPROXIMATE, z.SYNTHETIC, z.SOURCE,
    z.PARK_TYPE, z.LEAD_SECTORS, z.EXTENT_VERSION, z.OTHER_EXTENT,
)  # fmt: skip
"""Columns of our own that are kept where a file has them."""
_FLAGS: Final = (z.APPROXIMATE, z.SYNTHETIC)
_NEAR_DEG: Final = 1.0
"""A layer none of whose zones comes this near to the city is not of this city."""
_CLEARLY: Final = 0.8
"""Another datum fits where it leaves at most this part of the disagreement."""


def read_zones(
    path: Path | str,
    kind: str,
    *,
    city: str,
    id_column: str | None = None,
    name_column: str | None = None,
    datum: str | None = None,
) -> ZoneLayer:
    """The zones of a boundary file, in EPSG:4326, valid, with ids and names.

    Parameters
    ----------
    path
        GeoJSON, GeoPackage, Shapefile (also zipped) or GeoParquet of polygons.
    kind
        ``district``, ``subdistrict``, ``park`` or ``overlay``.
    city
        Slug of the city they are in.
    id_column, name_column
        Columns of the file; recognised by their headers where None.
    datum
        ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09`` or an EPSG code. Needed where the file states
        no CRS. GeoJSON is WGS 84 by its standard, but files of Chinese map services (DataV and its
        like) are GCJ-02 and do not say so: a district file that fits GCJ-02 or BD-09 clearly
        better is refused unless the datum is given.

    Returns
    -------
    ZoneLayer
        Rows in the order of their ids (parks: smallest first). Its notes tell what was repaired,
        numbered, not matched, and what overlaps; a point in several zones goes to the first.

    Raises
    ------
    InputFileError
        The file cannot be read or is empty.
    ColumnError
        A column is not there, or several could be meant.
    CrsError, DatumError
        Nothing says what the coordinates are, or it cannot be true.
    ZoneError
        Shapes or ids cannot be used, or nothing lies near the city.
    """
    file = read_zone_file(path)
    declared = parse_datum(datum) if datum is not None else None
    frame = file.frame
    if file.crs_assumed and declared is not None:
        frame = frame.set_crs(None, allow_override=True)
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    naming = name_zones(table, kind, city=city, id_column=id_column, name_column=name_column)
    labels = row_labels(table, id_column, name_column)
    require_areas(frame.geometry.to_numpy(), labels, name=file.name)
    stored = to_stored_crs(frame, declared, name=file.name)
    found = repaired(stored, labels, name=file.name)
    _check_place(found.shapes, file, kind=kind, city=city, naming=naming, declared=declared)
    made = _layer_frame(file, table, naming, found.shapes, kind=kind, city=city)
    metric = city_settings(city)["metric_crs"]
    overlaps = overlap_notes(made, made[z.ID].tolist(), metric)
    return ZoneLayer(kind, made, (*naming.notes, *found.notes, *overlaps))


def _layer_frame(
    file: ZoneFile, table: pd.DataFrame, naming: Naming, shapes: Any, *, kind: str, city: str
) -> gpd.GeoDataFrame:
    """The layer's frame: what the file says, what the city's tables know, what can be measured."""
    measured = area_km2(gpd.GeoSeries(shapes, crs=STORED_CRS), city_settings(city)["metric_crs"])
    columns: dict[str, Any] = {
        z.ID: naming.ids,
        z.NAME_ZH: naming.names_zh,
        z.KIND: _kinds(table, kind),
        z.AREA_KM2: measured,
        z.AREA_SOURCE: z.OUTLINE,
        z.SOURCE: file.name,
    }
    ours = z.SYNTHETIC in table and z.APPROXIMATE in table
    for name in _CARRIED:
        if name in table and (ours or name not in (z.ACCURACY_M, z.SOURCE)):
            columns[name] = _flags(table[name]) if name in _FLAGS else _values(table[name], name)
    if ours and z.AREA_KM2 in table and z.AREA_SOURCE in table:
        columns[z.AREA_KM2] = _values(table[z.AREA_KM2], z.ACCURACY_M)
        columns[z.AREA_SOURCE] = table[z.AREA_SOURCE]
    made = zone_frame(shapes, columns)
    return in_order(_with_facts(made, naming, city), kind)


def _with_facts(frame: gpd.GeoDataFrame, naming: Naming, city: str) -> gpd.GeoDataFrame:
    """The official land area and the English name of rows that stand for a unit."""
    units = city_table(city, "districts")
    rows = np.array(naming.units)
    known = rows >= 0
    frame.loc[known, z.NAME_EN] = units[z.NAME_EN].to_numpy(object)[rows[known]]
    official = pd.to_numeric(units[z.AREA_KM2].replace("", None)).to_numpy(np.float64)[rows]
    use = known & np.isfinite(official)
    frame.loc[use, z.AREA_KM2] = official[use]
    frame.loc[use, z.AREA_SOURCE] = z.OFFICIAL
    return frame


def _kinds(table: pd.DataFrame, kind: str) -> Any:
    """The column ``kind``; parks may say ``site`` or ``area`` and are sites otherwise."""
    if kind != "park":
        return kind
    given = table[z.KIND] if z.KIND in table else pd.Series([z.SITE] * len(table))
    return [value if value in z.PARK_KINDS else z.SITE for value in given]


def _values(column: pd.Series, name: str) -> Any:
    if name == z.ACCURACY_M:
        return pd.to_numeric(column, errors="coerce").to_numpy(np.float64)
    return column


def _flags(column: pd.Series) -> Any:
    """Truth as files write it: booleans, numbers, or the words true and 1."""
    return column.astype(str).str.lower().isin(("true", "1", "1.0")).to_numpy()


def _check_place(
    shapes: Any, file: ZoneFile, *, kind: str, city: str, naming: Naming, declared: Datum | None
) -> None:
    """Refuse layers of another place, and districts that are clearly in another datum."""
    outlines = shipped_zones(city)["district"].frame
    west, south, east, north = outlines.total_bounds
    around = shapely.box(west - _NEAR_DEG, south - _NEAR_DEG, east + _NEAR_DEG, north + _NEAR_DEG)
    if not shapely.intersects(around, shapes).any():
        bounds = ", ".join(f"{value:.4f}" for value in shapely.total_bounds(shapes))
        raise ZoneError("error.zones_far", name=file.name, bounds=bounds)
    if kind == "district" and declared is None:
        _check_datum(shapes, file, naming, outlines)


def _check_datum(shapes: Any, file: ZoneFile, naming: Naming, outlines: gpd.GeoDataFrame) -> None:
    """Compare matched districts with the shipped outlines under each datum of web maps."""
    shipped = dict(zip(outlines[z.ID], outlines.geometry, strict=True))
    rows = [i for i, name in enumerate(naming.ids) if name in shipped]
    if not rows:
        return
    own, theirs = shapes[rows], np.array([shipped[naming.ids[i]] for i in rows], object)
    off = {
        name: shapely.area(
            shapely.symmetric_difference(shapely.make_valid(moved(own, parse_datum(name))), theirs)
        ).sum()
        for name in WEB_DATUMS
    }
    best = min(off, key=lambda name: off[name])
    if best != "wgs84" and off[best] < _CLEARLY * off["wgs84"]:
        option = f"{OPTIONS['district']}-datum"
        raise DatumError("error.zones_datum", name=file.name, best=best, option=option)
