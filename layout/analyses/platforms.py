"""Public service platforms (task 8): who reaches them, where they lack, where new ones would help.

Firms are gathered by hexagon and subdistrict; a place stands at the mean of its firms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field

from layout.analyses.firm_points import FirmPoints, firm_points, zone_words
from layout.analyses.platform_layers import layers_of
from layout.analyses.platform_sites import new_sites
from layout.analyses.platform_tables import bands_table, gap_table, supply_table
from layout.analyses.provenance import provenance_of
from layout.core import facts
from layout.core.config import Params
from layout.core.errors import ParameterError
from layout.core.progress import tell
from layout.core.result import Bilingual, Provenance, Result
from layout.core.study import Study
from layout.geometry.tessellation import hexagon_cells
from layout.measures.accessibility import Catchment, two_step_catchment
from layout.measures.location_latency import distances

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

TYPES: Final = ("key_technology", "resources", "services", "think_tank", "financing")
"""The plan's five types of platform."""

MAPPING: Final[Mapping[str, str]] = MappingProxyType(
    {
        "关键技术平台": "key_technology",
        "资源条件平台": "resources",
        "科技服务平台": "services",
        "智库": "think_tank",
        "融资服务平台": "financing",
        "融资平台": "financing",
    }
)
"""Types of the facility table that are platforms as they stand."""

WIDER: Final[Mapping[str, str]] = MappingProxyType(
    {
        "实验室": "key_technology",
        "攻关基地": "key_technology",
        "创新中心": "resources",
        "工程中心": "resources",
        "工程实验室": "resources",
        "工程技术研究中心": "resources",
        "企业技术中心": "resources",
        "超算": "resources",
        "数据交易所": "services",
        "交换中心": "resources",
    }
)
"""Carriers that serve as platforms too, by an analyst's reading (docs/platforms.md)."""

Kind = Literal["all", "key_technology", "resources", "services", "think_tank", "financing"]


class PlatformParams(Params):
    """Settings of the platforms."""

    type: Kind = Field(
        "all", title="平台类型 | Type of platform", description="one of the plan's five, or all"
    )
    sector: str = Field(
        "", title="细分领域 | Sector",
        description="firms of this sector and the platforms that serve it; empty: all",
    )  # fmt: skip
    mapping: Literal["strict", "wider"] = Field(
        "strict", title="平台口径 | What counts",
        description="strict: rows typed as platforms; wider: laboratories and centres too",
    )  # fmt: skip
    decay: Literal["bands", "gaussian", "step"] = Field(
        "bands", title="距离衰减 | Decay",
        description="three bands (1, 0.68, 0.22), a Gaussian curve, or none within reach",
    )  # fmt: skip
    reach_km: float = Field(
        9.0, gt=0, le=60, title="服务半径（公里） | Reach, km",
        description="straight-line distance beyond which a platform is not reached; bands end at "
        "a third, two thirds and all of it",
    )  # fmt: skip
    width_m: int = Field(
        1000, ge=300, le=10_000, title="六边形宽度（米） | Hexagon width, m",
        description="distance between opposite sides",
    )  # fmt: skip
    new_sites: int = Field(
        3, ge=1, le=20, title="新增平台数 | New platforms",
        description="how many new ones are placed beside those there are",
    )  # fmt: skip
    model: Literal["median", "covering", "center"] = Field(
        "median", title="选址模型 | Model",
        description="median: least firm-kilometres; covering: most firms within a third of reach; "
        "center: least distance of the farthest firm",
    )  # fmt: skip
    time_limit_s: int = Field(
        30, ge=1, le=600, title="计算时限（秒） | Time limit, s",
        description="after it the best choice so far is given with its gap",
    )  # fmt: skip


MODEL = PlatformParams


@dataclass(frozen=True)
class Places:
    """Firms gathered by hexagon and subdistrict.

    Attributes
    ----------
    xy
        Mean position of the firms, metres.
    q, r
        Hexagon.
    zone
        Position of the subdistrict, -1 for none.
    by_sector
        Firms by place and sector; the last column are untagged ones.
    """

    xy: Floats
    q: Ints
    r: Ints
    zone: Ints
    by_sector: Floats

    def demand(self, sector: str) -> Floats:
        """Firms of a sector (primary), all tagged ones where it is empty."""
        if not sector:
            return np.asarray(self.by_sector[:, :-1].sum(axis=1))
        return np.asarray(self.by_sector[:, facts.sector_ids().index(sector)])


