"""Does the declared datum fit? Points inside the city, and addresses, under each datum.

A file in GCJ-02 or BD-09 that is read as WGS 84 is 500 to 1,200 m off, mostly still in the city.
It shows at the border: points that are inside under one datum and outside under another. Where
enough of them favour another datum than the declared one, reading stops; where there are too few,
positions cannot decide, and the districts found are compared with those in the addresses.

The borders are shifted instead of the points: a border has thousands of vertices, a table millions
of rows. Edges are cut to 200 m before; such a piece that is straight in one datum bends by less
than 0.1 m in another, far below the accuracy of any outline.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import comb
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from layout.core.crs import WEB_DATUMS, Datum, from_wgs84, parse_datum, to_wgs84
from layout.core.errors import DatumError
from layout.core.sources import SourceInfo
from layout.geometry.grid_join import GridIndex
from layout.prepare.datum_counts import SurveyCounts

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

Stated = Callable[[Ints], npt.NDArray[np.int16]]

_PATTERNS: Final = 2 ** len(WEB_DATUMS)

ENOUGH_CHANGES: Final = 20
"""Points that change sides between two datums, from which on they can decide."""

CLEAR_SHARE: Final = 0.95
"""Share of them that must favour another datum, to stop."""

ENOUGH_ADDRESSES: Final = 8
"""Rows whose agreement with their address changes between two datums, from which on they can
decide. Eight that all favour another datum have odds of 1 in 256 by chance."""

FEWEST_ADDRESSES: Final = 3
"""The same for a delivery that stands out from the other deliveries of the file: the odds that so
many of its rows favour another datum, at the rate of the others, are below ``CHANCE``."""

CHANCE: Final = 0.001
"""Divided by the number of deliveries and datums that are tried."""

_EDGE_DEG: Final = 0.002
"""About 200 m."""

_GEOGRAPHIC_TWINS: Final = frozenset({4326, 4490, 4979})
"""Geographic CRS that are WGS 84 or CGCS2000: a file in GCJ-02 says one of them too."""


def resolve_datum(declared: str | None, info: SourceInfo) -> Datum:
    """The datum of a file with coordinates: what the user declares, or its projected CRS.

    Raises
    ------
    DatumError
        None is declared and the file is not in a projected CRS; or the file's own CRS is another.
    """
    own = _own_crs(info)
    if declared is None:
        if own is None or not own.projected:
            raise DatumError("error.no_datum", path=info.path, found=info.crs or "–")
        return own
    datum = parse_datum(declared)
    # A file of degrees that says WGS 84 may be in any web datum; any other statement is binding.
    binding = own is not None and (own.projected or own.epsg is not None)
    if (binding and datum != own) or (own is not None and not binding and datum.projected):
        raise DatumError("error.datum_against_crs", path=info.path, told=declared, found=info.crs)
    return datum


def _own_crs(info: SourceInfo) -> Datum | None:
    if info.crs is None or info.point is None:
        return None
    import pyproj

    crs = pyproj.CRS.from_user_input(info.crs)
    epsg = crs.to_epsg(min_confidence=70)
    if epsg is None:
        raise DatumError("error.unknown_crs", path=info.path, found=crs.name)
    return Datum("wgs84") if epsg in _GEOGRAPHIC_TWINS else parse_datum(str(epsg))


@dataclass(frozen=True)
class Comparison:
    """The declared datum against another one.

    Attributes
    ----------
    other
        The other datum.
    changed
        Rows that are right under one of the two and wrong under the other.
    favour_other
        Those of them that are right under the other.
    """

    other: str
    changed: int
    favour_other: int

    @property
    def share(self) -> float:
        """Share of the changed rows that favour the other datum, 0 where none changed."""
        return self.favour_other / self.changed if self.changed else 0.0

    def is_clear(self, enough: int) -> bool:
        """Enough rows change, and nearly all favour the other datum."""
        return self.changed >= enough and self.share >= CLEAR_SHARE


@dataclass(frozen=True)
class DeliveryCheck:
    """Addresses of a delivery (or of the whole file) against the districts found.

    Attributes
    ----------
    name
        Name in the batch column, None for the whole file.
    rows
        Rows with a position.
    telling
        Those whose district depends on the datum and whose address names one.
    agree
        Telling rows whose district is the one in the address, by datum.
    comparisons
        The delivery's datum against each other.
    datum
        What it is declared in.
    fits
        The datums that fit clearly better: one, or those that fit equally well.
    """

    name: str | None
    rows: int
    telling: int
    agree: Mapping[str, int]
    comparisons: tuple[Comparison, ...]
    datum: str
    fits: tuple[str, ...]


@dataclass(frozen=True)
class DatumSurvey:
    """What positions and addresses say of the declared datum.

    Attributes
    ----------
    declared
        The datum as declared.
    points
        Rows with a usable position.
    inside
        Points inside the city by datum: ``wgs84`` (also CGCS2000 and EPSG codes), ``gcj02``,
        ``bd09``.
    comparisons
        The declared datum against each other, by the side of the city's border.
    fits
        Another datum that clearly fits better, None where none does.
    decided
        Positions are enough to tell the declared datum from each other one.
    deliveries
        Addresses by delivery, where they were compared, and last of the whole file.
    """

    declared: str
    points: int
    inside: Mapping[str, int]
    comparisons: tuple[Comparison, ...]
    fits: str | None
    decided: bool
    deliveries: tuple[DeliveryCheck, ...] = ()

    @property
    def contradicted(self) -> frozenset[str | None]:
        """Deliveries whose addresses contradict their datum; None stands for the whole file."""
        return frozenset(one.name for one in self.deliveries if one.fits)


class DatumSurveyor:
    """Gathers the evidence batch by batch; :meth:`result` judges it.

    Parameters
    ----------
    districts
        Polygons of the districts in WGS 84.
    units
        For each polygon its position among the units that addresses name, -1 for none.
    datum
        The declared datum.
    delivery_datum
        Deliveries in another datum, by name.
    cache
        Folder in which the grids of the borders are kept; None keeps nothing.
    """

    def __init__(
        self,
        districts: Sequence[object] | npt.NDArray[np.object_],
        units: Int32s,
        datum: Datum,
        delivery_datum: Mapping[str, Datum] | None = None,
        *,
        cache: Path | None = None,
    ) -> None:
        self._datum = datum
        self._declared = _key(datum)
        self._delivery = {name: _key(one) for name, one in (delivery_datum or {}).items()}
        self._units = np.append(units.astype(np.int32), np.int32(-1))
        self._indexes = {name: _shifted_index(districts, name, cache) for name in WEB_DATUMS}
        self.counts = SurveyCounts(_PATTERNS)

    def add(
        self, x: Floats, y: Floats, *, stated: Stated | None = None, batch: pa.Array | None = None
    ) -> None:
        """Add rows.

        Parameters
        ----------
        x, y
            Positions in the datum of the file, NaN where there is none.
        stated
            Gives the district in the address, -1 for none, of some rows (their places); None where
            addresses are not compared.
        batch
            Names of the deliveries, None where the file has no such column.
        """
        places = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        lon, lat = x[places], y[places]
        if self._datum.epsg is not None:
            lon, lat = to_wgs84(lon, lat, self._datum)
        found = [self._indexes[name].first(lon, lat) for name in WEB_DATUMS]
        self.counts.add_points(_pattern([d >= 0 for d in found]))
        if stated is None:
            return
        units = np.column_stack([self._units[district] for district in found])
        telling = np.flatnonzero((units != units[:, :1]).any(axis=1))
        said = stated(places[telling])
        telling, said = telling[said >= 0], said[said >= 0]
        pattern = _pattern(list((units[telling] == said[:, np.newaxis]).T))
        self._count(batch, places, telling, pattern)

    def _count(self, batch: pa.Array | None, places: Ints, telling: Ints, pattern: Ints) -> None:
        """Count positions and telling rows by delivery."""
        row_of = self.counts.row_of
        if batch is None:
            delivery = np.full(len(places), row_of(None))
        else:
            names = batch.take(pa.array(places)).dictionary_encode(null_encoding="encode")
            table = np.array([row_of(n or "") for n in names.dictionary.to_pylist()], int)
            delivery = table[names.indices.to_numpy(zero_copy_only=False)]
        self.counts.add_deliveries(delivery, telling, pattern)

    def result(self) -> DatumSurvey:
        """What the evidence says."""
        counts = self.counts
        comparisons = _compare(counts.patterns, self._declared)
        whole = counts.agreement.sum(axis=0)
        checks = [
            self._check(name, int(counts.rows[row]), counts.agreement[row], whole)
            for name, row in counts.names.items()
        ]
        if len(checks) > 1:
            checks.append(self._check(None, int(counts.rows.sum()), whole, whole))
        inside = {name: _count(counts.patterns, name) for name in WEB_DATUMS}
        return DatumSurvey(
            declared=str(self._datum),
            points=counts.points,
            inside=inside,
            comparisons=comparisons,
            fits=_better(comparisons, inside),
            decided=all(one.changed >= ENOUGH_CHANGES for one in comparisons),
            deliveries=tuple(checks),
        )

    def _check(self, name: str | None, rows: int, counts: Ints, whole: Ints) -> DeliveryCheck:
        others = whole - counts
        datum = self._delivery.get(name or "", self._declared)
        agree = {one: _count(counts, one) for one in WEB_DATUMS}
        comparisons = _compare(counts, datum)
        tries = len(comparisons) * len(self.counts.names)
        clear = [
            one.other
            for one in comparisons
            if one.is_clear(ENOUGH_ADDRESSES)
            or (
                one.is_clear(FEWEST_ADDRESSES)
                and _odds(one, counts, others, datum) * tries < CHANCE
            )
        ]
        best = max((agree[one] for one in clear), default=0)
        return DeliveryCheck(
            name=name,
            rows=rows,
            telling=int(counts.sum()),
            agree=agree,
            comparisons=comparisons,
            datum=datum,
            fits=tuple(one for one in clear if agree[one] == best),
        )


def _key(datum: Datum) -> str:
    """The web datum a datum counts as: CGCS2000 and EPSG codes are WGS 84 once unprojected."""
    return datum.name if datum.name in WEB_DATUMS else WEB_DATUMS[0]


def _shifted_index(
    districts: Sequence[object] | npt.NDArray[np.object_], name: str, cache: Path | None
) -> GridIndex:
    """The districts in a web datum."""
    shapes = np.asarray(districts, dtype=object)
    if name != WEB_DATUMS[0]:
        datum = Datum(name)
        shapes = shapely.transform(
            shapely.segmentize(shapes, _EDGE_DEG),
            lambda at: np.column_stack(from_wgs84(at[:, 0], at[:, 1], datum)),
        )
    return GridIndex.build(shapes, cache=cache)


def _pattern(right: Sequence[Flags]) -> Ints:
    """A number for each row: bit i is set where datum i is right."""
    pattern = np.zeros(len(right[0]), dtype=np.int64)
    for place, one in enumerate(right):
        pattern |= one.astype(np.int64) << place
    return pattern


def _holds(name: str) -> Flags:
    """The patterns in which a datum is right."""
    numbers = np.arange(_PATTERNS)
    holds: Flags = (numbers >> WEB_DATUMS.index(name) & 1) == 1
    return holds


def _count(patterns: Ints, name: str) -> int:
    return int(patterns[_holds(name)].sum())


def _compare(patterns: Ints, declared: str) -> tuple[Comparison, ...]:
    mine = _holds(declared)
    return tuple(
        Comparison(
            other,
            changed=int(patterns[mine != _holds(other)].sum()),
            favour_other=int(patterns[~mine & _holds(other)].sum()),
        )
        for other in WEB_DATUMS
        if other != declared
    )


def _odds(one: Comparison, counts: Ints, others: Ints, datum: str) -> float:
    """Odds that so many telling rows of a delivery favour another datum, at the others' rate."""
    rate = next(c.favour_other for c in _compare(others, datum) if c.other == one.other)
    p = (rate + 1) / (int(others.sum()) + 2)  # the rule of succession: never quite zero
    n = int(counts.sum())
    fewer = sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(one.favour_other))
    return max(1.0 - fewer, 0.0)


def _better(comparisons: Sequence[Comparison], inside: Mapping[str, int]) -> str | None:
    """The datum that clearly fits better, the one with most points inside where there are two."""
    clear = [one.other for one in comparisons if one.is_clear(ENOUGH_CHANGES)]
    return max(clear, key=lambda name: inside[name], default=None)
