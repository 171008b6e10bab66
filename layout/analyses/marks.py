"""Firms that the plan speaks of across its sectors: where those of each mark are.

A mark is no sector: a firm of any sector, or of none, may have it. Xinchuang (K2-01) and platform
firms (K4-01) are marked when firms are tagged; design of integrated circuits (K8-03) is a class of
the industry code, 6520, which none of the twelve sectors takes as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from layout.analyses.provenance import provenance_of
from layout.analyses.words import choice_words, zone_words
from layout.core.columns import (
    DISTRICT,
    INDUSTRY_CODE,
    PARK,
    PLATFORM,
    REVENUE,
    SUBDISTRICT,
    XINCHUANG,
)
from layout.core.config import Params
from layout.core.result import Bilingual, LayerSpec, Result
from layout.core.study import Study
from layout.measures.specialization import location_quotient

Flags = npt.NDArray[np.bool_]
ZoneKind = Literal["district", "subdistrict", "park"]

_ZONE_COLUMN: Final = {"district": DISTRICT, "subdistrict": SUBDISTRICT, "park": PARK}
_IC_DESIGN: Final = "^[A-Z]?652"
"""Group 652 of GB/T 4754-2017, whose only class is 6520, with or without the section's letter."""
_PER: Final = 1_000


def _true(name: str) -> Callable[[pa.Table], pa.ChunkedArray]:
    return lambda firms: firms[name]


def _of_code(pattern: str) -> Callable[[pa.Table], pa.ChunkedArray]:
    return lambda firms: pc.match_substring_regex(firms[INDUSTRY_CODE], pattern)


MARKS: Final = MappingProxyType(
    {
        "xinchuang": (XINCHUANG, _true(XINCHUANG)),
        "platform": (PLATFORM, _true(PLATFORM)),
        "ic_design": (INDUSTRY_CODE, _of_code(_IC_DESIGN)),
    }
)
"""By mark, the column it is told from and how; a mark is added here, its name in the catalogue."""


class MarkParams(Params):
    """Settings of the count of marked firms."""

    zones: ZoneKind = Field(
        "district",
        title="区域 | Zones",
        description="zones that marked firms are counted by: district, subdistrict or park",
    )
    min_firms: int = Field(
        5,
        ge=1,
        le=1000,
        title="最少企业数 | Minimum firms",
        description="share, location quotient and revenue of fewer marked firms are left out",
    )


MODEL = MarkParams


def run(study: Study, params: MarkParams) -> Result:
    """Where the firms of each mark are.

    Returns
    -------
    Result
        Tables ``mark_totals`` (firms of each mark in the city, and of how many that is told) and
        ``marks`` (by mark and zone: firms, those to a thousand, location quotient, known revenue).
        Layers: firms of each mark by zone.
    """
    firms = _table(study, params.zones)
    marked = {
        name: _flags(read(firms)) for name, (column, read) in MARKS.items()
        if column in firms.column_names
    }  # fmt: skip
    ids = tuple(study.zones[params.zones]["id"].astype(str))
    zone = _zones(firms[_ZONE_COLUMN[params.zones]], ids)
    revenue = _revenue(firms, study)
    table = by_zone(marked, zone, revenue, ids, min_firms=params.min_firms)
    return Result(
        name="marks",
        tables={
            "mark_totals": totals(marked, zone, revenue, len(ids), min_firms=params.min_firms),
            "marks": table,
        },
        layers=_layers(study, params.zones, table),
        notes=(Bilingual.of("marks.note.overlap"), Bilingual.of("marks.note.told")),
        provenance=provenance_of(study, params, Bilingual.of("marks.method")),
        labels={
            "mark": choice_words("marks", tuple(MARKS)),
            "zone_id": zone_words(study, params.zones),
        },
    )


def totals(
    marked: dict[str, Flags],
    zone: npt.NDArray[np.int64],
    revenue: pd.Series,
    zones: int,
    *,
    min_firms: int,
) -> pd.DataFrame:
    """By mark: its firms, those in a zone, how many to a thousand firms, and known revenue.

    Arguments are those of :func:`by_zone`; ``zones`` is the number of zones.
    """
    rows = [
        {
            "mark": name,
            "firms": int(where.sum()),
            "firms_in_zones": int((where & (zone < zones)).sum()),
            "per_thousand": _PER * float(where.mean()) if len(where) else np.nan,
            "revenue_cny": float(revenue[where].sum(min_count=1))
            if where.sum() >= min_firms
            else np.nan,
        }
        for name, where in marked.items()
    ]
    columns = ["mark", "firms", "firms_in_zones", "per_thousand", "revenue_cny"]
    return pd.DataFrame(rows, columns=columns)