def run(study: Study, params: PlatformParams) -> Result:
    """Accessibility of platforms, gaps, and sites for new ones.

    Returns
    -------
    Result
        Tables ``supply`` (platforms by type: counted, located), ``by_sector`` (type × sector:
        firms, share within reach, firms a platform), ``bands`` (firms by distance of the nearest),
        ``platform_gaps`` and ``gap_cells`` (subdistricts and hexagons by shortfall), ``sites``
        (proposed new ones, with what dropping or replacing each costs), ``platform_choice``
        (objective, bound, gap) and ``platforms`` (every one, located or not),
        ``platform_carriers`` (all facilities by type, mean distance of firms to the nearest).
    """
    _require(params)
    platforms = platforms_of(study, params.mapping)
    tell("platforms.firms", 0.1)
    firms = firm_points(study)
    places = gathered(firms, params.width_m)
    chosen = serving(platforms, params.type, params.sector)
    located = chosen[chosen["located"]]
    demand = places.demand(params.sector)
    if not demand.any():
        raise ParameterError("error.platforms_no_firms", sector=params.sector or "–")
    xy = positions_of(located, firms.crs)
    tell("platforms.reach", 0.4)
    far = distances(places.xy, xy)
    # platforms whose places are unknown are no gap: nothing can be said of their reach
    access = np.full(len(demand), np.nan if len(chosen) and not len(xy) else 0.0)
    if len(xy):
        access, _ = two_step_catchment(far, demand, np.ones(len(xy)), catchment(params))
    gaps = gap_table(places.zone, demand, access, far, params.reach_km)
    gaps = gaps[gaps.index >= 0]
    gaps.index = pd.Index([firms.ids["subdistrict"][i] for i in gaps.index], name="zone_id")
    cell = pd.MultiIndex.from_arrays([places.q, places.r])
    codes, cells = pd.factorize(cell)
    gap_cells = gap_table(codes, demand, access, far, params.reach_km)
    tell("platforms.sites", 0.6)
    sites, choice = new_sites(study, params, places.xy, demand, xy, firms.crs)
    tell("platforms.sites", 1.0)
    gap_cells.insert(0, "cell", [f"{q}:{r}" for q, r in cells[gap_cells.index]])
    at = np.array([tuple(cells[i]) for i in gap_cells.index], dtype=np.int64).reshape(-1, 2)
    return Result(
        name="platforms",
        tables={
            "supply": supply_table(platforms, TYPES),
            "platform_carriers": carrier_table(study, places.xy, demand, firms.crs),
            "by_sector": sector_table(platforms, places, firms.crs, params),
            "bands": bands_table(far, demand, access, params.reach_km),
            "platform_gaps": gaps,
            "gap_cells": gap_cells.reset_index(drop=True),
            "sites": sites.drop(columns="geometry"),
            "platform_choice": choice,
            "platforms": chosen.drop(columns="geometry").reset_index(drop=True),
        },
        layers=layers_of(study, gaps, gap_cells, at, located, sites, params.width_m, firms.crs),
        notes=_notes(params, platforms, located, firms),
        provenance=_provenance(study, params),
        labels=_labels(study),
    )


def _require(params: PlatformParams) -> None:
    known = facts.sector_ids()
    if params.sector and params.sector not in known:
        raise ParameterError(
            "error.unknown_ids", what="sectors", found=params.sector, known=", ".join(known)
        )


def catchment(params: PlatformParams) -> Catchment:
    """The catchment in metres that the settings ask for."""
    reach = params.reach_km * 1000
    edges = (reach / 3, reach * 2 / 3, reach)
    return Catchment(edges, params.decay)


def platforms_of(study: Study, mapping: str = "strict") -> gpd.GeoDataFrame:
    """The platforms of a study with the plan's type, located or not.

    Raises
    ------
    ParameterError
        The study has no facility table.
    """
    if "carriers" not in study.layers:
        raise ParameterError("error.platforms_no_layer")
    frame = study.layers["carriers"]
    kinds = {**MAPPING, **(WIDER if mapping == "wider" else {})}
    frame = frame.assign(platform_type=frame["type"].map(kinds))
    frame = frame[frame["platform_type"].notna()].copy()
    frame["located"] = ~(frame.geometry.isna() | frame.geometry.is_empty)
    return frame


def serving(platforms: gpd.GeoDataFrame, kind: str, sector: str) -> gpd.GeoDataFrame:
    """Platforms of a type that serve a sector; one that names no sector serves all."""
    mask = np.ones(len(platforms), dtype=bool)
    if kind != "all":
        mask &= (platforms["platform_type"] == kind).to_numpy()
    if sector:
        served = platforms["sectors"].fillna("").astype(str)
        mask &= ((served == "") | served.str.split(";").map(lambda ids: sector in ids)).to_numpy()
    return platforms[mask]


def positions_of(located: gpd.GeoDataFrame, crs: str) -> Floats:
    """Positions in metres."""
    if located.empty:
        return np.empty((0, 2))
    points = located.geometry.to_crs(crs).representative_point()
    return np.column_stack([points.x, points.y])


