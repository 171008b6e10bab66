"""A file of features becomes a layer of a study: named columns, WGS 84, all faults at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layout.core.columns import normalise_header
from layout.core.crs import STORED_CRS, Datum, parse_datum, to_wgs84
from layout.core.errors import ColumnError, DatumError, InputFileError, LayoutError, raise_all
from layout.core.facts import city_table
from layout.core.layer_types import (
    COMMON,
    ID,
    LAYER_TYPES,
    SOURCE,
    SYNTHETIC,
    LayerColumn,
    LayerType,
)

_LON: Final = ("lon", "lng", "longitude", "经度", "x", "lonwgs84")
_LAT: Final = ("lat", "latitude", "纬度", "y", "latwgs84")
_SHAPES: Final = {
    "points": ("Point",),
    "lines": ("LineString", "MultiLineString"),
    "polygons": ("Polygon", "MultiPolygon"),
}
_TRUE: Final = ("1", "true", "yes", "是", "有", "y", "t")
_FALSE: Final = ("0", "false", "no", "否", "无", "n", "f")
_SHOWN: Final = 8
"""Rows that one fault names."""


def layer_frame(
    table: pd.DataFrame,
    kind: LayerType,
    *,
    datum: str | None,
    crs: str | None = None,
    columns: Mapping[str, str] | None = None,
    source: str = "",
    synthetic: bool = False,
) -> gpd.GeoDataFrame:
    """The rows of a file as a layer of the study.

    Parameters
    ----------
    table
        Rows as read; a GeoDataFrame, or a table with longitude and latitude.
    kind
        The layer's type.
    datum
        What its coordinates are in. It is never guessed; it may be left out where ``crs`` is
        projected.
    crs
        CRS that the file states.
    columns
        The file's header of our columns, where the headers are not known ones.
    source
        Name of the file.
    synthetic
        The features are synthetic.

    Returns
    -------
    GeoDataFrame
        EPSG:4326; ``id``, names, the type's columns (null where the file has none), ``synthetic``
        and ``source``. Rows without a position are kept with a null geometry.

    Raises
    ------
    LayoutError
        All faults of the file together: columns that are missing, values out of bounds, ids that
        repeat, shapes of another kind.
    """
    given = _mapped(table, (*COMMON, *kind.columns), columns or {}, source)
    faults: list[LayoutError] = []
    made: dict[str, Any] = {}
    for column in (*COMMON, *kind.columns):
        made[column.name] = _values(given.get(column.name), column, len(table), source, faults)
    made[ID] = _ids(made[ID], kind.name, source, faults)
    shapes = _geometries(table, kind, source, faults)
    raise_all(faults)
    if kind.shape != "table":
        shapes = _in_wgs84(shapes, _datum(datum, crs, source))
    frame = gpd.GeoDataFrame(made, geometry=shapes, crs=STORED_CRS)
    frame[SYNTHETIC], frame[SOURCE] = synthetic, source
    return frame


def shipped_layers(city: str, names: Iterable[str]) -> dict[str, gpd.GeoDataFrame]:
    """Layers made of the city's tables of facts; those it has no table for are left out."""
    made = {}
    for name in names:
        try:
            table = city_table(city, name).replace("", None)
        except InputFileError:
            continue
        made[name] = layer_frame(table, LAYER_TYPES[name], datum="wgs84", source=f"{name}.csv")
    return made


def _mapped(
    table: pd.DataFrame, columns: Iterable[LayerColumn], given: Mapping[str, str], source: str
) -> dict[str, pd.Series]:
    """The file's series for each of our columns."""
    wanted = tuple(columns)
    headers = {normalise_header(str(header)): str(header) for header in table.columns}
    known = {column.name for column in wanted}
    raise_all(
        ColumnError("error.layer_mapping", path=source, ours=ours, theirs=theirs)
        for ours, theirs in given.items()
        if ours not in known or theirs not in table.columns
    )
    found: dict[str, pd.Series] = {}
    for column in wanted:
        names = map(normalise_header, (column.name, column.zh, *column.aliases))
        header = given.get(column.name) or next((headers[n] for n in names if n in headers), None)
        if header is not None:
            found[column.name] = table[header]
    missing = [column.name for column in wanted if column.required and column.name not in found]
    if missing:
        raise ColumnError(
            "error.layer_columns", path=source, missing=", ".join(missing),
            headers=", ".join(map(str, table.columns)),
        )  # fmt: skip
    return found