def by_zone(
    marked: dict[str, Flags],
    zone: npt.NDArray[np.int64],
    revenue: pd.Series,
    ids: tuple[str, ...],
    *,
    min_firms: int,
) -> pd.DataFrame:
    """Firms of each mark by zone.

    Parameters
    ----------
    marked
        Which firms have each mark.
    zone
        Position of each firm's zone in ``ids``, ``len(ids)`` for none.
    revenue
        Of each firm, yuan, NaN where unknown.
    min_firms
        Shares, quotients and revenue of fewer firms are NaN: the last would tell that of one.

    Returns
    -------
    DataFrame
        ``mark``, ``zone_id``, ``firms``, ``per_thousand`` (of the zone's firms), ``lq`` (share of
        the mark in the zone over that in all zones) and ``revenue_cny`` (known ones).
    """
    whole = np.bincount(zone, minlength=len(ids) + 1)[:-1]
    parts = []
    for name, where in marked.items():
        firms = np.bincount(zone[where], minlength=len(ids) + 1)[:-1]
        sums = revenue[where].groupby(zone[where]).sum(min_count=1).reindex(range(len(ids)))
        both = pd.DataFrame({"marked": firms, "others": whole - firms}, index=list(ids))
        quotient = location_quotient(both)["marked"].to_numpy()
        few = firms < min_firms
        share = _PER * firms / np.where(whole, whole, 1)
        parts.append(
            pd.DataFrame(
                {
                    "mark": name,
                    "zone_id": list(ids),
                    "firms": firms,
                    "per_thousand": np.where(few, np.nan, share),
                    "lq": np.where(few, np.nan, quotient),
                    "revenue_cny": np.where(few, np.nan, sums.to_numpy(dtype=float)),
                }
            )
        )
    columns = ["mark", "zone_id", "firms", "per_thousand", "lq", "revenue_cny"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _table(study: Study, zones: ZoneKind) -> pa.Table:
    there = study.firm_dataset().schema.names
    years = [REVENUE.of(year) for year in study.manifest.years[-1:]]
    wanted = [_ZONE_COLUMN[zones], *(column for column, _ in MARKS.values()), *years]
    return study.firms([name for name in wanted if name in there])


def _flags(marks: pa.ChunkedArray) -> Flags:
    flags: Flags = pc.fill_null(marks, False).to_numpy().astype(np.bool_)
    return flags


def _zones(column: pa.ChunkedArray, ids: tuple[str, ...]) -> npt.NDArray[np.int64]:
    found = pc.index_in(column.cast(pa.string()), value_set=pa.array(ids, pa.string()))
    codes: npt.NDArray[np.int64] = pc.fill_null(found, len(ids)).to_numpy().astype(np.int64)
    return codes


def _revenue(firms: pa.Table, study: Study) -> pd.Series:
    for year in study.manifest.years[-1:]:
        if REVENUE.of(year) in firms.column_names:
            return pd.Series(firms[REVENUE.of(year)].cast(pa.float64()).to_numpy())
    return pd.Series(np.full(firms.num_rows, np.nan))


def _layers(study: Study, zones: ZoneKind, table: pd.DataFrame) -> tuple[LayerSpec, ...]:
    frame = study.zones[zones]
    layers = []
    for name, rows in table.groupby("mark", sort=False):
        joined: Any = frame.merge(rows, left_on="id", right_on="zone_id")
        layers.append(
            LayerSpec(
                str(name),
                "choropleth",
                joined.drop(columns=["mark", "zone_id"]),
                Bilingual.of(f"marks.{name}"),
                "firms",
                Bilingual.of("marks.unit"),
                details=("firms", "per_thousand", "lq"),
                id_column="id",
                approximate=bool(frame["approximate"].any()),
            )
        )
    return tuple(layers)