def gathered(firms: FirmPoints, width_m: float) -> Places:
    """Firms by hexagon and subdistrict."""
    q, r = hexagon_cells(firms.xy[:, 0], firms.xy[:, 1], width_m=width_m)
    zone = firms.zones["subdistrict"]
    keys, of, size = np.unique(
        np.column_stack([q, r, zone]), axis=0, return_inverse=True, return_counts=True
    )
    of = of.ravel()
    sectors = len(facts.sector_ids())
    cell = of * (sectors + 1) + np.where(firms.sectors[:, 0] < 0, sectors, firms.sectors[:, 0])
    table = np.bincount(cell, minlength=len(keys) * (sectors + 1)).reshape(len(keys), -1)
    xy = np.column_stack([np.bincount(of, firms.xy[:, k]) / size for k in (0, 1)])
    return Places(xy, keys[:, 0], keys[:, 1], keys[:, 2], table.astype(np.float64))


def carrier_table(study: Study, xy: Floats, demand: Floats, crs: str) -> pd.DataFrame:
    """All carriers by type: number, located, national ones, per 1,000 firms, mean distance."""
    frame = study.layers["carriers"]
    frame = frame[frame["type"].notna()]
    there = ~(frame.geometry.isna() | frame.geometry.is_empty)
    rows = []
    for kind, part in frame.groupby("type", sort=True):
        points = positions_of(part[there[part.index]], crs)
        near = distances(xy, points).min(axis=1, initial=np.inf) / 1000
        rows.append(
            {
                "type": kind,
                "carriers": len(part),
                "located": len(points),
                "national": int(part["level"].fillna("").str.contains("国家").sum()),
                "per_1000_firms": len(part) / float(demand.sum()) * 1000,
                "mean_km": float((near * demand).sum() / demand.sum()) if len(points) else np.nan,
            }
        )
    return pd.DataFrame(rows)


def sector_table(
    platforms: gpd.GeoDataFrame, places: Places, crs: str, params: PlatformParams
) -> pd.DataFrame:
    """By type and sector: platforms that serve it, and the share of its firms that reach one."""
    rows = []
    for kind in TYPES:
        for sector in facts.sector_ids():
            found = serving(platforms, kind, sector)
            there = found[found["located"]]
            demand = places.demand(sector)
            total = demand.sum()
            near = np.zeros(len(demand), dtype=bool)
            if len(there):
                far = distances(places.xy, positions_of(there, crs))
                near = far.min(axis=1) <= params.reach_km * 1000
            rows.append(
                {
                    "platform_type": kind,
                    "sector": sector,
                    "platforms": len(found),
                    "located": len(there),
                    "firms": int(total),
                    "reach_share": float(demand[near].sum() / total)
                    if total and (len(there) or not len(found)) else np.nan,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def _labels(study: Study) -> dict[str, dict[Any, Bilingual]]:
    words = zone_words(study, "subdistrict")
    sectors = facts.reference("sectors")
    return {
        "zone_id": {
            i: Bilingual(w.name_zh, w.name_zh if pd.isna(w.name_en) else w.name_en)
            for i, w in words.iterrows()
        },
        "site_kind": {
            kind: Bilingual.of(f"choice.site_kind.{kind}") for kind in ("park", "subdistrict")
        },
        "platform_type": {kind: Bilingual.of(f"platform.{kind}") for kind in TYPES},
        "sector": {
            code: Bilingual(zh, en)
            for code, zh, en in zip(
                sectors["code"], sectors["name_zh"], sectors["name_en"], strict=True
            )
        },
    }


def _notes(
    params: PlatformParams,
    platforms: gpd.GeoDataFrame,
    located: gpd.GeoDataFrame,
    firms: FirmPoints,
) -> tuple[Bilingual, ...]:
    spread = pd.to_numeric(located.get("position_uncertainty_m"), errors="coerce")
    worst = int(spread.max()) if len(located) and spread.notna().any() else 0
    unknown = (Bilingual.of("platforms.note.unknown"),) if not len(located) else ()
    return (
        *unknown,
        Bilingual.of(
            "platforms.note.located",
            total=len(platforms), unlocated=int((~platforms["located"]).sum()),
        ),
        Bilingual.of(f"platforms.note.{params.mapping}"),
        Bilingual.of("platforms.note.access", reach=f"{params.reach_km:g}"),
        Bilingual.of("platforms.note.shortfall"),
        *((Bilingual.of("platforms.note.position", metres=f"{worst:,}"),) if worst else ()),
        Bilingual.of("platforms.note.firms", unplaced=f"{firms.unplaced:,}"),
        Bilingual.of("platforms.note.sites"),
    )  # fmt: skip


def _provenance(study: Study, params: PlatformParams) -> Provenance:
    return provenance_of(study, params, Bilingual.of("platforms.method"))
