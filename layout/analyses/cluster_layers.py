"""Clusters as shapes: their ground, and the places with firms of theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layout.analyses.cluster_figures import ID, significant
from layout.analyses.cluster_params import ClusterParams
from layout.analyses.firm_points import FirmPoints
from layout.core import facts
from layout.core import measure_columns as names
from layout.core.colours import sector_colours, sector_words
from layout.core.crs import STORED_CRS
from layout.core.result import Bilingual, LayerSpec

if TYPE_CHECKING:
    from layout.analyses.clusters import Found

MOST_PLACES: Final = 5000
"""Places that a map draws; of more, those with most firms."""

TOLERANCE_M: Final = 5.0
MONEY: Final = 1e8


def shapes(firms: FirmPoints, found: tuple[Found, ...], params: ClusterParams) -> gpd.GeoDataFrame:
    """Ground of every significant cluster, metric, by cluster id."""
    ids, polygons = [], []
    for one in found:
        places = one.clusters.places
        for number in significant(one, params):
            members = one.clusters.members[number]
            ids.append(f"{one.name}-{number + 1}")
            polygons.append(_ground(places.x[members], places.y[members], params))
    index = pd.Index(ids, name=ID, dtype=object)
    return gpd.GeoDataFrame(geometry=gpd.GeoSeries(polygons, index=index, crs=firms.crs))


def _ground(x: Any, y: Any, params: ClusterParams) -> Any:
    points = shapely.points(x, y)
    discs = shapely.buffer(points, params.scale_m / 2, quad_segs=8)
    return shapely.simplify(shapely.union_all(discs), TOLERANCE_M)


def cluster_layers(
    firms: FirmPoints,
    found: tuple[Found, ...],
    kept: gpd.GeoDataFrame,
    table: pd.DataFrame,
    params: ClusterParams,
) -> tuple[LayerSpec, ...]:
    """The clusters as polygons and the places with their firms as points."""
    frame = kept.to_crs(STORED_CRS).join(table).rename_axis(ID).reset_index()
    frame["revenue_yi"] = frame["revenue_cny"] / MONEY
    words, colours = sector_words(), sector_colours()
    there = [name for name in facts.sector_ids() if name in set(frame["sector"])]
    categories = {name: (words[name], colours[name]) for name in there}
    details = (
        names.FIRMS, names.ALL_FIRMS, "revenue_yi", names.LQ, names.LOW, names.HIGH, names.Q,
        names.STARS,
    )  # fmt: skip
    return (
        LayerSpec(
            name="clusters",
            kind="polygons",
            frame=frame,
            title=Bilingual.of("clusters.layer.clusters"),
            column="sector",
            categories=categories,
            details=details,
            id_column=ID,
            opacity=0.6,
        ),
        LayerSpec(
            name="cluster_centres",
            kind="points",
            frame=_centres(frame),
            title=Bilingual.of("clusters.layer.centres"),
            column="sector",
            categories=categories,
            details=(names.FIRMS, names.LQ, names.Q),
            id_column=ID,
            size_column=names.FIRMS,
        ),
        LayerSpec(
            name="cluster_places",
            kind="points",
            frame=_places(firms, found, params),
            title=Bilingual.of("clusters.layer.places"),
            details=(names.FIRMS,),
        ),
    )


def _centres(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A point a cluster, large where its firms are many."""
    columns = [ID, "name_zh", "name_en", "sector", names.FIRMS, names.LQ, names.Q]
    return gpd.GeoDataFrame(frame[columns], geometry=frame.geometry.representative_point())


def _places(firms: FirmPoints, found: tuple[Found, ...], params: ClusterParams) -> gpd.GeoDataFrame:
    """Distinct places of the clusters' own firms, and how many firms are there."""
    parts = []
    for one in found:
        for number in significant(one, params):
            own = np.flatnonzero(one.mask & (one.clusters.ground == number))
            together, count = np.unique(
                firms.xy[own, 0] + 1j * firms.xy[own, 1], return_counts=True
            )
            lead = one.name if one.name in facts.sector_ids() else _lead_of(firms, own)
            parts.append(pd.DataFrame({ID: f"{one.name}-{number + 1}", "sector": lead,
                                       names.FIRMS: count, "x": together.real,
                                       "y": together.imag}))  # fmt: skip
    columns = [ID, "sector", names.FIRMS, "x", "y"]
    every = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    if len(every) > MOST_PLACES:
        every = every.sort_values(names.FIRMS, ascending=False, kind="stable").head(MOST_PLACES)
    points = gpd.GeoSeries.from_xy(every.pop("x"), every.pop("y"), crs=firms.crs)
    return gpd.GeoDataFrame(every, geometry=points).to_crs(STORED_CRS).reset_index(drop=True)


def _lead_of(firms: FirmPoints, own: Any) -> str:
    every = facts.sector_ids()
    counts = np.bincount(firms.sectors[own, 0] + 1, minlength=len(every) + 1)[1:]
    return every[int(counts.argmax())]