def _values(
    series: pd.Series | None,
    column: LayerColumn,
    rows: int,
    source: str,
    faults: list[LayoutError],
) -> Any:
    if series is None:
        return pd.Series([None] * rows, dtype=_dtype(column))
    text = series.astype("string").str.strip()
    text = text.where(text != "")
    if column.kind == "text":
        return text.astype(object).where(text.notna(), None)
    made: Any
    if column.kind == "flag":
        low = text.str.lower()
        made = low.isin(_TRUE).astype("boolean").where(low.isin([*_TRUE, *_FALSE]))
    elif column.kind == "date":
        made = pd.to_datetime(text, errors="coerce", format="ISO8601")
    else:
        made = pd.to_numeric(text.str.replace(",", ""), errors="coerce").astype("float64")
        made = made.where(np.isfinite(made))
    wrong = text.notna() & made.isna()
    if column.kind in ("number", "integer"):
        wrong |= (made < column.low) if column.low is not None else False
        wrong |= (made > column.high) if column.high is not None else False
    if wrong.any():
        faults.append(_fault("error.layer_values", source, column, text, wrong))
    empty = text.isna()
    if column.required and empty.any():
        faults.append(_fault("error.layer_empty", source, column, text, empty))
    return made.astype("Int64") if column.kind == "integer" and not wrong.any() else made


def _dtype(column: LayerColumn) -> Any:
    return {
        "text": object, "flag": "boolean", "date": "datetime64[ns]", "integer": "Int64",
    }.get(column.kind, "float64")  # fmt: skip


def _fault(
    key: str, source: str, column: LayerColumn, text: pd.Series, wrong: pd.Series
) -> LayoutError:
    rows = np.flatnonzero(wrong.to_numpy(dtype=bool))
    shown = ", ".join(f"{row + 1}: {text.iloc[row]}" for row in rows[:_SHOWN])
    return ColumnError(
        key, path=source, column=column.name, meaning=column.meaning, count=len(rows), rows=shown
    )


def _ids(given: pd.Series, name: str, source: str, faults: list[LayoutError]) -> pd.Series:
    """Ids as given; made from the row's number where the file has none."""
    made = [
        str(value) if value is not None else f"{name}-{row + 1}" for row, value in enumerate(given)
    ]
    ids = pd.Series(made, dtype=object)
    twice = ids[ids.duplicated()].unique()
    if len(twice):
        shown = ", ".join(map(str, twice[:_SHOWN]))
        faults.append(ColumnError("error.layer_ids", path=source, count=len(twice), ids=shown))
    return ids


def _geometries(
    table: pd.DataFrame, kind: LayerType, source: str, faults: list[LayoutError]
) -> Any:
    if kind.shape == "table":
        return np.full(len(table), None, dtype=object)
    if isinstance(table, gpd.GeoDataFrame):
        shapes = table.geometry.to_numpy()
        present = ~shapely.is_missing(shapes)
        odd = present & ~np.isin(table.geom_type.to_numpy(), _SHAPES[kind.shape])
        broken = present & ~shapely.is_valid(shapes)
        for key, wrong in (("error.layer_shapes", odd), ("error.layer_broken", broken)):
            if wrong.any():
                rows = ", ".join(str(row + 1) for row in np.flatnonzero(wrong)[:_SHOWN])
                faults.append(
                    InputFileError(
                        key, path=source, count=int(wrong.sum()), rows=rows, expected=kind.shape
                    )
                )
        return shapes
    headers = {normalise_header(str(header)): header for header in table.columns}
    x = next((headers[n] for n in _LON if n in headers), None)
    y = next((headers[n] for n in _LAT if n in headers), None)
    if x is None or y is None or kind.shape != "points":
        faults.append(
            ColumnError(
                "error.layer_positions", path=source, expected=kind.shape,
                headers=", ".join(map(str, table.columns)),
            )
        )  # fmt: skip
        return np.full(len(table), None, dtype=object)
    lon, lat = (pd.to_numeric(table[name], errors="coerce").to_numpy("float64") for name in (x, y))
    known = np.isfinite(lon) & np.isfinite(lat)
    shapes = np.full(len(table), None, dtype=object)
    shapes[known] = shapely.points(lon[known], lat[known])
    return shapes


def _datum(declared: str | None, crs: str | None, source: str) -> Datum:
    if declared is not None:
        return parse_datum(declared)
    if crs is not None:
        import pyproj

        known = pyproj.CRS.from_user_input(crs)
        epsg = known.to_epsg()
        if known.is_projected and epsg is not None:
            return parse_datum(str(epsg))
    raise DatumError("error.no_datum", path=source, found=crs or "–")


def _in_wgs84(shapes: Any, datum: Datum) -> Any:
    def moved(points: Any) -> Any:
        x, y = to_wgs84(points[:, 0], points[:, 1], datum)
        return np.column_stack([x, y])

    return shapely.transform(shapes, moved)
