"""Hot and cold spots of a sector on hexagons, subdistricts or parks, with false discovery rate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from pydantic import Field

from layout.analyses.firm_points import FirmPoints, firm_points
from layout.analyses.localization import require_known_sectors
from layout.analyses.provenance import provenance_of
from layout.core import facts
from layout.core import measure_columns as names
from layout.core.colours import sector_words
from layout.core.config import Params
from layout.core.crs import STORED_CRS
from layout.core.progress import tell
from layout.core.result import Bilingual, LayerSpec, Provenance, Result
from layout.core.study import Study
from layout.geometry.tessellation import hexagon_cells, hexagons
from layout.measures.hotspots import getis_ord, local_moran
from layout.measures.neighbours import distance_band, inverse_distance, k_nearest, queen

if TYPE_CHECKING:
    from libpysal.graph import Graph

UNIT: Final = "unit_id"
CLASSES: Final = {
    "hot": "#ca0020",
    "cold": "#0571b0",
    "hh": "#ca0020",
    "ll": "#0571b0",
    "hl": "#f4a582",
    "lh": "#92c5de",
    "none": "#e4e4e4",
    "unknown": "#bdbdbd",
}
_QUADRANTS: Final = {1: "hh", 2: "lh", 3: "ll", 4: "hl"}


class HotspotParams(Params):
    """Sector, units, statistic and neighbours."""

    sectors: tuple[str, ...] = Field(
        (), title="细分领域 | Sectors", description="ids counted together; empty: all of the plan"
    )
    statuses: tuple[str, ...] = Field(
        (),
        title="登记状态 | Status",
        description="active, moved, cancelled, revoked, unknown; empty: all",
    )
    units: Literal["hexagon", "subdistrict", "park"] = Field(
        "hexagon", title="单元 | Units", description="what firms are counted in"
    )
    width_m: float = Field(
        300.0, ge=200, le=10000, title="六边形宽度（米） | Width of hexagons (m)",
        description="between opposite sides",
    )  # fmt: skip
    value: Literal["excess", "share", "count"] = Field(
        "excess", title="数值 | Value",
        description="firms above the number that the city's share of the sectors gives the unit (0 "
        "where fewer), their share among all firms of the unit, or their number",
    )  # fmt: skip
    min_firms: int = Field(
        5, ge=1, le=1000, title="最少企业数 | Minimum firms",
        description="units with fewer firms of any kind have no share",
    )  # fmt: skip
    statistic: Literal["getis_ord", "local_moran"] = Field(
        "getis_ord", title="统计量 | Statistic", description="Getis–Ord G* or local Moran's I"
    )
    neighbours: Literal["queen", "nearest", "band", "inverse"] = Field(
        "band", title="邻接方式 | Neighbours",
        description="units that touch, the eight nearest, all within twice the width (or 3 km), or "
        "the same weighted by inverse distance",
    )  # fmt: skip
    permutations: int = Field(
        999, ge=99, le=9999, title="置换次数 | Permutations",
        description="conditional; small p-values are refined to 99,999",
    )  # fmt: skip
    alpha: float = Field(
        0.05, gt=0, le=0.5, title="显著性水平 | Level",
        description="false discovery rate over the units",
    )  # fmt: skip
    seed: int = Field(0, ge=0, title="随机种子 | Seed", description="of the permutations")


MODEL = HotspotParams


def run(study: Study, params: HotspotParams) -> Result:
    """Hot and cold spots of the chosen sectors.

    Returns
    -------
    Result
        Table ``units`` (by unit: firms, firms of the sectors, value, statistic, z, p, q, class) and
        ``classes`` (how many units of each); the layer ``hotspots``. Classes: ``hot`` and ``cold``
        (G*), ``hh``, ``ll``, ``hl``, ``lh`` (Moran), ``none``, and ``unknown`` where the unit has
        too few firms or no neighbour.

    Raises
    ------
    ParameterError
        A sector or status is unknown.
    """
    require_known_sectors(params.sectors, params.statuses)
    firms = firm_points(study, statuses=params.statuses)
    tell("hotspots", 0.1)
    frame = _units(study, firms, params)
    frame["value"] = _values(frame, params)
    tell("hotspots", 0.3)
    found = _statistic(frame, params)
    frame = frame.join(found)
    frame["class"] = _classes(frame, params)
    table = pd.DataFrame(frame.drop(columns="geometry"))
    counts = table["class"].value_counts().reindex(_shown(params), fill_value=0)
    return Result(
        name="hotspots",
        tables={
            "units": table,
            "classes": counts.rename("units").rename_axis("class").reset_index(),
        },
        layers=(_layer(frame, params),),
        notes=_notes(params),
        provenance=_provenance(study, params),
    )


def _units(study: Study, firms: FirmPoints, params: HotspotParams) -> gpd.GeoDataFrame:
    """Units with their firms, metric, by id; hexagons only where firms are."""
    own = firms.of(params.sectors or facts.sector_ids())
    if params.units == "hexagon":
        q, r = hexagon_cells(firms.xy[:, 0], firms.xy[:, 1], width_m=params.width_m)
        cells, of = np.unique(np.column_stack([q, r]), axis=0, return_inverse=True)
        shapes = hexagons(cells[:, 0], cells[:, 1], width_m=params.width_m)
        ids = [f"{a}_{b}" for a, b in cells]
        frame = gpd.GeoDataFrame(geometry=gpd.GeoSeries(shapes, index=ids, crs=firms.crs))
        of = of.ravel()
    else:
        zones = study.zones[params.units]
        if params.units == "park":
            zones = zones[zones["kind"] == "site"] if "kind" in zones else zones
        frame = zones.set_index("id")[["name_zh", "name_en", "geometry"]].to_crs(firms.crs)
        place = frame.index.get_indexer(pd.Index(firms.ids[params.units]))
        position = firms.zones[params.units]
        of = np.where(position >= 0, place[position], -1)
    frame.index.name = UNIT
    inside = of >= 0
    frame[names.ALL_FIRMS] = np.bincount(of[inside], minlength=len(frame))
    frame[names.FIRMS] = np.bincount(of[inside & own], minlength=len(frame))
    return frame


def _values(frame: gpd.GeoDataFrame, params: HotspotParams) -> pd.Series:
    if params.value == "count":
        return pd.Series(frame[names.FIRMS].astype("float64"))
    if params.value == "excess":
        share = frame[names.FIRMS].sum() / max(int(frame[names.ALL_FIRMS].sum()), 1)
        excess = frame[names.FIRMS] - share * frame[names.ALL_FIRMS]
        return pd.Series(excess.clip(lower=0.0))
    enough = frame[names.ALL_FIRMS] >= params.min_firms
    return pd.Series(frame[names.FIRMS].where(enough) / frame[names.ALL_FIRMS].where(enough))


def _graph(frame: gpd.GeoDataFrame, params: HotspotParams) -> Graph:
    """Who is whose neighbour; distances are between centres."""
    if params.neighbours == "queen":
        if params.units == "hexagon":
            return distance_band(frame.geometry.centroid, params.width_m * 1.01)
        return queen(frame)
    centres = frame.geometry.centroid
    if params.neighbours == "nearest":
        return k_nearest(centres, min(8, len(frame) - 1))
    reach = 2.01 * params.width_m if params.units == "hexagon" else 3000.0
    return (distance_band if params.neighbours == "band" else inverse_distance)(centres, reach)


def _statistic(frame: gpd.GeoDataFrame, params: HotspotParams) -> pd.DataFrame:
    """The local statistic of every unit; units without a value and their links stay out."""
    columns = [names.STATISTIC, names.Z, names.P_SIM, names.Q]
    known = frame[frame["value"].notna()]
    if len(known) < 3 or known["value"].nunique() < 2:
        return pd.DataFrame(np.nan, index=frame.index, columns=columns)
    graph = _graph(known, params)
    more: dict[str, Any] = {"permutations": params.permutations, "seed": params.seed}
    test = getis_ord if params.statistic == "getis_ord" else local_moran
    return test(known["value"], graph, **more).reindex(frame.index)


def _classes(frame: gpd.GeoDataFrame, params: HotspotParams) -> pd.Series:
    found = pd.Series("none", index=frame.index, dtype=object)
    sure = frame[names.Q] <= params.alpha
    if params.statistic == "getis_ord":
        found[sure & (frame[names.Z] > 0)] = "hot"
        found[sure & (frame[names.Z] < 0)] = "cold"
    elif names.QUADRANT in frame:
        found[sure] = frame.loc[sure, names.QUADRANT].map(_QUADRANTS)
    found[frame[names.Q].isna()] = "unknown"
    return found


def _shown(params: HotspotParams) -> list[str]:
    kinds = ["hot", "cold"] if params.statistic == "getis_ord" else ["hh", "hl", "lh", "ll"]
    return [*kinds, "none", "unknown"]


def _layer(frame: gpd.GeoDataFrame, params: HotspotParams) -> LayerSpec:
    if params.units == "hexagon":  # thousands of cells that say nothing hide those that do
        frame = frame[~frame["class"].isin(("none", "unknown"))]
    shown = frame.to_crs(STORED_CRS).reset_index()
    shown["share_percent"] = 100 * shown[names.FIRMS] / shown[names.ALL_FIRMS].where(
        shown[names.ALL_FIRMS] > 0
    )  # fmt: skip
    words = sector_words()
    what = [words[name] for name in params.sectors]
    title = Bilingual(
        "、".join(w.zh for w in what) if 0 < len(what) <= 3 else "数字经济",
        ", ".join(w.en for w in what) if 0 < len(what) <= 3 else "Digital economy",
    )
    return LayerSpec(
        name="hotspots",
        kind="polygons",
        frame=shown,
        title=Bilingual.of("hotspots.layer", zh=title.zh, en=title.en),
        column="class",
        categories={
            name: (Bilingual.of(f"hotspots.class.{name}"), CLASSES[name]) for name in _shown(params)
        },
        details=(names.FIRMS, names.ALL_FIRMS, "share_percent", names.Z, names.Q),
        id_column=UNIT,
        opacity=0.6,
    )


def _notes(params: HotspotParams) -> tuple[Bilingual, ...]:
    return (
        Bilingual.of("hotspots.note.fdr", alpha=params.alpha, permutations=params.permutations),
        Bilingual.of(f"hotspots.note.{params.value}", firms=params.min_firms),
        Bilingual.of("hotspots.note.units"),
    )


def _provenance(study: Study, params: HotspotParams) -> Provenance:
    return provenance_of(
        study, params, Bilingual.of(f"hotspots.method.{params.statistic}"), seed=params.seed
    )
