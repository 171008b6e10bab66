"""Shapes of a boundary file: into WGS 84, repaired, and measured where they overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from layout.core.crs import STORED_CRS, Datum, to_wgs84
from layout.core.errors import CrsError, LayoutError, ZoneError, raise_all
from layout.core.result import Bilingual

Shapes = npt.NDArray[Any]

OVERLAP_M2: Final = 1.0
"""Shapes that share a border cut each other by rounding; this much is no overlap."""
_DEGREES: Final = 400.0  # coordinates beyond this are no degrees, within it no metres of a city
_SHOWN: Final = 8  # names in a note or message


def to_stored_crs(frame: gpd.GeoDataFrame, datum: Datum | None, *, name: str) -> Shapes:
    """The shapes of ``frame`` in WGS 84, without heights.

    Parameters
    ----------
    frame
        As read; its CRS may be None.
    datum
        What was declared. GCJ-02 and BD-09 are undone for every corner (after the projection of the
        frame, where it has one); another one stands in for a CRS that the file does not state.
    name
        File name, for messages.

    Raises
    ------
    CrsError
        Nothing says what the coordinates are, two statements contradict each other, or degrees were
        taken for metres or the other way round.
    """
    shapes: Shapes = shapely.force_2d(frame.geometry.to_numpy())
    crs = frame.crs
    if crs is None and datum is None:
        raise CrsError("error.zones_no_crs", name=name)
    projected = crs.is_projected if crs is not None else bool(datum and datum.projected)
    _check_magnitude(shapes, projected=projected, name=name, crs=crs or datum)
    code = crs.to_epsg() if crs is not None else None
    if code is not None and datum is not None and datum.epsg not in (None, code):
        raise CrsError("error.zones_two_crs", name=name, stated=f"EPSG:{code}", declared=datum)
    if crs is not None and (crs.is_projected or datum is None or datum.epsg is not None):
        shapes = gpd.GeoSeries(shapes, crs=crs).to_crs(STORED_CRS).to_numpy()
    if datum is not None and (datum.epsg is None or crs is None):
        shapes = moved(shapes, datum)
    if not np.isfinite(shapely.get_coordinates(shapes)).all():
        raise CrsError("error.zones_not_finite", name=name, crs=crs or datum)
    return shapes


def moved(shapes: Shapes, datum: Datum) -> Shapes:
    """``shapes`` in ``datum`` with every corner in WGS 84."""

    def convert(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.column_stack(to_wgs84(xy[:, 0].copy(), xy[:, 1].copy(), datum))

    converted: Shapes = shapely.transform(shapes, convert)
    return converted


def require_areas(shapes: Shapes, labels: Sequence[str], *, name: str) -> None:
    """Refuse layers with shapes that are missing, points or lines; all are named.

    Raises
    ------
    ZoneError
        There are some.
    """
    faults: list[LayoutError] = []
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    flat = ~missing & (shapely.get_dimensions(shapes) < 2)
    for key, bad in (("error.zones_missing_shape", missing), ("error.zones_not_polygons", flat)):
        if bad.any():
            faults.append(
                ZoneError(key, name=name, count=int(bad.sum()), labels=_list(labels, bad))
            )
    raise_all(faults)


@dataclass(frozen=True)
class Repaired:
    """Valid polygons, and what had to be done for it."""

    shapes: Shapes
    notes: tuple[Bilingual, ...]


def repaired(shapes: Shapes, labels: Sequence[str], *, name: str) -> Repaired:
    """Valid polygons of all ``shapes``; invalid ones are repaired and named in a note.

    Raises
    ------
    ZoneError
        Nothing of a polygon is left of some.
    """
    invalid = ~shapely.is_valid(shapes)
    mixed = shapely.get_type_id(shapes) == 7  # collections
    made = shapes.copy()
    alone = (shapely.get_type_id(made) == 6) & (shapely.get_num_geometries(made) == 1)
    made[alone] = shapely.get_geometry(made[alone], 0)
    made[invalid] = shapely.make_valid(made[invalid], method="structure", keep_collapsed=False)
    made[invalid | mixed] = [_polygons_of(shape) for shape in made[invalid | mixed]]
    lost = shapely.is_empty(made) | ~shapely.is_valid(made)
    if lost.any():
        raise ZoneError(
            "error.zones_beyond_repair",
            name=name,
            count=int(lost.sum()),
            labels=_list(labels, lost),
        )
    if not invalid.any():
        return Repaired(made, ())
    note = Bilingual.of("zones.repaired", count=int(invalid.sum()), labels=_list(labels, invalid))
    return Repaired(made, (note,))


def overlap_notes(
    frame: gpd.GeoDataFrame, ids: Sequence[str], metric_crs: str
) -> tuple[Bilingual, ...]:
    """A note on zones of one layer that overlap: pairs, square kilometres, the largest pairs."""
    shapes = frame.geometry.to_crs(metric_crs).to_numpy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    area = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    real = np.flatnonzero(area > OVERLAP_M2)
    if not len(real):
        return ()
    largest = real[np.argsort(-area[real], kind="stable")][:3]
    one, other = (np.array(ids, object)[side[largest]] for side in (first, second))
    pairs = ", ".join(
        f"{a}+{b} ({size / 1e6:.2g} km²)"
        for a, b, size in zip(one, other, area[largest], strict=True)
    )
    total = f"{area[real].sum() / 1e6:.2f}"
    return (Bilingual.of("zones.overlaps", pairs=len(real), area=total, largest=pairs),)


def _check_magnitude(shapes: Shapes, *, projected: bool, name: str, crs: object) -> None:
    bounds = shapely.total_bounds(shapes)
    largest = float(np.nanmax(np.abs(bounds))) if np.isfinite(bounds).any() else 0.0
    if projected == (largest <= _DEGREES):
        key = "error.zones_degrees" if projected else "error.zones_metres"
        raise CrsError(key, name=name, crs=crs, x=f"{bounds[0]:.6g}", y=f"{bounds[1]:.6g}")


def _polygons_of(shape: Any) -> Any:
    """The polygons among the parts of a shape, as one shape."""
    parts = shapely.get_parts(shape)
    while (shapely.get_type_id(parts) > 3).any():
        parts = shapely.get_parts(parts)
    polygons = parts[shapely.get_type_id(parts) == 3]
    return polygons[0] if len(polygons) == 1 else shapely.union_all(polygons)


def _list(labels: Sequence[str], which: npt.NDArray[np.bool_]) -> str:
    """The labels of some rows, shortened."""
    return shortened([labels[i] for i in np.flatnonzero(which).tolist()])


def shortened(names: Sequence[str]) -> str:
    """Names for a message; of many only the first."""
    return ", ".join(names[:_SHOWN]) + (f" … ({len(names)})" if len(names) > _SHOWN else "")
