"""The stations a coverage estimate is made of, and what makes them unfit for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from layout.core.errors import LayoutError, MeasureError, raise_all
from layout.measures.propagation import SCENARIOS, VALIDITY

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

EIRP_DBM: Final = (-30.0, 70.0)
"""Plausible EIRP per resource element: from a femto cell to a massive array at full gain."""

SECTORS: Final = 3
"""Most sectors a site pattern is folded of."""


@dataclass(frozen=True)
class Sites:
    """Stations of an outdoor network, one a mast and carrier; arrays of one length.

    Attributes
    ----------
    x, y
        Metres in the CRS of the grid.
    height_m
        Height of the antenna above ground, metres.
    eirp_dbm
        Radiated power of a resource element of the reference signal on the axis of the antenna,
        dBm.
    frequency_ghz
        Carrier frequency, GHz.
    scenario
        0 urban macro, 1 urban micro, 2 rural macro: the positions in
        :data:`layout.measures.propagation.SCENARIOS`.
    azimuths
        ``(n, 3)``, degrees clockwise from north of up to three sectors, NaN for one that is not
        there; None or all NaN: the same in all directions.
    group
        Code of the operator and band; only carried.
    active
        Whether it is on the air; None: all are. A station that is switched off keeps its number.
    """

    x: Floats
    y: Floats
    height_m: Floats
    eirp_dbm: Floats
    frequency_ghz: Floats
    scenario: npt.NDArray[Any]
    azimuths: Floats | None = None
    group: npt.NDArray[Any] | None = None
    active: Bools | None = None

    def __post_init__(self) -> None:
        n = len(np.asarray(self.x))
        for name, kind in _KINDS.items():
            given = getattr(self, name)
            if given is None:
                given = _absent(name, n)
            object.__setattr__(self, name, np.ascontiguousarray(given, dtype=kind))
        lengths = {f.name: getattr(self, f.name).shape for f in fields(self)}
        wrong = [k for k, v in lengths.items() if v != ((n, SECTORS) if k == "azimuths" else (n,))]
        if wrong:
            raise MeasureError("error.coverage_lengths", names=", ".join(wrong), count=n)

    def __len__(self) -> int:
        return len(self.x)

    def take(self, which: npt.NDArray[Any]) -> Sites:
        """The stations that ``which`` (a mask or positions) picks, renumbered."""
        return Sites(**{f.name: getattr(self, f.name)[which] for f in fields(self)})

    def plus(self, other: Sites) -> Sites:
        """These stations and, behind them, the others."""
        return Sites(
            **{
                f.name: np.concatenate([getattr(self, f.name), getattr(other, f.name)])
                for f in fields(self)
            }
        )

    def without(self, which: npt.NDArray[Any]) -> Sites:
        """The same stations with those that ``which`` picks switched off."""
        active = self.on_air.copy()
        active[which] = False
        kept = {f.name: getattr(self, f.name) for f in fields(self)}
        return Sites(**{**kept, "active": active})

    @property
    def on_air(self) -> Bools:
        """Which stations are on the air."""
        return np.asarray(self.active)

    @property
    def sectors(self) -> Floats:
        """Azimuths, ``(n, 3)``."""
        return np.asarray(self.azimuths)


_KINDS: Final[dict[str, Any]] = {
    "x": np.float64,
    "y": np.float64,
    "height_m": np.float64,
    "eirp_dbm": np.float64,
    "frequency_ghz": np.float64,
    "scenario": np.int8,
    "azimuths": np.float64,
    "group": np.int64,
    "active": np.bool_,
}


def _absent(name: str, n: int) -> npt.NDArray[Any]:
    """What stands for an attribute that is not given."""
    if name == "azimuths":
        return np.full((n, SECTORS), np.nan)
    return np.zeros(n, dtype=np.int64) if name == "group" else np.ones(n, dtype=bool)


def require_sites(sites: Sites, h_ut_m: float) -> None:
    """Raise every reason why the stations cannot be used, at once.

    Raises
    ------
    MeasureError
        No station; degrees; places, heights, powers or frequencies that are missing or beyond what
        the model was made for. Each with the number of stations and the first of them.
    """
    if not sites.on_air.any():
        raise MeasureError("error.coverage_no_sites")
    raise_all(_faults(sites, h_ut_m))


def _faults(sites: Sites, h_ut_m: float) -> Iterator[LayoutError]:
    on = sites.on_air
    known = np.isfinite(sites.x) & np.isfinite(sites.y)
    if (on & ~known).any():
        yield _range_fault("x, y", np.where(known, 0.0, np.nan), on, -1e8, 1e8)
    placed = on & known
    if placed.any() and _degrees(sites.x[placed], sites.y[placed]):
        yield MeasureError("error.coverage_degrees", x=sites.x[placed][0], y=sites.y[placed][0])
    if ((sites.scenario < 0) | (sites.scenario >= len(SCENARIOS)))[on].any():
        yield _range_fault("scenario", sites.scenario, on, 0, len(SCENARIOS) - 1)
        return
    yield from _maybe("eirp_dbm", sites.eirp_dbm, on, *EIRP_DBM)
    for code, name in enumerate(SCENARIOS):
        limits, own = VALIDITY[name], on & (sites.scenario == code)
        yield from _maybe("height_m", sites.height_m, own, *limits.h_bs_m, model=name)
        yield from _maybe("frequency_ghz", sites.frequency_ghz, own, *limits.frequency_ghz, name)
        if own.any():
            ut = np.full(len(sites), h_ut_m)
            yield from _maybe("h_ut_m", ut, own, *limits.h_ut_m, model=name)


def _degrees(x: Floats, y: Floats) -> bool:
    """Whether all places could be longitudes and latitudes, and are not about the origin."""
    bound = (np.abs(x) <= 180).all() and (np.abs(y) <= 90).all()
    return bool(bound and (len(x) > 0) and ((x > 70) & (x < 140) & (y > 3) & (y < 54)).all())


def _maybe(
    name: str, values: npt.NDArray[Any], rows: Bools, least: float, most: float, model: str = ""
) -> Iterator[LayoutError]:
    bad = rows & ~((values >= least) & (values <= most))
    if bad.any():
        yield _range_fault(name, values, rows, least, most, model)


def _range_fault(
    name: str, values: npt.NDArray[Any], rows: Bools, least: float, most: float, model: str = ""
) -> LayoutError:
    bad = np.flatnonzero(rows & ~((values >= least) & (values <= most)))
    return MeasureError(
        "error.coverage_sites_range",
        name=name,
        model=f" ({model})" if model else "",
        least=f"{least:g}",
        most=f"{most:g}",
        count=len(bad),
        row=int(bad[0]) + 1,
        found=f"{float(values[bad[0]]):g}",
    )
